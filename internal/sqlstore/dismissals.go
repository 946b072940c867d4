package sqlstore

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// Dismissals keeps whom users do not want to have suggested, on the user's side.
type Dismissals struct {
	R     Router
	Clock tintype.Clock
}

var (
	stmtDismiss = &Stmt{Name: "dismissals.put", SQL: `
		INSERT INTO {s}dismissals (user_id, other_id, at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, other_id) DO UPDATE SET at = excluded.at`}
	stmtUndismiss = &Stmt{Name: "dismissals.drop", SQL: `DELETE FROM {s}dismissals WHERE user_id = $1 AND other_id = $2`}
	// Who dismisses very many forgets the first.
	stmtDismissTrim = &Stmt{Name: "dismissals.trim", SQL: `
		DELETE FROM {s}dismissals WHERE user_id = $1 AND at < (
			SELECT d.at FROM {s}dismissals d WHERE d.user_id = $1 ORDER BY d.at DESC LIMIT 1 OFFSET $2)`}
	stmtDismissed = &Stmt{Name: "dismissals.of", SQL: `SELECT other_id FROM {s}dismissals WHERE user_id = $1`}
)

// maxDismissed is how many one user may dismiss.
const maxDismissed = 1000

// Dismiss keeps other from being suggested to me, or no longer.
func (s Dismissals) Dismiss(ctx context.Context, me, other tintype.ID, on bool) error {
	return s.R.Home(me.Shard()).Write(ctx, func(tx *Tx) error {
		if !on {
			_, err := tx.Exec(ctx, stmtUndismiss, me, other)
			return err
		}
		if _, err := tx.Exec(ctx, stmtDismiss, me, other, s.Clock()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, stmtDismissTrim, me, maxDismissed-1)
		return err
	})
}

// Dismissed gives whom me dismissed, sorted.
func (s Dismissals) Dismissed(ctx context.Context, me tintype.ID) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(me.Shard()).Query(ctx, stmtDismissed, scanIDs(&ids), me)
	slices.Sort(ids)
	return ids, err
}
