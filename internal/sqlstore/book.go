package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// book is the part of one home's social graph that a transaction works on: the
// rows are read in one statement per table, changed in memory, and written back
// in one statement per table, for one change as for five hundred. The users
// whose counters may change are locked first, so what was read stays true.
type book struct {
	tx    *Tx
	users map[tintype.ID]*bookUser

	follows   bookTable // user follows other, as user's side has it
	followers bookTable // other follows user, as user's side has it
	blocks    bookTable // user blocks other
	blockedBy bookTable // other blocks user

	added, removed []activityRow
	changed        idSet // users whose profile or relations differ now
}

type bookUser struct {
	private            bool
	state              tintype.UserState
	follows, followers int64 // to be added to the counters
}

type pair struct{ user, other tintype.ID }

type bookRow struct {
	op      tintype.ID
	state   int
	changed bool
}

type bookTable struct {
	read, write *Stmt
	rows        map[pair]*bookRow
}

var (
	stmtBookUsers = &Stmt{Name: "graph.lock_users", SQL: `
		SELECT id, private, state FROM {s}users WHERE id {in $1} ORDER BY id {lock}`}
	stmtBookCount = &Stmt{Name: "graph.count", SQL: `
		UPDATE {s}users SET follows = users.follows + e.a, followers = users.followers + e.b
		FROM {rows $1 u,a,b} WHERE users.id = e.u`}

	stmtReadFollows = &Stmt{Name: "graph.read_follows", SQL: `
		SELECT t.user_id, t.target_id, t.op, t.state FROM {rows $1 u,o} CROSS JOIN {s}follows t WHERE t.user_id = e.u AND t.target_id = e.o`}
	stmtWriteFollows = &Stmt{Name: "graph.write_follows", SQL: `
		INSERT INTO {s}follows (user_id, target_id, op, state) SELECT u, o, p, s FROM {rows $1 u,o,p,s} WHERE true
		ON CONFLICT (user_id, target_id) DO UPDATE SET op = excluded.op, state = excluded.state`}
	stmtReadFollowers = &Stmt{Name: "graph.read_followers", SQL: `
		SELECT t.user_id, t.follower_id, t.op, t.state FROM {rows $1 u,o} CROSS JOIN {s}followers t WHERE t.user_id = e.u AND t.follower_id = e.o`}
	stmtWriteFollowers = &Stmt{Name: "graph.write_followers", SQL: `
		INSERT INTO {s}followers (user_id, follower_id, op, state) SELECT u, o, p, s FROM {rows $1 u,o,p,s} WHERE true
		ON CONFLICT (user_id, follower_id) DO UPDATE SET op = excluded.op, state = excluded.state`}
	stmtReadBlocks = &Stmt{Name: "graph.read_blocks", SQL: `
		SELECT t.user_id, t.target_id, t.op, t.state FROM {rows $1 u,o} CROSS JOIN {s}blocks t WHERE t.user_id = e.u AND t.target_id = e.o`}
	stmtWriteBlocks = &Stmt{Name: "graph.write_blocks", SQL: `
		INSERT INTO {s}blocks (user_id, target_id, op, state) SELECT u, o, p, s FROM {rows $1 u,o,p,s} WHERE true
		ON CONFLICT (user_id, target_id) DO UPDATE SET op = excluded.op, state = excluded.state`}
	stmtReadBlockedBy = &Stmt{Name: "graph.read_blocked_by", SQL: `
		SELECT t.user_id, t.other_id, t.op, t.state FROM {rows $1 u,o} CROSS JOIN {s}blocked_by t WHERE t.user_id = e.u AND t.other_id = e.o`}
	stmtWriteBlockedBy = &Stmt{Name: "graph.write_blocked_by", SQL: `
		INSERT INTO {s}blocked_by (user_id, other_id, op, state) SELECT u, o, p, s FROM {rows $1 u,o,p,s} WHERE true
		ON CONFLICT (user_id, other_id) DO UPDATE SET op = excluded.op, state = excluded.state`}
)

// openBook locks users and reads nothing else yet: want the rows, then load.
func openBook(tx *Tx) *book {
	return &book{
		tx:        tx,
		users:     map[tintype.ID]*bookUser{},
		follows:   bookTable{stmtReadFollows, stmtWriteFollows, map[pair]*bookRow{}},
		followers: bookTable{stmtReadFollowers, stmtWriteFollowers, map[pair]*bookRow{}},
		blocks:    bookTable{stmtReadBlocks, stmtWriteBlocks, map[pair]*bookRow{}},
		blockedBy: bookTable{stmtReadBlockedBy, stmtWriteBlockedBy, map[pair]*bookRow{}},
	}
}

func (t *bookTable) want(user, other tintype.ID) {
	p := pair{user, other}
	if t.rows[p] == nil {
		t.rows[p] = &bookRow{}
	}
}

// row is a row that was wanted before load; the zero row if it did not exist.
func (t *bookTable) row(user, other tintype.ID) *bookRow { return t.rows[pair{user, other}] }

func (t *bookTable) load(ctx context.Context, tx *Tx) error {
	if len(t.rows) == 0 {
		return nil
	}
	list := make(Rows, 0, len(t.rows))
	for p := range t.rows {
		list = append(list, []int64{int64(p.user), int64(p.other)})
	}
	return tx.Query(ctx, t.read, func(scan Scan) error {
		var p pair
		var op tintype.ID
		var state int
		if err := scan(&p.user, &p.other, &op, &state); err != nil {
			return err
		}
		*t.rows[p] = bookRow{op: op, state: state}
		return nil
	}, list)
}

