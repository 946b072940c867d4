package app

import (
	"context"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// Inspector gives what checks and repairs the site. It may work while the site is served.
func (a *App) Inspector() *inspect.Checker {
	checks := a.checks()
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
	// Clear forgets everything that this process holds.
	Clear()
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

// emptyCaches forgets all that is held of what is kept elsewhere. What other
// processes hold near them stays until it is dropped or has grown old.
func (a *App) emptyCaches(context.Context) error {
	var err error
	if a.memcached != nil {
		err = a.memcached.Flush()
	}
	for _, c := range a.caches.all {
		c.Clear()
	}
	return err
}
