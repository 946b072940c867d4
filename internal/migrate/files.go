package migrate

import (
	"context"
	"hash/maphash"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// files carries files from store to store. A file never changes under its name,
// so that one which is there need not be looked at again.
type files struct {
	m    *mover
	seed maphash.Seed
	have map[uint64]bool // hashes of the keys that are at the target: 16 bytes or so each
}

func newFiles(m *mover) *files {
	return &files{m: m, seed: maphash.MakeSeed(), have: map[uint64]bool{}}
}

// copy copies everything, comparing what is there by size and content.
func (f *files) copy(ctx context.Context) error {
	if f.m.From == nil {
		return nil
	}
	for info, err := range f.m.From.List(ctx, "") {
		if err != nil {
			return err
		}
		f.have[maphash.String(f.seed, info.Key)] = true
	}
	stats, err := blob.Copy(ctx, f.m.From, f.m.To, blob.CopyOptions{Progress: func(s blob.CopyStats) {
		f.m.Progress("files", int(s.Files), max(len(f.have), int(s.Files)))
	}})
	f.m.report.Files += stats.Copied
	return err
}

// copyNew copies what has come since.
func (f *files) copyNew(ctx context.Context) error {
	if f.m.From == nil {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	var listing error
	for info, err := range f.m.From.List(ctx, "") {
		if err != nil {
			listing = err
			break
		}
		h := maphash.String(f.seed, info.Key)
		if f.have[h] {
			continue
		}
		f.have[h] = true
		f.m.report.Files++
		g.Go(func() error { return f.one(ctx, info.Key) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return listing
}

func (f *files) one(ctx context.Context, key string) error {
	file, err := f.m.From.Open(ctx, key)
	if tintype.IsKind(err, tintype.NotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = f.m.To.Put(ctx, key, file)
	return err
}
