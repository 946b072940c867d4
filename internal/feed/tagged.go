package feed

import (
	"cmp"
	"context"
	"slices"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// tagged gives, for each of tags, the posts that got it last,
// newest post first, as many as a head holds.
func (s *Service) tagged(ctx context.Context, tags []tintype.ID) ([][]tintype.ID, error) {
	if len(tags) == 0 {
		return nil, nil
	}
	posts, _, err := s.lists(ctx, cache.Keys(cache.KindTagRecent, tags), func(ctx context.Context, tag tintype.ID) ([]tintype.ID, error) {
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
