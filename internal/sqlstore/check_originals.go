package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

var stmtOriginals = &Stmt{Name: "check.originals", SQL: `
	SELECT post_id, position, original_key, original_bytes, original_sha256
	FROM {s}media WHERE (post_id, position) > ($1, $2) ORDER BY post_id, position LIMIT $3`}

// Original is a picture's file as it was uploaded.
type Original struct {
	Post     tintype.ID
	Position int
	Key      string
	Bytes    int64
	SHA256   []byte
}

// Originals calls each for every original that rows name, from all homes, a
// page of rows at a time. Published ones only: an upload is looked at when it comes.
func (c Checks) Originals(ctx context.Context, each func(page []Original) error) error {
	ctx = Patiently(ctx)
	const limit = 500
	for _, h := range c.R.Homes() {
		for post, position := tintype.ID(0), -1; ; {
			var page []Original
			err := h.Query(ctx, stmtOriginals, func(scan Scan) error {
				var o Original
				if err := scan(&o.Post, &o.Position, &o.Key, &o.Bytes, &o.SHA256); err != nil {
					return err
				}
				page = append(page, o)
				return nil
			}, post, position, limit)
			if err != nil {
				return err
			}
			if len(page) > 0 {
				if err := each(page); err != nil {
					return err
				}
				post, position = page[len(page)-1].Post, page[len(page)-1].Position
			}
			if len(page) < limit {
				break
			}
		}
	}
	return nil
}
