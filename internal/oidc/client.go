package oidc

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/tintype/tintype/internal/tintype"
)

// The bounds of what a provider is asked.
const (
	callTime   = 10 * time.Second // for one call, unless somebody says otherwise
	maxAnswer  = 1 << 20          // bytes of an answer
	rediscover = time.Hour
	pause      = 3 * time.Second // after a discovery that failed
)

// Provider is one that the operator has named.
type Provider struct {
	tintype.Provider
	ClientID string
	Secret   string   // "" for a client that has none
	Scopes   []string // beside openid; nil for profile and email
}

// Config is what a Client is made of.
type Config struct {
	Providers []Provider
	// Transport carries all calls; nil for the default one.
	Transport http.RoundTripper
	// Timeout is for one call; 10 seconds if 0.
	Timeout time.Duration
	// Clock says whether an answer is too old; nil for time.Now.
	Clock tintype.Clock
}

// Client speaks to providers. Make it with New; it is safe for concurrent use.
type Client struct {
	list  []tintype.Provider
	known map[string]*provider
	http  *http.Client
	clock tintype.Clock
}

// provider is one of them, and what is known of it.
type provider struct {
	Provider
	mu      sync.Mutex  // held while it is asked
	found   *discovered // nil while it was not found
	until   time.Time   // when it is to be asked again
	failure error       // of the last try; nil for none
}

// discovered is what a provider says of itself.
type discovered struct {
	oauth     oauth2.Config
	verifier  *oidc.IDTokenVerifier
	provider  *oidc.Provider
	sendsIss  bool // beside each code
	hasPeople bool // it can be asked about whom it signed in
}

// algorithms are the signatures that count: those with a public key.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// New makes a Client. It asks nobody anything yet.
func New(c Config) *Client {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	out := &Client{known: map[string]*provider{}, clock: c.Clock, http: &http.Client{
		Transport: bounded{c.Transport},
		Timeout:   cmp.Or(c.Timeout, callTime),
		// What is asked for is where the provider says it is, or nowhere: a secret goes no further than it was sent.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, p := range c.Providers {
		if p.Scopes == nil {
			p.Scopes = []string{"profile", "email"}
		}
		out.list = append(out.list, p.Provider)
		out.known[p.ID] = &provider{Provider: p}
	}
	return out
}

// bounded reads no more of an answer than it should have.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

// Providers gives the providers, in the order of the configuration.
func (c *Client) Providers() []tintype.Provider { return slices.Clone(c.list) }

// discover gives what a provider says of itself, asking it if need be.
func (c *Client) discover(ctx context.Context, id string) (*provider, *discovered, error) {
	p := c.known[id]
	if p == nil {
		return nil, nil, tintype.Errorf(tintype.NotFound, "there is no provider called %q", id)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := c.clock()
	if now.Before(p.until) && (p.found != nil || p.failure != nil) {
		return p, p.found, p.failure
	}
	// Whoever waits for this is not to be told that the first of them has gone.
	found, err := c.ask(context.WithoutCancel(ctx), p)
	switch {
	case err == nil:
		p.found, p.failure, p.until = found, nil, now.Add(rediscover)
	case p.found != nil:
		p.until = now.Add(pause) // what it said before is good enough
	default:
		p.failure, p.until = p.down(err), now.Add(pause)
	}
	return p, p.found, p.failure
}

// ask has a provider say what it is.
func (c *Client) ask(ctx context.Context, p *provider) (*discovered, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, c.http), p.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		Keys     string   `json:"jwks_uri"`
		SendsIss bool     `json:"authorization_response_iss_parameter_supported"`
		Methods  []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, err
	}
	at := found.Endpoint()
	for what, address := range map[string]string{"authorization_endpoint": at.AuthURL, "token_endpoint": at.TokenURL, "jwks_uri": more.Keys, "userinfo_endpoint": found.UserInfoEndpoint()} {
		if what == "userinfo_endpoint" && address == "" {
			continue
		}
		if err := sound(address, p.Issuer); err != nil {
			return nil, fmt.Errorf("its %s: %w", what, err)
		}
	}
	// By what it says, not by trying: a code is good once.
	at.AuthStyle = oauth2.AuthStyleInHeader
	if p.Secret == "" || len(more.Methods) > 0 && !slices.Contains(more.Methods, "client_secret_basic") {
		at.AuthStyle = oauth2.AuthStyleInParams
	}
	return &discovered{
		oauth:     oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: at, Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...)},
		verifier:  found.Verifier(&oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: algorithms, Now: c.clock}),
		provider:  found,
		sendsIss:  more.SendsIss,
		hasPeople: found.UserInfoEndpoint() != "",
	}, nil
}

// sound refuses addresses that a provider must not name: of another kind than http, and unprotected ones unless it is so itself.
func sound(address, issuer string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	own, err := url.Parse(issuer)
	if err != nil {
		return err
	}
	if u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || own.Scheme != "http") {
		return fmt.Errorf("%q is no address that could be used", address)
	}
	return nil
}

// down says that a provider cannot be used at present.
func (p *provider) down(err error) error {
	return &tintype.Error{Kind: tintype.Unavailable, Field: "provider", Msg: p.Name + " cannot be reached at present; please try again later", Err: err, RetryAfter: int(pause / time.Second)}
}

// refused says that a provider's answer does not count.
func (p *provider) refused(err error) error {
	return &tintype.Error{Kind: tintype.Unauthenticated, Field: "provider", Msg: p.Name + " did not confirm who you are; please begin again", Err: err}
}
