package sqlstore

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// trace is a table in which rows of others name a user.
type trace struct {
	find  *Stmt // gives the keys (two IDs) and the state of up to $2 rows that name $1, by looking through the table
	drop  *Stmt // deletes the row of a key
	count *Stmt // lowers by one what the first ID of the key counts; nil for nothing
	posts bool  // the first ID is a post's, not a user's
}

var (
	stmtFewerLikes     = &Stmt{Name: "leaving.fewer_likes", SQL: `UPDATE {s}posts SET likes = likes - 1 WHERE id = $1`}
	stmtFewerComments  = &Stmt{Name: "leaving.fewer_comments", SQL: `UPDATE {s}posts SET comments = comments - 1 WHERE id = $1`}
	stmtFewerFollows   = &Stmt{Name: "leaving.fewer_follows", SQL: `UPDATE {s}users SET follows = follows - 1 WHERE id = $1`}
	stmtFewerFollowers = &Stmt{Name: "leaving.fewer_followers", SQL: `UPDATE {s}users SET followers = followers - 1 WHERE id = $1`}

	// A state of 2 counts (tintype.EdgeThere); what has none always does.
	traces = []trace{
		{
			find:  &Stmt{Name: "leaving.find_likes", SQL: `SELECT post_id, user_id, state FROM {s}likes WHERE user_id = $1 ORDER BY post_id, user_id LIMIT $2`},
			drop:  &Stmt{Name: "leaving.drop_likes", SQL: `DELETE FROM {s}likes WHERE post_id = $1 AND user_id = $2 AND user_id = $3`},
			count: stmtFewerLikes, posts: true,
		},
		{
			find:  &Stmt{Name: "leaving.find_comments", SQL: `SELECT post_id, id, 2 FROM {s}comments WHERE user_id = $1 ORDER BY post_id, id LIMIT $2`},
			drop:  &Stmt{Name: "leaving.drop_comments", SQL: `DELETE FROM {s}comments WHERE post_id = $1 AND id = $2 AND user_id = $3`},
			count: stmtFewerComments, posts: true,
		},
		{
			find:  &Stmt{Name: "leaving.find_follows", SQL: `SELECT user_id, target_id, state FROM {s}follows WHERE target_id = $1 ORDER BY user_id, target_id LIMIT $2`},
			drop:  &Stmt{Name: "leaving.drop_follows", SQL: `DELETE FROM {s}follows WHERE user_id = $1 AND target_id = $2 AND target_id = $3`},
			count: stmtFewerFollows,
		},
		{
			find:  &Stmt{Name: "leaving.find_followers", SQL: `SELECT user_id, follower_id, state FROM {s}followers WHERE follower_id = $1 ORDER BY user_id, follower_id LIMIT $2`},
			drop:  &Stmt{Name: "leaving.drop_followers", SQL: `DELETE FROM {s}followers WHERE user_id = $1 AND follower_id = $2 AND follower_id = $3`},
			count: stmtFewerFollowers,
		},
		{
			find: &Stmt{Name: "leaving.find_blocks", SQL: `SELECT user_id, target_id, 0 FROM {s}blocks WHERE target_id = $1 ORDER BY user_id, target_id LIMIT $2`},
			drop: &Stmt{Name: "leaving.drop_blocks", SQL: `DELETE FROM {s}blocks WHERE user_id = $1 AND target_id = $2 AND target_id = $3`},
		},
		{
			find: &Stmt{Name: "leaving.find_blocked_by", SQL: `SELECT user_id, other_id, 0 FROM {s}blocked_by WHERE other_id = $1 ORDER BY user_id, other_id LIMIT $2`},
			drop: &Stmt{Name: "leaving.drop_blocked_by", SQL: `DELETE FROM {s}blocked_by WHERE user_id = $1 AND other_id = $2 AND other_id = $3`},
		},
		{
			find: &Stmt{Name: "leaving.find_activity", SQL: `SELECT user_id, id, 0 FROM {s}activity WHERE actor_id = $1 ORDER BY user_id, id LIMIT $2`},
			drop: &Stmt{Name: "leaving.drop_activity", SQL: `DELETE FROM {s}activity WHERE user_id = $1 AND id = $2 AND actor_id = $3`},
		},
		{
			find: &Stmt{Name: "leaving.find_dismissals", SQL: `SELECT user_id, other_id, 0 FROM {s}dismissals WHERE other_id = $1 ORDER BY user_id, other_id LIMIT $2`},
			drop: &Stmt{Name: "leaving.drop_dismissals", SQL: `DELETE FROM {s}dismissals WHERE user_id = $1 AND other_id = $2 AND other_id = $3`},
		},
		{
			find: &Stmt{Name: "leaving.find_tagged_posts", SQL: `SELECT user_id, post_id, 0 FROM {s}tagged_posts WHERE owner_id = $1 ORDER BY user_id, post_id LIMIT $2`},
			drop: &Stmt{Name: "leaving.drop_tagged_posts", SQL: `DELETE FROM {s}tagged_posts WHERE user_id = $1 AND post_id = $2 AND owner_id = $3`},
		},
		{
			find: &Stmt{Name: "leaving.find_mutes", SQL: `SELECT user_id, target_id, 0 FROM {s}mutes WHERE target_id = $1 ORDER BY user_id, target_id LIMIT $2`},
			drop: &Stmt{Name: "leaving.drop_mutes", SQL: `DELETE FROM {s}mutes WHERE user_id = $1 AND target_id = $2 AND target_id = $3`},
		},
		{
			find: &Stmt{Name: "leaving.find_restricts", SQL: `SELECT user_id, target_id, 0 FROM {s}restricts WHERE target_id = $1 ORDER BY user_id, target_id LIMIT $2`},
			drop: &Stmt{Name: "leaving.drop_restricts", SQL: `DELETE FROM {s}restricts WHERE user_id = $1 AND target_id = $2 AND target_id = $3`},
		},
		{
			find: &Stmt{Name: "leaving.find_close_friends", SQL: `SELECT user_id, friend_id, 0 FROM {s}close_friends WHERE friend_id = $1 ORDER BY user_id, friend_id LIMIT $2`},
			drop: &Stmt{Name: "leaving.drop_close_friends", SQL: `DELETE FROM {s}close_friends WHERE user_id = $1 AND friend_id = $2 AND friend_id = $3`},
		},
		{
			find:  &Stmt{Name: "leaving.find_held_comments", SQL: `SELECT post_id, id, 0 FROM {s}held_comments WHERE author_id = $1 ORDER BY post_id, id LIMIT $2`},
			drop:  &Stmt{Name: "leaving.drop_held_comments", SQL: `DELETE FROM {s}held_comments WHERE post_id = $1 AND id = $2 AND author_id = $3`},
			posts: true,
		},
	}
)

