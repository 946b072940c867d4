package fleet

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tintype/tintype/internal/app"
)

// databases starts the databases of a fleet with PgBouncer and repmgr, and nothing else.
func databases(t *testing.T) *Fleet {
	t.Helper()
	if _, err := findPostgres(); err != nil {
		if strings.Contains(os.Getenv("TINTYPE_TEST_REQUIRE"), "repmgr") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("/tmp", "tintype-fleet-") // where other users may enter
	if err != nil {
		t.Fatal(err)
	}
	f := &Fleet{cfg: Config{Dir: dir, Addr: "localhost:0", Program: "/bin/false", Out: t.Output()}}
	f.ctx, f.stop = context.WithCancel(context.Background())
	t.Cleanup(func() {
		if err := f.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log("kept:", dir)
		} else if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := f.prepareDir(); err != nil {
		t.Fatal(err)
	}
	if err := f.loadState(); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func(context.Context) error{f.startDatabases, f.startPoolers, f.startWatches} {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range f.members {
		f.watchers.Go(func() { f.watch(m) })
	}
	f.watchers.Go(f.tidy)
	return f
}

// writer writes numbers to a database through the first PgBouncer, one after the other, and notes which were acknowledged.
type writer struct {
	dsn string

	mu    sync.Mutex
	acked []int64
}

func (w *writer) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acked)
}

func (w *writer) run(ctx context.Context) {
	var conn *pgx.Conn
	defer func() {
		if conn != nil {
			conn.Close(context.WithoutCancel(ctx))
		}
	}()
	for n := int64(1); ctx.Err() == nil; n++ {
		err := func() (err error) {
			ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // a write waits while its standby is away
			defer cancel()
			if conn == nil || conn.IsClosed() {
				if conn, err = connect(ctx, w.dsn); err != nil {
					return err
				}
			}
			_, err = conn.Exec(ctx, "INSERT INTO acknowledged VALUES ($1)", n)
			return err
		}()
		if err != nil {
			pause(ctx, 20*time.Millisecond)
			continue
		}
		w.mu.Lock()
		w.acked = append(w.acked, n)
		w.mu.Unlock()
	}
}

func connect(ctx context.Context, dsn string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	return pgx.ConnectConfig(ctx, cfg)
}

// until polls a condition.
func until(t *testing.T, what string, f func() bool) time.Duration {
	t.Helper()
	begin := time.Now()
	for !f() {
		if time.Since(begin) > 2*time.Minute {
			t.Fatalf("waited in vain for: %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(begin)
}

// TestFailover lets a primary die under load, and the one after it; then a standby, which must cost no more than
// a pause, and after which nothing may be promoted.
func TestFailover(t *testing.T) {
	f := databases(t)
	a := f.clusters[0]
	first, second := a.nodes[0], a.nodes[1]
	dsn := func(addr, db string) string {
		return "postgres://tintype:" + f.state.Password + "@" + addr + "/" + db + "?sslmode=disable"
	}
	ask := func(addr, db, statement string) string {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		conn, err := connect(ctx, dsn(addr, db))
		if err != nil {
			return err.Error()
		}
		defer conn.Close(ctx)
		var out string
		if err := conn.QueryRow(ctx, statement).Scan(&out); err != nil {
			return err.Error()
		}
		return out
	}
	synced := func() bool {
		return strings.HasPrefix(ask(f.addr("pgbouncer-1"), "b", "SELECT 'x'"), "x") &&
			witnessState(t, f, a) == "sync"
	}
	until(t, "the standby to count", synced)

	if out := ask(f.addr("pgbouncer-1"), "a", "CREATE TABLE acknowledged (n bigint PRIMARY KEY)"); !strings.Contains(out, "no rows") {
		t.Fatal(out)
	}
	w := &writer{dsn: dsn(f.addr("pgbouncer-1"), "a")}
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() { w.run(ctx) })
	goesOn := func(what string) {
		t.Helper()
		from := w.count()
		took := until(t, what, func() bool { return w.count() > from+50 })
		t.Logf("%s: writes went on after %v", what, took.Round(10*time.Millisecond))
	}
	goesOn("at first")

	old, next := first, second
	for range 2 {
		if err := f.Kill(old.name); err != nil {
			t.Fatal(err)
		}
		goesOn(old.name + " killed")
		if err := f.StartMember(t.Context(), old.name); err != nil {
			t.Fatal(err)
		}
		if got := ask(old.server.Addr(), "tintype", "SELECT pg_is_in_recovery()::text"); got != "true" {
			t.Fatalf("%s came back in recovery: %s", old.name, got)
		}
		conn, err := connect(t.Context(), dsn(old.server.Addr(), "tintype"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.Exec(t.Context(), "INSERT INTO acknowledged VALUES (-1)")
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "25006" {
			t.Errorf("a write to the old primary gives %v, want that it is read-only", err)
		}
		conn.Close(t.Context())
		until(t, "the standby to count", synced)
		old, next = next, old
	}

	// The standby goes: writes wait, then go on alone.
	if err := f.Kill(next.name); err != nil {
		t.Fatal(err)
	}
	goesOn("standby " + next.name + " killed")
	if got := witnessState(t, f, a); got != "alone" {
		t.Errorf("the witness says %q", got)
	}
	// Now the primary goes, too, and the standby comes back without it: it lacks writes and must stay what it is.
	if err := f.Kill(old.name); err != nil {
		t.Fatal(err)
	}
	if err := f.StartMember(t.Context(), next.name); err != nil {
		t.Fatal(err)
	}
	if err := next.script(t.Context(), "promote"); err == nil || !strings.Contains(err.Error(), "not promoted") {
		t.Errorf("promoting a standby that lacks writes gives %v", err)
	}
	if err := f.StartMember(t.Context(), old.name); err != nil {
		t.Fatal(err)
	}
	goesOn("the primary came back")
	until(t, "the standby to count", synced)

	// By hand, while the primary lives: it stops, and comes back as a standby.
	var config app.Config
	for i, c := range f.clusters {
		config.Fleet.Databases = append(config.Fleet.Databases, app.Database{Name: c.name,
			Direct: dsn(c.nodes[0].server.Addr()+","+c.nodes[1].server.Addr(), "tintype") + "&target_session_attrs=read-write"})
		if got, err := config.DatabaseStatuses(t.Context()); i == 1 && (err != nil || len(got[0].Trouble) > 0) {
			t.Errorf("status %+v, %v", got, err)
		}
	}
	if promoted, err := config.PromoteDatabase(t.Context(), "a", false); err != nil || promoted != next.name {
		t.Fatalf("promoting gives %q, %v; want %s", promoted, err, next.name)
	}
	goesOn(next.name + " promoted")
	until(t, "the standby to count", synced)
	if got := ask(old.server.Addr(), "tintype", "SELECT pg_is_in_recovery()::text"); got != "true" {
		t.Errorf("%s, which was the primary, is in recovery: %s", old.name, got)
	}
	stop()
	writing.Wait()

	conn, err := connect(t.Context(), dsn(f.addr("pgbouncer-2"), "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), "SELECT n FROM acknowledged")
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	there := map[int64]bool{}
	for _, n := range list {
		there[n] = true
	}
	lost := 0
	for _, n := range w.acked {
		if !there[n] {
			lost++
		}
	}
	t.Logf("%d writes acknowledged, %d lost", len(w.acked), lost)
	if lost > 0 {
		t.Errorf("%d of %d acknowledged writes are lost", lost, len(w.acked))
	}
}

// witnessState is "sync" or "alone", or what went wrong.
func witnessState(t *testing.T, f *Fleet, c *cluster) string {
	out, err := c.nodes[0].sql(t.Context(), c.other.primaryInfo(), "SELECT state FROM tintype_witness WHERE cluster = '"+c.name+"'")
	if err != nil {
		return err.Error()
	}
	return out
}
