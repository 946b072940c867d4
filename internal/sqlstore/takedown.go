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
	stmtCommentTakeDown = &Stmt{Name: "comments.take_down", SQL: `
		UPDATE {s}comments SET taken_down = $1 WHERE post_id = $2 AND id = $3 AND taken_down <> $1 RETURNING user_id, text, mentions`}
	stmtCommentAny = &Stmt{Name: "comments.any", SQL: `SELECT user_id, text FROM {s}comments WHERE post_id = $1 AND id = $2`}
	stmtPostOwner  = &Stmt{Name: "posts.owner", SQL: `SELECT user_id FROM {s}posts WHERE id = $1`}
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

// TakeDownComment hides a comment from everybody, or shows it again. changed is false if it was so already, or is not there.
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

// AnyComment gives a comment whether or not it is taken down, nil if there is none.
func (s TakenDown) AnyComment(ctx context.Context, post, comment tintype.ID) (*tintype.Comment, error) {
	c := &tintype.Comment{PostID: post, ID: comment}
	found, err := s.R.Home(post.Shard()).QueryRow(ctx, stmtCommentAny, []any{&c.UserID, &c.Text}, post, comment)
	if err != nil || !found {
		return nil, err
	}
	return c, nil
}
