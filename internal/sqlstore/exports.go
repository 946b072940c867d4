package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Exports keeps what archives of their own users asked for, and what goes into
// them that no other store lists.
type Exports struct {
	R     Router
	Clock tintype.Clock
}

const exportColumns = `user_id, id, state, step, key, parts, done, total, bytes, created, changed, expires, progress, reason, part_bytes`

var (
	stmtExports = &Stmt{Name: "exports.list", SQL: `
		SELECT ` + exportColumns + ` FROM {s}exports WHERE user_id = $1 ORDER BY id DESC`}
	stmtExportAdd = &Stmt{Name: "exports.add", SQL: `
		INSERT INTO {s}exports (` + exportColumns + `) VALUES ($1, $2, $3, 0, $4, 0, 0, $5, 0, $6, $6, $7, '', '', 0)`}
	stmtExportSave = &Stmt{Name: "exports.save", SQL: `
		UPDATE {s}exports SET state = $1, step = step + 1, parts = $2, done = $3, bytes = $4, changed = $5, expires = $6, progress = $7, reason = $8, part_bytes = $9
		WHERE user_id = $10 AND id = $11 AND step = $12 AND state = $13`}
	stmtExportDelete  = &Stmt{Name: "exports.delete", SQL: `DELETE FROM {s}exports WHERE user_id = $1 AND id = $2 RETURNING key, parts`}
	stmtExportExpired = &Stmt{Name: "exports.expired", SQL: `
		SELECT user_id, id FROM {s}exports WHERE expires < $1 ORDER BY expires LIMIT $2`}
	stmtMyComments = &Stmt{Name: "exports.comments", SQL: `
		SELECT id, post_id FROM {s}my_comments WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`}
	stmtMyBlocks = &Stmt{Name: "exports.blocks", SQL: `
		SELECT target_id FROM {s}blocks WHERE user_id = $1 AND state = 2 ORDER BY op DESC`}
)

// Exports lists a user's exports, the newest first.
func (s Exports) Exports(ctx context.Context, user tintype.ID) ([]tintype.Export, error) {
	return readExports(ctx, s.R.Home(user.Shard()), user)
}

func readExports(ctx context.Context, q Querier, user tintype.ID) ([]tintype.Export, error) {
	var out []tintype.Export
	err := q.Query(ctx, stmtExports, func(scan Scan) error {
		var e tintype.Export
		var created, changed, expires int64
		err := scan(&e.UserID, &e.ID, &e.State, &e.Step, &e.Key, &e.Parts, &e.Done, &e.Total, &e.Bytes, &created, &changed, &expires, &e.Progress, &e.Reason, &e.Kept)
		e.Created, e.Changed, e.Expires = FromMicros(created), FromMicros(changed), FromMicros(expires)
		out = append(out, e)
		return err
	}, user)
	return out, err
}

// BeginExport adds an export and its first step, and sets e.ID. allow is asked,
// with those there are, in the transaction: an error of it is given back.
func (s Exports) BeginExport(ctx context.Context, e *tintype.Export, allow func([]tintype.Export) error) error {
	return s.R.Home(e.UserID.Shard()).Write(ctx, func(tx *Tx) error {
		// The user's row first: of two that begin at once, one waits here and then sees the other.
		if n, err := tx.Exec(ctx, stmtPostCount, 0, 0, e.UserID); err != nil {
			return err
		} else if n == 0 {
			return errNoAccount
		}
		there, err := readExports(ctx, tx, e.UserID)
		if err != nil {
			return err
		}
		if err := allow(there); err != nil {
			return err
		}
		if e.ID, err = tx.NextID(ctx, e.UserID.Shard()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, stmtExportAdd, e.UserID, e.ID, int(e.State), e.Key, e.Total, e.Created, e.Expires); err != nil {
			return err
		}
		tx.Enqueue(job.Insert{Kind: job.ExportKind, Item: job.Step{User: e.UserID, ID: e.ID}})
		return nil
	})
}

