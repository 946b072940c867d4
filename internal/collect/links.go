package collect

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"log/slog"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// LinkStore keeps secret links. sqlstore.Albums implements it and says what each method does.
type LinkStore interface {
	AddLink(ctx context.Context, l *tintype.SecretLink, old time.Time, most int) error
	Link(ctx context.Context, id tintype.ID) (*tintype.SecretLink, error)
	Links(ctx context.Context, user tintype.ID) ([]tintype.SecretLink, error)
	EndLink(ctx context.Context, user, id tintype.ID) error
	LinkOpened(ctx context.Context, id tintype.ID, now time.Time) error
}

// Users gives users. graph.Service provides it.
type Users interface {
	// Users is aligned with ids, nil where there is no user.
	Users(ctx context.Context, ids []tintype.ID) ([]*tintype.User, error)
}

// Limiter counts tries. redis.Limits and sqlstore.RateLimits implement it.
type Limiter interface {
	// Take counts one try under each limit; wait is above 0 if that is one too many.
	Take(ctx context.Context, limits []tintype.Limit, now time.Time) (wait time.Duration, err error)
}

// LinksConfig is what Links are made of. All is required.
type LinksConfig struct {
	Clock   tintype.Clock
	Key     []byte // of the site: tokens are made with it
	Store   LinkStore
	Albums  AlbumStore
	Posts   Posts
	Users   Users
	Limiter Limiter
	Log     *slog.Logger
}

// Links is secret links. Make it with NewLinks.
//
// A token is the link's ID and 128 bits of an HMAC of it: nothing that opens a
// link is kept, and yet its owner can be given it again at any time. What is not a
// token is known without asking a database.
type Links struct {
	c   LinksConfig
	key []byte
}

// NewLinks makes Links.
func NewLinks(c LinksConfig) *Links {
	h := hmac.New(sha256.New, c.Key)
	h.Write([]byte("secret links 1")) // a key of its own: the site's signs other things, too
	return &Links{c: c, key: h.Sum(nil)}
}

// Link is a link as its owner sees it.
type Link struct {
	tintype.SecretLink
	Token string
	Post  *tintype.Post  // what it is of; nil for an album, or if it is gone
	Album *tintype.Album // as Post
	Shows bool           // whether it shows Post, if that is not nil
}

// Shared is what a link shows.
type Shared struct {
	Link  tintype.SecretLink
	Owner *tintype.User
	Album *tintype.Album // nil for a post
	Posts []*tintype.Post
	Next  tintype.ID // the place behind which the next page begins; 0 at the end
}

const (
	macBytes = 16
	// wrongTries is how many tokens that are none one address may try in tryWindow. It is there to end a nuisance: 2^128 are not tried.
	wrongTries = 30
	tryWindow  = 10 * time.Minute
	// expiredFor is how long an expired link stays in its owner's list.
	expiredFor = 30 * 24 * time.Hour
	longest    = 10 * 366 * 24 * time.Hour
)

var (
	errNoLink  = &tintype.Error{Kind: tintype.NotFound, Msg: "this link shows nothing: it may have expired, or have been withdrawn"}
	errUnshown = &tintype.Error{Kind: tintype.Conflict, Msg: "a link cannot show this post: it is archived, or was taken down"}
)

// shows tells whether a link shows p, which its owner sees: for more than the owner's eyes are what nobody took down or archived, and in an
// album what is for everyone who may see the owner's posts. A post for close friends is shown by a link that its owner made to just it;
// what was for everyone before loses its links when it becomes that (see sqlstore.Posts.Arrange).
func shows(l *tintype.SecretLink, p *tintype.Post) bool {
	return !p.TakenDown && !p.Archived && (l.Album == 0 || p.Audience == tintype.AudienceEveryone)
}

// shown gives those of its owner's posts that a link shows.
func shown(l *tintype.SecretLink, posts []*tintype.Post) []*tintype.Post {
	return slices.DeleteFunc(posts, func(p *tintype.Post) bool { return !shows(l, p) })
}

func (s *Links) token(id tintype.ID) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(id))
	return base64.RawURLEncoding.EncodeToString(append(b, s.mac(b)...))
}

func (s *Links) mac(id []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write(id)
	return h.Sum(nil)[:macBytes]
}

// id gives the link of a token, 0 if it is none.
func (s *Links) id(token string) tintype.ID {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != 8+macBytes || !hmac.Equal(b[8:], s.mac(b[:8])) {
		return 0
	}
	return tintype.ID(binary.BigEndian.Uint64(b))
}

// Add makes a link to a post, or else an album, of user's. It shows it until expires, for ever if that is zero.
func (s *Links) Add(ctx context.Context, user, post, album tintype.ID, expires time.Time) (Link, error) {
	now := s.c.Clock()
	if user == 0 {
		return Link{}, errSignedIn
	}
	if !expires.IsZero() && (!expires.After(now) || expires.Sub(now) > longest) {
		return Link{}, tintype.FieldError("expires", "a link expires in the future, within ten years")
	}
	l := tintype.SecretLink{UserID: user, Post: post, Album: album, Expires: expires}
	out := Link{}
	var err error
	if post != 0 {
		if out.Post, err = s.c.Posts.Get(ctx, user, post); err == nil && out.Post.UserID != user {
			err = errNotYours
		} else if err == nil && !shows(&l, out.Post) {
			err = errUnshown
		}
		out.Shows = err == nil
	} else if out.Album, err = s.c.Albums.Album(ctx, album); err == nil && (out.Album == nil || out.Album.UserID != user) {
		err = errNoAlbum
	}
	if err != nil {
		return Link{}, err
	}
	if err := s.c.Store.AddLink(ctx, &l, now.Add(-expiredFor), MaxLinks); err != nil {
		return Link{}, err
	}
	out.SecretLink, out.Token = l, s.token(l.ID)
	return out, nil
}

