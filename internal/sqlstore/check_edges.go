package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// edgeSide is one of the two tables that hold an edge. Its key is (a, b), at
// a's home; the other side's key is (b, a).
type edgeSide struct {
	table  string
	weight int
	posts  bool  // a is a post, not a user
	page   *Stmt // a, b, op, state, whether a exists
	read   *Stmt // by {rows a,b}: a, b, op, state
	write  *Stmt // {rows a,b,op,state}
	remove *Stmt
}

// edgePair is an edge with both of its sides: own is written first, by who acts.
type edgePair struct {
	own, other edgeSide
	mend       func(c Checks, ctx context.Context, p edgePair, own, other edgeRow) (tintype.Mended, error)
}

// edgeRow is one side's row, seen with a as the key of own. The zero op is an absent row.
type edgeRow struct {
	a, b, op tintype.ID
	state    int
}

var (
	stmtCheckFollows = &Stmt{Name: "check.follows", SQL: `
		SELECT t.user_id, t.target_id, t.op, t.state, (SELECT count(*) FROM {s}users o WHERE o.id = t.user_id)
		FROM {s}follows t WHERE (t.user_id, t.target_id) > ($1, $2) ORDER BY t.user_id, t.target_id LIMIT $3`}
	stmtCheckFollowers = &Stmt{Name: "check.followers", SQL: `
		SELECT t.user_id, t.follower_id, t.op, t.state, (SELECT count(*) FROM {s}users o WHERE o.id = t.user_id)
		FROM {s}followers t WHERE (t.user_id, t.follower_id) > ($1, $2) ORDER BY t.user_id, t.follower_id LIMIT $3`}
	stmtCheckBlocks = &Stmt{Name: "check.blocks", SQL: `
		SELECT t.user_id, t.target_id, t.op, t.state, (SELECT count(*) FROM {s}users o WHERE o.id = t.user_id)
		FROM {s}blocks t WHERE (t.user_id, t.target_id) > ($1, $2) ORDER BY t.user_id, t.target_id LIMIT $3`}
	stmtCheckBlockedBy = &Stmt{Name: "check.blocked_by", SQL: `
		SELECT t.user_id, t.other_id, t.op, t.state, (SELECT count(*) FROM {s}users o WHERE o.id = t.user_id)
		FROM {s}blocked_by t WHERE (t.user_id, t.other_id) > ($1, $2) ORDER BY t.user_id, t.other_id LIMIT $3`}
	stmtCheckMyLikes = &Stmt{Name: "check.my_likes", SQL: `
		SELECT t.user_id, t.post_id, t.op, t.state, (SELECT count(*) FROM {s}users o WHERE o.id = t.user_id)
		FROM {s}my_likes t WHERE (t.user_id, t.post_id) > ($1, $2) ORDER BY t.user_id, t.post_id LIMIT $3`}
	stmtCheckLikes = &Stmt{Name: "check.likes", SQL: `
		SELECT t.post_id, t.user_id, t.op, t.state, (SELECT count(*) FROM {s}posts o WHERE o.id = t.post_id)
		FROM {s}likes t WHERE (t.post_id, t.user_id) > ($1, $2) ORDER BY t.post_id, t.user_id LIMIT $3`}

	stmtCheckReadMyLikes = &Stmt{Name: "check.read_my_likes", SQL: `
		SELECT t.user_id, t.post_id, t.op, t.state FROM {rows $1 a,b} CROSS JOIN {s}my_likes t WHERE t.user_id = e.a AND t.post_id = e.b`}
	stmtCheckWriteMyLikes = &Stmt{Name: "check.write_my_likes", SQL: `
		INSERT INTO {s}my_likes (user_id, post_id, op, state) SELECT a, b, p, s FROM {rows $1 a,b,p,s} WHERE true
		ON CONFLICT (user_id, post_id) DO UPDATE SET op = excluded.op, state = excluded.state WHERE my_likes.op <= excluded.op`}

	stmtCheckDropFollow    = &Stmt{Name: "check.drop_follow", SQL: `DELETE FROM {s}follows WHERE user_id = $1 AND target_id = $2`}
	stmtCheckDropFollower  = &Stmt{Name: "check.drop_follower", SQL: `DELETE FROM {s}followers WHERE user_id = $1 AND follower_id = $2`}
	stmtCheckDropBlock     = &Stmt{Name: "check.drop_block", SQL: `DELETE FROM {s}blocks WHERE user_id = $1 AND target_id = $2`}
	stmtCheckDropBlockedBy = &Stmt{Name: "check.drop_blocked_by", SQL: `DELETE FROM {s}blocked_by WHERE user_id = $1 AND other_id = $2`}
	stmtCheckDropMyLike    = &Stmt{Name: "check.drop_my_like", SQL: `DELETE FROM {s}my_likes WHERE user_id = $1 AND post_id = $2`}
	stmtCheckDropLike      = &Stmt{Name: "check.drop_like", SQL: `DELETE FROM {s}likes WHERE post_id = $1 AND user_id = $2`}
)

