package account

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/tintype"
)

const (
	webRedirect    = "https://app.example/cb"
	nativeRedirect = "http://127.0.0.1/cb"
	verifier       = "a-verifier-of-43-characters-or-more-0123456789"
)

func challengeOf(v string) string {
	h := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// fixture is a site with a user, a confidential and a public app.
type fixture struct {
	*site
	user        *tintype.User
	web, native *tintype.App
	secret      string
}

func newFixture(t *testing.T, s *site) *fixture {
	t.Helper()
	f := &fixture{site: s, user: s.signUp(t, "ann")}
	var err error
	ctx := context.Background()
	if f.web, f.secret, err = s.RegisterApp(ctx, f.user.ID, NewApp{Name: "Web", RedirectURIs: []string{webRedirect}, Scopes: "likes comments"}); err != nil {
		t.Fatal(err)
	}
	var none string
	if f.native, none, err = s.RegisterApp(ctx, f.user.ID, NewApp{Name: "Native", RedirectURIs: []string{nativeRedirect}, Public: true}); err != nil || none != "" {
		t.Fatal(none, err)
	}
	return f
}

func (f *fixture) webRequest() AuthorizeRequest {
	return AuthorizeRequest{ResponseType: "code", ClientID: f.web.ClientID, RedirectURI: webRedirect, Scope: "likes", State: "a&b=c"}
}

func (f *fixture) nativeRequest() AuthorizeRequest {
	return AuthorizeRequest{ResponseType: "code", ClientID: f.native.ClientID, RedirectURI: "http://127.0.0.1:5000/cb", CodeChallenge: challengeOf(verifier), CodeChallengeMethod: "S256"}
}

// code lets the user allow a request and gives the code.
func (f *fixture) code(t *testing.T, r AuthorizeRequest) string {
	t.Helper()
	consent, err := f.CheckAuthorize(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	to, err := f.Authorize(context.Background(), f.user.ID, r, consent.Scopes, true)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, r.RedirectURI+"?") || u.Query().Get("state") != r.State || u.Query().Get("code") == "" {
		t.Fatalf("sent to %q, %v", to, err)
	}
	return u.Query().Get("code")
}

func (f *fixture) webExchange(code string) TokenRequest {
	return TokenRequest{GrantType: "authorization_code", Code: code, RedirectURI: webRedirect, ClientID: f.web.ClientID, ClientSecret: f.secret, Client: from("192.0.2.9")}
}

func (f *fixture) nativeExchange(code string) TokenRequest {
	return TokenRequest{GrantType: "authorization_code", Code: code, RedirectURI: "http://127.0.0.1:5000/cb", ClientID: f.native.ClientID, CodeVerifier: verifier}
}

// wantOAuth checks the protocol's code of an error, and whether the person is sent on.
func wantOAuth(t *testing.T, what string, err error, code string, redirect bool) {
	t.Helper()
	var oe *OAuthError
	if !errors.As(err, &oe) {
		t.Errorf("%s: got %v, want %s", what, err, code)
		return
	}
	if oe.Code != code || (oe.RedirectTo != "") != redirect {
		t.Errorf("%s: got %s (%v), to %q; want %s", what, oe.Code, err, oe.RedirectTo, code)
	}
	var te *tintype.Error
	if !errors.As(err, &te) || te.Kind == tintype.Internal || te.Msg == "" {
		t.Errorf("%s: %v has nothing to say to people", what, err)
	}
}

func TestCheckAuthorize(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		f := newFixture(t, s)
		tests := []struct {
			name     string
			native   bool
			change   func(*AuthorizeRequest)
			code     string // "" for none
			redirect bool
			scopes   tintype.Scope
		}{
			{name: "web", change: func(*AuthorizeRequest) {}, scopes: tintype.ScopeBasic | tintype.ScopeLikes},
			{name: "web with PKCE", change: func(r *AuthorizeRequest) {
				r.CodeChallenge, r.CodeChallengeMethod = challengeOf(verifier), "S256"
			}, scopes: tintype.ScopeBasic | tintype.ScopeLikes},
			{name: "native", native: true, change: func(*AuthorizeRequest) {}, scopes: tintype.ScopeBasic},
			{name: "plus", change: func(r *AuthorizeRequest) { r.Scope = "likes+comments" }, scopes: tintype.ScopeBasic | tintype.ScopeLikes | tintype.ScopeComments},
			{name: "no client", change: func(r *AuthorizeRequest) { r.ClientID = "" }, code: "invalid_request"},
			{name: "unknown client", change: func(r *AuthorizeRequest) { r.ClientID += "0" }, code: "invalid_client"},
			{name: "no redirect", change: func(r *AuthorizeRequest) { r.RedirectURI = "" }, code: "invalid_request"},
			{name: "other redirect", change: func(r *AuthorizeRequest) { r.RedirectURI += "/" }, code: "invalid_request"},
			{name: "another app's redirect", change: func(r *AuthorizeRequest) { r.RedirectURI = nativeRedirect }, code: "invalid_request"},
			{name: "CRLF in state", change: func(r *AuthorizeRequest) { r.State = "a\r\nSet-Cookie: b" }, code: "invalid_request"},
			{name: "no response type", change: func(r *AuthorizeRequest) { r.ResponseType = "" }, code: "unsupported_response_type", redirect: true},
			{name: "implicit", change: func(r *AuthorizeRequest) { r.ResponseType = "token" }, code: "unsupported_response_type", redirect: true},
			{name: "hybrid", change: func(r *AuthorizeRequest) { r.ResponseType = "code token" }, code: "unsupported_response_type", redirect: true},
			{name: "unknown scope", change: func(r *AuthorizeRequest) { r.Scope = "basic admin" }, code: "invalid_scope", redirect: true},
			{name: "more than registered", change: func(r *AuthorizeRequest) { r.Scope = "likes media" }, code: "invalid_scope", redirect: true},
			{name: "public without PKCE", native: true, change: func(r *AuthorizeRequest) { r.CodeChallenge, r.CodeChallengeMethod = "", "" }, code: "invalid_request", redirect: true},
			{name: "plain", native: true, change: func(r *AuthorizeRequest) { r.CodeChallenge, r.CodeChallengeMethod = verifier, "plain" }, code: "invalid_request", redirect: true},
			{name: "no method is plain", native: true, change: func(r *AuthorizeRequest) { r.CodeChallengeMethod = "" }, code: "invalid_request", redirect: true},
			{name: "lower-case method", native: true, change: func(r *AuthorizeRequest) { r.CodeChallengeMethod = "s256" }, code: "invalid_request", redirect: true},
			{name: "method without challenge", change: func(r *AuthorizeRequest) { r.CodeChallengeMethod = "S256" }, code: "invalid_request", redirect: true},
			{name: "short challenge", native: true, change: func(r *AuthorizeRequest) { r.CodeChallenge = r.CodeChallenge[:42] }, code: "invalid_request", redirect: true},
			{name: "padded challenge", native: true, change: func(r *AuthorizeRequest) { r.CodeChallenge += "=" }, code: "invalid_request", redirect: true},
			{name: "challenge in base64", native: true, change: func(r *AuthorizeRequest) { r.CodeChallenge = "+" + r.CodeChallenge[1:] }, code: "invalid_request", redirect: true},
		}
		for _, test := range tests {
			r := f.webRequest()
			if test.native {
				r = f.nativeRequest()
			}
			test.change(&r)
			consent, err := f.CheckAuthorize(context.Background(), r)
			if test.code == "" {
				if err != nil || consent.Scopes != test.scopes {
					t.Errorf("%s: %+v, %v", test.name, consent, err)
				}
				continue
			}
			wantOAuth(t, test.name, err, test.code, test.redirect)
			// An answer in spite of it is refused in the same way.
			_, err = f.Authorize(context.Background(), f.user.ID, r, tintype.ScopeBasic, true)
			wantOAuth(t, test.name+", answered", err, test.code, test.redirect)
		}
	})
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		f := newFixture(t, s)
		ctx := context.Background()
		r := f.webRequest()
		r.Issuer = "https://photos.example"
		to, err := f.Authorize(ctx, f.user.ID, r, 0, false)
		u, _ := url.Parse(to)
		wantQuery := url.Values{"error": {"access_denied"}, "error_reason": {"user_denied"}, "error_description": {"The user denied your request."}, "state": {"a&b=c"}, "iss": {"https://photos.example"}}
		if d := cmp.Diff(wantQuery, u.Query()); d != "" || err != nil {
			t.Error(d, err)
		}
		// Consent is for what was shown, no more and no less.
		for _, shown := range []tintype.Scope{0, tintype.ScopeBasic, tintype.ScopeBasic | tintype.ScopeLikes | tintype.ScopeComments, tintype.ScopeAll} {
			_, err := f.Authorize(ctx, f.user.ID, r, shown, true)
			wantOAuth(t, "other scopes than shown", err, "invalid_scope", false)
		}
	})
}

