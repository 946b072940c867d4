package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

const (
	maxKey     = 200       // bytes of an Idempotency-Key
	maxAnswer  = 64 << 10  // bytes of an answer that is remembered
	maxAnswers = 4096      // answers in memory
	maxMemory  = 16 << 20  // bytes of them all
	answerLife = time.Hour // in memory; rows in the database live for a day
)

// once runs a POST that carries an Idempotency-Key: the first time for real,
// later by repeating the answer. What is remembered in memory guards against
// retries while this process lives; the database, or the rule itself in its
// own transaction, guards those that must never happen twice.
func (a *API) once(c *call, key string) error {
	if len(key) > maxKey || !isGraphic(key) {
		return &tintype.Error{Kind: tintype.Invalid, Msg: "an Idempotency-Key has at most 200 visible ASCII characters"}
	}
	o, err := c.onceOf(key)
	if err != nil {
		return err
	}
	done, err := a.memory.claim(o)
	if err == nil && done == nil && c.route.Repeat == Recorded {
		var found bool
		var status int
		var body string
		if status, body, found, err = a.cfg.Answers.Result(c.r.Context(), o.once); err != nil {
			a.memory.settle(o, nil)
		} else if found {
			done = &remembered{status: status, body: []byte(body)}
			a.memory.settle(o, done)
		}
	}
	if err != nil {
		return err
	}
	if done != nil {
		h := c.w.Header()
		h.Set("Idempotency-Replayed", "true")
		if done.cookie != nil {
			h["Set-Cookie"] = done.cookie
		}
		c.send(done.status, append(c.begin(), done.body...))
		return nil
	}

	var keep *remembered
	defer func() { a.memory.settle(o, keep) }() // nil after an error or a panic: the same key may try again
	c.key = key
	c.keep = &remembered{}
	if err := c.route.handle(a, c); err != nil {
		return err
	}
	if c.keep.status == 0 || len(c.keep.body) > maxAnswer {
		return nil
	}
	keep = c.keep
	keep.cookie = c.w.Header()["Set-Cookie"]
	if c.route.Repeat == Recorded {
		// The caller may be gone; what was done stays done.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.r.Context()), 5*time.Second)
		defer cancel()
		if err := a.cfg.Answers.Keep(ctx, o.once, keep.status, string(keep.body)); err != nil {
			a.cfg.Log.WarnContext(ctx, "an idempotent answer was not kept", "error", err)
		}
	}
	return nil
}

// remembered is an answer worth repeating.
type remembered struct {
	status int
	body   []byte
	cookie []string // in memory only
}

// onceKey names a request in memory: whose it is, its key and what it asks for.
type onceKey struct {
	once tintype.Once
	who  [32]byte
	what [32]byte
}

// onceOf hashes who asks and what for. The body of a file is not part of it: it
// is far too large to be read twice, so its length must do.
func (c *call) onceOf(key string) (onceKey, error) {
	h := sha256.New()
	fmt.Fprint(h, c.route.Method+" "+c.r.URL.EscapedPath()+"\n")
	switch {
	case c.form != nil:
		form := c.form
		delete(form, "access_token")
		fmt.Fprint(h, form.Encode())
	case c.route.Body == fileBody:
		fmt.Fprint(h, c.r.ContentLength)
	default:
		body, err := io.ReadAll(c.r.Body)
		if err != nil {
			return onceKey{}, bodyError(err)
		}
		h.Write(body)
		c.r.Body = io.NopCloser(bytes.NewReader(body))
	}
	var o onceKey
	h.Sum(o.what[:0])
	w := sha256.New()
	if v := c.viewer(); v != 0 {
		fmt.Fprint(w, v.String())
	} else {
		fmt.Fprint(w, addressKey(c.addr))
	}
	fmt.Fprint(w, "\n"+c.route.Pattern+"\n"+key)
	w.Sum(o.who[:0])
	o.once = tintype.Once{UserID: c.viewer(), Key: o.who[:], Request: o.what[:]}
	return o, nil
}

func isGraphic(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// memoryAnswers remembers answers for an hour, as many as fit.
type memoryAnswers struct {
	clock tintype.Clock
	mu    sync.Mutex
	m     map[[32]byte]*memoryAnswer
	order [][32]byte // of those that are answered, oldest first; may name what is gone
	bytes int        // of the answers
}

type memoryAnswer struct {
	what [32]byte
	at   time.Time
	done *remembered // nil while it is being worked on
}

func newMemoryAnswers(clock tintype.Clock) *memoryAnswers {
	return &memoryAnswers{clock: clock, m: map[[32]byte]*memoryAnswer{}}
}

var (
	errInFlight = &tintype.Error{Kind: tintype.Conflict, Msg: "the same request is being worked on; please wait for its answer"}
	errReused   = &tintype.Error{Kind: tintype.Conflict, Msg: "this Idempotency-Key was used for another request; please use a new one"}
)

// claim gives the answer of a request that was answered, or takes it on.
func (m *memoryAnswers) claim(o onceKey) (*remembered, error) {
	now := m.clock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.m[o.who]; e != nil && now.Sub(e.at) < answerLife {
		switch {
		case e.what != o.what:
			return nil, errReused
		case e.done == nil:
			return nil, errInFlight
		}
		return e.done, nil
	}
	m.drop(o.who)
	m.m[o.who] = &memoryAnswer{what: o.what, at: now}
	return nil, nil
}

// drop forgets an answer or a claim; the lock is held.
func (m *memoryAnswers) drop(who [32]byte) {
	if e := m.m[who]; e != nil {
		if e.done != nil {
			m.bytes -= len(e.done.body)
		}
		delete(m.m, who)
	}
}

// settle keeps an answer, or with nil forgets the claim.
func (m *memoryAnswers) settle(o onceKey, keep *remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.m[o.who]
	if keep == nil || e == nil {
		m.drop(o.who)
		return
	}
	e.done = keep
	m.bytes += len(keep.body)
	m.order = append(m.order, o.who)
	for len(m.order) > maxAnswers || m.bytes > maxMemory {
		oldest := m.order[0]
		m.order = m.order[1:]
		if e := m.m[oldest]; e != nil && e.done != nil { // else it is being worked on anew
			m.drop(oldest)
		}
	}
}
