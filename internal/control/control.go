// Package control carries an operator's commands to a site: who may sign in,
// which jobs failed, whether everything is as it should be.
//
// A site that is being served has its databases to itself, and much of them in
// its memory. So its server listens on a Unix socket in the data directory, and
// commands are carried out in it. A site that is not served is opened for as
// long as the command takes. Both ways run the same functions.
//
// The socket speaks HTTP: POST /<command> with JSON, answered by lines of JSON.
// Only the user who runs the server, and root, may speak; what they say needs
// no password, as they could change the files themselves.
//
// It leaves to account, inspect and the runner what the commands do. Errors are
// theirs, and Unavailable for a server that ends meanwhile.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/moderate"
	"github.com/tintype/tintype/internal/tintype"
)

// NewUser is an account to be made.
type NewUser struct {
	Username string `json:"username"`
	Password string `json:"password"` // "" for an account that nobody can sign in to yet
	FullName string `json:"full_name"`
	Email    string `json:"email"`
	Private  bool   `json:"private"`
	Admin    bool   `json:"admin"`
	Via      string `json:"via"` // who gives the command, as in the others
}

// User is an account.
type User struct {
	ID       tintype.ID `json:"id"`
	Username string     `json:"username"`
	Email    string     `json:"email,omitempty"`
	Admin    bool       `json:"admin"`
	State    string     `json:"state"` // "active", "suspended", "leaving", "unfinished" or "deleted"
	Created  time.Time  `json:"created"`
}

// Password is a new one for somebody.
type Password struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Via      string `json:"via"`
}

// Named is a request about one user.
type Named struct {
	Username string `json:"username"`
	Via      string `json:"via"`
}

// Switch turns something on or off for somebody.
type Switch struct {
	Username string `json:"username"`
	On       bool   `json:"on"`
	Via      string `json:"via"`
}

// Suspension shuts somebody out, or lets them back in.
type Suspension struct {
	Username string `json:"username"`
	On       bool   `json:"on"`
	Reason   string `json:"reason"` // one of a closed list; see package moderate
	Words    string `json:"words"`  // to the person concerned
	Days     int    `json:"days"`   // 0 until it is lifted
	Via      string `json:"via"`
}

// FailedJob is work that was given up.
type FailedJob struct {
	Database string    `json:"database"`
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Attempts int       `json:"attempts"`
	Error    string    `json:"error"`
	Args     string    `json:"args"`
	Created  time.Time `json:"created"`
	Failed   time.Time `json:"failed"`
}

// JobName names a failed job.
type JobName struct {
	Database string `json:"database"`
	ID       string `json:"id"`
	Via      string `json:"via"`
}

// Depth is how much work waits in a queue.
type Depth struct {
	Database string `json:"database"`
	Queue    string `json:"queue"`
	Waiting  int64  `json:"waiting"`
	Running  int64  `json:"running"`
}

// Jobs is how the work stands.
type Jobs struct {
	Queues []Depth `json:"queues"`
	Undone int     `json:"undone"` // all that is still to be done, whatever it waits for
}

// What a check is asked, what it finds and how it ends; see package inspect.
type (
	// CheckRequest says what to check.
	CheckRequest = inspect.Request
	// CheckEvent is one step or finding of a check.
	CheckEvent = inspect.Event
	// CheckSummary is how it ended.
	CheckSummary = inspect.Summary
	// Finding is one thing that is not as it should be.
	Finding = inspect.Finding
)

// checked is a line of a check: news, or the end of it.
type checked struct {
	Event   *inspect.Event   `json:"event,omitempty"`
	Summary *inspect.Summary `json:"summary,omitempty"`
}

// nothing is the argument of commands that need none.
type nothing struct{}

// command is one command, with JSON on both sides. out is called for each part of the answer.
type command func(ctx context.Context, a *app.App, served bool, in json.RawMessage, out func(any) error) error

