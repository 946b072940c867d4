package account

import (
	"context"
	"errors"
	"net/url"

	"github.com/tintype/tintype/internal/tintype"
)

// The two grants of the original that are for old clients only. Both are off
// until an admin allows them for one app: the implicit grant puts tokens into
// addresses, where histories, logs and other pages see them, and the password grant
// teaches people to type their password into something that is not this site.

// implicit makes a token right away and gives the redirect with it in its fragment.
func (s *Service) implicit(ctx context.Context, user tintype.ID, r AuthorizeRequest, consent *Consent) (redirectTo string, err error) {
	t, err := s.grant(ctx, user, "", consent.App, consent.Scopes, r.Client)
	if err != nil {
		return "", err
	}
	// Clients take everything behind access_token= for the token: nothing follows but a state that was asked for.
	to := r.RedirectURI + "#access_token=" + url.QueryEscape(t.AccessToken)
	if r.State != "" {
		to += "&state=" + url.QueryEscape(r.State)
	}
	return to, nil
}

// grant makes a token of an app for a user whose password hash is (still) the one given, "" for any.
func (s *Service) grant(ctx context.Context, user tintype.ID, passwordHash string, app *tintype.App, scopes tintype.Scope, c Client) (Token, error) {
	token, hash := newToken(user, app.ClientID)
	now := s.c.Clock()
	t := Token{AccessToken: token, UserID: user, Scopes: scopes & app.Scopes & appScopes}
	ok, err := s.c.Credentials.AddCredential(ctx, &tintype.Credential{
		ID: randomID(), Hash: hash, UserID: user, App: app.ID, Scopes: t.Scopes, Created: now, Expires: now.Add(TokenLife),
		UserAgent: shorten(c.UserAgent, 200), Address: addressOf(c),
	}, passwordHash)
	if err != nil {
		return Token{}, internalError(err)
	}
	if !ok {
		return Token{}, oauthError("invalid_grant", tintype.Invalid, "there is no such account or app any more")
	}
	return t, nil
}

// trade gives an app a token for a user's name and password.
func (s *Service) trade(ctx context.Context, app *tintype.App, r TokenRequest) (Token, error) {
	if !app.Passwords || app.Public() {
		return Token{}, oauthError("unauthorized_client", tintype.Invalid,
			"grant_type=password is switched off: nobody should type their password into an app. An admin of this site can allow it for an old app")
	}
	if r.Username == "" || r.Password == "" {
		return Token{}, oauthError("invalid_request", tintype.Invalid, "username or password is missing")
	}
	scopes, err := ParseScopes(r.Scope)
	if err != nil || scopes&^app.Scopes != 0 {
		return Token{}, oauthError("invalid_scope", tintype.Invalid, "Invalid scope field(s): "+shorten(r.Scope, 100))
	}
	a, subject, err := s.find(ctx, r.Username)
	if err != nil {
		return Token{}, internalError(err)
	}
	hash, err := s.checkPassword(ctx, a, subject, r.Password, "password", r.Client)
	switch {
	case errors.Is(err, errWrongLogin), tintype.IsKind(err, tintype.Invalid):
		return Token{}, oauthError("invalid_grant", tintype.Invalid, errWrongLogin.Msg)
	case err != nil:
		return Token{}, internalError(err)
	}
	switch asked, err := s.checkCode(ctx, a.UserID, "", r.Client); {
	case asked:
		return Token{}, oauthError("invalid_grant", tintype.Invalid, "this user signs in with two factors, which is only possible on this site itself")
	case err != nil:
		return Token{}, internalError(err)
	}
	return s.grant(ctx, a.UserID, hash, app, scopes, r.Client)
}
