package shard_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// handOver does by hand, and in one go, what a move of a logical shard ends with:
// it keeps writers waiting, copies, renames the source away and flips the map.
func handOver(t *testing.T, r *shard.Router, s tintype.Shard, from, to *postgres.Database) {
	t.Helper()
	ctx := t.Context()
	name := strings.TrimSuffix(postgres.SchemaName(s), ".")
	if _, err := to.Direct().Exec(ctx, "DROP SCHEMA IF EXISTS "+name+" CASCADE"); err != nil {
		t.Fatal(err)
	}
	if err := to.DB.Materialise(ctx, []tintype.Shard{s}); err != nil {
		t.Fatal(err)
	}
	err := pgx.BeginFunc(ctx, from.Direct(), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migrations'", name)
		if err != nil {
			return err
		}
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for i := range tables {
			tables[i] = name + "." + tables[i]
		}
		if _, err := tx.Exec(ctx, "LOCK TABLE "+strings.Join(tables, ", ")+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return err
		}
		target, err := to.Direct().Acquire(ctx)
		if err != nil {
			return err
		}
		defer target.Release()
		for _, table := range tables {
			var b bytes.Buffer
			if _, err := tx.Conn().PgConn().CopyTo(ctx, &b, "COPY "+table+" TO STDOUT"); err != nil {
				return err
			}
			if _, err := target.Conn().PgConn().CopyFrom(ctx, &b, "COPY "+table+" FROM STDIN"); err != nil {
				return err
			}
		}
		// An ID may still be minted here before the rename: the other side begins well above it.
		var last int64
		if err := tx.QueryRow(ctx, "SELECT last_value FROM "+name+".id_seq").Scan(&last); err != nil {
			return err
		}
		if _, err := target.Exec(ctx, "SELECT setval('"+name+".id_seq', $1)", last+10_000<<10); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, fmt.Sprintf("DROP SCHEMA IF EXISTS gone_%s CASCADE; ALTER SCHEMA %s RENAME TO gone_%s", name, name, name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // in which the shard is nowhere
	if err := (sqlstore.ShardMap{R: r}).Move(ctx, s, from.DB.Name, to.DB.Name); err != nil {
		t.Fatal(err)
	}
}

// Two processes like posts while a shard goes to and fro: nothing fails,
// nothing acknowledged is lost, and no ID comes twice.
func TestShardMovesUnderLoad(t *testing.T) {
	t.Parallel()
	for _, pooled := range []bool{false, true} {
		t.Run(map[bool]string{false: "direct", true: "pooled"}[pooled], func(t *testing.T) {
			t.Parallel()
			first, dbs := storetest.OpenFleet(t, time.Now, storetest.Fleet{Databases: 2, Pooled: pooled})
			second, err := shard.Open(t.Context(), shard.Config{Databases: []*sqlstore.DB{dbs[0].DB, dbs[1].DB}, Every: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(second.Close)
			s := first.Rows()[0].Shard
			user := tintype.MakeID(1_600_000_000_000, s, 1)

			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var wg sync.WaitGroup
			var mu sync.Mutex
			ops := map[tintype.ID]tintype.ID{} // acknowledged: op → post
			var reads [4]atomic.Int64
			for i, r := range []*shard.Router{first, second, first, second} {
				likes := sqlstore.Likes{R: r}
				wg.Go(func() {
					for n := tintype.ID(1); ctx.Err() == nil; n++ {
						post := n<<3 | tintype.ID(i)
						op, err := likes.Like(context.WithoutCancel(ctx), user, post, user, true)
						if err != nil {
							t.Errorf("like: %v", err)
							return
						}
						mu.Lock()
						if ops[op] != 0 {
							t.Errorf("ID %d was minted twice", op)
						}
						ops[op] = post
						mu.Unlock()
						if got, err := likes.Liked(context.WithoutCancel(ctx), user, []tintype.ID{post}); err != nil || len(got) != 1 {
							t.Errorf("what was liked a moment ago is not there: %v, %v", got, err)
							return
						}
						reads[i].Add(1)
					}
				})
			}
			for i := range 6 {
				// Each of them has met the new map before the shard goes back: nothing but that tells a
				// process that a schema of the right name is the copy being made, and not its home.
				for j := range reads {
					for before := reads[j].Load(); reads[j].Load() < before+5 && !t.Failed(); {
						time.Sleep(time.Millisecond)
					}
				}
				handOver(t, first, s, dbs[i%2], dbs[1-i%2])
			}
			stop()
			wg.Wait()

			var there int
			if err := dbs[0].Direct().QueryRow(t.Context(), "SELECT count(*) FROM "+postgres.SchemaName(s)+"my_likes WHERE state = 2").Scan(&there); err != nil {
				t.Fatal(err)
			}
			if there != len(ops) {
				t.Errorf("%d likes are there, %d were acknowledged", there, len(ops))
			}
		})
	}
}

func TestMapGrows(t *testing.T) {
	t.Parallel()
	clock := func() time.Time { return time.Unix(1_700_000_000, 0) }
	r, dbs := storetest.OpenFleet(t, clock, storetest.Fleet{Databases: 2, Shards: 4})
	stores := []*sqlstore.DB{dbs[0].DB, dbs[1].DB}
	if n := len(r.Open()); n != 4 {
		t.Fatalf("a new site has %d open shards, want 4", n)
	}
	later := func() time.Time { return clock().Add(time.Hour) }
	old, err := shard.Open(t.Context(), shard.Config{Databases: stores, Shards: 64, Clock: later, Every: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(old.Close)
	if len(old.Rows()) != 4 {
		t.Fatalf("the second process has %d shards, want the 4 of the first", len(old.Rows()))
	}
	fresh := r.Unused(3)
	if err := old.Create(t.Context(), "pg1", fresh...); err != nil {
		t.Fatal(err)
	}
	for _, s := range fresh {
		if h := old.Home(s); h.DB != dbs[1].DB || h.Schema != postgres.SchemaName(s) {
			t.Errorf("shard %d is at %s %s", s, h.DB.Name, h.Schema)
		}
	}
	if n := len(old.Open()); n != 4 {
		t.Errorf("%d shards are open, want 4: the new ones are too young", n)
	}
	if err := old.Create(t.Context(), "pg0", fresh[0]); !tintype.IsKind(err, tintype.Conflict) {
		t.Errorf("Create of a shard that is there: %v, want Conflict", err)
	}
	if err := old.Create(t.Context(), "pg9", fresh[0]); !tintype.IsKind(err, tintype.NotFound) {
		t.Errorf("Create in an unknown database: %v, want NotFound", err)
	}
	// Other processes see them by themselves.
	if err := (sqlstore.ShardMap{R: r}).SetClosed(t.Context(), "pg0", true); err != nil {
		t.Fatal(err)
	}
	for old.Open()[0] == 0 { // shard 0 is in pg0
		time.Sleep(time.Millisecond)
	}
	for range 100 {
		if s := old.Pick(); old.Home(s).DB != dbs[1].DB {
			t.Fatalf("Pick gave shard %d, of a closed database", s)
		}
	}
	// A process that lacks a database of the map does not start, and one that runs goes on without.
	if _, err := shard.Open(t.Context(), shard.Config{Databases: stores[:1]}); !tintype.IsKind(err, tintype.Invalid) {
		t.Errorf("Open without a database of the map: %v, want Invalid", err)
	}
	if err := (sqlstore.ShardMap{R: r}).Move(t.Context(), fresh[0], "pg1", "pg7"); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := (sqlstore.Likes{R: r}).Liked(t.Context(), tintype.MakeID(0, fresh[0], 0), []tintype.ID{1}); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("a read of a shard in an unknown database: %v, want Unavailable", err)
	}
}

// Several processes that begin a site at once agree on its map.
func TestBeginTogether(t *testing.T) {
	t.Parallel()
	_, dbs := storetest.OpenFleet(t, time.Now, storetest.Fleet{Databases: 2, Unbegun: true})
	stores := []*sqlstore.DB{dbs[0].DB, dbs[1].DB}
	maps := make([][]sqlstore.ShardRow, 4)
	var wg sync.WaitGroup
	for i := range maps {
		wg.Go(func() {
			r, err := shard.Open(context.Background(), shard.Config{Databases: stores, Shards: 8})
			if err != nil {
				t.Error(err)
				return
			}
			maps[i] = r.Rows()
			r.Close()
		})
	}
	wg.Wait()
	for _, m := range maps {
		if len(m) != 8 || fmt.Sprint(m) != fmt.Sprint(maps[0]) {
			t.Errorf("maps differ: %v and %v", m, maps[0])
		}
	}
}

// TestKeysStay: where shards are added by a machine whose clock is behind that of the one that
// began the site, or shows the same, keys stay where they are.
func TestKeysStay(t *testing.T) {
	t.Parallel()
	began := time.Unix(1_700_000_000, 0)
	r, dbs := storetest.OpenFleet(t, func() time.Time { return began }, storetest.Fleet{Databases: 2, Shards: 4})
	homes := func() (out []tintype.Shard) {
		for i := range 100 {
			out = append(out, r.KeyShard(fmt.Sprint("tag:", i)))
		}
		return out
	}
	was := homes()
	for _, at := range []time.Time{began.Add(-time.Hour), began} {
		other, err := shard.Open(t.Context(), shard.Config{Databases: []*sqlstore.DB{dbs[0].DB, dbs[1].DB}, Clock: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(other.Close)
		if err := other.Create(t.Context(), "pg1", other.Unused(4)...); err != nil {
			t.Fatal(err)
		}
		if err := r.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		if now := homes(); !slices.Equal(now, was) {
			t.Errorf("shards added at %v: keys are on %v, were on %v", at, now, was)
		}
	}
}
