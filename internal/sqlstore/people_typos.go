package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	// What is there already is locked, and not written: see indexTypos.
	stmtTyposPut = &Stmt{Name: "typos.put", SQL: `
		INSERT INTO {s}people_typos (key, beginning) SELECT k, b FROM {rows $1 k text,b text} WHERE true
		ON CONFLICT (key, beginning) DO UPDATE SET key = excluded.key WHERE 1 = 0`}
	stmtTyposDrop = &Stmt{Name: "typos.drop", SQL: `
		DELETE FROM {s}people_typos AS t WHERE (key, beginning) IN (SELECT k, b FROM {rows $1 k text,b text})
			AND NOT EXISTS (SELECT 1 FROM {s}people p WHERE p.word >= t.beginning AND p.word < t.beginning || CAST($2 AS TEXT))`}
	stmtTyposFind = &Stmt{Name: "typos.find", SQL: `
		SELECT DISTINCT t.beginning FROM {rows $1 k text} CROSS JOIN {s}people_typos t WHERE t.key = e.k LIMIT $2`}
	// The inner limits bound the work for beginnings that many share.
	stmtPeopleWords = &Stmt{Name: "people.words", SQL: `
		SELECT DISTINCT word FROM (SELECT word FROM {s}people WHERE word >= $1 AND word < $2 ORDER BY word LIMIT 5000) m ORDER BY word LIMIT $3`}
	stmtPeopleNear = &Stmt{Name: "people.near", SQL: `
		SELECT user_id FROM (
			SELECT p.user_id, p.weight, CASE WHEN p.word = e.p THEN 0 ELSE 1 END AS longer
			FROM {rows $1 p text,q text} CROSS JOIN {s}people p WHERE p.word >= e.p AND p.word < e.q LIMIT 2000) m
		GROUP BY user_id ORDER BY min(longer), max(weight) DESC, user_id LIMIT $2`}
	stmtPeopleWordsOf = &Stmt{Name: "people.words_of", SQL: `SELECT user_id, word FROM {s}people WHERE user_id {in $1}`}
)

// indexTypos makes what finds words although they are mistyped follow a change
// of a user's words, after it in the same transaction. A beginning goes with
// the last word that has it. Nobody who writes such a word meanwhile is
// overlooked: both lock the beginning first, also what is about to go, and all in one order.
func (s People) indexTypos(ctx context.Context, tx *Tx, old, words []string) error {
	if s.Keys == nil {
		return nil
	}
	put := typoPairs(words, s.Keys)
	gone := slices.DeleteFunc(typoPairs(old, s.Keys), func(p [2]string) bool {
		_, kept := slices.BinarySearchFunc(put, p, comparePairs)
		return kept
	})
	all := slices.Concat(put, gone)
	slices.SortFunc(all, comparePairs)
	for _, step := range []struct {
		stmt  *Stmt
		pairs [][2]string
		more  []any
	}{{stmtTyposPut, all, nil}, {stmtTyposDrop, gone, []any{afterAll}}} {
		if len(step.pairs) == 0 {
			continue
		}
		list, err := json.Marshal(step.pairs)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, step.stmt, append([]any{string(list)}, step.more...)...); err != nil {
			return err
		}
	}
	return nil
}

// typoPairs gives the pairs of key and beginning of words, sorted, each once.
func typoPairs(words []string, keys func(string) [][2]string) [][2]string {
	var out [][2]string
	for _, w := range words {
		out = append(out, keys(w)...)
	}
	slices.SortFunc(out, comparePairs)
	return slices.Compact(out)
}

func comparePairs(a, b [2]string) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}

// Beginnings gives up to n beginnings of words that have one of keys, in no order.
func (s People) Beginnings(ctx context.Context, keys []string, n int) ([]string, error) {
	list, err := stringRows(keys)
	if err != nil {
		return nil, err
	}
	var out []string
	err = s.R.Directory().Old(ctx, 0).Query(ctx, stmtTyposFind, scanStrings(&out), list, n)
	return out, err
}

// Words gives up to n of the words that begin with prefix, in their order.
func (s People) Words(ctx context.Context, prefix string, n int) ([]string, error) {
	var out []string
	err := s.R.Directory().Old(ctx, 0).Query(ctx, stmtPeopleWords, scanStrings(&out), prefix, prefix+afterAll, n)
	return out, err
}

// NearPeople gives up to n users who have a word that begins with any of
// prefixes: first those with one that is the whole word, then the weightiest.
// Where thousands have, it is some of them.
func (s People) NearPeople(ctx context.Context, prefixes []string, n int) ([]tintype.ID, error) {
	ranges := make([][2]string, len(prefixes))
	for i, p := range prefixes {
		ranges[i] = [2]string{p, p + afterAll}
	}
	list, err := json.Marshal(ranges)
	if err != nil {
		return nil, err
	}
	var out []tintype.ID
	err = s.R.Directory().Old(ctx, 0).Query(ctx, stmtPeopleNear, scanIDs(&out), string(list), n)
	return out, err
}

// WordsOf gives the words that find each of users.
func (s People) WordsOf(ctx context.Context, users []tintype.ID) (map[tintype.ID][]string, error) {
	out := make(map[tintype.ID][]string, len(users))
	err := s.R.Directory().Old(ctx, 0).Query(ctx, stmtPeopleWordsOf, func(scan Scan) error {
		var id tintype.ID
		var word string
		err := scan(&id, &word)
		out[id] = append(out[id], word)
		return err
	}, users)
	return out, err
}
