package words

import (
	"slices"
	"strings"
	"unicode"
)

// Filter finds phrases in texts. The zero Filter finds nothing.
type Filter struct {
	first  map[string][][]run // phrases that begin with a whole word, by it
	inside [][]run            // phrases that begin without spaces
	marks  []string           // phrases without letters, folded
}

// Hide makes a Filter of words and phrases, which are compared as [Split] compares: without case, accents and
// compatibility forms. Words stand for whole words; what is written without spaces
// is found inside of more, and what has no letters, as an emoji, anywhere. The words of a phrase must follow each other, whatever is between them that is no letter.
func Hide(phrases []string) Filter {
	var f Filter
	for _, p := range phrases {
		p = visible(p)
		switch r := runs(p); {
		case len(r) == 0:
			if m := strings.TrimSpace(fold(p)); m != "" {
				f.marks = append(f.marks, m)
			}
		case r[0].unspaced:
			f.inside = append(f.inside, r)
		default:
			if f.first == nil {
				f.first = map[string][][]run{}
			}
			f.first[r[0].text] = append(f.first[r[0].text], r)
		}
	}
	return f
}

// Empty tells whether f finds nothing.
func (f Filter) Empty() bool { return len(f.first)+len(f.inside)+len(f.marks) == 0 }

// In tells whether one of the texts has one of the phrases.
func (f Filter) In(texts ...string) bool {
	if f.Empty() {
		return false
	}
	return slices.ContainsFunc(texts, f.in)
}

func (f Filter) in(text string) bool {
	text = visible(text)
	if len(f.marks) > 0 {
		folded := fold(text)
		if slices.ContainsFunc(f.marks, func(m string) bool { return strings.Contains(folded, m) }) {
			return true
		}
	}
	said := runs(text)
	for i := range said {
		if !said[i].unspaced {
			if slices.ContainsFunc(f.first[said[i].text], func(p []run) bool { return begins(said[i:], p) }) {
				return true
			}
			continue
		}
		if slices.ContainsFunc(f.inside, func(p []run) bool { return begins(said[i:], p) }) {
			return true
		}
	}
	return false
}

// begins tells whether said begins with a phrase, whose ends may lie inside of what is written without spaces.
func begins(said, phrase []run) bool {
	if len(said) < len(phrase) {
		return false
	}
	for i, p := range phrase {
		s := said[i]
		if s.unspaced != p.unspaced {
			return false
		}
		first, last := i == 0, i == len(phrase)-1
		var ok bool
		switch {
		case p.unspaced && first && last:
			ok = strings.Contains(s.text, p.text)
		case p.unspaced && first:
			ok = strings.HasSuffix(s.text, p.text)
		case p.unspaced && last:
			ok = strings.HasPrefix(s.text, p.text)
		default:
			ok = s.text == p.text
		}
		if !ok {
			return false
		}
	}
	return true
}

// visible leaves out what is not seen and would break a word in two: zero-width and other format characters.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || r == '\uFE0F' {
			return -1
		}
		return r
	}, s)
}
