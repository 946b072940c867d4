package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Graph keeps follows, requests and blocks, each on both of its sides.
//
// Every change has an op and a job that brings it to the other side; both keep
// the change with the highest op, so both end in the same state whatever comes
// between. What a user does (follow, unfollow, block) gets an op minted on the
// user's side. What the followed user's side says to a follow (approved,
// denied, only a request as the user is private) gets the op of that follow plus one: an answer
// thus never overrules what the follower did after it, but had not arrived yet.
type Graph struct{ R Router }

// write runs f on a book at user's home.
func (s Graph) write(ctx context.Context, user tintype.ID, f func(b *book) error) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error { return f(openBook(tx)) })
}

// Follow makes me follow other (EdgeThere), or ask to (EdgeRequested). changed
// is false if it was so, or more than so, already.
func (s Graph) Follow(ctx context.Context, me, other tintype.ID, state int) (changed bool, err error) {
	err = s.write(ctx, me, func(b *book) error {
		changed = false
		b.follows.want(me, other)
		b.blocks.want(me, other)
		if err := b.load(ctx); err != nil {
			return err
		}
		if b.blocks.row(me, other).state == tintype.EdgeThere {
			return tintype.Errorf(tintype.NotAllowed, "you block this person: unblock them first")
		}
		if u := b.users[me]; u == nil || u.state != tintype.UserActive {
			return tintype.Errorf(tintype.NotFound, "this user does not exist")
		}
		r := b.follows.row(me, other)
		if r.state >= state {
			return nil
		}
		op, err := b.op(ctx, me, r)
		if err != nil {
			return err
		}
		b.setFollow(me, other, op, state)
		b.enqueue(job.EdgeFollow, me, other, op, state)
		changed = true
		_, err = b.save(ctx)
		return err
	})
	return changed, err
}

// Unfollow ends me's follow of other, or takes the request back.
func (s Graph) Unfollow(ctx context.Context, me, other tintype.ID) (changed bool, err error) {
	err = s.write(ctx, me, func(b *book) error {
		changed = false
		b.follows.want(me, other)
		if err := b.load(ctx); err != nil {
			return err
		}
		r := b.follows.row(me, other)
		if r.state == tintype.EdgeGone {
			return nil
		}
		op, err := b.op(ctx, me, r)
		if err != nil {
			return err
		}
		b.setFollow(me, other, op, tintype.EdgeGone)
		b.enqueue(job.EdgeFollow, me, other, op, tintype.EdgeGone)
		changed = true
		_, err = b.save(ctx)
		return err
	})
	return changed, err
}

// Answer sets follower's follow of me: EdgeThere approves an open request,
// EdgeGone denies it or removes the follower.
func (s Graph) Answer(ctx context.Context, me, follower tintype.ID, state int) (changed bool, err error) {
	err = s.write(ctx, me, func(b *book) error {
		changed = false
		b.followers.want(me, follower)
		if err := b.load(ctx); err != nil {
			return err
		}
		changed, err = b.answer(ctx, me, follower, state)
		if err != nil || !changed {
			return err
		}
		_, err = b.save(ctx)
		return err
	})
	return changed, err
}

func (b *book) answer(ctx context.Context, me, follower tintype.ID, state int) (bool, error) {
	r := b.followers.row(me, follower)
	if r.state == state || state == tintype.EdgeThere && r.state != tintype.EdgeRequested {
		return false, nil
	}
	at, err := b.tx.NextID(ctx, me.Shard())
	if err != nil {
		return false, err
	}
	op := r.op + 1
	b.setFollower(me, follower, op, state, at)
	b.enqueue(job.EdgeAnswer, follower, me, op, state)
	return true, nil
}

var stmtAsked = &Stmt{Name: "graph.asked", SQL: `
	SELECT follower_id FROM {s}followers WHERE user_id = $1 AND state = 1 ORDER BY op LIMIT $2`}

// ApproveAll approves up to limit open requests of a user, oldest first, if the
// user is public, and gives who they were.
func (s Graph) ApproveAll(ctx context.Context, user tintype.ID, limit int) (approved []tintype.ID, err error) {
	err = s.write(ctx, user, func(b *book) error {
		approved = nil
		var ids []tintype.ID
		if err := b.tx.Query(ctx, stmtAsked, scanIDs(&ids), user, limit); err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			b.followers.want(user, id)
		}
		if err := b.load(ctx); err != nil {
			return err
		}
		if u := b.users[user]; u == nil || u.private {
			return nil
		}
		for _, id := range ids {
			done, err := b.answer(ctx, user, id, tintype.EdgeThere)
			if err != nil {
				return err
			}
			if done {
				approved = append(approved, id)
			}
		}
		_, err := b.save(ctx)
		return err
	})
	return approved, err
}

