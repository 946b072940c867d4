package sqlstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// RateLimits counts tries in fixed windows, in the directory, so that a restart
// forgives nobody.
type RateLimits struct {
	R Router
}

var (
	stmtLimitGet = &Stmt{Name: "ratelimits.get", SQL: `
		SELECT window_start, hits FROM {s}rate_limits WHERE key = $1`}
	stmtLimitHit = &Stmt{Name: "ratelimits.hit", SQL: `
		INSERT INTO {s}rate_limits AS r (key, window_start, hits) VALUES ($1, $2, 1)
		ON CONFLICT (key) DO UPDATE SET
			hits = CASE WHEN r.window_start <= $3 THEN 1 ELSE r.hits + 1 END,
			window_start = CASE WHEN r.window_start <= $3 THEN $2 ELSE r.window_start END
		RETURNING window_start, hits`}
	stmtLimitRefund = &Stmt{Name: "ratelimits.refund", SQL: `
		UPDATE {s}rate_limits SET hits = hits - 1 WHERE key = $1 AND hits > 0`}
	stmtLimitSweep = &Stmt{Name: "ratelimits.sweep", SQL: `
		DELETE FROM {s}rate_limits WHERE window_start < $1`}
)

// Take counts one try under each limit. If that is more than one of them
// allows, wait says how long until it allows another; else it is 0. A try that
// is refused without a doubt writes nothing, so that a flood of them is cheap.
func (r RateLimits) Take(ctx context.Context, limits []tintype.Limit, now time.Time) (wait time.Duration, err error) {
	h := r.R.Directory()
	left := func(l tintype.Limit, start, hits int64, allowed int) time.Duration {
		if hits <= int64(allowed) {
			return 0
		}
		return max(0, FromMicros(start).Add(l.Window).Sub(now))
	}
	for _, l := range limits {
		var start, hits int64
		if _, err := h.QueryRow(ctx, stmtLimitGet, []any{&start, &hits}, l.Key); err != nil {
			return 0, err
		}
		wait = max(wait, left(l, start, hits, l.Max-1))
	}
	if wait > 0 {
		return wait, nil
	}
	// One order for everybody: PostgreSQL locks rows as they come.
	limits = slices.SortedFunc(slices.Values(limits), func(a, b tintype.Limit) int { return strings.Compare(a.Key, b.Key) })
	err = h.Write(ctx, func(tx *Tx) error {
		wait = 0
		for _, l := range limits {
			var start, hits int64
			if _, err := tx.QueryRow(ctx, stmtLimitHit, []any{&start, &hits}, l.Key, now, now.Add(-l.Window)); err != nil {
				return err
			}
			wait = max(wait, left(l, start, hits, l.Max))
		}
		return nil
	})
	return wait, err
}

// Refund takes one try back under each key.
func (r RateLimits) Refund(ctx context.Context, keys []string) error {
	keys = slices.Sorted(slices.Values(keys))
	return r.R.Directory().Write(ctx, func(tx *Tx) error {
		for _, k := range keys {
			if _, err := tx.Exec(ctx, stmtLimitRefund, k); err != nil {
				return err
			}
		}
		return nil
	})
}

// SweepLimits forgets windows that began before an instant.
func (r RateLimits) SweepLimits(ctx context.Context, before time.Time) error {
	return r.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtLimitSweep, before)
		return err
	})
}
