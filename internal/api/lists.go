package api

import (
	"github.com/tintype/tintype/internal/tintype"
)

// postList answers with a list of posts, whose next page has the cursor next.
func (a *API) postList(c *call, posts []*tintype.Post, cursor string, next tintype.ID) error {
	return a.postListTo(c, posts, func(b []byte) error { return c.end(b, cursor, next) })
}

// postListTo answers with a list of posts; end adds the pagination and sends it.
func (a *API) postListTo(c *call, posts []*tintype.Post, end func(b []byte) error) error {
	return a.postListWith(c, posts, nil, end)
}

// postListWith is postListTo with something more in each post, which add appends if it is not nil.
func (a *API) postListWith(c *call, posts []*tintype.Post, add func(b []byte, i int) []byte, end func(b []byte) error) error {
	s, err := a.newSplicer(c)
	if err != nil {
		return err
	}
	defer s.release()
	liked, err := a.marks(c, s, posts)
	if err != nil {
		return err
	}
	for _, p := range posts {
		s.needPost(p)
	}
	if err := s.load(c.r.Context()); err != nil {
		return err
	}
	b := append(c.open(200), '[')
	first := true
	for i, p := range posts {
		mark := len(b)
		if !first {
			b = append(b, ',')
		}
		var ok bool
		if b, ok = s.post(b, p, liked != nil && liked[i]); !ok {
			b = b[:mark]
			continue
		}
		if add != nil {
			b = append(add(b[:len(b)-1], i), '}') // within the braces of the post
		}
		first = false
	}
	return end(append(b, ']'))
}

// onePost answers with a post.
func (a *API) onePost(c *call, status int, p *tintype.Post) error {
	s, err := a.newSplicer(c)
	if err != nil {
		return err
	}
	defer s.release()
	liked, err := a.marks(c, s, []*tintype.Post{p})
	if err != nil {
		return err
	}
	s.needPost(p)
	if err := s.load(c.r.Context()); err != nil {
		return err
	}
	b, ok := s.post(c.open(status), p, liked != nil && liked[0])
	if !ok {
		return errNoPost
	}
	return c.close(status, b)
}

// marks tells which of posts the viewer likes, and s which of them they saved; nil where nobody looks. What one saved
// is told to sessions of the site alone: no app learns of it.
func (a *API) marks(c *call, s *splicer, posts []*tintype.Post) (liked []bool, err error) {
	if c.viewer() == 0 || len(posts) == 0 {
		return nil, nil
	}
	ids := make([]tintype.ID, len(posts))
	for i, p := range posts {
		ids[i] = p.ID
	}
	if liked, err = a.cfg.Likes.Liked(c.r.Context(), c.viewer(), ids); err != nil || c.who.AppID != 0 {
		return liked, err
	}
	saved, err := a.cfg.Saved.Has(c.r.Context(), c.viewer(), ids)
	if err != nil {
		return nil, err
	}
	s.keeps = true
	for i, is := range saved {
		if is {
			s.saved = append(s.saved, ids[i])
		}
	}
	return liked, nil
}

var errNoPost = &tintype.Error{Kind: tintype.NotFound, Msg: "this post does not exist"}

// userList answers with short users; who is gone, or hidden from the viewer, is left out.
func (a *API) userList(c *call, ids []tintype.ID, next tintype.ID) error {
	s, err := a.newSplicer(c)
	if err != nil {
		return err
	}
	defer s.release()
	for _, id := range ids {
		s.need(id)
	}
	if err := s.load(c.r.Context()); err != nil {
		return err
	}
	b := append(c.open(200), '[')
	b = s.likers(b, ids)
	return c.end(append(b, ']'), "cursor", next)
}
