package account

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/tintype"
)

func yes() *bool { b := true; return &b }
func no() *bool  { b := false; return &b }

// TestOldGrants: the implicit and the password grant are off until an admin allows them for one app.
func TestOldGrants(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		f := newFixture(t, s)
		r := f.webRequest()
		r.ResponseType, r.State = "token", "a b"
		_, err := f.CheckAuthorize(ctx, r)
		wantOAuth(t, "implicit while off", err, "unsupported_response_type", true)
		_, err = f.Authorize(ctx, f.user.ID, r, tintype.ScopeBasic|tintype.ScopeLikes, true)
		wantOAuth(t, "implicit while off, answered", err, "unsupported_response_type", true)
		xauth := TokenRequest{GrantType: "password", Username: "ann", Password: password, Scope: "likes", ClientID: f.web.ClientID, ClientSecret: f.secret, Client: from("192.0.2.9")}
		_, err = f.Exchange(ctx, xauth)
		wantOAuth(t, "password while off", err, "unauthorized_client", false)

		if _, err := f.AllowApp(ctx, f.web.ID, AppPowers{Implicit: yes(), Passwords: yes()}); err != nil {
			t.Fatal(err)
		}
		consent, err := f.CheckAuthorize(ctx, r)
		if err != nil || !consent.Implicit || consent.Scopes != tintype.ScopeBasic|tintype.ScopeLikes {
			t.Fatalf("%+v, %v", consent, err)
		}
		to, err := f.Authorize(ctx, f.user.ID, r, consent.Scopes, true)
		token, state, _ := strings.Cut(strings.TrimPrefix(to, webRedirect+"#access_token="), "&")
		if err != nil || state != "state=a+b" {
			t.Fatalf("sent to %q, %v", to, err)
		}
		p, err := f.Authenticate(ctx, token)
		if err != nil || p.AppID != f.web.ID || p.UserID != f.user.ID || p.Scopes != tintype.ScopeBasic|tintype.ScopeLikes {
			t.Errorf("%+v, %v", p, err)
		}
		to, err = f.Authorize(ctx, f.user.ID, r, 0, false)
		if v, err1 := url.ParseQuery(strings.TrimPrefix(to, webRedirect+"#")); err != nil || err1 != nil || v.Get("error") != "access_denied" || v.Get("error_reason") != "user_denied" {
			t.Errorf("denied: %q, %v", to, err)
		}
		// Redirects are matched as strictly as ever, and nobody else is allowed it.
		r.RedirectURI += "/"
		_, err = f.CheckAuthorize(ctx, r)
		wantOAuth(t, "implicit to somewhere else", err, "invalid_request", false)
		native := f.nativeRequest()
		native.ResponseType = "token"
		_, err = f.CheckAuthorize(ctx, native)
		wantOAuth(t, "implicit of another app", err, "unsupported_response_type", true)

		got, err := f.Exchange(ctx, xauth)
		if err != nil || got.UserID != f.user.ID || got.Scopes != tintype.ScopeBasic|tintype.ScopeLikes {
			t.Fatalf("%+v, %v", got, err)
		}
		if p, err := f.Authenticate(ctx, got.AccessToken); err != nil || p.AppID != f.web.ID || p.Admin {
			t.Errorf("%+v, %v", p, err)
		}
		for name, bad := range map[string]func(*TokenRequest){
			"invalid_grant":   func(r *TokenRequest) { r.Password = "another password" },
			"invalid_request": func(r *TokenRequest) { r.Username = "" },
			"invalid_scope":   func(r *TokenRequest) { r.Scope = "media" },
			"invalid_client":  func(r *TokenRequest) { r.ClientSecret = "" },
		} {
			r := xauth
			bad(&r)
			_, err := f.Exchange(ctx, r)
			wantOAuth(t, "password grant", err, name, false)
		}
		// A password alone is half of what such a user signs in with.
		_, who := s.openFor(t, f.user.ID)
		e, err := f.BeginTwoFactor(ctx, who, password, from("192.0.2.9"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.ConfirmTwoFactor(ctx, who, s.code(t, e.Secret, 0), from("192.0.2.9")); err != nil {
			t.Fatal(err)
		}
		_, err = f.Exchange(ctx, xauth)
		wantOAuth(t, "password grant of a user with two factors", err, "invalid_grant", false)
		if _, err := f.AllowApp(ctx, f.native.ID, AppPowers{Passwords: yes()}); blame(err) != "invalid password_grant" {
			t.Errorf("a public app may ask for passwords: %v", err)
		}
		if _, err := f.AllowApp(ctx, f.web.ID, AppPowers{Passwords: no()}); err != nil {
			t.Fatal(err)
		}
		_, err = f.Exchange(ctx, xauth)
		wantOAuth(t, "off again", err, "unauthorized_client", false)
	})
}

