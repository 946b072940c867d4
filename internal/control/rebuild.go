package control

import (
	"context"
	"errors"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/inspect"
)

// Rebuild says what is to be made again from the databases and the originals.
type Rebuild struct {
	What    string `json:"what"`
	User    string `json:"user,omitempty"` // of one user only, by name
	All     bool   `json:"all,omitempty"`  // also what is there already
	MaxRate int    `json:"max_rate,omitempty"`
}

func rebuild(ctx context.Context, a *app.App, _ bool, in Rebuild, out func(any) error) error {
	req := inspect.RebuildRequest{What: in.What, All: in.All, MaxRate: in.MaxRate}
	if in.User != "" {
		var err error
		if req.User, err = a.Account.UserID(ctx, in.User); err != nil {
			return err
		}
	}
	sum, err := a.Rebuilder().Run(ctx, req, func(e inspect.Event) error { return out(checked{Event: &e}) })
	if err != nil {
		return err
	}
	return out(checked{Summary: &sum})
}

// Rebuild makes derived things again, and tells f of what could not be made and
// of how far it is. Repaired in the summary is how many changed.
func (o *Operator) Rebuild(ctx context.Context, r Rebuild, f func(CheckEvent) error) (CheckSummary, error) {
	return o.checking(ctx, "rebuild", r, f)
}

// checking carries out a command that answers with events and, last, a summary.
func (o *Operator) checking(ctx context.Context, name string, in any, f func(CheckEvent) error) (CheckSummary, error) {
	var sum *CheckSummary
	err := each(ctx, o, name, in, func(c checked) error {
		if c.Summary != nil {
			sum = c.Summary
		}
		if c.Event != nil {
			return f(*c.Event)
		}
		return nil
	})
	if err == nil && sum == nil {
		err = errors.New("the command ended without a result")
	}
	if sum == nil {
		sum = &CheckSummary{}
	}
	return *sum, err
}
