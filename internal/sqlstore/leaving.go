package sqlstore

import (
	"context"
	"strconv"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Leaving keeps who asked to be deleted, and deletes them: the user's own rows by
// the user's ID, and rows of others that name the user by looking through every
// home, a batch at a time, on the read pool; only what is found is written.
type Leaving struct {
	R     Router
	Clock tintype.Clock
}

var (
	stmtLeave    = &Stmt{Name: "leaving.ask", SQL: `INSERT INTO {s}leaving (user_id, asked, due, step, suspended) VALUES ($1, $2, $3, 0, $4) ON CONFLICT (user_id) DO UPDATE SET due = excluded.due WHERE leaving.step = 0`}
	stmtLeaveGet = &Stmt{Name: "leaving.get", SQL: `SELECT user_id, asked, due, step FROM {s}leaving WHERE user_id = $1`}
	stmtLeaveDue = &Stmt{Name: "leaving.due", SQL: `
		SELECT l.user_id FROM {s}leaving l WHERE l.step = 0 AND l.due <= $1 ORDER BY l.due LIMIT $2`}
	stmtLeaveFresh   = &Stmt{Name: "leaving.fresh", SQL: `SELECT user_id FROM {s}leaving WHERE step = 0 AND asked > $1 ORDER BY user_id LIMIT $2`}
	stmtLeaveStep    = &Stmt{Name: "leaving.step", SQL: `UPDATE {s}leaving SET step = $1 WHERE user_id = $2 AND step = $3`}
	stmtLeaveBack    = &Stmt{Name: "leaving.back", SQL: `DELETE FROM {s}leaving WHERE user_id = $1 AND step = 0 RETURNING suspended`}
	stmtLeaveSuspend = &Stmt{Name: "leaving.suspend", SQL: `UPDATE {s}leaving SET suspended = $1 WHERE user_id = $2 AND step = 0`}
	stmtLeaveEnd     = &Stmt{Name: "leaving.end", SQL: `DELETE FROM {s}leaving WHERE user_id = $1`}
	stmtLeaveAccount = &Stmt{Name: "leaving.account", SQL: `UPDATE {s}accounts SET state = $1 WHERE user_id = $2 AND state IN (1, 2, 4)`}

	stmtKeepNames  = &Stmt{Name: "leaving.keep_names", SQL: `UPDATE {s}names SET user_id = 0, state = 1, claimed = $1 WHERE user_id = $2`}
	stmtSweepNames = &Stmt{Name: "leaving.sweep_names", SQL: `DELETE FROM {s}names WHERE user_id = 0 AND claimed < $1`}
)

// keepNames is for how long nobody else gets the name of a deleted user.
const keepNames = 90 * 24 * time.Hour

// Leave shuts a user out, to be deleted at due; who asks again changes when. It is noted whether they were suspended. What it gives has ended.
func (s Leaving) Leave(ctx context.Context, user tintype.ID, due time.Time) (ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		was, err := holdAccount(ctx, tx, user)
		if err != nil {
			return err
		}
		if err := exactlyOne(tx.Exec(ctx, stmtLeaveAccount, tintype.AccountLeaving, user)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, stmtLeave, user, s.Clock(), due, flag(was == tintype.AccountSuspended)); err != nil {
			return err
		}
		ended, err = endAll(ctx, tx, user, "", anyApp)
		return err
	})
	return ended, err
}

// Return takes back that a user leaves; ok is false if it is too late, or they do not. Who was suspended when they asked to
// leave, or has been since, is so again.
func (s Leaving) Return(ctx context.Context, user tintype.ID) (ok bool, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		if _, err := holdAccount(ctx, tx, user); err != nil {
			return err
		}
		var suspended bool
		if ok, err = tx.QueryRow(ctx, stmtLeaveBack, []any{&suspended}, user); err != nil || !ok {
			return err
		}
		state := tintype.AccountActive
		if suspended {
			state = tintype.AccountSuspended
		}
		return exactlyOne(tx.Exec(ctx, stmtLeaveAccount, state, user))
	})
	return ok, err
}

// Leaver tells how far the leaving of a user is; nil if they do not leave.
func (s Leaving) Leaver(ctx context.Context, user tintype.ID) (*tintype.Leaving, error) {
	var l tintype.Leaving
	var asked, due int64
	found, err := s.R.Directory().QueryRow(ctx, stmtLeaveGet, []any{&l.UserID, &asked, &due, &l.Step}, user)
	if err != nil || !found {
		return nil, err
	}
	l.Asked, l.Due = FromMicros(asked), FromMicros(due)
	return &l, nil
}