// TestGrantToNoApp: an app that was deleted while somebody's password was looked at gets no token.
func TestGrantToNoApp(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		f := newFixture(t, s)
		ctx := context.Background()
		want(t, f.DeleteApp(ctx, f.user.ID, f.web.ID), "")
		got, err := f.grant(ctx, f.user.ID, "", f.web, tintype.ScopeBasic, from("192.0.2.9"))
		wantOAuth(t, "to an app that is gone", err, "invalid_grant", false)
		if got != (Token{}) {
			t.Error("an error and a token")
		}
	})
}

// TestTokenTries: wrong secrets and codes are counted by address, right ones are not.
func TestTokenTries(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		f := newFixture(t, s)
		bad := f.webExchange("wrong")
		for range DefaultLimits.TokenTries - 1 {
			_, err := f.Exchange(ctx, bad)
			wantOAuth(t, "a wrong code", err, "invalid_grant", false)
		}
		for range 3 {
			if _, err := f.Exchange(ctx, f.webExchange(f.code(t, f.webRequest()))); err != nil {
				t.Fatal("a right code after wrong ones: ", err)
			}
		}
		_, _ = f.Exchange(ctx, bad)
		code := f.code(t, f.webRequest())
		if _, err := f.Exchange(ctx, f.webExchange(code)); blame(err) != "rate limited" {
			t.Errorf("one try too many: %v", err)
		}
		elsewhere := f.webExchange(code)
		elsewhere.Client = from("192.0.2.77")
		if _, err := f.Exchange(ctx, elsewhere); err != nil {
			t.Errorf("from elsewhere: %v", err)
		}
		f.clock.add(DefaultLimits.Window)
		if _, err := f.Exchange(ctx, f.webExchange(f.code(t, f.webRequest()))); err != nil {
			t.Errorf("after the window: %v", err)
		}
	})
}

