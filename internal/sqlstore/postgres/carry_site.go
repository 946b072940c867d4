package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// SiteOptions say which databases a whole site is in, or is to be.
type SiteOptions struct {
	// Databases are names and addresses, past any pooler; the first one holds the directory.
	Databases []SiteDatabase
	// Shards is how many logical shards there are to be at least; see shard.Spread.
	Shards []tintype.Shard
	// Tables are those that are carried.
	Tables []*sqlstore.Table
	// Prepare makes a database one of ours before it is filled: the directory's tables, if it
	// is to hold them, and those of the jobs.
	Prepare func(ctx context.Context, d SiteDatabase, directory bool) error
	Clock   tintype.Clock
}

// SiteDatabase is one of them.
type SiteDatabase struct{ Name, DSN string }

// Site is all databases of a site, to carry its rows from or to. It implements
// sqlstore.Source and sqlstore.Target.
type Site struct {
	o      SiteOptions
	dbs    []*pgxpool.Pool
	byName map[string]*sqlstore.Table
	homes  homes
}

// application names our connections, so that they can be told from the servers'.
const application = "tintype migrate"

// OpenSite connects; nothing is changed. Invalid for an address that cannot be
// read, Unavailable for a database that does not answer.
func OpenSite(ctx context.Context, o SiteOptions) (*Site, error) {
	s := &Site{o: o, byName: map[string]*sqlstore.Table{}}
	for _, t := range o.Tables {
		s.byName[t.Name] = t
	}
	for _, d := range o.Databases {
		cfg, err := pgxpool.ParseConfig(d.DSN)
		if err != nil {
			return nil, errors.Join(&tintype.Error{Kind: tintype.Invalid, Msg: "the PostgreSQL address of database " + d.Name + " cannot be read", Err: err}, s.Close())
		}
		cfg.MaxConns = 8
		cfg.ConnConfig.ConnectTimeout = 5 * time.Second
		// Everything here is a statement or two for each table of each schema: nothing is worth preparing.
		cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
		for name, value := range map[string]string{"application_name": application, "statement_timeout": "0", "lock_timeout": "0",
			"idle_in_transaction_session_timeout": "0", "default_transaction_read_only": "off"} {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
		pool, err := pgxpool.NewWithConfig(ctx, cfg)
		if err == nil {
			s.dbs = append(s.dbs, pool)
			err = pool.Ping(ctx)
		}
		if err != nil {
			return nil, errors.Join(&tintype.Error{Kind: tintype.Unavailable, Msg: "database " + d.Name + " does not answer", Err: err}, s.Close())
		}
	}
	return s, nil
}

// Close implements sqlstore.Source and sqlstore.Target.
func (s *Site) Close() error {
	for _, db := range s.dbs {
		db.Close()
	}
	s.dbs = nil
	return nil
}

func (s *Site) wrap(db int, what string, err error) error {
	if err == nil {
		return nil
	}
	var e *tintype.Error
	if errors.As(err, &e) {
		return err
	}
	cause := fmt.Errorf("database %s: %s: %w", s.o.Databases[db].Name, what, err)
	switch classify(err) {
	case sqlstore.CodeFull:
		return &tintype.Error{Kind: tintype.Full, Msg: "there is no room left on the disk of a database", Err: cause}
	case sqlstore.CodeBusy, sqlstore.CodeDown, sqlstore.CodeRetry:
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "a database is down or busy", Err: cause}
	}
	return cause
}

// schemaText gives the statements that make a schema with all its migrations.
func schemaText(set, prefix, shard string) (string, error) {
	steps, err := newest(set)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	name := strings.TrimSuffix(prefix, ".")
	fmt.Fprintf(&b, "CREATE SCHEMA %s;\nCREATE TABLE %smigrations (number BIGINT NOT NULL PRIMARY KEY);\n", name, prefix)
	replace := strings.NewReplacer("{s}", prefix, "{shard}", shard)
	for _, file := range steps {
		text, err := fs.ReadFile(migrations, path.Join("migrations", set, file))
		if err != nil {
			return "", err
		}
		number, err := strconv.Atoi(file[:4])
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s;\nINSERT INTO %smigrations (number) VALUES (%d);\n", strings.TrimRight(replace.Replace(string(text)), "; \n"), prefix, number)
	}
	return b.String(), nil
}

// newest lists the migrations of a set in their order.
func newest(set string) ([]string, error) {
	entries, err := fs.ReadDir(migrations, path.Join("migrations", set))
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	slices.Sort(out)
	return out, err
}

var shardSchema = regexp.MustCompile(`^s(\d{4})$`)

// schemas lists the logical shards whose schemas are in a database, with the number of their newest migration.
func (s *Site) schemas(ctx context.Context, q interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, db int) ([]tintype.Shard, error) {
	rows, err := q.Query(ctx, "SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^s[0-9]{4}$' ORDER BY 1")
	if err != nil {
		return nil, s.wrap(db, "schemas", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, s.wrap(db, "schemas", err)
	}
	var out []tintype.Shard
	for _, name := range names {
		if m := shardSchema.FindStringSubmatch(name); m != nil {
			n, err := strconv.ParseUint(m[1], 10, 12)
			if err != nil {
				return nil, s.wrap(db, "schemas", err)
			}
			out = append(out, tintype.Shard(n))
		}
	}
	return out, nil
}

// mapped reads the shard map: the database of each logical shard, by its number.
func (s *Site) mapped(ctx context.Context) (map[tintype.Shard]int, error) {
	rows, err := s.dbs[0].Query(ctx, "SELECT shard, database_name FROM directory.shard_map")
	if err != nil {
		return nil, s.wrap(0, "shard_map", err)
	}
	out := map[tintype.Shard]int{}
	var shard int64
	var name string
	_, err = pgx.ForEachRow(rows, []any{&shard, &name}, func() error {
		db := slices.IndexFunc(s.o.Databases, func(d SiteDatabase) bool { return d.Name == name })
		if db < 0 {
			return tintype.Errorf(tintype.Invalid, "logical shard %d is in database %q, which the configuration does not name", shard, name)
		}
		out[tintype.Shard(shard)] = db
		return nil
	})
	return out, s.wrap(0, "shard_map", err)
}

// Map gives the logical shards that the site has, as sqlstore.ShardMap does.
func (s *Site) Map(ctx context.Context) ([]sqlstore.ShardRow, error) {
	rows, err := s.dbs[0].Query(ctx, "SELECT shard, database_name, created FROM directory.shard_map ORDER BY shard")
	if err != nil {
		return nil, s.wrap(0, "shard_map", err)
	}
	var out []sqlstore.ShardRow
	var shard, created int64
	var name string
	_, err = pgx.ForEachRow(rows, []any{&shard, &name, &created}, func() error {
		out = append(out, sqlstore.ShardRow{Shard: tintype.Shard(shard), Database: name, Created: sqlstore.FromMicros(created)})
		return nil
	})
	return out, s.wrap(0, "shard_map", err)
}

// prefix is that of an area's tables.
func prefix(a sqlstore.Area) string {
	if a.Directory {
		return "directory."
	}
	return SchemaName(a.Shard)
}

func quotedNames(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = `"` + n + `"`
	}
	return out
}

func keyIs(t *sqlstore.Table) string {
	parts := make([]string, len(t.Key))
	for i, name := range t.KeyNames() {
		parts[i] = `"` + name + `" = $` + strconv.Itoa(i+1)
	}
	return strings.Join(parts, " AND ")
}
