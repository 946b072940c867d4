package mydata

import (
	"context"
	"errors"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// The deletion of a user goes in phases of many steps: first the posts, whose
// jobs take away what hangs on them; when those are over, what others' rows say
// of the user, home by home; then the user's own rows; and last what the
// directory knows, so that the deletion is known until nothing is left.
// A step is a phase times phaseSize, and how far it is.
const (
	phaseSize  = 1 << 24
	phasePosts = 0 // begins with step 1
	phaseOther = 1 // how far: the home
	phaseOwn   = 2
	phaseEnd   = 3
)

// sweepLeavers begins deletions whose time has come, and hides users who asked of late.
func (s *Service) sweepLeavers(ctx context.Context, now time.Time) error {
	const batch = 100
	fresh, err := s.c.Leavers.Due(ctx, now, batch)
	for _, u := range fresh {
		err = errors.Join(err, s.c.Departed.Hide(ctx, u))
	}
	return err
}

// DeleteUsers is the handler of job.LeaveKind.
func (s *Service) DeleteUsers(ctx context.Context, steps []job.Step) error {
	for _, j := range steps {
		l, err := s.c.Leavers.Leaver(ctx, j.User)
		if err != nil {
			return err
		}
		if l == nil || l.Step != j.Step || l.Step == 0 {
			continue // done before
		}
		if err := s.deleteMore(ctx, j.User, j.Step); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) deleteMore(ctx context.Context, user tintype.ID, step int) error {
	next := func(to int) error { return s.c.Leavers.Advance(ctx, user, step, to, time.Time{}) }
	begun := time.Now()
	switch step / phaseSize {
	case phasePosts:
		const batch = 50
		for time.Since(begun) < stepTime {
			ids, err := s.c.Posts.PostIDs(ctx, user, tintype.Page{Count: batch})
			if err != nil {
				return err
			}
			for _, id := range ids {
				if err := s.c.Departed.DeletePost(ctx, user, id); err != nil && !tintype.IsKind(err, tintype.NotFound) {
					return err
				}
			}
			s.c.Departed.Changed(ctx, tintype.Mended{Posts: ids})
			if len(ids) < batch {
				return s.c.Leavers.Advance(ctx, user, step, phaseOther*phaseSize, s.c.Clock().Add(s.c.Settle))
			}
		}
		return next(step + 1)
	case phaseOther:
		home := step % phaseSize
		for time.Since(begun) < stepTime {
			changed, more, last, err := s.c.Leavers.DropTraces(ctx, user, home)
			if err != nil {
				return err
			}
			s.c.Departed.Changed(ctx, changed)
			switch {
			case last:
				return next(phaseOwn * phaseSize)
			case !more:
				return next(step + 1)
			}
		}
		// As far as it is, it begins anew: what is gone is not found again.
		return tintype.Errorf(tintype.Unavailable, "there is more to delete on this home")
	case phaseOwn:
		if err := s.c.Departed.Forget(ctx, []tintype.ID{user}); err != nil {
			return err
		}
		if err := s.c.Leavers.DropOwn(ctx, user, func(key string) []string { return s.c.Departed.Avatar(user, key) }); err != nil {
			return err
		}
		s.c.Departed.Changed(ctx, tintype.Mended{Users: []tintype.ID{user}})
		return next(phaseEnd * phaseSize)
	default:
		ended, err := s.c.Leavers.DropEntries(ctx, user)
		s.c.Departed.Ended(ended)
		return err
	}
}
