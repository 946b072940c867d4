package inproc

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Far is the cache behind a Near, which several processes share. memcached.Cache is one.
type Far[V any] interface {
	// Refresh is cache.Cache.Fetch for somebody who had the values old before
	// (as long as keys, or nil): where nothing changed, old's value comes back.
	Refresh(ctx context.Context, keys []cache.Key, old []cache.Held[V], load cache.Load[V]) ([]cache.Held[V], []bool, error)
	// Delete forgets keys, and gives those that it could not forget for all processes.
	Delete(keys []cache.Key) (missed []cache.Key)
	// Remember is Delete for those of keys whose place this process knows to be away, so
	// that nothing is read from there; it does not wait, and gives the others.
	Remember(keys []cache.Key) (others []cache.Key)
}

// The ages, since its load began, up to which a value is believed.
const (
	unsureAge = time.Second // where a drop may have been missed
	sureAge   = time.Minute // else: the net below the news of drops

	// ageingAge is from when on a value is loaded anew along with others that have to be: a page of
	// things then costs one load, and not one more whenever the next of them is too old.
	ageingAge = sureAge / 2
)

// Near implements cache.Cache in front of a Far: what was fetched is kept in
// this process, and is believed for a minute while the news of drops by other
// processes arrive for certain, else for a second. What is asked for again after that
// keeps its identity (the pointer) if it is the same.
//
// So a change by another process shows here within milliseconds, and within a
// second whatever fails; one by this process at once. And if all of the Far is
// lost, the homes are asked for each value at most once a minute by each process.
//
// Drop does not err: it is called after a commit, which nothing can take back, and what
// could not be told at once is either noticed by the others or made up for.
type Near[V any] struct {
	store   keptNear[V]
	flights cache.Flights[nearly[V]]
	c       NearConfig[V]
	drops   atomic.Uint64
}

// NearConfig is what a Near is made of.
type NearConfig[V any] struct {
	Max   int    // entries, at most
	Far   Far[V] // nil for none: every process loads for itself
	Drops *Drops // of this process

	// Kinds are the kinds of keys that the Near holds.
	Kinds []cache.Kind
	// Brief are those of Kinds that are not kept in Far, are believed for a second only, and of
	// which long lists of drops are not told to others: what is quickly read again,
	// changes with much else at once, and is harmless when a second old.
	Brief []cache.Kind
}

// nearly is a value with what is needed to tell whether it is still believed.
type nearly[V any] struct {
	cache.Held[V]
	began time.Duration // when its load began
	epoch uint64        // of the news, then
}

// keptNear is the values of a Near, a cache.Keeper that gives only what is believed.
type keptNear[V any] struct {
	*otter.Cache[cache.Key, nearly[V]]
	n *Near[V]
	// young leaves out what is ageing.
	young bool
}

func (s keptNear[V]) Get(k cache.Key) (nearly[V], bool) {
	e, ok := s.GetIfPresent(k)
	m := s.n.c.Drops.moment()
	return e, ok && s.n.believed(k, e, m) && !(s.young && m.now-e.began >= ageingAge)
}

func (s keptNear[V]) Put(k cache.Key, e nearly[V]) { s.Set(k, e) }

// NewNear makes a Near.
func NewNear[V any](c NearConfig[V]) *Near[V] {
	n := &Near[V]{c: c}
	n.store = keptNear[V]{otter.Must(&otter.Options[cache.Key, nearly[V]]{MaximumSize: c.Max}), n, false}
	for _, k := range c.Kinds {
		c.Drops.holds(k, n)
	}
	return n
}

// moment is what is believed now.
type moment struct {
	now   time.Duration
	sure  bool // no drop was missed in this epoch
	epoch uint64
}

func (d *Drops) moment() moment {
	// In this order: a loss is told before the bus is whole again.
	m := moment{now: d.now(), sure: d.bus.Whole()}
	m.epoch = d.epoch.Load()
	return m
}

// believed tells whether e, held under k, may be given at m.
func (n *Near[V]) believed(k cache.Key, e nearly[V], m moment) bool {
	age := m.now - e.began
	return age < unsureAge || age < sureAge && m.sure && e.epoch == m.epoch && !n.brief(k.Kind)
}

func (n *Near[V]) brief(k cache.Kind) bool { return slices.Contains(n.c.Brief, k) }

// Len is about how many values are held.
func (n *Near[V]) Len() int { return n.store.EstimatedSize() }

// Drops changes with every drop that this process makes or hears of, and whenever it
// may have missed one; see Cache.Drops.
func (n *Near[V]) Drops() uint64 {
	d := n.c.Drops
	if !d.bus.Whole() {
		return 1<<63 | d.unsure.Add(1) // nothing derived is good for more than one use
	}
	// Each of these only grows, so their sum is the same only if all are. The last brings what was derived
	// from a value to the age of the value.
	return n.drops.Load() + d.epoch.Load() + uint64(d.now()/sureAge)
}

