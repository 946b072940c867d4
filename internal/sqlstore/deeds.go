package sqlstore

import (
	"context"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// latest is a part of stmtDeeds: of each user the last $3 rows of a table below $2, each an index search however many
// there are. Who hides what they do is asked at their own home.
func latest(kind, table, columns, op, where string) string {
	return `SELECT t.user_id, ` + kind + `, t.` + op + `, ` + columns + ` FROM {each $1} CROSS JOIN {s}` + table + ` t
		WHERE t.user_id = e.value` + where + ` AND t.` + op + ` < $2 AND t.` + op + ` >= coalesce((
			SELECT m.` + op + ` FROM {s}` + table + ` m WHERE m.user_id = e.value` + whereOf(where) + ` AND m.` + op + ` < $2
			ORDER BY m.` + op + ` DESC LIMIT 1 OFFSET $3), 0)
			AND NOT EXISTS (SELECT 1 FROM {s}choices c WHERE c.user_id = e.value AND c.hides_deeds = 1)`
}

func whereOf(where string) string {
	if where == "" {
		return ""
	}
	return " AND m.state = 2"
}

var stmtDeeds = &Stmt{Name: "deeds.latest", SQL: latest("1", "my_likes", "t.post_id, 0, 0", "op", " AND t.state = 2") +
	" UNION ALL " + latest("2", "my_comments", "t.post_id, 0, t.id", "id", "") +
	" UNION ALL " + latest("3", "follows", "0, t.target_id, 0", "op", " AND t.state = 2")}

// Deeds gives what users liked, commented on and followed, up to each of every kind and user, the latest below before (0 for
// all), in no certain order; of users who hide it, nothing. With a partial error it gives what could be read.
func (s Activities) Deeds(ctx context.Context, users []tintype.ID, before tintype.ID, each int) ([]tintype.Deed, error) {
	var out []tintype.Deed
	var mu sync.Mutex
	err := eachHome(ctx, ByHome(s.R, users), func(ctx context.Context, g HomeIDs) error {
		return g.Home.Query(ctx, stmtDeeds, func(scan Scan) error {
			var d tintype.Deed
			err := scan(&d.UserID, &d.Kind, &d.Op, &d.PostID, &d.TargetID, &d.CommentID)
			mu.Lock()
			out = append(out, d)
			mu.Unlock()
			return err
		}, g.IDs, newest(tintype.Page{Max: before}), each-1)
	})
	return out, err
}
