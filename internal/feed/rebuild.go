package feed

import (
	"context"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Rebuild builds a user's timeline anew, or gives it up if the user has not been
// seen for a while: it is built then when they return.
func (s *Service) Rebuild(ctx context.Context, u tintype.Seen) (built bool, err error) {
	if s.c.Clock().Sub(u.At) >= s.c.Away {
		if err := s.c.Timeline.Forget(ctx, []tintype.ID{u.ID}); err != nil {
			return false, err
		}
		return false, s.drop(ctx, cache.KindFeedHead, []tintype.ID{u.ID})
	}
	if err := s.build(ctx, u.ID); err != nil {
		return false, err
	}
	return true, s.drop(ctx, cache.KindFeedHead, []tintype.ID{u.ID})
}
