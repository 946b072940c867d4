package post

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/tintype"
)

// The limits of what a post may say.
const (
	MaxCaption  = 2200 // code points
	MaxTags     = 30
	MaxMentions = 20
	MaxAltText  = 1000 // code points
	MaxPlace    = 100  // code points
	MaxMedia    = 20
)

// clean brings a text to the form it is stored in: NFC, lines ended by \n, no
// space around it. Text that is not UTF-8, holds control characters or is
// longer than max code points is an Invalid error about field.
func clean(field, text string, max int) (string, error) {
	if len(text) > 12*max { // four bytes each, and as much again for what NFC joins
		return "", tooLong(field, max)
	}
	if !utf8.ValidString(text) {
		return "", tintype.FieldError(field, "the text is not valid Unicode")
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(text)
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' {
			return "", tintype.FieldError(field, "the text holds a control character (U+%04X)", r)
		}
	}
	text = strings.TrimSpace(norm.NFC.String(text))
	if utf8.RuneCountInString(text) > max {
		return "", tooLong(field, max)
	}
	return text, nil
}

func tooLong(field string, max int) error {
	return tintype.FieldError(field, "the text is longer than %d characters", max)
}

// scanWords calls f with each word that follows mark: a maximal run of the
// characters that in takes. The mark must not follow a letter, digit or '&',
// but may follow scripts that are written without spaces.
func scanWords(text string, mark func(rune) bool, in func(rune) bool, f func(word string)) {
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

func tagRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || r == '_' || r == '\u200c' || r == '\u200d'
}

// tags gives the tags of a caption: lower case, without '#', each once, in
// order of first appearance.
func tags(caption string) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	scanWords(caption, func(r rune) bool { return r == '#' || r == '＃' }, tagRune, func(w string) {
		w = strings.Trim(strings.ToLower(w), "\u200c\u200d")
		if w != "" && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	})
	if len(out) > MaxTags {
		return nil, tintype.FieldError("caption", "a caption may have at most %d tags; this one has %d", MaxTags, len(out))
	}
	return out, nil
}

// names gives the usernames that a text mentions: lower case, without '@', each once.
func names(text string) []string {
	var out []string
	seen := map[string]bool{}
	scanWords(text, func(r rune) bool { return r == '@' || r == '＠' },
		func(r rune) bool { return tagRune(r) || r == '.' }, func(w string) {
			// A full stop after a name ends the sentence.
			w = strings.ToLower(strings.TrimRight(w, "."))
			if w != "" && !seen[w] {
				seen[w] = true
				out = append(out, w)
			}
		})
	return out
}

// mentions gives the users whom author's text names, in order of first
// appearance. Names of nobody, and of users with whom author does not see each other, mean nothing.
func (s *Service) mentions(ctx context.Context, author tintype.ID, field, text string) ([]tintype.ID, error) {
	list := names(text)
	if len(list) > MaxMentions {
		return nil, tintype.FieldError(field, "at most %d people may be mentioned; these are %d", MaxMentions, len(list))
	}
	var ids []tintype.ID
	for _, name := range list {
		id, err := s.c.Names.UserID(ctx, name)
		if err != nil && !tintype.IsKind(err, tintype.NotFound) {
			return nil, err
		}
		if id != 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	users, err := s.c.People.Users(ctx, ids)
	if err != nil {
		return nil, err
	}
	rels, err := s.c.People.Relations(ctx, author, ids)
	if err != nil {
		return nil, err
	}
	kept := ids[:0]
	for i, id := range ids {
		if users[i] != nil && tintype.CanViewProfile(author, users[i], rels[i]) && !rels[i].Blocks {
			kept = append(kept, id)
		}
	}
	return kept, nil
}

// once makes the identity of a request of user: what it does, the key it was
// sent with and what it asks for.
func once(user tintype.ID, what, key string, request ...any) tintype.Once {
	if key == "" {
		return tintype.Once{UserID: user}
	}
	k := sha256.Sum256([]byte(what + "\x00" + key))
	h := sha256.New()
	for _, r := range request {
		fmt.Fprintf(h, "%d:%v;", len(fmt.Sprint(r)), r)
	}
	return tintype.Once{UserID: user, Key: k[:16], Request: h.Sum(nil)[:16]}
}
