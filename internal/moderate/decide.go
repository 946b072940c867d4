package moderate

import (
	"context"
	"errors"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Suspend shuts a user out though nobody reported them. via is who gave the command where by is 0.
func (s *Service) Suspend(ctx context.Context, by tintype.ID, via string, user tintype.ID, v Verdict) error {
	v.Action = tintype.ActionSuspend
	t := tintype.Thing{Kind: tintype.ThingUser, ID: user, UserID: user}
	now := s.c.Clock()
	until, err := v.check(t, now)
	if err == nil {
		err = s.mayJudge(ctx, by, user)
	}
	if err != nil {
		return err
	}
	people, err := s.c.People.Users(ctx, []tintype.ID{user})
	if err != nil {
		return err
	}
	if people[0] == nil {
		return &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such user"}
	}
	held, err := s.suspensions(ctx, user)
	if err != nil {
		return err
	}
	if len(held) > 0 {
		return &tintype.Error{Kind: tintype.Conflict, Msg: "this user is suspended already"}
	}
	d := tintype.Decision{Thing: t, Action: v.Action, Reason: v.Reason, Words: v.Words, By: by, At: now, Until: until}
	if d.ID, err = s.c.IDs.MintFor(ctx, user); err != nil {
		return err
	}
	log := s.entry(by, "user.suspend", t, reasonOf(v))
	log.Via = via
	if err := s.c.Decisions.Decide(ctx, d, log); err != nil {
		return err
	}
	return s.apply(ctx, d)
}

// suspensions gives those of a user that hold, whatever they were for.
func (s *Service) suspensions(ctx context.Context, user tintype.ID) ([]tintype.Decision, error) {
	var out []tintype.Decision
	page := tintype.Page{Count: 100}
	for {
		list, err := s.c.Decisions.DecisionsOf(ctx, user, page)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if d.Action == tintype.ActionSuspend && d.State == tintype.DecisionHolds {
				out = append(out, d)
			}
		}
		if len(list) < page.Count {
			return out, nil
		}
		page.Max = list[len(list)-1].ID
	}
}

// Lift lets a suspended user back in, whoever shut them out. via is who gave the command where by is 0.
func (s *Service) Lift(ctx context.Context, by tintype.ID, via string, user tintype.ID, reason string) error {
	if err := goodWords("words", reason, false); err != nil {
		return err
	}
	held, err := s.suspensions(ctx, user)
	if err != nil {
		return err
	}
	log := s.entry(by, "user.lift", tintype.Thing{Kind: tintype.ThingUser, ID: user, UserID: user}, reason)
	log.Via = via
	for _, d := range held {
		if _, err := s.end(ctx, d, tintype.DecisionReversed, log); err != nil {
			return err
		}
	}
	if len(held) == 0 { // from before there were decisions
		if err := s.c.Audit.Record(ctx, log); err != nil {
			return err
		}
	}
	return s.c.Hands.KeepSuspended(ctx, user, false)
}

// Reverse takes a decision back that nobody appealed, and that is not about by; one about an admin or a moderator only for an admin.
func (s *Service) Reverse(ctx context.Context, by, id tintype.ID, reason string) error {
	if err := goodWords("words", reason, false); err != nil {
		return err
	}
	d, err := s.decision(ctx, id)
	if err == nil {
		err = s.mayJudge(ctx, by, d.Thing.UserID)
	}
	if err != nil {
		return err
	}
	ended, err := s.end(ctx, *d, tintype.DecisionReversed, s.entry(by, "decision.reverse", d.Thing, reason))
	if err == nil && !ended {
		err = &tintype.Error{Kind: tintype.Conflict, Msg: "this does not hold any longer"}
	}
	return err
}

func (s *Service) decision(ctx context.Context, id tintype.ID) (*tintype.Decision, error) {
	d, err := s.c.Decisions.Decision(ctx, id)
	if err == nil && d == nil {
		err = errNoDecision
	}
	return d, err
}

// end ends a decision, and tells the person concerned.
func (s *Service) end(ctx context.Context, d tintype.Decision, state tintype.DecisionState, log tintype.AuditEntry) (bool, error) {
	op, err := s.c.IDs.MintFor(ctx, d.Thing.UserID)
	if err != nil {
		return false, err
	}
	ended, err := s.c.Decisions.End(ctx, d, state, op, log)
	if err != nil || !ended {
		return ended, err
	}
	return true, s.apply(ctx, d)
}

// Apply is the handler of job.ModerateKind.
func (s *Service) Apply(ctx context.Context, items []job.Moderation) error {
	var errs []error
	for _, it := range items {
		d, err := s.c.Decisions.Decision(ctx, it.Decision)
		if err == nil && d != nil {
			err = s.apply(ctx, *d)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// readTruthAgain is how often apply looks whether what it made true still is.
const readTruthAgain = 5

// apply makes true what the decisions that hold say of the thing of one of them, and reads that again: of two at once the
// one that read first may write last.
func (s *Service) apply(ctx context.Context, d tintype.Decision) error {
	var done bool
	for try := range readTruthAgain {
		held, moot, err := s.held(ctx, d)
		if err != nil || moot || try > 0 && held == done {
			return err
		}
		if d.Action == tintype.ActionSuspend {
			err = s.c.Hands.KeepSuspended(ctx, d.Thing.UserID, held)
		} else {
			err = s.c.Hands.TakeDown(ctx, d.Thing, held)
		}
		if err != nil {
			return err
		}
		done = held
	}
	return tintype.Errorf(tintype.Unavailable, "what is decided about this keeps changing; it is looked at again later")
}

// held tells whether any decision as d holds of its thing. It is moot where there is nothing to make true: a warning, or what is deleted.
func (s *Service) held(ctx context.Context, d tintype.Decision) (held, moot bool, err error) {
	switch d.Action {
	case tintype.ActionRemove:
		list, err := s.c.Decisions.DecisionsOn(ctx, d.Thing, d.Action)
		if err != nil {
			return false, false, err
		}
		now, err := s.decision(ctx, d.ID)
		if err != nil {
			return false, false, err
		}
		return len(list) > 0, now.State == tintype.DecisionOver, nil
	case tintype.ActionSuspend:
		list, err := s.suspensions(ctx, d.Thing.UserID)
		return len(list) > 0, false, err
	}
	return false, true, nil
}

// sweepBatch is how much one call of Sweep does of each sort.
const sweepBatch = 100

// Sweep ends suspensions whose time is up, and deletes what was taken down so long ago that nobody can appeal any more.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.c.Clock()
	up, err := s.c.Due.TimeUp(ctx, now, sweepBatch)
	errs := []error{err}
	for _, d := range up {
		_, err := s.end(ctx, d, tintype.DecisionOver, s.entry(0, "suspension.over", d.Thing, ""))
		errs = append(errs, err)
	}
	old, err := s.c.Due.OldRemovals(ctx, now.Add(-AppealTerm), sweepBatch)
	errs = append(errs, err)
	for _, d := range old {
		if err := s.c.Hands.Discard(ctx, d.Thing); err != nil {
			errs = append(errs, err)
			continue
		}
		_, err := s.c.Decisions.End(ctx, d, tintype.DecisionOver, 0, s.entry(0, "removal.over", d.Thing, ""))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
