// Package sqlite opens the embedded databases of sqlstore: files in WAL mode
// with synchronous=FULL (what is acknowledged survives a power cut), one writer
// with group commit, a pool of readers, STRICT tables.
//
// One file plays all logical shards it is given and, if asked, the directory
// too; there the schema prefix is empty. IDs are minted by the process; their
// high-water mark is written in the transaction that uses them.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

//go:embed migrations
var migrations embed.FS

// Options say what a file is for.
type Options struct {
	Path  string
	Name  string // for logs and metrics
	Clock tintype.Clock
	// Directory adds the directory's tables to the users' tables.
	Directory bool
}

// Open opens or creates a database file and brings its tables up to date.
func Open(ctx context.Context, o Options) (*sqlstore.DB, error) {
	write, err := openPool(o.Path, "immediate", 1)
	if err != nil {
		return nil, err
	}
	read, err := openPool(o.Path, "deferred", max(4, 2*runtime.GOMAXPROCS(0)))
	if err != nil {
		write.Close()
		return nil, err
	}
	d, err := prepare(ctx, o, write)
	if err != nil {
		if classify(err) == sqlstore.CodeFull {
			err = &tintype.Error{Kind: tintype.Full, Msg: "there is no room on the disk for what a database needs to begin with: make some, and start again", Err: err}
		}
		return nil, errors.Join(fmt.Errorf("open %s: %w", o.Path, err), read.Close(), write.Close())
	}
	return sqlstore.New(o.Name, d, read, write), nil
}

func openPool(path, lock string, conns int) (*sql.DB, error) {
	q := url.Values{}
	for _, p := range []string{"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(1)",
		"temp_store(MEMORY)", "cache_size(-8000)", "journal_size_limit(67108864)"} {
		q.Add("_pragma", p)
	}
	q.Set("_txlock", lock)
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

func prepare(ctx context.Context, o Options, write *sql.DB) (*sqlstore.Dialect, error) {
	sets := []string{"shard"}
	if o.Directory {
		sets = append(sets, "directory")
	}
	for _, set := range sets {
		dir, err := fs.Sub(migrations, "migrations/"+set)
		if err != nil {
			return nil, err
		}
		if err := sqlstore.Migrate(ctx, write, dir, "migrations_"+set, strings.NewReplacer()); err != nil {
			return nil, err
		}
	}
	river, err := rivermigrate.New(riversqlite.New(write), nil)
	if err != nil {
		return nil, err
	}
	if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, err
	}
	m := &minter{clock: o.Clock}
	if err := write.QueryRowContext(ctx, "SELECT millis FROM id_mark").Scan(&m.floor); err != nil {
		return nil, err
	}
	return &sqlstore.Dialect{
		Name:         "sqlite",
		In:           "IN (SELECT value FROM json_each($))",
		Each:         "json_each($) AS e",
		Rows:         "json_each($)",
		Cell:         "value ->> %d",
		List:         listJSON,
		Overrides:    overrides,
		Schema:       func(tintype.Shard) string { return "" },
		GroupCommit:  true,
		Classify:     classify,
		NextID:       m.next,
		BeforeCommit: m.save,
		InsertJobs:   jobInserter(o.Clock),
		Load:         load,
		Advance:      m.advance,
		Size:         size,
		Integrity:    integrity,
	}, nil
}

// overrides are the statements that need another text here.
var overrides = map[string]string{}

func listJSON(ids []tintype.ID) any {
	b := make([]byte, 0, 2+20*len(ids))
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b, _ = id.AppendText(b)
	}
	return string(append(b, ']'))
}

func classify(err error) sqlstore.Code {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return sqlstore.CodeOther
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return sqlstore.CodeUnique
	case sqlite3.SQLITE_IOERR_SHMSIZE: // the index of the write-ahead log could not be made as long as it is to be
		return sqlstore.CodeFull
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT:
		return sqlstore.CodeCheck
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return sqlstore.CodeBusy
	case sqlite3.SQLITE_FULL:
		return sqlstore.CodeFull
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return sqlstore.CodeCorrupt
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return sqlstore.CodeDown
	}
	return sqlstore.CodeOther
}

// jobTime is how River keeps instants in SQLite; its comparisons are of text.
const jobTime = "2006-01-02 15:04:05.000"

func jobInserter(clock tintype.Clock) func(context.Context, *sql.Tx, []sqlstore.JobRow) error {
	type row struct {
		Args     json.RawMessage `json:"a"`
		Kind     string          `json:"k"`
		Attempts int             `json:"n"`
		Queue    string          `json:"q"`
		At       string          `json:"t"`
		State    string          `json:"s"`
	}
	return func(ctx context.Context, tx *sql.Tx, rows []sqlstore.JobRow) error {
		now := clock()
		list := make([]row, len(rows))
		for i, r := range rows {
			at, state := now, "available"
			if t := sqlstore.FromMicros(r.NotBefore); t.After(now) {
				at, state = t, "scheduled"
			}
			list[i] = row{r.Args, r.Kind.Name, r.Kind.Attempts, string(r.Kind.Queue), at.UTC().Truncate(time.Millisecond).Format(jobTime), state}
		}
		b, err := json.Marshal(list)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO river_job (args, kind, max_attempts, queue, scheduled_at, created_at, state)
			SELECT jsonb(value -> '$.a'), value ->> '$.k', value ->> '$.n', value ->> '$.q', value ->> '$.t', $2, value ->> '$.s' FROM json_each($1)`,
			string(b), now.UTC().Truncate(time.Millisecond).Format(jobTime))
		return err
	}
}