func TestExchange(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		f := newFixture(t, s)
		ctx := context.Background()
		pkce := f.webRequest()
		pkce.CodeChallenge, pkce.CodeChallengeMethod = challengeOf(verifier), "S256"
		tests := []struct {
			name     string
			request  AuthorizeRequest
			exchange func(code string) TokenRequest
			change   func(*TokenRequest)
			code     string
		}{
			{name: "web", request: f.webRequest(), exchange: f.webExchange},
			{name: "web with PKCE", request: pkce, exchange: f.webExchange, change: func(r *TokenRequest) { r.CodeVerifier = verifier }},
			{name: "native", request: f.nativeRequest(), exchange: f.nativeExchange},

			{name: "no grant type", change: func(r *TokenRequest) { r.GrantType = "" }, code: "invalid_request"},
			{name: "password grant", change: func(r *TokenRequest) { r.GrantType = "password" }, code: "unauthorized_client"},
			{name: "client credentials", change: func(r *TokenRequest) { r.GrantType = "client_credentials" }, code: "unsupported_grant_type"},
			{name: "no client", change: func(r *TokenRequest) { r.ClientID = "" }, code: "invalid_client"},
			{name: "unknown client", change: func(r *TokenRequest) { r.ClientID = "x" }, code: "invalid_client"},
			{name: "no secret", change: func(r *TokenRequest) { r.ClientSecret = "" }, code: "invalid_client"},
			{name: "wrong secret", change: func(r *TokenRequest) { r.ClientSecret = strings.ToUpper(r.ClientSecret) }, code: "invalid_client"},
			{name: "cut secret", change: func(r *TokenRequest) { r.ClientSecret = r.ClientSecret[1:] }, code: "invalid_client"},
			{name: "no code", change: func(r *TokenRequest) { r.Code = "" }, code: "invalid_request"},
			{name: "cut code", change: func(r *TokenRequest) { r.Code = r.Code[1:] }, code: "invalid_grant"},
			{name: "code in capitals", change: func(r *TokenRequest) { r.Code = strings.ToUpper(r.Code) }, code: "invalid_grant"},
			{name: "no redirect", change: func(r *TokenRequest) { r.RedirectURI = "" }, code: "invalid_request"},
			{name: "other redirect", change: func(r *TokenRequest) { r.RedirectURI += "/" }, code: "invalid_grant"},
			{name: "verifier without challenge", change: func(r *TokenRequest) { r.CodeVerifier = verifier }, code: "invalid_grant"},
			{name: "challenge without verifier", request: pkce, code: "invalid_grant"},
			{name: "wrong verifier", request: pkce, change: func(r *TokenRequest) { r.CodeVerifier = verifier + "x" }, code: "invalid_grant"},
			{name: "challenge as verifier", request: pkce, change: func(r *TokenRequest) { r.CodeVerifier = challengeOf(verifier) }, code: "invalid_grant"},
			{name: "short verifier", request: pkce, change: func(r *TokenRequest) { r.CodeVerifier = verifier[:42] }, code: "invalid_request"},
			{name: "long verifier", request: pkce, change: func(r *TokenRequest) { r.CodeVerifier = strings.Repeat("a", 129) }, code: "invalid_request"},
			{name: "odd verifier", request: pkce, change: func(r *TokenRequest) { r.CodeVerifier = verifier + "é" }, code: "invalid_request"},
			{name: "another app", change: func(r *TokenRequest) { r.ClientID, r.ClientSecret, r.CodeVerifier = f.native.ClientID, "", verifier }, code: "invalid_grant"},
			{name: "native without verifier", request: f.nativeRequest(), exchange: f.nativeExchange, change: func(r *TokenRequest) { r.CodeVerifier = "" }, code: "invalid_grant"},
			{name: "native on another port", request: f.nativeRequest(), exchange: f.nativeExchange, change: func(r *TokenRequest) { r.RedirectURI = "http://127.0.0.1:5001/cb" }, code: "invalid_grant"},
			{name: "native with a secret", request: f.nativeRequest(), exchange: f.nativeExchange, change: func(r *TokenRequest) { r.ClientSecret = "x" }, code: "invalid_client"},
		}
		for _, test := range tests {
			if test.exchange == nil {
				test.exchange = f.webExchange
			}
			if test.request.ClientID == "" {
				test.request = f.webRequest()
			}
			r := test.exchange(f.code(t, test.request))
			if test.change != nil {
				test.change(&r)
			}
			token, err := f.Exchange(ctx, r)
			if test.code != "" {
				wantOAuth(t, test.name, err, test.code, false)
				if token != (Token{}) {
					t.Errorf("%s: an error and a token", test.name)
				}
				continue
			}
			if err != nil || token.UserID != f.user.ID || !strings.HasPrefix(token.AccessToken, f.user.ID.String()+"."+r.ClientID[:7]+".") {
				t.Errorf("%s: %+v, %v", test.name, token, err)
				continue
			}
			p, err := f.Authenticate(ctx, token.AccessToken)
			if err != nil || p.Scopes != token.Scopes || p.Scopes&tintype.ScopeSession != 0 || p.AppID == 0 || p.Admin {
				t.Errorf("%s: %+v, %v", test.name, p, err)
			}
		}

		// Expired, and after what ends all credentials.
		code := f.code(t, f.webRequest())
		s.clock.add(time.Minute)
		_, err := f.Exchange(ctx, f.webExchange(code))
		wantOAuth(t, "after a minute", err, "invalid_grant", false)
		code = f.code(t, f.webRequest())
		if err := f.SignOutEverywhere(ctx, f.user.ID, ""); err != nil {
			t.Fatal(err)
		}
		_, err = f.Exchange(ctx, f.webExchange(code))
		wantOAuth(t, "after signing out everywhere", err, "invalid_grant", false)
		code = f.code(t, f.webRequest())
		if err := f.Suspend(ctx, f.user.ID, true); err != nil {
			t.Fatal(err)
		}
		_, err = f.Exchange(ctx, f.webExchange(code))
		wantOAuth(t, "after a suspension", err, "invalid_grant", false)
	})
}