// leaveBatch is how many rows of others one transaction changes.
const leaveBatch = 200

// DropTraces deletes up to a batch of rows on the n-th home that are others' and
// name the user, with what they count; more is true if there may be further ones, last if there is no such home.
func (s Leaving) DropTraces(ctx context.Context, user tintype.ID, n int) (changed tintype.Mended, more, last bool, err error) {
	homes := s.R.Homes()
	if n >= len(homes) {
		return changed, false, true, nil
	}
	ctx, h := Patiently(ctx), homes[n]
	for _, t := range traces {
		var keys [][3]tintype.ID
		if err := h.Query(ctx, t.find, func(scan Scan) error {
			var k [3]tintype.ID
			err := scan(&k[0], &k[1], &k[2])
			keys = append(keys, k)
			return err
		}, user, leaveBatch); err != nil {
			return changed, false, false, err
		}
		if len(keys) == 0 {
			continue
		}
		err := h.Write(ctx, func(tx *Tx) error {
			fewer := map[tintype.ID]bool{} // posts that have fewer likes or comments now
			for _, k := range keys {
				n, err := tx.Exec(ctx, t.drop, k[0], k[1], user)
				if err == nil && n == 1 && k[2] == tintype.EdgeThere && t.count != nil {
					_, err = tx.Exec(ctx, t.count, k[0])
					if t.posts {
						fewer[k[0]] = true
					}
				}
				if err != nil {
					return err
				}
			}
			for post := range fewer { // among the popular ones it ranks by them
				tx.Enqueue(job.Insert{Kind: job.TagKind, Item: job.Tagging{Post: post, Op: post, Quiet: true, Reach: true}})
			}
			return nil
		})
		for _, k := range keys {
			if t.posts {
				changed.Posts = append(changed.Posts, k[0])
			} else {
				changed.Users = append(changed.Users, k[0])
			}
		}
		return changed, true, false, err
	}
	more, err = s.unname(ctx, h, user, &changed)
	return changed, more, false, err
}

