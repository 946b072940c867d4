package app

import (
	"context"

	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// Rebuilder gives what makes derived things again. It may work while the site is served.
func (a *App) Rebuilder() *inspect.Rebuilder {
	checks := a.checks()
	return inspect.NewRebuilder(inspect.RebuildConfig{
		Listing: checks,
		Clock:   a.cfg.Clock,
		Works: map[string]inspect.Work{
			"feeds": {AtOnce: 8, User: a.Feed.Rebuild},
			"counters": {
				User: func(ctx context.Context, u tintype.Seen) (bool, error) {
					changed, err := checks.RecountUser(ctx, u.ID)
					if changed {
						a.forget(ctx, tintype.Mended{Users: []tintype.ID{u.ID}})
					}
					return changed, err
				},
				Post: func(ctx context.Context, post tintype.ID, _ bool) (bool, error) {
					changed, err := checks.RecountPost(ctx, post)
					if changed {
						a.forget(ctx, tintype.Mended{Posts: []tintype.ID{post}})
					}
					return changed, err
				},
				AtOnce: 4,
			},
			// Besides, people are found by the words of their names.
			"tags": {
				User: func(ctx context.Context, u tintype.Seen) (bool, error) {
					return true, a.Account.IndexUsers(ctx, []job.User{{ID: u.ID}})
				},
				Post:   func(ctx context.Context, post tintype.ID, _ bool) (bool, error) { return a.Tags.Rebuild(ctx, post) },
				AtOnce: 4,
			},
			"places": {
				Post:   func(ctx context.Context, post tintype.ID, _ bool) (bool, error) { return a.Places.Rebuild(ctx, post) },
				AtOnce: 4,
			},
			"renditions": {Post: a.Post.Rerender, AtOnce: 4},
			"cache":      {Whole: a.emptyCaches},
		},
	})
}

// checks is what reads rows to check and to rebuild them.
func (a *App) checks() sqlstore.Checks {
	return sqlstore.Checks{R: a.Backend.Router, Clock: a.cfg.Clock, At: a.Backend.Router.Homes(), Timelines: a.homeTimelines(), Newest: a.newestInFeeds}
}
