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
