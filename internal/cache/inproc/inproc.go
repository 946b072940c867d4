// Package inproc keeps cached values in the memory of this process, bounded by
// a number of entries: the cache of the laptop, and the near one of the fleet.
//
// The store under it is otter (W-TinyLFU, sized as it fills); what this package
// adds is the contract's: one flight per missing key however many ask, and no
// value kept that was read before a Drop and arrived after it. It has no
// goroutine and no memory to speak of until it is used.
//
// Errors are the loader's own; a loader that panics panics in its caller, and
// those who waited for it get an Internal error.
package inproc

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Cache implements cache.Cache.
type Cache[V any] struct {
	store *otter.Cache[cache.Key, V]

	mu      sync.Mutex
	drops   atomic.Uint64
	flights map[cache.Key]*flight[V] // the loads under way whose lease no Drop has ended
}

// flight is one load of one key. Its fields but done are written before done
// is closed, and read after.
type flight[V any] struct {
	done  chan struct{}
	value V
	found bool
	err   error
}

// New makes a cache of at most max entries; rarely used ones make room.
func New[V any](max int) *Cache[V] {
	return &Cache[V]{
		store:   otter.Must(&otter.Options[cache.Key, V]{MaximumSize: max}),
		flights: map[cache.Key]*flight[V]{},
	}
}

// Len is about how many values are held.
func (c *Cache[V]) Len() int { return c.store.EstimatedSize() }

// Clear forgets everything, as a restart would.
func (c *Cache[V]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.flights)
	c.store.InvalidateAll()
	c.drops.Add(1)
}

// Drop implements cache.Cache.
func (c *Cache[V]) Drop(_ context.Context, keys ...cache.Key) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range keys {
		// Without its place in the map a flight may neither set its value nor be joined.
		delete(c.flights, k)
		c.store.Invalidate(k)
	}
	c.drops.Add(1)
	return nil
}

// Drops counts the calls of Drop and Clear. Whoever derives something from values fetched
// after reading it may use that for as long as the count stays the same.
func (c *Cache[V]) Drops() uint64 { return c.drops.Load() }

// Fetch implements cache.Cache. If the flight of another caller fails because
// that caller went away, the key is loaded again here.
func (c *Cache[V]) Fetch(ctx context.Context, keys []cache.Key, load cache.Load[V]) ([]V, []bool, error) {
	values, found := make([]V, len(keys)), make([]bool, len(keys))
	missing := false
	for i, k := range keys {
		values[i], found[i] = c.store.GetIfPresent(k)
		missing = missing || !found[i]
	}
	if !missing {
		return values, found, nil
	}
	for {
		again, err := c.fill(ctx, keys, load, values, found)
		if err != nil {
			return nil, nil, err
		}
		if !again {
			return values, found, nil
		}
	}
}

// fill loads what is missing, or waits for those who do so already. again is
// true if one of them gave up before it had loaded.
func (c *Cache[V]) fill(ctx context.Context, keys []cache.Key, load cache.Load[V], values []V, found []bool) (again bool, err error) {
	own := map[cache.Key]*flight[V]{}
	var missing []cache.Key
	others := make([]*flight[V], len(keys))
	c.mu.Lock()
	for i, k := range keys {
		if found[i] {
			continue
		}
		if f, ok := own[k]; ok {
			others[i] = f
		} else if f, ok := c.flights[k]; ok {
			others[i] = f
		} else if v, ok := c.store.GetIfPresent(k); ok {
			// It arrived since we looked: values are set under the lock, so this look is final.
			values[i], found[i] = v, true
		} else {
			f := &flight[V]{done: make(chan struct{})}
			c.flights[k], own[k], others[i] = f, f, f
			missing = append(missing, k)
		}
	}
	c.mu.Unlock()

	// One's own load comes first, so that two callers who each wait for a key of the other's get on.
	if len(missing) > 0 {
		if err := c.load(ctx, missing, own, load); err != nil {
			return false, err
		}
	}
	for i, f := range others {
		if f == nil {
			continue
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return false, gaveUp(ctx)
		}
		switch {
		case f.err == nil:
			values[i], found[i] = f.value, f.found
		case errors.Is(f.err, context.Canceled) || errors.Is(f.err, context.DeadlineExceeded):
			if ctx.Err() != nil {
				return false, gaveUp(ctx)
			}
			again = true
		default:
			return false, f.err
		}
	}
	return again, nil
}

// load runs one load and lands its flights, whatever becomes of it.
func (c *Cache[V]) load(ctx context.Context, missing []cache.Key, own map[cache.Key]*flight[V], load cache.Load[V]) error {
	err := error(errPanic)
	defer func() {
		c.mu.Lock()
		for k, f := range own {
			leased := c.flights[k] == f
			if leased {
				delete(c.flights, k)
			}
			if err != nil {
				f.err, f.found = err, false
			} else if leased && f.found {
				c.store.Set(k, f.value)
			}
		}
		c.mu.Unlock()
		for _, f := range own {
			close(f.done)
		}
	}()
	var mu sync.Mutex // a loader may ask several homes at once
	err = load(ctx, missing, func(k cache.Key, v V) {
		mu.Lock()
		defer mu.Unlock()
		if f, ok := own[k]; ok {
			f.value, f.found = v, true
		}
	})
	return err
}

var errPanic = &tintype.Error{Kind: tintype.Internal, Msg: "something went wrong on the site", Err: errors.New("a loader of the cache did not return")}

func gaveUp(ctx context.Context) error {
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: ctx.Err()}
}
