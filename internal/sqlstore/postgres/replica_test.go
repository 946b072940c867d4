package postgres_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// marks is what processes tell each other, in this one.
type marks struct {
	mu sync.Mutex
	m  map[tintype.ID]int64
}

func (k *marks) Note(_ context.Context, user tintype.ID, mark int64, _ time.Duration) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.m[user] = mark
	return nil
}

func (k *marks) Mark(_ context.Context, user tintype.ID) (int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.m[user], nil
}

// process is one process of a site with a replica.
type process struct {
	t     *testing.T
	db    *postgres.Database
	r     *shard.Router
	graph sqlstore.Graph
	write *sqlstore.Writes
}

func newProcess(t *testing.T, dsn, replica string, tokens sqlstore.Tokens) *process {
	t.Helper()
	p := &process{t: t, write: sqlstore.NewWrites(tokens)}
	var err error
	p.db, err = postgres.Open(t.Context(), postgres.Options{Name: "db0", DSN: dsn, Replica: replica, Writes: p.write, Directory: true, Shards: []tintype.Shard{0}, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.db.Close(); err != nil {
			t.Error(err)
		}
	})
	p.r = shard.New(p.db.DB, shard.Range{DB: p.db.DB, Shards: []tintype.Shard{0}})
	p.graph = sqlstore.Graph{R: p.r}
	return p
}

// follow writes one follow of author by somebody, and says who did.
func (p *process) follow(me, author tintype.ID) {
	p.t.Helper()
	if _, err := p.graph.Follow(p.t.Context(), me, author, tintype.EdgeThere); err != nil {
		p.t.Fatal(err)
	}
	p.write.Note(p.t.Context(), me)
}

// follows reads whom user follows, as reader may see it, and tells whether the replica answered.
func (p *process) follows(user, reader tintype.ID) (n int, byReplica bool) {
	p.t.Helper()
	before := p.db.DB.ReplicaReads()
	ids, _, err := p.graph.Following(p.t.Context(), user, tintype.EdgeThere, tintype.Page{Count: 50}.ByOld(reader))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(ids), p.db.DB.ReplicaReads() > before
}

// until waits for something to come true.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestReplica(t *testing.T) {
	t.Parallel()
	dsn := testpg.Start(t)
	me, friend, other, stranger := tintype.ID(1<<22), tintype.ID(2<<22), tintype.ID(3<<22), tintype.ID(4<<22)
	alone := newProcess(t, dsn, "", nil) // the schemas are there before the replica is
	if err := alone.r.Home(0).Write(t.Context(), func(tx *sqlstore.Tx) error {
		for i, u := range []tintype.ID{me, friend, other, stranger} {
			if _, err := tx.Exec(t.Context(), &sqlstore.Stmt{Name: "test", SQL: `INSERT INTO {s}users (id, username, full_name, bio, website, avatar_key, private, state, media, follows, followers, created, last_seen, activity_seen)
				VALUES ($1, $2, '', '', '', '', 0, 0, 0, 0, 0, 0, 0, 0)`}, u, string(rune('a'+i))); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	server, replica := testserve.Standby(t, dsn)
	standby, err := sql.Open("pgx", replica)
	if err != nil {
		t.Fatal(err)
	}
	standby.SetMaxIdleConns(0) // it is restarted below
	t.Cleanup(func() { standby.Close() })
	exec := func(text string) {
		t.Helper()
		if _, err := standby.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	tokens := &marks{m: map[tintype.ID]int64{}}
	one, two := newProcess(t, dsn, replica, tokens), newProcess(t, dsn, replica, tokens)

	one.follow(me, friend)
	until(t, "the replica answers", func() bool { n, by := one.follows(me, stranger); return by && n == 1 })
	until(t, "it answers who wrote, too", func() bool { n, by := one.follows(me, me); return by && n == 1 })

	// The replica stops where it is. Whoever wrote sees it at once, in every
	// process; others see it as it was.
	exec("SELECT pg_wal_replay_pause()")
	until(t, "the replay stops", func() bool {
		var state string
		if err := standby.QueryRowContext(t.Context(), "SELECT pg_get_wal_replay_pause_state()").Scan(&state); err != nil {
			t.Fatal(err)
		}
		return state == "paused"
	})
	one.follow(me, other)
	for name, p := range map[string]*process{"the process that wrote": one, "another": two} {
		if n, by := p.follows(me, me); n != 2 || by {
			t.Errorf("%s: one's own write is %d follows, by the replica: %v", name, n, by)
		}
	}
	for _, reader := range []tintype.ID{stranger, 0} {
		until(t, "others are answered by the replica", func() bool { _, by := two.follows(me, reader); return by })
		if n, by := two.follows(me, reader); n != 1 || !by {
			t.Errorf("reader %v sees %d follows, by the replica: %v", reader, n, by)
		}
	}
	// What may not be old is not.
	if ids, _, err := two.graph.Following(t.Context(), me, tintype.EdgeThere, tintype.Page{Count: 50}); err != nil || len(ids) != 2 {
		t.Errorf("a page that may not be old has %d follows, %v", len(ids), err)
	}

	exec("SELECT pg_wal_replay_resume()")
	until(t, "the replica catches up", func() bool { n, by := two.follows(me, me); return n == 2 && by })
	until(t, "for others too", func() bool { n, by := one.follows(me, stranger); return n == 2 && by })

	// A replica that is gone is no failure; nor is one that comes back.
	if err := server.Services().Stop(); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []tintype.ID{me, stranger, 0} {
		if n, _ := one.follows(me, reader); n != 2 {
			t.Errorf("without a replica reader %v sees %d follows", reader, n)
		}
	}
	one.follow(me, stranger)
	if n, by := two.follows(me, me); n != 3 || by {
		t.Errorf("without a replica: %d follows, by the replica: %v", n, by)
	}
	server.Start()
	until(t, "the replica is asked again", func() bool { n, by := two.follows(me, me); return n == 3 && by })

	// One that was promoted is no replica any more: it may have parted from the primary.
	exec("SELECT pg_promote()")
	one.follow(other, me)
	until(t, "a promoted replica is left alone", func() bool { _, by := two.follows(other, 0); return !by })
	if n, by := two.follows(other, other); n != 1 || by {
		t.Errorf("after the promotion: %d follows, by the replica: %v", n, by)
	}
}