// Block sets a block, which ends the follows between the two and my close friendship with the other, or lifts it.
func (s Graph) Block(ctx context.Context, me, other tintype.ID, on bool) (changed bool, err error) {
	state := tintype.EdgeGone
	if on {
		state = tintype.EdgeThere
	}
	err = s.write(ctx, me, func(b *book) error {
		changed = false
		b.blocks.want(me, other)
		b.follows.want(me, other)
		b.followers.want(me, other)
		if err := b.load(ctx); err != nil {
			return err
		}
		r := b.blocks.row(me, other)
		if r.state == state {
			return nil
		}
		out, in := b.follows.row(me, other), b.followers.row(me, other)
		op, err := b.op(ctx, me, r, out, in)
		if err != nil {
			return err
		}
		*r = bookRow{op: op, state: state, changed: true}
		if on {
			// Even where there is no follow: the tombstone turns away older ones that are still on their way.
			b.setFollow(me, other, op, tintype.EdgeGone)
			b.setFollower(me, other, op, tintype.EdgeGone, 0)
			if _, err := b.tx.Exec(ctx, stmtFriendDrop, me, other); err != nil {
				return err
			}
		}
		b.enqueue(job.EdgeBlock, me, other, op, state)
		changed = true
		_, err = b.save(ctx)
		return err
	})
	return changed, err
}

// ApplyEdges brings follows, answers and blocks to their other sides. It gives
// the users whose profile or relations changed, and those to whom something happened.
func (s Graph) ApplyEdges(ctx context.Context, edges []job.Edge) (changed, noticed []tintype.ID, err error) {
	var c, n idSet
	for _, g := range partition(s.R, edges, otherSide) {
		var book *book
		var told []tintype.ID
		err := g.home.Write(ctx, func(tx *Tx) (err error) {
			book = openBook(tx)
			told, err = book.apply(ctx, g.items)
			return err
		})
		if err != nil {
			return c.list, n.list, err
		}
		c.add(book.changed.list...)
		n.add(told...)
	}
	return c.list, n.list, nil
}

// otherSide is the user on whose side an edge is still to be written.
func otherSide(e job.Edge) tintype.ID {
	if e.Type == job.EdgeAnswer {
		return e.User
	}
	return e.Target
}

func (b *book) apply(ctx context.Context, edges []job.Edge) ([]tintype.ID, error) {
	edges = slices.SortedFunc(slices.Values(edges), func(x, y job.Edge) int { return cmp.Compare(x.Op, y.Op) })
	for _, e := range edges {
		switch e.Type {
		case job.EdgeFollow:
			b.followers.want(e.Target, e.User)
			b.blocks.want(e.Target, e.User)
		case job.EdgeAnswer:
			b.follows.want(e.User, e.Target)
		case job.EdgeBlock:
			b.blockedBy.want(e.Target, e.User)
			b.follows.want(e.Target, e.User)
			b.followers.want(e.Target, e.User)
		}
	}
	if err := b.load(ctx); err != nil {
		return nil, err
	}
	for _, e := range edges {
		var err error
		switch e.Type {
		case job.EdgeFollow:
			b.applyFollow(e)
		case job.EdgeAnswer:
			err = b.applyAnswer(ctx, e)
		case job.EdgeBlock:
			b.applyBlock(e)
		}
		if err != nil {
			return nil, err
		}
	}
	return b.save(ctx)
}

// applyFollow: the followed user's side decides.
func (b *book) applyFollow(e job.Edge) {
	r := b.followers.row(e.Target, e.User)
	if e.Op <= r.op {
		return
	}
	state, owner := e.State, b.users[e.Target]
	switch {
	case state == tintype.EdgeGone:
	case owner == nil || owner.state != tintype.UserActive || b.blocks.row(e.Target, e.User).state == tintype.EdgeThere:
		state = tintype.EdgeGone
	case r.state == tintype.EdgeThere || !owner.private:
		state = tintype.EdgeThere
	default:
		state = tintype.EdgeRequested
	}
	op := e.Op
	if state != e.State {
		op++
		b.enqueue(job.EdgeAnswer, e.User, e.Target, op, state)
	}
	if owner != nil { // else it is nobody's row: the answer is all there is to do
		b.setFollower(e.Target, e.User, op, state, e.Op)
	}
}

func (b *book) applyAnswer(ctx context.Context, e job.Edge) error {
	r := b.follows.row(e.User, e.Target)
	if e.Op <= r.op || b.users[e.User] == nil {
		return nil
	}
	if r.state == tintype.EdgeRequested && e.State == tintype.EdgeThere {
		at, err := b.tx.NextID(ctx, e.User.Shard()) // it happens now, however long ago I asked
		if err != nil {
			return err
		}
		b.added = append(b.added, activityRow{user: e.User, id: at, kind: tintype.ActivityApproved, actor: e.Target})
	}
	b.changed.add(e.User)
	b.setFollow(e.User, e.Target, e.Op, e.State)
	return nil
}

