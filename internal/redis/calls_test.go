package redis

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/tintype"
)

func TestCalls(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p, _ := open(t, 2)
	s := Calls{p}
	start := time.Unix(1_700_000_000, 0).Truncate(time.Minute).Add(20 * time.Second)
	take := func(at time.Duration, limits ...tintype.CallLimit) []tintype.CallCount {
		t.Helper()
		got, err := s.Take(ctx, "token", limits, start.Add(at))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
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
		{name: "again", at: 2 * time.Minute, limits: []tintype.CallLimit{all, likes}, want: []tintype.CallCount{{Used: 2}, {Used: 2, Refused: 2, Wait: 61*60 - 20 - 120}}},
		{name: "more are allowed to who signs", at: 2 * time.Minute, limits: []tintype.CallLimit{all, {Key: "likes", Max: 3}}, want: []tintype.CallCount{{Used: 3}, {Used: 3}}},
		{name: "it takes two minutes to leave", at: 3 * time.Minute, limits: []tintype.CallLimit{likes}, want: []tintype.CallCount{{Used: 3, Refused: 1, Wait: 61*60 - 20 - 120}}},
		{name: "within sixty minutes of the first", at: 60*time.Minute - time.Second, limits: []tintype.CallLimit{all}, want: []tintype.CallCount{{Used: 4}}},
		{name: "the first has left", at: 61 * time.Minute, limits: []tintype.CallLimit{all}, want: []tintype.CallCount{{Used: 4}}},
		{name: "a clock that is behind", at: 60 * time.Minute, limits: []tintype.CallLimit{all}, want: []tintype.CallCount{{Used: 5}}},
		{name: "full", at: 61 * time.Minute, limits: []tintype.CallLimit{all}, want: []tintype.CallCount{{Used: 5, Refused: 1, Wait: 40}}},
		{name: "hours later", at: 5 * time.Hour, limits: []tintype.CallLimit{all, likes}, want: []tintype.CallCount{{Used: 1}, {Used: 1}}},
	} {
		if d := cmp.Diff(tt.want, take(tt.at, tt.limits...)); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

// TestCallsWindow: whatever comes when, no sixty minutes ever have more calls
// than allowed, and who waits as long as told is let in.
func TestCallsWindow(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p, _ := open(t, 1)
	s := Calls{p}
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	limit := []tintype.CallLimit{{Key: "k", Max: 7}}
	now := time.Unix(1_700_000_000, 0)
	var in []time.Time
	for range 2000 {
		now = now.Add(time.Duration(random.IntN(900)) * time.Second)
		got, err := s.Take(ctx, "k", limit, now)
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Wait > 0 {
			now = now.Add(time.Duration(got[0].Wait) * time.Second)
			if got, err = s.Take(ctx, "k", limit, now); err != nil || got[0].Wait != 0 {
				t.Fatalf("refused after the wait: %+v, %v", got, err)
			}
		}
		in = append(in, now)
		young := 0
		for _, at := range in[max(0, len(in)-20):] {
			if now.Sub(at) < time.Hour {
				young++
			}
		}
		if young > 7 || got[0].Used > 7 || got[0].Used < young {
			t.Fatalf("%d calls within an hour, %d by its count", young, got[0].Used)
		}
	}
}

// TestCallsShared: many at once, from two processes, are let in exactly as often as allowed.
func TestCallsShared(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p, servers := open(t, 2)
	var config Config
	for i, srv := range servers {
		config.Servers = append(config.Servers, []string{"r0=", "r1="}[i]+srv.Addr())
	}
	processes := []Calls{{p}, {openConfig(t, config)}}
	now := time.Unix(1_700_000_000, 0)
	var passed atomic.Int64
	var wg sync.WaitGroup
	for _, s := range processes {
		for range 4 {
			wg.Go(func() {
				for range 100 {
					got, err := s.Take(ctx, "k", []tintype.CallLimit{{Key: "k", Max: 500}}, now)
					if err != nil {
						t.Error(err)
					} else if got[0].Wait == 0 {
						passed.Add(1)
					}
				}
			})
		}
	}
	wg.Wait()
	if n := passed.Load(); n != 500 {
		t.Errorf("%d calls passed, want 500", n)
	}
}
