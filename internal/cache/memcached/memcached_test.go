package memcached_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/cache/cachetest"
	"github.com/tintype/tintype/internal/cache/memcached"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

func open(t testing.TB, prefix string, servers ...*testserve.Server) *memcached.Servers {
	t.Helper()
	c := memcached.Config{Prefix: prefix, Timeout: 2 * time.Second} // a busy machine must not look like a dead server
	for _, s := range servers {
		c.Servers = append(c.Servers, s.Addr())
	}
	s := memcached.Open(c)
	t.Cleanup(s.Close)
	return s
}

func ints(s *memcached.Servers) *memcached.Cache[int64] {
	return memcached.New(s, cache.Ints(), time.Minute)
}

func key(n int) cache.Key { return cache.Key{Kind: cache.KindPost, A: tintype.ID(n)} }

func keys(n int) []cache.Key {
	out := make([]cache.Key, n)
	for i := range out {
		out[i] = key(i + 1)
	}
	return out
}

// source is a home that counts what it is asked for.
type source struct{ truth, asked atomic.Int64 }

func (s *source) load(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
	v := s.truth.Load()
	s.asked.Add(int64(len(missing)))
	for _, k := range missing {
		set(k, v)
	}
	return nil
}

func (s *source) fetch(t *testing.T, c cache.Cache[int64], ks ...cache.Key) []int64 {
	t.Helper()
	v, found, err := c.Fetch(context.Background(), ks, s.load)
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

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	one, two := testserve.Memcached(t), testserve.Memcached(t)
	var n atomic.Int64
	cachetest.Run(t, func(t *testing.T) cache.Cache[int64] {
		return ints(open(t, fmt.Sprintf("r%d.", n.Add(1)), one, two))
	})
	cachetest.Shared(t, func(t *testing.T) (a, b cache.Cache[int64]) {
		prefix := fmt.Sprintf("s%d.", n.Add(1))
		return ints(open(t, prefix, one, two)), ints(open(t, prefix, one, two))
	})
}

func TestNoServers(t *testing.T) {
	t.Parallel()
	none := ints(open(t, ""))
	var s source
	for want := range int64(3) {
		if s.fetch(t, none, keys(3)...); s.asked.Load() != 3*(want+1) {
			t.Errorf("asked %d times", s.asked.Load())
		}
	}
}

func TestBytes(t *testing.T) {
	t.Parallel()
	server := testserve.Memcached(t)
	// put writes behind the cache's back.
	put := func(t *testing.T, key, value string) {
		t.Helper()
		c, err := net.Dial("tcp", server.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "set %s 0 0 %d\r\n%s\r\n", key, len(value), value)
		b := make([]byte, 64)
		if n, err := c.Read(b); err != nil || string(b[:n]) != "STORED\r\n" {
			t.Fatal(string(b[:n]), err)
		}
	}
	other := cache.Ints().Append(nil, key(2), 99)
	for name, value := range map[string]string{
		"garbage":             "\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"one byte":            "x",
		"long":                strings.Repeat("y", 300_000),
		"another key's value": string(other),
		"another type":        string(cache.IDs().Append(nil, key(1), []tintype.ID{5})),
		"a later schema":      "\xff" + string(cache.Ints().Append(nil, key(1), 99)[1:]),
	} {
		t.Run(name, func(t *testing.T) {
			s, prefix := &source{}, strings.ReplaceAll(name, " ", "_")+"."
			s.truth.Store(1)
			c := ints(open(t, prefix, server))
			put(t, prefix+"t2.1", value)
			if got := s.fetch(t, c, key(1)); got[0] != 1 || s.asked.Load() != 1 {
				t.Errorf("got %v, asked %d", got, s.asked.Load())
			}
			// It was overwritten.
			if got := s.fetch(t, c, key(1)); got[0] != 1 || s.asked.Load() != 1 {
				t.Errorf("then got %v, asked %d", got, s.asked.Load())
			}
		})
	}
	t.Run("large values", func(t *testing.T) {
		servers := open(t, "large.", server)
		c := memcached.New(servers, cache.IDs(), time.Minute)
		big := make([]tintype.ID, 200_000)
		for i := range big {
			big[i] = 1 << 62
		}
		loads := 0
		for range 2 {
			v, _, err := c.Fetch(context.Background(), []cache.Key{key(1), key(2)}, func(_ context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
				for _, k := range missing {
					loads++
					if k == key(1) {
						set(k, big)
					} else {
						set(k, big[:100_000]) // 900 kB
					}
				}
				return nil
			})
			if err != nil || len(v[0]) != len(big) || len(v[1]) != 100_000 {
				t.Fatal(len(v[0]), len(v[1]), err)
			}
		}
		if loads != 3 || servers.Stats().Unstored != 2 {
			t.Errorf("%d loads, %+v; the larger one is loaded every time", loads, servers.Stats())
		}
	})
}

