package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Likes keeps likes on both sides: the liker's is written first, in one
// statement; jobs bring many at a time to the posts' sides, which count them.
type Likes struct{ R Router }

var (
	// Both write only where something changes, so a repeat costs nothing, and give what changed.
	stmtLike = &Stmt{Name: "likes.like", SQL: `
		INSERT INTO {s}my_likes (user_id, post_id, op, state) SELECT u, p, {mint o}, 2 FROM {rows $1 u,p,o} WHERE true
		ON CONFLICT (user_id, post_id) DO UPDATE SET op = excluded.op, state = 2 WHERE my_likes.state <> 2 AND my_likes.op < excluded.op
		RETURNING user_id, post_id, op`}
	stmtUnlike = &Stmt{Name: "likes.unlike", SQL: `
		UPDATE {s}my_likes SET op = {mint e.o}, state = 0 FROM {rows $1 u,p,o}
		WHERE my_likes.user_id = e.u AND my_likes.post_id = e.p AND my_likes.state <> 0
		RETURNING my_likes.user_id, my_likes.post_id, my_likes.op`}

	stmtLiked = &Stmt{Name: "likes.liked", SQL: `
		SELECT post_id FROM {s}my_likes WHERE user_id = $1 AND post_id {in $2} AND state = 2`}
	stmtLikedPosts = &Stmt{Name: "likes.liked_posts", SQL: `
		SELECT post_id, op FROM {s}my_likes WHERE user_id = $1 AND state = 2 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	stmtLikers = &Stmt{Name: "likes.likers", SQL: `
		SELECT user_id, op FROM {s}likes WHERE post_id = $1 AND state = 2 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	stmtLikeArrived = &Stmt{Name: "likes.arrived", SQL: `
		SELECT op, state FROM {s}likes WHERE post_id = $1 AND user_id = $2`}

	stmtLikeLock = &Stmt{Name: "likes.lock_posts", SQL: `
		SELECT id, user_id FROM {s}posts WHERE id {in $1} ORDER BY id {lock}`}
	stmtLikeRead = &Stmt{Name: "likes.read", SQL: `
		SELECT l.post_id, l.user_id, l.op, l.state FROM {rows $1 p,u} CROSS JOIN {s}likes l WHERE l.post_id = e.p AND l.user_id = e.u`}
	stmtLikeWrite = &Stmt{Name: "likes.write", SQL: `
		INSERT INTO {s}likes (post_id, user_id, op, state) SELECT p, u, o, s FROM {rows $1 p,u,o,s} WHERE true
		ON CONFLICT (post_id, user_id) DO UPDATE SET op = excluded.op, state = excluded.state`}
	stmtLikeCount = &Stmt{Name: "likes.count", SQL: `
		UPDATE {s}posts SET likes = posts.likes + e.d FROM {rows $1 p,d} WHERE posts.id = e.p`}

	stmtGoneLikes = &Stmt{Name: "likes.gone", SQL: `
		DELETE FROM {s}my_likes WHERE (user_id, post_id) IN (SELECT u, p FROM {rows $1 u,p})`}
	stmtGoneMentions = &Stmt{Name: "likes.gone_mentions", SQL: `
		DELETE FROM {s}activity WHERE (user_id, kind, actor_id, post_id) IN (SELECT u, k, a, p FROM {rows $1 u,k,a,p})`}

	stmtSweepLikes   = &Stmt{Name: "likes.sweep", SQL: `DELETE FROM {s}likes WHERE state = 0 AND op < $1`}
	stmtSweepMyLikes = &Stmt{Name: "likes.sweep_mine", SQL: `DELETE FROM {s}my_likes WHERE state = 0 AND op < $1`}
)

// Like makes user like a post of owner, or no longer. op is the change's; 0 if
// it was so already.
func (s Likes) Like(ctx context.Context, user, post, owner tintype.ID, on bool) (op tintype.ID, err error) {
	d := &likeDeed{ctx: ctx, home: s.R.Home(user.Shard()), user: user, post: post, owner: owner, on: on}
	if t := d.home.DB.together; t != nil {
		return t.do(d)
	}
	err = d.home.Write(ctx, func(tx *Tx) error { return likeOne(ctx, tx, d) })
	return d.op, err
}

// Liked gives those of posts that user likes, in no certain order.
func (s Likes) Liked(ctx context.Context, user tintype.ID, posts []tintype.ID) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(user.Shard()).Query(ctx, stmtLiked, scanIDs(&ids), user, posts)
	return ids, err
}

// LikedPosts lists what user likes, latest liked first, with the op of each, by which pages are cut.
func (s Likes) LikedPosts(ctx context.Context, user tintype.ID, page tintype.Page) (posts, ops []tintype.ID, err error) {
	err = s.R.Home(user.Shard()).Query(ctx, stmtLikedPosts, scanPairs(&posts, &ops), user, newest(page), page.Min, page.Count)
	return posts, ops, err
}

// Likers lists who likes a post, latest first, in the same way.
func (s Likes) Likers(ctx context.Context, post tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error) {
	err = s.R.Home(post.Shard()).forPage(ctx, page).Query(ctx, stmtLikers, scanPairs(&users, &ops), post, newest(page), page.Min, page.Count)
	return users, ops, err
}

// Arrived gives user's like of post as the post's side has it.
func (s Likes) Arrived(ctx context.Context, post, user tintype.ID) (op tintype.ID, state int, err error) {
	_, err = s.R.Home(post.Shard()).QueryRow(ctx, stmtLikeArrived, []any{&op, &state}, post, user)
	return op, state, err
}

