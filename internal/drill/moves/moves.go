package moves

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/tintype/tintype/internal/app"
)

// Run moves a logical shard of so many posts to another database and back, some
// times, while people comment on its posts and like them through several
// processes. It gives a line about it, also with an error: nothing acknowledged
// may be lost and nothing may be there twice.
func Run(ctx context.Context, o Options) (line string, err error) {
	if o.Posts == 0 {
		o.Posts = 2000
	}
	if o.Times == 0 {
		o.Times = 10
	}
	if len(o.Config.Fleet.Databases) < 2 {
		return "", errors.New("this drill takes a fleet of two databases")
	}
	s, err := open(ctx, o)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	m, err := o.Config.OpenShards(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, m.Close()) }()

	shards, err := m.List(ctx)
	if err != nil {
		return "", err
	}
	moving, other := shards[0], shards[len(shards)-1]
	if other.Shard == moving.Shard {
		return "", errors.New("this drill takes a fleet of two logical shards")
	}
	s.say("writing %d posts to shard %d", o.Posts, moving.Shard)
	here, err := s.people(ctx, moving.Shard, 8)
	if err != nil {
		return "", err
	}
	there, err := s.people(ctx, other.Shard, 8)
	if err != nil {
		return "", err
	}
	posts, err := s.posts(ctx, here, o.Posts)
	if err != nil {
		return "", err
	}
	// Of many posts only some are written to, so that comparing ends.
	t := s.traffic(append(here, there...), posts[len(posts)-min(len(posts), 2000):])

	end, stop := context.WithCancel(ctx)
	defer stop()
	written := make(chan error, 1)
	go func() { written <- t.run(ctx, end, s.Writers) }()
	results, err := s.moveToAndFro(ctx, m, moving, o.Times, t, end.Done())
	stop()
	err = errors.Join(err, <-written)
	if err != nil {
		return "", err
	}
	return s.judge(ctx, m, t, results)
}

// moveToAndFro makes the moves.
func (s *stage) moveToAndFro(ctx context.Context, m *app.Shards, moving app.Shard, times int, t *traffic, over <-chan struct{}) ([]app.MoveResult, error) {
	at := moving.Database
	a, b := s.Config.Fleet.Databases[0].Name, s.Config.Fleet.Databases[1].Name
	var out []app.MoveResult
	table := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "move\tfrom\tto\trows\tjobs\tpause ms\twith locks ms\tlongest write ms\ttook\t")
	for i := range times {
		to := a
		if at == a {
			to = b
		}
		// Traffic goes on between the moves, too.
		before := t.sent.Load()
		for t.sent.Load() < before+50 && ctx.Err() == nil {
			select {
			case <-over:
				return out, errors.New("the writers ended before the moves did")
			case <-time.After(5 * time.Millisecond):
			}
		}
		t.longest()
		r, err := m.Move(ctx, moving.Shard, to, app.MoveOptions{})
		if err != nil {
			return out, fmt.Errorf("move %d: %w", i+1, err)
		}
		at = to
		out = append(out, r)
		fmt.Fprintf(table, "%d\t%s\t%s\t%d\t%d\t%.1f\t%.1f\t%.1f\t%s\t\n", i+1, r.From, r.To, r.Rows, r.Jobs, ms(r.Pause), ms(r.Locked), ms(t.longest()), r.Took.Round(10*time.Millisecond))
	}
	return out, table.Flush()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// longest gives the longest write since it was asked last.
func (t *traffic) longest() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.stall
	t.worst = max(t.worst, d)
	t.stall = 0
	return d
}

// judge compares and gives the sums; it errs if anything is wrong.
func (s *stage) judge(ctx context.Context, m *app.Shards, t *traffic, results []app.MoveResult) (string, error) {
	t.longest()
	var pause, locked time.Duration
	for _, r := range results {
		pause, locked = max(pause, r.Pause), max(locked, r.Locked)
	}
	v, err := t.compare(ctx)
	if err != nil {
		return "", err
	}
	findings, err := m.Verify(ctx, true, func(string) {})
	if err != nil {
		return "", err
	}
	line := fmt.Sprintf("%d moves of a shard of %d posts, %d comments and %d likes acknowledged meanwhile: %d lost, %d doubled, %d that nobody wrote; longest pause %.1f ms (%.1f ms with the waiting for locks), longest write of anybody %.1f ms; %d answers were no success",
		len(results), s.Posts, v.comments, v.likes, v.lost, v.doubled, v.strange, ms(pause), ms(locked), ms(t.worst), t.refused.Load())
	for _, f := range findings {
		s.say("database %s, shard %d: %s", f.Database, f.Shard, f.What)
	}
	switch {
	case t.refused.Load() > 0:
		s.say("the first answer that was no success: %s", t.first)
	case v.comments == 0 || v.likes == 0:
		return line, errors.New("nothing was acknowledged, so nothing was shown")
	}
	if v.lost+v.doubled+v.strange+len(findings) > 0 {
		return line, errors.New("not everything is as it should be")
	}
	return line, nil
}
