package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/tintype/tintype/internal/moderate"
	"github.com/tintype/tintype/internal/tintype"
)

// The queue of reports, for moderators.

type caseJSON struct {
	ID        tintype.ID `json:"id"`
	Thing     thingJSON  `json:"thing"`
	User      *shortJSON `json:"user"` // who answers for it; null if they are gone
	State     string     `json:"state"`
	Reports   int        `json:"reports"`
	Reasons   []string   `json:"reasons"`
	Opened    seconds    `json:"opened_time"`
	Closed    seconds    `json:"closed_time"`
	Text      string     `json:"text"`
	Private   bool       `json:"is_private"`
	ClaimedBy *shortJSON `json:"claimed_by"`
	Claimed   seconds    `json:"claimed_time"`
	ClosedBy  *shortJSON `json:"closed_by"`
}

func (a *API) newCase(c tintype.Case, who map[tintype.ID]*shortJSON) caseJSON {
	return caseJSON{ID: c.ID, Thing: newThing(c.Thing), User: who[c.Thing.UserID], State: reportStates[c.State], Reports: c.Reports,
		Reasons: append([]string{}, c.Reasons...), Opened: seconds(c.Opened), Closed: seconds(c.Closed), Text: c.Text, Private: c.Private,
		ClaimedBy: who[c.ClaimedBy], Claimed: seconds(c.Claimed), ClosedBy: who[c.ClosedBy]}
}

func (a *API) listCases(c *call) error {
	page := tintype.CasePage{Open: true}
	var err error
	if page.Count, err = c.count(maxUserCount); err != nil {
		return err
	}
	if page.After, err = c.cursor("cursor"); err != nil {
		return err
	}
	kind, err := c.param("kind")
	if err != nil {
		return err
	}
	if kind != "" {
		if page.Kind, err = moderate.ParseThing(kind); err != nil {
			return err
		}
	}
	switch state, err := c.param("state"); {
	case err != nil:
		return err
	case state == "closed":
		page.Open = false
	case state != "" && state != "open":
		return tintype.FieldError("state", "state must be open or closed")
	}
	list, next, err := a.cfg.Queue.Queue(c.r.Context(), page)
	if err != nil {
		return err
	}
	var ids []tintype.ID
	for _, x := range list {
		ids = append(ids, x.Thing.UserID, x.ClaimedBy, x.ClosedBy)
	}
	who, err := a.authors(c, ids)
	if err != nil {
		return err
	}
	out := make([]caseJSON, len(list))
	for i, x := range list {
		out[i] = a.newCase(x, who)
	}
	return c.jsonList(out, "cursor", next)
}

// previewJSON is a case with what it is about.
type previewJSON struct {
	caseJSON
	Gone     bool           `json:"is_gone"`
	Caption  string         `json:"caption"` // of the post as it is now
	Comment  string         `json:"comment"`
	Pictures []pictureJSON  `json:"pictures"`
	Bio      string         `json:"bio"`
	Website  string         `json:"website"`
	Before   []decisionJSON `json:"before"` // what was decided against the same user
}

