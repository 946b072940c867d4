package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// Originals names every published picture's file once, over more rows than a post has.
func TestOriginals(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		want := map[string]int64{}
		for _, n := range []int{1, 3} {
			p := &tintype.Post{UserID: addUser(t, r, r.Pick(), fmt.Sprintf("u%d", n), false)}
			if _, err := publish(t, r, p, n, tintype.Once{UserID: p.UserID}); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				want[fmt.Sprintf("%v/%d", p.ID, i)] = 1234
			}
		}
		got := map[string]int64{}
		if err := (sqlstore.Checks{R: r, Clock: time.Now}).Originals(t.Context(), func(page []sqlstore.Original) error {
			for _, o := range page {
				got[fmt.Sprintf("%v/%d", o.Post, o.Position)] += o.Bytes
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
