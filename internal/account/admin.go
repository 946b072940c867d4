package account

import (
	"context"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// HashPassword checks and hashes a password for NewUser.PasswordHash.
func (s *Service) HashPassword(ctx context.Context, password string) (string, error) {
	if err := goodPassword("password", password); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}

// Create makes an account at the command line, past the sign-up mode and limits.
func (s *Service) Create(ctx context.Context, r NewUser) (*tintype.User, error) {
	n, u, err := newAccount(r, "")
	if err != nil {
		return nil, err
	}
	n.PasswordHash = r.PasswordHash
	switch {
	case r.Password != "":
		if err := goodPassword("password", r.Password, n.Username, n.Email); err != nil {
			return nil, err
		}
		if n.PasswordHash, err = s.hasher.hash(ctx, r.Password); err != nil {
			return nil, err
		}
	case n.PasswordHash == "":
		n.PasswordHash = noPassword
	}
	return s.create(ctx, n, u)
}

// UserID finds a user by exact username; NotFound if there is none.
func (s *Service) UserID(ctx context.Context, username string) (tintype.ID, error) {
	name, err := Username(username)
	if err != nil {
		return 0, err
	}
	id, err := s.c.Names.UserID(ctx, name)
	if err == nil && id == 0 {
		err = errNoUser
	}
	return id, err
}

var errNoUser = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such user"}

// ResetPassword sets a password at the command line and ends all credentials.
func (s *Service) ResetPassword(ctx context.Context, user tintype.ID, password string) error {
	a, err := s.c.Accounts.Account(ctx, user)
	if err != nil {
		return err
	}
	if a == nil {
		return errNoUser
	}
	if err := goodPassword("password", password, a.Email); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	ended, err := s.c.Lockouts.SetPassword(ctx, user, "", hash, "", job.Mail{}, s.c.Clock())
	s.ended(ended)
	return err
}

// SetAdmin makes a user an admin, or no longer one.
func (s *Service) SetAdmin(ctx context.Context, user tintype.ID, admin bool) error {
	err := s.c.Accounts.SetAdmin(ctx, user, admin)
	s.changed(user)
	return err
}

// SetModerator lets a user see the queue of reports, or no longer.
func (s *Service) SetModerator(ctx context.Context, user tintype.ID, on bool) error {
	err := s.c.Accounts.SetModerator(ctx, user, on)
	s.changed(user)
	return err
}

// KeepSuspended sees to it that a user is suspended, or not: what is so already stays as it is, sessions too.
func (s *Service) KeepSuspended(ctx context.Context, user tintype.ID, suspended bool) error {
	a, err := s.c.Accounts.Account(ctx, user)
	if err != nil {
		return err
	}
	u, err := s.c.Profiles.Profile(ctx, user)
	if err != nil {
		return err
	}
	if a == nil || u == nil || (a.State == tintype.AccountSuspended) == suspended && (u.State == tintype.UserSuspended) == suspended {
		return nil
	}
	return s.Suspend(ctx, user, suspended)
}

// Suspend shuts a user out, with all they publish, or lets them back in. Their
// sessions and tokens end either way.
func (s *Service) Suspend(ctx context.Context, user tintype.ID, suspended bool) error {
	account, profile := tintype.AccountActive, tintype.UserActive
	if suspended {
		account, profile = tintype.AccountSuspended, tintype.UserSuspended
	}
	ended, err := s.c.Lockouts.SetAccountState(ctx, user, account)
	s.ended(ended)
	if err != nil {
		return err
	}
	s.changed(user)
	err = s.c.Profiles.SetUserState(ctx, user, profile)
	s.c.Changed(ctx, user)
	return err
}
