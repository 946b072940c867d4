package share

import (
	"context"
	"log/slog"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Subscriptions keeps what apps asked for. sqlstore.Subscriptions implements it
// and says what each method does, as for the interfaces below.
type Subscriptions interface {
	AddSubscription(ctx context.Context, s *tintype.Subscription, keys []string, most int) error
	Subscriptions(ctx context.Context, app tintype.ID) ([]tintype.Subscription, error)
	Subscription(ctx context.Context, id tintype.ID) (*tintype.Subscription, error)
	RemoveSubscriptions(ctx context.Context, app tintype.ID, ids []tintype.ID) error
	SubscriptionsByKey(ctx context.Context, keys []string) ([]tintype.Subscription, error)
	SubscriptionsToUser(ctx context.Context, user tintype.ID, now time.Time) ([]tintype.Subscription, error)
	AnySubscription(ctx context.Context) (bool, error)
}

// Pushes keeps what callbacks are to be told, and how they fare.
type Pushes interface {
	AddPushes(ctx context.Context, pushes []tintype.Push, due time.Time) error
	Waiting(ctx context.Context, callback tintype.ID, n int) (*tintype.Callback, []tintype.Push, error)
	Told(ctx context.Context, callback tintype.ID, pushes []tintype.Push, now time.Time) error
	Failed(ctx context.Context, c *tintype.Callback) error
	Revive(ctx context.Context, late, now time.Time, old tintype.ID) error
}

// Callbacks lists callbacks for those who run apps, and has them called again.
type Callbacks interface {
	Callbacks(ctx context.Context, app tintype.ID) ([]tintype.Callback, error)
	Resume(ctx context.Context, app, callback tintype.ID, now time.Time) error
}

// Apps gives apps by their IDs, nil where there is none. account.Service provides it.
type Apps interface {
	AppByID(ctx context.Context, id tintype.ID) (*tintype.App, error)
}

// Posts gives those of ids that viewer may see. post.Service provides it.
type Posts interface {
	Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error)
}

// Mint mints an ID for something of a user's. sqlstore.Profiles provides it.
type Mint interface {
	MintFor(ctx context.Context, user tintype.ID) (tintype.ID, error)
}

// Outbound calls addresses that strangers chose. outbound.Client provides it;
// its errors have words for whoever chose the address.
type Outbound interface {
	Check(address string) error
	Get(ctx context.Context, address string) (status int, answer []byte, err error)
	Post(ctx context.Context, address string, headers map[string]string, body []byte) (status int, answer []byte, err error)
}

// Config is what a Service is made of. All is required but Gather.
type Config struct {
	Clock         tintype.Clock
	Subscriptions Subscriptions
	Pushes        Pushes
	Callbacks     Callbacks
	Apps          Apps
	Posts         Posts
	Mint          Mint
	Outbound      Outbound
	// Tag gives a tag as posts have it; false for what is none.
	Tag func(word string) (string, bool)
	Log *slog.Logger
	// Gather is for how long what a callback is to be told waits for more; half a second if 0.
	Gather time.Duration
}

// Service is what leaves the site by itself. Make it with New.
type Service struct {
	c        Config
	listened listened
}

// New makes a Service.
func New(c Config) *Service {
	if c.Gather == 0 {
		c.Gather = 500 * time.Millisecond
	}
	return &Service{c: c}
}
