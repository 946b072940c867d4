package app

import (
	"context"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/sqlstore"
)

// handlers binds every kind of job to the rules that do it.
func (a *App) handlers() map[string]runner.Handler {
	return map[string]runner.Handler{
		// Each rule takes the edges that are its own.
		job.EdgeKind.Name: runner.Items(func(ctx context.Context, edges []job.Edge) error {
			if err := a.Graph.ApplyEdges(ctx, edges); err != nil {
				return err
			}
			if err := a.Post.ApplyEdges(ctx, edges); err != nil {
				return err
			}
			return a.Popular.ApplyEdges(ctx, edges)
		}),
		job.DeliverKind.Name:  runner.Items(a.Feed.Deliver),
		job.WithdrawKind.Name: runner.Items(a.Feed.Withdraw),
		job.BackfillKind.Name: runner.Items(a.Feed.BackfillEdges),
		job.PullKind.Name:     runner.Items(a.Feed.Pull),
		job.NoticeKind.Name:   runner.Items(a.Activity.Notices),
		job.PurgeKind.Name:    runner.Items(a.Post.Purge),
		job.UncacheKind.Name:  runner.Items(a.Post.Uncache),
		job.EraseKind.Name: runner.Items(func(ctx context.Context, posts []job.Erase) error {
			if err := a.Popular.ApplyErased(ctx, posts); err != nil {
				return err
			}
			return a.Post.Erase(ctx, posts)
		}),
		job.ApproveAllKind.Name: runner.Items(a.Graph.ApproveAll),
		job.IndexUserKind.Name:  runner.Items(a.Account.IndexUsers),
		// Tags are told of posts, and of users, that not the same may see any longer, and go through these.
		job.TagKind.Name: runner.Items(func(ctx context.Context, items []job.Tagging) error {
			if err := a.Popular.ApplyReach(ctx, items); err != nil {
				return err
			}
			return a.Tags.Apply(ctx, items)
		}),
		job.PhotoTagKind.Name: runner.Items(a.Post.ApplyPhotoTags),

		job.SpotKind.Name:  runner.Items(a.Places.Apply),
		job.WordKind.Name:  runner.Items(a.Captions.Apply),
		job.SweepKind.Name: runner.Items(a.sweepJobs),

		job.FormatsKind.Name:  runner.Items(a.Post.MakeFormats),
		job.ModerateKind.Name: runner.Items(a.Moderate.Apply),

		job.PublishedKind.Name: runner.Items(a.Share.Published),
		job.PushKind.Name:      runner.Items(a.Share.Push),

		job.ExportKind.Name: runner.Items(a.MyData.MakeExports),
		job.MailKind.Name:   runner.Items(a.Account.Letters),
		job.ImportKind.Name: runner.Items(a.MyData.WorkImports),
		job.LeaveKind.Name:  runner.Items(a.MyData.DeleteUsers),
	}
}

// gathered are the kinds of which one call works many jobs: those that PostgreSQL, where each write commits by
// itself, has one by one.
func gathered() map[string]int {
	return map[string]int{job.PhotoTagKind.Name: job.PhotoTagKind.Merge, job.EdgeKind.Name: job.EdgeKind.Merge, job.NoticeKind.Name: job.NoticeKind.Merge,
		job.WordKind.Name: job.WordKind.Merge}
}

// jobs gives the runner its databases.
func (a *App) jobs() error { return a.Backend.AddJobs(a.Runner) }

// sweepEvery says what is cleaned up how often, while the site is served.
func (a *App) sweepEvery() map[string]sweeper {
	return map[string]sweeper{
		"account":  {time.Minute, a.Account.Sweep},
		"post":     {time.Hour, a.Post.Sweep},
		"feed":     {24 * time.Hour, a.Feed.Sweep},
		"share":    {time.Minute, a.Share.Sweep},
		"popular":  {10 * time.Minute, a.Popular.Sweep},
		"mydata":   {10 * time.Minute, a.MyData.Sweep},
		"moderate": {time.Minute, a.Moderate.Sweep},
		"storage":  {5 * time.Minute, a.Storage.Sweep},
	}
}

type sweeper struct {
	every time.Duration
	run   func(context.Context) error
}

// sweep cleans up until ctx ends. The first round comes soon: it settles what a
// crash left half done.
func (a *App) sweep(ctx context.Context) {
	var wg sync.WaitGroup
	for name, s := range a.sweepEvery() {
		wg.Go(func() {
			wait := time.NewTimer(5 * time.Second)
			defer wait.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-wait.C:
				}
				if err := s.run(sqlstore.Patiently(ctx)); err != nil && ctx.Err() == nil {
					a.Log.Warn("a sweep failed; it comes again", "sweep", name, "error", err)
				}
				wait.Reset(s.every)
			}
		})
	}
	wg.Wait()
}

// sweepJobs is the handler of job.SweepKind: a clean-up that somebody asked for.
func (a *App) sweepJobs(ctx context.Context, items []job.Sweep) error {
	for _, it := range items {
		if s, ok := a.sweepEvery()[it.What]; ok {
			if err := s.run(sqlstore.Patiently(ctx)); err != nil {
				return err
			}
		}
	}
	return nil
}

// failedJobs shows the runner's list to the API.
type failedJobs struct{ r *runner.Runner }

// FailedJobs implements api.Jobs.
func (f failedJobs) FailedJobs(ctx context.Context) ([]api.FailedJob, error) {
	list, err := f.r.Failed(ctx)
	out := make([]api.FailedJob, len(list))
	for i, j := range list {
		out[i] = api.FailedJob{Database: j.Database, ID: j.ID, Kind: j.Kind, Attempts: j.Attempts, Error: j.Error, Created: j.Created, Failed: j.Failed}
	}
	return out, err
}

// RetryJob implements api.Jobs.
func (f failedJobs) RetryJob(ctx context.Context, db, id string) error { return f.r.Retry(ctx, db, id) }
