package app

import (
	"context"

	"github.com/tintype/tintype/internal/redis"
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
