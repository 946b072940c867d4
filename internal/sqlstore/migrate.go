package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// Migrate brings one schema up to the newest of the numbered files in dir
// (0001_first.sql, …), each in a transaction of its own that also records its
// number in table, which Migrate creates. replace is applied to each file. A
// database that is newer than this program is refused.
func Migrate(ctx context.Context, db *sql.DB, dir fs.FS, table string, replace *strings.Replacer) error {
	if _, err := db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+table+" (number BIGINT NOT NULL PRIMARY KEY)"); err != nil {
		return err
	}
	var have int
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM "+table).Scan(&have); err != nil {
		return err
	}
	files, err := fs.Glob(dir, "*.sql")
	if err != nil {
		return err
	}
	type step struct {
		number int
		name   string
	}
	var steps []step
	for _, name := range files {
		n, err := strconv.Atoi(name[:min(4, len(name))])
		if err != nil {
			return fmt.Errorf("migration %s does not begin with a number of four digits", name)
		}
		steps = append(steps, step{n, name})
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.number, b.number) })
	if len(steps) > 0 && have > steps[len(steps)-1].number {
		return &tintype.Error{Kind: tintype.Internal, Msg: fmt.Sprintf("the database was made by a newer version of tintype (%s is at %d, this program knows %d): please upgrade the program", table, have, steps[len(steps)-1].number)}
	}
	for _, s := range steps {
		if s.number <= have {
			continue
		}
		text, err := fs.ReadFile(dir, s.name)
		if err != nil {
			return err
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, replace.Replace(string(text)))
		if err == nil {
			_, err = tx.ExecContext(ctx, "INSERT INTO "+table+" (number) VALUES ("+strconv.Itoa(s.number)+")")
		}
		if err != nil {
			tx.Rollback()
			return fmt.Errorf("migration %s: %w", s.name, err)
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}
