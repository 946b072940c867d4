// Package blob is the contract for files: originals, renditions, avatars,
// archives, each under a key that the server made up. blobtest is the suite
// that every implementation passes: blob/localdisk, blob/s3, and blob/mirror,
// which is two of them while a site moves from one to the other. Copy is that move.
//
// Errors: NotFound for an absent key, Full for no space, Unavailable for a
// store that does not answer, Internal for the rest.
package blob

import (
	"context"
	"io"
	"iter"
	"time"
)

// Info describes a stored file.
type Info struct {
	Key      string
	Size     int64
	Modified time.Time
	MD5      string // of the content, in hexadecimal, where the store knows it without reading; else ""
}

// File is an open file. It can be sought, so that http.ServeContent can serve ranges.
type File interface {
	io.ReadSeekCloser
	Info() Info
}

// Store keeps files. Keys are 1 to 200 bytes of a-z, A-Z, 0-9, '_', '-', '.'
// and '/', with no empty, "." or ".." segment; anything else is Invalid. Of two
// keys neither may be the other and a '/' and more: an S3 server that keeps its
// files in directories cannot have both.
type Store interface {
	// Put stores all of r under key. When it returns nil the file survives a
	// power cut; when it errs, or the process dies, no part of it is visible.
	// An existing file is replaced.
	Put(ctx context.Context, key string, r io.Reader) (Info, error)
	// Open opens a file for reading.
	Open(ctx context.Context, key string) (File, error)
	// Delete removes files; absent ones are no error.
	Delete(ctx context.Context, keys ...string) error
	// List walks all files whose key begins with prefix, in no certain order.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
}
