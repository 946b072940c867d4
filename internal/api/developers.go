package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/tintype"
)

type appJSON struct {
	ID           tintype.ID `json:"id"`
	Name         string     `json:"name"`
	Description  string     `json:"description"`
	Website      string     `json:"website"`
	ClientID     string     `json:"client_id"`
	ClientSecret string     `json:"client_secret,omitempty"` // shown once, when it is made
	RedirectURIs []string   `json:"redirect_uris"`
	Scopes       []string   `json:"scopes"`
	Public       bool       `json:"public"`
	Signed       bool       `json:"enforce_signed"`
	CanSign      bool       `json:"can_sign"` // its secret is one that signatures can be checked with
	Implicit     bool       `json:"implicit_grant"`
	Passwords    bool       `json:"password_grant"`
	HourlyLimit  int        `json:"hourly_limit"` // in force now; 0 for none
	OwnLimit     int        `json:"own_hourly_limit"`
	Created      seconds    `json:"created_time"`
}

func (a *API) newAppJSON(app *tintype.App, secret string) appJSON {
	j := appJSON{ID: app.ID, Name: app.Name, Description: app.Description, Website: app.Website, ClientID: app.ClientID, ClientSecret: secret,
		RedirectURIs: app.RedirectURIs, Scopes: scopeList(app.Scopes), Public: app.Public(),
		Signed: app.EnforceSigned, CanSign: app.Secret != "", Implicit: app.Implicit, Passwords: app.Passwords,
		HourlyLimit: app.HourlyLimit, OwnLimit: app.HourlyLimit, Created: seconds(app.Created)}
	if j.HourlyLimit == 0 {
		j.HourlyLimit = a.limiter.limit()
	}
	return j
}

func (a *API) listApps(c *call) error {
	apps, err := a.cfg.Apps.Apps(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := make([]appJSON, len(apps))
	for i, app := range apps {
		out[i] = a.newAppJSON(app, "")
	}
	return c.json(http.StatusOK, out)
}

func (a *API) getApp(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	app, err := a.cfg.AppDesk.OwnApp(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, a.newAppJSON(app, ""))
}

func (a *API) createApp(c *call) error {
	var in struct {
		Name         string   `json:"name"`
		Description  string   `json:"description"`
		Website      string   `json:"website"`
		RedirectURIs []string `json:"redirect_uris"`
		Scopes       string   `json:"scopes"`
		Public       bool     `json:"public"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	app, secret, err := a.cfg.Apps.RegisterApp(c.r.Context(), c.viewer(), account.NewApp{Name: in.Name, Description: in.Description, Website: in.Website,
		RedirectURIs: in.RedirectURIs, Scopes: in.Scopes, Public: in.Public})
	if err != nil {
		return err
	}
	a.clients.forget() // somebody may have asked for it before it was there
	return c.json(http.StatusCreated, a.newAppJSON(app, secret))
}

func (a *API) changeApp(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	var in struct {
		Name         *string   `json:"name"`
		Description  *string   `json:"description"`
		Website      *string   `json:"website"`
		RedirectURIs *[]string `json:"redirect_uris"`
		Signed       *bool     `json:"enforce_signed"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if says(in.Name, in.Description, in.Website) {
		if err := a.mayShow(c); err != nil {
			return err
		}
	}
	app, err := a.cfg.AppDesk.ChangeApp(c.r.Context(), c.viewer(), id, account.AppChanges{Name: in.Name, Description: in.Description,
		Website: in.Website, RedirectURIs: in.RedirectURIs, EnforceSigned: in.Signed})
	if err != nil {
		return err
	}
	a.clients.forget()
	return c.json(http.StatusOK, a.newAppJSON(app, ""))
}

// rotateSecret gives an app a new secret; the old one is good for nothing from then on.
func (a *API) rotateSecret(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := c.decode(&struct{}{}); err != nil {
		return err
	}
	app, secret, err := a.cfg.AppDesk.RotateSecret(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	a.clients.forget()
	return c.json(http.StatusOK, a.newAppJSON(app, secret))
}

func (a *API) deleteApp(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Apps.DeleteApp(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	a.clients.forget()
	return c.null()
}

// usedHour is how much an app called in the hour that began at Time.
type usedHour struct {
	Time    string `json:"time"`
	Calls   int    `json:"calls"`
	Refused int    `json:"refused"`
}

// usageHours is of how many hours usage is told where nothing else is asked for: a week.
const usageHours = 7 * 24

func (a *API) getUsage(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	hours := usageHours
	if s, err := c.param("hours"); err != nil {
		return err
	} else if s != "" {
		if hours, err = strconv.Atoi(s); err != nil {
			return tintype.FieldError("hours", "hours must be a number")
		}
	}
	calls, err := a.cfg.AppDesk.AppUsage(c.r.Context(), c.viewer(), id, hours)
	if err != nil {
		return err
	}
	out := make([]usedHour, len(calls))
	for i, n := range calls {
		out[i] = usedHour{Time: strconv.FormatInt(n.Hour*3600, 10), Calls: n.Calls, Refused: n.Refused}
	}
	return c.json(http.StatusOK, out)
}

// adminAppJSON is an app as an admin sees it: with whose it is.
type adminAppJSON struct {
	appJSON
	Owner ownerJSON `json:"owner"`
}

type ownerJSON struct {
	ID       tintype.ID `json:"id"`
	Username string     `json:"username"`
}

const adminApps = 50

func (a *API) listAllApps(c *call) error {
	page, err := c.page("max_id", adminApps)
	if err != nil {
		return err
	}
	apps, err := a.cfg.AppDesk.AllApps(c.r.Context(), page.Max, page.Count+1)
	if err != nil {
		return err
	}
	var next tintype.ID
	if len(apps) > page.Count {
		apps = apps[:page.Count]
		next = apps[page.Count-1].ID
	}
	out, err := a.withOwners(c, apps)
	if err != nil {
		return err
	}
	return c.jsonList(out, "max_id", next)
}

func (a *API) withOwners(c *call, apps []*tintype.App) ([]adminAppJSON, error) {
	ids := make([]tintype.ID, len(apps))
	for i, app := range apps {
		ids[i] = app.OwnerID
	}
	owners, err := a.cfg.People.Users(c.r.Context(), ids)
	if err != nil {
		return nil, err
	}
	names := map[tintype.ID]string{}
	for _, u := range owners {
		if u != nil {
			names[u.ID] = u.Username
		}
	}
	out := make([]adminAppJSON, len(apps))
	for i, app := range apps {
		out[i] = adminAppJSON{a.newAppJSON(app, ""), ownerJSON{app.OwnerID, names[app.OwnerID]}}
	}
	return out, nil
}

// allowApp changes what only admins decide of an app.
func (a *API) allowApp(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	var in struct {
		Implicit    *bool `json:"implicit_grant"`
		Passwords   *bool `json:"password_grant"`
		HourlyLimit *int  `json:"own_hourly_limit"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	var app *tintype.App
	if err := a.do(c, 0, "app "+id.String(), "", func(ctx context.Context) (err error) {
		app, err = a.cfg.AppDesk.AllowApp(ctx, id, account.AppPowers{Implicit: in.Implicit, Passwords: in.Passwords, HourlyLimit: in.HourlyLimit})
		return err
	}); err != nil {
		return err
	}
	a.clients.forget()
	out, err := a.withOwners(c, []*tintype.App{app})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out[0])
}
