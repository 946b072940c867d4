package tintype

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxTag is how long a tag may be, in code points; what is longer is no tag.
const MaxTag = 100

// TagsIn gives the tags of a text: without '#', in lower case, each once, in order of
// first appearance. The text is in NFC. A tag is a maximal run of letters, marks,
// digits and '_' in any script that is not digits alone, after a '#' (or its full-width form) that begins a word.
func TagsIn(text string) []string {
	var out []string
	seen := map[string]bool{}
	ScanWords(text, func(r rune) bool { return r == '#' || r == '＃' }, TagRune, func(w string) {
		w, ok := FoldTag(w)
		if ok && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	})
	return out
}

// FoldTag brings a tag, without its '#' and in NFC, to the form in which it is
// kept; ok is false if it is none. That is the lower case by Unicode's simple mapping, whatever the language
// (İ and I become i, ı and ß stay), without the dot above an i that a full mapping leaves behind, and with a sigma written as its place in the word asks for.
func FoldTag(s string) (tag string, ok bool) {
	s = strings.Trim(strings.ToLower(s), "\u200c\u200d")
	for strings.Contains(s, "i\u0307") {
		s = strings.ReplaceAll(s, "i\u0307", "i")
	}
	if strings.ContainsAny(s, "σς") {
		s = finalSigmas(s)
	}
	if s == "" || utf8.RuneCountInString(s) > MaxTag {
		return "", false
	}
	digits := true
	for _, r := range s {
		if !TagRune(r) {
			return "", false
		}
		digits = digits && unicode.IsNumber(r)
	}
	return s, !digits
}

// finalSigmas writes each sigma as ς after a letter where no letter follows, and as σ
// elsewhere, as Unicode's Final_Sigma has it for lower case. Marks and joiners do not count.
func finalSigmas(s string) string {
	runes := []rune(s)
	letter := func(i, step int) bool {
		for i += step; i >= 0 && i < len(runes); i += step {
			if r := runes[i]; !unicode.IsMark(r) && r != '\u200c' && r != '\u200d' {
				return unicode.IsLetter(r)
			}
		}
		return false
	}
	for i, r := range runes {
		if r != 'σ' && r != 'ς' {
			continue
		}
		runes[i] = 'σ'
		if letter(i, -1) && !letter(i, 1) {
			runes[i] = 'ς'
		}
	}
	return string(runes)
}

// TagRune tells whether r may stand in a tag.
func TagRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || r == '_' || r == '\u200c' || r == '\u200d'
}

// ScanWords calls f with each word that follows mark: a maximal run of the
// characters that in takes. The mark must not follow a letter, digit or '&',
// but may follow scripts that are written without spaces.
func ScanWords(text string, mark func(rune) bool, in func(rune) bool, f func(word string)) {
	prev := ' '
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if mark(r) && opensWord(prev) {
			rest := text[i+n:]
			end := strings.IndexFunc(rest, func(r rune) bool { return !in(r) })
			if end < 0 {
				end = len(rest)
			}
			if end > 0 {
				f(rest[:end])
				i += n + end
				prev, _ = utf8.DecodeLastRuneInString(rest[:end])
				continue
			}
		}
		prev = r
		i += n
	}
}

func opensWord(prev rune) bool {
	if unicode.In(prev, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
		return true
	}
	return !(unicode.IsLetter(prev) || unicode.IsNumber(prev) || prev == '_' || prev == '&' || prev == '/')
}

// TagID is the number under which a tag (in the form of FoldTag) is kept: the
// first 63 bits of its SHA-256. Among ten million tags the chance that any two share one is below one in 100,000.
func TagID(tag string) ID {
	return ID(hash64(tag) >> 1)
}

// hash64 is the first 64 bits of the SHA-256 of s.
func hash64(s string) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.BigEndian.Uint64(sum[:8])
}

// TagKey is the key of a tag's timeline, by which it has its logical shard.
func TagKey(id ID) string { return "tag:" + id.String() }

// Tag is a tag and how many posts that everybody may see have it.
type Tag struct {
	Name  string
	Media int64
}

// TagPost is a tag's view of a post.
type TagPost struct {
	Post ID
	Op   ID   // the ID of the deed that tagged it
	On   bool // it has the tag
	Open bool // everybody may see it
	Tell bool // a deed gave it the tag just now
}

// Tagged is what says which tags a post has.
type Tagged struct {
	Post     Post      // ID, UserID, Caption, Tags and Edited
	Comments []Comment // its owner's that may have tags, oldest first
	Open     bool      // everybody may see it
}

// MaxPostTags is how many tags a post has at most, those of its owner's comments included.
const MaxPostTags = 30

// Tags gives the tags that a post has, first those of its caption, and the deed
// that gave each: the post itself, the edit that op is of unless that is 0, or a comment.
func (t *Tagged) Tags(op ID) (names []string, by map[string]ID) {
	by = map[string]ID{}
	add := func(tags []string, deed ID) {
		for _, tag := range tags {
			if _, known := by[tag]; !known && len(names) < MaxPostTags {
				by[tag] = deed
				names = append(names, tag)
			}
		}
	}
	deed := t.Post.ID
	if !t.Post.Edited.IsZero() && op != 0 {
		deed = op
	}
	add(TagsIn(t.Post.Caption), deed)
	for _, c := range t.Comments {
		add(TagsIn(c.Text), c.ID)
	}
	return names, by
}
