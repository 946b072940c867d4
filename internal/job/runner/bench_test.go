package runner_test

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	mine   = &sqlstore.Stmt{Name: "test.mine", SQL: `INSERT INTO {s}my_likes (user_id, post_id, op, state) VALUES ($1, $2, $3, 2) ON CONFLICT DO NOTHING`}
	theirs = &sqlstore.Stmt{Name: "test.theirs", SQL: `INSERT INTO {s}likes (post_id, user_id, op, state) VALUES ($1, $2, $3, 2) ON CONFLICT DO NOTHING`}
)

// BenchmarkEdges has 64 writers put one edge each, durable before the next,
// while the runner brings them to the other side. It reports how many came
// about a second, how long the rest took once the writers stopped, and how
// long one edge takes from its commit to the other side on a site at rest.
func BenchmarkEdges(b *testing.B) {
	c := openLite(b, filepath.Join(b.TempDir(), "t.db"))
	var applied, rows atomic.Int64
	r := c.start(b, runner.Config{Handlers: map[string]runner.Handler{
		job.EdgeKind.Name: runner.Items(func(ctx context.Context, items []job.Edge) error {
			err := c.home.Write(ctx, func(tx *sqlstore.Tx) error {
				for _, e := range items {
					if _, err := tx.Exec(ctx, theirs, e.Post, e.User, e.Op); err != nil {
						return err
					}
				}
				return nil
			})
			if err == nil {
				applied.Add(int64(len(items)))
				rows.Add(1)
			}
			return err
		}),
	}})
	ctx := context.Background()
	like := func(n int64) {
		e := job.Edge{Type: job.EdgeLike, User: tintype.ID(n), Target: 1, Post: tintype.ID(n % 100), Op: tintype.ID(n), State: 2}
		if err := c.home.Write(ctx, func(tx *sqlstore.Tx) error {
			tx.Enqueue(job.Insert{Kind: job.EdgeKind, Item: e})
			_, err := tx.Exec(ctx, mine, e.User, e.Post, e.Op)
			return err
		}); err != nil {
			b.Error(err)
		}
	}
	var next atomic.Int64
	b.ResetTimer()
	begun := time.Now()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				like(n)
			}
		})
	}
	wg.Wait()
	written := time.Since(begun)
	for applied.Load() < int64(b.N) {
		time.Sleep(time.Millisecond)
	}
	drained := time.Since(begun) - written
	b.StopTimer()
	b.ReportMetric(float64(b.N)/written.Seconds(), "edges/s")
	b.ReportMetric(drained.Seconds()*1000, "drain-ms")
	b.ReportMetric(float64(applied.Load())/float64(rows.Load()), "edges/job")
	until(b, "all finished", func() bool { return undone(b, r) == 0 })
	var sum time.Duration
	const alone = 30
	for i := range alone {
		time.Sleep(30 * time.Millisecond)
		want := applied.Load() + 1
		like(int64(b.N + i + 1))
		begun := time.Now()
		for applied.Load() < want {
			time.Sleep(100 * time.Microsecond)
		}
		sum += time.Since(begun)
	}
	b.ReportMetric(float64(sum.Microseconds())/1000/alone, "alone-ms")
}
