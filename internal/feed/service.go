package feed

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// Posts hydrates what may be seen. post.Service provides it.
type Posts interface {
	// Visible gives those of the posts that exist and viewer may see, in the order of ids.
	Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error)
}

// Graph tells who follows whom. graph.Service provides it.
type Graph interface {
	Relations(ctx context.Context, viewer tintype.ID, authors []tintype.ID) ([]tintype.Relation, error)
}

// Store reads edges and posts in bulk.
type Store interface {
	// FollowersPage gives up to limit followers of author with an ID above after, ascending.
	FollowersPage(ctx context.Context, author, after tintype.ID, limit int) ([]tintype.ID, error)
	// FollowersAmong gives those of users who follow author.
	FollowersAmong(ctx context.Context, author tintype.ID, users []tintype.ID) ([]tintype.ID, error)
	// FolloweesPage gives up to limit users whom user follows, with an ID above after, ascending.
	FolloweesPage(ctx context.Context, user, after tintype.ID, limit int) ([]tintype.ID, error)
	// FolloweesAmong gives those of users whom user follows.
	FolloweesAmong(ctx context.Context, user tintype.ID, users []tintype.ID) ([]tintype.ID, error)
	// NewestPosts gives the newest posts of authors that may come into reader's feed, newest first: of each no
	// more than the newest each below max, limit in all, and all between min
	// and max (exclusive; 0 for no bound).
	NewestPosts(ctx context.Context, reader tintype.ID, authors []tintype.ID, min, max tintype.ID, each, limit int) ([]tintype.ID, error)
	// Reach tells how far a post goes.
	Reach(ctx context.Context, post tintype.ID) (tintype.Reach, error)
}

// Friends tells who is among whose close friends. sqlstore.Friends implements it.
type Friends interface {
	// FriendsPage gives up to limit of author's followers with an ID above after whom author counts among their close friends, ascending.
	FriendsPage(ctx context.Context, author, after tintype.ID, limit int) ([]tintype.ID, error)
	// FriendsAmong gives those of users whom author counts among their close friends.
	FriendsAmong(ctx context.Context, author tintype.ID, users []tintype.ID) ([]tintype.ID, error)
	// FriendOf gives those of authors who count user among their close friends.
	FriendOf(ctx context.Context, user tintype.ID, authors []tintype.ID) ([]tintype.ID, error)
}

// Tags tells what tags a user follows and what has them. sqlstore.Tags implements it.
type Tags interface {
	// FollowedTagIDs gives the numbers of the tags that user follows.
	FollowedTagIDs(ctx context.Context, user tintype.ID) ([]tintype.ID, error)
	// ID is the number of a tag.
	ID(tag string) tintype.ID
	// TagRecent gives the n posts that got a tag last, newest post first.
	TagRecent(ctx context.Context, tag tintype.ID, n int) ([]tintype.ID, error)
}

// Mutes tells whom users muted, and what they do not want to read. sqlstore.Safety implements it.
type Mutes interface {
	// MuteList gives, sorted, whom user muted, and 0 if posts with words that user hides are covered.
	MuteList(ctx context.Context, user tintype.ID) ([]tintype.ID, error)
	HiddenWords(ctx context.Context, user tintype.ID) (tintype.HiddenWords, error)
}

// Pulled keeps the directory's list of very followed users.
type Pulled interface {
	// Pulled gives all of them, ascending.
	Pulled(ctx context.Context) ([]tintype.ID, error)
	SetPulled(ctx context.Context, user tintype.ID, pulled bool, now time.Time) error
	// FollowerCount is the number of followers on user's profile.
	FollowerCount(ctx context.Context, user tintype.ID) (int64, error)
}

// Presence keeps when users were last seen.
type Presence interface {
	Touch(ctx context.Context, users []tintype.ID, now time.Time) error
	// Away gives up to limit users, of those with a home timeline, who were last seen before; and whether there are more.
	Away(ctx context.Context, before time.Time, limit int) (users []tintype.ID, more bool, err error)
}

// Queue puts work off.
type Queue interface {
	// Put enqueues j in the database that holds owner's rows.
	Put(ctx context.Context, owner tintype.ID, j ...job.Insert) error
}