// Due begins the deletion of up to n users whose time is over, and forgets that
// of users who were let back in meanwhile. fresh are up to n who asked in the last hour.
func (s Leaving) Due(ctx context.Context, now time.Time, n int) (fresh []tintype.ID, err error) {
	h := s.R.Directory()
	if _, err := h.exec(ctx, stmtSweepNames, now.Add(-keepNames)); err != nil {
		return nil, err
	}
	var due []tintype.ID
	if err := h.Query(ctx, stmtLeaveDue, scanIDs(&due), now, n); err != nil {
		return nil, err
	}
	for _, u := range due {
		if err := h.Write(ctx, func(tx *Tx) error {
			state, err := holdAccount(ctx, tx, u)
			if err != nil {
				return err
			}
			if state != tintype.AccountLeaving {
				var suspended bool
				_, err := tx.QueryRow(ctx, stmtLeaveBack, []any{&suspended}, u)
				return err
			}
			return s.advance(ctx, tx, u, 0, 1, time.Time{})
		}); err != nil {
			return nil, err
		}
	}
	err = h.Query(ctx, stmtLeaveFresh, scanIDs(&fresh), now.Add(-time.Hour), n)
	return fresh, err
}

// Advance says that a step of a deletion is done, and puts the next one off, not to begin before an instant. A step that was done before changes nothing.
func (s Leaving) Advance(ctx context.Context, user tintype.ID, from, to int, notBefore time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error { return s.advance(ctx, tx, user, from, to, notBefore) })
}

func (s Leaving) advance(ctx context.Context, tx *Tx, user tintype.ID, from, to int, notBefore time.Time) error {
	n, err := tx.Exec(ctx, stmtLeaveStep, to, user, from)
	if err == nil && n == 1 {
		tx.Enqueue(job.Insert{Kind: job.LeaveKind, Item: job.Step{User: user, Step: to}, NotBefore: notBefore})
	}
	return err
}

// exec runs one statement that writes.
func (h Home) exec(ctx context.Context, s *Stmt, args ...any) (n int64, err error) {
	err = h.Write(ctx, func(tx *Tx) error {
		n, err = tx.Exec(ctx, s, args...)
		return err
	})
	return n, err
}

