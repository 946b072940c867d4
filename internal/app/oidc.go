package app

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/oidc"
	"github.com/tintype/tintype/internal/outbound"
	"github.com/tintype/tintype/internal/tintype"
)

// OIDC is an OpenID provider that members may sign in by: one [[oidc]] of the file.
type OIDC struct {
	ID               string   `toml:"id"`     // in the API; a to z, digits and hyphens
	Name             string   `toml:"name"`   // for people
	Issuer           string   `toml:"issuer"` // its URL, exactly as it signs with; never to be changed, or nobody is known by it
	ClientID         string   `toml:"client_id"`
	ClientSecret     string   `toml:"client_secret"`
	ClientSecretFile string   `toml:"client_secret_file"` // instead of ClientSecret
	Scopes           []string `toml:"scopes"`             // beside openid; none for profile and email
	Join             bool     `toml:"join"`               // strangers may join by it, if the site takes any
	TrustEmail       bool     `toml:"trust_email"`        // an address that it calls verified is confirmed here, too
}

// maxProviders is how many buttons a sign-in page bears.
const maxProviders = 5

// readOIDC takes the providers out of a decoded file.
func (c *Config) readOIDC(text string, values map[string]any) error {
	var in struct {
		OIDC []OIDC `toml:"oidc"`
	}
	meta, err := toml.Decode(text, &in)
	if err != nil {
		return err
	}
	for _, k := range meta.Undecoded() {
		if len(k) > 1 && k[0] == "oidc" {
			return fmt.Errorf("there is no setting called %q", k.String())
		}
	}
	delete(values, "oidc")
	c.OIDC = in.OIDC
	return nil
}

var (
	providerID = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)
	scopeToken = regexp.MustCompile(`^[!#-\[\]-~]+$`) // RFC 6749, section 3.3
)

// checkOIDC finds what cannot work, before anything is opened.
func (c *checked) checkOIDC() error {
	if len(c.OIDC) > 0 && c.publicURL == nil {
		return errors.New("[[oidc]] needs public_url, the address that providers send people back to")
	}
	if len(c.OIDC) > maxProviders {
		return fmt.Errorf("there are %d [[oidc]]; at most %d fit on the sign-in page", len(c.OIDC), maxProviders)
	}
	ids, issuers := map[string]bool{}, map[string]bool{}
	for n, p := range c.OIDC {
		where := fmt.Sprintf("[[oidc]] number %d", n+1)
		if !providerID.MatchString(p.ID) {
			return fmt.Errorf("%s: id must be 1 to 32 of a to z, digits and hyphens, not %q", where, p.ID)
		}
		where = fmt.Sprintf("[[oidc]] %q", p.ID)
		switch {
		case ids[p.ID]:
			return fmt.Errorf("%s is there twice", where)
		case issuers[p.Issuer]:
			return fmt.Errorf("%s has the issuer of another one: members could not be told apart", where)
		case strings.TrimSpace(p.Name) == "" || len(p.Name) > 60 || strings.ContainsFunc(p.Name, func(r rune) bool { return r < ' ' }):
			return fmt.Errorf("%s needs a name for people, of up to 60 bytes", where)
		case p.ClientID == "":
			return fmt.Errorf("%s needs client_id, which the provider gives for this site", where)
		case p.ClientSecret != "" && p.ClientSecretFile != "":
			return fmt.Errorf("%s: client_secret and client_secret_file are both set: please set one", where)
		}
		if i := slices.IndexFunc(p.Scopes, func(s string) bool { return !scopeToken.MatchString(s) }); i >= 0 {
			return fmt.Errorf("%s: %q is no scope", where, p.Scopes[i])
		}
		if err := goodIssuer(p.Issuer); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		ids[p.ID], issuers[p.Issuer] = true, true
	}
	return nil
}

// goodIssuer refuses what cannot be the URL of a provider (OpenID Connect Discovery 1.0, section 3).
func goodIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("issuer must be the provider's address, as https://accounts.example, exactly as it says in /.well-known/openid-configuration below it, not %q", issuer)
	}
	if u.Scheme == "http" && !isLocal(u.Hostname()) {
		return fmt.Errorf("issuer %q must be https: what it says is believed", issuer)
	}
	return nil
}

func isLocal(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// openProviders gives the way to the providers that are named, nil if none are. None is asked anything yet.
func (a *App) openProviders() (account.OpenID, error) {
	if len(a.cfg.OIDC) == 0 {
		return nil, nil
	}
	var list []oidc.Provider
	var hosts []string
	for _, p := range a.cfg.OIDC {
		secret := p.ClientSecret
		if p.ClientSecretFile != "" {
			text, err := os.ReadFile(p.ClientSecretFile)
			if err != nil {
				return nil, fmt.Errorf("[[oidc]] %q: client_secret_file cannot be read: %w", p.ID, err)
			}
			secret = strings.TrimRight(string(text), "\r\n")
		}
		list = append(list, oidc.Provider{
			Provider: tintype.Provider{ID: p.ID, Name: p.Name, Issuer: p.Issuer, Joins: p.Join, TrustsEmail: p.TrustEmail},
			ClientID: p.ClientID, Secret: secret, Scopes: p.Scopes,
		})
		hosts = append(hosts, hostPort(p.Issuer))
	}
	guard := outbound.New(outbound.Config{Allow: a.cfg.outbound})
	return oidc.New(oidc.Config{Providers: list, Transport: guard.Transport(hosts...), Clock: a.cfg.Clock}), nil
}

// hostPort is where an address that was checked leads.
func hostPort(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if u.Port() != "" {
		return u.Host
	}
	return u.Host + map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
}
