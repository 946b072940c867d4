package sqlstore

import (
	"context"
	"errors"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Map tells where shards are. shard.Router implements it.
type Map interface {
	// Lookup gives the home of was.Shard: at once if that is known to be another
	// than was, else as the directory says now.
	Lookup(ctx context.Context, was Home) (Home, error)
}

// movedError marks that a schema was not there.
type movedError struct{ error }

func (e *movedError) Unwrap() error { return e.error }

func isMoved(err error) bool {
	var m *movedError
	return err != nil && errors.As(err, &m)
}

// followFor is how long a shard that is being moved is waited for: between the
// end of its old home and the new map there are a few milliseconds.
const followFor = 3 * time.Second

// follow runs what found h's schema gone where the shard is now.
func (h Home) follow(ctx context.Context, err error, run func(Home) error) error {
	giveUp := time.Now().Add(followFor)
	for pause := 2 * time.Millisecond; isMoved(err); pause = min(2*pause, 200*time.Millisecond) {
		now, e := h.Map.Lookup(ctx, h)
		if e != nil {
			return e
		}
		if now == h { // not yet; or it was called off, and h is good again
			if time.Now().After(giveUp) {
				return &tintype.Error{Kind: tintype.Unavailable, Msg: "this part of the site is being moved; please try again", RetryAfter: 1, Err: err}
			}
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return h.DB.wrap("moved", ctx.Err())
			}
		}
		h = now
		err = run(h)
	}
	return err
}
