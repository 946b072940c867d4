package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// How old what is swept every minute, hour or day may be before its being there
// means that the sweep does not run.
const (
	oldClaim       = 15 * time.Minute
	oldUpload      = 3 * 24 * time.Hour
	oldIdempotency = 3 * 24 * time.Hour
)

const doSweep = "the sweep that tidies this up has not run: keep the site serving for an hour and check again; if it stays, look at `tintype jobs list`"

var (
	stmtCheckUsers = &Stmt{Name: "check.users", SQL: `
		SELECT id, username FROM {s}users WHERE id > $1 ORDER BY id LIMIT $2`}
	stmtCheckAccountsThere = &Stmt{Name: "check.accounts_there", SQL: `
		SELECT a.user_id, coalesce(n.username, '') FROM {s}accounts a LEFT JOIN {s}names n ON n.user_id = a.user_id AND n.state = 1 WHERE a.user_id {in $1}`}
	stmtCheckAccounts = &Stmt{Name: "check.accounts", SQL: `
		SELECT user_id, state, created FROM {s}accounts WHERE user_id > $1 ORDER BY user_id LIMIT $2`}
	stmtCheckNames = &Stmt{Name: "check.names", SQL: `
		SELECT n.user_id, min(n.username), min(n.state), min(n.claimed), count(*), (SELECT count(*) FROM {s}accounts a WHERE a.user_id = n.user_id)
		FROM {s}names n WHERE n.user_id > $1 AND n.user_id <> 0 GROUP BY n.user_id ORDER BY n.user_id LIMIT $2`}
	stmtCheckPosts = &Stmt{Name: "check.posts", SQL: `
		SELECT p.id, p.user_id, (SELECT count(*) FROM {s}users u WHERE u.id = p.user_id),
			(SELECT count(*) FROM {s}media m WHERE m.post_id = p.id), (SELECT coalesce(max(m.position) + 1, 0) FROM {s}media m WHERE m.post_id = p.id)
		FROM {s}posts p WHERE p.id > $1 ORDER BY p.id LIMIT $2`}
	stmtCheckMedia = &Stmt{Name: "check.media", SQL: `
		SELECT m.post_id, m.position, (SELECT count(*) FROM {s}posts p WHERE p.id = m.post_id)
		FROM {s}media m WHERE (m.post_id, m.position) > ($1, $2) ORDER BY m.post_id, m.position LIMIT $3`}
	stmtCheckDropMedia = &Stmt{Name: "check.drop_media", SQL: `
		DELETE FROM {s}media WHERE post_id = $1 AND position = $2 AND NOT EXISTS (SELECT 1 FROM {s}posts p WHERE p.id = media.post_id)
		RETURNING key, original_key`}
	stmtCheckUploads = &Stmt{Name: "check.uploads", SQL: `
		SELECT id, user_id, created, post_id, claimed FROM {s}uploads WHERE id > $1 ORDER BY id LIMIT $2`}
	stmtCheckIdempotency = &Stmt{Name: "check.idempotency", SQL: `
		SELECT count(*), coalesce(min(created), 0) FROM {s}idempotency WHERE created < $1`}
)

// pageUsers: every user has an account and the same name in the directory.
func (c Checks) pageUsers(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var ids []tintype.ID
	var names []string
	if err := h.Query(ctx, stmtCheckUsers, func(scan Scan) error {
		var id tintype.ID
		var name string
		if err := scan(&id, &name); err != nil {
			return err
		}
		p.saw(oneKey(id))
		if !c.misplaced(&p, h, oneKey(id), "user") {
			ids, names = append(ids, id), append(names, name)
		}
		return nil
	}, afterOne(after), limit); err != nil || len(ids) == 0 {
		return p, err
	}
	listed := map[tintype.ID]string{}
	if err := c.R.Directory().Query(ctx, stmtCheckAccountsThere, func(scan Scan) error {
		var id tintype.ID
		var name string
		if err := scan(&id, &name); err != nil {
			return err
		}
		listed[id] = name
		return nil
	}, ids); p.skip(ctx, c.R.Directory(), err) {
		return p, nil
	} else if err != nil {
		return p, err
	}
	for i, id := range ids {
		name, found := listed[id]
		switch {
		case !found:
			p.tell(oneKey(id), "nobody can sign in as this user: was the directory restored from an older backup than the users? Restore both from the same one",
				"user %v (%s) has no account in the directory", id, names[i])
		case name != names[i]:
			p.tell(oneKey(id), "the sweep of claims settles this within minutes on a site that is served; if it stays, change the name by hand",
				"user %v is named %q, but the directory says %q", id, names[i], name)
		}
	}
	return p, nil
}

