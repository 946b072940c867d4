package post

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// People is what posts need of the social graph. graph.Service provides it.
type People interface {
	// Users is aligned with ids, nil where there is no user.
	Users(ctx context.Context, ids []tintype.ID) ([]*tintype.User, error)
	// Relations is aligned with authors.
	Relations(ctx context.Context, viewer tintype.ID, authors []tintype.ID) ([]tintype.Relation, error)
	// Hidden is sorted: whom viewer blocks and who blocks viewer.
	Hidden(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error)
}

// Names finds the users that captions and comments mention.
type Names interface {
	// UserID gives whose username (in lower case) this is; 0 or a NotFound error if nobody's.
	UserID(ctx context.Context, username string) (tintype.ID, error)
}

// Images looks at strangers' files in a cage. *imaging.Pool provides it.
type Images interface {
	Probe(ctx context.Context, src io.Reader) (imaging.Info, error)
	Render(ctx context.Context, src io.Reader, plan imaging.Plan, sink imaging.Sink) (imaging.Result, error)
}

// Posts keeps posts. sqlstore.Posts implements it and says what each method does, as for the interfaces below.
type Posts interface {
	Posts(ctx context.Context, ids []tintype.ID) ([]*tintype.Post, error)
	PostIDs(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, error)
	Published(ctx context.Context, o tintype.Once) (tintype.ID, error)
	Publish(ctx context.Context, p *tintype.Post, uploads []tintype.ID, sums [][32]byte, o tintype.Once) (former tintype.ID, err error)
	EditPost(ctx context.Context, p *tintype.Post, noticed, dropped []tintype.ID) error
	DeletePost(ctx context.Context, user, post tintype.ID) error
}

// Past writes posts that were made elsewhere, long ago.
type Past interface {
	PublishPast(ctx context.Context, p *tintype.Post, uploads []tintype.ID, sums [][32]byte, past tintype.Past) (former tintype.ID, err error)
}

// Standing keeps how posts stand among the others of their owner.
type Standing interface {
	Arrange(ctx context.Context, user, post tintype.ID, c tintype.Arrangement) error
	ShownIDs(ctx context.Context, user tintype.ID, audience tintype.Audience, page tintype.Page) ([]tintype.ID, error)
	ArchivedIDs(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, error)
	PinnedIDs(ctx context.Context, user tintype.ID) ([]tintype.ID, error)
}

// Eraser deletes what hung on deleted posts.
type Eraser interface {
	ErasePost(ctx context.Context, e job.Erase) error
}

// Uploads keeps what was sent and is not yet published.
type Uploads interface {
	BeginUpload(ctx context.Context, u *tintype.Upload) error
	FinishUpload(ctx context.Context, u *tintype.Upload) error
	Uploads(ctx context.Context, user tintype.ID, ids []tintype.ID) ([]*tintype.Upload, error)
	ClaimUploads(ctx context.Context, user tintype.ID, ids []tintype.ID, keys []string) error
	ReleaseUploads(ctx context.Context, user tintype.ID, ids []tintype.ID, keys []string) error
	DeleteUpload(ctx context.Context, user, id tintype.ID) error
}

// OldUploads deletes what nobody published.
type OldUploads interface {
	SweepUploads(ctx context.Context, before time.Time) error
}

// Comments keeps comments.
type Comments interface {
	AddComment(ctx context.Context, c *tintype.Comment, owner tintype.ID, mentions []tintype.ID, o tintype.Once) (former tintype.ID, noticed []tintype.ID, err error)
	DeleteComment(ctx context.Context, c tintype.Comment, owner tintype.ID) error
	Comments(ctx context.Context, post tintype.ID, page tintype.Page) ([]tintype.Comment, error)
	CommentsByID(ctx context.Context, refs []tintype.Comment) ([]tintype.Comment, error)
	ApplyComments(ctx context.Context, edges []job.Edge) error
}

// Held keeps comments that wait for the owner of their post. sqlstore.Comments implements it.
type Held interface {
	Held(ctx context.Context, owner, post tintype.ID, page tintype.Page) ([]tintype.Comment, error)
	HeldOf(ctx context.Context, author tintype.ID, posts []tintype.ID) ([]tintype.Comment, error)
	CommentsAnd(ctx context.Context, author, post tintype.ID, page tintype.Page) ([]tintype.Comment, error)
	Approve(ctx context.Context, owner, post, comment tintype.ID) error
}

// HiddenWords tells what users do not want to read. sqlstore.Safety implements it.
type HiddenWords interface {
	HiddenWords(ctx context.Context, user tintype.ID) (tintype.HiddenWords, error)
}

// Likes keeps likes.
type Likes interface {
	Like(ctx context.Context, user, post, owner tintype.ID, on bool) (op tintype.ID, err error)
	Liked(ctx context.Context, user tintype.ID, posts []tintype.ID) ([]tintype.ID, error)
	LikedPosts(ctx context.Context, user tintype.ID, page tintype.Page) (posts, ops []tintype.ID, err error)
	Likers(ctx context.Context, post tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error)
	Arrived(ctx context.Context, post, user tintype.ID) (op tintype.ID, state int, err error)
}

// LikeEdges brings likes to their posts.
type LikeEdges interface {
	ApplyLikes(ctx context.Context, edges []job.Edge) (posts, noticed []tintype.ID, err error)
	ApplyGone(ctx context.Context, edges []job.Edge) error
	ApplyUnnamed(ctx context.Context, edges []job.Edge) error
}

// Sweeper forgets what is old.
type Sweeper interface {
	Sweep(ctx context.Context, now time.Time) error
}

