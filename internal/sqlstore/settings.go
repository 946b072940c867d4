package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// Settings keeps the site's settings in the directory.
type Settings struct {
	R Router
}

var (
	stmtSettingOnce = &Stmt{Name: "settings.once", SQL: `
		INSERT INTO {s}settings (name, value, changed_by, changed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO NOTHING`}
	stmtSettingSet = &Stmt{Name: "settings.set", SQL: `
		INSERT INTO {s}settings (name, value, changed_by, changed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by, changed = excluded.changed`}
	stmtSettingUnset = &Stmt{Name: "settings.unset", SQL: `DELETE FROM {s}settings WHERE name = $1`}
	stmtSettingsAll  = &Stmt{Name: "settings.all", SQL: `
		SELECT s.name, s.value, s.changed_by, s.changed, coalesce(c.via, '')
		FROM {s}settings s LEFT JOIN {s}setting_changes c ON c.name = s.name AND c.changed = s.changed ORDER BY s.name`}
	// Of two changes within a microsecond the later is the one.
	stmtSettingChange = &Stmt{Name: "settings.change", SQL: `
		INSERT INTO {s}setting_changes (name, changed, value, changed_by, via) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (name, changed) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by, via = excluded.via`}
	stmtSettingOld = &Stmt{Name: "settings.old", SQL: `
		DELETE FROM {s}setting_changes WHERE name = $1 AND changed <= (
			SELECT c.changed FROM {s}setting_changes c WHERE c.name = $1 ORDER BY c.changed DESC LIMIT 1 OFFSET $2)`}
	stmtSettingChanges = &Stmt{Name: "settings.changes", SQL: `
		SELECT name, value, changed_by, via, changed FROM {s}setting_changes WHERE name = $1 ORDER BY changed DESC LIMIT $2`}
)

// keptChanges is how many changes of each setting are remembered.
const keptChanges = 50

// Settings gives all settings that are set, by name.
func (s Settings) Settings(ctx context.Context) ([]tintype.Setting, error) {
	var out []tintype.Setting
	err := s.R.Directory().Query(ctx, stmtSettingsAll, func(scan Scan) error {
		var v tintype.Setting
		var changed int64
		if err := scan(&v.Name, &v.Value, &v.By, &changed, &v.Via); err != nil {
			return err
		}
		v.Changed = FromMicros(changed)
		out = append(out, v)
		return nil
	})
	return out, err
}

// Set sets settings, or unsets them, all or none, and remembers that it did.
func (s Settings) Set(ctx context.Context, values []tintype.Setting) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		for _, v := range values {
			value := sql.NullString{String: v.Value, Valid: !v.Unset}
			var err error
			if v.Unset {
				_, err = tx.Exec(ctx, stmtSettingUnset, v.Name)
			} else {
				_, err = tx.Exec(ctx, stmtSettingSet, v.Name, v.Value, v.By, v.Changed)
			}
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, stmtSettingChange, v.Name, v.Changed, value, v.By, v.Via); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, stmtSettingOld, v.Name, keptChanges); err != nil {
				return err
			}
		}
		return nil
	})
}

// SettingChanges gives up to n changes of the named settings, the newest first.
// It remembers the last 50 of each.
func (s Settings) SettingChanges(ctx context.Context, names []string, n int) ([]tintype.Setting, error) {
	var out []tintype.Setting
	for _, name := range names {
		if err := s.R.Directory().Query(ctx, stmtSettingChanges, func(scan Scan) error {
			var v tintype.Setting
			var value sql.NullString
			var changed int64
			if err := scan(&v.Name, &value, &v.By, &v.Via, &changed); err != nil {
				return err
			}
			v.Value, v.Unset, v.Changed = value.String, !value.Valid, FromMicros(changed)
			out = append(out, v)
			return nil
		}, name, n); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b tintype.Setting) int {
		return cmp.Or(b.Changed.Compare(a.Changed), cmp.Compare(a.Name, b.Name))
	})
	return out[:min(len(out), n)], nil
}

// SetOnce sets a setting unless it is set: of many at once exactly one does.
func (s Settings) SetOnce(ctx context.Context, v tintype.Setting) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtSettingOnce, v.Name, v.Value, v.By, v.Changed)
		return err
	})
}
