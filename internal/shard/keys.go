package shard

import (
	"hash/fnv"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// keyShards is how many logical shards at most hold what is found by another key than
// a user's: as many as a site begins with, so that on every site with that many a key has the same one.
const keyShards = DefaultShards

// KeyShard implements sqlstore.Router: the logical shard of what is found by key (a
// tag, a place, a cell of the map). It is one of those that the site began with, so it
// stays the same however many are added later.
func (r *Router) KeyShard(key string) tintype.Shard {
	h := fnv.New64a()
	h.Write([]byte(key))
	x := h.Sum64()
	x ^= x >> 33 // the low bits of FNV-1a of short keys are not well mixed
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	keys := r.now.Load().keys
	return keys[x%uint64(len(keys))]
}

// firstShards gives, of the shards that exist, those that keys are dealt out to: the
// largest even spread whose members exist, all as old as the oldest shard.
func firstShards(exists func(tintype.Shard) bool) []tintype.Shard {
	for n := keyShards; n > 1; n /= 2 {
		spread := Spread(n, 1)[0]
		whole := true
		for _, s := range spread {
			whole = whole && exists(s)
		}
		if whole {
			return spread
		}
	}
	for s := range tintype.Shard(tintype.NumShards) {
		if exists(s) {
			return []tintype.Shard{s}
		}
	}
	return []tintype.Shard{0}
}

// KeyShards gives, of the shards of a map, those that keys are dealt out to.
func KeyShards(rows []sqlstore.ShardRow) []tintype.Shard {
	began := beganAt(rows)
	first := make(map[tintype.Shard]bool, len(rows))
	for _, r := range rows {
		if r.Created.Equal(began) {
			first[r.Shard] = true
		}
	}
	return firstShards(func(s tintype.Shard) bool { return first[s] })
}

// beganAt is when the oldest shards were made; zero if there are none.
func beganAt(rows []sqlstore.ShardRow) time.Time {
	if len(rows) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(rows, func(a, b sqlstore.ShardRow) int { return a.Created.Compare(b.Created) }).Created
}
