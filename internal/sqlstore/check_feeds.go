package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtCheckTimelines = &Stmt{Name: "check.timelines", SQL: `
		SELECT owner_id, id FROM {s}timeline WHERE kind = $1 AND (owner_id, id) > ($2, $3) ORDER BY owner_id, id LIMIT $4`}
	stmtCheckAuthors = &Stmt{Name: "check.authors", SQL: `
		SELECT id, user_id FROM {s}posts WHERE id {in $1}`}
	stmtCheckDropTimeline = &Stmt{Name: "check.drop_timeline", SQL: `
		DELETE FROM {s}timeline WHERE kind = $1 AND owner_id = $2 AND id = $3`}
)

// pageTimelines: what is in a feed is there, and by somebody its owner follows.
func (c Checks) pageTimelines(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var entries []pair // owner, post
	var posts idSet
	if err := h.Query(ctx, stmtCheckTimelines, func(scan Scan) error {
		var e pair
		if err := scan(&e.user, &e.other); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(e.user), int64(e.other)}
		p.saw(k)
		if !c.misplaced(&p, h, k, "an entry of the feed of user") {
			entries = append(entries, e)
			posts.add(e.other)
		}
		return nil
	}, timeline.Home, after[0], after[1], limit); err != nil || len(entries) == 0 {
		return p, err
	}
	authors := make(map[tintype.ID]tintype.ID, len(posts.list))
	for _, g := range ByHome(c.R, posts.list) {
		if err := g.Home.Query(ctx, stmtCheckAuthors, func(scan Scan) error {
			var id, user tintype.ID
			err := scan(&id, &user)
			authors[id] = user
			return err
		}, g.IDs); err != nil {
			return p, err
		}
	}
	// The owners' follows are at home here, beside their feeds.
	follows := map[pair]int{}
	for _, e := range entries {
		if a := authors[e.other]; a != 0 && a != e.user {
			follows[pair{e.user, a}] = tintype.EdgeGone
		}
	}
	list := make(Rows, 0, len(follows))
	for f := range follows {
		list = append(list, []int64{int64(f.user), int64(f.other)})
	}
	if err := h.Query(ctx, stmtReadFollows, func(scan Scan) error {
		var f pair
		var op tintype.ID
		var state int
		err := scan(&f.user, &f.other, &op, &state)
		follows[f] = state
		return err
	}, list); err != nil {
		return p, err
	}
	for _, e := range entries {
		k := tintype.CheckKey{int64(e.user), int64(e.other)}
		switch a := authors[e.other]; {
		case a == 0:
			p.mendable(k, "the feed of user %v holds post %v, which is not there", e.user, e.other)
		case a != e.user && follows[pair{e.user, a}] != tintype.EdgeThere:
			p.mendable(k, "the feed of user %v holds post %v by user %v, whom they do not follow", e.user, e.other, a)
		}
	}
	return p, nil
}

func (c Checks) mendTimeline(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	return tintype.Mended{Users: []tintype.ID{tintype.ID(k[0])}}, h.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtCheckDropTimeline, timeline.Home, k[0], k[1])
		return err
	})
}
