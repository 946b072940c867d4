package app

import (
	"context"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// Inspector gives what checks and repairs the site. It may work while the site is served.
func (a *App) Inspector() *inspect.Checker {
	checks := sqlstore.Checks{R: a.Backend.Router, Clock: a.cfg.Clock, At: a.Backend.Router.Homes(),
		Timelines: a.homeTimelines(),
		Newest:    func() int { return a.Knobs.Number(knobs.FeedBackfill) }}
	return inspect.New(inspect.Config{
		Rows:        checks,
		Refs:        checks,
		Files:       a.Blobs,
		AvatarFiles: account.AvatarFiles,
		Undone:      a.Runner.Undone,
		Changed:     a.forget,
		Clock:       a.cfg.Clock,
	})
}

// Members lists up to limit accounts with an ID above after, the oldest first.
func (a *App) Members(ctx context.Context, after tintype.ID, limit int) ([]tintype.Member, error) {
	return sqlstore.Accounts{R: a.Backend.Router}.Members(ctx, after, limit)
}

// forgetter drops what is known of repaired rows. Caches implement it.
type forgetter interface {
	Drop(ctx context.Context, keys ...cache.Key) error
}

// forget drops everything that the caches may hold of what was repaired.
func (a *App) forget(ctx context.Context, m tintype.Mended) {
	var keys []cache.Key
	for _, u := range m.Users {
		for _, k := range []cache.Kind{cache.KindUser, cache.KindHidden, cache.KindFeedHead, cache.KindRecent, cache.KindPosts} {
			keys = append(keys, cache.Key{Kind: k, A: u})
		}
		for _, other := range m.Users {
			if other != u {
				keys = append(keys, cache.Key{Kind: cache.KindRelation, A: u, B: other})
			}
		}
		for _, p := range m.Posts {
			keys = append(keys, cache.Key{Kind: cache.KindLiked, A: u, B: p})
		}
	}
	for _, p := range m.Posts {
		keys = append(keys, cache.Key{Kind: cache.KindPost, A: p})
	}
	for _, c := range a.caches.all {
		if err := c.Drop(ctx, keys...); err != nil {
			a.Log.WarnContext(ctx, "what was repaired was not dropped from a cache", "error", err)
		}
	}
}
