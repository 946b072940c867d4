package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/tintype"
)

// Backend is the databases of a site.
type Backend struct {
	Router *shard.Router
	// Databases are those in PostgreSQL, in the order of the configuration.
	Databases []*postgres.Database
	// AddJobs gives the runner every database.
	AddJobs func(*runner.Runner) error
	// Close closes the databases.
	Close func() error
	// Writes knows who changed something of late, for replicas; nil where there are none.
	Writes *sqlstore.Writes
}

// wrote hears of a user who may have changed something.
func (b *Backend) wrote(ctx context.Context, user tintype.ID) {
	if b.Writes != nil {
		b.Writes.Note(ctx, user)
	}
}

// databaseFile is the one database of a site in a directory.
const databaseFile = "tintype.db"

// SQLiteBackend takes a site of SQLite databases.
func SQLiteBackend(r *shard.Router) *Backend {
	return &Backend{
		Router: r,
		AddJobs: func(run *runner.Runner) error {
			for _, db := range r.Databases() {
				if err := runner.AddSQLite(run, db.Name, db); err != nil {
					return err
				}
			}
			return nil
		},
		Close: func() error {
			var first error
			for _, db := range r.Databases() {
				if err := db.Close(); err != nil && first == nil {
					first = err
				}
			}
			return first
		},
	}
}

// openBackend opens the databases: those that were given, those of the fleet, or the file in the directory.
func openBackend(ctx context.Context, c checked) (*Backend, error) {
	switch {
	case c.Backend != nil:
		return c.Backend, nil
	case c.Fleet.KeepsHere():
		return openSQLite(ctx, c)
	}
	return OpenDatabases(ctx, c.Config)
}

// OpenDatabases opens the databases of a fleet, which are to be closed with the
// Backend, and makes them if they are new. The first one, which holds the
// directory, must answer; the others may be down.
func OpenDatabases(ctx context.Context, c Config) (_ *Backend, err error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	b := &Backend{}
	b.Close = func() error {
		var errs []error
		if b.Router != nil {
			b.Router.Close()
		}
		for _, d := range b.Databases {
			errs = append(errs, d.Close())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	if slices.ContainsFunc(c.Fleet.Databases, func(d Database) bool { return d.Replica != "" }) {
		b.Writes = sqlstore.NewWrites(nil)
	}
	var dbs []*sqlstore.DB
	for i, d := range c.Fleet.Databases {
		db, err := postgres.Open(ctx, postgres.Options{Name: d.Name, DSN: d.DSN, Pooled: d.Pooled, Direct: d.Direct, Replica: d.Replica, Writes: b.Writes, Directory: i == 0, MaxConns: d.MaxConns, Clock: c.Clock})
		if err != nil {
			return nil, fmt.Errorf("database %q cannot be opened: %w", d.Name, err)
		}
		b.Databases, dbs = append(b.Databases, db), append(dbs, db.DB)
	}
	if b.Router, err = shard.Open(ctx, shard.Config{Databases: dbs, Shards: c.Fleet.Shards, Clock: c.Clock, Log: c.Log}); err != nil {
		return nil, err
	}
	b.AddJobs = func(run *runner.Runner) error {
		for _, d := range b.Databases {
			if err := runner.Add(run, d.DB.Name, d.JobDriver()); err != nil {
				return err
			}
		}
		return nil
	}
	return b, nil
}

// openSQLite opens the site in a directory: one file that plays every logical shard.
func openSQLite(ctx context.Context, c checked) (*Backend, error) {
	path := filepath.Join(c.Data, databaseFile)
	// Made here, so that nobody else may read it whatever the directory allows; SQLite's own files beside it follow.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("the database cannot be opened: %w", err)
	}
	db, err := sqlite.Open(ctx, sqlite.Options{Path: path, Name: "main", Clock: c.Clock, Directory: true})
	if err != nil {
		return nil, fmt.Errorf("the database cannot be opened: %w", err)
	}
	// The file plays every logical shard, but new users live on as many as a fleet begins with: each
	// shard with rows becomes a schema should the site move there, and thousands of schemas weigh more than the rows.
	return SQLiteBackend(shard.New(db, shard.Range{DB: db, Shards: shard.All(), Open: shard.Spread(shard.DefaultShards, 1)[0]})), nil
}

// statements counts what ran on each database, for the metrics.
func (b *Backend) statements() map[string]map[string]int64 {
	out := map[string]map[string]int64{}
	for _, db := range b.Router.Databases() {
		out[db.Name] = db.Ran()
	}
	return out
}

// ping asks the directory for a sign of life. Without it nobody can sign in;
// another database that is down costs its users only, and no process is to be
// taken out of service for it.
func (b *Backend) ping(ctx context.Context) error { return b.Router.Directory().DB.Ping(ctx) }
