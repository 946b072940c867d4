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
// than viewer may know; with it, the post is for deeds that need not be allowed to see.
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
	u, rel, err := s.author(ctx, viewer, p.UserID)
	switch {
	case err != nil:
		return p, nil, rel, err
	case tintype.CanViewPost(viewer, u, p, rel):
		return p, u, rel, nil
	case !p.Archived && p.Audience == tintype.AudienceEveryone:
		return p, nil, rel, errPrivate
	}
	return p, nil, rel, errNoPost // who may not see it is not told that there is one
}

// author gives a user whom viewer may know of, and what lies between them; else errNoPost.
func (s *Service) author(ctx context.Context, viewer, author tintype.ID) (u *tintype.User, rel tintype.Relation, err error) {
	users, err := s.c.People.Users(ctx, []tintype.ID{author})
	if err != nil {
		return nil, rel, err
	}
	rels, err := s.c.People.Relations(ctx, viewer, []tintype.ID{author})
	if err != nil {
		return nil, rel, err
	}
	if u, rel = users[0], rels[0]; u == nil || !tintype.CanViewProfile(viewer, u, rel) {
		return nil, rel, errNoPost
	}
	return u, rel, nil
}

// seeUser gives a user whose posts viewer may see, and the narrowest audience of theirs to which viewer belongs.
func (s *Service) seeUser(ctx context.Context, viewer, user tintype.ID) (*tintype.User, tintype.Audience, error) {
	u, rel, err := s.author(ctx, viewer, user)
	switch {
	case errors.Is(err, errNoPost):
		return nil, 0, errNoUser
	case err != nil:
		return nil, 0, err
	case !tintype.CanView(viewer, u, rel):
		return nil, 0, errPrivate
	case viewer == user || rel.CloseFriend:
		return u, tintype.AudienceFriends, nil
	}
	return u, tintype.AudienceEveryone, nil
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
	if p, err = s.present(ctx, viewer, author, hidden, held, p); err != nil {
		return nil, err
	}
	return withComments(viewer, author, rel, p), nil
}

// Visible gives those of the posts that exist and viewer may see, in the order of
// ids, without archived ones, also for their owner: they are in no list but their own. With a partial error it gives those of them that could be read: posts whose
// author, or the author's relation to viewer, is not known are not among them.
func (s *Service) Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error) {
	return s.visible(ctx, viewer, ids, false)
}

