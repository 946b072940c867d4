package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Credentials keeps sessions and apps' tokens, by the hash of the token, and
// what ends them, in the directory.
type Credentials struct {
	R Router
}

var (
	// Whoever was shut out, or whose password was changed, while it was being checked, gets nothing.
	stmtCredentialAdd = &Stmt{Name: "credentials.add", SQL: `
		INSERT INTO {s}credentials (token_hash, id, user_id, app_id, scopes, created, seen, expires, user_agent, address)
		SELECT $1, $2, user_id, $3, $4, $5, $5, $6, $7, $8 FROM {s}accounts
		WHERE user_id = $9 AND state = 1 AND ($10 = '' OR password_hash = $10)`}
	stmtCredentialGet = &Stmt{Name: "credentials.get", SQL: `
		SELECT c.id, c.user_id, c.app_id, c.scopes, c.created, c.seen, c.expires, a.admin, a.moderator
		FROM {s}credentials c JOIN {s}accounts a ON a.user_id = c.user_id
		WHERE c.token_hash = $1 AND a.state = 1`}
	stmtCredentialTouch = &Stmt{Name: "credentials.touch", SQL: `
		UPDATE {s}credentials SET seen = $1, expires = $2 WHERE token_hash = $3 AND seen < $1`}
	stmtCredentialList = &Stmt{Name: "credentials.list", SQL: `
		SELECT c.id, c.user_id, c.app_id, c.scopes, c.created, c.seen, c.expires, c.user_agent, c.address, p.name
		FROM {s}credentials c LEFT JOIN {s}apps p ON p.id = c.app_id
		WHERE c.user_id = $1 AND c.expires > $2 ORDER BY c.seen DESC, c.id LIMIT 1000`}
	stmtCredentialEnd = &Stmt{Name: "credentials.end", SQL: `
		DELETE FROM {s}credentials
		WHERE user_id = $1 AND ($2 = '' OR id = $2) AND ($3 = '' OR id <> $3) AND (CAST($4 AS BIGINT) < 0 OR app_id = $4)
		RETURNING token_hash, id, user_id`}
	stmtCredentialEndHash = &Stmt{Name: "credentials.end_hash", SQL: `
		DELETE FROM {s}credentials WHERE token_hash = $1 AND app_id = $2 RETURNING token_hash, id, user_id`}
	stmtCredentialEndApp = &Stmt{Name: "credentials.end_app", SQL: `
		DELETE FROM {s}credentials WHERE app_id = $1 RETURNING token_hash, id, user_id`}
	stmtCredentialExpire = &Stmt{Name: "credentials.expire", SQL: `
		DELETE FROM {s}credentials WHERE expires <= $1 RETURNING token_hash, id, user_id`}
	stmtCodesDrop = &Stmt{Name: "credentials.drop_codes", SQL: `
		DELETE FROM {s}grants WHERE user_id = $1 AND used = 0 AND (CAST($2 AS BIGINT) < 0 OR app_id = $2)`}
	stmtPasswordSet = &Stmt{Name: "credentials.set_password", SQL: `
		UPDATE {s}accounts SET password_hash = $1 WHERE user_id = $2 AND ($3 = '' OR password_hash = $3)`}
	stmtAccountState = &Stmt{Name: "credentials.set_state", SQL: `
		UPDATE {s}accounts SET state = $1 WHERE user_id = $2 AND state IN (1, 2)`}
	// Nobody else changes the state until the transaction is over.
	stmtAccountHold = &Stmt{Name: "credentials.hold", SQL: `UPDATE {s}accounts SET state = state WHERE user_id = $1 RETURNING state`}
)

// anyApp makes a condition hold for sessions and all apps' tokens.
const anyApp = tintype.ID(-1)

// AddCredential adds a credential of an active user whose password hash is
// still the one given ("" for any); ok is false if there is no such user, or no longer the app that it is for.
func (s Credentials) AddCredential(ctx context.Context, c *tintype.Credential, passwordHash string) (ok bool, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		ok = false
		if c.App != 0 {
			// Whoever deletes the app waits, and then finds the token to be ended with it.
			var app tintype.ID
			if found, err := tx.QueryRow(ctx, stmtAppHold, []any{&app}, c.App); err != nil || !found {
				return err
			}
		}
		ok, err = addCredential(ctx, tx, c, passwordHash)
		return err
	})
	return ok, err
}

func addCredential(ctx context.Context, tx *Tx, c *tintype.Credential, passwordHash string) (bool, error) {
	n, err := tx.Exec(ctx, stmtCredentialAdd, c.Hash, c.ID, c.App, c.Scopes, c.Created, c.Expires, c.UserAgent, c.Address, c.UserID, passwordHash)
	if err != nil || n != 1 || c.Device == nil {
		return n == 1, err
	}
	return true, noteDevice(ctx, tx, c)
}

// Credential gives the credential with this hash, expired or not, if its user
// is active; else nil.
func (s Credentials) Credential(ctx context.Context, hash []byte) (*tintype.Credential, error) {
	c := tintype.Credential{Hash: hash}
	var created, seen, expires int64
	found, err := s.R.Directory().QueryRow(ctx, stmtCredentialGet,
		[]any{&c.ID, &c.UserID, &c.App, &c.Scopes, &created, &seen, &expires, &c.Admin, &c.Moderator}, hash)
	if err != nil || !found {
		return nil, err
	}
	c.Created, c.Seen, c.Expires = FromMicros(created), FromMicros(seen), FromMicros(expires)
	return &c, nil
}

