package move

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/tintype"
)

const moved = tintype.Shard(42)

// site is two databases of one server, the shards 7 and 42 on the first.
type site struct {
	m    *Mover
	dsns []string
}

func newSite(t *testing.T) *site {
	t.Helper()
	ctx := context.Background()
	s := &site{}
	for i := range 2 {
		dsn := testpg.Start(t)
		s.dsns = append(s.dsns, dsn)
		o := postgres.Options{DSN: dsn, Name: fmt.Sprintf("pg%d", i), Directory: i == 0, Clock: time.Now}
		if i == 0 {
			o.Shards = []tintype.Shard{7, moved}
		}
		db, err := postgres.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s.m = s.open(t)
	for _, shard := range []tintype.Shard{7, moved} {
		s.exec(t, 0, fmt.Sprintf("INSERT INTO directory.shard_map (shard, database_name, created) VALUES (%d, 'pg0', 1)", shard))
	}
	return s
}

// open makes a mover, closed before the databases are dropped.
func (s *site) open(t *testing.T) *Mover {
	t.Helper()
	m, err := Open(context.Background(), Config{Clock: time.Now, Settle: time.Nanosecond,
		Databases: []Database{{Name: "pg0", DSN: s.dsns[0]}, {Name: "pg1", DSN: s.dsns[1]}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A slot keeps its database from being dropped.
		for _, sh := range []tintype.Shard{7, moved} {
			if task, err := m.take(context.Background(), sh, Options{}); err == nil {
				if task.id != 0 {
					_ = task.unlink(context.Background())
				}
				task.release()
			}
		}
		m.Close()
	})
	return m
}

func (s *site) exec(t *testing.T, db int, statements ...string) {
	t.Helper()
	if err := s.m.places[db].exec(context.Background(), statements...); err != nil {
		t.Fatal(err)
	}
}

func (s *site) ask(t *testing.T, db int, query string) string {
	t.Helper()
	var out string
	if err := s.m.places[db].db.QueryRow("SELECT (" + query + ")::text").Scan(&out); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// fill gives the shard rows of many kinds and some jobs.
func (s *site) fill(t *testing.T, db, posts int) {
	t.Helper()
	s.exec(t, db,
		`INSERT INTO s0042.users SELECT s0042.next_id(), 'u' || n, 'Zoë "q" \ ' || n, E'line\nline', '', '', 0, 0, 0, 0, 0, n, n, 0 FROM generate_series(1, 20) n`,
		fmt.Sprintf(`INSERT INTO s0042.posts SELECT s0042.next_id(), (SELECT min(id) FROM s0042.users), 'caption ' || n, '[]', '[]', 0, '', n / 7.0, NULL, 0, 0, 0 FROM generate_series(1, %d) n`, posts),
		`INSERT INTO s0042.likes SELECT p.id, u.id, s0042.next_id(), 2 FROM s0042.posts p, s0042.users u WHERE u.id % 3 = 0`,
		`INSERT INTO s0042.media SELECT id, 0, 'k', 'o', 'image/jpeg', 1, decode('00ff5c27', 'hex'), 1, 1, 'b', '', '', NULL, NULL FROM s0042.posts`,
		`INSERT INTO public.river_job (args, kind, max_attempts, queue, metadata, state, errors, tags)
			SELECT '{"items": []}', 'edge', 12, 'edges', jsonb_build_object('shard', CASE WHEN n % 2 = 0 THEN 42 ELSE 7 END), 'available', ARRAY['{"at": 1}'::jsonb], '{}' FROM generate_series(1, 10) n`,
		`INSERT INTO public.river_job (args, kind, max_attempts, queue, metadata, state, attempt) VALUES ('{"items": [1]}', 'edge', 12, 'edges', '{"shard": 42}', 'running', 1)`,
		`INSERT INTO public.river_job (args, kind, max_attempts, queue, metadata, state, finalized_at) VALUES ('{"items": [2]}', 'edge', 12, 'edges', '{"shard": 42}', 'discarded', now())`)
}

func TestMove(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill(t, 0, 500)
	const sum = `SELECT count(*) || ' ' || sum(hashtext(p::text)::bigint) FROM s0042.posts p`
	was := s.ask(t, 0, sum)
	newest := s.ask(t, 0, "s0042.next_id()")
	var steps []string
	began := time.Now()
	r, err := s.m.Move(context.Background(), moved, "pg1", Options{Watch: func(p Progress) {
		steps = append(steps, fmt.Sprintf("%v %s: %s %d/%d", time.Since(began).Round(time.Millisecond), p.State, p.What, p.Done, p.Total))
	}})
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(steps, "\n"))
	}
	t.Logf("%+v", r)
	if got := s.ask(t, 1, sum); got != was {
		t.Errorf("posts %s, want %s", got, was)
	}
	if got := s.ask(t, 1, "s0042.next_id() > "+newest); got != "true" {
		t.Errorf("the new home mints IDs below %s", newest)
	}
	if r.Jobs != 6 {
		t.Errorf("%d jobs followed, want 6", r.Jobs)
	}
	if got := s.ask(t, 1, "SELECT count(*) FROM river_job WHERE state = 'available' AND errors[1] ->> 'at' = '1' AND metadata = '{\"shard\": 42}'"); got != "5" {
		t.Errorf("%s jobs wait at the new home, want 5", got)
	}
	if got := s.ask(t, 0, "SELECT string_agg(state::text || (metadata ->> 'shard'), ',' ORDER BY id) FROM river_job"); got != "available7,available7,available7,available7,available7,running42" {
		t.Errorf("jobs at the old home: %s", got)
	}
	s.clean(t, 1)
}

// clean checks that nothing of any move is left, with the shard at home.
func (s *site) clean(t *testing.T, home int) {
	t.Helper()
	if got, want := s.ask(t, 0, "SELECT database_name FROM directory.shard_map WHERE shard = 42"), fmt.Sprintf("pg%d", home); got != want {
		t.Errorf("the map says %s, want %s", got, want)
	}
	for i := range 2 {
		want := ""
		if i == 0 {
			want = "s0007"
		}
		if i == home {
			want = map[string]string{"": "s0042", "s0007": "s0007,s0042"}[want]
		}
		for _, q := range []struct{ what, query, want string }{
			{"schemas", "SELECT coalesce(string_agg(nspname, ',' ORDER BY nspname), '') FROM pg_namespace WHERE nspname ~ '^(gone_)?s[0-9]{4}$'", want},
			{"publications", "SELECT count(*) FROM pg_publication", "0"},
			{"subscriptions", "SELECT count(*) FROM pg_subscription s JOIN pg_database d ON d.oid = subdbid WHERE datname = current_database()", "0"},
			{"slots", "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()", "0"},
			{"triggers", "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal", "0"},
			{"gates", "SELECT count(*) FROM pg_proc WHERE proname = '" + gate + "'", "0"},
			{"comments", "SELECT count(*) FROM pg_description WHERE description = '" + halfMade + "'", "0"},
		} {
			if got := s.ask(t, i, q.query); got != q.want {
				t.Errorf("pg%d: %s %q, want %q", i, q.what, got, q.want)
			}
		}
	}
	if got := s.ask(t, 0, "SELECT count(*) FROM directory.shard_moves WHERE finished = 0"); got != "0" {
		t.Errorf("%s moves are open", got)
	}
}
