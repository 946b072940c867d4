package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// DB is one physical database. Where the dialect has a Probe, a database that
// is down is known as such: what would use it errs at once until it answers again.
type DB struct {
	Name    string
	Dialect *Dialect

	read, write *sql.DB
	stmts       sync.Map // stmtKey → *prepared
	group       *groupWriter
	together    *together // nil without a Pipeline
	breaker     *breaker  // nil without a Probe
	replica     *replica  // nil for none
	onJobs      atomic.Pointer[func(queues []string)]
}

// New wraps open pools: read for queries outside transactions, write for
// transactions (the same pool, where the engine does not care). With
// GroupCommit write must be limited to one connection.
func New(name string, d *Dialect, read, write *sql.DB) *DB {
	db := &DB{Name: name, Dialect: d, read: read, write: write}
	if d.GroupCommit {
		db.group = newGroupWriter(db)
	}
	if d.Pipeline != nil {
		db.together = &together{db: db}
	}
	if d.Probe != nil {
		db.breaker = newBreaker(d.Probe)
	}
	return db
}

// WritePool is the pool that transactions use. The job runner shares it.
func (db *DB) WritePool() *sql.DB { return db.write }

// OnJobs sets a function to be called after each commit that inserted jobs,
// with the names of their queues. It must not block.
func (db *DB) OnJobs(f func(queues []string)) { db.onJobs.Store(&f) }

// Freeze makes every [Home.Write] err with why from now on, and returns when
// those that came before are through; nil lets writes in again. Only for an
// engine with GroupCommit: elsewhere other processes write, too.
func (db *DB) Freeze(ctx context.Context, why *tintype.Error) error {
	if db.group == nil {
		return tintype.Errorf(tintype.Internal, "database %s cannot be frozen by one process", db.Name)
	}
	db.group.freeze(why)
	if why == nil {
		return nil
	}
	// One after the other: what is asked for now comes after all that were let in.
	return db.group.send(ctx, &groupWrite{ctx: ctx, f: func(*Tx) error { return nil }, reply: make(chan error, 1)})
}

// Close waits for the write under way, refuses further ones and closes the pools.
func (db *DB) Close() error {
	if db.breaker != nil {
		db.breaker.close()
	}
	if db.group != nil {
		db.group.close()
	}
	if db.replica != nil {
		if err := db.replica.close(); err != nil {
			return errors.Join(err, db.read.Close(), db.write.Close())
		}
	}
	return errors.Join(db.read.Close(), db.write.Close())
}

// Ping checks that the database answers; one that is known to be down is not asked.
func (db *DB) Ping(ctx context.Context) error {
	return db.guard(ctx, "ping", db.read.PingContext)
}

// Passing reports whether an error of the driver may pass by itself: the disk is full, the database busy or not to be reached.
func (db *DB) Passing(err error) bool {
	switch db.Dialect.Classify(err) {
	case CodeFull, CodeBusy, CodeRetry, CodeDown:
		return true
	}
	return false
}

// Prepare runs f, without which the database cannot be used. If the database is
// down, the error is Unavailable, and f is run as soon as it is back, before
// anything else can use it.
func (db *DB) Prepare(ctx context.Context, f func(context.Context) error) error {
	err := db.wrap("prepare", f(ctx))
	if db.breaker != nil && tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil {
		db.breaker.trip(err, f)
	}
	return err
}

// Materialise makes the schemas of logical shards that are missing and brings all of them up to date.
func (db *DB) Materialise(ctx context.Context, shards []tintype.Shard) error {
	if db.Dialect.Materialise == nil {
		return nil
	}
	return db.wrap("materialise", db.Dialect.Materialise(ctx, shards, true))
}

// Upgrade brings those schemas of logical shards up to date that are there; one
// that is missing may have moved away a moment ago. See Prepare for a database that is down.
func (db *DB) Upgrade(ctx context.Context, shards []tintype.Shard) error {
	if db.Dialect.Materialise == nil {
		return nil
	}
	return db.Prepare(ctx, func(ctx context.Context) error { return db.Dialect.Materialise(ctx, shards, false) })
}

