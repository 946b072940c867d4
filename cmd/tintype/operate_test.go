package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/sqlstore/sqlite"
)

// tintype runs a command line on the site in dir.
func tintype(t *testing.T, dir, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := func(name string) string { return map[string]string{"TINTYPE_DATA": dir}[name] }
	code = run(context.Background(), args, env, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// ready waits for the line that says that the site is served.
type ready struct {
	once sync.Once
	c    chan struct{}
}

func (r *ready) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("is ready")) {
		r.once.Do(func() { close(r.c) })
	}
	return len(b), nil
}

// serve serves the site in dir until the test, or stop, ends it.
func serve(t *testing.T, dir string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	up := &ready{c: make(chan struct{})}
	ended := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0", "--data", dir}, func(string) string { return "" }, strings.NewReader(""), up, &errs)
	}()
	select {
	case <-up.c:
	case code := <-ended:
		t.Fatalf("the site ended at once with %d: %s", code, errs.String())
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if code := <-ended; code != 0 {
				t.Errorf("the site ended with %d: %s", code, errs.String())
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// damage runs SQL on the database of a site that nobody has open.
func damage(t *testing.T, dir string, texts ...string) {
	t.Helper()
	db, err := sqlite.Open(context.Background(), sqlite.Options{Path: filepath.Join(dir, "tintype.db"), Name: "main", Clock: time.Now, Directory: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if _, err := db.WritePool().Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// step is one command with what it is to print.
type step struct {
	args   string
	stdin  string
	code   int
	stdout []string // parts
	stderr []string
}

func (s step) run(t *testing.T, dir string) {
	t.Helper()
	code, stdout, stderr := tintype(t, dir, s.stdin, strings.Fields(s.args)...)
	if code != s.code {
		t.Errorf("%s: exit status %d, want %d\n%s%s", s.args, code, s.code, stdout, stderr)
	}
	for _, part := range s.stdout {
		if !strings.Contains(stdout, part) {
			t.Errorf("%s: %q is not in what it prints:\n%s", s.args, part, stdout)
		}
	}
	for _, part := range s.stderr {
		if !strings.Contains(stderr, part) {
			t.Errorf("%s: %q is not in what it complains of:\n%s", s.args, part, stderr)
		}
	}
}

// modes are a site at rest and one that is being served: commands do the same on both.
func modes(t *testing.T, f func(t *testing.T, prepare func(texts ...string) (dir string))) {
	for _, served := range []bool{false, true} {
		name := map[bool]string{false: "at rest", true: "served"}[served]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, func(texts ...string) string {
				// A path longer than a Unix socket's may be.
				dir := filepath.Join(t.TempDir(), strings.Repeat("long", 20))
				if code, _, stderr := tintype(t, dir, "correct horse battery\n", "user", "create", "ann"); code != 0 {
					t.Fatal(stderr)
				}
				damage(t, dir, texts...)
				if served {
					serve(t, dir)
				}
				return dir
			})
		})
	}
}

func TestKnobCommands(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, prepare func(...string) string) {
		dir := prepare()
		for _, s := range []step{
			{args: "knobs list", stdout: []string{"feed_length", "1000", "How far back a home feed goes"}},
			{args: "knobs set feed_length 200", stdout: []string{"feed_length is now 200 (the default is 1000)"}},
			{args: "knobs set feed_length 3", code: 1, stderr: []string{"feed_length is a whole number from 20 to 1000"}},
			{args: "knobs set feed 3", code: 1, stderr: []string{`there is no knob called "feed"`}},
			{args: "knobs set signup closed --json", stdout: []string{`"value":"closed"`, `"changed_by":"`}},
			{args: "knobs list", stdout: []string{"at the command line", "closed"}},
			{args: "knobs reset feed_length signup", stdout: []string{"feed_length is back at its default, 1000.\n", "signup is back at its default, open.\n"}},
			{args: "knobs history feed_length", stdout: []string{"feed_length back to its default, by ", "feed_length to 200, by "}},
			{args: "knobs history --json", stdout: []string{`"name":"signup"`, `"reset":true`}},
		} {
			s.run(t, dir)
		}
	})
}

