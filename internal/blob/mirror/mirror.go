// Package mirror is two blob stores that are used as one while a site's files
// move from the old one to the new one: files are written to both, read from
// the new one and, where that has none yet, from the old one, and deleted from
// both. blob.Copy brings over what was there before. Until the last process has
// left the mirror both stores are whole, so that the way back stays open.
//
// Errors are those of the two stores: a Put or Delete that one of them refuses
// fails.
package mirror

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// Store implements blob.Store on two others.
type Store struct {
	to, from blob.Store
	spool    string
}

// New gives a mirror. What is put is spooled in directory spool ("" for the
// system's) on its way, as it is read once and written twice.
func New(to, from blob.Store, spool string) *Store {
	return &Store{to: to, from: from, spool: spool}
}

// Put implements blob.Store. The old store has the file first: if the new one
// then fails, the file is taken back, unless it replaced another.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (info blob.Info, err error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	f, err := os.CreateTemp(s.spool, "tintype-mirror-*")
	if err != nil {
		return blob.Info{}, &tintype.Error{Kind: tintype.Internal, Msg: "the file store failed", Err: err}
	}
	defer f.Close()
	// Without a name it is gone with its last user, however that ends.
	if err := os.Remove(f.Name()); err != nil {
		return blob.Info{}, &tintype.Error{Kind: tintype.Internal, Msg: "the file store failed", Err: err}
	}
	_, err = s.Stat(ctx, key)
	fresh := tintype.IsKind(err, tintype.NotFound)
	if err != nil && !fresh {
		return blob.Info{}, err
	}
	// The old store reads the source; what it read is the new one's.
	if _, err := s.from.Put(ctx, key, io.TeeReader(r, f)); err != nil {
		return blob.Info{}, err
	}
	if _, err = f.Seek(0, io.SeekStart); err == nil {
		info, err = s.to.Put(ctx, key, f)
	}
	if err != nil && fresh {
		err = errors.Join(err, s.from.Delete(context.WithoutCancel(ctx), key))
	}
	return info, err
}

// Open implements blob.Store.
func (s *Store) Open(ctx context.Context, key string) (blob.File, error) {
	return either(s, func(store blob.Store) (blob.File, error) { return store.Open(ctx, key) })
}

// Stat implements blob.Stater.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	return either(s, func(store blob.Store) (blob.Info, error) { return blob.Stat(ctx, store, key) })
}

// either asks the new store and, if that has no answer, the old one.
func either[T any](s *Store, ask func(blob.Store) (T, error)) (T, error) {
	v, err := ask(s.to)
	if !tintype.IsKind(err, tintype.NotFound) && !tintype.IsKind(err, tintype.Unavailable) {
		return v, err
	}
	old, oldErr := ask(s.from)
	if tintype.IsKind(oldErr, tintype.NotFound) {
		return v, err // that the new store does not answer is not to look as if there were no file
	}
	return old, oldErr
}

// Delete implements blob.Store. The store that a copy reads must go first, so
// that a file that is on its way meanwhile is found to be gone (see blob.Copy);
// as a copy may go either way, the old store goes both first and last.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	return errors.Join(s.from.Delete(ctx, keys...), s.to.Delete(ctx, keys...), s.from.Delete(ctx, keys...))
}

// List implements blob.Store: all of the new store, then what only the old one has.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		for info, err := range s.to.List(ctx, prefix) {
			if !yield(info, err) || err != nil {
				return
			}
		}
		for info, err := range s.from.List(ctx, prefix) {
			if err != nil {
				yield(info, err)
				return
			}
			_, err := blob.Stat(ctx, s.to, info.Key)
			switch {
			case tintype.IsKind(err, tintype.NotFound):
				if !yield(info, nil) {
					return
				}
			case err != nil:
				yield(blob.Info{}, err)
				return
			}
		}
	}
}
