package shard

import (
	"hash/fnv"

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

// firstOf is firstShards of a map.
func firstOf(rows []sqlstore.ShardRow) []tintype.Shard {
	if len(rows) == 0 {
		return firstShards(func(tintype.Shard) bool { return false })
	}
	oldest := rows[0].Created
	for _, r := range rows {
		if r.Created.Before(oldest) {
			oldest = r.Created
		}
	}
	first := make(map[tintype.Shard]bool, len(rows))
	for _, r := range rows {
		if r.Created.Equal(oldest) {
			first[r.Shard] = true
		}
	}
	return firstShards(func(s tintype.Shard) bool { return first[s] })
}
