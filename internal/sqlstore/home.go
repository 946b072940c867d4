package sqlstore

import (
	"context"
	"database/sql"

	"github.com/tintype/tintype/internal/tintype"
)

// Home is where rows live: a physical database and, in it, the schema of one
// logical shard or of the directory. It is a small value; copy it freely.
type Home struct {
	DB     *DB
	Shard  tintype.Shard // meaningless for the directory
	Schema string
	// Map tells where the shard went, if it is no longer here; nil where shards do not move.
	Map Map
}

// Router finds homes. shard.Router implements it.
type Router interface {
	// Home is the home of everything on a logical shard.
	Home(tintype.Shard) Home
	// Directory is the home of what is unique or global.
	Directory() Home
	// Homes are all homes of users' rows that exist, each once: one per
	// database where its schemas are one (SQLite), else one per schema.
	Homes() []Home
	// Pick chooses the logical shard for a new user.
	Pick() tintype.Shard
	// KeyShard is the logical shard of what is found by key, and by no user's ID: a tag, a place, a
	// cell of the map. Keys of different sorts begin differently ("tag:", "place:").
	KeyShard(key string) tintype.Shard
}

// Querier runs statements that read: a Home outside a transaction, a Tx inside one.
type Querier interface {
	// Query runs s and calls scan for each row, in order, until it errs.
	Query(ctx context.Context, s *Stmt, scan func(Scan) error, args ...any) error
	// QueryRow runs s and scans its first row; found is false if there is none.
	QueryRow(ctx context.Context, s *Stmt, dest []any, args ...any) (found bool, err error)
}

// Scan copies the columns of the current row.
type Scan func(dest ...any) error

// Query implements Querier, on the read pool. If the shard has moved away it
// runs at the new home.
func (h Home) Query(ctx context.Context, s *Stmt, scan func(Scan) error, args ...any) error {
	err := h.query(ctx, s, scan, args)
	if h.Map != nil && isMoved(err) {
		return h.follow(ctx, err, func(h Home) error { return h.query(ctx, s, scan, args) })
	}
	return err
}

func (h Home) query(ctx context.Context, s *Stmt, scan func(Scan) error, args []any) error {
	p, err := h.DB.prepare(ctx, s, h.Schema)
	if err != nil {
		return h.DB.wrap(s.Name, err)
	}
	p.ran.Add(1)
	if p.stmt != nil {
		rows, err := p.stmt.QueryContext(ctx, h.DB.bind(args)...)
		return h.DB.scan(s, rows, err, scan)
	}
	return h.DB.guard(ctx, s.Name, func(ctx context.Context) error {
		rows, err := h.DB.read.QueryContext(ctx, p.text, h.DB.bind(args)...)
		return h.DB.scan(s, rows, err, scan)
	})
}

// QueryRow implements Querier, on the read pool.
func (h Home) QueryRow(ctx context.Context, s *Stmt, dest []any, args ...any) (bool, error) {
	return queryRow(ctx, h, s, dest, args)
}

// Write runs f in a transaction that is durable when Write returns nil. If f
// errs, nothing of it is kept and its error is returned. f may run more than
// once (PostgreSQL, after a serialization failure or when the shard has moved;
// tx.Home is the home of the moment), possibly on another goroutine, and
// together with other writes in one commit: it must not block on anything but
// the database, nor begin another Write.
//
// An Unavailable error may come after the commit, if the answer was lost:
// whoever tries again must be able to.
func (h Home) Write(ctx context.Context, f func(tx *Tx) error) error {
	if err := ctx.Err(); err != nil {
		return h.DB.wrap("begin", err)
	}
	if h.DB.group != nil {
		return h.DB.group.do(ctx, h, f)
	}
	err := h.DB.writeAlone(ctx, h, f)
	if h.Map != nil && isMoved(err) {
		return h.follow(ctx, err, func(h Home) error { return h.DB.writeAlone(ctx, h, f) })
	}
	return err
}

func (db *DB) scan(s *Stmt, rows *sql.Rows, err error, scan func(Scan) error) error {
	if err != nil {
		return db.wrap(s.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return db.wrap(s.Name, err)
		}
	}
	return db.wrap(s.Name, rows.Err())
}

func queryRow(ctx context.Context, q Querier, s *Stmt, dest []any, args []any) (bool, error) {
	found := false
	err := q.Query(ctx, s, func(scan Scan) error {
		if found {
			return nil
		}
		found = true
		return scan(dest...)
	}, args...)
	return found, err
}

// ByHome groups IDs by the home of their rows, keeping their order within each group.
func ByHome(r Router, ids []tintype.ID) []HomeIDs {
	var out []HomeIDs
next:
	for _, id := range ids {
		h := r.Home(id.Shard())
		for i := range out {
			if out[i].Home.DB == h.DB && out[i].Home.Schema == h.Schema {
				out[i].IDs = append(out[i].IDs, id)
				continue next
			}
		}
		out = append(out, HomeIDs{Home: h, IDs: []tintype.ID{id}})
	}
	return out
}

// HomeIDs is a home with IDs of rows that live there.
type HomeIDs struct {
	Home Home
	IDs  []tintype.ID
}
