package inproc_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/cache/cachetest"
	"github.com/tintype/tintype/internal/cache/inproc"
	"github.com/tintype/tintype/internal/cache/memcached"
	"github.com/tintype/tintype/internal/redis"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// fleet is the servers that processes share.
type fleet struct {
	redis, memcached []*testserve.Server
	clock            clock
}

// clock runs with the real time, and can be put forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func newFleet(t testing.TB) *fleet {
	return &fleet{
		redis:     []*testserve.Server{testserve.Redis(t), testserve.Redis(t)},
		memcached: []*testserve.Server{testserve.Memcached(t), testserve.Memcached(t)},
	}
}

// process is what one process of the fleet has.
type process struct {
	bus   *redis.Bus
	far   *memcached.Servers
	drops *inproc.Drops
	near  *inproc.Near[int64]
}

// process starts one; its keys are its own unless another has the same prefix.
func (f *fleet) process(t testing.TB, prefix string) *process {
	t.Helper()
	mc := memcached.Config{Prefix: prefix, Timeout: 2 * time.Second}
	for _, s := range f.memcached {
		mc.Servers = append(mc.Servers, s.Addr())
	}
	return f.processWith(t, mc)
}

func (f *fleet) processWith(t testing.TB, mc memcached.Config) *process {
	t.Helper()
	var rc redis.Config
	for _, s := range f.redis {
		rc.Servers = append(rc.Servers, s.Addr())
	}
	pool, err := redis.Open(rc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	p := &process{far: memcached.Open(mc)}
	t.Cleanup(p.far.Close)
	if p.bus, err = redis.NewBus(pool, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.bus.Close)
	p.drops = inproc.NewDrops(p.bus, f.clock.now)
	p.near = inproc.NewNear(inproc.NearConfig[int64]{
		Max: 10_000, Far: memcached.New(p.far, cache.Ints(), time.Hour), Drops: p.drops,
		Kinds: []cache.Kind{cache.KindPost, cache.KindUser, cache.KindFeedHead}, Brief: []cache.Kind{cache.KindFeedHead},
	})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := p.bus.Await(ctx); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNearConformance(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	var n atomic.Int64
	cachetest.Run(t, func(t *testing.T) cache.Cache[int64] { return f.process(t, fmt.Sprintf("r%d.", n.Add(1))).near })
	cachetest.Shared(t, func(t *testing.T) (a, b cache.Cache[int64]) {
		prefix := fmt.Sprintf("s%d.", n.Add(1))
		return f.process(t, prefix).near, f.process(t, prefix).near
	})
}

// home is a database that counts its statements.
type home struct {
	values     [1000]atomic.Int64
	statements atomic.Int64
}

func (h *home) load(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
	h.statements.Add(1)
	for _, k := range missing {
		set(k, h.values[k.A].Load())
	}
	return nil
}

// write changes a value as process p.
func (h *home) write(t testing.TB, p *process, k cache.Key) {
	t.Helper()
	h.statements.Add(1)
	h.values[k.A].Add(1)
	if err := p.near.Drop(context.Background(), k); err != nil {
		t.Error(err)
	}
}

func (h *home) read(t testing.TB, p *process, ks ...cache.Key) []int64 {
	t.Helper()
	v, found, err := p.near.Fetch(context.Background(), ks, h.load)
	if err != nil {
		t.Fatal(err)
	}
	for i, ok := range found {
		if !ok {
			t.Fatalf("%v is not found", ks[i])
		}
	}
	return v
}

func post(n int) cache.Key { return cache.Key{Kind: cache.KindPost, A: tintype.ID(n)} }

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// TestNearFaults kills what processes share, in turn: a change by one shows in the
// other, whatever is dead, and nobody gets an error.
func TestNearFaults(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, b := f.process(t, ""), f.process(t, "")
	var h home
	check := func(rounds int, what string) {
		t.Helper()
		for i := range rounds {
			k := post(i + 1)
			h.read(t, a, k)
			h.read(t, b, k)
			h.write(t, a, k)
			want := h.values[k.A].Load()
			if got := h.read(t, a, k)[0]; got != want {
				t.Errorf("%s: after its own write %d, want %d", what, got, want)
			}
			until(t, what+": the other sees it", func() bool { return h.read(t, b, k)[0] == want })
			a, b = b, a
		}
	}
	check(20, "all is well")
	f.redis[0].Kill()
	check(20, "one Redis is dead")
	f.memcached[0].Kill()
	check(20, "and one memcached")
	f.redis[1].Kill()
	f.memcached[1].Kill()
	check(3, "everything is dead")
	f.redis[0].Start()
	f.memcached[1].Start()
	check(20, "some came back")
	f.redis[1].Start()
	f.memcached[0].Start()
	until(t, "both are sure again", func() bool {
		return a.bus.Whole() && b.bus.Whole() && a.far.Stats().Down == 0 && b.far.Stats().Down == 0
	})
	check(20, "all came back")
}

// cable leads to a server, and can be cut.
type cable struct {
	ln net.Listener
	to string

	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{ln: ln, to: to}
	t.Cleanup(func() { ln.Close(); c.set(true) })
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			c.mu.Lock()
			if err != nil || c.cut {
				in.Close()
				c.mu.Unlock()
				continue
			}
			c.conns = append(c.conns, in, out)
			c.mu.Unlock()
			go func() { _, _ = io.Copy(out, in); out.Close() }()
			go func() { _, _ = io.Copy(in, out); in.Close() }()
		}
	}()
	return c
}

