package postgres

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// load copies rows into tables by COPY in its binary form. Indexes come off
// before and are built anew after: sorted once, instead of searched once per
// row. Rows of a table that was empty are written frozen, so that no vacuum
// has to come by for them.
func (d *Database) load(ctx context.Context, _ *sql.DB, schema string, loads []sqlstore.Load) error {
	// Past PgBouncer, and past the time limits of requests.
	conn, err := d.direct.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	pg := conn.Conn().PgConn()
	return inTx(ctx, pg, func() error {
		// Of this transaction only; what is lost with an unflushed commit is loaded again.
		if err := exec(ctx, pg, `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL maintenance_work_mem = '256MB';
			SET LOCAL synchronous_commit = off; SET LOCAL max_parallel_maintenance_workers = 0`); err != nil {
			return err
		}
		for _, l := range loads {
			if err := loadTable(ctx, pg, schema, l); err != nil {
				return err
			}
		}
		return nil
	})
}

func inTx(ctx context.Context, pg *pgconn.PgConn, f func() error) error {
	if err := exec(ctx, pg, "BEGIN"); err != nil {
		return err
	}
	if err := f(); err != nil {
		return errors.Join(err, exec(context.WithoutCancel(ctx), pg, "ROLLBACK"))
	}
	return exec(ctx, pg, "COMMIT")
}

func exec(ctx context.Context, pg *pgconn.PgConn, sql string) error {
	if pg.IsClosed() {
		return io.ErrClosedPipe
	}
	_, err := pg.Exec(ctx, sql).ReadAll()
	return err
}

func loadTable(ctx context.Context, pg *pgconn.PgConn, schema string, l sqlstore.Load) error {
	table := schema + l.Table
	if err := exec(ctx, pg, "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		return err
	}
	rest, err := takeIndexes(ctx, pg, schema, table)
	if err != nil {
		return err
	}
	res := pg.ExecParams(ctx, "SELECT 1 FROM "+table+" LIMIT 1", nil, nil, nil, nil).Read()
	if res.Err != nil {
		return res.Err
	}
	freeze := ""
	if len(res.Rows) == 0 {
		// What FREEZE asks for: that the rows are in storage made by this transaction.
		if err := exec(ctx, pg, "TRUNCATE "+table); err != nil {
			return err
		}
		freeze = ", FREEZE"
	}
	if err := copyIn(ctx, pg, table, l, freeze); err != nil {
		return err
	}
	for _, sql := range rest {
		if err := exec(ctx, pg, sql); err != nil {
			return err
		}
	}
	return exec(ctx, pg, "ANALYZE "+table)
}

// takeIndexes drops the indexes of a table, with the constraints that own them,
// and gives the statements that bring them back.
func takeIndexes(ctx context.Context, pg *pgconn.PgConn, schema, table string) (restore []string, err error) {
	res := pg.ExecParams(ctx, `SELECT quote_ident(c.relname), pg_get_indexdef(i.indexrelid), coalesce(quote_ident(k.conname), ''), coalesce(pg_get_constraintdef(k.oid), '')
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
		WHERE i.indrelid = $1::text::regclass ORDER BY i.indisprimary DESC, c.relname`, [][]byte{[]byte(table)}, nil, nil, nil).Read()
	if res.Err != nil {
		return nil, res.Err
	}
	for _, row := range res.Rows {
		index, definition, constraint, rule := string(row[0]), string(row[1]), string(row[2]), string(row[3])
		drop := "DROP INDEX " + schema + index
		back := definition
		if constraint != "" {
			drop = "ALTER TABLE " + table + " DROP CONSTRAINT " + constraint
			back = "ALTER TABLE " + table + " ADD CONSTRAINT " + constraint + " " + rule
		}
		if err := exec(ctx, pg, drop); err != nil {
			return nil, err
		}
		restore = append(restore, back)
	}
	return restore, nil
}

// copyIn streams rows into one table. option is more for COPY's list.
func copyIn(ctx context.Context, pg *pgconn.PgConn, table string, l sqlstore.Load, option string) error {
	r, w := io.Pipe()
	go func() {
		c := &copier{w: bufio.NewWriterSize(w, 256<<10), columns: len(l.Columns)}
		w.CloseWithError(c.all(l.Rows))
	}()
	_, err := pg.CopyFrom(ctx, r, "COPY "+table+" ("+strings.Join(l.Columns, ", ")+") FROM STDIN (FORMAT binary"+option+")")
	r.CloseWithError(io.ErrClosedPipe) // so that the goroutine ends
	return err
}

// copier writes COPY's binary form: a signature, then for each row a count of
// fields and each field's length and bytes, all big-endian
// (https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format").
type copier struct {
	w       *bufio.Writer
	columns int
	row     []byte
	fields  int
	err     error
}

func (c *copier) all(rows func(sqlstore.RowWriter) error) error {
	if _, err := c.w.WriteString("PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"); err != nil {
		return err
	}
	if err := rows(c); err != nil {
		return err
	}
	if _, err := c.w.WriteString("\xff\xff"); err != nil {
		return err
	}
	return c.w.Flush()
}

func (c *copier) length(n int) {
	c.fields++
	c.row = binary.BigEndian.AppendUint32(c.row, uint32(n))
}

func (c *copier) Int(v int64) {
	c.length(8)
	c.row = binary.BigEndian.AppendUint64(c.row, uint64(v))
}

func (c *copier) Real(v float64) {
	c.length(8)
	c.row = binary.BigEndian.AppendUint64(c.row, math.Float64bits(v))
}

func (c *copier) Text(v string) {
	c.length(len(v))
	c.row = append(c.row, v...)
}

func (c *copier) Bytes(v []byte) {
	c.length(len(v))
	c.row = append(c.row, v...)
}

func (c *copier) Null() {
	c.fields++
	c.row = append(c.row, 0xff, 0xff, 0xff, 0xff)
}

// End implements sqlstore.RowWriter.
func (c *copier) End() error {
	if c.err == nil && c.fields != c.columns {
		c.err = tintype.Errorf(tintype.Internal, "a row of %d fields for %d columns", c.fields, c.columns)
	}
	if c.err == nil {
		_, c.err = c.w.Write(binary.BigEndian.AppendUint16(nil, uint16(c.fields)))
	}
	if c.err == nil {
		_, c.err = c.w.Write(c.row)
	}
	c.row, c.fields = c.row[:0], 0
	return c.err
}

// advance sets a schema's sequence past every ID of millis, unless it is there already.
func advance(ctx context.Context, tx *sql.Tx, schema string, millis int64) error {
	_, err := tx.ExecContext(ctx, advanceTo(schema, millis))
	return err
}

func advanceTo(schema string, millis int64) string {
	ticket := (millis - tintype.EpochMillis + 1) << 10
	return "SELECT setval('" + schema + "id_seq', greatest(" + strconv.FormatInt(ticket, 10) + ", last_value)) FROM " + schema + "id_seq"
}

func size(ctx context.Context, db *sql.DB) (n int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
	return n, err
}
