package app

import (
	"context"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/sqlstore"
)

// makeKnobs makes what an operator may change while the site runs, and reads it
// once. What cannot be read now will be: the site opens with the defaults.
func (a *App) makeKnobs(ctx context.Context) {
	a.Knobs = knobs.New(knobs.Config{
		Store:    sqlstore.Settings{R: a.Backend.Router},
		Clock:    a.cfg.Clock,
		Log:      a.Log,
		Defaults: map[knobs.Knob]int{knobs.HourlyLimit: a.cfg.HourlyLimit, knobs.MaxUploadMB: a.cfg.MaxUploadMB},
		Changed:  func() { a.Account.ForgetSite() },
	})
	if err := a.Knobs.Refresh(ctx); err != nil {
		a.Log.WarnContext(ctx, "the knobs cannot be read yet", "error", err)
	}
}

// watchKnobs keeps the knobs up to date until stop is called.
func (a *App) watchKnobs() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Knobs.Watch(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// What the rules ask of the knobs.

func (a *App) feedTuning() feed.Tuning {
	n := a.Knobs.Number
	return feed.Tuning{Length: n(knobs.FeedLength), PullAbove: n(knobs.CelebrityThreshold), PageSize: n(knobs.FanoutPage), Backfill: n(knobs.FeedBackfill)}
}

func (a *App) accountLimits() account.Limits {
	n := a.Knobs.Number
	l := account.DefaultLimits
	l.SignUps, l.PairTries, l.AccountTries, l.AddressTries = n(knobs.SignUpsPerHour), n(knobs.PasswordTriesPair), n(knobs.PasswordTriesAccount), n(knobs.PasswordTriesAddress)
	return l
}

func (a *App) uploadLimit() int64 { return int64(a.Knobs.Number(knobs.MaxUploadMB)) << 20 }

// pictureFormats are the formats besides JPEG that pictures are made and shown in.
func (a *App) pictureFormats() []imaging.Format {
	all := []imaging.Format{imaging.AVIF, imaging.WebP}
	return all[min(a.Knobs.Number(knobs.PictureFormats), len(all)):] // the knob's words, in the same order
}

func (a *App) hourlyLimit() int { return a.Knobs.Number(knobs.HourlyLimit) }

// newestInFeeds is how many of an author's newest posts every feed of a follower surely has.
func (a *App) newestInFeeds() int { return a.Knobs.Number(knobs.FeedBackfill) }
