package sqlstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Apps keeps third parties' apps and their authorization codes in the directory.
type Apps struct {
	R Router
}

var (
	stmtAppAdd = &Stmt{Name: "apps.add", SQL: `
		INSERT INTO {s}apps (id, owner_id, client_id, secret_hash, name, website, redirect_uris, scopes, created, secret, description)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`}
	stmtAppByClient = &Stmt{Name: "apps.by_client", SQL: `
		SELECT id, owner_id, client_id, secret_hash, name, website, redirect_uris, scopes, created,
			secret, description, enforce_signed, implicit_grant, password_grant, hourly_limit FROM {s}apps WHERE client_id = $1`}
	stmtAppsByOwner = &Stmt{Name: "apps.by_owner", SQL: `
		SELECT id, owner_id, client_id, secret_hash, name, website, redirect_uris, scopes, created,
			secret, description, enforce_signed, implicit_grant, password_grant, hourly_limit FROM {s}apps
		WHERE owner_id = $1 ORDER BY id DESC`}
	// Nobody deletes the app before this transaction is through.
	stmtAppHold   = &Stmt{Name: "apps.hold", SQL: `SELECT id FROM {s}apps WHERE id = $1 {lock}`}
	stmtAppDelete = &Stmt{Name: "apps.delete", SQL: `
		DELETE FROM {s}apps WHERE id = $1 AND owner_id = $2`}
	stmtAppCodesDrop = &Stmt{Name: "apps.drop_codes", SQL: `
		DELETE FROM {s}grants WHERE app_id = $1`}
	stmtAppGrants = &Stmt{Name: "apps.grants", SQL: `
		SELECT p.id, p.owner_id, p.client_id, p.secret_hash, p.name, p.website, p.redirect_uris, p.scopes, p.created,
			p.secret, p.description, p.enforce_signed, p.implicit_grant, p.password_grant, p.hourly_limit,
			c.scopes, c.created, c.seen
		FROM {s}credentials c JOIN {s}apps p ON p.id = c.app_id
		WHERE c.user_id = $1 AND c.app_id <> 0 AND c.expires > $2 ORDER BY p.id`}

	stmtCodeAdd = &Stmt{Name: "apps.add_code", SQL: `
		INSERT INTO {s}grants (code_hash, app_id, user_id, scopes, redirect_uri, challenge, created, expires, used)
		SELECT $1, id, $2, $3, $4, $5, $6, $7, 0 FROM {s}apps WHERE id = $8`}
	stmtCodeUse = &Stmt{Name: "apps.use_code", SQL: `
		UPDATE {s}grants SET used = $1
		WHERE code_hash = $2 AND app_id = $3 AND redirect_uri = $4 AND challenge = $5 AND used = 0 AND expires > $1
		RETURNING user_id, scopes`}
	stmtCodeToken = &Stmt{Name: "apps.code_token", SQL: `
		UPDATE {s}grants SET token_hash = $1 WHERE code_hash = $2`}
	stmtCodeUsed = &Stmt{Name: "apps.used_code", SQL: `
		SELECT token_hash FROM {s}grants WHERE code_hash = $1 AND app_id = $2 AND used <> 0`}
	stmtCodeSweep = &Stmt{Name: "apps.sweep_codes", SQL: `
		DELETE FROM {s}grants WHERE expires < $1`}
)

// AddApp adds an app.
func (s Apps) AddApp(ctx context.Context, a *tintype.App) error {
	uris, err := json.Marshal(a.RedirectURIs)
	if err != nil {
		return err
	}
	secret := a.SecretHash
	if secret == nil {
		secret = []byte{}
	}
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtAppAdd, a.ID, a.OwnerID, a.ClientID, secret, a.Name, a.Website, string(uris), a.Scopes, a.Created, a.Secret, a.Description)
		return err
	})
}

// App gives the app of a client ID, nil if there is none.
func (s Apps) App(ctx context.Context, clientID string) (*tintype.App, error) {
	var app *tintype.App
	err := s.R.Directory().Query(ctx, stmtAppByClient, func(scan Scan) (err error) {
		app, err = scanApp(scan)
		return err
	}, clientID)
	return app, err
}

// AppsOf lists a user's own apps, the newest first.
func (s Apps) AppsOf(ctx context.Context, owner tintype.ID) ([]*tintype.App, error) {
	var out []*tintype.App
	err := s.R.Directory().Query(ctx, stmtAppsByOwner, func(scan Scan) error {
		a, err := scanApp(scan)
		out = append(out, a)
		return err
	}, owner)
	return out, err
}

