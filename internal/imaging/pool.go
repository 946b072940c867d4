package imaging

import (
	"context"
	"errors"
	"io"
)

// Pool runs jobs in child processes. It is safe for use by many goroutines.
type Pool struct{ cfg Config }

// New returns a pool that starts its first child when the first job comes.
func New(cfg Config) *Pool { return &Pool{cfg: cfg} }

// Probe says what src is, from its headers: nothing is rendered. It reads src
// to its end or to the first problem.
func (p *Pool) Probe(ctx context.Context, src io.Reader) (Info, error) {
	return Info{}, errors.ErrUnsupported
}

// Render makes the renditions of plan from src and writes them to sink.
func (p *Pool) Render(ctx context.Context, src io.Reader, plan Plan, sink Sink) (Result, error) {
	return Result{}, errors.ErrUnsupported
}

// Status starts a child if none runs, and tells what it says of itself.
func (p *Pool) Status(ctx context.Context) (Status, error) { return Status{}, errors.ErrUnsupported }

// Close ends all children, and the jobs they have.
func (p *Pool) Close() error { return nil }
