package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// operatorConns is how many connections an operator's pool may take.
const operatorConns = 8

// OpenDirect connects to a database for an operator's work: without a pooler in
// between, without a limit on how long a statement takes, with few connections.
// Nothing is materialised or migrated. An address that cannot be read is
// Invalid, a server that cannot be reached Unavailable.
func OpenDirect(ctx context.Context, name, dsn string) (*sql.DB, error) {
	cfg, err := directConfig(name, dsn)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(operatorConns)
	db.SetMaxIdleConns(operatorConns)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, &tintype.Error{Kind: tintype.Unavailable, Msg: "the database " + name + " cannot be reached", Err: err}
	}
	return db, nil
}

func directConfig(name, dsn string) (*pgx.ConnConfig, error) {
	cfg, err := pgxpool.ParseConfig(dsn) // knows the pool's own parameters, which are of no use here
	if err != nil {
		return nil, &tintype.Error{Kind: tintype.Invalid, Msg: "the PostgreSQL address of database " + name + " cannot be read", Err: err}
	}
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	delete(cfg.ConnConfig.RuntimeParams, "statement_timeout")
	return cfg.ConnConfig, nil
}

// libpqKeys are the parameters of an address that a PostgreSQL server understands
// as a client; what only pgx knows would make it refuse the address.
var libpqKeys = map[string]bool{
	"host": true, "hostaddr": true, "port": true, "dbname": true, "user": true, "password": true, "passfile": true,
	"sslmode": true, "sslrootcert": true, "sslcert": true, "sslkey": true, "sslcrl": true, "channel_binding": true,
	"connect_timeout": true, "target_session_attrs": true, "options": true, "gssencmode": true,
	"keepalives": true, "keepalives_idle": true, "keepalives_interval": true, "keepalives_count": true,
}

// ServerDSN is dsn as another PostgreSQL server may use it, for a subscription.
// An address of the form "key=value …" is taken as it is.
func ServerDSN(dsn string) string {
	base, query, ok := strings.Cut(dsn, "?")
	if !ok || !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return dsn // the server will say what is wrong with it
	}
	for k := range values {
		if !libpqKeys[k] {
			values.Del(k)
		}
	}
	return base + "?" + values.Encode()
}

// Materialise makes the schema of a logical shard, if it is not there, and
// brings it up to date.
func Materialise(ctx context.Context, db *sql.DB, s tintype.Shard) error {
	schema := SchemaName(s)
	dir, err := fs.Sub(migrations, "migrations/shard")
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS "+strings.TrimSuffix(schema, ".")); err != nil {
		return err
	}
	return sqlstore.Migrate(ctx, db, dir, schema+"migrations", strings.NewReplacer("{s}", schema, "{shard}", fmt.Sprint(s)))
}

// ShardMigration is the number of the newest migration of a shard that this program knows.
func ShardMigration() (int, error) {
	names, err := fs.Glob(migrations, "migrations/shard/*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.Join(errors.New("the program holds no migrations"), err)
	}
	name := strings.TrimPrefix(names[len(names)-1], "migrations/shard/") // Glob sorts
	return strconv.Atoi(name[:4])
}

// State is the SQLSTATE of a PostgreSQL error (its Appendix A), "" for others.
func State(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
