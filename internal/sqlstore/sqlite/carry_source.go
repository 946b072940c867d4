package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// File is a site's file as a source of all its rows. A server may be using it.
// It implements sqlstore.Source.
type File struct {
	read, write *sql.DB
	tables      []*sqlstore.Table
	byName      map[string]*sqlstore.Table
}

// OpenFile opens a site's file to carry it elsewhere; nothing is changed in it.
// NotFound if there is none, Invalid if it is of another version.
func OpenFile(ctx context.Context, path string) (*File, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, &tintype.Error{Kind: tintype.NotFound, Msg: "there is no site at " + path, Err: err}
	}
	tables, err := Layout(ctx)
	if err != nil {
		return nil, err
	}
	f := &File{tables: tables, byName: map[string]*sqlstore.Table{}}
	for _, t := range tables {
		f.byName[t.Name] = t
	}
	if f.write, err = openPool(path, "immediate", 1); err != nil {
		return nil, err
	}
	if f.read, err = openPool(path, "deferred", 2); err != nil {
		return nil, errors.Join(err, f.write.Close())
	}
	if err := checkVersion(ctx, f.read, tables); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Close implements sqlstore.Source.
func (f *File) Close() error { return errors.Join(f.read.Close(), f.write.Close()) }

// What is noted where: rows of carried_changes are keys of rows that may have changed.
const watchTables = `
	CREATE TABLE IF NOT EXISTS carried_run (run TEXT NOT NULL PRIMARY KEY, target TEXT NOT NULL) STRICT;
	CREATE TABLE IF NOT EXISTS carried_changes (seq INTEGER PRIMARY KEY, tab TEXT NOT NULL, key TEXT NOT NULL) STRICT`

// Watch implements sqlstore.Source, with a trigger for each way that a row of each table can change.
func (f *File) Watch(ctx context.Context, target string) (run string, err error) {
	tx, err := f.write.BeginTx(ctx, nil)
	if err != nil {
		return "", wrapFile("watch", err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, watchTables); err != nil {
		return "", wrapFile("watch", err)
	}
	var was string
	err = tx.QueryRowContext(ctx, "SELECT run, target FROM carried_run").Scan(&run, &was)
	switch {
	case err == nil && was == target:
		return run, nil
	case err == nil:
		return "", tintype.Errorf(tintype.Conflict, "this site is on its way to %s already: finish that, or end it with tintype migrate --cancel", was)
	case !errors.Is(err, sql.ErrNoRows):
		return "", wrapFile("watch", err)
	}
	run = rand.Text()
	if _, err := tx.ExecContext(ctx, "INSERT INTO carried_run (run, target) VALUES ($1, $2)", run, target); err != nil {
		return "", wrapFile("watch", err)
	}
	for _, t := range f.tables {
		for _, text := range triggers(t) {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return "", wrapFile("watch", err)
			}
		}
	}
	return run, wrapFile("watch", tx.Commit())
}

func triggers(t *sqlstore.Table) []string {
	note := func(row string) string {
		parts := make([]string, len(t.Key))
		for i, k := range t.Key {
			parts[i] = row + `."` + t.Columns[k].Name + `"`
			if t.Columns[k].Kind == sqlstore.Bytes {
				parts[i] = "hex(" + parts[i] + ")"
			}
		}
		return "INSERT INTO carried_changes (tab, key) VALUES ('" + t.Name + "', json_array(" + strings.Join(parts, ", ") + "));"
	}
	head := func(event string) string {
		return "CREATE TRIGGER carried_" + strings.ToLower(event) + "_" + t.Name + " AFTER " + event + " ON " + t.Name + " BEGIN "
	}
	// An update may change the key.
	return []string{head("INSERT") + note("NEW") + " END", head("UPDATE") + note("OLD") + note("NEW") + " END", head("DELETE") + note("OLD") + " END"}
}

// Unwatch implements sqlstore.Source.
func (f *File) Unwatch(ctx context.Context) error {
	tx, err := f.write.BeginTx(ctx, nil)
	if err != nil {
		return wrapFile("unwatch", err)
	}
	defer tx.Rollback()
	names, err := column[string](ctx, tx, "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'carried\\_%' ESCAPE '\\'")
	if err != nil {
		return wrapFile("unwatch", err)
	}
	for _, name := range names {
		if _, err := tx.ExecContext(ctx, "DROP TRIGGER "+name); err != nil {
			return wrapFile("unwatch", err)
		}
	}
	if _, err := tx.ExecContext(ctx, "DROP TABLE IF EXISTS carried_run; DROP TABLE IF EXISTS carried_changes"); err != nil {
		return wrapFile("unwatch", err)
	}
	return wrapFile("unwatch", tx.Commit())
}

