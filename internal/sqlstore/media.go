package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/tintype/tintype/internal/tintype"
)

const mediaColumns = `post_id, key, original_key, original_type, original_bytes, width, height, blurhash, alt_text, filter, recipe, camera`

var (
	stmtMediaGet = &Stmt{Name: "media.get", SQL: `
		SELECT ` + mediaColumns + ` FROM {s}media WHERE post_id {in $1} ORDER BY post_id, position`}
	stmtMediaAdd = &Stmt{Name: "media.add", SQL: `
		INSERT INTO {s}media (post_id, position, key, original_key, original_type, original_bytes, original_sha256,
			width, height, blurhash, alt_text, filter, recipe, camera)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`}
	stmtMediaLift = &Stmt{Name: "media.lift", SQL: `
		UPDATE {s}media SET position = position + 1000 WHERE post_id = $1 RETURNING alt_text`}
	stmtMediaPlace = &Stmt{Name: "media.place", SQL: `
		UPDATE {s}media SET position = $1, alt_text = $2 WHERE post_id = $3 AND key = $4`}
	stmtMediaDelete = &Stmt{Name: "media.delete", SQL: `
		DELETE FROM {s}media WHERE post_id = $1 RETURNING key, original_key, alt_text`}
)

func readMedia(ctx context.Context, q Querier, posts []tintype.ID, each func(post tintype.ID, m tintype.Media)) error {
	return q.Query(ctx, stmtMediaGet, func(scan Scan) error {
		var post tintype.ID
		var m tintype.Media
		var recipe, camera *string
		if err := scan(&post, &m.Key, &m.OriginalKey, &m.OriginalType, &m.OriginalBytes, &m.Width, &m.Height,
			&m.Blurhash, &m.AltText, &m.Filter, &recipe, &camera); err != nil {
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
			m.Width, m.Height, m.Blurhash, m.AltText, m.Filter, recipe, camera); err != nil {
			return err
		}
	}
	return nil
}

// placeMedia writes the order and the alternative texts, and gives those that there were, in no certain order.
func placeMedia(ctx context.Context, tx *Tx, post tintype.ID, media []tintype.Media) (was []string, err error) {
	if err := tx.Query(ctx, stmtMediaLift, func(scan Scan) error {
		var alt string
		err := scan(&alt)
		was = append(was, alt)
		return err
	}, post); err != nil {
		return nil, err
	}
	for i, m := range media {
		n, err := tx.Exec(ctx, stmtMediaPlace, i, m.AltText, post, m.Key)
		if err != nil {
			return nil, err
		}
		if n != 1 {
			return nil, &tintype.Error{Kind: tintype.Conflict, Msg: "the post changed meanwhile; please try again"}
		}
	}
	return was, nil
}
