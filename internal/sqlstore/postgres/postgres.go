// Package postgres opens the PostgreSQL databases of sqlstore: one schema per
// logical shard, named in every statement, and a schema "directory" where the
// database is given that role. Nothing is kept in session state. IDs are minted
// by next_id() in each schema.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

//go:embed migrations
var migrations embed.FS

// Options say what a database is for.
type Options struct {
	DSN  string
	Name string
	// Shards are the logical shards to be materialised here.
	Shards []tintype.Shard
	// Directory makes this database the home of the directory.
	Directory bool
	MaxConns  int // 0 for 16
	Clock     tintype.Clock
}

// Open connects, materialises what is missing and brings all schemas up to
// date. The pool is for the job runner, which speaks pgx; the caller closes
// it after the DB.
func Open(ctx context.Context, o Options) (*sqlstore.DB, *pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(o.DSN)
	if err != nil {
		return nil, nil, &tintype.Error{Kind: tintype.Invalid, Msg: "the PostgreSQL address of database " + o.Name + " cannot be read", Err: err}
	}
	cfg.MaxConns = int32(max(o.MaxConns, 16))
	cfg.ConnConfig.ConnectTimeout = 3 * time.Second
	if cfg.ConnConfig.RuntimeParams["statement_timeout"] == "" {
		cfg.ConnConfig.RuntimeParams["statement_timeout"] = "30s"
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	if err := prepare(ctx, o, db, pool); err != nil {
		db.Close()
		pool.Close()
		return nil, nil, fmt.Errorf("database %s: %w", o.Name, err)
	}
	d := &sqlstore.Dialect{
		Name:            "postgres",
		In:              "= ANY($::bigint[])",
		Each:            "unnest($::bigint[]) AS e(value)",
		Rows:            "jsonb_array_elements($::jsonb)",
		Cell:            "(value ->> %d)::bigint",
		Lock:            "FOR UPDATE",
		List:            list,
		Overrides:       overrides,
		Schema:          SchemaName,
		DirectorySchema: "directory.",
		Classify:        classify,
		NextID:          nextID,
		InsertJobs:      jobInserter(o.Clock),
		Load:            load,
		Advance:         advance,
		Size:            size,
	}
	return sqlstore.New(o.Name, d, db, db), pool, nil
}

// JobDriver is what the job runner works the jobs of a database with.
func JobDriver(pool *pgxpool.Pool) *riverpgxv5.Driver { return riverpgxv5.New(pool) }

// overrides are the statements that need another text here.
var overrides = map[string]string{}

// SchemaName is the prefix of a logical shard's tables.
func SchemaName(s tintype.Shard) string { return fmt.Sprintf("s%04d.", s) }

func prepare(ctx context.Context, o Options, db *sql.DB, pool *pgxpool.Pool) error {
	var encoding string
	if err := db.QueryRowContext(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return &tintype.Error{Kind: tintype.Internal, Msg: "the database must be made with ENCODING 'UTF8'; it has " + encoding}
	}
	migrate := func(set, schema string, replace ...string) error {
		dir, err := fs.Sub(migrations, "migrations/"+set)
		if err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+strings.TrimSuffix(schema, ".")); err != nil {
			return err
		}
		return sqlstore.Migrate(ctx, db, dir, schema+"migrations", strings.NewReplacer(append(replace, "{s}", schema)...))
	}
	if o.Directory {
		if err := migrate("directory", "directory."); err != nil {
			return err
		}
	}
	for _, s := range o.Shards {
		if err := migrate("shard", SchemaName(s), "{shard}", fmt.Sprint(s)); err != nil {
			return err
		}
	}
	river, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return err
	}
	_, err = river.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func list(ids []tintype.ID) any {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

// classify reads SQLSTATE codes; see PostgreSQL's Appendix A.
func classify(err error) sqlstore.Code {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		var ne net.Error
		if errors.As(err, &ne) || errors.Is(err, pgx.ErrTxClosed) || pgconn.SafeToRetry(err) {
			return sqlstore.CodeDown
		}
		return sqlstore.CodeOther
	}
	switch {
	case e.Code == "23505":
		return sqlstore.CodeUnique
	case strings.HasPrefix(e.Code, "23"):
		return sqlstore.CodeCheck
	case e.Code == "40001" || e.Code == "40P01":
		return sqlstore.CodeRetry
	case e.Code == "53100":
		return sqlstore.CodeFull
	case strings.HasPrefix(e.Code, "53"), e.Code == "55P03", e.Code == "57014":
		return sqlstore.CodeBusy
	case strings.HasPrefix(e.Code, "57P"), strings.HasPrefix(e.Code, "08"), e.Code == "25006":
		return sqlstore.CodeDown
	case strings.HasPrefix(e.Code, "XX"):
		return sqlstore.CodeCorrupt
	}
	return sqlstore.CodeOther
}

func nextID(ctx context.Context, tx *sql.Tx, schema string, shard tintype.Shard) (tintype.ID, error) {
	if schema == "directory." {
		return 0, fmt.Errorf("the directory mints no IDs")
	}
	var id tintype.ID
	err := tx.QueryRowContext(ctx, "SELECT "+schema+"next_id()").Scan(&id)
	return id, err
}

func jobInserter(clock tintype.Clock) func(context.Context, *sql.Tx, []sqlstore.JobRow) error {
	type row struct {
		Args     json.RawMessage `json:"args"`
		Kind     string          `json:"kind"`
		Attempts int             `json:"attempts"`
		Queue    string          `json:"queue"`
		At       time.Time       `json:"at"`
		State    string          `json:"state"`
	}
	return func(ctx context.Context, tx *sql.Tx, rows []sqlstore.JobRow) error {
		now := clock().UTC()
		list := make([]row, len(rows))
		for i, r := range rows {
			at, state := now, "available"
			if t := sqlstore.FromMicros(r.NotBefore); t.After(now) {
				at, state = t, "scheduled"
			}
			list[i] = row{r.Args, r.Kind.Name, r.Kind.Attempts, string(r.Kind.Queue), at, state}
		}
		b, err := json.Marshal(list)
		if err != nil {
			return err
		}
		// The notification is what River's own insert sends; it leaves with the commit.
		_, err = tx.ExecContext(ctx, `WITH j AS (
				INSERT INTO public.river_job (args, kind, max_attempts, queue, scheduled_at, created_at, state, tags)
				SELECT args, kind, attempts, queue, at, $2::timestamptz, state::public.river_job_state, '{}'
				FROM jsonb_to_recordset($1::jsonb) AS r(args jsonb, kind text, attempts smallint, queue text, at timestamptz, state text)
				RETURNING queue)
			SELECT pg_notify('public.river_insert', '{"queue": "' || queue || '"}') FROM (SELECT DISTINCT queue FROM j) q`,
			string(b), now)
		return err
	}
}
