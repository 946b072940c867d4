package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// Spots keeps which posts are in a place or a map cell, on the logical shard that the key of
// that is dealt out to; all of it is made from posts, by jobs, and can be made again.
type Spots struct{ R Router }

var (
	stmtSpotTruth = &Stmt{Name: "spots.truth", SQL: `
		SELECT p.place_id, p.place_name, p.latitude, p.longitude, p.audience, u.private, ` + stateOfPost + `
		FROM {s}posts p JOIN {s}users u ON u.id = p.user_id WHERE p.id = $1 AND p.archived = 0`}
	stmtSpotMake = &Stmt{Name: "spots.make", SQL: `INSERT INTO {s}spots (id, media) VALUES ($1, 0) ON CONFLICT DO NOTHING`}
	stmtSpotLock = &Stmt{Name: "spots.lock", SQL: `SELECT media FROM {s}spots WHERE id = $1 {lock}`}
	stmtSpotRead = &Stmt{Name: "spots.read", SQL: `
		SELECT latitude, longitude, open FROM {s}spot_posts WHERE spot_id = $1 AND post_id = $2`}
	stmtSpotPut = &Stmt{Name: "spots.put", SQL: `
		INSERT INTO {s}spot_posts (spot_id, post_id, latitude, longitude, open) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (spot_id, post_id) DO UPDATE SET latitude = excluded.latitude, longitude = excluded.longitude, open = excluded.open`}
	stmtSpotDrop  = &Stmt{Name: "spots.drop", SQL: `DELETE FROM {s}spot_posts WHERE spot_id = $1 AND post_id = $2`}
	stmtSpotSet   = &Stmt{Name: "spots.set", SQL: `UPDATE {s}spots SET media = $1 WHERE id = $2`}
	stmtSpotPosts = &Stmt{Name: "spots.posts", SQL: `
		SELECT post_id FROM {s}spot_posts WHERE spot_id = $1 AND post_id < $2 AND post_id > $3 ORDER BY post_id DESC LIMIT $4`}
	stmtSpotNear = &Stmt{Name: "spots.near", SQL: `
		SELECT post_id, latitude, longitude FROM {s}spot_posts
		WHERE spot_id = $1 AND post_id < $2 AND post_id > $3 AND latitude IS NOT NULL AND longitude IS NOT NULL
		ORDER BY post_id DESC LIMIT $4`}
	stmtSpotCounts = &Stmt{Name: "spots.counts", SQL: `SELECT id, media FROM {s}spots WHERE id {in $1}`}
)

// ID is the number of a timeline on this site: it names the logical shard where that is at home.
func (s Spots) ID(key string) tintype.ID {
	return keyed(s.R, tintype.SpotID(key), key)
}

// Truth gives what says where a post is; nil if it is gone, or archived.
func (s Spots) Truth(ctx context.Context, post tintype.ID) (*tintype.Spotted, error) {
	t := &tintype.Spotted{}
	var lat, lng *float64
	var audience, private, state int
	found, err := s.R.Home(post.Shard()).QueryRow(ctx, stmtSpotTruth,
		[]any{&t.Location.ID, &t.Location.Name, &lat, &lng, &audience, &private, &state}, post)
	if err != nil || !found {
		return nil, err
	}
	t.Location.SetPoint(lat, lng)
	t.Open = everybodySees(audience, private, state)
	return t, nil
}

// Put says of a post whether it is in a timeline. changed tells whether that was not so already.
func (s Spots) Put(ctx context.Context, spot tintype.ID, p tintype.SpotPost) (changed bool, err error) {
	err = s.R.Home(spot.Shard()).Write(ctx, func(tx *Tx) error {
		changed = false
		if p.On {
			if _, err := tx.Exec(ctx, stmtSpotMake, spot); err != nil {
				return err
			}
		}
		var before int64
		found, err := tx.QueryRow(ctx, stmtSpotLock, []any{&before}, spot)
		if err != nil || !found { // no post was ever there
			return err
		}
		var oldLat, oldLng *float64
		var open int
		was, err := tx.QueryRow(ctx, stmtSpotRead, []any{&oldLat, &oldLng, &open}, spot, p.Post)
		if err != nil {
			return err
		}
		same := (oldLat != nil) == p.HasPoint && (oldLng != nil) == p.HasPoint && (open != 0) == p.Open
		if same && p.HasPoint {
			same = *oldLat == p.Latitude && *oldLng == p.Longitude
		}
		if was == p.On && (!was || same) {
			return nil
		}
		changed = true
		after := before + flag(p.On && p.Open) - flag(was && open != 0)
		if p.On {
			var lat, lng any
			if p.HasPoint {
				lat, lng = p.Latitude, p.Longitude
			}
			if _, err := tx.Exec(ctx, stmtSpotPut, spot, p.Post, lat, lng, flag(p.Open)); err != nil {
				return err
			}
		} else if _, err := tx.Exec(ctx, stmtSpotDrop, spot, p.Post); err != nil {
			return err
		}
		if after == before {
			return nil
		}
		_, err = tx.Exec(ctx, stmtSpotSet, after, spot)
		return err
	})
	return changed, err
}

// Posts lists the posts of a timeline, newest first.
func (s Spots) Posts(ctx context.Context, spot tintype.ID, page tintype.Page) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(spot.Shard()).forPage(ctx, page).Query(ctx, stmtSpotPosts, scanIDs(&ids), spot, newest(page), page.Min, page.Count)
	return ids, err
}

// Near lists the posts of a timeline that say their point, newest first.
func (s Spots) Near(ctx context.Context, spot tintype.ID, page tintype.Page) ([]tintype.SpotPost, error) {
	var out []tintype.SpotPost
	err := s.R.Home(spot.Shard()).forPage(ctx, page).Query(ctx, stmtSpotNear, func(scan Scan) error {
		p := tintype.SpotPost{HasPoint: true, On: true}
		err := scan(&p.Post, &p.Latitude, &p.Longitude)
		out = append(out, p)
		return err
	}, spot, newest(page), page.Min, page.Count)
	return out, err
}

// Counts gives how many posts that everybody may see each of the timelines has.
func (s Spots) Counts(ctx context.Context, spots []tintype.ID) ([]int64, error) {
	return readCounts(ctx, s.R, stmtSpotCounts, spots)
}