// pageAccounts: every account has a user, and no sign-up is left half done.
func (c Checks) pageAccounts(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	type account struct {
		id      tintype.ID
		state   tintype.AccountState
		created int64
	}
	var list []account
	var ids []tintype.ID
	if err := h.Query(ctx, stmtCheckAccounts, func(scan Scan) error {
		var a account
		if err := scan(&a.id, &a.state, &a.created); err != nil {
			return err
		}
		p.saw(oneKey(a.id))
		list, ids = append(list, a), append(ids, a.id)
		return nil
	}, afterOne(after), limit); err != nil {
		return p, err
	}
	there, err := c.there(ctx, &p, stmtCheckUsersThere, ids)
	if err != nil {
		return p, err
	}
	old := Micros(c.Clock().Add(-oldClaim))
	for _, a := range list {
		switch {
		case a.state == tintype.AccountClaimed && a.created < old:
			p.tell(oneKey(a.id), doSweep, "the sign-up of account %v has been half done since %s", a.id, day(a.created))
		case a.state != tintype.AccountClaimed && a.state != tintype.AccountDeleted && !there[a.id] && !c.unknown(&p, a.id):
			p.tell(oneKey(a.id), "was this user's database restored from an older backup than the directory? Restore both from the same one", "account %v has no user", a.id)
		}
	}
	return p, nil
}

// pageNames: every name is somebody's, and no claim is left half done.
func (c Checks) pageNames(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	old := Micros(c.Clock().Add(-oldClaim))
	err := h.Query(ctx, stmtCheckNames, func(scan Scan) error {
		var id tintype.ID
		var name string
		var state int
		var claimed, names, accounts int64
		if err := scan(&id, &name, &state, &claimed, &names, &accounts); err != nil {
			return err
		}
		p.saw(oneKey(id))
		switch {
		case accounts == 0:
			p.tell(oneKey(id), "nobody can use this name: was the directory changed by hand? Delete the row of names, or restore the account", "the name %q belongs to account %v, which is not there", name, id)
		case (state != nameGood || names > 1) && claimed < old:
			p.tell(oneKey(id), doSweep, "user %v has claimed a name and not settled it since %s", id, day(claimed))
		}
		return nil
	}, afterOne(after), limit)
	return p, err
}

func day(us int64) string { return FromMicros(us).Format("2006-01-02 15:04 MST") }

// pagePosts: every post is on its author's shard and has its pictures.
func (c Checks) pagePosts(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := h.Query(ctx, stmtCheckPosts, func(scan Scan) error {
		var id, user tintype.ID
		var users, media, positions int64
		if err := scan(&id, &user, &users, &media, &positions); err != nil {
			return err
		}
		p.saw(oneKey(id))
		switch {
		case c.misplaced(&p, h, oneKey(id), "post"):
		case id.Shard() != user.Shard():
			p.tell(oneKey(id), doMisplaced, "post %v is of shard %d, but its author %v is of shard %d", id, id.Shard(), user, user.Shard())
		case users == 0:
			p.tell(oneKey(id), "restore the author from a backup; their files are kept until you do", "post %v is by user %v, who is not there", id, user)
		case media == 0 || media != positions:
			p.tell(oneKey(id), "restore the rows of media from a backup, or delete the post", "post %v has %d pictures, the last at position %d", id, media, positions-1)
		}
		return nil
	}, afterOne(after), limit)
	return p, err
}

// pageMedia: every picture belongs to a post.
func (c Checks) pageMedia(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := h.Query(ctx, stmtCheckMedia, func(scan Scan) error {
		var post tintype.ID
		var position, posts int64
		if err := scan(&post, &position, &posts); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(post), position}
		p.saw(k)
		if !c.misplaced(&p, h, k, "a picture of post") && posts == 0 {
			p.mendable(k, "picture %d belongs to post %v, which is not there", position, post)
		}
		return nil
	}, after[0], after[1], limit)
	return p, err
}

func (c Checks) mendMedia(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	return tintype.Mended{}, h.Write(ctx, func(tx *Tx) error {
		var key, original string
		found, err := tx.QueryRow(ctx, stmtCheckDropMedia, []any{&key, &original}, k[0], k[1])
		if err == nil && found {
			tx.Enqueue(job.Insert{Kind: job.PurgeKind, Item: job.Purge{Keys: append(blob.Renditions(key), original, blob.Preview(original)), Post: tintype.ID(k[0])}})
		}
		return err
	})
}

// pageUploads: no upload is left over.
func (c Checks) pageUploads(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	old := Micros(c.Clock().Add(-oldUpload))
	err := h.Query(ctx, stmtCheckUploads, func(scan Scan) error {
		var id, user, post tintype.ID
		var created, claimed int64
		if err := scan(&id, &user, &created, &post, &claimed); err != nil {
			return err
		}
		p.saw(oneKey(id))
		switch {
		case c.misplaced(&p, h, oneKey(id), "upload"):
		case id.Shard() != user.Shard():
			p.tell(oneKey(id), doMisplaced, "upload %v is of shard %d, but its owner %v is of shard %d", id, id.Shard(), user, user.Shard())
		case created < old && claimed < old:
			p.tell(oneKey(id), doSweep, "upload %v has been waiting to be published since %s", id, day(created))
		}
		return nil
	}, afterOne(after), limit)
	return p, err
}

// pageIdempotency: what repeats of requests are recognised by is forgotten in time.
func (c Checks) pageIdempotency(ctx context.Context, h Home, _ tintype.CheckKey, _ int) (checkRows, error) {
	var p checkRows
	var n, oldest int64
	if _, err := h.QueryRow(ctx, stmtCheckIdempotency, []any{&n, &oldest}, c.Clock().Add(-oldIdempotency)); err != nil {
		return p, err
	}
	if n > 0 {
		p.tell(oneKey(0), doSweep, "%d keys of repeatable requests are kept since up to %s", n, day(oldest))
	}
	return p, nil
}
