package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Reports keeps what users reported, and what was decided about it, in the directory.
type Reports struct{ R Router }

const (
	reportColumns = `id, case_id, reporter_id, kind, thing_id, post_id, user_id, reason, words, state, created, closed`
	caseColumns   = `c.id, c.kind, c.thing_id, c.post_id, c.user_id, c.state, c.opened, c.closed, c.closed_by, c.claimed, c.claimed_by, c.text, c.private,
		(SELECT count(*) FROM {s}reports r WHERE r.case_id = c.id)`
)

var (
	stmtReportAdd = &Stmt{Name: "reports.add", SQL: `
		INSERT INTO {s}reports (` + reportColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, 0) ON CONFLICT DO NOTHING`}
	stmtReportOpen = &Stmt{Name: "reports.open", SQL: `
		SELECT ` + reportColumns + ` FROM {s}reports WHERE reporter_id = $1 AND kind = $2 AND thing_id = $3 AND state = 1`}
	stmtReportsOf = &Stmt{Name: "reports.of", SQL: `
		SELECT ` + reportColumns + ` FROM {s}reports WHERE reporter_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`}
	stmtReportsIn = &Stmt{Name: "reports.in", SQL: `
		SELECT ` + reportColumns + ` FROM {s}reports WHERE case_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`}
	stmtReportsClose = &Stmt{Name: "reports.close", SQL: `
		UPDATE {s}reports SET state = $1, closed = $2 WHERE case_id = $3 AND state = 1`}
	// Of people who are gone no words are kept that no open case needs; see Leaving.
	stmtCaseForget = &Stmt{Name: "cases.forget", SQL: `
		UPDATE {s}cases SET text = '' WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM {s}accounts a WHERE a.user_id = cases.user_id)`}
	stmtReportsForget = &Stmt{Name: "reports.forget", SQL: `
		UPDATE {s}reports SET words = '' WHERE case_id = $1 AND NOT EXISTS (SELECT 1 FROM {s}accounts a WHERE a.user_id = reports.reporter_id)`}
	stmtDecisionForget = &Stmt{Name: "decisions.forget", SQL: `
		UPDATE {s}decisions SET text = '' WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM {s}accounts a WHERE a.user_id = decisions.user_id)`}
	stmtReportReasons = &Stmt{Name: "reports.reasons", SQL: `
		SELECT DISTINCT case_id, reason FROM {s}reports WHERE case_id {in $1} ORDER BY case_id, reason`}

	stmtCaseOpen = &Stmt{Name: "cases.open", SQL: `
		INSERT INTO {s}cases (id, kind, thing_id, post_id, user_id, state, opened, closed, closed_by, claimed, claimed_by, text, private)
		VALUES ($1, $2, $3, $4, $5, 1, $6, 0, 0, 0, 0, $7, $8) ON CONFLICT DO NOTHING`}
	// Takes the row's lock where several transactions run at once, so that nobody reports what is just being decided.
	stmtCaseHold = &Stmt{Name: "cases.hold", SQL: `
		SELECT id FROM {s}cases WHERE kind = $1 AND thing_id = $2 AND state = 1 {lock}`}
	stmtCaseGet   = &Stmt{Name: "cases.get", SQL: `SELECT ` + caseColumns + ` FROM {s}cases c WHERE c.id = $1`}
	stmtCasesOpen = &Stmt{Name: "cases.queue", SQL: `
		SELECT ` + caseColumns + ` FROM {s}cases c WHERE c.state = 1 AND c.id > $1 AND (CAST($2 AS BIGINT) = 0 OR c.kind = $2) ORDER BY c.id LIMIT $3`}
	stmtCasesClosed = &Stmt{Name: "cases.closed", SQL: `
		SELECT ` + caseColumns + ` FROM {s}cases c WHERE c.state > 1 AND c.id < $1 AND (CAST($2 AS BIGINT) = 0 OR c.kind = $2) ORDER BY c.id DESC LIMIT $3`}
	stmtCaseClaim = &Stmt{Name: "cases.claim", SQL: `
		UPDATE {s}cases SET claimed_by = $1, claimed = $2
		WHERE id = $3 AND state = 1 AND (claimed_by = 0 OR claimed_by = $4 OR claimed < $5)`}
	stmtCaseClose = &Stmt{Name: "cases.close", SQL: `
		UPDATE {s}cases SET state = $1, closed = $2, closed_by = $3 WHERE id = $4 AND state = 1`}
)

// AddReport adds a report to the open case of its thing, and opens one if there is none: c says what it would be.
// If the reporter has an open report of the thing already, that one is given, and fresh is false.
func (s Reports) AddReport(ctx context.Context, r tintype.Report, c tintype.Case) (out tintype.Report, fresh bool, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		fresh = false
		t := r.Thing
		if _, err := tx.Exec(ctx, stmtCaseOpen, c.ID, t.Kind, t.ID, t.PostID, t.UserID, r.Created, c.Text, c.Private); err != nil {
			return err
		}
		found, err := tx.QueryRow(ctx, stmtCaseHold, []any{&r.CaseID}, t.Kind, t.ID)
		if err != nil {
			return err
		}
		if !found {
			return &tintype.Error{Kind: tintype.Unavailable, Msg: "this is being decided at this moment; please try again", RetryAfter: 1}
		}
		n, err := tx.Exec(ctx, stmtReportAdd, r.ID, r.CaseID, r.Reporter, t.Kind, t.ID, t.PostID, t.UserID, r.Reason, r.Words, r.Created)
		if err != nil || n == 1 {
			out, fresh = r, true
			out.State = tintype.ReportOpen
			return err
		}
		list, err := readReports(ctx, tx, stmtReportOpen, r.Reporter, t.Kind, t.ID)
		if err == nil && len(list) > 0 {
			out = list[0]
		}
		return err
	})
	return out, fresh, err
}

// ReportsOf lists a user's own reports, newest first.
func (s Reports) ReportsOf(ctx context.Context, reporter tintype.ID, page tintype.Page) ([]tintype.Report, error) {
	return readReports(ctx, s.R.Directory(), stmtReportsOf, reporter, newest(page), page.Count)
}

// ReportsIn lists the reports of a case, newest first.
func (s Reports) ReportsIn(ctx context.Context, id tintype.ID, page tintype.Page) ([]tintype.Report, error) {
	return readReports(ctx, s.R.Directory(), stmtReportsIn, id, newest(page), page.Count)
}

func readReports(ctx context.Context, q Querier, s *Stmt, args ...any) ([]tintype.Report, error) {
	var out []tintype.Report
	err := q.Query(ctx, s, func(scan Scan) error {
		var r tintype.Report
		var created, closed int64
		if err := scan(&r.ID, &r.CaseID, &r.Reporter, &r.Thing.Kind, &r.Thing.ID, &r.Thing.PostID, &r.Thing.UserID, &r.Reason, &r.Words, &r.State, &created, &closed); err != nil {
			return err
		}
		r.Created, r.Closed = FromMicros(created), FromMicros(closed)
		out = append(out, r)
		return nil
	}, args...)
	return out, err
}

// Case gives a case, nil if there is none.
func (s Reports) Case(ctx context.Context, id tintype.ID) (*tintype.Case, error) {
	list, err := s.cases(ctx, stmtCaseGet, id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Cases lists cases: open ones oldest first, others newest first.
func (s Reports) Cases(ctx context.Context, page tintype.CasePage) ([]tintype.Case, error) {
	if page.Open {
		return s.cases(ctx, stmtCasesOpen, page.After, page.Kind, page.Count)
	}
	return s.cases(ctx, stmtCasesClosed, newest(tintype.Page{Max: page.After}), page.Kind, page.Count)
}

func (s Reports) cases(ctx context.Context, st *Stmt, args ...any) ([]tintype.Case, error) {
	var out []tintype.Case
	at := map[tintype.ID]int{}
	var ids []tintype.ID
	err := s.R.Directory().Query(ctx, st, func(scan Scan) error {
		var c tintype.Case
		var opened, closed, claimed int64
		t := &c.Thing
		if err := scan(&c.ID, &t.Kind, &t.ID, &t.PostID, &t.UserID, &c.State, &opened, &closed, &c.ClosedBy, &claimed, &c.ClaimedBy, &c.Text, &c.Private, &c.Reports); err != nil {
			return err
		}
		c.Opened, c.Closed, c.Claimed = FromMicros(opened), FromMicros(closed), FromMicros(claimed)
		at[c.ID], ids = len(out), append(ids, c.ID)
		out = append(out, c)
		return nil
	}, args...)
	if err != nil || len(out) == 0 {
		return out, err
	}
	return out, s.R.Directory().Query(ctx, stmtReportReasons, func(scan Scan) error {
		var id tintype.ID
		var reason string
		err := scan(&id, &reason)
		c := &out[at[id]]
		c.Reasons = append(c.Reasons, reason)
		return err
	}, ids)
}

// Claim says that by is looking at an open case, unless somebody else is since stale; with
// on false that nobody is any longer. Conflict if somebody else is, or the case is no longer open.
func (s Reports) Claim(ctx context.Context, id, by tintype.ID, on bool, now, stale time.Time) error {
	who, at := by, now
	if !on {
		who, at = 0, time.Time{}
	}
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtCaseClaim, who, at, id, by, stale)
		if err == nil && n == 0 {
			err = &tintype.Error{Kind: tintype.Conflict, Msg: "somebody else is looking at this, or it is decided already"}
		}
		return err
	})
}

// CloseCase decides an open case. d is what is done against somebody, nil to dismiss. Its
// reports are answered by it. Conflict if the case is no longer open, or claimed by somebody else since stale.
func (s Reports) CloseCase(ctx context.Context, id tintype.ID, d *tintype.Decision, log tintype.AuditEntry, stale time.Time) error {
	state := tintype.ReportDismissed
	if d != nil {
		state = tintype.ReportActed
	}
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtCaseClaim, log.By, log.At, id, log.By, stale)
		if err == nil && n == 1 {
			n, err = tx.Exec(ctx, stmtCaseClose, state, log.At, log.By, id)
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return &tintype.Error{Kind: tintype.Conflict, Msg: "somebody else is looking at this, or it is decided already"}
		}
		if _, err := tx.Exec(ctx, stmtReportsClose, state, log.At, id); err != nil {
			return err
		}
		if d != nil {
			if err := addDecision(ctx, tx, *d); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, stmtDecisionForget, d.ID); err != nil {
				return err
			}
		}
		for _, st := range []*Stmt{stmtCaseForget, stmtReportsForget} {
			if _, err := tx.Exec(ctx, st, id); err != nil {
				return err
			}
		}
		return addAudit(ctx, tx, log)
	})
}
