package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtCheckUserCounts = &Stmt{Name: "check.user_counts", SQL: `
		SELECT u.id, u.media, u.follows, u.followers, u.friend_media,
			(SELECT count(*) FROM {s}posts p WHERE p.user_id = u.id AND p.archived = 0 AND p.taken_down = 0 AND p.audience = 0),
			(SELECT count(*) FROM {s}follows f WHERE f.user_id = u.id AND f.state = 2),
			(SELECT count(*) FROM {s}followers f WHERE f.user_id = u.id AND f.state = 2),
			(SELECT count(*) FROM {s}posts p WHERE p.user_id = u.id AND p.archived = 0 AND p.taken_down = 0 AND p.audience = 1)
		FROM {s}users u WHERE u.id > $1 ORDER BY u.id LIMIT $2`}
	stmtCheckPostCounts = &Stmt{Name: "check.post_counts", SQL: `
		SELECT p.id, p.likes, p.comments,
			(SELECT count(*) FROM {s}likes l WHERE l.post_id = p.id AND l.state = 2),
			(SELECT count(*) FROM {s}comments c WHERE c.post_id = p.id AND c.taken_down = 0)
		FROM {s}posts p WHERE p.id > $1 ORDER BY p.id LIMIT $2`}

	stmtCheckLockUser = &Stmt{Name: "check.lock_user", SQL: `SELECT id FROM {s}users WHERE id = $1 {lock}`}
	stmtCheckLockPost = &Stmt{Name: "check.lock_post", SQL: `SELECT id FROM {s}posts WHERE id = $1 {lock}`}
	stmtRecountUser   = &Stmt{Name: "check.recount_user", SQL: `
		UPDATE {s}users SET
			media = (SELECT count(*) FROM {s}posts p WHERE p.user_id = users.id AND p.archived = 0 AND p.taken_down = 0 AND p.audience = 0),
			friend_media = (SELECT count(*) FROM {s}posts p WHERE p.user_id = users.id AND p.archived = 0 AND p.taken_down = 0 AND p.audience = 1),
			follows = (SELECT count(*) FROM {s}follows f WHERE f.user_id = users.id AND f.state = 2),
			followers = (SELECT count(*) FROM {s}followers f WHERE f.user_id = users.id AND f.state = 2)
		WHERE id = $1`}
	stmtRecountPost = &Stmt{Name: "check.recount_post", SQL: `
		UPDATE {s}posts SET
			likes = (SELECT count(*) FROM {s}likes l WHERE l.post_id = posts.id AND l.state = 2),
			comments = (SELECT count(*) FROM {s}comments c WHERE c.post_id = posts.id AND c.taken_down = 0)
		WHERE id = $1`}
)

// oneKey is a key of a single ID.
func oneKey(id tintype.ID) tintype.CheckKey { return tintype.CheckKey{int64(id), 0} }

// afterOne is where a page by a single ID begins: BeforeAll and Before make
// keys whose second half means nothing here.
func afterOne(k tintype.CheckKey) int64 {
	if k[1] < 0 && k[0] > -1<<63 {
		return k[0] - 1
	}
	return k[0]
}

func (c Checks) pageUserCounts(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := h.Query(ctx, stmtCheckUserCounts, func(scan Scan) error {
		var id tintype.ID
		var media, follows, followers, friendly, trueMedia, trueFollows, trueFollowers, trueFriendly int64
		if err := scan(&id, &media, &follows, &followers, &friendly, &trueMedia, &trueFollows, &trueFollowers, &trueFriendly); err != nil {
			return err
		}
		p.saw(oneKey(id))
		if friendly != trueFriendly {
			p.mendable(oneKey(id), "user %v counts %d posts for close friends; there are %d", id, friendly, trueFriendly)
		} else if media != trueMedia || follows != trueFollows || followers != trueFollowers {
			p.mendable(oneKey(id), "user %v counts %d posts, %d follows and %d followers; there are %d, %d and %d",
				id, media, follows, followers, trueMedia, trueFollows, trueFollowers)
		}
		return nil
	}, afterOne(after), limit)
	return p, err
}

func (c Checks) mendUserCounts(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	id := tintype.ID(k[0])
	return tintype.Mended{Users: []tintype.ID{id}}, h.Write(ctx, func(tx *Tx) error { return recountUser(ctx, tx, id) })
}

func (c Checks) pagePostCounts(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := h.Query(ctx, stmtCheckPostCounts, func(scan Scan) error {
		var id tintype.ID
		var likes, comments, trueLikes, trueComments int64
		if err := scan(&id, &likes, &comments, &trueLikes, &trueComments); err != nil {
			return err
		}
		p.saw(oneKey(id))
		if likes != trueLikes || comments != trueComments {
			p.mendable(oneKey(id), "post %v counts %d likes and %d comments; there are %d and %d", id, likes, comments, trueLikes, trueComments)
		}
		return nil
	}, afterOne(after), limit)
	return p, err
}

func (c Checks) mendPostCounts(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	id := tintype.ID(k[0])
	return tintype.Mended{Posts: []tintype.ID{id}}, h.Write(ctx, func(tx *Tx) error { return recountPost(ctx, tx, id) })
}

// recountUser sets a user's counters from the rows they count. The user is
// locked by a statement of its own first: what the next one counts is then all
// that anybody has committed.
func recountUser(ctx context.Context, tx *Tx, id tintype.ID) error {
	return recount(ctx, tx, stmtCheckLockUser, stmtRecountUser, id)
}

func recountPost(ctx context.Context, tx *Tx, id tintype.ID) error {
	return recount(ctx, tx, stmtCheckLockPost, stmtRecountPost, id)
}

func recount(ctx context.Context, tx *Tx, lock, count *Stmt, id tintype.ID) error {
	var got tintype.ID
	if found, err := tx.QueryRow(ctx, lock, []any{&got}, id); err != nil || !found {
		return err
	}
	_, err := tx.Exec(ctx, count, id)
	return err
}
