// Package cachetest is the conformance suite of the cache contract.
package cachetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Run runs the suite. open gives an empty cache that holds at least 1,000 entries.
func Run(t *testing.T, open func(t *testing.T) cache.Cache[int64]) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, cache.Cache[int64])
	}{
		{"fetch", testFetch},
		{"absent keys are asked for again", testAbsent},
		{"one flight per key", testOneFlight},
		{"a drop ends the lease", testStaleSet},
		{"an error is not kept", testError},
		{"a part is given and kept", testPartial},
		{"one who gives up takes nobody along", testGiveUp},
		{"a waiter may give up", testWaiterGivesUp},
		{"a panic leaves nobody hanging", testPanic},
		{"hammer", testHammer},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
}

func key(n int) cache.Key { return cache.Key{Kind: cache.KindPost, A: tintype.ID(n)} }

// all sets every missing key to its A.
func all(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
	for _, k := range missing {
		set(k, int64(k.A))
	}
	return nil
}

func must(t *testing.T, c cache.Cache[int64], load cache.Load[int64], keys ...cache.Key) []int64 {
	t.Helper()
	v, found, err := c.Fetch(context.Background(), keys, load)
	if err != nil {
		t.Fatal(err)
	}
	for i, ok := range found {
		if !ok {
			t.Fatalf("key %v was not found", keys[i])
		}
	}
	return v
}

func never(t *testing.T) cache.Load[int64] {
	return func(_ context.Context, missing []cache.Key, _ func(cache.Key, int64)) error {
		t.Errorf("%v was loaded again", missing)
		return nil
	}
}

func testFetch(t *testing.T, c cache.Cache[int64]) {
	must(t, c, all, key(1), key(3))
	var asked []cache.Key
	got := must(t, c, func(ctx context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		asked = missing
		set(key(99), 99) // nobody asked for it
		return all(ctx, missing, set)
	}, key(4), key(3), key(2), key(1), key(2))
	if want := []int64{4, 3, 2, 1, 2}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v in the order of the keys", got, want)
	}
	if len(asked) != 2 {
		t.Errorf("the loader was asked for %v, want 4 and 2, each once", asked)
	}
	must(t, c, never(t), key(2), key(4)) // nothing is missing
	if v, found, err := c.Fetch(context.Background(), nil, never(t)); err != nil || len(v) != 0 || len(found) != 0 {
		t.Errorf("no keys: %v %v %v", v, found, err)
	}
	other := cache.Key{Kind: cache.KindUser, A: 1}
	pair := cache.Key{Kind: cache.KindPost, A: 1, B: 1}
	loads := 0
	must(t, c, func(ctx context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		loads += len(missing)
		return all(ctx, missing, set)
	}, other, pair)
	if loads != 2 {
		t.Error("kind and B are part of the key")
	}
}

func testAbsent(t *testing.T, c cache.Cache[int64]) {
	for range 2 {
		asked := 0
		_, found, err := c.Fetch(context.Background(), []cache.Key{key(1)}, func(_ context.Context, missing []cache.Key, _ func(cache.Key, int64)) error {
			asked += len(missing)
			return nil
		})
		if err != nil || found[0] || asked != 1 {
			t.Fatalf("found %v, asked %d, %v; an absent key is asked for every time", found, asked, err)
		}
	}
}

func testOneFlight(t *testing.T, c cache.Cache[int64]) {
	var loads atomic.Int64
	release := make(chan struct{})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			v, _, err := c.Fetch(context.Background(), []cache.Key{key(7)}, func(ctx context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
				loads.Add(1)
				<-release
				return all(ctx, missing, set)
			})
			if err != nil || v[0] != 7 {
				t.Errorf("got %v, %v", v, err)
			}
		})
	}
	time.Sleep(20 * time.Millisecond) // let them pile up; a late one finds the value
	close(release)
	wg.Wait()
	if n := loads.Load(); n != 1 {
		t.Errorf("%d loads of one key, want 1", n)
	}
}

// testStaleSet holds a loader between its read and its set while the key is dropped.
func testStaleSet(t *testing.T, c cache.Cache[int64]) {
	ctx := context.Background()
	var truth atomic.Int64
	truth.Store(1)
	read, resume := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		v, _, err := c.Fetch(ctx, []cache.Key{key(1)}, func(_ context.Context, _ []cache.Key, set func(cache.Key, int64)) error {
			v := truth.Load()
			close(read)
			<-resume
			set(key(1), v)
			return nil
		})
		if err != nil || v[0] != 1 {
			t.Errorf("the one who began before the drop: %v, %v", v, err)
		}
	})
	<-read
	truth.Store(2)
	if err := c.Drop(ctx, key(1)); err != nil {
		t.Fatal(err)
	}
	now := func(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		for _, k := range missing {
			set(k, truth.Load())
		}
		return nil
	}
	// The old flight is still in the air: this must neither join nor wait for it.
	if v := must(t, c, now, key(1)); v[0] != 2 {
		t.Errorf("after the drop: %v, want the new value", v)
	}
	close(resume)
	wg.Wait()
	if v := must(t, c, now, key(1)); v[0] != 2 {
		t.Errorf("the late set won: %v", v)
	}

	// The same with nobody loading meanwhile.
	read, resume = make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		_, _, _ = c.Fetch(ctx, []cache.Key{key(5)}, func(_ context.Context, _ []cache.Key, set func(cache.Key, int64)) error {
			v := truth.Load()
			close(read)
			<-resume
			set(key(5), v)
			return nil
		})
	})
	<-read
	truth.Store(3)
	if err := c.Drop(ctx, key(5)); err != nil {
		t.Fatal(err)
	}
	close(resume)
	wg.Wait()
	if v := must(t, c, now, key(5)); v[0] != 3 {
		t.Errorf("the late set was kept: %v", v)
	}
}

