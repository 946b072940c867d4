package runner

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Handler does the work of jobs of one kind. It takes as many items as come,
// in the order in which they were put off, and must be idempotent.
type Handler func(ctx context.Context, items []json.RawMessage) error

// Items makes a Handler of a function of decoded items. An item that cannot be
// decoded puts its job on the list of failed jobs at once.
func Items[T any](f func(ctx context.Context, items []T) error) Handler {
	return func(ctx context.Context, raw []json.RawMessage) error {
		items := make([]T, len(raw))
		for i := range raw {
			if err := json.Unmarshal(raw[i], &items[i]); err != nil {
				return hopeless{fmt.Errorf("item %d cannot be read: %w", i, err)}
			}
		}
		return f(ctx, items)
	}
}

// hopeless marks an error that no further try can mend.
type hopeless struct{ error }

func (h hopeless) Unwrap() error { return h.error }

// lane is how a queue is worked.
type lane struct {
	workers  int
	many     int           // workers where each write has a job of its own, which wait to be gathered; 0 for workers
	cooldown time.Duration // between two looks into the queue: what gathers meanwhile is fetched at once
}

// lanes gives every queue workers of its own, few: all of one SQLite file's
// writes pass through one connection anyway.
var lanes = map[job.Queue]lane{
	job.Edges:   {8, 256, 10 * time.Millisecond},
	job.Deliver: {4, 0, 2 * time.Millisecond},
	job.Removal: {4, 0, 20 * time.Millisecond},
	job.Upkeep:  {2, 32, 20 * time.Millisecond},
	job.Calls:   {8, 0, 20 * time.Millisecond},
	job.Bulk:    {2, 0, 20 * time.Millisecond},
}

const (
	timeout   = time.Minute            // for one try of one job
	pollEvery = 2 * time.Second        // looks into a queue though nobody rang
	pollAlone = 250 * time.Millisecond // the same where nobody can ring
	startWait = time.Second            // between tries to start on a database that is down
	pingFor   = 3 * time.Second        // for it to answer
	maxPause  = 10 * time.Minute       // between tries
	keepDead  = 90 * 24 * time.Hour    // how long failed jobs stay on the list
	soloFrom  = 3                      // from this try on, items are worked one by one
	firstWait = 250 * time.Millisecond // before the second try; it doubles with each
)

// Config is what a Runner is made of.
type Config struct {
	Log *slog.Logger // failures are warnings; nil for none
	// Handlers by name of kind. Jobs of kinds that are missing here fail.
	Handlers map[string]Handler
	// Gather gives, by name of kind, how many items of several jobs one call of the handler may take; kinds that
	// are missing here have a call for each job.
	Gather map[string]int
	// Periodic work is inserted into the first database that is added, by one
	// process at a time: soon after the start and then at the interval.
	Periodic []Periodic
}

// Periodic is work that comes again and again.
type Periodic struct {
	Every time.Duration
	Job   job.Insert
}

// Runner runs jobs. Make it with [New], give it databases with [AddSQLite] and
// [Add], then Start it; the list of failed jobs works without a Start.
type Runner struct {
	c       Config
	workers *river.Workers
	dbs     []*database

	starting sync.WaitGroup     // those whose databases are down
	giveUp   context.CancelFunc // ends starting
}

// database is one River client, whatever its transactions are.
type database struct {
	name   string
	start  func(context.Context) error
	stop   func(context.Context) error
	cancel func(context.Context) error
	list   func(context.Context, *river.JobListParams) (*river.JobListResult, error)
	retry  func(context.Context, int64) (*rivertype.JobRow, error)
	exec   riverdriver.Executor
	up     atomic.Bool // started
	lite   bool
	passes func(error) bool // of a file: whether an error may pass by itself
	bell   *bell
}

// New makes a Runner without databases.
func New(c Config) *Runner {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	r := &Runner{c: c, workers: river.NewWorkers()}
	for name, h := range c.Handlers {
		w := &worker{handle: h, slots: make(chan struct{}, slots)}
		if most := c.Gather[name]; most > 0 {
			w.gather = &gatherer{handle: h, most: most}
		}
		river.AddWorkerArgs(r.workers, args{kind: name}, w)
	}
	return r
}

