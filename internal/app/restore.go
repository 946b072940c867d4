package app

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/collect"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// restorer puts together what belonged together in an archive.
type restorer struct{ a *App }

// Album implements mydata.Restorer. Albums are known by what is written on them.
func (r restorer) Album(ctx context.Context, user tintype.ID, title, description string, private bool, cover tintype.ID, posts []tintype.ID) error {
	list, err := r.a.Albums.Of(ctx, user, user)
	if err != nil {
		return err
	}
	var al tintype.Album
	var all []tintype.ID
	store := sqlstore.Albums{R: r.a.Backend.Router}
	if at := slices.IndexFunc(list, func(o collect.Album) bool { return o.Title == title && o.Description == description }); at >= 0 {
		al = list[at].Album
		if all, _, err = store.AlbumPosts(ctx, al.ID, 0, collect.MaxAlbumPosts); err != nil {
			return err
		}
	} else {
		made, err := r.a.Albums.Add(ctx, user, collect.AlbumChanges{Title: &title, Description: &description, Private: &private})
		if err != nil {
			return err
		}
		al = made.Album
	}
	for _, id := range posts {
		if !slices.Contains(all, id) && len(all) < collect.MaxAlbumPosts {
			all = append(all, id)
		}
	}
	if al.Cover == 0 && slices.Contains(all, cover) {
		al.Cover = cover
	}
	// By the store: archived posts are in albums too, and the rule would leave them out.
	return store.PutAlbum(ctx, &al, all, collect.MaxAlbums)
}

// Collection implements mydata.Restorer.
func (r restorer) Collection(ctx context.Context, user tintype.ID, name string, cover tintype.ID, posts []tintype.ID) error {
	list, err := r.a.Saved.Collections(ctx, user)
	if err != nil {
		return err
	}
	var c collect.Collection
	if at := slices.IndexFunc(list, func(o collect.Collection) bool { return o.Name == name }); at >= 0 {
		c = list[at]
	} else if c, err = r.a.Saved.Add(ctx, user, name); err != nil {
		return err
	}
	for _, id := range slices.Backward(posts) {
		if err := r.a.Saved.Collect(ctx, user, c.ID, id, true); err != nil && !tintype.IsKind(err, tintype.NotFound) {
			return err
		}
	}
	if cover != 0 && c.Cover == 0 {
		_, err = r.a.Saved.Change(ctx, user, c.ID, collect.CollectionChanges{Cover: &cover})
	}
	return err
}

var errStranger = &tintype.Error{Kind: tintype.Forbidden, Msg: "this may be somebody else"}

// Person implements mydata.Restorer. A name is all that is known, and here it may be a stranger's: so nobody becomes a close
// friend, who would see what others do not, but whom the user follows here, and nobody whom they follow is blocked.
func (r restorer) Person(ctx context.Context, user tintype.ID, list string, p archive.Person) error {
	id, err := r.a.Account.UserID(ctx, p.Username)
	if err != nil {
		return err
	}
	if id == user {
		return errStranger
	}
	if _, err := r.a.Graph.User(ctx, user, id); err != nil {
		return err
	}
	out, _, _, err := r.a.Graph.Relationship(ctx, user, id)
	if err != nil {
		return err
	}
	follows := out == "follows"
	switch list {
	case archive.FriendsFile:
		if !follows {
			return errStranger
		}
		return r.a.Graph.SetFriend(ctx, user, id, true)
	case archive.MutedFile:
		return r.a.Safety.Mute(ctx, user, id, p.Activity)
	case archive.RestrictedFile:
		return r.a.Safety.Restrict(ctx, user, id)
	case archive.BlockedFile:
		if follows {
			return errStranger
		}
		return r.a.Graph.Block(ctx, user, id)
	}
	return tintype.Errorf(tintype.NotFound, "there is no list %q", list)
}
