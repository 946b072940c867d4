// Package testpg gives tests a real, throw-away PostgreSQL.
//
// The first Start of a test process makes one server: its own data directory
// under the temporary directory, its own free loopback port, an unprivileged
// user when the tests run as root. Every call gets a fresh, empty database of
// that server, dropped when its test ends. The server is stopped, and its
// directory removed, when the process ends, however it ends: normally, by
// panic, by the time limit of go test, or by SIGKILL.
//
// It uses the programs that PostgreSQL brings (initdb, postgres, psql) and no
// driver, and leaves connecting, schemas and pools to its callers. Nothing
// here is an error to handle: where PostgreSQL is not installed the test is
// skipped, or fails if TINTYPE_TEST_REQUIRE (a comma list) names "postgres";
// any other trouble fails the test.
package testpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// limit ends what hangs; a busy machine stays far below it.
const limit = time.Minute

// errAbsent says that this machine has no PostgreSQL.
var errAbsent = errors.New("PostgreSQL is not installed (Debian: apt-get install postgresql)")

// theServer is the one server of this test process, started by the first
// Start. It is global because a test process has no other place that outlives
// a single test and is common to all of them.
var theServer = sync.OnceValues(startServer)

// Start gives the test a fresh, empty UTF-8 database in the C locale, as a URL
// that pgx and libpq understand: postgres://postgres@127.0.0.1:PORT/t_N. The
// user of the URL is a superuser and needs no password. The database is dropped
// when the test ends, whoever may still be connected.
//
// Start may be called from parallel tests and more than once per test.
func Start(tb testing.TB) string {
	tb.Helper()
	srv, err := theServer()
	switch {
	case errors.Is(err, errAbsent) && !required("postgres"):
		tb.Skip(err)
	case err != nil:
		tb.Fatal(err)
	}
	name := fmt.Sprintf("t_%d", srv.databases.Add(1))
	if err := srv.sql("CREATE DATABASE " + name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := srv.sql("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", srv.port, name)
}

func required(service string) bool {
	for name := range strings.SplitSeq(os.Getenv("TINTYPE_TEST_REQUIRE"), ",") {
		if strings.TrimSpace(name) == service {
			return true
		}
	}
	return false
}

type server struct {
	bin       string              // directory of initdb, postgres and psql
	cred      *syscall.Credential // whom the server runs as; nil: as ourselves
	dir       string              // holds data/, the unix socket and the log
	port      int
	databases atomic.Int64

	// lifeline is our end of a pipe that the guard reads. Nothing is ever
	// written to it: the kernel closes it when this process is gone, which is
	// what the guard waits for. Kept here so that no finalizer closes it before.
	lifeline io.Closer
}

// guard runs the server, and outlives the test process just long enough to stop
// it and to remove its directory. A parent-death signal would not do: it is
// tied to the thread that forked, and it cannot clean up.
//
// $1 is the directory, the rest is the command of the server, descriptor 3 is
// the lifeline. SIGQUIT is PostgreSQL's immediate shutdown, which takes its
// children with it. The file "ended" tells start that the server has given up.
const guard = `
dir=$1; shift
"$@" >"$dir/log" 2>&1 </dev/null 3<&- &
server=$!
{ read -r _; while kill -QUIT $server; do sleep 0.1; done; } 2>/dev/null <&3 &
wait $server
: >"$dir/ended"
wait
rm -rf "$dir"
`

func startServer() (*server, error) {
	bin, err := findBin()
	if err != nil {
		return nil, err
	}
	srv := &server{bin: bin}
	temp := os.TempDir()
	if os.Geteuid() == 0 {
		// PostgreSQL refuses to run as root; and root's TMPDIR may be a place
		// that nobody else can enter.
		temp = "/tmp"
		if srv.cred, err = unprivileged(); err != nil {
			return nil, err
		}
	}
	// Between finding a free port and using it somebody else may take it.
	for range 5 {
		if err = srv.start(temp); err == nil {
			return srv, nil
		}
	}
	return nil, err
}

// findBin gives the directory of the newest PostgreSQL installed.
func findBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		version := func(path string) int {
			n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0, hence last, if odd
			return n
		}
		newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
		return filepath.Dir(newest), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errAbsent
}

// unprivileged is the account that the server runs as when the tests are root.
func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
}

// start makes a data directory in a new directory under temp, starts a server
// on it and a free port, and waits until it answers. After an error nothing is
// left of the attempt.
func (s *server) start(temp string) (err error) {
	if s.dir, err = os.MkdirTemp(temp, "tintype-pg-"); err != nil {
		return err
	}
	if err := s.initdb(); err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	if s.port, err = freePort(); err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	read, write, err := os.Pipe()
	if err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	defer read.Close() // the guard has its own copy by then

	cmd := exec.Command("/bin/sh", append([]string{"-c", guard, "guard", s.dir}, s.postgres()...)...)
	cmd.Dir = "/"
	cmd.Env = environment()
	cmd.ExtraFiles = []*os.File{read} // descriptor 3
	// A group of its own: an interrupt from the keyboard is for the tests.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, write.Close(), os.RemoveAll(s.dir))
	}
	guarded := make(chan error, 1)
	go func() { guarded <- cmd.Wait() }()
	if err := s.await(); err != nil {
		return errors.Join(err, write.Close(), <-guarded) // the guard removes the directory
	}
	s.lifeline = write
	return nil
}

func (s *server) initdb() error {
	if s.cred != nil {
		if err := os.Chown(s.dir, int(s.cred.Uid), int(s.cred.Gid)); err != nil {
			return err
		}
	}
	return s.run("initdb", "--pgdata="+s.data(), "--username=postgres", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

// postgres is the command of the server.
func (s *server) postgres() []string {
	args := []string{filepath.Join(s.bin, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.dir}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1",
		"fsync=off", "full_page_writes=off", // a throw-away server has nothing to survive for
		"max_connections=300",
		// Logical shards are moved by logical replication.
		"wal_level=logical", "max_wal_senders=32", "max_replication_slots=32",
		"max_logical_replication_workers=16", "max_worker_processes=24", "wal_retrieve_retry_interval=100ms",
		"shared_buffers=64MB",
		"max_wal_size=256MB",
		"timezone=UTC", "log_timezone=UTC",
		"lc_messages=C",
	} {
		args = append(args, "-c", setting)
	}
	return args
}

// await returns when the server answers.
func (s *server) await() error {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(s.dir, "ended")); err == nil {
			break
		}
		// The socket of this directory, not the port: there another server may answer.
		if err := s.sql("SELECT 1"); err == nil {
			return nil
		}
	}
	log, err := os.ReadFile(filepath.Join(s.dir, "log"))
	return errors.Join(fmt.Errorf("PostgreSQL did not start: %s", bytes.TrimSpace(log)), err)
}

// sql runs one statement in the database postgres.
func (s *server) sql(statement string) error {
	return s.run("psql", "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-h", s.dir, "-p", strconv.Itoa(s.port),
		"-U", "postgres", "-d", "postgres", "-c", statement)
}

// run runs one of PostgreSQL's programs; the error holds what it said.
func (s *server) run(program string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...)
	cmd.Dir = "/"
	cmd.Env = environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(out))
	}
	return nil
}

// environment is ours without what steers PostgreSQL's programs.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "PG") || strings.HasPrefix(entry, "LC_") || strings.HasPrefix(entry, "LANG")
	})
}

func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
