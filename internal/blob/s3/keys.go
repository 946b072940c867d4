package s3

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// Stat implements blob.Stater, in one request.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	var info blob.Info
	err := s.retry(ctx, patientRead, func(ctx context.Context, a *attempt) error {
		o, err := s.core.StatObject(ctx, s.c.Bucket, s.name(key), minio.StatObjectOptions{})
		if err != nil {
			return err
		}
		info = blob.Info{Key: key, Size: o.Size, Modified: o.LastModified}
		// The ETag is the MD5 of what was put at once, unless it is encrypted with a key of the server's.
		kms := strings.HasPrefix(o.Metadata.Get("X-Amz-Server-Side-Encryption"), "aws:kms")
		if len(o.ETag) == 32 && !kms && !s.opaque.Load() {
			info.MD5 = strings.ToLower(o.ETag)
		}
		return nil
	})
	return info, err
}

// batch is how many files are deleted with one request, at most; the protocol allows 1,000.
const batch = 1000

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	var first error
	var names []string
	for _, key := range keys {
		if err := blob.CheckKey(key); err != nil {
			first = err // but the others go all the same
			continue
		}
		names = append(names, s.name(key))
	}
	for len(names) > 0 {
		some := names[:min(batch, len(names))]
		names = names[len(some):]
		if err := s.deleteBatch(ctx, some); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (s *Store) deleteBatch(ctx context.Context, names []string) error {
	return s.retry(ctx, patientWrite(0), func(ctx context.Context, a *attempt) error {
		if len(names) == 1 {
			return absent(s.core.RemoveObject(ctx, s.c.Bucket, names[0], minio.RemoveObjectOptions{}))
		}
		objects := make(chan minio.ObjectInfo, len(names))
		for _, n := range names {
			objects <- minio.ObjectInfo{Key: n}
		}
		close(objects)
		var failed error
		for e := range s.core.RemoveObjects(ctx, s.c.Bucket, objects, minio.RemoveObjectsOptions{}) {
			if err := absent(e.Err); err != nil && (failed == nil || passing(failed) && !passing(err)) {
				failed = err // one that is final tells more
			}
		}
		return failed
	})
}

// absent forgives that a file to be deleted was not there.
func absent(err error) error {
	if r, ok := response(err); ok && r.Code == minio.NoSuchKey {
		return nil
	}
	return err
}

// List implements blob.Store. Keys come in order, a page of a thousand at a
// time; a page that fails is asked for again from where the last one ended.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		if err := blob.CheckPrefix(prefix); err != nil {
			yield(blob.Info{}, err)
			return
		}
		l := &listing{s: s, prefix: s.name(prefix), yield: yield}
		for {
			was := l.last
			err := s.retry(ctx, patientList, l.read)
			switch {
			case l.stopped, err == nil:
				return
			case l.last != was && tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil:
				// It got on: patience begins anew.
			default:
				yield(blob.Info{}, err)
				return
			}
		}
	}
}

// patientList is for a page of a listing, which a server over a file system may have to look for.
var patientList = patience{doing: "list", try: 20 * time.Second, budget: 40 * time.Second, tries: 10, waits: true}

// listing is a walk through the bucket.
type listing struct {
	s       *Store
	prefix  string
	yield   func(blob.Info, error) bool
	last    string // name of the last file that was given
	stopped bool   // who ranges has enough
}

// read goes on until the end or an error.
func (l *listing) read(ctx context.Context, a *attempt) error {
	opts := minio.ListObjectsOptions{Prefix: l.prefix, Recursive: true, StartAfter: l.last}
	for o := range l.s.core.ListObjectsIter(ctx, l.s.c.Bucket, opts) {
		if o.Err != nil {
			return o.Err
		}
		key := strings.TrimPrefix(o.Key, l.s.c.Prefix)
		if o.Key <= l.last {
			continue
		}
		l.last = o.Key
		if blob.CheckKey(key) != nil {
			continue // another's file, or the mark of a directory
		}
		a.rest() // who ranges may take any time
		if !l.yield(blob.Info{Key: key, Size: o.Size, Modified: o.LastModified}, nil) {
			l.stopped = true
			return nil
		}
		a.more(patientList.try)
	}
	return ctx.Err()
}
