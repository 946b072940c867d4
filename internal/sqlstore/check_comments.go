package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtCheckComments = &Stmt{Name: "check.comments", SQL: `
		SELECT c.post_id, c.id, c.user_id, (SELECT count(*) FROM {s}posts p WHERE p.id = c.post_id)
		FROM {s}comments c WHERE (c.post_id, c.id) > ($1, $2) ORDER BY c.post_id, c.id LIMIT $3`}
	stmtCheckMyComments = &Stmt{Name: "check.my_comments", SQL: `
		SELECT user_id, id, post_id FROM {s}my_comments WHERE (user_id, id) > ($1, $2) ORDER BY user_id, id LIMIT $3`}
	stmtCheckReadComments = &Stmt{Name: "check.read_comments", SQL: `
		SELECT c.id, c.user_id FROM {rows $1 p,c} CROSS JOIN {s}comments c WHERE c.post_id = e.p AND c.id = e.c
		UNION ALL SELECT c.id, c.author_id FROM {rows $1 p,c} CROSS JOIN {s}held_comments c WHERE c.post_id = e.p AND c.id = e.c`}
	stmtCheckReadMyComments = &Stmt{Name: "check.read_my_comments", SQL: `
		SELECT c.id, c.user_id FROM {rows $1 u,c} CROSS JOIN {s}my_comments c WHERE c.user_id = e.u AND c.id = e.c`}
	stmtCheckDropComment = &Stmt{Name: "check.drop_comment", SQL: `
		DELETE FROM {s}comments WHERE post_id = $1 AND id = $2`}

	stmtCheckActivity = &Stmt{Name: "check.activity", SQL: `
		SELECT a.user_id, a.id, a.kind, a.post_id, a.comment_id, (SELECT count(*) FROM {s}users u WHERE u.id = a.user_id)
		FROM {s}activity a WHERE (a.user_id, a.id) > ($1, $2) ORDER BY a.user_id, a.id LIMIT $3`}
	stmtCheckDropActivity = &Stmt{Name: "check.drop_activity", SQL: `
		DELETE FROM {s}activity WHERE user_id = $1 AND id = $2`}
)

// note is one comment as either side has it.
type note struct{ post, id, user tintype.ID }