// edgePairs lists the edges whose sides carry an op and a state.
func edgePairs() []edgePair {
	return []edgePair{
		{
			own:   edgeSide{table: "follows", weight: 50, page: stmtCheckFollows, read: stmtReadFollows, write: stmtWriteFollows, remove: stmtCheckDropFollow},
			other: edgeSide{table: "followers", weight: 50, page: stmtCheckFollowers, read: stmtReadFollowers, write: stmtWriteFollowers, remove: stmtCheckDropFollower},
			mend:  Checks.mendFollow,
		},
		{
			own:   edgeSide{table: "blocks", weight: 1, page: stmtCheckBlocks, read: stmtReadBlocks, write: stmtWriteBlocks, remove: stmtCheckDropBlock},
			other: edgeSide{table: "blocked_by", weight: 1, page: stmtCheckBlockedBy, read: stmtReadBlockedBy, write: stmtWriteBlockedBy, remove: stmtCheckDropBlockedBy},
			mend:  Checks.mendBlock,
		},
		{
			own:   edgeSide{table: "my_likes", weight: 60, page: stmtCheckMyLikes, read: stmtCheckReadMyLikes, write: stmtCheckWriteMyLikes, remove: stmtCheckDropMyLike},
			other: edgeSide{table: "likes", weight: 60, posts: true, page: stmtCheckLikes, read: stmtLikeRead, write: stmtLikeWrite, remove: stmtCheckDropLike},
			mend:  Checks.mendLike,
		},
	}
}

// checkers are a pair's two checks. What both sides have is compared from the
// own side; from the other side only what the own side lacks is new.
func (p edgePair) checkers() []checker {
	side := func(mine, theirs edgeSide, compare bool) checker {
		return checker{
			name:   mine.table,
			weight: mine.weight,
			page: func(c Checks, ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
				return c.pageEdges(ctx, h, mine, theirs, compare, after, limit)
			},
			mend: func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
				return c.mendEdge(ctx, p, mine, theirs, compare, k)
			},
		}
	}
	return []checker{side(p.own, p.other, true), side(p.other, p.own, false)}
}

