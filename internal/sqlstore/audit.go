package sqlstore

import (
	"context"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Audit keeps what admins and moderators did, in the directory. Nothing here changes an entry or deletes one.
type Audit struct{ R Router }

const auditColumns = `at, by_id, via, deed, user_id, thing, reason`

var (
	stmtAuditLast = &Stmt{Name: "audit.last", SQL: `SELECT at FROM {s}audit ORDER BY at DESC LIMIT 1`}
	// Of two at once, one waits and finds the place taken.
	stmtAuditAdd = &Stmt{Name: "audit.add", SQL: `
		INSERT INTO {s}audit (` + auditColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`}
	stmtAuditPage = &Stmt{Name: "audit.page", SQL: `
		SELECT ` + auditColumns + ` FROM {s}audit WHERE at < $1 AND deed >= $2 AND deed < $3 ORDER BY at DESC LIMIT $4`}
	stmtAuditBy = &Stmt{Name: "audit.by", SQL: `
		SELECT ` + auditColumns + ` FROM {s}audit WHERE at < $1 AND deed >= $2 AND deed < $3 AND by_id = $4 ORDER BY at DESC LIMIT $5`}
	stmtAuditUser = &Stmt{Name: "audit.user", SQL: `
		SELECT ` + auditColumns + ` FROM {s}audit WHERE at < $1 AND deed >= $2 AND deed < $3 AND user_id = $4 AND (CAST($5 AS BIGINT) = 0 OR by_id = $5) ORDER BY at DESC LIMIT $6`}
)

// Record adds an entry. Where another has its instant, it gets a later one.
func (s Audit) Record(ctx context.Context, e tintype.AuditEntry) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error { return addAudit(ctx, tx, e) })
}

func addAudit(ctx context.Context, tx *Tx, e tintype.AuditEntry) error {
	at := e.At.UTC().Truncate(time.Microsecond)
	var last int64
	if found, err := tx.QueryRow(ctx, stmtAuditLast, []any{&last}); err != nil {
		return err
	} else if found && !at.After(FromMicros(last)) {
		at = FromMicros(last).Add(time.Microsecond)
	}
	for {
		n, err := tx.Exec(ctx, stmtAuditAdd, at, e.By, e.Via, e.Deed, e.User, e.Thing, e.Reason)
		if err != nil || n == 1 {
			return err
		}
		at = at.Add(time.Microsecond)
	}
}

// Entries gives part of the log, newest first.
func (s Audit) Entries(ctx context.Context, p tintype.AuditPage) ([]tintype.AuditEntry, error) {
	before := int64(1<<63 - 1)
	if !p.Before.IsZero() {
		before = Micros(p.Before)
	}
	// Deeds are ASCII: what begins with a prefix stands before the prefix and a character that no deed has.
	st, args := stmtAuditPage, []any{before, p.Deed, p.Deed + "~"}
	switch {
	case p.User != 0:
		st, args = stmtAuditUser, append(args, p.User, p.By)
	case p.By != 0:
		st, args = stmtAuditBy, append(args, p.By)
	}
	var out []tintype.AuditEntry
	err := s.R.Directory().Query(ctx, st, func(scan Scan) error {
		var e tintype.AuditEntry
		var at int64
		if err := scan(&at, &e.By, &e.Via, &e.Deed, &e.User, &e.Thing, &e.Reason); err != nil {
			return err
		}
		e.At = FromMicros(at)
		out = append(out, e)
		return nil
	}, append(args, p.Count)...)
	return out, err
}

var (
	stmtMembersPage = &Stmt{Name: "accounts.by_name", SQL: `
		SELECT a.user_id, n.username, a.admin, a.moderator, a.state, a.created
		FROM {s}names n JOIN {s}accounts a ON a.user_id = n.user_id
		WHERE n.state <> 0 AND n.username > $1 AND n.username >= $2 AND n.username < $3 AND (CAST($4 AS BIGINT) < 0 OR a.state = $4)
		ORDER BY n.username LIMIT $5`}
	stmtAccountModerator = &Stmt{Name: "accounts.set_moderator", SQL: `UPDATE {s}accounts SET moderator = $1 WHERE user_id = $2`}
)

// MembersNamed lists accounts by username. Of the profile only that is filled in.
func (a Accounts) MembersNamed(ctx context.Context, p tintype.MemberPage) ([]tintype.Member, error) {
	state := -1
	if !p.Any {
		state = int(p.State)
	}
	var out []tintype.Member
	err := a.R.Directory().Query(ctx, stmtMembersPage, func(scan Scan) error {
		var m tintype.Member
		var created int64
		if err := scan(&m.Account.UserID, &m.User.Username, &m.Account.Admin, &m.Account.Moderator, &m.Account.State, &created); err != nil {
			return err
		}
		m.User.ID, m.Account.Created = m.Account.UserID, FromMicros(created)
		out = append(out, m)
		return nil
	}, p.After, strings.ToLower(p.Prefix), strings.ToLower(p.Prefix)+"~", state, p.Count)
	return out, err
}

// SetModerator lets a user see the queue of reports, or no longer.
func (a Accounts) SetModerator(ctx context.Context, user tintype.ID, on bool) error {
	return a.R.Directory().Write(ctx, func(tx *Tx) error {
		return exactlyOne(tx.Exec(ctx, stmtAccountModerator, on, user))
	})
}
