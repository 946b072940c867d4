package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

const (
	tripAfter  = 3                      // failures one after the other, after which a database counts as down
	probeEvery = 250 * time.Millisecond // while it is down
	probeFor   = 2 * time.Second
	prepareFor = 5 * time.Minute // for what must be done before it counts as back
)

// errPatience is the cause of a context that ended because a statement took too long.
var errPatience = errors.New("the database took too long")

type patientKey struct{}

// Patiently gives a context under which statements and writes may take as long
// as the context lasts: for upkeep, checks and moves. Without it they are given
// up after the dialect's Patience, since somebody waits.
func Patiently(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, true)
}

// limit is when what runs under ctx is given up, if it is.
func (db *DB) limit(ctx context.Context) (time.Time, bool) {
	if db.Dialect.Patience == 0 || ctx.Value(patientKey{}) != nil {
		return time.Time{}, false
	}
	return ctx.Deadline()
}

// guard runs f, which asks the database something, for as long as patience
// lasts, unless the database is known to be down.
func (db *DB) guard(ctx context.Context, name string, f func(context.Context) error) error {
	b := db.breaker
	if b != nil && b.open.Load() {
		return db.wrap(name, b.err())
	}
	limited := ctx
	if db.Dialect.Patience > 0 && ctx.Value(patientKey{}) == nil {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeoutCause(ctx, db.Dialect.Patience, errPatience)
		defer cancel()
	}
	err := f(limited)
	if err != nil && ctx.Err() == nil && givenUp(err) && (limited.Err() != nil || errors.Is(err, context.DeadlineExceeded)) {
		// A time limit of ours or the driver's, not the caller's: it must not look as if the caller had gone.
		err = fmt.Errorf("%w (%s)", errPatience, err.Error())
	}
	if b != nil {
		b.note(ctx, db.Dialect, err)
	}
	return db.wrap(name, err)
}

// givenUp tells whether err may come of a context that ended, and does not answer the question.
func givenUp(err error) bool {
	var te *tintype.Error
	return !errors.As(err, &te) || te.Kind == tintype.Unavailable || te.Kind == tintype.Internal
}

// breaker remembers that a database is down, so that its users are told at once
// and nobody else waits. While it is open a goroutine probes; the first answer closes it.
type breaker struct {
	probe func(context.Context) error

	open  atomic.Bool
	fails atomic.Int32

	mu      sync.Mutex
	why     error
	pending []func(context.Context) error // to be done before it counts as back
	stop    chan struct{}
	closed  bool
	probing sync.WaitGroup
}

func newBreaker(probe func(context.Context) error) *breaker {
	return &breaker{probe: probe, stop: make(chan struct{})}
}

// note counts what came of asking the database. Any answer says that it lives.
func (b *breaker) note(ctx context.Context, d *Dialect, err error) {
	switch {
	case err == nil || !errors.Is(err, errPatience) && d.Classify(err) != CodeDown:
		if b.fails.Load() != 0 {
			b.fails.Store(0)
		}
	case ctx.Err() != nil: // the caller went away: that says nothing
	case b.fails.Add(1) >= tripAfter:
		b.trip(err, nil)
	}
}

// trip opens the breaker. first, if any, is done before it closes again.
func (b *breaker) trip(why error, first func(context.Context) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if first != nil {
		b.pending = append(b.pending, first)
	}
	if b.closed || b.open.Load() {
		return
	}
	b.why = why
	b.open.Store(true)
	b.probing.Go(b.watch)
}

func (b *breaker) watch() {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-tick.C:
		}
		err := b.within(probeFor, b.probe)
		b.mu.Lock()
		pending := b.pending
		b.mu.Unlock()
		for i := 0; i < len(pending) && err == nil; i++ {
			err = b.within(prepareFor, pending[i])
		}
		b.mu.Lock()
		if err != nil {
			b.why = err
		} else if b.pending = b.pending[len(pending):]; len(b.pending) == 0 {
			b.fails.Store(0)
			b.open.Store(false)
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
	}
}

// within runs f for at most d, and not after the database is closed.
func (b *breaker) within(d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-b.stop:
			cancel()
		case <-done:
		}
	}()
	return f(ctx)
}

func (b *breaker) err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the database is busy or down; please try again", RetryAfter: 1, Err: b.why}
}

func (b *breaker) close() {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.stop)
	}
	b.mu.Unlock()
	b.probing.Wait()
}

// Down makes a database that nobody can use, for shards whose database this
// process does not know. why is for people.
func Down(name string, d *Dialect, why string) *DB {
	own := *d
	own.Unprepared, own.GroupCommit = true, false // nothing reaches a pool
	db := &DB{Name: name, Dialect: &own, breaker: newBreaker(nil)}
	db.breaker.why = errors.New(why)
	db.breaker.open.Store(true)
	return db
}
