package sqlstore

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// Feeds reads edges and posts in bulk for the home feeds, and keeps the list of
// the very followed and when users were last seen.
type Feeds struct{ R Router }

var (
	stmtFeedFollowers = &Stmt{Name: "feed.followers_page", SQL: `
		SELECT follower_id FROM {s}followers WHERE user_id = $1 AND follower_id > $2 AND state = 2 ORDER BY follower_id LIMIT $3`}
	stmtFeedFollowersAmong = &Stmt{Name: "feed.followers_among", SQL: `
		SELECT follower_id FROM {s}followers WHERE user_id = $1 AND follower_id {in $2} AND state = 2`}
	stmtFeedFollowees = &Stmt{Name: "feed.followees_page", SQL: `
		SELECT target_id FROM {s}follows WHERE user_id = $1 AND target_id > $2 AND state = 2 ORDER BY target_id LIMIT $3`}
	stmtFeedFolloweesAmong = &Stmt{Name: "feed.followees_among", SQL: `
		SELECT target_id FROM {s}follows WHERE user_id = $1 AND target_id {in $2} AND state = 2 ORDER BY target_id`}
	// Of each author no more than the newest few are touched, however many there are.
	stmtFeedNewest = &Stmt{Name: "feed.newest_posts", SQL: `
		SELECT p.id FROM {each $1} CROSS JOIN {s}posts p
		WHERE p.user_id = e.value AND p.id > $2 AND p.id < $3 AND p.archived = 0 AND p.id >= coalesce(
			(SELECT q.id FROM {s}posts q WHERE q.user_id = e.value AND q.id < $3 AND q.archived = 0 AND (q.audience = 0 OR ` + countsAmong + `)
				ORDER BY q.id DESC LIMIT 1 OFFSET $4), 0)
			AND (p.audience = 0 OR ` + countsAmong + `)
		ORDER BY p.id DESC LIMIT $5`}
	stmtFeedReach = &Stmt{Name: "feed.reach", SQL: `SELECT audience, archived, taken_down FROM {s}posts WHERE id = $1`}
	stmtFeedCount = &Stmt{Name: "feed.follower_count", SQL: `SELECT followers FROM {s}users WHERE id = $1`}

	stmtPulledAll = &Stmt{Name: "pulled.all", SQL: `SELECT user_id FROM {s}pulled ORDER BY user_id`}
	stmtPulledAdd = &Stmt{Name: "pulled.add", SQL: `INSERT INTO {s}pulled (user_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING`}
	stmtPulledDel = &Stmt{Name: "pulled.remove", SQL: `DELETE FROM {s}pulled WHERE user_id = $1`}

	stmtTouch = &Stmt{Name: "users.touch", SQL: `UPDATE {s}users SET last_seen = $2 WHERE id {in $1} AND last_seen < $2`}
	stmtAway  = &Stmt{Name: "users.away", SQL: `
		SELECT s.owner_id FROM {s}timeline_state s CROSS JOIN {s}users u
		WHERE s.kind = $1 AND u.id = s.owner_id AND u.last_seen < $2 LIMIT $3`}
)

// countsAmong is that the author e.value is the reader $6, or counts them among their close friends.
const countsAmong = `e.value = $6 OR EXISTS (SELECT 1 FROM {s}close_friends c WHERE c.user_id = e.value AND c.friend_id = $6)`

// FollowersPage gives up to limit followers of author with an ID above after, ascending.
func (f Feeds) FollowersPage(ctx context.Context, author, after tintype.ID, limit int) ([]tintype.ID, error) {
	ids := make([]tintype.ID, 0, min(limit, 256))
	err := f.R.Home(author.Shard()).Query(ctx, stmtFeedFollowers, scanIDs(&ids), author, after, limit)
	return ids, err
}

// FollowersAmong gives those of users who follow author, in no certain order.
func (f Feeds) FollowersAmong(ctx context.Context, author tintype.ID, users []tintype.ID) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := f.R.Home(author.Shard()).Query(ctx, stmtFeedFollowersAmong, scanIDs(&ids), author, users)
	return ids, err
}

// FolloweesPage gives up to limit users whom user follows, with an ID above after, ascending.
func (f Feeds) FolloweesPage(ctx context.Context, user, after tintype.ID, limit int) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := f.R.Home(user.Shard()).Query(ctx, stmtFeedFollowees, scanIDs(&ids), user, after, limit)
	return ids, err
}

// FolloweesAmong gives those of users whom user follows, ascending.
func (f Feeds) FolloweesAmong(ctx context.Context, user tintype.ID, users []tintype.ID) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := f.R.Home(user.Shard()).Query(ctx, stmtFeedFolloweesAmong, scanIDs(&ids), user, users)
	return ids, err
}

