package cache

import (
	"context"
	"errors"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// Flights is what implementations of Cache have in common: the loads under way
// in this process, one for each missing key however many ask for it, and the
// leases under which they may keep what they load. The zero value is ready.
type Flights[V any] struct {
	mu   sync.Mutex
	byID map[Key]*flight[V] // whose lease nothing has ended
}

// Keeper holds values in this process. It is called under the lock of the
// Flights, so that a value is never put after a drop of its key.
type Keeper[V any] interface {
	Get(k Key) (V, bool)
	Put(k Key, v V)
}

// flight is one load of one key. Its fields but done are written before done
// is closed, and read after.
type flight[V any] struct {
	done  chan struct{}
	value V
	found bool
	err   error
}

// End ends the leases of keys and calls then before anybody can take another: a
// flight without a lease keeps nothing and is not joined any more.
func (f *Flights[V]) End(keys []Key, then func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range keys {
		delete(f.byID, k)
	}
	then()
}

// EndAll ends every lease.
func (f *Flights[V]) EndAll(then func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.byID)
	then()
}

// Fill loads those of keys that are not found yet, or waits for those who do so
// already. kept may be nil. If the flight of another caller fails because that
// caller went away, the key is loaded again here. The errors are those of load,
// and Unavailable if ctx ends while waiting. With a partial error of a load all
// that was found is there.
func (f *Flights[V]) Fill(ctx context.Context, keys []Key, values []V, found []bool, kept Keeper[V], load Load[V]) error {
	for {
		again, err := f.fill(ctx, keys, values, found, kept, load)
		if err != nil || !again {
			return err // a partial one too: what others gave up is not asked for again then
		}
	}
}

func (f *Flights[V]) fill(ctx context.Context, keys []Key, values []V, found []bool, kept Keeper[V], load Load[V]) (again bool, err error) {
	own := map[Key]*flight[V]{}
	var missing []Key
	others := make([]*flight[V], len(keys))
	f.mu.Lock()
	if f.byID == nil {
		f.byID = map[Key]*flight[V]{}
	}
	for i, k := range keys {
		if found[i] {
			continue
		}
		if o, ok := own[k]; ok {
			others[i] = o
			continue
		}
		if o, ok := f.byID[k]; ok {
			others[i] = o
			continue
		}
		if kept != nil {
			// It may have arrived since the caller looked: values are put under the lock, so this look is final.
			if values[i], found[i] = kept.Get(k); found[i] {
				continue
			}
		}
		o := &flight[V]{done: make(chan struct{})}
		f.byID[k], own[k], others[i] = o, o, o
		missing = append(missing, k)
	}
	f.mu.Unlock()

	// One's own load comes first, so that two callers who each wait for a key of the other's get on.
	if len(missing) > 0 {
		if err := f.load(ctx, missing, own, kept, load); err != nil && !tintype.IsPartial(err) {
			return false, err
		}
	}
	var partial error
	for i, o := range others {
		if o == nil {
			continue
		}
		select {
		case <-o.done:
		case <-ctx.Done():
			return false, gaveUp(ctx)
		}
		switch {
		case o.err == nil:
			values[i], found[i] = o.value, o.found
		case errors.Is(o.err, context.Canceled) || errors.Is(o.err, context.DeadlineExceeded):
			if ctx.Err() != nil {
				return false, gaveUp(ctx)
			}
			again = true
		case tintype.IsPartial(o.err):
			partial = o.err
		default:
			return false, o.err
		}
	}
	return again, partial
}

// load runs one load and lands its flights, whatever becomes of it.
func (f *Flights[V]) load(ctx context.Context, missing []Key, own map[Key]*flight[V], kept Keeper[V], load Load[V]) error {
	err := error(errPanic)
	defer func() {
		f.mu.Lock()
		for k, o := range own {
			leased := f.byID[k] == o
			if leased {
				delete(f.byID, k)
			}
			switch {
			case err != nil && (!o.found || !tintype.IsPartial(err)):
				o.err, o.found = err, false
			case !o.found:
			case leased && kept != nil:
				kept.Put(k, o.value)
			}
		}
		f.mu.Unlock()
		for _, o := range own {
			close(o.done)
		}
	}()
	var mu sync.Mutex // a loader may ask several homes at once
	err = load(ctx, missing, func(k Key, v V) {
		mu.Lock()
		defer mu.Unlock()
		if o, ok := own[k]; ok {
			o.value, o.found = v, true
		}
	})
	return err
}

var errPanic = &tintype.Error{Kind: tintype.Internal, Msg: "something went wrong on the site", Err: errors.New("a loader of the cache did not return")}

func gaveUp(ctx context.Context) error {
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: ctx.Err()}
}
