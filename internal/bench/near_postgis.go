package bench

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/demo"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// postgisClients is how many search at a time.
const postgisClients = 8

// postgis measures the rule of /v1/media/search on a site in PostgreSQL, with the points and the circles of near, against
// PostGIS in the same server: an index of geographies, and the newest twenty within a kilometre. Both answer over TCP,
// through the same driver and pool; PostGIS gives numbers and distances, the site whole posts that the viewer may see.
func (b *Bench) postgis(ctx context.Context) (_ []Row, err error) {
	a, stop, err := openPostgres(ctx, "postgis")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	pool := a.Backend.Router.Directory().DB.WritePool()
	var there bool
	if err := pool.QueryRowContext(ctx, `SELECT count(*) > 0 FROM pg_available_extensions WHERE name = 'postgis'`).Scan(&there); err != nil {
		return nil, err
	}
	if !there {
		return []Row{{Work: "nearby, against PostGIS: PostGIS is not installed (run: scripts/setup bench)", Got: "–", Limit: "–", Target: "told"}}, nil
	}
	b.say("filling a site in PostgreSQL and PostGIS with %d points", nearPosts)
	began := time.Now()
	viewer, now, err := postgisFill(ctx, a)
	if err != nil {
		return nil, err
	}
	b.say("that took %s", time.Since(began).Round(time.Second))
	page := tintype.Page{Count: nearPage, Min: tintype.FirstIDAt(now.Add(-nearSpan)), Max: tintype.FirstIDAt(now.Add(time.Second))}
	var empty atomic.Int64
	took := map[bool]*spans{true: {}, false: {}}
	clients := func(ours bool, search func(conn *sql.Conn, lat, lng float64) (int, error)) searcher {
		return func(int) (func(*rand.Rand) error, func() error, error) {
			conn, err := bareConn(ctx, a)
			if err != nil {
				return nil, nil, err
			}
			mine := &spans{}
			return func(r *rand.Rand) error {
					lat, lng := nearPoint(r)
					began := time.Now()
					n, err := search(conn, lat, lng)
					mine.list = append(mine.list, time.Since(began))
					if n == 0 {
						empty.Add(1)
					}
					return err
				}, func() error {
					took[ours].add(mine)
					return conn.Close()
				}, nil
		}
	}
	site := clients(true, func(_ *sql.Conn, lat, lng float64) (int, error) {
		found, err := a.Places.Nearby(ctx, viewer, lat, lng, nearMetres, page)
		return len(found), err
	})
	bare := clients(false, func(conn *sql.Conn, lat, lng float64) (int, error) {
		var id int64
		var metres float64
		return countRows(ctx, conn, []any{&id, &metres}, `SELECT id, ST_Distance(at, ST_MakePoint($1, $2)::geography) FROM bare_points
			WHERE ST_DWithin(at, ST_MakePoint($1, $2)::geography, $3) ORDER BY id DESC LIMIT 20`, lng, lat, float64(nearMetres))
	})
	b.say("measuring nearby on PostgreSQL")
	if err := rest(ctx); err != nil {
		return nil, err
	}
	rates, err := b.inTurns(postgisClients, site, bare)
	if err != nil {
		return nil, err
	}
	b.say("done measuring nearby on PostgreSQL; %d searches found nothing", empty.Load())
	return []Row{
		beside(fmt.Sprintf("nearby: the newest 20 of %d posts within 1 km that a viewer may see, in PostgreSQL, %d clients, against PostGIS", nearPosts, postgisClients), "searches/s", rates[0], rates[1]),
		shown("the same, p50", "ms", took[true].ms(0.5)), shown("the same, p99", "ms", took[true].ms(0.99)),
		shown("PostGIS, p50", "ms", took[false].ms(0.5)), shown("PostGIS, p99", "ms", took[false].ms(0.99)),
	}, nil
}

// postgisFill loads the posts of nearFill, at the same points, into the site and into a table of PostGIS.
func postgisFill(ctx context.Context, a *app.App) (viewer tintype.ID, now time.Time, err error) {
	const people, batch = 300, 50_000
	now = time.Now()
	shards := a.Shards()
	c := newCrowd(people, now, shards)
	names := demo.AccountNames{Service: a.Account}
	bulk := a.Bulk(now)
	if err := bulk.LoadDirectory(ctx, c.members(), func(u *tintype.User) ([]string, int) { return names.Words(u), weight(u) }, nil); err != nil {
		return 0, now, err
	}
	members := slices.Collect(c.members())
	posts := map[tintype.Shard][]*tintype.Post{}
	spots := make([]app.NearSpot, 0, 2*nearPosts)
	var ids []int64
	var lats, lngs []float64
	r := rand.New(rand.NewPCG(1, 2))
	first := now.Add(-nearSpan).UnixMilli()
	for i := range nearPosts {
		u := members[r.IntN(len(members))].User.ID
		l := tintype.Location{HasPoint: true}
		l.Latitude, l.Longitude = nearPoint(r)
		p := &tintype.Post{ID: tintype.MakeID(first+int64(i)*nearSpan.Milliseconds()/nearPosts, u.Shard(), 1), UserID: u, Location: &l,
			Media: []tintype.Media{{Key: fmt.Sprintf("near-%d", i), Width: 4, Height: 3}}}
		posts[u.Shard()] = append(posts[u.Shard()], p)
		for _, spot := range a.Places.Spots(l) {
			spots = append(spots, app.NearSpot{Spot: spot, Post: p.ID, Latitude: l.Latitude, Longitude: l.Longitude})
		}
		ids, lats, lngs = append(ids, int64(p.ID)), append(lats, l.Latitude), append(lngs, l.Longitude)
	}
	none := func(func(job.Edge) bool) {}
	for _, s := range shards {
		var users []*tintype.Member
		for _, m := range members {
			if m.User.ID.Shard() == s {
				users = append(users, m)
			}
		}
		if err := bulk.LoadShard(ctx, s, slices.Values(users), slices.Values(posts[s]), none, none); err != nil {
			return 0, now, err
		}
	}
	slices.SortFunc(spots, func(x, y app.NearSpot) int { return cmp.Or(cmp.Compare(x.Spot, y.Spot), cmp.Compare(x.Post, y.Post)) })
	if err := a.LoadSpots(ctx, spots); err != nil {
		return 0, now, err
	}
	conn, err := bareConn(ctx, a)
	if err != nil {
		return 0, now, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := execAll(ctx, conn, `CREATE EXTENSION postgis`, `CREATE TABLE bare_points (id BIGINT NOT NULL, at geography NOT NULL)`); err != nil {
		return 0, now, err
	}
	for from := 0; from < nearPosts; from += batch {
		to := min(from+batch, nearPosts)
		if _, err := conn.ExecContext(ctx, `INSERT INTO bare_points SELECT i, ST_MakePoint(x, y)::geography FROM unnest($1::bigint[], $2::float8[], $3::float8[]) AS p(i, x, y)`,
			ids[from:to], lngs[from:to], lats[from:to]); err != nil {
			return 0, now, err
		}
	}
	if err := execAll(ctx, conn, `CREATE INDEX ON bare_points USING gist (at)`, `ANALYZE`); err != nil {
		return 0, now, err
	}
	return members[0].User.ID, now, nil
}