// ApplyLikes brings likes to their posts. It gives the posts whose likes
// changed and the users to whom something happened.
func (s Likes) ApplyLikes(ctx context.Context, edges []job.Edge) (posts, noticed []tintype.ID, err error) {
	for _, g := range partition(s.R, edges, func(e job.Edge) tintype.ID { return e.Post }) {
		var changed, told []tintype.ID
		err := g.home.Write(ctx, func(tx *Tx) (err error) {
			changed, told, err = applyLikes(ctx, tx, g.items)
			return err
		})
		if err != nil {
			return posts, noticed, err
		}
		posts, noticed = append(posts, changed...), append(noticed, told...)
	}
	return posts, noticed, nil
}

func applyLikes(ctx context.Context, tx *Tx, edges []job.Edge) (posts, noticed []tintype.ID, err error) {
	newest := map[pair]job.Edge{} // by post and liker
	var ids idSet
	for _, e := range edges {
		p := pair{e.Post, e.User}
		if old, ok := newest[p]; !ok || e.Op > old.Op {
			newest[p] = e
		}
		ids.add(e.Post)
	}
	owners := make(map[tintype.ID]tintype.ID, len(ids.list))
	if err := tx.Query(ctx, stmtLikeLock, func(scan Scan) error {
		var id, owner tintype.ID
		err := scan(&id, &owner)
		owners[id] = owner
		return err
	}, ids.list); err != nil {
		return nil, nil, err
	}
	keys := make(Rows, 0, len(newest))
	for p, e := range newest {
		if owners[p.user] == 0 {
			if e.State == tintype.EdgeThere { // the post is deleted: so is the like
				enqueueGone(tx, e.User, e.Target, e.Post)
			}
			delete(newest, p)
			continue
		}
		keys = append(keys, []int64{int64(p.user), int64(p.other)})
	}
	if len(keys) == 0 {
		return nil, nil, nil
	}
	was := make(map[pair]int, len(keys))
	if err := tx.Query(ctx, stmtLikeRead, func(scan Scan) error {
		var p pair
		var op tintype.ID
		var state int
		if err := scan(&p.user, &p.other, &op, &state); err != nil {
			return err
		}
		was[p] = state
		if newest[p].Op <= op {
			delete(newest, p)
		}
		return nil
	}, keys); err != nil || len(newest) == 0 {
		return nil, nil, err
	}
	write := make(Rows, 0, len(newest))
	counts := map[tintype.ID]int64{}
	var added, removed []activityRow
	for p, e := range newest {
		write = append(write, []int64{int64(p.user), int64(p.other), int64(e.Op), int64(e.State)})
		a := activityRow{user: owners[e.Post], id: e.Op, kind: tintype.ActivityLike, actor: e.User, post: e.Post}
		switch before, now := was[p] == tintype.EdgeThere, e.State == tintype.EdgeThere; {
		case now && !before:
			counts[e.Post]++
			added = append(added, a)
		case before && !now:
			counts[e.Post]--
			removed = append(removed, a)
		case now: // taken back and given again: it counts once, but is at the top of the likers now
			counts[e.Post] += 0
		}
	}
	if _, err := tx.Exec(ctx, stmtLikeWrite, write); err != nil {
		return nil, nil, err
	}
	delta := make(Rows, 0, len(counts))
	for post, d := range counts {
		posts = append(posts, post)
		if d != 0 {
			delta = append(delta, []int64{int64(post), d})
		}
	}
	if len(delta) > 0 {
		if _, err := tx.Exec(ctx, stmtLikeCount, delta); err != nil {
			return nil, nil, err
		}
	}
	if err := removeActivity(ctx, tx, removed...); err != nil {
		return nil, nil, err
	}
	noticed, err = addActivity(ctx, tx, added...)
	return posts, noticed, err
}

// ApplyGone forgets, on users' own sides, their likes of deleted posts and that they were named in them.
func (s Likes) ApplyGone(ctx context.Context, edges []job.Edge) error {
	for _, g := range partition(s.R, edges, func(e job.Edge) tintype.ID { return e.User }) {
		var likes, mentions Rows
		for _, e := range g.items {
			likes = append(likes, []int64{int64(e.User), int64(e.Post)})
			mentions = append(mentions, []int64{int64(e.User), int64(tintype.ActivityMention), int64(e.Target), int64(e.Post)})
		}
		if err := g.home.Write(ctx, func(tx *Tx) error {
			if _, err := tx.Exec(ctx, stmtGoneLikes, likes); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, stmtGoneMentions, mentions)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// ApplyUnnamed forgets, on users' own sides, that they were named where they no longer are.
func (s Likes) ApplyUnnamed(ctx context.Context, edges []job.Edge) error {
	for _, g := range partition(s.R, edges, func(e job.Edge) tintype.ID { return e.User }) {
		gone := make([]activityRow, len(g.items))
		for i, e := range g.items {
			gone[i] = activityRow{user: e.User, kind: tintype.ActivityMention, actor: e.Target, post: e.Post, comment: e.Comment}
		}
		if err := g.home.Write(ctx, func(tx *Tx) error { return removeActivity(ctx, tx, gone...) }); err != nil {
			return err
		}
	}
	return nil
}

// Sweep forgets likes that were taken back over a week before now.
func (s Likes) Sweep(ctx context.Context, now time.Time) error {
	return sweepTombstones(ctx, s.R, now, stmtSweepLikes, stmtSweepMyLikes)
}
