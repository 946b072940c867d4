package app

import (
	"context"
	"strings"
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
	posts := sqlstore.Posts{R: r, Clock: clock}
	exports := sqlstore.Exports{R: r, Clock: clock}
	imports := sqlstore.Imports{R: r, Clock: clock}
	a.MyData = mydata.New(mydata.Config{
		Clock:   clock,
		Blobs:   a.Blobs,
		Posts:   posts,
		Exports: exports,
		Imports: imports,
		Items:   imports,
		Made:    imports,
		Publish: publisher{a.Post},
		Leavers: sqlstore.Leaving{R: r, Clock: clock},
		Departed: mydata.Departed{
			Hide:       a.Account.Hide,
			DeletePost: posts.DeletePost,
			Avatar:     account.AvatarFiles,
			Changed:    a.forget,
			Ended:      a.Account.Ended,
			Forget:     a.homeTimelines().Forget,
		},
		Settle:   a.cfg.LeaveSettle,
		MaxBytes: int64(a.cfg.MaxImportGB) << 30,
		MaxPart:  int64(a.cfg.MaxUploadMB) << 20,
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
	return p.Service.PublishPast(ctx, user, post.Draft{Uploads: d.Uploads, Caption: d.Caption, AltTexts: d.AltTexts, Edits: d.Edits, Location: d.Location, Approximate: d.Approximate}, past)
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

// listPage is how many entries of a list are read at a time.
const listPage = 500

// exportLists is what goes into an export besides posts: what the rules show the user of it.
func (a *App) exportLists(store sqlstore.Exports) []mydata.List {
	type person struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		FullName string `json:"full_name,omitempty"`
	}
	type pages func(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, tintype.ID, error)
	people := func(next pages) func(context.Context, tintype.ID, func(any) error) error {
		return func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			for page := (tintype.Page{Count: listPage}); ; {
				ids, more, err := next(ctx, user, page)
				if err != nil {
					return err
				}
				users, err := a.Graph.Users(ctx, ids)
				if err != nil {
					return err
				}
				for _, u := range users {
					if u == nil {
						continue
					}
					if err := yield(person{u.ID.String(), u.Username, u.FullName}); err != nil {
						return err
					}
				}
				if page.Max = more; more == 0 {
					return nil
				}
			}
		}
	}
	return []mydata.List{
		{Name: "profile.json", One: true, Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			u, err := a.self(ctx, user)
			if err != nil {
				return err
			}
			p, err := a.Account.Private(ctx, user)
			if err != nil {
				return err
			}
			return yield(map[string]any{"id": u.ID, "username": u.Username, "full_name": u.FullName, "bio": u.Bio, "website": u.Website, "email": p.Email,
				"language": p.Locale, "admin": p.Admin, "joined": u.ID.Time(), "posts": u.Counts.Media, "follows": u.Counts.Follows, "followers": u.Counts.FollowedBy})
		}},
		{Name: "settings.json", One: true, Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			u, err := a.self(ctx, user)
			if err != nil {
				return err
			}
			f, err := a.Account.TwoFactor(ctx, user)
			if err != nil {
				return err
			}
			return yield(map[string]any{"private": u.Private, "photo_map": u.ShowsMap, "two_factor": f.Enabled})
		}},
		{Name: "comments.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			return a.commentsOf(ctx, store, user, yield)
		}},
		{Name: "likes.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			for page := (tintype.Page{Count: listPage}); ; {
				posts, more, err := a.Post.LikedPosts(ctx, user, page)
				if err != nil {
					return err
				}
				for _, p := range posts {
					if err := yield(a.mention(ctx, p)); err != nil {
						return err
					}
				}
				if page.Max = more; more == 0 {
					return nil
				}
			}
		}},
		{Name: "following.json", Each: people(func(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, tintype.ID, error) {
			return a.Graph.Following(ctx, user, user, page)
		})},
		{Name: "followers.json", Each: people(func(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, tintype.ID, error) {
			return a.Graph.Followers(ctx, user, user, page)
		})},
		{Name: "follow_requests.json", Each: people(a.Graph.Requests)},
		{Name: "sessions.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			list, err := a.Account.Sessions(ctx, user)
			for _, s := range list {
				if s.AppID == 0 && err == nil {
					err = yield(map[string]any{"created": s.Created, "last_seen": s.Seen, "browser": s.UserAgent, "address": s.Address})
				}
			}
			return err
		}},
		{Name: "apps.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			list, err := a.Account.Grants(ctx, user)
			for _, g := range list {
				if err == nil {
					err = yield(map[string]any{"name": g.App.Name, "website": g.App.Website, "scopes": account.ScopeNames(g.Scopes), "allowed": g.Created, "last_used": g.Seen})
				}
			}
			return err
		}},
	}
}

// mentioned is a post of somebody else that an archive speaks of.
type mentioned struct {
	Post      string    `json:"post"`
	Shortcode string    `json:"shortcode"`
	By        string    `json:"by,omitempty"`
	Created   time.Time `json:"created"`
}

func (a *App) mention(ctx context.Context, p *tintype.Post) mentioned {
	m := mentioned{Post: p.ID.String(), Shortcode: p.ID.Shortcode(), Created: p.ID.Time()}
	if u, err := a.self(ctx, p.UserID); err == nil {
		m.By = u.Username
	}
	return m
}

// commentsOf gives the comments that a user made. Of posts that they may not see (any more) it says nothing but that.
func (a *App) commentsOf(ctx context.Context, store sqlstore.Exports, user tintype.ID, yield func(any) error) error {
	type comment struct {
		Text    string     `json:"text"`
		Created time.Time  `json:"created"`
		On      *mentioned `json:"on"`
	}
	for page := (tintype.Page{Count: listPage}); ; {
		list, err := store.CommentsOf(ctx, user, page)
		if err != nil || len(list) == 0 {
			return err
		}
		posts, ids := make([]tintype.ID, len(list)), make([]tintype.ID, len(list))
		for i, c := range list {
			posts[i], ids[i] = c.PostID, c.ID
		}
		texts, err := a.Post.CommentTexts(ctx, posts, ids)
		if err != nil {
			return err
		}
		visible, err := a.Post.Visible(ctx, user, posts)
		if err != nil {
			return err
		}
		on := map[tintype.ID]*mentioned{}
		for _, p := range visible {
			m := a.mention(ctx, p)
			on[p.ID] = &m
		}
		for i, c := range list {
			if strings.TrimSpace(texts[i]) == "" {
				continue // the post was deleted, and the comment with it
			}
			if err := yield(comment{texts[i], c.ID.Time(), on[c.PostID]}); err != nil {
				return err
			}
		}
		if len(list) < page.Count {
			return nil
		}
		page.Max = list[len(list)-1].ID
	}
}
