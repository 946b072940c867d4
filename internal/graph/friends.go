package graph

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// SetFriend counts other among me's close friends, or no longer. Nobody is told: other finds out by seeing what is for close
// friends. It holds for the next answer already. NotFound for somebody of whom me cannot know; whom me counts may always be taken off the list.
func (s *Service) SetFriend(ctx context.Context, me, other tintype.ID, on bool) error {
	if err := both(me, other, "befriend"); err != nil {
		return err
	}
	if on {
		_, rel, err := s.userAnd(ctx, me, other)
		if err != nil {
			return err
		}
		if rel.Blocks {
			return tintype.Errorf(tintype.NotAllowed, "you block this person: unblock them first")
		}
	}
	changed, err := s.c.Friends.SetFriend(ctx, me, other, on)
	return s.after(ctx, changed, err, me, other)
}

// Friends lists whom me counts among their close friends, the last counted first. next is the page.Max of the next page, 0 at the end.
func (s *Service) Friends(ctx context.Context, me tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
	if me == 0 {
		return nil, 0, errSignedIn
	}
	return s.visiblePage(ctx, me, me, tintype.EdgeThere, page, func(ctx context.Context, user tintype.ID, _ int, page tintype.Page) ([]tintype.ID, []tintype.ID, error) {
		return s.c.Friends.Friends(ctx, user, page)
	})
}

// FriendsAmong gives those of others, in their order, whom me counts among their close friends.
func (s *Service) FriendsAmong(ctx context.Context, me tintype.ID, others []tintype.ID) ([]tintype.ID, error) {
	if me == 0 || len(others) == 0 {
		return nil, nil
	}
	found, err := s.c.Friends.FriendsAmong(ctx, me, others)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(others), func(id tintype.ID) bool { return !slices.Contains(found, id) }), nil
}
