package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Identities keeps who users are to OpenID providers, in the directory.
type Identities struct{ R Router }

var (
	stmtIdentityGet = &Stmt{Name: "identities.get", SQL: `
		SELECT issuer, subject, user_id, email, linked FROM {s}identities WHERE issuer = $1 AND subject = $2`}
	stmtIdentityList = &Stmt{Name: "identities.list", SQL: `
		SELECT issuer, subject, user_id, email, linked FROM {s}identities WHERE user_id = $1 ORDER BY linked, issuer`}
	stmtIdentityAdd = &Stmt{Name: "identities.add", SQL: `
		INSERT INTO {s}identities (issuer, subject, user_id, email, linked) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`}
	stmtIdentityRemove = &Stmt{Name: "identities.remove", SQL: `DELETE FROM {s}identities WHERE user_id = $1 AND issuer = $2`}
	stmtIdentitiesDrop = &Stmt{Name: "identities.drop", SQL: `DELETE FROM {s}identities WHERE user_id = $1`}
)

var (
	errIdentityTaken = &tintype.Error{Kind: tintype.Conflict, Field: "provider",
		Msg: "that account is connected to another member here already, or you are connected to another account of the same provider"}
	errNoIdentity = &tintype.Error{Kind: tintype.NotFound, Msg: "you are not connected to an account of that provider"}
)

// Identity gives the identity of an issuer's subject, nil if it is nobody's.
func (s Identities) Identity(ctx context.Context, issuer, subject string) (*tintype.Identity, error) {
	var i tintype.Identity
	var linked int64
	found, err := s.R.Directory().QueryRow(ctx, stmtIdentityGet, []any{&i.Issuer, &i.Subject, &i.UserID, &i.Email, &linked}, issuer, subject)
	if err != nil || !found {
		return nil, err
	}
	i.Linked = FromMicros(linked)
	return &i, nil
}

// Identities gives a user's identities, the oldest first.
func (s Identities) Identities(ctx context.Context, user tintype.ID) (out []tintype.Identity, err error) {
	err = s.R.Directory().Query(ctx, stmtIdentityList, func(scan Scan) error {
		var i tintype.Identity
		var linked int64
		if err := scan(&i.Issuer, &i.Subject, &i.UserID, &i.Email, &linked); err != nil {
			return err
		}
		i.Linked = FromMicros(linked)
		out = append(out, i)
		return nil
	}, user)
	return out, err
}

// LinkIdentity links an identity to its user and has the user told. Conflict if it is another's, or the user has one of that issuer.
func (s Identities) LinkIdentity(ctx context.Context, i tintype.Identity, by job.Mail) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		if err := exactlyOne(tx.Exec(ctx, stmtAccountLock, i.UserID)); err != nil {
			return err
		}
		if err := addIdentity(ctx, tx, i, i.UserID, i.Linked); err != nil {
			return err
		}
		by.Letter, by.User = job.LetterIdentity, i.UserID
		return tell(ctx, tx, by, i.Linked)
	})
}

func addIdentity(ctx context.Context, tx *Tx, i tintype.Identity, user tintype.ID, linked time.Time) error {
	n, err := tx.Exec(ctx, stmtIdentityAdd, i.Issuer, i.Subject, user, i.Email, linked)
	if err == nil && n == 0 {
		err = errIdentityTaken
	}
	return err
}

// UnlinkIdentity takes a user's identity of an issuer away and has the user told; NotFound if there is none.
func (s Identities) UnlinkIdentity(ctx context.Context, user tintype.ID, issuer string, by job.Mail, now time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtIdentityRemove, user, issuer)
		if err == nil && n == 0 {
			err = errNoIdentity
		}
		if err != nil {
			return err
		}
		by.Letter, by.User = job.LetterUnlinked, user
		return tell(ctx, tx, by, now)
	})
}
