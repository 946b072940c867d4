package api

import (
	"context"
	"crypto/rand"
	"hash/maphash"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Budgets adds up calls over all processes of a site. redis.Budgets provides it.
type Budgets interface {
	// Count adds calls in an hour (Unix time by 3,600) and gives how many there were of each key in
	// that hour and in the one before, in all processes. A share with an error may have been counted
	// or not: from the same process and with the same number it is counted once, however often it is sent.
	Count(ctx context.Context, hour int64, process string, shares []tintype.Share) (this, before []int, err []error)
}

// limiter counts calls in a sliding hour, in memory: a restart forgives. The
// hour slides in the usual approximation, the last clock hour weighing as much
// of its count as still lies within sixty minutes.
//
// Where there are several processes, what was counted here is brought to the
// others, and theirs here, a few times a second and for all keys together. No call
// waits for that: a budget is exact but for what comes to the others in between.
// What cannot be brought is kept for later, and this process goes by its own count meanwhile. Where
// the answer is lost the same share is brought again under the same number, so that nothing is counted twice.
type limiter struct {
	clock tintype.Clock
	limit func() int // 0 counts nothing
	seed  maphash.Seed
	parts [64]limiterPart
	full  atomic.Pointer[fullHeader]

	shared  Budgets // nil for none
	process string  // names this one among those that share
	mu      sync.Mutex
	unsent  []string // keys of which calls were counted here only
	timer   bool     // runs while there are any
	number  int64    // of the last share
}

// How often what was counted is brought to the others: after an error, less often.
const (
	shareEvery = 200 * time.Millisecond
	shareAgain = time.Second
)

// fullHeader is the header for a limit, made once for as long as it stays.
type fullHeader struct {
	limit int
	text  []string
}

type limiterPart struct {
	mu sync.Mutex
	m  map[string]window
}

type window struct {
	hour      int64
	this, old int
	unsent    int           // of this, and in no share yet
	share     tintype.Share // of this, under way or in doubt; zero for none
}

// maxWindows bounds one part; what is met least recently is not known, so a
// part that is full of live windows forgets some of them.
const maxWindows = 1024

// shownLimit is what the headers say where there is no limit.
const shownLimit = 5000

func newLimiter(clock tintype.Clock, limit func() int, shared Budgets) *limiter {
	l := &limiter{clock: clock, limit: limit, seed: maphash.MakeSeed(), shared: shared, process: rand.Text()}
	for i := range l.parts {
		l.parts[i].m = map[string]window{}
	}
	return l
}

// header gives what the headers say of a limit.
func (l *limiter) header(limit int) []string {
	if f := l.full.Load(); f != nil && f.limit == limit {
		return f.text
	}
	shown := limit
	if limit == 0 {
		shown = shownLimit
	}
	f := &fullHeader{limit, []string{strconv.Itoa(shown)}}
	l.full.Store(f)
	return f.text
}

// take counts one call; wait is how many seconds to wait if it was one too many.
func (l *limiter) take(key string) (left, wait int) {
	limit := l.limit()
	if limit == 0 {
		return 0, 0
	}
	now := l.clock().Unix()
	hour, second := now/3600, int(now%3600)
	p := l.part(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	w, known := p.m[key]
	switch {
	case !known:
		if len(p.m) >= maxWindows {
			p.trim(hour)
		}
	case w.hour == hour-1:
		w.old, w.this, w.unsent, w.share = w.this, 0, 0, tintype.Share{}
	case w.hour < hour-1:
		w.old, w.this, w.unsent, w.share = 0, 0, 0, tintype.Share{}
	}
	w.hour = hour
	used := w.this + w.old*(3600-second)/3600
	if used >= limit {
		p.m[key] = w
		return 0, min(60, 3600-second)
	}
	w.this++
	if l.shared != nil {
		// While a share is under way, what comes of it sends the next.
		if w.unsent++; w.unsent == 1 && w.share.N == 0 {
			l.send(key, shareEvery)
		}
	}
	p.m[key] = w
	return limit - used - 1, 0
}

func (l *limiter) part(key string) *limiterPart {
	return &l.parts[maphash.String(l.seed, key)%uint64(len(l.parts))]
}

// send has calls of key brought to the other processes after a while.
func (l *limiter) send(key string, after time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsent = append(l.unsent, key)
	if !l.timer {
		l.timer = true
		time.AfterFunc(after, l.share)
	}
}

// share brings what was counted here to the others, and theirs here. What was
// counted in the last moment of an hour is not: it weighs little.
func (l *limiter) share() {
	l.mu.Lock()
	keys := l.unsent
	l.unsent, l.timer = nil, false
	l.mu.Unlock()
	hour := l.clock().Unix() / 3600
	shares := make([]tintype.Share, 0, len(keys))
	for _, k := range keys {
		p := l.part(k)
		p.mu.Lock()
		if w, ok := p.m[k]; ok && w.hour == hour && w.unsent+w.share.N > 0 {
			if w.share.N == 0 {
				w.share = tintype.Share{Key: k, N: w.unsent, Number: l.next()}
				w.unsent = 0
				p.m[k] = w
			}
			shares = append(shares, w.share)
		}
		p.mu.Unlock()
	}
	if len(shares) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	this, before, errs := l.shared.Count(ctx, hour, l.process, shares)
	for i, s := range shares {
		p := l.part(s.Key)
		p.mu.Lock()
		w, ok := p.m[s.Key]
		if ok = ok && w.hour == hour && w.share == s; ok && errs[i] == nil {
			w.share = tintype.Share{}
			// Never less than is known here: where the others' counts are kept may have been emptied.
			w.this, w.old = max(w.this, this[i]+w.unsent), max(w.old, before[i])
			p.m[s.Key] = w
		}
		p.mu.Unlock()
		switch {
		case ok && errs[i] != nil:
			l.send(s.Key, shareAgain)
		case ok && w.unsent > 0:
			l.send(s.Key, shareEvery)
		}
	}
}

// next numbers a share.
func (l *limiter) next() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	return l.number
}

func (p *limiterPart) trim(hour int64) {
	for k, w := range p.m {
		if w.hour < hour-1 {
			delete(p.m, k)
		}
	}
	for k := range p.m {
		if len(p.m) < maxWindows*3/4 {
			return
		}
		delete(p.m, k)
	}
}

// headers tells the caller how it stands, on every reply, as clients of API v1 demand.
func (l *limiter) headers(h http.Header, left int) {
	limit := l.limit()
	full := l.header(limit)
	h["X-Ratelimit-Limit"] = full
	if limit == 0 || left == limit {
		h["X-Ratelimit-Remaining"] = full
		return
	}
	h["X-Ratelimit-Remaining"] = []string{strconv.Itoa(left)}
}

// addressKey is the budget of somebody without a credential: an IPv4 address,
// or the /64 that one subscriber of IPv6 has to himself.
func addressKey(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return "addr:" + p.String()
		}
	}
	return "addr:" + a.String()
}
