package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Tx is a write transaction on one home. It is good only inside the function
// that [Home.Write] calls.
type Tx struct {
	Home   Home
	ctx    context.Context // of its statements, where a write has a time limit
	tx     *sql.Tx
	jobs   []placedJob
	after  []func()
	wanted []stmtKey // statements to be prepared on the pool afterwards
}

// own gives the context that a statement of t runs under. Where several writes
// share a transaction, none may be interrupted because its caller went away:
// SQLite would roll back all of them. Where a write has its time, so have its
// statements, whatever context the caller closed over.
func (t *Tx) own(ctx context.Context) context.Context {
	switch {
	case t.Home.DB.group != nil && ctx.Done() != nil:
		return context.WithoutCancel(ctx)
	case t.ctx != nil:
		return t.ctx
	}
	return ctx
}

// Query implements Querier.
func (t *Tx) Query(ctx context.Context, s *Stmt, scan func(Scan) error, args ...any) error {
	ctx = t.own(ctx)
	st, text, err := t.stmt(ctx, s)
	if err != nil {
		return err
	}
	db := t.Home.DB
	var rows *sql.Rows
	if st != nil {
		rows, err = st.QueryContext(ctx, db.bind(args)...)
	} else {
		rows, err = t.tx.QueryContext(ctx, text, db.bind(args)...)
	}
	return db.scan(s, rows, err, scan)
}

// QueryRow implements Querier.
func (t *Tx) QueryRow(ctx context.Context, s *Stmt, dest []any, args ...any) (bool, error) {
	return queryRow(ctx, t, s, dest, args)
}

// Exec runs s and gives the number of rows it changed.
func (t *Tx) Exec(ctx context.Context, s *Stmt, args ...any) (int64, error) {
	ctx = t.own(ctx)
	st, text, err := t.stmt(ctx, s)
	if err != nil {
		return 0, err
	}
	db := t.Home.DB
	var res sql.Result
	if st != nil {
		res, err = st.ExecContext(ctx, db.bind(args)...)
	} else {
		res, err = t.tx.ExecContext(ctx, text, db.bind(args)...)
	}
	if err != nil {
		return 0, db.wrap(s.Name, err)
	}
	n, err := res.RowsAffected()
	return n, db.wrap(s.Name, err)
}

// NextID mints an ID on a logical shard of this home.
func (t *Tx) NextID(ctx context.Context, shard tintype.Shard) (tintype.ID, error) {
	id, err := t.Home.DB.Dialect.NextID(t.own(ctx), t.tx, t.Home.Schema, shard)
	return id, t.Home.DB.wrap("next_id", err)
}

// Enqueue adds work that is to be done if, and only if, this transaction commits.
func (t *Tx) Enqueue(j job.Insert) { t.jobs = append(t.jobs, placedJob{t.Home, j}) }

// AfterCommit calls f once the transaction is durable.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

// stmt gives s to be run in t: prepared, or as text where st is nil.
func (t *Tx) stmt(ctx context.Context, s *Stmt) (st *sql.Stmt, text string, err error) {
	db := t.Home.DB
	if db.Dialect.Unprepared {
		p, err := db.prepare(ctx, s, t.Home.Schema)
		if err != nil {
			return nil, "", db.wrap(s.Name, err)
		}
		p.ran.Add(1)
		return nil, p.text, nil
	}
	st, wanted, err := db.prepareIn(ctx, t.tx, s, t.Home.Schema)
	if err != nil {
		return nil, "", db.wrap(s.Name, err)
	}
	if wanted {
		t.wanted = append(t.wanted, stmtKey{s, t.Home.Schema, true})
	}
	return st, "", nil
}

// prepareIn gives s bound to tx. The first time, it is prepared through the
// transaction, not on the pool: that would take another connection while this
// one is held, and wait for ever where there is only one (GroupCommit), or where
// all others are held by transactions that wait for a lock of this one. wanted
// says that it is to be prepared on the pool once the transaction is over.
func (db *DB) prepareIn(ctx context.Context, tx *sql.Tx, s *Stmt, schema string) (st *sql.Stmt, wanted bool, err error) {
	v, _ := db.stmts.LoadOrStore(stmtKey{s, schema, true}, &prepared{})
	p := v.(*prepared)
	p.ran.Add(1)
	if p.stmt != nil {
		return tx.StmtContext(ctx, p.stmt), false, nil
	}
	st, err = tx.PrepareContext(ctx, s.expand(db.Dialect, schema))
	return st, err == nil, err
}

// prepareWanted prepares on the write pool what transactions met for the first time.
func (db *DB) prepareWanted(keys []stmtKey) {
	for _, k := range keys {
		v, _ := db.stmts.Load(k)
		old := v.(*prepared)
		if old.stmt != nil {
			continue
		}
		st, err := db.write.PrepareContext(context.Background(), k.stmt.expand(db.Dialect, k.schema))
		if err != nil {
			continue // the next transaction to use it asks again
		}
		p := &prepared{stmt: st}
		p.ran.Store(old.ran.Load())
		if !db.stmts.CompareAndSwap(k, old, p) {
			st.Close()
		}
	}
}

