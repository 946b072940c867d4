package s3

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// patience says how long something may take.
type patience struct {
	doing  string
	try    time.Duration // until the server has answered one request
	budget time.Duration // until no more requests are begun, and the last is ended
	tries  int
	waits  bool // also for a server that was found not to answer a moment ago
}

// patientRead is for reads, which somebody waits for: three seconds in all.
var patientRead = patience{doing: "read", try: 2 * time.Second, budget: 3 * time.Second, tries: 10}

// patientWrite is for what would be lost: a file of that many bytes, at a megabyte a second at least.
func patientWrite(bytes int64) patience {
	try := 5*time.Second + time.Duration(bytes/1e6)*time.Second
	return patience{doing: "write", try: try, budget: 2 * try, tries: 12, waits: true}
}

// The pauses between tries: full jitter below a bound that doubles.
const (
	firstPause = 20 * time.Millisecond
	mostPause  = 500 * time.Millisecond
)

// attempt is one request under way, ended when its time is up.
type attempt struct {
	cancel context.CancelFunc
	timer  *time.Timer
}

// begin gives an attempt's context: it ends with ctx, after limit, or with end.
func begin(ctx context.Context, limit time.Duration) (context.Context, *attempt) {
	ctx, cancel := context.WithCancel(ctx)
	return ctx, &attempt{cancel: cancel, timer: time.AfterFunc(limit, cancel)}
}

// more gives the attempt another while; false if its time was up already.
func (a *attempt) more(d time.Duration) bool { return a.timer.Reset(d) }

// rest stops the clock, while nothing is waited for.
func (a *attempt) rest() { a.timer.Stop() }

func (a *attempt) end() {
	a.timer.Stop()
	a.cancel()
}

// retry does something until it succeeds, or fails for good, or patience ends.
// The error is one of ours.
func (s *Store) retry(ctx context.Context, p patience, do func(ctx context.Context, a *attempt) error) error {
	return s.retryKeep(ctx, p, func(ctx context.Context, a *attempt) error {
		defer a.end()
		return do(ctx, a)
	})
}

// retryKeep is retry for what leaves its attempt open when it succeeds: do ends it on error only.
func (s *Store) retryKeep(ctx context.Context, p patience, do func(ctx context.Context, a *attempt) error) error {
	last := time.Now().Add(p.budget)
	for try := 1; ; try++ {
		err := s.breaker.admit()
		if err != nil && !p.waits {
			return err
		}
		if err == nil {
			c, a := begin(ctx, min(p.try, time.Until(last)))
			err = do(c, a)
			if ctx.Err() != nil {
				s.breaker.forget()
				if err != nil {
					return &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: context.Cause(ctx)}
				}
				return nil
			}
			_, answered := response(err)
			s.breaker.saw(err == nil || answered || errors.Is(err, errBroken))
			if err == nil || !passing(err) {
				return s.translate(p.doing, err)
			}
			if errors.Is(err, context.Canceled) {
				err = context.DeadlineExceeded // ctx is good: it was the attempt's clock
			}
		}
		pause := time.Duration(rand.Int64N(int64(min(firstPause<<(try-1), mostPause))))
		if try >= p.tries || time.Now().Add(pause).After(last) {
			return s.translate(p.doing, err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: context.Cause(ctx)}
		}
	}
}

// breaker keeps requests from a server that does not answer: after trips
// requests in a row without an answer, one request a second finds out.
type breaker struct {
	mu     sync.Mutex
	silent int       // requests without an answer, in a row
	next   time.Time // when the next request may go, while it is open
}

const (
	trips    = 5
	openTime = time.Second
)

// admit lets a request go, or says why not.
func (b *breaker) admit() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silent < trips {
		return nil
	}
	if now := time.Now(); now.After(b.next) {
		b.next = now.Add(openTime) // this one finds out
		return nil
	}
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the file store does not answer; please try again", RetryAfter: 1}
}

// saw tells how an admitted request ended.
func (b *breaker) saw(answered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answered {
		b.silent = 0
		return
	}
	if b.silent++; b.silent == trips {
		b.next = time.Now().Add(openTime)
	}
}

// forget is saw for a request that was given up by who asked: it tells nothing.
func (b *breaker) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.silent >= trips {
		b.next = time.Time{} // it may have been the one to find out
	}
}
