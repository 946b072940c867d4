package runner_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/testpg"
)

// A database that is down keeps nobody from working the jobs of the others, and
// its own are worked when it is back, without a new start.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	open := func(name, dsn string) (*postgres.Database, cell) {
		pg, err := postgres.Open(t.Context(), postgres.Options{DSN: dsn, Name: name, Directory: true, Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pg.Close() })
		return pg, cell{db: pg.DB, home: sqlstore.Home{DB: pg.DB, Schema: pg.DB.Dialect.DirectorySchema}}
	}
	dsn := testpg.Start(t)
	_, behind := open("behind", dsn) // inserts, whatever the link does
	link := storetest.NewLink(t, dsn)
	pgFlaky, _ := open("flaky", link.DSN)
	pgGood, good := open("good", testpg.Start(t))

	var done atomic.Int64
	link.Cut()
	c := cell{add: func(r *runner.Runner) error {
		if err := runner.Add(r, "flaky", pgFlaky.JobDriver()); err != nil {
			return err
		}
		return runner.Add(r, "good", pgGood.JobDriver())
	}}
	c.start(t, runner.Config{Handlers: map[string]runner.Handler{
		job.IndexUserKind.Name: func(_ context.Context, items []json.RawMessage) error { done.Add(int64(len(items))); return nil },
	}})
	behind.put(t, user(1))
	good.put(t, user(2))
	until(t, "the job of the good database done", func() bool { return done.Load() == 1 })
	link.Mend()
	until(t, "the job of the database that came back done", func() bool { return done.Load() == 2 })

	for range 2 {
		link.Cut()
		n := done.Load()
		good.put(t, user(3))
		behind.put(t, user(4))
		until(t, "the job of the good database done", func() bool { return done.Load() >= n+1 })
		link.Mend()
		until(t, "the job of the database that came back again done", func() bool { return done.Load() >= n+2 })
	}
}

func TestPolling(t *testing.T) {
	t.Parallel()
	pg, err := postgres.Open(t.Context(), postgres.Options{DSN: testpg.Start(t), Name: "pg", Directory: true, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pg.Close() })
	c := cell{pg.DB, sqlstore.Home{DB: pg.DB, Schema: pg.DB.Dialect.DirectorySchema}, func(r *runner.Runner) error { return runner.AddPolling(r, "pg", pg.JobDriver()) }}
	var done atomic.Int64
	c.start(t, runner.Config{Handlers: map[string]runner.Handler{
		job.IndexUserKind.Name: func(context.Context, []json.RawMessage) error { done.Add(1); return nil },
	}})
	c.put(t, user(1))
	until(t, "done", func() bool { return done.Load() == 1 })
}
