package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// searcher makes the i-th of some clients: what searches once, and what ends it.
type searcher func(i int) (search func(*rand.Rand) error, closed func() error, err error)

// searching has clients search for so long, and gives searches per second of all.
func searching(each time.Duration, clients int, make searcher) (float64, error) {
	var n atomic.Int64
	var g errgroup.Group
	began := time.Now()
	for i := range clients {
		g.Go(func() (err error) {
			search, closed, err := make(i)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, closed()) }()
			r := rand.New(rand.NewPCG(7, uint64(i)))
			for time.Since(began) < each {
				if err := search(r); err != nil {
					return err
				}
				n.Add(1)
			}
			return nil
		})
	}
	err := g.Wait()
	return float64(n.Load()) / time.Since(began).Seconds(), err
}

// inTurns measures searchers one after the other, each in two turns of the time there is for one, and gives
// the searches per second of each.
func (b *Bench) inTurns(clients int, each ...searcher) ([]float64, error) {
	const turns = 2
	rates := make([]float64, len(each))
	for range turns {
		for i, s := range each {
			rate, err := searching(b.Each/turns, clients, s)
			if err != nil {
				return nil, err
			}
			rates[i] += rate / turns
		}
	}
	return rates, nil
}

// rest waits until what filling a site left to do in the background has had a moment.
func rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Second):
		return nil
	}
}

// spans is how long searches took, and how many found nothing.
type spans struct {
	mu      sync.Mutex
	list    []time.Duration
	nothing int
}

func (s *spans) add(more *spans) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list, s.nothing = append(s.list, more.list...), s.nothing+more.nothing
}

// ms gives the time in milliseconds below which a part of the searches stayed.
func (s *spans) ms(part float64) float64 {
	if len(s.list) == 0 {
		return 0
	}
	slices.Sort(s.list)
	return ms(percentile(s.list, part))
}

// empty gives how many of a hundred found nothing.
func (s *spans) empty() float64 {
	return 100 * float64(s.nothing) / float64(max(1, len(s.list)))
}
