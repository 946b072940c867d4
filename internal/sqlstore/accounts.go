package sqlstore

import (
	"context"
	"strconv"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Accounts keeps who may sign in, and which username is whose, in the directory.
//
// A name is in one of three states: claimed (0) while the user's shard is yet
// to be told of it, good (1), or respelled (2) while the shard is yet to be told
// of another spelling with the same skeleton.
type Accounts struct {
	R Router
}

const (
	nameClaimed   = 0
	nameGood      = 1
	nameRespelled = 2
)

// firstAdmin is the setting that says who signed up first, and so that somebody did.
const firstAdmin = "first_admin"

var (
	stmtNameClaim = &Stmt{Name: "accounts.claim_name", SQL: `
		INSERT INTO {s}names (skeleton, username, user_id, state, claimed) VALUES ($1, $2, $3, 0, $4)
		ON CONFLICT DO NOTHING`}
	stmtNameRespell = &Stmt{Name: "accounts.respell_name", SQL: `
		UPDATE {s}names SET username = $1, state = 2, claimed = $2 WHERE skeleton = $3 AND user_id = $4 AND state = 1`}
	stmtNameState = &Stmt{Name: "accounts.name_state", SQL: `
		SELECT state FROM {s}names WHERE skeleton = $1 AND user_id = $2 AND username = $3 AND claimed = $4`}
	stmtNameOpen = &Stmt{Name: "accounts.open_claim", SQL: `
		SELECT username FROM {s}names WHERE user_id = $1 AND state <> 1`}
	stmtNameConfirm = &Stmt{Name: "accounts.confirm_name", SQL: `
		UPDATE {s}names SET username = $1, state = 1 WHERE skeleton = $2 AND user_id = $3 AND username = $4 AND state <> 1`}
	stmtNameDrop = &Stmt{Name: "accounts.drop_name", SQL: `
		DELETE FROM {s}names WHERE skeleton = $1 AND user_id = $2 AND username = $3 AND state = 0`}
	stmtNamesDropOthers = &Stmt{Name: "accounts.drop_other_names", SQL: `
		DELETE FROM {s}names WHERE user_id = $1 AND skeleton <> $2`}
	stmtNamesStale = &Stmt{Name: "accounts.stale_names", SQL: `
		SELECT skeleton, username, user_id, claimed FROM {s}names WHERE state <> 1 AND claimed < $1 ORDER BY claimed LIMIT $2`}
	stmtNameTaken = &Stmt{Name: "accounts.name_taken", SQL: `
		SELECT user_id FROM {s}names WHERE skeleton = $1`}
	stmtNameOwner = &Stmt{Name: "accounts.name_owner", SQL: `
		SELECT user_id FROM {s}names WHERE username = $1 AND state <> 0`}

	stmtAccountInsert = &Stmt{Name: "accounts.insert", SQL: `
		INSERT INTO {s}accounts (user_id, email, email_key, password_hash, admin, state, locale, created)
		VALUES ($1, $2, $3, $4, 0, 0, $5, $6)
		ON CONFLICT (email_key) DO NOTHING`}
	stmtAccountConfirm = &Stmt{Name: "accounts.confirm", SQL: `
		UPDATE {s}accounts SET state = 1 WHERE user_id = $1 AND state = 0 RETURNING coalesce(email, '')`}
	stmtAccountUndo = &Stmt{Name: "accounts.undo", SQL: `
		DELETE FROM {s}accounts WHERE user_id = $1 AND state = 0`}
	// Takes the row's lock where several transactions run at once.
	stmtAccountLock = &Stmt{Name: "accounts.lock", SQL: `
		UPDATE {s}accounts SET state = state WHERE user_id = $1`}
	stmtAccountGet = &Stmt{Name: "accounts.get", SQL: `
		SELECT user_id, email, password_hash, admin, moderator, state, locale, created, email_verified, pending_email FROM {s}accounts WHERE user_id = $1`}
	stmtAccountByEmail = &Stmt{Name: "accounts.by_email", SQL: `
		SELECT user_id, email, password_hash, admin, moderator, state, locale, created, email_verified, pending_email FROM {s}accounts WHERE email_key = $1`}
	stmtAccountLocale = &Stmt{Name: "accounts.set_locale", SQL: `
		UPDATE {s}accounts SET locale = $1 WHERE user_id = $2`}
	stmtAccountAdmin = &Stmt{Name: "accounts.set_admin", SQL: `
		UPDATE {s}accounts SET admin = $1 WHERE user_id = $2`}
)

// Claim takes a username, an e-mail address and an invite for a new user,
// together or not at all, and links an identity if one is given. Conflict with Field "username", "email", "invite" or
// "provider" says which of them is not to be had.
func (a Accounts) Claim(ctx context.Context, n tintype.NewAccount) error {
	return a.R.Directory().Write(ctx, func(tx *Tx) error {
		if err := claimName(ctx, tx, tintype.Claim{UserID: n.UserID, Username: n.Username, Skeleton: n.Skeleton, At: n.At}); err != nil {
			return err
		}
		ok, err := tx.Exec(ctx, stmtAccountInsert, n.UserID, nullable(n.Email), nullable(n.EmailKey), n.PasswordHash, n.Locale, n.At)
		if err != nil {
			return err
		}
		if ok == 0 {
			return errEmailTaken
		}
		if n.Verified {
			if err := exactlyOne(tx.Exec(ctx, stmtEmailVerified, n.At, n.UserID, n.EmailKey)); err != nil {
				return err
			}
		}
		if n.Identity != nil {
			if err := addIdentity(ctx, tx, *n.Identity, n.UserID, n.At); err != nil {
				return err
			}
		}
		if n.Invite == "" {
			return nil
		}
		return useInvite(ctx, tx, n.Invite, n.UserID, n.At)
	})
}

// ClaimName takes a username for a user who has another one. If both have the
// same skeleton the one name is respelled. A user has one open claim at a time:
// with two, whichever was settled last would win, whatever the shard says.
func (a Accounts) ClaimName(ctx context.Context, c tintype.Claim) error {
	return a.R.Directory().Write(ctx, func(tx *Tx) error {
		if err := exactlyOne(tx.Exec(ctx, stmtAccountLock, c.UserID)); err != nil {
			return err
		}
		var open string
		if found, err := tx.QueryRow(ctx, stmtNameOpen, []any{&open}, c.UserID); err != nil || found {
			if found {
				err = errNameChanging
			}
			return err
		}
		n, err := tx.Exec(ctx, stmtNameRespell, c.Username, c.At, c.Skeleton, c.UserID)
		if err != nil || n == 1 {
			return err
		}
		return claimName(ctx, tx, c)
	})
}

func claimName(ctx context.Context, tx *Tx, c tintype.Claim) error {
	n, err := tx.Exec(ctx, stmtNameClaim, c.Skeleton, c.Username, c.UserID, c.At)
	if err == nil && n == 0 {
		return errNameTaken
	}
	return err
}

// Settle ends a claim. actual is the username that the user's shard has, "" if
// the user is not there: if it is the claimed one the claim becomes good (and
// the user's other names free, a first sign-up the admin), else it is undone.
// settled is false if the claim was not there (any more), and nothing was done.
func (a Accounts) Settle(ctx context.Context, c tintype.Claim, actual string, now time.Time) (settled bool, err error) {
	err = a.R.Directory().Write(ctx, func(tx *Tx) error {
		settled = false
		var state int
		found, err := tx.QueryRow(ctx, stmtNameState, []any{&state}, c.Skeleton, c.UserID, c.Username, c.At)
		if err != nil || !found || state == nameGood {
			return err
		}
		switch {
		case actual == c.Username:
			settled, err = true, confirmName(ctx, tx, c, now)
		case state == nameRespelled:
			settled = true
			_, err = tx.Exec(ctx, stmtNameConfirm, actual, c.Skeleton, c.UserID, c.Username)
		default:
			settled, err = true, undoName(ctx, tx, c)
		}
		return err
	})
	return settled, err
}

func confirmName(ctx context.Context, tx *Tx, c tintype.Claim, now time.Time) error {
	if _, err := tx.Exec(ctx, stmtNameConfirm, c.Username, c.Skeleton, c.UserID, c.Username); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, stmtNamesDropOthers, c.UserID, c.Skeleton); err != nil {
		return err
	}
	var email string
	found, err := tx.QueryRow(ctx, stmtAccountConfirm, []any{&email}, c.UserID)
	if err != nil || !found {
		return err
	}
	if email != "" {
		enqueueMail(tx, job.Mail{Letter: job.LetterVerify, User: c.UserID}, now)
	}
	first, err := tx.Exec(ctx, stmtSettingOnce, firstAdmin, strconv.FormatInt(int64(c.UserID), 10), c.UserID, now)
	if err != nil || first == 0 {
		return err
	}
	_, err = tx.Exec(ctx, stmtAccountAdmin, true, c.UserID)
	return err
}

