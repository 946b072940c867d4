package cachetest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/cache"
)

// Shared runs the suite of caches that several processes have in common. open
// gives two empty ones, each as a process of its own would have it, over the same
// servers. What one does must be true for the other soon, in the order of
// milliseconds; it need not be at once.
func Shared(t *testing.T, open func(t *testing.T) (a, b cache.Cache[int64])) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, a, b cache.Cache[int64])
	}{
		{"what one loads the other has", testShare},
		{"a drop by one reaches the other", testSharedDrop},
		{"a drop by one ends the lease of the other", testSharedStaleSet},
		{"hammer from two", testSharedHammer},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b := open(t)
			c.run(t, a, b)
		})
	}
}

// eventually waits until a fetch of k gives want, and fails if it never does.
func eventually(t *testing.T, c cache.Cache[int64], load cache.Load[int64], k cache.Key, want int64) {
	t.Helper()
	var got int64
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if got = must(t, c, load, k)[0]; got == want {
			return
		}
	}
	t.Fatalf("key %v stays %d, want %d", k, got, want)
}

// from loads the truth.
func from(truth *atomic.Int64) cache.Load[int64] {
	return func(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		v := truth.Load()
		for _, k := range missing {
			set(k, v)
		}
		return nil
	}
}

func testShare(t *testing.T, a, b cache.Cache[int64]) {
	must(t, a, all, key(1), key(2), key(3))
	if got := must(t, b, never(t), key(3), key(1)); got[0] != 3 || got[1] != 1 {
		t.Errorf("got %v", got)
	}
}

func testSharedDrop(t *testing.T, a, b cache.Cache[int64]) {
	var truth atomic.Int64
	for v := range int64(5) {
		truth.Store(v)
		if err := a.Drop(context.Background(), key(1)); err != nil {
			t.Fatal(err)
		}
		// The one who dropped it sees the truth at once.
		if got := must(t, a, from(&truth), key(1))[0]; got != v {
			t.Errorf("after its own drop: %d, want %d", got, v)
		}
		eventually(t, b, from(&truth), key(1), v)
		a, b = b, a
	}
}

// testSharedStaleSet holds a's loader between its read and its set while b drops the key.
func testSharedStaleSet(t *testing.T, a, b cache.Cache[int64]) {
	ctx := context.Background()
	for round, meanwhile := range []bool{true, false} {
		k := key(10 + round)
		var truth atomic.Int64
		truth.Store(1)
		read, resume := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _, err := a.Fetch(ctx, []cache.Key{k}, func(_ context.Context, _ []cache.Key, set func(cache.Key, int64)) error {
				v := truth.Load()
				close(read)
				<-resume
				set(k, v)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-read
		truth.Store(2)
		if err := b.Drop(ctx, k); err != nil {
			t.Fatal(err)
		}
		if meanwhile {
			if got := must(t, b, from(&truth), k)[0]; got != 2 {
				t.Errorf("after its own drop: %d, want 2", got)
			}
		}
		close(resume)
		wg.Wait()
		if got := must(t, b, from(&truth), k)[0]; got != 2 {
			t.Errorf("the late set won: %d (loaded meanwhile: %v)", got, meanwhile)
		}
		eventually(t, a, from(&truth), k, 2)
	}
}

// testSharedHammer has both change and read the same keys. Each sees at least
// its own drops at once, and both see the last ones in the end, for good.
func testSharedHammer(t *testing.T, a, b cache.Cache[int64]) {
	const keys, rounds = 8, 150
	ctx := context.Background()
	var truth [keys]atomic.Int64
	load := func(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		for _, k := range missing {
			set(k, truth[k.A-1].Load())
		}
		return nil
	}
	var wg sync.WaitGroup
	for _, c := range []cache.Cache[int64]{a, b} {
		var dropped [keys]atomic.Int64
		for w := range 2 {
			wg.Go(func() {
				for r := range rounds {
					n := (w*3 + r) % keys
					v := truth[n].Add(1)
					if err := c.Drop(ctx, key(n+1)); err != nil {
						t.Error(err)
					}
					for old := dropped[n].Load(); old < v && !dropped[n].CompareAndSwap(old, v); old = dropped[n].Load() {
					}
				}
			})
			wg.Go(func() {
				for r := range rounds {
					n := r % keys
					least := dropped[n].Load()
					v, found, err := c.Fetch(ctx, []cache.Key{key(n + 1)}, load)
					if err != nil {
						t.Error(err)
						return
					}
					if !found[0] || v[0] < least {
						t.Errorf("key %d: %d (found %v) after an own drop at %d", n+1, v[0], found[0], least)
					}
				}
			})
		}
	}
	wg.Wait()
	for n := range keys {
		for _, c := range []cache.Cache[int64]{a, b} {
			eventually(t, c, load, key(n+1), truth[n].Load())
		}
	}
	for range 20 {
		for n := range keys {
			for _, c := range []cache.Cache[int64]{a, b} {
				if got := must(t, c, load, key(n+1))[0]; got != truth[n].Load() {
					t.Errorf("key %d went back to %d from %d", n+1, got, truth[n].Load())
				}
			}
		}
	}
}
