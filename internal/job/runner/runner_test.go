package runner_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/tintype"
)

// cell is a fresh database and the way to add it to a runner.
type cell struct {
	db   *sqlstore.DB
	home sqlstore.Home
	add  func(*runner.Runner) error
}

// each runs f on a fresh SQLite file and on a fresh PostgreSQL database.
func each(t *testing.T, f func(t *testing.T, c cell)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, openLite(t, filepath.Join(t.TempDir(), "t.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		pg, err := postgres.Open(t.Context(), postgres.Options{DSN: testpg.Start(t), Name: "pg", Directory: true, Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pg.Close() })
		f(t, cell{pg.DB, sqlstore.Home{DB: pg.DB, Schema: pg.DB.Dialect.DirectorySchema}, func(r *runner.Runner) error { return runner.Add(r, "pg", pg.JobDriver()) }})
	})
}

func openLite(t testing.TB, path string) cell {
	t.Helper()
	db, err := sqlite.Open(context.Background(), sqlite.Options{Path: path, Name: "lite", Clock: time.Now, Directory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return cell{db, sqlstore.Home{DB: db}, func(r *runner.Runner) error { return runner.AddSQLite(r, "lite", db) }}
}

// start starts a runner with these handlers; it is stopped before the database is closed.
func (c cell) start(t testing.TB, cfg runner.Config) *runner.Runner {
	t.Helper()
	r := runner.New(cfg)
	if err := c.add(r); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (c cell) put(t testing.TB, jobs ...job.Insert) {
	t.Helper()
	if err := c.home.Write(context.Background(), func(tx *sqlstore.Tx) error {
		for _, j := range jobs {
			tx.Enqueue(j)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func user(n int) job.Insert {
	return job.Insert{Kind: job.IndexUserKind, Item: job.User{ID: tintype.ID(n)}}
}

// until waits for what is to come about by itself.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after 30 s still not: %s", what)
		}
	}
}

func undone(t testing.TB, r *runner.Runner) int {
	t.Helper()
	n, err := r.Undone(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func failed(t testing.TB, r *runner.Runner) []runner.Failed {
	t.Helper()
	f, err := r.Failed(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWork(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c cell) {
		var mu sync.Mutex
		var got []tintype.ID
		r := c.start(t, runner.Config{Handlers: map[string]runner.Handler{
			job.IndexUserKind.Name: runner.Items(func(ctx context.Context, items []job.User) error {
				mu.Lock()
				defer mu.Unlock()
				for _, i := range items {
					got = append(got, i.ID)
				}
				// A handler writes through the very connection that River shares.
				return c.home.Write(ctx, func(*sqlstore.Tx) error { return nil })
			}),
		}})
		c.put(t, user(1), user(2), user(3))
		until(t, "three items done", func() bool { mu.Lock(); defer mu.Unlock(); return len(got) == 3 })
		if got[0] != 1 || got[1] != 2 || got[2] != 3 {
			t.Errorf("items came as %v; they keep their order", got)
		}
		later := user(4)
		later.NotBefore = time.Now().Add(50 * time.Millisecond)
		c.put(t, later)
		until(t, "the job for later done", func() bool { mu.Lock(); defer mu.Unlock(); return len(got) == 4 })
		until(t, "finished jobs gone", func() bool { return undone(t, r) == 0 })
		if f := failed(t, r); len(f) != 0 {
			t.Errorf("failed: %+v", f)
		}
		depths, err := r.Depths(t.Context())
		if err != nil || len(depths) != 6 || depths[0].Waiting+depths[0].Running != 0 {
			t.Errorf("depths: %+v, %v", depths, err)
		}
	})
}

// A job that can never succeed ends on the list, and its neighbours, in the
// same row, in the same queue and of its kind, are done meanwhile.
func TestPoison(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c cell) {
		kind := job.IndexUserKind
		kind.Attempts = 4
		one := kind
		one.Merge = 1
		var mended atomic.Bool
		var mu sync.Mutex
		done := map[tintype.ID]int{}
		handle := runner.Items(func(_ context.Context, items []job.User) error {
			for _, i := range items {
				switch {
				case i.ID == 13 && !mended.Load():
					return errors.New("thirteen")
				case i.ID == 14:
					panic("fourteen")
				}
				mu.Lock()
				done[i.ID]++
				mu.Unlock()
			}
			return nil
		})
		r := c.start(t, runner.Config{Handlers: map[string]runner.Handler{kind.Name: handle}})
		c.put(t,
			job.Insert{Kind: kind, Item: job.User{ID: 1}}, job.Insert{Kind: kind, Item: job.User{ID: 13}}, job.Insert{Kind: kind, Item: job.User{ID: 2}},
			job.Insert{Kind: one, Item: job.User{ID: 14}},
			job.Insert{Kind: one, Item: map[string]int{"u": 3}}, // an ID must be a string
			job.Insert{Kind: job.Kind{Name: "from_the_future", Queue: job.Upkeep, Merge: 1, Attempts: 12}, Item: 1},
			user(3))
		until(t, "four on the list", func() bool { return len(failed(t, r)) == 4 && undone(t, r) == 0 })
		mu.Lock()
		if done[1] == 0 || done[2] == 0 || done[3] == 0 {
			t.Errorf("done %v; the neighbours of a bad item must be done", done)
		}
		mu.Unlock()
		why := map[string]string{}
		id := ""
		for _, f := range failed(t, r) {
			why[f.Args+f.Kind] = f.Error
			if f.Attempts < 1 || f.Failed.IsZero() || f.Created.IsZero() || f.Database == "" || f.Kind == "" {
				t.Errorf("an entry of the list: %+v", f)
			}
			if strings.Contains(f.Error, "thirteen") {
				id = f.ID
			}
		}
		all, _ := json.Marshal(why)
		for _, want := range []string{"thirteen", "fourteen", "cannot be read", "from_the_future"} {
			if !strings.Contains(string(all), want) {
				t.Errorf("no error says %q: %s", want, all)
			}
		}
		mended.Store(true)
		db := failed(t, r)[0].Database
		if err := r.Retry(t.Context(), db, id); err != nil {
			t.Fatal(err)
		}
		until(t, "the mended job done", func() bool { mu.Lock(); defer mu.Unlock(); return done[13] > 0 })
		until(t, "the mended job off the list", func() bool { return len(failed(t, r)) == 3 && undone(t, r) == 0 })
		for _, bad := range [][2]string{{db, id}, {db, "x"}, {"nowhere", id}, {db, "999999"}} {
			if err := r.Retry(t.Context(), bad[0], bad[1]); !tintype.IsKind(err, tintype.NotFound) {
				t.Errorf("Retry(%v) = %v, want NotFound", bad, err)
			}
		}
	})
}

func TestTriesAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c cell) {
		var tries atomic.Int64
		r := c.start(t, runner.Config{Handlers: map[string]runner.Handler{
			job.IndexUserKind.Name: func(context.Context, []json.RawMessage) error {
				if tries.Add(1) < 3 {
					return &tintype.Error{Kind: tintype.Unavailable, Msg: "not now"}
				}
				return nil
			},
		}})
		c.put(t, user(1))
		until(t, "done at the third try", func() bool { return tries.Load() == 3 && undone(t, r) == 0 })
	})
}

// One lane's flood does not hold up another.
func TestLanes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c cell) {
		release := make(chan struct{})
		var edges atomic.Int64
		c.start(t, runner.Config{Handlers: map[string]runner.Handler{
			job.IndexUserKind.Name: func(ctx context.Context, _ []json.RawMessage) error {
				select {
				case <-release:
				case <-ctx.Done():
				}
				return nil
			},
			job.EdgeKind.Name: func(context.Context, []json.RawMessage) error { edges.Add(1); return nil },
		}})
		one := job.IndexUserKind
		one.Merge = 1
		for range 50 {
			c.put(t, job.Insert{Kind: one, Item: job.User{ID: 1}})
		}
		c.put(t, job.Insert{Kind: job.EdgeKind, Item: job.Edge{Op: 1}})
		until(t, "the edge done while the other lane is full", func() bool { return edges.Load() == 1 })
		close(release)
	})
}