// readNotes gives the authors of comments by comment, as one side has them: the
// posts' (rows of post, comment) or the authors' (rows of user, comment); see
// there for p.
func (c Checks) readNotes(ctx context.Context, p *checkRows, s *Stmt, notes []note, owner func(note) tintype.ID) (map[tintype.ID]tintype.ID, error) {
	out := make(map[tintype.ID]tintype.ID, len(notes))
	for _, g := range partition(c.R, notes, owner) {
		list := make(Rows, len(g.items))
		for i, n := range g.items {
			list[i] = []int64{int64(owner(n)), int64(n.id)}
		}
		if err := g.home.Query(ctx, s, func(scan Scan) error {
			var id, user tintype.ID
			err := scan(&id, &user)
			out[id] = user
			return err
		}, list); p.skip(ctx, g.home, err) {
			continue
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pageComments: every comment is on a post, and noted on its author's side.
func (c Checks) pageComments(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var notes []note
	if err := h.Query(ctx, stmtCheckComments, func(scan Scan) error {
		var n note
		var posts int
		if err := scan(&n.post, &n.id, &n.user, &posts); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(n.post), int64(n.id)}
		p.saw(k)
		switch {
		case c.misplaced(&p, h, k, "a comment on post"):
		case posts == 0:
			p.mendable(k, "comment %v is on post %v, which is not there", n.id, n.post)
		case n.id.Shard() != n.post.Shard():
			p.tell(k, doMisplaced, "comment %v is of shard %d, but its post %v is of shard %d", n.id, n.id.Shard(), n.post, n.post.Shard())
		default:
			notes = append(notes, n)
		}
		return nil
	}, after[0], after[1], limit); err != nil {
		return p, err
	}
	err := c.tellUnnoted(ctx, &p, notes, "comment %v on post %v is not noted with its author, user %v")
	return p, err
}

// tellUnnoted tells, by a format for comment, post and user, of those comments that are not noted on their authors' sides.
func (c Checks) tellUnnoted(ctx context.Context, p *checkRows, notes []note, format string) error {
	noted, err := c.readNotes(ctx, p, stmtCheckReadMyComments, notes, func(n note) tintype.ID { return n.user })
	if err != nil {
		return err
	}
	for _, n := range notes {
		if noted[n.id] != n.user && !c.unknown(p, n.user) {
			p.mendable(tintype.CheckKey{int64(n.post), int64(n.id)}, format, n.id, n.post, n.user)
		}
	}
	return nil
}

// noteComment has a comment, by its key, noted on its author's side if it is there, and not if it is gone.
func (c Checks) noteComment(ctx context.Context, user tintype.ID, k tintype.CheckKey, there bool) error {
	stmt, row := stmtMyCommentDelete, Rows{{int64(user), k[1]}}
	if there {
		stmt, row = stmtMyCommentAdd, Rows{{int64(user), k[1], k[0]}}
	}
	return c.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error { _, err := tx.Exec(ctx, stmt, row); return err })
}

func (c Checks) mendComment(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	post := tintype.ID(k[0])
	m := tintype.Mended{Posts: []tintype.ID{post}}
	found, err := c.readNotes(ctx, nil, stmtCheckReadComments, []note{{post: post, id: tintype.ID(k[1])}}, func(n note) tintype.ID { return n.post })
	if err != nil || len(found) == 0 {
		return m, err
	}
	user := found[tintype.ID(k[1])]
	there, err := c.there(ctx, nil, stmtCheckPostsThere, []tintype.ID{post})
	if err != nil {
		return m, err
	}
	if !there[post] {
		if _, err := mendBy(ctx, h, k, stmtCheckDropComment); err != nil {
			return m, err
		}
	}
	return m, c.noteComment(ctx, user, k, there[post])
}

// pageMyComments: every note of a comment is of one that is there.
func (c Checks) pageMyComments(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var notes []note
	if err := h.Query(ctx, stmtCheckMyComments, func(scan Scan) error {
		var n note
		if err := scan(&n.user, &n.id, &n.post); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(n.user), int64(n.id)}
		p.saw(k)
		if !c.misplaced(&p, h, k, "a note of a comment by user") {
			notes = append(notes, n)
		}
		return nil
	}, after[0], after[1], limit); err != nil {
		return p, err
	}
	there, err := c.readNotes(ctx, &p, stmtCheckReadComments, notes, func(n note) tintype.ID { return n.post })
	if err != nil {
		return p, err
	}
	for _, n := range notes {
		if there[n.id] != n.user && !c.unknown(&p, n.post) {
			p.mendable(tintype.CheckKey{int64(n.user), int64(n.id)}, "user %v has a note of comment %v on post %v, which is not there", n.user, n.id, n.post)
		}
	}
	return p, nil
}

func (c Checks) mendMyComment(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	return tintype.Mended{}, h.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtMyCommentDelete, Rows{{k[0], k[1]}})
		return err
	})
}

// pageActivity: what is said to have happened to a post happened to one that is there.
func (c Checks) pageActivity(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	about := map[tintype.CheckKey]tintype.ID{}
	var posts []tintype.ID
	if err := h.Query(ctx, stmtCheckActivity, func(scan Scan) error {
		var user, id, post, comment tintype.ID
		var kind tintype.ActivityKind
		var users int
		if err := scan(&user, &id, &kind, &post, &comment, &users); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(user), int64(id)}
		p.saw(k)
		switch {
		case c.misplaced(&p, h, k, "activity of user"):
		case users == 0:
			p.mendable(k, "activity belongs to user %v, who is not there", user)
		case post != 0:
			about[k] = post
			posts = append(posts, post)
		}
		return nil
	}, after[0], after[1], limit); err != nil || len(posts) == 0 {
		return p, err
	}
	there, err := c.there(ctx, &p, stmtCheckPostsThere, posts)
	if err != nil {
		return p, err
	}
	for k, post := range about {
		if !there[post] && !c.unknown(&p, post) {
			p.mendable(k, "activity %v of user %v is about post %v, which is not there", tintype.ID(k[1]), tintype.ID(k[0]), post)
		}
	}
	return p, nil
}

func (c Checks) mendActivity(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	return tintype.Mended{Users: []tintype.ID{tintype.ID(k[0])}}, h.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtCheckDropActivity, k[0], k[1])
		return err
	})
}
