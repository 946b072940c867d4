package sqlstore

import (
	"context"

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
	stmtSettingsAll = &Stmt{Name: "settings.all", SQL: `
		SELECT name, value, changed_by, changed FROM {s}settings ORDER BY name`}
)

// Settings gives all settings, by name.
func (s Settings) Settings(ctx context.Context) ([]tintype.Setting, error) {
	var out []tintype.Setting
	err := s.R.Directory().Query(ctx, stmtSettingsAll, func(scan Scan) error {
		var v tintype.Setting
		var changed int64
		if err := scan(&v.Name, &v.Value, &v.By, &changed); err != nil {
			return err
		}
		v.Changed = FromMicros(changed)
		out = append(out, v)
		return nil
	})
	return out, err
}

// Set sets settings, all or none.
func (s Settings) Set(ctx context.Context, values []tintype.Setting) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		for _, v := range values {
			if _, err := tx.Exec(ctx, stmtSettingSet, v.Name, v.Value, v.By, v.Changed); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetOnce sets a setting unless it is set: of many at once exactly one does.
func (s Settings) SetOnce(ctx context.Context, v tintype.Setting) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtSettingOnce, v.Name, v.Value, v.By, v.Changed)
		return err
	})
}
