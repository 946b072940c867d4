package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// It is answered from the index posts_map alone. A box across the antimeridian is two spans of longitudes.
var stmtPostsMap = &Stmt{Name: "posts.on_map", SQL: `
	SELECT id, latitude, longitude FROM {s}posts
	WHERE user_id = $1 AND latitude IS NOT NULL AND off_map = 0 AND archived = 0 AND taken_down = 0 AND audience <= $11 AND id < $2 AND id > $3
	AND latitude >= $4 AND latitude <= $5 AND (longitude >= $6 AND longitude <= $7 OR longitude >= $8 AND longitude <= $9)
	ORDER BY id DESC LIMIT $10`}

// OnMap lists the posts in box that are on a user's photo map, newest first, whether or not the user shows it: those for
// audience, and for all that are wider.
func (s Posts) OnMap(ctx context.Context, user tintype.ID, audience tintype.Audience, box tintype.Box, page tintype.Page) ([]tintype.MapPoint, error) {
	w1, e1, w2, e2 := box.West, box.East, 1.0, 0.0 // none
	if box.West > box.East {
		e1, w2, e2 = 180, -180, box.East
	}
	var out []tintype.MapPoint
	err := s.R.Home(user.Shard()).forPage(ctx, page).Query(ctx, stmtPostsMap, func(scan Scan) error {
		var p tintype.MapPoint
		err := scan(&p.Post, &p.Latitude, &p.Longitude)
		out = append(out, p)
		return err
	}, user, newest(page), page.Min, box.South, box.North, w1, e1, w2, e2, page.Count, audience)
	return out, err
}
