// Package memcached keeps cached values on memcached servers, where all
// processes of a fleet share them. It is the far cache: inproc.Near stands in
// front of it in each process.
//
// Keys are spread by ketama. A read of many keys is one exchange with each
// server, and takes the leases of what is missing along: the server itself
// gives each lease to one asker (the meta protocol's "recache" flag), who loads
// the value and stores it by compare-and-swap over the lease. A drop deletes
// lease and value alike, so a value that was read before a drop is never stored
// after it, by whichever process. Whoever finds a lease taken waits a moment
// for the value, then reads it from its home and stores nothing.
//
// No server need be there: one that is down costs one time-out, then it is left
// out (its keys are missing) while it is tried again in the background. Deletes
// that it missed are remembered and made up for before this process believes it
// again. Bytes of another schema, of another key, or damaged, are missing too.
//
// It leaves to others telling the other processes (see inproc.Near). Errors are
// the loader's own, and Unavailable where the caller's context ended.
package memcached

import (
	"context"
	"hash/maphash"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Config is where the servers are. Only Servers is required.
type Config struct {
	Servers []string      // host:port of each, in any order; the names go into the placing of keys
	Timeout time.Duration // for one exchange, or to connect; 250 ms
	Prefix  string        // of all keys, where servers are shared with others: up to 100 characters without spaces
	Log     *slog.Logger
}

// Servers is the connections to all servers. Make it with [Open].
type Servers struct {
	prefix string
	ring   ring
	all    []*server
	seed   maphash.Seed
	stats  counters
}

type counters struct{ hits, misses, waits, unstored atomic.Int64 }

// Stats is what happened since Open.
type Stats struct {
	Hits     int64
	Misses   int64 // of which the value was loaded
	Waits    int64 // looks at a lease that another holds
	Unstored int64 // values too large to be stored
	Down     int   // servers that do not answer now
}

// Open makes Servers. It connects to nobody yet: servers may come later.
func Open(c Config) *Servers {
	s := &Servers{prefix: c.Prefix, ring: newRing(c.Servers), seed: maphash.MakeSeed()}
	log := slog.New(slog.DiscardHandler)
	if c.Log != nil {
		log = c.Log
	}
	if c.Timeout == 0 {
		c.Timeout = 250 * time.Millisecond
	}
	for _, addr := range c.Servers {
		s.all = append(s.all, &server{addr: addr, timeout: c.Timeout, log: log.Warn})
	}
	return s
}

// Stats counts.
func (s *Servers) Stats() Stats {
	out := Stats{Hits: s.stats.hits.Load(), Misses: s.stats.misses.Load(), Waits: s.stats.waits.Load(), Unstored: s.stats.unstored.Load()}
	for _, srv := range s.all {
		srv.mu.Lock()
		if srv.down {
			out.Down++
		}
		srv.mu.Unlock()
	}
	return out
}

// Close ends all connections; every key is missing then.
func (s *Servers) Close() {
	for _, srv := range s.all {
		srv.close()
	}
}

// key is the text of k. A key must stay the same from one release to the next.
func (s *Servers) key(k cache.Key) []byte {
	b := make([]byte, 0, len(s.prefix)+40)
	b = append(append(b, s.prefix...), 't')
	b = append(strconv.AppendUint(b, uint64(k.Kind), 10), '.')
	b = strconv.AppendUint(b, uint64(k.A), 36)
	if k.B != 0 {
		b = strconv.AppendUint(append(b, '.'), uint64(k.B), 36)
	}
	return b
}

// group is what one server is to be asked.
type group struct {
	server *server
	at     []int // places in the list that was grouped
	keys   [][]byte
}

// byServer groups keys; at gives the place of each.
func (s *Servers) byServer(keys []cache.Key) []group {
	if len(s.all) == 0 {
		return nil
	}
	groups := make([]group, len(s.all))
	for i, k := range keys {
		text := s.key(k)
		g := &groups[s.ring.server(text)]
		g.at, g.keys = append(g.at, i), append(g.keys, text)
	}
	used := groups[:0]
	for i, g := range groups {
		if len(g.keys) > 0 {
			g.server = s.all[i]
			used = append(used, g)
		}
	}
	return used
}

// each runs f for each group, all at once.
func each(groups []group, f func(group)) {
	if len(groups) == 1 {
		f(groups[0])
		return
	}
	var wg sync.WaitGroup
	for _, g := range groups {
		wg.Go(func() { f(g) })
	}
	wg.Wait()
}

// Cache keeps values of one type. It implements cache.Cache, and inproc.Far.
type Cache[V any] struct {
	s       *Servers
	codec   cache.Codec[V]
	ttl     int64
	flights cache.Flights[cache.Held[V]]
}

// New makes a Cache. ttl, at least a second, is for how long a value is kept
// though no drop of it arrives: the net below the invalidation.
func New[V any](s *Servers, codec cache.Codec[V], ttl time.Duration) *Cache[V] {
	return &Cache[V]{s: s, codec: codec, ttl: max(1, int64(ttl/time.Second))}
}

// maxValue is the longest value that is stored: memcached takes up to a megabyte with what it notes beside it.
const maxValue = 1_000_000

// Fetch implements cache.Cache.
func (c *Cache[V]) Fetch(ctx context.Context, keys []cache.Key, load cache.Load[V]) ([]V, []bool, error) {
	held, found, err := c.Refresh(ctx, keys, nil, load)
	if err != nil && !tintype.IsPartial(err) {
		return nil, nil, err
	}
	values := make([]V, len(held))
	for i := range held {
		values[i] = held[i].Value
	}
	return values, found, err
}

// Refresh is Fetch for somebody who had the values before: where the bytes are
// still those of old, which may be nil, old's value itself comes back.
func (c *Cache[V]) Refresh(ctx context.Context, keys []cache.Key, old []cache.Held[V], load cache.Load[V]) ([]cache.Held[V], []bool, error) {
	held, found := make([]cache.Held[V], len(keys)), make([]bool, len(keys))
	known := func(k cache.Key) (h cache.Held[V]) {
		for i := range old {
			if keys[i] == k {
				return old[i]
			}
		}
		return h
	}
	err := c.flights.Fill(ctx, keys, held, found, nil, func(ctx context.Context, missing []cache.Key, set func(cache.Key, cache.Held[V])) error {
		l := &look[V]{c: c, keys: missing, old: make([]cache.Held[V], len(missing)), set: set}
		for i, k := range missing {
			l.old[i] = known(k)
		}
		return l.run(ctx, load)
	})
	return held, found, err
}

// Drop implements cache.Cache. It does not err: what a server that is down
// missed is remembered, see Delete.
func (c *Cache[V]) Drop(_ context.Context, keys ...cache.Key) error {
	c.Delete(keys)
	return nil
}

// Delete is Drop, and gives the keys whose server could not be told. This
// process believes nothing that such a server has until it was told; other
// processes that still reach it should be asked to do the same.
func (c *Cache[V]) Delete(keys []cache.Key) (missed []cache.Key) {
	var mu sync.Mutex
	each(c.s.byServer(keys), func(g group) {
		if g.server.delete(g.keys) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for _, i := range g.at {
			missed = append(missed, keys[i])
		}
	})
	c.flights.End(keys, func() {})
	return missed
}

// Remember is Delete for those of keys whose server this process knows to be
// down; it asks nobody, and gives the other keys. From then on nothing that such a
// server holds of them is believed here.
func (c *Cache[V]) Remember(keys []cache.Key) (others []cache.Key) {
	for _, g := range c.s.byServer(keys) {
		if g.server.missIfDown(g.keys) {
			continue
		}
		for _, i := range g.at {
			others = append(others, keys[i])
		}
	}
	return others
}

// look is one read of several keys.
type look[V any] struct {
	c    *Cache[V]
	keys []cache.Key
	old  []cache.Held[V]
	set  func(cache.Key, cache.Held[V])

	mu     sync.Mutex
	leases map[cache.Key]lease // to be used or given back
	load   []cache.Key         // nobody else loads them, or nobody can know
	taken  []int               // others hold the lease of these
}

// How long one waits for the value of another's lease before loading it too.
// Most loads take a millisecond or two; behind a slow home, waiting longer does not help.
var waits = [...]time.Duration{time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond}

func (l *look[V]) run(ctx context.Context, load cache.Load[V]) error {
	l.leases = map[cache.Key]lease{}
	defer l.giveBack()
	all := make([]int, len(l.keys))
	for i := range all {
		all[i] = i
	}
	l.get(all)
	var partial error
	if err := l.fill(ctx, load); tintype.IsPartial(err) {
		partial = err
	} else if err != nil {
		return err
	}
	for _, d := range waits {
		if len(l.taken) == 0 {
			return partial
		}
		l.c.s.stats.waits.Add(int64(len(l.taken)))
		select {
		case <-time.After(d):
		case <-ctx.Done():
			return &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: ctx.Err()}
		}
		again := l.taken
		l.taken = nil
		l.get(again)
		if err := l.fill(ctx, load); tintype.IsPartial(err) {
			partial = err
		} else if err != nil {
			return err
		}
	}
	for _, i := range l.taken {
		l.load = append(l.load, l.keys[i])
	}
	if err := l.fill(ctx, load); err != nil {
		return err
	}
	return partial
}

