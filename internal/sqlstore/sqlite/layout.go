package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// Layout gives the tables of a site of this version that are carried from one
// home to another, as the catalogue has them after all migrations.
func Layout(ctx context.Context) ([]*sqlstore.Table, error) {
	var all []*sqlstore.Table
	for _, set := range []string{"directory", "shard"} {
		list, err := layoutOf(ctx, set)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func layoutOf(ctx context.Context, set string) ([]*sqlstore.Table, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection has a memory of its own
	dir, err := fs.Sub(migrations, "migrations/"+set)
	if err != nil {
		return nil, err
	}
	if err := sqlstore.Migrate(ctx, db, dir, "migrations_"+set, strings.NewReplacer()); err != nil {
		return nil, err
	}
	names, err := column[string](ctx, db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'migrations_%' AND name <> 'id_mark' ORDER BY name")
	if err != nil {
		return nil, err
	}
	var out []*sqlstore.Table
	for _, name := range names {
		if _, stays := sqlstore.NotCarried()[name]; stays {
			continue
		}
		t, err := tableOf(ctx, db, name, set == "directory")
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func tableOf(ctx context.Context, db *sql.DB, name string, directory bool) (*sqlstore.Table, error) {
	rows, err := db.QueryContext(ctx, "SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid", name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	t := &sqlstore.Table{Name: name, Directory: directory, Home: -1}
	place := map[int]int{} // in the key → column
	for i := 0; rows.Next(); i++ {
		var c sqlstore.Column
		var kind string
		var pk int
		if err := rows.Scan(&c.Name, &kind, &pk); err != nil {
			return nil, err
		}
		switch kind {
		case "INTEGER":
			c.Kind = sqlstore.Int
		case "REAL":
			c.Kind = sqlstore.Real
		case "TEXT":
			c.Kind = sqlstore.Text
		case "BLOB":
			c.Kind = sqlstore.Bytes
		default:
			return nil, fmt.Errorf("column %s.%s is of the unknown type %s", name, c.Name, kind)
		}
		if pk > 0 {
			place[pk] = i
		}
		t.Columns = append(t.Columns, c)
	}
	for k := 1; k <= len(place); k++ {
		t.Key = append(t.Key, place[k])
	}
	if len(t.Key) == 0 {
		return nil, fmt.Errorf("table %s has no primary key", name)
	}
	t.Home = t.Key[0]
	if col, ok := sqlstore.HomeColumns()[name]; ok {
		t.Home = slices.Index(t.Names(), col)
	}
	return t, rows.Err()
}

// checkVersion refuses a file whose tables are not those of this program.
func checkVersion(ctx context.Context, db *sql.DB, tables []*sqlstore.Table) error {
	for _, t := range tables {
		have, err := tableOf(ctx, db, t.Name, t.Directory)
		if err != nil || !slices.Equal(have.Columns, t.Columns) {
			return &tintype.Error{Kind: tintype.Invalid, Msg: "the site was made by another version of tintype: start and stop this version's tintype serve on it once, then try again"}
		}
	}
	return nil
}

// column gives the only column of a query.
func column[T any](ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
