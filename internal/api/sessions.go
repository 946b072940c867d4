package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/tintype"
)

func (a *API) getSite(c *call) error {
	site, err := a.cfg.Site.Site(c.r.Context())
	if err != nil {
		return err
	}
	out := map[string]any{
		"name": site.Name, "version": a.cfg.Version, "signup": site.SignUp, "needs_first_user": site.NeedsFirstUser,
		"limits": map[string]any{
			"caption": maxCaption, "comment": maxComment, "alt_text": maxAltText, "bio": maxBio, "media_per_post": maxMedia,
			"upload_bytes": a.uploadBytes(), "megapixels": a.cfg.MaxPixels / 1e6,
		},
		"accepts": a.cfg.Accepts, "leave_days": int(a.cfg.Grace / (24 * time.Hour)),
	}
	if a.cfg.MapTiles != "" {
		out["map"] = map[string]string{"tiles": a.cfg.MapTiles, "attribution": a.cfg.MapAttribution}
	}
	if list := a.cfg.Providers.Providers(); len(list) > 0 {
		out["providers"] = providerNames(list)
	}
	return c.json(http.StatusOK, out)
}

// uploadBytes is how large a file may be now.
func (a *API) uploadBytes() int64 {
	return min(a.cfg.MaxUpload, int64(a.cfg.Knobs.Number(knobs.MaxUploadMB))<<20)
}

// What /v1/site tells of the rules' limits, in characters and pictures.
const (
	maxCaption = 2200
	maxComment = 1000
	maxAltText = 1000
	maxBio     = 300
	maxMedia   = 20
)

// signedIn answers a sign-up or sign-in: with a cookie, or with a token.
func (a *API) signedIn(c *call, status int, u *tintype.User, token string, cookie bool, from account.Client) error {
	if cookie {
		c.come(token, from)
		token = ""
	}
	return c.json(status, map[string]any{"user": c.userJSON(u), "access_token": token})
}

// come lets a browser in.
func (c *call) come(token string, from account.Client) {
	c.setCookie(token)
	c.setDevice(from.Device)
}

