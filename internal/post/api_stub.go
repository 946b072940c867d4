package post

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

var errSoon = errors.New("not built yet")

// Service is posts and what hangs on them. Make it with New(Config).
type Service struct{}

// Draft is a post to be published.
type Draft struct {
	Uploads  []tintype.ID      // 1 to 20, in the order of the album
	Caption  string            // up to 2,200 characters
	AltTexts []string          // by position; may be shorter
	Filter   string            // for all pictures without Edits; "" and Normal change nothing
	Edits    []json.RawMessage // recipes by position (package grade); null and absent ones leave Filter to decide
	Location *tintype.Location
	Key      string // idempotency key; "" for none
}

// Edit changes a post; nil fields stay.
type Edit struct {
	Caption     *string
	AltTexts    []string // all positions, or nil
	SetLocation bool
	Location    *tintype.Location // with SetLocation; nil removes it
	Order       []int             // old positions in their new order, or nil
}

// Upload stores a file; size is its length if known, else -1.
func (s *Service) Upload(ctx context.Context, user tintype.ID, src io.Reader, size int64) (*tintype.Upload, error) {
	return nil, errSoon
}

// GetUpload gives one of user's own uploads.
func (s *Service) GetUpload(ctx context.Context, user, id tintype.ID) (*tintype.Upload, error) {
	return nil, errSoon
}

// OpenPreview opens an upright 640 pixel JPEG of one of user's own uploads, made on first request.
func (s *Service) OpenPreview(ctx context.Context, user, id tintype.ID) (blob.File, error) {
	return nil, errSoon
}

// DeleteUpload forgets an unused upload and its files.
func (s *Service) DeleteUpload(ctx context.Context, user, id tintype.ID) error { return errSoon }

// Publish makes a post.
func (s *Service) Publish(ctx context.Context, user tintype.ID, d Draft) (p *tintype.Post, replayed bool, err error) {
	return nil, false, errSoon
}

// Edit changes one of user's own posts.
func (s *Service) Edit(ctx context.Context, user, post tintype.ID, e Edit) (*tintype.Post, error) {
	return nil, errSoon
}

// Delete deletes one of user's own posts, with all that belongs to it.
func (s *Service) Delete(ctx context.Context, user, post tintype.ID) error { return errSoon }

// Get gives a post that viewer may see.
func (s *Service) Get(ctx context.Context, viewer, post tintype.ID) (*tintype.Post, error) {
	return nil, errSoon
}

// Visible gives those of the posts that exist and viewer may see, in the order of ids.
func (s *Service) Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error) {
	return nil, errSoon
}

// ByUser lists a user's posts, newest first; more tells whether there are older ones (within page.Min).
func (s *Service) ByUser(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (posts []*tintype.Post, more bool, err error) {
	return nil, false, errSoon
}

// Liked tells which of posts viewer likes, aligned.
func (s *Service) Liked(ctx context.Context, viewer tintype.ID, posts []tintype.ID) ([]bool, error) {
	return nil, errSoon
}

// LikedPosts lists the posts that viewer likes, latest liked first. next is the page.Max of the next page, 0 at the end.
func (s *Service) LikedPosts(ctx context.Context, viewer tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	return nil, 0, errSoon
}

// Like makes viewer like a post; it is durable when it returns.
func (s *Service) Like(ctx context.Context, viewer, post tintype.ID) error { return errSoon }

// Unlike takes a like back.
func (s *Service) Unlike(ctx context.Context, viewer, post tintype.ID) error { return errSoon }

// Likers lists who likes a post, latest first.
func (s *Service) Likers(ctx context.Context, viewer, post tintype.ID, page tintype.Page) (users []tintype.ID, next tintype.ID, err error) {
	return nil, 0, errSoon
}

// Comments lists the comments on a post, newest first.
func (s *Service) Comments(ctx context.Context, viewer, post tintype.ID, page tintype.Page) (comments []tintype.Comment, next tintype.ID, err error) {
	return nil, 0, errSoon
}

// AddComment writes a comment; key is an idempotency key or "".
func (s *Service) AddComment(ctx context.Context, viewer, post tintype.ID, text, key string) (c *tintype.Comment, replayed bool, err error) {
	return nil, false, errSoon
}

// DeleteComment deletes a comment of viewer's own, or on viewer's own post.
func (s *Service) DeleteComment(ctx context.Context, viewer, post, comment tintype.ID) error {
	return errSoon
}

// CommentTexts gives the text of each comment that still exists ("" else), for activity; it asks no viewer.
func (s *Service) CommentTexts(ctx context.Context, posts, comments []tintype.ID) ([]string, error) {
	return nil, errSoon
}

// OpenMedia opens a rendition for viewer; key is the media's Key and size one of the sizes of package imaging.
// public tells whether everybody may see it (and caches may keep it).
func (s *Service) OpenMedia(ctx context.Context, viewer, post tintype.ID, key, size string) (f blob.File, public bool, err error) {
	return nil, false, errSoon
}

// OpenOriginal opens the bytes as uploaded of the n-th picture, for the post's owner only.
func (s *Service) OpenOriginal(ctx context.Context, user, post tintype.ID, n int) (blob.File, *tintype.Media, error) {
	return nil, nil, errSoon
}

// ApplyEdges is the handler of the like, comment and gone items of job.EdgeKind; others are left alone.
func (s *Service) ApplyEdges(ctx context.Context, edges []job.Edge) error { return errSoon }

// Erase is the handler of job.EraseKind: what hung on a deleted post goes, a batch at a time.
func (s *Service) Erase(ctx context.Context, posts []job.Erase) error { return errSoon }

// Purge is the handler of job.PurgeKind.
func (s *Service) Purge(ctx context.Context, items []job.Purge) error { return errSoon }

// Sweep deletes uploads nobody published within a day, and old tombstones and idempotency keys; call it hourly.
func (s *Service) Sweep(ctx context.Context) error { return errSoon }
