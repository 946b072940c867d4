package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// ShardMap is the table of the directory that says which database holds which
// logical shard. It is the truth where there are several databases; shard.Router reads it.
type ShardMap struct{ R Router }

// ShardRow is one logical shard that exists.
type ShardRow struct {
	Shard    tintype.Shard
	Database string
	Created  time.Time
	Closed   bool // it takes no new users
}

var (
	stmtShardAll = &Stmt{Name: "shards.all", SQL: `SELECT shard, database_name, created, state FROM {s}shard_map ORDER BY shard`}
	stmtShardAdd = &Stmt{Name: "shards.add", SQL: `
		INSERT INTO {s}shard_map (shard, database_name, created, state) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`}
	stmtShardMove = &Stmt{Name: "shards.move", SQL: `
		UPDATE {s}shard_map SET database_name = $3 WHERE shard = $1 AND database_name = $2`}
	stmtShardState = &Stmt{Name: "shards.state", SQL: `UPDATE {s}shard_map SET state = $2 WHERE database_name = $1`}
)

// All gives every logical shard that exists, ascending.
func (m ShardMap) All(ctx context.Context) ([]ShardRow, error) {
	var rows []ShardRow
	err := m.R.Directory().Query(ctx, stmtShardAll, func(scan Scan) error {
		var r ShardRow
		var created int64
		var state int
		if err := scan(&r.Shard, &r.Database, &created, &state); err != nil {
			return err
		}
		r.Created, r.Closed = FromMicros(created), state != 0
		rows = append(rows, r)
		return nil
	})
	return rows, err
}

// Add adds shards whose schemas have been made, all or none; Conflict if one of
// them is there already.
func (m ShardMap) Add(ctx context.Context, rows []ShardRow) error {
	return m.R.Directory().Write(ctx, func(tx *Tx) error {
		for _, r := range rows {
			state := 0
			if r.Closed {
				state = 1
			}
			n, err := tx.Exec(ctx, stmtShardAdd, int64(r.Shard), r.Database, r.Created, state)
			if err != nil {
				return err
			}
			if n == 0 { // who adds shards in ascending order waits here for whoever does the same at this time
				return tintype.Errorf(tintype.Conflict, "logical shard %d is there already", r.Shard)
			}
		}
		return nil
	})
}

// Move says that a shard is in another database from now on; Conflict if it is not in from.
func (m ShardMap) Move(ctx context.Context, shard tintype.Shard, from, to string) error {
	return m.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtShardMove, int64(shard), from, to)
		if err == nil && n == 0 {
			err = tintype.Errorf(tintype.Conflict, "logical shard %d is not in database %s", shard, from)
		}
		return err
	})
}

// SetClosed says whether the shards of a database take new users; NotFound if it has none.
func (m ShardMap) SetClosed(ctx context.Context, database string, closed bool) error {
	return m.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtShardState, database, closed)
		if err == nil && n == 0 {
			err = tintype.Errorf(tintype.NotFound, "database %s holds no logical shard", database)
		}
		return err
	})
}