var (
	// Of the user's home: the rows that are the user's.
	stmtsOwnTables = []*Stmt{
		{Name: "leaving.own_my_likes_user_id", SQL: `DELETE FROM {s}my_likes WHERE user_id = $1`},
		{Name: "leaving.own_my_comments_user_id", SQL: `DELETE FROM {s}my_comments WHERE user_id = $1`},
		{Name: "leaving.own_follows_user_id", SQL: `DELETE FROM {s}follows WHERE user_id = $1`},
		{Name: "leaving.own_followers_user_id", SQL: `DELETE FROM {s}followers WHERE user_id = $1`},
		{Name: "leaving.own_blocks_user_id", SQL: `DELETE FROM {s}blocks WHERE user_id = $1`},
		{Name: "leaving.own_blocked_by_user_id", SQL: `DELETE FROM {s}blocked_by WHERE user_id = $1`},
		{Name: "leaving.own_activity_user_id", SQL: `DELETE FROM {s}activity WHERE user_id = $1`},
		{Name: "leaving.own_timeline_owner_id", SQL: `DELETE FROM {s}timeline WHERE owner_id = $1`},
		{Name: "leaving.own_timeline_state_owner_id", SQL: `DELETE FROM {s}timeline_state WHERE owner_id = $1`},
		{Name: "leaving.own_idempotency_user_id", SQL: `DELETE FROM {s}idempotency WHERE user_id = $1`},
		{Name: "leaving.own_my_tags_user_id", SQL: `DELETE FROM {s}my_tags WHERE user_id = $1`},
		{Name: "leaving.own_dismissals_user_id", SQL: `DELETE FROM {s}dismissals WHERE user_id = $1`},
		{Name: "leaving.own_tagged_posts_user_id", SQL: `DELETE FROM {s}tagged_posts WHERE user_id = $1`},
		{Name: "leaving.own_choices_user_id", SQL: `DELETE FROM {s}choices WHERE user_id = $1`},
		{Name: "leaving.own_import_items_user_id", SQL: `DELETE FROM {s}import_items WHERE user_id = $1`},
		{Name: "leaving.own_imported_user_id", SQL: `DELETE FROM {s}imported WHERE user_id = $1`},
		{Name: "leaving.own_mutes_user_id", SQL: `DELETE FROM {s}mutes WHERE user_id = $1`},
		{Name: "leaving.own_restricts_user_id", SQL: `DELETE FROM {s}restricts WHERE user_id = $1`},
		{Name: "leaving.own_hidden_words_user_id", SQL: `DELETE FROM {s}hidden_words WHERE user_id = $1`},
		{Name: "leaving.own_held_comments_user_id", SQL: `DELETE FROM {s}held_comments WHERE user_id = $1`},
		{Name: "leaving.own_close_friends_user_id", SQL: `DELETE FROM {s}close_friends WHERE user_id = $1`},
		{Name: "leaving.own_saved_user_id", SQL: `DELETE FROM {s}saved WHERE user_id = $1`},
		{Name: "leaving.own_collection_posts_user_id", SQL: `DELETE FROM {s}collection_posts WHERE user_id = $1`},
		{Name: "leaving.own_collections_user_id", SQL: `DELETE FROM {s}collections WHERE user_id = $1`},
		{Name: "leaving.own_secret_links_user_id", SQL: `DELETE FROM {s}secret_links WHERE user_id = $1`},
		{Name: "leaving.own_albums_user_id", SQL: `DELETE FROM {s}albums WHERE user_id = $1`},
		{Name: "leaving.own_storage_use_user_id", SQL: `DELETE FROM {s}storage_use WHERE user_id = $1`},
		{Name: "leaving.own_users_id", SQL: `DELETE FROM {s}users WHERE id = $1`},
	}

	// Of the directory: the same.
	stmtsOwnEntries = []*Stmt{
		{Name: "leaving.entries_credentials_user_id", SQL: `DELETE FROM {s}credentials WHERE user_id = $1`},
		{Name: "leaving.entries_grants_user_id", SQL: `DELETE FROM {s}grants WHERE user_id = $1`},
		{Name: "leaving.entries_second_factors_user_id", SQL: `DELETE FROM {s}second_factors WHERE user_id = $1`},
		{Name: "leaving.entries_recovery_codes_user_id", SQL: `DELETE FROM {s}recovery_codes WHERE user_id = $1`},
		{Name: "leaving.entries_mail_links_user_id", SQL: `DELETE FROM {s}mail_links WHERE user_id = $1`},
		{Name: "leaving.entries_devices_user_id", SQL: `DELETE FROM {s}devices WHERE user_id = $1`},
		{Name: "leaving.entries_passkeys_user_id", SQL: `DELETE FROM {s}passkeys WHERE user_id = $1`},
		{Name: "leaving.entries_challenges_user_id", SQL: `DELETE FROM {s}challenges WHERE user_id = $1`},
		{Name: "leaving.entries_identities_user_id", SQL: `DELETE FROM {s}identities WHERE user_id = $1`},
		{Name: "leaving.entries_pulled_user_id", SQL: `DELETE FROM {s}pulled WHERE user_id = $1`},
		{Name: "leaving.entries_people_user_id", SQL: `DELETE FROM {s}people WHERE user_id = $1`},
		{Name: "leaving.entries_popular_user_id", SQL: `DELETE FROM {s}popular WHERE user_id = $1`},
		{Name: "leaving.entries_accounts_user_id", SQL: `DELETE FROM {s}accounts WHERE user_id = $1`},
	}

	// Columns of the directory that say who did something; nobody, from then on.
	stmtsForget = []*Stmt{
		{Name: "leaving.forget_invites_created_by", SQL: `UPDATE {s}invites SET created_by = 0 WHERE created_by = $1`},
		{Name: "leaving.forget_invites_used_by", SQL: `UPDATE {s}invites SET used_by = 0 WHERE used_by = $1`},
		{Name: "leaving.forget_settings_changed_by", SQL: `UPDATE {s}settings SET changed_by = 0 WHERE changed_by = $1`},
		{Name: "leaving.forget_setting_changes_changed_by", SQL: `UPDATE {s}setting_changes SET changed_by = 0 WHERE changed_by = $1`},
	}

	// Of what moderators keep: what the user said, or wrote to them. That of a case that is still open goes with its closing.
	stmtsForgetWords = []*Stmt{
		{Name: "leaving.forget_cases_text", SQL: `UPDATE {s}cases SET text = '' WHERE user_id = $1 AND state <> 1 AND text <> ''`},
		{Name: "leaving.forget_reports_words", SQL: `UPDATE {s}reports SET words = '' WHERE reporter_id = $1 AND state <> 1 AND words <> ''`},
		{Name: "leaving.forget_decisions_text", SQL: `
			UPDATE {s}decisions SET text = '', appeal_words = '', appeal = CASE WHEN appeal = 1 THEN 0 ELSE appeal END WHERE user_id = $1`},
	}

	stmtLeaveFirst    = &Stmt{Name: "leaving.first", SQL: `UPDATE {s}settings SET value = '0' WHERE name = $1 AND value = $2`}
	stmtOwnUploads    = &Stmt{Name: "leaving.uploads", SQL: `DELETE FROM {s}uploads WHERE user_id = $1 RETURNING blob_key, media_key, post_id`}
	stmtOwnAvatar     = &Stmt{Name: "leaving.avatar", SQL: `SELECT avatar_key FROM {s}users WHERE id = $1`}
	stmtOwnExports    = &Stmt{Name: "leaving.exports", SQL: `DELETE FROM {s}exports WHERE user_id = $1 RETURNING key, parts`}
	stmtOwnImports    = &Stmt{Name: "leaving.imports", SQL: `DELETE FROM {s}imports WHERE user_id = $1 RETURNING key, parts`}
	stmtOwnAlbumPosts = &Stmt{Name: "leaving.album_posts", SQL: `DELETE FROM {s}album_posts WHERE album_id IN (SELECT id FROM {s}albums WHERE user_id = $1)`}
	stmtOwnAppsListed = &Stmt{Name: "leaving.apps", SQL: `SELECT id FROM {s}apps WHERE owner_id = $1 ORDER BY id`}
)

