package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/tintype/tintype/internal/tintype"
)

// What becomes of apps once they are registered, and how much they are used.

var (
	stmtAppByID = &Stmt{Name: "apps.by_id", SQL: `
		SELECT id, owner_id, client_id, secret_hash, name, website, redirect_uris, scopes, created,
			secret, description, enforce_signed, implicit_grant, password_grant, hourly_limit FROM {s}apps WHERE id = $1`}
	stmtAppsAll = &Stmt{Name: "apps.all", SQL: `
		SELECT id, owner_id, client_id, secret_hash, name, website, redirect_uris, scopes, created,
			secret, description, enforce_signed, implicit_grant, password_grant, hourly_limit FROM {s}apps
		WHERE id < $1 ORDER BY id DESC LIMIT $2`}
	stmtAppChange = &Stmt{Name: "apps.change", SQL: `
		UPDATE {s}apps SET secret_hash = $1, secret = $2, name = $3, description = $4, website = $5, redirect_uris = $6,
			enforce_signed = $7, implicit_grant = $8, password_grant = $9, hourly_limit = $10
		WHERE id = $11`}
	stmtAppUsageAdd = &Stmt{Name: "apps.add_usage", SQL: `
		INSERT INTO {s}app_usage AS u (app_id, hour, calls, refused)
		SELECT id, $1, $2, $3 FROM {s}apps WHERE id = $4
		ON CONFLICT (app_id, hour) DO UPDATE SET calls = u.calls + excluded.calls, refused = u.refused + excluded.refused`}
	stmtAppUsage = &Stmt{Name: "apps.usage", SQL: `
		SELECT hour, calls, refused FROM {s}app_usage WHERE app_id = $1 AND hour >= $2 ORDER BY hour`}
	stmtAppUsageDrop = &Stmt{Name: "apps.drop_usage", SQL: `
		DELETE FROM {s}app_usage WHERE app_id = $1`}
	stmtAppUsageSweep = &Stmt{Name: "apps.sweep_usage", SQL: `
		DELETE FROM {s}app_usage WHERE hour < $1`}
)

// AppByID gives the app of an ID, nil if there is none.
func (s Apps) AppByID(ctx context.Context, id tintype.ID) (*tintype.App, error) {
	var app *tintype.App
	err := s.R.Directory().Query(ctx, stmtAppByID, func(scan Scan) (err error) {
		app, err = scanApp(scan)
		return err
	}, id)
	return app, err
}

// AllApps lists up to n apps of everybody's with IDs below before, the newest first.
func (s Apps) AllApps(ctx context.Context, before tintype.ID, n int) ([]*tintype.App, error) {
	var out []*tintype.App
	err := s.R.Directory().Query(ctx, stmtAppsAll, func(scan Scan) error {
		a, err := scanApp(scan)
		out = append(out, a)
		return err
	}, before, n)
	return out, err
}

// ChangeApp lets change have its way with an app, alone, and gives what came of
// it; NotFound if there is none. change may be called more than once; its error
// undoes all.
func (s Apps) ChangeApp(ctx context.Context, id tintype.ID, change func(*tintype.App) error) (app *tintype.App, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		app = nil
		// Nobody else may write the row from here on.
		if err := tx.Query(ctx, stmtAppLock, func(scan Scan) (err error) {
			app, err = scanApp(scan)
			return err
		}, id); err != nil {
			return err
		}
		if app == nil {
			return &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such app"}
		}
		if err := change(app); err != nil {
			return err
		}
		uris, err := json.Marshal(app.RedirectURIs)
		if err != nil {
			return err
		}
		hash := app.SecretHash
		if hash == nil {
			hash = []byte{}
		}
		_, err = tx.Exec(ctx, stmtAppChange, hash, app.Secret, app.Name, app.Description, app.Website, string(uris),
			app.EnforceSigned, app.Implicit, app.Passwords, app.HourlyLimit, app.ID)
		return err
	})
	return app, err
}

var stmtAppLock = &Stmt{Name: "apps.lock", SQL: stmtAppByID.SQL + ` {lock}`}

// AddUsage adds to what apps that are still there have called.
func (s Apps) AddUsage(ctx context.Context, calls []tintype.AppCalls) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		for _, c := range calls {
			if _, err := tx.Exec(ctx, stmtAppUsageAdd, c.Hour, c.Calls, c.Refused, c.App); err != nil {
				return err
			}
		}
		return nil
	})
}

// AppUsage gives what an app called from an hour on, in order; hours without calls are left out.
func (s Apps) AppUsage(ctx context.Context, app tintype.ID, from int64) ([]tintype.AppCalls, error) {
	var out []tintype.AppCalls
	err := s.R.Directory().Query(ctx, stmtAppUsage, func(scan Scan) error {
		c := tintype.AppCalls{App: app}
		err := scan(&c.Hour, &c.Calls, &c.Refused)
		out = append(out, c)
		return err
	}, app, from)
	return out, err
}

// SweepUsage forgets the hours before one.
func (s Apps) SweepUsage(ctx context.Context, before int64) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtAppUsageSweep, before)
		return err
	})
}
