package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/moderate"
	"github.com/tintype/tintype/internal/tintype"
)

// What users report, what was decided against them, and what those who are suspended may still do.

// thingJSON is what a report or a decision is about.
type thingJSON struct {
	Kind      string     `json:"kind"`
	ID        tintype.ID `json:"id"`
	PostID    tintype.ID `json:"post_id,omitempty"`
	Shortcode string     `json:"shortcode,omitempty"` // of the post
}

func newThing(t tintype.Thing) thingJSON {
	out := thingJSON{Kind: moderate.ThingName(t.Kind), ID: t.ID, PostID: t.PostID}
	if t.PostID != 0 {
		out.Shortcode = t.PostID.Shortcode()
	}
	return out
}

// reportStates are the words for how far a report, or a case, has come.
var reportStates = map[tintype.ReportState]string{tintype.ReportOpen: "open", tintype.ReportActed: "acted", tintype.ReportDismissed: "dismissed"}

type reportJSON struct {
	ID      tintype.ID `json:"id"`
	Thing   thingJSON  `json:"thing"`
	Reason  string     `json:"reason"`
	Words   string     `json:"words"`
	State   string     `json:"state"`
	Created seconds    `json:"created_time"`
	Closed  seconds    `json:"closed_time"`
	By      *shortJSON `json:"by,omitempty"` // for moderators alone
}

func newReport(r tintype.Report) reportJSON {
	return reportJSON{ID: r.ID, Thing: newThing(r.Thing), Reason: r.Reason, Words: r.Words, State: reportStates[r.State],
		Created: seconds(r.Created), Closed: seconds(r.Closed)}
}