func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut = cut; cut {
		for _, n := range c.conns {
			n.Close()
		}
		c.conns = nil
	}
}

// TestPartition cuts one process off memcached, which the other still reaches:
// what it drops, the other deletes there for it. When it is joined again it believes
// nothing that it has dropped.
func TestPartition(t *testing.T) {
	t.Parallel()
	f := &fleet{redis: []*testserve.Server{testserve.Redis(t)}, memcached: []*testserve.Server{testserve.Memcached(t)}}
	b := f.process(t, "")
	line := newCable(t, f.memcached[0].Addr())
	a := f.processWith(t, memcached.Config{Servers: []string{line.ln.Addr().String()}, Timeout: 2 * time.Second})
	var h home
	for i := range 10 {
		k := post(i + 1)
		h.read(t, a, k)
		h.read(t, b, k)
		line.set(true)
		h.write(t, a, k)
		if got := h.read(t, a, k)[0]; got != 1 {
			t.Errorf("after its own write: %d", got)
		}
		until(t, "the other sees it", func() bool { return h.read(t, b, k)[0] == 1 })
		b.near.Clear()
		if got := h.read(t, b, k)[0]; got != 1 {
			t.Errorf("in memcached there is still %d", got)
		}
		// The other way round: it changes while a is cut off.
		h.write(t, b, k)
		until(t, "the one who is cut off sees it", func() bool { return h.read(t, a, k)[0] == 2 })
		line.set(false)
		until(t, "it is joined again", func() bool { return a.far.Stats().Down == 0 })
		a.near.Clear()
		if got := h.read(t, a, k)[0]; got != 2 {
			t.Errorf("joined again, it reads %d", got)
		}
	}
}

// TestMemcachedLost counts the statements of two processes, a minute of reading
// 400 keys each second and writing some: the loss of all memcached costs the databases no more
// than they had to do before, once more.
func TestMemcachedLost(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	ps := []*process{f.process(t, ""), f.process(t, "")}
	var h home
	minutes := func(n int) int64 {
		t.Helper()
		before := h.statements.Load()
		for s := range 60 * n {
			for w := range 5 {
				h.write(t, ps[w%2], post((s*37+w*91)%400))
			}
			for _, p := range ps {
				until(t, "the bus is whole", p.bus.Whole)
				for page := range 20 {
					ks := make([]cache.Key, 20)
					for i := range ks {
						ks[i] = post(page*20 + i)
					}
					h.read(t, p, ks...)
				}
			}
			f.clock.ahead.Add(int64(time.Second))
		}
		return h.statements.Load() - before
	}
	cold := minutes(1)
	steady := minutes(2)
	for _, m := range f.memcached {
		m.Kill()
	}
	lost := minutes(2)
	t.Logf("statements: %d in the first minute; in two minutes %d with memcached, %d without", cold, steady, lost)
	if lost > 2*steady {
		t.Errorf("without memcached %d statements, with it %d", lost, steady)
	}
	for _, m := range f.memcached {
		m.Start()
	}
	for _, p := range ps {
		until(t, "memcached is used again", func() bool { return p.far.Stats().Down == 0 })
	}
	if back := minutes(2); back > 2*steady {
		t.Errorf("restarted empty: %d statements, before: %d", back, steady)
	}
}