func TestUserCommands(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, prepare func(...string) string) {
		dir := prepare()
		for _, s := range []step{
			{args: "user create ben --generate --full-name Ben --email ben@example.org", stdout: []string{"ben can sign in now.\n", "Password: "}},
			{args: "user create ben", stdin: "correct horse battery", code: 1, stderr: []string{"taken"}},
			{args: "user create cat", stdin: "", code: 1, stderr: []string{"--generate"}},
			{args: "user create cat", stdin: "short\n", code: 1, stderr: []string{"tintype: "}},
			{args: "user create", code: 2, stderr: []string{"<username>"}},
			{args: "user list", stdout: []string{"USERNAME", "ann", "admin", "ben", "active", "ben@example.org"}},
			{args: "user suspend ben", stdout: []string{"ben is signed out everywhere"}},
			{args: "user list", stdout: []string{"suspended"}},
			{args: "user unsuspend ben", stdout: []string{"again"}},
			{args: "user suspend ben --reason nonsense", code: 1, stderr: []string{"not one of the reasons"}},
			{args: "user moderator ben", stdout: []string{"now a moderator"}},
			{args: "user moderator ben --remove", stdout: []string{"no longer"}},
			{args: "audit --user ben", stdout: []string{"user.suspend by ", " to ben, user ", "user.lift", "user.moderator", "user.create"}},
			{args: "audit --deed user.s --json", stdout: []string{`"deed":"user.suspend"`}},
			{args: "user admin ben", stdout: []string{"now an admin"}},
			{args: "user admin ben --remove", stdout: []string{"no longer"}},
			{args: "user reset-password ben", stdin: "another horse battery", stdout: []string{"new password"}},
			{args: "user reset-password ben --generate", stdout: []string{"Password: "}},
			{args: "user reset-password who --generate", code: 1, stderr: []string{"there is no such user"}},
			{args: "user admin who", code: 1, stderr: []string{"there is no such user"}},
			{args: "user reset-two-factor ben", code: 1, stderr: []string{"not switched on"}},
			{args: "user reset-two-factor who", code: 1, stderr: []string{"there is no such user"}},
			{args: "user --help", stdout: []string{"reset-password", "unsuspend"}},
		} {
			s.run(t, dir)
		}
		_, stdout, _ := tintype(t, dir, "", "user", "list", "--json")
		var states []string
		for dec := json.NewDecoder(strings.NewReader(stdout)); ; {
			var u struct{ Username, State string }
			if err := dec.Decode(&u); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			states = append(states, u.Username+" "+u.State)
		}
		if got := strings.Join(states, ", "); got != "ann active, ben active" {
			t.Errorf("users are %s", got)
		}
	})
}

const plantJob = `INSERT INTO river_job (args, kind, max_attempts, attempt, queue, scheduled_at, created_at, finalized_at, state, errors)
	VALUES (jsonb('{"items":[{"k":[]}]}'), 'purge', 20, 20, 'removal', '2026-01-02 03:04:05.000', '2026-01-02 03:04:05.000', strftime('%Y-%m-%d %H:%M:%f', 'now'), 'discarded',
		jsonb('[{"at":"2026-01-02T03:04:05Z","attempt":20,"error":"the disk said no","trace":""}]'))`

func TestJobsCommands(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, prepare func(...string) string) {
		dir := prepare(plantJob, plantJob, `UPDATE river_job SET id = 1000 + id WHERE kind = 'purge'`)
		_, stdout, _ := tintype(t, dir, "", "jobs", "list")
		name, _, _ := strings.Cut(stdout, " ")
		for _, s := range []step{
			{args: "jobs list --all", stdout: []string{"main/", "purge", "given up", "20 tries", "the disk said no", "2 jobs given up", "queue removal of main", "still to be done"}},
			{args: "jobs list --json", stdout: []string{`"error":"the disk said no"`}},
			{args: "jobs retry", code: 1, stderr: []string{"--all"}},
			{args: "jobs retry 12", code: 1, stderr: []string{"main/12"}},
			{args: "jobs retry main/12", code: 1, stderr: []string{"no failed job"}},
			{args: "jobs retry " + name, stdout: []string{"1 job to be tried again"}},
			{args: "jobs list", stdout: []string{"1 job given up"}},
			{args: "jobs retry --all", stdout: []string{"1 job to be tried again"}},
			{args: "jobs list", stdout: []string{"No job was given up."}},
			{args: "jobs --help", stdout: []string{"list", "retry"}},
		} {
			s.run(t, dir)
		}
	})
}

