package imaging

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/imaging/wire"
	"github.com/tintype/tintype/internal/tintype"
)

// Pool runs jobs in child processes. It is safe for use by many goroutines.
type Pool struct {
	cfg   Config
	slots chan struct{} // one token per job under way, so at most Children of them

	mu     sync.Mutex
	idle   []*child // the one used last at the end
	all    map[*child]struct{}
	reaper *time.Timer
	closed bool
	wg     sync.WaitGroup // what waits for the children's ends
}

// New returns a pool that starts its first child when the first job comes.
func New(cfg Config) *Pool {
	def := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&cfg.MaxBytes, DefaultMaxBytes)
	def(&cfg.MaxPixels, DefaultMaxPixels)
	def(&cfg.MaxMemory, DefaultMaxMemory)
	def(&cfg.MaxOutput, 16<<20)
	def((*int64)(&cfg.Timeout), int64(DefaultTimeout))
	def((*int64)(&cfg.Idle), int64(DefaultIdle))
	if cfg.Children <= 0 {
		cfg.Children = runtime.GOMAXPROCS(0)
	}
	if cfg.JobsPerLife <= 0 {
		cfg.JobsPerLife = 500
	}
	return &Pool{cfg: cfg, slots: make(chan struct{}, cfg.Children), all: make(map[*child]struct{})}
}

// probeBytes is how much of a JPEG file is looked at first: its headers, and all
// that a camera wrote, come before the picture.
const probeBytes = 512 << 10

// Probe says what src is, from its headers: the pixels are not decoded, so a
// file that Probe accepts may still turn out broken in Render. It may stop
// reading src before its end.
func (p *Pool) Probe(ctx context.Context, src io.Reader) (Info, error) {
	if s, ok := src.(io.ReadSeeker); ok {
		if n := sizeHint(src); n > 2*probeBytes && n <= p.cfg.MaxBytes {
			info, enough, err := p.probeStart(ctx, s)
			if enough || err != nil {
				return info, err
			}
		}
	}
	r, err := p.run(ctx, wire.Request{Op: wire.OpProbe}, src, nil)
	return r.Info, err
}

// probeStart looks at the beginning of a JPEG file. If that is not enough, or
// the file is another kind, src is back where it was.
func (p *Pool) probeStart(ctx context.Context, src io.ReadSeeker) (info Info, enough bool, err error) {
	at, err := src.Seek(0, io.SeekCurrent)
	if err != nil {
		return Info{}, false, readError(err)
	}
	var magic [3]byte
	if _, err := io.ReadFull(src, magic[:]); err != nil {
		return Info{}, false, readError(err)
	}
	jpeg := Sniff(magic[:]) == "image/jpeg"
	if _, err := src.Seek(at, io.SeekStart); err != nil || !jpeg {
		return Info{}, false, err
	}
	r, err := p.run(ctx, wire.Request{Op: wire.OpProbe}, io.LimitReader(src, probeBytes), nil)
	if !tintype.IsKind(err, tintype.Unprocessable) {
		return r.Info, err == nil, err
	}
	_, err = src.Seek(at, io.SeekStart)
	return Info{}, false, err
}

// Render makes the renditions of plan from src and writes them to sink. src is
// best a file: a child is kept busy, and the time for one picture runs, while it
// is read.
func (p *Pool) Render(ctx context.Context, src io.Reader, plan Plan, sink Sink) (Result, error) {
	if len(plan.Sizes) == 0 {
		return Result{}, tintype.Errorf(tintype.Invalid, "no size was asked for")
	}
	for i, s := range plan.Sizes {
		if _, ok := sizeOf(s); !ok || slices.Contains(plan.Sizes[:i], s) {
			return Result{}, tintype.FieldError("size", "%q is not a size, or is asked for twice", s)
		}
	}
	if plan.Format.Type() == "" {
		return Result{}, tintype.FieldError("format", "%q is not a format", plan.Format)
	}
	req := wire.Request{Op: wire.OpRender, Recipe: plan.Recipe, Sizes: plan.Sizes, Format: string(plan.Format)}
	if plan.Stored {
		req.MaxBytes, req.MaxPixels = max(DefaultMaxBytes, sizeHint(src)), DefaultMaxPixels
	}
	return p.run(ctx, req, src, sink)
}

