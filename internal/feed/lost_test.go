package feed_test

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/cache/inproc"
	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// eventually polls viewer's feed until it is what is wanted; ids are oldest first.
func (s *site) eventually(viewer tintype.ID, ids ...tintype.ID) {
	s.t.Helper()
	want := slices.Sorted(slices.Values(ids))
	slices.Reverse(want)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		got := s.home(viewer, 7)
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("the feed of %v has %v, want %v", viewer, got, want)
		}
	}
}

// command sends one command to a Redis server.
func command(t *testing.T, server *testserve.Server, text string) {
	t.Helper()
	c, err := net.Dial("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(text + "\r\n")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 64)
	if n, err := c.Read(answer); err != nil || answer[0] == '-' {
		t.Fatalf("%s: %s, %v", text, answer[:n], err)
	}
}

// TestRedisDies: while Redis is dead every feed is there and up to date, whole
// pages and all, and when it is back, empty, deliveries go on.
func TestRedisDies(t *testing.T) {
	t.Parallel()
	lines, turns, servers := onRedis(t)
	s := open(t, t.TempDir(), 3, func(c *feed.Config) { c.Timeline, c.Turns = lines, turns })
	u := s.users(6)
	author, fans := u[0], u[1:5]
	s.follow(author, fans...)
	var posts []tintype.ID
	for range 120 { // more than a head
		posts = append(posts, s.publish(author))
	}
	s.settle()
	s.want(fans[0], posts...)
	s.want(fans[1], posts...)

	for _, server := range servers {
		server.Kill()
	}
	s.forget()
	for _, v := range u[:5] { // those who had a timeline, and those who had none
		s.want(v, posts...)
	}
	s.want(u[5])
	posts = append(posts, s.publish(author))
	for _, v := range u[:5] {
		s.eventually(v, posts...)
	}
	for _, server := range servers {
		server.Start()
	}
	for _, v := range u[:5] {
		s.eventually(v, posts...)
	}
	s.settle() // the deliveries that failed meanwhile
	posts = append(posts, s.publish(author))
	s.settle()
	for _, v := range u[:5] {
		s.want(v, posts...)
		if ids, built, err := lines.Range(t.Context(), v, tintype.Page{Count: 1}); err != nil || !built || ids[0] != posts[len(posts)-1] {
			t.Errorf("the timeline of %v after all: %v, built %v, %v", v, ids, built, err)
		}
	}
}

// TestRedisHangs: servers that take calls and answer much later cost a moment, and no feed.
func TestRedisHangs(t *testing.T) {
	t.Parallel()
	lines, turns, servers := onRedis(t)
	s := open(t, t.TempDir(), 1, func(c *feed.Config) { c.Timeline, c.Turns = lines, turns })
	u := s.users(3)
	s.follow(u[0], u[1:]...)
	posts := []tintype.ID{s.publish(u[0])}
	s.settle()
	s.want(u[1], posts...)
	var wg sync.WaitGroup
	for _, server := range servers {
		wg.Go(func() { command(t, server, "DEBUG SLEEP 4") })
	}
	s.forget()
	for _, v := range u {
		s.want(v, posts...)
	}
	posts = append(posts, s.publish(u[0]))
	wg.Wait()
	s.settle()
	for _, v := range u {
		s.eventually(v, posts...)
	}
}

// TestFlushedWithHeadsCached: the heads of feeds outlive the timelines they
// were read from. Whoever has one sees what is published then all the same.
func TestFlushedWithHeadsCached(t *testing.T) {
	t.Parallel()
	lines, turns, servers := onRedis(t)
	s := open(t, t.TempDir(), 1, func(c *feed.Config) { c.Timeline, c.Turns = lines, turns })
	u := s.users(4)
	s.follow(u[0], u[1:]...)
	posts := []tintype.ID{s.publish(u[0])}
	s.settle()
	for range 3 {
		for _, v := range u {
			s.want(v, posts...)
		}
		for _, server := range servers {
			command(t, server, "FLUSHALL")
		}
		posts = append(posts, s.publish(u[0]))
		s.settle()
		for _, v := range u {
			s.want(v, posts...)
		}
	}
}

// TestFlushedUnderLoad: Redis loses everything again and again while feeds are
// read and posts published. No read fails, and in the end nothing is missing.
func TestFlushedUnderLoad(t *testing.T) {
	t.Parallel()
	lines, turns, servers := onRedis(t)
	s := open(t, t.TempDir(), 1, func(c *feed.Config) { c.Timeline, c.Turns = lines, turns })
	u := s.users(6)
	author, fans := u[0], u[1:]
	s.follow(author, fans...)
	var posts []tintype.ID
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for _, f := range fans {
		wg.Go(func() {
			for page := (tintype.Page{Count: 10}); ; {
				select {
				case <-stop:
					return
				default:
				}
				_, _, next, err := s.feed.Home(context.Background(), f, page)
				if err != nil {
					t.Error(err)
					return
				}
				page.Max = next
			}
		})
	}
	for i := range 60 {
		posts = append(posts, s.publish(author))
		if i%4 == 0 {
			command(t, servers[i/4%2], "FLUSHALL")
		}
	}
	close(stop)
	wg.Wait()
	s.settle()
	for _, v := range u {
		s.want(v, posts...)
	}
}

// counted counts how often timelines are built.
type counted struct {
	timeline.Store
	built atomic.Int64
}

func (c *counted) Replace(ctx context.Context, owner tintype.ID, ids []tintype.ID) error {
	c.built.Add(1)
	return c.Store.Replace(ctx, owner, ids)
}

// TestOneRebuildAtATime: however many processes are asked for a feed that was
// lost, one of them builds it.
func TestOneRebuildAtATime(t *testing.T) {
	t.Parallel()
	lines, turns, _ := onRedis(t)
	count := &counted{Store: lines}
	s := open(t, t.TempDir(), 1, func(c *feed.Config) { c.Timeline, c.Turns = count, turns })
	u := s.users(3)
	s.follow(u[0], u[1:]...)
	var posts []tintype.ID
	for range 30 {
		posts = append(posts, s.publish(u[0]))
	}
	s.settle()
	slices.Reverse(posts)
	processes := make([]*feed.Service, 4)
	for i := range processes {
		c := s.config
		c.Lists = inproc.New[[]tintype.ID](1000) // each process has its own cache
		processes[i] = feed.New(c)
		t.Cleanup(func() { s.ok(processes[i].Close(context.Background())) })
	}
	for round, v := range u {
		var wg sync.WaitGroup
		for _, p := range processes {
			for range 3 {
				wg.Go(func() {
					got, _, _, err := p.Home(context.Background(), v, tintype.Page{Count: 30})
					if err != nil || len(got) != 30 || got[0].ID != posts[0] {
						t.Errorf("%d posts, %v", len(got), err)
					}
				})
			}
		}
		wg.Wait()
		if n := count.built.Load(); n != int64(round+1) {
			t.Errorf("after %d feeds were asked for by %d processes, timelines were built %d times", round+1, len(processes), n)
		}
	}

	// Somebody has the turn and is never heard of again: one gets the feed all the same.
	s.ok(lines.Forget(t.Context(), u))
	if _, ok, err := turns.Take(t.Context(), u[1]); !ok || err != nil {
		t.Fatal(ok, err)
	}
	s.forget()
	got := s.home(u[1], 30)
	if !slices.Equal(got, posts) {
		t.Errorf("while somebody else has the turn: %v, want %v", got, posts)
	}
}
