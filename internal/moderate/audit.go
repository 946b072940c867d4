package moderate

import (
	"context"
	"errors"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// entry begins an entry of the audit log.
func (s *Service) entry(by tintype.ID, deed string, t tintype.Thing, reason string) tintype.AuditEntry {
	return tintype.AuditEntry{At: s.c.Clock(), By: by, Deed: deed, User: t.UserID, Thing: nameOf(t), Reason: reason}
}

// Do does something as an admin, a moderator or an operator. What is about to be done is put down first: a process that ends
// between the two leaves an entry for which there may be no deed, and never a deed without an entry, wherever its rows are.
// Where the deed fails, a second entry, whose name ends in ".failed", says so; it is not known of all that fails that nothing came of it.
func (s *Service) Do(ctx context.Context, e tintype.AuditEntry, deed func() error) error {
	if err := s.Record(ctx, e); err != nil {
		return err
	}
	err := deed()
	if err != nil {
		e.Deed += ".failed"
		err = errors.Join(err, s.Record(context.WithoutCancel(ctx), e))
	}
	return err
}

// Record puts down that somebody did something as an admin, a moderator or an operator.
func (s *Service) Record(ctx context.Context, e tintype.AuditEntry) error {
	e.At = s.c.Clock()
	return s.c.Audit.Record(ctx, e)
}

// Log gives part of the audit log, newest first; next is the page.Before of the next page, zero at the end.
func (s *Service) Log(ctx context.Context, page tintype.AuditPage) (list []tintype.AuditEntry, next time.Time, err error) {
	page.Count++
	list, err = s.c.Audit.Entries(ctx, page)
	if n := page.Count - 1; len(list) > n {
		list = list[:n]
		next = list[n-1].At
	}
	return list, next, err
}
