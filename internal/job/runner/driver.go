package runner

import (
	"context"
	"errors"
	"sync"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// driver is a River driver with two things replaced: a finished job is deleted
// at once, many in one statement, rather than kept and updated row by row; and
// on SQLite the listener hears from this process instead of polling the file.
type driver[T any] struct {
	riverdriver.Driver[T]
	listener func() riverdriver.Listener // nil for the driver's own
}

// GetExecutor implements riverdriver.Driver.
func (d driver[T]) GetExecutor() riverdriver.Executor {
	e := executor{Executor: d.Driver.GetExecutor()}
	switch d.DatabaseName() {
	case riverdriver.DatabaseNameSQLite:
		e.remove = "DELETE FROM river_job WHERE state = 'running' AND id IN (SELECT value FROM json_each($1))"
		e.list = jsonList
	default:
		e.remove = "DELETE FROM river_job WHERE state = 'running' AND id = ANY($1::bigint[])"
		e.list = func(ids []int64) any { return ids }
	}
	return e
}

// GetListener implements riverdriver.Driver.
func (d driver[T]) GetListener(p *riverdriver.GetListenenerParams) riverdriver.Listener {
	if d.listener == nil {
		return d.Driver.GetListener(p)
	}
	return d.listener()
}

type executor struct {
	riverdriver.Executor
	remove string
	list   func([]int64) any
}

// JobSetStateIfRunningMany implements riverdriver.Executor. The deleted jobs
// are not among the rows it gives, as is River's way with jobs that are gone.
func (e executor) JobSetStateIfRunningMany(ctx context.Context, p *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	var done []int64
	rest := &riverdriver.JobSetStateIfRunningManyParams{Now: p.Now, Schema: p.Schema}
	for i, id := range p.ID {
		if p.State[i] == rivertype.JobStateCompleted {
			done = append(done, id)
			continue
		}
		rest.Attempt = append(rest.Attempt, p.Attempt[i])
		rest.ErrData = append(rest.ErrData, p.ErrData[i])
		rest.FinalizedAt = append(rest.FinalizedAt, p.FinalizedAt[i])
		rest.ID = append(rest.ID, id)
		rest.MetadataDoMerge = append(rest.MetadataDoMerge, p.MetadataDoMerge[i])
		rest.MetadataUpdates = append(rest.MetadataUpdates, p.MetadataUpdates[i])
		rest.ScheduledAt = append(rest.ScheduledAt, p.ScheduledAt[i])
		rest.State = append(rest.State, p.State[i])
	}
	if len(done) > 0 {
		if err := e.Exec(ctx, e.remove, e.list(done)); err != nil {
			return nil, err
		}
	}
	if len(rest.ID) == 0 {
		return nil, nil
	}
	return e.Executor.JobSetStateIfRunningMany(ctx, rest)
}

// bell is the in-process stand-in for LISTEN and NOTIFY: it remembers which
// queues were rung until the listener takes them, so that it never blocks and
// never loses a ring.
type bell struct {
	mu    sync.Mutex
	rung  []string // queues, each once
	ready chan struct{}
}

func newBell() *bell { return &bell{ready: make(chan struct{}, 1)} }

func (b *bell) ring(queues []string) {
	b.mu.Lock()
next:
	for _, q := range queues {
		for _, r := range b.rung {
			if r == q {
				continue next
			}
		}
		b.rung = append(b.rung, q)
	}
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *bell) take() (queue string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.rung) == 0 {
		return "", false
	}
	queue, b.rung = b.rung[0], b.rung[1:]
	return queue, true
}

// The one topic of River's that a bell knows; the others (leadership, pausing)
// are of no use within a single process, and River polls for them as well.
const topicInsert = "river_insert"

// listener gives a bell's rings to River.
type listener struct {
	bell *bell

	mu     sync.Mutex
	closed chan struct{} // nil while not connected
}

func (l *listener) Connect(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed != nil {
		return errors.New("the listener is connected already")
	}
	l.closed = make(chan struct{})
	return nil
}

func (l *listener) Close(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed != nil {
		close(l.closed)
		l.closed = nil
	}
	return nil
}

func (l *listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if closed == nil {
		return nil, errors.New("the listener is not connected")
	}
	for {
		if q, ok := l.bell.take(); ok {
			return &riverdriver.Notification{Topic: topicInsert, Payload: `{"queue":"` + q + `"}`}, nil
		}
		select {
		case <-l.bell.ready:
		case <-closed:
			return nil, errors.New("the listener was closed")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *listener) Listen(context.Context, string) error   { return nil }
func (l *listener) Unlisten(context.Context, string) error { return nil }
func (l *listener) Ping(context.Context) error             { return nil }
func (l *listener) Schema() string                         { return "" }
func (l *listener) SetAfterConnectExec(string)             {}
