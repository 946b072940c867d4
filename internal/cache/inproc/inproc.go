// Package inproc keeps cached values in the memory of this process, bounded by
// a number of entries: Cache is the cache of the laptop, Near the one that each
// process of a fleet has in front of the cache that they share.
//
// The store under both is otter (W-TinyLFU, sized as it fills); leases and one
// flight per missing key are those of package cache. Neither has a goroutine,
// nor memory to speak of, until it is used. What brings the news of drops from
// one process to another is the Bus that a Near is given.
//
// Errors are the loader's own; a loader that panics panics in its caller, and
// those who waited for it get an Internal error.
package inproc

import (
	"context"
	"sync/atomic"

	"github.com/maypok86/otter/v2"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Cache implements cache.Cache.
type Cache[V any] struct {
	store   kept[V]
	flights cache.Flights[V]
	drops   atomic.Uint64
}

// kept is the values of a Cache, a cache.Keeper.
type kept[V any] struct{ *otter.Cache[cache.Key, V] }

func (s kept[V]) Get(k cache.Key) (V, bool) { return s.GetIfPresent(k) }
func (s kept[V]) Put(k cache.Key, v V)      { s.Set(k, v) }

// New makes a cache of at most max entries; rarely used ones make room.
func New[V any](max int) *Cache[V] {
	return &Cache[V]{store: kept[V]{otter.Must(&otter.Options[cache.Key, V]{MaximumSize: max})}}
}

// Len is about how many values are held.
func (c *Cache[V]) Len() int { return c.store.EstimatedSize() }

// Clear forgets everything, as a restart would.
func (c *Cache[V]) Clear() {
	c.flights.EndAll(c.store.InvalidateAll)
	c.drops.Add(1)
}

// Drop implements cache.Cache.
func (c *Cache[V]) Drop(_ context.Context, keys ...cache.Key) error {
	c.flights.End(keys, func() {
		for _, k := range keys {
			c.store.Invalidate(k)
		}
	})
	c.drops.Add(1)
	return nil
}

// Drops counts the calls of Drop and Clear. Whoever derives something from values fetched
// after reading it may use that for as long as the count stays the same.
func (c *Cache[V]) Drops() uint64 { return c.drops.Load() }

// Fetch implements cache.Cache.
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
	err := c.flights.Fill(ctx, keys, values, found, c.store, load)
	if err != nil && !tintype.IsPartial(err) {
		return nil, nil, err
	}
	return values, found, err
}