func TestCheckCommand(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, prepare func(...string) string) {
		dir := prepare(`UPDATE users SET media = 5`, `INSERT INTO timeline (kind, owner_id, id) SELECT 1, id, 7 FROM users`)
		for _, s := range []step{
			{args: "check", code: 1, stdout: []string{"user_counts: user ", "counts 5 posts", "tintype check --repair", "feeds: ", "2 findings, 0 repaired"}, stderr: []string{"checking likes", "2 findings left"}},
			{args: "check --only feeds --json", code: 1, stdout: []string{`{"check":"feeds"`, `"findings":1`}},
			{args: "check --only luck", code: 1, stderr: []string{"there are integrity, "}},
			{args: "check --delete-files", code: 1, stderr: []string{"--repair too"}},
			{args: "check --repair", stdout: []string{": repaired", "2 findings, all repaired"}},
			{args: "check", stdout: []string{"Everything is as it should be."}},
			{args: "check --help", stdout: []string{"--delete-files", "exit status"}},
		} {
			s.run(t, dir)
		}
	})
}

func TestRebuildCommand(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, prepare func(...string) string) {
		dir := prepare(`UPDATE users SET media = 5, last_seen = 1 + (SELECT max(created) FROM accounts)`, `DELETE FROM people`)
		for _, s := range []step{
			{args: "rebuild counters", stdout: []string{"Looked at 1, changed 1.\n"}, stderr: []string{"rebuilding counters"}},
			{args: "rebuild counters --json", stdout: []string{`"repaired":0`}},
			{args: "rebuild tags --user ann", stdout: []string{"changed 1.\n"}},
			{args: "rebuild feeds", stdout: []string{"Looked at 1, changed 1.\n"}},
			{args: "rebuild renditions --all --max-rate 1000", stdout: []string{"Looked at 0, changed 0.\n"}},
			{args: "rebuild cache", stdout: []string{"The caches are empty.\n"}},
			{args: "rebuild cache --user ann", code: 1, stderr: []string{"not kept by user"}},
			{args: "rebuild feeds --user nobody", code: 1, stderr: []string{"there is no such user"}},
			{args: "rebuild luck", code: 2, stderr: []string{"feeds"}},
			{args: "check", stdout: []string{"Everything is as it should be."}},
		} {
			s.run(t, dir)
		}
	})
}

func TestStaleSocket(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stop := serve(t, dir)
	if _, err := os.Stat(filepath.Join(dir, "control.sock")); err != nil {
		t.Error(err)
	}
	stop()
	// What a server leaves that is killed: a socket at which nobody listens.
	if err := os.WriteFile(filepath.Join(dir, "control.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	step{args: "user list", stdout: []string{"Nobody has signed up yet"}}.run(t, dir)
	serve(t, dir)
	step{args: "user list", stdout: []string{"Nobody has signed up yet"}}.run(t, dir)
}

func TestSecondServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	serve(t, dir)
	step{args: "serve --addr 127.0.0.1:0", code: 1, stderr: []string{"another tintype is using"}}.run(t, dir)
}

func TestNoSite(t *testing.T) {
	t.Parallel()
	step{args: "user list", code: 1, stderr: []string{"there is no site in", "--data"}}.run(t, filepath.Join(t.TempDir(), "absent"))
}

// TestBackup backs a running site up as docs/operating.md says, and runs the copy.
func TestBackup(t *testing.T) {
	t.Parallel()
	dir, copied := t.TempDir(), t.TempDir()
	serve(t, dir)
	step{args: "user create ann --generate"}.run(t, dir)
	db, err := sql.Open("sqlite", filepath.Join(dir, "tintype.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("VACUUM INTO ?", filepath.Join(copied, "tintype.db")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(copied, "files"), os.DirFS(filepath.Join(dir, "files"))); err != nil {
		t.Fatal(err)
	}
	step{args: "check", stdout: []string{"Everything is as it should be."}}.run(t, copied)
	step{args: "user list", stdout: []string{"ann"}}.run(t, copied)
}

func TestFirstLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"one": "one", "one\ntwo": "one …", "eleven letters": "eleven let …"} {
		if got := firstLine(in, 10); got != want {
			t.Errorf("firstLine(%q) = %q, want %q", in, got, want)
		}
	}
}
