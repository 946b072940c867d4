package bench

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/demo"
	"github.com/tintype/tintype/internal/services"
	"github.com/tintype/tintype/internal/tintype"
)

const (
	nearPosts   = 1_000_000
	nearClients = 4
	nearPage    = 20
	nearMetres  = 1000
	nearSpan    = 5 * 24 * time.Hour
)

// near measures the rule of /v1/media/search, called in this process, on a million posts of five days in a square of a hundred
// kilometres: the newest twenty within one kilometre that a viewer may see, whole. The limit is
// Redis, which gives the names and distances of the nearest twenty of the same points through a socket, to as many clients.
func (b *Bench) near(ctx context.Context) (_ []Row, err error) {
	dir := filepath.Join(b.Dir, "site-near")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	a, err := app.Open(ctx, app.Config{Data: dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close(), os.RemoveAll(dir)) }()
	spec, err := services.Redis()
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "tintype-near-") // Redis is another user, who may not enter the site's directory
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	if err := os.Chmod(home, 0o711); err != nil {
		return nil, err
	}
	spec.Dir = filepath.Join(home, "redis")
	redis, err := services.Start(ctx, spec)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, redis.Stop()) }()
	b.say("filling a site and Redis with %d points", nearPosts)
	viewer, now, err := nearFill(ctx, a, redis.Addr())
	if err != nil {
		return nil, err
	}
	var empty atomic.Int64
	page := tintype.Page{Count: nearPage, Min: tintype.FirstIDAt(now.Add(-nearSpan)), Max: tintype.FirstIDAt(now.Add(time.Second))}
	site := func(int) (func(r *rand.Rand) error, func() error, error) {
		return func(r *rand.Rand) error {
			lat, lng := nearPoint(r)
			found, err := a.Places.Nearby(ctx, viewer, lat, lng, nearMetres, page)
			if len(found) == 0 {
				empty.Add(1)
			}
			return err
		}, func() error { return nil }, nil
	}
	bare := func(int) (func(r *rand.Rand) error, func() error, error) {
		c, err := dialGeo(redis.Addr())
		if err != nil {
			return nil, nil, err
		}
		return func(r *rand.Rand) error {
			lat, lng := nearPoint(r)
			n, err := c.do("GEOSEARCH", "points", "FROMLONLAT", float(lng), float(lat), "BYRADIUS", strconv.Itoa(nearMetres), "m", "ASC", "COUNT", strconv.Itoa(nearPage), "WITHDIST")
			if n == 0 {
				empty.Add(1)
			}
			return err
		}, c.conn.Close, nil
	}
	rates, err := b.inTurns(nearClients, site, bare)
	if err != nil {
		return nil, err
	}
	b.say("%d searches found nothing", empty.Load())
	return []Row{atLeast(fmt.Sprintf("nearby: the newest 20 of %d posts within 1 km that a viewer may see, against GEOSEARCH", nearPosts), "searches/s", rates[0], rates[1], 0.5)}, nil
}

// nearPoint is somewhere in a square of a hundred kilometres.
func nearPoint(r *rand.Rand) (lat, lng float64) {
	return 52 + .9*r.Float64(), 13 + 1.46*r.Float64()
}

func float(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }

// nearFill publishes the posts on the site and tells Redis their points.
func nearFill(ctx context.Context, a *app.App, addr string) (viewer tintype.ID, now time.Time, err error) {
	const people, batch = 300, 10_000
	now = time.Now()
	bulk := a.Bulk(now)
	if _, err := demo.Fill(ctx, bulk, demo.Files{}, demo.AccountNames{Service: a.Account}, nil, demo.Options{Seed: 4, Now: now, People: people, Posts: people, Active: people, Width: 640,
		Password: "tintype-bench", Shards: a.Shards()}, func(string, int, int) {}); err != nil {
		return 0, now, err
	}
	members, err := a.Members(ctx, 0, people)
	if err != nil {
		return 0, now, err
	}
	c, err := dialGeo(addr)
	if err != nil {
		return 0, now, err
	}
	defer c.conn.Close()
	type row struct {
		spot, post tintype.ID
		lat, lng   float64
	}
	rows := make([]row, 0, 2*nearPosts)
	r := rand.New(rand.NewPCG(1, 2))
	first := now.Add(-nearSpan).UnixMilli()
	for from := 0; from < nearPosts; from += batch {
		posts := make([]*tintype.Post, batch)
		add := []string{"GEOADD", "points"}
		for i := range posts {
			u := members[r.IntN(len(members))].User.ID
			l := tintype.Location{HasPoint: true}
			l.Latitude, l.Longitude = nearPoint(r)
			p := &tintype.Post{ID: tintype.MakeID(first+int64(from+i)*nearSpan.Milliseconds()/nearPosts, u.Shard(), 1), UserID: u, Location: &l,
				Media: []tintype.Media{{Key: fmt.Sprintf("near-%d", from+i), Width: 4, Height: 3}}}
			posts[i] = p
			for _, spot := range a.Places.Spots(l) {
				rows = append(rows, row{spot, p.ID, l.Latitude, l.Longitude})
			}
			add = append(add, float(l.Longitude), float(l.Latitude), p.ID.String())
		}
		if err := bulk.Posts(ctx, posts); err != nil {
			return 0, now, err
		}
		if _, err := c.do(add...); err != nil {
			return 0, now, err
		}
	}
	slices.SortFunc(rows, func(x, y row) int { return cmp.Or(cmp.Compare(x.spot, y.spot), cmp.Compare(x.post, y.post)) })
	pool := a.Backend.Router.Directory().DB.WritePool()
	for chunk := range slices.Chunk(rows, batch) {
		var s strings.Builder
		for i, w := range chunk {
			if i > 0 {
				s.WriteByte(',')
			}
			fmt.Fprintf(&s, "[%d,%d,%v,%v]", int64(w.spot), int64(w.post), w.lat, w.lng)
		}
		if _, err := pool.ExecContext(ctx, `INSERT INTO spot_posts (spot_id, post_id, latitude, longitude, open)
			SELECT value->>0, value->>1, value->>2, value->>3, 1 FROM json_each($1)`, "["+s.String()+"]"); err != nil {
			return 0, now, err
		}
	}
	return members[0].User.ID, now, nil
}

// geo is a connection to Redis that knows as little of its protocol (RESP 2) as the measurement needs.
type geo struct {
	conn net.Conn
	r    *bufio.Reader
}

func dialGeo(addr string) (*geo, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &geo{conn, bufio.NewReader(conn)}, nil
}

// do sends a command and reads its answer whole: n is the length of the list, or the number.
func (g *geo) do(args ...string) (n int, err error) {
	b := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, a := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := g.conn.Write(b); err != nil {
		return 0, err
	}
	return g.read()
}

func (g *geo) read() (int, error) {
	line, err := g.r.ReadString('\n')
	if err != nil {
		return 0, err
	}
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '-' {
		return 0, fmt.Errorf("redis answers %q", line)
	}
	n, err := strconv.Atoi(line[1:])
	if err != nil {
		return 0, err
	}
	switch line[0] {
	case '$':
		_, err = g.r.Discard(n + 2)
	case '*':
		for range n {
			if _, err := g.read(); err != nil {
				return 0, err
			}
		}
	}
	return n, err
}