func typed[T any](f func(ctx context.Context, a *app.App, served bool, in T, out func(any) error) error) command {
	return func(ctx context.Context, a *app.App, served bool, raw json.RawMessage, out func(any) error) error {
		var in T
		if err := json.Unmarshal(raw, &in); err != nil {
			return &tintype.Error{Kind: tintype.Invalid, Msg: "the command cannot be understood: are the running server and this program of the same version?", Err: err}
		}
		return f(ctx, a, served, in, out)
	}
}

// commands is all that can be asked, by name.
func commands() map[string]command {
	return map[string]command{
		"create-user":      typed(createUser),
		"reset-password":   typed(resetPassword),
		"reset-two-factor": typed(resetTwoFactor),
		"test-mail":        typed(testMail),
		"set-admin":        typed(setAdmin),
		"suspend":          typed(suspend),
		"set-moderator":    typed(setModerator),
		"audit":            typed(audit),
		"delete-user":      typed(deleteUser),
		"users":            typed(users),
		"jobs":             typed(jobs),
		"failed-jobs":      typed(failedJobs),
		"retry-job":        typed(retryJob),
		"check":            typed(check),
		"rebuild":          typed(rebuild),
		"verify-originals": typed(verifyOriginals),
		"knobs":            typed(listKnobs),
		"turn-knobs":       typed(turnKnobs),
		"knob-history":     typed(knobHistory),
		"freeze":           typed(freeze),
		"thaw":             typed(thaw),
	}
}

