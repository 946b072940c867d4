package graph

import (
	"context"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Users reads profiles from their homes.
type Users interface {
	// Users gives those of ids that exist, in any order.
	Users(ctx context.Context, ids []tintype.ID) ([]*tintype.User, error)
}

// Names finds users by name.
type Names interface {
	// UserID gives whose username this is; 0 or a NotFound error if nobody's.
	UserID(ctx context.Context, username string) (tintype.ID, error)
}

// Edges writes edges. changed is false where things were so already.
type Edges interface {
	// Follow makes me follow other, or ask to (state EdgeThere or EdgeRequested).
	Follow(ctx context.Context, me, other tintype.ID, state int) (changed bool, err error)
	Unfollow(ctx context.Context, me, other tintype.ID) (changed bool, err error)
	// Answer sets the state of follower's follow of me; EdgeThere answers an open request only.
	Answer(ctx context.Context, me, follower tintype.ID, state int) (changed bool, err error)
	// Block sets or lifts a block.
	Block(ctx context.Context, me, other tintype.ID, on bool) (changed bool, err error)
	// ApplyEdges brings changes to the other side. It gives the users whose profile or
	// relations changed, and those to whom something happened.
	ApplyEdges(ctx context.Context, edges []job.Edge) (changed, noticed []tintype.ID, err error)
	// ApproveAll approves up to limit open requests of a user who is public and gives who they were.
	ApproveAll(ctx context.Context, user tintype.ID, limit int) ([]tintype.ID, error)
}

// Lists reads edges.
type Lists interface {
	// Relations is aligned with authors.
	Relations(ctx context.Context, viewer tintype.ID, authors []tintype.ID) ([]tintype.Relation, error)
	// Hidden is sorted: whom viewer blocks and who blocks viewer.
	Hidden(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error)
	Ties(ctx context.Context, me, other tintype.ID) (tintype.Ties, error)
	// Followers lists follows of user in a state, newest change first, and the op of each, by which pages are cut.
	Followers(ctx context.Context, user tintype.ID, state int, page tintype.Page) (users, ops []tintype.ID, err error)
	// Following lists user's own follows in the same way.
	Following(ctx context.Context, user tintype.ID, state int, page tintype.Page) (users, ops []tintype.ID, err error)
	// FollowedBy gives up to limit follows of each home's part of users, newest first: who follows whom.
	FollowedBy(ctx context.Context, users []tintype.ID, limit int) (by, whom []tintype.ID, err error)
}

// Friends keeps whom users count among their close friends. sqlstore.Friends implements it.
type Friends interface {
	// SetFriend counts other among me's close friends, or no longer; changed is false if it was so.
	SetFriend(ctx context.Context, me, other tintype.ID, on bool) (changed bool, err error)
	// Friends lists whom user counts so, the last counted first, with the op of each, by which pages are cut.
	Friends(ctx context.Context, user tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error)
	// FriendsAmong gives those of users whom user counts so.
	FriendsAmong(ctx context.Context, user tintype.ID, users []tintype.ID) ([]tintype.ID, error)
}

// Config is what a Service is made of. All but Newest and the functions are required, Dismissals where people are suggested.
type Config struct {
	Users      Users
	Names      Names
	Newest     Newest
	Edges      Edges
	Lists      Lists
	Dismissals Dismissals
	Friends    Friends

	UserCache     cache.Cache[*tintype.User]
	RelationCache cache.Cache[tintype.Relation]
	IDCache       cache.Cache[[]tintype.ID] // for KindHidden

	// Popular gives up to n users whose posts are popular, the most popular first.
	Popular func(ctx context.Context, n int) ([]tintype.ID, error)
	// TagAuthors gives up to n users who posted lately, for all that viewer may know, with tags that viewer follows, and the tag of each.
	TagAuthors func(ctx context.Context, viewer tintype.ID, n int) (users []tintype.ID, tags []string, err error)

	// Muted gives, sorted, whom a user muted: they are not suggested.
	Muted func(ctx context.Context, user tintype.ID) ([]tintype.ID, error)
	// OnActivity is told, after the commit, to whom something happened. It must not block.
	OnActivity func(users []tintype.ID)
}

// Service is the social graph. Make it with [New].
type Service struct{ c Config }

// New makes a Service.
func New(c Config) *Service {
	if c.OnActivity == nil {
		c.OnActivity = func([]tintype.ID) {}
	}
	return &Service{c}
}
