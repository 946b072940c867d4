package live_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/redis"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// process is one process of a fleet, and what it was told.
type process struct {
	hub   *live.Hub
	relay *live.Relay

	mu   sync.Mutex
	told []string
}

func (p *process) note(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, s)
}

func newProcess(t *testing.T, servers ...string) *process {
	t.Helper()
	pool, err := redis.Open(redis.Config{Servers: servers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	bus, err := redis.NewBus(pool, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Close)
	p := &process{hub: live.New(1000)}
	p.relay = live.NewRelay(live.RelayConfig{
		Bus: bus, Hub: p.hub,
		FeedCame:    func(users []tintype.ID) { p.note("feed of " + users[0].String()) },
		Followers:   func(e live.Event) { p.note("followers of " + e.User.String() + ": " + e.Post.String()) },
		Happened:    func(users []tintype.ID) { p.note("activity of " + users[0].String()) },
		Revoked:     func(user tintype.ID, credentials []string) { p.note(fmt.Sprint("revoked ", user, credentials)) },
		SiteChanged: func() { p.note("site") },
	})
	t.Cleanup(p.relay.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := bus.Await(ctx); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *process) await(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		p.mu.Lock()
		got = slices.Clone(p.told)
		p.mu.Unlock()
		if len(got) >= len(want) {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// TestRelay: what a worker tells comes, once and in order, to the process where the user has a page open.
func TestRelay(t *testing.T) {
	t.Parallel()
	a, b := testserve.Redis(t), testserve.Redis(t)
	worker := newProcess(t, a.Addr(), b.Addr())
	web := newProcess(t, b.Addr(), a.Addr())
	other := newProcess(t, a.Addr(), b.Addr())
	stream, cancel := subscribe(t, web.hub, 5000, "phone")
	defer cancel()
	tablet, cancelTablet := subscribe(t, web.hub, 5000, "tablet")
	defer cancelTablet()

	many := make([]tintype.ID, 10_000)
	for i := range many {
		many[i] = tintype.ID(i + 1)
	}
	worker.relay.Feed(many, live.Event{Type: live.FeedEvent, Post: 1 << 61, User: 7})
	worker.relay.Happened(many)
	worker.relay.Followers(live.Event{Type: live.FeedEvent, Post: 8, User: 7})
	worker.relay.Revoked(9, nil)
	worker.relay.SiteChanged()
	web.await(t, "feed of 5000", "activity of 5000", "followers of 7: 8", "revoked 9 []", "site")
	for _, s := range []<-chan live.Event{stream, tablet} {
		if e := <-s; e != (live.Event{Type: live.FeedEvent, Post: 1 << 61, User: 7}) {
			t.Errorf("got %+v", e)
		}
		if posts, ended := drain(s); len(posts) != 0 || ended {
			t.Errorf("then %v, ended: %v", posts, ended)
		}
	}
	other.await(t, "revoked 9 []", "site") // nobody is connected there
	worker.await(t)

	// A credential ends at another process: its streams end here, others go on. One server is enough.
	a.Kill()
	other.relay.Revoked(5000, []string{"phone", "an app"})
	web.await(t, "feed of 5000", "activity of 5000", "followers of 7: 8", "revoked 9 []", "site", "revoked 5000 [phone an app]")
	if _, open := <-stream; open {
		t.Error("the stream of the credential that ended is open")
	}
	if _, ended := drain(tablet); ended {
		t.Error("the stream of another credential ended")
	}
}
