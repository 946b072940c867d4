package sqlstore

import (
	"context"
	"math"

	"github.com/tintype/tintype/internal/tintype"
)

// Load is rows for one table of a home that nobody uses yet.
type Load struct {
	Table   string // without its schema
	Columns []string
	// Rows writes all rows, each as one call per column and then End. It runs
	// on a goroutine of its own and should give the rows in the order of their
	// primary key: that is how they lie on disk then.
	Rows func(w RowWriter) error
}

// RowWriter takes rows, column by column. Errors come from End, for good.
type RowWriter interface {
	Int(int64)
	Real(float64)
	Text(string)
	Bytes([]byte)
	Null()
	// End ends a row.
	End() error
}

// Load adds many rows to a home in one transaction, the fastest way that the
// engine has: PostgreSQL takes the indexes off, copies, and builds them anew.
// Nobody else may use the tables meanwhile: they are locked.
func (h Home) Load(ctx context.Context, loads ...Load) error {
	return h.DB.wrap("load", h.DB.Dialect.Load(ctx, h.DB.write, h.Schema, loads))
}

// Advance makes every ID that shard mints from now on later than millis (Unix milliseconds).
func (h Home) Advance(ctx context.Context, shard tintype.Shard, millis int64) error {
	return h.Write(ctx, func(tx *Tx) error {
		return h.DB.wrap("advance", h.DB.Dialect.Advance(tx.own(ctx), tx.tx, h.DB.Dialect.Schema(shard), millis))
	})
}

// minted says that the caller made IDs up to id: later ones are minted above it.
func (t *Tx) minted(ctx context.Context, id tintype.ID) error {
	db := t.Home.DB
	return db.wrap("advance", db.Dialect.Advance(t.own(ctx), t.tx, db.Dialect.Schema(id.Shard()), id.UnixMillis()))
}

// Value writes v, which is an int64, a float64, a string, a []byte or nil.
func Value(w RowWriter, v any) {
	switch v := v.(type) {
	case int64:
		w.Int(v)
	case float64:
		w.Real(v)
	case string:
		w.Text(v)
	case []byte:
		w.Bytes(v)
	default:
		w.Null()
	}
}

// canonicalReal has one form for zero: SQLite keeps no sign of it.
func canonicalReal(f float64) uint64 {
	if f == 0 {
		return 0
	}
	return math.Float64bits(f)
}
