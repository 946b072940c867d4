package moderate

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// entry begins an entry of the audit log.
func (s *Service) entry(by tintype.ID, deed string, t tintype.Thing, reason string) tintype.AuditEntry {
	return tintype.AuditEntry{At: s.c.Clock(), By: by, Deed: deed, User: t.UserID, Thing: nameOf(t), Reason: reason}
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
