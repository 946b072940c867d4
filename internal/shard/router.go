// Package shard routes IDs to the databases that hold them: which physical
// database plays which logical shard, where the directory is, which shard a new
// user goes to. It knows the map and nothing of what is stored.
//
// The map of a site on one machine is fixed ([New]). Where there are several
// databases it is a table in the directory ([Open]), read anew every few seconds
// and whenever a shard is not where it was; a map that cannot be read stays as it was.
// Errors are those of sqlstore, and Invalid for a map that does not fit the configuration.
package shard

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// Router implements sqlstore.Router.
type Router struct {
	directory sqlstore.Home
	now       atomic.Pointer[table]

	// Of a map that is kept in the directory.
	config  Config
	byName  map[string]*sqlstore.DB // nil for a fixed map
	closing sync.Once
	stop    chan struct{}
	reading sync.WaitGroup

	load       sync.Mutex // held while the map is read
	loadedFrom time.Time  // when the reading of the map that is in force began
	strange    map[string]*sqlstore.DB
}

// table is one state of the map; it does not change.
type table struct {
	byShard [tintype.NumShards]sqlstore.Home
	homes   []sqlstore.Home // each once
	open    []tintype.Shard // shards for new users
	keys    []tintype.Shard // shards that keys are dealt out to
	rows    map[tintype.Shard]sqlstore.ShardRow
	settled bool // no shard is too young for new users
}

// add gives a shard its home.
func (t *table) add(h sqlstore.Home) {
	t.byShard[h.Shard] = h
	if !slices.ContainsFunc(t.homes, func(o sqlstore.Home) bool { return o.DB == h.DB && o.Schema == h.Schema }) {
		t.homes = append(t.homes, h)
	}
}

// fill sends IDs of shards that do not exist to the first home, where no row is found.
func (t *table) fill() {
	for s := range t.byShard {
		if t.byShard[s].DB == nil && len(t.homes) > 0 {
			t.byShard[s] = t.homes[0]
		}
	}
}

// Range gives shards to a database.
type Range struct {
	DB     *sqlstore.DB
	Shards []tintype.Shard
	// Open are those of Shards that take new users; nil for all.
	Open []tintype.Shard
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

// New makes a router with a fixed map. Shards that no range names have no home:
// IDs of theirs are routed to the first range's database, where no row is found.
func New(directory *sqlstore.DB, ranges ...Range) *Router {
	t := &table{settled: true}
	named := map[tintype.Shard]bool{}
	for _, g := range ranges {
		for _, s := range g.Shards {
			named[s] = true
			t.add(sqlstore.Home{DB: g.DB, Shard: s, Schema: g.DB.Dialect.Schema(s)})
		}
		if g.Open == nil {
			g.Open = g.Shards
		}
		t.open = append(t.open, g.Open...)
	}
	t.fill()
	t.keys = firstShards(func(s tintype.Shard) bool { return named[s] })
	r := &Router{directory: sqlstore.Home{DB: directory, Schema: directory.Dialect.DirectorySchema}}
	r.now.Store(t)
	return r
}

// Home implements sqlstore.Router.
func (r *Router) Home(s tintype.Shard) sqlstore.Home {
	return r.now.Load().byShard[s&(tintype.NumShards-1)]
}

// Directory implements sqlstore.Router.
func (r *Router) Directory() sqlstore.Home { return r.directory }

// Homes implements sqlstore.Router.
func (r *Router) Homes() []sqlstore.Home { return r.now.Load().homes }

// Pick implements sqlstore.Router: any shard that takes new users, evenly.
func (r *Router) Pick() tintype.Shard {
	open := r.now.Load().open
	return open[rand.IntN(len(open))]
}

// Databases lists the physical databases, each once, the directory's first;
// also those that hold no shard yet.
func (r *Router) Databases() []*sqlstore.DB {
	if r.byName != nil {
		return slices.Clone(r.config.Databases)
	}
	dbs := []*sqlstore.DB{r.directory.DB}
	for _, h := range r.Homes() {
		if !slices.Contains(dbs, h.DB) {
			dbs = append(dbs, h.DB)
		}
	}
	return dbs
}

// Open lists the logical shards that take new users, ascending.
func (r *Router) Open() []tintype.Shard { return slices.Sorted(slices.Values(r.now.Load().open)) }
