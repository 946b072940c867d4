package post

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Upload stores a file of user's until it is published. size is its length if
// that is known, else -1. It is streamed to the blob store while it is hashed,
// and looked at only then; nothing of a refused file stays.
func (s *Service) Upload(ctx context.Context, user tintype.ID, src io.Reader, size int64) (*tintype.Upload, error) {
	if user == 0 {
		return nil, errSignedIn
	}
	if size > s.maxBytes() {
		return nil, s.tooLarge()
	}
	if err := s.c.Room(ctx, max(size, 0)); err != nil {
		return nil, err
	}
	u := &tintype.Upload{UserID: user, BlobKey: blob.Original(random())}
	if err := s.c.Uploads.BeginUpload(ctx, u); err != nil {
		return nil, err
	}
	if err := s.receive(ctx, u, src, size); err != nil {
		ctx, cancel := cleanup(ctx)
		defer cancel()
		// Should this fail too, the sweep finds the row, and by it the file.
		if s.c.Blobs.Delete(ctx, u.BlobKey) == nil {
			_ = s.c.Uploads.DeleteUpload(ctx, user, u.ID)
		}
		return nil, err
	}
	return u, nil
}

func (s *Service) receive(ctx context.Context, u *tintype.Upload, src io.Reader, size int64) error {
	hash := sha256.New()
	in := &meter{src: src, left: s.maxBytes(), hash: hash}
	info, err := s.c.Blobs.Put(ctx, u.BlobKey, in)
	switch {
	case in.over:
		return s.tooLarge()
	case in.err != nil:
		var te *tintype.Error
		if errors.As(in.err, &te) {
			return in.err
		}
		return &tintype.Error{Kind: tintype.Invalid, Msg: "the upload broke off; please try again", Err: in.err}
	case err != nil:
		return err
	case size >= 0 && in.n != size:
		return tintype.Errorf(tintype.Invalid, "the upload has %d bytes, not the %d announced; please try again", in.n, size)
	case info.Size != in.n:
		return tintype.Errorf(tintype.Internal, "%d of %d bytes were stored", info.Size, in.n)
	case in.n == 0:
		return tintype.Errorf(tintype.Invalid, "the upload is empty")
	}
	if size < 0 {
		if err := s.c.Room(ctx, in.n); err != nil {
			return err
		}
	}
	hash.Sum(u.SHA256[:0])
	f, err := s.c.Blobs.Open(ctx, u.BlobKey)
	if err != nil {
		return err
	}
	defer f.Close()
	pic, err := s.c.Images.Probe(ctx, sized{f})
	if err != nil {
		return err
	}
	u.Bytes, u.Type, u.Width, u.Height, u.Camera = in.n, pic.Type, pic.Width, pic.Height, pic.Camera
	if pic.Lat != nil && pic.Lon != nil && validPoint(*pic.Lat, *pic.Lon) {
		u.Location = &tintype.Location{Latitude: *pic.Lat, Longitude: *pic.Lon, HasPoint: true}
	}
	return s.c.Uploads.FinishUpload(ctx, u)
}

func (s *Service) tooLarge() error {
	return tintype.Errorf(tintype.TooLarge, "the file is larger than the %d MB allowed", s.maxBytes()>>20)
}

// maxBytes is how large a file may be now.
func (s *Service) maxBytes() int64 { return min(s.c.MaxBytes, s.c.AtMost()) }

// meter counts and hashes what is read, and stops above a limit.
type meter struct {
	src  io.Reader
	hash io.Writer
	left int64
	n    int64
	over bool
	err  error // of src, but not its end
}

var errOver = errors.New("over the limit")

func (m *meter) Read(b []byte) (int, error) {
	// One byte more than allowed tells that there is more.
	if int64(len(b)) > m.left+1 {
		b = b[:m.left+1]
	}
	n, err := m.src.Read(b)
	if int64(n) > m.left {
		m.over = true
		return 0, errOver
	}
	m.left -= int64(n)
	m.n += int64(n)
	_, _ = m.hash.Write(b[:n]) // a hash takes everything
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

// GetUpload gives one of user's own uploads.
func (s *Service) GetUpload(ctx context.Context, user, id tintype.ID) (*tintype.Upload, error) {
	list, err := s.c.Uploads.Uploads(ctx, user, []tintype.ID{id})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errNoUpload
	}
	return list[0], nil
}

