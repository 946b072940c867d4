package app

import (
	"context"
	"errors"
	"slices"

	"github.com/tintype/tintype/internal/redis"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// FanoutRates are entries per second that came to timelines in Redis; see [redis.MeasureFanout].
type FanoutRates = redis.FanoutRates

// MeasureFanout brings posts to the timelines of followers that no site has, on
// this site's Redis, in the site's way and in the barest, in turns. A site
// without Redis is Invalid.
func (a *App) MeasureFanout(ctx context.Context, followers, posts int) (FanoutRates, error) {
	if a.redis == nil {
		return FanoutRates{}, tintype.Errorf(tintype.Invalid, "this site has no Redis")
	}
	return redis.MeasureFanout(ctx, a.redis, followers, posts)
}

// MeasureAsks sends a statement n times at once to the PostgreSQL database of a logical shard,
// each answered by itself, and gives the numbers that come back, in order.
func (a *App) MeasureAsks(ctx context.Context, shard tintype.Shard, statement string, n int) (numbers []int64, err error) {
	db := a.Backend.Router.Home(shard).DB
	if db.Dialect.Pipeline == nil {
		return nil, tintype.Errorf(tintype.Invalid, "database %s takes one statement at a time", db.Name)
	}
	conn, err := db.WritePool().Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	ask := sqlstore.Ask{Text: statement, Row: func(scan sqlstore.Scan) error {
		var v int64
		err := scan(&v)
		numbers = append(numbers, v)
		return err
	}}
	err = db.Dialect.Pipeline(ctx, conn, slices.Repeat([]sqlstore.Ask{ask}, n))
	return numbers, err
}

var stmtBareNames = &sqlstore.Stmt{Name: "measure.names", SQL: `
	SELECT user_id FROM {s}people WHERE word >= $1 AND word < $2 LIMIT $3`}

// MeasureNames gives how many people, up to n, have a word in their name from one up to another: the barest
// question that a search for people could ask its index.
func (a *App) MeasureNames(ctx context.Context, from, to string, n int) (found int, err error) {
	err = a.Backend.Router.Directory().Query(ctx, stmtBareNames, func(scan sqlstore.Scan) error {
		var id tintype.ID
		found++
		return scan(&id)
	}, from, to, n)
	return found, err
}

// NearSpot says that a post is in a timeline of places and map cells, and where it was taken.
type NearSpot struct {
	Spot, Post          tintype.ID
	Latitude, Longitude float64
}

// LoadSpots writes posts that everybody may see into the timelines of a new site, sorted by spot and post.
func (a *App) LoadSpots(ctx context.Context, sorted []NearSpot) error {
	byHome := map[string][]NearSpot{}
	for _, s := range sorted {
		h := a.Backend.Router.Home(s.Spot.Shard())
		byHome[h.Schema] = append(byHome[h.Schema], s)
	}
	for _, list := range byHome {
		h := a.Backend.Router.Home(list[0].Spot.Shard())
		if err := h.Load(ctx, sqlstore.Load{Table: "spot_posts", Columns: []string{"spot_id", "post_id", "latitude", "longitude", "open"}, Rows: func(w sqlstore.RowWriter) error {
			for _, s := range list {
				w.Int(int64(s.Spot))
				w.Int(int64(s.Post))
				w.Real(s.Latitude)
				w.Real(s.Longitude)
				w.Int(1)
				if err := w.End(); err != nil {
					return err
				}
			}
			return nil
		}}); err != nil {
			return err
		}
	}
	return nil
}
