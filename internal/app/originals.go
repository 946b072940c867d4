package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// Originals is how far VerifyOriginals is.
type Originals struct {
	Files int64 `json:"files"` // read
	Bytes int64 `json:"bytes"` // of those
	Bad   int64 `json:"bad"`   // missing, or not what was uploaded
}

// VerifyOriginals reads every original that a post has and holds it against the
// SHA-256 that its upload had. told is called after each page of rows, with a
// sentence for each file that is not as it was. Four files are read at once.
func (a *App) VerifyOriginals(ctx context.Context, told func(sum Originals, bad []string) error) (Originals, error) {
	var sum Originals
	checks := sqlstore.Checks{R: a.Backend.Router, Clock: a.cfg.Clock}
	err := checks.Originals(ctx, func(page []sqlstore.Original) error {
		var mu sync.Mutex
		var bad []string
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(4)
		for _, o := range page {
			g.Go(func() error {
				n, what, err := a.verifyOriginal(ctx, o)
				mu.Lock()
				defer mu.Unlock()
				sum.Files++
				sum.Bytes += n
				if what != "" {
					sum.Bad++
					bad = append(bad, fmt.Sprintf("picture %d of post %v: its original %s %s", o.Position+1, o.Post, o.Key, what))
				}
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		return told(sum, bad)
	})
	return sum, err
}

func (a *App) verifyOriginal(ctx context.Context, o sqlstore.Original) (n int64, what string, err error) {
	f, err := a.Blobs.Open(ctx, o.Key)
	if tintype.IsKind(err, tintype.NotFound) {
		posts, e := sqlstore.Posts{R: a.Backend.Router, Clock: a.cfg.Clock}.Posts(ctx, []tintype.ID{o.Post})
		if e != nil || len(posts) == 0 {
			return 0, "", e // the post was deleted meanwhile
		}
		return 0, "is missing", nil
	}
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	if n, err = io.Copy(h, f); err != nil {
		return n, "", err
	}
	if n != o.Bytes || !bytes.Equal(h.Sum(nil), o.SHA256) {
		return n, "is not what was uploaded", nil
	}
	return n, "", nil
}
