package move

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// dieAt runs f in a program that ends at a point: nothing is done any more after
// it, and its connections are closed. It says whether the point was reached.
func (s *site) dieAt(t *testing.T, point string, f func(m *Mover) error) bool {
	t.Helper()
	m := s.open(t)
	defer m.Close()
	reached := false
	done := make(chan error)
	go func() {
		defer close(done)
		m.at = func(p string) {
			if p == point {
				reached = true
				runtime.Goexit()
			}
		}
		done <- f(m)
	}()
	if err := <-done; err != nil {
		t.Fatalf("before %q: %v", point, err)
	}
	return reached
}

// points is every point that f passes.
func (s *site) points(t *testing.T, f func(m *Mover) error) []string {
	t.Helper()
	m := s.open(t)
	var out []string
	m.at = func(p string) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	if err := f(m); err != nil {
		t.Fatal(err)
	}
	return out
}

func (s *site) sums(t *testing.T, db int) string {
	t.Helper()
	var all []string
	for _, tab := range []string{"users", "posts", "likes", "media", "migrations"} {
		all = append(all, s.ask(t, db, fmt.Sprintf(`SELECT '%s ' || count(*) || ' ' || sum(hashtext(x::text)::bigint) FROM s0042.%[1]s x`, tab)))
	}
	return strings.Join(all, ", ")
}

func TestMoverDies(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newSite(t)
	s.fill(t, 0, 50)
	want := s.sums(t, 0)
	home := 0
	target := func() string { return fmt.Sprintf("pg%d", 1-home) }
	points := s.points(t, func(m *Mover) error { _, err := m.Move(ctx, moved, target(), Options{}); return err })
	home = 1
	s.clean(t, home)
	if len(points) < 18 {
		t.Fatalf("only %d points: %q", len(points), points)
	}
	flipped := false // from this point on the target is the home
	for _, point := range points {
		flipped = flipped || point == "fence: flipped"
		t.Logf("at %q", point)
		die := func() {
			if !s.dieAt(t, point, func(m *Mover) error { _, err := m.Move(ctx, moved, target(), Options{}); return err }) {
				t.Fatalf("%q was not reached", point)
			}
		}
		die()
		if _, err := s.m.Move(ctx, moved, target(), Options{}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("a second move: %v, want a conflict", err)
		}
		if flipped {
			if err := s.m.Cancel(ctx, moved); !tintype.IsKind(err, tintype.Conflict) {
				t.Errorf("cancelling after the change of the map: %v, want a conflict", err)
			}
		} else {
			if err := s.m.Cancel(ctx, moved); err != nil {
				t.Fatalf("cancelled: %v", err)
			}
			s.clean(t, home)
			if got := s.sums(t, home); got != want {
				t.Errorf("cancelled: %s, want %s", got, want)
			}
			newest := s.ask(t, home, "s0042.next_id()")
			if got := s.ask(t, home, "s0042.next_id() > "+newest); got != "true" {
				t.Errorf("cancelled: IDs go back")
			}
			die()
		}
		newest := "0"
		if !flipped && s.ask(t, home, "SELECT count(*) FROM pg_namespace WHERE nspname = 's0042'") == "1" {
			newest = s.ask(t, home, "s0042.next_id()")
		}
		if _, err := s.m.Resume(ctx, moved, Options{}); err != nil {
			t.Fatalf("resumed: %v", err)
		}
		home = 1 - home
		s.clean(t, home)
		if got := s.sums(t, home); got != want {
			t.Errorf("resumed: %s, want %s", got, want)
		}
		if got := s.ask(t, home, "s0042.next_id() > "+newest); got != "true" {
			t.Errorf("resumed: IDs go back below %s", newest)
		}
		if t.Failed() {
			return
		}
	}
}

// TestCancelDies lets the cancelling die too.
func TestCancelDies(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newSite(t)
	s.fill(t, 0, 20)
	want := s.sums(t, 0)
	for _, point := range []string{"unlink: subscription", "clear: unlinked", "cancel: name back"} {
		for _, died := range []string{"copy: rows", "copy: subscription", "fence: renamed", "fence: opened"} {
			if !s.dieAt(t, died, func(m *Mover) error { _, err := m.Move(ctx, moved, "pg1", Options{}); return err }) {
				t.Fatalf("%q was not reached", died)
			}
			if !s.dieAt(t, point, func(m *Mover) error { return m.Cancel(ctx, moved) }) {
				t.Fatalf("%q was not reached", point)
			}
			if err := s.m.Cancel(ctx, moved); err != nil {
				t.Fatal(err)
			}
			s.clean(t, 0)
			if got := s.sums(t, 0); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}

// TestHelperMove is no test: it is the program that TestMoverIsKilled kills.
func TestHelperMove(t *testing.T) {
	dsns := strings.Fields(os.Getenv("TINTYPE_TEST_MOVE"))
	if len(dsns) == 0 {
		return
	}
	m, err := Open(context.Background(), Config{Clock: time.Now, Settle: time.Nanosecond,
		Databases: []Database{{Name: "pg0", DSN: dsns[0]}, {Name: "pg1", DSN: dsns[1]}}})
	if err != nil {
		t.Fatal(err)
	}
	m.at = func(p string) {
		if p == os.Getenv("TINTYPE_TEST_MOVE_POINT") {
			fmt.Println("reached")
			select {}
		}
	}
	_, err = m.Move(context.Background(), moved, os.Getenv("TINTYPE_TEST_MOVE_TARGET"), Options{})
	t.Fatalf("the move ended: %v", err)
}

func TestMoverIsKilled(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newSite(t)
	s.fill(t, 0, 50)
	want := s.sums(t, 0)
	home := 0
	for _, point := range []string{"copy: slot", "catch up: held", "fence: held", "fence: renamed", "jobs: inserted"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestHelperMove$", "-test.v")
		cmd.Env = append(os.Environ(), "TINTYPE_TEST_MOVE="+strings.Join(s.dsns, " "), "TINTYPE_TEST_MOVE_POINT="+point, fmt.Sprintf("TINTYPE_TEST_MOVE_TARGET=pg%d", 1-home))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		reached := false
		var said []string
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said = append(said, lines.Text())
			if lines.Text() == "reached" {
				reached = true
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // killed
		if !reached {
			t.Fatalf("%q was not reached: %q", point, said)
		}
		if _, err := s.m.Resume(ctx, moved, Options{}); err != nil {
			t.Fatalf("%q: %v", point, err)
		}
		home = 1 - home
		s.clean(t, home)
		if got := s.sums(t, home); got != want {
			t.Errorf("%q: %s, want %s", point, got, want)
		}
	}
}
