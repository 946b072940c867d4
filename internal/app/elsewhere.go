package app

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/activity"
	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/redis"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// elsewhere gives what tells the other processes of a fleet, and listens to
// what they tell; all nil where this process is all there is. What is told may
// be heard before the rules are made: they are looked up when it is.
func (a *App) elsewhere() (account.Elsewhere, feed.Elsewhere, func([]tintype.ID)) {
	if a.bus == nil {
		return nil, nil, nil
	}
	made := func() bool { return a.made.Load() }
	a.relay = live.NewRelay(live.RelayConfig{
		Bus:      a.bus,
		Hub:      a.Hub,
		FeedCame: a.caches.feedCame,
		Feed: func(users []tintype.ID, e live.Event) {
			if made() {
				a.tell(func(ctx context.Context) error { a.Feed.Tell(ctx, users, e); return nil })
			}
		},
		Followers: func(e live.Event) {
			if made() {
				a.tell(func(ctx context.Context) error { return a.Feed.TellFollowers(ctx, e) })
			}
		},
		Happened: func(users []tintype.ID) {
			if made() {
				a.Activity.HappenedHere(users)
			}
		},
		Revoked: func(user tintype.ID, credentials []string) {
			if a.lookups != nil {
				a.lookups.EndedElsewhere(credentials)
			}
			if made() {
				a.Account.ForgetUser(user)
			}
		},
		SiteChanged: func() {
			if made() {
				a.Account.ForgetSite()
			}
		},
	})
	return a.relay, a.relay, a.relay.Happened
}

// shared is what the processes of a fleet count and look up together: in Redis,
// with SQL or this process behind it; where there is no Redis, in SQL.
type shared struct {
	limiter account.Limiter
	lookups account.Lookups
	counts  activity.Counts
	budgets api.Budgets
	calls   api.Calls
}

func (a *App) shared() shared {
	r := a.Backend.Router
	if a.redis == nil {
		return shared{limiter: sqlstore.RateLimits{R: r}}
	}
	a.lookups = redis.NewCredentials(a.redis, sqlstore.Credentials{R: r})
	return shared{
		limiter: redis.NewLimits(a.redis),
		lookups: a.lookups,
		counts:  redis.NewCounters(a.redis, countedFor),
		budgets: redis.Budgets{P: a.redis},
		calls:   redis.Calls{P: a.redis},
	}
}

// countedFor is how long a count of unread activity is kept that nothing changed: what is undone does not.
const countedFor = 30 * time.Second

// tell does what may take a moment, so that whoever brings the news need not wait.
func (a *App) tell(f func(ctx context.Context) error) {
	a.telling.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := f(ctx); err != nil {
			a.Log.Warn("open pages could not be told of a post", "error", err)
		}
	})
}

// whole reports whether all that other processes tell is heard.
func (a *App) whole() bool { return a.bus == nil || a.bus.Whole() }