type pictureJSON struct {
	URL     string `json:"url"` // for a moderator's session alone
	AltText string `json:"alt_text"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
}

func (a *API) getCase(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p, err := a.cfg.Queue.Look(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	ids := []tintype.ID{p.Case.Thing.UserID, p.Case.ClaimedBy, p.Case.ClosedBy}
	for _, d := range p.Before {
		ids = append(ids, d.By)
	}
	users, who, err := a.peopleOf(c, ids)
	if err != nil {
		return err
	}
	out := previewJSON{caseJSON: a.newCase(p.Case, who), Gone: p.Gone, Pictures: []pictureJSON{}, Before: a.newDecisions(p.Before)}
	for i, d := range p.Before {
		out.Before[i].By = who[d.By]
	}
	if u := users[p.Case.Thing.UserID]; u != nil {
		out.Bio, out.Website = u.Bio, u.Website
	}
	if p.Comment != nil {
		out.Comment = p.Comment.Text
	}
	if p.Post != nil {
		out.Caption = p.Post.Caption
		for n, m := range p.Post.Media {
			if p.Closed {
				break
			}
			out.Pictures = append(out.Pictures, pictureJSON{URL: c.base + "/v1/admin/reports/" + id.String() + "/media/" + strconv.Itoa(n) + ".jpg",
				AltText: m.AltText, Width: m.Width, Height: m.Height})
		}
	}
	return c.json(http.StatusOK, out)
}

// peopleOf gives the users of ids, as far as they are still there, and how they are shown.
func (a *API) peopleOf(c *call, ids []tintype.ID) (map[tintype.ID]*tintype.User, map[tintype.ID]*shortJSON, error) {
	want := make([]tintype.ID, 0, len(ids))
	for _, id := range ids {
		if id != 0 {
			want = append(want, id)
		}
	}
	users, out := map[tintype.ID]*tintype.User{}, map[tintype.ID]*shortJSON{}
	if len(want) == 0 {
		return users, out, nil
	}
	found, err := a.cfg.People.Users(c.r.Context(), want)
	if err != nil {
		return nil, nil, err
	}
	for _, u := range found {
		if u != nil {
			s := c.shortJSON(u)
			users[u.ID], out[u.ID] = u, &s
		}
	}
	return users, out, nil
}

func (a *API) getCasePicture(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return errNoMedia
	}
	n, err := strconv.Atoi(c.params.get("n"))
	if err != nil || strconv.Itoa(n) != c.params.get("n") {
		return errNoMedia
	}
	f, err := a.cfg.Queue.OpenPicture(c.r.Context(), c.viewer(), id, n)
	if err != nil {
		return gone(err)
	}
	return c.serveFile(f, "image/jpeg", "case-"+id.String()+"-"+strconv.Itoa(n), keepPrivate)
}

func (a *API) listCaseReports(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	list, next, err := a.cfg.Queue.ReportsIn(c.r.Context(), c.viewer(), id, page)
	if err != nil {
		return err
	}
	ids := make([]tintype.ID, len(list))
	for i, r := range list {
		ids[i] = r.Reporter
	}
	who, err := a.authors(c, ids)
	if err != nil {
		return err
	}
	out := make([]reportJSON, len(list))
	for i, r := range list {
		out[i] = newReport(r)
		out[i].By = who[r.Reporter]
	}
	return c.jsonList(out, "max_id", next)
}

func (a *API) claimCase(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	in := struct {
		On bool `json:"on"`
	}{On: true}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.do(c, 0, "case "+id.String(), "", func(ctx context.Context) error { return a.cfg.Queue.Claim(ctx, c.viewer(), id, in.On) }); err != nil {
		return err
	}
	return c.null()
}

// verdictIn is what a moderator decides, as it is sent.
type verdictIn struct {
	Action string `json:"action"`
	Reason string `json:"reason"`
	Words  string `json:"words"`
	Days   int    `json:"days"`
}

func (a *API) resolveCase(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	var in verdictIn
	if err := c.decode(&in); err != nil {
		return err
	}
	action, err := moderate.ParseAction(in.Action)
	if err != nil {
		return err
	}
	if err := a.cfg.Queue.Decide(c.r.Context(), c.viewer(), id, moderate.Verdict{Action: action, Reason: in.Reason, Words: in.Words, Days: in.Days}); err != nil {
		return err
	}
	return c.null()
}

func (a *API) listAppeals(c *call) error {
	var page tintype.Page
	var err error
	if page.Count, err = c.count(maxUserCount); err != nil {
		return err
	}
	if page.Min, err = c.cursor("cursor"); err != nil {
		return err
	}
	list, next, err := a.cfg.AppealDesk.Appeals(c.r.Context(), page)
	if err != nil {
		return err
	}
	var ids []tintype.ID
	for _, d := range list {
		ids = append(ids, d.Thing.UserID, d.By)
	}
	who, err := a.authors(c, ids)
	if err != nil {
		return err
	}
	out := a.newDecisions(list)
	for i, d := range list {
		out[i].User, out[i].By, out[i].Case = who[d.Thing.UserID], who[d.By], d.CaseID
	}
	return c.jsonList(out, "cursor", next)
}

func (a *API) answerAppeal(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	var in struct {
		Grant bool   `json:"grant"`
		Words string `json:"words"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if err := a.cfg.AppealDesk.Answer(c.r.Context(), c.viewer(), id, in.Grant, in.Words); err != nil {
		return err
	}
	return c.null()
}

func (a *API) reverseDecision(c *call) error {
	id, words, err := c.idAndWords()
	if err != nil {
		return err
	}
	if err := a.cfg.AppealDesk.Reverse(c.r.Context(), c.viewer(), id, words); err != nil {
		return err
	}
	return c.null()
}
