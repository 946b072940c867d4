// Package shard routes IDs to the databases that hold them: which physical
// database plays which logical shard, where the directory is, which shard a new
// user goes to. It knows the map and nothing of what is stored.
package shard

import (
	"math/rand/v2"
	"slices"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// Router implements sqlstore.Router.
type Router struct {
	directory sqlstore.Home
	byShard   [tintype.NumShards]sqlstore.Home
	homes     []sqlstore.Home // each once
	open      []tintype.Shard // shards for new users
}

// Range gives shards to a database.
type Range struct {
	DB     *sqlstore.DB
	Shards []tintype.Shard
}

// All lists every logical shard.
func All() []tintype.Shard {
	all := make([]tintype.Shard, tintype.NumShards)
	for i := range all {
		all[i] = tintype.Shard(i)
	}
	return all
}

// Spread deals n of the logical shards out to parts databases, evenly.
func Spread(n, parts int) [][]tintype.Shard {
	out := make([][]tintype.Shard, parts)
	for i := range n {
		s := tintype.Shard(i * (tintype.NumShards / n))
		out[i%parts] = append(out[i%parts], s)
	}
	return out
}

// New makes a router. Shards that no range names have no home: IDs of theirs
// are routed to the first range's database, where no row is found.
func New(directory *sqlstore.DB, ranges ...Range) *Router {
	r := &Router{directory: sqlstore.Home{DB: directory, Schema: directory.Dialect.DirectorySchema}}
	seen := map[sqlstore.Home]bool{}
	for _, g := range ranges {
		for _, s := range g.Shards {
			h := sqlstore.Home{DB: g.DB, Shard: s, Schema: g.DB.Dialect.Schema(s)}
			r.byShard[s] = h
			r.open = append(r.open, s)
			key := sqlstore.Home{DB: h.DB, Schema: h.Schema}
			if !seen[key] {
				seen[key] = true
				r.homes = append(r.homes, h)
			}
		}
	}
	for s := range r.byShard {
		if r.byShard[s].DB == nil && len(r.homes) > 0 {
			r.byShard[s] = r.homes[0]
		}
	}
	return r
}

// Home implements sqlstore.Router.
func (r *Router) Home(s tintype.Shard) sqlstore.Home { return r.byShard[s&(tintype.NumShards-1)] }

// Directory implements sqlstore.Router.
func (r *Router) Directory() sqlstore.Home { return r.directory }

// Homes implements sqlstore.Router.
func (r *Router) Homes() []sqlstore.Home { return r.homes }

// Pick implements sqlstore.Router: any shard that takes new users, evenly.
func (r *Router) Pick() tintype.Shard { return r.open[rand.IntN(len(r.open))] }

// Databases lists the physical databases, each once, the directory's first.
func (r *Router) Databases() []*sqlstore.DB {
	dbs := []*sqlstore.DB{r.directory.DB}
	seen := map[*sqlstore.DB]bool{r.directory.DB: true}
	for _, h := range r.homes {
		if !seen[h.DB] {
			seen[h.DB] = true
			dbs = append(dbs, h.DB)
		}
	}
	return dbs
}

// Open lists the logical shards that take new users, ascending.
func (r *Router) Open() []tintype.Shard { return slices.Sorted(slices.Values(r.open)) }
