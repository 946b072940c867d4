package post

import (
	"context"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Withheld takes posts and comments down. sqlstore.TakenDown implements it.
type Withheld interface {
	TakeDown(ctx context.Context, post tintype.ID, down bool) (changed bool, err error)
	TakeDownComment(ctx context.Context, post, comment tintype.ID, down bool) (changed bool, err error)
	AnyComment(ctx context.Context, post, comment tintype.ID) (*tintype.Comment, error)
}

// What follows asks no viewer: it is for moderators, and whoever calls it has to see to that they are.

// TakeDown hides a post from everybody but its owner, or shows it again.
func (s *Service) TakeDown(ctx context.Context, post tintype.ID, down bool) error {
	p, err := s.Unseen(ctx, post)
	if err != nil || p == nil {
		return err
	}
	_, err = s.c.Withheld.TakeDown(ctx, post, down)
	if e := s.dropPosts(ctx, post); err == nil {
		err = e
	}
	if e := s.dropOwner(ctx, p.UserID); err == nil {
		err = e
	}
	return err
}

// TakeDownComment hides a comment from everybody, or shows it again to whom it was shown before.
func (s *Service) TakeDownComment(ctx context.Context, post, comment tintype.ID, down bool) error {
	_, err := s.c.Withheld.TakeDownComment(ctx, post, comment, down)
	return s.commented(ctx, post, err)
}

// Unseen gives a post as it is kept, nil if there is none.
func (s *Service) Unseen(ctx context.Context, post tintype.ID) (*tintype.Post, error) {
	posts, err := s.AllUnseen(ctx, []tintype.ID{post})
	if err != nil || len(posts) == 0 {
		return nil, err
	}
	return posts[0], nil
}

// AllUnseen gives those of posts that there are, as they are kept.
func (s *Service) AllUnseen(ctx context.Context, posts []tintype.ID) ([]*tintype.Post, error) {
	return s.c.Posts.Posts(ctx, posts)
}

// UnseenComment gives a comment as it is kept, taken down or held or neither, nil if there is none.
func (s *Service) UnseenComment(ctx context.Context, post, comment tintype.ID) (*tintype.Comment, error) {
	return s.c.Withheld.AnyComment(ctx, post, comment)
}

// OpenUnseen opens the n-th picture of a post, counted from 0, 640 pixels wide.
func (s *Service) OpenUnseen(ctx context.Context, post tintype.ID, n int) (blob.File, error) {
	p, err := s.Unseen(ctx, post)
	if err != nil {
		return nil, err
	}
	if p == nil || n < 0 || n >= len(p.Media) {
		return nil, errNoFile
	}
	return s.openJPEG(ctx, post, &p.Media[n], imaging.Size640)
}

// Discard deletes for good what was taken down: a post, or with comment not 0 that comment on it.
func (s *Service) Discard(ctx context.Context, post, comment tintype.ID) error {
	p, err := s.Unseen(ctx, post)
	if err != nil || p == nil {
		return err
	}
	if comment == 0 {
		return s.deleted(ctx, p.UserID, post, s.c.Posts.DeletePost(ctx, p.UserID, post))
	}
	err = s.c.Comments.DeleteComment(ctx, tintype.Comment{ID: comment, PostID: post}, p.UserID)
	if tintype.IsKind(err, tintype.NotFound) {
		err = nil
	}
	return s.commented(ctx, post, err)
}