func TestCodeReuse(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		f := newFixture(t, s)
		ctx := context.Background()
		r := f.webExchange(f.code(t, f.webRequest()))
		first, err := f.Exchange(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Authenticate(ctx, first.AccessToken); err != nil {
			t.Fatal(err)
		}
		// A thief without the app's secret cannot end it.
		thief := r
		thief.ClientSecret = "x"
		_, err = f.Exchange(ctx, thief)
		wantOAuth(t, "by a thief", err, "invalid_client", false)
		if _, err := f.Authenticate(ctx, first.AccessToken); err != nil {
			t.Error(err)
		}
		other, err := f.Exchange(ctx, f.webExchange(f.code(t, f.webRequest())))
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Exchange(ctx, r)
		wantOAuth(t, "a second time", err, "invalid_grant", false)
		if _, err := f.Authenticate(ctx, first.AccessToken); blame(err) != "unauthenticated" {
			t.Errorf("the token outlived the second use of its code: %v", err)
		}
		if _, err := f.Authenticate(ctx, other.AccessToken); err != nil {
			t.Errorf("another code's token ended too: %v", err)
		}

		r = f.webExchange(f.code(t, f.webRequest()))
		var mu sync.Mutex
		var wg sync.WaitGroup
		var tokens []string
		for range 50 {
			wg.Go(func() {
				token, err := f.Exchange(ctx, r)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					tokens = append(tokens, token.AccessToken)
				} else {
					wantOAuth(t, "one of 50", err, "invalid_grant", false)
				}
			})
		}
		wg.Wait()
		if len(tokens) != 1 {
			t.Fatalf("50 at once got %d tokens", len(tokens))
		}
		if _, err := f.Authenticate(ctx, tokens[0]); blame(err) != "unauthenticated" {
			t.Errorf("the one token lives: %v", err)
		}
	})
}