func (p *Pool) run(ctx context.Context, req wire.Request, src io.Reader, sink Sink) (Result, error) {
	in := bufio.NewReaderSize(src, SniffLen)
	head, err := in.Peek(SniffLen)
	if err != nil && !errors.Is(err, io.EOF) {
		return Result{}, readError(err)
	}
	kind, err := checkHead(head)
	if err != nil {
		return Result{}, err
	}
	req.SizeHint = sizeHint(src)
	req.MaxBytes, req.MaxPixels = max(req.MaxBytes, p.cfg.MaxBytes), max(req.MaxPixels, p.cfg.MaxPixels)
	if req.SizeHint > req.MaxBytes {
		return Result{}, tooManyBytes(req.MaxBytes)
	}

	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return Result{}, ended(ctx)
	}
	c, err := p.acquire(ctx)
	if err != nil {
		return Result{}, err
	}
	j := &job{child: c, cfg: &p.cfg, req: req, kind: kind, src: in, sink: sink}
	res, err := j.do(ctx)
	p.release(c, j.spoiled)
	return res, err
}

// Status starts a child if none is idle, and tells what it says of itself.
func (p *Pool) Status(ctx context.Context) (Status, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return Status{}, ended(ctx)
	}
	c, err := p.acquire(ctx)
	if err != nil {
		return Status{}, err
	}
	s := c.hello
	p.release(c, false)
	s.Children = p.Children()
	return s, nil
}

// Children is how many child processes are alive.
func (p *Pool) Children() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.all)
}

// Close ends all children, with the jobs they have, and waits for their ends.
// Jobs that come later fail.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	if p.reaper != nil {
		p.reaper.Stop()
	}
	for c := range p.all {
		c.kill()
	}
	p.idle = nil
	p.mu.Unlock()
	p.wg.Wait()
	return nil
}

// acquire gives the idle child used last, or a new one. The caller holds a slot.
func (p *Pool) acquire(ctx context.Context) (*child, error) {
	p.mu.Lock()
	for len(p.idle) > 0 && !p.closed {
		c := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if !c.dead() {
			p.mu.Unlock()
			return c, nil
		}
		c.close()
	}
	defer p.mu.Unlock()
	if p.closed {
		return nil, tintype.Errorf(tintype.Unavailable, "the site is shutting down")
	}
	c, err := start(&p.cfg)
	if err != nil {
		return nil, &tintype.Error{Kind: tintype.Unavailable, Msg: "pictures cannot be processed at the moment", Err: err}
	}
	p.all[c] = struct{}{}
	p.wg.Go(func() {
		c.wait()
		p.mu.Lock()
		delete(p.all, c)
		p.mu.Unlock()
	})
	p.mu.Unlock() // the child takes a moment to say hello
	err = c.greet(ctx)
	p.mu.Lock()
	return c, err
}

// release takes a child back, or ends it if it is spoiled, used up or too fat.
func (p *Pool) release(c *child, spoiled bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.jobs++
	switch {
	case spoiled:
		c.kill()
	case p.closed || c.dead() || c.jobs >= p.cfg.JobsPerLife || c.resident() > maxIdleResident:
		c.end()
	default:
		c.used = time.Now()
		p.idle = append(p.idle, c)
		if p.reaper == nil {
			p.reaper = time.AfterFunc(p.cfg.Idle, p.reap)
		}
	}
}

// maxIdleResident is how much memory a child without work may hold on to.
const maxIdleResident = 160 << 20

// reap ends the children that were idle for too long. It runs while there are idle ones.
func (p *Pool) reap() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	keep := slices.IndexFunc(p.idle, func(c *child) bool { return time.Since(c.used) < p.cfg.Idle })
	if keep < 0 {
		keep = len(p.idle)
	}
	for _, c := range p.idle[:keep] {
		c.end()
	}
	p.idle = slices.Clone(p.idle[keep:])
	if len(p.idle) == 0 {
		p.reaper = nil
		return
	}
	p.reaper.Reset(max(time.Millisecond, p.cfg.Idle-time.Since(p.idle[0].used)))
}

func tooManyBytes(limit int64) error {
	return tintype.Errorf(tintype.TooLarge, "the file is larger than the %d MB allowed", limit>>20)
}

// ended is the error for a job whose caller gave up, or ran out of time, first.
func ended(ctx context.Context) error {
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the picture was not processed in time", Err: context.Cause(ctx)}
}

// readError passes an error of the source on, if it is one for people already.
func readError(err error) error {
	var e *tintype.Error
	if errors.As(err, &e) {
		return err
	}
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the file could not be read to its end", Err: err}
}

// sizeHint is how many bytes src has, if that can be told without reading; else 0.
func sizeHint(src io.Reader) int64 {
	switch s := src.(type) {
	case interface{ Len() int }:
		return int64(s.Len())
	case *os.File:
		if fi, err := s.Stat(); err == nil && fi.Mode().IsRegular() {
			if at, err := s.Seek(0, io.SeekCurrent); err == nil {
				return max(0, fi.Size()-at)
			}
		}
	}
	return 0
}
