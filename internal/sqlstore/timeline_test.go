package sqlstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/timeline/timelinetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestTimelines(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		seq := 0
		timelinetest.Run(t, sqlstore.Timelines{R: r, Clock: time.Now, Kind: timeline.Home}, func() tintype.ID {
			seq++
			return tintype.MakeID(1_500_000_000_000+int64(seq), r.Pick(), 0)
		})
	})
}

var benchInsert = &sqlstore.Stmt{Name: "test.bare_append", SQL: `
	INSERT INTO {s}timeline (kind, owner_id, id) SELECT CAST($1 AS BIGINT), e.value, CAST($3 AS BIGINT) FROM {each $2}`}

// BenchmarkAppend compares an append to 10,000 timelines of 100 posts with one
// bare transaction that inserts the same rows.
func BenchmarkAppend(b *testing.B) {
	ctx := context.Background()
	r := storetest.OpenSQLite(b, time.Now)
	s := sqlstore.Timelines{R: r, Clock: time.Now, Kind: timeline.Home}
	owners := make([]tintype.ID, 10_000)
	ids := make([]tintype.ID, 100)
	for i := range ids {
		ids[i] = tintype.MakeID(1_600_000_000_000+int64(i)*1000, r.Pick(), 0)
	}
	for i := range owners {
		owners[i] = tintype.MakeID(1_500_000_000_000+int64(i)*60_000, r.Pick(), 0)
		if err := s.Replace(ctx, owners[i], ids); err != nil {
			b.Fatal(err)
		}
	}
	next := int64(1_700_000_000_000)
	id := func() tintype.ID { next += 1000; return tintype.MakeID(next, 7, 0) }
	b.Run("append", func(b *testing.B) {
		for b.Loop() {
			if added, err := s.Append(ctx, owners, id()); err != nil || len(added) != len(owners) {
				b.Fatal(len(added), err)
			}
		}
		b.ReportMetric(float64(len(owners)*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if err := r.Homes()[0].Write(ctx, func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(ctx, benchInsert, timeline.Home, owners, id())
				return err
			}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(owners)*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