// TestNearKeepsIdentity: what is asked for again and is the same is the same pointer.
func TestNearKeepsIdentity(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	p := f.process(t, "")
	users := inproc.NewNear(inproc.NearConfig[*tintype.User]{Max: 100, Far: memcached.New(p.far, cache.Users(), time.Hour), Drops: p.drops, Kinds: []cache.Kind{cache.KindUser}})
	name := "anna"
	get := func() *tintype.User {
		t.Helper()
		v, _, err := users.Fetch(context.Background(), []cache.Key{{Kind: cache.KindUser, A: 1}}, func(_ context.Context, missing []cache.Key, set func(cache.Key, *tintype.User)) error {
			set(missing[0], &tintype.User{ID: 1, Username: name})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return v[0]
	}
	first := get()
	drops := users.Drops()
	f.clock.ahead.Add(int64(time.Hour))
	if got := get(); got != first {
		t.Error("after an hour it is another pointer")
	}
	if users.Drops() == drops {
		t.Error("what was derived an hour ago would still be used")
	}
	f.memcached[0].Kill()
	f.memcached[1].Kill()
	f.clock.ahead.Add(int64(time.Hour))
	if got := get(); got != first {
		t.Error("loaded again, without a change, it is another pointer")
	}
	name = "berta"
	f.clock.ahead.Add(int64(time.Hour))
	if got := get(); got == first || got.Username != "berta" {
		t.Errorf("a change that nobody told of does not show after an hour: %+v", got)
	}
}

// TestBrief: lists that are believed for a second only are not kept far, and
// drops of many are not told, of few are.
func TestBrief(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, b := f.process(t, ""), f.process(t, "")
	var h home
	k := cache.Key{Kind: cache.KindFeedHead, A: 1}
	h.read(t, a, k)
	h.read(t, b, k)
	if n := h.statements.Load(); n != 2 {
		t.Errorf("%d statements, want one by each process", n)
	}
	h.write(t, a, k)
	until(t, "the other sees it", func() bool { return h.read(t, b, k)[0] == 1 })
	many := make([]cache.Key, 5000)
	for i := range many {
		many[i] = cache.Key{Kind: cache.KindFeedHead, A: tintype.ID(i)}
	}
	h.values[1].Add(1)
	if err := a.near.Drop(context.Background(), many...); err != nil {
		t.Error(err)
	}
	if got := h.read(t, a, k)[0]; got != 2 {
		t.Errorf("after an own drop: %d", got)
	}
	b.near.Forget(k)
	if got := h.read(t, b, k)[0]; got != 2 {
		t.Errorf("after it was told in another way: %d", got)
	}
	h.values[1].Add(1)
	f.clock.ahead.Add(int64(time.Second))
	if got := h.read(t, b, k)[0]; got != 3 {
		t.Errorf("after a second: %d", got)
	}
}

// TestManyKeys drops more keys than go into one message.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	a, b := f.process(t, ""), f.process(t, "")
	var h home
	ks := make([]cache.Key, 2500)
	for i := range ks {
		ks[i] = cache.Key{Kind: cache.KindPost, A: 1, B: tintype.ID(i)}
	}
	h.read(t, a, ks...)
	h.read(t, b, ks...)
	h.values[1].Add(1)
	if err := a.near.Drop(context.Background(), ks...); err != nil {
		t.Error(err)
	}
	until(t, "the other sees all", func() bool {
		for _, v := range h.read(t, b, ks...) {
			if v != 1 {
				return false
			}
		}
		return true
	})
}

func BenchmarkNearFetch20(b *testing.B) {
	f := newFleet(b)
	p := f.process(b, "")
	var h home
	keys := make([]cache.Key, 20)
	for i := range keys {
		keys[i] = post(i)
	}
	h.read(b, p, keys...)
	b.ReportAllocs()
	for b.Loop() {
		h.read(b, p, keys...)
	}
}
