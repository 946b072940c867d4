package post

import (
	"cmp"
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

var errNoComments = &tintype.Error{Kind: tintype.Forbidden, Msg: "comments on this post are limited"}

// A comment that is held is kept apart from the others: whatever reads, counts or
// embeds comments does not meet it. Only its author and the post's owner
// do: the owner in lists of what is held, the author where it would be, were it not.

// hides tells whether owner's hidden words hold a comment of author.
func (s *Service) hides(ctx context.Context, owner, author tintype.ID, text string) (tintype.HeldWhy, error) {
	if owner == author || s.c.Words == nil {
		return tintype.NotHeld, nil
	}
	w, err := s.c.Words.HiddenWords(ctx, owner)
	if err != nil || !words.Hide(w.Words).In(text) {
		return tintype.NotHeld, err
	}
	return tintype.HeldWords, nil
}

// commentsFor gives a page of comments as viewer is to see it, with viewer's own that are held.
func (s *Service) commentsFor(ctx context.Context, viewer tintype.ID, p *tintype.Post, page tintype.Page) ([]tintype.Comment, error) {
	if p.MayHold(viewer) {
		return s.c.Held.CommentsAnd(ctx, viewer, p.ID, page)
	}
	return s.c.Comments.Comments(ctx, p.ID, page)
}

// ownHeld gives viewer's own comments at posts that are held, by post, oldest first: nearly always none, and without asking.
func (s *Service) ownHeld(ctx context.Context, viewer tintype.ID, posts []*tintype.Post) ([]tintype.Comment, error) {
	var ids []tintype.ID
	for _, p := range posts {
		if p != nil && p.MayHold(viewer) {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := s.c.Held.HeldOf(ctx, viewer, ids)
	slices.SortFunc(list, func(a, b tintype.Comment) int {
		return cmp.Or(cmp.Compare(a.PostID, b.PostID), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// embedded is how many comments a post carries.
const embedded = 4

// withHeld gives p as the author of held, which is as ownHeld gives it, is to see it.
func withHeld(held []tintype.Comment, p *tintype.Post) *tintype.Post {
	var own []tintype.Comment
	for _, c := range held {
		if c.PostID == p.ID {
			own = append(own, c)
		}
	}
	if len(own) == 0 {
		return p
	}
	q := *p
	q.Comments += int64(len(own))
	q.TopComments = append(slices.Clone(p.TopComments), own...)
	slices.SortFunc(q.TopComments, func(a, b tintype.Comment) int { return cmp.Compare(a.ID, b.ID) })
	q.TopComments = q.TopComments[max(0, len(q.TopComments)-embedded):]
	return &q
}

// withComments gives p with whether viewer may comment on it.
func withComments(viewer tintype.ID, author *tintype.User, rel tintype.Relation, p *tintype.Post) *tintype.Post {
	if tintype.CanComment(viewer, author, rel, p) {
		return p
	}
	q := *p
	q.NoComment = true
	return &q
}

// Held lists the comments that wait for owner to approve or delete them, newest first: on one post of owner's or, with 0, on
// all. next is the page.Max of the next page, 0 at the end.
func (s *Service) Held(ctx context.Context, owner, post tintype.ID, page tintype.Page) (comments []tintype.Comment, next tintype.ID, err error) {
	if owner == 0 {
		return nil, 0, errSignedIn
	}
	if post != 0 {
		if _, err := s.own(ctx, owner, post); err != nil {
			return nil, 0, err
		}
	}
	hidden, err := s.c.People.Hidden(ctx, owner)
	if err != nil {
		return nil, 0, err
	}
	count := page.Count
	page.Count++
	list, err := s.c.Held.Held(ctx, owner, post, page)
	if err != nil {
		return nil, 0, err
	}
	if len(list) > count {
		next = list[count].ID + 1
		list = list[:count]
	}
	return slices.DeleteFunc(list, func(c tintype.Comment) bool {
		_, hide := slices.BinarySearch(hidden, c.UserID)
		return hide
	}), next, nil
}

// Approve shows a comment that was held on a post of owner's to everybody who sees the post.
func (s *Service) Approve(ctx context.Context, owner, post, comment tintype.ID) error {
	if _, err := s.own(ctx, owner, post); err != nil {
		return err
	}
	return s.commented(ctx, post, s.c.Held.Approve(ctx, owner, post, comment))
}
