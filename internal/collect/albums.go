package collect

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// AlbumStore keeps albums. sqlstore.Albums implements it and says what each method does.
type AlbumStore interface {
	Album(ctx context.Context, id tintype.ID) (*tintype.Album, error)
	Albums(ctx context.Context, owner tintype.ID) ([]tintype.Album, error)
	AlbumPosts(ctx context.Context, album, after tintype.ID, n int) (posts, places []tintype.ID, err error)
	InAlbum(ctx context.Context, album, post tintype.ID) (bool, error)
	PutAlbum(ctx context.Context, a *tintype.Album, posts []tintype.ID, most int) error
	DeleteAlbum(ctx context.Context, owner, id tintype.ID) error
}

// People tells whose things a viewer may see. graph.Service provides it.
type People interface {
	// Open gives a user of whom viewer may see what they publish, else an error that says no more than viewer may know.
	Open(ctx context.Context, viewer, user tintype.ID) (*tintype.User, error)
}

// AlbumsConfig is what Albums are made of. All is required.
type AlbumsConfig struct {
	Store  AlbumStore
	Posts  Posts
	People People
	Text   Text
}

// Albums is albums of one's own posts. Make it with NewAlbums.
type Albums struct{ c AlbumsConfig }

// NewAlbums makes Albums.
func NewAlbums(c AlbumsConfig) *Albums { return &Albums{c} }

// Album is an album as a viewer sees it.
type Album struct {
	tintype.Album
	Face []*tintype.Post // the cover first, then the first ones, of those that viewer may see; at most four
}

var (
	errNoAlbum  = &tintype.Error{Kind: tintype.NotFound, Msg: "this album does not exist"}
	errNotYours = &tintype.Error{Kind: tintype.Forbidden, Msg: "this is not yours to change"}
)

// see gives an album that viewer may see.
func (s *Albums) see(ctx context.Context, viewer, id tintype.ID) (*tintype.Album, error) {
	a, err := s.c.Store.Album(ctx, id)
	if err != nil {
		return nil, err
	}
	if a == nil || a.Private && viewer != a.UserID {
		return nil, errNoAlbum
	}
	if _, err = s.c.People.Open(ctx, viewer, a.UserID); tintype.IsKind(err, tintype.NotFound) {
		err = errNoAlbum
	}
	return a, err
}

// own gives an album to change it. Who may not see it is told that there is none.
func (s *Albums) own(ctx context.Context, user, id tintype.ID) (*tintype.Album, error) {
	a, err := s.see(ctx, user, id)
	if err == nil && a.UserID != user {
		err = errNotYours
	}
	return a, err
}

// Of lists owner's albums that viewer may see, newest first.
func (s *Albums) Of(ctx context.Context, viewer, owner tintype.ID) ([]Album, error) {
	if _, err := s.c.People.Open(ctx, viewer, owner); err != nil {
		return nil, err
	}
	list, err := s.c.Store.Albums(ctx, owner)
	if err != nil {
		return nil, err
	}
	if viewer != owner {
		list = slices.DeleteFunc(list, func(a tintype.Album) bool { return a.Private })
	}
	return s.shown(ctx, viewer, list)
}

func (s *Albums) shown(ctx context.Context, viewer tintype.ID, list []tintype.Album) ([]Album, error) {
	sets := make([][]tintype.ID, len(list))
	for i, a := range list {
		sets[i] = faceOf(a.Cover, a.First)
	}
	face, err := faces(ctx, s.c.Posts, viewer, sets)
	out := make([]Album, len(list))
	for i := range face {
		out[i] = Album{list[i], face[i]}
	}
	return out, err
}

// Get gives an album that viewer may see.
func (s *Albums) Get(ctx context.Context, viewer, id tintype.ID) (Album, error) {
	a, err := s.see(ctx, viewer, id)
	if err != nil {
		return Album{}, err
	}
	if a.First, _, err = s.c.Store.AlbumPosts(ctx, id, 0, 3*covers); err != nil {
		return Album{}, err
	}
	out, err := s.shown(ctx, viewer, []tintype.Album{*a})
	if err != nil {
		return Album{}, err
	}
	return out[0], nil
}

// Posts lists the posts of an album behind a place, in the owner's order, as far as viewer may see them. next is
// the place of the last that was looked at, 0 at the end; a page may be short before the end.
func (s *Albums) Posts(ctx context.Context, viewer, id, after tintype.ID, n int) (posts []*tintype.Post, next tintype.ID, err error) {
	a, err := s.see(ctx, viewer, id)
	if err != nil {
		return nil, 0, err
	}
	return albumPosts(ctx, s.c.Store, s.c.Posts, viewer, a, after, n)
}

