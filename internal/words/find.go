package words

import (
	"cmp"
	"slices"
	"strings"
)

const (
	// maxTerms bounds by how much a text is found: the first so many terms of it.
	maxTerms = 64
	// maxKeys bounds how many terms of a question are looked up; In knows the others.
	maxKeys = 5
)

// Terms gives what texts together are to be found by, each once, in the order in which it first comes: their
// words; and of what is written without spaces each character, and each with the one that follows.
func Terms(texts ...string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(term string) {
		if !seen[term] && len(out) < maxTerms {
			seen[term] = true
			out = append(out, term)
		}
	}
	for _, text := range texts {
		for _, r := range runs(text) {
			if !r.unspaced {
				for _, p := range r.pieces() {
					add(p)
				}
				continue
			}
			chars := []rune(r.text)
			for i := range chars {
				add(string(chars[i]))
				if i+1 < len(chars) {
					add(string(chars[i : i+2]))
				}
			}
		}
	}
	return out
}

// Question is words that somebody looks for. The zero Question has none.
type Question struct{ runs []run }

// Ask reads a question.
func Ask(text string) Question { return Question{runs(text)} }

// Empty tells whether the question has no words.
func (q Question) Empty() bool { return len(q.runs) == 0 }

// Keys gives terms that a text has that has all words of q: few, and those
// first that the fewest texts have, as far as can be told from their length.
func (q Question) Keys() []string {
	var out []string
	for _, r := range q.runs {
		chars := []rune(r.text)
		switch {
		case !r.unspaced:
			out = append(out, r.pieces()...)
		case len(chars) == 1:
			out = append(out, r.text)
		default:
			// Each character is in one pair; an odd one is in the last.
			for i := 0; i < len(chars); i += 2 {
				i = min(i, len(chars)-2)
				out = append(out, string(chars[i:i+2]))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	out = slices.Compact(out)
	return out[:min(len(out), maxKeys)]
}

// In tells whether texts together have all words of q, in any order. What q has without spaces must stand
// somewhere as it is in q, though others may stand beside it.
func (q Question) In(texts ...string) bool {
	whole := map[string]bool{}
	var unspaced []string
	for _, text := range texts {
		for _, r := range runs(text) {
			if r.unspaced {
				unspaced = append(unspaced, r.text)
				continue
			}
			for _, p := range r.pieces() {
				whole[p] = true
			}
		}
	}
	for _, r := range q.runs {
		if r.unspaced {
			if !slices.ContainsFunc(unspaced, func(u string) bool { return strings.Contains(u, r.text) }) {
				return false
			}
			continue
		}
		if slices.ContainsFunc(r.pieces(), func(p string) bool { return !whole[p] }) {
			return false
		}
	}
	return true
}