func (c Checks) pageEdges(ctx context.Context, h Home, mine, theirs edgeSide, compare bool, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var rows []edgeRow
	var ids []tintype.ID
	orphan := map[pair]bool{}
	if err := h.Query(ctx, mine.page, func(scan Scan) error {
		var r edgeRow
		var owner int
		if err := scan(&r.a, &r.b, &r.op, &r.state, &owner); err != nil {
			return err
		}
		p.saw(r.key())
		if c.misplaced(&p, h, r.key(), "a row of "+mine.table+" under") {
			return nil
		}
		orphan[pair{r.a, r.b}] = owner == 0
		rows, ids = append(rows, r), append(ids, r.b)
		return nil
	}, after[0], after[1], limit); err != nil {
		return p, err
	}
	there, err := c.readEdges(ctx, &p, theirs, rows)
	if err != nil {
		return p, err
	}
	var known map[tintype.ID]bool
	for _, r := range rows {
		k := r.key()
		o, found := there[pair{r.b, r.a}]
		if orphan[pair{r.a, r.b}] {
			p.mendable(k, "a row of %s belongs to %s, which is not there", mine.table, mine.owner(r.a))
			continue
		}
		switch {
		case found && (!compare || o.op == r.op && o.state == r.state || o.state == 0 && r.state == 0):
		case found:
			p.mendable(k, "%s of %v and %v says %s (change %v), but %s says %s (change %v)",
				mine.table, r.a, r.b, stateName(r.state), r.op, theirs.table, stateName(o.state), o.op)
		case r.state == tintype.EdgeGone, c.unknown(&p, r.b):
		default:
			if known == nil {
				stmt := stmtCheckUsersThere
				if theirs.posts {
					stmt = stmtCheckPostsThere
				}
				if known, err = c.there(ctx, &p, stmt, ids); err != nil {
					return p, err
				}
			}
			if c.unknown(&p, r.b) {
				continue // it went away in between
			}
			if !known[r.b] {
				p.mendable(k, "a row of %s under %v is about %s, which is not there", mine.table, r.a, theirs.owner(r.b))
			} else {
				p.mendable(k, "%s of %v and %v says %s, but %s has no such row", mine.table, r.a, r.b, stateName(r.state), theirs.table)
			}
		}
	}
	return p, nil
}

func (r edgeRow) key() tintype.CheckKey { return tintype.CheckKey{int64(r.a), int64(r.b)} }

func (s edgeSide) owner(id tintype.ID) string {
	if s.posts {
		return "post " + id.String()
	}
	return "user " + id.String()
}

func stateName(s int) string {
	switch s {
	case tintype.EdgeGone:
		return "gone"
	case tintype.EdgeRequested:
		return "requested"
	case tintype.EdgeThere:
		return "there"
	}
	return "nothing known"
}

// readEdges reads the other sides of rows, wherever they are, by their own key;
// see there for p.
func (c Checks) readEdges(ctx context.Context, p *checkRows, side edgeSide, rows []edgeRow) (map[pair]edgeRow, error) {
	out := make(map[pair]edgeRow, len(rows))
	for _, g := range partition(c.R, rows, func(r edgeRow) tintype.ID { return r.b }) {
		list := make(Rows, len(g.items))
		for i, r := range g.items {
			list[i] = []int64{int64(r.b), int64(r.a)}
		}
		if err := g.home.Query(ctx, side.read, func(scan Scan) error {
			var o edgeRow
			if err := scan(&o.a, &o.b, &o.op, &o.state); err != nil {
				return err
			}
			out[pair{o.a, o.b}] = o
			return nil
		}, list); p.skip(ctx, g.home, err) {
			continue
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mendEdge deletes an orphan on both sides, and lets the newer of two sides prevail.
func (c Checks) mendEdge(ctx context.Context, p edgePair, mine, theirs edgeSide, own bool, k tintype.CheckKey) (tintype.Mended, error) {
	a, b := tintype.ID(k[0]), tintype.ID(k[1])
	for _, end := range []struct {
		id    tintype.ID
		posts bool
	}{{a, mine.posts}, {b, theirs.posts}} {
		stmt := stmtCheckUsersThere
		if end.posts {
			stmt = stmtCheckPostsThere
		}
		there, err := c.there(ctx, nil, stmt, []tintype.ID{end.id})
		if err != nil {
			return tintype.Mended{}, err
		}
		if there[end.id] {
			continue
		}
		for _, row := range []struct {
			side edgeSide
			a, b tintype.ID
		}{{mine, a, b}, {theirs, b, a}} {
			if err := c.R.Home(row.a.Shard()).Write(ctx, func(tx *Tx) error { _, err := tx.Exec(ctx, row.side.remove, row.a, row.b); return err }); err != nil {
				return tintype.Mended{}, err
			}
		}
		return touched(a, mine.posts, b, theirs.posts), nil
	}
	if !own {
		a, b = b, a
	}
	var rows [2]edgeRow
	for i, side := range []edgeSide{p.own, p.other} {
		// readEdges takes the key of the opposite side.
		key := edgeRow{a: b, b: a}
		if i == 1 {
			key = edgeRow{a: a, b: b}
		}
		found, err := c.readEdges(ctx, nil, side, []edgeRow{key})
		if err != nil {
			return tintype.Mended{}, err
		}
		rows[i] = found[pair{key.b, key.a}]
		rows[i].a, rows[i].b = key.b, key.a
	}
	if rows[0].op == rows[1].op && rows[0].state == rows[1].state {
		return tintype.Mended{}, nil
	}
	return p.mend(c, ctx, p, rows[0], rows[1])
}

func touched(a tintype.ID, aIsPost bool, b tintype.ID, bIsPost bool) (m tintype.Mended) {
	for id, post := range map[tintype.ID]bool{a: aIsPost, b: bIsPost} {
		if post {
			m.Posts = append(m.Posts, id)
		} else {
			m.Users = append(m.Users, id)
		}
	}
	return m
}

// copyTo writes a row as the other side of it has it.
func (c Checks) copyTo(ctx context.Context, side edgeSide, from edgeRow, also func(tx *Tx) error) error {
	return c.R.Home(from.b.Shard()).Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, side.write, from.flipped()); err != nil || also == nil {
			return err
		}
		return also(tx)
	})
}