// Forget implements sqlstore.Source.
func (f *File) Forget(ctx context.Context, list []sqlstore.Change) error {
	last := int64(0)
	for _, c := range list {
		last = max(last, c.Seq) // one writer: all up to it were in the view that gave them
	}
	_, err := f.write.ExecContext(ctx, "DELETE FROM carried_changes WHERE seq <= $1", last)
	return wrapFile("forget", err)
}

// Jobs implements sqlstore.Source.
func (f *File) Jobs(ctx context.Context) ([]sqlstore.CarriedJob, error) {
	rows, err := f.read.QueryContext(ctx, `SELECT kind, json(args), queue, priority, attempt, max_attempts, CAST(created_at AS TEXT), CAST(scheduled_at AS TEXT),
		CAST(finalized_at AS TEXT), json(errors), state FROM river_job WHERE state NOT IN ('completed', 'cancelled') ORDER BY id`)
	if err != nil {
		return nil, wrapFile("jobs", err)
	}
	defer rows.Close()
	var out []sqlstore.CarriedJob
	for rows.Next() {
		var j sqlstore.CarriedJob
		var args, created, scheduled, state string
		var given, failures sql.NullString
		if err := rows.Scan(&j.Kind, &args, &j.Queue, &j.Priority, &j.Attempt, &j.MaxAttempts, &created, &scheduled, &given, &failures, &state); err != nil {
			return nil, wrapFile("jobs", err)
		}
		j.Args = json.RawMessage(args)
		if failures.Valid {
			j.Errors = json.RawMessage(failures.String)
		}
		if j.Created, err = parseJobTime(created); err != nil {
			return nil, err
		}
		if j.Scheduled, err = parseJobTime(scheduled); err != nil {
			return nil, err
		}
		if state == "discarded" {
			if j.GivenUp, err = parseJobTime(given.String); err != nil {
				return nil, err
			}
		}
		out = append(out, j)
	}
	return out, wrapFile("jobs", rows.Err())
}

// parseJobTime reads an instant as River keeps it here: with a fraction of any length, or none.
func parseJobTime(text string) (time.Time, error) {
	return time.Parse("2006-01-02 15:04:05", strings.TrimSuffix(strings.Replace(text, "T", " ", 1), "Z"))
}

// Read implements sqlstore.Source.
func (f *File) Read(ctx context.Context) (sqlstore.Reader, error) {
	conn, err := f.read.Conn(ctx)
	if err != nil {
		return nil, wrapFile("read", err)
	}
	// Sorting by shard may take as much room as the site: on disk, not in memory. The first read fixes the view.
	for _, text := range []string{"PRAGMA temp_store = FILE", "BEGIN", "SELECT count(*) FROM sqlite_schema"} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return nil, errors.Join(wrapFile("read", err), conn.Close())
		}
	}
	return &reader{f: f, conn: conn, cursors: map[*sqlstore.Table]*cursor{}}, nil
}

// reader implements sqlstore.Reader with one connection in a transaction. The
// rows of each table come from one query sorted by shard, open until the last
// area has been asked for.
type reader struct {
	f       *File
	conn    *sql.Conn
	cursors map[*sqlstore.Table]*cursor
}

type cursor struct {
	rows *sql.Rows
	next sqlstore.Row // read ahead; nil at the end
	at   sqlstore.Area
}

// Close implements sqlstore.Reader.
func (r *reader) Close() error {
	var errs []error
	for _, c := range r.cursors {
		errs = append(errs, c.rows.Close())
	}
	_, err := r.conn.ExecContext(context.Background(), "ROLLBACK")
	return errors.Join(append(errs, wrapFile("close", err), r.conn.Close())...)
}

func shardOf(t *sqlstore.Table) string {
	return `"` + t.Columns[t.Home].Name + `" >> 10 & 4095`
}

// Areas implements sqlstore.Reader.
func (r *reader) Areas(ctx context.Context) ([]sqlstore.Area, error) {
	var parts []string
	for _, t := range r.f.tables {
		if !t.Directory {
			parts = append(parts, "SELECT "+shardOf(t)+" AS s FROM "+t.Name)
		}
	}
	shards, err := column[int64](ctx, r.conn, strings.Join(parts, " UNION ")+" ORDER BY s")
	out := []sqlstore.Area{{Directory: true}}
	for _, s := range shards {
		out = append(out, sqlstore.Area{Shard: tintype.Shard(s)})
	}
	return out, wrapFile("areas", err)
}

