package activity

import (
	"context"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/tintype"
)

// MaxUnread is as far as unread activity is counted.
const MaxUnread = 100

// Store keeps activity.
type Store interface {
	// Activity lists what happened to user, newest first.
	Activity(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.Activity, error)
	// Unread counts, up to limit, what is newer than what user has seen.
	Unread(ctx context.Context, user tintype.ID, limit int) (int, error)
	// Seen notes that user has seen everything up to max; it never goes back.
	Seen(ctx context.Context, user, max tintype.ID) error
	// AddNotices writes notices, each once, and gives the users to whom something was added.
	AddNotices(ctx context.Context, notices []job.Notice) ([]tintype.ID, error)
}

// Posts tells what may be seen. post.Service provides it.
type Posts interface {
	Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error)
}

// Graph tells who hides from whom. graph.Service provides it.
type Graph interface {
	// Hidden is sorted: whom viewer blocks and who blocks viewer.
	Hidden(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error)
}

// News tells open pages. live.Hub provides it.
type News interface {
	Connected(users []tintype.ID) []tintype.ID
	Publish(users []tintype.ID, e live.Event)
}

// Config is what a Service is made of.
type Config struct {
	Store Store
	Posts Posts
	Graph Graph
	News  News
}

// Service is activity. Make it with [New].
type Service struct{ c Config }

// New makes a Service.
func New(c Config) *Service { return &Service{c: c} }

// List gives what happened to user, newest first. next is the page.Max of the
// next page, 0 at the end.
func (s *Service) List(ctx context.Context, user tintype.ID, page tintype.Page) (items []tintype.Activity, next tintype.ID, err error) {
	return nil, 0, nil
}

// Unread counts, up to MaxUnread, what user has not seen.
func (s *Service) Unread(ctx context.Context, user tintype.ID) (int, error) { return 0, nil }

// Seen notes that user has seen everything up to max; 0 for all there is.
func (s *Service) Seen(ctx context.Context, user, max tintype.ID) error { return nil }

// Notices is the handler of job.NoticeKind.
func (s *Service) Notices(ctx context.Context, items []job.Notice) error { return nil }

// Happened tells the open pages of users that something happened to them. It
// does not block; others call it after the commit that wrote the activity.
func (s *Service) Happened(users []tintype.ID) {}
