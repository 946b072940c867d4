package api

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/tintype"
)

// The session cookie. Over https it carries the __Host- prefix, which browsers
// bind to this host and path.
const (
	cookieName       = "tintype_session"
	secureCookieName = "__Host-tintype_session"
	cookieAge        = 365 * 24 * time.Hour // the credential's own end comes first
)

// readCookie gives the token in the cookie, "" without one. Over https only the
// prefixed cookie counts: the plain one could have been planted by a neighbour.
func readCookie(r *http.Request, secure bool) (string, error) {
	if len(r.Header["Cookie"]) == 0 {
		return "", nil
	}
	name := cookieName
	if secure {
		name = secureCookieName
	}
	found := r.CookiesNamed(name)
	for _, c := range found[min(1, len(found)):] {
		if c.Value != found[0].Value {
			return "", errConflicting
		}
	}
	if len(found) == 0 {
		return "", nil
	}
	return found[0].Value, nil
}

// set gives the browser a session, or with an empty token takes it away.
func (c *call) setCookie(token string) {
	k := http.Cookie{Name: cookieName, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: c.secure, MaxAge: int(cookieAge / time.Second)}
	if c.secure {
		k.Name = secureCookieName
	}
	if token == "" {
		k.MaxAge = -1
	}
	http.SetCookie(c.w, &k)
}

// The cookie by which a browser is known again, so that its user is told of others. It opens nothing.
const (
	deviceName       = "tintype_device"
	secureDeviceName = "__Host-tintype_device"
	deviceAge        = 400 * 24 * time.Hour // the most that browsers allow
)

// device gives what is in the device cookie, "" without a good one.
func (c *call) device() string {
	name := deviceName
	if c.secure {
		name = secureDeviceName
	}
	found := c.r.CookiesNamed(name)
	if len(found) != 1 || len(found[0].Value) != 26 {
		return ""
	}
	return found[0].Value
}

// newcomer is client for those who sign in: a browser that is not known is from now on.
func (c *call) newcomer(cookie bool) account.Client {
	out := c.client()
	if !cookie {
		out.Device = ""
		return out
	}
	if out.Device == "" {
		out.Device = rand.Text()
	}
	return out
}

// setDevice has a browser known again.
func (c *call) setDevice(device string) {
	k := http.Cookie{Name: deviceName, Value: device, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.secure, MaxAge: int(deviceAge / time.Second)}
	if c.secure {
		k.Name = secureDeviceName
	}
	http.SetCookie(c.w, &k)
}

// bearer reads the Authorization header. "Token token=…" is what a library of
// API v1 sends; other schemes are a proxy's business and no credential here.
func bearer(r *http.Request) (string, error) {
	values := r.Header["Authorization"]
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 {
		return "", errConflicting
	}
	scheme, rest, _ := strings.Cut(values[0], " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		if rest == "" {
			return "", errCredential
		}
		return rest, nil
	case strings.EqualFold(scheme, "Token"):
		if v, ok := strings.CutPrefix(rest, "token="); ok {
			return strings.Trim(v, `"`), nil
		}
	}
	return "", nil
}

// explicit finds the token that the caller put there on purpose: in the
// Authorization header, the query or the form. Two that differ are an error.
func (c *call) explicit() (string, error) {
	token, err := bearer(c.r)
	if err != nil {
		return "", err
	}
	for _, v := range [2][]string{c.query["access_token"], c.form["access_token"]} {
		for _, t := range v {
			if token != "" && t != token {
				return "", errConflicting
			}
			if t == "" {
				return "", errCredential
			}
			token = t
		}
	}
	return token, nil
}

// authenticate finds out who calls.
func (a *API) authenticate(c *call) error {
	if c.route.Pattern == "/oauth/access_token" || c.route.Pattern == "/oauth/revoke" {
		return nil // there the client, not a user, shows a credential
	}
	token, err := c.explicit()
	if err != nil {
		return err
	}
	var cookie string
	if c.callback == "" { // JSONP is read by pages of any site: no cookie opens anything for it
		if cookie, err = readCookie(c.r, c.secure); err != nil {
			return err
		}
	}
	if cookie != "" && token != "" && cookie != token {
		return errConflicting
	}
	if token == "" {
		token, c.viaCookie = cookie, cookie != ""
	}
	if token == "" {
		return a.identify(c)
	}
	who, err := a.cfg.Credentials.Authenticate(c.r.Context(), token)
	if err == nil && c.viaCookie && who.Scopes&tintype.ScopeSession == 0 {
		err = errCredential // an app's token in a cookie is not a session
	}
	if err != nil {
		if c.viaCookie && tintype.IsKind(err, tintype.Unauthenticated) && c.route.Access == Public {
			c.viaCookie = false
			return a.identify(c) // an old cookie must not keep anybody from reading, nor from signing in
		}
		return err
	}
	c.who = who
	return nil
}

// authorise applies the route's line of the table.
func (a *API) authorise(c *call) error {
	r := c.route
	if c.viaCookie || r.SignsIn {
		if err := a.cross.Check(c.r); err != nil {
			return errCrossOrigin
		}
	}
	if c.who.UserID == 0 {
		switch {
		case r.Access != Public && c.app != nil:
			return errNoToken
		case r.Access != Public, c.callback != "" && c.app == nil && strings.HasPrefix(r.Pattern, "/v1/"):
			return errNoCredential
		}
		return nil
	}
	switch {
	case r.Access >= Session && c.who.Scopes&tintype.ScopeSession == 0:
		return errSessionOnly
	case r.Access == Moderator && !c.who.Admin && !c.who.Moderator:
		return errModeratorOnly
	case r.Access == Admin && !c.who.Admin:
		return errAdminOnly
	case c.who.Scopes&r.Scope != r.Scope:
		return errScope(r.Scope)
	}
	return nil
}

// errScope says which scope is missing, as the original did: with status 400, and so for apps alone.
func errScope(s tintype.Scope) error {
	name := ScopeNames(s)
	return &statusError{shown{http.StatusBadRequest, "OAuthPermissionsException"}, "This request requires scope=" + name +
		", but this access token is not authorized with this scope. The user must re-authorize your application with scope=" + name + " to be granted this permissions."}
}

// scopeWords names the scopes as OAuth writes them.
var scopeWords = []struct {
	scope tintype.Scope
	word  string
}{
	{tintype.ScopeBasic, "basic"},
	{tintype.ScopeLikes, "likes"},
	{tintype.ScopeComments, "comments"},
	{tintype.ScopeRelationships, "relationships"},
	{tintype.ScopeMedia, "media"},
}

// scopeList lists the names of a set of scopes.
func scopeList(s tintype.Scope) []string {
	names := []string{}
	for _, w := range scopeWords {
		if s&w.scope != 0 {
			names = append(names, w.word)
		}
	}
	return names
}

// ScopeNames are the names of a set of scopes as OAuth writes them, with spaces between.
func ScopeNames(s tintype.Scope) string { return strings.Join(scopeList(s), " ") }

// client is where the call comes from, for the rules' own limits and lists.
func (c *call) client() account.Client {
	agent := c.r.UserAgent()
	if len(agent) > 400 {
		agent = agent[:400]
	}
	return account.Client{Addr: c.addr, UserAgent: strings.ToValidUTF8(agent, ""), Device: c.device()}
}
