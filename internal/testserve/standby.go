package testserve

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/tintype/tintype/internal/services"
)

// Standby starts a streaming replica of the PostgreSQL server of dsn (as
// testpg.Start gives it) and gives the same database as it has it.
func Standby(tb testing.TB, dsn string) (*Server, string) {
	tb.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		tb.Fatal(err)
	}
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		tb.Fatal(err)
	}
	if len(bins) == 0 {
		absent(tb, "postgres", services.ErrAbsent)
	}
	bin := slices.Max(bins)
	spec := services.Spec{
		Name: "PostgreSQL's standby", Program: filepath.Join(bin, "postgres"), Users: []string{"postgres", "nobody"},
		Stop: syscall.SIGINT, // a fast shutdown: SIGTERM waits for everybody to leave
		Prepare: func(s *services.Server) error {
			if _, err := os.Stat(s.Path("data")); err == nil {
				return nil // it was there before
			}
			out, err := s.Command(context.Background(), filepath.Join(bin, "pg_basebackup"), "--pgdata="+s.Path("data"), "--write-recovery-conf", "--wal-method=stream",
				"--checkpoint=fast", "--no-sync", "--host="+u.Hostname(), "--port="+u.Port(), "--username="+u.User.Username()).CombinedOutput()
			if err != nil {
				return fmt.Errorf("pg_basebackup: %w\n%s", err, out)
			}
			return nil
		},
		Args: func(s *services.Server) []string {
			return []string{"-D", s.Path("data"), "-h", "127.0.0.1", "-p", strconv.Itoa(s.Spec.Port), "-k", s.Dir(), "-c", "hot_standby=on",
				// No lower than the primary's, see testpg; its log is of the level that replays it.
				"-c", "max_connections=300", "-c", "max_worker_processes=64", "-c", "max_wal_senders=64", "-c", "fsync=off"}
		},
		Ready: func(ctx context.Context, s *services.Server) error {
			return s.Command(ctx, filepath.Join(bin, "pg_isready"), "--host=127.0.0.1", "--port="+strconv.Itoa(s.Spec.Port), "--quiet").Run()
		},
	}
	s := start(tb, "postgres", spec, nil)
	u.Host = s.Addr()
	return s, u.String()
}
