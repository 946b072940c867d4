package sqlstore

import (
	"context"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// Users reads profiles. Accounts writes them.
type Users struct{ R Router }

var stmtUsersGet = &Stmt{Name: "users.get", SQL: `
	SELECT id, username, full_name, bio, website, avatar_key, private, shows_map, hides_likes, state, media, follows, followers, friend_media, commenters
	FROM {s}users WHERE id {in $1}`}

// Users gives those of ids that exist, in no certain order; with a partial
// error those that could be read.
func (s Users) Users(ctx context.Context, ids []tintype.ID) ([]*tintype.User, error) {
	var mu sync.Mutex
	users := make([]*tintype.User, 0, len(ids))
	err := eachHome(ctx, ByHome(s.R, ids), func(ctx context.Context, g HomeIDs) error {
		return g.Home.Query(ctx, stmtUsersGet, func(scan Scan) error {
			u := &tintype.User{}
			if err := scan(&u.ID, &u.Username, &u.FullName, &u.Bio, &u.Website, &u.AvatarKey, &u.Private, &u.ShowsMap, &u.HidesLikes, &u.State,
				&u.Counts.Media, &u.Counts.Follows, &u.Counts.FollowedBy, &u.Counts.FriendMedia, &u.Commenters); err != nil {
				return err
			}
			mu.Lock()
			users = append(users, u)
			mu.Unlock()
			return nil
		}, g.IDs)
	})
	return users, err
}

var stmtUsersNewest = &Stmt{Name: "users.newest", SQL: `SELECT user_id FROM {s}accounts ORDER BY user_id DESC LIMIT $1`}

// Newest gives the n users who signed up last, the latest first.
func (s Users) Newest(ctx context.Context, n int) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Directory().Query(ctx, stmtUsersNewest, scanIDs(&ids), n)
	return ids, err
}
