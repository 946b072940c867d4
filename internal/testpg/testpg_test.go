package testpg

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ask runs one statement through the address that Start gives to its callers.
func ask(t *testing.T, dsn, statement string) string {
	t.Helper()
	srv, err := theServer()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(srv.bin, "psql"), "-X", "-A", "-t", "-q", "-c", statement, dsn)
	cmd.Env = environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", statement, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestStart(t *testing.T) {
	t.Parallel()
	dsn := Start(t)
	other := Start(t)
	if dsn == other {
		t.Fatalf("two calls got the same database %s", dsn)
	}
	if got, want := ask(t, dsn, "SHOW server_encoding"), "UTF8"; got != want {
		t.Errorf("encoding %s, want %s", got, want)
	}
	if got, want := ask(t, dsn, "SELECT datcollate FROM pg_database WHERE datname = current_database()"), "C"; got != want {
		t.Errorf("collation %s, want %s", got, want)
	}
	ask(t, dsn, "CREATE TABLE mine (id bigint)")
	if got := ask(t, other, "SELECT count(*) FROM pg_class WHERE relname = 'mine'"); got != "0" {
		t.Errorf("a table of one database is seen in the other")
	}
}

func TestDatabaseIsDroppedWithItsTest(t *testing.T) {
	t.Parallel()
	keep := Start(t)
	var name string
	t.Run("inner", func(t *testing.T) {
		u, err := url.Parse(Start(t))
		if err != nil {
			t.Fatal(err)
		}
		name = strings.TrimPrefix(u.Path, "/")
	})
	if got := ask(t, keep, fmt.Sprintf("SELECT count(*) FROM pg_database WHERE datname = '%s'", name)); got != "0" {
		t.Errorf("database %s is still there", name)
	}
}

// TestHelperDies is no test: it is what TestNothingIsLeftBehind runs in a
// process of its own, to see it die in the way that the variable names.
func TestHelperDies(t *testing.T) {
	way := os.Getenv("TINTYPE_TESTPG_DIE")
	if way == "" {
		return
	}
	Start(t)
	srv, err := theServer()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("directory %s\n", srv.dir)
	switch way {
	case "panic":
		panic("as asked")
	case "exit":
		os.Exit(3)
	case "hang":
		select {}
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	Start(t) // skips or fails here where there is no PostgreSQL
	for _, tc := range []struct {
		name, way string
		signal    os.Signal // sent once the server runs
	}{
		{name: "normal end", way: "return"},
		{name: "panic", way: "panic"},
		{name: "exit without cleanup", way: "exit"},
		{name: "SIGQUIT of go test at its time limit", way: "hang", signal: syscall.SIGQUIT},
		{name: "SIGKILL", way: "hang", signal: syscall.SIGKILL},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestHelperDies$", "-test.v")
			cmd.Env = append(os.Environ(), "TINTYPE_TESTPG_DIE="+tc.way)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var dir string
			for lines := bufio.NewScanner(out); lines.Scan(); {
				if found, ok := strings.CutPrefix(lines.Text(), "directory "); ok {
					dir = found
					if tc.signal != nil {
						if err := cmd.Process.Signal(tc.signal); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			_ = cmd.Wait() // most of the ways are not a success
			if dir == "" {
				t.Fatal("the helper did not say where its server is")
			}
			// The guard removes the directory only after the server has ended.
			for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
				if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("%s is still there", dir)
				}
			}
		})
	}
}

func TestRequired(t *testing.T) {
	for _, tc := range []struct {
		value string
		want  bool
	}{
		{value: "", want: false},
		{value: "postgres", want: true},
		{value: "redis, postgres", want: true},
		{value: "postgresql", want: false},
	} {
		t.Setenv("TINTYPE_TEST_REQUIRE", tc.value)
		if got := required("postgres"); got != tc.want {
			t.Errorf("with %q: %v, want %v", tc.value, got, tc.want)
		}
	}
}
