package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Profiles writes users' own rows on their shards.
type Profiles struct {
	R Router
}

var (
	stmtProfileInsert = &Stmt{Name: "profile.insert", SQL: `
		INSERT INTO {s}users (id, username, full_name, bio, website, avatar_key, private, state, media, follows, followers, created, last_seen, activity_seen)
		VALUES ($1, $2, $3, $4, $5, '', $6, $7, 0, 0, 0, $8, $8, 0)
		ON CONFLICT (id) DO NOTHING`}
	stmtProfileGet = &Stmt{Name: "profile.get", SQL: `
		SELECT id, username, full_name, bio, website, avatar_key, private, shows_map, hides_likes, state, media, follows, followers, friend_media, commenters
		FROM {s}users WHERE id = $1`}
	stmtProfileName = &Stmt{Name: "profile.rename", SQL: `
		UPDATE {s}users SET username = $1 WHERE id = $2 AND username = $3`}
	// Takes the row's lock where several transactions run at once, before it is read to be changed.
	stmtProfileLock = &Stmt{Name: "profile.lock", SQL: `
		UPDATE {s}users SET private = private WHERE id = $1`}
	stmtProfileUpdate = &Stmt{Name: "profile.update", SQL: `
		UPDATE {s}users SET full_name = $1, bio = $2, website = $3, private = $4, shows_map = $5, hides_likes = $6 WHERE id = $7`}
	stmtProfileAvatar = &Stmt{Name: "profile.set_avatar", SQL: `
		UPDATE {s}users SET avatar_key = $1 WHERE id = $2`}
	// Who has no name is the mark of somebody whose sign-up came to nothing.
	stmtProfileState = &Stmt{Name: "profile.set_state", SQL: `
		UPDATE {s}users SET state = $1 WHERE id = $2 AND username <> ''`}
)

// MintUser mints the ID of a new user, and so picks their shard.
func (p Profiles) MintUser(ctx context.Context) (tintype.ID, error) { return p.mint(ctx, p.R.Pick()) }

// MintFor mints an ID on a user's shard for something of theirs.
func (p Profiles) MintFor(ctx context.Context, user tintype.ID) (tintype.ID, error) {
	return p.mint(ctx, user.Shard())
}

func (p Profiles) mint(ctx context.Context, s tintype.Shard) (id tintype.ID, err error) {
	err = p.R.Home(s).Write(ctx, func(tx *Tx) error {
		id, err = tx.NextID(ctx, s)
		return err
	})
	return id, err
}

// InsertProfile adds a user's row; Conflict if the ID is used, or was fenced off.
func (p Profiles) InsertProfile(ctx context.Context, u *tintype.User, now time.Time) error {
	return p.write(ctx, u.ID, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtProfileInsert, u.ID, u.Username, u.FullName, u.Bio, u.Website, u.Private, u.State, now)
		if err != nil {
			return err
		}
		if n == 0 {
			return &tintype.Error{Kind: tintype.Conflict, Msg: "signing up took too long; please try again"}
		}
		tx.Enqueue(job.Insert{Kind: job.IndexUserKind, Item: job.User{ID: u.ID}})
		return nil
	})
}

// FenceProfile gives the username of a user's row, or "" if there is none. If
// there is none it leaves the mark of a deleted user, so that none comes late.
func (p Profiles) FenceProfile(ctx context.Context, id tintype.ID, now time.Time) (username string, err error) {
	err = p.write(ctx, id, func(tx *Tx) error {
		u, err := readProfile(ctx, tx, id)
		if err != nil {
			return err
		}
		if u != nil {
			username = u.Username
			return nil
		}
		n, err := tx.Exec(ctx, stmtProfileInsert, id, "", "", "", "", false, tintype.UserDeleted, now)
		if err == nil && n == 0 {
			return &tintype.Error{Kind: tintype.Unavailable, Msg: "the sign-up is being finished at this moment", RetryAfter: 1}
		}
		return err
	})
	return username, err
}

// Profile gives a user's row, nil if there is none.
func (p Profiles) Profile(ctx context.Context, id tintype.ID) (*tintype.User, error) {
	return readProfile(ctx, p.R.Home(id.Shard()), id)
}

func readProfile(ctx context.Context, q Querier, id tintype.ID) (*tintype.User, error) {
	var u tintype.User
	found, err := q.QueryRow(ctx, stmtProfileGet, []any{&u.ID, &u.Username, &u.FullName, &u.Bio, &u.Website, &u.AvatarKey,
		&u.Private, &u.ShowsMap, &u.HidesLikes, &u.State, &u.Counts.Media, &u.Counts.Follows, &u.Counts.FollowedBy, &u.Counts.FriendMedia, &u.Commenters}, id)
	if err != nil || !found {
		return nil, err
	}
	return &u, nil
}

