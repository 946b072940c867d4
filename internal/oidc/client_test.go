package oidc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/oidc"
	"github.com/tintype/tintype/internal/testoidc"
	"github.com/tintype/tintype/internal/tintype"
)

var trip = tintype.ProviderTrip{State: strings.Repeat("s", 22), Nonce: strings.Repeat("n", 22), Verifier: strings.Repeat("v", 43), ReturnTo: "https://photos.example/sign-in/back"}

// at makes a client of one provider at an issuer.
func at(issuer string, now func() time.Time) *oidc.Client {
	return oidc.New(oidc.Config{Clock: now, Providers: []oidc.Provider{{
		Provider: tintype.Provider{ID: "p", Name: "Provider", Issuer: issuer}, ClientID: testoidc.ClientID, Secret: testoidc.Secret}}})
}

// redeem goes there and back.
func redeem(t *testing.T, c *oidc.Client, p *testoidc.Provider, claims map[string]any, change func(q url.Values)) (tintype.ProviderUser, error) {
	t.Helper()
	address, err := c.Address(t.Context(), "p", trip)
	if err != nil {
		t.Fatal(err)
	}
	q := p.Grant(address, claims)
	if change != nil {
		change(q)
	}
	return c.Redeem(t.Context(), "p", q.Get("code"), q.Get("iss"), trip)
}

// TestRedeem believes what is signed and meant for this site, and nothing else.
func TestRedeem(t *testing.T) {
	t.Parallel()
	ada := map[string]any{"sub": "ada-1", "email": "ada@example.org", "email_verified": true, "preferred_username": "ada", "name": "Ada L"}
	type call struct {
		name   string
		lie    testoidc.Lie
		claims map[string]any
		change func(q url.Values)
		want   tintype.Kind // Internal for none
	}
	set := func(k string, v any) testoidc.Lie {
		return testoidc.Lie{Claims: func(c map[string]any) { c[k] = v }}
	}
	unset := func(k string) testoidc.Lie {
		return testoidc.Lie{Claims: func(c map[string]any) { delete(c, k) }}
	}
	no := tintype.Unauthenticated
	for _, tt := range []call{
		{name: "the truth"},
		{name: "the truth, with another key", lie: testoidc.Lie{Algorithm: "ES256"}},
		{name: "not signed", lie: testoidc.Lie{Algorithm: "none"}, want: no},
		{name: "signed with what everybody knows", lie: testoidc.Lie{Algorithm: "HS256"}, want: no},
		{name: "signed by a stranger", lie: testoidc.Lie{Stranger: true}, want: no},
		{name: "for another client", lie: set("aud", "another"), want: no},
		{name: "for nobody", lie: unset("aud"), want: no},
		{name: "for several, and nobody says for whom", lie: set("aud", []string{testoidc.ClientID, "another"}), want: no},
		{name: "for several, and given to another", lie: testoidc.Lie{Claims: func(c map[string]any) { c["aud"], c["azp"] = []string{testoidc.ClientID, "another"}, "another" }}, want: no},
		{name: "given to another", lie: set("azp", "another"), want: no},
		{name: "of another issuer", lie: set("iss", "https://other.example"), want: no},
		{name: "of the issuer but for a slash", lie: testoidc.Lie{Claims: func(c map[string]any) { c["iss"] = c["iss"].(string) + "/" }}, want: no},
		{name: "too old", lie: set("exp", time.Now().Add(-time.Minute).Unix()), want: no},
		{name: "without an end", lie: unset("exp"), want: no},
		{name: "not yet good", lie: set("nbf", time.Now().Add(time.Hour).Unix()), want: no},
		{name: "another nonce", lie: set("nonce", strings.Repeat("m", 22)), want: no},
		{name: "no nonce", lie: unset("nonce"), want: no},
		{name: "no subject", lie: unset("sub"), want: no},
		{name: "a subject too long", lie: set("sub", strings.Repeat("x", 256)), want: no},
		{name: "a subject that no database keeps", lie: set("sub", "a\x00b"), want: no},
		{name: "answered by another provider", change: func(q url.Values) { q.Set("iss", "https://other.example") }, want: no},
		{name: "not saying who answers, as it promised", change: func(q url.Values) { q.Del("iss") }, want: no},
		{name: "another code", change: func(q url.Values) { q.Set("code", "x") }, want: no},
		{name: "no code", change: func(q url.Values) { q.Del("code") }, want: no},
		{name: "a code too long", change: func(q url.Values) { q.Set("code", strings.Repeat("x", 5000)) }, want: no},
		{name: "refused", lie: testoidc.Lie{Status: 400}, want: no},
		{name: "broken", lie: testoidc.Lie{Status: 500}, want: tintype.Unavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := testoidc.New(t)
			p.Tell(tt.lie)
			claims := tt.claims
			if claims == nil {
				claims = ada
			}
			got, err := redeem(t, at(p.URL, nil), p, claims, tt.change)
			if tt.want != tintype.Internal {
				if tintype.KindOf(err) != tt.want || got != (tintype.ProviderUser{}) {
					t.Errorf("%+v, %v: want kind %v", got, err, tt.want)
				}
				return
			}
			want := tintype.ProviderUser{Issuer: p.URL, Subject: "ada-1", Email: "ada@example.org", EmailVerified: true, Username: "ada", FullName: "Ada L"}
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%v (-want +got)\n%s", err, d)
			}
		})
	}
}

