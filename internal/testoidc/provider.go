// Package testoidc is a small OpenID provider for tests: it signs for real (RS256 or ES256), keeps its codes single-use and their PKCE, and can be
// told to say what an honest one never would. There is no page on which to sign in: Grant plays the browser and the person in it.
package testoidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// The one client that a Provider knows.
const (
	ClientID = "the photo site"
	Secret   = "a secret: it has + and / and %"
)

// Provider is a provider on a loopback port.
type Provider struct {
	URL string // the issuer

	t      testing.TB
	server *httptest.Server
	key    *rsa.PrivateKey
	other  *ecdsa.PrivateKey

	mu     sync.Mutex
	codes  map[string]grant
	lie    Lie
	down   bool
	asked  map[string]int
	people map[string]any
}

// grant is what a code stands for.
type grant struct {
	claims    map[string]any
	challenge string
	returnTo  string
}

// Lie is what a provider says that it should not. The zero value is none.
type Lie struct {
	Claims    func(claims map[string]any) // changes what is signed
	Algorithm string                      // "none", "HS256" with the public key's own bytes as the secret, "ES256" (no lie), or "" for RS256
	Stranger  bool                        // signs with a key that it does not publish
	Status    int                         // of the token endpoint
	Metadata  func(m map[string]any)      // changes what it says of itself
}

// New starts a provider, which ends with the test.
func New(t testing.TB) *Provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{t: t, key: key, other: other, codes: map[string]grant{}, asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.metadata)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /people", p.person)
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		down := p.down
		p.mu.Unlock()
		if down {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	p.URL = p.server.URL
	t.Cleanup(p.server.Close)
	return p
}

// Tell has it lie from now on; the zero Lie is the truth.
func (p *Provider) Tell(l Lie) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lie = l
}

// Down has it answer nothing but 502, or be back.
func (p *Provider) Down(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// People sets what /people says of whoever asks.
func (p *Provider) People(claims map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.people = claims
}

// Asked is how often one of its addresses was asked for.
func (p *Provider) Asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

// Grant is somebody who agrees at the address that a browser was sent to: it gives what the browser comes back with. claims are what the
// provider then says of them; sub must be among them.
func (p *Provider) Grant(address string, claims map[string]any) url.Values {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	if got := u.Scheme + "://" + u.Host + u.Path; got != p.URL+"/authorize" {
		p.t.Fatalf("the browser was sent to %s", got)
	}
	for k, want := range map[string]string{"response_type": "code", "client_id": ClientID, "code_challenge_method": "S256"} {
		if q.Get(k) != want {
			p.t.Fatalf("%s is %q in %s", k, q.Get(k), address)
		}
	}
	if len(q.Get("state")) < 22 || len(q.Get("nonce")) < 22 || len(q.Get("code_challenge")) != 43 || q.Get("redirect_uri") == "" {
		p.t.Fatalf("something is missing in %s", address)
	}
	code := rand.Text()
	said := map[string]any{"nonce": q.Get("nonce")}
	for k, v := range claims {
		said[k] = v
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = grant{claims: said, challenge: q.Get("code_challenge"), returnTo: q.Get("redirect_uri")}
	return url.Values{"state": {q.Get("state")}, "code": {code}, "iss": {p.URL}}
}

func (p *Provider) metadata(w http.ResponseWriter, _ *http.Request) {
	m := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys", "userinfo_endpoint": p.URL + "/people",
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"}, "authorization_response_iss_parameter_supported": true,
	}
	p.mu.Lock()
	lie := p.lie
	p.mu.Unlock()
	if lie.Metadata != nil {
		lie.Metadata(m)
	}
	p.json(w, http.StatusOK, m)
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	p.json(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: p.key.Public(), KeyID: "rsa", Algorithm: "RS256", Use: "sig"}, {Key: p.other.Public(), KeyID: "ec", Algorithm: "ES256", Use: "sig"}}})
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(why string) {
		p.json(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": why})
	}
	id, secret, _ := r.BasicAuth()
	if id, _ = url.QueryUnescape(id); id != ClientID {
		refuse("another client")
		return
	}
	if secret, _ = url.QueryUnescape(secret); secret != Secret {
		refuse("another secret")
		return
	}
	p.mu.Lock()
	lie := p.lie
	g, found := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	switch {
	case lie.Status != 0:
		http.Error(w, "no", lie.Status)
		return
	case !found:
		refuse("the code is not good any more")
		return
	case base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge:
		refuse("another verifier")
		return
	case r.PostFormValue("redirect_uri") != g.returnTo:
		refuse("another redirect_uri")
		return
	}
	now := time.Now()
	claims := map[string]any{"iss": p.URL, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for k, v := range g.claims {
		claims[k] = v
	}
	if lie.Claims != nil {
		lie.Claims(claims)
	}
	p.json(w, http.StatusOK, map[string]any{"access_token": "for people", "token_type": "Bearer", "expires_in": 3600, "id_token": p.sign(claims, lie)})
}

// sign signs claims, or does what lie says instead.
func (p *Provider) sign(claims map[string]any, lie Lie) string {
	if lie.Algorithm == "none" {
		body, err := json.Marshal(claims)
		if err != nil {
			p.t.Error(err)
		}
		enc := base64.RawURLEncoding.EncodeToString
		return enc([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + enc(body) + "."
	}
	key := jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.key, KeyID: "rsa"}}
	switch lie.Algorithm {
	case "ES256":
		key = jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.other, KeyID: "ec"}}
	case "HS256":
		key = jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: p.key.N.Bytes(), KeyID: "rsa"}}
	}
	if lie.Stranger {
		var stranger crypto.Signer
		stranger, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			p.t.Error(err)
		}
		key.Key = jose.JSONWebKey{Key: stranger, KeyID: "rsa"}
	}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		p.t.Error(err)
		return ""
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		p.t.Error(err)
	}
	return token
}

func (p *Provider) person(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	people := p.people
	p.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer for people" || people == nil {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	p.json(w, http.StatusOK, people)
}

func (p *Provider) json(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}
