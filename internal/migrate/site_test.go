package migrate_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/migrate"
	"github.com/tintype/tintype/internal/tintype"
)

// config is a fleet on the databases of f, whose files are in a directory.
func (f *fleet) config(files string, shards int) app.Config {
	c := app.Config{Data: files, Fleet: app.Fleet{Shards: shards, Redis: app.Redis{Servers: []string{"127.0.0.1:1"}}}} // nobody is asked there
	for _, d := range f.o.Databases {
		c.Fleet.Databases = append(c.Fleet.Databases, app.Database{Name: d.Name, DSN: d.DSN})
	}
	return c
}

// TestKeys: what is found by another key than a user's is on the same logical shard in
// the new home, however few shards that would begin with.
func TestKeys(t *testing.T) {
	t.Parallel()
	a, dir := laptop(t)
	f := newFleet(t)
	keys := map[string]tintype.Shard{}
	for i := range 100 {
		k := fmt.Sprint("tag:", i)
		keys[k] = a.Backend.Router.KeyShard(k)
	}
	a.Close()
	if _, err := migrate.Sites(t.Context(), app.Config{Data: dir}, f.config(dir, 4), quiet); err != nil {
		t.Fatal(err)
	}
	r := f.router(t)
	for k, want := range keys {
		if got := r.KeyShard(k); got != want {
			t.Errorf("%s is on shard %d, was on %d", k, got, want)
		}
	}
	back := filepath.Join(t.TempDir(), "back")
	if _, err := migrate.Sites(t.Context(), f.config(dir, 4), app.Config{Data: back}, quiet); err != nil {
		t.Errorf("back into a directory: %v", err)
	}

	// A fleet that began with few shards has its keys on these.
	small := newFleet(t)
	small.router(t)
	if _, err := migrate.Sites(t.Context(), small.config(dir, 4), app.Config{Data: back + "2"}, quiet); !tintype.IsKind(err, tintype.Conflict) {
		t.Errorf("a fleet of few shards into a directory: %v, want Conflict", err)
	}
}
