package redis

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Counters keeps numbers that are counted from rows, such as unread activity,
// where all processes find them. It implements cache.Cache: a count is read once, by
// one of those who ask at the same time in a process, and dropped when it
// changes. A count that was read before a drop is never stored after it: it needs a lease, which
// the drop takes away.
//
// With a server down its counts are read anew each time. A drop that such a
// server misses shows as an old count for up to Keep. Errors are the loader's.
type Counters struct {
	p       *Pool
	keep    time.Duration
	flights cache.Flights[int64]
}

// NewCounters makes a Counters whose counts are kept for up to a time, such as a minute.
func NewCounters(p *Pool, keep time.Duration) *Counters { return &Counters{p: p, keep: keep} }

// A value is a number, or "-" and whose lease it is. ARGV: the caller's lease, how long it
// lasts in milliseconds.
var scriptCount = newScript(`#!lua
local v = redis.call('GET', KEYS[1])
if v then return v end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
`)

// ARGV: the lease, the value ("" to give the lease back), how long it is kept in milliseconds.
var scriptCounted = newScript(`#!lua
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`)

const counterLease = 10 * time.Second // longer than any count takes

func counterKey(k cache.Key) string {
	b := binary.AppendUvarint([]byte("count:"), uint64(k.Kind))
	b = binary.AppendUvarint(b, uint64(k.A))
	return string(binary.AppendUvarint(b, uint64(k.B)))
}

// byServer groups calls by the server of their keys; places tells which keys they are of.
func (s *Counters) byServer(keys []cache.Key, call func(i int, key string) (call, bool)) map[*node]*batch {
	out := map[*node]*batch{}
	for i, k := range keys {
		text := counterKey(k)
		c, ok := call(i, text)
		if !ok {
			continue
		}
		n := s.p.at(k.A)
		if out[n] == nil {
			out[n] = &batch{}
		}
		out[n].places = append(out[n].places, i)
		out[n].calls = append(out[n].calls, c)
	}
	return out
}

type batch struct {
	places []int
	calls  []call
}

// Fetch implements cache.Cache.
func (s *Counters) Fetch(ctx context.Context, keys []cache.Key, load cache.Load[int64]) ([]int64, []bool, error) {
	values, found := make([]int64, len(keys)), make([]bool, len(keys))
	err := s.flights.Fill(ctx, keys, values, found, nil, func(ctx context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		return s.read(ctx, missing, set, load)
	})
	return values, found, err
}

func (s *Counters) read(ctx context.Context, keys []cache.Key, set func(cache.Key, int64), load cache.Load[int64]) error {
	lease := "-" + rand.Text()
	leased := make([]bool, len(keys))
	missing := make([]bool, len(keys))
	for i := range missing {
		missing[i] = true
	}
	asked := s.byServer(keys, func(_ int, key string) (call, bool) {
		return call{[]string{key}, []string{lease, strconv.FormatInt(counterLease.Milliseconds(), 10)}}, true
	})
	for n, b := range asked {
		for j, r := range n.evalMany(ctx, scriptCount, b.calls) {
			i := b.places[j]
			text, err := r.ToString()
			if err != nil {
				continue
			}
			leased[i] = text == lease
			if v, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '-' {
				set(keys[i], v)
				missing[i] = false
			}
		}
	}
	counted := map[cache.Key]int64{}
	// Whatever comes of it, a lease is used or given back: nobody else stores while it lasts.
	defer func() {
		used := s.byServer(keys, func(i int, key string) (call, bool) {
			value := ""
			if v, ok := counted[keys[i]]; ok && v >= 0 {
				value = strconv.FormatInt(v, 10)
			}
			return call{[]string{key}, []string{lease, value, strconv.FormatInt(s.keep.Milliseconds(), 10)}}, leased[i]
		})
		for n, b := range used {
			n.evalMany(context.WithoutCancel(ctx), scriptCounted, b.calls)
		}
	}()
	var toLoad []cache.Key
	for i, k := range keys {
		if missing[i] {
			toLoad = append(toLoad, k)
		}
	}
	if len(toLoad) == 0 {
		return nil
	}
	loaded := map[cache.Key]int64{}
	var mu sync.Mutex // a loader may ask several homes at once
	err := load(ctx, toLoad, func(k cache.Key, v int64) {
		mu.Lock()
		defer mu.Unlock()
		set(k, v)
		loaded[k] = v
	})
	if err == nil || tintype.IsPartial(err) {
		counted = loaded
	}
	return err
}

// Drop implements cache.Cache. It does not err.
func (s *Counters) Drop(ctx context.Context, keys ...cache.Key) error {
	at := map[*node][]string{}
	for _, k := range keys {
		n := s.p.at(k.A)
		at[n] = append(at[n], counterKey(k))
	}
	for n, texts := range at {
		n.do(context.WithoutCancel(ctx), n.b().Unlink().Key(texts...).Build())
	}
	s.flights.End(keys, func() {})
	return nil
}
