package account

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Leave begins the deletion of a user who shows the password, and the second
// factor where there is one: they are signed out everywhere and gone for
// everybody at once, and deleted at due. Until then signing in brings all of it back.
func (s *Service) Leave(ctx context.Context, p Principal, password, code string, grace time.Duration, c Client) (due time.Time, err error) {
	if _, err := s.confirmPassword(ctx, p.UserID, password, c); err != nil {
		return due, err
	}
	if _, err := s.checkCode(ctx, p.UserID, code, c); tintype.IsKind(err, tintype.Unauthenticated) {
		return due, tintype.FieldError("code", "please enter a code of your authenticator app, or a recovery code, that was not used before")
	} else if err != nil {
		return due, err
	}
	return s.Remove(ctx, p.UserID, grace)
}

// Remove is Leave without asking, for an operator.
func (s *Service) Remove(ctx context.Context, user tintype.ID, grace time.Duration) (due time.Time, err error) {
	due = s.c.Clock().Add(grace)
	ended, err := s.c.Leavers.Leave(ctx, user, due)
	s.ended(ended)
	if err != nil {
		return due, err
	}
	s.changed(user)
	return due, s.Align(ctx, user)
}

// comeBack takes a deletion back, if it has not begun.
func (s *Service) comeBack(ctx context.Context, user tintype.ID) error {
	ok, err := s.c.Leavers.Return(ctx, user)
	if err != nil {
		return err
	}
	if !ok {
		return errWrongLogin
	}
	s.changed(user)
	return s.Align(ctx, user)
}

// Ended forgets credentials that a store has ended, and tells who wants to know.
func (s *Service) Ended(cs []tintype.Credential) { s.ended(cs) }