// writeAlone is one transaction for one write, tried again a few times when
// the engine says that it lost a race.
func (db *DB) writeAlone(ctx context.Context, h Home, f func(*Tx) error) error {
	var done *Tx
	err := db.guard(ctx, "commit", func(ctx context.Context) error {
		for try := 0; ; try++ {
			t := &Tx{Home: h}
			if db.Dialect.Patience > 0 {
				t.ctx = ctx
			}
			err := db.runAlone(ctx, t, f)
			db.prepareWanted(t.wanted) // not before: it takes a connection of its own
			if err == nil {
				done = t
				return nil
			}
			if try == 4 || db.Dialect.Classify(err) != CodeRetry {
				return db.wrap("commit", err)
			}
			select {
			case <-ctx.Done():
				return db.wrap("commit", ctx.Err())
			case <-time.After(time.Duration(1+rand.IntN(10<<try)) * time.Millisecond):
			}
		}
	})
	if err != nil {
		return err
	}
	for _, g := range done.after {
		g()
	}
	db.wake(done.jobs)
	return nil
}

// commitFor is how long after the end of a write's time its COMMIT may take.
const commitFor = 500 * time.Millisecond

// runAlone runs f in a transaction of its own.
func (db *DB) runAlone(ctx context.Context, t *Tx, f func(*Tx) error) error {
	return db.transact(ctx, func(_ *sql.Conn, tx *sql.Tx) ([]placedJob, error) {
		t.tx = tx
		err := f(t)
		return t.jobs, err
	})
}

// transact runs f on a connection of its own, inserts the jobs that it gives, and commits. Waiting for a
// connection ends with ctx, and so do the statements; the transaction does not: a COMMIT that is on its way must be
// heard to its end, or the caller would drop caches before it. Only where a
// write has its time does that end the COMMIT too: the database is dead then.
func (db *DB) transact(ctx context.Context, f func(*sql.Conn, *sql.Tx) ([]placedJob, error)) error {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return db.wrap("begin", err)
	}
	defer conn.Close()
	whole := context.WithoutCancel(ctx)
	if limit, ok := db.limit(ctx); ok {
		var cancel context.CancelFunc
		whole, cancel = context.WithTimeoutCause(whole, time.Until(limit)+commitFor, errPatience)
		defer cancel()
	}
	tx, err := conn.BeginTx(whole, nil)
	if err != nil {
		return db.wrap("begin", err)
	}
	defer tx.Rollback() // after a commit it does nothing; after a panic it frees the connection
	jobs, err := f(conn, tx)
	if err != nil {
		return err
	}
	if err := db.flushJobs(ctx, tx, jobs); err != nil {
		return err
	}
	if db.Dialect.BeforeCommit != nil {
		if err := db.Dialect.BeforeCommit(ctx, tx); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// placedJob is a job and the home whose write caused it.
type placedJob struct {
	home Home
	job.Insert
}

// flushJobs merges items of one kind and home into rows and inserts them at once.
// Where a schema is one shard's, they are marked as that shard's.
func (db *DB) flushJobs(ctx context.Context, tx *sql.Tx, jobs []placedJob) error {
	if len(jobs) == 0 {
		return nil
	}
	type open struct {
		kind  string
		after int64
		shard int
	}
	var rows []JobRow
	args := make([]job.Args, 0, 4)
	last := map[open]int{}
	for _, j := range jobs {
		item, err := json.Marshal(j.Item)
		if err != nil {
			return err
		}
		shard := -1
		if j.home.Schema != "" && j.home.Schema != db.Dialect.DirectorySchema {
			shard = int(j.home.Shard)
		}
		k := open{j.Kind.Name, Micros(j.NotBefore), shard}
		i, ok := last[k]
		if !ok || len(args[i].Items) >= j.Kind.Merge {
			i = len(rows)
			last[k] = i
			rows = append(rows, JobRow{Kind: j.Kind, NotBefore: k.after, Shard: shard})
			args = append(args, job.Args{})
		}
		args[i].Items = append(args[i].Items, item)
	}
	for i := range rows {
		b, err := json.Marshal(args[i])
		if err != nil {
			return err
		}
		rows[i].Args = b
	}
	return db.Dialect.InsertJobs(ctx, tx, rows)
}

// wake tells the workers that there is something in these queues.
func (db *DB) wake(jobs []placedJob) {
	f := db.onJobs.Load()
	if f == nil || len(jobs) == 0 {
		return
	}
	var queues []string
next:
	for _, j := range jobs {
		for _, q := range queues {
			if q == string(j.Kind.Queue) {
				continue next
			}
		}
		queues = append(queues, string(j.Kind.Queue))
	}
	(*f)(queues)
}
