package sqlstore

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtRebuildUsers = &Stmt{Name: "rebuild.users", SQL: `
		SELECT id, last_seen FROM {s}users WHERE id > $1 ORDER BY id LIMIT $2`}
	stmtRebuildUser  = &Stmt{Name: "rebuild.user", SQL: `SELECT id, last_seen FROM {s}users WHERE id = $1`}
	stmtRebuildPosts = &Stmt{Name: "rebuild.posts", SQL: `
		SELECT id FROM {s}posts WHERE id > $1 ORDER BY id LIMIT $2`}
	stmtRebuildPostsOf = &Stmt{Name: "rebuild.posts_of", SQL: `
		SELECT id FROM {s}posts WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`}
	stmtSetTags = &Stmt{Name: "posts.set_tags", SQL: `
		UPDATE {s}posts SET tags = $1 WHERE id = $2 AND edited = $3`}
)

// UserHomes are the homes that have users; their numbers are those of UsersPage and PostsPage.
func (c Checks) UserHomes() []tintype.CheckHome {
	var out []tintype.CheckHome
	for _, h := range c.homes() {
		out = append(out, tintype.CheckHome{Name: h.name(), Database: h.DB.Name})
	}
	return out
}

// HomeOf is the number of the home of what is a user's.
func (c Checks) HomeOf(user tintype.ID) int {
	at := c.R.Home(user.Shard())
	return max(slices.IndexFunc(c.homes(), func(h Home) bool { return h.DB == at.DB && h.Schema == at.Schema }), 0)
}

// UsersPage gives up to limit users of a home with an ID above after, ascending.
func (c Checks) UsersPage(ctx context.Context, home int, after tintype.ID, limit int) ([]tintype.Seen, error) {
	var out []tintype.Seen
	err := c.homes()[home].Query(Patiently(ctx), stmtRebuildUsers, func(scan Scan) error {
		var u tintype.Seen
		var at int64
		err := scan(&u.ID, &at)
		u.At = FromMicros(at)
		out = append(out, u)
		return err
	}, after, limit)
	return out, err
}

// UserSeen gives one user; NotFound if there is none.
func (c Checks) UserSeen(ctx context.Context, user tintype.ID) (tintype.Seen, error) {
	var u tintype.Seen
	var at int64
	found, err := c.R.Home(user.Shard()).QueryRow(ctx, stmtRebuildUser, []any{&u.ID, &at}, user)
	if err == nil && !found {
		err = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such user"}
	}
	u.At = FromMicros(at)
	return u, err
}

// PostsPage gives up to limit posts of a home with an ID above after, ascending;
// of one user unless that is 0.
func (c Checks) PostsPage(ctx context.Context, home int, user, after tintype.ID, limit int) ([]tintype.ID, error) {
	var ids []tintype.ID
	h, ctx := c.homes()[home], Patiently(ctx)
	if user != 0 {
		err := h.Query(ctx, stmtRebuildPostsOf, scanIDs(&ids), user, after, limit)
		return ids, err
	}
	err := h.Query(ctx, stmtRebuildPosts, scanIDs(&ids), after, limit)
	return ids, err
}

// RecountUser sets a user's counters to what they count, if they are off.
func (c Checks) RecountUser(ctx context.Context, user tintype.ID) (changed bool, err error) {
	return c.recount(ctx, "user_counts", user)
}

// RecountPost sets a post's counters to what they count, if they are off.
func (c Checks) RecountPost(ctx context.Context, post tintype.ID) (changed bool, err error) {
	return c.recount(ctx, "post_counts", post)
}

func (c Checks) recount(ctx context.Context, check string, id tintype.ID) (bool, error) {
	f := tintype.Finding{Check: check, Home: c.HomeOf(id), Key: oneKey(id)}
	off, err := c.Recheck(ctx, f)
	if err != nil || len(off) == 0 {
		return false, err
	}
	_, err = c.Mend(ctx, f)
	return true, err
}

// SetTags writes a post's tags, unless it was edited since p was read.
func (s Posts) SetTags(ctx context.Context, p *tintype.Post) error {
	tags, _, _, _, _ := postColumns(p)
	return s.R.Home(p.ID.Shard()).Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtSetTags, tags, p.ID, p.Edited)
		return err
	})
}
