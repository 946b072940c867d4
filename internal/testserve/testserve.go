// Package testserve gives tests real, throw-away servers: Redis, memcached, S3,
// PgBouncer. Each call starts a server of its own on a free loopback port, which
// is stopped when the test ends. Where the program is not installed the test is
// skipped, or fails if TINTYPE_TEST_REQUIRE (a comma list of redis, memcached,
// s3, pgbouncer) names it; any other trouble fails the test.
package testserve

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/services"
)

// Server is a running server. Kill and Start make it go and come back on the same port.
type Server struct {
	tb testing.TB
	s  *services.Server
}

// Addr is where it listens, as host:port.
func (s *Server) Addr() string { return s.s.Addr() }

// Kill ends it at once, as a power cut would.
func (s *Server) Kill() {
	s.tb.Helper()
	if err := s.s.Kill(); err != nil {
		s.tb.Fatal(err)
	}
}

// Start starts it again after Kill, and waits until it answers.
func (s *Server) Start() {
	s.tb.Helper()
	if err := s.s.Start(context.Background()); err != nil {
		s.tb.Fatal(err)
	}
}

// Services is the server as package services knows it, for signals and more.
func (s *Server) Services() *services.Server { return s.s }

// Redis starts a Redis that keeps nothing on disk; extra are more arguments of redis-server.
func Redis(tb testing.TB, extra ...string) *Server {
	tb.Helper()
	spec, err := services.Redis(extra...)
	return start(tb, "redis", spec, err)
}

// Memcached starts a memcached of 64 MB.
func Memcached(tb testing.TB) *Server {
	tb.Helper()
	spec, err := services.Memcached(64)
	return start(tb, "memcached", spec, err)
}

// S3Server is a running S3 server with an empty bucket.
type S3Server struct {
	*Server
	AccessKey, SecretKey, Bucket, Region string
}

// Endpoint is the server's address as a URL.
func (s *S3Server) Endpoint() string { return "http://" + s.Addr() }

// S3 starts an S3 server with one empty bucket.
func S3(tb testing.TB) *S3Server {
	tb.Helper()
	out := &S3Server{AccessKey: "tintype", SecretKey: "tintype-secret", Bucket: "photos", Region: "us-east-1"}
	spec, err := services.S3(out.AccessKey, out.SecretKey, toolDirs()...)
	if prepare := spec.Prepare; err == nil {
		spec.Prepare = func(s *services.Server) error {
			if err := prepare(s); err != nil {
				return err
			}
			return os.MkdirAll(filepath.Join(s.Path("buckets"), out.Bucket), 0o700) // a bucket is a directory
		}
	}
	out.Server = start(tb, "s3", spec, err)
	return out
}

// toolDirs are where make puts the programs that Debian does not have.
func toolDirs() []string {
	dirs := []string{os.Getenv("TINTYPE_TOOLS")}
	if wd, err := os.Getwd(); err == nil {
		for d := wd; ; d = filepath.Dir(d) {
			if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
				dirs = append(dirs, filepath.Join(d, "bin", "tools"))
				break
			}
			if d == filepath.Dir(d) {
				break
			}
		}
	}
	return dirs
}

// PgBouncer starts a PgBouncer in transaction mode in front of the servers of
// dsns (as testpg.Start gives them) and gives the same addresses through it, in order.
func PgBouncer(tb testing.TB, dsns ...string) (*Server, []string) {
	tb.Helper()
	var lines []string
	urls := make([]*url.URL, len(dsns))
	for i, dsn := range dsns {
		u, err := url.Parse(dsn)
		if err != nil {
			tb.Fatal(err)
		}
		name := strings.TrimPrefix(u.Path, "/")
		lines = append(lines, fmt.Sprintf("%s = host=%s port=%s dbname=%s user=%s", name, u.Hostname(), u.Port(), name, u.User.Username()))
		urls[i] = u
	}
	spec, err := services.PgBouncer(lines, nil)
	s := start(tb, "pgbouncer", spec, err)
	out := make([]string, len(urls))
	for i, u := range urls {
		u.Host = s.Addr()
		out[i] = u.String()
	}
	return s, out
}

func start(tb testing.TB, service string, spec services.Spec, err error) *Server {
	tb.Helper()
	if err != nil {
		absent(tb, service, err)
	}
	s, err := services.Start(context.Background(), spec)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return &Server{tb: tb, s: s}
}

func absent(tb testing.TB, service string, err error) {
	tb.Helper()
	if errors.Is(err, services.ErrAbsent) && !Required(service) {
		tb.Skip(err)
	}
	tb.Fatal(err)
}

// Required reports whether TINTYPE_TEST_REQUIRE names a service.
func Required(service string) bool {
	for name := range strings.SplitSeq(os.Getenv("TINTYPE_TEST_REQUIRE"), ",") {
		if strings.TrimSpace(name) == service {
			return true
		}
	}
	return false
}
