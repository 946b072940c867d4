// Package cache is the contract for hydrated things kept near: users, posts,
// relations, heads of feeds. A cache may be empty, or be emptied, at any
// moment; whoever reads through it gets the truth from the loader then.
//
// Implementations load each missing key once however many ask for it at the
// same time (one flight per key), and never keep a value that was read before a
// Drop of its key and arrived after it (the stale-set race): Drop ends the
// lease under which a loader may set. cachetest is the suite they all pass.
//
// Values are shared: treat what comes out as immutable.
package cache

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// Kind separates the key spaces. It is as wide as an ID, so that a Key has no
// padding and is hashed in one go.
type Kind uint64

// The kinds. The numbers go into memcached keys: do not reuse them.
const (
	KindUser     Kind = 1  // A user → *tintype.User
	KindPost     Kind = 2  // A post → *tintype.Post
	KindRelation Kind = 3  // A viewer, B author → tintype.Relation
	KindLiked    Kind = 4  // A viewer, B post → bool
	KindHidden   Kind = 5  // A viewer → sorted []tintype.ID whom the viewer blocks or who block the viewer
	KindFeedHead Kind = 6  // A user → newest IDs of the home timeline
	KindPulled   Kind = 7  // A viewer, B version of the list of the very followed → those of them whom the viewer follows
	KindRecent   Kind = 8  // A very followed user → newest IDs of their posts
	KindPosts    Kind = 9  // A user, B which list → newest IDs of the user's own posts
	KindUnread   Kind = 10 // A user → how much activity is unread, up to a bound

	KindMyTags    Kind = 11 // A user → numbers of the tags that the user follows
	KindTagRecent Kind = 12 // A number of a tag → the posts that got it last, newest post first

	KindSaved Kind = 16 // A user → the posts that the user saved, sorted
	KindMuted Kind = 20 // A user → sorted []tintype.ID: whom the user muted, and 0 if posts with words that the user hides are covered
)

// Key names one cached value.
type Key struct {
	Kind Kind
	A, B tintype.ID
}

// Keys names the values of one kind that one ID names each.
func Keys(kind Kind, ids []tintype.ID) []Key {
	keys := make([]Key, len(ids))
	for i, id := range ids {
		keys[i] = Key{Kind: kind, A: id}
	}
	return keys
}

// Load reads the missing keys from their home and calls set for each that
// exists; keys it does not set stay absent and are asked for again next time.
// With a partial error (tintype.IsPartial) what it set is kept.
type Load[V any] func(ctx context.Context, missing []Key, set func(Key, V)) error

// Cache keeps values of one type.
type Cache[V any] interface {
	// Fetch gives the value of each key, in order, loading what is missing.
	// found[i] is false where the loader set nothing. A partial error of the
	// loader comes with all that was found; with any other error values and found are nil.
	Fetch(ctx context.Context, keys []Key, load Load[V]) (values []V, found []bool, err error)
	// Drop forgets keys. When it returns, no later Fetch gives a value that was loaded before it was called.
	Drop(ctx context.Context, keys ...Key) error
}

// Held is a value that came out of a cache outside this process, with a mark of
// the bytes that it was read from: two values of one key with the same mark are
// the same. Marks mean nothing in another process; 0 stands for no value.
type Held[V any] struct {
	Value V
	Mark  uint64
}
