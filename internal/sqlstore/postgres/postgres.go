// Package postgres opens the PostgreSQL databases of sqlstore: one schema per
// logical shard, named in every statement, and a schema "directory" where the
// database is given that role. Nothing is kept in session state, so that what
// requests use may lead through PgBouncer in transaction mode. IDs are minted by
// next_id() in each schema.
//
// A dead server costs whoever asks it a few seconds at first and nothing once it
// is known to be dead; what it held is Unavailable until it is back. Errors are
// those of sqlstore; Invalid for an address that cannot be read.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

//go:embed migrations
var migrations embed.FS

// Options say what a database is for.
type Options struct {
	Name string // in the shard map, in logs and metrics
	// DSN is what requests use. With Pooled it leads to a PgBouncer in transaction
	// mode, and Direct must lead past it.
	DSN    string
	Pooled bool
	// Direct is for migrations, jobs and moves of shards; "" for DSN. It may name several hosts
	// with target_session_attrs=read-write.
	Direct string
	// Replica is a streaming replica, for reads that may be a moment old; "" for none. Writes tells
	// who must see more than it may have.
	Replica string
	Writes  *sqlstore.Writes
	// Directory makes this database the home of the directory.
	Directory bool
	// Shards are logical shards to be materialised at once, for a fixed map; where the map is in
	// the directory, shard.Open sees to it.
	Shards   []tintype.Shard
	MaxConns int           // of this process for requests; 0 for 16
	Clock    tintype.Clock // of jobs
}

// Time limits. Together they let a request that meets a dead server wait for
// three seconds at most.
const (
	dialFor  = 2 * time.Second         // for a connection
	unheard  = 2500 * time.Millisecond // for sent bytes to be acknowledged by the other machine
	pingFor  = time.Second             // for a sign of life of a connection that was idle
	patience = 2500 * time.Millisecond // for a statement, or a whole write, waiting for a connection included

	// Of the server, for what nobody waits for any longer. Through PgBouncer they are its to set (connect_query).
	statementFor = "30s"
	lockFor      = "2500ms"
	idleFor      = "10s" // in a transaction

	jobConns = 12 // of this process for jobs and upkeep
)

// Database is an open database.
type Database struct {
	// DB is what sqlstore and the router take.
	DB *sqlstore.DB

	options                   Options
	requests, direct, replica *pgxpool.Pool
	bell                      *bell
}

// Open opens a database and brings its tables up to date. A database that is
// down is opened too, and prepared when it is back, unless it is to hold the
// directory or Shards. Close it when the DB is no longer used; it closes the DB.
func Open(ctx context.Context, o Options) (*Database, error) {
	requests, err := newPool(ctx, o, o.DSN, o.Pooled, max(o.MaxConns, 0))
	if err != nil {
		return nil, err
	}
	d := &Database{options: o, requests: requests, direct: requests}
	if o.Direct != "" && o.Direct != o.DSN {
		if d.direct, err = newPool(ctx, o, o.Direct, false, jobConns); err != nil {
			requests.Close()
			return nil, err
		}
	}
	pool := stdlib.OpenDBFromPool(requests)
	d.DB = sqlstore.New(o.Name, d.dialect(), pool, pool)
	d.bell = &bell{pool: requests, pending: map[string]bool{}}
	d.DB.OnJobs(d.bell.ring)
	if o.Replica != "" {
		if d.replica, err = newPool(ctx, o, o.Replica, false, max(o.MaxConns, 0)); err != nil {
			return nil, errors.Join(err, d.Close())
		}
		d.DB.UseReplica(stdlib.OpenDBFromPool(d.replica), o.Writes)
	}
	err = d.DB.Prepare(ctx, d.prepare)
	if err != nil && (o.Directory || len(o.Shards) > 0 || !tintype.IsKind(err, tintype.Unavailable)) {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Close closes the DB and all connections.
func (d *Database) Close() error {
	d.bell.close()
	err := d.DB.Close()
	d.requests.Close()
	d.direct.Close()
	if d.replica != nil {
		d.replica.Close()
	}
	return err
}

// JobDriver is what the job runner works the jobs of this database with, past PgBouncer.
func (d *Database) JobDriver() *riverpgxv5.Driver { return riverpgxv5.New(d.direct) }

// Direct is the pool that leads past PgBouncer, without time limits of ours but the server's.
func (d *Database) Direct() *pgxpool.Pool { return d.direct }

func newPool(ctx context.Context, o Options, dsn string, pooled bool, conns int) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, &tintype.Error{Kind: tintype.Invalid, Msg: "the PostgreSQL address of database " + o.Name + " cannot be read", Err: err}
	}
	cfg.MaxConns = 16
	if conns > 0 {
		cfg.MaxConns = int32(conns)
	}
	cfg.PingTimeout = pingFor
	c := cfg.ConnConfig
	c.ConnectTimeout = dialFor
	c.DialFunc = (&net.Dialer{
		Timeout:         dialFor,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: time.Second, Count: 3},
		Control:         control,
	}).DialContext
	if pooled {
		// The server at the other end changes from one transaction to the next: nothing prepared, and
		// none of the parameters that PgBouncer refuses.
		c.DefaultQueryExecMode = pgx.QueryExecModeExec
		c.StatementCacheCapacity, c.DescriptionCacheCapacity = 0, 0
	} else {
		c.StatementCacheCapacity = 1024 // some tens of statements in each of some tens of schemas
		for name, value := range map[string]string{"statement_timeout": statementFor, "lock_timeout": lockFor, "idle_in_transaction_session_timeout": idleFor} {
			if c.RuntimeParams[name] == "" {
				c.RuntimeParams[name] = value
			}
		}
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

func (d *Database) dialect() *sqlstore.Dialect {
	return &sqlstore.Dialect{
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
		Mint:            "{s}next_id()",
		Pipeline:        pipeline,
		Load:            d.load,
		Advance:         advance,
		Size:            size,
		InsertJobs:      jobInserter(d.options.Clock),
		Unprepared:      true,
		Patience:        patience,
		Probe:           d.probe,
		Position:        position,
		Replayed:        replayed,
		Materialise:     d.materialise,
	}
}

// probe asks for a sign of life of a server that takes writes, with a new
// connection: one that was there before may lead to what is no longer the primary.
func (d *Database) probe(ctx context.Context) error {
	d.requests.Reset()
	var standby bool
	if err := d.requests.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&standby); err != nil {
		return err
	}
	if standby {
		return errors.New("the server is a standby")
	}
	return nil
}

// overrides are the statements that need another text here.
var overrides = map[string]string{
	"check.minted": `SELECT last_value >> 10 FROM {s}id_seq`,
}

// SchemaName is the prefix of a logical shard's tables.
func SchemaName(s tintype.Shard) string { return fmt.Sprintf("s%04d.", s) }

func list(ids []tintype.ID) any {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

func nextID(ctx context.Context, tx *sql.Tx, schema string, shard tintype.Shard) (tintype.ID, error) {
	if !strings.HasPrefix(schema, "s") {
		return 0, errors.New("the directory mints no IDs")
	}
	var id tintype.ID
	err := tx.QueryRowContext(ctx, "SELECT "+schema+"next_id()").Scan(&id)
	return id, err
}
