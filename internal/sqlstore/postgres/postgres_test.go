package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/tintype"
)

func TestCollationIsChecked(t *testing.T) {
	t.Parallel()
	o := postgres.Options{Name: "pg", DSN: testpg.Start(t), Directory: true, Shards: []tintype.Shard{0, 7}, Clock: time.Now}
	db, err := postgres.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var icu bool
	if err := db.Direct().QueryRow(t.Context(), "SELECT EXISTS (SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu')").Scan(&icu); err != nil {
		t.Fatal(err)
	}
	other := `"ucs_basic"` // not in the order of a language, but not ours either
	if icu {
		other = `"und-x-icu"`
	}
	if _, err := db.Direct().Exec(t.Context(), "CREATE INDEX users_name ON s0007.users (username COLLATE "+other+")"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = postgres.Open(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "s0007.users_name") || !strings.Contains(err.Error(), `COLLATE "C"`) {
		t.Errorf("with an index in another collation Open gives %v", err)
	}
}

func TestSchemaThatMovedAwayIsNotMade(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), postgres.Options{Name: "pg", DSN: testpg.Start(t), Directory: true, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	schemas := func() (n int) {
		if err := db.Direct().QueryRow(t.Context(), "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 's00%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := db.DB.Upgrade(t.Context(), []tintype.Shard{1, 2}); err != nil || schemas() != 0 {
		t.Errorf("Upgrade of schemas that are not there: %v, %d made", err, schemas())
	}
	if err := db.DB.Materialise(t.Context(), []tintype.Shard{1, 2}); err != nil || schemas() != 2 {
		t.Errorf("Materialise: %v, %d made", err, schemas())
	}
	if err := db.DB.Upgrade(t.Context(), []tintype.Shard{1, 2, 3}); err != nil || schemas() != 2 {
		t.Errorf("Upgrade: %v, %d there", err, schemas())
	}
	// One of a newer program is refused.
	if _, err := db.Direct().Exec(t.Context(), "INSERT INTO s0002.migrations (number) VALUES (9999)"); err != nil {
		t.Fatal(err)
	}
	if err := db.DB.Upgrade(t.Context(), []tintype.Shard{1, 2}); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("Upgrade of a schema that is newer: %v", err)
	}
}

// A move finds the jobs that a shard's writes caused.
func TestJobsNameTheirShard(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), postgres.Options{Name: "pg", DSN: testpg.Start(t), Directory: true, Shards: []tintype.Shard{42}, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	put := func(h sqlstore.Home) {
		if err := h.Write(t.Context(), func(tx *sqlstore.Tx) error {
			tx.Enqueue(job.Insert{Kind: job.IndexUserKind, Item: job.User{ID: 1}})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	put(sqlstore.Home{DB: db.DB, Shard: 42, Schema: postgres.SchemaName(42)})
	put(sqlstore.Home{DB: db.DB, Schema: db.DB.Dialect.DirectorySchema})
	var of, none int
	if err := db.Direct().QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE metadata @> '{"shard": 42}'), count(*) FILTER (WHERE metadata = '{}') FROM river_job`).Scan(&of, &none); err != nil {
		t.Fatal(err)
	}
	if of != 1 || none != 1 {
		t.Errorf("%d jobs of shard 42 and %d of none, want one each", of, none)
	}
}
