package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
	"github.com/tintype/tintype/internal/tintype"
)

const (
	dialTimeout = time.Second
	probeEvery  = time.Second
	tripAfter   = 3 // failures in a row, none of which was an answer
)

// errDown is what calls get while a server is taken to be down.
var errDown = errors.New("the server did not answer the last calls; it is tried once a second")

// link is the client of one server, with a breaker: after tripAfter calls in a
// row that got no answer it is down, and calls fail at once. While it is down
// it is probed once a second, and up again with the first answer.
type link struct {
	addr    string
	timeout time.Duration
	log     *slog.Logger
	option  rueidis.ClientOption
	c       rueidis.Client

	failed atomic.Int32
	down   atomic.Bool

	mu     sync.Mutex // guards closed, and the start of probes against it
	closed bool
	stop   chan struct{}
	probes sync.WaitGroup
}

func newLink(c Config, addr string) *link {
	return &link{addr: addr, timeout: c.Timeout, log: c.Log, stop: make(chan struct{}), option: rueidis.ClientOption{
		InitAddress:       []string{addr},
		Username:          c.Username,
		Password:          c.Password,
		Dialer:            net.Dialer{Timeout: dialTimeout, KeepAlive: 5 * time.Second},
		ConnWriteTimeout:  c.Timeout,
		ForceSingleClient: true, // no cluster; and a server that is down is no reason not to start
		DisableCache:      true, // what is near is kept and invalidated by ourselves
		// The first use of a connection that broke unnoticed (the server was
		// restarted) is tried again once, if the command may be.
		RetryDelay: func(attempts int, _ rueidis.Completed, _ error) time.Duration {
			if attempts == 1 {
				return 0
			}
			return -1
		},
	}}
}

// connect makes the client. That the server does not answer is no error.
func (l *link) connect() error {
	c, err := rueidis.NewClient(l.option)
	if c == nil {
		return fmt.Errorf("%s: %w", l.addr, err)
	}
	l.c = c
	if err != nil {
		l.trip(err)
	}
	return nil
}

func (l *link) close() {
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	l.mu.Unlock()
	if !first {
		return
	}
	close(l.stop)
	l.probes.Wait()
	if l.c != nil {
		l.c.Close()
	}
}

// do runs one command, within the time limit of a call.
func (l *link) do(ctx context.Context, cmd rueidis.Completed) rueidis.RedisResult {
	if l.down.Load() {
		return rueidis.NewErrorResult(errDown)
	}
	limited, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	r := l.c.Do(limited, cmd)
	l.note(ctx, r.Error())
	return r
}

// doMulti runs commands in one pipeline, in order, all within the time limit of
// a call. There is one result for each.
func (l *link) doMulti(ctx context.Context, cmds ...rueidis.Completed) []rueidis.RedisResult {
	if l.down.Load() {
		out := make([]rueidis.RedisResult, len(cmds))
		for i := range out {
			out[i] = rueidis.NewErrorResult(errDown)
		}
		return out
	}
	limited, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	out := l.c.DoMulti(limited, cmds...)
	// One call, whatever it holds: the last is answered only if all are.
	if len(out) > 0 {
		l.note(ctx, out[len(out)-1].Error())
	}
	return out
}

// note counts what became of a call. A caller that gave up says nothing about the server.
func (l *link) note(caller context.Context, err error) {
	if !isDown(err) {
		if l.failed.Load() != 0 {
			l.failed.Store(0)
		}
		return
	}
	if caller.Err() == nil && l.failed.Add(1) >= tripAfter {
		l.trip(err)
	}
}

// trip takes the server to be down until it answers a probe.
func (l *link) trip(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || !l.down.CompareAndSwap(false, true) {
		return
	}
	l.log.Warn("a Redis server is down", "address", l.addr, "error", why)
	l.probes.Go(func() {
		tick := time.NewTicker(probeEvery)
		defer tick.Stop()
		for {
			select {
			case <-l.stop:
				return
			case <-tick.C:
			}
			ctx, cancel := context.WithTimeout(context.Background(), l.timeout)
			err := l.c.Do(ctx, l.c.B().Ping().Build()).Error()
			cancel()
			if err == nil {
				l.failed.Store(0)
				l.down.Store(false)
				l.log.Info("a Redis server is back", "address", l.addr)
				return
			}
		}
	})
}

// code is the first word of an answer that is an error, which says of what kind
// it is; "" for anything else.
func code(err error) string {
	var answer *rueidis.RedisError
	if !errors.As(err, &answer) || answer.IsNil() {
		return ""
	}
	word, _, _ := strings.Cut(answer.Error(), " ")
	return word
}

// isDown reports whether err says that the server could not be asked: it gave
// no answer, or is only just reading its data.
func isDown(err error) bool {
	var answer *rueidis.RedisError
	if err == nil || errors.As(err, &answer) {
		return code(err) == "LOADING"
	}
	return !rueidis.IsParseErr(err)
}

// wrap translates an error: by its code, if it is an answer.
func wrap(server, op string, err error) error {
	if err == nil {
		return nil
	}
	var te *tintype.Error
	if errors.As(err, &te) {
		return err
	}
	cause := fmt.Errorf("redis %s: %s: %w", server, op, err)
	if errors.Is(err, context.Canceled) {
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: cause}
	}
	unavailable := isDown(err)
	switch code(err) {
	case "MISCONF", // a dump could not be written, and writes are refused until one can
		"OOM",                                     // maxmemory is reached and nothing may be evicted
		"READONLY",                                // a replica
		"MASTERDOWN",                              // a replica that does not serve what may be old
		"NOREPLICAS",                              // fewer replicas than it must have to be written to
		"BUSY",                                    // a script runs for too long
		"NOSCRIPT",                                // forgotten between loading and running
		"TRYAGAIN", "CLUSTERDOWN", "MOVED", "ASK", // somebody made a cluster of it
		"NOAUTH", "WRONGPASS", "NOPERM": // the operator's to put right; the site goes on meanwhile
		unavailable = true
	}
	if unavailable {
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "a part of the site is busy or down; please try again", RetryAfter: 1, Err: cause}
	}
	return &tintype.Error{Kind: tintype.Internal, Msg: "Redis error", Err: cause}
}
