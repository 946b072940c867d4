package control

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// AuditAsk asks for part of the audit log.
type AuditAsk struct {
	Username string `json:"username"` // on whom; "" for anybody
	Deed     string `json:"deed"`     // only deeds that begin so; "" for all
	Max      int    `json:"max"`
}

// AuditEntry is one thing that somebody did as an admin, a moderator or an operator.
type AuditEntry struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Deed   string    `json:"deed"`
	User   string    `json:"user,omitempty"`
	Thing  string    `json:"thing,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

// noted does something for somebody at the command line, once it is in the audit log.
func noted(ctx context.Context, a *app.App, via, deed string, user tintype.ID, thing string, do func() error) error {
	return a.Moderate.Do(ctx, tintype.AuditEntry{Via: via, Deed: deed, User: user, Thing: thing}, do)
}

func onOff(what string, on bool) string {
	if on {
		return what + " on"
	}
	return what + " off"
}

func setModerator(ctx context.Context, a *app.App, _ bool, in Switch, _ func(any) error) error {
	id, err := a.Account.UserID(ctx, in.Username)
	if err != nil {
		return err
	}
	return noted(ctx, a, in.Via, "user.moderator", id, onOff("moderator", in.On), func() error { return a.Account.SetModerator(ctx, id, in.On) })
}

func audit(ctx context.Context, a *app.App, _ bool, in AuditAsk, out func(any) error) error {
	page := tintype.AuditPage{Deed: in.Deed}
	if in.Username != "" {
		id, err := a.Account.UserID(ctx, in.Username)
		if err != nil {
			return err
		}
		page.User = id
	}
	w := who{a, map[tintype.ID]string{}}
	for left := in.Max; left > 0; {
		page.Count = min(left, 100)
		list, next, err := a.Moderate.Log(ctx, page)
		if err != nil {
			return err
		}
		for _, e := range list {
			left--
			entry := AuditEntry{At: e.At, By: w.name(ctx, e.By, e.Via), Deed: e.Deed, Thing: e.Thing, Reason: e.Reason}
			if e.User != 0 {
				entry.User = w.name(ctx, e.User, "")
			}
			if err := out(entry); err != nil {
				return err
			}
		}
		if next.IsZero() {
			return nil
		}
		page.Before = next
	}
	return nil
}

// SetModerator lets a user see the queue of reports, or no longer.
func (o *Operator) SetModerator(ctx context.Context, username string, on bool) error {
	return o.do(ctx, "set-moderator", Switch{username, on, o.Via})
}

// Audit gives the newest entries of the audit log, newest first.
func (o *Operator) Audit(ctx context.Context, in AuditAsk) ([]AuditEntry, error) {
	return list[AuditEntry](ctx, o, "audit", in)
}
