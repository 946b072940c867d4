package shard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// Config is what a Router of several databases is made of.
type Config struct {
	// Databases are all there are, the first one with the directory.
	Databases []*sqlstore.DB
	// Shards is how many logical shards a site begins with, a power of two; 0 for 64.
	Shards int
	// Every is how often the map is read anew; 0 for every two seconds.
	Every time.Duration
	Clock tintype.Clock // time.Now
	Log   *slog.Logger  // nil for none
}

// DefaultShards is how many logical shards a new site begins with.
const DefaultShards = 64

const (
	reloadEvery = 2 * time.Second
	// settle is how old a logical shard must be before it takes new users: by then all processes know it.
	settle = 10 * time.Second
)

// Open makes a Router by the map in the directory, which must answer. If the map
// is empty it makes the logical shards of a new site, spread over the databases.
// All schemas are brought up to date; those of a database that is down, when it is back.
// Close ends the reading of the map.
func Open(ctx context.Context, c Config) (*Router, error) {
	if c.Shards == 0 {
		c.Shards = DefaultShards
	}
	if c.Every == 0 {
		c.Every = reloadEvery
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	dir := c.Databases[0]
	r := &Router{directory: sqlstore.Home{DB: dir, Schema: dir.Dialect.DirectorySchema}, config: c, byName: map[string]*sqlstore.DB{}, stop: make(chan struct{})}
	for _, db := range c.Databases {
		if r.byName[db.Name] != nil {
			return nil, fmt.Errorf("two databases are called %q", db.Name)
		}
		r.byName[db.Name] = db
	}
	rows, err := sqlstore.ShardMap{R: r}.All(ctx)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		if rows, err = r.begin(ctx); err != nil {
			return nil, err
		}
	}
	for _, row := range rows {
		if r.byName[row.Database] == nil {
			return nil, tintype.Errorf(tintype.Invalid, "logical shard %d is in database %q, which is not among those configured", row.Shard, row.Database)
		}
	}
	if err := r.upgrade(ctx, rows); err != nil {
		return nil, err
	}
	r.set(rows)
	r.reading.Go(r.keepReading)
	return r, nil
}

// Close ends the reading of the map; the databases stay open.
func (r *Router) Close() {
	if r.stop != nil {
		r.closing.Do(func() { close(r.stop) })
		r.reading.Wait()
	}
}

// begin makes the logical shards of a new site. Where several processes begin at
// once, the map of the one that is first counts for all.
func (r *Router) begin(ctx context.Context) ([]sqlstore.ShardRow, error) {
	var rows []sqlstore.ShardRow
	now := r.config.Clock()
	for i, part := range Spread(r.config.Shards, len(r.config.Databases)) {
		for _, s := range part {
			rows = append(rows, sqlstore.ShardRow{Shard: s, Database: r.config.Databases[i].Name, Created: now})
		}
	}
	slices.SortFunc(rows, func(a, b sqlstore.ShardRow) int { return int(a.Shard) - int(b.Shard) })
	if err := r.each(rows, func(db *sqlstore.DB, shards []tintype.Shard) error { return db.Materialise(ctx, shards) }); err != nil {
		return nil, err
	}
	m := sqlstore.ShardMap{R: r}
	if err := m.Add(ctx, rows); err != nil && !tintype.IsKind(err, tintype.Conflict) {
		return nil, err
	}
	return m.All(ctx)
}

// upgrade brings the schemas of rows up to date, those of a database that is down later.
func (r *Router) upgrade(ctx context.Context, rows []sqlstore.ShardRow) error {
	err := r.each(rows, func(db *sqlstore.DB, shards []tintype.Shard) error { return db.Upgrade(ctx, shards) })
	if tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil {
		r.config.Log.Warn("a database is down; its users will be there when it is back", "error", err)
		return nil
	}
	return err
}

