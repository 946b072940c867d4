package post

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// fetch gives posts through the cache, aligned with ids, nil where there is none
// (or, with a partial error, where one could not be read). It asks no viewer.
func (s *Service) fetch(ctx context.Context, ids []tintype.ID) ([]*tintype.Post, error) {
	posts, _, err := s.c.PostCache.Fetch(ctx, cache.Keys(cache.KindPost, ids), s.loadPosts)
	return posts, err
}

func (s *Service) loadPosts(ctx context.Context, missing []cache.Key, set func(cache.Key, *tintype.Post)) error {
	ids := make([]tintype.ID, len(missing))
	for i, k := range missing {
		ids[i] = k.A
	}
	posts, err := s.c.Posts.Posts(ctx, ids)
	for _, p := range posts {
		set(cache.Key{Kind: cache.KindPost, A: p.ID}, p)
	}
	return err
}

// see gives a post that viewer may see and its author. The error says no more
// than viewer may know.
func (s *Service) see(ctx context.Context, viewer, post tintype.ID) (*tintype.Post, *tintype.User, error) {
	p, author, _, err := s.look(ctx, viewer, post)
	return p, author, err
}

// look is see, and gives what lies between viewer and the author.
func (s *Service) look(ctx context.Context, viewer, post tintype.ID) (p *tintype.Post, author *tintype.User, rel tintype.Relation, err error) {
	posts, err := s.fetch(ctx, []tintype.ID{post})
	if err != nil {
		return nil, nil, rel, err
	}
	if p = posts[0]; p == nil || tintype.IsWithheld(viewer, p) {
		return nil, nil, rel, errNoPost
	}
	author, rel, err = s.seeUser(ctx, viewer, p.UserID)
	return p, author, rel, err
}

func (s *Service) seeUser(ctx context.Context, viewer, author tintype.ID) (*tintype.User, tintype.Relation, error) {
	users, err := s.c.People.Users(ctx, []tintype.ID{author})
	if err != nil {
		return nil, tintype.Relation{}, err
	}
	rels, err := s.c.People.Relations(ctx, viewer, []tintype.ID{author})
	if err != nil {
		return nil, tintype.Relation{}, err
	}
	switch u := users[0]; {
	case u == nil || !tintype.CanViewProfile(viewer, u, rels[0]):
		return nil, rels[0], errNoPost
	case !tintype.CanView(viewer, u, rels[0]):
		return nil, rels[0], errPrivate
	default:
		return u, rels[0], nil
	}
}

// Get gives a post that viewer may see.
func (s *Service) Get(ctx context.Context, viewer, post tintype.ID) (*tintype.Post, error) {
	p, author, rel, err := s.look(ctx, viewer, post)
	if err != nil {
		return nil, err
	}
	hidden, err := s.c.People.Hidden(ctx, viewer)
	if err != nil {
		return nil, err
	}
	held, err := s.ownHeld(ctx, viewer, []*tintype.Post{p})
	if err != nil {
		return nil, err
	}
	if p, err = s.present(ctx, viewer, hidden, held, p); err != nil {
		return nil, err
	}
	return withComments(viewer, author, rel, p), nil
}

// Visible gives those of the posts that exist and viewer may see, in the order of
// ids. With a partial error it gives those of them that could be read: posts whose
// author, or the author's relation to viewer, is not known are not among them.
func (s *Service) Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	posts, missing := s.fetch(ctx, ids)
	if missing != nil && !tintype.IsPartial(missing) {
		return nil, missing
	}
	authors := make([]tintype.ID, 0, len(posts))
	for _, p := range posts {
		if p != nil && !tintype.IsWithheld(viewer, p) && !slices.Contains(authors, p.UserID) { // a page has few authors: quicker than a map
			authors = append(authors, p.UserID)
		}
	}
	users, err := s.c.People.Users(ctx, authors)
	if missing = cmp.Or(missing, err); err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	rels, err := s.c.People.Relations(ctx, viewer, authors)
	if missing = cmp.Or(missing, err); err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	hidden, err := s.c.People.Hidden(ctx, viewer)
	if err != nil {
		return nil, err
	}
	held, err := s.ownHeld(ctx, viewer, posts)
	if err != nil {
		return nil, err
	}
	seen := posts[:0] // Fetch made the slice for us
	for _, p := range posts {
		if p == nil || tintype.IsWithheld(viewer, p) {
			continue
		}
		i := slices.Index(authors, p.UserID)
		if users[i] == nil || !tintype.CanView(viewer, users[i], rels[i]) {
			continue
		}
		if p, err = s.present(ctx, viewer, hidden, held, p); err != nil {
			return nil, err
		}
		seen = append(seen, withComments(viewer, users[i], rels[i], p))
	}
	return seen, missing
}

// present gives p as viewer is to see it: without the comments and likers that
// are hidden from viewer, with viewer's own latest like, and with viewer's own comments that are held.
func (s *Service) present(ctx context.Context, viewer tintype.ID, hidden []tintype.ID, held []tintype.Comment, p *tintype.Post) (*tintype.Post, error) {
	p, err := s.withOwnLike(ctx, viewer, p)
	if err != nil {
		return nil, err
	}
	if p = withHeld(held, p); len(hidden) == 0 {
		return p, nil
	}
	hides := func(id tintype.ID) bool { _, hide := slices.BinarySearch(hidden, id); return hide }
	comment := func(c tintype.Comment) bool { return hides(c.UserID) }
	if slices.ContainsFunc(p.TopLikers, hides) || slices.ContainsFunc(p.TopComments, comment) {
		q := *p
		q.TopLikers = slices.DeleteFunc(slices.Clone(p.TopLikers), hides)
		q.TopComments = slices.DeleteFunc(slices.Clone(p.TopComments), comment)
		return &q, nil
	}
	return p, nil
}

// headPosts is how many of a user's newest posts are kept near.
const headPosts = 61

// ByUser lists a user's posts, newest first; more tells whether there are
// older ones (above page.Min).
func (s *Service) ByUser(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (posts []*tintype.Post, more bool, err error) {
	if _, _, err := s.seeUser(ctx, viewer, user); err != nil {
		if errors.Is(err, errNoPost) {
			err = errNoUser
		}
		return nil, false, err
	}
	ids, err := s.postIDs(ctx, viewer, user, page)
	if err != nil {
		return nil, false, err
	}
	if more = len(ids) > page.Count; more {
		ids = ids[:page.Count]
	}
	posts, err = s.Visible(ctx, viewer, ids)
	return posts, more, err
}

// postIDs gives a page of a user's posts and one more. The newest are cached for
// everybody, and so never old.
func (s *Service) postIDs(ctx context.Context, viewer, user tintype.ID, page tintype.Page) ([]tintype.ID, error) {
	page.Count++
	if page.Max != 0 || page.Min != 0 || page.Count > headPosts {
		return s.c.Posts.PostIDs(ctx, user, page.ByOld(viewer))
	}
	key := []cache.Key{{Kind: cache.KindPosts, A: user}}
	lists, _, err := s.c.IDCache.Fetch(ctx, key, func(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
		ids, err := s.c.Posts.PostIDs(ctx, user, tintype.Page{Count: headPosts})
		if err == nil {
			set(missing[0], ids)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return lists[0][:min(len(lists[0]), page.Count):len(lists[0])], nil
}
