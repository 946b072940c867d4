// Package move is what an operator does to logical shards of a site on
// PostgreSQL: list and create them, move one to another database while people
// use it, even out the databases, and compare the map with what exists.
//
// A move copies the shard's schema by logical replication, holds up the writes
// of that one shard for some hundredths of a second while the source's schema is
// renamed and the map in the directory changes, compares both copies, and drops
// the old one. Every step is written down in the directory before it begins and
// may be repeated, so a move whose program died is resumed or, up to the change
// of the map, cancelled. ADR 0011 says why it is done in this way.
//
// It needs the addresses of the databases themselves (no pooler), a superuser
// and wal_level = logical. How requests find a shard that has moved is left to
// sqlstore and shard. Errors are *tintype.Error: Invalid for what cannot be
// asked, NotFound for a shard that does not exist, Conflict for what is under
// way already, Unavailable for a database that does not answer, Internal for
// copies that differ.
package move

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/tintype"
)

// Database is one physical database.
type Database struct {
	Name string // as the map has it
	DSN  string // straight to the server, as a superuser; other databases' servers must reach it too
}

// Config is what a Mover is made of.
type Config struct {
	Databases []Database // the first holds the directory
	Clock     tintype.Clock
	// Settle is how long after a move every process surely knows of it: a shard
	// does not come back to a database that it left less long ago. 0 for 5 s.
	Settle time.Duration
}

// Mover does the work. It may be used by several goroutines; two moves of one
// shard are refused, whichever process they come from.
type Mover struct {
	places []*place
	clock  tintype.Clock
	settle time.Duration
	// at is called at the points where a move may die, for tests.
	at func(point string)
}

// place is one database.
type place struct {
	Database
	db *sql.DB
}

// Open connects to every database.
func Open(ctx context.Context, c Config) (*Mover, error) {
	m := &Mover{clock: c.Clock, settle: c.Settle, at: func(string) {}}
	if m.settle == 0 {
		m.settle = 5 * time.Second
	}
	for _, d := range c.Databases {
		db, err := postgres.OpenDirect(ctx, d.Name, d.DSN)
		if err != nil {
			return nil, errors.Join(err, m.Close())
		}
		m.places = append(m.places, &place{Database: d, db: db})
	}
	if len(m.places) == 0 {
		return nil, tintype.Errorf(tintype.Invalid, "there is no database")
	}
	return m, nil
}

// Close gives the connections back.
func (m *Mover) Close() error {
	var errs []error
	for _, p := range m.places {
		errs = append(errs, p.db.Close())
	}
	return errors.Join(errs...)
}

func (m *Mover) directory() *place { return m.places[0] }

func (m *Mover) place(name string) (*place, error) {
	var names []string
	for _, p := range m.places {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return nil, tintype.Errorf(tintype.Invalid, "there is no database called %q; there are %s", name, strings.Join(names, ", "))
}

func (m *Mover) now() int64 { return m.clock().UnixMicro() }

// home is the database that the map gives for a shard.
func (m *Mover) home(ctx context.Context, s tintype.Shard) (*place, error) {
	var name string
	err := m.directory().db.QueryRowContext(ctx, "SELECT database_name FROM directory.shard_map WHERE shard = $1", int64(s)).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, tintype.Errorf(tintype.NotFound, "there is no shard %d: see tintype shard list", s)
	}
	if err != nil {
		return nil, failed(m.directory(), "reading the map", err)
	}
	return m.place(name)
}

// failed is an error of a database, by its code.
func failed(p *place, what string, err error) error {
	var known *tintype.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	kind := tintype.Internal
	if state := postgres.State(err); state == "" || strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57") {
		kind = tintype.Unavailable
	}
	return &tintype.Error{Kind: kind, Msg: "database " + p.Name + ": " + what, Err: err}
}

// name is the schema of a shard, old what it is called once it has moved away.
func name(s tintype.Shard) string { return strings.TrimSuffix(postgres.SchemaName(s), ".") }
func old(s tintype.Shard) string  { return "gone_" + name(s) }

// link is the name of the publication and of the subscription of a move.
func link(s tintype.Shard) string { return "tintype_" + name(s) }

// slot is the name of the replication slot; slots are common to all databases of a server.
func (p *place) slot(ctx context.Context, s tintype.Shard) (string, error) {
	var oid int64
	err := p.db.QueryRowContext(ctx, "SELECT oid FROM pg_database WHERE datname = current_database()").Scan(&oid)
	return fmt.Sprintf("tintype_%d_%s", oid, name(s)), err
}

// has says whether a schema exists.
func (p *place) has(ctx context.Context, schema string) (bool, error) {
	var n int
	err := p.db.QueryRowContext(ctx, "SELECT count(*) FROM pg_namespace WHERE nspname = $1", schema).Scan(&n)
	return n > 0, err
}

// exec runs statements one after the other, each on its own.
func (p *place) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := p.db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// quote is a text as SQL has it.
func quote(s string) string {
	if strings.Contains(s, `\`) {
		return " E'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(s) + "'"
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// sleep waits, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
