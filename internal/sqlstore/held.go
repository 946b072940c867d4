package sqlstore

import (
	"context"
	"fmt"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtHeldAdd = &Stmt{Name: "held.add", SQL: `
		INSERT INTO {s}held_comments (post_id, id, user_id, author_id, text, mentions, why) VALUES ($1, $2, $3, $4, $5, $6, $7)`}
	stmtHeldTake = &Stmt{Name: "held.take", SQL: `
		DELETE FROM {s}held_comments WHERE post_id = $1 AND id = $2 RETURNING author_id, text, mentions`}
	stmtHeldPage = &Stmt{Name: "held.page", SQL: `
		SELECT post_id, id, author_id, text, why FROM {s}held_comments WHERE user_id = $1 AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4`}
	stmtHeldOn = &Stmt{Name: "held.on", SQL: `
		SELECT post_id, id, author_id, text, why FROM {s}held_comments WHERE post_id = $1 AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4`}
	stmtHeldOf = &Stmt{Name: "held.of", SQL: `
		SELECT post_id, id, author_id, text, why FROM {s}held_comments WHERE author_id = $1 AND post_id {in $2} ORDER BY post_id, id`}
	// A page of what is shown with what is held of one author's, in the order of both.
	stmtHeldAmong = &Stmt{Name: "held.among", SQL: `
		SELECT post_id, id, user_id, text, 0 AS why FROM {s}comments WHERE post_id = $1 AND taken_down = 0 AND id < $2 AND id > $3
		UNION ALL
		SELECT post_id, id, author_id, text, why FROM {s}held_comments WHERE post_id = $1 AND id < $2 AND id > $3 AND author_id = $5
		ORDER BY id DESC LIMIT $4`}
	// Who has comments that are held, and no more of them than a post names.
	stmtHeldAuthors = &Stmt{Name: "held.authors", SQL: fmt.Sprintf(`
		SELECT post_id, author_id FROM (
			SELECT post_id, author_id, row_number() OVER (PARTITION BY post_id ORDER BY author_id) AS n
			FROM {s}held_comments WHERE post_id {in $1} GROUP BY post_id, author_id) AS h
		WHERE n <= %d ORDER BY post_id, author_id`, tintype.MaxHeldBy)}
	stmtEraseHeld = &Stmt{Name: "held.erase", SQL: `
		DELETE FROM {s}held_comments WHERE post_id = $1 AND id IN (SELECT id FROM {s}held_comments WHERE post_id = $1 ORDER BY id LIMIT $2)
		RETURNING id, author_id`}
)

// Held lists the comments that wait for owner, newest first, on one post or, with 0, on all.
func (s Comments) Held(ctx context.Context, owner, post tintype.ID, page tintype.Page) ([]tintype.Comment, error) {
	stmt, of := stmtHeldPage, owner
	if post != 0 {
		stmt, of = stmtHeldOn, post
	}
	return heldRows(ctx, s.R.Home(of.Shard()), stmt, of, newest(page), page.Min, page.Count)
}