func (a *API) report(c *call) error {
	var in struct {
		Kind   string     `json:"kind"`
		ID     tintype.ID `json:"id"`
		PostID tintype.ID `json:"post_id"`
		Reason string     `json:"reason"`
		Words  string     `json:"words"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	kind, err := moderate.ParseThing(in.Kind)
	if err != nil {
		return err
	}
	r, fresh, err := a.cfg.ReportDesk.Report(c.r.Context(), c.viewer(), moderate.NewReport{Kind: kind, ID: in.ID, PostID: in.PostID, Reason: in.Reason, Words: in.Words})
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if !fresh {
		status = http.StatusOK // it was reported before, and is not decided yet
	}
	return c.json(status, newReport(r))
}

func (a *API) listReports(c *call) error {
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	list, next, err := a.cfg.ReportDesk.Mine(c.r.Context(), c.viewer(), page)
	if err != nil {
		return err
	}
	out := make([]reportJSON, len(list))
	for i, r := range list {
		out[i] = newReport(r)
	}
	return c.jsonList(out, "max_id", next)
}

// The words for how decisions and appeals stand.
var (
	decisionStates = map[tintype.DecisionState]string{tintype.DecisionHolds: "holds", tintype.DecisionReversed: "reversed", tintype.DecisionOver: "over"}
	appealStates   = map[tintype.AppealState]string{tintype.AppealNone: "none", tintype.AppealOpen: "open", tintype.AppealGranted: "granted", tintype.AppealRejected: "rejected"}
)

// decisionJSON is a decision as the person concerned has it. Who decided is not told them.
type decisionJSON struct {
	ID        tintype.ID `json:"id"`
	Thing     thingJSON  `json:"thing"`
	Action    string     `json:"action"`
	Reason    string     `json:"reason"`
	Words     string     `json:"words"`
	Text      string     `json:"text"`
	Created   seconds    `json:"created_time"`
	Until     seconds    `json:"until_time"`
	State     string     `json:"state"`
	Ended     seconds    `json:"ended_time"`
	CanAppeal bool       `json:"can_appeal"`
	Appeal    appealJSON `json:"appeal"`

	// For moderators alone.
	User *shortJSON `json:"user,omitempty"`
	By   *shortJSON `json:"by,omitempty"`
	Case tintype.ID `json:"case_id,omitempty"` // in the list of appeals
}

type appealJSON struct {
	State   string  `json:"state"`
	Words   string  `json:"words"`
	Created seconds `json:"created_time"`
	Reply   string  `json:"reply"`
}

func (a *API) newDecision(d tintype.Decision) decisionJSON {
	return decisionJSON{ID: d.ID, Thing: newThing(d.Thing), Action: moderate.ActionName(d.Action), Reason: d.Reason, Words: d.Words, Text: d.Text,
		Created: seconds(d.At), Until: seconds(d.Until), State: decisionStates[d.State], Ended: seconds(d.Ended), CanAppeal: moderate.CanAppeal(d, a.cfg.Clock()),
		Appeal: appealJSON{State: appealStates[d.Appeal], Words: d.AppealWords, Created: seconds(d.Appealed), Reply: d.AppealReply}}
}

func (a *API) newDecisions(list []tintype.Decision) []decisionJSON {
	out := make([]decisionJSON, len(list))
	for i, d := range list {
		out[i] = a.newDecision(d)
	}
	return out
}

func (a *API) listNotices(c *call) error {
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	list, next, err := a.cfg.ReportDesk.Notices(c.r.Context(), c.viewer(), page)
	if err != nil {
		return err
	}
	return c.jsonList(a.newDecisions(list), "max_id", next)
}

// idAndWords reads what somebody says about the thing in the address.
func (c *call) idAndWords() (id tintype.ID, words string, err error) {
	if id, err = c.id("id"); err != nil {
		return 0, "", err
	}
	var in struct {
		Words string `json:"words"`
	}
	err = c.decode(&in)
	return id, in.Words, err
}

func (a *API) appeal(c *call) error {
	id, words, err := c.idAndWords()
	if err != nil {
		return err
	}
	if err := a.cfg.ReportDesk.Appeal(c.r.Context(), c.viewer(), id, words); err != nil {
		return err
	}
	return c.null()
}

// suspended answers somebody who has proved who they are and is suspended: with what opens the page that says so, and nothing else.
func (a *API) suspended(c *call, err error) error {
	var s *account.SuspendedError
	if !errors.As(err, &s) {
		return err
	}
	ticket, e := a.cfg.Suspended.Ticket(c.r.Context(), s.User)
	if e != nil {
		return e
	}
	b := append(c.begin(), `{"meta":{"code":403,"error_type":"APISuspendedError","error_message":`...)
	b = appendString(b, s.Error())
	b = append(b, `,"ticket":`...)
	b = appendString(b, ticket)
	c.send(http.StatusForbidden, append(b, `}}`...))
	return nil
}

func (a *API) getSuspension(c *call) error {
	var in struct {
		Ticket string `json:"ticket"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	list, err := a.cfg.Suspended.Suspension(c.r.Context(), in.Ticket)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, a.newDecisions(list))
}

func (a *API) appealSuspension(c *call) error {
	var in struct {
		Ticket string     `json:"ticket"`
		ID     tintype.ID `json:"id"`
		Words  string     `json:"words"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.Suspended.AppealSuspension(c.r.Context(), in.Ticket, in.ID, in.Words); err != nil {
		return err
	}
	return c.null()
}

// do does what the call is for, once it is in the audit log to whom and why.
func (a *API) do(c *call, user tintype.ID, thing, reason string, deed func(context.Context) error) error {
	ctx := c.r.Context()
	e := tintype.AuditEntry{By: c.viewer(), Deed: c.route.Deed, User: user, Thing: thing, Reason: reason}
	return a.cfg.AuditLog.Do(ctx, e, func() error { return deed(ctx) })
}

// timeOf reads a query parameter that is an instant, in microseconds since 1970.
func (c *call) timeOf(name string) (time.Time, error) {
	s, err := c.param(name)
	if err != nil || s == "" {
		return time.Time{}, err
	}
	id, err := tintype.ParseID(s)
	if err != nil {
		return time.Time{}, tintype.FieldError(name, "%s is not a cursor of this list: take it from the pagination of the page before", name)
	}
	return time.UnixMicro(int64(id)), nil
}
