package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	insert = &sqlstore.Stmt{Name: "test.insert", SQL: `INSERT INTO {s}settings (name, value, changed_by, changed) VALUES ($2, $1, $3, $3)`}
	count  = &sqlstore.Stmt{Name: "test.count", SQL: `SELECT count(*) FROM {s}settings`}
	get    = &sqlstore.Stmt{Name: "test.get", SQL: `SELECT value, changed_by FROM {s}settings WHERE name = $1`}
	inList = &sqlstore.Stmt{Name: "test.in", SQL: `SELECT e.value FROM {each $1} WHERE e.value {in $2} ORDER BY 1`}
	jobs   = &sqlstore.Stmt{Name: "test.jobs", SQL: `SELECT count(*) FROM river_job`}
)

func open(t *testing.T, path string, clock tintype.Clock) *sqlstore.DB {
	t.Helper()
	db, err := sqlite.Open(context.Background(), sqlite.Options{Path: path, Name: "test", Clock: clock, Directory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestGroupCommit(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := open(t, filepath.Join(t.TempDir(), "t ü?.db"), time.Now)
	h := sqlstore.Home{DB: db}
	var wg sync.WaitGroup
	bad := errors.New("no")
	errs := make([]error, 200)
	for i := range errs {
		wg.Go(func() {
			errs[i] = h.Write(ctx, func(tx *sqlstore.Tx) error {
				if _, err := tx.Exec(ctx, insert, "v", tintype.ID(i+1).String(), i); err != nil {
					return err
				}
				tx.Enqueue(job.Insert{Kind: job.EdgeKind, Item: job.Edge{Type: job.EdgeLike, Op: tintype.ID(i)}})
				if i%4 == 0 {
					return bad
				}
				return nil
			})
		})
	}
	wg.Wait()
	for i, err := range errs {
		if want := i%4 == 0; errors.Is(err, bad) != want || (!want && err != nil) {
			t.Fatalf("write %d: %v", i, err)
		}
	}
	var n, j int
	if _, err := h.QueryRow(ctx, count, []any{&n}); err != nil || n != 150 {
		t.Fatalf("%d rows, %v; want 150: those that erred leave nothing", n, err)
	}
	if _, err := h.QueryRow(ctx, jobs, []any{&j}); err != nil || j < 1 || j > 150 {
		t.Fatalf("%d job rows, %v", j, err)
	}
	t.Logf("150 items in %d job rows", j)
	if err := h.Write(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.Exec(ctx, insert, "again", "2", 0)
		return err
	}); !tintype.IsKind(err, tintype.Conflict) {
		t.Fatalf("a taken key gave %v, want Conflict", err)
	}
	var v string
	var by tintype.ID
	if found, err := h.QueryRow(ctx, get, []any{&v, &by}, "3"); !found || err != nil || v != "v" || by != 2 {
		t.Fatalf("got %q %v %v %v: $n must bind by number", v, by, found, err)
	}
	var got []tintype.ID
	if err := h.Query(ctx, inList, func(scan sqlstore.Scan) error {
		var id tintype.ID
		err := scan(&id)
		got = append(got, id)
		return err
	}, []tintype.ID{5, 9007199254740993, 7}, []tintype.ID{9007199254740993, 5}); err != nil || len(got) != 2 || got[1] != 9007199254740993 {
		t.Fatalf("list: %v %v", got, err)
	}
}

func TestPanicReachesCaller(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := sqlstore.Home{DB: open(t, filepath.Join(t.TempDir(), "t.db"), time.Now)}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = h.Write(ctx, func(*sqlstore.Tx) error { panic("boom") })
	}()
	if err := h.Write(ctx, func(*sqlstore.Tx) error { return nil }); err != nil {
		t.Fatalf("after a panic the writer must go on: %v", err)
	}
}

func TestIDsIncreaseWhateverTheClock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "t.db")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	last := map[tintype.Shard]tintype.ID{}
	seen := map[tintype.ID]bool{}
	mint := func(db *sqlstore.DB, n int) {
		t.Helper()
		if err := (sqlstore.Home{DB: db}).Write(ctx, func(tx *sqlstore.Tx) error {
			for i := range n {
				s := tintype.Shard(i % 3 * 2000)
				id, err := tx.NextID(ctx, s)
				if err != nil {
					return err
				}
				if id <= last[s] || seen[id] || id.Shard() != s {
					t.Fatalf("ID %v on shard %d after %v", id, s, last[s])
				}
				last[s], seen[id] = id, true
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	db := open(t, path, clock)
	mint(db, 9000) // 3,000 on one shard in one millisecond: more than 1,024
	now = now.Add(-time.Hour)
	mint(db, 3000)
	db.Close()
	now = now.Add(-24 * time.Hour)
	db = open(t, path, clock)
	mint(db, 3000)
	now = now.Add(48 * time.Hour)
	mint(db, 3000)
	if got := last[0].Time(); got.Sub(now).Abs() > time.Second {
		t.Fatalf("IDs are at %v though the clock is at %v", got, now)
	}
}
