package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tintype/tintype/internal/moderate"
	"github.com/tintype/tintype/internal/tintype"
)

// Users as admins see them, and the log of what admins did.

// memberJSON is an account.
type memberJSON struct {
	shortJSON
	State     string     `json:"state"`
	Admin     bool       `json:"is_admin"`
	Moderator bool       `json:"is_moderator"`
	Created   seconds    `json:"created_time"`
	Counts    countsJSON `json:"counts"`
}

// accountStates are the words for the states of an account.
var accountStates = map[string]tintype.AccountState{"active": tintype.AccountActive, "suspended": tintype.AccountSuspended,
	"deleted": tintype.AccountDeleted, "unfinished": tintype.AccountClaimed}

func stateWord(s tintype.AccountState) string {
	for word, state := range accountStates {
		if state == s {
			return word
		}
	}
	return "unfinished"
}

// listMembers lists accounts by username, through the directory alone; counts come from the users of the page.
func (a *API) listMembers(c *call) error {
	page := tintype.MemberPage{Any: true}
	var err error
	if page.Count, err = c.count(maxUserCount); err != nil {
		return err
	}
	if page.Prefix, err = c.param("q"); err != nil {
		return err
	}
	page.Prefix = strings.TrimPrefix(strings.TrimSpace(page.Prefix), "@")
	if page.After, err = c.param("cursor"); err != nil {
		return err
	}
	state, err := c.param("state")
	if err != nil {
		return err
	}
	if state != "" {
		s, ok := accountStates[state]
		if !ok {
			return tintype.FieldError("state", "%q is no state of an account", state)
		}
		page.Any, page.State = false, s
	}
	n := page.Count
	page.Count++
	list, err := a.cfg.Members.MembersNamed(c.r.Context(), page)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > n {
		list = list[:n]
		next = list[n-1].User.Username
	}
	ids := make([]tintype.ID, len(list))
	for i, m := range list {
		ids[i] = m.User.ID
	}
	users, who, err := a.peopleOf(c, ids)
	if err != nil && !tintype.IsPartial(err) {
		return err
	}
	out := make([]memberJSON, len(list))
	for i, m := range list {
		out[i] = memberJSON{State: stateWord(m.Account.State), Admin: m.Account.Admin, Moderator: m.Account.Moderator, Created: seconds(m.Account.Created)}
		out[i].shortJSON = c.shortJSON(&list[i].User)
		if u := users[m.User.ID]; u != nil {
			out[i].shortJSON = *who[u.ID]
			out[i].Counts = countsJSON{Media: u.Counts.Media, Follows: u.Counts.Follows, FollowedBy: u.Counts.FollowedBy}
		}
	}
	return c.jsonPage(out, "cursor", next)
}

func (a *API) suspendMember(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	var in struct {
		Reason string `json:"reason"`
		Words  string `json:"words"`
		Days   int    `json:"days"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.Suspensions.Suspend(c.r.Context(), c.viewer(), "", id, moderate.Verdict{Reason: in.Reason, Words: in.Words, Days: in.Days}); err != nil {
		return err
	}
	return c.null()
}

func (a *API) liftMember(c *call) error {
	id, words, err := c.idAndWords()
	if err != nil {
		return err
	}
	if err := a.cfg.Suspensions.Lift(c.r.Context(), c.viewer(), "", id, words); err != nil {
		return err
	}
	return c.null()
}

func (a *API) resetMemberTwoFactor(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.do(c, id, "user "+id.String(), "", func(ctx context.Context) error { return a.cfg.Members.ResetTwoFactor(ctx, id) }); err != nil {
		return err
	}
	return c.null()
}

func (a *API) signOutMember(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.do(c, id, "user "+id.String(), "", func(ctx context.Context) error { return a.cfg.Sessions.SignOutEverywhere(ctx, id, "") }); err != nil {
		return err
	}
	return c.null()
}

func (a *API) setModerator(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	on := c.route.Method == http.MethodPut
	if err := a.do(c, id, "moderator "+strconv.FormatBool(on), "", func(ctx context.Context) error { return a.cfg.Members.SetModerator(ctx, id, on) }); err != nil {
		return err
	}
	return c.null()
}

// auditJSON is an entry of the audit log.
type auditJSON struct {
	ID     string     `json:"id"` // its instant, in microseconds since 1970
	At     seconds    `json:"time"`
	By     *shortJSON `json:"by"`  // null for the command line, the site itself, and who is gone
	Via    string     `json:"via"` // who gave the command there
	Deed   string     `json:"deed"`
	User   *shortJSON `json:"user"`
	Thing  string     `json:"thing"`
	Reason string     `json:"reason"`
}

func (a *API) listAudit(c *call) error {
	var page tintype.AuditPage
	var err error
	if page.Count, err = c.count(maxMediaCount); err != nil {
		return err
	}
	if page.Before, err = c.timeOf("cursor"); err != nil {
		return err
	}
	if page.Deed, err = c.param("deed"); err != nil {
		return err
	}
	if page.By, err = c.cursor("by"); err != nil {
		return err
	}
	if page.User, err = c.cursor("user"); err != nil {
		return err
	}
	list, next, err := a.cfg.AuditLog.Log(c.r.Context(), page)
	if err != nil {
		return err
	}
	var ids []tintype.ID
	for _, e := range list {
		ids = append(ids, e.By, e.User)
	}
	who, err := a.authors(c, ids)
	if err != nil {
		return err
	}
	out := make([]auditJSON, len(list))
	for i, e := range list {
		out[i] = auditJSON{ID: strconv.FormatInt(e.At.UnixMicro(), 10), At: seconds(e.At), By: who[e.By], Via: e.Via, Deed: e.Deed, User: who[e.User],
			Thing: e.Thing, Reason: e.Reason}
	}
	cursor := ""
	if !next.IsZero() {
		cursor = strconv.FormatInt(next.UnixMicro(), 10)
	}
	return c.jsonPage(out, "cursor", cursor)
}

// jsonList answers with a list whose next page has an ID for its cursor, 0 at the end.
func (c *call) jsonList(data any, cursor string, next tintype.ID) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return c.end(append(c.open(http.StatusOK), text...), cursor, next)
}

// jsonPage is jsonList where the cursor is no ID, "" at the end.
func (c *call) jsonPage(data any, cursor, next string) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	b := append(c.open(http.StatusOK), text...)
	if next == "" {
		c.send(http.StatusOK, append(b, `,"pagination":{}}`...))
		return nil
	}
	q := url.Values{}
	for k, v := range c.query {
		q[k] = v
	}
	q.Set(cursor, next)
	b = append(b, `,"pagination":{"next_url":`...)
	b = appendString(b, c.base+c.r.URL.EscapedPath()+"?"+q.Encode())
	b = append(b, `,"next_`+cursor+`":`...)
	b = appendString(b, next)
	c.send(http.StatusOK, append(b, `}}`...))
	return nil
}
