package account

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// ParseTokenRequest reads the form (not the query) of POST /oauth/access_token
// or /oauth/revoke, and the app's credentials in the Authorization header if it
// has the scheme Basic. A parameter that comes twice, and a secret in both
// places, are refused. Its error is an *OAuthError.
func ParseTokenRequest(form url.Values, authorization string) (TokenRequest, error) {
	var r TokenRequest
	if err := fields(form, map[string]*string{
		"grant_type": &r.GrantType, "code": &r.Code, "redirect_uri": &r.RedirectURI,
		"client_id": &r.ClientID, "client_secret": &r.ClientSecret, "code_verifier": &r.CodeVerifier,
		"username": &r.Username, "password": &r.Password, "scope": &r.Scope,
	}); err != nil {
		return TokenRequest{}, err
	}
	scheme, value, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return r, nil
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value))
	basicUser, basicPassword, colon := strings.Cut(string(plain), ":")
	// RFC 6749, section 2.3.1: both halves are form-encoded before they go into the header.
	id, err1 := url.QueryUnescape(basicUser)
	secret, err2 := url.QueryUnescape(basicPassword)
	if err != nil || !colon || err1 != nil || err2 != nil || len(id) > maxParameter || len(secret) > maxParameter {
		return TokenRequest{}, oauthError("invalid_client", tintype.Unauthenticated, "the Authorization header cannot be read")
	}
	if r.ClientSecret != "" || r.ClientID != "" && r.ClientID != id {
		return TokenRequest{}, oauthError("invalid_request", tintype.Invalid, "the app named itself twice: in the Authorization header and in the form")
	}
	r.ClientID, r.ClientSecret = id, secret
	return r, nil
}

// client gives the app that a request comes from.
func (s *Service) client(ctx context.Context, r TokenRequest) (*tintype.App, error) {
	wrong := oauthError("invalid_client", tintype.Unauthenticated, "the client_id or client_secret is wrong")
	if r.ClientID == "" {
		return nil, oauthError("invalid_client", tintype.Unauthenticated, "client_id is missing")
	}
	app, err := s.c.Apps.App(ctx, r.ClientID)
	if err != nil {
		return nil, internalError(err)
	}
	if app == nil {
		return nil, wrong
	}
	if app.Public() {
		if r.ClientSecret != "" {
			return nil, wrong
		}
		return app, nil
	}
	sum := sha256.Sum256([]byte(r.ClientSecret))
	if subtle.ConstantTimeCompare(sum[:], app.SecretHash) != 1 {
		return nil, wrong
	}
	return app, nil
}

// Exchange redeems an authorization code, once: a second try with the same code
// ends the token that the first one got, for one of the two is a thief. Its
// error is an *OAuthError, or RateLimited after too many tries that failed. An
// app that an admin allowed it may trade a password instead (grant_type=password).
func (s *Service) Exchange(ctx context.Context, r TokenRequest) (Token, error) {
	if r.GrantType != "authorization_code" && r.GrantType != "password" {
		if r.GrantType == "" {
			return Token{}, oauthError("invalid_request", tintype.Invalid, "grant_type is missing")
		}
		return Token{}, oauthError("unsupported_grant_type", tintype.Invalid, "grant_type must be authorization_code")
	}
	var t Token
	err := s.attempt(ctx, r.Client, func() error {
		app, err := s.client(ctx, r)
		if err != nil {
			return err
		}
		if r.GrantType == "password" {
			t, err = s.trade(ctx, app, r)
		} else {
			t, err = s.redeem(ctx, app, r)
		}
		return err
	})
	return t, err
}

// attempt counts what f does as a try of an app to get or to end a token, unless it succeeds.
func (s *Service) attempt(ctx context.Context, c Client, f func() error) error {
	limits := s.c.LimitsNow().tokenLimits(c.Addr)
	if err := s.take(ctx, "tries", limits); err != nil {
		return err
	}
	err := f()
	if err == nil || tintype.IsKind(err, tintype.Unavailable) || tintype.IsKind(err, tintype.Internal) {
		s.refund(ctx, limits)
	}
	return err
}

// redeem turns a code into a token.
func (s *Service) redeem(ctx context.Context, app *tintype.App, r TokenRequest) (Token, error) {
	if r.Code == "" || r.RedirectURI == "" {
		return Token{}, oauthError("invalid_request", tintype.Invalid, "code or redirect_uri is missing")
	}
	challenge := ""
	if r.CodeVerifier != "" {
		if !isVerifier(r.CodeVerifier) {
			return Token{}, oauthError("invalid_request", tintype.Invalid, "code_verifier must be 43 to 128 letters, digits, '-', '.', '_' or '~'")
		}
		sum := sha256.Sum256([]byte(r.CodeVerifier))
		challenge = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	bad := oauthError("invalid_grant", tintype.Invalid, "No matching code found. It is wrong, used or expired, or does not belong to this app, redirect_uri or code_verifier")
	if app.Public() && challenge == "" {
		return Token{}, bad
	}
	var t Token
	hash := sha256.Sum256([]byte(r.Code))
	now := s.c.Clock()
	code := &tintype.AuthCode{Hash: hash[:], App: app.ID, RedirectURI: r.RedirectURI, Challenge: challenge}
	ok, ended, err := s.c.Codes.RedeemCode(ctx, code, now, func(user tintype.ID, scopes tintype.Scope) *tintype.Credential {
		token, tokenHash := newToken(user, app.ClientID)
		t = Token{AccessToken: token, UserID: user, Scopes: scopes & app.Scopes & appScopes}
		return &tintype.Credential{
			ID: randomID(), Hash: tokenHash, UserID: user, App: app.ID, Scopes: t.Scopes, Created: now, Expires: now.Add(TokenLife),
			UserAgent: shorten(r.Client.UserAgent, 200), Address: addressOf(r.Client),
		}
	})
	s.ended(ended)
	if err != nil {
		return Token{}, internalError(err)
	}
	if !ok {
		return Token{}, bad
	}
	return t, nil
}

// Revoke ends an app's token, as RFC 7009: no error if it is not the app's or not there.
func (s *Service) Revoke(ctx context.Context, r TokenRequest, token string) error {
	var app *tintype.App
	err := s.attempt(ctx, r.Client, func() (err error) {
		app, err = s.client(ctx, r)
		return err
	})
	if err != nil {
		return err
	}
	h, ok := hashToken(token)
	if !ok {
		return nil
	}
	ended, err := s.c.Codes.EndToken(ctx, app.ID, h[:])
	s.ended(ended)
	if err != nil {
		return internalError(err)
	}
	return nil
}

// isVerifier reports whether s is a PKCE verifier (RFC 7636, section 4.1).
func isVerifier(s string) bool { return len(s) >= 43 && len(s) <= 128 && unreserved(s, ".~") }

// isChallenge reports whether s is 32 bytes in base64url, as the one way to write them.
func isChallenge(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == sha256.Size && len(s) == 43
}

// unreserved reports whether s is letters, digits, '-', '_' and more only.
func unreserved(s, more string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return true
}
