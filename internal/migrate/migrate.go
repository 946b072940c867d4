package migrate

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// Freezer makes the source refuse writes, by whomever.
type Freezer interface {
	// Freeze returns when no write is under way any more and none will come.
	Freeze(ctx context.Context) error
	Thaw(ctx context.Context) error
}

// Progress is told how far a stage has come; total is 0 where nobody knows.
type Progress func(stage string, done, total int)

// Config says what is carried from where to where.
type Config struct {
	Source     sqlstore.Source
	Target     sqlstore.Target
	TargetName string // for people, and to know a run again
	Tables     []*sqlstore.Table
	Freezer    Freezer
	// From and To are where the files are; both nil if they stay where they are.
	From, To blob.Store
	Streams  int // logical shards copied at once; 0 for one per processor and one more
	Progress Progress
}

// Report is what was carried.
type Report struct {
	Rows    int64 // in all tables of the target
	Areas   int   // the directory and logical shards
	Jobs    int
	Files   int64 // copied in this run
	Changes int   // keys carried again because their rows had changed
	Resumed bool
	// Frozen is for how long nothing could be written before the target was open.
	Frozen time.Duration
}

const (
	chunkRows  = 2000
	roundLimit = 100_000 // changes carried in one round
	fewEnough  = 500     // changes left for the time when nothing can be written
)

type mover struct {
	Config
	report Report

	opening bool // Finish was called
}

// Run carries a site. After an error, or if the process dies, it can be called again.
// Unless an error says otherwise the source takes writes again then; after success it is left frozen.
func Run(ctx context.Context, c Config) (Report, error) {
	m := &mover{Config: c}
	if m.Streams == 0 {
		m.Streams = runtime.GOMAXPROCS(0) + 1
	}
	run, err := m.Source.Watch(ctx, m.TargetName)
	if err != nil {
		return m.report, err
	}
	done, err := m.Target.Begin(ctx, run)
	if err != nil {
		return m.report, err
	}
	m.report.Resumed = len(done) > 0
	if err := m.copyAll(ctx, done); err != nil {
		return m.report, err
	}
	files := newFiles(m)
	if err := files.copy(ctx); err != nil {
		return m.report, err
	}
	if err := m.catchUp(ctx); err != nil {
		return m.report, err
	}
	if err := m.compare(ctx); err != nil {
		return m.report, err
	}
	if err := m.catchUp(ctx); err != nil {
		return m.report, err
	}
	frozen := time.Now()
	if err := m.Freezer.Freeze(ctx); err != nil {
		return m.report, m.thaw(ctx, err)
	}
	if err := m.last(ctx, files); err != nil {
		opened, known := m.opened(ctx)
		if !known {
			return m.report, fmt.Errorf("whether the new home was opened is not known, so this site stays read-only: if the new one answers, leave it so; else run this again, or end it with --cancel: %w", err)
		}
		if !opened {
			return m.report, m.thaw(ctx, err)
		}
	}
	m.report.Frozen = time.Since(frozen)
	return m.report, m.Source.Unwatch(ctx)
}

// Cancel ends a run for good: the source is watched no longer and takes writes
// again, and what is at the target is taken away.
func Cancel(ctx context.Context, c Config) error {
	if err := c.Target.Discard(ctx); err != nil {
		return err
	}
	return errors.Join(c.Freezer.Thaw(ctx), c.Source.Unwatch(ctx))
}

// opened tells, after an error, whether the target was opened all the same: the answer of
// its last commit may have been lost, and two homes that take writes would be the worst of all.
func (m *mover) opened(ctx context.Context) (opened, known bool) {
	if !m.opening {
		return false, true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openedFor)
	defer cancel()
	for {
		opened, err := m.Target.Finished(ctx)
		if err == nil {
			return opened, true
		}
		select {
		case <-ctx.Done():
			return false, false
		case <-time.After(time.Second):
		}
	}
}

// openedFor is how long a target is asked whether it was opened.
const openedFor = 30 * time.Second

func (m *mover) thaw(ctx context.Context, err error) error {
	if e := m.Freezer.Thaw(context.WithoutCancel(ctx)); e != nil {
		return errors.Join(err, fmt.Errorf("the site is still read-only: end that with tintype migrate --cancel: %w", e))
	}
	return err
}

// last does what is left once nothing is written any more.
func (m *mover) last(ctx context.Context, files *files) error {
	m.Progress("last changes", 0, 0)
	changed := map[sqlstore.Area]map[*sqlstore.Table][]sqlstore.Row{}
	for {
		n, err := m.round(ctx, changed)
		if err != nil {
			return err
		}
		if n < roundLimit {
			break
		}
	}
	if err := m.compareKeys(ctx, changed); err != nil {
		return err
	}
	if err := files.copyNew(ctx); err != nil {
		return err
	}
	rd, err := m.Source.Read(ctx)
	if err != nil {
		return err
	}
	minted, err := rd.Minted(ctx)
	if err := errors.Join(err, rd.Close()); err != nil {
		return err
	}
	jobs, err := m.Source.Jobs(ctx)
	if err != nil {
		return err
	}
	m.report.Jobs = len(jobs)
	m.Progress("opening the new home", 0, 0)
	m.opening = true
	return m.Target.Finish(ctx, minted, jobs)
}

