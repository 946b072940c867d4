package account

import (
	"context"
	"math"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// AppDesk keeps what becomes of apps, and how much they are used.
type AppDesk interface {
	// AppByID gives the app of an ID, nil if there is none.
	AppByID(ctx context.Context, id tintype.ID) (*tintype.App, error)
	// AllApps gives up to n apps below before, the newest first.
	AllApps(ctx context.Context, before tintype.ID, n int) ([]*tintype.App, error)
	// ChangeApp lets change have its way with an app, alone, maybe more than once; NotFound if there is none.
	ChangeApp(ctx context.Context, id tintype.ID, change func(*tintype.App) error) (*tintype.App, error)
	AddUsage(ctx context.Context, calls []tintype.AppCalls) error
	// AppUsage gives the hours with calls from one on, in order.
	AppUsage(ctx context.Context, app tintype.ID, from int64) ([]tintype.AppCalls, error)
	SweepUsage(ctx context.Context, before int64) error
}

var errNoApp = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such app of yours"}

// OwnApp gives one of a user's own apps; NotFound if it is not theirs.
func (s *Service) OwnApp(ctx context.Context, owner, id tintype.ID) (*tintype.App, error) {
	a, err := s.c.Desk.AppByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if a == nil || a.OwnerID != owner {
		return nil, errNoApp
	}
	return a, nil
}

// AppByID gives the app of an ID, nil if there is none.
func (s *Service) AppByID(ctx context.Context, id tintype.ID) (*tintype.App, error) {
	return s.c.Desk.AppByID(ctx, id)
}

// ChangeApp changes what its owner decides of an app.
func (s *Service) ChangeApp(ctx context.Context, owner, id tintype.ID, c AppChanges) (*tintype.App, error) {
	return s.changeOwn(ctx, owner, id, func(a *tintype.App) error { return describeApp(a, c) })
}

// changeOwn lets change have its way with an app of owner's.
func (s *Service) changeOwn(ctx context.Context, owner, id tintype.ID, change func(*tintype.App) error) (*tintype.App, error) {
	return s.c.Desk.ChangeApp(ctx, id, func(a *tintype.App) error {
		if a.OwnerID != owner {
			return errNoApp
		}
		return change(a)
	})
}

// RotateSecret gives an app a new secret, shown this once. The old one is good
// for nothing from then on; tokens stay as they are.
func (s *Service) RotateSecret(ctx context.Context, owner, id tintype.ID) (app *tintype.App, secret string, err error) {
	app, err = s.changeOwn(ctx, owner, id, func(a *tintype.App) error {
		if a.Public() {
			return tintype.Errorf(tintype.Invalid, "this app is one without a secret")
		}
		newSecret(a)
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return app, app.Secret, nil
}

// AllApps lists up to n apps of everybody's with IDs below before (0 for all), the newest first, for admins.
func (s *Service) AllApps(ctx context.Context, before tintype.ID, n int) ([]*tintype.App, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	return s.c.Desk.AllApps(ctx, before, n)
}

// maxAppLimit is the most calls per hour that an admin can give an app.
const maxAppLimit = 10_000_000

// AllowApp changes what an admin decides of an app.
func (s *Service) AllowApp(ctx context.Context, id tintype.ID, p AppPowers) (*tintype.App, error) {
	return s.c.Desk.ChangeApp(ctx, id, func(a *tintype.App) error {
		if p.Implicit != nil {
			a.Implicit = *p.Implicit
		}
		if p.Passwords != nil {
			if *p.Passwords && a.Public() {
				return tintype.FieldError("password_grant", "an app without a secret may not ask for passwords: anybody could say to be it")
			}
			a.Passwords = *p.Passwords
		}
		if p.HourlyLimit != nil {
			if *p.HourlyLimit < 0 || *p.HourlyLimit > maxAppLimit {
				return tintype.FieldError("hourly_limit", "an app has 1 to %d calls per hour, or 0 for as many as the site gives", maxAppLimit)
			}
			a.HourlyLimit = *p.HourlyLimit
		}
		return nil
	})
}

// UsageKept is for how long it is remembered how much apps called.
const UsageKept = 30 * 24 * time.Hour

// AppUsage gives how much one of a user's own apps called in each of the last
// hours, the running one included, the oldest first.
func (s *Service) AppUsage(ctx context.Context, owner, id tintype.ID, hours int) ([]tintype.AppCalls, error) {
	if hours < 1 || hours > int(UsageKept/time.Hour) {
		return nil, tintype.FieldError("hours", "usage is known of the last 1 to %d hours", UsageKept/time.Hour)
	}
	if _, err := s.OwnApp(ctx, owner, id); err != nil {
		return nil, err
	}
	if err := s.usage.flush(ctx); err != nil { // what this process has counted is in it, too
		return nil, err
	}
	first := s.c.Clock().Unix()/3600 - int64(hours) + 1
	known, err := s.c.Desk.AppUsage(ctx, id, first)
	if err != nil {
		return nil, err
	}
	out := make([]tintype.AppCalls, hours)
	for i := range out {
		out[i] = tintype.AppCalls{App: id, Hour: first + int64(i)}
	}
	for _, c := range known {
		if i := c.Hour - first; i >= 0 && i < int64(hours) {
			out[i] = c
		}
	}
	return out, nil
}