// Caches are the HTTP caches between the site and its readers. webcache.Caches is them.
type Caches interface {
	// Forget has them forget the pictures at paths. Asking twice does no harm.
	Forget(ctx context.Context, paths []string) error
}

// Queue puts work off. sqlstore.Feeds provides it.
type Queue interface {
	// Put enqueues j in the database that holds owner's rows.
	Put(ctx context.Context, owner tintype.ID, j ...job.Insert) error
}

// Places knows places by number. discover.Book provides it.
type Places interface {
	// Locate makes a location whole: its number gives it its name, or its name and point a number. Invalid if there is no such place.
	Locate(ctx context.Context, l *tintype.Location) (*tintype.Location, error)
}

// Config is what a Service is made of. All is required but the last group.
type Config struct {
	Clock      tintype.Clock
	Blobs      blob.Store
	Images     Images
	People     People
	Names      Names
	Posts      Posts
	Standing   Standing
	Maps       Maps     // may be absent where nothing is read
	Places     Places   // may be absent where nothing is published
	Tagger     Tagger   // may be absent where tags are not written
	Past       Past     // may be absent where nothing is imported
	Withheld   Withheld // may be absent where nobody moderates
	Eraser     Eraser
	Uploads    Uploads
	OldUploads OldUploads
	Comments   Comments
	Held       Held
	Words      HiddenWords // nil where nobody hides words
	Likes      Likes
	LikeEdges  LikeEdges

	PhotoTags PhotoTags // may be absent where nobody is named in pictures
	Choices   Choices   // may be absent where everybody may be named
	Stances   Stances   // may be absent where nobody restricts or mutes

	PostCache  cache.Cache[*tintype.Post]
	UserCache  cache.Cache[*tintype.User]
	LikedCache cache.Cache[bool]         // for KindLiked
	IDCache    cache.Cache[[]tintype.ID] // for KindPosts

	Caches Caches // nil for none
	Queue  Queue  // for Caches: what takes more than one job

	MaxBytes int64 // of one upload; imaging.DefaultMaxBytes if 0
	// AtMost gives what an operator allows of that at the moment; nil for all of it.
	AtMost func() int64
	Log    *slog.Logger // nil for nowhere
	// Stock counts the bytes of renditions; nil for nobody.
	Stock Stock
	// Room is nil if so many bytes more may be taken in, and Roomy tells whether what can be made again may be made; nil for always.
	Room  func(ctx context.Context, bytes int64) error
	Roomy func(ctx context.Context) bool
	// Formats gives the formats besides JPEG that pictures are to be had in at the moment; nil for none ever.
	Formats func() []imaging.Format
	// Sweeps are called by Sweep besides its own: the tombstones of likes and of the graph, idempotency keys.
	Sweeps []Sweeper
	// OnActivity is told, after the commit, to whom something happened. It must not block.
	OnActivity func(users []tintype.ID)
	// OnChange is told of posts whose likes, comments or texts changed. It must not block.
	OnChange func(posts []tintype.ID)
}

// Service is posts and what hangs on them. Make it with [New].
type Service struct {
	c       Config
	flights singleflight.Group
	pending pendingLikes
	asked   asked
}

// New makes a Service.
func New(c Config) *Service {
	if c.MaxBytes == 0 {
		c.MaxBytes = imaging.DefaultMaxBytes
	}
	if c.AtMost == nil {
		c.AtMost = func() int64 { return c.MaxBytes }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Room == nil {
		c.Room = func(context.Context, int64) error { return nil }
	}
	if c.Roomy == nil {
		c.Roomy = func(context.Context) bool { return true }
	}
	if c.Formats == nil {
		c.Formats = func() []imaging.Format { return nil }
	}
	if c.OnActivity == nil {
		c.OnActivity = func([]tintype.ID) {}
	}
	if c.OnChange == nil {
		c.OnChange = func([]tintype.ID) {}
	}
	return &Service{c: c, pending: pendingLikes{clock: c.Clock}}
}

var (
	errNoPost   = &tintype.Error{Kind: tintype.NotFound, Msg: "this post does not exist"}
	errNoUser   = &tintype.Error{Kind: tintype.NotFound, Msg: "this user does not exist"}
	errPrivate  = &tintype.Error{Kind: tintype.NotAllowed, Msg: "you cannot view this resource"}
	errNotYours = &tintype.Error{Kind: tintype.Forbidden, Msg: "this is not yours to change"}
	errSignedIn = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "please sign in first"}
	errNoFile   = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such file"}
	errNoUpload = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such upload; it may have expired"}
)

// random mints 128 unguessable bits, as 22 characters of base64url.
func random() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// cleanup is a context for undoing what a request began, even if it was given up.
func cleanup(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
}

func (s *Service) dropPosts(ctx context.Context, posts ...tintype.ID) error {
	return s.c.PostCache.Drop(context.WithoutCancel(ctx), cache.Keys(cache.KindPost, posts)...)
}

// dropOwner forgets a user's counts and list of posts.
func (s *Service) dropOwner(ctx context.Context, user tintype.ID) error {
	ctx = context.WithoutCancel(ctx)
	err := s.c.UserCache.Drop(ctx, cache.Key{Kind: cache.KindUser, A: user})
	var lists []cache.Key
	for _, list := range []tintype.ID{listEveryone, listFriends, listPinned} {
		lists = append(lists, cache.Key{Kind: cache.KindPosts, A: user, B: list})
	}
	if e := s.c.IDCache.Drop(ctx, lists...); err == nil {
		err = e
	}
	return err
}

// The lists of a user's posts that are kept near.
const (
	listEveryone = tintype.ID(tintype.AudienceEveryone) // of all who may see the user's posts
	listFriends  = tintype.ID(tintype.AudienceFriends)  // of close friends
	listPinned   = tintype.ID(2)
)
