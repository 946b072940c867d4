package post

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Kept is what is kept of one picture of a post.
type Kept struct {
	Original   KeptFile   // Type as it was uploaded; Size is ""
	Renditions []KeptFile // those that are there now: the largest first, JPEG before other formats
}

// KeptFile is one file.
type KeptFile struct {
	Size          string // of package imaging
	Type          string // MIME type
	Width, Height int    // upright; of an original, 0 if it cannot be told
	Bytes         int64
}

// Files tells the owner of a post which files there are of each of its pictures. They are
// looked at, not remembered: what is told is there.
func (s *Service) Files(ctx context.Context, user, post tintype.ID) ([]Kept, error) {
	p, err := s.own(ctx, user, post)
	if err != nil {
		return nil, err
	}
	out := make([]Kept, len(p.Media))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(albumParallel)
	for i := range p.Media {
		g.Go(func() (err error) {
			out[i], err = s.kept(ctx, &p.Media[i])
			return err
		})
	}
	return out, g.Wait()
}

func (s *Service) kept(ctx context.Context, m *tintype.Media) (k Kept, err error) {
	k.Original = KeptFile{Type: m.OriginalType, Bytes: m.OriginalBytes}
	f, err := s.c.Blobs.Open(ctx, m.OriginalKey)
	if err != nil {
		return k, err
	}
	defer f.Close()
	// Its measures are in its header. One that cannot be read any more is told without.
	if info, err := s.c.Images.Probe(ctx, sized{f}); err == nil {
		k.Original.Width, k.Original.Height = info.Width, info.Height
	}
	for _, format := range imaging.Formats() {
		for _, size := range append(imaging.PostSizes(), imaging.LegacySizes()...) {
			info, err := blob.Stat(ctx, s.c.Blobs, blob.RenditionIn(m.Key, size, string(format)))
			switch {
			case tintype.IsKind(err, tintype.NotFound) || err == nil && info.Size == 0:
				continue
			case err != nil:
				return k, err
			}
			r := KeptFile{Size: size, Type: format.Type(), Bytes: info.Size, Width: min(imaging.Width(size), m.Width)}
			if r.Height = r.Width; !imaging.Square(size) && m.Width > 0 {
				r.Height = max(1, (r.Width*m.Height+m.Width/2)/m.Width)
			}
			k.Renditions = append(k.Renditions, r)
		}
	}
	return k, nil
}
