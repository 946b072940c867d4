package sqlite_test

import (
	"slices"
	"testing"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
)

// Every table of the catalogue is carried with a site, or stays behind for a
// reason; and of each that users' shards have it is known which column says on which shard a row is.
func TestLayout(t *testing.T) {
	t.Parallel()
	tables, err := sqlite.Layout(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, table := range tables {
		if names[table.Name] {
			t.Errorf("%s is in both sets: in one file they would be one table", table.Name)
		}
		names[table.Name] = true
		if table.Directory {
			continue
		}
		home := table.Columns[table.Home]
		if home.Kind != sqlstore.Int || !slices.Contains([]string{"id", "user_id", "post_id", "tag_id", "spot_id", "word_id", "album_id"}, home.Name) {
			t.Errorf("rows of %s are carried to the shard of their %s: if that is right say so here, else in sqlstore.HomeColumns", table.Name, home.Name)
		}
		if !slices.Contains(table.Key, table.Home) {
			t.Errorf("%s of %s is not in the key: the home of a deleted row could not be known", home.Name, table.Name)
		}
	}
	for _, want := range []string{"accounts", "credentials", "settings", "users", "posts", "followers", "idempotency"} {
		if !names[want] {
			t.Errorf("%s is not carried", want)
		}
	}
	for name, why := range sqlstore.NotCarried() {
		if names[name] || why == "" {
			t.Errorf("%s should stay behind", name)
		}
	}
}