// DropOwn deletes the rows of the user's home that are the user's, and has the
// files that they name deleted; avatar names those of a key.
func (s Leaving) DropOwn(ctx context.Context, user tintype.ID, avatar func(key string) []string) error {
	h := s.R.Home(user.Shard())
	if err := h.Write(ctx, func(tx *Tx) error {
		var names []string
		if err := tx.Query(ctx, stmtOwnUploads, func(scan Scan) error {
			var original, media string
			var post tintype.ID
			if err := scan(&original, &media, &post); err != nil {
				return err
			}
			if names = append(names, blob.Preview(original)); post == 0 {
				names = append(names, original)
				if media != "" {
					names = append(names, blob.Renditions(media)...)
				}
			}
			return nil
		}, user); err != nil {
			return err
		}
		var key string
		if _, err := tx.QueryRow(ctx, stmtOwnAvatar, []any{&key}, user); err != nil {
			return err
		}
		if key != "" {
			names = append(names, avatar(key)...)
		}
		for len(names) > 0 {
			n := min(len(names), 200)
			tx.Enqueue(job.Insert{Kind: job.PurgeKind, Item: job.Purge{Keys: names[:n]}})
			names = names[n:]
		}
		for _, st := range []*Stmt{stmtOwnExports, stmtOwnImports} {
			if err := tx.Query(ctx, st, func(scan Scan) error {
				var key string
				var parts int
				err := scan(&key, &parts)
				purgeParts(tx, key, parts)
				return err
			}, user); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, st := range append([]*Stmt{stmtOwnAlbumPosts}, stmtsOwnTables...) {
		if _, err := h.exec(ctx, st, user); err != nil {
			return err
		}
	}
	return nil
}

// DropEntries deletes what the directory knows of a user; the name is kept from others for a while, and what moderators and
// admins did stays, with IDs and in their words, without the user's. It is the last step.
func (s Leaving) DropEntries(ctx context.Context, user tintype.ID) (ended []tintype.Credential, err error) {
	h := s.R.Directory()
	var apps []tintype.ID
	if err := h.Query(ctx, stmtOwnAppsListed, scanIDs(&apps), user); err != nil {
		return nil, err
	}
	for _, app := range apps {
		gone, err := (Apps{R: s.R}).DeleteApp(ctx, user, app)
		if err != nil && !tintype.IsKind(err, tintype.NotFound) {
			return nil, err
		}
		ended = append(ended, gone...)
	}
	err = h.Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, stmtKeepNames, s.Clock(), user); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, stmtLeaveFirst, firstAdmin, strconv.FormatInt(int64(user), 10)); err != nil {
			return err
		}
		for _, list := range [][]*Stmt{stmtsForget, stmtsForgetWords, stmtsOwnEntries} {
			for _, st := range list {
				if _, err := tx.Exec(ctx, st, user); err != nil {
					return err
				}
			}
		}
		_, err := tx.Exec(ctx, stmtLeaveEnd, user)
		return err
	})
	return ended, err
}
