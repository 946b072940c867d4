package redis

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/cache/cachetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestCounters(t *testing.T) {
	t.Parallel()
	// Servers of their own, for the keys of the suite are the same in all its parts.
	cachetest.Run(t, func(t *testing.T) cache.Cache[int64] {
		p, _ := open(t, 2)
		return NewCounters(p, time.Minute)
	})
	cachetest.Shared(t, func(t *testing.T) (a, b cache.Cache[int64]) {
		p, servers := open(t, 2)
		q := openConfig(t, Config{Servers: []string{"r0=" + servers[0].Addr(), "r1=" + servers[1].Addr()}})
		return NewCounters(p, time.Minute), NewCounters(q, time.Minute)
	})
	t.Run("no server", func(t *testing.T) {
		p, servers := open(t, 1)
		servers[0].Kill()
		c := NewCounters(p, time.Minute)
		for want := range int64(5) {
			if err := c.Drop(t.Context(), cache.Key{Kind: cache.KindUnread, A: 1}); err != nil {
				t.Error(err)
			}
			v, _, err := c.Fetch(t.Context(), []cache.Key{{Kind: cache.KindUnread, A: 1}}, func(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
				set(missing[0], want)
				return nil
			})
			if err != nil || v[0] != want {
				t.Errorf("%v, %v", v, err)
			}
		}
	})
}

// directory holds credentials by hash and counts the look-ups.
type directory struct {
	m     map[string]*tintype.Credential
	asked atomic.Int64
	fail  error
	hold  func() // called between the read and the answer
}

func (d *directory) Credential(_ context.Context, hash []byte) (*tintype.Credential, error) {
	d.asked.Add(1)
	c := d.m[string(hash)]
	if d.hold != nil {
		d.hold()
	}
	return c, d.fail
}

func credential(n int) *tintype.Credential {
	at := time.UnixMicro(1_700_000_000_123_456).UTC()
	return &tintype.Credential{ID: fmt.Sprint("id", n), Hash: []byte(fmt.Sprintf("%032d", n)), UserID: tintype.ID(n), App: 5, Scopes: tintype.ScopeAll,
		Created: at, Seen: at.Add(time.Hour), Expires: at.Add(24 * time.Hour)}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p, servers := open(t, 2)
	d := &directory{m: map[string]*tintype.Credential{}}
	one, two := NewCredentials(p, d), NewCredentials(p, d)
	t.Cleanup(one.Close)
	t.Cleanup(two.Close)
	add := func(n int) *tintype.Credential {
		c := credential(n)
		d.m[string(c.Hash)] = c
		return c
	}
	get := func(s *Credentials, c *tintype.Credential, want *tintype.Credential, asked int64) {
		t.Helper()
		before := d.asked.Load()
		got, err := s.Credential(ctx, c.Hash)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if n := d.asked.Load() - before; n != asked {
			t.Errorf("the directory was asked %d times, want %d", n, asked)
		}
	}
	c := add(1)
	get(one, c, c, 1)
	get(one, c, c, 0)
	get(two, c, c, 0)

	// Ended: at once in both, and nobody gets it from a server any more.
	delete(d.m, string(c.Hash))
	one.Ended(ctx, []tintype.Credential{*c})
	get(one, c, nil, 1)
	get(two, c, nil, 1)

	// One who reads it, then is late: what it read is not stored after the end.
	c = add(2)
	d.hold = func() {
		d.hold = nil
		delete(d.m, string(c.Hash))
		two.Ended(ctx, []tintype.Credential{*c})
	}
	get(one, c, c, 1) // it began before the end
	get(one, c, nil, 1)
	get(two, c, nil, 1)

	// Admins are looked up each time.
	c = add(3)
	c.Admin = true
	get(one, c, c, 1)
	get(one, c, c, 1)

	// What another release wrote is left alone.
	c = add(4)
	n := p.atKey(credentialKey(c.Hash))
	if err := set(n, credentialKey(c.Hash), "\x63whatever"); err != nil {
		t.Fatal(err)
	}
	get(one, c, c, 1)
	get(one, c, c, 1)

	// The directory's errors are passed on.
	d.fail = errors.New("down")
	if _, err := one.Credential(ctx, credential(9).Hash); !errors.Is(err, d.fail) {
		t.Error(err)
	}
	d.fail = nil

	// Emptied: nobody is signed out.
	c = add(5)
	get(one, c, c, 1)
	for _, n := range p.nodes {
		if err := n.do(ctx, n.b().Flushall().Build()).Error(); err != nil {
			t.Fatal(err)
		}
	}
	get(one, c, c, 1)
	get(two, c, c, 0)

	// Stopped, not emptied, while it ends: who was told does not believe what the server had, and the mark comes late.
	c = add(6)
	get(one, c, c, 1)
	key := credentialKey(c.Hash)
	n = p.atKey(key)
	i := 0
	if n == p.nodes[1] {
		i = 1
	}
	signal := func(sig syscall.Signal) {
		t.Helper()
		if err := servers[i].Services().Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	delete(d.m, string(c.Hash))
	one.Ended(ctx, []tintype.Credential{*c})
	two.EndedElsewhere([]string{c.ID})
	get(one, c, nil, 1)
	signal(syscall.SIGCONT)
	get(two, c, nil, 1)
	await(t, "the mark arrived", func() bool { v, err := get2(n, key); return err == nil && v == endedMark })
}

func get2(n *node, key string) (string, error) {
	return n.do(context.Background(), n.b().Get().Key(key).Build()).ToString()
}

func FuzzDecodeCredential(f *testing.F) {
	f.Add(encodeCredential(credential(1)))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := decodeCredential(text, nil)
		if !ok {
			return
		}
		again, ok := decodeCredential(encodeCredential(c), nil)
		if !ok || cmp.Diff(c, again) != "" {
			t.Errorf("%+v became %+v", c, again)
		}
	})
}
