package redis

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// limiter is what account asks of Limits.
type limiter interface {
	Take(ctx context.Context, limits []tintype.Limit, now time.Time) (wait time.Duration, err error)
	Refund(ctx context.Context, keys []string) error
	SweepLimits(ctx context.Context, before time.Time) error
}

// TestLimits runs the same tries against SQL, Redis, and Redis that is dead.
func TestLimits(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p, _ := open(t, 2)
	dead, servers := open(t, 1)
	servers[0].Kill()
	start := time.Unix(1_700_000_000, 0)
	a := tintype.Limit{Key: "a", Max: 3, Window: time.Minute}
	b := tintype.Limit{Key: "b", Max: 5, Window: time.Hour}
	for name, l := range map[string]limiter{
		"sql":         sqlstore.RateLimits{R: storetest.OpenSQLite(t, time.Now)},
		"redis":       NewLimits(p),
		"a dead one":  NewLimits(dead),
		"its process": NewLimits(p).local2(),
	} {
		t.Run(name, func(t *testing.T) {
			take := func(at time.Duration, limits ...tintype.Limit) time.Duration {
				t.Helper()
				wait, err := l.Take(ctx, limits, start.Add(at))
				if err != nil {
					t.Fatal(err)
				}
				return wait
			}
			var got []time.Duration
			for i := range 4 {
				got = append(got, take(time.Duration(i)*time.Second, a, b))
			}
			// The refused try counted nowhere: b has room for two.
			got = append(got, take(10*time.Second, b), take(11*time.Second, b), take(12*time.Second, b))
			if err := l.Refund(ctx, []string{"b", "nobody"}); err != nil {
				t.Fatal(err)
			}
			got = append(got, take(13*time.Second, b), take(14*time.Second, b, a))
			got = append(got, take(time.Minute, a), take(time.Hour, a, b))
			want := []time.Duration{0, 0, 0, 57 * time.Second, 0, 0, time.Hour - 12*time.Second, 0, time.Hour - 14*time.Second, 0, 0}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
			if err := l.SweepLimits(ctx, start.Add(24*time.Hour)); err != nil {
				t.Error(err)
			}
		})
	}
}

// local2 is the counting of one process alone.
func (s *Limits) local2() limiter { return localOnly{s.local} }

type localOnly struct{ l *localLimits }

func (l localOnly) Take(_ context.Context, limits []tintype.Limit, now time.Time) (time.Duration, error) {
	return l.l.take(limits, now), nil
}
func (l localOnly) Refund(_ context.Context, keys []string) error { l.l.refund(keys); return nil }
func (l localOnly) SweepLimits(_ context.Context, before time.Time) error {
	l.l.sweep(before)
	return nil
}

// TestLimitsShared: processes together let through what one limit allows, also
// when the server dies in between, no more than once more each.
func TestLimitsShared(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p, servers := open(t, 1)
	processes := []*Limits{NewLimits(p), NewLimits(p), NewLimits(p)}
	limit := []tintype.Limit{{Key: "k", Max: 100, Window: time.Hour}}
	now := time.Unix(1_700_000_000, 0)
	try := func() int64 {
		var passed atomic.Int64
		var wg sync.WaitGroup
		for _, l := range processes {
			for range 4 {
				wg.Go(func() {
					for range 60 {
						if wait, err := l.Take(ctx, limit, now); err != nil {
							t.Error(err)
						} else if wait == 0 {
							passed.Add(1)
						}
					}
				})
			}
		}
		wg.Wait()
		return passed.Load()
	}
	if n := try(); n != 100 {
		t.Errorf("%d tries passed, want 100", n)
	}
	servers[0].Kill()
	// Each knows of its own tries, so that all of them together let through what the others had.
	if n := try(); n != 200 {
		t.Errorf("with the server dead %d more tries passed, want 200", n)
	}
	servers[0].Start()
	await(t, "it is back", func() bool { return !p.Servers()[0].Down })
	if n := try(); n != 0 {
		t.Errorf("with an empty server %d more tries passed, want 0: each had a hundred", n)
	}
}

func TestBudgets(t *testing.T) {
	t.Parallel()
	p, servers := open(t, 2)
	s := Budgets{p}
	shares := make([]tintype.Share, 500)
	for round := int64(1); round <= 3; round++ {
		for i := range shares {
			shares[i] = tintype.Share{Key: fmt.Sprint("key", i), N: i, Number: round}
		}
		// Each share comes twice, as where the first answer was lost; and from two processes.
		for _, process := range []string{"a", "a", "b", "a"} {
			this, before, errs := s.Count(t.Context(), 472_222, process, shares)
			for i := range shares {
				want := 2 * int(round) * i
				if process == "a" && this[i] < want { // before b came
					want -= i
				}
				if this[i] != want || before[i] != 0 || errs[i] != nil {
					t.Fatalf("round %d: %s has %d, before %d, %v, want %d", round, shares[i].Key, this[i], before[i], errs[i], want)
				}
			}
		}
	}
	nine := []tintype.Share{{Key: "key9", N: 9, Number: 4}}
	this, before, _ := s.Count(t.Context(), 472_223, "a", nine)
	if this[0] != 9 || before[0] != 54 {
		t.Errorf("in the next hour: %d, before %d", this[0], before[0])
	}
	servers[0].Kill()
	_, _, errs := s.Count(t.Context(), 472_223, "a", shares)
	failed := 0
	for _, err := range errs {
		if err != nil {
			if failed++; !tintype.IsKind(err, tintype.Unavailable) {
				t.Error(err)
			}
		}
	}
	if failed == 0 || failed == len(shares) {
		t.Errorf("with one of two servers dead %d of %d could not be counted", failed, len(shares))
	}
}