// Rename changes a username from one to another; ok is false if it was not the
// one, or if late says, once the write's turn has come, that the claim it rests
// on may have been settled by others.
func (p Profiles) Rename(ctx context.Context, id tintype.ID, from, to string, late func() bool) (ok bool, err error) {
	err = p.write(ctx, id, func(tx *Tx) error {
		ok = false
		if late() {
			return nil
		}
		n, err := tx.Exec(ctx, stmtProfileName, to, id, from)
		if ok = n == 1; ok {
			tx.Enqueue(job.Insert{Kind: job.IndexUserKind, Item: job.User{ID: id}})
		}
		return err
	})
	return ok, err
}

// UpdateProfile changes parts of a profile and gives the whole. Going public
// approves, by a job, who had asked to follow; going private has caches forget
// what everybody could see.
func (p Profiles) UpdateProfile(ctx context.Context, id tintype.ID, c tintype.ProfileChanges) (u *tintype.User, err error) {
	err = p.change(ctx, id, &u, func(tx *Tx) error {
		before := *u
		set(&u.FullName, c.FullName)
		set(&u.Bio, c.Bio)
		set(&u.Website, c.Website)
		set(&u.Private, c.Private)
		set(&u.ShowsMap, c.ShowsMap)
		set(&u.HidesLikes, c.HidesLikes)
		if *u == before {
			return nil
		}
		if u.FullName != before.FullName {
			tx.Enqueue(job.Insert{Kind: job.IndexUserKind, Item: job.User{ID: id}})
		}
		if before.Private && !u.Private {
			tx.Enqueue(job.Insert{Kind: job.ApproveAllKind, Item: job.User{ID: id}})
		}
		if before.Private != u.Private {
			tx.Enqueue(job.Insert{Kind: job.TagKind, Item: job.Tagging{User: id}})
			tx.Enqueue(job.Insert{Kind: job.SpotKind, Item: job.Spotting{User: id}})
		}
		if !before.Private && u.Private {
			tx.Enqueue(job.Insert{Kind: job.UncacheKind, Item: job.Uncache{User: id}})
		}
		_, err := tx.Exec(ctx, stmtProfileUpdate, u.FullName, u.Bio, u.Website, u.Private, u.ShowsMap, u.HidesLikes, id)
		return err
	})
	return u, err
}

func set[T any](v *T, to *T) {
	if to != nil {
		*v = *to
	}
}

// SetAvatarKey changes the profile picture's key ("" for none) and has the
// former one's files deleted: old gives their names.
func (p Profiles) SetAvatarKey(ctx context.Context, id tintype.ID, key string, old func(key string) []string) (u *tintype.User, err error) {
	err = p.change(ctx, id, &u, func(tx *Tx) error {
		if u.AvatarKey == key {
			return nil
		}
		if u.AvatarKey != "" {
			tx.Enqueue(job.Insert{Kind: job.PurgeKind, Item: job.Purge{Keys: old(u.AvatarKey)}})
		}
		u.AvatarKey = key
		_, err := tx.Exec(ctx, stmtProfileAvatar, key, id)
		return err
	})
	return u, err
}

// SetUserState suspends a user or lets them back in.
func (p Profiles) SetUserState(ctx context.Context, id tintype.ID, state tintype.UserState) error {
	return p.write(ctx, id, func(tx *Tx) error {
		tx.Enqueue(job.Insert{Kind: job.IndexUserKind, Item: job.User{ID: id}})
		tx.Enqueue(job.Insert{Kind: job.TagKind, Item: job.Tagging{User: id}})
		tx.Enqueue(job.Insert{Kind: job.SpotKind, Item: job.Spotting{User: id}})
		if state != tintype.UserActive {
			tx.Enqueue(job.Insert{Kind: job.UncacheKind, Item: job.Uncache{User: id}})
		}
		return exactlyOne(tx.Exec(ctx, stmtProfileState, state, id))
	})
}

func (p Profiles) write(ctx context.Context, id tintype.ID, f func(*Tx) error) error {
	return p.R.Home(id.Shard()).Write(ctx, f)
}

// change reads a user into u and calls f to change it, in one transaction; NotFound if there is none.
func (p Profiles) change(ctx context.Context, id tintype.ID, u **tintype.User, f func(*Tx) error) error {
	return p.write(ctx, id, func(tx *Tx) (err error) {
		if err := exactlyOne(tx.Exec(ctx, stmtProfileLock, id)); err != nil {
			return err
		}
		if *u, err = readProfile(ctx, tx, id); err != nil {
			return err
		}
		if *u == nil || (*u).State == tintype.UserDeleted {
			return errNoAccount
		}
		return f(tx)
	})
}
