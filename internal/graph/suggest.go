package graph

import (
	"cmp"
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// Newest suggests people when a user's own follows suggest too few.
type Newest interface {
	// Newest gives up to n users of the site, the ones to be shown first first.
	Newest(ctx context.Context, n int) ([]tintype.ID, error)
}

// Dismissals keeps whom users do not want to have suggested. sqlstore.Dismissals implements it.
type Dismissals interface {
	// Dismiss keeps other from being suggested to me, or no longer.
	Dismiss(ctx context.Context, me, other tintype.ID, on bool) error
	// Dismissed gives whom me dismissed, sorted.
	Dismissed(ctx context.Context, me tintype.ID) ([]tintype.ID, error)
}

// Sizes of Suggested's sample: enough to be of use, few enough to be quick.
const (
	sampleFollows = 50
	sampleOfThem  = 300
	namedBy       = 2 // of those who follow somebody
)

// Suggested gives up to n public people whom me neither follows, nor asked to, nor dismissed or muted, with the reason: those
// whom the users followed most recently follow most; who post with tags that me follows; who is popular;
// and then the site's newest.
func (s *Service) Suggested(ctx context.Context, me tintype.ID, n int) ([]tintype.Suggestion, error) {
	if me == 0 {
		return nil, errSignedIn
	}
	hidden, err := s.Hidden(ctx, me)
	if err != nil {
		return nil, err
	}
	without, err := s.c.Dismissals.Dismissed(ctx, me)
	if err != nil {
		return nil, err
	}
	if s.c.Muted != nil {
		muted, err := s.c.Muted(ctx, me)
		if err != nil {
			return nil, err
		}
		without = append(without, muted...)
	}
	all, err := s.candidates(ctx, me, hidden, n)
	if err != nil {
		return nil, err
	}
	seen := map[tintype.ID]bool{me: true}
	for _, id := range without {
		seen[id] = true
	}
	all = slices.DeleteFunc(all, func(c tintype.Suggestion) bool {
		_, hide := slices.BinarySearch(hidden, c.User)
		was := seen[c.User] || hide
		seen[c.User] = true
		return was
	})
	ids := make([]tintype.ID, len(all))
	for i, c := range all {
		ids[i] = c.User
	}
	users, err := s.Users(ctx, ids)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	rels, err := s.Relations(ctx, me, ids)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	out := make([]tintype.Suggestion, 0, n)
	for i, c := range all {
		if u := users[i]; len(out) == n || u == nil || u.State != tintype.UserActive || u.Private || rels[i] != (tintype.Relation{Followed: rels[i].Followed, CloseFriend: rels[i].CloseFriend}) {
			continue
		}
		// What me did a moment ago is on me's side first.
		t, err := s.c.Lists.Ties(ctx, me, c.User)
		if err != nil {
			return nil, err
		}
		if t.Out == tintype.EdgeGone {
			out = append(out, c)
		}
	}
	return out, nil
}

// Dismiss keeps a user from being suggested to me, or no longer.
func (s *Service) Dismiss(ctx context.Context, me, other tintype.ID, on bool) error {
	if me == 0 {
		return errSignedIn
	}
	if _, err := s.User(ctx, me, other); err != nil {
		return err
	}
	return s.c.Dismissals.Dismiss(ctx, me, other, on)
}

// candidates gives who may be worth suggesting, the best first, some of them more than once.
func (s *Service) candidates(ctx context.Context, me tintype.ID, hidden []tintype.ID, n int) ([]tintype.Suggestion, error) {
	out, err := s.followedByMine(ctx, me, hidden)
	if err != nil {
		return nil, err
	}
	out = out[:min(len(out), 4*n)]
	if s.c.TagAuthors != nil {
		users, tags, err := s.c.TagAuthors(ctx, me, 2*n)
		if err != nil && !tintype.IsKind(err, tintype.Unavailable) {
			return nil, err
		}
		for i, id := range users {
			out = append(out, tintype.Suggestion{User: id, Reason: tintype.SuggestTag, Tag: tags[i]})
		}
	}
	if s.c.Popular != nil {
		users, err := s.c.Popular(ctx, 2*n)
		if err != nil && !tintype.IsKind(err, tintype.Unavailable) {
			return nil, err
		}
		for _, id := range users {
			out = append(out, tintype.Suggestion{User: id, Reason: tintype.SuggestPopular})
		}
	}
	if s.c.Newest != nil {
		users, err := s.c.Newest.Newest(ctx, 4*n)
		if err != nil {
			return nil, err
		}
		for _, id := range users {
			out = append(out, tintype.Suggestion{User: id, Reason: tintype.SuggestNew})
		}
	}
	return out, nil
}

// followedByMine gives whom those follow whom me follows, most followed first. Only those are named
// who may be shown to me, and me may see whom they follow: me is their follower.
func (s *Service) followedByMine(ctx context.Context, me tintype.ID, hidden []tintype.ID) ([]tintype.Suggestion, error) {
	mine, _, err := s.c.Lists.Following(ctx, me, tintype.EdgeThere, tintype.Page{Count: sampleFollows})
	if err != nil || len(mine) == 0 {
		return nil, err
	}
	users, err := s.Users(ctx, mine)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	rels, err := s.Relations(ctx, me, mine)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	var shown []tintype.ID
	for i, id := range mine {
		if _, hide := slices.BinarySearch(hidden, id); !hide && users[i] != nil && tintype.CanView(me, users[i], rels[i]) {
			shown = append(shown, id)
		}
	}
	if len(shown) == 0 {
		return nil, nil
	}
	by, whom, err := s.c.Lists.FollowedBy(ctx, shown, sampleOfThem)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	at := map[tintype.ID]int{}
	var out []tintype.Suggestion
	for i, id := range whom {
		j, known := at[id]
		if !known {
			j = len(out)
			at[id] = j
			out = append(out, tintype.Suggestion{User: id, Reason: tintype.SuggestFollowedBy})
		}
		c := &out[j]
		if c.Count++; len(c.By) < namedBy {
			c.By = append(c.By, by[i])
		}
	}
	slices.SortStableFunc(out, func(a, b tintype.Suggestion) int { return cmp.Compare(b.Count, a.Count) })
	return out, nil
}
