package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// Storage counts the room that files take: what is added or goes is counted in the transaction that names the file, so
// that nothing is read to know it. `tintype check` holds the counters against the rows.
type Storage struct {
	R     Router
	Clock tintype.Clock
}

var (
	stmtUseAdd = &Stmt{Name: "storage.add", SQL: `
		INSERT INTO {s}storage_use (user_id, kind, bytes) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, kind) DO UPDATE SET bytes = storage_use.bytes + excluded.bytes`}
	stmtUseSet = &Stmt{Name: "storage.set", SQL: `
		INSERT INTO {s}storage_use (user_id, kind, bytes) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, kind) DO UPDATE SET bytes = excluded.bytes`}
	stmtUseOf  = &Stmt{Name: "storage.of", SQL: useOf("kind, bytes", "WHERE user_id = $1", "")}
	stmtUseSum = &Stmt{Name: "storage.sum", SQL: useOf("kind, CAST(SUM(bytes) AS BIGINT)", "", "GROUP BY kind")}

	stmtStoredOwner = &Stmt{Name: "stored.owner", SQL: `SELECT user_id FROM {s}posts WHERE id = $1 {lock}`}
	stmtStoredGet   = &Stmt{Name: "stored.get", SQL: `SELECT jpeg, avif, webp, large, made FROM {s}stored WHERE post_id = $1 AND key = $2`}
	stmtStoredPut   = &Stmt{Name: "stored.put", SQL: `
		INSERT INTO {s}stored (post_id, key, user_id, jpeg, avif, webp, large, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (post_id, key) DO UPDATE SET jpeg = excluded.jpeg, avif = excluded.avif, webp = excluded.webp, large = excluded.large, made = excluded.made`}
	stmtStoredDelete = &Stmt{Name: "stored.delete", SQL: `DELETE FROM {s}stored WHERE post_id = $1 RETURNING jpeg, avif, webp`}
	stmtStoredOldest = &Stmt{Name: "stored.oldest", SQL: `
		SELECT post_id, key, user_id, jpeg, avif, webp, large, made, '', 0 FROM {s}stored WHERE avif + webp > 0 ORDER BY made LIMIT $1`}
	stmtStoredOldestLarge = &Stmt{Name: "stored.oldest_large", SQL: `
		SELECT r.post_id, r.key, r.user_id, r.jpeg, r.avif, r.webp, r.large, r.made, m.original_key, m.original_bytes
		FROM {s}stored r JOIN {s}media m ON m.post_id = r.post_id AND m.key = r.key WHERE r.large <> 1 ORDER BY r.made LIMIT $1`}
)

// useOf asks for bytes by kind: the counters, and the archives that users have made and have brought, which their own rows
// count (tintype.StoredExports, StoredImports).
func useOf(what, whose, by string) string {
	return `
		SELECT ` + what + ` FROM {s}storage_use ` + whose + ` ` + by + `
		UNION ALL SELECT 7, CAST(coalesce(SUM(part_bytes), 0) AS BIGINT) FROM {s}exports ` + whose + `
		UNION ALL SELECT 8, CAST(coalesce(SUM(CASE WHEN parts * part_bytes < bytes THEN parts * part_bytes ELSE bytes END), 0) AS BIGINT) FROM {s}imports ` + whose
}

// use adds bytes, or takes them away, in tx.
func use(ctx context.Context, tx *Tx, user tintype.ID, kind tintype.StoredKind, bytes int64) error {
	if bytes == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, stmtUseAdd, user, int(kind), bytes)
	return err
}

// usePublished counts a new post's files, which were uploads unless they came otherwise.
func usePublished(ctx context.Context, tx *Tx, p *tintype.Post, uploads bool) error {
	user := p.UserID
	var originals, jpeg int64
	for _, m := range p.Media {
		originals += m.OriginalBytes
		jpeg += m.Made
		if m.Made > 0 {
			if _, err := tx.Exec(ctx, stmtStoredPut, p.ID, m.Key, user, m.Made, 0, 0, int(tintype.LargeKept), p.ID.Time()); err != nil {
				return err
			}
		}
	}
	if uploads {
		if err := use(ctx, tx, user, tintype.StoredUploads, -originals); err != nil {
			return err
		}
	}
	if err := use(ctx, tx, user, tintype.StoredOriginals, originals); err != nil {
		return err
	}
	return use(ctx, tx, user, tintype.StoredJPEG, jpeg)
}

