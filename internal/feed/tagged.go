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

// because gives the tag for which p is in a feed that follows tags, whose
// posts tagged holds; ok is false if it is there for none. The name is "" while the post's tags and the tag's posts differ.
func (s *Service) because(tags []tintype.ID, tagged [][]tintype.ID, p *tintype.Post) (name string, ok bool) {
	for i, l := range tagged {
		if _, found := slices.BinarySearchFunc(l, p.ID, func(a, b tintype.ID) int { return cmp.Compare(b, a) }); !found {
			continue
		}
		ok = true
		// Only numbers are at hand. The post has but a few tags to compare, and no look into a database is needed.
		if n := slices.IndexFunc(p.Tags, func(t string) bool { return s.c.Tags.ID(t) == tags[i] }); n >= 0 {
			return p.Tags[n], true
		}
	}
	return "", ok
}