func TestRevokeAndGrants(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		f := newFixture(t, s)
		ctx := context.Background()
		get := func() string {
			t.Helper()
			token, err := f.Exchange(ctx, f.webExchange(f.code(t, f.webRequest())))
			if err != nil {
				t.Fatal(err)
			}
			return token.AccessToken
		}
		alive := func(what, token string, want bool) {
			t.Helper()
			if _, err := f.Authenticate(ctx, token); (err == nil) != want {
				t.Errorf("%s: %v", what, err)
			}
		}
		a, b := get(), get()
		session, _ := f.openFor(t, f.user.ID)
		web := TokenRequest{ClientID: f.web.ClientID, ClientSecret: f.secret}
		for _, token := range []string{"", "x", a + "x", session, strings.Repeat("a", 5000)} {
			if err := f.Revoke(ctx, web, token); err != nil {
				t.Errorf("%.80q: %v", token, err)
			}
		}
		if err := f.Revoke(ctx, TokenRequest{ClientID: f.native.ClientID}, a); err != nil {
			t.Error(err)
		}
		wantOAuth(t, "no secret", f.Revoke(ctx, TokenRequest{ClientID: f.web.ClientID}, a), "invalid_client", false)
		alive("a session, by an app", session, true)
		alive("a token, by another app", a, true)
		if err := f.Revoke(ctx, web, a); err != nil {
			t.Error(err)
		}
		alive("revoked", a, false)
		alive("the other one", b, true)

		grants, err := f.Grants(ctx, f.user.ID)
		if err != nil || len(grants) != 1 || grants[0].App.Name != "Web" || grants[0].Scopes != tintype.ScopeBasic|tintype.ScopeLikes {
			t.Errorf("%+v, %v", grants, err)
		}
		if list, err := f.Sessions(ctx, f.user.ID); err != nil || len(list) != 2 || list[0].AppName+list[1].AppName != "Web" {
			t.Errorf("%+v, %v", list, err)
		}
		want(t, f.RevokeGrant(ctx, f.user.ID, 0), "not found") // 0 would be the sessions
		want(t, f.RevokeGrant(ctx, f.user.ID, f.native.ID), "not found")
		code := f.code(t, f.webRequest())
		want(t, f.RevokeGrant(ctx, f.user.ID, f.web.ID), "")
		alive("after the grant was revoked", b, false)
		alive("the session after it", session, true)
		_, err = f.Exchange(ctx, f.webExchange(code))
		wantOAuth(t, "a code after it", err, "invalid_grant", false)

		c := get()
		stranger := s.signUp(t, "bob")
		want(t, f.DeleteApp(ctx, stranger.ID, f.web.ID), "not found")
		alive("after a stranger tried", c, true)
		want(t, f.DeleteApp(ctx, f.user.ID, f.web.ID), "")
		alive("with its app gone", c, false)
		_, err = f.CheckAuthorize(ctx, f.webRequest())
		wantOAuth(t, "an app that is gone", err, "invalid_client", false)
		if apps, err := f.Apps(ctx, f.user.ID); err != nil || len(apps) != 1 || apps[0].ID != f.native.ID {
			t.Errorf("%+v, %v", apps, err)
		}
	})
}

