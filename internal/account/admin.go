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

// Suspend sees to it that a user is shut out, with all they publish, or let back in: what is so already stays as it is, and
// else their sessions and tokens end. Who asked to be deleted stays away either way, and is suspended once they come back.
func (s *Service) Suspend(ctx context.Context, user tintype.ID, suspended bool) error {
	ended, err := s.c.Lockouts.SetSuspended(ctx, user, suspended)
	s.ended(ended)
	if err != nil {
		return err
	}
	s.changed(user)
	return s.Align(ctx, user)
}

// readStateAgain is how often Align looks whether what it wrote is still true.
const readStateAgain = 5

// Align shows a profile, or hides it, as the state of its account says, and reads that again: of two at once the one that
// read first may write last. Whatever changes the state calls it, and may be interrupted before: so calling it again is never wrong.
func (s *Service) Align(ctx context.Context, user tintype.ID) error {
	var done tintype.UserState
	for try := range readStateAgain {
		a, err := s.c.Accounts.Account(ctx, user)
		if err != nil || a == nil {
			return err
		}
		want := tintype.UserActive
		switch a.State {
		case tintype.AccountClaimed:
			return nil
		case tintype.AccountSuspended:
			want = tintype.UserSuspended
		case tintype.AccountLeaving, tintype.AccountDeleted:
			want = tintype.UserDeleted
		}
		if try > 0 && want == done {
			return nil
		}
		u, err := s.c.Profiles.Profile(ctx, user)
		if err != nil || u == nil {
			return err
		}
		if u.State != want {
			err = s.c.Profiles.SetUserState(ctx, user, want)
		}
		s.c.Changed(ctx, user)
		if err != nil {
			return err
		}
		done = want
	}
	return tintype.Errorf(tintype.Unavailable, "whether this user is here keeps changing; it is looked at again later")
}
