package graph

import (
	"context"
	"errors"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

var errSoon = errors.New("not built yet")

// Users gives the users of ids, aligned, nil where there is none. It asks no viewer: see CanView.
func (s *Service) Users(ctx context.Context, ids []tintype.ID) ([]*tintype.User, error) {
	return nil, errSoon
}

// User gives a user whom viewer may know of, else NotFound.
func (s *Service) User(ctx context.Context, viewer, id tintype.ID) (*tintype.User, error) {
	return nil, errSoon
}

// UserByName is User by username, in any case.
func (s *Service) UserByName(ctx context.Context, viewer tintype.ID, name string) (*tintype.User, error) {
	return nil, errSoon
}

// Relations gives what lies between viewer and each author, aligned.
func (s *Service) Relations(ctx context.Context, viewer tintype.ID, authors []tintype.ID) ([]tintype.Relation, error) {
	return nil, errSoon
}

// Hidden gives, sorted, whom viewer blocks and who blocks viewer.
func (s *Service) Hidden(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error) {
	return nil, errSoon
}

// Follow makes me follow other, or ask to if other is private.
func (s *Service) Follow(ctx context.Context, me, other tintype.ID) error { return errSoon }

// Unfollow ends a follow or takes back a request.
func (s *Service) Unfollow(ctx context.Context, me, other tintype.ID) error { return errSoon }

// Approve lets follower, who has asked, follow me.
func (s *Service) Approve(ctx context.Context, me, follower tintype.ID) error { return errSoon }

// Deny turns a request down.
func (s *Service) Deny(ctx context.Context, me, follower tintype.ID) error { return errSoon }

// RemoveFollower ends follower's follow of me.
func (s *Service) RemoveFollower(ctx context.Context, me, follower tintype.ID) error { return errSoon }

// Block ends all follows between two users and hides each from the other.
func (s *Service) Block(ctx context.Context, me, other tintype.ID) error { return errSoon }

// Unblock lifts a block; the follows do not come back.
func (s *Service) Unblock(ctx context.Context, me, other tintype.ID) error { return errSoon }

// Relationship tells me's relationship with other in the words of API v1:
// out is follows, requested or none; in is followed_by, requested_by, blocked_by_you or none.
func (s *Service) Relationship(ctx context.Context, me, other tintype.ID) (out, in string, private bool, err error) {
	return "", "", false, errSoon
}

// Followers lists who follows user, newest first. next is the page.Max of the next page, 0 at the end.
func (s *Service) Followers(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
	return nil, 0, errSoon
}

// Following lists whom user follows, in the same way.
func (s *Service) Following(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
	return nil, 0, errSoon
}

// Requests lists who asks to follow me, in the same way.
func (s *Service) Requests(ctx context.Context, me tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
	return nil, 0, errSoon
}

// Suggested gives up to n public people whom me does not follow.
func (s *Service) Suggested(ctx context.Context, me tintype.ID, n int) ([]tintype.ID, error) {
	return nil, errSoon
}

// ApplyEdges is the handler of the follow, answer and block items of job.EdgeKind; others are left alone.
func (s *Service) ApplyEdges(ctx context.Context, edges []job.Edge) error { return errSoon }

// ApproveAll is the handler of job.ApproveAllKind: users went public, so their open requests are approved.
func (s *Service) ApproveAll(ctx context.Context, users []job.User) error { return errSoon }
