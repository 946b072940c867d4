package move

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// State says what a move is about to do, or in the middle of.
type State string

// The states in their order. Up to fencing a move can be cancelled.
const (
	Copying   State = "copying"     // the target's schema is made and filled; repeated from its beginning
	Catching  State = "catching up" // the target gets what was written since, and is compared once
	Fencing   State = "fencing"     // writes wait, the source's schema is renamed, the map changes
	Verifying State = "verifying"   // the target is the home; jobs follow; the copies are compared
	Dropping  State = "dropping"    // the old copy goes
	Done      State = "done"
	Cancelled State = "cancelled"
)

// Progress is how far a move is.
type Progress struct {
	Shard       tintype.Shard
	State       State
	What        string // in words
	Done, Total int64  // bytes; Total is 0 where nothing can be counted
}

// Result is what a move did.
type Result struct {
	Shard tintype.Shard
	From  string
	To    string
	Rows  int64 // compared after the change of the map; 0 if that was done in another way
	Jobs  int   // that followed
	// Pause is from the last lock to the change of the map: no write of the shard was possible. 0 if
	// it happened in a program that died.
	Pause time.Duration
	// Locked is the same from the first lock that was asked for: the longest that a write had to wait for this move.
	Locked time.Duration
	Fences int // tries at the fence, the rehearsal included
	Took   time.Duration
}

// task is a move under way in this process.
type task struct {
	*Mover
	id             int64
	shard          tintype.Shard
	source, target *place
	state          State
	lock           *sql.Conn // of the directory; it holds the lock on the shard
	watch          func(Progress)
	tables         []table
	order          []string  // in which the fence locks; see lockAll
	before         *snapshot // of the target at the fence; nil after a restart
	unverified     bool
	result         Result
}

// Options steer a move.
type Options struct {
	Watch func(Progress) // called often, from the goroutine of the move; nil for nobody
	// Unverified lets a resumed move drop an old copy that could not be compared exactly and has
	// rows whose keys are not at the new home.
	Unverified bool
}

// Move moves a shard to another database.
func (m *Mover) Move(ctx context.Context, s tintype.Shard, target string, o Options) (Result, error) {
	to, err := m.place(target)
	if err != nil {
		return Result{}, err
	}
	t, err := m.take(ctx, s, o)
	if err != nil {
		return Result{}, err
	}
	defer t.release()
	if t.id != 0 {
		return Result{}, tintype.Errorf(tintype.Conflict, "shard %d is being moved from %s to %s already (%s): resume that move with --resume, or end it with --cancel", s, t.source.Name, t.target.Name, t.state)
	}
	from, err := m.home(ctx, s)
	if err != nil {
		return Result{}, err
	}
	if from == to {
		return Result{}, tintype.Errorf(tintype.Conflict, "shard %d is on %s already", s, target)
	}
	t.source, t.target, t.state = from, to, Copying
	if err := t.check(ctx); err != nil {
		return Result{}, err
	}
	now := m.now()
	if err := t.lock.QueryRowContext(ctx, `INSERT INTO directory.shard_moves (id, shard, source, target, state, note, started, changed, flipped, finished)
		SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, '', $5, $5, 0, 0 FROM directory.shard_moves RETURNING id`,
		int64(s), from.Name, to.Name, string(Copying), now).Scan(&t.id); err != nil {
		return Result{}, failed(m.directory(), "writing down the move", err)
	}
	return t.run(ctx)
}

// Resume goes on with a move whose program ended.
func (m *Mover) Resume(ctx context.Context, s tintype.Shard, o Options) (Result, error) {
	t, err := m.take(ctx, s, o)
	if err != nil {
		return Result{}, err
	}
	defer t.release()
	if t.id == 0 {
		return Result{}, tintype.Errorf(tintype.NotFound, "shard %d is not being moved", s)
	}
	return t.run(ctx)
}

