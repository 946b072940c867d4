// Package localdisk keeps files in a directory of the local disk: the blob
// store of a site on one machine.
//
// A file is written to tmp/ in the same file system, synced, renamed to its
// place and its directory synced, so that what Put acknowledged survives a
// power cut and nothing else is ever visible; a crash leaves no more than a
// file in tmp/, which the next Open sweeps. Files are spread over 65,536
// directories by a hash of their keys, so that no directory grows large.
//
// Any number of processes may use one directory, if no more than one of them
// came by Open and was the first; the others Join. Errors are those of package blob.
package localdisk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// Store implements blob.Store in a directory.
type Store struct {
	dir string
	tmp string
}

// Open opens or creates a store in dir, and removes what a crash left half written.
func Open(dir string) (*Store, error) {
	s, err := Join(dir)
	if err != nil {
		return nil, err
	}
	return s, s.Tidy()
}

// Tidy removes what a crash left half written; nobody else may be writing.
func (s *Store) Tidy() error {
	left, err := os.ReadDir(s.tmp)
	if err != nil {
		return translate("read the files' directory", err)
	}
	for _, e := range left {
		if err := os.Remove(filepath.Join(s.tmp, e.Name())); err != nil {
			return translate("remove a file left half written", err)
		}
	}
	return nil
}

// Join is Open for a directory that other processes may be writing to at this
// moment: it leaves alone what is half written.
func Join(dir string) (*Store, error) {
	s := &Store{dir: dir, tmp: filepath.Join(dir, "tmp")}
	if err := os.MkdirAll(s.tmp, 0o700); err != nil {
		return nil, translate("open the files' directory", err)
	}
	return s, nil
}

// path gives where key is kept: two levels of directories by its hash, and its
// own name, in which another character stands for '/', so that it reads back.
func (s *Store) path(key string) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	h := sha256.Sum256([]byte(key))
	return filepath.Join(s.dir, hex.EncodeToString(h[:1]), hex.EncodeToString(h[1:2]), strings.ReplaceAll(key, "/", slash)), nil
}

// slash stands for '/' in a file's name; no key holds it.
const slash = "!"

// copyBytes is how much is copied at a time: originals are megabytes, and each
// piece costs a call of the system for reading and one for writing.
const copyBytes = 256 << 10

var buffers = sync.Pool{New: func() any { return new([copyBytes]byte) }}

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (info blob.Info, err error) {
	name, err := s.path(key)
	if err != nil {
		return blob.Info{}, err
	}
	// O_EXCL and a random name: two writers of one key do not meet before the rename.
	f, err := os.CreateTemp(s.tmp, "put-*")
	if err != nil {
		return blob.Info{}, translate("create a file", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	buf := buffers.Get().(*[copyBytes]byte)
	n, err := io.CopyBuffer(writer{f}, reader{ctx, r}, buf[:])
	buffers.Put(buf)
	if err != nil {
		var re *readError
		if errors.As(err, &re) {
			return blob.Info{}, re.err // the source's own error, unchanged
		}
		return blob.Info{}, translate("write a file", err)
	}
	if err := f.Sync(); err != nil {
		return blob.Info{}, translate("sync a file", err)
	}
	// After a full disk Sync and Close may both say nothing: the size tells.
	st, err := f.Stat()
	if err != nil {
		return blob.Info{}, translate("check a file", err)
	}
	if st.Size() != n {
		return blob.Info{}, &tintype.Error{Kind: tintype.Full, Msg: "the file could not be stored whole", Err: fmt.Errorf("%s: %d of %d bytes", key, st.Size(), n)}
	}
	if err := f.Close(); err != nil {
		return blob.Info{}, translate("close a file", err)
	}
	if err := s.place(f.Name(), name); err != nil {
		return blob.Info{}, translate("put a file in its place", err)
	}
	return blob.Info{Key: key, Size: n, Modified: st.ModTime()}, nil
}

// place renames a finished file and makes that survive, with the directories it needs.
func (s *Store) place(tmp, name string) error {
	dir := filepath.Dir(name)
	err := os.Rename(tmp, name)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.mkdir(dir); err != nil {
			return err
		}
		err = os.Rename(tmp, name)
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}

// mkdir makes a directory of the second level, and its parent, durably.
func (s *Store) mkdir(dir string) error {
	parent := filepath.Dir(dir)
	for _, d := range []string{parent, dir} {
		if err := os.Mkdir(d, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		// Also where it was there: who made it may not have synced it yet.
		if err := syncDir(filepath.Dir(d)); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// writer hides that *os.File can read from others by itself, which would mix up whose error it is.
type writer struct{ f *os.File }

func (w writer) Write(b []byte) (int, error) { return w.f.Write(b) }

// reader marks the errors of a source, and ends with the context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, &readError{&tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: err}}
	}
	n, err := r.r.Read(b)
	if err != nil && err != io.EOF {
		err = &readError{err}
	}
	return n, err
}

// file implements blob.File.
type file struct {
	*os.File
	info blob.Info
}

func (f *file) Info() blob.Info { return f.info }

// Open implements blob.Store.
func (s *Store) Open(ctx context.Context, key string) (blob.File, error) {
	name, err := s.path(key)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, translate("open a file", err)
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, translate("open a file", err)
	}
	return &file{File: f, info: blob.Info{Key: key, Size: st.Size(), Modified: st.ModTime()}}, nil
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	var first error
	for _, key := range keys {
		name, err := s.path(key)
		if err == nil {
			if err = os.Remove(name); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
			err = translate("delete a file", err)
		}
		if err != nil && first == nil {
			first = err // but the others go all the same
		}
	}
	return first
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		if err := blob.CheckPrefix(prefix); err != nil {
			yield(blob.Info{}, err)
			return
		}
		err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: ctx.Err()}
			case errors.Is(err, fs.ErrNotExist):
				return nil // deleted while we walked
			case err != nil:
				return err
			case d.IsDir() && path == s.tmp:
				return fs.SkipDir
			case d.IsDir():
				return nil
			}
			key := strings.ReplaceAll(d.Name(), slash, "/")
			if blob.CheckKey(key) != nil || !strings.HasPrefix(key, prefix) {
				return nil // another's file, or not asked for
			}
			st, err := d.Info()
			if err != nil {
				if errors.Is(err, fs.ErrNotExist) {
					return nil
				}
				return err
			}
			if !yield(blob.Info{Key: key, Size: st.Size(), Modified: st.ModTime().Truncate(time.Microsecond)}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(blob.Info{}, translate("list the files", err))
		}
	}
}

// translate makes an error of the operating system one of ours, by its code.
func translate(doing string, err error) error {
	if err == nil {
		return nil
	}
	var te *tintype.Error
	if errors.As(err, &te) {
		return err
	}
	err = fmt.Errorf("%s: %w", doing, err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such file", Err: err}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return &tintype.Error{Kind: tintype.Full, Msg: "the site has no storage left", Err: err}
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the site is busy; please try again", RetryAfter: 1, Err: err}
	}
	return &tintype.Error{Kind: tintype.Internal, Msg: "the file store failed", Err: err}
}
