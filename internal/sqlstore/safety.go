package sqlstore

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// Safety keeps what users set against others, each on their own side: the others' sides know nothing of it.
type Safety struct{ R Router }

var (
	stmtMute = &Stmt{Name: "safety.mute", SQL: `
		INSERT INTO {s}mutes (user_id, target_id, op, activity) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, target_id) DO UPDATE SET activity = excluded.activity`}
	stmtUnmute    = &Stmt{Name: "safety.unmute", SQL: `DELETE FROM {s}mutes WHERE user_id = $1 AND target_id = $2`}
	stmtMuteCount = &Stmt{Name: "safety.mute_count", SQL: `SELECT count(*) FROM {s}mutes WHERE user_id = $1 AND target_id <> $2`}
	// Whom the user muted, after 0 if words cover posts.
	stmtMuteList = &Stmt{Name: "safety.mute_list", SQL: `
		SELECT target_id FROM {s}mutes WHERE user_id = $1
		UNION ALL SELECT 0 FROM {s}hidden_words WHERE user_id = $1 AND covers = 1`}
	stmtMutes = &Stmt{Name: "safety.mutes", SQL: `
		SELECT target_id, op FROM {s}mutes WHERE user_id = $1 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}

	stmtRestrict = &Stmt{Name: "safety.restrict", SQL: `
		INSERT INTO {s}restricts (user_id, target_id, op) VALUES ($1, $2, $3) ON CONFLICT (user_id, target_id) DO NOTHING`}
	stmtUnrestrict    = &Stmt{Name: "safety.unrestrict", SQL: `DELETE FROM {s}restricts WHERE user_id = $1 AND target_id = $2`}
	stmtRestrictCount = &Stmt{Name: "safety.restrict_count", SQL: `SELECT count(*) FROM {s}restricts WHERE user_id = $1 AND target_id <> $2`}
	stmtRestricts     = &Stmt{Name: "safety.restricts", SQL: `
		SELECT target_id, op FROM {s}restricts WHERE user_id = $1 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	stmtRestricted = &Stmt{Name: "safety.restricted", SQL: `SELECT count(*) FROM {s}restricts WHERE user_id = $1 AND target_id = $2`}

	stmtStance = &Stmt{Name: "safety.stance", SQL: `
		SELECT coalesce((SELECT 1 + activity FROM {s}mutes WHERE user_id = $1 AND target_id = $2), 0),
			(SELECT count(*) FROM {s}restricts WHERE user_id = $1 AND target_id = $2)`}

	stmtWordsSet = &Stmt{Name: "safety.set_words", SQL: `
		INSERT INTO {s}hidden_words (user_id, words, covers) VALUES ($1, $2, $3)
		ON CONFLICT (user_id) DO UPDATE SET words = excluded.words, covers = excluded.covers`}
	stmtWordsGet = &Stmt{Name: "safety.words", SQL: `SELECT words, covers FROM {s}hidden_words WHERE user_id = $1`}

	stmtCommentersSet = &Stmt{Name: "safety.set_commenters", SQL: `UPDATE {s}users SET commenters = $1 WHERE id = $2`}
)

// Mute has me not hear of other; activity: nor of what other does to me. Invalid beyond limit of them.
func (s Safety) Mute(ctx context.Context, me, other tintype.ID, activity bool, limit int) error {
	return s.put(ctx, me, other, limit, stmtMuteCount, stmtMute, activity)
}

// Unmute takes a mute back.
func (s Safety) Unmute(ctx context.Context, me, other tintype.ID) error {
	return s.exec(ctx, me, stmtUnmute, me, other)
}

// Restrict has other's comments held for me. Invalid beyond limit of them.
func (s Safety) Restrict(ctx context.Context, me, other tintype.ID, limit int) error {
	return s.put(ctx, me, other, limit, stmtRestrictCount, stmtRestrict)
}

// Unrestrict takes that back; what is held stays so until me decides.
func (s Safety) Unrestrict(ctx context.Context, me, other tintype.ID) error {
	return s.exec(ctx, me, stmtUnrestrict, me, other)
}

func (s Safety) put(ctx context.Context, me, other tintype.ID, limit int, count, write *Stmt, more ...any) error {
	return s.R.Home(me.Shard()).Write(ctx, func(tx *Tx) error {
		var n int
		if _, err := tx.QueryRow(ctx, count, []any{&n}, me, other); err != nil {
			return err
		}
		if n >= limit {
			return tintype.Errorf(tintype.Invalid, "that can be done to at most %d people", limit)
		}
		op, err := tx.NextID(ctx, me.Shard())
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, write, append([]any{me, other, op}, more...)...)
		return err
	})
}

func (s Safety) exec(ctx context.Context, me tintype.ID, stmt *Stmt, args ...any) error {
	return s.R.Home(me.Shard()).Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmt, args...)
		return err
	})
}

// MuteList gives, sorted, whom me muted, and 0 if posts with hidden words are covered for me.
func (s Safety) MuteList(ctx context.Context, me tintype.ID) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(me.Shard()).Query(ctx, stmtMuteList, scanIDs(&ids), me)
	slices.Sort(ids)
	return ids, err
}

// Mutes lists whom me muted, the latest first, with the op of each, by which pages are cut.
func (s Safety) Mutes(ctx context.Context, me tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error) {
	return Graph(s).page(ctx, stmtMutes, me, page)
}

// Restricts lists whom me restricted in the same way.
func (s Safety) Restricts(ctx context.Context, me tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error) {
	return Graph(s).page(ctx, stmtRestricts, me, page)
}

// Stance gives what me set between me and other.
func (s Safety) Stance(ctx context.Context, me, other tintype.ID) (tintype.Stance, error) {
	var mute, restrict int
	_, err := s.R.Home(me.Shard()).QueryRow(ctx, stmtStance, []any{&mute, &restrict}, me, other)
	return tintype.Stance{Muted: mute > 0, MutedActivity: mute > 1, Restricted: restrict > 0}, err
}

// SetHiddenWords replaces me's words.
func (s Safety) SetHiddenWords(ctx context.Context, me tintype.ID, w tintype.HiddenWords) error {
	if w.Words == nil {
		w.Words = []string{}
	}
	list, _ := json.Marshal(w.Words) // strings always marshal
	return s.exec(ctx, me, stmtWordsSet, me, string(list), w.Covers)
}

// HiddenWords gives me's words.
func (s Safety) HiddenWords(ctx context.Context, me tintype.ID) (w tintype.HiddenWords, err error) {
	var list string
	found, err := s.R.Home(me.Shard()).QueryRow(ctx, stmtWordsGet, []any{&list, &w.Covers}, me)
	if err == nil && found {
		err = json.Unmarshal([]byte(list), &w.Words)
	}
	return w, err
}

// SetCommenters sets who may comment on those posts of me's that do not say so themselves.
func (s Safety) SetCommenters(ctx context.Context, me tintype.ID, who tintype.Commenters) error {
	return s.exec(ctx, me, stmtCommentersSet, who, me)
}
