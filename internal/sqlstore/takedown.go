package sqlstore

import (
	"context"
	"strings"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// TakenDown takes posts and comments down, for moderators.
type TakenDown struct{ R Router }

var (
	stmtPostTakeDown = &Stmt{Name: "posts.take_down", SQL: `
		UPDATE {s}posts SET taken_down = $1 WHERE id = $2 AND taken_down <> $1 RETURNING user_id, tags, place_id, latitude, longitude, audience, archived`}
	// Whatever the state of the user: the count is of what there is.
	stmtPostRecount = &Stmt{Name: "posts.recount", SQL: `
		UPDATE {s}users SET media = media + $1, friend_media = friend_media + $2 WHERE id = $3`}
	// What was held is not with what is held while it is down: taken_down is then 1 more than why it was.
	stmtCommentTakeDown = &Stmt{Name: "comments.take_down", SQL: `
		UPDATE {s}comments SET taken_down = $1 WHERE post_id = $2 AND id = $3 AND taken_down <> $1 AND taken_down < 2 RETURNING user_id, text, mentions`}
	stmtHeldTakeDown = &Stmt{Name: "held.take_down", SQL: `
		INSERT INTO {s}comments (post_id, id, user_id, text, mentions, taken_down)
		SELECT post_id, id, author_id, text, mentions, 1 + why FROM {s}held_comments WHERE post_id = $1 AND id = $2`}
	stmtHeldBringBack = &Stmt{Name: "held.bring_back", SQL: `
		INSERT INTO {s}held_comments (post_id, id, user_id, author_id, text, mentions, why)
		SELECT c.post_id, c.id, p.user_id, c.user_id, c.text, c.mentions, c.taken_down - 1
		FROM {s}comments c JOIN {s}posts p ON p.id = c.post_id WHERE c.post_id = $1 AND c.id = $2 AND c.taken_down > 1`}
	stmtHeldBroughtBack = &Stmt{Name: "held.brought_back", SQL: `DELETE FROM {s}comments WHERE post_id = $1 AND id = $2 AND taken_down > 1`}
	stmtCommentAny      = &Stmt{Name: "comments.any", SQL: `
		SELECT user_id, text, CASE WHEN taken_down > 1 THEN taken_down - 1 ELSE 0 END AS why FROM {s}comments WHERE post_id = $1 AND id = $2
		UNION ALL
		SELECT author_id, text, why FROM {s}held_comments WHERE post_id = $1 AND id = $2`}
	stmtPostOwner = &Stmt{Name: "posts.owner", SQL: `SELECT user_id FROM {s}posts WHERE id = $1`}
)

// TakeDown hides a post from everybody but its owner, or shows it again. changed is false if it was so already, or is not there.
func (s TakenDown) TakeDown(ctx context.Context, post tintype.ID, down bool) (changed bool, err error) {
	err = s.R.Home(post.Shard()).Write(ctx, func(tx *Tx) error {
		var user, place tintype.ID
		var tags string
		var lat, lng *float64
		var audience tintype.Audience
		var archived int64
		changed, err = tx.QueryRow(ctx, stmtPostTakeDown, []any{&user, &tags, &place, &lat, &lng, &audience, &archived}, down, post)
		if err != nil || !changed {
			return err
		}
		n := int64(1)
		if down {
			n = -1
		}
		if err := countPost(ctx, tx, user, n, reachOf(audience, archived, false)); err != nil {
			return err
		}
		op, err := tx.NextID(ctx, post.Shard())
		if err != nil {
			return err
		}
		enqueueTags(tx, post, op, strings.Fields(tags))
		l := location(place, lat, lng)
		enqueueSpot(tx, post, l, l)
		if down {
			tx.Enqueue(job.Insert{Kind: job.UncacheKind, Item: job.Uncache{User: user, Post: post}})
		}
		return nil
	})
	return changed, err
}

// TakeDownComment hides a comment from everybody, held ones from those who know of them, or shows it again, to whom it was shown before. changed is false if it was so already, or is not there.
func (s TakenDown) TakeDownComment(ctx context.Context, post, comment tintype.ID, down bool) (changed bool, err error) {
	err = s.R.Home(post.Shard()).Write(ctx, func(tx *Tx) error {
		var owner, author tintype.ID
		var text string
		var mentions *string
		if there, err := tx.QueryRow(ctx, stmtPostOwner, []any{&owner}, post); err != nil || !there {
			return err
		}
		n := 1
		if down {
			n = -1
		}
		if _, err := tx.Exec(ctx, stmtCommentCount, 0, post); err != nil { // locks the post
			return err
		}
		if changed, err = takeDownHeld(ctx, tx, post, comment, down); err != nil || changed {
			return err
		}
		changed, err = tx.QueryRow(ctx, stmtCommentTakeDown, []any{&author, &text, &mentions}, down, post, comment)
		if err != nil || !changed {
			return err
		}
		if _, err := tx.Exec(ctx, stmtCommentCount, n, post); err != nil {
			return err
		}
		if author == owner {
			enqueueTags(tx, post, comment, tintype.TagsIn(text))
		}
		row := activityRow{user: owner, id: comment, kind: tintype.ActivityComment, actor: author, post: post, comment: comment}
		if !down {
			_, err = addActivity(ctx, tx, row)
			return err
		}
		if err := enqueueUnnamedIn(tx, mentions, author, post, comment); err != nil {
			return err
		}
		mention := row
		mention.kind = tintype.ActivityMention
		return removeActivity(ctx, tx, row, mention)
	})
	return changed, err
}

// takeDownHeld is TakeDownComment of one that is held, or was when it was taken down: it counts nowhere and tells nobody, either way.
func takeDownHeld(ctx context.Context, tx *Tx, post, comment tintype.ID, down bool) (changed bool, err error) {
	put := stmtHeldBringBack
	if down {
		put = stmtHeldTakeDown
	}
	n, err := tx.Exec(ctx, put, post, comment)
	if err != nil || n == 0 {
		return false, err
	}
	if down {
		_, _, _, err = takeHeld(ctx, tx, post, comment)
	} else {
		_, err = tx.Exec(ctx, stmtHeldBroughtBack, post, comment)
	}
	return true, err
}

// AnyComment gives a comment whether or not it is taken down or held, nil if there is none.
func (s TakenDown) AnyComment(ctx context.Context, post, comment tintype.ID) (*tintype.Comment, error) {
	c := &tintype.Comment{PostID: post, ID: comment}
	found, err := s.R.Home(post.Shard()).QueryRow(ctx, stmtCommentAny, []any{&c.UserID, &c.Text, &c.Held}, post, comment)
	if err != nil || !found {
		return nil, err
	}
	return c, nil
}