// List gives user's links, newest first, the expired ones of the last month too.
func (s *Links) List(ctx context.Context, user tintype.ID) ([]Link, error) {
	if user == 0 {
		return nil, errSignedIn
	}
	list, err := s.c.Store.Links(ctx, user)
	if err != nil {
		return nil, err
	}
	var ids []tintype.ID
	for _, l := range list {
		if l.Post != 0 && !slices.Contains(ids, l.Post) {
			ids = append(ids, l.Post)
		}
	}
	posts, err := s.c.Posts.Visible(ctx, user, ids)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	albums, err := s.c.Albums.Albums(ctx, user)
	if err != nil {
		return nil, err
	}
	out := make([]Link, len(list))
	for i, l := range list {
		out[i] = Link{SecretLink: l, Token: s.token(l.ID)}
		if at := slices.IndexFunc(posts, func(p *tintype.Post) bool { return p.ID == l.Post }); at >= 0 {
			out[i].Post, out[i].Shows = posts[at], shows(&l, posts[at])
		}
		if at := slices.IndexFunc(albums, func(a tintype.Album) bool { return a.ID == l.Album }); at >= 0 {
			out[i].Album = &albums[at]
		}
	}
	return out, nil
}

// End revokes a link of user's.
func (s *Links) End(ctx context.Context, user, id tintype.ID) error {
	return s.c.Store.EndLink(ctx, user, id)
}

// Open gives what the link of a token shows, of an album n posts behind a place. NotFound if it shows nothing (any more);
// RateLimited if too much that is no token was tried from, which names where the request comes from.
func (s *Links) Open(ctx context.Context, token, from string, after tintype.ID, n int) (*Shared, error) {
	id := s.id(token)
	if id == 0 {
		wait, err := s.c.Limiter.Take(ctx, []tintype.Limit{{Key: "link:" + from, Max: wrongTries, Window: tryWindow}}, s.c.Clock())
		if err == nil && wait > 0 {
			err = &tintype.Error{Kind: tintype.RateLimited, Msg: "too many links were tried", RetryAfter: int(wait/time.Second) + 1}
		}
		if err == nil {
			err = errNoLink
		}
		return nil, err
	}
	out, err := s.live(ctx, id)
	if err != nil {
		return nil, err
	}
	owner := out.Owner.ID
	if out.Link.Post != 0 {
		out.Posts, err = s.c.Posts.Visible(ctx, owner, []tintype.ID{out.Link.Post})
		out.Posts = shown(&out.Link, out.Posts)
		if err == nil && len(out.Posts) == 0 {
			err = errNoLink
		}
		return out, err
	}
	if out.Album, err = s.c.Albums.Album(ctx, out.Link.Album); err == nil && (out.Album == nil || out.Album.UserID != owner) {
		err = errNoLink
	}
	if err != nil {
		return nil, err
	}
	out.Posts, out.Next, err = albumPosts(ctx, s.c.Albums, s.c.Posts, owner, out.Album, after, n)
	out.Posts = shown(&out.Link, out.Posts)
	return out, err
}

// live gives a link that has not expired, of an owner who takes part in the site.
func (s *Links) live(ctx context.Context, id tintype.ID) (*Shared, error) {
	l, err := s.c.Store.Link(ctx, id)
	if err != nil {
		return nil, err
	}
	if l == nil || l.Expired(s.c.Clock()) {
		return nil, errNoLink
	}
	users, err := s.c.Users.Users(ctx, []tintype.ID{l.UserID})
	if err != nil {
		return nil, err
	}
	if users[0] == nil || users[0].State != tintype.UserActive {
		return nil, errNoLink
	}
	return &Shared{Link: *l, Owner: users[0]}, nil
}

// Opened counts that somebody opened a link. Where that cannot be written down it is not counted.
func (s *Links) Opened(ctx context.Context, id tintype.ID) {
	if err := s.c.Store.LinkOpened(context.WithoutCancel(ctx), id, s.c.Clock()); err != nil {
		s.c.Log.WarnContext(ctx, "the opening of a link was not counted", "error", err)
	}
}

// Through gives with whose eyes a post is seen through a link: its owner's. NotFound if the link does not show it (any more).
func (s *Links) Through(ctx context.Context, link, post tintype.ID) (owner tintype.ID, err error) {
	l, err := s.live(ctx, link)
	if err != nil {
		return 0, err
	}
	shows := l.Link.Post == post
	if l.Link.Album != 0 {
		if shows, err = s.c.Albums.InAlbum(ctx, l.Link.Album, post); err != nil {
			return 0, err
		}
	}
	if !shows {
		return 0, errNoLink
	}
	posts, err := s.c.Posts.Visible(ctx, l.Owner.ID, []tintype.ID{post})
	if err == nil && len(shown(&l.Link, posts)) == 0 {
		err = errNoLink
	}
	return l.Owner.ID, err
}
