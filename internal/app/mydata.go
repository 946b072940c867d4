package app

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/mydata"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// takeAlong makes what lets people take, bring and delete what is theirs.
func (a *App) takeAlong() {
	r, clock := a.Backend.Router, a.cfg.Clock
	posts := a.posts()
	exports := sqlstore.Exports{R: r, Clock: clock}
	imports := sqlstore.Imports{R: r, Clock: clock}
	a.MyData = mydata.New(mydata.Config{
		Clock:    clock,
		Blobs:    a.Blobs,
		Posts:    posts,
		Exports:  exports,
		Imports:  imports,
		Items:    imports,
		Unpacked: imports,
		Made:     imports,
		Publish:  publisher{a.Post},
		Restore:  restorer{a},
		Leavers:  sqlstore.Leaving{R: r, Clock: clock},
		Departed: mydata.Departed{
			Hide:       a.Account.Align,
			DeletePost: posts.DeletePost,
			Avatar:     account.AvatarFiles,
			Changed:    a.forget,
			Ended:      a.Account.Ended,
			Forget:     a.homeTimelines().Forget,
		},
		Settle:   a.cfg.LeaveSettle,
		MaxBytes: int64(a.cfg.MaxImportGB) << 30,
		MaxPart:  int64(a.cfg.MaxUploadMB) << 20,
		Names:    a.namesFor,
		Lists:    a.exportLists(exports),
		Pictures: func(ctx context.Context, user tintype.ID) ([]string, error) {
			u, err := a.self(ctx, user)
			if err != nil || u.AvatarKey == "" {
				return nil, err
			}
			files := account.AvatarFiles(user, u.AvatarKey)
			return []string{files[len(files)-1]}, nil
		},
		SiteName: func(ctx context.Context) (string, error) {
			s, err := a.Account.Site(ctx)
			return s.Name, err
		},
		Room: a.Storage.Room,
		MayPublish: func(ctx context.Context, user tintype.ID) (refused, err error) {
			for _, k := range []knobs.Knob{knobs.Posting, knobs.Uploads} {
				if refused := a.Knobs.Closed(k); refused != nil {
					return refused, nil
				}
			}
			return a.Account.MayShow(ctx, user, a.Knobs.On(knobs.VerifiedEmail))
		},
		Log: a.Log,
	})
}

// Grace is in what time somebody who asked to be deleted may come back.
func (a *App) Grace() time.Duration { return time.Duration(max(a.cfg.LeaveDays, 0)) * 24 * time.Hour }

// publisher makes posts of what is in archives.
type publisher struct{ *post.Service }

// PublishPast implements mydata.Publisher.
func (p publisher) PublishPast(ctx context.Context, user tintype.ID, d mydata.Draft, past tintype.Past) (tintype.ID, bool, error) {
	return p.Service.PublishPast(ctx, user, post.Draft{Uploads: d.Uploads, Caption: d.Caption, AltTexts: d.AltTexts, Edits: d.Edits, Location: d.Location, Approximate: d.Approximate,
		Audience: d.Audience, HideLikes: d.HideLikes, Commenters: d.Commenters}, past)
}

// Delete implements mydata.Publisher.
func (p publisher) Delete(ctx context.Context, user, post tintype.ID) error {
	return p.DeleteUnseen(ctx, user, post)
}

func (a *App) self(ctx context.Context, user tintype.ID) (*tintype.User, error) {
	users, err := a.Graph.Users(ctx, []tintype.ID{user})
	if err == nil && users[0] == nil {
		err = tintype.Errorf(tintype.NotFound, "this user does not exist")
	}
	if err != nil {
		return nil, err
	}
	return users[0], nil
}
