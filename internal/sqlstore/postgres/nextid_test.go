package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

const mintShards = 8

// mintSite is a database with mintShards shards.
func mintSite(t testing.TB) (dsn string, pool *pgxpool.Pool, shards []tintype.Shard) {
	t.Helper()
	dsn = testpg.Start(t)
	shards = shard.Spread(mintShards, 1)[0]
	db, err := postgres.Open(t.Context(), postgres.Options{Name: "pg", DSN: dsn, Shards: shards, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return dsn, db.Direct(), shards
}

// Eight clients mint while the server's clock steps back an hour: no ID comes
// twice, and what a shard mints after an ID was given is above it.
//
// The clock is stepped by replacing, in the functions under test, the one call
// that reads it by one that subtracts what a sequence says; all else is theirs.
func TestMintingWhileTheClockStepsBack(t *testing.T) {
	t.Parallel()
	dsn, pool, shards := mintSite(t)
	ctx := t.Context()
	if _, err := pool.Exec(ctx, `CREATE SEQUENCE public.step MINVALUE 0 START 0;
		CREATE FUNCTION public.stepped() RETURNS timestamptz LANGUAGE sql AS
			$$ SELECT clock_timestamp() - make_interval(secs => coalesce(pg_sequence_last_value('public.step'::regclass), 0)) $$`); err != nil {
		t.Fatal(err)
	}
	for _, s := range shards {
		var def string
		if err := pool.QueryRow(ctx, "SELECT pg_get_functiondef('"+postgres.SchemaName(s)+"next_id'::regproc)").Scan(&def); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(def, "clock_timestamp()") {
			t.Fatalf("next_id does not read the clock as expected: %s", def)
		}
		if _, err := pool.Exec(ctx, strings.ReplaceAll(def, "clock_timestamp()", "public.stepped()")); err != nil {
			t.Fatal(err)
		}
	}
	// Half of the clients come through a pooler, each on connections of its own.
	_, pooled := testserve.PgBouncer(t, dsn)
	const clients, batches, batch = 8, 120, 100
	var newest [tintype.NumShards]atomic.Int64 // of each shard, the newest that was given
	var given atomic.Int64
	var stepped sync.Once
	all := make([][]tintype.ID, clients)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			cfg, err := pgx.ParseConfig([]string{dsn, pooled[0]}[c%2])
			if err != nil {
				t.Error(err)
				return
			}
			cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
			conn, err := pgx.ConnectConfig(ctx, cfg)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close(context.Background())
			for b := range batches {
				s := shards[(c+b)%len(shards)]
				floor := newest[s].Load()
				n := batch
				if b%3 == 0 {
					n = 1
				}
				rows, err := conn.Query(ctx, fmt.Sprintf("SELECT %snext_id() FROM generate_series(1, %d)", postgres.SchemaName(s), n))
				if err != nil {
					t.Error(err)
					return
				}
				ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
				if err != nil {
					t.Error(err)
					return
				}
				for _, id := range ids {
					if id <= floor || tintype.ID(id).Shard() != s {
						t.Errorf("shard %d gave %d after %d", s, id, floor)
						return
					}
					floor = id
					all[c] = append(all[c], tintype.ID(id))
				}
				for old := newest[s].Load(); old < floor && !newest[s].CompareAndSwap(old, floor); old = newest[s].Load() {
				}
				if given.Add(int64(n)) > clients*batches*batch/3 {
					stepped.Do(func() {
						if _, err := pool.Exec(ctx, "SELECT setval('public.step', 3600)"); err != nil {
							t.Error(err)
						}
					})
				}
			}
		})
	}
	wg.Wait()
	ids := slices.Concat(all...)
	slices.Sort(ids)
	if n := len(slices.Compact(slices.Clone(ids))); n != len(ids) {
		t.Errorf("%d of %d IDs came twice", len(ids)-n, len(ids))
	}
	// The clock was an hour ahead once, and that is where the IDs are.
	var now time.Time
	if err := pool.QueryRow(ctx, "SELECT public.stepped()").Scan(&now); err != nil {
		t.Fatal(err)
	}
	if lead := ids[len(ids)-1].Time().Sub(now); lead < 50*time.Minute {
		t.Errorf("the newest ID is only %v ahead of the clock that was stepped back: it was never stepped", lead)
	}
}

// IDs follow the clock when nobody holds a write open.
func TestIDsFollowTheClock(t *testing.T) {
	t.Parallel()
	_, pool, shards := mintSite(t)
	for range 5 {
		var id int64
		var before, after time.Time
		if err := pool.QueryRow(t.Context(), "SELECT clock_timestamp(), "+postgres.SchemaName(shards[0])+"next_id(), clock_timestamp()").Scan(&before, &id, &after); err != nil {
			t.Fatal(err)
		}
		if at := tintype.ID(id).Time(); at.Before(before.Add(-20*time.Millisecond)) || at.After(after.Add(20*time.Millisecond)) {
			t.Errorf("an ID minted between %v and %v says %v", before, after, at)
		}
		time.Sleep(17 * time.Millisecond) // the tickets fall behind
	}
}

// A puller that died in the middle, or a crash of the server, leaves "pulls" odd: the next caller mends it.
func TestPullsHeal(t *testing.T) {
	t.Parallel()
	_, pool, shards := mintSite(t)
	name := postgres.SchemaName(shards[0])
	var last int64
	for i := range 4 {
		var id, pulls int64
		if err := pool.QueryRow(t.Context(), "SELECT "+name+"next_id()").Scan(&id); err != nil {
			t.Fatal(err)
		}
		if err := pool.QueryRow(t.Context(), "SELECT last_value FROM "+name+"pulls").Scan(&pulls); err != nil {
			t.Fatal(err)
		}
		if id <= last || i > 0 && pulls&1 != 0 {
			t.Errorf("ID %d after %d, pulls is %d", id, last, pulls)
		}
		last = id
		if _, err := pool.Exec(t.Context(), "SELECT setval('"+name+"pulls', $1)", pulls|1+32); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkMint compares next_id with a bare nextval, a thousand in a statement.
func BenchmarkMint(b *testing.B) {
	_, pool, shards := mintSite(b)
	if _, err := pool.Exec(b.Context(), "CREATE SEQUENCE public.bare"); err != nil {
		b.Fatal(err)
	}
	for name, call := range map[string]string{"next_id": postgres.SchemaName(shards[0]) + "next_id()", "nextval": "nextval('public.bare')"} {
		for what, n := range map[string]int{"batch": 1000, "single": 1} {
			b.Run(name+"/"+what, func(b *testing.B) {
				query := fmt.Sprintf("SELECT count(%s) FROM generate_series(1, %d)", call, n)
				for i := 0; i < b.N; i += n {
					if _, err := pool.Exec(b.Context(), query, pgx.QueryExecModeCacheStatement); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