// TestMark: whoever had a value has the same one again while its bytes are the same.
func TestMark(t *testing.T) {
	t.Parallel()
	server := testserve.Memcached(t)
	c := memcached.New(open(t, "", server), cache.Users(), time.Minute)
	ctx, k := context.Background(), []cache.Key{{Kind: cache.KindUser, A: 5}}
	name := "anna"
	load := func(_ context.Context, missing []cache.Key, set func(cache.Key, *tintype.User)) error {
		set(missing[0], &tintype.User{ID: 5, Username: name})
		return nil
	}
	first, _, err := c.Refresh(ctx, k, nil, load)
	if err != nil {
		t.Fatal(err)
	}
	again := func() cache.Held[*tintype.User] {
		t.Helper()
		h, _, err := c.Refresh(ctx, k, first, load)
		if err != nil {
			t.Fatal(err)
		}
		return h[0]
	}
	if h := again(); h != first[0] {
		t.Error("the same bytes gave another value")
	}
	c.Delete(k)
	if h := again(); h != first[0] {
		t.Error("the same row, loaded, gave another value")
	}
	server.Kill()
	if h := again(); h != first[0] {
		t.Error("without a server the same row gave another value")
	}
	name = "berta"
	if h := again(); h.Value.Username != "berta" || h.Mark == first[0].Mark {
		t.Errorf("a changed row gave %+v", h)
	}
}

// TestDeath kills one of two servers, then both, and starts them again: never an
// error, never a value older than a drop.
func TestDeath(t *testing.T) {
	t.Parallel()
	one, two := testserve.Memcached(t), testserve.Memcached(t)
	servers := open(t, "", one, two)
	c, ks := ints(servers), keys(100)
	var s source
	s.fetch(t, c, ks...)
	for i, kill := range []*testserve.Server{one, two} {
		kill.Kill()
		before := s.asked.Load()
		s.fetch(t, c, ks...)
		if asked := s.asked.Load() - before; asked == 0 || i == 0 && asked == 100 || i == 1 && asked != 100 {
			t.Errorf("after %d deaths %d keys of 100 were missing", i+1, asked)
		}
		s.truth.Add(1)
		if err := c.Drop(context.Background(), ks...); err != nil {
			t.Error(err)
		}
		if v := s.fetch(t, c, ks...); v[0] != s.truth.Load() || v[99] != s.truth.Load() {
			t.Errorf("after the drop: %v", v)
		}
	}
	if n := servers.Stats().Down; n != 2 {
		t.Errorf("%d servers are down, want 2", n)
	}
	one.Start()
	two.Start()
	until(t, "both servers are used again", func() bool {
		s.fetch(t, c, ks...)
		before := s.asked.Load()
		s.fetch(t, c, ks...)
		return s.asked.Load() == before
	})
}

// TestMissedDelete stops a server, which keeps what it has, while a key is
// dropped: when it goes on, nobody gets the old value from it.
func TestMissedDelete(t *testing.T) {
	t.Parallel()
	for name, many := range map[string]int{"few": 3, "more than are remembered": 100_002} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testserve.Memcached(t)
			servers := memcached.Open(memcached.Config{Servers: []string{server.Addr()}, Timeout: 300 * time.Millisecond})
			t.Cleanup(servers.Close)
			c := ints(servers)
			var s source
			until(t, "the value is stored", func() bool {
				s.fetch(t, c, key(1))
				before := s.asked.Load()
				s.fetch(t, c, key(1))
				return s.asked.Load() == before
			})
			stop(t, server, syscall.SIGSTOP)
			s.truth.Store(1)
			if missed := c.Delete(keys(many)); len(missed) != many {
				t.Errorf("%d of %d deletes are said to be missed", len(missed), many)
			}
			if v := s.fetch(t, c, key(1)); v[0] != 1 {
				t.Errorf("while it is stopped: %v", v)
			}
			stop(t, server, syscall.SIGCONT)
			until(t, "it is used again", func() bool {
				before := s.asked.Load()
				if v := s.fetch(t, c, key(1)); v[0] != 1 {
					t.Fatalf("the old value came back: %v", v)
				}
				return s.asked.Load() == before
			})
		})
	}
}

// stop sends sig, and after SIGSTOP waits until every thread has stopped: one
// that runs for a moment longer may still answer.
func stop(t *testing.T, s *testserve.Server, sig syscall.Signal) {
	t.Helper()
	if err := s.Services().Signal(sig); err != nil {
		t.Fatal(err)
	}
	if sig != syscall.SIGSTOP {
		return
	}
	until(t, "the server has stopped", func() bool {
		stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.Services().PID()))
		if err != nil || len(stats) == 0 {
			t.Skip("there is no /proc to see it by")
		}
		for _, name := range stats {
			b, err := os.ReadFile(name)
			// The state follows the name, which is in parentheses: proc(5).
			if err != nil || !strings.Contains(string(b), ") T ") {
				return false
			}
		}
		return true
	})
}

