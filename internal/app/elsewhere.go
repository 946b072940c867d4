package app

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/live"
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
		Revoked: func(user tintype.ID) {
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
