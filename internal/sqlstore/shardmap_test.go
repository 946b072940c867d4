package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestShardMap(t *testing.T) {
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		m := sqlstore.ShardMap{R: r}
		before, err := m.All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		made := time.UnixMicro(1_700_000_000_000_000).UTC()
		rows := []sqlstore.ShardRow{{Shard: 77, Database: "a", Created: made}, {Shard: 78, Database: "b", Created: made, Closed: true}}
		if err := m.Add(ctx, rows); err != nil {
			t.Fatal(err)
		}
		if err := m.Add(ctx, append([]sqlstore.ShardRow{{Shard: 76, Database: "a"}}, rows...)); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("Add of shards that are there: %v, want Conflict", err)
		}
		if err := m.Move(ctx, 77, "b", "c"); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("Move of a shard that is elsewhere: %v, want Conflict", err)
		}
		if err := m.Move(ctx, 77, "a", "c"); err != nil {
			t.Fatal(err)
		}
		if err := m.SetClosed(ctx, "b", false); err != nil {
			t.Fatal(err)
		}
		if err := m.SetClosed(ctx, "c", true); err != nil {
			t.Fatal(err)
		}
		if err := m.SetClosed(ctx, "nowhere", true); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("SetClosed of an unknown database: %v, want NotFound", err)
		}
		after, err := m.All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got []sqlstore.ShardRow
		for _, row := range after {
			if row.Shard == 76 || row.Shard == 77 || row.Shard == 78 {
				got = append(got, row)
			}
		}
		want := []sqlstore.ShardRow{{Shard: 77, Database: "c", Created: made, Closed: true}, {Shard: 78, Database: "b", Created: made}}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if len(after) != len(before)+2 {
			t.Errorf("%d rows, want %d", len(after), len(before)+2)
		}
	})
}

// The two engines share one text of nearly every statement.
func TestOverrideBudget(t *testing.T) {
	t.Parallel()
	const budget = 15
	n := 0
	seen := map[string]bool{}
	for _, c := range storetest.Cells() {
		if seen[c.Engine] {
			continue
		}
		seen[c.Engine] = true
		n += len(c.Open(t, time.Now).Directory().DB.Dialect.Overrides)
	}
	if n > budget {
		t.Errorf("%d statements have a text of their own on an engine, more than %d: make the portable text work", n, budget)
	}
}