func TestRegisterApp(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		u := s.signUp(t, "ann")
		good := NewApp{Name: " An  App", Website: "app.example", RedirectURIs: []string{webRedirect}}
		tests := []struct {
			name   string
			change func(*NewApp)
			err    string
		}{
			{name: "good", change: func(*NewApp) {}},
			{name: "no name", change: func(a *NewApp) { a.Name = " " }, err: "invalid name"},
			{name: "no redirect", change: func(a *NewApp) { a.RedirectURIs = nil }, err: "invalid redirect_uris"},
			{name: "too many redirects", change: func(a *NewApp) { a.RedirectURIs = make([]string, 11) }, err: "invalid redirect_uris"},
			{name: "bad redirect", change: func(a *NewApp) { a.RedirectURIs = []string{webRedirect, "javascript:x"} }, err: "invalid redirect_uris"},
			{name: "bad website", change: func(a *NewApp) { a.Website = "javascript:x" }, err: "invalid website"},
			{name: "bad scope", change: func(a *NewApp) { a.Scopes = "basic session" }, err: "invalid scope"},
		}
		for _, test := range tests {
			n := good
			test.change(&n)
			a, secret, err := s.RegisterApp(ctx, u.ID, n)
			if blame(err) != test.err {
				t.Errorf("%s: %v", test.name, err)
			}
			if err == nil && (a.Name != "An App" || len(secret) != 64 || len(a.ClientID) != 32 || a.ID.Shard() != u.ID.Shard() || a.Scopes != appScopes) {
				t.Errorf("%+v, %q", a, secret)
			}
		}
		for range maxApps - 1 {
			if _, _, err := s.RegisterApp(ctx, u.ID, good); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := s.RegisterApp(ctx, u.ID, good)
		want(t, err, "forbidden")
	})
}

