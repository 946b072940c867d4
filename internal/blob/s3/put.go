package s3

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// memoryBytes is how much of a file is kept in memory on its way: all of a
// rendition. What is larger goes through a file, so that any number of uploads
// take a megabyte each.
const memoryBytes = 1 << 20

var buffers = sync.Pool{New: func() any { return new([memoryBytes]byte) }}

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	buf := buffers.Get().(*[memoryBytes]byte)
	defer buffers.Put(buf)
	p := parcel{md5: md5.New(), sha256: sha256.New()}
	in := io.TeeReader(&source{ctx: ctx, r: r}, io.MultiWriter(p.md5, p.sha256))
	n, err := io.ReadFull(in, buf[:])
	switch {
	case err == nil: // there may be more
		f, err := spool(s.c.Spool, buf[:], in)
		if err != nil {
			return blob.Info{}, s.sourceError(err)
		}
		defer f.Close()
		if p.size, err = f.Seek(0, io.SeekEnd); err != nil {
			return blob.Info{}, s.translate("spool", err)
		}
		p.open = func() io.ReadSeeker { return io.NewSectionReader(f, 0, p.size) }
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		if se := (*sourceError)(nil); errors.As(err, &se) {
			return blob.Info{}, s.sourceError(err)
		}
		p.size = int64(n)
		p.open = func() io.ReadSeeker { return bytes.NewReader(buf[:n]) }
	default:
		return blob.Info{}, s.sourceError(err)
	}
	return s.send(ctx, key, &p)
}

// spool writes a beginning and what follows into a file that nobody else sees.
func spool(dir string, begin []byte, rest io.Reader) (_ *os.File, err error) {
	f, err := os.CreateTemp(dir, "tintype-put-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	// Without a name it is gone with its last user, however that ends.
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	if _, err := f.Write(begin); err != nil {
		return nil, err
	}
	// begin was sent; its memory is what the rest is copied through.
	_, err = io.CopyBuffer(onlyWriter{f}, rest, begin)
	return f, err
}

// onlyWriter hides that *os.File can read from others by itself.
type onlyWriter struct{ io.Writer }

// parcel is a file to be sent: its content can be read again and again.
type parcel struct {
	size        int64
	md5, sha256 hash.Hash
	open        func() io.ReadSeeker
}

// send puts a parcel into the bucket and verifies that it is there.
func (s *Store) send(ctx context.Context, key string, p *parcel) (blob.Info, error) {
	sum := p.md5.Sum(nil)
	want := hex.EncodeToString(sum)
	opts := minio.PutObjectOptions{ContentType: contentType(key), DisableContentSha256: true}
	info := blob.Info{Key: key, Size: p.size, MD5: want}
	err := s.retry(ctx, patientWrite(p.size), func(ctx context.Context, a *attempt) error {
		up, err := s.core.PutObject(ctx, s.c.Bucket, s.name(key), p.open(), p.size,
			base64.StdEncoding.EncodeToString(sum), hex.EncodeToString(p.sha256.Sum(nil)), opts)
		if err != nil {
			return err
		}
		info.Modified = up.LastModified
		if strings.EqualFold(up.ETag, want) {
			return nil
		}
		// Not every server gives the MD5 as ETag, as one that encrypts with keys of
		// its own. What an answer without any ETag says must be seen.
		o, err := s.core.StatObject(ctx, s.c.Bucket, s.name(key), minio.StatObjectOptions{})
		if r, ok := response(err); ok && r.Code == minio.NoSuchKey {
			return errBroken
		}
		if err != nil {
			return err
		}
		if o.Size != p.size || o.ETag == "" || !strings.EqualFold(o.ETag, want) && o.ETag != up.ETag {
			return errBroken
		}
		if !strings.EqualFold(o.ETag, want) {
			s.opaque.Store(true)
			info.MD5 = ""
		}
		info.Modified = o.LastModified
		return nil
	})
	if err != nil {
		return blob.Info{}, err
	}
	if info.Modified.IsZero() {
		info.Modified = time.Now().UTC().Truncate(time.Second) // the server told no time
	}
	return info, nil
}

func contentType(key string) string {
	switch {
	case strings.HasSuffix(key, ".jpg"):
		return "image/jpeg"
	}
	return "application/octet-stream"
}

// source marks the errors of what is put, and ends with the context.
type source struct {
	ctx context.Context
	r   io.Reader
}

type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

func (r *source) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, &sourceError{&tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: err}}
	}
	n, err := r.r.Read(b)
	if err != nil && err != io.EOF {
		err = &sourceError{err}
	}
	return n, err
}

// sourceError gives the source's own error, unchanged, or one of the spool's.
func (s *Store) sourceError(err error) error {
	var se *sourceError
	if errors.As(err, &se) {
		return se.err
	}
	return s.translate("spool", err)
}
