package words

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// How much of a word is looked at for slips of the finger. Below the least,
// nearly every word is one letter from another; beyond the most, few words still share their beginning.
const (
	leastTyped = 4
	mostTyped  = 7
)

// Mistypable tells whether a word is looked for although a letter of it may be
// wrong: one of four characters or more, of a script that puts spaces between words.
func Mistypable(word string) bool {
	return utf8.RuneCountInString(word) >= leastTyped && !strings.Contains(word, " ") && !strings.ContainsFunc(word, Unspaced)
}

// TypoKeys gives pairs of a key and a beginning of word: the beginnings are those of four to
// seven characters, and the keys of each are itself and what is left of it
// without any one character. Words that are one letter apart share a key (the
// idea of SymSpell, https://github.com/wolfgarbe/SymSpell). There are at most
// 26 pairs, each once; none for a word that is not [Mistypable].
func TypoKeys(word string) [][2]string {
	if !Mistypable(word) {
		return nil
	}
	r := []rune(word)
	var out [][2]string
	for n := leastTyped; n <= min(len(r), mostTyped); n++ {
		b := string(r[:n])
		for _, k := range shorter(r[:n]) {
			out = append(out, [2]string{k, b})
		}
	}
	return out
}

// AskedKeys gives the keys under which beginnings are that word may have been meant for.
func AskedKeys(word string) []string {
	if !Mistypable(word) {
		return nil
	}
	r := []rune(word)
	return shorter(r[:min(len(r), mostTyped)])
}

// shorter gives what can be had of r by leaving out one character or none.
func shorter(r []rune) []string {
	out := []string{string(r)}
	for i := range r {
		if i == 0 || r[i] != r[i-1] {
			out = append(out, string(r[:i])+string(r[i+1:]))
		}
	}
	return slices.Compact(out)
}

// Meant gives what word may have been meant for, going by beginnings that were found under
// [AskedKeys]: texts that are one slip away and with which a word begins that has one of the beginnings.
// A slip is a character too many, too few, another, or two that changed places. What begins with word itself is left out.
// tail, if it is not empty, is a beginning after which, and within word, the slip
// may be as well: words with it are to be looked at one by one, with [Slip].
func Meant(word string, beginnings []string) (meant []string, tail string) {
	q := []rune(word)
	for _, b := range beginnings {
		n := utf8.RuneCountInString(b)
		tries := []string{b}
		if n == mostTyped && len(q) >= mostTyped {
			if b == string(q[:n]) && len(q) > n {
				tail = b
			}
			tries = []string{b + string(q[n:]), b + string(q[n-1:]), b + string(q[min(n+1, len(q)):])}
		}
		for _, t := range tries {
			if !strings.HasPrefix(t, word) && oneSlip(q, []rune(t)) {
				meant = append(meant, t)
			}
		}
	}
	slices.Sort(meant)
	return slices.Compact(meant), tail
}

// Slip gives with how much of found word can be meant: "" if that is more than one slip
// away, and word itself if found begins with it.
func Slip(word, found string) string {
	if strings.HasPrefix(found, word) {
		return word
	}
	q, f := []rune(word), []rune(found)
	for _, n := range []int{len(q), len(q) + 1, len(q) - 1} {
		if n <= len(f) && oneSlip(q, f[:n]) {
			return string(f[:n])
		}
	}
	return ""
}

// oneSlip tells whether at most one slip makes a of b.
func oneSlip(a, b []rune) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}
