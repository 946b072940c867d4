package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// schema is one to be brought up to date.
type schema struct {
	prefix string // "s0042.", "directory."
	set    string // the directory of its migrations
	shard  string // for {shard}
}

func (s schema) name() string { return strings.TrimSuffix(s.prefix, ".") }

func shardSchemas(shards []tintype.Shard) []schema {
	out := make([]schema, len(shards))
	for i, s := range shards {
		out[i] = schema{SchemaName(s), "shard", fmt.Sprint(s)}
	}
	return out
}

// upkeepLock is the key of the advisory lock under which schemas are changed,
// so that processes which start at once do so one after the other.
const upkeepLock = "SELECT pg_advisory_xact_lock(20100101, -1)"

// prepare makes the database one of ours, as far as no map is needed for it.
func (d *Database) prepare(ctx context.Context) error {
	var encoding string
	if err := d.direct.QueryRow(ctx, "SHOW server_encoding").Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return &tintype.Error{Kind: tintype.Internal, Msg: fmt.Sprintf("database %s must be made with ENCODING 'UTF8'; it has %s", d.options.Name, encoding)}
	}
	if d.options.Directory {
		var filling bool
		if err := d.direct.QueryRow(ctx, "SELECT to_regclass('filling.run') IS NOT NULL").Scan(&filling); err != nil {
			return err
		}
		if filling {
			return &tintype.Error{Kind: tintype.Conflict, Msg: "a site is on its way into these databases: let tintype migrate come to its end, or end it with --cancel"}
		}
	}
	schemas := shardSchemas(d.options.Shards)
	if d.options.Directory {
		schemas = append(schemas, schema{"directory.", "directory", ""})
	}
	if err := d.upgrade(ctx, schemas, true); err != nil {
		return err
	}
	return d.prepareJobs(ctx)
}

// prepareJobs brings River's tables up to date, by one process at a time.
func (d *Database) prepareJobs(ctx context.Context) error {
	river, err := rivermigrate.New(riverpgxv5.New(d.direct), nil)
	if err != nil {
		return err
	}
	if v, err := river.Validate(ctx, nil); err == nil && v.OK {
		var lean bool
		if err := d.direct.QueryRow(ctx, "SELECT to_regclass('public.river_job_shard') IS NOT NULL").Scan(&lean); err != nil || lean {
			return err
		}
	}
	return pgx.BeginFunc(ctx, d.direct, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, upkeepLock); err != nil {
			return err
		}
		if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, jobIndexes)
		return err
	})
}

// jobIndexes replaces two indexes of River's table of jobs that take most of the time of an insert:
// inverted ones, over every word of a job's arguments and metadata. Nobody looks jobs
// up by what is in them, but a move does by shard.
const jobIndexes = `
	CREATE INDEX IF NOT EXISTS river_job_shard ON public.river_job (((metadata ->> 'shard')::int)) WHERE metadata ? 'shard';
	DROP INDEX IF EXISTS public.river_job_args_index, public.river_job_metadata_index`

func (d *Database) materialise(ctx context.Context, shards []tintype.Shard, create bool) error {
	return d.upgrade(ctx, shardSchemas(shards), create)
}

