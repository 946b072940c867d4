package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtCheckScored  = &Stmt{Name: "check.scored", SQL: `SELECT id FROM {s}posts WHERE id > $1 ORDER BY id LIMIT $2`}
	stmtCheckPopular = &Stmt{Name: "check.popular", SQL: `SELECT post_id FROM {s}popular WHERE post_id > $1 ORDER BY post_id LIMIT $2`}
)

// scored are the checks of what is popular: that posts have the scores that they should have, and nothing else has one.
func (c Checks) scored() []checker {
	if c.Misscored == nil || c.Rescore == nil {
		return nil
	}
	mend := func(c Checks, ctx context.Context, _ Home, k tintype.CheckKey) (tintype.Mended, error) {
		_, err := c.Rescore(ctx, tintype.ID(k[0]))
		return tintype.Mended{}, err
	}
	return []checker{
		{name: "scores", weight: 10, mend: mend, page: func(c Checks, ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
			return c.pageScores(ctx, h, stmtCheckScored, after, limit)
		}},
		{name: "popular", weight: 1, global: true, mend: mend, page: func(c Checks, ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
			return c.pageScores(ctx, h, stmtCheckPopular, after, limit)
		}},
	}
}

// pageScores: posts, or what has a score, have the scores that follow from what they got from others.
func (c Checks) pageScores(ctx context.Context, h Home, which *Stmt, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var ids []tintype.ID
	if err := h.Query(ctx, which, scanIDs(&ids), afterOne(after), limit); err != nil {
		return p, err
	}
	for _, id := range ids {
		p.saw(oneKey(id))
	}
	for _, g := range ByHome(c.R, ids) {
		wrong, err := c.Misscored(ctx, g.IDs)
		if err != nil && !p.skip(ctx, g.Home, err) {
			return p, err
		}
		for _, id := range wrong {
			p.mendable(oneKey(id), "the score of post %v among the popular ones is not as it should be", id)
		}
	}
	return p, nil
}
