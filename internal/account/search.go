package account

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

// How much of a name is indexed.
const (
	maxWords = 80
	maxQuery = 200 // bytes
)

// Search finds people by name: the exact username first, then by prefix of the
// username and of words of the full name, the most followed first; and where
// these are fewer than count, those whom it finds with one letter mistyped in a word.
// The caller leaves out whom the viewer may not see.
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
	parts := words.Split(q)
	if len(parts) == 0 {
		return out, nil
	}
	type try struct {
		find  func(ctx context.Context, parts []string, n int) ([]tintype.ID, error)
		parts []string
	}
	var tries []try
	if len(parts) > 1 {
		// As written, they begin one entry of the index: see phrases.
		tries = append(tries, try{s.c.People.SearchPeople, []string{phrase(parts)}})
	}
	// The longest words leave the fewest people.
	slices.SortStableFunc(parts, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	parts = slices.Compact(parts)
	parts = parts[:min(3, len(parts))]
	tries = append(tries, try{s.c.People.SearchPeople, parts}, try{s.typos, parts})
	for _, t := range tries {
		if len(out) >= count {
			break
		}
		found, err := t.find(ctx, t.parts, count+len(out))
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
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
		var found []string
		if u.State == tintype.UserActive {
			found = NameWords(u)
		}
		weight := bits.Len64(uint64(max(0, u.Counts.FollowedBy)))
		if err := s.c.People.Index(ctx, id, found, weight); err != nil {
			return err
		}
		done = *u
	}
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the profile keeps changing; its index entry is tried again later"}
}

// NameWords gives the words by whose beginnings a user is found: the username
// whole and in parts, and those of the full name. What is written without
// spaces between words is found from any character on. Several words as they follow
// one another are an entry, too.
func NameWords(u *tintype.User) []string {
	out := []string{strings.NewReplacer(".", "", "_", "").Replace(u.Username)}
	out = append(out, words.Split(u.Username)...)
	for _, w := range words.Split(u.FullName) {
		out = append(out, w)
		first, size := utf8.DecodeRuneInString(w)
		if !words.Unspaced(first) {
			continue
		}
		for rest := w[size:]; rest != ""; rest = rest[size:] {
			out = append(out, rest)
			_, size = utf8.DecodeRuneInString(rest)
		}
	}
	out = append(out, phrases(words.Split(u.Username))...)
	out = append(out, phrases(words.Split(u.FullName))...)
	slices.Sort(out)
	out = slices.Compact(out)
	out = slices.DeleteFunc(out, func(w string) bool { return w == "" })
	return out[:min(maxWords, len(out))]
}

// phrases gives the words of a name together, from each of them on, and with the last one first: so whoever types
// two words is led to those who have both, past all who have either.
func phrases(parts []string) []string {
	var out []string
	n := len(parts)
	for i := 0; i < n-1; i++ {
		out = append(out, phrase(parts[i:]))
	}
	if n > 1 {
		out = append(out, phrase(append([]string{parts[n-1]}, parts[:n-1]...)))
	}
	return out
}

// phrase joins words, as far as they are indexed.
func phrase(parts []string) string {
	joined := []rune(strings.Join(parts, " "))
	return strings.TrimSpace(string(joined[:min(len(joined), words.MaxRunes)]))
}
