package sqlstore

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	// What a home has minted up to, in milliseconds of an ID. On SQLite the mark is the file's.
	stmtCheckMinted = &Stmt{Name: "check.minted", SQL: `SELECT millis - 1262304000000 FROM {s}id_mark`}
	// The newest IDs are at the ends of their keys.
	stmtCheckNewestIDs = &Stmt{Name: "check.newest_ids", SQL: `
		SELECT (SELECT coalesce(max(id), 0) FROM {s}users), (SELECT coalesce(max(id), 0) FROM {s}posts), (SELECT coalesce(max(id), 0) FROM {s}uploads)`}
)

// maxAhead is how far a server's clock may have been ahead.
const maxAhead = 24 * time.Hour

// pageIDs: whatever is minted next is above all that is there, so that no ID
// comes twice and new is sorted after old. It is one row for each home.
func (c Checks) pageIDs(ctx context.Context, h Home, _ tintype.CheckKey, _ int) (checkRows, error) {
	var p checkRows
	newest, err := newestID(ctx, h)
	if err != nil || newest == 0 {
		return p, err
	}
	p.rows = 1
	// Read after the rows: it only grows.
	var minted int64
	if _, err := h.QueryRow(ctx, stmtCheckMinted, []any{&minted}); err != nil {
		return p, err
	}
	switch now := c.Clock(); {
	case newest.UnixMillis()-tintype.EpochMillis > minted:
		p.mendable(oneKey(0), "the newest ID here is %v, of %s, but IDs are minted from %s on: they would come twice", newest,
			newest.Time().Format(time.RFC3339), time.UnixMilli(minted+tintype.EpochMillis).UTC().Format(time.RFC3339))
	case newest.Time().After(now.Add(maxAhead)):
		p.tell(oneKey(0), "set the clocks of the database servers right; what was published meanwhile stays at the top until then",
			"the newest ID here is %v, of %s, which is yet to come", newest, newest.Time().Format(time.RFC3339))
	}
	p.more = false
	return p, nil
}

func newestID(ctx context.Context, h Home) (tintype.ID, error) {
	var users, posts, uploads tintype.ID
	_, err := h.QueryRow(ctx, stmtCheckNewestIDs, []any{&users, &posts, &uploads})
	return max(users, posts, uploads), err
}

// mendIDs makes later IDs later than those that are there.
func (c Checks) mendIDs(ctx context.Context, h Home, _ tintype.CheckKey) (tintype.Mended, error) {
	newest, err := newestID(ctx, h)
	if err != nil || newest == 0 {
		return tintype.Mended{}, err
	}
	return tintype.Mended{}, h.Advance(ctx, h.Shard, newest.UnixMillis())
}
