package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Limits counts tries in fixed windows for all processes, as sqlstore.RateLimits
// does: a window begins with its first try. All of them are kept on one server, so that one step
// of it sees all the limits of a try.
//
// This process counts for itself as well. While the server is down that is what
// counts: each process then lets through as many tries as all of them should,
// but never more. No method errs.
type Limits struct {
	p     *Pool
	local *localLimits
}

// NewLimits makes a Limits.
func NewLimits(p *Pool) *Limits {
	return &Limits{p: p, local: &localLimits{m: map[string]limitWindow{}}}
}

// KEYS: the limits. ARGV: now, then of each limit how many it allows and the
// length of its window; times are in microseconds, which a Lua number holds
// exactly. Gives how long to wait; 0 if the try was counted.
var scriptTake = newScript(`#!lua
local now, wait = tonumber(ARGV[1]), 0
local seen = {}
for i, k in ipairs(KEYS) do
	local max, window = tonumber(ARGV[2*i]), tonumber(ARGV[2*i+1])
	local v = redis.call('HMGET', k, 'start', 'hits')
	local start, hits = tonumber(v[1] or 0), tonumber(v[2] or 0)
	if start <= now - window then start, hits = now, 0 end
	if hits >= max then wait = math.max(wait, start + window - now) end
	seen[i] = {start, hits + 1, window}
end
if wait > 0 then return string.format('%.0f', wait) end
for i, k in ipairs(KEYS) do
	local s = seen[i]
	redis.call('HSET', k, 'start', string.format('%.0f', s[1]), 'hits', s[2])
	redis.call('PEXPIRE', k, string.format('%.0f', math.ceil(s[3] / 1000)))
end
return '0'
`)

// KEYS: the limits.
var scriptRefund = newScript(`#!lua
for _, k in ipairs(KEYS) do
	if tonumber(redis.call('HGET', k, 'hits') or 0) > 0 then redis.call('HINCRBY', k, 'hits', -1) end
end
`)

// home is the server of all limits.
func (s *Limits) home() *node { return s.p.atKey("limits") }

func limitKeys(keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = "limit:" + k
	}
	return out
}

// Take counts one try under each limit. If that is more than one of them
// allows, nothing is counted and wait says how long until it allows another; else it is 0.
func (s *Limits) Take(ctx context.Context, limits []tintype.Limit, now time.Time) (wait time.Duration, err error) {
	if wait := s.local.take(limits, now); wait > 0 {
		return wait, nil
	}
	keys, args := make([]string, len(limits)), []string{strconv.FormatInt(now.UnixMicro(), 10)}
	for i, l := range limits {
		keys[i] = l.Key
		args = append(args, strconv.Itoa(l.Max), strconv.FormatInt(l.Window.Microseconds(), 10))
	}
	n := s.home()
	micros, err := n.eval(ctx, scriptTake, limitKeys(keys), args).AsInt64()
	if err != nil {
		return 0, nil // counted here
	}
	if micros > 0 {
		s.local.refund(keys) // it was refused, so it does not count
	}
	return time.Duration(micros) * time.Microsecond, nil
}

// Refund takes one try back under each key.
func (s *Limits) Refund(ctx context.Context, keys []string) error {
	s.local.refund(keys)
	s.home().eval(ctx, scriptRefund, limitKeys(keys), nil)
	return nil
}

// SweepLimits forgets windows that began before an instant; the server does so by itself.
func (s *Limits) SweepLimits(_ context.Context, before time.Time) error {
	s.local.sweep(before)
	return nil
}

// localLimits counts in this process.
type localLimits struct {
	mu sync.Mutex
	m  map[string]limitWindow
}

type limitWindow struct {
	start time.Time
	hits  int
}

// maxLocalLimits bounds them; beyond, those of windows long past go, then any.
const maxLocalLimits = 100_000

func (l *localLimits) take(limits []tintype.Limit, now time.Time) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, li := range limits {
		if w := l.m[li.Key]; w.hits >= li.Max && w.start.Add(li.Window).After(now) {
			wait = max(wait, w.start.Add(li.Window).Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	for _, li := range limits {
		w, ok := l.m[li.Key]
		if !ok && len(l.m) >= maxLocalLimits {
			for k := range l.m {
				delete(l.m, k)
				if len(l.m) < maxLocalLimits*3/4 {
					break
				}
			}
		}
		if !w.start.Add(li.Window).After(now) {
			w = limitWindow{start: now}
		}
		w.hits++
		l.m[li.Key] = w
	}
	return 0
}

func (l *localLimits) refund(keys []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range keys {
		if w := l.m[k]; w.hits > 0 {
			w.hits--
			l.m[k] = w
		}
	}
}

func (l *localLimits) sweep(before time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, w := range l.m {
		if w.start.Before(before) {
			delete(l.m, k)
		}
	}
}

// Budgets adds up, over all processes, how many calls there were in each hour
// of the clock. An hour's count is kept for two: it weighs until the next one ends.
type Budgets struct{ P *Pool }

// KEYS: the hour, and the one before. ARGV: the process, the number of its share, how
// many calls. Beside its sum n an hour keeps the last number of each process: what
// comes again under a number that was there is not counted again.
var scriptShare = newRepeatable(`#!lua
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0) < tonumber(ARGV[2]) then
	redis.call('HINCRBY', KEYS[1], 'n', ARGV[3])
	redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
	redis.call('EXPIRE', KEYS[1], 7200)
end
return {tonumber(redis.call('HGET', KEYS[1], 'n') or 0), tonumber(redis.call('HGET', KEYS[2], 'n') or 0)}
`)

// Count adds the shares of a process in an hour (Unix time by 3,600), and gives
// how many calls there were of each key in all processes, in that hour and in the one before. It is one
// exchange with each server. What has an error may have been counted or not: send it again under its number.
func (s Budgets) Count(ctx context.Context, hour int64, process string, shares []tintype.Share) (this, before []int, err []error) {
	this, before, err = make([]int, len(shares)), make([]int, len(shares)), make([]error, len(shares))
	at := map[*node][]int{}
	for i, sh := range shares {
		node := s.P.atKey(sh.Key)
		at[node] = append(at[node], i)
	}
	var wg sync.WaitGroup
	for node, places := range at {
		wg.Go(func() {
			for places := range slices.Chunk(places, 200) {
				calls := make([]call, len(places))
				for j, i := range places {
					sh := shares[i]
					calls[j] = call{
						keys: []string{fmt.Sprintf("budget:%d:%s", hour, sh.Key), fmt.Sprintf("budget:%d:%s", hour-1, sh.Key)},
						args: []string{process, strconv.FormatInt(sh.Number, 10), strconv.Itoa(sh.N)},
					}
				}
				for j, r := range node.evalMany(ctx, scriptShare, calls) {
					i := places[j]
					sums, e := r.AsIntSlice()
					if e == nil && len(sums) != 2 {
						e = errShortAnswer
					}
					if err[i] = node.wrap("calls", e); e == nil {
						this[i], before[i] = int(sums[0]), int(sums[1])
					}
				}
			}
		})
	}
	wg.Wait()
	return this, before, err
}
