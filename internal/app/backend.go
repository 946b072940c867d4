package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
)

// Backend is the databases of a site.
type Backend struct {
	Router *shard.Router
	// AddJobs gives the runner every database.
	AddJobs func(*runner.Runner) error
	// Close closes the databases.
	Close func() error
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
	return SQLiteBackend(shard.New(db, shard.Range{DB: db, Shards: shard.All()})), nil
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
