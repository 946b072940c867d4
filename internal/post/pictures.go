package post

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Picture is an open rendition.
type Picture struct {
	blob.File
	Format imaging.Format
	Public bool // everybody may see it, so that caches may keep it
	Coming bool // a format that was asked for first is not made yet
}

// OpenMedia opens a rendition for viewer; key is the media's Key and size one of
// the sizes of package imaging. accept are the formats besides JPEG that will do,
// the best first: one that is not there yet is asked for, to be there later. A
// size that is not there at all is made and kept.
func (s *Service) OpenMedia(ctx context.Context, viewer, post tintype.ID, key, size string, accept ...imaging.Format) (*Picture, error) {
	if imaging.Width(size) == 0 {
		return nil, errNoFile
	}
	p, author, err := s.see(ctx, viewer, post)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(p.Media, func(m tintype.Media) bool { return m.Key == key })
	if i < 0 {
		return nil, errNoFile
	}
	pic := &Picture{Public: tintype.EverybodySees(author, p)}
	if slices.Contains(imaging.PostSizes(), size) {
		if err := s.openExtra(ctx, pic, post, key, size, accept); err != nil || pic.File != nil {
			return pic, err
		}
	}
	pic.Format = imaging.JPEG
	pic.File, err = s.openJPEG(ctx, post, &p.Media[i], size)
	if err != nil {
		return nil, err
	}
	return pic, nil
}

// openExtra opens the best of the accepted formats that is there, if any is.
func (s *Service) openExtra(ctx context.Context, pic *Picture, post tintype.ID, key, size string, accept []imaging.Format) error {
	wanted := s.c.Formats()
	for _, f := range accept {
		if !slices.Contains(wanted, f) {
			continue
		}
		file, err := s.c.Blobs.Open(ctx, blob.RenditionIn(key, size, string(f)))
		switch {
		case tintype.IsKind(err, tintype.NotFound):
			if !s.c.Roomy(ctx) {
				continue
			}
			if s.asked.may(post, s.c.Clock()) {
				s.askFormats(ctx, post)
			}
			pic.Coming = true
		case err != nil:
			return err
		case file.Info().Size == 0: // not worth it here
			if err := file.Close(); err != nil {
				return err
			}
		default:
			pic.File, pic.Format = file, f
			return nil
		}
	}
	return nil
}

// openJPEG opens a JPEG rendition, and makes it first if it is missing.
func (s *Service) openJPEG(ctx context.Context, post tintype.ID, m *tintype.Media, size string) (blob.File, error) {
	name := blob.Rendition(m.Key, size)
	f, err := s.c.Blobs.Open(ctx, name)
	if !tintype.IsKind(err, tintype.NotFound) {
		return f, err
	}
	return s.again(ctx, post, m, size)
}

// askAgain is for how long a post whose formats were asked for is not asked for
// again, and makeFirst how old a post is whose publication did not ask recently.
const (
	askAgain  = 10 * time.Minute
	makeFirst = 2 * time.Minute
)

// asked remembers for which posts this process asked for formats.
type asked struct {
	mu    sync.Mutex
	posts map[tintype.ID]time.Time
}

// may reports whether post is to be asked for now, and notes that it is.
func (a *asked) may(post tintype.ID, now time.Time) bool {
	if now.Sub(post.Time()) < makeFirst {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if at, ok := a.posts[post]; ok && now.Sub(at) < askAgain {
		return false
	}
	if len(a.posts) >= 10_000 || a.posts == nil { // better ask twice than keep more
		a.posts = map[tintype.ID]time.Time{}
	}
	a.posts[post] = now
	return true
}

// askFormats has the other formats of a post made. Nothing hangs on it: whoever
// looks later asks again.
func (s *Service) askFormats(ctx context.Context, post tintype.ID) {
	if s.c.Queue != nil {
		_ = s.c.Queue.Put(context.WithoutCancel(ctx), post, job.Insert{Kind: job.FormatsKind, Item: job.Formats{Post: post}})
	}
}

// MakeFormats is the handler of job.FormatsKind: pictures are made in the formats
// besides JPEG that are wanted, as far as they are not there.
func (s *Service) MakeFormats(ctx context.Context, items []job.Formats) error {
	var errs []error
	for _, it := range items {
		errs = append(errs, s.makeFormats(ctx, it.Post))
	}
	return errors.Join(errs...)
}

func (s *Service) makeFormats(ctx context.Context, post tintype.ID) error {
	if !s.c.Roomy(ctx) {
		return nil // asked for again by whoever looks when there is room
	}
	posts, err := s.c.Posts.Posts(ctx, []tintype.ID{post})
	if err != nil || len(posts) == 0 {
		return err
	}
	var made []string
	for i := range posts[0].Media {
		for _, f := range s.c.Formats() {
			names, e := s.makeFormat(ctx, post, &posts[0].Media[i], f)
			made, err = append(made, names...), errors.Join(err, e)
		}
	}
	if len(made) == 0 {
		return err
	}
	// It may have been deleted meanwhile, and its files with it: see openJPEG.
	left, e := s.c.Posts.Posts(ctx, []tintype.ID{post})
	if e == nil && len(left) == 0 {
		return s.c.Blobs.Delete(ctx, made...)
	}
	return errors.Join(err, e)
}

// worth is how many bytes a rendition may have in another format, as a part of
// those of its JPEG: what is hardly smaller is not kept.
const worth = 0.95

// makeFormat makes what is missing of one picture in one format, and gives the names of what it made.
func (s *Service) makeFormat(ctx context.Context, post tintype.ID, m *tintype.Media, format imaging.Format) (names []string, err error) {
	var sizes []string
	limits := map[string]int64{}
	for _, size := range imaging.PostSizes() {
		_, err := blob.Stat(ctx, s.c.Blobs, blob.RenditionIn(m.Key, size, string(format)))
		if err == nil {
			continue
		}
		if !tintype.IsKind(err, tintype.NotFound) {
			return nil, err
		}
		limits[size] = 1 << 62
		jpeg, err := blob.Stat(ctx, s.c.Blobs, blob.Rendition(m.Key, size))
		if err == nil {
			limits[size] = int64(worth * float64(jpeg.Size))
		} else if !tintype.IsKind(err, tintype.NotFound) {
			return nil, err
		}
		sizes = append(sizes, size)
	}
	if len(sizes) == 0 {
		return nil, nil
	}
	src, err := s.c.Blobs.Open(ctx, m.OriginalKey)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	made := imaging.Buffers{}
	_, err = s.c.Images.Render(ctx, sized{src}, imaging.Plan{Recipe: m.Recipe, Sizes: sizes, Format: format, Stored: true}, made.Open)
	if tintype.IsKind(err, tintype.UnsupportedMedia) {
		return nil, nil // not to be had on this machine
	}
	if err != nil {
		return nil, err
	}
	var total int64
	for size, b := range made {
		var file io.Reader = b
		if int64(b.Len()) > limits[size] {
			file = bytes.NewReader(nil)
		} else {
			total += int64(b.Len())
		}
		name := blob.RenditionIn(m.Key, size, string(format))
		names = append(names, name)
		if _, err := s.c.Blobs.Put(ctx, name, file); err != nil {
			return names, err
		}
	}
	return names, s.made(ctx, post, m.Key, format, total)
}
