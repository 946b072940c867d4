package app

import (
	"context"
	"fmt"

	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

// Rebuilder gives what makes derived things again. It may work while the site is served.
func (a *App) Rebuilder() *inspect.Rebuilder {
	checks := a.checks()
	return inspect.NewRebuilder(inspect.RebuildConfig{
		Listing: checks,
		Rows:    checks,
		Changed: a.forget,
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
				Checks: []string{"tag_posts", "tag_counts"},
				AtOnce: 4,
			},
			"places": {
				Post:   func(ctx context.Context, post tintype.ID, _ bool) (bool, error) { return a.Places.Rebuild(ctx, post) },
				Checks: []string{"spot_posts", "spot_counts"},
				AtOnce: 4,
			},
			"words": {
				Post:   func(ctx context.Context, post tintype.ID, _ bool) (bool, error) { return a.Captions.Rebuild(ctx, post) },
				Checks: []string{"word_posts"},
				AtOnce: 8,
			},
			"tagged": {
				Post: func(ctx context.Context, post tintype.ID, _ bool) (bool, error) {
					return a.Post.RebuildTagged(ctx, post)
				},
				Checks: []string{"tagged_posts"},
				AtOnce: 4,
			},
			"popular": {
				Post:   func(ctx context.Context, post tintype.ID, _ bool) (bool, error) { return a.Popular.Rebuild(ctx, post) },
				Checks: []string{"popular"},
				AtOnce: 8,
			},
			"renditions": {Post: a.Post.Rerender, AtOnce: 4},
			"storage": {
				User:   a.recountStorage,
				Post:   func(ctx context.Context, post tintype.ID, _ bool) (bool, error) { return a.Post.Reckon(ctx, post) },
				Checks: []string{"storage"},
				AtOnce: 4,
			},
			"cache": {Whole: a.emptyCaches},
		},
	})
}

// RebuildTimelines makes the pages of all tags ("tags") and places ("places"), what posts are found by ("words"), or what is popular ("popular"), from posts, and
// tells how far it is, from 0 to 1.
func (a *App) RebuildTimelines(ctx context.Context, what string, progress func(part float64)) error {
	sum, err := a.Rebuilder().Run(ctx, inspect.RebuildRequest{What: what}, func(e inspect.Event) error {
		if e.Finding == nil {
			progress(e.Part)
		}
		return nil
	})
	if err == nil && sum.Findings > 0 {
		err = fmt.Errorf("the %s of %d posts or users could not be brought to their timelines", what, sum.Findings)
	}
	return err
}

// checks is what reads rows to check and to rebuild them.
func (a *App) checks() sqlstore.Checks {
	return sqlstore.Checks{R: a.Backend.Router, Clock: a.cfg.Clock, At: a.Backend.Router.Homes(), Timelines: a.homeTimelines(), Newest: a.newestInFeeds,
		Retag: a.Tags.Rebuild, Respot: a.Places.Rebuild, Rename: a.Post.RebuildTagged, Spots: a.Places.Spots,
		Terms: words.Terms, Reword: a.Captions.Rebuild, Misscored: a.Popular.Misscored, Rescore: a.Popular.Rebuild}
}
