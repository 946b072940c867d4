package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Imports keeps the archives that users brought, and what became of each thing in them.
type Imports struct {
	R     Router
	Clock tintype.Clock
}

const (
	importColumns = `user_id, id, state, step, key, name, format, bytes, part_bytes, parts, options, total, done, skipped, failed, created, changed, expires, reason`
	itemColumns   = `n, key, state, taken, title, data, post_id, reason`
)

var (
	stmtImports = &Stmt{Name: "imports.list", SQL: `
		SELECT ` + importColumns + ` FROM {s}imports WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`}
	stmtImportGet = &Stmt{Name: "imports.get", SQL: `SELECT ` + importColumns + ` FROM {s}imports WHERE user_id = $1 AND id = $2`}
	stmtImportAdd = &Stmt{Name: "imports.add", SQL: `
		INSERT INTO {s}imports (` + importColumns + `) VALUES ($1, $2, $3, 0, $4, $5, '', $6, $7, 0, '', 0, 0, 0, 0, $8, $8, $9, '')`}
	stmtImportSave = &Stmt{Name: "imports.save", SQL: `
		UPDATE {s}imports SET state = $1, step = step + 1, format = $2, options = $3, total = $4, changed = $5, expires = $6, reason = $7
		WHERE user_id = $8 AND id = $9 AND step = $10`}
	stmtImportPart = &Stmt{Name: "imports.part", SQL: `
		UPDATE {s}imports SET parts = $1 + 1, changed = $2, expires = $3 WHERE user_id = $4 AND id = $5 AND parts = $1 AND state = $6`}
	stmtImportWhole = &Stmt{Name: "imports.whole", SQL: `
		UPDATE {s}imports SET state = $1, step = step + 1 WHERE user_id = $2 AND id = $3 AND state = $4 AND parts * part_bytes >= bytes RETURNING step`}
	stmtImportReplace = &Stmt{Name: "imports.replace", SQL: `
		UPDATE {s}imports SET key = $1, bytes = $2, parts = $3, step = step + 1, changed = $4 WHERE user_id = $5 AND id = $6 AND step = $7 AND state = $8`}
	stmtImportCount = &Stmt{Name: "imports.count", SQL: `
		UPDATE {s}imports SET done = done + $1, skipped = skipped + $2, failed = failed + $3, changed = $4 WHERE user_id = $5 AND id = $6`}
	stmtImportDelete  = &Stmt{Name: "imports.delete", SQL: `DELETE FROM {s}imports WHERE user_id = $1 AND id = $2 RETURNING key, parts`}
	stmtImportExpired = &Stmt{Name: "imports.expired", SQL: `
		SELECT user_id, id FROM {s}imports WHERE expires < $1 ORDER BY expires LIMIT $2`}

	stmtImportRefused = &Stmt{Name: "imports.refused", SQL: `
		SELECT user_id, id, step FROM {s}imports WHERE state = $1 ORDER BY user_id, id`}

	stmtItemAdd = &Stmt{Name: "imports.add_item", SQL: `
		INSERT INTO {s}import_items (user_id, import_id, ` + itemColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)
		ON CONFLICT (user_id, import_id, n) DO NOTHING`}
	stmtItems = &Stmt{Name: "imports.items", SQL: `
		SELECT ` + itemColumns + ` FROM {s}import_items WHERE user_id = $1 AND import_id = $2 AND n > $3 ORDER BY n LIMIT $4`}
	stmtItemsIn = &Stmt{Name: "imports.items_in", SQL: `
		SELECT ` + itemColumns + ` FROM {s}import_items WHERE user_id = $1 AND import_id = $2 AND state = $3 AND n > $4 ORDER BY n LIMIT $5`}
	stmtItemSettle = &Stmt{Name: "imports.settle", SQL: `
		UPDATE {s}import_items SET state = $1, post_id = $2, reason = $3 WHERE user_id = $4 AND import_id = $5 AND n = $6 AND state = 0`}
	stmtItemsRetry = &Stmt{Name: "imports.retry", SQL: `
		UPDATE {s}import_items SET state = 0, reason = '' WHERE user_id = $1 AND import_id = $2 AND state = $3`}
	stmtItemsDelete = &Stmt{Name: "imports.delete_items", SQL: `DELETE FROM {s}import_items WHERE user_id = $1 AND import_id = $2`}

	stmtImportedBy = &Stmt{Name: "imports.made", SQL: `
		SELECT post_id FROM {s}imported WHERE user_id = $1 AND import_id = $2 ORDER BY key LIMIT $3`}
	stmtImportedDrop = &Stmt{Name: "imports.unmake", SQL: `DELETE FROM {s}imported WHERE user_id = $1 AND import_id = $2 AND post_id {in $3}`}
)

func scanImport(list *[]tintype.Import) func(Scan) error {
	return func(scan Scan) error {
		var i tintype.Import
		var created, changed, expires int64
		err := scan(&i.UserID, &i.ID, &i.State, &i.Step, &i.Key, &i.Name, &i.Format, &i.Bytes, &i.PartBytes, &i.Parts, &i.Options,
			&i.Total, &i.Done, &i.Skipped, &i.Failed, &created, &changed, &expires, &i.Reason)
		i.Created, i.Changed, i.Expires = FromMicros(created), FromMicros(changed), FromMicros(expires)
		*list = append(*list, i)
		return err
	}
}

// Imports lists a user's imports, the newest first.
func (s Imports) Imports(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.Import, error) {
	var out []tintype.Import
	err := s.R.Home(user.Shard()).Query(ctx, stmtImports, scanImport(&out), user, newest(page), page.Count)
	return out, err
}

// Import gives one of a user's imports; NotFound if there is none of that ID.
func (s Imports) Import(ctx context.Context, user, id tintype.ID) (tintype.Import, error) {
	var out []tintype.Import
	if err := s.R.Home(user.Shard()).Query(ctx, stmtImportGet, scanImport(&out), user, id); err != nil {
		return tintype.Import{}, err
	}
	if len(out) == 0 {
		return tintype.Import{}, errNoImport
	}
	return out[0], nil
}

var errNoImport = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such import; it may have been deleted after its time"}

// BeginImport adds an import that waits for its file, and sets i.ID. allow is asked,
// with the newest there are, in the transaction: an error of it is given back.
func (s Imports) BeginImport(ctx context.Context, i *tintype.Import, allow func([]tintype.Import) error) error {
	return s.R.Home(i.UserID.Shard()).Write(ctx, func(tx *Tx) error {
		// The user's row first, as with exports.
		if n, err := tx.Exec(ctx, stmtPostCount, 0, 0, i.UserID); err != nil {
			return err
		} else if n == 0 {
			return errNoAccount
		}
		var there []tintype.Import
		if err := tx.Query(ctx, stmtImports, scanImport(&there), i.UserID, newest(tintype.Page{}), 50); err != nil {
			return err
		}
		err := allow(there)
		if err != nil {
			return err
		}
		if i.ID, err = tx.NextID(ctx, i.UserID.Shard()); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, stmtImportAdd, i.UserID, i.ID, int(i.State), i.Key, i.Name, i.Bytes, i.PartBytes, i.Created, i.Expires)
		return err
	})
}

// SaveImport writes what changed of an import (its counts and parts change by
// themselves) if it is as it was at i.Step, and with next puts its next step off. ok is false if it was not so.
func (s Imports) SaveImport(ctx context.Context, i tintype.Import, next bool) (ok bool, err error) {
	err = s.R.Home(i.UserID.Shard()).Write(ctx, func(tx *Tx) error {
		ok, err = s.save(ctx, tx, i, next)
		return err
	})
	return ok, err
}

func (s Imports) save(ctx context.Context, tx *Tx, i tintype.Import, next bool) (ok bool, err error) {
	n, err := tx.Exec(ctx, stmtImportSave, int(i.State), i.Format, i.Options, i.Total, s.Clock(), i.Expires, i.Reason, i.UserID, i.ID, i.Step)
	if ok = n == 1; err == nil && ok && next {
		putOff(tx, i.UserID, i.ID, i.Step+1)
	}
	return ok, err
}

// ReplaceFile gives an import that is as it was at i.Step another file, i.Bytes long in i.Parts by i.Key, has the parts of the one
// before deleted, and puts its next step off. ok is false if it was not so.
func (s Imports) ReplaceFile(ctx context.Context, i tintype.Import, key string, parts int) (ok bool, err error) {
	err = s.R.Home(i.UserID.Shard()).Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtImportReplace, i.Key, i.Bytes, i.Parts, s.Clock(), i.UserID, i.ID, i.Step, int(i.State))
		if ok = n == 1; err == nil && ok {
			purgeParts(tx, key, parts)
			putOff(tx, i.UserID, i.ID, i.Step+1)
		}
		return err
	})
	return ok, err
}

func putOff(tx *Tx, user, id tintype.ID, step int) {
	tx.Enqueue(job.Insert{Kind: job.ImportKind, Item: job.Step{User: user, ID: id, Step: step}})
}

// AddPart says that the n-th part of the file, counted from 0, has come; ok is false if another one was to come. With the
// last one the file is there to be read, and that is put off in the same transaction: whoever sent the part may not hear of it.
func (s Imports) AddPart(ctx context.Context, user, id tintype.ID, n int, expires time.Time) (ok bool, err error) {
	err = s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		changed, err := tx.Exec(ctx, stmtImportPart, n, s.Clock(), expires, user, id, int(tintype.TaskReceiving))
		if ok = changed == 1; err != nil || !ok {
			return err
		}
		var step int
		whole, err := tx.QueryRow(ctx, stmtImportWhole, []any{&step}, int(tintype.TaskReading), user, id, int(tintype.TaskReceiving))
		if whole {
			putOff(tx, user, id, step)
		}
		return err
	})
	return ok, err
}

// DeleteImport forgets an import with its items and has its file deleted; what came of it stays.
func (s Imports) DeleteImport(ctx context.Context, user, id tintype.ID) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		found, err := deleteParts(ctx, tx, stmtImportDelete, user, id)
		if err == nil && !found {
			err = errNoImport
		}
		if err == nil {
			_, err = tx.Exec(ctx, stmtItemsDelete, user, id)
		}
		return err
	})
}

// SweepImports deletes those whose time is over.
func (s Imports) SweepImports(ctx context.Context, now time.Time) error {
	const batch = 100
	for _, h := range s.R.Homes() {
		for n := batch; n == batch; {
			var users, ids []tintype.ID
			if err := h.Query(ctx, stmtImportExpired, scanPairs(&users, &ids), now, batch); err != nil {
				return err
			}
			for i := range ids {
				if err := s.DeleteImport(ctx, users[i], ids[i]); err != nil && !tintype.IsKind(err, tintype.NotFound) {
					return err
				}
			}
			n = len(ids)
		}
	}
	return nil
}

// Refused gives the imports that wait until their users may publish, with the step each is at.
func (s Imports) Refused(ctx context.Context) ([]tintype.Ticket, error) {
	var out []tintype.Ticket
	for _, h := range s.R.Homes() {
		if err := h.Query(ctx, stmtImportRefused, func(scan Scan) error {
			var t tintype.Ticket
			err := scan(&t.User, &t.ID, &t.Step)
			out = append(out, t)
			return err
		}, int(tintype.TaskRefused)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AddItems writes items of an import; those that are there stay as they are.
func (s Imports) AddItems(ctx context.Context, user, id tintype.ID, items []tintype.ImportItem) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		for _, it := range items {
			if _, err := tx.Exec(ctx, stmtItemAdd, user, id, it.N, it.Key, int(it.State), it.Taken, it.Title, it.Data, it.Reason); err != nil {
				return err
			}
		}
		return nil
	})
}

// Items lists items of an import in their order, after the n-th.
func (s Imports) Items(ctx context.Context, user, id tintype.ID, after, count int) ([]tintype.ImportItem, error) {
	var out []tintype.ImportItem
	err := s.R.Home(user.Shard()).Query(ctx, stmtItems, scanItems(&out), user, id, after, count)
	return out, err
}

// ItemsIn is Items of one state only.
func (s Imports) ItemsIn(ctx context.Context, user, id tintype.ID, state tintype.ItemState, after, count int) ([]tintype.ImportItem, error) {
	var out []tintype.ImportItem
	err := s.R.Home(user.Shard()).Query(ctx, stmtItemsIn, scanItems(&out), user, id, int(state), after, count)
	return out, err
}

func scanItems(list *[]tintype.ImportItem) func(Scan) error {
	return func(scan Scan) error {
		var it tintype.ImportItem
		var taken int64
		err := scan(&it.N, &it.Key, &it.State, &taken, &it.Title, &it.Data, &it.PostID, &it.Reason)
		it.Taken = FromMicros(taken)
		*list = append(*list, it)
		return err
	}
}

// SettleItem says what became of an item that waited, and counts it.
func (s Imports) SettleItem(ctx context.Context, user, id tintype.ID, it tintype.ImportItem) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		_, err := settleItem(ctx, tx, user, id, it, s.Clock())
		return err
	})
}

func settleItem(ctx context.Context, tx *Tx, user, id tintype.ID, it tintype.ImportItem, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, stmtItemSettle, int(it.State), it.PostID, it.Reason, user, id, it.N)
	if err != nil || n == 0 {
		return false, err
	}
	is := func(s tintype.ItemState) int64 { return flag(it.State == s) }
	_, err = tx.Exec(ctx, stmtImportCount, is(tintype.ItemDone), is(tintype.ItemSkipped), is(tintype.ItemFailed), now, user, id)
	return true, err
}

// RetryImport is SaveImport with the next step, and has items that failed wait again.
func (s Imports) RetryImport(ctx context.Context, i tintype.Import) (ok bool, err error) {
	err = s.R.Home(i.UserID.Shard()).Write(ctx, func(tx *Tx) error {
		if ok, err = s.save(ctx, tx, i, true); err != nil || !ok {
			return err
		}
		n, err := tx.Exec(ctx, stmtItemsRetry, i.UserID, i.ID, int(tintype.ItemFailed))
		if err == nil {
			_, err = tx.Exec(ctx, stmtImportCount, 0, 0, -n, s.Clock(), i.UserID, i.ID)
		}
		return err
	})
	return ok, err
}

// Imported gives the post that came of a thing with this key before, 0 if there is none (any more).
func (s Imports) Imported(ctx context.Context, user tintype.ID, key string) (tintype.ID, error) {
	return imported(ctx, s.R.Home(user.Shard()), user, key)
}

// Made gives up to n posts that an import made and that were not forgotten.
func (s Imports) Made(ctx context.Context, user, id tintype.ID, n int) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(user.Shard()).Query(ctx, stmtImportedBy, scanIDs(&ids), user, id, n)
	return ids, err
}

// Forget forgets that posts came of an import, so that they can come again.
func (s Imports) Forget(ctx context.Context, user, id tintype.ID, posts []tintype.ID) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtImportedDrop, user, id, posts)
		return err
	})
}
