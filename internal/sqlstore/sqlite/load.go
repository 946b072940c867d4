package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/tintype/tintype/internal/sqlstore"
)

// load inserts rows with one prepared statement per table, in one transaction.
func load(ctx context.Context, pool *sql.DB, schema string, loads []sqlstore.Load) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, l := range loads {
		if err := insert(ctx, tx, schema+l.Table, l); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func insert(ctx context.Context, tx *sql.Tx, table string, l sqlstore.Load) error {
	marks := make([]string, len(l.Columns))
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	st, err := tx.PrepareContext(ctx, "INSERT INTO "+table+" ("+strings.Join(l.Columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")")
	if err != nil {
		return err
	}
	defer st.Close()
	return l.Rows(&inserter{ctx: ctx, st: st, args: make([]any, 0, len(l.Columns))})
}

// inserter implements sqlstore.RowWriter.
type inserter struct {
	ctx  context.Context
	st   *sql.Stmt
	args []any
	err  error
}

func (w *inserter) Int(v int64)    { w.args = append(w.args, v) }
func (w *inserter) Real(v float64) { w.args = append(w.args, v) }
func (w *inserter) Text(v string)  { w.args = append(w.args, v) }
func (w *inserter) Null()          { w.args = append(w.args, nil) }

func (w *inserter) Bytes(v []byte) {
	if v == nil {
		v = []byte{} // the driver takes nil for NULL
	}
	w.args = append(w.args, v)
}

// End implements sqlstore.RowWriter.
func (w *inserter) End() error {
	if w.err == nil {
		_, w.err = w.st.ExecContext(w.ctx, w.args...)
	}
	w.args = w.args[:0]
	return w.err
}

func size(ctx context.Context, db *sql.DB) (n int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&n)
	return n, err
}