// OpenPreview opens an upright 640 pixel JPEG of one of user's own uploads,
// made on first request.
func (s *Service) OpenPreview(ctx context.Context, user, id tintype.ID) (blob.File, error) {
	u, err := s.GetUpload(ctx, user, id)
	if err != nil {
		return nil, err
	}
	name := blob.Preview(u.BlobKey)
	f, err := s.c.Blobs.Open(ctx, name)
	if !tintype.IsKind(err, tintype.NotFound) {
		return f, err
	}
	if u.PostID != 0 {
		return nil, errNoUpload // it is a post now, and the preview is purged
	}
	return s.makeFile(ctx, name, func(ctx context.Context) error {
		_, err := s.render(ctx, u.BlobKey, imaging.Plan{Sizes: []string{imaging.Size640}}, func(string) string { return name })
		u, e := s.GetUpload(ctx, user, id)
		if e == nil && u.PostID != 0 {
			e = errNoUpload
		}
		if e != nil { // deleted or published meanwhile, and the preview purged with it
			return errors.Join(e, s.c.Blobs.Delete(ctx, name))
		}
		return err
	})
}

// makeFile makes a file that is missing, once however many ask, and opens it.
func (s *Service) makeFile(ctx context.Context, name string, produce func(context.Context) error) (blob.File, error) {
	if _, err := s.once(ctx, name, func(ctx context.Context) ([]byte, error) { return nil, produce(ctx) }); err != nil {
		return nil, err
	}
	return s.c.Blobs.Open(ctx, name)
}

// once calls produce for a file, once however many ask for it at a time, and gives all of them what it made.
func (s *Service) once(ctx context.Context, name string, produce func(context.Context) ([]byte, error)) ([]byte, error) {
	done := s.flights.DoChan("file "+name, func() (any, error) {
		ctx, cancel := cleanup(ctx) // who asked first may go away; others wait
		defer cancel()
		return produce(ctx)
	})
	select {
	case r := <-done:
		b, _ := r.Val.([]byte)
		return b, r.Err
	case <-ctx.Done():
		return nil, &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: ctx.Err()}
	}
}

// DeleteUpload forgets an unused upload and its files.
func (s *Service) DeleteUpload(ctx context.Context, user, id tintype.ID) error {
	return s.c.Uploads.DeleteUpload(ctx, user, id)
}

// render makes the sizes of plan from an original and stores them under the
// names that name gives. After an error some may be stored.
func (s *Service) render(ctx context.Context, original string, plan imaging.Plan, name func(size string) string) (imaging.Result, error) {
	made, res, err := s.develop(ctx, original, plan)
	if err != nil {
		return res, err
	}
	g, ctx := errgroup.WithContext(ctx) // lets the syncs overlap
	for size, b := range made {
		g.Go(func() error {
			_, err := s.c.Blobs.Put(ctx, name(size), b)
			return err
		})
	}
	return res, g.Wait()
}

// develop makes the sizes of plan from an original.
func (s *Service) develop(ctx context.Context, original string, plan imaging.Plan) (imaging.Buffers, imaging.Result, error) {
	src, err := s.c.Blobs.Open(ctx, original)
	if err != nil {
		if tintype.IsKind(err, tintype.NotFound) {
			err = &tintype.Error{Kind: tintype.Internal, Msg: "the original of this picture is missing", Err: err}
		}
		return nil, imaging.Result{}, err
	}
	defer src.Close()
	made := imaging.Buffers{}
	plan.Stored = true
	res, err := s.c.Images.Render(ctx, sized{src}, plan, made.Open)
	return made, res, err
}

// sized is a stored file whose length can be told without reading it.
type sized struct{ blob.File }

func (s sized) Len() int { return int(s.Info().Size) }

// OpenOriginal opens the bytes as uploaded of the n-th picture, counted from 0, for the post's owner only.
func (s *Service) OpenOriginal(ctx context.Context, user, post tintype.ID, n int) (blob.File, *tintype.Media, error) {
	p, err := s.own(ctx, user, post)
	if err != nil {
		return nil, nil, err
	}
	if n < 0 || n >= len(p.Media) {
		return nil, nil, errNoFile
	}
	f, err := s.c.Blobs.Open(ctx, p.Media[n].OriginalKey)
	return f, &p.Media[n], err
}

// own gives user's own post.
func (s *Service) own(ctx context.Context, user, post tintype.ID) (*tintype.Post, error) {
	if user == 0 {
		return nil, errSignedIn
	}
	p, _, err := s.see(ctx, user, post)
	if err != nil {
		return nil, err
	}
	if p.UserID != user {
		return nil, errNotYours
	}
	return p, nil
}