// SaveExport writes what a step did, if e is as it was at e.Step and still runs,
// and puts the next step off unless it is over. ok is false if it was not so.
func (s Exports) SaveExport(ctx context.Context, e tintype.Export) (ok bool, err error) {
	err = s.R.Home(e.UserID.Shard()).Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtExportSave, int(e.State), e.Parts, e.Done, e.Bytes, s.Clock(), e.Expires, e.Progress, e.Reason, e.Kept,
			e.UserID, e.ID, e.Step, int(tintype.TaskRunning))
		if ok = n == 1; err == nil && ok && e.State == tintype.TaskRunning {
			tx.Enqueue(job.Insert{Kind: job.ExportKind, Item: job.Step{User: e.UserID, ID: e.ID, Step: e.Step + 1}})
		}
		return err
	})
	return ok, err
}

// DeleteExport forgets an export and has its files deleted. NotFound if the user has none of that ID.
func (s Exports) DeleteExport(ctx context.Context, user, id tintype.ID) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		found, err := deleteParts(ctx, tx, stmtExportDelete, user, id)
		if err == nil && !found {
			err = tintype.Errorf(tintype.NotFound, "there is no such export; it may have been deleted after its time")
		}
		return err
	})
}

// deleteParts deletes a row that names parts of an archive, by a statement that gives (key, parts), and has those deleted.
func deleteParts(ctx context.Context, tx *Tx, s *Stmt, user, id tintype.ID) (bool, error) {
	var key string
	var parts int
	found, err := tx.QueryRow(ctx, s, []any{&key, &parts}, user, id)
	if found {
		purgeParts(tx, key, parts)
	}
	return found, err
}

// purgeParts has the parts of an archive deleted, with those that a step may have written that is not saved yet.
// One that writes them later finds that it cannot save, and deletes them itself.
func purgeParts(tx *Tx, key string, parts int) {
	const batch = 500
	names := blob.Parts(key, parts+4)
	for len(names) > 0 {
		n := min(batch, len(names))
		tx.Enqueue(job.Insert{Kind: job.PurgeKind, Item: job.Purge{Keys: names[:n]}})
		names = names[n:]
	}
}

// SweepExports deletes those whose time is over.
func (s Exports) SweepExports(ctx context.Context, now time.Time) error {
	return sweepParts(ctx, s.R, stmtExportExpired, stmtExportDelete, now)
}

// sweepParts deletes, on all homes, the rows that expired gives as (user, ID), and what files they name.
func sweepParts(ctx context.Context, r Router, expired, drop *Stmt, now time.Time) error {
	const batch = 100
	for _, h := range r.Homes() {
		for n := batch; n == batch; {
			if err := h.Write(ctx, func(tx *Tx) error {
				var users, ids []tintype.ID
				if err := tx.Query(ctx, expired, scanPairs(&users, &ids), now, batch); err != nil {
					return err
				}
				for i := range ids {
					if _, err := deleteParts(ctx, tx, drop, users[i], ids[i]); err != nil {
						return err
					}
				}
				n = len(ids)
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// CommentsOf lists the comments that a user made, newest first, without their texts.
func (s Exports) CommentsOf(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.Comment, error) {
	var out []tintype.Comment
	err := s.R.Home(user.Shard()).Query(ctx, stmtMyComments, func(scan Scan) error {
		c := tintype.Comment{UserID: user}
		err := scan(&c.ID, &c.PostID)
		out = append(out, c)
		return err
	}, user, newest(page), page.Count)
	return out, err
}

// Blocked lists whom a user blocks, the latest first.
func (s Exports) Blocked(ctx context.Context, user tintype.ID) (ids []tintype.ID, err error) {
	err = s.R.Home(user.Shard()).Query(ctx, stmtMyBlocks, scanIDs(&ids), user)
	return ids, err
}
