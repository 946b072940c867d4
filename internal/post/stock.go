package post

import (
	"bytes"
	"context"
	"errors"
	"slices"

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
	_, err := s.c.Stock.Restock(ctx, post, key, func(have *tintype.Stored) {
		*bytesOf(have, f) += bytes
		if f == imaging.JPEG && have.Large == tintype.LargeGone {
			have.Large = tintype.LargeSome
		}
	})
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
		there := map[string]bool{}
		var before tintype.Large // what somebody drops or makes while we look is theirs to write
		if _, err := s.c.Stock.Restock(ctx, post, m.Key, func(s *tintype.Stored) { before = s.Large }); err != nil {
			return changed, err
		}
		for _, f := range imaging.Formats() {
			for _, size := range append(imaging.PostSizes(), imaging.LegacySizes()...) {
				info, err := blob.Stat(ctx, s.c.Blobs, blob.RenditionIn(m.Key, size, string(f)))
				if err != nil && !tintype.IsKind(err, tintype.NotFound) {
					return changed, err
				}
				*bytesOf(&have, f) += info.Size
				there[info.Key] = true
			}
		}
		large := tintype.LargeGone
		if slices.ContainsFunc(blob.Large(m.Key), func(name string) bool { return there[name] }) {
			large = tintype.LargeSome
		}
		if there[blob.Rendition(m.Key, imaging.Size1080)] && there[blob.Rendition(m.Key, imaging.Size640)] {
			large = tintype.LargeKept
		}
		did, err := s.c.Stock.Restock(ctx, post, m.Key, func(s *tintype.Stored) {
			s.JPEG, s.AVIF, s.WebP = have.JPEG, have.AVIF, have.WebP
			if s.Large == before && before != tintype.LargeKept { // what is missing though it should be kept is for the check to tell
				s.Large = large
			}
		})
		if err != nil {
			return changed, err
		}
		changed = changed || did
	}
	return changed, nil
}

// again makes a JPEG of a picture that is missing, once however many ask, and keeps it if there is room.
func (s *Service) again(ctx context.Context, post tintype.ID, m *tintype.Media, size string) (blob.File, error) {
	name := blob.Rendition(m.Key, size)
	b, err := s.once(ctx, name, func(ctx context.Context) ([]byte, error) {
		made, _, err := s.develop(ctx, m.OriginalKey, imaging.Plan{Recipe: m.Recipe, Sizes: []string{size}})
		if err == nil && made[size] == nil {
			err = errors.New("post: the cage made nothing")
		}
		kept := err == nil && s.c.Room(ctx, int64(made[size].Len())) == nil
		if kept {
			_, err = s.c.Blobs.Put(ctx, name, bytes.NewReader(made[size].Bytes()))
			if tintype.IsKind(err, tintype.Full) { // what is there is shown, as long as there is anything
				kept, err = false, nil
			}
		}
		// The post may have been deleted meanwhile, and its files with it: before
		// the original was opened, or after.
		posts, e := s.c.Posts.Posts(ctx, []tintype.ID{post})
		if e == nil && len(posts) == 0 {
			_ = s.c.Blobs.Delete(ctx, name) // else `tintype check` finds it
			return nil, errNoPost
		}
		if err == nil && kept {
			if e := s.made(ctx, post, m.Key, imaging.JPEG, int64(made[size].Len())); e != nil {
				s.c.Log.WarnContext(ctx, "a picture that was made again could not be counted, and is not kept", "post", post, "error", errors.Join(e, s.c.Blobs.Delete(ctx, name)))
			}
		}
		if err = errors.Join(err, e); err != nil {
			return nil, err
		}
		return made[size].Bytes(), nil
	})
	if err != nil {
		return nil, err
	}
	return inMemory{bytes.NewReader(b), blob.Info{Key: name, Size: int64(len(b)), Modified: s.c.Clock()}}, nil
}

// inMemory is a file that was just made, whether it is kept or not.
type inMemory struct {
	*bytes.Reader
	info blob.Info
}

func (f inMemory) Info() blob.Info { return f.info }

func (inMemory) Close() error { return nil }
