package sqlstore

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Emails keeps which e-mail addresses are known to be whose, and the links that were sent to them, in the directory.
type Emails struct{ R Router }

var (
	stmtEmailPending = &Stmt{Name: "emails.pending", SQL: `UPDATE {s}accounts SET pending_email = $1 WHERE user_id = $2 AND state = 1`}
	stmtEmailSet     = &Stmt{Name: "emails.set", SQL: `
		UPDATE {s}accounts SET email = $1, email_key = $2, email_verified = $3, pending_email = '' WHERE user_id = $4`}
	stmtEmailVerified = &Stmt{Name: "emails.verified", SQL: `
		UPDATE {s}accounts SET email_verified = $1 WHERE user_id = $2 AND email_key = $3 AND email_verified = 0`}
	// Whoever has shown that an address is theirs takes it from those who only said so.
	stmtEmailUnclaim = &Stmt{Name: "emails.unclaim", SQL: `
		UPDATE {s}accounts SET email = NULL, email_key = NULL WHERE email_key = $1 AND user_id <> $2 AND email_verified = 0`}
	stmtEmailTaken = &Stmt{Name: "emails.taken", SQL: `
		SELECT user_id FROM {s}accounts WHERE email_key = $1 AND user_id <> $2`}

	stmtLinkAdd = &Stmt{Name: "emails.add_link", SQL: `
		INSERT INTO {s}mail_links (token_hash, user_id, purpose, email, email_key, verified, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)`}
	stmtLinkGet = &Stmt{Name: "emails.link", SQL: `
		SELECT user_id, purpose, email, email_key, verified, expires FROM {s}mail_links WHERE token_hash = $1 AND expires > $2`}
	stmtLinkUse = &Stmt{Name: "emails.use_link", SQL: `
		DELETE FROM {s}mail_links WHERE token_hash = $1 AND expires > $2
		RETURNING user_id, purpose, email, email_key, verified, expires`}
	stmtLinksDrop = &Stmt{Name: "emails.drop_links", SQL: `
		DELETE FROM {s}mail_links WHERE user_id = $1 AND purpose >= $2 AND purpose <= $3`}
	stmtUndosDrop = &Stmt{Name: "emails.drop_undos", SQL: `
		DELETE FROM {s}mail_links WHERE user_id = $1 AND purpose = $2 AND verified >= $3`}
	stmtLinksOld = &Stmt{Name: "emails.old_links", SQL: `DELETE FROM {s}mail_links WHERE expires <= $1`}
)

var errBadLink = &tintype.Error{Kind: tintype.Invalid, Field: "token", Msg: "this link is not good any more: it was used, is too old, or a newer one was sent"}

// enqueueMail has a letter written once this transaction is there.
func enqueueMail(tx *Tx, m job.Mail, now time.Time) {
	m.ID, m.At = rand.Text(), Micros(now)
	tx.Enqueue(job.Insert{Kind: job.MailKind, Item: m})
}

// tell has a user told what happened to the account: at the address that is known to be theirs now, whatever takes its place
// before the letter is written. Without one it is at the address of then, if that is known to be theirs.
func tell(ctx context.Context, tx *Tx, m job.Mail, now time.Time) error {
	a, err := readAccount(ctx, tx, stmtAccountGet, m.User)
	if err != nil {
		return err
	}
	if a != nil && !a.Verified.IsZero() {
		m.To, m.Verified = a.Email, Micros(a.Verified)
	}
	enqueueMail(tx, m, now)
	return nil
}

// Ask has a letter written.
func (s Emails) Ask(ctx context.Context, m job.Mail, now time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		enqueueMail(tx, m, now)
		return nil
	})
}

