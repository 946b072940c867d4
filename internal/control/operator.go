package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// Operator gives commands to one site. Make it with Open, and Close it.
type Operator struct {
	// call carries out a command and calls each for every part of the answer.
	call  func(ctx context.Context, name string, in any, each func(json.RawMessage) error) error
	close func() error
	// Via is who gives the commands, for the audit log.
	Via string
	// Served is true if a running server carries out the commands, or the site is a fleet, whose processes serve it.
	Served bool
}

// Open finds the server of the site in c.Data, or else opens the site itself,
// as it does with a fleet, which many processes may have open.
// NotFound if there is no such directory, unless a new site is to be made there.
func Open(ctx context.Context, c app.Config, mayBeNew bool) (*Operator, error) {
	if !c.Fleet.KeepsHere() {
		a, err := app.Open(ctx, c)
		if err != nil {
			return nil, err
		}
		return direct(a, true), nil // its other processes serve it
	}
	dir := c.Data
	if dir == "" {
		dir = app.DefaultData
	}
	call, closeServer, err := dial(ctx, dir)
	if err != nil {
		return nil, err
	}
	if call != nil {
		return &Operator{call: call, close: closeServer, Served: true}, nil
	}
	if err := ownedByUs(dir); err != nil && !(mayBeNew && tintype.IsKind(err, tintype.NotFound)) {
		return nil, err
	}
	a, err := app.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return direct(a, false), nil
}

// ownedByUs keeps root from leaving files in a site's directory that the user
// who runs the site could not open any more.
func ownedByUs(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return &tintype.Error{Kind: tintype.NotFound, Msg: fmt.Sprintf("there is no site in %s: say where it is with --data, or start one with tintype serve", dir)}
	}
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 || owner.Uid == 0 {
		return nil
	}
	name := fmt.Sprintf("#%d", owner.Uid)
	if u, err := user.LookupId(strconv.Itoa(int(owner.Uid))); err == nil {
		name = u.Username
	}
	return &tintype.Error{Kind: tintype.Forbidden, Msg: fmt.Sprintf("%s belongs to the user %s and the site is not running: run this command as that user, with sudo -u %s, or start the site first", dir, name, name)}
}

// direct carries out commands in this process; served tells whether others serve the site.
func direct(a *app.App, served bool) *Operator {
	return &Operator{close: a.Close, Served: served, call: func(ctx context.Context, name string, in any, each func(json.RawMessage) error) error {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		return commands()[name](ctx, a, served, raw, func(v any) error {
			part, err := json.Marshal(v)
			if err != nil {
				return err
			}
			return each(part)
		})
	}}
}

// Close lets go of the site.
func (o *Operator) Close() error { return o.close() }

// one calls a command that answers with one value.
func one[T any](ctx context.Context, o *Operator, name string, in any) (T, error) {
	var v T
	found := false
	err := each(ctx, o, name, in, func(got T) error { v, found = got, true; return nil })
	if err == nil && !found {
		err = &tintype.Error{Kind: tintype.Internal, Msg: "the server did not answer the command"}
	}
	return v, err
}

func each[T any](ctx context.Context, o *Operator, name string, in any, f func(T) error) error {
	return o.call(ctx, name, in, func(raw json.RawMessage) error {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return &tintype.Error{Kind: tintype.Internal, Msg: "the server's answer cannot be understood: is it of the same version as this program?", Err: err}
		}
		return f(v)
	})
}

func (o *Operator) do(ctx context.Context, name string, in any) error {
	return o.call(ctx, name, in, func(json.RawMessage) error { return nil })
}

// CreateUser makes an account, past the sign-up mode and limits.
func (o *Operator) CreateUser(ctx context.Context, u NewUser) (User, error) {
	u.Via = o.Via
	return one[User](ctx, o, "create-user", u)
}

// ResetPassword sets a password, and signs the user out everywhere.
func (o *Operator) ResetPassword(ctx context.Context, username, password string) error {
	return o.do(ctx, "reset-password", Password{username, password, o.Via})
}

// ResetTwoFactor has a user sign in by the password alone again.
func (o *Operator) ResetTwoFactor(ctx context.Context, username string) error {
	return o.do(ctx, "reset-two-factor", Named{username, o.Via})
}

// SetAdmin makes a user an admin, or no longer one.
func (o *Operator) SetAdmin(ctx context.Context, username string, admin bool) error {
	return o.do(ctx, "set-admin", Switch{username, admin, o.Via})
}

// DeleteUser has a user deleted: at once if now, else once the time is over in which they may come back by signing in.
func (o *Operator) DeleteUser(ctx context.Context, username string, now bool) error {
	return o.do(ctx, "delete-user", Switch{username, now, o.Via})
}

// Suspend shuts a user out, with all they publish, or lets them back in.
func (o *Operator) Suspend(ctx context.Context, s Suspension) error {
	s.Via = o.Via
	return o.do(ctx, "suspend", s)
}

// Users calls f for every account, the oldest first.
func (o *Operator) Users(ctx context.Context, f func(User) error) error {
	return each(ctx, o, "users", nothing{}, f)
}

// Jobs tells how much work waits.
func (o *Operator) Jobs(ctx context.Context) (Jobs, error) {
	return one[Jobs](ctx, o, "jobs", nothing{})
}

// FailedJobs lists the jobs that were given up, the latest first.
func (o *Operator) FailedJobs(ctx context.Context) ([]FailedJob, error) {
	var out []FailedJob
	err := each(ctx, o, "failed-jobs", nothing{}, func(j FailedJob) error { out = append(out, j); return nil })
	return out, err
}

// RetryJob puts a failed job back to work.
func (o *Operator) RetryJob(ctx context.Context, j JobName) error {
	j.Via = o.Via
	return o.do(ctx, "retry-job", j)
}

// Freeze lets nothing be written to the site any more, until Thaw.
func (o *Operator) Freeze(ctx context.Context) error { return o.do(ctx, "freeze", nothing{}) }

// Thaw undoes Freeze.
func (o *Operator) Thaw(ctx context.Context) error { return o.do(ctx, "thaw", nothing{}) }

// Check checks the site, and tells f of findings and of how far it is.
func (o *Operator) Check(ctx context.Context, req CheckRequest, f func(CheckEvent) error) (CheckSummary, error) {
	return o.checking(ctx, "check", req, f)
}
