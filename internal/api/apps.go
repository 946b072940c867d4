package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/tintype"
)

type grantJSON struct {
	App     appName  `json:"app"`
	Scopes  []string `json:"scopes"`
	Created seconds  `json:"created_time"`
	Seen    seconds  `json:"last_seen_time"`
}

func (a *API) listGrants(c *call) error {
	grants, err := a.cfg.Apps.Grants(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := make([]grantJSON, len(grants))
	for i, g := range grants {
		out[i] = grantJSON{App: appName{ID: g.App.ID, Name: g.App.Name, Website: g.App.Website}, Scopes: scopeList(g.Scopes),
			Created: seconds(g.Created), Seen: seconds(g.Seen)}
	}
	return c.json(http.StatusOK, out)
}

func (a *API) revokeGrant(c *call) error {
	id, err := c.id("app")
	if err != nil {
		return err
	}
	if err := a.cfg.Apps.RevokeGrant(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}

// The OAuth routes speak the protocol of RFC 6749 and, in errors, both its
// words and those of the original, without an envelope where apps listen.

// checkAuthorize tells the consent page what an app asks for, before anybody is
// asked to allow it.
func (a *API) checkAuthorize(c *call) error {
	r, err := account.ParseAuthorize(c.query)
	if err == nil {
		r.Issuer = c.base
		var consent *account.Consent
		if consent, err = a.cfg.OAuth.CheckAuthorize(c.r.Context(), r); err == nil {
			return c.json(http.StatusOK, map[string]any{
				"app":          appName{ID: consent.App.ID, Name: consent.App.Name, Website: consent.App.Website},
				"scopes":       scopeList(consent.Scopes),
				"redirect_uri": r.RedirectURI,
				"implicit":     consent.Implicit,
			})
		}
	}
	return a.authorizeError(c, err)
}

// authorizeError answers with where to send the person, if the app may hear of
// the error, else with the error.
func (a *API) authorizeError(c *call, err error) error {
	var oe *account.OAuthError
	if errors.As(err, &oe) && oe.RedirectTo != "" {
		return c.json(http.StatusOK, map[string]any{"redirect_to": oe.RedirectTo})
	}
	return err
}

// authorize is the person's answer on the consent page.
func (a *API) authorize(c *call) error {
	var in struct {
		ResponseType  string `json:"response_type"`
		ClientID      string `json:"client_id"`
		RedirectURI   string `json:"redirect_uri"`
		Scope         string `json:"scope"`
		State         string `json:"state"`
		Challenge     string `json:"code_challenge"`
		ChallengeMeth string `json:"code_challenge_method"`
		Display       string `json:"display"` // of the original; there is one display
		Allow         bool   `json:"allow"`
		Shown         string `json:"shown_scope"` // what the page showed; "" for the scope asked for
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	r := account.AuthorizeRequest{ResponseType: in.ResponseType, ClientID: in.ClientID, RedirectURI: in.RedirectURI, Scope: in.Scope,
		State: in.State, CodeChallenge: in.Challenge, CodeChallengeMethod: in.ChallengeMeth, Client: c.client(), Issuer: c.base}
	ctx := c.r.Context()
	consent, err := a.cfg.OAuth.CheckAuthorize(ctx, r)
	if err != nil {
		return a.authorizeError(c, err)
	}
	shown := consent.Scopes
	if in.Shown != "" && in.Shown != ScopeNames(shown) {
		return &tintype.Error{Kind: tintype.Conflict, Msg: "what the app asks for has changed; please look at it again"}
	}
	to, err := a.cfg.OAuth.Authorize(ctx, c.viewer(), r, shown, in.Allow)
	if err != nil {
		return a.authorizeError(c, err)
	}
	return c.json(http.StatusOK, map[string]any{"redirect_to": to})
}

// exchangeCode is where an app turns a code, or what else it was allowed, into a token.
func (a *API) exchangeCode(c *call) error {
	r, err := c.tokenRequest()
	if err != nil {
		return a.tokenError(c, err)
	}
	ctx := c.r.Context()
	t, err := a.cfg.OAuth.Exchange(ctx, r)
	if err != nil {
		return a.tokenError(c, err)
	}
	u, err := a.cfg.People.User(ctx, t.UserID, t.UserID)
	if err != nil {
		return err
	}
	p := a.fragments.ofUser(u)
	b := append(c.begin(), `{"access_token":`...)
	b = appendString(b, t.AccessToken)
	b = append(b, `,"token_type":"bearer","scope":`...)
	b = appendString(b, ScopeNames(t.Scopes))
	b = append(b, `,"user":`...)
	b = append(b, p.at(c.pictures)...)
	c.w.Header().Set("Pragma", "no-cache") // RFC 6749, 5.1
	c.send(http.StatusOK, append(b, '}'))
	return nil
}

// tokenRequest reads the form of an app. Its secret may come by HTTP Basic.
func (c *call) tokenRequest() (account.TokenRequest, error) {
	if c.form == nil {
		return account.TokenRequest{}, &tintype.Error{Kind: tintype.Invalid, Msg: "please send a form (application/x-www-form-urlencoded)"}
	}
	r, err := account.ParseTokenRequest(c.form, c.r.Header.Get("Authorization"))
	r.Client = c.client()
	return r, err
}

// revokeToken ends a token of an app, as RFC 7009.
func (a *API) revokeToken(c *call) error {
	r, err := c.tokenRequest()
	if err != nil {
		return a.tokenError(c, err)
	}
	token := c.form["token"]
	if len(token) != 1 || strings.TrimSpace(token[0]) == "" {
		return a.tokenError(c, tintype.FieldError("token", "please say which token to revoke"))
	}
	if err := a.cfg.OAuth.Revoke(c.r.Context(), r, token[0]); err != nil {
		return a.tokenError(c, err)
	}
	c.send(http.StatusOK, append(c.begin(), "{}"...))
	return nil
}

// tokenError answers as RFC 6749 and as the original, both.
func (a *API) tokenError(c *call, err error) error {
	var oe *account.OAuthError
	if !errors.As(err, &oe) {
		return err
	}
	s, msg, _, retry := resolve(err)
	if s.status >= http.StatusInternalServerError || retry > 0 {
		return err
	}
	// As the original, 400 for everything; but whoever came by HTTP Basic is answered by it.
	status := http.StatusBadRequest
	if oe.Code == "invalid_client" && c.r.Header.Get("Authorization") != "" {
		status = http.StatusUnauthorized
		c.w.Header().Set("Www-Authenticate", `Basic realm="tintype"`)
	}
	b := append(c.begin(), `{"code":`...)
	b = appendInt(b, int64(status))
	b = append(b, `,"error_type":"OAuthException","error_message":`...)
	b = appendString(b, msg)
	b = append(b, `,"error":`...)
	b = appendString(b, oe.Code)
	b = append(b, `,"error_description":`...)
	b = appendString(b, msg)
	c.send(status, append(b, '}'))
	return nil
}