// TestPeople asks about somebody whom the token says nothing of, and believes it of that person alone.
func TestPeople(t *testing.T) {
	t.Parallel()
	p := testoidc.New(t)
	c := at(p.URL, nil)
	for sub, want := range map[string]string{"ada-1": "ada@example.org", "ben-2": ""} {
		p.People(map[string]any{"sub": "ada-1", "email": "ada@example.org", "email_verified": "true"})
		got, err := redeem(t, c, p, map[string]any{"sub": sub}, nil)
		if err != nil || got.Subject != sub || got.Email != want || got.EmailVerified != (want != "") {
			t.Errorf("%s: %+v, %v", sub, got, err)
		}
	}
	p.People(nil)
	if got, err := redeem(t, c, p, map[string]any{"sub": "x"}, nil); err != nil || got.Subject != "x" || got.Email != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestDiscovery asks when it is needed, remembers, tries again, and does not follow where a provider should not lead.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	const path = "/.well-known/openid-configuration"
	var now atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(now.Load())) }
	p := testoidc.New(t)
	p.Down(true)
	c := at(p.URL, clock)
	asked := func(want int) {
		t.Helper()
		if got := p.Asked(path); got != want {
			t.Errorf("asked %d times, want %d", got, want)
		}
	}
	asked(0)
	for range 3 {
		if _, err := c.Address(t.Context(), "p", trip); !tintype.IsKind(err, tintype.Unavailable) {
			t.Errorf("down: %v", err)
		}
	}
	asked(1) // whoever comes within moments is told the same
	p.Down(false)
	now.Add(int64(5 * time.Second))
	for range 3 {
		if _, err := c.Address(t.Context(), "p", trip); err != nil {
			t.Error(err)
		}
	}
	asked(2)
	p.Down(true)
	now.Add(int64(2 * time.Hour))
	if _, err := c.Address(t.Context(), "p", trip); err != nil {
		t.Errorf("what it said before is forgotten: %v", err)
	}
	asked(3)
	if _, err := c.Address(t.Context(), "q", trip); !tintype.IsKind(err, tintype.NotFound) {
		t.Errorf("one that is not there: %v", err)
	}

	for what, change := range map[string]func(m map[string]any){
		"another issuer":    func(m map[string]any) { m["issuer"] = "https://other.example" },
		"a script":          func(m map[string]any) { m["authorization_endpoint"] = "javascript:alert(1)" },
		"no token endpoint": func(m map[string]any) { delete(m, "token_endpoint") },
		"keys in a file":    func(m map[string]any) { m["jwks_uri"] = "file:///etc/passwd" },
		"too much":          func(m map[string]any) { m["padding"] = strings.Repeat("x", 2<<20) },
	} {
		p := testoidc.New(t)
		p.Tell(testoidc.Lie{Metadata: change})
		if _, err := at(p.URL, nil).Address(t.Context(), "p", trip); !tintype.IsKind(err, tintype.Unavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestSecure keeps to https where the issuer does, follows no redirects, and gives up.
func TestSecure(t *testing.T) {
	t.Parallel()
	var answer func(w http.ResponseWriter, r *http.Request)
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer s.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) }))
	defer plain.Close()
	ask := func(ctx context.Context) error {
		c := oidc.New(oidc.Config{Transport: s.Client().Transport, Providers: []oidc.Provider{{Provider: tintype.Provider{ID: "p", Name: "P", Issuer: s.URL}, ClientID: "x"}}})
		_, err := c.Address(ctx, "p", trip)
		return err
	}
	answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"issuer":"` + s.URL + `","authorization_endpoint":"` + s.URL + `/a","token_endpoint":"` + plain.URL + `/t","jwks_uri":"` + s.URL + `/k"}`))
	}
	if err := ask(t.Context()); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("an unprotected token endpoint: %v", err)
	}
	answer = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, plain.URL, http.StatusFound) }
	if err := ask(t.Context()); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("a redirect: %v", err)
	}
	// One that never answers is given up.
	hang := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer slow.Close()
	defer close(hang)
	c := oidc.New(oidc.Config{Timeout: 50 * time.Millisecond, Providers: []oidc.Provider{{Provider: tintype.Provider{ID: "p", Name: "P", Issuer: slow.URL}, ClientID: "x"}}})
	if _, err := c.Address(t.Context(), "p", trip); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("one that hangs: %v", err)
	}
}
