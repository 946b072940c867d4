package sqlstore

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// How replicas are watched. A replica that is further behind than maxBehind is
// not asked; what a user changed longer than rememberWrites ago is on every
// replica that is.
const (
	watchEvery     = 150 * time.Millisecond
	watchFor       = 5 * time.Second // after it was last wanted
	watchPatience  = time.Second     // for one answer
	maxBehind      = 10 * time.Second
	maxUnheard     = time.Second // since it was last asked how far it is
	rememberWrites = 3 * maxBehind
)

// Old gives what answers a read for reader that may be a moment old: a replica
// of the home's database, if there is one that is alive, not far behind, and has
// all that reader changed; else the home itself. Reads that decide who may see
// something, that must not miss what is unique, or that fill what others read
// from (a cache, a timeline) never go there. A reader of 0 is nobody, who
// changed nothing.
func (h Home) Old(ctx context.Context, reader tintype.ID) Querier {
	r := h.DB.replica
	if r == nil {
		return h
	}
	replayed, ok := r.position()
	if !ok {
		return h
	}
	if reader != 0 {
		need, err := r.writes.need(ctx, h, reader)
		if err != nil || replayed < need {
			return h
		}
	}
	return oldHome{h, r}
}

// forPage is Old for a page that may be old, else the home itself.
func (h Home) forPage(ctx context.Context, page tintype.Page) Querier {
	if !page.Old {
		return h
	}
	return h.Old(ctx, page.Reader)
}

// oldHome is a home as a replica has it.
type oldHome struct {
	Home
	r *replica
}

// Query implements Querier. A replica that fails before the first row is no
// failure: the primary is asked.
func (o oldHome) Query(ctx context.Context, s *Stmt, scan func(Scan) error, args ...any) error {
	rows := 0
	err := o.r.query(ctx, o.Home, s, func(sc Scan) error { rows++; return scan(sc) }, args)
	if err == nil {
		o.r.served.Add(1)
		return nil
	}
	if rows > 0 || ctx.Err() != nil {
		return err
	}
	o.r.failed()
	return o.Home.Query(ctx, s, scan, args...)
}

// QueryRow implements Querier.
func (o oldHome) QueryRow(ctx context.Context, s *Stmt, dest []any, args ...any) (bool, error) {
	return queryRow(ctx, o, s, dest, args)
}

// replica is a streaming replica of a database. While it is wanted a goroutine
// asks it how far it is.
type replica struct {
	db     *DB
	pool   *sql.DB
	writes *Writes
	served atomic.Int64

	wanted atomic.Int64 // when it last was, Unix nanoseconds
	at     atomic.Pointer[replayed]

	mu       sync.Mutex
	watching bool
	stop     context.CancelFunc
	ctx      context.Context
	done     sync.WaitGroup
}

// replayed is how far a replica was at an instant.
type replayed struct {
	position int64
	at       time.Time
}

// UseReplica has reads that may be old (see Home.Old) answered by a streaming
// replica of the database, whose pool is closed with the DB. It must be called
// before the DB is used.
func (db *DB) UseReplica(pool *sql.DB, w *Writes) {
	ctx, cancel := context.WithCancel(context.Background())
	db.replica = &replica{db: db, pool: pool, writes: w, stop: cancel, ctx: ctx}
}

// ReplicaReads counts the reads that a replica answered.
func (db *DB) ReplicaReads() int64 {
	if db.replica == nil {
		return 0
	}
	return db.replica.served.Load()
}

func (r *replica) close() error {
	r.mu.Lock()
	r.stop()
	r.mu.Unlock()
	r.done.Wait()
	return r.pool.Close()
}

// position gives how far the replica is; ok is false if it cannot be used, or
// it is not known yet.
func (r *replica) position() (int64, bool) {
	now := time.Now()
	r.wanted.Store(now.UnixNano())
	if p := r.at.Load(); p != nil && now.Sub(p.at) < maxUnheard {
		return p.position, true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.watching && r.ctx.Err() == nil {
		r.watching = true
		r.done.Go(r.watch)
	}
	return 0, false
}

// failed has the replica left alone until it answers again.
func (r *replica) failed() { r.at.Store(nil) }

func (r *replica) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		r.ask()
		select {
		case <-r.ctx.Done():
			return
		case <-tick.C:
		}
		r.mu.Lock()
		if time.Since(time.Unix(0, r.wanted.Load())) > watchFor {
			r.watching = false
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
	}
}

func (r *replica) ask() {
	ctx, cancel := context.WithTimeout(r.ctx, watchPatience)
	defer cancel()
	asked := time.Now()
	position, behind, err := r.db.Dialect.Replayed(ctx, r.pool)
	if err != nil || behind > maxBehind {
		r.at.Store(nil)
		return
	}
	r.at.Store(&replayed{position, asked})
}

func (r *replica) query(ctx context.Context, h Home, s *Stmt, scan func(Scan) error, args []any) error {
	p, err := h.DB.prepare(ctx, s, h.Schema)
	if err != nil {
		return h.DB.wrap(s.Name, err)
	}
	p.ran.Add(1)
	if d := h.DB.Dialect.Patience; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d/2) // the primary is still to be asked
		defer cancel()
	}
	rows, err := r.pool.QueryContext(ctx, p.text, h.DB.bind(args)...)
	return h.DB.scan(s, rows, err, scan)
}
