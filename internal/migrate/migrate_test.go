package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/localdisk"
	"github.com/tintype/tintype/internal/demo"
	"github.com/tintype/tintype/internal/imaging/render"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/migrate"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/tintype"
)

func TestMain(m *testing.M) {
	if os.Getenv("TINTYPE_MIGRATE_TEST_RENDER") != "" {
		os.Exit(render.Main(os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

const password = "demo-password-7"

// renderer is this test program as the imaging child.
func renderer(t *testing.T) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{"/usr/bin/env", "TINTYPE_MIGRATE_TEST_RENDER=1", self}
}

// laptop makes a site in a directory, with life in it and work undone.
func laptop(t *testing.T) (*app.App, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "site")
	a, err := app.Open(t.Context(), app.Config{Data: dir, Render: renderer(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	now := time.Now()
	o := demo.Options{Seed: 4, Now: now, People: 30, Posts: 80, Pictures: 3, Active: 10, Width: 160, Password: password, Shards: a.Shards()}
	files := demo.Files{Imaging: a.Images, Blobs: a.Blobs, SetAvatar: a.Account.SetAvatar}
	if _, err := demo.Fill(t.Context(), a.Bulk(now.Add(-30*24*time.Hour)), files, demo.AccountNames{Service: a.Account}, a.Book, o, func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	return a, dir
}

// fleet is two empty databases.
type fleet struct{ o postgres.SiteOptions }

func newFleet(t *testing.T) *fleet {
	t.Helper()
	tables, err := sqlite.Layout(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &fleet{postgres.SiteOptions{Tables: tables, Shards: shard.Spread(4, 1)[0], Clock: time.Now,
		Databases: []postgres.SiteDatabase{{Name: "a", DSN: testpg.Start(t)}, {Name: "b", DSN: testpg.Start(t)}},
		Prepare: func(ctx context.Context, d postgres.SiteDatabase, directory bool) error {
			db, err := postgres.Open(ctx, postgres.Options{Name: d.Name, DSN: d.DSN, Directory: directory, Clock: time.Now})
			if err != nil {
				return err
			}
			return db.Close()
		}}}
}

func (f *fleet) site(t *testing.T) *postgres.Site {
	t.Helper()
	s, err := postgres.OpenSite(t.Context(), f.o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// router opens the fleet as a server does.
func (f *fleet) router(t *testing.T) *shard.Router {
	t.Helper()
	var dbs []*sqlstore.DB
	for i, d := range f.o.Databases {
		db, err := postgres.Open(t.Context(), postgres.Options{Name: d.Name, DSN: d.DSN, Directory: i == 0, Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		dbs = append(dbs, db.DB)
	}
	r, err := shard.Open(t.Context(), shard.Config{Databases: dbs, Shards: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func source(t *testing.T, dir string) *sqlite.File {
	t.Helper()
	f, err := sqlite.OpenFile(t.Context(), filepath.Join(dir, "tintype.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// dump gives every row of a site as text, and how many there are of each table.
func dump(t *testing.T, s interface {
	Read(context.Context) (sqlstore.Reader, error)
}, tables []*sqlstore.Table) (map[string]bool, map[string]int) {
	t.Helper()
	rd, err := s.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer rd.Close()
	areas, err := rd.Areas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows, counts := map[string]bool{}, map[string]int{}
	for _, a := range areas {
		for _, table := range tables {
			if err := rd.Rows(t.Context(), a, table, func(r sqlstore.Row) error {
				rows[fmt.Sprintf("%s %s %#v", a, table.Name, []any(r))] = true
				counts[table.Name]++
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return rows, counts
}

func same(t *testing.T, what string, a, b map[string]bool) {
	t.Helper()
	bad := 0
	for _, pair := range [2][2]map[string]bool{{a, b}, {b, a}} {
		for row := range pair[0] {
			if !pair[1][row] {
				if bad++; bad < 5 {
					t.Errorf("%s: only on one side: %s", what, row)
				}
			}
		}
	}
	if len(a) == 0 || bad > 0 {
		t.Errorf("%s: %d rows, %d of them not on both sides", what, len(a), bad)
	}
}

func quiet(string, int, int) {}

// There and back: a site in a directory, with jobs that wait, into two
// databases and from there into another directory. Every row must arrive, IDs
// must go on above the old ones, and nobody may open what is half there.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a, dir := laptop(t)
	f := newFleet(t)
	// The clock of the old home was ahead: its IDs are from the future, and the new home's must be later still.
	ahead := time.Now().Add(48 * time.Hour).Truncate(time.Millisecond)
	if err := a.Backend.Router.Directory().Advance(ctx, 0, ahead.UnixMilli()); err != nil {
		t.Fatal(err)
	}
	waiting := a.Backend.Router.Home(7)
	if err := waiting.Write(ctx, func(tx *sqlstore.Tx) error {
		tx.Enqueue(job.Insert{Kind: job.PurgeKind, Item: job.Purge{Keys: []string{"o/none"}}, NotBefore: time.Now().Add(time.Hour)})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	_, counts := dump(t, source(t, dir), f.o.Tables)
	for _, table := range []string{"accounts", "users", "posts", "media", "likes", "my_likes", "follows", "followers", "activity", "comments"} {
		if counts[table] == 0 {
			t.Errorf("the site to be carried has no rows in %s", table)
		}
	}
	cookie := signIn(t, a)
	before, _ := dump(t, source(t, dir), f.o.Tables)
	newData := t.TempDir()
	store, err := localdisk.Open(filepath.Join(newData, "files"))
	if err != nil {
		t.Fatal(err)
	}
	src, dst := source(t, dir), f.site(t)
	was, err := src.Jobs(ctx)
	if err != nil || len(was) < 2 {
		t.Fatalf("%d jobs, %v", len(was), err)
	}
	report, err := migrate.Run(ctx, migrate.Config{Source: src, Target: dst, TargetName: "fleet", Tables: f.o.Tables, Freezer: a, From: a.Blobs, To: store, Progress: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != int64(len(before)) || report.Jobs != len(was) || report.Files == 0 || report.Areas < 20 {
		t.Errorf("carried %+v, want %d rows and %d jobs", report, len(before), len(was))
	}
	there, _ := dump(t, dst, f.o.Tables)
	same(t, "in the fleet", before, there)
	files, size, err := blob.Count(ctx, a.Blobs, "")
	if err != nil {
		t.Fatal(err)
	}
	if n, b, err := blob.Count(ctx, store, ""); err != nil || n != files || b != size || n != report.Files {
		t.Errorf("%d files of %d bytes, %v; want %d of %d", n, b, err, files, size)
	}
	compareJobs(t, was, dst)

	// The old home is read-only, for its server and the next.
	_, err = a.Account.Create(ctx, account.NewUser{Username: "latecomer", Password: password})
	if !tintype.IsKind(err, tintype.Unavailable) || !strings.Contains(err.Error(), "new home") {
		t.Errorf("a write to the old home: %v", err)
	}
	a.Close()
	again, err := app.Open(ctx, app.Config{Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := again.Account.Create(ctx, account.NewUser{Username: "latecomer", Password: password}); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("a write to the old home, opened again: %v", err)
	}

	r := f.router(t)
	for _, s := range r.Open() {
		h := r.Home(s)
		if err := h.Write(ctx, func(tx *sqlstore.Tx) error {
			id, err := tx.NextID(ctx, s)
			if err == nil && id.UnixMillis() <= ahead.UnixMilli() {
				t.Errorf("logical shard %d mints IDs of %v, which is not after %v", s, id.Time(), ahead)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.Open()); n < 20 {
		t.Errorf("the map has %d logical shards", n)
	}
	there, _ = dump(t, dst, f.o.Tables)
	stillSignedIn(t, newData, r, cookie)
	before, _ = dump(t, dst, f.o.Tables)
	if len(before) != len(there) {
		t.Errorf("looking around changed the number of rows from %d to %d", len(there), len(before))
	}

	// And back.
	home := filepath.Join(t.TempDir(), "tintype.db")
	back, err := sqlite.CreateFile(ctx, home, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	thawed := f.site(t)
	report, err = migrate.Run(ctx, migrate.Config{Source: dst, Target: back, TargetName: home, Tables: f.o.Tables, Freezer: thawed, Progress: quiet})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != int64(len(before)) || report.Jobs != len(was) {
		t.Errorf("carried back %+v, want %d rows and %d jobs", report, len(before), len(was))
	}
	round, err := sqlite.OpenFile(ctx, home)
	if err != nil {
		t.Fatal(err)
	}
	defer round.Close()
	after, _ := dump(t, round, f.o.Tables)
	same(t, "back in a file", before, after)
	compareJobs(t, was, round)
	db, err := sqlite.Open(ctx, sqlite.Options{Path: home, Name: "main", Clock: time.Now, Directory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lite := shard.New(db, shard.Range{DB: db, Shards: shard.All()})
	if err := lite.Home(9).Write(ctx, func(tx *sqlstore.Tx) error {
		id, err := tx.NextID(ctx, 9)
		if id.UnixMillis() <= ahead.UnixMilli() {
			t.Errorf("back home an ID of %v is minted", id.Time())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	// The fleet is read-only now, whoever asks.
	if err := r.Directory().Write(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test.write", SQL: "DELETE FROM {s}names"})
		return err
	}); err == nil {
		t.Error("the fleet that was left takes writes")
	}
}

func compareJobs(t *testing.T, want []sqlstore.CarriedJob, s sqlstore.Source) {
	t.Helper()
	got, err := s.Jobs(t.Context())
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d jobs, %v; want %d", len(got), err, len(want))
	}
	text := func(j sqlstore.CarriedJob) string {
		args := strings.ReplaceAll(string(j.Args), " ", "")
		return fmt.Sprint(j.Kind, args, j.Queue, j.Priority, j.MaxAttempts, j.Scheduled.UTC().Truncate(time.Millisecond), j.Created.UTC().Truncate(time.Millisecond), j.GivenUp.UTC(), string(j.Errors))
	}
	have := map[string]int{}
	for _, j := range got {
		have[text(j)]++
	}
	for _, j := range want {
		if have[text(j)]--; have[text(j)] < 0 {
			t.Errorf("this job did not arrive: %s", text(j))
		}
	}
}

// dying is a target that fails after so many areas.
type dying struct {
	sqlstore.Target
	mu   sync.Mutex
	left int
}

var errDied = errors.New("the power is gone")

func (d *dying) Put(ctx context.Context, a sqlstore.Area, next func() (sqlstore.Chunk, error)) error {
	d.mu.Lock()
	d.left--
	dead := d.left < 0
	d.mu.Unlock()
	if dead {
		// Half of the area has been read when it happens.
		if _, err := next(); err != nil {
			return err
		}
		return errDied
	}
	return d.Target.Put(ctx, a, next)
}

// writing is a freezer that writes to the site until it is to be frozen.
type writing struct {
	*app.App
	stop func()
}

func (w writing) Freeze(ctx context.Context) error {
	w.stop()
	return w.App.Freeze(ctx)
}

// A run that dies half-way goes on where it was; what is written to the site
// all the time arrives, up to the moment when nothing can be written any more.
func TestResumeUnderWrites(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a, dir := laptop(t)
	f := newFleet(t)
	members, err := a.Members(ctx, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	stopping := make(chan struct{})
	var writers sync.WaitGroup
	var once sync.Once
	written := 0
	stop := func() { once.Do(func() { close(stopping) }); writers.Wait() }
	t.Cleanup(stop)
	writers.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stopping:
				return
			default:
			}
			me, other := members[i%len(members)].User.ID, members[(i*7+3)%len(members)].User.ID
			var err error
			switch {
			case i%5 == 4:
				_, err = a.Account.Create(ctx, account.NewUser{Username: fmt.Sprintf("newcomer%d", i), Password: password})
			case me == other:
				continue
			case i%2 == 0:
				err = a.Graph.Unfollow(ctx, me, other)
			default:
				err = a.Graph.Follow(ctx, me, other)
			}
			if err != nil {
				if ctx.Err() == nil {
					t.Errorf("a write to the site while it is carried: %v", err)
				}
				return
			}
			written++
		}
	})

	dst := f.site(t)
	c := migrate.Config{Source: source(t, dir), Target: &dying{Target: dst, left: 10}, TargetName: "fleet", Tables: f.o.Tables, Freezer: writing{a, stop}, Progress: quiet}
	if _, err := migrate.Run(ctx, c); !errors.Is(err, errDied) {
		t.Fatalf("the run that dies: %v", err)
	}
	if _, err := postgres.Open(ctx, postgres.Options{Name: "a", DSN: f.o.Databases[0].DSN, Directory: true, Clock: time.Now}); !tintype.IsKind(err, tintype.Conflict) {
		t.Errorf("a server opened what is half there: %v", err)
	}
	if _, err := migrate.Run(ctx, migrate.Config{Source: source(t, dir), Target: dst, TargetName: "elsewhere", Tables: f.o.Tables, Freezer: a, Progress: quiet}); !tintype.IsKind(err, tintype.Conflict) {
		t.Errorf("a run to another target: %v", err)
	}
	// As a new process: new connections.
	c.Source, c.Target = source(t, dir), f.site(t)
	report, err := migrate.Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if !report.Resumed || report.Changes == 0 || written == 0 {
		t.Errorf("%+v after %d writes", report, written)
	}
	before, _ := dump(t, source(t, dir), f.o.Tables)
	there, _ := dump(t, f.site(t), f.o.Tables)
	same(t, "in the fleet", before, there)
}

// deaf is a target of which no answer to Finish comes back.
type deaf struct {
	sqlstore.Target
	finish bool // it is asked all the same
}

func (d *deaf) Finish(ctx context.Context, minted int64, jobs []sqlstore.CarriedJob) error {
	if d.finish {
		if err := d.Target.Finish(ctx, minted, jobs); err != nil {
			return err
		}
	}
	return errDied
}

// TestLostAnswer: if the answer to the last commit is lost, the old home takes
// writes again only if the new one is not open.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		finish bool
	}{{name: "opened", finish: true}, {name: "not opened"}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			a, dir := laptop(t)
			f := newFleet(t)
			c := migrate.Config{Source: source(t, dir), Target: &deaf{f.site(t), tt.finish}, TargetName: "fleet", Tables: f.o.Tables, Freezer: a, Progress: quiet}
			_, err := migrate.Run(ctx, c)
			if (err == nil) != tt.finish || err != nil && !errors.Is(err, errDied) {
				t.Errorf("the run: %v", err)
			}
			members, err := a.Members(ctx, 0, 2)
			if err != nil {
				t.Fatal(err)
			}
			// A block is none yet, so it is always a write.
			if err := a.Graph.Block(ctx, members[0].User.ID, members[1].User.ID); (err != nil) != tt.finish {
				t.Errorf("a write at the old home: %v", err)
			}
		})
	}
}

// What cannot be carried is refused before anything is touched.
func TestRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a, dir := laptop(t)
	f := newFleet(t)
	c := migrate.Config{Source: source(t, dir), Target: f.site(t), TargetName: "fleet", Tables: f.o.Tables, Freezer: a, Progress: quiet}
	if _, err := migrate.Run(ctx, c); err != nil {
		t.Fatal(err)
	}
	if err := a.Thaw(ctx); err != nil {
		t.Fatal(err)
	}
	c.Source, c.Target = source(t, dir), f.site(t)
	_, err := migrate.Run(ctx, c)
	if !tintype.IsKind(err, tintype.Conflict) || !strings.Contains(err.Error(), "already in database") {
		t.Errorf("a target that is not empty: %v", err)
	}
	if err := c.Source.Unwatch(ctx); err != nil {
		t.Fatal(err)
	}
	file, err := sqlite.CreateFile(ctx, filepath.Join(dir, "tintype.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Begin(ctx, "run"); !tintype.IsKind(err, tintype.Conflict) {
		t.Errorf("a file that is there: %v", err)
	}
	if _, err := sqlite.OpenFile(ctx, filepath.Join(dir, "nothing.db")); !tintype.IsKind(err, tintype.NotFound) {
		t.Errorf("no site: %v", err)
	}
	// Cancelled, nothing is left of a run, at neither side.
	other := newFleet(t)
	c = migrate.Config{Source: source(t, dir), Target: &dying{Target: other.site(t), left: 3}, TargetName: "other", Tables: f.o.Tables, Freezer: a, Progress: quiet}
	if _, err := migrate.Run(ctx, c); !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	c.Target = other.site(t)
	if err := migrate.Cancel(ctx, c); err != nil {
		t.Fatal(err)
	}
	if _, err := migrate.Run(ctx, c); err != nil {
		t.Errorf("a run after one that was cancelled: %v", err)
	}
}
