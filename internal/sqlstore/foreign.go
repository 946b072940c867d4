package sqlstore

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/tintype"
)

// ForeignKeys maps what others call a thing to our ID, in the directory: IDs of
// an archive that was imported, import keys, addresses elsewhere. A namespace
// is one source of such keys. A key is mapped once and never to anything else,
// so a copy of what is found here is true for ever; redis.KeyMap keeps one.
//
// No map leads from a post to its owner: the ID of a post holds the shard that
// the owner is on, and the row there names them.
type ForeignKeys struct {
	R Router
}

// maxForeignKey is how many bytes a key or a namespace may have.
const maxForeignKey = 512

var (
	stmtForeignPut = &Stmt{Name: "foreign.put", SQL: `
		INSERT INTO {s}foreign_keys (namespace, key, id) SELECT CAST($1 AS TEXT), k, i FROM {rows $2 k text,i} WHERE true
		ON CONFLICT DO NOTHING`}
	stmtForeignOther = &Stmt{Name: "foreign.other", SQL: `
		SELECT t.key FROM {rows $2 k text,i} CROSS JOIN {s}foreign_keys t
		WHERE t.namespace = $1 AND t.key = e.k AND t.id <> e.i LIMIT 1`}
	stmtForeignGet = &Stmt{Name: "foreign.get", SQL: `
		SELECT t.key, t.id FROM {rows $2 k text} CROSS JOIN {s}foreign_keys t WHERE t.namespace = $1 AND t.key = e.k`}
)

// Put maps keys[i] to ids[i], all or none. What is mapped so already is left;
// a key that is mapped to something else is a Conflict. Some thousands of keys
// at a time are best.
func (f ForeignKeys) Put(ctx context.Context, namespace string, keys []string, ids []tintype.ID) error {
	if len(keys) != len(ids) {
		return tintype.Errorf(tintype.Internal, "%d keys for %d IDs", len(keys), len(ids))
	}
	if err := checkForeign(namespace, keys); err != nil || len(keys) == 0 {
		return err
	}
	rows := make([][2]any, len(keys))
	for i, k := range keys {
		rows[i] = [2]any{k, int64(ids[i])}
	}
	// One order for everybody: PostgreSQL locks rows as they come.
	slices.SortFunc(rows, func(a, b [2]any) int { return strings.Compare(a[0].(string), b[0].(string)) })
	list, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	return f.R.Directory().Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, stmtForeignPut, namespace, string(list)); err != nil {
			return err
		}
		var other string
		if there, err := tx.QueryRow(ctx, stmtForeignOther, []any{&other}, namespace, string(list)); err != nil {
			return err
		} else if there {
			return tintype.Errorf(tintype.Conflict, "the key %q of %s is mapped to something else", other, namespace)
		}
		return nil
	})
}

// Get gives the ID of each key, in order, 0 where there is none.
func (f ForeignKeys) Get(ctx context.Context, namespace string, keys []string) ([]tintype.ID, error) {
	ids := make([]tintype.ID, len(keys))
	if err := checkForeign(namespace, keys); err != nil || len(keys) == 0 {
		return ids, err
	}
	list, err := stringRows(keys)
	if err != nil {
		return nil, err
	}
	found := make(map[string]tintype.ID, len(keys))
	if err := f.R.Directory().Query(ctx, stmtForeignGet, func(scan Scan) error {
		var key string
		var id tintype.ID
		if err := scan(&key, &id); err != nil {
			return err
		}
		found[key] = id
		return nil
	}, namespace, list); err != nil {
		return nil, err
	}
	for i, k := range keys {
		ids[i] = found[k]
	}
	return ids, nil
}

func checkForeign(namespace string, keys []string) error {
	for _, k := range append([]string{namespace}, keys...) {
		if k == "" || len(k) > maxForeignKey || !utf8.ValidString(k) || strings.ContainsRune(k, 0) {
			return tintype.Errorf(tintype.Invalid, "%.50q cannot be a foreign key: that is 1 to %d bytes of text", k, maxForeignKey)
		}
	}
	return nil
}
