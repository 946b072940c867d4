package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Activities reads what happened to users, and writes of it what no edge carries.
type Activities struct{ R Router }

var (
	stmtActivityList = &Stmt{Name: "activity.list", SQL: `
		SELECT id, kind, actor_id, post_id, comment_id FROM {s}activity
		WHERE user_id = $1 AND id < $2 AND id > $3
			AND actor_id NOT IN (SELECT target_id FROM {s}mutes WHERE user_id = $1 AND activity = 1) ORDER BY id DESC LIMIT $4`}
	stmtActivityUnread = &Stmt{Name: "activity.unread", SQL: `
		SELECT count(*) FROM (SELECT 1 FROM {s}activity
			WHERE user_id = $1 AND id > (SELECT activity_seen FROM {s}users WHERE id = $1)
				AND actor_id NOT IN (SELECT target_id FROM {s}mutes WHERE user_id = $1 AND activity = 1) LIMIT $2) AS u`}
	// Of the newest, by kind.
	stmtActivityNew = &Stmt{Name: "activity.new", SQL: `
		SELECT kind, count(*) FROM (SELECT kind FROM {s}activity
			WHERE user_id = $1 AND id > (SELECT activity_seen FROM {s}users WHERE id = $1)
				AND actor_id NOT IN (SELECT target_id FROM {s}mutes WHERE user_id = $1 AND activity = 1) ORDER BY id DESC LIMIT $2) AS u GROUP BY kind`}
	stmtActivityMark = &Stmt{Name: "activity.mark", SQL: `SELECT activity_seen FROM {s}users WHERE id = $1`}
	// What is seen is never above what there is: an ID from the future would hide what is still to come.
	stmtActivitySeen = &Stmt{Name: "activity.seen", SQL: `
		UPDATE {s}users SET activity_seen = coalesce(
			(SELECT a.id FROM {s}activity a WHERE a.user_id = $1 AND a.id <= $2 ORDER BY a.id DESC LIMIT 1), 0)
		WHERE id = $1 AND activity_seen < coalesce(
			(SELECT a.id FROM {s}activity a WHERE a.user_id = $1 AND a.id <= $2 ORDER BY a.id DESC LIMIT 1), 0)`}
)

// Activity lists what happened to user, newest first, but for what those did whose activity user muted.
func (s Activities) Activity(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.Activity, error) {
	var out []tintype.Activity
	err := s.R.Home(user.Shard()).Query(ctx, stmtActivityList, func(scan Scan) error {
		var a tintype.Activity
		err := scan(&a.ID, &a.Kind, &a.ActorID, &a.PostID, &a.CommentID)
		out = append(out, a)
		return err
	}, user, newest(page), page.Min, page.Count)
	return out, err
}

// Unread counts, up to limit, what is newer than what user has seen.
func (s Activities) Unread(ctx context.Context, user tintype.ID, limit int) (n int, err error) {
	_, err = s.R.Home(user.Shard()).QueryRow(ctx, stmtActivityUnread, []any{&n}, user, limit)
	return n, err
}

// UnreadKinds is Unread by kind, of the newest limit.
func (s Activities) UnreadKinds(ctx context.Context, user tintype.ID, limit int) (map[tintype.ActivityKind]int, error) {
	counts := map[tintype.ActivityKind]int{}
	err := s.R.Home(user.Shard()).Query(ctx, stmtActivityNew, func(scan Scan) error {
		var k tintype.ActivityKind
		var n int
		err := scan(&k, &n)
		counts[k] = n
		return err
	}, user, limit)
	return counts, err
}

// SeenTo gives up to where user has seen what happened.
func (s Activities) SeenTo(ctx context.Context, user tintype.ID) (id tintype.ID, err error) {
	_, err = s.R.Home(user.Shard()).QueryRow(ctx, stmtActivityMark, []any{&id}, user)
	return id, err
}

// Seen notes that user has seen everything up to max, 0 for all there is; it never goes back.
func (s Activities) Seen(ctx context.Context, user, max tintype.ID) error {
	if max == 0 {
		max = 1<<63 - 1
	}
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtActivitySeen, user, max)
		return err
	})
}

// AddNotices writes notices, each once, and gives the users to whom something was added.
func (s Activities) AddNotices(ctx context.Context, notices []job.Notice) ([]tintype.ID, error) {
	var all []tintype.ID
	for _, g := range partition(s.R, notices, func(n job.Notice) tintype.ID { return n.User }) {
		rows := make([]activityRow, len(g.items))
		for i, n := range g.items {
			rows[i] = activityRow{user: n.User, id: n.Op, kind: n.Kind, actor: n.Actor, post: n.Post, comment: n.Comment}
		}
		var told []tintype.ID
		if err := g.home.Write(ctx, func(tx *Tx) (err error) {
			told, err = addActivity(ctx, tx, rows...)
			return err
		}); err != nil {
			return all, err
		}
		all = append(all, told...)
	}
	return all, nil
}
