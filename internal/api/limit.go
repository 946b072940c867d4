package api

import (
	"hash/maphash"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/tintype/tintype/internal/tintype"
)

// limiter counts calls in a sliding hour, in memory: a restart forgives. The
// hour slides in the usual approximation, the last clock hour weighing as much
// of its count as still lies within sixty minutes.
type limiter struct {
	clock tintype.Clock
	limit func() int // 0 counts nothing
	seed  maphash.Seed
	parts [64]limiterPart
	full  atomic.Pointer[fullHeader]
}

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
}

// maxWindows bounds one part; what is met least recently is not known, so a
// part that is full of live windows forgets some of them.
const maxWindows = 1024

// shownLimit is what the headers say where there is no limit.
const shownLimit = 5000

func newLimiter(clock tintype.Clock, limit func() int) *limiter {
	l := &limiter{clock: clock, limit: limit, seed: maphash.MakeSeed()}
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
	p := &l.parts[maphash.String(l.seed, key)%uint64(len(l.parts))]
	p.mu.Lock()
	defer p.mu.Unlock()
	w, known := p.m[key]
	switch {
	case !known:
		if len(p.m) >= maxWindows {
			p.trim(hour)
		}
	case w.hour == hour-1:
		w.old, w.this = w.this, 0
	case w.hour < hour-1:
		w.old, w.this = 0, 0
	}
	w.hour = hour
	used := w.this + w.old*(3600-second)/3600
	if used >= limit {
		p.m[key] = w
		return 0, min(60, 3600-second)
	}
	w.this++
	p.m[key] = w
	return limit - used - 1, 0
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
