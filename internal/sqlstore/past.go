package sqlstore

import (
	"context"
	"errors"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtPastGive = &Stmt{Name: "past.give", SQL: `
		INSERT INTO {s}past_ids (id, given) VALUES ($1, 1)
		ON CONFLICT (id) DO UPDATE SET given = past_ids.given + 1 RETURNING given`}
	stmtPostThere   = &Stmt{Name: "past.there", SQL: `SELECT user_id FROM {s}posts WHERE id = $1`}
	stmtImportState = &Stmt{Name: "past.import", SQL: `SELECT state FROM {s}imports WHERE user_id = $1 AND id = $2 {lock}`}
	stmtImportedGet = &Stmt{Name: "past.imported", SQL: `SELECT post_id FROM {s}imported WHERE user_id = $1 AND key = $2`}
	stmtImportedPut = &Stmt{Name: "past.keep", SQL: `
		INSERT INTO {s}imported (user_id, key, post_id, import_id, taken) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (user_id, key) DO UPDATE SET post_id = excluded.post_id, import_id = excluded.import_id, taken = excluded.taken`}
)

// Past IDs have the upper half of a millisecond's sequence: those minted at the
// time itself begin at 0.
const firstPastSeq = (tintype.MaxSeq + 1) / 2

// tooNew is how old an instant must be for an ID of the past.
const tooNew = time.Minute

// pastID mints an ID of an instant in the past on a logical shard of this home.
// No ID is given twice, not even one whose post was deleted: past_ids counts how
// many a millisecond gave, and is never lowered; when half a millisecond is used
// up, the next one gives. IDs of one instant ascend in the order in which they
// are minted. What is before 2010 gets the first IDs of 2010; what is not past, an ordinary ID.
func (t *Tx) pastID(ctx context.Context, shard tintype.Shard, at, now time.Time) (tintype.ID, error) {
	if at.IsZero() || at.After(now.Add(-tooNew)) {
		return t.NextID(ctx, shard)
	}
	for ms := max(at.UnixMilli(), tintype.EpochMillis); ms < now.Add(-tooNew).UnixMilli(); ms++ {
		for {
			var given int
			if _, err := t.QueryRow(ctx, stmtPastGive, []any{&given}, tintype.MakeID(ms, shard, 0)); err != nil {
				return 0, err
			}
			if given > firstPastSeq {
				break
			}
			id := tintype.MakeID(ms, shard, uint16(firstPastSeq+given-1))
			// A clock that stood still may have minted so many at the time itself.
			var owner tintype.ID
			if taken, err := t.QueryRow(ctx, stmtPostThere, []any{&owner}, id); err != nil || !taken {
				return id, err
			}
		}
	}
	return t.NextID(ctx, shard)
}

// PublishPast writes a post that was published elsewhere at past.Taken, as Publish
// does but that nobody hears of it, and settles the item of the import that it comes from.
// If the user has a post by the same key already, it writes nothing and gives that one's ID. Conflict if the import
// does not run any more (one that was just paused may end its item).
func (s Posts) PublishPast(ctx context.Context, p *tintype.Post, uploads []tintype.ID, sums [][32]byte, past tintype.Past) (former tintype.ID, err error) {
	shard := p.UserID.Shard()
	err = s.R.Home(shard).Write(ctx, func(tx *Tx) error {
		former = 0
		p.Archived, p.Pinned = past.Archived, !past.Archived && !past.Pinned.IsZero()
		var at standing
		at.audience, at.hideLikes = p.Audience, p.HideLikes
		if past.Archived {
			at.archived = s.Clock().UTC().UnixMicro()
		}
		reach := at.reach()
		if n, err := tx.Exec(ctx, stmtPostCount, flag(reach == tintype.ReachEveryone), flag(reach == tintype.ReachFriends), p.UserID); err != nil {
			return err
		} else if n == 0 {
			return &tintype.Error{Kind: tintype.Forbidden, Msg: "this user cannot publish"}
		}
		var state tintype.TaskState
		found, err := tx.QueryRow(ctx, stmtImportState, []any{&state}, p.UserID, past.Import)
		if err != nil {
			return err
		}
		if !found || state != tintype.TaskRunning && state != tintype.TaskPaused {
			return &tintype.Error{Kind: tintype.Conflict, Msg: "this import is over"}
		}
		if former, err = imported(ctx, tx, p.UserID, past.Key); err != nil {
			return err
		} else if former != 0 {
			return errRepeat
		}
		if p.ID, err = tx.pastID(ctx, shard, past.Taken, s.Clock()); err != nil {
			return err
		}
		if err := addPost(ctx, tx, p, uploads, sums); err != nil {
			return err
		}
		if err := placePast(ctx, tx, p, at, past.Pinned); err != nil {
			return err
		}
		if len(p.Tags) > 0 && !past.Archived {
			tx.Enqueue(job.Insert{Kind: job.TagKind, Item: job.Tagging{Post: p.ID, Op: p.ID, Tags: p.Tags, Quiet: true}})
		}
		if _, err := tx.Exec(ctx, stmtImportedPut, p.UserID, past.Key, p.ID, past.Import, past.Taken); err != nil {
			return err
		}
		_, err = settleItem(ctx, tx, p.UserID, past.Import, tintype.ImportItem{N: past.N, State: tintype.ItemDone, PostID: p.ID, Reason: past.Notes.String()}, s.Clock())
		return err
	})
	if former != 0 && errors.Is(err, errRepeat) {
		return former, nil
	}
	return 0, err
}

// placePast sets how a post that was just written stands, in the transaction that wrote it. It is pinned unless others are
// pinned already, as many as may be.
func placePast(ctx context.Context, tx *Tx, p *tintype.Post, at standing, pin time.Time) error {
	if p.Pinned {
		others, _, err := pinned(ctx, tx, p.UserID)
		if err != nil {
			return err
		}
		if p.Pinned = len(others) < tintype.MaxPinned; p.Pinned {
			at.pinned = pin.UTC().UnixMicro()
		}
	}
	if at.archived == 0 && at.pinned == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, stmtPostArrange, at.audience, at.archived, at.pinned, at.hideLikes, p.ID)
	return err
}

// imported gives the post that came of something before, 0 if there is none (any more).
func imported(ctx context.Context, q Querier, user tintype.ID, key string) (tintype.ID, error) {
	var post, owner tintype.ID
	if found, err := q.QueryRow(ctx, stmtImportedGet, []any{&post}, user, key); err != nil || !found {
		return 0, err
	}
	found, err := q.QueryRow(ctx, stmtPostThere, []any{&owner}, post)
	if err != nil || !found || owner != user {
		return 0, err
	}
	return post, nil
}