// upgrade brings schemas up to date; with create it makes those that are missing.
// Where nothing is to be done it asks two questions, however many there are.
func (d *Database) upgrade(ctx context.Context, schemas []schema, create bool) error {
	if len(schemas) == 0 {
		return nil
	}
	sets := map[string][]sqlstore.Step{}
	for _, set := range []string{"shard", "directory"} {
		dir, err := fs.Sub(migrations, "migrations/"+set)
		if err == nil {
			sets[set], err = sqlstore.Steps(dir)
		}
		if err != nil {
			return err
		}
	}
	have, err := versions(ctx, d.direct, schemas)
	if err != nil {
		return err
	}
	for _, s := range schemas {
		at, there := have[s.name()]
		if !there && !create {
			continue
		}
		todo, err := sqlstore.Newer(sets[s.set], s.name(), at)
		if err != nil {
			return err
		}
		if len(todo) > 0 {
			if err := d.migrate(ctx, s, sets[s.set], there); err != nil {
				return fmt.Errorf("schema %s: %w", s.name(), err)
			}
		}
	}
	return d.checkCollation(ctx, schemas)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// versions gives the number of the newest migration of each schema that is there.
func versions(ctx context.Context, q querier, schemas []schema) (map[string]int, error) {
	names := make([]string, len(schemas))
	for i, s := range schemas {
		names[i] = s.name()
	}
	rows, err := q.Query(ctx, `SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'migrations'
		WHERE n.nspname = ANY($1)`, names)
	if err != nil {
		return nil, err
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(there) == 0 {
		return nil, err
	}
	parts := make([]string, len(there))
	for i, name := range there {
		parts[i] = fmt.Sprintf("SELECT '%s', coalesce(max(number), 0)::int FROM %s.migrations", name, name)
	}
	if rows, err = q.Query(ctx, strings.Join(parts, " UNION ALL "), pgx.QueryExecModeSimpleProtocol); err != nil {
		return nil, err
	}
	have := make(map[string]int, len(there))
	var name string
	var number int
	_, err = pgx.ForEachRow(rows, []any{&name, &number}, func() error { have[name] = number; return nil })
	return have, err
}

// A change of a table waits for those who use it, and whoever comes after it waits behind it. So it waits
// shortly, lets the others pass, and tries again.
const (
	changeWait  = "1s"
	changePause = 500 * time.Millisecond
	changeTries = 40
)

// migrate brings one schema up to date in one transaction. If it was there, it
// is not made again: it may have moved away since.
func (d *Database) migrate(ctx context.Context, s schema, steps []sqlstore.Step, there bool) error {
	for try := 1; ; try++ {
		err := d.migrateOnce(ctx, s, steps, there)
		var e *pgconn.PgError
		if try == changeTries || !errors.As(err, &e) || e.Code != "55P03" {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(changePause):
		}
	}
}

func (d *Database) migrateOnce(ctx context.Context, s schema, steps []sqlstore.Step, there bool) error {
	replace := strings.NewReplacer("{s}", s.prefix, "{shard}", s.shard)
	return pgx.BeginFunc(ctx, d.direct, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; "+upkeepLock+"; SET LOCAL lock_timeout = '"+changeWait+"'"); err != nil {
			return err
		}
		if !there {
			if _, err := tx.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+s.name()+"; CREATE TABLE IF NOT EXISTS "+s.prefix+"migrations (number BIGINT NOT NULL PRIMARY KEY)"); err != nil {
				return err
			}
		}
		have, err := versions(ctx, tx, []schema{s})
		if err != nil {
			return err
		}
		at, still := have[s.name()]
		if !still {
			return nil
		}
		todo, err := sqlstore.Newer(steps, s.name(), at)
		if err != nil {
			return err
		}
		for _, step := range todo {
			if _, err := tx.Exec(ctx, replace.Replace(step.Text)); err != nil {
				return fmt.Errorf("migration %s: %w", step.Name, err)
			}
			if _, err := tx.Exec(ctx, "INSERT INTO "+s.prefix+"migrations (number) VALUES ($1)", step.Number); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkCollation refuses schemas with an index of text in another order than by
// bytes: what Go sorts and what the database sorts must agree, and a newer C
// library must not break the indexes.
func (d *Database) checkCollation(ctx context.Context, schemas []schema) error {
	names := make([]string, len(schemas))
	for i, s := range schemas {
		names[i] = s.name()
	}
	rows, err := d.direct.Query(ctx, `
		SELECT n.nspname || '.' || x.relname || ' (' || k.collname || ')'
		FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_namespace n ON n.oid = x.relnamespace
		CROSS JOIN LATERAL unnest(i.indcollation::oid[]) AS c(oid) JOIN pg_collation k ON k.oid = c.oid
		WHERE n.nspname = ANY($1) AND k.collname NOT IN ('C', 'POSIX')
			AND NOT (k.collname = 'default' AND (SELECT datcollate FROM pg_database WHERE datname = current_database()) IN ('C', 'POSIX'))
		ORDER BY 1 LIMIT 5`, names)
	if err != nil {
		return err
	}
	bad, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(bad) == 0 {
		return err
	}
	return &tintype.Error{Kind: tintype.Internal, Msg: fmt.Sprintf(`database %s has indexes of text that are not in the order of bytes: %s; give their columns COLLATE "C" (ALTER TABLE ... ALTER COLUMN ... TYPE text COLLATE "C") and start again`,
		d.options.Name, strings.Join(bad, ", "))}
}
