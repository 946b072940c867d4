package sqlstore

import (
	"context"
	"errors"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Comments keeps comments on the side of the post's owner, where they count,
// and a note of each on its author's side.
type Comments struct {
	R     Router
	Clock tintype.Clock
}

var (
	stmtCommentCount = &Stmt{Name: "comments.count", SQL: `
		UPDATE {s}posts SET comments = comments + $1 WHERE id = $2`}
	stmtCommentAdd = &Stmt{Name: "comments.add", SQL: `
		INSERT INTO {s}comments (post_id, id, user_id, text, mentions) VALUES ($1, $2, $3, $4, $5)`}
	stmtCommentDelete = &Stmt{Name: "comments.delete", SQL: `
		DELETE FROM {s}comments WHERE post_id = $1 AND id = $2 RETURNING user_id, mentions, text, taken_down`}
	stmtCommentsGet = &Stmt{Name: "comments.get", SQL: `
		SELECT c.post_id, c.id, c.user_id, c.text, 0 FROM {rows $1 p,c} CROSS JOIN {s}comments c WHERE c.post_id = e.p AND c.id = e.c AND c.taken_down = 0
		UNION ALL
		SELECT c.post_id, c.id, c.author_id, c.text, c.why FROM {rows $1 p,c} CROSS JOIN {s}held_comments c WHERE c.post_id = e.p AND c.id = e.c`}
	stmtCommentsPage = &Stmt{Name: "comments.page", SQL: `
		SELECT id, user_id, text FROM {s}comments WHERE post_id = $1 AND taken_down = 0 AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4`}
	stmtMyCommentAdd = &Stmt{Name: "comments.note", SQL: `
		INSERT INTO {s}my_comments (user_id, id, post_id) SELECT u, c, p FROM {rows $1 u,c,p} WHERE true ON CONFLICT DO NOTHING`}
	stmtMyCommentDelete = &Stmt{Name: "comments.unnote", SQL: `
		DELETE FROM {s}my_comments WHERE (user_id, id) IN (SELECT u, c FROM {rows $1 u,c})`}
)

// AddComment writes a comment on a post of owner, tells owner (and, by a job,
// the mentioned) and sets c.ID. With c.Held, or if owner restricts the author, which sets it, the comment
// is held: it counts nowhere, and nobody is told. If a former request with the same key wrote one
// it writes nothing and gives that one's ID. NotFound if the post is not there.
func (s Comments) AddComment(ctx context.Context, c *tintype.Comment, owner tintype.ID, mentions []tintype.ID, o tintype.Once) (former tintype.ID, noticed []tintype.ID, err error) {
	shard := c.PostID.Shard()
	err = s.R.Home(shard).Write(ctx, func(tx *Tx) error {
		former, noticed = 0, nil
		// The post's row first: it must be there, and a repeat of this request waits here for the first to commit.
		held, err := holds(ctx, tx, c, owner)
		if err != nil {
			return err
		}
		counts := 1
		if held {
			counts = 0
		}
		n, err := tx.Exec(ctx, stmtCommentCount, counts, c.PostID)
		if err != nil {
			return err
		}
		if n == 0 {
			return &tintype.Error{Kind: tintype.NotFound, Msg: "this post does not exist"}
		}
		if former, err = onceID(ctx, tx, o); err != nil {
			return err
		} else if former != 0 {
			return errRepeat
		}
		if c.ID, err = tx.NextID(ctx, shard); err != nil {
			return err
		}
		if held {
			_, err = tx.Exec(ctx, stmtHeldAdd, c.PostID, c.ID, owner, c.UserID, c.Text, mentionsColumn(mentions), c.Held)
		} else {
			_, err = tx.Exec(ctx, stmtCommentAdd, c.PostID, c.ID, c.UserID, c.Text, mentionsColumn(mentions))
		}
		if err != nil {
			return err
		}
		if err := keepResult(ctx, tx, o, 201, c.ID.String(), s.Clock()); err != nil {
			return err
		}
		enqueueNote(tx, c.UserID, owner, c.PostID, c.ID, tintype.EdgeThere)
		if held {
			return nil
		}
		if c.UserID == owner {
			enqueueTags(tx, c.PostID, c.ID, tintype.TagsIn(c.Text))
		}
		if len(mentions) > 0 {
			op, err := tx.NextID(ctx, shard) // the owner may have an activity of the comment's own ID
			if err != nil {
				return err
			}
			enqueueMentions(tx, mentions, c.UserID, c.PostID, c.ID, op)
		}
		noticed, err = addActivity(ctx, tx, activityRow{
			user: owner, id: c.ID, kind: tintype.ActivityComment, actor: c.UserID, post: c.PostID, comment: c.ID})
		return err
	})
	if former != 0 && errors.Is(err, errRepeat) {
		return former, nil, nil
	}
	return 0, noticed, err
}

var errNoComment = &tintype.Error{Kind: tintype.NotFound, Msg: "this comment does not exist"}

// DeleteComment deletes a comment of author's on a post of owner, held or not; NotFound if it is not there.
func (s Comments) DeleteComment(ctx context.Context, c tintype.Comment, owner tintype.ID) error {
	return s.R.Home(c.PostID.Shard()).Write(ctx, func(tx *Tx) error {
		if held, _, _, err := takeHeld(ctx, tx, c.PostID, c.ID); err != nil {
			return err
		} else if held != 0 {
			enqueueNote(tx, held, owner, c.PostID, c.ID, tintype.EdgeGone)
			return nil
		}
		if _, err := tx.Exec(ctx, stmtCommentCount, 0, c.PostID); err != nil { // locks the post
			return err
		}
		var author tintype.ID
		var mentions *string
		var text string
		var down int // above 0 it does not count any longer
		found, err := tx.QueryRow(ctx, stmtCommentDelete, []any{&author, &mentions, &text, &down}, c.PostID, c.ID)
		if err != nil {
			return err
		}
		if !found {
			return errNoComment
		}
		if down == 0 {
			if _, err := tx.Exec(ctx, stmtCommentCount, -1, c.PostID); err != nil {
				return err
			}
		}
		enqueueNote(tx, author, owner, c.PostID, c.ID, tintype.EdgeGone)
		if author == owner {
			enqueueTags(tx, c.PostID, c.ID, tintype.TagsIn(text))
		}
		if err := enqueueUnnamedIn(tx, mentions, author, c.PostID, c.ID); err != nil {
			return err
		}
		return removeActivity(ctx, tx,
			activityRow{user: owner, kind: tintype.ActivityComment, actor: author, post: c.PostID, comment: c.ID},
			activityRow{user: owner, kind: tintype.ActivityMention, actor: author, post: c.PostID, comment: c.ID})
	})
}

// Comments lists a post's comments, newest first.
func (s Comments) Comments(ctx context.Context, post tintype.ID, page tintype.Page) ([]tintype.Comment, error) {
	var list []tintype.Comment
	err := s.R.Home(post.Shard()).forPage(ctx, page).Query(ctx, stmtCommentsPage, func(scan Scan) error {
		c := tintype.Comment{PostID: post}
		if err := scan(&c.ID, &c.UserID, &c.Text); err != nil {
			return err
		}
		list = append(list, c)
		return nil
	}, post, newest(page), page.Min, page.Count)
	return list, err
}

// CommentsByID gives those of the comments (PostID and ID set) that exist, in no certain order; Held tells of each whether it is.
func (s Comments) CommentsByID(ctx context.Context, refs []tintype.Comment) ([]tintype.Comment, error) {
	var list []tintype.Comment
	for _, g := range partition(s.R, refs, func(c tintype.Comment) tintype.ID { return c.PostID }) {
		rows := make(Rows, len(g.items))
		for i, c := range g.items {
			rows[i] = []int64{int64(c.PostID), int64(c.ID)}
		}
		if err := g.home.Query(ctx, stmtCommentsGet, func(scan Scan) error {
			var c tintype.Comment
			if err := scan(&c.PostID, &c.ID, &c.UserID, &c.Text, &c.Held); err != nil {
				return err
			}
			list = append(list, c)
			return nil
		}, rows); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// ApplyComments notes comments on their authors' sides, or forgets them.
func (s Comments) ApplyComments(ctx context.Context, edges []job.Edge) error {
	for _, g := range partition(s.R, edges, func(e job.Edge) tintype.ID { return e.User }) {
		// A comment's ID is never used again: gone is for good, whatever comes in what order.
		var there, gone Rows
		ended := map[tintype.ID]bool{}
		for _, e := range g.items {
			if e.State == tintype.EdgeGone {
				ended[e.Op] = true
				gone = append(gone, []int64{int64(e.User), int64(e.Op)})
			}
		}
		for _, e := range g.items {
			if e.State != tintype.EdgeGone && !ended[e.Op] {
				there = append(there, []int64{int64(e.User), int64(e.Op), int64(e.Post)})
			}
		}
		if err := g.home.Write(ctx, func(tx *Tx) error {
			if len(there) > 0 {
				if _, err := tx.Exec(ctx, stmtMyCommentAdd, there); err != nil {
					return err
				}
			}
			if len(gone) > 0 {
				if _, err := tx.Exec(ctx, stmtMyCommentDelete, gone); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