var (
	stmtNamedPosts    = &Stmt{Name: "leaving.named_posts", SQL: `SELECT id, mentions FROM {s}posts WHERE mentions LIKE $1 ORDER BY id LIMIT $2`}
	stmtUnnamePost    = &Stmt{Name: "leaving.unname_post", SQL: `UPDATE {s}posts SET mentions = $1 WHERE id = $2 AND mentions = $3`}
	stmtNamedComments = &Stmt{Name: "leaving.named_comments", SQL: `SELECT post_id, id, mentions FROM {s}comments WHERE mentions LIKE $1 ORDER BY post_id, id LIMIT $2`}
	stmtUnnameComment = &Stmt{Name: "leaving.unname_comment", SQL: `UPDATE {s}comments SET mentions = $1 WHERE post_id = $2 AND id = $3 AND mentions = $4`}
	stmtNamedMedia    = &Stmt{Name: "leaving.named_media", SQL: `SELECT post_id, position, people FROM {s}media WHERE people LIKE $1 ORDER BY post_id, position LIMIT $2`}
	stmtUnnameMedia   = &Stmt{Name: "leaving.unname_media", SQL: `UPDATE {s}media SET people = $1 WHERE post_id = $2 AND position = $3 AND people = $4`}
)

// unname takes the user out of whom posts, comments and photos name. Their words stay as they are.
func (s Leaving) unname(ctx context.Context, h Home, user tintype.ID, changed *tintype.Mended) (more bool, err error) {
	like := "%" + user.String() + "%"
	type named struct {
		post, second tintype.ID
		text         string
	}
	for _, t := range []struct {
		find, write *Stmt
		second      bool
		strip       func(text string) (any, error)
	}{
		{stmtNamedPosts, stmtUnnamePost, false, func(text string) (any, error) { return withoutID(text, user, "") }},
		{stmtNamedComments, stmtUnnameComment, true, func(text string) (any, error) { return withoutID(text, user, nil) }},
		{stmtNamedMedia, stmtUnnameMedia, true, func(text string) (any, error) { return withoutPerson(text, user) }},
	} {
		var rows []named
		if err := h.Query(ctx, t.find, func(scan Scan) error {
			var r named
			dest := []any{&r.post, &r.text}
			if t.second {
				dest = []any{&r.post, &r.second, &r.text}
			}
			err := scan(dest...)
			rows = append(rows, r)
			return err
		}, like, leaveBatch); err != nil {
			return false, err
		}
		if len(rows) == 0 {
			continue
		}
		return true, h.Write(ctx, func(tx *Tx) error {
			for _, r := range rows {
				text, err := t.strip(r.text)
				if err != nil {
					return err
				}
				args := []any{text, r.post, r.text}
				if t.second {
					args = []any{text, r.post, r.second, r.text}
				}
				if _, err := tx.Exec(ctx, t.write, args...); err != nil {
					return err
				}
				changed.Posts = append(changed.Posts, r.post)
			}
			return nil
		})
	}
	return false, nil
}

// withoutID takes an ID out of a list as JSON; none is what stands for an empty list.
func withoutID(text string, user tintype.ID, none any) (any, error) {
	var ids []tintype.ID
	if err := json.Unmarshal([]byte(text), &ids); err != nil {
		return nil, err
	}
	if ids = slices.DeleteFunc(ids, func(id tintype.ID) bool { return id == user }); len(ids) == 0 {
		return none, nil
	}
	b, err := json.Marshal(ids)
	return string(b), err
}

// withoutPerson takes a user out of the people in a photo.
func withoutPerson(text string, user tintype.ID) (any, error) {
	people, err := readPeople(&text)
	if err != nil {
		return nil, err
	}
	return peopleColumn(slices.DeleteFunc(people, func(t tintype.PhotoTag) bool { return t.UserID == user })), nil
}