func testError(t *testing.T, c cache.Cache[int64]) {
	bad := errors.New("no database")
	fail := func(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		set(missing[0], 1)
		return bad
	}
	for range 2 {
		if _, _, err := c.Fetch(context.Background(), []cache.Key{key(1)}, fail); !errors.Is(err, bad) {
			t.Fatalf("got %v, want the loader's error, every time", err)
		}
	}
	if v := must(t, c, all, key(1)); v[0] != 1 {
		t.Errorf("got %v", v)
	}
}

func testPartial(t *testing.T, c cache.Cache[int64]) {
	down := &tintype.Error{Kind: tintype.Unavailable, Partial: true, Msg: "one of two is down"}
	part := func(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		for _, k := range missing {
			if k != key(2) {
				set(k, int64(k.A))
			}
		}
		return down
	}
	for range 2 {
		v, found, err := c.Fetch(context.Background(), []cache.Key{key(1), key(2), key(3)}, part)
		if !errors.Is(err, down) || len(v) != 3 || len(found) != 3 || !found[0] || found[1] || !found[2] || v[0] != 1 || v[2] != 3 {
			t.Fatalf("got %v, %v, %v", v, found, err)
		}
	}
	if v := must(t, c, never(t), key(1), key(3)); v[0] != 1 || v[1] != 3 {
		t.Errorf("got %v", v)
	}
	if v := must(t, c, all, key(1), key(2)); v[1] != 2 {
		t.Errorf("got %v", v)
	}
}

func testGiveUp(t *testing.T, c cache.Cache[int64]) {
	ctx, cancel := context.WithCancel(context.Background())
	started := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _, err := c.Fetch(ctx, []cache.Key{key(1)}, func(ctx context.Context, _ []cache.Key, _ func(cache.Key, int64)) error {
			close(started)
			<-ctx.Done()
			time.Sleep(10 * time.Millisecond) // the other one is waiting by now
			return fmt.Errorf("query: %w", ctx.Err())
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the one who gave up: %v", err)
		}
	})
	<-started
	wg.Go(func() {
		if v, _, err := c.Fetch(context.Background(), []cache.Key{key(1)}, all); err != nil || v[0] != 1 {
			t.Errorf("the one who waited: %v %v", v, err)
		}
	})
	cancel()
	wg.Wait()
}

func testWaiterGivesUp(t *testing.T, c cache.Cache[int64]) {
	started, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _, _ = c.Fetch(context.Background(), []cache.Key{key(1)}, func(ctx context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
			close(started)
			<-release
			return all(ctx, missing, set)
		})
	})
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := c.Fetch(ctx, []cache.Key{key(1)}, all); !errors.Is(err, context.Canceled) || !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("got %v, want Unavailable for a cancelled context", err)
	}
	close(release)
	wg.Wait()
}

func testPanic(t *testing.T, c cache.Cache[int64]) {
	started, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _, _ = c.Fetch(context.Background(), []cache.Key{key(1)}, func(context.Context, []cache.Key, func(cache.Key, int64)) error {
			close(started)
			<-release
			panic("boom")
		})
	})
	<-started
	for range 4 {
		wg.Go(func() {
			// Either it waited for the one that panics, or it came later and loaded.
			if v, _, err := c.Fetch(context.Background(), []cache.Key{key(1)}, all); err != nil && !tintype.IsKind(err, tintype.Internal) || err == nil && v[0] != 1 {
				t.Errorf("got %v, %v", v, err)
			}
		})
	}
	time.Sleep(5 * time.Millisecond)
	close(release)
	wg.Wait()
	if v := must(t, c, all, key(1)); v[0] != 1 {
		t.Errorf("after a panic: %v", v)
	}
}

// testHammer checks the promise of Drop under load: a Fetch that begins after a
// Drop never gives a value older than the truth was at that Drop.
func testHammer(t *testing.T, c cache.Cache[int64]) {
	const keys, rounds = 20, 300
	ctx := context.Background()
	var truth, dropped [keys]atomic.Int64
	load := func(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		for _, k := range missing {
			set(k, truth[k.A-1].Load())
		}
		return nil
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for r := range rounds {
				n := (w*7 + r) % keys
				v := truth[n].Add(1)
				if err := c.Drop(ctx, key(n+1)); err != nil {
					t.Error(err)
				}
				for old := dropped[n].Load(); old < v && !dropped[n].CompareAndSwap(old, v); old = dropped[n].Load() {
				}
			}
		})
		wg.Go(func() {
			var ks [keys]cache.Key
			var least [keys]int64
			for range rounds {
				for i := range ks {
					ks[i], least[i] = key(i+1), dropped[i].Load()
				}
				v, found, err := c.Fetch(ctx, ks[:], load)
				if err != nil {
					t.Error(err)
					return
				}
				for i := range v {
					if !found[i] || v[i] < least[i] {
						t.Errorf("key %d: %d (found %v) after a drop at %d", i+1, v[i], found[i], least[i])
					}
				}
			}
		})
	}
	wg.Wait()
}
