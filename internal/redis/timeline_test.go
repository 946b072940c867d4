package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/timeline/timelinetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestTimelines(t *testing.T) {
	t.Parallel()
	for _, servers := range []int{1, 3} {
		t.Run(fmt.Sprintf("%d servers", servers), func(t *testing.T) {
			t.Parallel()
			p, _ := open(t, servers)
			seq := 0
			timelinetest.Run(t, Timelines{P: p, Kind: timeline.Home}, func() tintype.ID {
				seq++
				return tintype.MakeID(1_500_000_000_000+int64(seq), tintype.Shard(seq*7), 0)
			})
		})
	}
}

// full gives n IDs as a site makes them: all over its shards, some seconds apart.
func full(n int) []tintype.ID {
	ids := make([]tintype.ID, n)
	for i := range ids {
		ids[i] = tintype.MakeID(1_700_000_000_000+int64(i)*7919, tintype.Shard(i*31), uint16(i*37))
	}
	return ids
}

// usage is what Redis says that a key takes, with its own overhead.
func usage(tb testing.TB, n *node, key string) int64 {
	tb.Helper()
	v, err := n.do(tb.Context(), n.b().MemoryUsage().Key(key).Samples(0).Build()).AsInt64()
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// TestTimelineMemory: an entry of a timeline of 500 takes 16 bytes at most, all
// in all, whether it was built at once or grew post by post.
func TestTimelineMemory(t *testing.T) {
	t.Parallel()
	p, _ := open(t, 1)
	s := Timelines{P: p, Kind: timeline.Home}
	const n = 500
	ids := full(n)
	built, grown, mixed := tintype.ID(1), tintype.ID(2), tintype.ID(3)
	for _, u := range []tintype.ID{built, grown, mixed} {
		if err := s.Replace(t.Context(), u, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Replace(t.Context(), built, ids); err != nil {
		t.Fatal(err)
	}
	for i := range ids {
		if _, err := s.Append(t.Context(), []tintype.ID{grown}, ids[i]); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), []tintype.ID{mixed}, ids[(i*7)%n]); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		user tintype.ID
	}{{"built at once", built}, {"grown in order", grown}, {"grown in any order", mixed}} {
		got, _, err := s.Range(t.Context(), c.user, tintype.Page{Count: n + 1})
		if err != nil || len(got) != n {
			t.Fatalf("%s: %d IDs, %v", c.name, len(got), err)
		}
		each := float64(usage(t, p.at(c.user), s.key(c.user))) / n
		t.Logf("%s: %.2f bytes an entry in a timeline of %d", c.name, each, n)
		if each > 16 {
			t.Errorf("%s: %.2f bytes an entry, want 16 at most", c.name, each)
		}
	}
}

// Timelines whose owners never come back go away by themselves, those that were
// built together not all together, and what changes one does not keep it for ever.
func TestTimelinesExpire(t *testing.T) {
	t.Parallel()
	p, _ := open(t, 1)
	s := Timelines{P: p, Kind: timeline.Home, Keep: time.Hour}
	lives := map[int64]bool{}
	for u := range tintype.ID(20) {
		if err := errors.Join(s.Replace(t.Context(), u, full(3)), s.Merge(t.Context(), u, full(9), false), s.Merge(t.Context(), u, full(1), true)); err != nil {
			t.Fatal(err)
		}
		n := p.at(u)
		ms, err := n.do(t.Context(), n.b().Pttl().Key(s.key(u)).Build()).AsInt64()
		if err != nil || ms < time.Hour.Milliseconds()*9/10 || ms > 2*time.Hour.Milliseconds() {
			t.Errorf("a timeline lives for %d ms, %v", ms, err)
		}
		lives[ms/60_000] = true
	}
	if len(lives) < 5 {
		t.Errorf("20 timelines go in %d different minutes", len(lives))
	}
}

// TestTimelinesFlushed: when everything is lost in the midst of work, timelines
// are absent, nothing fails, and what is built then is whole.
func TestTimelinesFlushed(t *testing.T) {
	t.Parallel()
	p, servers := open(t, 2)
	s := Timelines{P: p, Kind: timeline.Home}
	ctx := context.WithoutCancel(t.Context())
	owners := full(40)
	ids := full(300)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(stop)
		for range 30 {
			for _, n := range p.nodes {
				if err := errors.Join(n.do(ctx, n.b().Flushall().Build()).Error(), n.do(ctx, n.b().ScriptFlush().Build()).Error()); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for w := range 2 {
		wg.Go(func() {
			for i := w; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := s.Append(ctx, owners, ids[i%len(ids)]); err != nil && !tintype.IsKind(err, tintype.Unavailable) {
					t.Error(err) // Unavailable if the script was forgotten twice in a row
				}
				o := owners[i%len(owners)]
				got, built, err := s.Range(ctx, o, tintype.Page{Count: 100, Max: ids[i%len(ids)]})
				if err != nil || !slices.IsSortedFunc(got, func(a, b tintype.ID) int { return int(b - a) }) {
					t.Errorf("range: %v, %v", got, err)
				}
				if !built {
					if err := s.Replace(ctx, o, ids); err != nil && !tintype.IsKind(err, tintype.Unavailable) {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	for _, server := range servers {
		server.Kill()
		server.Start()
	}
	await(t, "both are back", func() bool {
		for _, n := range p.nodes {
			if n.do(ctx, n.b().Ping().Build()).Error() != nil {
				return false
			}
		}
		return true
	})
	for _, o := range owners {
		if _, built, err := s.Range(ctx, o, tintype.Page{Count: 1}); built || err != nil {
			t.Errorf("after both were restarted empty: built %v, %v", built, err)
		}
		if err := s.Replace(ctx, o, ids); err != nil {
			t.Fatal(err)
		}
	}
	next := tintype.MakeID(1_800_000_000_000, 0, 0)
	added, err := s.Append(ctx, owners, next)
	if err != nil || len(added) != len(owners) {
		t.Errorf("added to %d, %v", len(added), err)
	}
}

// TestTimelinesOfADeadServer: its owners' timelines are Unavailable, and are
// read from the replica if there is one; the others' are as ever.
func TestTimelinesOfADeadServer(t *testing.T) {
	t.Parallel()
	primary, other := testserve.Redis(t), testserve.Redis(t)
	replica := testserve.Redis(t, "--replicaof", strings.ReplaceAll(primary.Addr(), ":", " "))
	servers := []string{"a=" + primary.Addr(), "b=" + other.Addr()}
	with := Timelines{P: openConfig(t, Config{Servers: servers, Replicas: []string{replica.Addr()}}), Kind: timeline.Home}
	without := Timelines{P: openConfig(t, Config{Servers: servers}), Kind: timeline.Home}
	ids := full(50)
	var there, gone []tintype.ID
	for _, o := range full(20) {
		if err := with.Replace(t.Context(), o, ids); err != nil {
			t.Fatal(err)
		}
		if with.P.at(o).name == "a" {
			gone = append(gone, o)
		} else {
			there = append(there, o)
		}
	}
	await(t, "the replica has all", func() bool {
		n := with.P.nodes[0]
		count, _ := n.replica.do(t.Context(), n.b().Dbsize().Build()).AsInt64()
		return int(count) == len(gone)
	})
	primary.Kill()
	for _, page := range []tintype.Page{{Count: 5}, {Count: 5, Max: ids[45]}} {
		for _, o := range gone {
			if got, built, err := with.Range(t.Context(), o, page); err != nil || !built || len(got) != 5 {
				t.Errorf("with a replica: %v, built %v, %v", got, built, err)
			}
			if _, _, err := without.Range(t.Context(), o, page); !tintype.IsKind(err, tintype.Unavailable) {
				t.Errorf("without one: %v", err)
			}
		}
	}
	next := tintype.MakeID(1_800_000_000_000, 0, 0)
	added, err := with.Append(t.Context(), append(slices.Clone(gone), there...), next)
	if !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("append: %v", err)
	}
	for _, o := range there {
		if got, _, err := without.Range(t.Context(), o, tintype.Page{Count: 1}); err != nil || !slices.Equal(got, []tintype.ID{next}) || !slices.Contains(added, o) {
			t.Errorf("at the server that lives: %v, %v", got, err)
		}
	}
	for _, err := range []error{
		with.Replace(t.Context(), gone[0], ids), with.Merge(t.Context(), gone[0], ids, true),
		with.Remove(t.Context(), gone, ids[0]), with.Forget(t.Context(), gone),
	} {
		if !tintype.IsKind(err, tintype.Unavailable) {
			t.Errorf("a write: %v", err)
		}
	}
}