func albumPosts(ctx context.Context, store AlbumStore, visible Posts, viewer tintype.ID, a *tintype.Album, after tintype.ID, n int) (posts []*tintype.Post, next tintype.ID, err error) {
	ids, places, err := store.AlbumPosts(ctx, a.ID, after, n+1)
	if err != nil {
		return nil, 0, err
	}
	if len(ids) > n {
		ids = ids[:n]
		next = places[n-1]
	}
	posts, err = visible.Visible(ctx, viewer, ids)
	if tintype.IsPartial(err) {
		err = nil
	}
	return slices.DeleteFunc(posts, func(p *tintype.Post) bool { return p.UserID != a.UserID }), next, err
}

// AlbumChanges are changes of an album; what is nil stays.
type AlbumChanges struct {
	Title       *string
	Description *string
	Private     *bool
	Cover       *tintype.ID   // a post of the album; 0 for the first
	Posts       *[]tintype.ID // all of them, in order
}

// Add makes an album of user's own posts.
func (s *Albums) Add(ctx context.Context, user tintype.ID, ch AlbumChanges) (Album, error) {
	if user == 0 {
		return Album{}, errSignedIn
	}
	if ch.Title == nil {
		ch.Title = new(string)
	}
	if ch.Posts == nil {
		ch.Posts = &[]tintype.ID{}
	}
	return s.put(ctx, &tintype.Album{UserID: user}, ch)
}

// Change changes an album of user's.
func (s *Albums) Change(ctx context.Context, user, id tintype.ID, ch AlbumChanges) (Album, error) {
	a, err := s.own(ctx, user, id)
	if err != nil {
		return Album{}, err
	}
	return s.put(ctx, a, ch)
}

func (s *Albums) put(ctx context.Context, a *tintype.Album, ch AlbumChanges) (_ Album, err error) {
	if ch.Title != nil {
		if a.Title, err = s.c.Text("title", "a title", *ch.Title, MaxName, false); err == nil && a.Title == "" {
			err = tintype.FieldError("title", "an album needs a title")
		}
		if err != nil {
			return Album{}, err
		}
	}
	if ch.Description != nil {
		if a.Description, err = s.c.Text("description", "a description", *ch.Description, MaxDescription, true); err != nil {
			return Album{}, err
		}
	}
	if ch.Private != nil {
		a.Private = *ch.Private
	}
	var posts []tintype.ID // nil: they stay
	if ch.Posts != nil {
		if posts, err = s.ownPosts(ctx, a, *ch.Posts); err != nil {
			return Album{}, err
		}
		if !slices.Contains(posts, a.Cover) {
			a.Cover = 0
		}
	}
	if ch.Cover != nil && *ch.Cover != a.Cover {
		if a.Cover = *ch.Cover; a.Cover != 0 {
			in := slices.Contains(posts, a.Cover)
			if posts == nil {
				in, err = s.c.Store.InAlbum(ctx, a.ID, a.Cover)
			}
			if err == nil && !in {
				err = tintype.FieldError("cover", "the cover must be a post of the album")
			}
			if err != nil {
				return Album{}, err
			}
		}
	}
	if err := s.c.Store.PutAlbum(ctx, a, posts, MaxAlbums); err != nil {
		return Album{}, err
	}
	return s.Get(ctx, a.UserID, a.ID)
}

// ownPosts checks that ids are posts of the album's owner, each once, and not too many; those that are gone by now are left out. It is never nil.
func (s *Albums) ownPosts(ctx context.Context, a *tintype.Album, ids []tintype.ID) ([]tintype.ID, error) {
	if len(ids) > MaxAlbumPosts {
		return nil, tintype.FieldError("media", "an album has at most %d posts; these are %d", MaxAlbumPosts, len(ids))
	}
	posts, err := s.c.Posts.Visible(ctx, a.UserID, ids)
	if err != nil {
		return nil, err // a partial one, too: what is not there now must not be dropped
	}
	out := make([]tintype.ID, 0, len(posts))
	for _, p := range posts {
		if p.UserID != a.UserID {
			return nil, tintype.FieldError("media", "an album is of one's own posts; %s is somebody else's", p.ID)
		}
		if slices.Contains(out, p.ID) {
			return nil, tintype.FieldError("media", "%s is there twice", p.ID)
		}
		out = append(out, p.ID)
	}
	return out, nil
}

// Delete deletes an album of user's; the posts stay.
func (s *Albums) Delete(ctx context.Context, user, id tintype.ID) error {
	if _, err := s.own(ctx, user, id); err != nil {
		return err
	}
	return s.c.Store.DeleteAlbum(ctx, user, id)
}