// get asks the servers for the keys at some places.
func (l *look[V]) get(at []int) {
	keys := make([]cache.Key, len(at))
	for i, j := range at {
		keys[i] = l.keys[j]
	}
	groups := l.c.s.byServer(keys)
	if groups == nil {
		l.load = keys
		return
	}
	each(groups, func(g group) {
		done := 0
		err := g.server.do(func(c *conn) error {
			return c.getAll(g.keys, func(i int, it item) {
				if i < done {
					return // the exchange runs again
				}
				done = i + 1
				l.mu.Lock()
				defer l.mu.Unlock()
				l.got(at[g.at[i]], it, c.life)
			})
		})
		if err == nil {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, i := range g.at[done:] {
			l.load = append(l.load, keys[i])
		}
	})
}

// got takes what a server said of one key.
func (l *look[V]) got(i int, it item, life string) {
	k := l.keys[i]
	if len(it.value) > 0 {
		mark := l.c.mark(it.value)
		if mark == l.old[i].Mark {
			l.set(k, l.old[i])
			l.c.s.stats.hits.Add(1)
			return
		}
		if v, ok := l.c.codec.Decode(it.value, k); ok {
			l.set(k, cache.Held[V]{Value: v, Mark: mark})
			l.c.s.stats.hits.Add(1)
			return
		}
		it.won = true // nobody can read it: overwrite it, unless it changes meanwhile
	}
	switch {
	case it.won && it.cas != 0:
		l.leases[k] = lease{it.cas, life}
		l.load = append(l.load, k)
	case it.cas != 0:
		l.taken = append(l.taken, i)
	default:
		l.load = append(l.load, k)
	}
}

// fill loads what is to be loaded and stores what there is a lease for.
func (l *look[V]) fill(ctx context.Context, load cache.Load[V]) error {
	keys := l.load
	if l.load = nil; len(keys) == 0 {
		return nil
	}
	l.c.s.stats.misses.Add(int64(len(keys)))
	bytes := map[cache.Key][]byte{}
	err := load(ctx, keys, func(k cache.Key, v V) {
		b := l.c.codec.Append(nil, k, v)
		h := cache.Held[V]{Value: v, Mark: l.c.mark(b)}
		l.mu.Lock()
		defer l.mu.Unlock()
		for i, o := range l.old {
			if l.keys[i] == k && o.Mark == h.Mark {
				h = o
			}
		}
		l.set(k, h)
		bytes[k] = b
	})
	if err == nil || tintype.IsPartial(err) {
		l.store(bytes)
	}
	return err
}

// store stores values by their leases. A loader may set what it was not asked for: there is no lease for that.
func (l *look[V]) store(values map[cache.Key][]byte) {
	keys := make([]cache.Key, 0, len(values))
	for k, b := range values {
		if _, ok := l.leases[k]; !ok {
			continue
		}
		if len(b) > maxValue {
			l.c.s.stats.unstored.Add(1)
			continue
		}
		keys = append(keys, k)
	}
	l.end(keys, values)
}

// giveBack gives back the leases that were not used, so that others need not wait.
func (l *look[V]) giveBack() {
	keys := make([]cache.Key, 0, len(l.leases))
	for k := range l.leases {
		keys = append(keys, k)
	}
	l.end(keys, nil)
}

func (l *look[V]) end(keys []cache.Key, values map[cache.Key][]byte) {
	if len(keys) == 0 {
		return
	}
	each(l.c.s.byServer(keys), func(g group) {
		entries := make([]entry, len(g.keys))
		for i, text := range g.keys {
			k := keys[g.at[i]]
			entries[i] = entry{key: text, value: values[k], lease: l.leases[k]}
		}
		// What is not stored is missing the next time.
		_ = g.server.do(func(c *conn) error { return c.storeAll(entries, l.c.ttl) })
	})
	for _, k := range keys {
		delete(l.leases, k)
	}
}

// mark is a hash of the bytes of a value, never 0.
func (c *Cache[V]) mark(b []byte) uint64 { return max(1, maphash.Bytes(c.s.seed, b)) }
