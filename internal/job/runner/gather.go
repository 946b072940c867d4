package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"
)

// gatherer lets jobs of one kind that are taken up at about the same time share
// one call of the handler. Where each write commits by itself, its work is a job
// of one item; done one by one, each costs a round of statements for which a
// hundred could have gone along.
type gatherer struct {
	handle Handler
	most   int // items of one call, unless a single job has more

	mu      sync.Mutex
	waiting []*gathered
	calls   int // under way
}

// gatherCalls is how many calls of one kind are under way at a time: few, so that what comes meanwhile gathers.
const gatherCalls = 2

// gathered is one job that waits for its call.
type gathered struct {
	ctx   context.Context
	items []json.RawMessage
	done  chan outcome
}

// outcome is what became of a call.
type outcome struct {
	err    error
	shared bool // with other jobs, whose fault it may be
}

// do has items handled, perhaps with those of other jobs.
func (g *gatherer) do(ctx context.Context, items []json.RawMessage) outcome {
	w := &gathered{ctx, items, make(chan outcome, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, w)
	if g.calls < gatherCalls {
		g.calls++
		go g.work()
	}
	g.mu.Unlock()
	select {
	case o := <-w.done:
		return o
	case <-ctx.Done():
		return outcome{err: ctx.Err()}
	}
}

// work makes calls until nobody waits.
func (g *gatherer) work() {
	for {
		together, items := g.take()
		if len(together) == 0 {
			return
		}
		err := g.call(together[0].ctx, items)
		for _, w := range together {
			w.done <- outcome{err, len(together) > 1}
		}
	}
}

// take gives those whose turn it is, in the order in which they came.
func (g *gatherer) take() (together []*gathered, items []json.RawMessage) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for _, w := range g.waiting {
		if len(together) > 0 && len(items)+len(w.items) > g.most {
			break
		}
		n++
		if w.ctx.Err() == nil { // else it has given up
			together, items = append(together, w), append(items, w.items...)
		}
	}
	g.waiting = append(g.waiting[:0], g.waiting[n:]...)
	if len(together) == 0 {
		g.calls--
	}
	return together, items
}

func (g *gatherer) call(ctx context.Context, items []json.RawMessage) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return g.handle(ctx, items)
}