// SQLite is what the runner needs of a SQLite database. *sqlstore.DB provides it.
type SQLite interface {
	// WritePool is the single connection that writes.
	WritePool() *sql.DB
	// OnJobs sets what is called after a commit that inserted jobs.
	OnJobs(func(queues []string))
	// Passing reports whether an error may pass by itself, as that of a full disk.
	Passing(err error) bool
}

// AddSQLite adds a SQLite file that no other process works the jobs of.
func AddSQLite(r *Runner, name string, db SQLite) error {
	b := newBell()
	db.OnJobs(b.ring)
	if err := add(r, name, driver[*sql.Tx]{Driver: riversqlite.New(db.WritePool()), listener: func() riverdriver.Listener { return &listener{bell: b} }}, b, pollEvery, false); err != nil {
		return err
	}
	r.dbs[len(r.dbs)-1].passes = db.Passing
	return nil
}

// Add adds a PostgreSQL database. The driver's connections must lead to the
// server itself: one of them waits for notifications.
func Add[T any](r *Runner, name string, d riverdriver.Driver[T]) error {
	return add(r, name, driver[T]{Driver: d}, nil, pollEvery, false)
}

// AddPolling adds a PostgreSQL database behind a pooler, where nobody can wait
// for notifications: a job begins a quarter of a second after its commit.
func AddPolling[T any](r *Runner, name string, d riverdriver.Driver[T]) error {
	return add(r, name, driver[T]{Driver: d}, nil, pollAlone, true)
}

func add[T any](r *Runner, name string, d driver[T], b *bell, poll time.Duration, alone bool) error {
	queues := map[string]river.QueueConfig{}
	for q, l := range lanes {
		workers := l.workers
		if b == nil {
			workers = max(workers, l.many)
		}
		queues[string(q)] = river.QueueConfig{MaxWorkers: workers, FetchCooldown: l.cooldown, FetchPollInterval: poll}
	}
	var periodic []*river.PeriodicJob
	if len(r.dbs) == 0 {
		for _, p := range r.c.Periodic {
			pj, err := periodicJob(p)
			if err != nil {
				return err
			}
			periodic = append(periodic, pj)
		}
	}
	c, err := river.NewClient(d, &river.Config{
		CancelledJobRetentionPeriod: keepDead,
		CompletedJobRetentionPeriod: time.Minute, // there are none: see driver
		DiscardedJobRetentionPeriod: keepDead,
		ErrorHandler:                &failures{log: r.c.Log.With("database", name)},
		FetchPollInterval:           poll,
		JobTimeout:                  timeout,
		JobStuckHandler: func(context.Context, river.JobStuckHandlerParams) river.JobStuckHandlerResult {
			return river.JobStuckHandlerResult{AddWorkerSlot: true} // it ignores its deadline; others must not wait for it
		},
		Logger:               slog.New(atLeastWarn{r.c.Log.With("database", name).Handler()}),
		PeriodicJobs:         periodic,
		PollOnly:             alone,
		Queues:               queues,
		ReindexerIndexNames:  []string{},
		RescueStuckJobsAfter: timeout + 30*time.Second,
		RetryPolicy:          backOff{},
		SkipUnknownJobCheck:  true,
		Workers:              r.workers,
	})
	if err != nil {
		return fmt.Errorf("jobs of database %s: %w", name, err)
	}
	r.dbs = append(r.dbs, &database{name: name, start: c.Start, stop: c.Stop, cancel: c.StopAndCancel, list: c.JobList, retry: c.JobRetry,
		exec: d.GetExecutor(), lite: b != nil, bell: b})
	return nil
}