func undoName(ctx context.Context, tx *Tx, c tintype.Claim) error {
	if _, err := tx.Exec(ctx, stmtNameDrop, c.Skeleton, c.UserID, c.Username); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, stmtAccountUndo, c.UserID)
	if err != nil || n == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, stmtIdentitiesDrop, c.UserID); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, stmtInviteRelease, c.UserID)
	return err
}

// StaleClaims gives up to n claims made before an instant, the oldest first.
func (a Accounts) StaleClaims(ctx context.Context, before time.Time, n int) ([]tintype.Claim, error) {
	var out []tintype.Claim
	err := a.R.Directory().Query(ctx, stmtNamesStale, func(scan Scan) error {
		var c tintype.Claim
		var at int64
		if err := scan(&c.Skeleton, &c.Username, &c.UserID, &at); err != nil {
			return err
		}
		c.At = FromMicros(at)
		out = append(out, c)
		return nil
	}, before, n)
	return out, err
}

// NameTaken reports whether a name with this skeleton is another user's. It
// spares a new user the wait when it is; Claim decides.
func (a Accounts) NameTaken(ctx context.Context, skeleton string, user tintype.ID) (bool, error) {
	var owner tintype.ID
	found, err := a.R.Directory().QueryRow(ctx, stmtNameTaken, []any{&owner}, skeleton)
	return found && owner != user, err
}

