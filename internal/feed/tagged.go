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
	mine, err := s.list(ctx, cache.Key{Kind: cache.KindMyTags, A: viewer}, func(ctx context.Context) ([]tintype.ID, error) {
		return s.c.Tags.FollowedTagIDs(ctx, viewer)
	})
	if err != nil || len(mine) == 0 {
		return nil, err
	}
	posts, _, err := s.lists(ctx, cache.Keys(cache.KindTagRecent, mine), func(ctx context.Context, tag tintype.ID) ([]tintype.ID, error) {
		return s.c.Tags.TagRecent(ctx, tag, headSize)
	})
	return posts, err
}

// in tells whether one of lists, each of which descends, holds id.
func in(lists [][]tintype.ID, id tintype.ID) bool {
	return slices.ContainsFunc(lists, func(l []tintype.ID) bool {
		_, ok := slices.BinarySearchFunc(l, id, func(a, b tintype.ID) int { return cmp.Compare(b, a) })
		return ok
	})
}
