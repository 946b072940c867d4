package sqlite

import (
	"context"
	"database/sql"

	"github.com/tintype/tintype/internal/tintype"
)

// minter mints IDs for every logical shard that one file plays. It is used by
// the writer's goroutine only. IDs of one shard always increase: a clock that
// stands still or steps back is overruled by the last millisecond used, and
// after a restart by the mark in the file.
type minter struct {
	clock tintype.Clock
	floor int64 // Unix milliseconds; a former run may have used all of that one
	last  [tintype.NumShards]struct {
		millis int64
		seq    uint16
	}
	newest int64 // highest millisecond minted and not yet saved
	saved  int64
}

func (m *minter) next(_ context.Context, _ *sql.Tx, _ string, shard tintype.Shard) (tintype.ID, error) {
	now := max(m.clock().UnixMilli(), m.floor+1)
	l := &m.last[shard]
	switch {
	case now > l.millis:
		l.millis, l.seq = now, 0
	case l.seq < tintype.MaxSeq:
		l.seq++
	default:
		l.millis, l.seq = l.millis+1, 0
	}
	m.newest = max(m.newest, l.millis)
	return tintype.MakeID(l.millis, shard, l.seq), nil
}

// save records the high-water mark in the transaction that uses the IDs, so
// that none is ever visible without the mark that protects it.
func (m *minter) save(ctx context.Context, tx *sql.Tx) error {
	if m.newest <= m.saved {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "UPDATE id_mark SET millis = max(millis, $1)", m.newest); err != nil {
		return err
	}
	// Should the commit fail, the next mint is at a later millisecond or
	// repeats this one's: lower saved so that the mark is written again.
	m.saved = m.newest - 1
	return nil
}

// advance makes all IDs minted from now on later than millis.
func (m *minter) advance(ctx context.Context, tx *sql.Tx, _ string, millis int64) error {
	m.floor = max(m.floor, millis)
	_, err := tx.ExecContext(ctx, "UPDATE id_mark SET millis = max(millis, $1)", millis)
	return err
}