func TestChangeApp(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		f := newFixture(t, s)
		bob := s.signUp(t, "bob")
		text := func(s string) *string { return &s }
		uris := func(s ...string) *[]string { return &s }
		for _, tt := range []struct {
			name   string
			owner  tintype.ID
			app    tintype.ID
			change AppChanges
			err    string
		}{
			{name: "a stranger", owner: bob.ID, app: f.web.ID, change: AppChanges{Name: text("Mine")}, err: "not found"},
			{name: "no such app", owner: f.user.ID, app: 1, err: "not found"},
			{name: "no name", owner: f.user.ID, app: f.web.ID, change: AppChanges{Name: text(" ")}, err: "invalid name"},
			{name: "long description", owner: f.user.ID, app: f.web.ID, change: AppChanges{Description: text(strings.Repeat("a", 201))}, err: "invalid description"},
			{name: "bad redirect", owner: f.user.ID, app: f.web.ID, change: AppChanges{RedirectURIs: uris("http://example.com/")}, err: "invalid redirect_uris"},
			{name: "no redirect", owner: f.user.ID, app: f.web.ID, change: AppChanges{RedirectURIs: uris()}, err: "invalid redirect_uris"},
			{name: "signatures without a secret", owner: f.user.ID, app: f.native.ID, change: AppChanges{EnforceSigned: yes()}, err: "invalid enforce_signed"},
			{name: "all", owner: f.user.ID, app: f.web.ID, change: AppChanges{Name: text("Printer"), Description: text("Prints"), Website: text("printer.example"),
				RedirectURIs: uris("https://printer.example/cb"), EnforceSigned: yes()}},
		} {
			if _, err := f.ChangeApp(ctx, tt.owner, tt.app, tt.change); blame(err) != tt.err {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		want := *f.web
		want.Name, want.Description, want.Website, want.RedirectURIs, want.EnforceSigned = "Printer", "Prints", "http://printer.example", []string{"https://printer.example/cb"}, true
		got, err := f.OwnApp(ctx, f.user.ID, f.web.ID)
		if err != nil {
			t.Fatal(err)
		}
		want.Website = got.Website
		if d := cmp.Diff(&want, got); d != "" || !strings.HasSuffix(got.Website, "printer.example") {
			t.Error(d, got.Website)
		}
		if _, err := f.OwnApp(ctx, bob.ID, f.web.ID); blame(err) != "not found" {
			t.Error(err)
		}
		_, err = f.CheckAuthorize(ctx, f.webRequest())
		wantOAuth(t, "the redirect that is gone", err, "invalid_request", false)

		// The old secret is good for nothing once there is a new one.
		if _, _, err := f.RotateSecret(ctx, bob.ID, f.web.ID); blame(err) != "not found" {
			t.Error(err)
		}
		if _, _, err := f.RotateSecret(ctx, f.user.ID, f.native.ID); blame(err) != "invalid" {
			t.Error(err)
		}
		app, secret, err := f.RotateSecret(ctx, f.user.ID, f.web.ID)
		if err != nil || secret == f.secret || len(secret) != 64 || app.Secret != secret {
			t.Fatalf("%+v, %v", app, err)
		}
		for _, tt := range []struct {
			secret string
			code   string
		}{{f.secret, "invalid_client"}, {secret, "invalid_grant"}} {
			r := f.webExchange("none")
			r.ClientSecret = tt.secret
			_, err := f.Exchange(ctx, r)
			wantOAuth(t, "a secret", err, tt.code, false)
		}

		limit := 700
		if _, err := f.AllowApp(ctx, f.web.ID, AppPowers{HourlyLimit: &limit}); err != nil {
			t.Error(err)
		}
		if all, err := f.AllApps(ctx, 0, 10); err != nil || len(all) != 2 || all[0].ID < all[1].ID || all[0].HourlyLimit+all[1].HourlyLimit != 700 {
			t.Errorf("%+v, %v", all, err)
		}
		limit = -1
		if _, err := f.AllowApp(ctx, f.web.ID, AppPowers{HourlyLimit: &limit}); blame(err) != "invalid hourly_limit" {
			t.Error(err)
		}
	})
}

func TestAppUsage(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		f := newFixture(t, s)
		other := newSite(t, s.router, s.clock) // another process
		for range 3 {
			f.Called(f.web.ID, false)
		}
		f.Called(f.web.ID, true)
		other.Called(f.web.ID, false)
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
		first := s.clock.now().Unix() / 3600
		f.clock.add(2 * time.Hour)
		f.Called(f.web.ID, false)
		f.Called(f.native.ID, false)
		got, err := f.AppUsage(ctx, f.user.ID, f.web.ID, 4)
		want := []tintype.AppCalls{{App: f.web.ID, Hour: first - 1}, {App: f.web.ID, Hour: first, Calls: 4, Refused: 1}, {App: f.web.ID, Hour: first + 1}, {App: f.web.ID, Hour: first + 2, Calls: 1}}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Error(d, err)
		}
		if _, err := f.AppUsage(ctx, f.user.ID+1, f.web.ID, 4); blame(err) != "not found" {
			t.Error(err)
		}
		for _, hours := range []int{0, 721} {
			if _, err := f.AppUsage(ctx, f.user.ID, f.web.ID, hours); blame(err) != "invalid hours" {
				t.Error(hours, err)
			}
		}
		f.clock.add(UsageKept)
		if err := f.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if left, err := f.c.Desk.AppUsage(ctx, f.web.ID, 0); err != nil || len(left) != 1 {
			t.Errorf("after a month: %+v, %v", left, err)
		}
	})
}