// copyAll copies the areas that are not done. The source is read by one
// goroutine, which is a few areas ahead of those that write.
func (m *mover) copyAll(ctx context.Context, done map[sqlstore.Area]bool) error {
	rd, err := m.Source.Read(ctx)
	if err != nil {
		return err
	}
	defer rd.Close()
	areas, err := rd.Areas(ctx)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(m.Streams)
	var reading error
	finished := make(chan struct{}, len(areas))
	reported := 0
	for _, a := range areas {
		if done[a] {
			reported++
			continue
		}
		ch := make(chan sqlstore.Chunk, 4)
		g.Go(func() error {
			err := m.Target.Put(ctx, a, func() (sqlstore.Chunk, error) {
				select {
				case c := <-ch: // an empty one once it is closed
					return c, nil
				case <-ctx.Done():
					return sqlstore.Chunk{}, ctx.Err()
				}
			})
			finished <- struct{}{}
			return err
		})
		if reading = m.readArea(ctx, rd, a, ch); reading != nil {
			stop() // whoever writes waits for more
			break
		}
		close(ch)
		for len(finished) > 0 {
			<-finished
			reported++
		}
		m.Progress("copying", reported, len(areas))
	}
	writing := g.Wait()
	if reading != nil && !errors.Is(reading, context.Canceled) {
		return reading
	}
	if writing != nil {
		return writing
	}
	m.report.Areas = len(areas)
	m.Progress("copying", len(areas), len(areas))
	return nil
}

func (m *mover) readArea(ctx context.Context, rd sqlstore.Reader, a sqlstore.Area, ch chan<- sqlstore.Chunk) error {
	send := func(c sqlstore.Chunk) error {
		select {
		case ch <- c:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for _, t := range m.Tables {
		c := sqlstore.Chunk{Table: t}
		if err := rd.Rows(ctx, a, t, func(row sqlstore.Row) error {
			if c.Rows = append(c.Rows, row); len(c.Rows) < chunkRows {
				return nil
			}
			full := c
			c.Rows = nil
			return send(full)
		}); err != nil {
			return err
		}
		if len(c.Rows) > 0 {
			if err := send(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// catchUp carries changes until there are few. Where they come faster than they
// are carried that is never; then it goes on all the same, for those who write will be made to wait.
func (m *mover) catchUp(ctx context.Context) error {
	for range 20 {
		n, err := m.round(ctx, nil)
		if err != nil || n <= fewEnough {
			return err
		}
	}
	return nil
}

// round carries the changes that were noted, at most roundLimit. It adds their keys to seen, if that is not nil.
func (m *mover) round(ctx context.Context, seen map[sqlstore.Area]map[*sqlstore.Table][]sqlstore.Row) (n int, err error) {
	rd, err := m.Source.Read(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rd.Close()) }()
	return m.carryChanges(ctx, rd, seen)
}

// carryChanges makes the target's rows of all keys that were noted what they are in the source's view.
func (m *mover) carryChanges(ctx context.Context, rd sqlstore.Reader, seen map[sqlstore.Area]map[*sqlstore.Table][]sqlstore.Row) (int, error) {
	list, err := rd.Changes(ctx, roundLimit)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	groups := map[sqlstore.Area]map[*sqlstore.Table][]sqlstore.Row{}
	known := map[string]bool{}
	keys := 0
	for _, c := range list {
		id := fmt.Sprintf("%d %s %#v", c.Area.Number(), c.Table.Name, []any(c.Key))
		if known[id] {
			continue
		}
		known[id] = true
		keys++
		for _, g := range []map[sqlstore.Area]map[*sqlstore.Table][]sqlstore.Row{groups, seen} {
			if g == nil {
				continue
			}
			if g[c.Area] == nil {
				g[c.Area] = map[*sqlstore.Table][]sqlstore.Row{}
			}
			g[c.Area][c.Table] = append(g[c.Area][c.Table], c.Key)
		}
	}
	done := 0
	for a, tables := range groups {
		var gone, come []sqlstore.Chunk
		for t, keys := range tables {
			gone = append(gone, sqlstore.Chunk{Table: t, Rows: keys})
			c := sqlstore.Chunk{Table: t}
			if err := rd.Find(ctx, a, t, keys, func(row sqlstore.Row) error { c.Rows = append(c.Rows, row); return nil }); err != nil {
				return 0, err
			}
			come = append(come, c)
			done += len(keys)
		}
		if err := m.Target.Apply(ctx, a, gone, come); err != nil {
			return 0, err
		}
		m.Progress("changes", done, keys)
	}
	m.report.Changes += keys
	return len(list), m.Source.Forget(ctx, list)
}

var errDiffer = errors.New("source and target differ")

func differ(a sqlstore.Area, t *sqlstore.Table, source, target sqlstore.Sum) error {
	return &tintype.Error{Kind: tintype.Internal, Msg: fmt.Sprintf("table %s of %s has %d rows here and %d there, or others: the target is not a copy of the source; end this with --cancel and report it",
		t.Name, a, source.Rows, target.Rows), Err: errDiffer}
}
