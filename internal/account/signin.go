package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// errWrongLogin is one and the same for an unknown name and a wrong password, so that
// neither is given away; nor is that an account is suspended, but to who knows its password.
var errWrongLogin = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "that name and password do not belong together"}

// errSuspended is for the right password of a suspended account; it looks like errWrongLogin.
var errSuspended = &tintype.Error{Kind: tintype.Unauthenticated, Msg: errWrongLogin.Msg, Err: errWrongLogin}

// SuspendedError is for somebody who proved with all that it takes that a suspended account is theirs. They get
// nothing for it but to be told.
type SuspendedError struct{ User tintype.ID }

// Error says it for people.
func (e *SuspendedError) Error() string { return "your account is suspended" }

// Unwrap gives the error that others take it for.
func (e *SuspendedError) Unwrap() error {
	return &tintype.Error{Kind: tintype.Forbidden, Msg: e.Error()}
}

// SignIn checks a password, and the second factor where there is one, or a passkey, and opens a session. Nothing is
// opened halfway: without the code (Field "code" of an Unauthenticated error) there is no session. The time it takes and what it
// says are the same for a wrong password and for an unknown name; while tries
// are locked out the right password is refused as well.
func (s *Service) SignIn(ctx context.Context, l Login) (token string, user *tintype.User, err error) {
	if l.Passkey != nil && l.Name == "" {
		return s.signInByPasskey(ctx, l)
	}
	a, subject, err := s.find(ctx, l.Name)
	if err != nil {
		return "", nil, err
	}
	hash, err := s.checkPassword(ctx, a, subject, l.Password, "password", l.Client)
	if err != nil && !errors.Is(err, errSuspended) {
		return "", nil, err
	}
	if l.Passkey != nil {
		_, err = s.checkPasskey(ctx, *l.Passkey, a.UserID)
	} else {
		_, err = s.checkCode(ctx, a.UserID, l.Code, l.Client)
	}
	if err != nil {
		return "", nil, err
	}
	return s.enter(ctx, a, l.Client, hash)
}

// enter opens a session for whoever proved, with all that it takes, that an account is theirs, if its password is (still) the
// one with this hash, "" for any. Who had asked to be deleted is back with that; who is suspended gets a [SuspendedError] and no session.
func (s *Service) enter(ctx context.Context, a *tintype.Account, c Client, hash string) (token string, u *tintype.User, err error) {
	if a.State == tintype.AccountLeaving {
		if err := s.comeBack(ctx, a.UserID); err != nil {
			return "", nil, err
		}
		if a, err = s.c.Accounts.Account(ctx, a.UserID); err != nil {
			return "", nil, err
		}
		if a == nil {
			return "", nil, errWrongLogin
		}
	}
	if a.State == tintype.AccountSuspended {
		return "", nil, &SuspendedError{User: a.UserID}
	}
	if token, err = s.open(ctx, a.UserID, c, hash); err != nil {
		return "", nil, err
	}
	u, err = s.c.Profiles.Profile(ctx, a.UserID)
	if err == nil && u != nil && u.State != tintype.UserActive { // whoever let them in was interrupted
		if err = s.Align(ctx, a.UserID); err == nil {
			u, err = s.c.Profiles.Profile(ctx, a.UserID)
		}
	}
	if err == nil && u == nil {
		err = errWrongLogin
	}
	return token, u, err
}

// find gives the account of a username or e-mail address, nil if there is
// none, and the name under which tries are counted.
func (s *Service) find(ctx context.Context, name string) (a *tintype.Account, subject string, err error) {
	name = strings.TrimSpace(name)
	var key string
	if strings.Contains(name, "@") {
		if _, key, err = Email(name); err == nil && key != "" {
			a, err = s.c.Accounts.AccountByEmail(ctx, key)
		}
	} else if key, err = Username(name); err == nil {
		var id tintype.ID
		if id, err = s.c.Names.UserID(ctx, key); err == nil && id != 0 {
			a, err = s.c.Accounts.Account(ctx, id)
		}
	}
	if err != nil && !tintype.IsKind(err, tintype.Invalid) {
		return nil, "", err
	}
	if a != nil {
		return a, a.UserID.String(), nil
	}
	// What cannot be anybody's name is wrong like any other.
	sum := sha256.Sum256([]byte("no such user " + key))
	return nil, hex.EncodeToString(sum[:8]), nil
}

// checkPassword checks the password of an account (nil for a user who is not
// there) and gives its hash, made anew if the costs have changed.
func (s *Service) checkPassword(ctx context.Context, a *tintype.Account, subject, password, field string, c Client) (hash string, err error) {
	if err := possiblePassword(field, password); err != nil {
		return "", err
	}
	// The try is counted before it is made: of many at once no more than allowed are.
	limits := s.c.LimitsNow().passwordLimits(subject, c.Addr)
	if err := s.take(ctx, "tries", limits); err != nil {
		return "", err
	}
	hash = noPassword
	if a != nil {
		hash = a.PasswordHash
	}
	ok, stale, err := s.hasher.check(ctx, password, hash)
	if err != nil {
		return "", err
	}
	if !ok || a == nil || a.State != tintype.AccountActive && a.State != tintype.AccountSuspended && (a.State != tintype.AccountLeaving || field != "password") {
		return "", errWrongLogin
	}
	s.refund(ctx, limits)
	if a.State == tintype.AccountSuspended {
		return "", errSuspended
	}
	if stale {
		if fresh, err := s.hasher.hash(ctx, password); err == nil {
			if ok, err := s.c.Lockouts.Rehash(ctx, a.UserID, hash, fresh); err == nil && ok {
				hash = fresh
			}
		}
	}
	return hash, nil
}

// ChangePassword sets a new password, given the current one, and ends every
// other credential of the user. Who has none yet sets the first one in a session that is young.
func (s *Service) ChangePassword(ctx context.Context, p Principal, current, password string, c Client) error {
	a, err := s.c.Accounts.Account(ctx, p.UserID)
	if err != nil {
		return err
	}
	if a == nil {
		return errNoCredential
	}
	u, err := s.c.Profiles.Profile(ctx, p.UserID)
	if err != nil || u == nil {
		return err
	}
	if err := goodPassword("new", password, u.Username, a.Email); err != nil {
		return err
	}
	old := a.PasswordHash
	if old == noPassword {
		err = s.fresh(ctx, p)
	} else {
		old, err = s.checkPassword(ctx, a, a.UserID.String(), current, "current", c)
	}
	if errors.Is(err, errWrongLogin) {
		return &tintype.Error{Kind: tintype.Invalid, Field: "current", Msg: "that is not your current password"}
	}
	if err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	ended, err := s.c.Lockouts.SetPassword(ctx, p.UserID, old, hash, p.CredentialID, by(c), s.c.Clock())
	s.ended(ended)
	if tintype.IsKind(err, tintype.NotFound) {
		return &tintype.Error{Kind: tintype.Conflict, Msg: "your password was changed elsewhere at the same moment"}
	}
	return err
}
