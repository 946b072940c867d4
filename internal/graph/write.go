package graph

import (
	"context"
	"errors"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Follow makes me follow other, or ask to if other is private.
func (s *Service) Follow(ctx context.Context, me, other tintype.ID) error {
	if err := both(me, other, "follow"); err != nil {
		return err
	}
	u, err := s.User(ctx, me, other)
	if err != nil {
		return err
	}
	state := tintype.EdgeThere
	if u.Private {
		state = tintype.EdgeRequested
	}
	changed, err := s.c.Edges.Follow(ctx, me, other, state)
	return s.after(ctx, changed, err, me, other)
}

// Unfollow ends a follow or takes back a request.
func (s *Service) Unfollow(ctx context.Context, me, other tintype.ID) error {
	if err := both(me, other, "unfollow"); err != nil {
		return err
	}
	changed, err := s.c.Edges.Unfollow(ctx, me, other)
	return s.after(ctx, changed, err, me, other)
}

// Approve lets follower, who has asked, follow me. Without an open request it changes nothing.
func (s *Service) Approve(ctx context.Context, me, follower tintype.ID) error {
	return s.answer(ctx, me, follower, tintype.EdgeThere)
}

// Deny turns a request down.
func (s *Service) Deny(ctx context.Context, me, follower tintype.ID) error {
	return s.answer(ctx, me, follower, tintype.EdgeGone)
}

// RemoveFollower ends follower's follow of me.
func (s *Service) RemoveFollower(ctx context.Context, me, follower tintype.ID) error {
	return s.answer(ctx, me, follower, tintype.EdgeGone)
}

func (s *Service) answer(ctx context.Context, me, follower tintype.ID, state int) error {
	if err := both(me, follower, "answer"); err != nil {
		return err
	}
	changed, err := s.c.Edges.Answer(ctx, me, follower, state)
	return s.after(ctx, changed, err, me, follower)
}

// Block ends all follows between two users and hides each from the other.
func (s *Service) Block(ctx context.Context, me, other tintype.ID) error {
	return s.block(ctx, me, other, true)
}

// Unblock lifts a block; the follows do not come back.
func (s *Service) Unblock(ctx context.Context, me, other tintype.ID) error {
	return s.block(ctx, me, other, false)
}

func (s *Service) block(ctx context.Context, me, other tintype.ID, on bool) error {
	if err := both(me, other, "block"); err != nil {
		return err
	}
	// Whom I block may have blocked me first, and must be blockable all the same.
	users, err := s.Users(ctx, []tintype.ID{other})
	if err != nil {
		return err
	}
	if users[0] == nil {
		return errNobody
	}
	changed, err := s.c.Edges.Block(ctx, me, other, on)
	return s.after(ctx, changed, err, me, other)
}

func both(me, other tintype.ID, verb string) error {
	switch {
	case me == 0:
		return errSignedIn
	case me == other:
		return tintype.Errorf(tintype.Invalid, "you cannot %s yourself", verb)
	}
	return nil
}

// after drops what a change between two users made stale. A change whose
// outcome is not known may have happened.
func (s *Service) after(ctx context.Context, changed bool, err error, a, b tintype.ID) error {
	if !changed && err == nil {
		return nil
	}
	if e := s.drop(ctx, [][2]tintype.ID{{a, b}}, []tintype.ID{a, b}); err == nil {
		err = e
	}
	return err
}

// drop forgets the relations, in both directions, of pairs, and all that is known of users.
func (s *Service) drop(ctx context.Context, pairs [][2]tintype.ID, users []tintype.ID) error {
	ctx = context.WithoutCancel(ctx) // the commit is done; the caches must follow though the caller went away
	var rels, profiles, hidden []cache.Key
	for _, p := range pairs {
		rels = append(rels, cache.Key{Kind: cache.KindRelation, A: p[0], B: p[1]}, cache.Key{Kind: cache.KindRelation, A: p[1], B: p[0]})
	}
	for _, u := range users {
		profiles = append(profiles, cache.Key{Kind: cache.KindUser, A: u})
		hidden = append(hidden, cache.Key{Kind: cache.KindHidden, A: u})
	}
	return errors.Join(
		s.c.RelationCache.Drop(ctx, rels...),
		s.c.UserCache.Drop(ctx, profiles...),
		s.c.IDCache.Drop(ctx, hidden...))
}

// ApplyEdges is the handler of the follow, answer and block items of
// job.EdgeKind; others are left alone.
func (s *Service) ApplyEdges(ctx context.Context, edges []job.Edge) error {
	var mine []job.Edge
	var pairs [][2]tintype.ID
	for _, e := range edges {
		switch e.Type {
		case job.EdgeFollow, job.EdgeAnswer, job.EdgeBlock:
			mine = append(mine, e)
			pairs = append(pairs, [2]tintype.ID{e.User, e.Target})
		}
	}
	if len(mine) == 0 {
		return nil
	}
	changed, noticed, err := s.c.Edges.ApplyEdges(ctx, mine)
	if e := s.drop(ctx, pairs, changed); err == nil {
		err = e
	}
	if len(noticed) > 0 {
		s.c.OnActivity(noticed)
	}
	return err
}

// approveBatch is how many requests one transaction approves.
const approveBatch = 200

// ApproveAll is the handler of job.ApproveAllKind: these users went public, so
// their open requests are approved. Users who are private again are left alone.
func (s *Service) ApproveAll(ctx context.Context, users []job.User) error {
	for _, u := range users {
		for more := true; more; {
			approved, err := s.c.Edges.ApproveAll(ctx, u.ID, approveBatch)
			if err != nil {
				return err
			}
			pairs := make([][2]tintype.ID, len(approved))
			for i, id := range approved {
				pairs[i] = [2]tintype.ID{id, u.ID}
			}
			if err := s.drop(ctx, pairs, []tintype.ID{u.ID}); err != nil {
				return err
			}
			more = len(approved) == approveBatch
		}
	}
	return nil
}