func (b *book) applyBlock(e job.Edge) {
	if b.users[e.Target] == nil {
		return
	}
	if r := b.blockedBy.row(e.Target, e.User); e.Op > r.op {
		*r = bookRow{op: e.Op, state: e.State, changed: true}
		b.changed.add(e.Target, e.User)
	}
	if e.State != tintype.EdgeThere {
		return
	}
	if r := b.follows.row(e.Target, e.User); e.Op > r.op {
		b.setFollow(e.Target, e.User, e.Op, tintype.EdgeGone)
	}
	if r := b.followers.row(e.Target, e.User); e.Op > r.op {
		b.setFollower(e.Target, e.User, e.Op, tintype.EdgeGone, 0)
	}
}

var (
	stmtRelations = &Stmt{Name: "graph.relations", SQL: `
		SELECT e.value,
			coalesce((SELECT state FROM {s}followers f WHERE f.user_id = e.value AND f.follower_id = $2), 0),
			coalesce((SELECT state FROM {s}blocks b WHERE b.user_id = e.value AND b.target_id = $2), 0),
			(SELECT count(*) FROM {s}close_friends c WHERE c.user_id = e.value AND c.friend_id = $2)
		FROM {each $1}`}
	stmtOwnRelations = &Stmt{Name: "graph.own_relations", SQL: `
		SELECT e.value,
			coalesce((SELECT state FROM {s}blocks b WHERE b.user_id = $2 AND b.target_id = e.value), 0),
			coalesce((SELECT state FROM {s}followers f WHERE f.user_id = $2 AND f.follower_id = e.value), 0)
		FROM {each $1}`}
	stmtHidden = &Stmt{Name: "graph.hidden", SQL: `
		SELECT target_id FROM {s}blocks WHERE user_id = $1 AND state = 2
		UNION SELECT other_id FROM {s}blocked_by WHERE user_id = $1 AND state = 2`}
	stmtTies = &Stmt{Name: "graph.ties", SQL: `
		SELECT coalesce((SELECT state FROM {s}follows WHERE user_id = $1 AND target_id = $2), 0),
			coalesce((SELECT state FROM {s}followers WHERE user_id = $1 AND follower_id = $2), 0),
			coalesce((SELECT state FROM {s}blocks WHERE user_id = $1 AND target_id = $2), 0)`}
	stmtFollowers = &Stmt{Name: "graph.followers", SQL: `
		SELECT follower_id, op FROM {s}followers WHERE user_id = $1 AND state = 2 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	stmtRequests = &Stmt{Name: "graph.requests", SQL: `
		SELECT follower_id, op FROM {s}followers WHERE user_id = $1 AND state = 1 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	stmtFollowing = &Stmt{Name: "graph.following", SQL: `
		SELECT target_id, op FROM {s}follows WHERE user_id = $1 AND state = 2 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	stmtAsking = &Stmt{Name: "graph.asking", SQL: `
		SELECT target_id, op FROM {s}follows WHERE user_id = $1 AND state = 1 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	stmtFollowedBy = &Stmt{Name: "graph.followed_by", SQL: `
		SELECT user_id, target_id FROM {s}follows WHERE user_id {in $1} AND state = 2 ORDER BY op DESC LIMIT $2`}
)

// Relations gives what lies between viewer and each author, aligned. With a
// partial error what could not be read is Unknown.
func (s Graph) Relations(ctx context.Context, viewer tintype.ID, authors []tintype.ID) ([]tintype.Relation, error) {
	at := make(map[tintype.ID]int, len(authors))
	for i, a := range authors {
		at[a] = i
	}
	out := make([]tintype.Relation, len(authors))
	var mu sync.Mutex
	missing := eachHome(ctx, ByHome(s.R, authors), func(ctx context.Context, g HomeIDs) error {
		err := g.Home.Query(ctx, stmtRelations, func(scan Scan) error {
			var author tintype.ID
			var follow, block, friend int
			if err := scan(&author, &follow, &block, &friend); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			r := &out[at[author]]
			r.Follows, r.Requested = follow == tintype.EdgeThere, follow == tintype.EdgeRequested
			r.BlockedBy, r.CloseFriend = block == tintype.EdgeThere, friend != 0
			return nil
		}, g.IDs, viewer)
		if err != nil {
			mu.Lock()
			defer mu.Unlock()
			for _, a := range g.IDs {
				out[at[a]] = tintype.Relation{Unknown: true}
			}
		}
		return err
	})
	if missing != nil && !tintype.IsPartial(missing) {
		return nil, missing
	}
	err := s.R.Home(viewer.Shard()).Query(ctx, stmtOwnRelations, func(scan Scan) error {
		var author tintype.ID
		var block, follow int
		if err := scan(&author, &block, &follow); err != nil {
			return err
		}
		r := &out[at[author]]
		r.Blocks, r.Followed = block == tintype.EdgeThere, follow == tintype.EdgeThere
		return nil
	}, authors, viewer)
	for i, a := range authors { // a repeat has the answer of its last place
		out[i] = out[at[a]]
	}
	if err != nil {
		return nil, err
	}
	return out, missing
}

// Hidden gives, sorted, whom viewer blocks and who blocks viewer.
func (s Graph) Hidden(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error) {
	ids := []tintype.ID{}
	err := s.R.Home(viewer.Shard()).Query(ctx, stmtHidden, scanIDs(&ids), viewer)
	slices.Sort(ids)
	return ids, err
}

// Ties gives what lies between me and other, as my side has it.
func (s Graph) Ties(ctx context.Context, me, other tintype.ID) (tintype.Ties, error) {
	var t tintype.Ties
	var block int
	_, err := s.R.Home(me.Shard()).QueryRow(ctx, stmtTies, []any{&t.Out, &t.In, &block}, me, other)
	t.Blocks = block == tintype.EdgeThere
	return t, err
}

// Followers lists follows of user in a state, newest change first, with the op of each, by which pages are cut.
func (s Graph) Followers(ctx context.Context, user tintype.ID, state int, page tintype.Page) (users, ops []tintype.ID, err error) {
	stmt := stmtFollowers
	if state == tintype.EdgeRequested {
		stmt = stmtRequests
	}
	return s.page(ctx, stmt, user, page)
}

// Following lists user's own follows in the same way.
func (s Graph) Following(ctx context.Context, user tintype.ID, state int, page tintype.Page) (users, ops []tintype.ID, err error) {
	stmt := stmtFollowing
	if state == tintype.EdgeRequested {
		stmt = stmtAsking
	}
	return s.page(ctx, stmt, user, page)
}

func (s Graph) page(ctx context.Context, stmt *Stmt, user tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error) {
	err = s.R.Home(user.Shard()).forPage(ctx, page).Query(ctx, stmt, scanPairs(&users, &ops), user, newest(page), page.Min, page.Count)
	return users, ops, err
}

// FollowedBy gives who of users follows whom, up to limit for each home's part of
// users, newest first.
func (s Graph) FollowedBy(ctx context.Context, users []tintype.ID, limit int) (by, whom []tintype.ID, err error) {
	var mu sync.Mutex
	err = eachHome(ctx, ByHome(s.R, users), func(ctx context.Context, g HomeIDs) error {
		var from, to []tintype.ID
		err := g.Home.Query(ctx, stmtFollowedBy, scanPairs(&from, &to), g.IDs, limit)
		mu.Lock()
		by, whom = append(by, from...), append(whom, to...)
		mu.Unlock()
		return err
	})
	return by, whom, err
}

var (
	stmtSweepFollows   = &Stmt{Name: "graph.sweep_follows", SQL: `DELETE FROM {s}follows WHERE state = 0 AND op < $1`}
	stmtSweepFollowers = &Stmt{Name: "graph.sweep_followers", SQL: `DELETE FROM {s}followers WHERE state = 0 AND op < $1`}
	stmtSweepBlocks    = &Stmt{Name: "graph.sweep_blocks", SQL: `DELETE FROM {s}blocks WHERE state = 0 AND op < $1`}
	stmtSweepBlockedBy = &Stmt{Name: "graph.sweep_blocked_by", SQL: `DELETE FROM {s}blocked_by WHERE state = 0 AND op < $1`}
)

// Sweep forgets edges that were taken back over a week before now.
func (s Graph) Sweep(ctx context.Context, now time.Time) error {
	return sweepTombstones(ctx, s.R, now, stmtSweepFollows, stmtSweepFollowers, stmtSweepBlocks, stmtSweepBlockedBy)
}

func sweepTombstones(ctx context.Context, r Router, now time.Time, stmts ...*Stmt) error {
	old := tintype.FirstIDAt(now.Add(-keepTombstones))
	for _, h := range r.Homes() {
		for _, stmt := range stmts {
			if err := h.Write(ctx, func(tx *Tx) error { _, err := tx.Exec(ctx, stmt, old); return err }); err != nil {
				return err
			}
		}
	}
	return nil
}

func scanIDs(ids *[]tintype.ID) func(Scan) error {
	return func(scan Scan) error {
		var id tintype.ID
		if err := scan(&id); err != nil {
			return err
		}
		*ids = append(*ids, id)
		return nil
	}
}

func scanPairs(a, b *[]tintype.ID) func(Scan) error {
	return func(scan Scan) error {
		var x, y tintype.ID
		if err := scan(&x, &y); err != nil {
			return err
		}
		*a, *b = append(*a, x), append(*b, y)
		return nil
	}
}
