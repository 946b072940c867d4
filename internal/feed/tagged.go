package feed

import (
	"cmp"
	"context"
	"slices"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// tagged gives, for each tag that viewer follows, the posts that got it last,
// newest post first, as many as a head holds. Who follows none is known to from memory.
func (s *Service) tagged(ctx context.Context, viewer tintype.ID) ([][]tintype.ID, error) {
	if s.c.Tags == nil {
		return nil, nil
	}
	mine := [1]cache.Key{{Kind: cache.KindMyTags, A: viewer}}
	lists, _, err := s.c.Lists.Fetch(ctx, mine[:], func(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
		ids, err := s.c.Tags.FollowedTagIDs(ctx, viewer)
		if err == nil {
			set(missing[0], ids)
		}
		return err
	})
	if err != nil || len(lists[0]) == 0 {
		return nil, err
	}
	// Without what cannot be read now.
	posts, _, err := s.c.Lists.Fetch(ctx, cache.Keys(cache.KindTagRecent, lists[0]), func(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
		var partial error
		for _, k := range missing {
			ids, err := s.c.Tags.TagRecent(ctx, k.A, headSize)
			switch {
			case err == nil:
				set(k, ids)
			case tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil:
				partial = &tintype.Error{Kind: tintype.Unavailable, Partial: true, Msg: "a part of the site is down; please try again", Err: err}
			default:
				return err
			}
		}
		return partial
	})
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	return posts, nil
}

// in tells whether one of lists, each of which descends, holds id.
func in(lists [][]tintype.ID, id tintype.ID) bool {
	return slices.ContainsFunc(lists, func(l []tintype.ID) bool {
		_, ok := slices.BinarySearchFunc(l, id, func(a, b tintype.ID) int { return cmp.Compare(b, a) })
		return ok
	})
}
