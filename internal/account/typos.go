package account

import (
	"cmp"
	"context"
	"slices"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

// How much work one search takes to find what was meant, whatever is asked.
const (
	maxBeginnings = 400  // that share a key with a word
	maxTails      = 1000 // words looked at one by one
	maxNear       = 1000 // people of whom one word of several is right
	nearAtOnce    = 250  // of them whose other words are looked at together
)

// typos finds up to n people with names that parts, up to three words, may have been meant for: every
// part begins a word of theirs, but for one slip in each. Those with fewer
// slips come first, then those whose word is the whole, then the most followed.
func (s *Service) typos(ctx context.Context, parts []string, n int) ([]tintype.ID, error) {
	if !slices.ContainsFunc(parts, words.Mistypable) {
		return nil, nil
	}
	if len(parts) == 1 {
		meant, err := s.meant(ctx, parts[0])
		if err != nil || len(meant) == 0 {
			return nil, err
		}
		return s.c.People.NearPeople(ctx, meant, n)
	}
	// The part that fewest people have leads to them.
	var near []tintype.ID
	for i, p := range parts {
		meant, err := s.meant(ctx, p)
		if err != nil {
			return nil, err
		}
		found, err := s.c.People.NearPeople(ctx, append(meant, p), maxNear)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		if i == 0 || len(found) < len(near) {
			near = found
		}
	}
	var out []tintype.ID
	slips := map[tintype.ID]int{}
	for some := range slices.Chunk(near, nearAtOnce) {
		names, err := s.c.People.WordsOf(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, id := range some {
			if far, ok := slipsOf(parts, names[id]); ok {
				slips[id] = far
				out = append(out, id)
			}
		}
		if len(out) >= n {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b tintype.ID) int { return cmp.Compare(slips[a], slips[b]) })
	return out[:min(n, len(out))], nil
}

// slipsOf counts the slips by which parts are what words of a name begin with; ok is false if that is more than one in any.
func slipsOf(parts, name []string) (n int, ok bool) {
	for _, p := range parts {
		best := 2
		for _, w := range name {
			switch got := words.Slip(p, w); {
			case got == p:
				best = 0
			case got != "" && words.Mistypable(p) && words.Mistypable(w):
				best = min(best, 1)
			}
		}
		if best == 2 {
			return 0, false
		}
		n += best
	}
	return n, true
}

// meant gives what a word may have been meant for: texts that are one slip away and that begin words of people.
func (s *Service) meant(ctx context.Context, word string) ([]string, error) {
	keys := words.AskedKeys(word)
	if len(keys) == 0 {
		return nil, nil
	}
	beginnings, err := s.c.People.Beginnings(ctx, keys, maxBeginnings)
	if err != nil {
		return nil, err
	}
	meant, tail := words.Meant(word, beginnings)
	if tail == "" {
		return meant, nil
	}
	found, err := s.c.People.Words(ctx, tail, maxTails)
	if err != nil {
		return nil, err
	}
	if len(found) == maxTails {
		// Too many to see them all: at least those that have more of it in common.
		r := []rune(word)
		half := string(r[:(utf8.RuneCountInString(tail)+len(r))/2])
		more, err := s.c.People.Words(ctx, half, maxTails)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	for _, w := range found {
		if m := words.Slip(word, w); m != "" && m != word {
			meant = append(meant, m)
		}
	}
	slices.Sort(meant)
	return slices.Compact(meant), nil
}
