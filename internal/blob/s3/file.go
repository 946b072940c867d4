package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

const (
	// headBytes is how much of a file comes with its opening: all of a rendition.
	headBytes = 512 << 10
	// A larger file is read on in ranges, each twice the one before: a reader of
	// the whole needs few, and one who wants a piece makes little be sent in vain.
	firstRange = 512 << 10
	mostRange  = 16 << 20
	// stall is how long nothing may come while a body is read.
	stall = 3 * time.Second
)

// file implements blob.File: its beginning is in memory, the rest is fetched as
// it is read, of the same version or not at all.
type file struct {
	s    *Store
	ctx  context.Context // of Open
	info blob.Info
	etag string
	head []byte
	pos  int64

	// The range that is being read, if one is.
	body   io.ReadCloser
	a      *attempt
	at     int64 // of the next byte of body
	end    int64 // of the range
	size   int64 // of the next range
	closed bool
}

// Open implements blob.Store, in one request. ctx is the file's for as long as it is open.
func (s *Store) Open(ctx context.Context, key string) (blob.File, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, err
	}
	f := &file{s: s, ctx: ctx, size: firstRange}
	err := s.retry(ctx, patientRead, func(ctx context.Context, a *attempt) error {
		body, info, total, err := s.get(ctx, key, 0, headBytes, "")
		if err != nil {
			return err
		}
		defer body.Close()
		f.info = blob.Info{Key: key, Size: total, Modified: info.LastModified}
		f.etag = info.ETag
		f.head = make([]byte, min(total, headBytes))
		for n := 0; n < len(f.head); {
			if !a.more(stall) {
				return context.DeadlineExceeded
			}
			m, err := body.Read(f.head[n:])
			if n += m; err != nil && n < len(f.head) {
				return errors.Join(errBroken, err)
			}
		}
		return nil
	})
	if r, ok := response(err); ok && r.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		// No range can be had of an empty file.
		info, err := s.Stat(ctx, key)
		if err == nil && info.Size != 0 {
			err = s.translate("read", errBroken)
		}
		f.info = info
		return f, err
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// get asks for n bytes from an offset, or what there is of them, of a version or of any.
func (s *Store) get(ctx context.Context, key string, from, n int64, etag string) (io.ReadCloser, minio.ObjectInfo, int64, error) {
	var opts minio.GetObjectOptions
	opts.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+n-1))
	if etag != "" {
		if err := opts.SetMatchETag(etag); err != nil {
			return nil, minio.ObjectInfo{}, 0, err
		}
	}
	body, info, header, err := s.core.GetObject(ctx, s.c.Bucket, s.name(key), opts)
	if err != nil {
		return nil, info, 0, err
	}
	total, err := contentRange(header.Get("Content-Range"), from)
	if err == nil && header.Get("Content-Range") == "" {
		if total = info.Size; from != 0 || total < 0 {
			err = errBroken
		}
	}
	if err != nil {
		body.Close()
		return nil, info, 0, err
	}
	return body, info, total, nil
}

// contentRange gives the whole size out of "bytes 0-9/20", which must begin at from; "" gives 0.
func contentRange(v string, from int64) (int64, error) {
	if v == "" {
		return 0, nil
	}
	rest, ok := strings.CutPrefix(v, "bytes ")
	first, rest, ok2 := strings.Cut(rest, "-")
	_, total, ok3 := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(total, 10, 64)
	if start, err2 := strconv.ParseInt(first, 10, 64); !ok || !ok2 || !ok3 || err != nil || err2 != nil || start != from {
		return 0, errBroken
	}
	return n, nil
}

// Info implements blob.File.
func (f *file) Info() blob.Info { return f.info }

// Seek implements io.Seeker. Nothing is asked for until the next Read.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.pos
	case io.SeekEnd:
		offset += f.info.Size
	}
	if offset < 0 || whence < io.SeekStart || whence > io.SeekEnd {
		return f.pos, tintype.Errorf(tintype.Invalid, "a file cannot be read from before its beginning")
	}
	if offset != f.pos {
		f.size = firstRange
	}
	f.pos = offset
	return offset, nil
}

// Read implements io.Reader.
func (f *file) Read(b []byte) (int, error) {
	switch {
	case f.closed:
		return 0, fs.ErrClosed
	case len(b) == 0:
		return 0, nil
	case f.pos >= f.info.Size:
		return 0, io.EOF
	case f.pos < int64(len(f.head)):
		n := copy(b, f.head[f.pos:])
		f.pos += int64(n)
		return n, nil
	}
	// What breaks is taken up where it broke, as long as it gets on.
	for try := 0; ; try++ {
		if f.body == nil || f.at != f.pos {
			f.drop()
			if err := f.open(); err != nil {
				return 0, err
			}
		}
		f.a.more(stall)
		n, err := f.body.Read(b[:min(int64(len(b)), f.end-f.at)])
		f.a.rest()
		f.pos += int64(n)
		f.at += int64(n)
		if f.at == f.end || err != nil {
			f.drop()
		}
		switch {
		case n > 0:
			return n, nil
		case f.ctx.Err() != nil:
			return 0, f.s.translate("read", f.ctx.Err())
		case err != nil && try == 3:
			return 0, f.s.translate("read", errors.Join(errBroken, err))
		}
	}
}

// open asks for the range at the current position.
func (f *file) open() error {
	n := min(f.size, f.info.Size-f.pos)
	f.size = min(2*f.size, mostRange)
	err := f.s.retryKeep(f.ctx, patientRead, func(ctx context.Context, a *attempt) error {
		body, info, total, err := f.s.get(ctx, f.info.Key, f.pos, n, f.etag)
		if err == nil && (info.ETag != f.etag || total != f.info.Size) {
			body.Close()
			err = errBroken
		}
		if err != nil {
			a.end()
			return err
		}
		a.rest()
		f.body, f.a = body, a
		return nil
	})
	if err == nil {
		f.at, f.end = f.pos, f.pos+n
	}
	if r, ok := response(err); ok && r.Code == minio.PreconditionFailed {
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the file was replaced while it was read; please try again", Err: err}
	}
	return err
}

// drop ends the range that is being read.
func (f *file) drop() {
	if f.body == nil {
		return
	}
	if f.at == f.end {
		// To its end, so that the connection is used again.
		_, _ = f.body.Read(make([]byte, 1))
	}
	_ = f.body.Close() // only read from
	f.a.end()
	f.body = nil
}

// Close implements io.Closer.
func (f *file) Close() error {
	f.drop()
	f.closed = true
	f.head = nil
	return nil
}
