package sqlstore_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m, ".")) }

func TestMintedIDs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		var mu sync.Mutex
		seen := map[tintype.ID]bool{}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				var last tintype.ID
				s := r.Pick()
				h := r.Home(s)
				for range 20 {
					if err := h.Write(ctx, func(tx *sqlstore.Tx) error {
						for range 50 {
							id, err := tx.NextID(ctx, s)
							if err != nil {
								return err
							}
							if id <= last || id.Shard() != s {
								return fmt.Errorf("ID %v of shard %d after %v on shard %d", id, id.Shard(), last, s)
							}
							last = id
							mu.Lock()
							dup := seen[id]
							seen[id] = true
							mu.Unlock()
							if dup {
								return fmt.Errorf("ID %v twice", id)
							}
						}
						return nil
					}); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

// columns of both engines must be the same, whatever their types.
func TestCatalogues(t *testing.T) {
	t.Parallel()
	read := func(engine, set string) map[string]string {
		text, err := os.ReadFile(engine + "/migrations/" + set + "/0001_first.sql")
		if err != nil {
			t.Fatal(err)
		}
		tables := map[string]string{}
		table := ""
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if rest, ok := strings.CutPrefix(line, "CREATE TABLE "); ok {
				table = strings.TrimPrefix(strings.Fields(rest)[0], "{s}")
			} else if strings.HasPrefix(line, ")") {
				table = ""
			} else if table != "" && table != "id_mark" {
				null := "NULL"
				if strings.Contains(line, "NOT NULL") || strings.Contains(line, "PRIMARY KEY") {
					null = "NOT NULL"
				}
				tables[table] += strings.Fields(line)[0] + " " + null + "\n"
			}
		}
		return tables
	}
	for _, set := range []string{"directory", "shard"} {
		lite, pg := read("sqlite", set), read("postgres", set)
		for name, columns := range lite {
			if pg[name] != columns {
				t.Errorf("%s.%s differs:\nsqlite:\n%spostgres:\n%s", set, name, columns, pg[name])
			}
		}
		if len(lite) != len(pg) || len(lite) == 0 {
			t.Errorf("%s: %d tables in SQLite, %d in PostgreSQL", set, len(lite), len(pg))
		}
	}
}