// visible gives those posts of Visible that are archived, or those that are not.
func (s *Service) visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID, archived bool) ([]*tintype.Post, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	posts, missing := s.fetch(ctx, ids)
	if missing != nil && !tintype.IsPartial(missing) {
		return nil, missing
	}
	authors := make([]tintype.ID, 0, len(posts))
	for _, p := range posts {
		if p != nil && p.Archived == archived && !slices.Contains(authors, p.UserID) { // a page has few authors: quicker than a map
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
		if p == nil || p.Archived != archived {
			continue
		}
		i := slices.Index(authors, p.UserID)
		if users[i] == nil || !tintype.CanViewPost(viewer, users[i], p, rels[i]) {
			continue
		}
		if p, err = s.present(ctx, viewer, users[i], hidden, held, p); err != nil {
			return nil, err
		}
		seen = append(seen, withComments(viewer, users[i], rels[i], p))
	}
	return seen, missing
}

// present gives p as viewer is to see it: without the comments and likers that
// are hidden from viewer, with viewer's own latest like and own comments that are held, and without likes that author hides from others.
func (s *Service) present(ctx context.Context, viewer tintype.ID, author *tintype.User, hidden []tintype.ID, held []tintype.Comment, p *tintype.Post) (*tintype.Post, error) {
	p, err := s.withOwnLike(ctx, viewer, p)
	if err != nil {
		return nil, err
	}
	p = withHeld(held, p)
	hides := func(id tintype.ID) bool { _, hide := slices.BinarySearch(hidden, id); return hide }
	comment := func(c tintype.Comment) bool { return hides(c.UserID) }
	likes := p.HideLikes.Of(author.HidesLikes)
	if !likes && (len(hidden) == 0 || !slices.ContainsFunc(p.TopLikers, hides) && !slices.ContainsFunc(p.TopComments, comment)) {
		return p, nil
	}
	q := *p
	q.TopLikers = slices.DeleteFunc(slices.Clone(p.TopLikers), hides)
	q.TopComments = slices.DeleteFunc(slices.Clone(p.TopComments), comment)
	if q.LikesHidden = likes; likes && viewer != p.UserID {
		q.Likes, q.TopLikers = 0, nil
	}
	return &q, nil
}

// headPosts is how many of a user's newest posts are kept near.
const headPosts = 61

// ByUser lists a user's posts that viewer may see, newest first; more tells whether there are
// older ones (above page.Min).
func (s *Service) ByUser(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (posts []*tintype.Post, more bool, err error) {
	_, audience, err := s.seeUser(ctx, viewer, user)
	if err != nil {
		return nil, false, err
	}
	ids, err := s.postIDs(ctx, viewer, user, audience, page)
	if err != nil {
		return nil, false, err
	}
	if more = len(ids) > page.Count; more {
		ids = ids[:page.Count]
	}
	posts, err = s.Visible(ctx, viewer, ids)
	return posts, more, err
}

// Profile lists a user's posts as ByUser does, but for the pinned ones, which come before all others on the first page (the
// last pinned first, beyond page.Count) and nowhere else. next is the page.Max of the next page, 0 at the end.
func (s *Service) Profile(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	first := page.Max == 0
	_, audience, err := s.seeUser(ctx, viewer, user)
	if err != nil {
		return nil, 0, err
	}
	pins, err := s.list(ctx, user, listPinned, func(ctx context.Context) ([]tintype.ID, error) { return s.c.Standing.PinnedIDs(ctx, user) })
	if err != nil {
		return nil, 0, err
	}
	ask := page
	ask.Count += len(pins)
	ids, err := s.postIDs(ctx, viewer, user, audience, ask)
	if err != nil {
		return nil, 0, err
	}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id tintype.ID) bool { return slices.Contains(pins, id) })
	if len(ids) > page.Count {
		ids = ids[:page.Count]
		next = ids[page.Count-1]
	}
	if first {
		ids = append(slices.Clone(pins), ids...)
	}
	posts, err = s.Visible(ctx, viewer, ids)
	return posts, next, err
}

// postIDs gives a page of a user's posts for audience and one more. The newest are cached for
// everybody of that audience, and so never old.
func (s *Service) postIDs(ctx context.Context, viewer, user tintype.ID, audience tintype.Audience, page tintype.Page) ([]tintype.ID, error) {
	page.Count++
	if page.Max != 0 || page.Min != 0 || page.Count > headPosts {
		return s.c.Standing.ShownIDs(ctx, user, audience, page.ByOld(viewer))
	}
	ids, err := s.list(ctx, user, tintype.ID(audience), func(ctx context.Context) ([]tintype.ID, error) {
		return s.c.Standing.ShownIDs(ctx, user, audience, tintype.Page{Count: headPosts})
	})
	if err != nil {
		return nil, err
	}
	return ids[:min(len(ids), page.Count):len(ids)], nil
}

// list gives one of the lists of a user's posts that are kept near; it must not be written to.
func (s *Service) list(ctx context.Context, user, which tintype.ID, load func(context.Context) ([]tintype.ID, error)) ([]tintype.ID, error) {
	key := []cache.Key{{Kind: cache.KindPosts, A: user, B: which}}
	lists, _, err := s.c.IDCache.Fetch(ctx, key, func(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
		ids, err := load(ctx)
		if err == nil {
			set(missing[0], ids)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return lists[0], nil
}