func (t *bookTable) save(ctx context.Context, tx *Tx) error {
	var list Rows
	for p, r := range t.rows {
		if r.changed {
			list = append(list, []int64{int64(p.user), int64(p.other), int64(r.op), int64(r.state)})
		}
	}
	if len(list) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, t.write, list)
	return err
}

// load locks the users that own wanted rows and reads the rows.
func (b *book) load(ctx context.Context) error {
	var ids idSet
	for _, t := range []*bookTable{&b.follows, &b.followers, &b.blocks, &b.blockedBy} {
		for p := range t.rows {
			ids.add(p.user)
		}
	}
	if err := b.tx.Query(ctx, stmtBookUsers, func(scan Scan) error {
		var id tintype.ID
		u := &bookUser{}
		if err := scan(&id, &u.private, &u.state); err != nil {
			return err
		}
		b.users[id] = u
		return nil
	}, ids.list); err != nil {
		return err
	}
	for _, t := range []*bookTable{&b.follows, &b.followers, &b.blocks, &b.blockedBy} {
		if err := t.load(ctx, b.tx); err != nil {
			return err
		}
	}
	return nil
}

// save writes what changed. It gives the users to whom something happened.
func (b *book) save(ctx context.Context) (noticed []tintype.ID, err error) {
	for _, t := range []*bookTable{&b.follows, &b.followers, &b.blocks, &b.blockedBy} {
		if err := t.save(ctx, b.tx); err != nil {
			return nil, err
		}
	}
	var counts Rows
	for id, u := range b.users {
		if u.follows != 0 || u.followers != 0 {
			counts = append(counts, []int64{int64(id), u.follows, u.followers})
		}
	}
	if len(counts) > 0 {
		if _, err := b.tx.Exec(ctx, stmtBookCount, counts); err != nil {
			return nil, err
		}
	}
	if err := removeActivity(ctx, b.tx, b.removed...); err != nil {
		return nil, err
	}
	return addActivity(ctx, b.tx, b.added...)
}

// op mints the op of what user does, later than what is in rows: at least a
// millisecond later, which leaves room for the answers to the op before (see
// Graph), and settles what two databases' clocks disagree on.
func (b *book) op(ctx context.Context, user tintype.ID, rows ...*bookRow) (tintype.ID, error) {
	id, err := b.tx.NextID(ctx, user.Shard())
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if r.op.UnixMillis() >= id.UnixMillis() {
			id = tintype.MakeID(r.op.UnixMillis()+1, user.Shard(), 0)
		}
	}
	return id, nil
}

// setFollow changes user's follow of target on user's side.
func (b *book) setFollow(user, target, op tintype.ID, state int) {
	r := b.follows.row(user, target)
	was := r.state
	*r = bookRow{op: op, state: state, changed: true}
	if (was == tintype.EdgeThere) == (state == tintype.EdgeThere) {
		return
	}
	d := int64(1)
	if was == tintype.EdgeThere {
		d = -1
	}
	if u := b.users[user]; u != nil {
		u.follows += d
	}
	b.changed.add(user)
	b.tx.Enqueue(job.Insert{Kind: job.BackfillKind, Item: job.Backfill{User: user, Author: target, Remove: d < 0}})
}

// setFollower changes follower's follow of user on user's side, and tells user
// by an activity with ID at.
func (b *book) setFollower(user, follower, op tintype.ID, state int, at tintype.ID) {
	r := b.followers.row(user, follower)
	was := r.state
	*r = bookRow{op: op, state: state, changed: true}
	if was == state {
		return
	}
	if u := b.users[user]; u != nil {
		if was == tintype.EdgeThere {
			u.followers--
		}
		if state == tintype.EdgeThere {
			u.followers++
		}
	}
	b.changed.add(user, follower)
	kinds := [...]tintype.ActivityKind{tintype.EdgeRequested: tintype.ActivityRequest, tintype.EdgeThere: tintype.ActivityFollow}
	if was != tintype.EdgeGone {
		a := activityRow{user: user, kind: kinds[was], actor: follower}
		b.removed = append(b.removed, a)
		b.added = dropActivity(b.added, a)
	}
	if state != tintype.EdgeGone {
		b.added = append(b.added, activityRow{user: user, id: at, kind: kinds[state], actor: follower})
	}
}

// dropActivity takes back what the same transaction added before.
func dropActivity(rows []activityRow, a activityRow) []activityRow {
	kept := rows[:0]
	for _, r := range rows {
		if r.user != a.user || r.kind != a.kind || r.actor != a.actor || r.post != a.post || r.comment != a.comment {
			kept = append(kept, r)
		}
	}
	return kept
}

func (b *book) enqueue(typ job.EdgeType, user, target, op tintype.ID, state int) {
	b.tx.Enqueue(job.Insert{Kind: job.EdgeKind, Item: job.Edge{Type: typ, User: user, Target: target, Op: op, State: state}})
}

// keepTombstones is how long a taken back edge is remembered: longer than any job is tried.
const keepTombstones = 7 * 24 * time.Hour