// Cancel ends a move whose map has not changed yet, and leaves nothing of it.
func (m *Mover) Cancel(ctx context.Context, s tintype.Shard) error {
	t, err := m.take(ctx, s, Options{})
	if err != nil {
		return err
	}
	defer t.release()
	if t.id == 0 {
		return tintype.Errorf(tintype.NotFound, "shard %d is not being moved", s)
	}
	home, err := m.home(ctx, s)
	if err != nil {
		return err
	}
	if home == t.target {
		return tintype.Errorf(tintype.Conflict, "shard %d is on %s already: let the move end with --resume, then move it back", s, t.target.Name)
	}
	if err := t.unrename(ctx); err != nil {
		return failed(t.source, "giving the schema its name back", err)
	}
	m.at("cancel: name back")
	if err := t.clear(ctx); err != nil {
		return err
	}
	return t.enter(ctx, Cancelled)
}

// lockClass tells our advisory locks of moves from others'; 20100101 is next_id()'s.
const lockClass = 20100102

// take locks the shard against other movers and reads its open move, if there is one.
func (m *Mover) take(ctx context.Context, s tintype.Shard, o Options) (*task, error) {
	lock, err := m.directory().db.Conn(ctx)
	if err != nil {
		return nil, failed(m.directory(), "connecting", err)
	}
	t := &task{Mover: m, shard: s, lock: lock, watch: o.Watch, unverified: o.Unverified}
	if t.watch == nil {
		t.watch = func(Progress) {}
	}
	if err = t.acquire(ctx); err == nil {
		err = t.read(ctx)
	}
	if err != nil {
		t.release()
		return nil, failed(m.directory(), "taking the shard", err)
	}
	return t, nil
}

// acquire takes the lock. A program that died a moment ago may seem to have it still.
func (t *task) acquire(ctx context.Context) error {
	const patience = 3 * time.Second
	for began := time.Now(); ; {
		var got bool
		if err := t.lock.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1, $2)", lockClass, int64(t.shard)).Scan(&got); err != nil || got {
			return err
		}
		if time.Since(began) > patience {
			return tintype.Errorf(tintype.Conflict, "another program is at work on shard %d", t.shard)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

func (t *task) read(ctx context.Context) error {
	var source, target, state string
	err := t.lock.QueryRowContext(ctx, "SELECT id, source, target, state FROM directory.shard_moves WHERE shard = $1 AND finished = 0", int64(t.shard)).
		Scan(&t.id, &source, &target, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	t.state = State(state)
	if t.source, err = t.place(source); err != nil {
		return err
	}
	t.target, err = t.place(target)
	return err
}

// release lets others have the shard. The lock goes with its connection, which
// must not go back to the pool with it.
func (t *task) release() {
	if t.before != nil {
		t.before.close()
	}
	_ = t.lock.Raw(func(any) error { return driver.ErrBadConn }) // makes the pool close it
	_ = t.lock.Close()
}

// enter writes down what comes next.
func (t *task) enter(ctx context.Context, s State) error {
	finished, now := int64(0), t.now()
	if s == Done || s == Cancelled {
		finished = now
	}
	if _, err := t.lock.ExecContext(ctx, "UPDATE directory.shard_moves SET state = $1, note = '', changed = $2, finished = $3 WHERE id = $4",
		string(s), now, finished, t.id); err != nil {
		return failed(t.directory(), "writing down the move", err)
	}
	t.state = s
	return nil
}

// note keeps what went wrong where `shard list` shows it. It is a courtesy.
func (t *task) note(err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, _ = t.directory().db.ExecContext(ctx, "UPDATE directory.shard_moves SET note = $1, changed = $2 WHERE id = $3", err.Error(), t.now(), t.id)
}

func (t *task) tell(what string, done, total int64) {
	t.watch(Progress{Shard: t.shard, State: t.state, What: what, Done: done, Total: total})
}

// run goes from the state to the end.
func (t *task) run(ctx context.Context) (Result, error) {
	began := time.Now()
	t.result = Result{Shard: t.shard, From: t.source.Name, To: t.target.Name}
	steps := map[State]func(context.Context) error{
		Copying: t.copy, Catching: t.catchUp, Fencing: t.fence, Verifying: t.verify, Dropping: t.drop,
	}
	for t.state != Done {
		step, ok := steps[t.state]
		if !ok {
			return t.result, tintype.Errorf(tintype.Internal, "the move of shard %d is in the unknown state %q", t.shard, t.state)
		}
		if err := step(ctx); err != nil {
			t.note(err)
			t.result.Took = time.Since(began)
			return t.result, err
		}
	}
	t.result.Took = time.Since(began)
	return t.result, nil
}