func TestPeriodic(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c cell) {
		var swept atomic.Int64
		c.start(t, runner.Config{
			Handlers: map[string]runner.Handler{job.SweepKind.Name: runner.Items(func(_ context.Context, items []job.Sweep) error {
				if len(items) == 1 && items[0].What == "all" {
					swept.Add(1)
				}
				return nil
			})},
			Periodic: []runner.Periodic{{Every: time.Hour, Job: job.Insert{Kind: job.SweepKind, Item: job.Sweep{What: "all"}}}},
		})
		until(t, "swept after the start", func() bool { return swept.Load() == 1 })
	})
}

// Stop waits for what is under way, and what it does not finish is done later.
func TestStop(t *testing.T) {
	t.Parallel()
	c := openLite(t, filepath.Join(t.TempDir(), "t.db"))
	began, release := make(chan struct{}, 10), make(chan struct{})
	var done, cut atomic.Int64
	handlers := map[string]runner.Handler{job.IndexUserKind.Name: func(ctx context.Context, _ []json.RawMessage) error {
		began <- struct{}{}
		select {
		case <-release:
			done.Add(1)
			return nil
		case <-ctx.Done():
			cut.Add(1)
			return ctx.Err()
		}
	}}
	r := runner.New(runner.Config{Handlers: handlers})
	if err := errors.Join(c.add(r), r.Start(t.Context())); err != nil {
		t.Fatal(err)
	}
	c.put(t, user(1))
	<-began
	go func() { time.Sleep(20 * time.Millisecond); close(release) }()
	if err := r.Stop(t.Context()); err != nil || done.Load() != 1 {
		t.Fatalf("Stop: %v, %d done; it must wait for the job under way", err, done.Load())
	}
	if n := undone(t, r); n != 0 {
		t.Errorf("%d jobs undone", n)
	}

	release = make(chan struct{})
	r = runner.New(runner.Config{Handlers: handlers})
	if err := errors.Join(c.add(r), r.Start(t.Context())); err != nil {
		t.Fatal(err)
	}
	c.put(t, user(2))
	<-began
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := r.Stop(ctx); err != nil || cut.Load() != 1 {
		t.Fatalf("Stop out of time: %v, %d cut short", err, cut.Load())
	}
	close(release)
	r = c.start(t, runner.Config{Handlers: handlers})
	until(t, "what was cut short done", func() bool { return done.Load() == 2 && undone(t, r) == 0 })
}
