package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
)

func TestIntegrityOfADamagedFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "tintype.db")
	open := func() (*sqlstore.DB, sqlstore.Checks) {
		db, err := sqlite.Open(ctx, sqlite.Options{Path: path, Name: "main", Clock: time.Now, Directory: true})
		if err != nil {
			t.Fatal(err)
		}
		return db, sqlstore.Checks{R: shard.New(db, shard.Range{DB: db, Shards: shard.All()}), Clock: time.Now}
	}
	db, checks := open()
	if found, err := checks.Integrity(ctx); err != nil || len(found) != 0 {
		t.Fatalf("a new file: %v, %v", found, err)
	}
	var page int64
	if err := db.WritePool().QueryRow("SELECT rootpage FROM sqlite_master WHERE name = 'idempotency_created'").Scan(&page); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4096), (page-1)*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	db, checks = open()
	defer db.Close()
	found, err := checks.Integrity(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 || found[0].Check != "integrity" || found[0].Do == "" {
		t.Errorf("a page of zeros is not noticed: %+v", found)
	}
}