func createUser(ctx context.Context, a *app.App, _ bool, in NewUser, out func(any) error) error {
	var u *tintype.User
	if err := noted(ctx, a, in.Via, "user.create", 0, in.Username, func() (err error) {
		if u, err = a.Account.Create(ctx, account.NewUser{Username: in.Username, Password: in.Password, FullName: in.FullName, Email: in.Email, Private: in.Private}); err != nil {
			return err
		}
		if in.Admin {
			if err := a.Account.SetAdmin(ctx, u.ID, true); err != nil {
				return fmt.Errorf("the account was made, but not as an admin's: %w", err)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	// Whose it is was not known before.
	if err := a.Moderate.Record(ctx, tintype.AuditEntry{Via: in.Via, Deed: "user.created", User: u.ID}); err != nil {
		return err
	}
	private, err := a.Account.Private(ctx, u.ID)
	if err != nil {
		return err
	}
	return out(User{ID: u.ID, Username: u.Username, Email: private.Email, Admin: private.Admin, State: "active", Created: u.ID.Time()})
}

func resetPassword(ctx context.Context, a *app.App, _ bool, in Password, _ func(any) error) error {
	id, err := a.Account.UserID(ctx, in.Username)
	if err != nil {
		return err
	}
	return noted(ctx, a, in.Via, "user.reset_password", id, "", func() error { return a.Account.ResetPassword(ctx, id, in.Password) })
}

func resetTwoFactor(ctx context.Context, a *app.App, _ bool, in Named, _ func(any) error) error {
	id, err := a.Account.UserID(ctx, in.Username)
	if err != nil {
		return err
	}
	return noted(ctx, a, in.Via, "user.reset_two_factor", id, "", func() error { return a.Account.ResetTwoFactor(ctx, id) })
}

func setAdmin(ctx context.Context, a *app.App, _ bool, in Switch, _ func(any) error) error {
	id, err := a.Account.UserID(ctx, in.Username)
	if err != nil {
		return err
	}
	return noted(ctx, a, in.Via, "user.admin", id, onOff("admin", in.On), func() error { return a.Account.SetAdmin(ctx, id, in.On) })
}

// deleteUser has a user deleted: with On at the next sweep, else once the time is over in which they may come back.
func deleteUser(ctx context.Context, a *app.App, _ bool, in Switch, _ func(any) error) error {
	id, err := a.Account.UserID(ctx, in.Username)
	if err != nil {
		return err
	}
	grace := a.Grace()
	if in.On {
		grace = 0
	}
	return noted(ctx, a, in.Via, "user.delete", id, onOff("now", in.On), func() error {
		_, err := a.Account.Remove(ctx, id, grace)
		return err
	})
}

func suspend(ctx context.Context, a *app.App, _ bool, in Suspension, _ func(any) error) error {
	id, err := a.Account.UserID(ctx, in.Username)
	if err != nil {
		return err
	}
	if !in.On {
		return a.Moderate.Lift(ctx, 0, in.Via, id, in.Words)
	}
	return a.Moderate.Suspend(ctx, 0, in.Via, id, moderate.Verdict{Reason: in.Reason, Words: in.Words, Days: in.Days})
}

func users(ctx context.Context, a *app.App, _ bool, _ nothing, out func(any) error) error {
	const page = 500
	for after := tintype.ID(0); ; {
		list, err := a.Members(ctx, after, page)
		if err != nil {
			return err
		}
		for _, m := range list {
			after = m.Account.UserID
			if err := out(User{ID: m.Account.UserID, Username: m.User.Username, Email: m.Account.Email, Admin: m.Account.Admin,
				State: stateName(m.Account.State), Created: m.Account.Created}); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
	}
}

func stateName(s tintype.AccountState) string {
	switch s {
	case tintype.AccountActive:
		return "active"
	case tintype.AccountSuspended:
		return "suspended"
	case tintype.AccountLeaving:
		return "leaving"
	case tintype.AccountDeleted:
		return "deleted"
	}
	return "unfinished"
}

func jobs(ctx context.Context, a *app.App, _ bool, _ nothing, out func(any) error) error {
	depths, err := a.Runner.Depths(ctx)
	if err != nil {
		return err
	}
	var j Jobs
	for _, d := range depths {
		j.Queues = append(j.Queues, Depth{Database: d.Database, Queue: string(d.Queue), Waiting: d.Waiting, Running: d.Running})
	}
	if j.Undone, err = a.Runner.Undone(ctx); err != nil {
		return err
	}
	return out(j)
}

func failedJobs(ctx context.Context, a *app.App, _ bool, _ nothing, out func(any) error) error {
	list, err := a.Runner.Failed(ctx)
	if err != nil {
		return err
	}
	for _, f := range list {
		if err := out(FailedJob{Database: f.Database, ID: f.ID, Kind: f.Kind, Attempts: f.Attempts, Error: f.Error, Args: f.Args, Created: f.Created, Failed: f.Failed}); err != nil {
			return err
		}
	}
	return nil
}

func retryJob(ctx context.Context, a *app.App, _ bool, in JobName, _ func(any) error) error {
	return noted(ctx, a, in.Via, "job.retry", 0, "job "+in.Database+" "+in.ID, func() error { return a.Runner.Retry(ctx, in.Database, in.ID) })
}

func freeze(ctx context.Context, a *app.App, _ bool, _ nothing, _ func(any) error) error {
	return a.Freeze(ctx)
}

func thaw(ctx context.Context, a *app.App, _ bool, _ nothing, _ func(any) error) error {
	return a.Thaw(ctx)
}

// drain is for how long the jobs of a site that is not served may take before it is checked.
const drain = 30 * time.Second

// check checks the site. One that nobody serves gets its jobs done first: they
// are what a like that has not reached its post is waiting for.
func check(ctx context.Context, a *app.App, served bool, in inspect.Request, out func(any) error) (err error) {
	if !served {
		if err := a.Runner.Start(ctx); err != nil {
			return err
		}
		defer func() {
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			err = errors.Join(err, a.Runner.Stop(end))
		}()
		if err := drained(ctx, a, out); err != nil {
			return err
		}
	}
	sum, err := a.Inspector().Run(ctx, in, func(e inspect.Event) error { return out(checked{Event: &e}) })
	if err != nil {
		return err
	}
	return out(checked{Summary: &sum})
}

// drained waits until no job is left, or they take too long.
func drained(ctx context.Context, a *app.App, out func(any) error) error {
	for end := time.Now().Add(drain); time.Now().Before(end); {
		n, err := a.Runner.Undone(ctx)
		if err != nil || n == 0 {
			return err
		}
		if err := out(checked{Event: &inspect.Event{Step: fmt.Sprintf("finishing jobs (%d)", n)}}); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}
