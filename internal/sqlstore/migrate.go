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

// Step is one migration.
type Step struct {
	Number int
	Name   string
	Text   string
}

// Steps reads the numbered files of dir (0001_first.sql, …), ascending.
func Steps(dir fs.FS) ([]Step, error) {
	files, err := fs.Glob(dir, "*.sql")
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, name := range files {
		n, err := strconv.Atoi(name[:min(4, len(name))])
		if err != nil {
			return nil, fmt.Errorf("migration %s does not begin with a number of four digits", name)
		}
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, Step{n, name, string(text)})
	}
	slices.SortFunc(steps, func(a, b Step) int { return cmp.Compare(a.Number, b.Number) })
	return steps, nil
}

// Newer gives the steps above number have, which table is at, and refuses a
// schema that is newer than this program.
func Newer(steps []Step, table string, have int) ([]Step, error) {
	if len(steps) > 0 && have > steps[len(steps)-1].Number {
		return nil, &tintype.Error{Kind: tintype.Internal, Msg: fmt.Sprintf("the database was made by a newer version of tintype (%s is at %d, this program knows %d): please upgrade the program", table, have, steps[len(steps)-1].Number)}
	}
	i := 0
	for i < len(steps) && steps[i].Number <= have {
		i++
	}
	return steps[i:], nil
}

// Migrate brings one schema up to the newest of the files in dir, each in a
// transaction of its own that also records its number in table, which Migrate
// creates. replace is applied to each file. A database that is newer than this
// program is refused.
func Migrate(ctx context.Context, db *sql.DB, dir fs.FS, table string, replace *strings.Replacer) error {
	if _, err := db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+table+" (number BIGINT NOT NULL PRIMARY KEY)"); err != nil {
		return err
	}
	var have int
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM "+table).Scan(&have); err != nil {
		return err
	}
	steps, err := Steps(dir)
	if err == nil {
		steps, err = Newer(steps, table, have)
	}
	if err != nil {
		return err
	}
	for _, s := range steps {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, replace.Replace(s.Text))
		if err == nil {
			_, err = tx.ExecContext(ctx, "INSERT INTO "+table+" (number) VALUES ("+strconv.Itoa(s.Number)+")")
		}
		if err != nil {
			tx.Rollback()
			return fmt.Errorf("migration %s: %w", s.Name, err)
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}