// UserID gives whose username this is, 0 for nobody's.
func (a Accounts) UserID(ctx context.Context, username string) (tintype.ID, error) {
	var id tintype.ID
	_, err := a.R.Directory().QueryRow(ctx, stmtNameOwner, []any{&id}, username)
	return id, err
}

// Account gives a user's account, nil if there is none.
func (a Accounts) Account(ctx context.Context, user tintype.ID) (*tintype.Account, error) {
	return readAccount(ctx, a.R.Directory(), stmtAccountGet, user)
}

// AccountByEmail gives the account with this e-mail key, nil if there is none.
func (a Accounts) AccountByEmail(ctx context.Context, key string) (*tintype.Account, error) {
	return readAccount(ctx, a.R.Directory(), stmtAccountByEmail, key)
}

func readAccount(ctx context.Context, q Querier, s *Stmt, key any) (*tintype.Account, error) {
	var a tintype.Account
	var email *string
	var created, verified int64
	found, err := q.QueryRow(ctx, s, []any{&a.UserID, &email, &a.PasswordHash, &a.Admin, &a.Moderator, &a.State, &a.Locale, &created, &verified, &a.Pending}, key)
	if err != nil || !found {
		return nil, err
	}
	if email != nil {
		a.Email = *email
	}
	a.Created, a.Verified = FromMicros(created), FromMicros(verified)
	return &a, nil
}

// SetLocale changes the language a user reads the site in.
func (a Accounts) SetLocale(ctx context.Context, user tintype.ID, locale string) error {
	return a.R.Directory().Write(ctx, func(tx *Tx) error {
		return exactlyOne(tx.Exec(ctx, stmtAccountLocale, locale, user))
	})
}

// SetAdmin makes a user an admin, or no longer one.
func (a Accounts) SetAdmin(ctx context.Context, user tintype.ID, admin bool) error {
	return a.R.Directory().Write(ctx, func(tx *Tx) error {
		return exactlyOne(tx.Exec(ctx, stmtAccountAdmin, admin, user))
	})
}

var (
	errNameTaken    = &tintype.Error{Kind: tintype.Conflict, Field: "username", Msg: "that username is taken, or looks too much like one that is"}
	errNameChanging = &tintype.Error{Kind: tintype.Conflict, Field: "username", Msg: "your username is being changed at this moment; please try again in a minute"}
	errEmailTaken   = &tintype.Error{Kind: tintype.Conflict, Field: "email", Msg: "another account has that e-mail address"}
	errNoAccount    = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such user"}
)

func exactlyOne(n int64, err error) error {
	if err == nil && n != 1 {
		return errNoAccount
	}
	return err
}

// nullable keeps an absent text as NULL, where a unique index must let many be absent.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}
