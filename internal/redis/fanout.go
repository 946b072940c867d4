package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// FanoutRates is what [MeasureFanout] found, in entries per second.
type FanoutRates struct {
	Append float64 // by Timelines.Append: in order, each once, bounded, telling who was added to
	Bare   float64 // by LPUSHX of the same entries to the same keys, in pipelines, and nothing else
}

// measured is a kind of timeline that no site has.
const measured timeline.Kind = 'x' - '0'

// MeasureFanout brings posts to the timelines of followers, each of which
// holds 500 entries, first with a bare pipeline of rueidis and then with
// Append, in turns, and gives the rates over all turns. It uses keys of its own,
// on all servers of p, and removes them in the end.
func MeasureFanout(ctx context.Context, p *Pool, followers, posts int) (rates FanoutRates, err error) {
	const entries, at = 500, 1_600_000_000_000
	s := Timelines{P: p, Kind: measured, Keep: time.Hour}
	owners := make([]tintype.ID, followers)
	for i := range owners {
		owners[i] = tintype.MakeID(at+int64(i), tintype.Shard(i), 0)
	}
	ids := make([]tintype.ID, entries)
	for i := range ids {
		ids[i] = tintype.MakeID(at+int64(i)*1000, tintype.Shard(i), 0)
	}
	defer func() {
		if ferr := s.Forget(context.WithoutCancel(ctx), owners); err == nil {
			err = ferr
		}
	}()
	for _, o := range owners {
		if err := s.replaceSoon(ctx, o, ids); err != nil {
			return rates, err
		}
	}
	var took [2]time.Duration
	for i := range posts {
		next := tintype.MakeID(at+int64(entries+2*i)*1000, 1, 0)
		begun := time.Now()
		if err := s.pushBare(ctx, owners, next); err != nil {
			return rates, err
		}
		took[0] += time.Since(begun)
		next = tintype.MakeID(at+int64(entries+2*i+1)*1000, 1, 0)
		begun = time.Now()
		added, err := s.Append(ctx, owners, next)
		if err != nil {
			return rates, err
		}
		took[1] += time.Since(begun)
		if len(added) != followers {
			return rates, fmt.Errorf("added to %d of %d timelines", len(added), followers)
		}
	}
	n := float64(followers * posts)
	return FanoutRates{Append: n / took[1].Seconds(), Bare: n / took[0].Seconds()}, nil
}

// replaceSoon is Replace that outlasts a moment in which a server is busy with what came before.
func (s Timelines) replaceSoon(ctx context.Context, owner tintype.ID, ids []tintype.ID) error {
	for try := 0; ; try++ {
		err := s.Replace(ctx, owner, ids)
		if try == 20 || !tintype.IsKind(err, tintype.Unavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// pushBare is the limit: the same entries, in the largest pipelines that share a connection.
func (s Timelines) pushBare(ctx context.Context, owners []tintype.ID, id tintype.ID) error {
	const largest = 1000
	entry := id.String()
	return each(s.P.byNode(owners), func(sh share) error {
		cmds := make([]rueidis.Completed, 0, largest)
		keys := s.keys(sh.ids)
		for len(keys) > 0 {
			part := keys[:min(len(keys), largest)]
			keys = keys[len(part):]
			cmds = cmds[:0]
			for _, k := range part {
				cmds = append(cmds, sh.b().Lpushx().Key(k).Element(entry).Build())
			}
			for _, r := range sh.primary.c.DoMulti(ctx, cmds...) {
				if err := r.Error(); err != nil {
					return sh.wrap("lpushx", err)
				}
			}
		}
		return nil
	})
}