// AskChange notes the address that is to take the place of a user's, "" for none, and has letters written to
// both: to the new one whether it is the user's, to the former one, if that was known to be, how to undo it. Without
// a new one the change is made at once. NotFound if there is no such user who is active.
func (s Emails) AskChange(ctx context.Context, user tintype.ID, email string, by job.Mail, now time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		a, err := readAccount(ctx, tx, stmtAccountGet, user)
		if err != nil {
			return err
		}
		if a == nil {
			return errNoAccount
		}
		if err := exactlyOne(tx.Exec(ctx, stmtEmailPending, email, user)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, stmtLinksDrop, user, tintype.LinkVerify, tintype.LinkChange); err != nil {
			return err
		}
		by.User = user
		if !a.Verified.IsZero() {
			by.Letter, by.To, by.Verified = job.LetterChanging, a.Email, Micros(a.Verified)
			enqueueMail(tx, by, now)
		}
		if email != "" {
			by.Letter, by.To, by.Verified = job.LetterChange, email, 0
			enqueueMail(tx, by, now)
			return nil
		}
		_, err = tx.Exec(ctx, stmtEmailSet, nil, nil, 0, user)
		return err
	})
}

// AddLink keeps a link that is about to be sent.
func (s Emails) AddLink(ctx context.Context, l tintype.MailLink) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtLinkAdd, l.Hash, l.UserID, l.Purpose, l.Email, l.EmailKey, l.Verified, l.Expires)
		return err
	})
}

// Link gives a link that is still good, nil for none; it stays so.
func (s Emails) Link(ctx context.Context, hash []byte, now time.Time) (*tintype.MailLink, error) {
	return readLink(ctx, s.R.Directory(), stmtLinkGet, hash, now)
}

func readLink(ctx context.Context, q Querier, s *Stmt, hash []byte, now time.Time) (*tintype.MailLink, error) {
	l := &tintype.MailLink{Hash: hash}
	var verified, expires int64
	found, err := q.QueryRow(ctx, s, []any{&l.UserID, &l.Purpose, &l.Email, &l.EmailKey, &verified, &expires}, hash, now)
	if err != nil || !found {
		return nil, err
	}
	l.Verified, l.Expires = FromMicros(verified), FromMicros(expires)
	return l, nil
}

// useLink uses up a link of one of two purposes, and gives it with its user's account, which is active; or, of a link that
// lets the owner in again, about to be deleted: it may not have been the owner who asked for that.
func useLink(ctx context.Context, tx *Tx, hash []byte, now time.Time, a, b tintype.LinkPurpose) (*tintype.MailLink, *tintype.Account, error) {
	l, err := readLink(ctx, tx, stmtLinkUse, hash, now)
	if err != nil {
		return nil, nil, err
	}
	if l == nil || l.Purpose != a && l.Purpose != b {
		return nil, nil, errBadLink
	}
	account, err := readAccount(ctx, tx, stmtAccountGet, l.UserID)
	if err == nil && (account == nil || account.State != tintype.AccountActive && (account.State != tintype.AccountLeaving || a < tintype.LinkUndo)) {
		err = errBadLink
	}
	return l, account, err
}

// ConfirmEmail uses up a link that says that an address is the user's, and has it so. Conflict if another account has shown the same.
func (s Emails) ConfirmEmail(ctx context.Context, hash []byte, now time.Time) (*tintype.MailLink, error) {
	var link *tintype.MailLink
	err := s.R.Directory().Write(ctx, func(tx *Tx) error {
		l, a, err := useLink(ctx, tx, hash, now, tintype.LinkVerify, tintype.LinkChange)
		if err != nil {
			return err
		}
		link = l
		if l.Purpose == tintype.LinkVerify {
			n, err := tx.Exec(ctx, stmtEmailVerified, now, l.UserID, l.EmailKey)
			if err == nil && n == 0 {
				err = errBadLink
			}
			return err
		}
		if a.Pending != l.Email {
			return errBadLink
		}
		if err := takeEmail(ctx, tx, l, now); err != nil {
			return err
		}
		// A link to set a new password that lies in the former mailbox is that user's no longer.
		if _, err := tx.Exec(ctx, stmtLinksDrop, l.UserID, tintype.LinkReset, tintype.LinkReset); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, stmtLinksDrop, l.UserID, tintype.LinkVerify, tintype.LinkChange)
		return err
	})
	return link, emailTaken(err)
}

