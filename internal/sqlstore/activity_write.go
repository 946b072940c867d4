package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// activityRow is one thing that happened to user. Its id is the op of the
// change that caused it: when it happened, and unique among the user's rows.
type activityRow struct {
	user, id             tintype.ID
	kind                 tintype.ActivityKind
	actor, post, comment tintype.ID
}

var (
	// Whom users want to hear of each kind from is asked here, where it would be noted: what they turned off is not there later.
	// Nor is what is done by whom they restrict, but for follows (kinds 3 to 5).
	stmtActivityAdd = &Stmt{Name: "activity.add", SQL: `
		INSERT INTO {s}activity (user_id, id, kind, actor_id, post_id, comment_id)
		SELECT u, i, k, a, p, c FROM {rows $1 u,i,k,a,p,c}
		WHERE CASE coalesce((SELECT CASE e.k WHEN 1 THEN h.likes_from WHEN 2 THEN h.comments_from WHEN 3 THEN h.follows_from
				WHEN 6 THEN h.mentions_from WHEN 7 THEN h.tags_from ELSE 0 END FROM {s}choices h WHERE h.user_id = e.u), 0)
			WHEN 0 THEN 1 WHEN 1 THEN (SELECT count(*) FROM {s}follows f WHERE f.user_id = e.u AND f.target_id = e.a AND f.state = 2)
			ELSE 0 END > 0
			AND (e.k BETWEEN 3 AND 5 OR NOT EXISTS (SELECT 1 FROM {s}restricts r WHERE r.user_id = e.u AND r.target_id = e.a))
		ON CONFLICT DO NOTHING RETURNING user_id`}
	stmtActivityRemove = &Stmt{Name: "activity.remove", SQL: `
		DELETE FROM {s}activity WHERE (user_id, kind, actor_id, post_id, comment_id) IN
			(SELECT u, k, a, p, c FROM {rows $1 u,k,a,p,c})`}
)

// addActivity writes rows for users whose home is tx's; what is there already
// stays as it is. It gives the users that got something new, each once.
func addActivity(ctx context.Context, tx *Tx, rows ...activityRow) ([]tintype.ID, error) {
	list := make(Rows, 0, len(rows))
	for _, r := range rows {
		if r.user != r.actor { // what I do myself does not happen to me
			list = append(list, []int64{int64(r.user), int64(r.id), int64(r.kind), int64(r.actor), int64(r.post), int64(r.comment)})
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	var users idSet
	err := tx.Query(ctx, stmtActivityAdd, func(scan Scan) error {
		var u tintype.ID
		if err := scan(&u); err != nil {
			return err
		}
		users.add(u)
		return nil
	}, list)
	return users.list, err
}

// removeActivity takes rows away, whatever their id.
func removeActivity(ctx context.Context, tx *Tx, rows ...activityRow) error {
	if len(rows) == 0 {
		return nil
	}
	list := make(Rows, len(rows))
	for i, r := range rows {
		list[i] = []int64{int64(r.user), int64(r.kind), int64(r.actor), int64(r.post), int64(r.comment)}
	}
	_, err := tx.Exec(ctx, stmtActivityRemove, list)
	return err
}

// idSet collects IDs, each once, in order of arrival.
type idSet struct {
	list []tintype.ID
	seen map[tintype.ID]bool
}

func (s *idSet) add(ids ...tintype.ID) {
	for _, id := range ids {
		if !s.seen[id] {
			if s.seen == nil {
				s.seen = map[tintype.ID]bool{}
			}
			s.seen[id] = true
			s.list = append(s.list, id)
		}
	}
}
