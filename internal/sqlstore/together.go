package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Ask is one statement of several that are sent at once.
type Ask struct {
	Text string
	Args []any
	Row  func(Scan) error // for each row that comes back
}

const (
	togetherMost = 64 // deeds of one transaction

	// togetherLock is how long such a transaction waits for a lock. It is short: the
	// lock may be the fence of one shard that moves, and users of others wait along.
	togetherLock = "100ms"
)

// together lets small writes that come at about the same time share a transaction,
// whichever logical shards of a database they belong to: one commit, which has
// to reach the disk here and on the standby, for all of them, and a handful of round trips.
// It is for engines where each write would have a connection of its own; others gather by themselves (groupWriter).
type together struct {
	db *DB

	mu      sync.Mutex
	waiting []*likeDeed
	busy    bool // a transaction is under way: one at a time, so that what comes meanwhile gathers
}

// likeDeed is a like, or the end of one.
type likeDeed struct {
	ctx               context.Context
	home              Home
	user, post, owner tintype.ID
	on                bool

	op   tintype.ID // of the change; 0 if it was so already
	err  error
	done chan struct{}
}

// do has d done, and waits for it: once its turn has come it no longer matters
// whether the caller goes away (see groupWriter.do).
func (t *together) do(d *likeDeed) (tintype.ID, error) {
	d.done = make(chan struct{})
	t.mu.Lock()
	t.waiting = append(t.waiting, d)
	if !t.busy {
		t.busy = true
		go t.work()
	}
	t.mu.Unlock()
	<-d.done
	return d.op, d.err
}

func (t *together) work() {
	for {
		deeds := t.take()
		if len(deeds) == 0 {
			return
		}
		t.commit(deeds)
	}
}

// take gives those whose turn it is, at most one for each user and post, in the
// order of their rows: that is how they are locked, so two such transactions never wait for each other.
func (t *together) take() []*likeDeed {
	t.mu.Lock()
	defer t.mu.Unlock()
	var deeds, later []*likeDeed
	taken := make(map[pair]bool, len(t.waiting))
	for _, d := range t.waiting {
		p := pair{d.user, d.post}
		switch {
		case d.ctx.Err() != nil:
			d.err = t.db.wrap("queue", d.ctx.Err())
			close(d.done)
		case len(deeds) == togetherMost || taken[p]:
			later = append(later, d)
		default:
			taken[p] = true
			deeds = append(deeds, d)
		}
	}
	t.waiting = later
	t.busy = len(deeds) > 0
	slices.SortFunc(deeds, func(a, b *likeDeed) int {
		return cmp.Or(cmp.Compare(a.home.Schema, b.home.Schema), cmp.Compare(a.state(), b.state()), cmp.Compare(a.user, b.user), cmp.Compare(a.post, b.post))
	})
	return deeds
}

// commit does deeds in one transaction, and where that fails for a reason that
// may be one deed's, each in its own; those are not waited for.
func (t *together) commit(deeds []*likeDeed) {
	err := t.db.guard(context.Background(), "commit", func(ctx context.Context) error { return t.run(ctx, deeds) })
	if err == nil || !t.apart(err) {
		for _, d := range deeds {
			if d.err = err; err != nil {
				d.op = 0
			}
			close(d.done)
		}
		return
	}
	for _, d := range deeds {
		go func() {
			ctx := context.WithoutCancel(d.ctx)
			d.err = d.home.Write(ctx, func(tx *Tx) error { return likeOne(ctx, tx, d) })
			close(d.done)
		}()
	}
}

// apart tells whether it may go better one by one: a shard has moved, is locked
// while it moves, its rows are damaged, or a race was lost. A database that is down is down for each.
func (t *together) apart(err error) bool {
	if isMoved(err) {
		return true
	}
	switch t.db.Dialect.Classify(err) {
	case CodeDown, CodeFull:
		return false
	}
	return !errors.Is(err, errPatience)
}

// run is the transaction.
func (t *together) run(ctx context.Context, deeds []*likeDeed) error {
	var jobs []placedJob
	err := t.db.transact(ctx, func(conn *sql.Conn, _ *sql.Tx) ([]placedJob, error) {
		asks := []Ask{{Text: "SELECT set_config('lock_timeout', $1, true)", Args: []any{togetherLock}}}
		for part := range parts(deeds) {
			asks = append(asks, part.ask(ctx, t.db))
		}
		if err := t.db.Dialect.Pipeline(ctx, conn, asks); err != nil {
			return nil, err
		}
		for _, d := range deeds {
			if d.op != 0 {
				jobs = append(jobs, placedJob{d.home, d.job()})
			}
		}
		return jobs, nil
	})
	if err != nil {
		return err
	}
	t.db.wake(jobs)
	return nil
}

// parts cuts sorted deeds where the home or the statement changes.
func parts(deeds []*likeDeed) func(func(likePart) bool) {
	return func(yield func(likePart) bool) {
		for len(deeds) > 0 {
			n := 1
			for n < len(deeds) && deeds[n].home.Schema == deeds[0].home.Schema && deeds[n].on == deeds[0].on {
				n++
			}
			if !yield(likePart(deeds[:n])) {
				return
			}
			deeds = deeds[n:]
		}
	}
}

// likePart is deeds of one home and one kind.
type likePart []*likeDeed

// stmt is what does them, and rows its argument.
func (p likePart) stmt() (*Stmt, Rows) {
	rows := make(Rows, len(p))
	for i, d := range p {
		rows[i] = []int64{int64(d.user), int64(d.post), int64(d.op)}
		d.op = 0
	}
	if p[0].on {
		return stmtLike, rows
	}
	return stmtUnlike, rows
}

// changed takes a row of what changed.
func (p likePart) changed(scan Scan) error {
	var user, post, op int64
	if err := scan(&user, &post, &op); err != nil {
		return err
	}
	for _, d := range p {
		if int64(d.user) == user && int64(d.post) == post {
			d.op = tintype.ID(op)
		}
	}
	return nil
}

func (p likePart) ask(ctx context.Context, db *DB) Ask {
	s, rows := p.stmt()
	text := db.text(s, p[0].home.Schema)
	return Ask{Text: text, Args: db.bind([]any{rows}), Row: p.changed}
}

// state is what the edge comes to.
func (d *likeDeed) state() int {
	if d.on {
		return tintype.EdgeThere
	}
	return tintype.EdgeGone
}

// job brings the change to the post's side.
func (d *likeDeed) job() job.Insert {
	return job.Insert{Kind: job.EdgeKind, Item: job.Edge{Type: job.EdgeLike, User: d.user, Target: d.owner, Post: d.post, Op: d.op, State: d.state()}}
}

// likeOne does d in a transaction of its own, or of a group of writes.
func likeOne(ctx context.Context, tx *Tx, d *likeDeed) error {
	d.op = 0
	if tx.Home.DB.Dialect.Mint == "" {
		id, err := tx.NextID(ctx, d.user.Shard())
		if err != nil {
			return err
		}
		d.op = id
	}
	p := likePart{d}
	s, rows := p.stmt()
	if err := tx.Query(ctx, s, p.changed, rows); err != nil {
		return err
	}
	if d.op != 0 {
		tx.Enqueue(d.job())
	}
	return nil
}
