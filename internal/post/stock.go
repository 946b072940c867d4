package post

import (
	"bytes"
	"context"
	"errors"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Stock counts how many bytes the renditions of pictures have. sqlstore.Storage provides it.
type Stock interface {
	// Restock changes what is written of a picture's renditions, unless its post is gone.
	Restock(ctx context.Context, post tintype.ID, key string, change func(*tintype.Stored)) (changed bool, err error)
}

// made counts renditions that were made after their post was published.
func (s *Service) made(ctx context.Context, post tintype.ID, key string, f imaging.Format, bytes int64) error {
	if s.c.Stock == nil || bytes == 0 {
		return nil
	}
	_, err := s.c.Stock.Restock(ctx, post, key, func(have *tintype.Stored) { *bytesOf(have, f) += bytes })
	return err
}

func bytesOf(s *tintype.Stored, f imaging.Format) *int64 {
	switch f {
	case imaging.AVIF:
		return &s.AVIF
	case imaging.WebP:
		return &s.WebP
	}
	return &s.JPEG
}

// Reckon counts anew what the renditions of a post's pictures have, by looking at the files.
func (s *Service) Reckon(ctx context.Context, post tintype.ID) (changed bool, err error) {
	posts, err := s.c.Posts.Posts(ctx, []tintype.ID{post})
	if err != nil || len(posts) == 0 || s.c.Stock == nil {
		return false, err
	}
	for _, m := range posts[0].Media {
		var have tintype.Stored
		for _, f := range imaging.Formats() {
			for _, size := range append(imaging.PostSizes(), imaging.LegacySizes()...) {
				info, err := blob.Stat(ctx, s.c.Blobs, blob.RenditionIn(m.Key, size, string(f)))
				if err != nil && !tintype.IsKind(err, tintype.NotFound) {
					return changed, err
				}
				*bytesOf(&have, f) += info.Size
			}
		}
		did, err := s.c.Stock.Restock(ctx, post, m.Key, func(s *tintype.Stored) { s.JPEG, s.AVIF, s.WebP = have.JPEG, have.AVIF, have.WebP })
		if err != nil {
			return changed, err
		}
		changed = changed || did
	}
	return changed, nil
}

// unkept makes a rendition that there is no room to keep.
func (s *Service) unkept(ctx context.Context, m *tintype.Media, size string) (blob.File, error) {
	src, err := s.c.Blobs.Open(ctx, m.OriginalKey)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	made := imaging.Buffers{}
	if _, err := s.c.Images.Render(ctx, sized{src}, imaging.Plan{Recipe: m.Recipe, Sizes: []string{size}}, made.Open); err != nil {
		return nil, err
	}
	if made[size] == nil {
		return nil, errors.New("post: the cage made nothing")
	}
	b := made[size].Bytes()
	return inMemory{bytes.NewReader(b), blob.Info{Key: blob.Rendition(m.Key, size), Size: int64(len(b)), Modified: s.c.Clock()}}, nil
}

// inMemory is a file that is kept nowhere.
type inMemory struct {
	*bytes.Reader
	info blob.Info
}

func (f inMemory) Info() blob.Info { return f.info }

func (inMemory) Close() error { return nil }
