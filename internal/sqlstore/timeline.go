package sqlstore

import (
	"context"
	"sync"

	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// Timelines keeps the timelines of one kind, each at its owner's home. It
// implements timeline.Store.
type Timelines struct {
	R     Router
	Clock tintype.Clock
	Kind  timeline.Kind
}

var (
	// Most owners of a page have a timeline; the few that are absent cost one search each.
	stmtTimelineAppend = &Stmt{Name: "timeline.append", SQL: `
		INSERT INTO {s}timeline (kind, owner_id, id)
		SELECT s.kind, s.owner_id, CAST($3 AS BIGINT) FROM {each $2} CROSS JOIN {s}timeline_state s
		WHERE s.kind = $1 AND s.owner_id = e.value
		ON CONFLICT DO NOTHING RETURNING owner_id`}
	stmtTimelineRemove = &Stmt{Name: "timeline.remove", SQL: `
		DELETE FROM {s}timeline WHERE kind = $1 AND owner_id {in $2} AND id = $3`}
	stmtTimelineAdd = &Stmt{Name: "timeline.add", SQL: `
		INSERT INTO {s}timeline (kind, owner_id, id)
		SELECT s.kind, s.owner_id, e.value FROM {each $3} CROSS JOIN {s}timeline_state s
		WHERE s.kind = $1 AND s.owner_id = $2
		ON CONFLICT DO NOTHING`}
	stmtTimelineTake = &Stmt{Name: "timeline.take", SQL: `
		DELETE FROM {s}timeline WHERE kind = $1 AND owner_id = $2 AND id {in $3}`}
	stmtTimelineBuild = &Stmt{Name: "timeline.build", SQL: `
		INSERT INTO {s}timeline_state (kind, owner_id, built) VALUES ($1, $2, $3)
		ON CONFLICT (kind, owner_id) DO UPDATE SET built = excluded.built`}
	stmtTimelineEmpty = &Stmt{Name: "timeline.empty", SQL: `
		DELETE FROM {s}timeline WHERE kind = $1 AND owner_id {in $2}`}
	stmtTimelineForget = &Stmt{Name: "timeline.forget", SQL: `
		DELETE FROM {s}timeline_state WHERE kind = $1 AND owner_id {in $2}`}
	stmtTimelineRange = &Stmt{Name: "timeline.range", SQL: `
		SELECT id FROM {s}timeline WHERE kind = $1 AND owner_id = $2 AND id < $3 AND id > $4 ORDER BY id DESC LIMIT $5`}
	stmtTimelineBuilt = &Stmt{Name: "timeline.built", SQL: `
		SELECT 1 FROM {s}timeline_state WHERE kind = $1 AND owner_id = $2`}
	// The first ID that is one too many, newest first; NULL where there is none.
	stmtTimelineCut = &Stmt{Name: "timeline.cut", SQL: `
		SELECT e.value, (SELECT t.id FROM {s}timeline t WHERE t.kind = $1 AND t.owner_id = e.value ORDER BY t.id DESC LIMIT 1 OFFSET $3)
		FROM {each $2}`}
	stmtTimelineTrim = &Stmt{Name: "timeline.trim", SQL: `
		DELETE FROM {s}timeline WHERE kind = $1 AND owner_id = $2 AND id <= $3`}
)

// appendChunk is how many timelines one transaction appends to: SQLite has one
// writer, and what others want to write meanwhile waits for it.
const appendChunk = 2000

// Append implements timeline.Store.
func (s Timelines) Append(ctx context.Context, owners []tintype.ID, id tintype.ID) ([]tintype.ID, error) {
	added := make([]tintype.ID, 0, len(owners))
	var mu sync.Mutex
	err := eachHome(ctx, ByHome(s.R, owners), func(ctx context.Context, g HomeIDs) error {
		for rest := g.IDs; len(rest) > 0; {
			part := rest[:min(len(rest), appendChunk)]
			rest = rest[len(part):]
			got := make([]tintype.ID, 0, len(part))
			if err := g.Home.Write(ctx, func(tx *Tx) error {
				got = got[:0]
				return tx.Query(ctx, stmtTimelineAppend, scanIDs(&got), s.Kind, part, id)
			}); err != nil {
				return err
			}
			mu.Lock()
			added = append(added, got...)
			mu.Unlock()
		}
		return s.trimSome(ctx, g, id)
	})
	return added, err
}

// trimSome trims those of g's timelines whose turn it is with this ID, one in
// trimEvery: an append stays cheap, and a timeline gets its turn long before it
// holds twice as much as it should.
func (s Timelines) trimSome(ctx context.Context, g HomeIDs, id tintype.ID) error {
	const trimEvery = 64
	var turn []tintype.ID
	for _, o := range g.IDs {
		h := (uint64(o) ^ uint64(id)*0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd
		if (h>>32)%trimEvery == 0 {
			turn = append(turn, o)
		}
	}
	return s.trim(ctx, g.Home, turn)
}

func (s Timelines) trim(ctx context.Context, h Home, owners []tintype.ID) error {
	if len(owners) == 0 {
		return nil
	}
	var who, cuts []tintype.ID
	if err := h.Query(ctx, stmtTimelineCut, func(scan Scan) error {
		var owner, cut tintype.ID
		if err := scan(&owner, &cut); err != nil || cut == 0 {
			return err
		}
		who, cuts = append(who, owner), append(cuts, cut)
		return nil
	}, s.Kind, owners, timeline.Max); err != nil || len(who) == 0 {
		return err
	}
	return h.Write(ctx, func(tx *Tx) error {
		for i, owner := range who {
			if _, err := tx.Exec(ctx, stmtTimelineTrim, s.Kind, owner, cuts[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Remove implements timeline.Store.
func (s Timelines) Remove(ctx context.Context, owners []tintype.ID, id tintype.ID) error {
	return s.each(ctx, owners, func(tx *Tx, part []tintype.ID) error {
		_, err := tx.Exec(ctx, stmtTimelineRemove, s.Kind, part, id)
		return err
	})
}

// each writes in one transaction per home and chunk of owners.
func (s Timelines) each(ctx context.Context, owners []tintype.ID, f func(tx *Tx, part []tintype.ID) error) error {
	return eachHome(ctx, ByHome(s.R, owners), func(ctx context.Context, g HomeIDs) error {
		for rest := g.IDs; len(rest) > 0; {
			part := rest[:min(len(rest), appendChunk)]
			rest = rest[len(part):]
			if err := g.Home.Write(ctx, func(tx *Tx) error { return f(tx, part) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// Merge implements timeline.Store.
func (s Timelines) Merge(ctx context.Context, owner tintype.ID, ids []tintype.ID, remove bool) error {
	if len(ids) == 0 {
		return nil
	}
	h := s.R.Home(owner.Shard())
	stmt := stmtTimelineAdd
	if remove {
		stmt = stmtTimelineTake
	}
	if err := h.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmt, s.Kind, owner, ids)
		return err
	}); err != nil || remove {
		return err
	}
	return s.trim(ctx, h, []tintype.ID{owner})
}

// Replace implements timeline.Store.
func (s Timelines) Replace(ctx context.Context, owner tintype.ID, ids []tintype.ID) error {
	return s.R.Home(owner.Shard()).Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, stmtTimelineBuild, s.Kind, owner, s.Clock()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, stmtTimelineEmpty, s.Kind, []tintype.ID{owner}); err != nil || len(ids) == 0 {
			return err
		}
		_, err := tx.Exec(ctx, stmtTimelineAdd, s.Kind, owner, ids)
		return err
	})
}

// Range implements timeline.Store.
func (s Timelines) Range(ctx context.Context, owner tintype.ID, page tintype.Page) ([]tintype.ID, bool, error) {
	h := s.R.Home(owner.Shard())
	n := min(page.Count, timeline.Max)
	ids := make([]tintype.ID, 0, max(n, 0))
	if err := h.Query(ctx, stmtTimelineRange, scanIDs(&ids), s.Kind, owner, newest(page), page.Min, n); err != nil || len(ids) > 0 {
		return ids, len(ids) > 0, err
	}
	// Only a timeline that is built has IDs, so only nothing is to be told from nothing yet.
	var one int
	built, err := h.QueryRow(ctx, stmtTimelineBuilt, []any{&one}, s.Kind, owner)
	return ids, built, err
}

// Forget implements timeline.Store.
func (s Timelines) Forget(ctx context.Context, owners []tintype.ID) error {
	return s.each(ctx, owners, func(tx *Tx, part []tintype.ID) error {
		if _, err := tx.Exec(ctx, stmtTimelineForget, s.Kind, part); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, stmtTimelineEmpty, s.Kind, part)
		return err
	})
}
