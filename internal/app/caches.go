package app

import (
	"slices"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/cache/inproc"
	"github.com/tintype/tintype/internal/cache/memcached"
	"github.com/tintype/tintype/internal/tintype"
)

// How many things are kept in memory. A post takes about 2 kB, a user 400 bytes.
const (
	cachedUsers     = 50_000
	cachedPosts     = 20_000
	cachedRelations = 200_000
	cachedLikes     = 200_000
	cachedLists     = 20_000

	// How long memcached keeps what nobody dropped: the net below the
	// invalidation, for when a process dies between a commit and its drop. What decides who may see something is kept for less.
	cachedFor        = time.Hour
	cachedPrivateFor = 5 * time.Minute
)

// caches are what is kept near, of each type.
type caches struct {
	users     cache.Cache[*tintype.User]
	posts     cache.Cache[*tintype.Post]
	lists     cache.Cache[[]tintype.ID]
	relations cache.Cache[tintype.Relation]
	liked     cache.Cache[bool]

	userDrops func() uint64            // changes with every user that changes
	feedCame  func(users []tintype.ID) // forgets the heads of their feeds in this process
	all       []forgetter              // see forget
}

// makeCaches makes the caches: of this process alone, or, where processes tell
// each other of changes over a bus, near ones, with memcached behind them if it is there.
func makeCaches(a *App) caches {
	var drops *inproc.Drops
	if a.bus != nil {
		drops = inproc.NewDrops(a.bus, a.cfg.Clock)
	}
	users := makeCache(a, drops, cachedUsers, cache.Users(), []cache.Kind{cache.KindUser}, nil)
	posts := makeCache(a, drops, cachedPosts, cache.Posts(), []cache.Kind{cache.KindPost}, nil)
	// The head of a feed changes with every post of everybody in it, and is quickly read from its timeline.
	lists := makeCache(a, drops, cachedLists, cache.IDs(),
		[]cache.Kind{cache.KindHidden, cache.KindFeedHead, cache.KindPulled, cache.KindRecent, cache.KindPosts,
			cache.KindMyTags, cache.KindTagRecent, cache.KindSaved, cache.KindMuted}, []cache.Kind{cache.KindFeedHead})
	relations := makeCache(a, drops, cachedRelations, cache.Relations(), []cache.Kind{cache.KindRelation}, nil)
	liked := makeCache(a, drops, cachedLikes, cache.Bools(), []cache.Kind{cache.KindLiked}, nil)
	c := caches{users: users, posts: posts, lists: lists, relations: relations, liked: liked, userDrops: users.Drops,
		all: []forgetter{users, posts, lists, relations, liked}}
	if near, ok := lists.(*inproc.Near[[]tintype.ID]); ok {
		c.feedCame = func(users []tintype.ID) { near.Forget(cache.Keys(cache.KindFeedHead, users)...) }
	}
	return c
}

// dropCache is a cache that counts what was dropped.
type dropCache[V any] interface {
	cache.Cache[V]
	Drops() uint64
	Clear()
}

func makeCache[V any](a *App, drops *inproc.Drops, max int, codec cache.Codec[V], kinds, brief []cache.Kind) dropCache[V] {
	if drops == nil {
		return inproc.New[V](max)
	}
	c := inproc.NearConfig[V]{Max: max, Drops: drops, Kinds: kinds, Brief: brief}
	if a.memcached != nil {
		keep := cachedPrivateFor
		if slices.Contains(kinds, cache.KindPost) || slices.Contains(kinds, cache.KindLiked) {
			keep = cachedFor
		}
		c.Far = memcached.New(a.memcached, codec, keep)
	}
	return inproc.NewNear(c)
}

// openMemcached connects to the memcached servers, if any are named. Servers that are down are no error.
func openMemcached(c checked) *memcached.Servers {
	if len(c.Fleet.Memcached.Servers) == 0 {
		return nil
	}
	return memcached.Open(memcached.Config{Servers: c.Fleet.Memcached.Servers, Log: c.Log})
}
