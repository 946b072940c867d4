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

// tags gives the tags of a caption; see tintype.TagsIn.
func tags(caption string) ([]string, error) {
	out := tintype.TagsIn(caption)
	if len(out) > MaxTags {
		return nil, tintype.FieldError("caption", "a caption may have at most %d tags; this one has %d", MaxTags, len(out))
	}
	return out, nil
}

// names gives the usernames that a text mentions: lower case, without '@', each once.
func names(text string) []string {
	var out []string
	seen := map[string]bool{}
	tintype.ScanWords(text, func(r rune) bool { return r == '@' || r == '＠' },
		func(r rune) bool { return tintype.TagRune(r) || r == '.' }, func(w string) {
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
// appearance. Names of nobody, and of users with whom author does not see each other or who do not let author mention them, mean nothing.
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
	users, choices, err := s.known(ctx, author, ids)
	if err != nil {
		return nil, err
	}
	kept := ids[:0]
	for i, id := range ids {
		if users[i] == nil {
			continue
		}
		lets, err := s.lets(ctx, id, author, choices[i].MentionFrom)
		if err != nil {
			return nil, err
		}
		if lets {
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
