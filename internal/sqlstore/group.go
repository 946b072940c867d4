package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// maxGroup bounds how many writes share a commit, and so how long the first waits for the last.
const maxGroup = 256

// groupWriter runs the writes of a single-writer engine one after the other on
// one goroutine and commits those that wait together: one fsync for all. Each
// runs in a savepoint of its own, so one that errs takes no other with it.
type groupWriter struct {
	db   *DB
	ch   chan *groupWrite
	done chan struct{}

	mu     sync.RWMutex // held for writing to close; senders hold it for reading
	closed bool
	frozen *tintype.Error // why nothing is let in; nil lets writes in

	toPrepare []stmtKey // by the writer goroutine only
}

type groupWrite struct {
	ctx   context.Context
	home  Home
	f     func(*Tx) error
	reply chan error
	tx    *Tx
	err   error
	panic any
}

var errClosed = &tintype.Error{Kind: tintype.Unavailable, Msg: "the site is shutting down; please try again", RetryAfter: 2}

func newGroupWriter(db *DB) *groupWriter {
	g := &groupWriter{db: db, ch: make(chan *groupWrite, 4*maxGroup), done: make(chan struct{})}
	go g.loop()
	return g
}

func (g *groupWriter) close() {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		close(g.ch)
	}
	g.mu.Unlock()
	<-g.done
}

// do hands f over and waits for what becomes of it. If ctx ends before f's turn
// comes, f does not run; after that it no longer matters: what the caller does
// next (dropping caches, deleting files) must come after the commit, and must
// know whether there was one.
func (g *groupWriter) do(ctx context.Context, h Home, f func(*Tx) error) error {
	g.mu.RLock()
	if g.frozen != nil {
		g.mu.RUnlock()
		return g.frozen
	}
	return g.enter(ctx, &groupWrite{ctx: ctx, home: h, f: f, reply: make(chan error, 1)})
}

// freeze lets no more writes in than those that are in already; nil thaws.
func (g *groupWriter) freeze(why *tintype.Error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.frozen = why
}

// send is do for what is let in even where others are not.
func (g *groupWriter) send(ctx context.Context, w *groupWrite) error {
	g.mu.RLock()
	return g.enter(ctx, w)
}

// enter hands w over; it is called with g.mu held for reading, and lets go of it.
func (g *groupWriter) enter(ctx context.Context, w *groupWrite) error {
	if g.closed {
		g.mu.RUnlock()
		return errClosed
	}
	select {
	case g.ch <- w:
		g.mu.RUnlock()
	case <-ctx.Done():
		g.mu.RUnlock()
		return g.db.wrap("queue", ctx.Err())
	}
	err := <-w.reply
	if w.panic != nil {
		panic(w.panic)
	}
	return err
}

func (g *groupWriter) loop() {
	defer close(g.done)
	batch := make([]*groupWrite, 0, maxGroup)
	for w := range g.ch {
		batch = append(batch[:0], w)
	fill:
		for len(batch) < maxGroup {
			select {
			case w, ok := <-g.ch:
				if !ok {
					break fill
				}
				batch = append(batch, w)
			default:
				break fill
			}
		}
		g.commit(batch)
		g.db.prepareWanted(g.toPrepare)
		g.toPrepare = g.toPrepare[:0]
	}
}

// commit runs a batch. Only this goroutine's context-free calls touch the
// connection: a request that goes away must not abort its neighbours.
func (g *groupWriter) commit(batch []*groupWrite) {
	ctx := context.Background()
	tx, err := g.db.write.BeginTx(ctx, nil)
	if err != nil {
		g.fail(batch, g.db.wrap("begin", err))
		return
	}
	var jobs []placedJob
	for _, w := range batch {
		w.err = g.run(ctx, tx, w, len(batch) > 1)
		if errors.Is(w.err, errAbort) {
			tx.Rollback()
			g.fail(batch, w.err)
			return
		}
		if w.err == nil {
			jobs = append(jobs, w.tx.jobs...)
		}
	}
	if len(batch) == 1 && batch[0].err != nil {
		// Alone, a write has no savepoint: the transaction goes with it.
		tx.Rollback()
		batch[0].reply <- batch[0].err
		return
	}
	err = g.db.flushJobs(ctx, tx, jobs)
	if err == nil {
		err = g.db.Dialect.BeforeCommit(ctx, tx)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		tx.Rollback()
		g.fail(batch, g.db.wrap("commit", err))
		return
	}
	for _, w := range batch {
		if w.err == nil {
			for _, f := range w.tx.after {
				f()
			}
		}
		w.reply <- w.err
	}
	g.db.wake(jobs)
}

// errAbort marks that the whole transaction is lost, not just one write's part.
var errAbort = errors.New("transaction aborted")

func (g *groupWriter) run(ctx context.Context, tx *sql.Tx, w *groupWrite, savepoint bool) (err error) {
	if err := w.ctx.Err(); err != nil {
		return g.db.wrap("queue", err)
	}
	if savepoint {
		if _, err := tx.ExecContext(ctx, "SAVEPOINT w"); err != nil {
			return fmt.Errorf("%w: %w", errAbort, err)
		}
	}
	w.tx = &Tx{Home: w.home, tx: tx}
	err = g.call(w)
	g.toPrepare = append(g.toPrepare, w.tx.wanted...)
	if !savepoint {
		return err
	}
	end := "RELEASE w"
	if err != nil {
		end = "ROLLBACK TO w; RELEASE w"
	}
	if _, e := tx.ExecContext(ctx, end); e != nil {
		return fmt.Errorf("%w: %w", errAbort, e)
	}
	return err
}

// call runs the write's function; its panic is carried to the caller's goroutine.
func (g *groupWriter) call(w *groupWrite) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.panic = p
			err = fmt.Errorf("panic in a write: %v", p)
		}
	}()
	return w.f(w.tx)
}

func (g *groupWriter) fail(batch []*groupWrite, err error) {
	for _, w := range batch {
		w.reply <- g.db.wrap("commit", err)
	}
}