// useDeleted counts that a post's files are to go.
func useDeleted(ctx context.Context, tx *Tx, post, user tintype.ID, originals int64) error {
	var sum tintype.Stored
	if err := tx.Query(ctx, stmtStoredDelete, func(scan Scan) error {
		var s tintype.Stored
		err := scan(&s.JPEG, &s.AVIF, &s.WebP)
		sum.JPEG, sum.AVIF, sum.WebP = sum.JPEG+s.JPEG, sum.AVIF+s.AVIF, sum.WebP+s.WebP
		return err
	}, post); err != nil {
		return err
	}
	if err := use(ctx, tx, user, tintype.StoredOriginals, -originals); err != nil {
		return err
	}
	return useChanged(ctx, tx, user, sum, tintype.Stored{})
}

func useChanged(ctx context.Context, tx *Tx, user tintype.ID, was, is tintype.Stored) error {
	for _, c := range []struct {
		kind  tintype.StoredKind
		bytes int64
	}{{tintype.StoredJPEG, is.JPEG - was.JPEG}, {tintype.StoredAVIF, is.AVIF - was.AVIF}, {tintype.StoredWebP, is.WebP - was.WebP}} {
		if err := use(ctx, tx, user, c.kind, c.bytes); err != nil {
			return err
		}
	}
	return nil
}

// Restock writes how many bytes the renditions of a picture have now: change is given what was written before. It does
// nothing if the post is gone. If there are more of them than before they were made now.
func (s Storage) Restock(ctx context.Context, post tintype.ID, key string, change func(*tintype.Stored)) (changed bool, err error) {
	err = s.R.Home(post.Shard()).Write(ctx, func(tx *Tx) error {
		changed = false
		var user tintype.ID
		if found, err := tx.QueryRow(ctx, stmtStoredOwner, []any{&user}, post); err != nil || !found {
			return err
		}
		was, made := tintype.Stored{Post: post, User: user, Key: key}, int64(0)
		if _, err := tx.QueryRow(ctx, stmtStoredGet, []any{&was.JPEG, &was.AVIF, &was.WebP, &was.Large, &made}, post, key); err != nil {
			return err
		}
		is := was
		if change(&is); is == was {
			return nil
		}
		changed = true
		if made == 0 || is.JPEG+is.AVIF+is.WebP > was.JPEG+was.AVIF+was.WebP {
			made = Micros(s.Clock())
		}
		if _, err := tx.Exec(ctx, stmtStoredPut, post, key, user, is.JPEG, is.AVIF, is.WebP, int(is.Large), made); err != nil {
			return err
		}
		return useChanged(ctx, tx, user, was, is)
	})
	return changed, err
}

// SetUse says how many bytes a user's files of a kind have, where all of them are known at once.
func (s Storage) SetUse(ctx context.Context, user tintype.ID, kind tintype.StoredKind, bytes int64) error {
	return s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtUseSet, user, int(kind), bytes)
		return err
	})
}

// Use gives how many bytes a user's files have, by kind.
func (s Storage) Use(ctx context.Context, user tintype.ID) (map[tintype.StoredKind]int64, error) {
	out := map[tintype.StoredKind]int64{}
	return out, addUse(ctx, s.R.Home(user.Shard()), out, stmtUseOf, user)
}

// Total gives how many bytes the files of all users have, by kind: the sums of all homes.
func (s Storage) Total(ctx context.Context) (map[tintype.StoredKind]int64, error) {
	out := map[tintype.StoredKind]int64{}
	for _, h := range s.R.Homes() {
		if err := addUse(Patiently(ctx), h, out, stmtUseSum); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func addUse(ctx context.Context, h Home, out map[tintype.StoredKind]int64, kinds *Stmt, args ...any) error {
	return h.Query(ctx, kinds, func(scan Scan) error {
		var kind int
		var bytes int64
		err := scan(&kind, &bytes)
		out[tintype.StoredKind(kind)] += bytes
		return err
	}, args...)
}

// Oldest gives, from every home, up to limit pictures that are there in formats besides JPEG, those made longest ago first.
func (s Storage) Oldest(ctx context.Context, limit int) ([]tintype.Stored, error) {
	return s.oldest(ctx, stmtStoredOldest, limit)
}

// OldestLarge gives, from every home, up to limit pictures that are there in large JPEGs, those made longest ago first.
func (s Storage) OldestLarge(ctx context.Context, limit int) ([]tintype.Stored, error) {
	return s.oldest(ctx, stmtStoredOldestLarge, limit)
}

func (s Storage) oldest(ctx context.Context, which *Stmt, limit int) ([]tintype.Stored, error) {
	var out []tintype.Stored
	for _, h := range s.R.Homes() {
		if err := h.Query(Patiently(ctx), which, func(scan Scan) error {
			var p tintype.Stored
			var made int64
			err := scan(&p.Post, &p.Key, &p.User, &p.JPEG, &p.AVIF, &p.WebP, &p.Large, &made, &p.Original, &p.OriginalBytes)
			p.Made = FromMicros(made)
			out = append(out, p)
			return err
		}, limit); err != nil {
			return out, err
		}
	}
	return out, nil
}