func (a *API) signUp(c *call) error {
	var in struct {
		Username string `json:"username"`
		Password string `json:"password"`
		FullName string `json:"full_name"`
		Email    string `json:"email"`
		Invite   string `json:"invite"`
		Locale   string `json:"locale"`
		Cookie   bool   `json:"cookie"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	ctx := c.r.Context()
	client := c.newcomer(in.Cookie)
	u, err := a.cfg.Accounts.SignUp(ctx, account.SignUp{Username: in.Username, Password: in.Password, FullName: in.FullName,
		Email: in.Email, Invite: in.Invite, Locale: in.Locale, Client: client})
	if err != nil {
		return err
	}
	token, err := a.cfg.Accounts.Open(ctx, u.ID, client)
	if err != nil {
		return err
	}
	return a.signedIn(c, http.StatusCreated, u, token, in.Cookie, client)
}

func (a *API) signIn(c *call) error {
	var in struct {
		Login    string      `json:"login"`
		Password string      `json:"password"`
		Code     string      `json:"code"`
		Cookie   bool        `json:"cookie"`
		Passkey  *answerJSON `json:"passkey"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	client := c.newcomer(in.Cookie)
	login := account.Login{Name: in.Login, Password: in.Password, Code: in.Code, Client: client}
	if in.Passkey != nil {
		answer := in.Passkey.answer()
		login.Passkey = &answer
	}
	token, u, err := a.cfg.Accounts.SignIn(c.r.Context(), login)
	if err != nil {
		return a.suspended(c, err)
	}
	return a.signedIn(c, http.StatusOK, u, token, in.Cookie, client)
}

func (a *API) signOut(c *call) error {
	if err := a.cfg.Sessions.SignOut(c.r.Context(), c.who); err != nil {
		return err
	}
	if c.viaCookie {
		c.setCookie("")
	}
	return c.null()
}

func (a *API) signOutEverywhere(c *call) error {
	if err := a.cfg.Sessions.SignOutEverywhere(c.r.Context(), c.viewer(), ""); err != nil {
		return err
	}
	if c.viaCookie {
		c.setCookie("")
	}
	return c.null()
}

type sessionJSON struct {
	ID        string   `json:"id"`
	Created   seconds  `json:"created_time"`
	Seen      seconds  `json:"last_seen_time"`
	UserAgent string   `json:"user_agent"`
	Address   string   `json:"address"`
	Current   bool     `json:"current"`
	App       *appName `json:"app,omitempty"`
}

type appName struct {
	ID      tintype.ID `json:"id"`
	Name    string     `json:"name"`
	Website string     `json:"website,omitempty"`
}

func (a *API) listSessions(c *call) error {
	list, err := a.cfg.Sessions.Sessions(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := make([]sessionJSON, len(list))
	for i, s := range list {
		out[i] = sessionJSON{ID: s.ID, Created: seconds(s.Created), Seen: seconds(s.Seen), UserAgent: s.UserAgent, Address: s.Address,
			Current: s.ID == c.who.CredentialID}
		if s.AppID != 0 {
			out[i].App = &appName{ID: s.AppID, Name: s.AppName}
		}
	}
	return c.json(http.StatusOK, out)
}

func (a *API) revokeSession(c *call) error {
	id := c.params.get("id")
	if err := a.cfg.Sessions.RevokeSession(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	if c.viaCookie && id == c.who.CredentialID {
		c.setCookie("")
	}
	return c.null()
}

func (a *API) changePassword(c *call) error {
	var in struct {
		Current string `json:"current"`
		New     string `json:"new"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.Accounts.ChangePassword(c.r.Context(), c.who, in.Current, in.New, c.client()); err != nil {
		return err
	}
	return c.null()
}

// The settings of the site, for admins.

func (a *API) adminSite(c *call, s account.Site) error {
	return c.json(http.StatusOK, map[string]any{"name": s.Name, "signup": s.SignUp, "needs_first_user": s.NeedsFirstUser})
}

func (a *API) getAdminSite(c *call) error {
	s, err := a.cfg.Site.Site(c.r.Context())
	if err != nil {
		return err
	}
	return a.adminSite(c, s)
}

func (a *API) updateAdminSite(c *call) error {
	var in struct {
		Name   *string `json:"name"`
		SignUp *string `json:"signup"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	var wanted []string
	if in.Name != nil {
		wanted = append(wanted, "name "+*in.Name)
	}
	if in.SignUp != nil {
		wanted = append(wanted, "sign-up "+*in.SignUp)
	}
	var s account.Site
	if err := a.do(c, 0, strings.Join(wanted, ", "), "", func(ctx context.Context) (err error) {
		s, err = a.cfg.Site.SetSite(ctx, c.who, account.SiteChanges{Name: in.Name, SignUp: in.SignUp})
		return err
	}); err != nil {
		return err
	}
	return a.adminSite(c, s)
}

type inviteJSON struct {
	Code    string     `json:"code"`
	Created seconds    `json:"created_time"`
	Expires seconds    `json:"expires_time"`
	Note    string     `json:"note"`
	UsedBy  *shortJSON `json:"used_by"`
	Used    seconds    `json:"used_time"`
}

func (a *API) invite(c *call, i tintype.Invite, users map[tintype.ID]*tintype.User) inviteJSON {
	out := inviteJSON{Code: i.Code, Created: seconds(i.Created), Expires: seconds(i.Expires), Note: i.Note, Used: seconds(i.Used)}
	if u := users[i.UsedBy]; u != nil {
		s := c.shortJSON(u)
		out.UsedBy = &s
	}
	return out
}

func (a *API) listInvites(c *call) error {
	ctx := c.r.Context()
	list, err := a.cfg.Site.Invites(ctx, c.who)
	if err != nil {
		return err
	}
	var ids []tintype.ID
	for _, i := range list {
		if i.UsedBy != 0 {
			ids = append(ids, i.UsedBy)
		}
	}
	users := map[tintype.ID]*tintype.User{}
	if len(ids) > 0 {
		found, err := a.cfg.People.Users(ctx, ids)
		if err != nil && !tintype.IsPartial(err) {
			return err
		}
		for i, u := range found {
			users[ids[i]] = u
		}
	}
	out := make([]inviteJSON, len(list))
	for n, i := range list {
		out[n] = a.invite(c, i, users)
	}
	return c.json(http.StatusOK, out)
}

func (a *API) createInvite(c *call) error {
	var in struct {
		Note    string `json:"note"`
		GoodFor int    `json:"days"` // 0 for ever
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.GoodFor < 0 || in.GoodFor > 3650 {
		return tintype.FieldError("days", "days must be from 0 (for ever) to 3650")
	}
	thing := "invite" // its code is no business of the log's
	if in.GoodFor > 0 {
		thing += ", good for " + strconv.Itoa(in.GoodFor) + " days"
	}
	var i tintype.Invite
	if err := a.do(c, 0, thing, in.Note, func(ctx context.Context) (err error) {
		i, err = a.cfg.Site.Invite(ctx, c.who, in.Note, time.Duration(in.GoodFor)*24*time.Hour)
		return err
	}); err != nil {
		return err
	}
	return c.json(http.StatusCreated, a.invite(c, i, nil))
}

func (a *API) revokeInvite(c *call) error {
	code := c.params.get("code")
	if err := a.do(c, 0, "invite "+shownCode(code), "", func(ctx context.Context) error { return a.cfg.Site.DeleteInvite(ctx, c.who, code) }); err != nil {
		return err
	}
	return c.null()
}

// shownCode is as much of an invite's code as tells it from others, and is of no use.
func shownCode(code string) string { return code[:min(len(code), 4)] + "…" }

type jobJSON struct {
	ID       string  `json:"id"`
	Database string  `json:"db"`
	Kind     string  `json:"kind"`
	State    string  `json:"state"`
	Attempt  int     `json:"attempt"`
	Error    string  `json:"error"`
	Created  seconds `json:"created_time"`
	Failed   seconds `json:"failed_time"`
}

func (a *API) listJobs(c *call) error {
	state, err := c.param("state")
	if err != nil {
		return err
	}
	if state != "" && state != "discarded" {
		return tintype.FieldError("state", "only state=discarded, the jobs that were given up, can be listed")
	}
	list, err := a.cfg.Jobs.FailedJobs(c.r.Context())
	if err != nil {
		return err
	}
	out := make([]jobJSON, len(list))
	for i, j := range list {
		out[i] = jobJSON{j.ID, j.Database, j.Kind, "discarded", j.Attempts, j.Error, seconds(j.Created), seconds(j.Failed)}
	}
	return c.json(http.StatusOK, out)
}

func (a *API) retryJob(c *call) error {
	db, id := c.params.get("db"), c.params.get("id")
	if err := a.do(c, 0, "job "+db+" "+id, "", func(ctx context.Context) error { return a.cfg.Jobs.RetryJob(ctx, db, id) }); err != nil {
		return err
	}
	return c.null()
}
