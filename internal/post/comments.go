package post

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// MaxComment is how long a comment may be, in code points.
const MaxComment = 1000

// Comments lists the comments on a post, newest first, without those of whom
// viewer must not see. next is the page.Max of the next page, 0 at the end; a
// page may be short before it (see maxRounds).
func (s *Service) Comments(ctx context.Context, viewer, post tintype.ID, page tintype.Page) (comments []tintype.Comment, next tintype.ID, err error) {
	p, _, err := s.see(ctx, viewer, post)
	if err != nil {
		return nil, 0, err
	}
	hidden, err := s.c.People.Hidden(ctx, viewer)
	if err != nil {
		return nil, 0, err
	}
	comments = make([]tintype.Comment, 0, page.Count)
	ask := page.ByOld(viewer)
	ask.Count++
	for range maxRounds {
		list, err := s.commentsFor(ctx, viewer, p, ask)
		if err != nil {
			return nil, 0, err
		}
		for _, c := range list {
			if _, hide := slices.BinarySearch(hidden, c.UserID); hide {
				continue
			}
			if len(comments) == page.Count {
				return comments, c.ID + 1, nil
			}
			comments = append(comments, c)
		}
		if len(list) < ask.Count {
			return comments, 0, nil
		}
		ask.Max = list[len(list)-1].ID
	}
	return comments, ask.Max, nil
}

// maxRounds is how often one answer looks for more where much is left out: who
// asks again goes on from there.
const maxRounds = 20

// AddComment writes a comment. key is an idempotency key or "": a repeat with
// the same key and text gives the same comment, replayed.
func (s *Service) AddComment(ctx context.Context, viewer, post tintype.ID, text, key string) (c *tintype.Comment, replayed bool, err error) {
	if viewer == 0 {
		return nil, false, errSignedIn
	}
	p, author, rel, err := s.look(ctx, viewer, post)
	if err != nil {
		return nil, false, err
	}
	if !tintype.CanComment(viewer, author, rel, p) {
		return nil, false, errNoComments
	}
	if text, err = clean("text", text, MaxComment); err != nil {
		return nil, false, err
	}
	if text == "" {
		return nil, false, tintype.FieldError("text", "a comment must not be empty")
	}
	mentions, err := s.mentions(ctx, viewer, "text", text)
	if err != nil {
		return nil, false, err
	}
	c = &tintype.Comment{PostID: post, UserID: viewer, Text: text}
	if c.Held, err = s.hides(ctx, p.UserID, viewer, text); err != nil {
		return nil, false, err
	}
	former, noticed, err := s.c.Comments.AddComment(ctx, c, p.UserID, mentions, once(viewer, "comment", key, post, text))
	if former != 0 {
		list, err := s.c.Comments.CommentsByID(ctx, []tintype.Comment{{PostID: post, ID: former}})
		if err == nil && len(list) == 0 {
			err = &tintype.Error{Kind: tintype.NotFound, Msg: "this comment was deleted since"}
		}
		if err != nil {
			return nil, false, err
		}
		return &list[0], true, nil
	}
	if c.Held != tintype.NotHeld && err == nil {
		return c, false, s.dropPosts(ctx, post) // nobody is told that something changed
	}
	if err = s.commented(ctx, post, err); err != nil {
		return nil, false, err
	}
	if len(noticed) > 0 {
		s.c.OnActivity(noticed)
	}
	return c, false, nil
}

// commented drops what a change of comments made stale, even after an error: it may have happened.
func (s *Service) commented(ctx context.Context, post tintype.ID, err error) error {
	if e := s.dropPosts(ctx, post); err == nil {
		err = e
	}
	if err == nil {
		s.c.OnChange([]tintype.ID{post})
	}
	return err
}

// DeleteComment deletes a comment of viewer's own, or on viewer's own post.
func (s *Service) DeleteComment(ctx context.Context, viewer, post, comment tintype.ID) error {
	if viewer == 0 {
		return errSignedIn
	}
	list, err := s.c.Comments.CommentsByID(ctx, []tintype.Comment{{PostID: post, ID: comment}})
	if err != nil {
		return err
	}
	posts, err := s.fetch(ctx, []tintype.ID{post})
	if err != nil {
		return err
	}
	p := posts[0]
	if p != nil && len(list) == 1 && list[0].Held != tintype.NotHeld && list[0].UserID != viewer && p.UserID != viewer {
		list = nil // nobody else knows of it
	}
	if p == nil || len(list) == 0 || list[0].UserID != viewer && p.UserID != viewer {
		// One's own may be deleted wherever it is; of others', no more is said than may be known.
		if _, _, err := s.see(ctx, viewer, post); err != nil {
			return err
		}
		if len(list) == 0 {
			return &tintype.Error{Kind: tintype.NotFound, Msg: "this comment does not exist"}
		}
		return errNotYours
	}
	return s.commented(ctx, post, s.c.Comments.DeleteComment(ctx, list[0], p.UserID))
}

// CommentTexts gives the text of each comment that still exists ("" else),
// aligned with posts and comments, for activity; it asks no viewer.
func (s *Service) CommentTexts(ctx context.Context, posts, comments []tintype.ID) ([]string, error) {
	refs := make([]tintype.Comment, len(posts))
	for i := range posts {
		refs[i] = tintype.Comment{PostID: posts[i], ID: comments[i]}
	}
	list, err := s.c.Comments.CommentsByID(ctx, refs)
	if err != nil {
		return nil, err
	}
	byID := make(map[tintype.ID]string, len(list))
	for _, c := range list {
		if c.Held == tintype.NotHeld {
			byID[c.ID] = c.Text
		}
	}
	out := make([]string, len(comments))
	for i, id := range comments {
		out[i] = byID[id]
	}
	return out, nil
}

// forgetLiked drops what is known of users' likes of posts.
func (s *Service) forgetLiked(ctx context.Context, pairs [][2]tintype.ID) error {
	keys := make([]cache.Key, len(pairs))
	for i, p := range pairs {
		keys[i] = cache.Key{Kind: cache.KindLiked, A: p[0], B: p[1]}
	}
	return s.c.LikedCache.Drop(context.WithoutCancel(ctx), keys...)
}
