package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// codeLife is how long an authorization code is good.
const codeLife = time.Minute

// OAuthError is an error of the OAuth calls. Err is the *tintype.Error for
// people; Code is the protocol's word for it (RFC 6749 sections 4.1.2.1 and 5.2).
type OAuthError struct {
	Code string
	// RedirectTo is where to send the person with the error; "" means nowhere:
	// the app or its redirect URI is not to be trusted, so show a page.
	RedirectTo string
	Err        error
}

// Error gives the protocol's code and the message.
func (e *OAuthError) Error() string { return e.Code + ": " + e.Err.Error() }

// Unwrap is the *tintype.Error.
func (e *OAuthError) Unwrap() error { return e.Err }

func oauthError(code string, kind tintype.Kind, msg string) *OAuthError {
	return &OAuthError{Code: code, Err: &tintype.Error{Kind: kind, Msg: msg}}
}

// internalError passes on what a store says.
func internalError(err error) *OAuthError {
	code := "server_error"
	if tintype.IsKind(err, tintype.Unavailable) {
		code = "temporarily_unavailable"
	}
	return &OAuthError{Code: code, Err: err}
}

// ParseAuthorize reads the query of GET /oauth/authorize, or the same fields of
// the form that answers it. A parameter that comes twice, or is longer than any
// honest one, is refused. Its error is an *OAuthError without RedirectTo.
func ParseAuthorize(q url.Values) (AuthorizeRequest, error) {
	var r AuthorizeRequest
	if err := fields(q, map[string]*string{
		"response_type": &r.ResponseType, "client_id": &r.ClientID, "redirect_uri": &r.RedirectURI, "scope": &r.Scope, "state": &r.State,
		"code_challenge": &r.CodeChallenge, "code_challenge_method": &r.CodeChallengeMethod,
	}); err != nil {
		return AuthorizeRequest{}, err
	}
	return r, nil
}

// maxParameter is the longest parameter, in bytes.
const maxParameter = 2048

func fields(q url.Values, into map[string]*string) error {
	for name, v := range into {
		switch {
		case len(q[name]) > 1:
			return oauthError("invalid_request", tintype.Invalid, "the parameter "+name+" is there more than once")
		case len(q[name]) == 1 && len(q[name][0]) > maxParameter:
			return oauthError("invalid_request", tintype.Invalid, "the parameter "+name+" is too long")
		case len(q[name]) == 1:
			*v = q[name][0]
		}
	}
	return nil
}

// CheckAuthorize checks an authorization request before consent is asked for.
// Its error is an *OAuthError: with RedirectTo, send the person there; without,
// show them the message and redirect nowhere.
func (s *Service) CheckAuthorize(ctx context.Context, r AuthorizeRequest) (*Consent, error) {
	if r.ClientID == "" {
		return nil, oauthError("invalid_request", tintype.Invalid, "the app did not say which one it is: client_id is missing")
	}
	app, err := s.c.Apps.App(ctx, r.ClientID)
	if err != nil {
		return nil, internalError(err)
	}
	if app == nil {
		return nil, oauthError("invalid_client", tintype.Invalid, "no app is registered here under that client_id")
	}
	if !matchRedirect(app.RedirectURIs, r.RedirectURI, app.Public()) {
		return nil, oauthError("invalid_request", tintype.Invalid, "the app asked to send you to an address that it has not registered")
	}
	if !printable(r.State) {
		return nil, oauthError("invalid_request", tintype.Invalid, "the parameter state has characters that may not be in it")
	}
	// From here on the app is who it says: it is told what is wrong.
	fail := func(code, msg string) (*Consent, error) {
		e := oauthError(code, tintype.Invalid, msg)
		e.RedirectTo = r.answer(url.Values{"error": {code}, "error_description": {msg}})
		return nil, e
	}
	switch {
	case r.ResponseType == "token" && !app.Implicit:
		return fail("unsupported_response_type", "response_type=token is switched off: it puts tokens into addresses, which histories, logs and other pages get to see. An admin of this site can allow it for an old app")
	case r.ResponseType != "code" && r.ResponseType != "token":
		return fail("unsupported_response_type", "response_type must be code")
	}
	scopes, err := ParseScopes(r.Scope)
	if err != nil {
		return fail("invalid_scope", "Invalid scope field(s); scopes are basic, likes, comments, relationships and media")
	}
	if scopes&^app.Scopes != 0 {
		return fail("invalid_scope", "the app asks for more than it is registered for")
	}
	if r.ResponseType == "token" {
		return &Consent{App: app, Scopes: scopes, Implicit: true}, nil
	}
	switch {
	case r.CodeChallenge == "" && r.CodeChallengeMethod != "":
		return fail("invalid_request", "code_challenge_method is there without code_challenge")
	case r.CodeChallenge == "" && app.Public():
		return fail("invalid_request", "an app without a secret must use PKCE: code_challenge is missing")
	case r.CodeChallenge != "" && r.CodeChallengeMethod != "S256":
		return fail("invalid_request", "code_challenge_method must be S256")
	case r.CodeChallenge != "" && !isChallenge(r.CodeChallenge):
		return fail("invalid_request", "code_challenge must be the SHA-256 of the verifier in base64url, 43 characters")
	}
	return &Consent{App: app, Scopes: scopes}, nil
}

// answer is the redirect URI with parameters, the state and the issuer added.
func (r *AuthorizeRequest) answer(v url.Values) string {
	if r.State != "" {
		v.Set("state", r.State)
	}
	if r.Issuer != "" {
		v.Set("iss", r.Issuer)
	}
	sep := "?"
	if r.ResponseType == "token" {
		sep = "#" // where scripts of the time look; a registered URI has no fragment
	} else if strings.Contains(r.RedirectURI, "?") {
		sep = "&"
	}
	return r.RedirectURI + sep + v.Encode()
}

// Authorize is the person's answer: allow it for exactly the scopes they were
// shown, or not. It gives the URL to send them to. Errors as CheckAuthorize.
func (s *Service) Authorize(ctx context.Context, user tintype.ID, r AuthorizeRequest, shown tintype.Scope, allow bool) (redirectTo string, err error) {
	consent, err := s.CheckAuthorize(ctx, r)
	if err != nil {
		return "", err
	}
	if !allow {
		return r.answer(url.Values{"error": {"access_denied"}, "error_reason": {"user_denied"}, "error_description": {"The user denied your request."}}), nil
	}
	if shown != consent.Scopes {
		return "", oauthError("invalid_scope", tintype.Conflict, "what the app asks for is not what you were shown; please go back to the app and start again")
	}
	if consent.Implicit {
		return s.implicit(ctx, user, r, consent)
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	code := hex.EncodeToString(secret)
	hash := sha256.Sum256([]byte(code))
	now := s.c.Clock()
	err = s.c.Codes.AddCode(ctx, &tintype.AuthCode{
		Hash: hash[:], App: consent.App.ID, UserID: user, Scopes: consent.Scopes, RedirectURI: r.RedirectURI,
		Challenge: r.CodeChallenge, Created: now, Expires: now.Add(codeLife),
	})
	if err != nil {
		return "", internalError(err)
	}
	return r.answer(url.Values{"code": {code}}), nil
}