// TouchCredentials records Seen and Expires of credentials, by Hash.
func (s Credentials) TouchCredentials(ctx context.Context, cs []tintype.Credential) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		for _, c := range cs {
			if _, err := tx.Exec(ctx, stmtCredentialTouch, c.Seen, c.Expires, c.Hash); err != nil {
				return err
			}
		}
		return nil
	})
}

// Credentials lists a user's credentials that are good at an instant, the last seen first.
func (s Credentials) Credentials(ctx context.Context, user tintype.ID, now time.Time) ([]tintype.Credential, error) {
	var out []tintype.Credential
	err := s.R.Directory().Query(ctx, stmtCredentialList, func(scan Scan) error {
		var c tintype.Credential
		var created, seen, expires int64
		var app *string
		if err := scan(&c.ID, &c.UserID, &c.App, &c.Scopes, &created, &seen, &expires, &c.UserAgent, &c.Address, &app); err != nil {
			return err
		}
		if app != nil {
			c.AppName = *app
		}
		c.Created, c.Seen, c.Expires = FromMicros(created), FromMicros(seen), FromMicros(expires)
		out = append(out, c)
		return nil
	}, user, now)
	return out, err
}

// EndCredential ends one credential of a user and gives it, or none.
func (s Credentials) EndCredential(ctx context.Context, user tintype.ID, id string) (ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		ended, err = endCredentials(ctx, tx, stmtCredentialEnd, user, id, "", anyApp)
		return err
	})
	return ended, err
}

// EndCredentials ends all of a user's credentials but the one named keep, and
// the codes that were to become some.
func (s Credentials) EndCredentials(ctx context.Context, user tintype.ID, keep string) (ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		ended, err = endAll(ctx, tx, user, keep, anyApp)
		return err
	})
	return ended, err
}

// EndExpired ends what expired before an instant.
func (s Credentials) EndExpired(ctx context.Context, now time.Time) (ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		ended, err = endCredentials(ctx, tx, stmtCredentialExpire, now)
		return err
	})
	return ended, err
}

// Rehash replaces a password's hash by another of the same password; ok is
// false if the password was changed meanwhile.
func (s Credentials) Rehash(ctx context.Context, user tintype.ID, old, hash string) (ok bool, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtPasswordSet, hash, user, old)
		ok = n == 1
		return err
	})
	return ok, err
}

// SetPassword replaces a password and ends all credentials but keep, in one
// transaction, and has the user told of it; by says from where it was done. NotFound if there is no such user, or old is not "" and no longer the hash.
func (s Credentials) SetPassword(ctx context.Context, user tintype.ID, old, hash, keep string, by job.Mail, now time.Time) (ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		if err := exactlyOne(tx.Exec(ctx, stmtPasswordSet, hash, user, old)); err != nil {
			return err
		}
		by.Letter, by.User = job.LetterPassword, user
		if err := tell(ctx, tx, by, now); err != nil {
			return err
		}
		ended, err = endAll(ctx, tx, user, keep, anyApp)
		return err
	})
	return ended, err
}

// SetSuspended suspends a user or lets them back in, and ends all credentials; what is so already stays as it is. Of
// somebody who asked to be deleted it is noted, for when they come back. Nobody there is nobody to suspend.
func (s Credentials) SetSuspended(ctx context.Context, user tintype.ID, suspended bool) (ended []tintype.Credential, err error) {
	from, to := tintype.AccountSuspended, tintype.AccountActive
	if suspended {
		from, to = to, from
	}
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		ended = nil
		state, err := holdAccount(ctx, tx, user)
		switch {
		case err != nil:
			return err
		case state == tintype.AccountLeaving:
			_, err := tx.Exec(ctx, stmtLeaveSuspend, flag(suspended), user)
			return err
		case state != from:
			return nil
		}
		if err := exactlyOne(tx.Exec(ctx, stmtAccountState, to, user)); err != nil {
			return err
		}
		ended, err = endAll(ctx, tx, user, "", anyApp)
		return err
	})
	return ended, err
}

// holdAccount gives the state of an account, which stays so until the end of tx; AccountDeleted where there is none.
func holdAccount(ctx context.Context, tx *Tx, user tintype.ID) (tintype.AccountState, error) {
	state := tintype.AccountDeleted
	_, err := tx.QueryRow(ctx, stmtAccountHold, []any{&state}, user)
	return state, err
}

func endAll(ctx context.Context, tx *Tx, user tintype.ID, keep string, app tintype.ID) ([]tintype.Credential, error) {
	if _, err := tx.Exec(ctx, stmtCodesDrop, user, app); err != nil {
		return nil, err
	}
	return endCredentials(ctx, tx, stmtCredentialEnd, user, "", keep, app)
}

// endCredentials runs one of the statements that end credentials; what it gives
// has Hash, ID and UserID.
func endCredentials(ctx context.Context, tx *Tx, s *Stmt, args ...any) ([]tintype.Credential, error) {
	var out []tintype.Credential
	err := tx.Query(ctx, s, func(scan Scan) error {
		var c tintype.Credential
		if err := scan(&c.Hash, &c.ID, &c.UserID); err != nil {
			return err
		}
		out = append(out, c)
		return nil
	}, args...)
	return out, err
}
