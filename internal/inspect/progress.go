package inspect

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// stepSoFar is how far one step is: by homes and, in a home, by the instants
// that the IDs in its keys carry, for rows are read in their order.
type stepSoFar struct {
	weight int
	homes  []homeSoFar
}

type homeSoFar struct {
	began tintype.ID // of the first page
	part  float64
}

// begin says that step i is at work.
func (r *run) begin(i int, s tintype.CheckStep) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at.Step, r.at.Done = s.Name, i
	r.step = stepSoFar{weight: s.Weight, homes: make([]homeSoFar, len(s.Homes))}
	return r.news(0)
}

// looked says that n rows of a home were looked at, the last with key k, and
// waits if that was too fast.
func (r *run) looked(ctx context.Context, n, home int, k tintype.CheckKey) error {
	r.mu.Lock()
	if h := &r.step.homes[home]; k[0] > 0 {
		id := tintype.ID(k[0])
		if h.began == 0 {
			h.began = id
		}
		if all := r.Clock().Sub(h.began.Time()); all > 0 {
			h.part = min(max(h.part, float64(id.Time().Sub(h.began.Time()))/float64(all)), 1)
		}
	}
	err := r.news(n)
	r.mu.Unlock()
	if err != nil {
		return err
	}
	return r.pace.wait(ctx, n)
}

// finished says that a home is done with.
func (r *run) finished(home int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.step.homes[home].part = 1
}

// news tells how far it is. Whoever calls it holds mu.
func (r *run) news(looked int) error {
	r.sum.Looked += int64(looked)
	r.at.Looked = r.sum.Looked
	part := float64(r.before)
	if n := len(r.step.homes); n > 0 {
		sum := 0.0
		for _, h := range r.step.homes {
			sum += h.part
		}
		part += float64(r.step.weight) * sum / float64(n)
	}
	if r.whole > 0 {
		r.at.Part = max(r.at.Part, min(part/float64(r.whole), 1))
	}
	return r.emit(r.at)
}

// tell tells of a finding.
func (r *run) tell(f Finding) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Findings++
	if f.Repaired {
		r.sum.Repaired++
	}
	e := r.at
	e.Finding = &f
	return r.emit(e)
}

func (r *run) isAway(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.away[name]
}

// anyAway tells whether anything could not be reached.
func (r *run) anyAway() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.away) > 0
}

// tellAway tells, once, that something cannot be reached.
func (r *run) tellAway(name string) error {
	r.mu.Lock()
	told := r.away[name]
	r.away[name] = true
	r.mu.Unlock()
	if told {
		return nil
	}
	return r.tell(Finding{Check: StepAway, Database: name, What: fmt.Sprintf("%s cannot be reached: what is kept there is neither checked nor compared", name),
		Do: "bring it back and check again"})
}

// pace keeps many readers together below a rate.
type pace struct {
	rate int // a second; 0 for none

	mu   sync.Mutex
	next time.Time // when what was done so far may have been done
}

func (p *pace) wait(ctx context.Context, n int) error {
	if p.rate <= 0 || n == 0 {
		return ctx.Err()
	}
	p.mu.Lock()
	if now := time.Now(); p.next.Before(now) {
		p.next = now
	}
	p.next = p.next.Add(time.Duration(n) * time.Second / time.Duration(p.rate))
	d := time.Until(p.next)
	p.mu.Unlock()
	return sleep(ctx, d)
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
