package runner_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// crashEnv makes the test binary the victim of TestKill: it names its database.
const crashEnv = "TINTYPE_RUNNER_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		victim(path)
		return
	}
	os.Exit(m.Run())
}

var (
	effect = &sqlstore.Stmt{Name: "test.effect", SQL: `INSERT INTO {s}settings (name, value, changed_by, changed) VALUES ($1, '', 0, 1) ON CONFLICT (name) DO NOTHING`}
	total  = &sqlstore.Stmt{Name: "test.total", SQL: `INSERT INTO {s}settings (name, value, changed_by, changed) VALUES ('total', '', 0, $1) ON CONFLICT (name) DO UPDATE SET changed = settings.changed + $1`}
	read   = &sqlstore.Stmt{Name: "test.read", SQL: `SELECT name, changed FROM {s}settings`}
)

// apply is an idempotent handler: an item counts in the total once, however often it is run.
func apply(home sqlstore.Home) runner.Handler {
	return runner.Items(func(ctx context.Context, items []job.User) error {
		return home.Write(ctx, func(tx *sqlstore.Tx) error {
			var fresh int64
			for _, i := range items {
				n, err := tx.Exec(ctx, effect, i.ID.String())
				if err != nil {
					return err
				}
				fresh += n
			}
			_, err := tx.Exec(ctx, total, fresh)
			return err
		})
	})
}

// victim puts jobs off, saying which ones are durable, and works them, until it is killed.
func victim(path string) {
	t := &testing.T{}
	c := openLite(t, path)
	c.start(t, runner.Config{Handlers: map[string]runner.Handler{job.IndexUserKind.Name: apply(c.home)}})
	first, err := strconv.Atoi(os.Getenv("FIRST"))
	if err != nil {
		panic(err)
	}
	for w := range 4 {
		go func() {
			for n := first + w; ; n += 4 {
				c.put(t, user(n))
				fmt.Println("put", n)
			}
		}()
	}
	select {}
}

// TestKill kills a process that puts jobs off and works them, again and again:
// what it said to be durable takes effect, and everything takes effect once.
func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "t.db")
	var promised []int
	for round := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), crashEnv+"="+path, "FIRST="+strconv.Itoa(1+round*1_000_000))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for stop := 20 + rand.IntN(300); lines.Scan(); {
			n, err := strconv.Atoi(strings.TrimPrefix(lines.Text(), "put "))
			if err != nil {
				t.Fatalf("the victim said %q", lines.Text())
			}
			promised = append(promised, n)
			if stop--; stop == 0 {
				if err := cmd.Process.Kill(); err != nil { // and go on reading what it said before it died
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the victim ended by itself")
		}
	}

	c := openLite(t, path)
	r := c.start(t, runner.Config{Handlers: map[string]runner.Handler{job.IndexUserKind.Name: apply(c.home)}})
	begun := time.Now()
	until(t, "everything done", func() bool { return undone(t, r) == 0 })
	got := map[string]int64{}
	if err := c.home.Query(t.Context(), read, func(scan sqlstore.Scan) error {
		var name string
		var n int64
		err := scan(&name, &n)
		got[name] = n
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, n := range promised {
		if got[tintype.ID(n).String()] != 1 {
			t.Fatalf("job %d was durable and is lost", n)
		}
	}
	if int(got["total"]) != len(got)-1 || len(promised) < 100 {
		t.Errorf("%d jobs promised, %d rows of effect, total %d: each must count once", len(promised), len(got)-1, got["total"])
	}
	if f := failed(t, r); len(f) != 0 {
		t.Errorf("failed: %+v", f)
	}
	t.Logf("%d jobs promised by 5 processes that were killed; all done %v after the last start", len(promised), time.Since(begun))
}

// A job that was being worked when its process died is worked again, unless
// that has happened as often as it may be tried: it may be what kills us.
func TestAdopt(t *testing.T) {
	t.Parallel()
	c := openLite(t, filepath.Join(t.TempDir(), "t.db"))
	c.put(t, user(1))
	last := job.IndexUserKind
	last.Attempts = 3
	c.put(t, job.Insert{Kind: last, Item: job.User{ID: 2}})
	if _, err := c.db.WritePool().ExecContext(t.Context(), "UPDATE river_job SET state = 'running', attempt = 3"); err != nil {
		t.Fatal(err)
	}
	done := make(chan tintype.ID, 10)
	r := c.start(t, runner.Config{Handlers: map[string]runner.Handler{job.IndexUserKind.Name: runner.Items(func(_ context.Context, items []job.User) error {
		for _, i := range items {
			done <- i.ID
		}
		return nil
	})}})
	until(t, "all done or given up", func() bool { return undone(t, r) == 0 })
	if len(done) != 1 || <-done != 1 {
		t.Error("the job with tries left is done, the other is not")
	}
	if f := failed(t, r); len(f) != 1 || f[0].Attempts != 3 || f[0].Error == "" || f[0].Failed.IsZero() {
		t.Errorf("the list: %+v", f)
	}
}
