package sqlstore

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// Saved keeps which posts users saved, and their collections of them, on the
// shard of who saved: nothing of it is at the posts, so that nobody can learn of it there.
type Saved struct{ R Router }

var (
	// Whoever changes what a user keeps holds the user's row: so limits are exact.
	stmtKeeperLock = &Stmt{Name: "saved.lock", SQL: `SELECT id FROM {s}users WHERE id = $1 {lock}`}

	stmtSavedPut    = &Stmt{Name: "saved.put", SQL: `INSERT INTO {s}saved (user_id, post_id, op) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`}
	stmtSavedDrop   = &Stmt{Name: "saved.drop", SQL: `DELETE FROM {s}saved WHERE user_id = $1 AND post_id = $2`}
	stmtSavedCount  = &Stmt{Name: "saved.count", SQL: `SELECT COUNT(*) FROM {s}saved WHERE user_id = $1`}
	stmtSavedHas    = &Stmt{Name: "saved.has", SQL: `SELECT 1 FROM {s}saved WHERE user_id = $1 AND post_id = $2`}
	stmtSavedRecent = &Stmt{Name: "saved.recent", SQL: `
		SELECT post_id, op FROM {s}saved WHERE user_id = $1 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	stmtSavedIDs = &Stmt{Name: "saved.ids", SQL: `SELECT post_id FROM {s}saved WHERE user_id = $1`}

	stmtCollectionAdd    = &Stmt{Name: "collections.add", SQL: `INSERT INTO {s}collections (user_id, id, name, cover_id) VALUES ($1, $2, $3, 0)`}
	stmtCollectionCount  = &Stmt{Name: "collections.count", SQL: `SELECT COUNT(*) FROM {s}collections WHERE user_id = $1`}
	stmtCollectionNamed  = &Stmt{Name: "collections.named", SQL: `SELECT 1 FROM {s}collections WHERE user_id = $1 AND name = $2 AND id <> $3`}
	stmtCollectionChange = &Stmt{Name: "collections.change", SQL: `UPDATE {s}collections SET name = $1, cover_id = $2 WHERE user_id = $3 AND id = $4`}
	stmtCollectionDrop   = &Stmt{Name: "collections.drop", SQL: `DELETE FROM {s}collections WHERE user_id = $1 AND id = $2`}
	stmtCollectionEmpty  = &Stmt{Name: "collections.empty", SQL: `DELETE FROM {s}collection_posts WHERE user_id = $1 AND collection_id = $2`}
	stmtCollectionHas    = &Stmt{Name: "collections.has", SQL: `SELECT 1 FROM {s}collections WHERE user_id = $1 AND id = $2`}
	stmtCollections      = &Stmt{Name: "collections.of", SQL: `
		SELECT c.id, c.name, c.cover_id, (SELECT COUNT(*) FROM {s}collection_posts p WHERE p.user_id = $1 AND p.collection_id = c.id)
		FROM {s}collections c WHERE c.user_id = $1 ORDER BY c.id DESC`}
	stmtCollectionFirst = &Stmt{Name: "collections.first", SQL: `
		SELECT collection_id, post_id FROM (
			SELECT collection_id, post_id, op, ROW_NUMBER() OVER (PARTITION BY collection_id ORDER BY op DESC) AS k
			FROM {s}collection_posts WHERE user_id = $1) f
		WHERE k <= $2 ORDER BY collection_id, op DESC`}

	stmtCollectPut    = &Stmt{Name: "collections.put", SQL: `INSERT INTO {s}collection_posts (user_id, collection_id, post_id, op) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`}
	stmtCollectDrop   = &Stmt{Name: "collections.take_out", SQL: `DELETE FROM {s}collection_posts WHERE user_id = $1 AND collection_id = $2 AND post_id = $3`}
	stmtCollectNone   = &Stmt{Name: "collections.take_out_of_all", SQL: `DELETE FROM {s}collection_posts WHERE user_id = $1 AND post_id = $2`}
	stmtCollectWhere  = &Stmt{Name: "collections.where", SQL: `SELECT collection_id FROM {s}collection_posts WHERE user_id = $1 AND post_id = $2 ORDER BY collection_id DESC`}
	stmtCollectUncov  = &Stmt{Name: "collections.uncover", SQL: `UPDATE {s}collections SET cover_id = 0 WHERE user_id = $1 AND cover_id = $2 AND (id = $3 OR $3 = 0)`}
	stmtCollectRecent = &Stmt{Name: "collections.recent", SQL: `
		SELECT post_id, op FROM {s}collection_posts WHERE user_id = $1 AND collection_id = $2 AND op < $3 AND op > $4 ORDER BY op DESC LIMIT $5`}
)

// firstPosts is how many posts are given along with a collection or an album.
const firstPosts = 4

var (
	errNoKeeper     = &tintype.Error{Kind: tintype.NotFound, Msg: "this user does not exist"}
	errNoCollection = &tintype.Error{Kind: tintype.NotFound, Msg: "this collection does not exist"}
)

// writeFor runs f in a transaction on user's shard, alone of all that change what the user keeps.
func writeFor(ctx context.Context, r Router, user tintype.ID, f func(tx *Tx) error) error {
	return r.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		var id tintype.ID
		found, err := tx.QueryRow(ctx, stmtKeeperLock, []any{&id}, user)
		if err == nil && !found {
			err = errNoKeeper
		}
		if err != nil {
			return err
		}
		return f(tx)
	})
}

// atMost is a Conflict if there are most of what s counts already.
func (t *Tx) atMost(ctx context.Context, s *Stmt, most int, what string, args ...any) error {
	var n int
	if _, err := t.QueryRow(ctx, s, []any{&n}, args...); err != nil || n < most {
		return err
	}
	return tintype.Errorf(tintype.Conflict, "there are %d %s, which is as many as there may be", n, what)
}

// Save makes user keep post. Conflict if there are most already.
func (s Saved) Save(ctx context.Context, user, post tintype.ID, most int) error {
	return writeFor(ctx, s.R, user, func(tx *Tx) error { return save(ctx, tx, user, post, most) })
}

func save(ctx context.Context, tx *Tx, user, post tintype.ID, most int) error {
	var one int
	if found, err := tx.QueryRow(ctx, stmtSavedHas, []any{&one}, user, post); err != nil || found {
		return err
	}
	if err := tx.atMost(ctx, stmtSavedCount, most, "saved posts", user); err != nil {
		return err
	}
	op, err := tx.NextID(ctx, user.Shard())
	if err == nil {
		_, err = tx.Exec(ctx, stmtSavedPut, user, post, op)
	}
	return err
}

// Unsave undoes Save, and takes the post out of user's collections, which it gives.
func (s Saved) Unsave(ctx context.Context, user, post tintype.ID) (collections []tintype.ID, err error) {
	err = writeFor(ctx, s.R, user, func(tx *Tx) error {
		collections = nil
		if err := tx.Query(ctx, stmtCollectWhere, scanIDs(&collections), user, post); err != nil {
			return err
		}
		for _, st := range []*Stmt{stmtCollectNone, stmtSavedDrop} {
			if _, err := tx.Exec(ctx, st, user, post); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, stmtCollectUncov, user, post, 0)
		return err
	})
	return collections, err
}

// SavedPosts lists what user saved, latest first, with the op of each, by which pages are cut.
func (s Saved) SavedPosts(ctx context.Context, user tintype.ID, page tintype.Page) (posts, ops []tintype.ID, err error) {
	err = s.R.Home(user.Shard()).Query(ctx, stmtSavedRecent, scanPairs(&posts, &ops), user, newest(page), page.Min, page.Count)
	return posts, ops, err
}

// SavedIDs gives all that user saved, sorted by ID.
func (s Saved) SavedIDs(ctx context.Context, user tintype.ID) ([]tintype.ID, error) {
	ids := []tintype.ID{}
	err := s.R.Home(user.Shard()).Query(ctx, stmtSavedIDs, scanIDs(&ids), user)
	slices.Sort(ids)
	return ids, err
}

// CollectionsWith gives the collections of user in which post is, newest first.
func (s Saved) CollectionsWith(ctx context.Context, user, post tintype.ID) (ids []tintype.ID, err error) {
	err = s.R.Home(user.Shard()).Query(ctx, stmtCollectWhere, scanIDs(&ids), user, post)
	return ids, err
}

// Collections gives user's collections, newest first.
func (s Saved) Collections(ctx context.Context, user tintype.ID) ([]tintype.Collection, error) {
	h := s.R.Home(user.Shard())
	var out []tintype.Collection
	if err := h.Query(ctx, stmtCollections, func(scan Scan) error {
		c := tintype.Collection{UserID: user}
		err := scan(&c.ID, &c.Name, &c.Cover, &c.Posts)
		out = append(out, c)
		return err
	}, user); err != nil {
		return nil, err
	}
	var of, posts []tintype.ID
	if err := h.Query(ctx, stmtCollectionFirst, scanPairs(&of, &posts), user, firstPosts); err != nil {
		return nil, err
	}
	for i, id := range of {
		if at := slices.IndexFunc(out, func(c tintype.Collection) bool { return c.ID == id }); at >= 0 {
			out[at].First = append(out[at].First, posts[i])
		}
	}
	return out, nil
}

// AddCollection adds a collection and sets c.ID. Conflict if there are most
// already, or there is one of that name.
func (s Saved) AddCollection(ctx context.Context, c *tintype.Collection, most int) error {
	return writeFor(ctx, s.R, c.UserID, func(tx *Tx) error {
		if err := tx.atMost(ctx, stmtCollectionCount, most, "collections", c.UserID); err != nil {
			return err
		}
		if err := unnamed(ctx, tx, c.UserID, 0, c.Name); err != nil {
			return err
		}
		var err error
		if c.ID, err = tx.NextID(ctx, c.UserID.Shard()); err == nil {
			_, err = tx.Exec(ctx, stmtCollectionAdd, c.UserID, c.ID, c.Name)
		}
		return err
	})
}

// unnamed is a Conflict if a collection of user's other than id has that name.
func unnamed(ctx context.Context, tx *Tx, user, id tintype.ID, name string) error {
	var one int
	found, err := tx.QueryRow(ctx, stmtCollectionNamed, []any{&one}, user, name, id)
	if err == nil && found {
		err = &tintype.Error{Kind: tintype.Conflict, Field: "name", Msg: "you have a collection of that name already"}
	}
	return err
}

// ChangeCollection writes the name and the cover of a collection. NotFound if
// there is none; Conflict if another has that name.
func (s Saved) ChangeCollection(ctx context.Context, c *tintype.Collection) error {
	return writeFor(ctx, s.R, c.UserID, func(tx *Tx) error {
		if err := unnamed(ctx, tx, c.UserID, c.ID, c.Name); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, stmtCollectionChange, c.Name, c.Cover, c.UserID, c.ID)
		if err == nil && n == 0 {
			err = errNoCollection
		}
		return err
	})
}

// DeleteCollection deletes a collection; its posts stay saved. NotFound if there is none.
func (s Saved) DeleteCollection(ctx context.Context, user, id tintype.ID) error {
	return writeFor(ctx, s.R, user, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtCollectionDrop, user, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoCollection
		}
		_, err = tx.Exec(ctx, stmtCollectionEmpty, user, id)
		return err
	})
}

// Collect puts a post into a collection, saving it if it was not saved, or takes it out. NotFound if there is no
// such collection; Conflict if mostSaved are saved already.
func (s Saved) Collect(ctx context.Context, user, collection, post tintype.ID, on bool, mostSaved int) error {
	return writeFor(ctx, s.R, user, func(tx *Tx) error {
		var one int
		found, err := tx.QueryRow(ctx, stmtCollectionHas, []any{&one}, user, collection)
		if err == nil && !found {
			err = errNoCollection
		}
		if err != nil {
			return err
		}
		if !on {
			if _, err := tx.Exec(ctx, stmtCollectDrop, user, collection, post); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, stmtCollectUncov, user, post, collection)
			return err
		}
		if err := save(ctx, tx, user, post, mostSaved); err != nil {
			return err
		}
		op, err := tx.NextID(ctx, user.Shard())
		if err == nil {
			_, err = tx.Exec(ctx, stmtCollectPut, user, collection, post, op)
		}
		return err
	})
}

// CollectionPosts lists the posts of a collection, the last to come first, with the op of
// each, by which pages are cut; none if there is no such collection.
func (s Saved) CollectionPosts(ctx context.Context, user, collection tintype.ID, page tintype.Page) (posts, ops []tintype.ID, err error) {
	err = s.R.Home(user.Shard()).Query(ctx, stmtCollectRecent, scanPairs(&posts, &ops), user, collection, newest(page), page.Min, page.Count)
	return posts, ops, err
}