func (r edgeRow) flipped() Rows {
	return Rows{{int64(r.b), int64(r.a), int64(r.op), int64(r.state)}}
}

// mendFollow lets the sides speak to each other as a job would, so that a
// private user's followers stay those whom the user approved.
func (c Checks) mendFollow(ctx context.Context, p edgePair, own, other edgeRow) (tintype.Mended, error) {
	m := tintype.Mended{Users: []tintype.ID{own.a, own.b}}
	edge := job.Edge{User: own.a, Target: own.b}
	switch {
	case own.op > other.op:
		edge.Type, edge.Op, edge.State = job.EdgeFollow, own.op, own.state
	case other.op > own.op:
		edge.Type, edge.Op, edge.State = job.EdgeAnswer, other.op, other.state
	case own.state == other.state:
		return tintype.Mended{}, nil
	default: // one change with two outcomes: the followed user's side decides
		return m, c.copyTo(ctx, p.own, other, func(tx *Tx) error {
			tx.Enqueue(job.Insert{Kind: job.BackfillKind, Item: job.Backfill{User: own.a, Author: own.b, Remove: other.state != tintype.EdgeThere}})
			return recountUser(ctx, tx, own.a)
		})
	}
	_, _, err := Graph{R: c.R}.ApplyEdges(ctx, []job.Edge{edge})
	return m, err
}

// mendBlock errs on the safe side: a block that either side knows is a block.
func (c Checks) mendBlock(ctx context.Context, p edgePair, own, other edgeRow) (tintype.Mended, error) {
	m := tintype.Mended{Users: []tintype.ID{own.a, own.b}}
	if own.op > other.op {
		_, _, err := Graph{R: c.R}.ApplyEdges(ctx, []job.Edge{{Type: job.EdgeBlock, User: own.a, Target: own.b, Op: own.op, State: own.state}})
		return m, err
	}
	if other.op > own.op || other.state == tintype.EdgeThere {
		return m, c.copyTo(ctx, p.own, other, nil)
	}
	return m, c.copyTo(ctx, p.other, own, nil)
}

func (c Checks) mendLike(ctx context.Context, p edgePair, own, other edgeRow) (tintype.Mended, error) {
	post := own.b
	m := tintype.Mended{Users: []tintype.ID{own.a}, Posts: []tintype.ID{post}}
	switch {
	case other.op > own.op:
		return m, c.copyTo(ctx, p.own, other, nil)
	case own.op > other.op:
		_, _, err := Likes{R: c.R}.ApplyLikes(ctx, []job.Edge{{Type: job.EdgeLike, User: own.a, Post: post, Op: own.op, State: own.state}})
		return m, err
	}
	return m, c.copyTo(ctx, p.other, own, func(tx *Tx) error { return recountPost(ctx, tx, post) })
}
