package api

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/redis"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// TestWindows: this process counts as Redis does (TestCalls in package redis has the same steps).
func TestWindows(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_700_000_000, 0).Truncate(time.Minute).Add(20 * time.Second)
	now := start
	w := newWindows(func() time.Time { return now }, nil)
	all, likes := tintype.CallLimit{Key: "all", Max: 5}, tintype.CallLimit{Key: "likes", Max: 2}
	for _, tt := range []struct {
		name   string
		at     time.Duration
		limits []tintype.CallLimit
		want   []tintype.CallCount
	}{
		{name: "first", at: 0, limits: []tintype.CallLimit{all, likes}, want: []tintype.CallCount{{Used: 1}, {Used: 1}}},
		{name: "a minute later", at: time.Minute, limits: []tintype.CallLimit{all, likes}, want: []tintype.CallCount{{Used: 2}, {Used: 2}}},
		{name: "one too many in one counts in none", at: 2 * time.Minute, limits: []tintype.CallLimit{all, likes}, want: []tintype.CallCount{{Used: 2}, {Used: 2, Refused: 1, Wait: 61*60 - 20 - 120}}},
		{name: "more are allowed to who signs", at: 2 * time.Minute, limits: []tintype.CallLimit{all, {Key: "likes", Max: 3}}, want: []tintype.CallCount{{Used: 3}, {Used: 3}}},
		{name: "it takes two minutes to leave", at: 3 * time.Minute, limits: []tintype.CallLimit{likes}, want: []tintype.CallCount{{Used: 3, Refused: 1, Wait: 61*60 - 20 - 120}}},
		{name: "within sixty minutes of the first", at: 60*time.Minute - time.Second, limits: []tintype.CallLimit{all}, want: []tintype.CallCount{{Used: 4}}},
		{name: "the first has left", at: 61 * time.Minute, limits: []tintype.CallLimit{all}, want: []tintype.CallCount{{Used: 4}}},
		{name: "a clock that went back", at: 60 * time.Minute, limits: []tintype.CallLimit{all}, want: []tintype.CallCount{{Used: 5}}},
		{name: "full", at: 61 * time.Minute, limits: []tintype.CallLimit{all}, want: []tintype.CallCount{{Used: 5, Refused: 1, Wait: 40}}},
		{name: "hours later", at: 5 * time.Hour, limits: []tintype.CallLimit{all, likes}, want: []tintype.CallCount{{Used: 1}, {Used: 1}}},
	} {
		now = start.Add(tt.at)
		if d := cmp.Diff(tt.want, w.take(t.Context(), "token", tt.limits)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
	for i := range 2 * maxSlides {
		w.take(t.Context(), "", []tintype.CallLimit{{Key: fmt.Sprint(i), Max: 1}})
	}
	if len(w.m) > maxSlides {
		t.Errorf("%d windows are kept", len(w.m))
	}
}

// TestWindowsShared: two processes over one Redis let in, together, exactly what
// is allowed; each goes by its own count while Redis is dead, and both together again after it.
func TestWindowsShared(t *testing.T) {
	t.Parallel()
	server := testserve.Redis(t)
	open := func() *windows {
		pool, err := redis.Open(redis.Config{Servers: []string{server.Addr()}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return newWindows(func() time.Time { return noon }, redis.Calls{P: pool})
	}
	a, b := open(), open()
	try := func(key string, limit int) int64 {
		var passed atomic.Int64
		var wg sync.WaitGroup
		for _, w := range []*windows{a, b} {
			for range 4 {
				wg.Go(func() {
					for range limit / 4 {
						if n := w.take(context.Background(), key, []tintype.CallLimit{{Key: key, Max: limit}}); fullest(n) == 0 {
							passed.Add(1)
						}
					}
				})
			}
		}
		wg.Wait()
		return passed.Load()
	}
	if n := try("k", 400); n != 400 {
		t.Errorf("%d of 800 calls passed, want 400", n)
	}
	got := a.take(t.Context(), "k", []tintype.CallLimit{{Key: "k", Max: 400}})
	if got[0].Used != 400 || got[0].Refused < 401 || got[0].Wait == 0 {
		t.Errorf("one more: %+v", got)
	}
	server.Kill()
	if n := try("dead", 100); n != 200 {
		t.Errorf("with Redis dead %d calls passed, want 100 of each", n)
	}
	server.Start()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := a.shared.Take(t.Context(), "probe", []tintype.CallLimit{{Key: "probe", Max: 1 << 30}}, noon); err == nil {
			if _, err := b.shared.Take(t.Context(), "probe", []tintype.CallLimit{{Key: "probe", Max: 1 << 30}}, noon); err == nil {
				break
			}
		}
		if time.Now().After(end) {
			t.Fatal("Redis is not reached again")
		}
	}
	if n := try("again", 200); n != 200 {
		t.Errorf("with Redis back %d calls passed, want 200", n)
	}
}

// BenchmarkWindows is what counting one call of an app costs, alone and with Redis.
func BenchmarkWindows(b *testing.B) {
	pool, err := redis.Open(redis.Config{Servers: []string{testserve.Redis(b).Addr()}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	limits := []tintype.CallLimit{{Key: "k", Max: 1 << 30}}
	for name, shared := range map[string]Calls{"alone": nil, "redis": redis.Calls{P: pool}} {
		w := newWindows(time.Now, shared)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					w.take(b.Context(), "k", limits)
				}
			})
		})
	}
}
