package moderate

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	errYours  = &tintype.Error{Kind: tintype.Forbidden, Msg: "this is about you: somebody else has to decide it"}
	errKeeper = &tintype.Error{Kind: tintype.Forbidden, Msg: "this is about an admin or a moderator: only an admin decides it"}
)

// mayJudge keeps moderators from judging themselves, and those who are no admins from judging who keeps order with them.
// by is 0 for the command line and the site itself.
func (s *Service) mayJudge(ctx context.Context, by, owner tintype.ID) error {
	if by == 0 {
		return nil
	}
	if by == owner {
		return errYours
	}
	a, err := s.c.Accounts.Account(ctx, owner)
	if err != nil || a == nil || !a.Admin && !a.Moderator {
		return err
	}
	if a, err = s.c.Accounts.Account(ctx, by); err == nil && (a == nil || !a.Admin) {
		err = errKeeper
	}
	return err
}

// caseFor gives a case to a moderator whom it is not about: who reported them is not theirs to know.
func (s *Service) caseFor(ctx context.Context, by, id tintype.ID) (*tintype.Case, error) {
	c, err := s.c.Cases.Case(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		return nil, errNoCase
	case c.Thing.UserID == by:
		return nil, errYours
	}
	return c, nil
}

// guarded tells of each thing whether not everybody could see it by now if moderators had let it be. What is gone nobody can.
func (s *Service) guarded(ctx context.Context, things []tintype.Thing) ([]bool, error) {
	out := make([]bool, len(things))
	if len(things) == 0 {
		return out, nil
	}
	var ids []tintype.ID
	for _, t := range things {
		if t.PostID != 0 {
			ids = append(ids, t.PostID)
		}
	}
	posts, err := s.c.Posts.AllUnseen(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := map[tintype.ID]*tintype.Post{}
	for _, p := range posts {
		byID[p.ID] = p
	}
	whose := make([]tintype.ID, len(things)) // who says who sees the thing: of a comment the post's owner
	for i, t := range things {
		whose[i] = t.UserID
		if p := byID[t.PostID]; p != nil {
			whose[i] = p.UserID
		}
	}
	people, err := s.c.People.Users(ctx, whose)
	if err != nil {
		return nil, err
	}
	for i, t := range things {
		p := byID[t.PostID]
		switch {
		case people[i] == nil, t.PostID != 0 && p == nil:
			out[i] = true
		case p == nil:
			out[i] = people[i].Private
		default:
			owner, shown := *people[i], *p
			owner.State, shown.TakenDown = tintype.UserActive, false
			out[i] = !tintype.EverybodySees(&owner, &shown)
		}
	}
	return out, nil
}

// guard marks those cases private whose thing not everybody can see by now. Who turned public since the report is not
// unmarked: what the case holds is from before.
func (s *Service) guard(ctx context.Context, list []tintype.Case) error {
	things := make([]tintype.Thing, len(list))
	for i, c := range list {
		things[i] = c.Thing
	}
	private, err := s.guarded(ctx, things)
	for i := range private {
		list[i].Private = list[i].Private || private[i]
	}
	return err
}

// blank takes out of decisions what their things said, where not everybody can see those, or could when they were reported.
func (s *Service) blank(ctx context.Context, list []tintype.Decision) error {
	things := make([]tintype.Thing, len(list))
	for i, d := range list {
		things[i] = d.Thing
	}
	private, err := s.guarded(ctx, things)
	if err != nil {
		return err
	}
	for i := range list {
		d := &list[i]
		if !private[i] && d.CaseID != 0 && d.Text != "" {
			c, err := s.c.Cases.Case(ctx, d.CaseID)
			if err != nil {
				return err
			}
			private[i] = c == nil || c.Private
		}
		if private[i] {
			d.Text = ""
		}
	}
	return nil
}

// undecided tells whether there is still something to decide about a case: it is open, or what was decided is appealed.
func (s *Service) undecided(ctx context.Context, c *tintype.Case) (bool, error) {
	if c.State == tintype.ReportOpen {
		return true, nil
	}
	for _, a := range []tintype.Action{tintype.ActionWarn, tintype.ActionRemove, tintype.ActionSuspend} {
		list, err := s.c.Decisions.DecisionsOn(ctx, c.Thing, a)
		if err != nil {
			return false, err
		}
		for _, d := range list {
			if d.CaseID == c.ID && d.Appeal == tintype.AppealOpen {
				return true, nil
			}
		}
	}
	return false, nil
}