func scanApp(scan Scan, more ...any) (*tintype.App, error) {
	var a tintype.App
	var uris string
	var created int64
	dest := append([]any{&a.ID, &a.OwnerID, &a.ClientID, &a.SecretHash, &a.Name, &a.Website, &uris, &a.Scopes, &created,
		&a.Secret, &a.Description, &a.EnforceSigned, &a.Implicit, &a.Passwords, &a.HourlyLimit}, more...)
	if err := scan(dest...); err != nil {
		return nil, err
	}
	a.Created = FromMicros(created)
	if len(a.SecretHash) == 0 {
		a.SecretHash = nil // the engines differ on how an empty value comes back
	}
	return &a, json.Unmarshal([]byte(uris), &a.RedirectURIs)
}

// DeleteApp deletes an owner's app with its codes and tokens, and gives the
// tokens; NotFound if it is not theirs.
func (s Apps) DeleteApp(ctx context.Context, owner, app tintype.ID) (ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtAppDelete, app, owner)
		if err != nil {
			return err
		}
		if n == 0 {
			return &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such app of yours"}
		}
		for _, drop := range []*Stmt{stmtAppCodesDrop, stmtAppUsageDrop} {
			if _, err := tx.Exec(ctx, drop, app); err != nil {
				return err
			}
		}
		if err := removeAppSubscriptions(ctx, tx, app); err != nil {
			return err
		}
		ended, err = endCredentials(ctx, tx, stmtCredentialEndApp, app)
		return err
	})
	return ended, err
}

// AppGrants lists the apps that hold good tokens of a user.
func (s Apps) AppGrants(ctx context.Context, user tintype.ID, now time.Time) ([]tintype.AppGrant, error) {
	var out []tintype.AppGrant
	err := s.R.Directory().Query(ctx, stmtAppGrants, func(scan Scan) error {
		var scopes tintype.Scope
		var created, seen int64
		a, err := scanApp(scan, &scopes, &created, &seen)
		if err != nil {
			return err
		}
		if len(out) == 0 || out[len(out)-1].App.ID != a.ID {
			out = append(out, tintype.AppGrant{App: *a, Created: FromMicros(created)})
		}
		g := &out[len(out)-1]
		g.Scopes |= scopes
		if t := FromMicros(created); t.Before(g.Created) {
			g.Created = t
		}
		if t := FromMicros(seen); t.After(g.Seen) {
			g.Seen = t
		}
		return nil
	}, user, now)
	return out, err
}

// EndGrant ends all tokens and codes that an app has of a user.
func (s Apps) EndGrant(ctx context.Context, user, app tintype.ID) (ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		ended, err = endAll(ctx, tx, user, "", app)
		return err
	})
	return ended, err
}

// EndToken ends one token, if it is the app's.
func (s Apps) EndToken(ctx context.Context, app tintype.ID, hash []byte) (ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		ended, err = endCredentials(ctx, tx, stmtCredentialEndHash, hash, app)
		return err
	})
	return ended, err
}

// AddCode adds an authorization code; NotFound if its app is gone.
func (s Apps) AddCode(ctx context.Context, c *tintype.AuthCode) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtCodeAdd, c.Hash, c.UserID, c.Scopes, c.RedirectURI, c.Challenge, c.Created, c.Expires, c.App)
		if err == nil && n == 0 {
			return &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such app"}
		}
		return err
	})
}

// RedeemCode turns a code into a token, once: of code, App, RedirectURI and
// Challenge must all be those of an unused, unexpired code of an active user.
// token gives what to keep of the new token, whose user and scopes are the
// code's; it is called inside the transaction, possibly more than once, and
// must not block. ok is false if the code is not good; had it been used before,
// the token made of it then is ended and given.
func (s Apps) RedeemCode(ctx context.Context, c *tintype.AuthCode, now time.Time,
	token func(user tintype.ID, scopes tintype.Scope) *tintype.Credential) (ok bool, ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		ok, ended = false, nil
		var user tintype.ID
		var scopes tintype.Scope
		found, err := tx.QueryRow(ctx, stmtCodeUse, []any{&user, &scopes}, now, c.Hash, c.App, c.RedirectURI, c.Challenge)
		if err != nil {
			return err
		}
		if found {
			t := token(user, scopes)
			if _, err := tx.Exec(ctx, stmtCodeToken, t.Hash, c.Hash); err != nil {
				return err
			}
			ok, err = addCredential(ctx, tx, t, "")
			return err
		}
		var hash []byte
		found, err = tx.QueryRow(ctx, stmtCodeUsed, []any{&hash}, c.Hash, c.App)
		if err != nil || !found {
			return err
		}
		ended, err = endCredentials(ctx, tx, stmtCredentialEndHash, hash, c.App)
		return err
	})
	return ok, ended, err
}

// SweepCodes forgets codes that expired before an instant, used or not.
func (s Apps) SweepCodes(ctx context.Context, before time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtCodeSweep, before)
		return err
	})
}
