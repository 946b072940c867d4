package moderate

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// Queue lists cases: open ones oldest first, decided ones newest first; next is the page.After of the next page, 0 at
// the end. What only some could see is not told here: Look does.
func (s *Service) Queue(ctx context.Context, page tintype.CasePage) (list []tintype.Case, next tintype.ID, err error) {
	page.Count++
	list, err = s.c.Cases.Cases(ctx, page)
	list, next = cut(list, page.Count-1, func(c tintype.Case) tintype.ID { return c.ID })
	if err == nil {
		err = s.guard(ctx, list)
	}
	if err != nil {
		return nil, 0, err
	}
	for i := range list {
		if list[i].Private {
			list[i].Text = ""
		}
	}
	return list, next, nil
}

// Preview is a case with what it is about, as that is now.
type Preview struct {
	Case    tintype.Case
	Post    *tintype.Post // the post, or the one that the comment is on; nil if it is gone, or for a user
	Comment *tintype.Comment
	Gone    bool               // the thing is not there any longer
	Closed  bool               // OpenPicture opens none of its pictures
	Before  []tintype.Decision // against the same user, newest first
}

// Look shows a moderator a case that is not about them, whoever may see the thing. That of what not everybody can see, or
// could when it was reported, is put down in the audit log first.
func (s *Service) Look(ctx context.Context, by, id tintype.ID) (*Preview, error) {
	c, err := s.looked(ctx, by, id, "case.look")
	if err != nil {
		return nil, err
	}
	on, err := s.undecided(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &Preview{Case: *c, Closed: !on}
	if c.Thing.PostID != 0 {
		if p.Post, err = s.c.Posts.Unseen(ctx, c.Thing.PostID); err != nil {
			return nil, err
		}
		p.Gone = p.Post == nil
	}
	if c.Thing.Kind == tintype.ThingComment {
		if p.Comment, err = s.c.Posts.UnseenComment(ctx, c.Thing.PostID, c.Thing.ID); err != nil {
			return nil, err
		}
		p.Gone = p.Comment == nil
	}
	if p.Before, err = s.c.Decisions.DecisionsOf(ctx, c.Thing.UserID, tintype.Page{Count: 10}); err != nil {
		return nil, err
	}
	return p, s.blank(ctx, p.Before)
}

// looked gives by a case to look at, and puts that down as deed where not everybody can see the thing.
func (s *Service) looked(ctx context.Context, by, id tintype.ID, deed string) (*tintype.Case, error) {
	c, err := s.caseFor(ctx, by, id)
	if err != nil {
		return nil, err
	}
	one := []tintype.Case{*c}
	if err := s.guard(ctx, one); err != nil {
		return nil, err
	}
	if one[0].Private {
		err = s.c.Audit.Record(ctx, s.entry(by, deed, c.Thing, ""))
	}
	return &one[0], err
}

// OpenPicture opens a picture of the post that a case is about, for a moderator whom it is not about; NotFound once nothing
// is left to decide. It is put down as Look is.
func (s *Service) OpenPicture(ctx context.Context, by, id tintype.ID, n int) (blob.File, error) {
	c, err := s.caseFor(ctx, by, id)
	if err != nil {
		return nil, err
	}
	on, err := s.undecided(ctx, c)
	if err != nil {
		return nil, err
	}
	if !on || c.Thing.PostID == 0 {
		return nil, errNoCase
	}
	if _, err := s.looked(ctx, by, id, "case.picture"); err != nil {
		return nil, err
	}
	return s.c.Posts.OpenUnseen(ctx, c.Thing.PostID, n)
}

// ReportsIn lists for a moderator the reports of a case that is not about them, newest first; next is the page.Max of the next page, 0 at the end.
func (s *Service) ReportsIn(ctx context.Context, by, id tintype.ID, page tintype.Page) (list []tintype.Report, next tintype.ID, err error) {
	if _, err := s.caseFor(ctx, by, id); err != nil && !tintype.IsKind(err, tintype.NotFound) {
		return nil, 0, err
	}
	page.Count++
	list, err = s.c.Reports.ReportsIn(ctx, id, page)
	list, next = cut(list, page.Count-1, func(r tintype.Report) tintype.ID { return r.ID })
	return list, next, err
}

// Claim says that by looks at a case, so that nobody else decides it within the hour; with on false that they do not.
func (s *Service) Claim(ctx context.Context, by, id tintype.ID, on bool) error {
	if _, err := s.caseFor(ctx, by, id); err != nil && !tintype.IsKind(err, tintype.NotFound) {
		return err
	}
	now := s.c.Clock()
	return s.c.Cases.Claim(ctx, id, by, on, now, now.Add(-claimed))
}

// Verdict is what a moderator decides.
type Verdict struct {
	Action tintype.Action // 0 dismisses the case
	Reason string
	Words  string // to the person concerned; may be ""
	Days   int    // of a suspension; 0 until it is lifted
}

// check gives when the verdict ends by itself.
func (v Verdict) check(t tintype.Thing, now time.Time) (until time.Time, err error) {
	if err := goodWords("words", v.Words, false); err != nil {
		return until, err
	}
	if v.Action == 0 {
		return until, nil
	}
	if v.Action > tintype.ActionSuspend {
		return until, tintype.FieldError("action", "there is no such action")
	}
	if v.Action == tintype.ActionRemove && t.Kind == tintype.ThingUser {
		return until, tintype.FieldError("action", "a user is not taken down but suspended")
	}
	if v.Days < 0 || v.Days > MaxDays || v.Days > 0 && v.Action != tintype.ActionSuspend {
		return until, tintype.FieldError("days", "days must be from 0 (until it is lifted) to %d, and only of a suspension", MaxDays)
	}
	if v.Days > 0 {
		until = now.Add(time.Duration(v.Days) * day)
	}
	return until, goodReason(v.Reason)
}

// Decide decides a case that is not about by; one about an admin or a moderator only for an admin.
func (s *Service) Decide(ctx context.Context, by, id tintype.ID, v Verdict) error {
	c, err := s.caseFor(ctx, by, id)
	if err == nil {
		err = s.mayJudge(ctx, by, c.Thing.UserID)
	}
	if err != nil {
		return err
	}
	now := s.c.Clock()
	until, err := v.check(c.Thing, now)
	if err != nil {
		return err
	}
	log := s.entry(by, "case.dismiss", c.Thing, reasonOf(v))
	if v.Action == 0 {
		return s.c.Cases.CloseCase(ctx, id, nil, log, now.Add(-claimed))
	}
	d := tintype.Decision{CaseID: id, Thing: c.Thing, Action: v.Action, Reason: v.Reason, Words: v.Words, Text: c.Text, By: by, At: now, Until: until}
	if d.ID, err = s.c.IDs.MintFor(ctx, c.Thing.UserID); err != nil {
		return err
	}
	log.Deed = "case." + ActionName(v.Action)
	if err := s.c.Cases.CloseCase(ctx, id, &d, log, now.Add(-claimed)); err != nil {
		return err
	}
	return s.apply(ctx, d)
}

func reasonOf(v Verdict) string {
	if v.Words == "" {
		return v.Reason
	}
	if v.Reason == "" {
		return v.Words
	}
	return v.Reason + ": " + v.Words
}

// actionNames are the words for actions; 0 is "dismiss".
var actionNames = []string{"dismiss", "warn", "remove", "suspend"}

// ActionName gives the word for an action; "dismiss" for 0.
func ActionName(a tintype.Action) string { return actionNames[a] }

// ParseAction reads what ActionName writes; Invalid otherwise.
func ParseAction(name string) (tintype.Action, error) {
	for i, n := range actionNames {
		if n == name {
			return tintype.Action(i), nil
		}
	}
	return 0, tintype.FieldError("action", "%q is not dismiss, warn, remove or suspend", name)
}