func columns(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// Rows implements sqlstore.Reader.
func (r *reader) Rows(ctx context.Context, a sqlstore.Area, t *sqlstore.Table, each func(sqlstore.Row) error) error {
	if t.Directory != a.Directory {
		return nil
	}
	c := r.cursors[t]
	if c == nil || a.Less(c.at) {
		if c != nil {
			if err := c.rows.Close(); err != nil {
				return wrapFile(t.Name, err)
			}
		}
		query := "SELECT " + columns(t.Names()) + " FROM " + t.Name + " ORDER BY "
		if !t.Directory {
			query = strings.TrimSuffix(query, "ORDER BY ") + "WHERE (" + shardOf(t) + ") >= " + strconv.Itoa(int(a.Shard)) + " ORDER BY " + shardOf(t) + ", "
		}
		rows, err := r.conn.QueryContext(ctx, query+columns(t.KeyNames())) //nolint:rowserrcheck // cursor.read checks it at the end of the rows
		if err != nil {
			return wrapFile(t.Name, err)
		}
		c = &cursor{rows: rows}
		r.cursors[t] = c
		if err := c.read(t); err != nil {
			return err
		}
	}
	c.at = a
	for c.next != nil {
		at := t.AreaOf(c.next)
		if a.Less(at) {
			return nil
		}
		if at == a {
			if err := each(c.next); err != nil {
				return err
			}
		}
		if err := c.read(t); err != nil {
			return err
		}
	}
	return nil
}

func (c *cursor) read(t *sqlstore.Table) (err error) {
	c.next = nil
	if c.rows.Next() {
		c.next, err = scanRow(c.rows, t)
		return err
	}
	return wrapFile(t.Name, c.rows.Err())
}

func scanRow(rows *sql.Rows, t *sqlstore.Table) (sqlstore.Row, error) {
	row := make(sqlstore.Row, len(t.Columns))
	dest := make([]any, len(row))
	for i := range row {
		dest[i] = &row[i]
	}
	return row, wrapFile(t.Name, rows.Scan(dest...))
}

// Find implements sqlstore.Reader.
func (r *reader) Find(ctx context.Context, _ sqlstore.Area, t *sqlstore.Table, keys []sqlstore.Row, each func(sqlstore.Row) error) error {
	st, err := r.conn.PrepareContext(ctx, "SELECT "+columns(t.Names())+" FROM "+t.Name+" WHERE "+where(t))
	if err != nil {
		return wrapFile(t.Name, err)
	}
	defer st.Close()
	for _, key := range keys {
		if err := findOne(ctx, st, t, key, each); err != nil {
			return err
		}
	}
	return nil
}

func findOne(ctx context.Context, st *sql.Stmt, t *sqlstore.Table, key sqlstore.Row, each func(sqlstore.Row) error) error {
	rows, err := st.QueryContext(ctx, key...)
	if err != nil {
		return wrapFile(t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scanRow(rows, t)
		if err != nil {
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return wrapFile(t.Name, rows.Err())
}

// where compares a table's key with parameters.
func where(t *sqlstore.Table) string {
	parts := make([]string, len(t.Key))
	for i, name := range t.KeyNames() {
		parts[i] = `"` + name + `" = $` + strconv.Itoa(i+1)
	}
	return strings.Join(parts, " AND ")
}

// Changes implements sqlstore.Reader.
func (r *reader) Changes(ctx context.Context, limit int) ([]sqlstore.Change, error) {
	rows, err := r.conn.QueryContext(ctx, "SELECT seq, tab, key FROM carried_changes ORDER BY seq LIMIT $1", limit)
	if err != nil {
		return nil, wrapFile("changes", err)
	}
	defer rows.Close()
	var out []sqlstore.Change
	for rows.Next() {
		var c sqlstore.Change
		var name, key string
		if err := rows.Scan(&c.Seq, &name, &key); err != nil {
			return nil, wrapFile("changes", err)
		}
		if c.Table = r.f.byName[name]; c.Table == nil {
			return nil, fmt.Errorf("a change of the unknown table %s was noted", name)
		}
		if c.Key, err = c.Table.ParseKey(key); err != nil {
			return nil, err
		}
		c.Area = c.Table.AreaOfKey(c.Key)
		out = append(out, c)
	}
	return out, wrapFile("changes", rows.Err())
}

// Minted implements sqlstore.Reader.
func (r *reader) Minted(ctx context.Context) (millis int64, err error) {
	err = r.conn.QueryRowContext(ctx, "SELECT millis FROM id_mark").Scan(&millis)
	return millis, wrapFile("id_mark", err)
}

// wrapFile gives an error of the file a kind, and says what it was about.
func wrapFile(what string, err error) error {
	if err == nil {
		return nil
	}
	var e *tintype.Error
	if errors.As(err, &e) {
		return err
	}
	cause := fmt.Errorf("%s: %w", what, err)
	switch classify(err) {
	case sqlstore.CodeFull:
		return &tintype.Error{Kind: tintype.Full, Msg: "there is no room left on the disk", Err: cause}
	case sqlstore.CodeBusy, sqlstore.CodeDown:
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the database file is busy", Err: cause}
	}
	return cause
}
