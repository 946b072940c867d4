package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	// What the counters of a user say, and what the rows say, kind by kind.
	stmtCheckStorage = &Stmt{Name: "check.storage", SQL: `
		SELECT u.id, k.kind, coalesce((SELECT c.bytes FROM {s}storage_use c WHERE c.user_id = u.id AND c.kind = k.kind), 0),
			CASE k.kind
			WHEN 1 THEN (SELECT CAST(coalesce(SUM(m.original_bytes), 0) AS BIGINT) FROM {s}posts p JOIN {s}media m ON m.post_id = p.id WHERE p.user_id = u.id)
			WHEN 2 THEN (SELECT CAST(coalesce(SUM(f.bytes), 0) AS BIGINT) FROM {s}uploads f WHERE f.user_id = u.id AND f.post_id = 0 AND f.type <> '')
			WHEN 3 THEN (SELECT CAST(coalesce(SUM(r.jpeg), 0) AS BIGINT) FROM {s}posts p JOIN {s}stored r ON r.post_id = p.id WHERE p.user_id = u.id)
			WHEN 4 THEN (SELECT CAST(coalesce(SUM(r.avif), 0) AS BIGINT) FROM {s}posts p JOIN {s}stored r ON r.post_id = p.id WHERE p.user_id = u.id)
			ELSE (SELECT CAST(coalesce(SUM(r.webp), 0) AS BIGINT) FROM {s}posts p JOIN {s}stored r ON r.post_id = p.id WHERE p.user_id = u.id) END
		FROM (SELECT id FROM {s}users WHERE id > $1 ORDER BY id LIMIT $2) u
			CROSS JOIN (SELECT 1 AS kind UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) k
		ORDER BY u.id, k.kind`}
)

// storageRow is one line of stmtCheckStorage.
type storageRow struct {
	user      tintype.ID
	kind      int
	says, are int64
}

func (c Checks) storageRows(ctx context.Context, q Querier, after int64, limit int, each func(storageRow) error) error {
	return q.Query(ctx, stmtCheckStorage, func(scan Scan) error {
		var r storageRow
		if err := scan(&r.user, &r.kind, &r.says, &r.are); err != nil {
			return err
		}
		return each(r)
	}, after, limit)
}

// pageStorage: users' counters of bytes are the sums of the bytes of their files.
func (c Checks) pageStorage(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	err := c.storageRows(ctx, h, afterOne(after), limit, func(r storageRow) error {
		if k := oneKey(r.user); p.rows == 0 || p.last != k {
			p.saw(k)
		}
		if r.says != r.are {
			p.mendable(oneKey(r.user), "user %v counts %d bytes of %s; there are %d", r.user, r.says, tintype.StoredKind(r.kind), r.are)
		}
		return nil
	})
	return p, err
}

func (c Checks) mendStorage(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	return tintype.Mended{}, h.Write(ctx, func(tx *Tx) error {
		var id tintype.ID
		if found, err := tx.QueryRow(ctx, stmtCheckLockUser, []any{&id}, k[0]); err != nil || !found {
			return err
		}
		var off []storageRow
		if err := c.storageRows(ctx, tx, k[0]-1, 1, func(r storageRow) error {
			if r.says != r.are {
				off = append(off, r)
			}
			return nil
		}); err != nil {
			return err
		}
		for _, r := range off {
			if _, err := tx.Exec(ctx, stmtUseSet, r.user, r.kind, r.are); err != nil {
				return err
			}
		}
		return nil
	})
}

// RecountStorage sets a user's counters of bytes to the sums of the rows, if they are off.
func (c Checks) RecountStorage(ctx context.Context, user tintype.ID) (changed bool, err error) {
	return c.recount(ctx, "storage", user)
}