// NewestPosts gives the newest posts of authors that are for all who may see the author or, as far as the author counts reader
// among their close friends, for those, newest first: of each no more
// than the newest each below max, limit in all, and all between min and max
// (exclusive; 0 for no bound).
func (f Feeds) NewestPosts(ctx context.Context, reader tintype.ID, authors []tintype.ID, min, max tintype.ID, each, limit int) ([]tintype.ID, error) {
	return f.newestPosts(ctx, func(h Home) Querier { return h }, reader, authors, min, max, each, limit)
}

// OldPosts is NewestPosts for reader, as replicas have it: see Home.Old.
func (f Feeds) OldPosts(ctx context.Context, reader tintype.ID, authors []tintype.ID, each, limit int) ([]tintype.ID, error) {
	return f.newestPosts(ctx, func(h Home) Querier { return h.Old(ctx, reader) }, reader, authors, 0, 0, each, limit)
}

func (f Feeds) newestPosts(ctx context.Context, from func(Home) Querier, reader tintype.ID, authors []tintype.ID, min, max tintype.ID, each, limit int) ([]tintype.ID, error) {
	if each < 1 || limit < 1 {
		return nil, nil
	}
	max = newest(tintype.Page{Max: max})
	var mu sync.Mutex
	var all []tintype.ID
	err := eachHome(ctx, ByHome(f.R, authors), func(ctx context.Context, g HomeIDs) error {
		q := from(g.Home)
		for part := range slices.Chunk(g.IDs, 200) {
			mu.Lock()
			floor := min // what is not among the newest of those seen so far need not be read
			mu.Unlock()
			var ids []tintype.ID
			if err := q.Query(ctx, stmtFeedNewest, scanIDs(&ids), part, floor, max, each-1, limit, reader); err != nil {
				return err
			}
			mu.Lock()
			if all = mergeNewest(all, ids, limit); len(all) == limit {
				min = all[limit-1]
			}
			mu.Unlock()
		}
		return nil
	})
	return all, err
}

// mergeNewest merges two descending lists without repeats into the first limit of both.
func mergeNewest(a, b []tintype.ID, limit int) []tintype.ID {
	if len(a) == 0 {
		return b[:min(len(b), limit)]
	}
	out := make([]tintype.ID, 0, min(len(a)+len(b), limit))
	for len(out) < limit && len(a)+len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] > b[0]:
			out, a = append(out, a[0]), a[1:]
		case len(a) > 0 && a[0] == b[0]:
			a = a[1:]
		default:
			out, b = append(out, b[0]), b[1:]
		}
	}
	return out
}

// Reach tells how far a post goes.
func (f Feeds) Reach(ctx context.Context, post tintype.ID) (tintype.Reach, error) {
	var audience tintype.Audience
	var archived int64
	var down bool
	found, err := f.R.Home(post.Shard()).QueryRow(ctx, stmtFeedReach, []any{&audience, &archived, &down}, post)
	if err != nil || !found {
		return tintype.ReachNobody, err
	}
	return reachOf(audience, archived, down), nil
}

// FollowerCount is the number of followers on user's profile, 0 if there is no such user.
func (f Feeds) FollowerCount(ctx context.Context, user tintype.ID) (n int64, err error) {
	_, err = f.R.Home(user.Shard()).QueryRow(ctx, stmtFeedCount, []any{&n}, user)
	return n, err
}

// Pulled gives all users who are so much followed that their posts are pulled, ascending.
func (f Feeds) Pulled(ctx context.Context) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := f.R.Directory().Query(ctx, stmtPulledAll, scanIDs(&ids))
	return ids, err
}

// SetPulled puts user on that list or takes them off.
func (f Feeds) SetPulled(ctx context.Context, user tintype.ID, pulled bool, now time.Time) error {
	return f.R.Directory().Write(ctx, func(tx *Tx) error {
		if pulled {
			_, err := tx.Exec(ctx, stmtPulledAdd, user, now)
			return err
		}
		_, err := tx.Exec(ctx, stmtPulledDel, user)
		return err
	})
}

// Touch notes that users were seen now; it never goes back.
func (f Feeds) Touch(ctx context.Context, users []tintype.ID, now time.Time) error {
	return eachHome(ctx, ByHome(f.R, users), func(ctx context.Context, g HomeIDs) error {
		return g.Home.Write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(ctx, stmtTouch, g.IDs, now)
			return err
		})
	})
}

// Away gives users who have a home timeline and were last seen before then, up
// to limit of each home; more tells whether a home has more.
func (f Feeds) Away(ctx context.Context, before time.Time, limit int) (users []tintype.ID, more bool, err error) {
	for _, h := range f.R.Homes() {
		n := len(users)
		if err := h.Query(ctx, stmtAway, scanIDs(&users), timeline.Home, before, limit); err != nil {
			return nil, false, err
		}
		more = more || len(users)-n == limit
	}
	return users, more, nil
}

// Put enqueues jobs in the database that holds owner's rows.
func (f Feeds) Put(ctx context.Context, owner tintype.ID, jobs ...job.Insert) error {
	return f.R.Home(owner.Shard()).Write(ctx, func(tx *Tx) error {
		for _, j := range jobs {
			tx.Enqueue(j)
		}
		return nil
	})
}
