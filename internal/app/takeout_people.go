package app

import (
	"context"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/mydata"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// pages lists people, page by page; next is 0 at the end.
type pages = func(ctx context.Context, user tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error)

// exportPeople is who has to do with the user, as the user set it.
func (a *App) exportPeople(store sqlstore.Exports) []mydata.List {
	return []mydata.List{
		{Name: "following.json", Each: a.people(func(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, tintype.ID, error) {
			return a.Graph.Following(ctx, user, user, page)
		}, nil)},
		{Name: "followers.json", Each: a.people(func(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, tintype.ID, error) {
			return a.Graph.Followers(ctx, user, user, page)
		}, nil)},
		{Name: "follow_requests.json", Each: a.people(a.Graph.Requests, nil)},
		{Name: "requested.json", Each: a.people(func(ctx context.Context, user tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
			ids, ops, err := sqlstore.Graph{R: store.R}.Following(ctx, user, tintype.EdgeRequested, page)
			if len(ops) == page.Count {
				next = ops[len(ops)-1]
			}
			return ids, next, err
		}, nil)},
		{Name: archive.FriendsFile, Each: a.people(a.Graph.Friends, nil)},
		{Name: archive.MutedFile, Each: a.people(a.Safety.MutedUsers, func(ctx context.Context, user tintype.ID, p *archive.Person, other tintype.ID) error {
			st, err := a.Safety.Stance(ctx, user, other)
			p.Activity = st.MutedActivity
			return err
		})},
		{Name: archive.RestrictedFile, Each: a.people(a.Safety.RestrictedUsers, nil)},
		{Name: archive.BlockedFile, Each: a.people(func(ctx context.Context, user tintype.ID, _ tintype.Page) ([]tintype.ID, tintype.ID, error) {
			ids, err := store.Blocked(ctx, user)
			return ids, 0, err
		}, nil)},
		{Name: "dismissed.json", Each: a.people(func(ctx context.Context, user tintype.ID, _ tintype.Page) ([]tintype.ID, tintype.ID, error) {
			ids, err := sqlstore.Dismissals(store).Dismissed(ctx, user)
			return ids, 0, err
		}, nil)},
	}
}

// people gives a list of people; more adds to what is said of each.
func (a *App) people(read pages, more func(ctx context.Context, user tintype.ID, p *archive.Person, other tintype.ID) error) each {
	return func(ctx context.Context, user tintype.ID, yield func(any) error) error {
		return eachPage(func(page tintype.Page) (tintype.ID, error) {
			ids, next, err := read(ctx, user, page)
			if err != nil {
				return 0, err
			}
			users, err := a.Graph.Users(ctx, ids)
			if err != nil {
				return 0, err
			}
			for _, u := range users {
				if u == nil || u.State == tintype.UserDeleted {
					continue
				}
				p := archive.Person{ID: u.ID.String(), Username: u.Username, FullName: u.FullName}
				if more != nil {
					if err := more(ctx, user, &p, u.ID); err != nil {
						return 0, err
					}
				}
				if err := yield(p); err != nil {
					return 0, err
				}
			}
			return next, nil
		})
	}
}

// exportDoors is by what the user, and apps in their name, come in, without any secret.
func (a *App) exportDoors(store sqlstore.Exports) []mydata.List {
	return []mydata.List{
		{Name: "sessions.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			list, err := a.Account.Sessions(ctx, user)
			for _, s := range list {
				if s.AppID == 0 && err == nil {
					err = yield(map[string]any{"created": s.Created, "last_seen": s.Seen, "browser": s.UserAgent, "address": s.Address})
				}
			}
			return err
		}},
		{Name: "passkeys.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			list, err := a.Account.ListPasskeys(ctx, user)
			return yieldEach(list, yield, err, func(k account.Passkey) any {
				out := map[string]any{"name": k.Name, "created": k.Created}
				if !k.Used.IsZero() {
					out["last_used"] = k.Used
				}
				return out
			})
		}},
		{Name: "identities.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			list, err := sqlstore.Identities{R: store.R}.Identities(ctx, user)
			return yieldEach(list, yield, err, func(i tintype.Identity) any {
				return map[string]any{"issuer": i.Issuer, "email": i.Email, "linked": i.Linked}
			})
		}},
		{Name: "apps.json", Each: func(ctx context.Context, user tintype.ID, yield func(any) error) error {
			list, err := a.Account.Grants(ctx, user)
			return yieldEach(list, yield, err, func(g tintype.AppGrant) any {
				return map[string]any{"name": g.App.Name, "website": g.App.Website, "scopes": account.ScopeNames(g.Scopes), "allowed": g.Created, "last_used": g.Seen}
			})
		}},
		{Name: "developer_apps.json", Each: a.exportApps},
	}
}

// exportApps gives the apps that the user registered, and what for they are called back.
func (a *App) exportApps(ctx context.Context, user tintype.ID, yield func(any) error) error {
	list, err := a.Account.Apps(ctx, user)
	if err != nil {
		return err
	}
	for _, app := range list {
		subs, err := a.Share.List(ctx, app.ID)
		if err != nil {
			return err
		}
		hooks := make([]map[string]any, len(subs))
		for i, s := range subs {
			hooks[i] = map[string]any{"object": s.Object, "callback": s.URL, "created": s.Created}
			switch {
			case s.Radius > 0:
				hooks[i]["latitude"], hooks[i]["longitude"], hooks[i]["radius"] = s.Latitude, s.Longitude, s.Radius
			case s.ObjectID != "":
				hooks[i]["object_id"] = s.ObjectID
			}
		}
		if err := yield(map[string]any{"name": app.Name, "description": app.Description, "website": app.Website, "client_id": app.ClientID, "redirect_uris": app.RedirectURIs,
			"scopes": account.ScopeNames(app.Scopes), "created": app.Created, "enforce_signed": app.EnforceSigned, "subscriptions": hooks}); err != nil {
			return err
		}
	}
	return nil
}
