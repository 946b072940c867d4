package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Invites keeps invites in the directory. Each lets one person sign up;
// Accounts.Claim uses them up.
type Invites struct {
	R Router
}

var (
	stmtInviteUse = &Stmt{Name: "invites.use", SQL: `
		UPDATE {s}invites SET used_by = $1, used = $2
		WHERE code = $3 AND used_by = 0 AND (expires = 0 OR expires > $2)`}
	stmtInviteRelease = &Stmt{Name: "invites.release", SQL: `
		UPDATE {s}invites SET used_by = 0, used = 0 WHERE used_by = $1`}
	stmtInviteAdd = &Stmt{Name: "invites.add", SQL: `
		INSERT INTO {s}invites (code, created_by, created, expires, note, used_by, used) VALUES ($1, $2, $3, $4, $5, 0, 0)`}
	stmtInviteList = &Stmt{Name: "invites.list", SQL: `
		SELECT code, created_by, created, expires, note, used_by, used FROM {s}invites ORDER BY created DESC, code LIMIT $1`}
	stmtInviteDelete = &Stmt{Name: "invites.delete", SQL: `
		DELETE FROM {s}invites WHERE code = $1 AND used_by = 0`}
)

// useInvite uses up an invite; of many at once exactly one succeeds.
func useInvite(ctx context.Context, tx *Tx, code string, user tintype.ID, now time.Time) error {
	n, err := tx.Exec(ctx, stmtInviteUse, user, now, code)
	if err == nil && n == 0 {
		return errBadInvite
	}
	return err
}

var errBadInvite = &tintype.Error{Kind: tintype.Invalid, Field: "invite", Msg: "that invitation is not good: it may be mistyped, used already or expired"}

// AddInvite adds an invite.
func (s Invites) AddInvite(ctx context.Context, i tintype.Invite) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtInviteAdd, i.Code, i.CreatedBy, i.Created, i.Expires, i.Note)
		return err
	})
}

// Invites lists the newest n invites.
func (s Invites) Invites(ctx context.Context, n int) ([]tintype.Invite, error) {
	var out []tintype.Invite
	err := s.R.Directory().Query(ctx, stmtInviteList, func(scan Scan) error {
		var i tintype.Invite
		var created, expires, used int64
		if err := scan(&i.Code, &i.CreatedBy, &created, &expires, &i.Note, &i.UsedBy, &used); err != nil {
			return err
		}
		i.Created, i.Expires, i.Used = FromMicros(created), FromMicros(expires), FromMicros(used)
		out = append(out, i)
		return nil
	}, n)
	return out, err
}

// DeleteInvite withdraws an unused invite; NotFound if there is no such.
func (s Invites) DeleteInvite(ctx context.Context, code string) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtInviteDelete, code)
		if err == nil && n == 0 {
			return &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such unused invitation"}
		}
		return err
	})
}
