package collect

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// SavedStore keeps what users saved. sqlstore.Saved implements it and says what each method does, as for the interface below.
type SavedStore interface {
	Save(ctx context.Context, user, post tintype.ID, most int) error
	Unsave(ctx context.Context, user, post tintype.ID) (collections []tintype.ID, err error)
	SavedPosts(ctx context.Context, user tintype.ID, page tintype.Page) (posts, ops []tintype.ID, err error)
	SavedIDs(ctx context.Context, user tintype.ID) ([]tintype.ID, error)
	CollectionsWith(ctx context.Context, user, post tintype.ID) ([]tintype.ID, error)
}

// CollectionStore keeps collections.
type CollectionStore interface {
	Collections(ctx context.Context, user tintype.ID) ([]tintype.Collection, error)
	AddCollection(ctx context.Context, c *tintype.Collection, most int) error
	ChangeCollection(ctx context.Context, c *tintype.Collection) error
	DeleteCollection(ctx context.Context, user, id tintype.ID) error
	Collect(ctx context.Context, user, collection, post tintype.ID, on bool, mostSaved int) error
	CollectionPosts(ctx context.Context, user, collection tintype.ID, page tintype.Page) (posts, ops []tintype.ID, err error)
}

// SavedConfig is what Saved is made of. All is required.
type SavedConfig struct {
	Saved       SavedStore
	Collections CollectionStore
	Posts       Posts
	IDCache     cache.Cache[[]tintype.ID] // holds KindSaved
	Text        Text
}

// Saved is what users save, and their collections. Make it with NewSaved.
type Saved struct{ c SavedConfig }

// NewSaved makes Saved.
func NewSaved(c SavedConfig) *Saved { return &Saved{c} }

// Kept is a page of posts that somebody kept. Gone are those on it that may not be seen (any longer).
type Kept struct {
	Posts []*tintype.Post
	Gone  []tintype.ID
	Next  tintype.ID // page.Max of the next page, 0 at the end
}

// Collection is a collection as its user sees it.
type Collection struct {
	tintype.Collection
	Face []*tintype.Post // the cover first, then the latest, of those that may be seen; at most four
}

// Save makes user keep a post that user may see.
func (s *Saved) Save(ctx context.Context, user, post tintype.ID) error {
	if _, err := s.c.Posts.Get(ctx, user, post); err != nil {
		return err
	}
	return s.changed(ctx, user, s.c.Saved.Save(ctx, user, post, MaxSaved))
}

// Unsave undoes Save, of a post that is gone too, and gives the collections that the post was in.
func (s *Saved) Unsave(ctx context.Context, user, post tintype.ID) ([]tintype.ID, error) {
	was, err := s.c.Saved.Unsave(ctx, user, post)
	return was, s.changed(ctx, user, err)
}

// changed drops the list of what user saved from the cache: after an error it may have changed all the same.
func (s *Saved) changed(ctx context.Context, user tintype.ID, err error) error {
	e := s.c.IDCache.Drop(context.WithoutCancel(ctx), cache.Key{Kind: cache.KindSaved, A: user})
	if err == nil {
		err = e
	}
	return err
}

