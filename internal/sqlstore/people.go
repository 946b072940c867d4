package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// People is the index of users by the words of their names, in the directory.
// It is made from profiles and can be made again.
type People struct {
	R Router
	// Keys gives the pairs of key and beginning by which a word is found although it is
	// mistyped, the same ones always; words.TypoKeys does. nil for none.
	Keys func(word string) [][2]string
}

var (
	stmtPeopleOf   = &Stmt{Name: "people.of", SQL: `SELECT word FROM {s}people WHERE user_id = $1`}
	stmtPeopleDrop = &Stmt{Name: "people.drop", SQL: `
		DELETE FROM {s}people WHERE user_id = $1`}
	stmtPeopleAdd = &Stmt{Name: "people.add", SQL: `
		INSERT INTO {s}people (word, user_id, weight) SELECT w, CAST($2 AS BIGINT), CAST($3 AS BIGINT) FROM {rows $1 w text} WHERE true
		ON CONFLICT DO NOTHING`}
	// A user may have several words that begin so: more are read than are given.
	stmtPeopleBegin = &Stmt{Name: "people.begin", SQL: `
		SELECT user_id FROM (` + eachWeight(0, `
			SELECT user_id, weight FROM {s}people WHERE weight = %d AND word >= $1 AND word < $2 ORDER BY word, user_id LIMIT $3`) + `) m
		GROUP BY user_id ORDER BY max(weight) DESC, user_id LIMIT $4`}
	// The inner limits bound the work for a prefix that half the site matches. What is done to q.word
	// keeps it from being looked up by word, where thousands have it: a user has few words. It is no
	// EXISTS, which PostgreSQL may answer by reading the whole table once.
	stmtPeopleSearch = &Stmt{Name: "people.search", SQL: `
		SELECT user_id FROM (
			SELECT p.user_id, p.weight FROM (SELECT user_id, weight FROM {s}people WHERE word >= $1 AND word < $2 LIMIT 5000) p
			WHERE (SELECT 1 FROM {s}people q WHERE q.user_id = p.user_id AND q.word || '' >= $3 AND q.word || '' < $4 LIMIT 1) = 1
				AND ($5 = '' OR (SELECT 1 FROM {s}people q WHERE q.user_id = p.user_id AND q.word || '' >= $5 AND q.word || '' < $6 LIMIT 1) = 1)
			LIMIT 2000) m
		GROUP BY user_id ORDER BY max(weight) DESC, user_id LIMIT $7`}
)

// Index replaces the words that find a user; none takes them out. The higher
// the weight, the earlier in results.
func (s People) Index(ctx context.Context, id tintype.ID, words []string, weight int) error {
	list, err := stringRows(words)
	if err != nil {
		return err
	}
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		var old []string
		if err := tx.Query(ctx, stmtPeopleOf, scanStrings(&old), id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, stmtPeopleDrop, id); err != nil {
			return err
		}
		if len(words) > 0 {
			if _, err := tx.Exec(ctx, stmtPeopleAdd, list, id, weight); err != nil {
				return err
			}
		}
		return s.indexTypos(ctx, tx, old, words)
	})
}

// afterAll sorts after every word that begins with what it is put behind.
const afterAll = "\U0010FFFF"

// SearchPeople gives up to n users who have, for each of the up to three
// prefixes, a word that begins with it; the weightiest first.
func (s People) SearchPeople(ctx context.Context, prefixes []string, n int) ([]tintype.ID, error) {
	var out []tintype.ID
	if len(prefixes) == 1 {
		err := s.R.Directory().Old(ctx, 0).Query(ctx, stmtPeopleBegin, scanIDs(&out), prefixes[0], prefixes[0]+afterAll, 4*n, n)
		return out, err
	}
	args := make([]any, 0, 7)
	for i := range 3 {
		p := ""
		if i < len(prefixes) {
			p = prefixes[i]
		}
		args = append(args, p, p+afterAll)
	}
	// A job brings names here, some time later: a moment more does not matter.
	err := s.R.Directory().Old(ctx, 0).Query(ctx, stmtPeopleSearch, scanIDs(&out), append(args, n)...)
	return out, err
}
