package post

import (
	"context"
	"errors"
	"slices"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Tagger writes a post's tags. sqlstore.Posts provides it.
type Tagger interface {
	// SetTags writes p's tags, unless it was edited since p was read.
	SetTags(ctx context.Context, p *tintype.Post) error
}

// SetTags writes p's tags, unless it was edited since p was read.
func (s *Service) SetTags(ctx context.Context, p *tintype.Post) error {
	err := s.c.Tagger.SetTags(ctx, p)
	// After an error it may have happened all the same.
	if e := s.dropPosts(ctx, p.ID); err == nil {
		err = e
	}
	return err
}

// Rerender makes the renditions of a post's pictures that are missing, or all
// that every picture has, from the originals. The sizes that are made on demand
// are left to whoever demands them; with all they are deleted, so that they are.
func (s *Service) Rerender(ctx context.Context, post tintype.ID, all bool) (changed bool, err error) {
	posts, err := s.c.Posts.Posts(ctx, []tintype.ID{post})
	if err != nil || len(posts) == 0 {
		return false, err
	}
	var errs []error
	var keys []string
	for _, m := range posts[0].Media {
		made, err := s.rerender(ctx, m, all)
		changed = changed || made
		keys = append(keys, m.Key)
		errs = append(errs, err)
	}
	if !changed {
		return false, errors.Join(errs...)
	}
	// It may have been deleted meanwhile, and its files with it: see OpenMedia.
	if posts, err := s.c.Posts.Posts(ctx, []tintype.ID{post}); err != nil {
		errs = append(errs, err)
	} else if len(posts) == 0 {
		for _, k := range keys {
			errs = append(errs, s.c.Blobs.Delete(ctx, blob.Renditions(k)...))
		}
	}
	_, err = s.Reckon(ctx, post)
	return true, errors.Join(append(errs, err)...)
}

func (s *Service) rerender(ctx context.Context, m tintype.Media, all bool) (bool, error) {
	var sizes []string
	for _, size := range imaging.PostSizes() {
		if !all {
			f, err := s.c.Blobs.Open(ctx, blob.Rendition(m.Key, size))
			if err == nil {
				if err := f.Close(); err != nil {
					return false, err
				}
				continue
			}
			if !tintype.IsKind(err, tintype.NotFound) {
				return false, err
			}
		}
		sizes = append(sizes, size)
	}
	if len(sizes) == 0 {
		return false, nil
	}
	if _, err := s.render(ctx, m.OriginalKey, imaging.Plan{Recipe: m.Recipe, Sizes: sizes}, func(size string) string { return blob.Rendition(m.Key, size) }); err != nil {
		return false, err
	}
	if !all {
		return true, nil
	}
	var demanded []string
	for _, name := range blob.Renditions(m.Key) {
		if !slices.ContainsFunc(sizes, func(size string) bool { return blob.Rendition(m.Key, size) == name }) {
			demanded = append(demanded, name)
		}
	}
	return true, s.c.Blobs.Delete(ctx, demanded...)
}