// TestRestartEndsLeases: a server that is started anew counts from the beginning,
// so that a lease of its former life has the number of one of the new.
func TestRestartEndsLeases(t *testing.T) {
	t.Parallel()
	server := testserve.Memcached(t)
	a, b := ints(open(t, "", server)), ints(open(t, "", server))
	var s source
	leased, done, gone := make(chan struct{}), make(chan struct{}), make(chan struct{})
	_, _, err := a.Fetch(context.Background(), keys(1), func(ctx context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		if err := s.load(ctx, missing, set); err != nil { // reads 0
			return err
		}
		s.truth.Store(1)
		server.Kill()
		server.Start()
		until(t, "b has dropped it", func() bool { return len(b.Delete(keys(1))) == 0 })
		go func() {
			defer close(gone)
			_, _, _ = b.Fetch(ctx, keys(1), func(context.Context, []cache.Key, func(cache.Key, int64)) error {
				close(leased) // with the same number as a's
				<-done
				return context.Canceled
			})
		}()
		<-leased
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	close(done)
	<-gone
	if v := s.fetch(t, b, key(1)); v[0] != 1 {
		t.Errorf("the old life's lease was good: %v", v)
	}
}

func BenchmarkFetch(b *testing.B) {
	server := testserve.Memcached(b)
	s := open(b, "", server)
	posts, users := memcached.New(s, cache.Posts(), time.Minute), memcached.New(s, cache.Users(), time.Minute)
	ctx := context.Background()
	pk, uk := cache.Keys(cache.KindPost, make([]tintype.ID, 20)), cache.Keys(cache.KindUser, make([]tintype.ID, 20))
	for i := range pk {
		pk[i].A, uk[i].A = tintype.MakeID(1.5e12, 5, uint16(i+1)), tintype.MakeID(1.4e12, 5, uint16(i+1))
	}
	loadPosts := func(_ context.Context, missing []cache.Key, set func(cache.Key, *tintype.Post)) error {
		for _, k := range missing {
			set(k, &tintype.Post{ID: k.A, UserID: k.A, Caption: "A day at the lake with friends #lake", Tags: []string{"lake"}, Likes: 12, TopLikers: []tintype.ID{1, 2, 3},
				Media:       []tintype.Media{{Key: "abcdefghijklmnopqrstuv", OriginalKey: "o/ab/cd", OriginalType: "image/jpeg", Width: 1080, Height: 720, Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}},
				TopComments: []tintype.Comment{{ID: 8, PostID: k.A, UserID: 2, Text: "What a view!"}}})
		}
		return nil
	}
	loadUsers := func(_ context.Context, missing []cache.Key, set func(cache.Key, *tintype.User)) error {
		for _, k := range missing {
			set(k, &tintype.User{ID: k.A, Username: "somebody", FullName: "Some Body", Bio: "I take pictures", AvatarKey: "abcdefghijklmnopqrstuv"})
		}
		return nil
	}
	fetch := func() ([]cache.Held[*tintype.Post], []cache.Held[*tintype.User]) {
		p, _, err := posts.Refresh(ctx, pk, nil, loadPosts)
		if err != nil {
			b.Fatal(err)
		}
		u, _, err := users.Refresh(ctx, uk, nil, loadUsers)
		if err != nil {
			b.Fatal(err)
		}
		return p, u
	}
	hp, hu := fetch()
	b.Run("20 posts and 20 users", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fetch()
		}
	})
	b.Run("the same, unchanged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := posts.Refresh(ctx, pk, hp, loadPosts); err != nil {
				b.Fatal(err)
			}
			if _, _, err := users.Refresh(ctx, uk, hu, loadUsers); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decoding alone", func(b *testing.B) {
		var texts [][]byte
		for i := range pk {
			texts = append(texts, cache.Posts().Append(nil, pk[i], hp[i].Value), cache.Users().Append(nil, uk[i], hu[i].Value))
		}
		b.ReportAllocs()
		for b.Loop() {
			for i := range pk {
				_, ok := cache.Posts().Decode(texts[2*i], pk[i])
				_, ok2 := cache.Users().Decode(texts[2*i+1], uk[i])
				if !ok || !ok2 {
					b.Fatal("it does not decode")
				}
			}
		}
	})
}

func TestFlush(t *testing.T) {
	t.Parallel()
	one, two := testserve.Memcached(t), testserve.Memcached(t)
	s := open(t, "", one, two)
	c := memcached.New(s, cache.Bools(), time.Hour)
	keys := cache.Keys(cache.KindLiked, []tintype.ID{1, 2, 3, 4, 5, 6, 7, 8})
	loads := 0
	fetch := func() {
		t.Helper()
		if _, _, err := c.Fetch(t.Context(), keys, func(_ context.Context, missing []cache.Key, set func(cache.Key, bool)) error {
			loads += len(missing)
			for _, k := range missing {
				set(k, true)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	fetch()
	fetch()
	if loads != len(keys) {
		t.Fatalf("%d loads before", loads)
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	fetch()
	if loads != 2*len(keys) {
		t.Errorf("%d loads after all was emptied, want %d", loads, 2*len(keys))
	}
	two.Kill()
	if err := s.Flush(); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("with a server down: %v", err)
	}
}