// News tells open pages. live.Hub provides it.
type News interface {
	Connected(users []tintype.ID) []tintype.ID
	Everybody() []tintype.ID
	Publish(users []tintype.ID, e live.Event)
}

// Turns sees to it that one process at a time builds a timeline. redis.Turns
// provides it. Losing a turn too early costs work, and nothing else.
type Turns interface {
	// Take gives the caller owner's turn, for some seconds or until done is
	// called; ok is false while somebody else has it.
	Take(ctx context.Context, owner tintype.ID) (done func(), ok bool, err error)
}

// Elsewhere tells pages that are open at other processes. live.Relay provides it.
type Elsewhere interface {
	// Feed tells pages of users of e.
	Feed(users []tintype.ID, e live.Event)
	// Followers has the other processes call TellFollowers.
	Followers(e live.Event)
}

// nowhere is elsewhere for a site of one process.
type nowhere struct{}

func (nowhere) Feed([]tintype.ID, live.Event) {}
func (nowhere) Followers(live.Event)          {}

// Config is what a Service is made of. The numbers may be 0 for their defaults.
type Config struct {
	Timeline timeline.Store
	Posts    Posts
	Graph    Graph
	Store    Store
	Friends  Friends
	Pulled   Pulled
	Tags     Tags  // nil where no tags are followed
	Mutes    Mutes // nil where nobody is muted
	Presence Presence
	Queue    Queue
	News     News
	// Elsewhere is nil where there is only this process.
	Elsewhere Elsewhere
	Clock     tintype.Clock
	Log       *slog.Logger

	// Lists caches KindFeedHead, KindPulled, KindRecent, KindMyTags, KindTagRecent and KindMuted.
	Lists cache.Cache[[]tintype.ID]

	// Turns may be nil where one process is all there is: Lists lets one
	// caller at a time build a timeline.
	Turns Turns

	PullAbove int           // followers above which an author is pulled; the constant PullAbove
	PageSize  int           // followers that one job serves; 10,000
	Backfill  int           // newest posts of an author that come into a new follower's feed; 100
	Away      time.Duration // not seen for so long, one's timeline is given up; 30 days

	// OldPosts is Store.NewestPosts for reader, to whom it may be ten seconds old; nil for Store's.
	// It is used for what is read again, fresh, for the last minute.
	OldPosts func(ctx context.Context, reader tintype.ID, authors []tintype.ID, each, limit int) ([]tintype.ID, error)

	// Tune gives what an operator may change while the site runs; nil for the numbers above.
	Tune func() Tuning
}

// Tuning is what an operator may change while the site runs.
type Tuning struct {
	Length    int // how far back a feed goes, in posts; timeline.Max or less
	PullAbove int // as in Config
	PageSize  int
	Backfill  int
}

// PullAbove is how many followers an author may have before their posts are
// merged in at reading instead of being delivered.
const PullAbove = 10_000

// Service is the home feed. Make it with [New].
type Service struct {
	c      Config
	pulled pulledList
	seen   seen
	brief  brief
}

// New makes a Service.
func New(c Config) *Service {
	c.PullAbove = cmp.Or(c.PullAbove, PullAbove)
	c.PageSize = cmp.Or(c.PageSize, 10_000)
	c.Backfill = cmp.Or(c.Backfill, 100)
	c.Away = cmp.Or(c.Away, 30*24*time.Hour)
	if c.Elsewhere == nil {
		c.Elsewhere = nowhere{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.OldPosts == nil {
		c.OldPosts = func(ctx context.Context, reader tintype.ID, authors []tintype.ID, each, limit int) ([]tintype.ID, error) {
			return c.Store.NewestPosts(ctx, reader, authors, 0, 0, each, limit)
		}
	}
	if c.Tune == nil {
		fixed := Tuning{Length: timeline.Max, PullAbove: c.PullAbove, PageSize: c.PageSize, Backfill: c.Backfill}
		c.Tune = func() Tuning { return fixed }
	}
	s := &Service{c: c}
	s.seen.init()
	return s
}

// drop forgets cached lists. What cannot be dropped may be stale until it is
// pushed out, so it is an error of the job that asked.
func (s *Service) drop(ctx context.Context, kind cache.Kind, ids []tintype.ID) error {
	return s.c.Lists.Drop(ctx, cache.Keys(kind, ids)...)
}
