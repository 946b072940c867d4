// Package words finds the words of a text, in the form in which texts and
// questions are compared, whatever the script.
//
// It knows no people and no posts, and keeps nothing. It has no errors: any
// string has words, or none.
package words

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxRunes is how long a word may be; what is longer is several.
const MaxRunes = 32

// Split gives the words of a name or text in the form in which they are
// compared: without case, accents and compatibility forms, at most
// MaxRunes characters each. Runs of scripts that put no spaces between words are words of their own.
func Split(s string) []string {
	var out []string
	for _, r := range runs(s) {
		out = append(out, r.pieces()...)
	}
	return out
}

// Unspaced tells whether a character is of a script that puts no spaces between words.
func Unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		r == 'ー' // the long-vowel mark of Japanese, which belongs to no one script
}

// run is what stands between two places where words end.
type run struct {
	text     string // folded
	unspaced bool   // all of it
}

// pieces cuts what is longer than a word may be.
func (r run) pieces() []string {
	if len(r.text) <= MaxRunes {
		return []string{r.text}
	}
	var out []string
	for piece := range slices.Chunk([]rune(r.text), MaxRunes) {
		out = append(out, string(piece))
	}
	return out
}

func runs(s string) []run {
	s = fold(s)
	var out []run
	start, kind := -1, false
	end := func(i int) {
		if start >= 0 {
			out = append(out, run{s[start:i], kind})
		}
		start = -1
	}
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			end(i)
			continue
		}
		if start >= 0 && Unspaced(r) != kind {
			end(i)
		}
		if start < 0 {
			start, kind = i, Unspaced(r)
		}
	}
	end(len(s))
	return out
}

func fold(s string) string {
	s = norm.NFKD.String(cases.Fold().String(norm.NFKC.String(s)))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s)
}
