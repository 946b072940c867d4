package shard

import (
	"fmt"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// TestKeyShard: keys go evenly to the shards that a site began with, and stay
// there when shards are added.
func TestKeyShard(t *testing.T) {
	t.Parallel()
	began := time.UnixMicro(1_000_000)
	rows := func(n int, at time.Time) (rows []sqlstore.ShardRow) {
		for _, s := range Spread(n, 1)[0] {
			rows = append(rows, sqlstore.ShardRow{Shard: s, Created: at})
		}
		return rows
	}
	router := func(rows []sqlstore.ShardRow) *Router {
		r := &Router{}
		r.now.Store(&table{keys: KeyShards(rows)})
		return r
	}
	for _, tt := range []struct {
		name  string
		rows  []sqlstore.ShardRow
		count int
	}{
		{name: "a new site", rows: rows(64, began), count: 64},
		{name: "one of all shards", rows: rows(4096, began), count: 64},
		{name: "a small one", rows: rows(4, began), count: 4},
		{name: "of one shard that is not the first", rows: []sqlstore.ShardRow{{Shard: 77, Created: began}}, count: 1},
	} {
		old := router(tt.rows)
		more := tt.rows
		for i := range 200 {
			more = append(more, sqlstore.ShardRow{Shard: tintype.Shard(i*20 + 1), Created: began.Add(time.Hour)})
		}
		more = append(more, rows(16, began.Add(time.Hour))...)
		grown := router(more)
		got := map[tintype.Shard]int{}
		const keys = 64_000
		for i := range keys {
			k := fmt.Sprintf("tag:%d", i)
			s := old.KeyShard(k)
			got[s]++
			if s2 := grown.KeyShard(k); s2 != s {
				t.Fatalf("%s: %s went from %d to %d when shards were added", tt.name, k, s, s2)
			}
		}
		if len(got) != tt.count {
			t.Errorf("%s: keys are on %d shards, want %d", tt.name, len(got), tt.count)
		}
		for s, n := range got {
			if even := keys / tt.count; n < even*7/10 || n > even*13/10 {
				t.Errorf("%s: shard %d has %d of %d keys", tt.name, s, n, keys)
			}
		}
	}
}