func TestParseRequests(t *testing.T) {
	t.Parallel()
	q := url.Values{"client_id": {"c"}, "redirect_uri": {"r"}, "response_type": {"code"}, "scope": {"likes+comments"}, "state": {"s"}, "display": {"touch"}}
	r, err := ParseAuthorize(q)
	if want := (AuthorizeRequest{ClientID: "c", RedirectURI: "r", ResponseType: "code", Scope: "likes+comments", State: "s"}); r != want || err != nil {
		t.Errorf("%+v, %v", r, err)
	}
	for name := range q {
		if name == "display" {
			continue
		}
		twice := url.Values{name: {"a", "a"}}
		_, err := ParseAuthorize(twice)
		wantOAuth(t, name+" twice", err, "invalid_request", false)
		_, err = ParseAuthorize(url.Values{name: {strings.Repeat("a", 1<<20)}})
		wantOAuth(t, name+" of 1 MB", err, "invalid_request", false)
	}

	basic := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	tests := []struct {
		name, header string
		form         url.Values
		id, secret   string
		code         string
	}{
		{name: "form", form: url.Values{"client_id": {"c"}, "client_secret": {"s"}}, id: "c", secret: "s"},
		{name: "Basic", header: basic("c:s"), id: "c", secret: "s"},
		{name: "Basic, encoded", header: basic("c:s%3A%2B+x"), id: "c", secret: "s:+ x"},
		{name: "basic in lower case", header: "b" + basic("c:s")[1:], id: "c", secret: "s"},
		{name: "Basic and the same ID", header: basic("c:s"), form: url.Values{"client_id": {"c"}}, id: "c", secret: "s"},
		{name: "Basic and another ID", header: basic("c:s"), form: url.Values{"client_id": {"d"}}, code: "invalid_request"},
		{name: "Basic and a secret", header: basic("c:s"), form: url.Values{"client_secret": {"s"}}, code: "invalid_request"},
		{name: "not base64", header: "Basic ???", code: "invalid_client"},
		{name: "no colon", header: basic("cs"), code: "invalid_client"},
		{name: "bad escape", header: basic("c:%zz"), code: "invalid_client"},
		{name: "other scheme", header: `Token token="x"`, form: url.Values{"client_id": {"c"}}, id: "c"},
		{name: "secret twice", form: url.Values{"client_secret": {"s", "s"}}, code: "invalid_request"},
	}
	for _, test := range tests {
		r, err := ParseTokenRequest(test.form, test.header)
		if test.code != "" {
			wantOAuth(t, test.name, err, test.code, false)
		} else if err != nil || r.ClientID != test.id || r.ClientSecret != test.secret {
			t.Errorf("%s: %+v, %v", test.name, r, err)
		}
	}
}
