package account

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// freshSession is how young a session must be to set the first password of a user who has none to show.
const freshSession = 15 * time.Minute

// LinkedIdentity is an account elsewhere by which a user signs in.
type LinkedIdentity struct {
	Key      string // to disconnect it by: the provider's ID, or for one that the site no longer has its issuer, as base64url
	Provider string // its ID; "" for one that the site no longer has
	Name     string // of the provider, or its issuer
	Email    string // as the provider said; "" for none
	Linked   time.Time
}

// WaysIn is how a user signs in.
type WaysIn struct {
	Password   bool
	Identities []LinkedIdentity // the oldest first
}

var (
	errSetFirst = &tintype.Error{Kind: tintype.Conflict, Field: "password",
		Msg: "you have no password here yet: please set one first, in Settings, Account, or by “Forgot password?” on the sign-in page"}
	errLastWayIn = &tintype.Error{Kind: tintype.Conflict, Field: "provider",
		Msg: "this is your only way to sign in here: please set a password first"}
	errStale = &tintype.Error{Kind: tintype.Forbidden, Field: "current",
		Msg: "please sign in once more: a first password is set within a quarter of an hour after that"}
)

// WaysIn tells how a user signs in.
func (s *Service) WaysIn(ctx context.Context, user tintype.ID) (WaysIn, error) {
	a, err := s.c.Accounts.Account(ctx, user)
	if err != nil {
		return WaysIn{}, err
	}
	if a == nil {
		return WaysIn{}, errNoUser
	}
	list, err := s.c.Identities.Identities(ctx, user)
	if err != nil {
		return WaysIn{}, err
	}
	out := WaysIn{Password: a.PasswordHash != noPassword, Identities: make([]LinkedIdentity, len(list))}
	for n, i := range list {
		out.Identities[n] = LinkedIdentity{Key: issuerKey(i.Issuer), Name: i.Issuer, Email: i.Email, Linked: i.Linked}
		for _, p := range s.Providers() {
			if p.Issuer == i.Issuer {
				out.Identities[n].Key, out.Identities[n].Provider, out.Identities[n].Name = p.ID, p.ID, p.Name
			}
		}
	}
	return out, nil
}

// issuerKey names an issuer in an address.
func issuerKey(issuer string) string { return base64.RawURLEncoding.EncodeToString([]byte(issuer)) }

// Unlink takes a user's identity away, by its Key, given the password. Who has no password has no other way in: Conflict.
func (s *Service) Unlink(ctx context.Context, p Principal, key, password string, c Client) error {
	list, err := s.c.Identities.Identities(ctx, p.UserID)
	if err != nil {
		return err
	}
	issuer := key
	if from, err := s.provider(key); err == nil {
		issuer = from.Issuer
	}
	n := slices.IndexFunc(list, func(i tintype.Identity) bool { return i.Issuer == issuer || issuerKey(i.Issuer) == key })
	if n < 0 {
		return &tintype.Error{Kind: tintype.NotFound, Msg: "you are not connected to that account"}
	}
	a, err := s.c.Accounts.Account(ctx, p.UserID)
	if err != nil {
		return err
	}
	if a != nil && a.PasswordHash == noPassword {
		return errLastWayIn
	}
	if _, err := s.confirmPassword(ctx, p.UserID, password, c); err != nil {
		return err
	}
	return s.c.Identities.UnlinkIdentity(ctx, p.UserID, list[n].Issuer, by(c), s.c.Clock())
}

// fresh refuses a session that is not young.
func (s *Service) fresh(ctx context.Context, p Principal) error {
	now := s.c.Clock()
	list, err := s.c.Credentials.Credentials(ctx, p.UserID, now)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.ID == p.CredentialID && now.Sub(c.Created) <= freshSession {
			return nil
		}
	}
	return errStale
}