// takeEmail makes the address of a link its user's.
func takeEmail(ctx context.Context, tx *Tx, l *tintype.MailLink, verified time.Time) error {
	if _, err := tx.Exec(ctx, stmtEmailUnclaim, l.EmailKey, l.UserID); err != nil {
		return err
	}
	var other tintype.ID
	if taken, err := tx.QueryRow(ctx, stmtEmailTaken, []any{&other}, l.EmailKey, l.UserID); err != nil || taken {
		if taken {
			err = errEmailTaken
		}
		return err
	}
	return exactlyOne(tx.Exec(ctx, stmtEmailSet, l.Email, l.EmailKey, verified, l.UserID))
}

// emailTaken is err in words, where the unique index had the last one: of two changes at once.
func emailTaken(err error) error {
	if !errors.Is(err, errEmailTaken) && tintype.IsKind(err, tintype.Conflict) {
		return errEmailTaken
	}
	return err
}

// UndoEmail uses up a link that brings a former address back. Whoever asks says that it was not they who changed
// it: all credentials end, the second factor, its recovery codes, the passkeys and the identities go, noPassword, which no password fits, takes
// the place of the hash, and a letter with a link to set a new password goes to the address. Links that bring back an address
// from before it stay good: the one that is brought back may be that of who took the account over.
func (s Emails) UndoEmail(ctx context.Context, hash []byte, noPassword string, now time.Time) (l *tintype.MailLink, ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		if l, _, err = useLink(ctx, tx, hash, now, tintype.LinkUndo, tintype.LinkUndo); err != nil {
			return err
		}
		if err := takeEmail(ctx, tx, l, l.Verified); err != nil {
			return err
		}
		for _, p := range []tintype.LinkPurpose{tintype.LinkVerify, tintype.LinkChange, tintype.LinkReset} {
			if _, err := tx.Exec(ctx, stmtLinksDrop, l.UserID, p, p); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, stmtUndosDrop, l.UserID, tintype.LinkUndo, l.Verified); err != nil {
			return err
		}
		if err := exactlyOne(tx.Exec(ctx, stmtPasswordSet, noPassword, l.UserID, "")); err != nil {
			return err
		}
		for _, drop := range []*Stmt{stmtPasskeysDrop, stmtIdentitiesDrop, stmtFactorDrop, stmtRecoveryDrop} {
			if _, err := tx.Exec(ctx, drop, l.UserID); err != nil {
				return err
			}
		}
		enqueueMail(tx, job.Mail{Letter: job.LetterReset, To: l.Email}, now)
		ended, err = endAll(ctx, tx, l.UserID, "", anyApp)
		return err
	})
	return l, ended, emailTaken(err)
}

// ResetPassword uses up a link that sets a new password: all credentials end, and the address is known to be the user's from then on.
func (s Emails) ResetPassword(ctx context.Context, hash []byte, passwordHash string, by job.Mail, now time.Time) (ended []tintype.Credential, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		l, a, err := useLink(ctx, tx, hash, now, tintype.LinkReset, tintype.LinkReset)
		if err != nil {
			return err
		}
		if a.Email != l.Email {
			return errBadLink // it has changed since
		}
		if a.Verified.IsZero() {
			// Nobody knew until now whose the address is: what somebody else may have left open is shut.
			for _, drop := range []*Stmt{stmtPasskeysDrop, stmtIdentitiesDrop} {
				if _, err := tx.Exec(ctx, drop, l.UserID); err != nil {
					return err
				}
			}
		}
		if _, err := tx.Exec(ctx, stmtEmailVerified, now, l.UserID, l.EmailKey); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, stmtLinksDrop, l.UserID, tintype.LinkReset, tintype.LinkReset); err != nil {
			return err
		}
		if err := exactlyOne(tx.Exec(ctx, stmtPasswordSet, passwordHash, l.UserID, "")); err != nil {
			return err
		}
		by.Letter, by.User = job.LetterPassword, l.UserID
		if err := tell(ctx, tx, by, now); err != nil {
			return err
		}
		ended, err = endAll(ctx, tx, l.UserID, "", anyApp)
		return err
	})
	return ended, err
}

// SweepLinks deletes links that expired before an instant.
func (s Emails) SweepLinks(ctx context.Context, now time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtLinksOld, now)
		return err
	})
}