// Fetch implements cache.Cache.
func (n *Near[V]) Fetch(ctx context.Context, keys []cache.Key, load cache.Load[V]) ([]V, []bool, error) {
	values, found := make([]V, len(keys)), make([]bool, len(keys))
	missing := false
	m := n.c.Drops.moment()
	for i, k := range keys {
		e, ok := n.store.GetIfPresent(k)
		if ok && n.believed(k, e, m) {
			values[i], found[i] = e.Value, true
		} else {
			missing = true
		}
	}
	if !missing {
		return values, found, nil
	}
	young := slices.Clone(found)
	for i, k := range keys {
		if found[i] {
			e, ok := n.store.GetIfPresent(k)
			young[i] = ok && m.now-e.began < ageingAge
		}
	}
	got := slices.Clone(young)
	entries := make([]nearly[V], len(keys))
	store := n.store
	store.young = true
	err := n.flights.Fill(ctx, keys, entries, got, store, n.loader(load))
	if err != nil && !tintype.IsPartial(err) {
		return nil, nil, err
	}
	for i := range entries {
		switch {
		case young[i]:
		case got[i]:
			values[i], found[i] = entries[i].Value, true
		case err == nil:
			found[i] = false // it is gone
			values[i] = entries[i].Value
		}
		// Else its home could not be asked: what was still believed is given.
	}
	return values, found, err
}

// loader reads through Far.
func (n *Near[V]) loader(load cache.Load[V]) cache.Load[nearly[V]] {
	return func(ctx context.Context, missing []cache.Key, set func(cache.Key, nearly[V])) error {
		// Before anything is read: a drop that is missed from here on makes it unsure.
		began, epoch := n.c.Drops.now(), n.c.Drops.epoch.Load()
		var far, home []cache.Key
		for _, k := range missing {
			if n.c.Far == nil || n.brief(k.Kind) {
				home = append(home, k)
			} else {
				far = append(far, k)
			}
		}
		var partial error
		if len(home) > 0 {
			err := load(ctx, home, func(k cache.Key, v V) {
				set(k, nearly[V]{cache.Held[V]{Value: v}, began, epoch})
			})
			if partial = err; err != nil && !tintype.IsPartial(err) {
				return err
			}
		}
		if len(far) == 0 {
			return partial
		}
		old := make([]cache.Held[V], len(far))
		for i, k := range far {
			if e, ok := n.store.GetIfPresent(k); ok {
				old[i] = e.Held
			}
		}
		held, found, err := n.c.Far.Refresh(ctx, far, old, load)
		if err != nil {
			if !tintype.IsPartial(err) {
				return err
			}
			partial = err
		}
		for i, k := range far {
			if found[i] {
				set(k, nearly[V]{held[i], began, epoch})
			}
		}
		return partial
	}
}

// Drop implements cache.Cache; see Near for what it promises to whom.
func (n *Near[V]) Drop(_ context.Context, keys ...cache.Key) error {
	var far, brief []cache.Key
	for _, k := range keys {
		if n.brief(k.Kind) {
			brief = append(brief, k)
		} else {
			far = append(far, k)
		}
	}
	// Far first: what is read again after the drop here, or after the news, must not be the old value.
	var missed []cache.Key
	if n.c.Far != nil && len(far) > 0 {
		missed = n.c.Far.Delete(far)
	}
	n.forget(keys)
	n.c.Drops.tell(missed, true)
	if len(missed) > 0 {
		lost := make(map[cache.Key]bool, len(missed))
		for _, k := range missed {
			lost[k] = true
		}
		far = slices.DeleteFunc(far, func(k cache.Key) bool { return lost[k] })
	}
	if len(brief) <= maxBrief {
		far = append(far, brief...)
	}
	n.c.Drops.tell(far, false)
	return nil
}

// maxBrief is how many drops of brief kinds at a time are told to others.
const maxBrief = 64

// Forget drops keys in this process only: what is left of a drop of which the
// others know in another way.
func (n *Near[V]) Forget(keys ...cache.Key) { n.forget(keys) }

func (n *Near[V]) forget(keys []cache.Key) {
	n.flights.End(keys, func() {
		for _, k := range keys {
			n.store.Invalidate(k)
		}
	})
	n.drops.Add(1)
}

// heard takes the news of a drop by another process, which missed says could not
// tell the far cache.
func (n *Near[V]) heard(keys []cache.Key, missed bool) {
	var far []cache.Key
	if missed && n.c.Far != nil {
		// Before it is forgotten here, so that what is read after that is not from there. Where all of the
		// far cache is away, this leaves one load for each drop; forgetting twice made it two.
		far = n.c.Far.Remember(keys)
	}
	n.forget(keys)
	if len(far) > 0 {
		go func() {
			n.c.Far.Delete(far)
			n.forget(far) // it may have been read in between
		}()
	}
}

// Clear forgets everything in this process, as a restart would.
func (n *Near[V]) Clear() {
	n.flights.EndAll(n.store.InvalidateAll)
	n.drops.Add(1)
}

// holder is a Near of any type.
type holder interface {
	heard(keys []cache.Key, missed bool)
}

var _ cache.Cache[tintype.ID] = (*Near[tintype.ID])(nil)
