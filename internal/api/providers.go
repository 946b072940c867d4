package api

import (
	"net/http"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/tintype"
)

// The cookie that binds the way to an OpenID provider and back to one browser. It opens nothing.
const (
	tripName       = "tintype_trip"
	secureTripName = "__Host-tintype_trip"
)

// tripLife is how long the cookie stays: for the way there and back, and the code or the username after it.
const tripLife = 30 * time.Minute

func (c *call) tripCookie() string {
	if c.secure {
		return secureTripName
	}
	return tripName
}

// trip gives what is in the cookie, "" without exactly one.
func (c *call) trip() string {
	found := c.r.CookiesNamed(c.tripCookie())
	if len(found) != 1 || len(found[0].Value) > 64 {
		return ""
	}
	return found[0].Value
}

// setTrip gives the browser what it must show when it comes back; "" takes it away.
func (c *call) setTrip(secret string) {
	k := http.Cookie{Name: c.tripCookie(), Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.secure, MaxAge: int(tripLife / time.Second)}
	if secret == "" {
		k.MaxAge = -1
	}
	http.SetCookie(c.w, &k)
}

// away sends a browser to a provider.
func (c *call) away(t account.Trip) error {
	c.setTrip(t.Browser)
	return c.json(http.StatusOK, map[string]string{"url": t.URL})
}

type providerJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func providerNames(list []tintype.Provider) []providerJSON {
	out := make([]providerJSON, len(list))
	for i, p := range list {
		out[i] = providerJSON{p.ID, p.Name}
	}
	return out
}

func (a *API) beginProvider(c *call) error {
	var in struct {
		Provider string `json:"provider"`
		Next     string `json:"next"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	t, err := a.cfg.Providers.BeginProvider(c.r.Context(), in.Provider, in.Next, c.client())
	if err != nil {
		return err
	}
	return c.away(t)
}

// arrivalJSON is what came of the way to a provider and back.
type arrivalJSON struct {
	Result   string        `json:"result"` // signed_in, linked, code or join
	Provider providerJSON  `json:"provider"`
	Next     string        `json:"next"`
	User     any           `json:"user,omitempty"`
	Ticket   string        `json:"ticket,omitempty"`
	Proposal *proposalJSON `json:"proposal,omitempty"`
}

type proposalJSON struct {
	Username  string `json:"username"`
	FullName  string `json:"full_name"`
	Email     string `json:"email"`
	Confirmed bool   `json:"email_confirmed"`
}

func (a *API) arrive(c *call) error {
	var in struct {
		State  string `json:"state"`
		Code   string `json:"code"`
		Issuer string `json:"iss"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	client := c.newcomer(true)
	got, err := a.cfg.Providers.Arrive(c.r.Context(), c.who, account.ProviderAnswer{State: in.State, Code: in.Code, Issuer: in.Issuer, Browser: c.trip(), Client: client})
	if err != nil {
		return a.suspended(c, err)
	}
	out := arrivalJSON{Provider: providerJSON{got.Provider.ID, got.Provider.Name}, Next: got.Next, Ticket: got.Ticket}
	switch {
	case got.Token != "":
		out.Result, out.User = "signed_in", c.userJSON(got.User)
		c.setTrip("")
		c.come(got.Token, client)
	case got.Linked:
		out.Result = "linked"
		c.setTrip("")
	case got.Proposal != nil:
		out.Result, out.Proposal = "join", &proposalJSON{got.Proposal.Username, got.Proposal.FullName, got.Proposal.Email, got.Proposal.Confirmed}
	default:
		out.Result = "code"
	}
	return c.json(http.StatusOK, out)
}

func (a *API) finishProvider(c *call) error {
	var in struct {
		Ticket string `json:"ticket"`
		Code   string `json:"code"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	client := c.newcomer(true)
	token, u, err := a.cfg.Providers.FinishProvider(c.r.Context(), in.Ticket, c.trip(), in.Code, client)
	if err != nil {
		return a.suspended(c, err)
	}
	c.setTrip("")
	return a.signedIn(c, http.StatusOK, u, token, true, client)
}

func (a *API) joinByProvider(c *call) error {
	var in struct {
		Ticket   string `json:"ticket"`
		Username string `json:"username"`
		FullName string `json:"full_name"`
		Email    string `json:"email"`
		Invite   string `json:"invite"`
		Locale   string `json:"locale"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	client := c.newcomer(true)
	token, u, err := a.cfg.Providers.JoinByProvider(c.r.Context(), in.Ticket, c.trip(), account.SignUp{Username: in.Username, FullName: in.FullName,
		Email: in.Email, Invite: in.Invite, Locale: in.Locale, Client: client})
	if err != nil {
		return err
	}
	c.setTrip("")
	return a.signedIn(c, http.StatusCreated, u, token, true, client)
}

type identityJSON struct {
	Key      string  `json:"key"`
	Provider string  `json:"provider"`
	Name     string  `json:"name"`
	Email    string  `json:"email"`
	Linked   seconds `json:"linked_time"`
}

func (a *API) listIdentities(c *call) error {
	ways, err := a.cfg.Identities.WaysIn(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	list := make([]identityJSON, len(ways.Identities))
	for i, w := range ways.Identities {
		list[i] = identityJSON{w.Key, w.Provider, w.Name, w.Email, seconds(w.Linked)}
	}
	return c.json(http.StatusOK, map[string]any{"has_password": ways.Password, "identities": list, "providers": providerNames(a.cfg.Providers.Providers())})
}

func (a *API) beginLink(c *call) error {
	var in struct {
		Provider string `json:"provider"`
		Password string `json:"password"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	t, err := a.cfg.Identities.BeginLink(c.r.Context(), c.who, in.Provider, in.Password, c.client())
	if err != nil {
		return err
	}
	return c.away(t)
}

func (a *API) unlink(c *call) error {
	var in struct {
		Password string `json:"password"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.Identities.Unlink(c.r.Context(), c.who, c.params.get("key"), in.Password, c.client()); err != nil {
		return err
	}
	return c.null()
}
