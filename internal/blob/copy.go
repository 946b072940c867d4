package blob

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// CopyOptions says how [Copy] goes about it. The zero value copies everything.
type CopyOptions struct {
	// Prefix is what the keys begin with that are to be copied; "" for all.
	Prefix string
	// Workers is how many files are under way at once; 0 for 8.
	Workers int
	// Compare only compares: nothing is written, and what is not the same in
	// both stores counts as Differing.
	Compare bool
	// Progress is told after each file, by one goroutine at a time; nil for nobody.
	Progress func(CopyStats)
	// Differs is told of each Differing file, by one goroutine at a time; nil for nobody.
	Differs func(key, why string)
}

// CopyStats counts what [Copy] has done.
type CopyStats struct {
	Files     int64 // looked at
	Bytes     int64 // of those
	Copied    int64 // files written
	Written   int64 // bytes of those
	Same      int64 // files that were there already, of the same content
	Gone      int64 // files deleted from the source meanwhile, and so not left in the target
	Differing int64 // with Compare: files that the target has not, or with another content
}

// Copy makes every file of from a file of to, and may run while both are in
// use, and again after it was broken off: a file that is there already is
// compared, by its size and by its content's hash, and only written if it
// differs. Each file is hashed while it is read; that the target has stored
// what it was given is for its Put to verify. A file that is deleted from the
// source while it is copied is deleted from the target, too, so that nothing
// comes back. It ends at the first error, after the files that are under way.
//
// Nothing is taken out of to that from does not have.
func Copy(ctx context.Context, from, to Store, opts CopyOptions) (CopyStats, error) {
	if opts.Workers <= 0 {
		opts.Workers = 8
	}
	c := &copier{from: from, to: to, opts: opts}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan Info)
	var wg sync.WaitGroup
	for range opts.Workers {
		wg.Go(func() {
			for info := range work {
				if ctx.Err() != nil {
					continue
				}
				if err := c.file(ctx, info); err != nil {
					cancel(fmt.Errorf("%s: %w", info.Key, err))
				}
			}
		})
	}
	for info, err := range from.List(ctx, opts.Prefix) {
		if err != nil {
			cancel(err)
			break
		}
		select {
		case work <- info:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(work)
	wg.Wait()
	err := context.Cause(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = &tintype.Error{Kind: tintype.Unavailable, Msg: "the copy was broken off", Err: err}
	}
	return c.stats, err
}

type copier struct {
	from, to Store
	opts     CopyOptions

	mu    sync.Mutex
	stats CopyStats
}

// done counts a file and tells of it.
func (c *copier) done(count func(*CopyStats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	count(&c.stats)
	if c.opts.Progress != nil {
		c.opts.Progress(c.stats)
	}
}

func (c *copier) differs(key, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.opts.Differs != nil {
		c.opts.Differs(key, why)
	}
}

// file brings one file over, unless it is there.
func (c *copier) file(ctx context.Context, info Info) error {
	why, err := c.same(ctx, info)
	var gone *goneError
	switch {
	case errors.As(err, &gone):
		c.done(func(s *CopyStats) { s.Files++; s.Gone++ })
		return nil
	case err != nil:
		return err
	case why == "":
		c.done(func(s *CopyStats) { s.Files++; s.Bytes += info.Size; s.Same++ })
		return nil
	case c.opts.Compare:
		c.differs(info.Key, why)
		c.done(func(s *CopyStats) { s.Files++; s.Bytes += info.Size; s.Differing++ })
		return nil
	}
	src, err := c.from.Open(ctx, info.Key)
	if tintype.IsKind(err, tintype.NotFound) {
		c.done(func(s *CopyStats) { s.Files++; s.Gone++ })
		return nil
	}
	if err != nil {
		return err
	}
	defer src.Close()
	want := src.Info().Size
	put, err := c.to.Put(ctx, info.Key, src)
	if err != nil {
		return err
	}
	if put.Size != want {
		return tintype.Errorf(tintype.Internal, "%d of %d bytes were copied", put.Size, want)
	}
	// Who deletes a file deletes it from both stores, but may have come before it was in the second.
	if _, err := Stat(ctx, c.from, info.Key); tintype.IsKind(err, tintype.NotFound) {
		if err := c.to.Delete(ctx, info.Key); err != nil {
			return err
		}
		c.done(func(s *CopyStats) { s.Files++; s.Gone++ })
		return nil
	} else if err != nil {
		return err
	}
	c.done(func(s *CopyStats) { s.Files++; s.Bytes += want; s.Copied++; s.Written += want })
	return nil
}

// goneError says that the source has the file no longer.
type goneError struct{ error }

// same says in what the target's file differs, "" if it does not.
func (c *copier) same(ctx context.Context, info Info) (why string, err error) {
	there, err := Stat(ctx, c.to, info.Key)
	switch {
	case tintype.IsKind(err, tintype.NotFound):
		return "it is missing", nil
	case err != nil:
		return "", err
	case there.Size != info.Size:
		return fmt.Sprintf("it has %d bytes and should have %d", there.Size, info.Size), nil
	}
	// A hash that one store knows saves reading there.
	a, b, newHash := info.MD5, there.MD5, md5.New
	if a == "" && b == "" {
		newHash = sha256.New
	}
	if a == "" {
		a, err = sum(ctx, c.from, info.Key, newHash())
		if tintype.IsKind(err, tintype.NotFound) {
			return "", &goneError{err}
		}
		if err != nil {
			return "", err
		}
	}
	if b == "" {
		b, err = sum(ctx, c.to, info.Key, newHash())
		if tintype.IsKind(err, tintype.NotFound) {
			return "it is missing", nil
		}
		if err != nil {
			return "", err
		}
	}
	if a != b {
		return "its content differs", nil
	}
	return "", nil
}

// sum reads a file and gives its hash in hexadecimal.
func sum(ctx context.Context, s Store, key string, h hash.Hash) (string, error) {
	f, err := s.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// Count counts the files of a store and their bytes.
func Count(ctx context.Context, s Store, prefix string) (files, bytes int64, err error) {
	for info, err := range s.List(ctx, prefix) {
		if err != nil {
			return files, bytes, err
		}
		files++
		bytes += info.Size
	}
	return files, bytes, nil
}
