package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"github.com/tintype/tintype/internal/tintype"
)

// How many apps a user may register, and redirect URIs an app may have.
const (
	maxApps      = 25
	maxRedirects = 10
)

// RegisterApp registers an app of a user's; the secret is shown this once, and is "" for a public app.
func (s *Service) RegisterApp(ctx context.Context, owner tintype.ID, n NewApp) (app *tintype.App, secret string, err error) {
	a := &tintype.App{OwnerID: owner, Created: s.c.Clock()}
	if err := describeApp(a, AppChanges{Name: &n.Name, Description: &n.Description, Website: &n.Website, RedirectURIs: &n.RedirectURIs}); err != nil {
		return nil, "", err
	}
	if a.Scopes = appScopes; n.Scopes != "" {
		if a.Scopes, err = ParseScopes(n.Scopes); err != nil {
			return nil, "", err
		}
	}
	mine, err := s.c.Apps.AppsOf(ctx, owner)
	if err != nil {
		return nil, "", err
	}
	if len(mine) >= maxApps {
		return nil, "", tintype.Errorf(tintype.Forbidden, "you have %d apps already, which is as many as one may have", len(mine))
	}
	client := make([]byte, 16)
	rand.Read(client)
	a.ClientID = hex.EncodeToString(client)
	if !n.Public {
		newSecret(a)
	}
	if a.ID, err = s.c.NewProfiles.MintFor(ctx, owner); err != nil {
		return nil, "", err
	}
	return a, a.Secret, s.c.Apps.AddApp(ctx, a)
}

// newSecret gives an app a secret of 256 random bits, in hexadecimal. It is kept
// as it is, for it is the key of the signatures that the app makes.
func newSecret(a *tintype.App) {
	b := make([]byte, 32)
	rand.Read(b)
	a.Secret = hex.EncodeToString(b)
	h := sha256.Sum256([]byte(a.Secret))
	a.SecretHash = h[:]
}

// describeApp checks what an owner says of an app, and writes it into a.
func describeApp(a *tintype.App, c AppChanges) (err error) {
	if c.Name != nil {
		if a.Name, err = oneLine("name", "an app's name", *c.Name, 60); err != nil {
			return err
		}
		if a.Name == "" {
			return tintype.FieldError("name", "an app needs a name")
		}
	}
	if c.Description != nil {
		if a.Description, err = oneLine("description", "an app's description", *c.Description, 200); err != nil {
			return err
		}
	}
	if c.Website != nil {
		if a.Website, err = Website(*c.Website); err != nil {
			return err
		}
	}
	if c.RedirectURIs != nil {
		if len(*c.RedirectURIs) == 0 || len(*c.RedirectURIs) > maxRedirects {
			return tintype.FieldError("redirect_uris", "an app has 1 to %d redirect URIs", maxRedirects)
		}
		for _, u := range *c.RedirectURIs {
			if err := checkRedirect(u); err != nil {
				return err
			}
		}
		a.RedirectURIs = *c.RedirectURIs
	}
	if c.EnforceSigned != nil {
		if *c.EnforceSigned && a.Secret == "" {
			if a.Public() {
				return tintype.FieldError("enforce_signed", "an app without a secret cannot sign its requests")
			}
			return tintype.FieldError("enforce_signed", "the secret of this app was made before signatures were checked here; please get a new secret first")
		}
		a.EnforceSigned = *c.EnforceSigned
	}
	return nil
}

// Apps lists the apps that a user registered, the newest first.
func (s *Service) Apps(ctx context.Context, owner tintype.ID) ([]*tintype.App, error) {
	return s.c.Apps.AppsOf(ctx, owner)
}

// Client gives the app of a client ID, nil if there is none. It is public
// knowledge: whoever shows a client ID alone proves nothing by it.
func (s *Service) Client(ctx context.Context, clientID string) (*tintype.App, error) {
	app, err := s.c.Apps.App(ctx, clientID)
	if err != nil {
		return nil, internalError(err)
	}
	return app, nil
}

// DeleteApp deletes a user's own app and ends all its tokens.
func (s *Service) DeleteApp(ctx context.Context, owner, app tintype.ID) error {
	ended, err := s.c.Apps.DeleteApp(ctx, owner, app)
	s.ended(ended)
	return err
}

// Grants lists the apps that hold tokens of a user.
func (s *Service) Grants(ctx context.Context, user tintype.ID) ([]tintype.AppGrant, error) {
	return s.c.Apps.AppGrants(ctx, user, s.c.Clock())
}

// RevokeGrant ends all tokens that an app has of a user.
func (s *Service) RevokeGrant(ctx context.Context, user, app tintype.ID) error {
	if app <= 0 {
		return tintype.Errorf(tintype.NotFound, "that app has no access to your account")
	}
	ended, err := s.c.Apps.EndGrant(ctx, user, app)
	s.ended(ended)
	if err == nil && len(ended) == 0 {
		return tintype.Errorf(tintype.NotFound, "that app has no access to your account")
	}
	return err
}