// HeldOf gives author's comments on posts that are held, by post, oldest first.
func (s Comments) HeldOf(ctx context.Context, author tintype.ID, posts []tintype.ID) ([]tintype.Comment, error) {
	var out []tintype.Comment
	for _, g := range ByHome(s.R, posts) {
		list, err := heldRows(ctx, g.Home, stmtHeldOf, author, g.IDs)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// CommentsAnd lists a post's comments, newest first, author's that are held among them.
func (s Comments) CommentsAnd(ctx context.Context, author, post tintype.ID, page tintype.Page) ([]tintype.Comment, error) {
	return heldRows(ctx, s.R.Home(post.Shard()), stmtHeldAmong, post, newest(page), page.Min, page.Count, author)
}

func heldRows(ctx context.Context, h Home, stmt *Stmt, args ...any) ([]tintype.Comment, error) {
	var list []tintype.Comment
	err := h.Query(ctx, stmt, func(scan Scan) error {
		var c tintype.Comment
		if err := scan(&c.PostID, &c.ID, &c.UserID, &c.Text, &c.Held); err != nil {
			return err
		}
		list = append(list, c)
		return nil
	}, args...)
	return list, err
}

// holds tells whether a comment that c is to be is held: for the words that the rule found, or because owner restricts its author.
func holds(ctx context.Context, tx *Tx, c *tintype.Comment, owner tintype.ID) (bool, error) {
	if c.UserID == owner {
		c.Held = tintype.NotHeld
		return false, nil
	}
	var restricted int
	if _, err := tx.QueryRow(ctx, stmtRestricted, []any{&restricted}, owner, c.UserID); err != nil {
		return false, err
	}
	if restricted > 0 {
		c.Held = tintype.HeldRestricted
	}
	return c.Held != tintype.NotHeld, nil
}

// Approve shows a comment that was held on a post of owner to everybody, and tells whom it names. NotFound if it is not there.
func (s Comments) Approve(ctx context.Context, owner, post, comment tintype.ID) error {
	return s.R.Home(post.Shard()).Write(ctx, func(tx *Tx) error {
		if n, err := tx.Exec(ctx, stmtCommentCount, 1, post); err != nil { // locks the post
			return err
		} else if n == 0 {
			return errNoComment
		}
		author, text, mentions, err := takeHeld(ctx, tx, post, comment)
		if err != nil {
			return err
		}
		if author == 0 {
			return errNoComment
		}
		var column any
		if mentions != nil {
			column = *mentions
		}
		if _, err := tx.Exec(ctx, stmtCommentAdd, post, comment, author, text, column); err != nil {
			return err
		}
		if mentions == nil {
			return nil
		}
		users, err := mentioned(*mentions)
		if err != nil {
			return err
		}
		op, err := tx.NextID(ctx, post.Shard())
		if err != nil {
			return err
		}
		enqueueMentions(tx, without(users, owner), author, post, comment, op)
		return nil
	})
}

// without gives ids without one.
func without(ids []tintype.ID, id tintype.ID) []tintype.ID {
	var out []tintype.ID
	for _, i := range ids {
		if i != id {
			out = append(out, i)
		}
	}
	return out
}

// takeHeld takes a comment out of those that are held; author is 0 if it is not among them.
func takeHeld(ctx context.Context, tx *Tx, post, comment tintype.ID) (author tintype.ID, text string, mentions *string, err error) {
	_, err = tx.QueryRow(ctx, stmtHeldTake, []any{&author, &text, &mentions}, post, comment)
	return author, text, mentions, err
}

// eraseHeld deletes a batch of what was held on a deleted post, and gives how many.
func eraseHeld(ctx context.Context, tx *Tx, e job.Erase) (n int, err error) {
	err = tx.Query(ctx, stmtEraseHeld, func(scan Scan) error {
		var id, author tintype.ID
		if err := scan(&id, &author); err != nil {
			return err
		}
		n++
		enqueueNote(tx, author, e.Author, e.Post, id, tintype.EdgeGone)
		return nil
	}, e.Post, eraseBatch)
	return n, err
}

// enqueueNote has a comment noted on its author's side, or forgotten there.
func enqueueNote(tx *Tx, author, owner, post, comment tintype.ID, state int) {
	tx.Enqueue(job.Insert{Kind: job.EdgeKind, Item: job.Edge{
		Type: job.EdgeComment, User: author, Target: owner, Post: post, Op: comment, State: state}})
}

// readHeldBy sets of posts who has comments there that are held.
func readHeldBy(ctx context.Context, h Home, byID map[tintype.ID]*tintype.Post, held []tintype.ID) error {
	if len(held) == 0 {
		return nil
	}
	return h.Query(ctx, stmtHeldAuthors, func(scan Scan) error {
		var post, author tintype.ID
		if err := scan(&post, &author); err != nil {
			return err
		}
		byID[post].HeldBy = append(byID[post].HeldBy, author)
		return nil
	}, held)
}
