package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/tintype/tintype/internal/tintype"
)

const mediaColumns = `post_id, key, original_key, original_type, original_bytes, width, height, blurhash, alt_text, filter, recipe, camera, people`

var (
	stmtMediaGet = &Stmt{Name: "media.get", SQL: `
		SELECT ` + mediaColumns + ` FROM {s}media WHERE post_id {in $1} ORDER BY post_id, position`}
	stmtMediaAdd = &Stmt{Name: "media.add", SQL: `
		INSERT INTO {s}media (post_id, position, key, original_key, original_type, original_bytes, original_sha256,
			width, height, blurhash, alt_text, filter, recipe, camera, people)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`}
	stmtMediaLift = &Stmt{Name: "media.lift", SQL: `
		UPDATE {s}media SET position = position + 1000 WHERE post_id = $1 RETURNING key, alt_text, people`}
	stmtMediaPlace = &Stmt{Name: "media.place", SQL: `
		UPDATE {s}media SET position = $1, alt_text = $2, people = $3 WHERE post_id = $4 AND key = $5`}
	stmtMediaDelete = &Stmt{Name: "media.delete", SQL: `
		DELETE FROM {s}media WHERE post_id = $1 RETURNING key, original_key, original_bytes, alt_text, people`}
)

func readMedia(ctx context.Context, q Querier, posts []tintype.ID, each func(post tintype.ID, m tintype.Media)) error {
	return q.Query(ctx, stmtMediaGet, func(scan Scan) error {
		var post tintype.ID
		var m tintype.Media
		var recipe, camera, people *string
		if err := scan(&post, &m.Key, &m.OriginalKey, &m.OriginalType, &m.OriginalBytes, &m.Width, &m.Height,
			&m.Blurhash, &m.AltText, &m.Filter, &recipe, &camera, &people); err != nil {
			return err
		}
		if recipe != nil {
			m.Recipe = json.RawMessage(*recipe)
		}
		if camera != nil {
			m.Camera = &tintype.Camera{}
			if err := json.Unmarshal([]byte(*camera), m.Camera); err != nil {
				return err
			}
		}
		var err error
		if m.People, err = readPeople(people); err != nil {
			return err
		}
		each(post, m)
		return nil
	}, posts)
}

// addMedia writes a post's media in their order; sums are the hashes of their originals.
func addMedia(ctx context.Context, tx *Tx, post tintype.ID, media []tintype.Media, sums [][32]byte) error {
	for i, m := range media {
		var recipe, camera any
		if m.Recipe != nil {
			recipe = string(m.Recipe)
		}
		if m.Camera != nil {
			text, err := json.Marshal(m.Camera)
			if err != nil {
				return err
			}
			camera = string(text)
		}
		if _, err := tx.Exec(ctx, stmtMediaAdd, post, i, m.Key, m.OriginalKey, m.OriginalType, m.OriginalBytes, sums[i][:],
			m.Width, m.Height, m.Blurhash, m.AltText, m.Filter, recipe, camera, peopleColumn(m.People)); err != nil {
			return err
		}
	}
	return nil
}

// placeMedia writes the order, the alternative texts and who is named. It gives the alternative texts that there were, in
// no certain order, and who is newly named or no longer.
func placeMedia(ctx context.Context, tx *Tx, post tintype.ID, media []tintype.Media) (was []string, renamed []tintype.ID, err error) {
	people := map[string][]tintype.PhotoTag{}
	states := map[tintype.ID]int{}
	if err := tx.Query(ctx, stmtMediaLift, func(scan Scan) error {
		var key, alt string
		var column *string
		if err := scan(&key, &alt, &column); err != nil {
			return err
		}
		was = append(was, alt)
		list, err := readPeople(column)
		for _, t := range list {
			states[t.UserID] = t.State
		}
		people[key] = list
		return err
	}, post); err != nil {
		return nil, nil, err
	}
	now := map[tintype.ID]bool{}
	for i, m := range media {
		merged := mergePeople(states, people[m.Key], m.People)
		for _, u := range everybodyIn(merged) {
			if _, known := states[u]; !known && !now[u] {
				renamed = append(renamed, u)
			}
			now[u] = true
		}
		n, err := tx.Exec(ctx, stmtMediaPlace, i, m.AltText, peopleColumn(merged), post, m.Key)
		if err != nil {
			return nil, nil, err
		}
		if n != 1 {
			return nil, nil, &tintype.Error{Kind: tintype.Conflict, Msg: "the post changed meanwhile; please try again"}
		}
	}
	for u := range states {
		if !now[u] {
			renamed = append(renamed, u)
		}
	}
	return was, renamed, nil
}
