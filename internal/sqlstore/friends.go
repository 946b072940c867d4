package sqlstore

import (
	"context"
	"sync"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Friends keeps whom users count among their close friends, on the user's own side alone: the others' sides know nothing of it.
type Friends struct{ R Router }

var (
	stmtFriendPut = &Stmt{Name: "friends.put", SQL: `
		INSERT INTO {s}close_friends (user_id, friend_id, op) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`}
	stmtFriendDrop = &Stmt{Name: "friends.drop", SQL: `DELETE FROM {s}close_friends WHERE user_id = $1 AND friend_id = $2`}
	stmtFriends    = &Stmt{Name: "friends.of", SQL: `
		SELECT friend_id, op FROM {s}close_friends WHERE user_id = $1 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	// Who does not follow has no feed that it could come into.
	stmtFriendsPage = &Stmt{Name: "friends.page", SQL: `
		SELECT c.friend_id FROM {s}close_friends c JOIN {s}followers f ON f.user_id = c.user_id AND f.follower_id = c.friend_id AND f.state = 2
		WHERE c.user_id = $1 AND c.friend_id > $2 ORDER BY c.friend_id LIMIT $3`}
	stmtFriendsAmong = &Stmt{Name: "friends.among", SQL: `SELECT friend_id FROM {s}close_friends WHERE user_id = $1 AND friend_id {in $2}`}
	stmtFriendOf     = &Stmt{Name: "friends.who_count", SQL: `SELECT user_id FROM {s}close_friends WHERE user_id {in $1} AND friend_id = $2`}
)

// SetFriend counts other among me's close friends, or no longer; a job brings me's posts for close friends into other's
// feed, or takes them out. changed is false if it was so.
func (s Friends) SetFriend(ctx context.Context, me, other tintype.ID, on bool) (changed bool, err error) {
	err = s.R.Home(me.Shard()).Write(ctx, func(tx *Tx) error {
		var n int64
		var err error
		if on {
			op, e := tx.NextID(ctx, me.Shard())
			if e != nil {
				return e
			}
			n, err = tx.Exec(ctx, stmtFriendPut, me, other, op)
		} else {
			n, err = tx.Exec(ctx, stmtFriendDrop, me, other)
		}
		if changed = n > 0; changed {
			tx.Enqueue(job.Insert{Kind: job.BackfillKind, Item: job.Backfill{User: other, Author: me, Friends: true}})
		}
		return err
	})
	return changed, err
}

// Friends lists whom user counts among their close friends, the last counted first, with the op of each, by which pages are cut.
func (s Friends) Friends(ctx context.Context, user tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error) {
	err = s.R.Home(user.Shard()).Query(ctx, stmtFriends, scanPairs(&users, &ops), user, newest(page), page.Min, page.Count)
	return users, ops, err
}

// FriendsPage gives up to limit of author's followers with an ID above after whom author counts among their close friends, ascending.
func (s Friends) FriendsPage(ctx context.Context, author, after tintype.ID, limit int) ([]tintype.ID, error) {
	ids := []tintype.ID{}
	err := s.R.Home(author.Shard()).Query(ctx, stmtFriendsPage, scanIDs(&ids), author, after, limit)
	return ids, err
}

// FriendsAmong gives those of users whom author counts among their close friends, in no certain order.
func (s Friends) FriendsAmong(ctx context.Context, author tintype.ID, users []tintype.ID) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(author.Shard()).Query(ctx, stmtFriendsAmong, scanIDs(&ids), author, users)
	return ids, err
}

// FriendOf gives those of authors who count user among their close friends, in no certain order.
func (s Friends) FriendOf(ctx context.Context, user tintype.ID, authors []tintype.ID) ([]tintype.ID, error) {
	var mu sync.Mutex
	var all []tintype.ID
	err := eachHome(ctx, ByHome(s.R, authors), func(ctx context.Context, g HomeIDs) error {
		var ids []tintype.ID
		err := g.Home.Query(ctx, stmtFriendOf, scanIDs(&ids), g.IDs, user)
		mu.Lock()
		all = append(all, ids...)
		mu.Unlock()
		return err
	})
	return all, err
}
