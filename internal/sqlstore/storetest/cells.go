// Package storetest runs the storage suite in cells: SQLite with one database,
// SQLite with three, PostgreSQL with one, and three through PgBouncer by a map
// in the directory. Every test of sqlstore goes through
// Cells, so no behaviour is tested on one engine only; at the end Main checks
// that every named statement of sqlstore ran on every engine.
package storetest

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// Cell is one way of running the store.
type Cell struct {
	Name   string
	Engine string // "sqlite" or "postgres"
	open   func(t testing.TB, clock tintype.Clock) *shard.Router
}

// Cells lists every cell.
func Cells() []Cell {
	return []Cell{
		{Name: "sqlite1", Engine: "sqlite", open: func(t testing.TB, c tintype.Clock) *shard.Router { return openSQLite(t, c, 1) }},
		{Name: "sqlite3", Engine: "sqlite", open: func(t testing.TB, c tintype.Clock) *shard.Router { return openSQLite(t, c, 3) }},
		{Name: "postgres1", Engine: "postgres", open: func(t testing.TB, c tintype.Clock) *shard.Router { r, _ := OpenPostgres(t, c, 1); return r }},
		{Name: "postgres3", Engine: "postgres", open: func(t testing.TB, c tintype.Clock) *shard.Router { r, _ := OpenPostgres(t, c, 3); return r }},
	}
}

// Open gives a fresh empty site of this cell.
func (c Cell) Open(t testing.TB, clock tintype.Clock) *shard.Router {
	t.Helper()
	return c.open(t, clock)
}

// Run runs f as a parallel subtest in every cell, each on a fresh empty site.
// A nil clock is the real one.
func Run(t *testing.T, clock tintype.Clock, f func(t *testing.T, r *shard.Router)) {
	t.Helper()
	if clock == nil {
		clock = time.Now
	}
	for _, c := range Cells() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			f(t, c.open(t, clock))
		})
	}
}

// OpenSQLite gives a fresh site on one SQLite file, for tests of the rules.
func OpenSQLite(t testing.TB, clock tintype.Clock) *shard.Router { return openSQLite(t, clock, 1) }

func openSQLite(t testing.TB, clock tintype.Clock, n int) *shard.Router {
	t.Helper()
	dir := t.TempDir()
	parts := shard.Spread(tintype.NumShards, n)
	var ranges []shard.Range
	for i := range n {
		db, err := sqlite.Open(context.Background(), sqlite.Options{
			Path: filepath.Join(dir, fmt.Sprintf("tintype%d.db", i)), Name: fmt.Sprintf("db%d", i), Clock: clock, Directory: i == 0})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close(); record("sqlite", db) })
		ranges = append(ranges, shard.Range{DB: db, Shards: parts[i]})
	}
	return shard.New(ranges[0].DB, ranges...)
}

// pgShards is how many logical shards a PostgreSQL cell materialises: enough
// that most pairs of users are on different ones, few enough to be quick.
const pgShards = 4

// OpenPostgres gives a fresh site on n databases of the test server: one is used
// directly and has a fixed map, several are used through a PgBouncer in
// transaction mode and have their map in the directory.
func OpenPostgres(t testing.TB, clock tintype.Clock, n int) (*shard.Router, []*postgres.Database) {
	t.Helper()
	if n > 1 {
		return OpenFleet(t, clock, Fleet{Databases: n, Pooled: true})
	}
	shards := shard.Spread(pgShards, 1)[0]
	db := openPostgres(t, postgres.Options{Name: "pg0", DSN: testpg.Start(t), Directory: true, Shards: shards, Clock: clock})
	return shard.New(db.DB, shard.Range{DB: db.DB, Shards: shards}), []*postgres.Database{db}
}

// Fleet says what OpenFleet opens.
type Fleet struct {
	Databases int
	Shards    int  // logical shards; 0 for 4
	Pooled    bool // through PgBouncer
	Unbegun   bool // no map is made, and the Router is nil
	// Through may put something between this process and a database; nil for nothing.
	Through func(i int, dsn string) string
}

// OpenFleet gives a fresh site on databases pg0, pg1, … with its map in the directory.
func OpenFleet(t testing.TB, clock tintype.Clock, f Fleet) (*shard.Router, []*postgres.Database) {
	t.Helper()
	direct := make([]string, f.Databases)
	for i := range direct {
		direct[i] = testpg.Start(t)
		if f.Through != nil {
			direct[i] = f.Through(i, direct[i])
		}
	}
	dsns := direct
	if f.Pooled {
		_, dsns = testserve.PgBouncer(t, direct...)
	}
	dbs := make([]*postgres.Database, f.Databases)
	stores := make([]*sqlstore.DB, f.Databases)
	for i := range dbs {
		dbs[i] = openPostgres(t, postgres.Options{Name: fmt.Sprintf("pg%d", i), DSN: dsns[i], Pooled: f.Pooled, Direct: direct[i], Directory: i == 0, Clock: clock})
		stores[i] = dbs[i].DB
	}
	if f.Unbegun {
		return nil, dbs
	}
	r, err := shard.Open(context.Background(), shard.Config{Databases: stores, Shards: cmp.Or(f.Shards, pgShards), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r, dbs
}

func openPostgres(t testing.TB, o postgres.Options) *postgres.Database {
	t.Helper()
	db, err := postgres.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(); record("postgres", db.DB) })
	return db
}

// ran collects, for the whole test process, which statement ran on which engine.
var ran = struct {
	sync.Mutex
	m map[[2]string]bool
}{m: map[[2]string]bool{}}

func record(engine string, db *sqlstore.DB) {
	ran.Lock()
	defer ran.Unlock()
	for name, n := range db.Ran() {
		if n > 0 {
			ran.m[[2]string{engine, name}] = true
		}
	}
}