// Start begins to work jobs, in the background, until [Runner.Stop]. ctx is
// that of the starting only. A database that is down, or whose disk is full so that
// nothing can be noted of a job, is left out, and taken in when that is over.
func (r *Runner) Start(ctx context.Context) error {
	later, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	r.giveUp = giveUp
	for _, db := range r.dbs {
		if !db.lite {
			r.starting.Go(func() { r.startWhenUp(later, db) })
			continue
		}
		// A file is there: what it holds is at work when Start returns, but where its disk is full.
		switch err := db.begin(ctx); {
		case err == nil:
		case db.passes(err):
			r.notNow(db, err)
			r.starting.Go(func() { r.startWhenUp(later, db) })
		default:
			giveUp()
			return errors.Join(&tintype.Error{Kind: tintype.Unavailable, Msg: "the jobs of database " + db.name + " cannot be started", Err: err}, r.Stop(ctx))
		}
	}
	return nil
}

// begin starts on a database that can be written to.
func (db *database) begin(ctx context.Context) error {
	if db.lite {
		if err := db.adopt(ctx); err != nil {
			return err
		}
	}
	// Not ctx: it must not end the work when starting is over.
	if err := db.start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	db.up.Store(true)
	return nil
}

// startWhenUp starts on a database as soon as it can be reached and written to. It says once a minute that it cannot.
func (r *Runner) startWhenUp(ctx context.Context, db *database) {
	for try := 0; ; try++ {
		ping, cancel := context.WithTimeout(ctx, pingFor)
		err := db.exec.Ping(ping)
		cancel()
		if err == nil {
			err = db.begin(ctx)
		}
		if err == nil {
			return
		}
		if try%60 == 0 && (try > 0 || !db.lite) {
			r.notNow(db, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(startWait):
		}
	}
}

func (r *Runner) notNow(db *database, err error) {
	r.c.Log.Warn("the jobs of a database cannot be worked now; they will be when it is back, or there is room on its disk", "database", db.name, "error", err)
}

// adopt takes over, in a file that is this process's alone, what a former
// process was at when it died. A job that died with its process as often as it
// may be tried is given up: it may well be what killed it.
//
// In PostgreSQL others may be working: there River rescues what is stuck.
func (db *database) adopt(ctx context.Context) error {
	if err := db.exec.Exec(ctx, `UPDATE river_job SET state = 'discarded', finalized_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
		WHERE state = 'running' AND attempt >= max_attempts`); err != nil {
		return err
	}
	return db.exec.Exec(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running'`)
}

// Stop takes no new jobs and waits for those under way. When ctx ends they are
// cancelled; what they leave undone is done after the next start.
func (r *Runner) Stop(ctx context.Context) error {
	if r.giveUp != nil {
		r.giveUp()
	}
	r.starting.Wait()
	errs := make(chan error, len(r.dbs))
	for _, db := range r.dbs {
		go func() {
			if !db.up.Swap(false) {
				errs <- nil
				return
			}
			err := db.stop(ctx)
			if err != nil && ctx.Err() != nil {
				last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
				defer cancel()
				err = db.cancel(last)
			}
			errs <- err
		}()
	}
	var all []error
	for range r.dbs {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// args is a job's arguments as they stand in the row; they are decoded by the
// worker, so that what cannot be read is given up and not tried again.
type args struct {
	kind string
	raw  json.RawMessage
}

func (a args) Kind() string                  { return a.kind }
func (a args) MarshalJSON() ([]byte, error)  { return a.raw, nil }
func (a *args) UnmarshalJSON(b []byte) error { a.raw = append(a.raw[:0], b...); return nil }

func periodicJob(p Periodic) (*river.PeriodicJob, error) {
	item, err := json.Marshal(p.Job.Item)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(job.Args{Items: []json.RawMessage{item}})
	if err != nil {
		return nil, err
	}
	k := p.Job.Kind
	return river.NewPeriodicJob(river.PeriodicInterval(p.Every), func() (river.JobArgs, *river.InsertOpts) {
		return args{kind: k.Name, raw: raw}, &river.InsertOpts{MaxAttempts: k.Attempts, Queue: string(k.Queue)}
	}, &river.PeriodicJobOpts{RunOnStart: true}), nil
}

type worker struct {
	river.WorkerDefaults[args]
	handle Handler
	gather *gatherer     // nil where each job has its call
	slots  chan struct{} // taken by each job that has its call
}

// slots is how many calls for single jobs of one kind are under way.
const slots = 8

// Work implements river.Worker.
func (w *worker) Work(ctx context.Context, j *river.Job[args]) error {
	var a job.Args
	if err := json.Unmarshal(j.Args.raw, &a); err != nil || len(a.Items) == 0 {
		return river.JobCancel(fmt.Errorf("the arguments cannot be read: %.200q (%w)", j.Args.raw, err))
	}
	if w.gather != nil && j.Attempt == 1 {
		// What failed in company is tried alone, so that no job fails for another's items.
		if o := w.gather.do(ctx, a.Items); o.err == nil || !o.shared {
			return o.err
		}
	}
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	var err error
	if j.Attempt >= soloFrom && len(a.Items) > 1 {
		// One bad item must not keep its neighbours from being done.
		for i, item := range a.Items {
			if e := w.one(ctx, []json.RawMessage{item}); e != nil && err == nil {
				err = fmt.Errorf("item %d, %.300s: %w", i, item, e)
			}
		}
	} else {
		err = w.handle(ctx, a.Items)
	}
	if h := (hopeless{}); errors.As(err, &h) && (len(a.Items) == 1 || j.Attempt >= soloFrom) {
		return river.JobCancel(err)
	}
	return err
}

// one works one of several items; its panic is an error, so that the others come to their turn.
func (w *worker) one(ctx context.Context, items []json.RawMessage) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return w.handle(ctx, items)
}

// backOff doubles the pause with each try, up to maxPause, give or take a
// tenth, so that what failed together does not come back together.
type backOff struct{}

// NextRetry implements river.ClientRetryPolicy.
func (backOff) NextRetry(j *rivertype.JobRow) time.Time {
	pause := min(firstWait<<min(max(j.Attempt-1, 0), 20), maxPause)
	return time.Now().Add(time.Duration(float64(pause) * (0.9 + 0.2*rand.Float64())))
}

// failures logs them, and gives up on jobs of unknown kinds.
type failures struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (f *failures) HandleError(ctx context.Context, j *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	var cancelled *rivertype.JobCancelError
	var unknown *rivertype.UnknownJobKindError
	last := j.Attempt >= j.MaxAttempts || errors.As(err, &cancelled) || errors.As(err, &unknown)
	f.note(ctx, j, last, err.Error())
	if errors.As(err, &unknown) {
		return &river.ErrorHandlerResult{SetCancelled: true}
	}
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (f *failures) HandlePanic(ctx context.Context, j *rivertype.JobRow, v any, trace string) *river.ErrorHandlerResult {
	f.note(ctx, j, j.Attempt >= j.MaxAttempts, fmt.Sprintf("panic: %v\n%s", v, trace))
	return nil
}

func (f *failures) note(ctx context.Context, j *rivertype.JobRow, last bool, text string) {
	attrs := []any{"job", strconv.FormatInt(j.ID, 10), "kind", j.Kind, "attempt", j.Attempt, "of", j.MaxAttempts, "err", text}
	if last {
		f.log.ErrorContext(ctx, "job given up", attrs...)
	} else {
		f.log.WarnContext(ctx, "job failed, to be tried again", attrs...)
	}
}

// atLeastWarn keeps River's own talk out of the log.
type atLeastWarn struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h atLeastWarn) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

func (h atLeastWarn) WithAttrs(a []slog.Attr) slog.Handler {
	return atLeastWarn{h.Handler.WithAttrs(a)}
}
func (h atLeastWarn) WithGroup(n string) slog.Handler { return atLeastWarn{h.Handler.WithGroup(n)} }

// jsonList is the JSON array of ids.
func jsonList(ids []int64) any {
	b := append(make([]byte, 0, 2+8*len(ids)), '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(append(b, ']'))
}
