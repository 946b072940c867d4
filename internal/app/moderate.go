package app

import (
	"context"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/moderate"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// keepOrder makes the rules of moderation.
func (a *App) keepOrder(limiter moderate.Limiter) {
	r := a.Backend.Router
	store := sqlstore.Reports{R: r}
	a.Moderate = moderate.New(moderate.Config{
		Clock:     a.cfg.Clock,
		Reports:   store,
		Cases:     store,
		Decisions: store,
		Due:       store,
		Appeals:   store,
		Audit:     sqlstore.Audit{R: r},
		Posts:     a.Post,
		People:    a.Graph,
		Accounts:  sqlstore.Accounts{R: r},
		Hands:     hands{a},
		IDs:       sqlstore.Profiles{R: r},
		Limiter:   limiter,
		Secret:    a.Account.MediaSecret,
	})
}

// hands makes what moderators decide come true.
type hands struct{ a *App }

// TakeDown implements moderate.Hands.
func (h hands) TakeDown(ctx context.Context, t tintype.Thing, down bool) error {
	if t.Kind == tintype.ThingComment {
		if err := h.a.Post.TakeDownComment(ctx, t.PostID, t.ID, down); err != nil {
			return err
		}
	} else if err := h.a.Post.TakeDown(ctx, t.ID, down); err != nil {
		return err
	}
	_, err := h.a.Popular.Rebuild(ctx, t.PostID)
	return err
}

// Discard implements moderate.Hands.
func (h hands) Discard(ctx context.Context, t tintype.Thing) error {
	if t.Kind == tintype.ThingComment {
		return h.a.Post.Discard(ctx, t.PostID, t.ID)
	}
	return h.a.Post.Discard(ctx, t.ID, 0)
}

// KeepSuspended implements moderate.Hands.
func (h hands) KeepSuspended(ctx context.Context, user tintype.ID, suspended bool) error {
	return h.a.Account.Suspend(ctx, user, suspended)
}

// members is accounts as admins see them: the list comes from the store, for nothing is to be decided about it.
type members struct {
	*account.Service
	sqlstore.Accounts
}

// SetModerator implements api.Members.
func (m members) SetModerator(ctx context.Context, user tintype.ID, on bool) error {
	return m.Service.SetModerator(ctx, user, on)
}
