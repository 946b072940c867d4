package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

const decisionColumns = `id, case_id, kind, thing_id, post_id, user_id, action, reason, words, text, by_id, at, until, state, ended,
	appeal, appeal_words, appealed, appeal_by, appeal_reply`

var (
	stmtDecisionAdd = &Stmt{Name: "decisions.add", SQL: `
		INSERT INTO {s}decisions (` + decisionColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, 0, 0, '', 0, 0, '')`}
	stmtDecisionGet = &Stmt{Name: "decisions.get", SQL: `SELECT ` + decisionColumns + ` FROM {s}decisions WHERE id = $1`}
	stmtDecisionsOf = &Stmt{Name: "decisions.of", SQL: `
		SELECT ` + decisionColumns + ` FROM {s}decisions WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`}
	stmtDecisionsOn = &Stmt{Name: "decisions.on", SQL: `
		SELECT ` + decisionColumns + ` FROM {s}decisions WHERE kind = $1 AND thing_id = $2 AND state = 1 AND action = $3 ORDER BY id`}
	stmtDecisionAppeals = &Stmt{Name: "decisions.appeals", SQL: `
		SELECT ` + decisionColumns + ` FROM {s}decisions WHERE appeal = 1 AND id > $1 ORDER BY id LIMIT $2`}
	stmtDecisionsUp = &Stmt{Name: "decisions.up", SQL: `
		SELECT ` + decisionColumns + ` FROM {s}decisions WHERE state = 1 AND until <> 0 AND until <= $1 ORDER BY until LIMIT $2`}
	stmtDecisionsOld = &Stmt{Name: "decisions.old", SQL: `
		SELECT ` + decisionColumns + ` FROM {s}decisions WHERE state = 1 AND action = 2 AND at <= $1 AND appeal <> 1 ORDER BY at LIMIT $2`}
	stmtDecisionAppeal = &Stmt{Name: "decisions.appeal", SQL: `
		UPDATE {s}decisions SET appeal = 1, appeal_words = $1, appealed = $2 WHERE id = $3 AND user_id = $4 AND state = 1 AND appeal = 0`}
	stmtDecisionReply = &Stmt{Name: "decisions.reply", SQL: `
		UPDATE {s}decisions SET appeal = $1, appeal_by = $2, appeal_reply = $3 WHERE id = $4 AND appeal = 1`}
	stmtDecisionEnd = &Stmt{Name: "decisions.end", SQL: `
		UPDATE {s}decisions SET state = $1, ended = $2 WHERE id = $3 AND state = 1`}
	stmtModerators = &Stmt{Name: "decisions.moderators", SQL: `
		SELECT count(*) FROM {s}accounts WHERE state = 1 AND user_id <> $1 AND (admin = 1 OR moderator = 1 AND NOT EXISTS (
			SELECT 1 FROM {s}accounts o WHERE o.user_id = $1 AND (o.admin = 1 OR o.moderator = 1)))`}
)

func addDecision(ctx context.Context, tx *Tx, d tintype.Decision) error {
	t := d.Thing
	_, err := tx.Exec(ctx, stmtDecisionAdd, d.ID, d.CaseID, t.Kind, t.ID, t.PostID, t.UserID, d.Action, d.Reason, d.Words, d.Text, d.By, d.At, d.Until)
	enqueueDecision(tx, d, d.ID)
	return err
}

// enqueueDecision has a decision come true, or no longer be, and who is concerned told; op is unique among what they are told.
func enqueueDecision(tx *Tx, d tintype.Decision, op tintype.ID) {
	tx.Enqueue(job.Insert{Kind: job.ModerateKind, Item: job.Moderation{Decision: d.ID}})
	if op != 0 {
		tx.Enqueue(job.Insert{Kind: job.NoticeKind, Item: job.Notice{User: d.Thing.UserID, Kind: tintype.ActivityNotice, Comment: op, Op: op}})
	}
}

// Decide adds a decision that no case led to.
func (s Reports) Decide(ctx context.Context, d tintype.Decision, log tintype.AuditEntry) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		if err := addDecision(ctx, tx, d); err != nil {
			return err
		}
		return addAudit(ctx, tx, log)
	})
}

// Decision gives a decision, nil if there is none.
func (s Reports) Decision(ctx context.Context, id tintype.ID) (*tintype.Decision, error) {
	list, err := readDecisions(ctx, s.R.Directory(), stmtDecisionGet, id)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// DecisionsOf lists what was decided against a user, newest first.
func (s Reports) DecisionsOf(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.Decision, error) {
	return readDecisions(ctx, s.R.Directory(), stmtDecisionsOf, user, newest(page), page.Count)
}

// DecisionsOn gives the decisions of an action on a thing that hold, the oldest first.
func (s Reports) DecisionsOn(ctx context.Context, t tintype.Thing, a tintype.Action) ([]tintype.Decision, error) {
	return readDecisions(ctx, s.R.Directory(), stmtDecisionsOn, t.Kind, t.ID, a)
}

// Appeals lists the decisions that were appealed and not yet looked at again, the oldest first, above page.Min.
func (s Reports) Appeals(ctx context.Context, page tintype.Page) ([]tintype.Decision, error) {
	return readDecisions(ctx, s.R.Directory(), stmtDecisionAppeals, page.Min, page.Count)
}

// TimeUp gives up to n decisions that hold although their time is up.
func (s Reports) TimeUp(ctx context.Context, now time.Time, n int) ([]tintype.Decision, error) {
	return readDecisions(ctx, s.R.Directory(), stmtDecisionsUp, now, n)
}

// OldRemovals gives up to n decisions by which something was taken down before an instant, and that nobody waits to see looked at again.
func (s Reports) OldRemovals(ctx context.Context, before time.Time, n int) ([]tintype.Decision, error) {
	return readDecisions(ctx, s.R.Directory(), stmtDecisionsOld, before, n)
}

func readDecisions(ctx context.Context, q Querier, s *Stmt, args ...any) ([]tintype.Decision, error) {
	var out []tintype.Decision
	err := q.Query(ctx, s, func(scan Scan) error {
		var d tintype.Decision
		var at, until, ended, appealed int64
		t := &d.Thing
		if err := scan(&d.ID, &d.CaseID, &t.Kind, &t.ID, &t.PostID, &t.UserID, &d.Action, &d.Reason, &d.Words, &d.Text, &d.By, &at, &until, &d.State, &ended,
			&d.Appeal, &d.AppealWords, &appealed, &d.AppealBy, &d.AppealReply); err != nil {
			return err
		}
		d.At, d.Until, d.Ended, d.Appealed = FromMicros(at), FromMicros(until), FromMicros(ended), FromMicros(appealed)
		out = append(out, d)
		return nil
	}, args...)
	return out, err
}

// Appeal asks for a decision against user to be looked at again; Conflict if it does not hold, or was appealed before.
func (s Reports) Appeal(ctx context.Context, id, user tintype.ID, words string, now time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtDecisionAppeal, words, now, id, user)
		if err == nil && n == 0 {
			err = &tintype.Error{Kind: tintype.Conflict, Msg: "this can be appealed once, and only while it holds"}
		}
		return err
	})
}

// Reply answers an appeal of d; with grant the decision is reversed. op names the news of it. Conflict if the appeal is answered already.
func (s Reports) Reply(ctx context.Context, d tintype.Decision, grant bool, reply string, op tintype.ID, log tintype.AuditEntry) error {
	state := tintype.AppealRejected
	if grant {
		state = tintype.AppealGranted
	}
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtDecisionReply, state, log.By, reply, d.ID)
		if err == nil && n == 0 {
			err = &tintype.Error{Kind: tintype.Conflict, Msg: "this appeal is answered already"}
		}
		if err == nil && grant {
			_, err = tx.Exec(ctx, stmtDecisionEnd, tintype.DecisionReversed, log.At, d.ID)
		}
		if err != nil {
			return err
		}
		enqueueDecision(tx, d, op)
		return addAudit(ctx, tx, log)
	})
}

// End ends a decision: it is reversed, or over. op names the news of it, 0 if there are none. ended is false if it did not hold any longer.
func (s Reports) End(ctx context.Context, d tintype.Decision, state tintype.DecisionState, op tintype.ID, log tintype.AuditEntry) (ended bool, err error) {
	err = s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtDecisionEnd, state, log.At, d.ID)
		if ended = n == 1; err != nil || !ended {
			return err
		}
		enqueueDecision(tx, d, op)
		return addAudit(ctx, tx, log)
	})
	return ended, err
}

// Moderators counts those who may decide about a user: not the user, and only admins where the user is one or a moderator.
func (s Reports) Moderators(ctx context.Context, about tintype.ID) (n int, err error) {
	_, err = s.R.Directory().QueryRow(ctx, stmtModerators, []any{&n}, about)
	return n, err
}
