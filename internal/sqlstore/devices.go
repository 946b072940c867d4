package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtDeviceKnown = &Stmt{Name: "devices.known", SQL: `
		SELECT count(*), coalesce(sum(CASE WHEN mark = $2 THEN 1 ELSE 0 END), 0) FROM {s}devices WHERE user_id = $1`}
	stmtDeviceSeen = &Stmt{Name: "devices.seen", SQL: `
		INSERT INTO {s}devices (user_id, mark, seen) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, mark) DO UPDATE SET seen = excluded.seen`}
	stmtDevicesOld = &Stmt{Name: "devices.old", SQL: `DELETE FROM {s}devices WHERE seen < $1`}
)

// noteDevice remembers what a user signs in with, and has the user told if it is new. The first one is
// nobody's news: it is that of the sign-up, or of somebody who was here before devices were remembered.
func noteDevice(ctx context.Context, tx *Tx, c *tintype.Credential) error {
	var all, this int64
	if _, err := tx.QueryRow(ctx, stmtDeviceKnown, []any{&all, &this}, c.UserID, c.Device); err != nil {
		return err
	}
	if all > 0 && this == 0 {
		if err := tell(ctx, tx, job.Mail{Letter: job.LetterDevice, User: c.UserID, Agent: c.UserAgent, Address: c.Address}, c.Created); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, stmtDeviceSeen, c.UserID, c.Device, c.Created)
	return err
}

// SweepDevices forgets devices that were last used before an instant.
func (s Emails) SweepDevices(ctx context.Context, before time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtDevicesOld, before)
		return err
	})
}