// Size is how many bytes the database takes on disk.
func (db *DB) Size(ctx context.Context) (int64, error) {
	n, err := db.Dialect.Size(ctx, db.read)
	return n, db.wrap("size", err)
}

// Ran gives how often each named statement ran since the DB was opened.
func (db *DB) Ran() map[string]int64 {
	m := map[string]int64{}
	db.stmts.Range(func(k, v any) bool {
		m[k.(stmtKey).stmt.Name] += v.(*prepared).ran.Load()
		return true
	})
	return m
}

type stmtKey struct {
	stmt   *Stmt
	schema string
	write  bool
}

// prepared is a statement for one schema: prepared by us, or only its text
// where the driver sees to that (Dialect.Unprepared).
type prepared struct {
	stmt *sql.Stmt
	text string
	ran  atomic.Int64
}

// prepare gives s prepared on the read pool; for transactions see prepareIn.
func (db *DB) prepare(ctx context.Context, s *Stmt, schema string) (*prepared, error) {
	k := stmtKey{s, schema, false}
	if p, ok := db.stmts.Load(k); ok {
		return p.(*prepared), nil
	}
	if db.Dialect.Unprepared {
		p, _ := db.stmts.LoadOrStore(k, &prepared{text: s.expand(db.Dialect, schema)})
		return p.(*prepared), nil
	}
	// Not the request's context: a cancelled request must not leave a half-prepared statement.
	st, err := db.read.PrepareContext(context.WithoutCancel(ctx), s.expand(db.Dialect, schema))
	if err != nil {
		return nil, err
	}
	p, loaded := db.stmts.LoadOrStore(k, &prepared{stmt: st})
	if loaded {
		st.Close()
	}
	return p.(*prepared), nil
}

// text gives s for a schema, as it is sent, and counts that it ran; only where statements are not prepared by us.
func (db *DB) text(s *Stmt, schema string) string {
	k := stmtKey{s, schema, false}
	v, ok := db.stmts.Load(k)
	if !ok {
		v, _ = db.stmts.LoadOrStore(k, &prepared{text: s.expand(db.Dialect, schema)})
	}
	p := v.(*prepared)
	p.ran.Add(1)
	return p.text
}

// bind turns our types into the driver's.
func (db *DB) bind(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case tintype.ID:
			out[i] = int64(v)
		case []tintype.ID:
			out[i] = db.Dialect.List(v)
		case Rows:
			out[i] = v.text()
		case time.Time:
			out[i] = Micros(v)
		case bool:
			if v {
				out[i] = int64(1)
			} else {
				out[i] = int64(0)
			}
		default:
			out[i] = a
		}
	}
	return out
}

// wrap translates a driver's error.
func (db *DB) wrap(name string, err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var te *tintype.Error
	if errors.As(err, &te) {
		return err
	}
	cause := fmt.Errorf("%s: %s: %w", db.Name, name, err)
	if errors.Is(err, errPatience) {
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the database is busy or down; please try again", RetryAfter: 1, Err: cause}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: cause}
	}
	switch db.Dialect.Classify(err) {
	case CodeUnique:
		return &tintype.Error{Kind: tintype.Conflict, Msg: "that is there already", Err: cause}
	case CodeBusy, CodeRetry, CodeDown:
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the database is busy or down; please try again", RetryAfter: 1, Err: cause}
	case CodeFull:
		return &tintype.Error{Kind: tintype.Full, Msg: "the site has no storage left", Err: cause}
	case CodeMoved:
		cause = &movedError{cause}
	}
	return &tintype.Error{Kind: tintype.Internal, Msg: "database error", Err: cause}
}

// Micros is t as it is stored: microseconds since 1970, 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros reverses [Micros].
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
