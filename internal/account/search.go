package account

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// How much of a name is indexed.
const (
	maxWords     = 80
	maxWordRunes = 32
	maxQuery     = 200 // bytes
)

// Search finds people by name: the exact username first, then by prefix of the
// username and of words of the full name, the most followed first. The caller
// leaves out whom the viewer may not see.
func (s *Service) Search(ctx context.Context, q string, count int) ([]tintype.ID, error) {
	if len(q) > maxQuery || !utf8.ValidString(q) {
		return nil, tintype.FieldError("q", "please search for fewer words")
	}
	if count <= 0 {
		return nil, nil
	}
	var out []tintype.ID
	if name, err := Username(strings.TrimPrefix(strings.TrimSpace(q), "@")); err == nil {
		id, err := s.c.Names.UserID(ctx, name)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			out = append(out, id)
		}
	}
	words := split(q)
	if len(words) == 0 {
		return out, nil
	}
	// The longest words leave the fewest people.
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	words = slices.Compact(words)
	found, err := s.c.People.SearchPeople(ctx, words[:min(3, len(words))], count+len(out))
	if err != nil {
		return nil, err
	}
	for _, id := range found {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out[:min(count, len(out))], nil
}

// IndexUsers is the handler of job.IndexUserKind: it brings the people search
// up to date with users' profiles.
func (s *Service) IndexUsers(ctx context.Context, users []job.User) error {
	for _, j := range users {
		if err := s.indexUser(ctx, j.ID); err != nil {
			return err
		}
	}
	return nil
}

// indexUser reads the profile again after it has written the words: profile and
// index share no transaction, and of two jobs at once the one that read first
// may write last.
func (s *Service) indexUser(ctx context.Context, id tintype.ID) error {
	var done tintype.User
	for try := range 5 {
		u, err := s.c.Profiles.Profile(ctx, id)
		if err != nil {
			return err
		}
		if u == nil {
			u = &tintype.User{ID: id, State: tintype.UserDeleted}
		}
		same := u.Username == done.Username && u.FullName == done.FullName && u.State == done.State
		if try > 0 && same {
			return nil
		}
		var words []string
		if u.State == tintype.UserActive {
			words = NameWords(u)
		}
		weight := bits.Len64(uint64(max(0, u.Counts.FollowedBy)))
		if err := s.c.People.Index(ctx, id, words, weight); err != nil {
			return err
		}
		done = *u
	}
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the profile keeps changing; its index entry is tried again later"}
}

// NameWords gives the words by whose beginnings a user is found: the username
// whole and in parts, and those of the full name. What is written without
// spaces between words is found from any character on.
func NameWords(u *tintype.User) []string {
	words := []string{strings.NewReplacer(".", "", "_", "").Replace(u.Username)}
	words = append(words, split(u.Username)...)
	for _, w := range split(u.FullName) {
		words = append(words, w)
		first, size := utf8.DecodeRuneInString(w)
		if !unspaced(first) {
			continue
		}
		for rest := w[size:]; rest != ""; rest = rest[size:] {
			words = append(words, rest)
			_, size = utf8.DecodeRuneInString(rest)
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return words[:min(maxWords, len(words))]
}

// split gives the words of a name or query in the form in which they are
// compared: without case, accents and compatibility forms. Runs of scripts that
// put no spaces between words are words of their own.
func split(s string) []string {
	s = norm.NFKD.String(cases.Fold().String(norm.NFKC.String(s)))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
	s = norm.NFC.String(s)
	var out []string
	start, length := -1, 0
	var kind bool
	end := func(i int) {
		if start >= 0 {
			out = append(out, s[start:i])
		}
		start, length = -1, 0
	}
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			end(i)
			continue
		}
		if start >= 0 && (unspaced(r) != kind || length == maxWordRunes) {
			end(i)
		}
		if start < 0 {
			start, kind = i, unspaced(r)
		}
		length++
	}
	end(len(s))
	return out
}

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		r == 'ー' // the long-vowel mark of Japanese, which belongs to no one script
}