// each calls f for every database of rows, all at once. The error is
// Unavailable only if there is no worse one.
func (r *Router) each(rows []sqlstore.ShardRow, f func(*sqlstore.DB, []tintype.Shard) error) error {
	byDB := map[*sqlstore.DB][]tintype.Shard{}
	for _, row := range rows {
		db := r.byName[row.Database]
		byDB[db] = append(byDB[db], row.Shard)
	}
	var mu sync.Mutex
	var down, bad []error
	var wg sync.WaitGroup
	for db, shards := range byDB {
		wg.Go(func() {
			err := f(db, shards)
			mu.Lock()
			defer mu.Unlock()
			if tintype.IsKind(err, tintype.Unavailable) {
				down = append(down, err)
			} else if err != nil {
				bad = append(bad, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(append(bad, down...)...)
}

// Create makes logical shards in a database and puts them on the map. New users
// are sent there when every process knows of them, some seconds later. Conflict if one is there already.
func (r *Router) Create(ctx context.Context, database string, shards ...tintype.Shard) error {
	db := r.byName[database]
	if db == nil {
		return tintype.Errorf(tintype.NotFound, "there is no database called %q", database)
	}
	rows := make([]sqlstore.ShardRow, len(shards))
	created := r.afterBegin(r.config.Clock())
	slices.Sort(shards)
	for i, s := range shards {
		if s >= tintype.NumShards {
			return tintype.Errorf(tintype.Invalid, "logical shards are numbered up to %d", tintype.NumShards-1)
		}
		if r.now.Load().rows[s].Database != "" {
			return tintype.Errorf(tintype.Conflict, "logical shard %d is there already", s)
		}
		rows[i] = sqlstore.ShardRow{Shard: s, Database: database, Created: created}
	}
	if err := db.Materialise(ctx, shards); err != nil {
		return err
	}
	if err := (sqlstore.ShardMap{R: r}).Add(ctx, rows); err != nil {
		return err
	}
	return r.Reload(ctx)
}

// afterBegin gives t, or where this machine's clock is behind, an instant at which the
// site had begun: the oldest shards are those that keys are dealt out to (see KeyShards).
func (r *Router) afterBegin(t time.Time) time.Time {
	if next := beganAt(r.Rows()).Add(time.Microsecond); t.Before(next) {
		return next
	}
	return t
}

// Unused gives n numbers of logical shards that do not exist, spread evenly; fewer if there are not so many.
func (r *Router) Unused(n int) []tintype.Shard {
	t := r.now.Load()
	var free []tintype.Shard
	for s := range tintype.Shard(tintype.NumShards) {
		if _, used := t.rows[s]; !used {
			free = append(free, s)
		}
	}
	if n >= len(free) {
		return free
	}
	out := make([]tintype.Shard, n)
	for i := range out {
		out[i] = free[i*len(free)/n]
	}
	return out
}

// Rows is the map as it was read last, ascending.
func (r *Router) Rows() []sqlstore.ShardRow {
	t := r.now.Load()
	out := make([]sqlstore.ShardRow, 0, len(t.rows))
	for s := range tintype.Shard(tintype.NumShards) {
		if row, ok := t.rows[s]; ok {
			out = append(out, row)
		}
	}
	return out
}

// Reload reads the map; what is routed from then on goes by it. One that began
// after Reload was called is as good.
func (r *Router) Reload(ctx context.Context) error {
	if r.byName == nil {
		return nil // a fixed map
	}
	asked := time.Now()
	r.load.Lock()
	defer r.load.Unlock()
	if r.loadedFrom.After(asked) {
		return nil
	}
	from := time.Now()
	rows, err := sqlstore.ShardMap{R: r}.All(ctx)
	if err != nil {
		return err
	}
	r.loadedFrom = from
	r.set(rows)
	return nil
}

// Lookup implements sqlstore.Map.
func (r *Router) Lookup(ctx context.Context, was sqlstore.Home) (sqlstore.Home, error) {
	if now := r.Home(was.Shard); now != was {
		return now, nil
	}
	if err := r.Reload(ctx); err != nil {
		return sqlstore.Home{}, err
	}
	return r.Home(was.Shard), nil
}

func (r *Router) keepReading() {
	tick := time.NewTicker(r.config.Every)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
		}
		err := r.Reload(context.Background())
		if err != nil && !failing {
			r.config.Log.Warn("the map of shards cannot be read; the old one is used", "error", err)
		}
		failing = err != nil
	}
}

// set makes rows the map.
func (r *Router) set(rows []sqlstore.ShardRow) {
	if old := r.now.Load(); old != nil && len(old.rows) == len(rows) &&
		!slices.ContainsFunc(rows, func(row sqlstore.ShardRow) bool { return old.rows[row.Shard] != row }) && old.settled {
		return
	}
	t := &table{rows: make(map[tintype.Shard]sqlstore.ShardRow, len(rows)), settled: true, keys: KeyShards(rows)}
	now := r.config.Clock()
	var all, young []tintype.Shard
	for _, row := range rows {
		t.rows[row.Shard] = row
		db := r.byName[row.Database]
		if db == nil {
			db = r.unknown(row.Database)
		}
		h := sqlstore.Home{DB: db, Shard: row.Shard, Schema: db.Dialect.Schema(row.Shard), Map: r}
		t.add(h)
		all = append(all, row.Shard)
		if row.Closed {
			continue
		}
		if age := now.Sub(row.Created); age >= 0 && age < settle {
			young, t.settled = append(young, row.Shard), false
			continue
		}
		t.open = append(t.open, row.Shard)
	}
	if len(t.open) == 0 {
		t.open = young // of a new site
	}
	if len(t.open) == 0 {
		t.open = all // all are closed: better there than nowhere
	}
	t.fill()
	r.now.Store(t)
}

// unknown stands for a database that the map names and the configuration does
// not: it was added since this process started.
func (r *Router) unknown(name string) *sqlstore.DB {
	db := r.strange[name]
	if db == nil {
		why := fmt.Sprintf("database %q is not configured in this process; restart it with the new configuration", name)
		r.config.Log.Error(why)
		db = sqlstore.Down(name, r.directory.DB.Dialect, why)
		if r.strange == nil {
			r.strange = map[string]*sqlstore.DB{}
		}
		r.strange[name] = db
	}
	return db
}
