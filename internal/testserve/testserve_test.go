package testserve

import (
	"bufio"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tintype/tintype/internal/testpg"
)

// ask sends a line and gives the first line of the answer, "" if nobody answers.
func ask(t *testing.T, addr, line string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return ""
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s\r\n", line)
	s, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKillAndStart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		start          func(testing.TB) *Server
		question, want string
	}{
		{name: "redis", start: func(tb testing.TB) *Server { return Redis(tb) }, question: "PING", want: "+PONG\r\n"},
		{name: "memcached", start: Memcached, question: "get absent", want: "END\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := test.start(t)
			for range 2 {
				if got := ask(t, s.Addr(), test.question); got != test.want {
					t.Fatalf("it answers %q, want %q", got, test.want)
				}
				s.Kill()
				if got := ask(t, s.Addr(), test.question); got != "" {
					t.Fatalf("killed, it answers %q", got)
				}
				s.Start()
			}
		})
	}
}

func TestS3(t *testing.T) {
	t.Parallel()
	s := S3(t)
	resp, err := http.Get(s.Endpoint() + "/" + s.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a stranger gets %s, want 403", resp.Status)
	}
}

func TestPgBouncer(t *testing.T) {
	t.Parallel()
	_, dsns := PgBouncer(t, testpg.Start(t), testpg.Start(t))
	seen := map[string]bool{}
	for _, dsn := range dsns {
		cfg, err := pgx.ParseConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
		var db *sql.DB = stdlib.OpenDB(*cfg)
		defer db.Close()
		var name string
		if err := db.QueryRow("SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
		seen[name] = true
	}
	if len(seen) != 2 {
		t.Errorf("two addresses lead to %d databases", len(seen))
	}
}