// Has tells of each of posts whether user saved it.
func (s *Saved) Has(ctx context.Context, user tintype.ID, posts []tintype.ID) ([]bool, error) {
	lists, _, err := s.c.IDCache.Fetch(ctx, []cache.Key{{Kind: cache.KindSaved, A: user}}, func(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
		ids, err := s.c.Saved.SavedIDs(ctx, user)
		if err == nil {
			set(missing[0], ids)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]bool, len(posts))
	for i, p := range posts {
		_, out[i] = slices.BinarySearch(lists[0], p)
	}
	return out, nil
}

// List lists what user saved, latest first.
func (s *Saved) List(ctx context.Context, user tintype.ID, page tintype.Page) (Kept, error) {
	return s.kept(ctx, user, page, func(ctx context.Context, page tintype.Page) (posts, ops []tintype.ID, err error) {
		return s.c.Saved.SavedPosts(ctx, user, page)
	})
}

func (s *Saved) kept(ctx context.Context, user tintype.ID, page tintype.Page, read func(context.Context, tintype.Page) (posts, ops []tintype.ID, err error)) (k Kept, err error) {
	if user == 0 {
		return k, errSignedIn
	}
	ask := page
	ask.Count++
	ids, ops, err := read(ctx, ask)
	if err != nil {
		return k, err
	}
	if len(ids) == ask.Count {
		ids = ids[:page.Count]
		k.Next = ops[page.Count-1]
	}
	k.Posts, err = s.c.Posts.Visible(ctx, user, ids)
	if tintype.IsPartial(err) {
		return k, nil // what could not be read now may not be gone
	}
	for _, id := range ids {
		if !slices.ContainsFunc(k.Posts, func(p *tintype.Post) bool { return p.ID == id }) {
			k.Gone = append(k.Gone, id)
		}
	}
	return k, err
}

// Collections gives user's collections, newest first.
func (s *Saved) Collections(ctx context.Context, user tintype.ID) ([]Collection, error) {
	if user == 0 {
		return nil, errSignedIn
	}
	list, err := s.c.Collections.Collections(ctx, user)
	if err != nil {
		return nil, err
	}
	sets := make([][]tintype.ID, len(list))
	for i, c := range list {
		sets[i] = faceOf(c.Cover, c.First)
	}
	shown, err := faces(ctx, s.c.Posts, user, sets)
	out := make([]Collection, len(list))
	for i := range shown {
		out[i] = Collection{list[i], shown[i]}
	}
	return out, err
}

// Collection gives a collection of user's. NotFound if there is none, as everybody else is told.
func (s *Saved) Collection(ctx context.Context, user, id tintype.ID) (Collection, error) {
	all, err := s.Collections(ctx, user)
	if err != nil {
		return Collection{}, err
	}
	at := slices.IndexFunc(all, func(c Collection) bool { return c.ID == id })
	if at < 0 {
		return Collection{}, errNoCollection
	}
	return all[at], nil
}

var errNoCollection = &tintype.Error{Kind: tintype.NotFound, Msg: "this collection does not exist"}

// Add makes a collection.
func (s *Saved) Add(ctx context.Context, user tintype.ID, name string) (Collection, error) {
	name, err := s.name(name)
	if err != nil {
		return Collection{}, err
	}
	c := tintype.Collection{UserID: user, Name: name}
	err = s.c.Collections.AddCollection(ctx, &c, MaxCollections)
	return Collection{Collection: c}, err
}

func (s *Saved) name(name string) (string, error) {
	name, err := s.c.Text("name", "a collection's name", name, MaxName, false)
	if err == nil && name == "" {
		err = tintype.FieldError("name", "a collection needs a name")
	}
	return name, err
}

// CollectionChanges are changes of a collection; what is nil stays.
type CollectionChanges struct {
	Name  *string
	Cover *tintype.ID // 0 for the latest
}

// Change renames a collection, or chooses its cover.
func (s *Saved) Change(ctx context.Context, user, id tintype.ID, ch CollectionChanges) (Collection, error) {
	c, err := s.Collection(ctx, user, id)
	if err != nil {
		return c, err
	}
	if ch.Name != nil {
		if c.Name, err = s.name(*ch.Name); err != nil {
			return c, err
		}
	}
	if ch.Cover != nil {
		if c.Cover = *ch.Cover; c.Cover != 0 {
			in, err := s.c.Saved.CollectionsWith(ctx, user, c.Cover)
			if err != nil {
				return c, err
			}
			if !slices.Contains(in, id) {
				return c, tintype.FieldError("cover", "the cover must be a post of the collection")
			}
		}
	}
	if err := s.c.Collections.ChangeCollection(ctx, &c.Collection); err != nil {
		return c, err
	}
	return s.Collection(ctx, user, id)
}

// Delete deletes a collection; what is in it stays saved.
func (s *Saved) Delete(ctx context.Context, user, id tintype.ID) error {
	return s.c.Collections.DeleteCollection(ctx, user, id)
}

// Posts lists what is in a collection of user's, the last to come first.
func (s *Saved) Posts(ctx context.Context, user, id tintype.ID, page tintype.Page) (Kept, error) {
	if _, err := s.Collection(ctx, user, id); err != nil {
		return Kept{}, err
	}
	return s.kept(ctx, user, page, func(ctx context.Context, page tintype.Page) (posts, ops []tintype.ID, err error) {
		return s.c.Collections.CollectionPosts(ctx, user, id, page)
	})
}

// Collect puts a post that user may see into a collection, saving it, or takes one out, which may be gone.
func (s *Saved) Collect(ctx context.Context, user, collection, post tintype.ID, on bool) error {
	if on {
		if _, err := s.c.Posts.Get(ctx, user, post); err != nil {
			return err
		}
	}
	return s.changed(ctx, user, s.c.Collections.Collect(ctx, user, collection, post, on, MaxSaved))
}

// With gives the collections of user's in which a post is; saved tells whether user saved it at all.
func (s *Saved) With(ctx context.Context, user, post tintype.ID) (saved bool, collections []tintype.ID, err error) {
	if collections, err = s.c.Saved.CollectionsWith(ctx, user, post); err != nil {
		return false, nil, err
	}
	has, err := s.Has(ctx, user, []tintype.ID{post})
	if err != nil {
		return false, nil, err
	}
	return has[0], collections, nil
}
