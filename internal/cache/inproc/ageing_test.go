package inproc_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/cache/inproc"
	"github.com/tintype/tintype/internal/tintype"
)

// TestAgeing: what is half-way to being too old is loaded along with what has to
// be, and is still given where its home cannot be asked.
func TestAgeing(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	p := f.process(t, "")
	near := inproc.NewNear(inproc.NearConfig[int64]{Max: 100, Drops: p.drops, Kinds: []cache.Kind{cache.KindUser}})
	keys := []cache.Key{{Kind: cache.KindUser, A: 1}, {Kind: cache.KindUser, A: 2}, {Kind: cache.KindUser, A: 3}}
	down, gone := map[tintype.ID]bool{}, map[tintype.ID]bool{}
	value := int64(0) // counts the loads
	steps := []struct {
		name    string
		later   time.Duration
		drop    []cache.Key
		down    tintype.ID
		gone    tintype.ID
		loads   []tintype.ID
		want    []int64
		found   []bool
		partial bool
	}{
		{name: "cold", loads: []tintype.ID{1, 2, 3}, want: []int64{1, 1, 1}, found: []bool{true, true, true}},
		{name: "young ones stay", later: 10 * time.Second, drop: keys[:1], loads: []tintype.ID{1}, want: []int64{2, 1, 1}, found: []bool{true, true, true}},
		{name: "ageing ones alone cause no load", later: 25 * time.Second, want: []int64{2, 1, 1}, found: []bool{true, true, true}},
		{name: "ageing ones come along", drop: keys[:1], loads: []tintype.ID{1, 2, 3}, want: []int64{3, 3, 3}, found: []bool{true, true, true}},
		{name: "so they are not too old later", later: 29 * time.Second, want: []int64{3, 3, 3}, found: []bool{true, true, true}},
		{name: "one whose home is down is still given", later: 5 * time.Second, drop: keys[:1], down: 2, loads: []tintype.ID{1, 2, 3},
			want: []int64{4, 3, 4}, found: []bool{true, true, true}, partial: true},
		{name: "one that is gone is not", later: 31 * time.Second, drop: keys[:1], gone: 3, loads: []tintype.ID{1, 2, 3},
			want: []int64{5, 5, 0}, found: []bool{true, true, false}},
	}
	for _, s := range steps {
		f.clock.ahead.Add(int64(s.later))
		clear(down)
		clear(gone)
		down[s.down], gone[s.gone] = true, true
		until(t, "the bus is whole", p.bus.Whole)
		if err := near.Drop(t.Context(), s.drop...); err != nil {
			t.Fatal(err)
		}
		var loads []tintype.ID
		got, found, err := near.Fetch(t.Context(), keys, func(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
			value++
			partial := false
			for _, k := range missing {
				loads = append(loads, k.A)
				switch {
				case down[k.A]:
					partial = true
				case !gone[k.A]:
					set(k, value)
				}
			}
			if partial {
				return &tintype.Error{Kind: tintype.Unavailable, Msg: "a database is down", Partial: true}
			}
			return nil
		})
		slices.Sort(loads)
		if tintype.IsPartial(err) != s.partial || err != nil && !s.partial {
			t.Errorf("%s: error %v", s.name, err)
		}
		if diff := cmp.Diff(s.loads, loads) + cmp.Diff(s.want, got) + cmp.Diff(s.found, found); diff != "" {
			t.Errorf("%s: -want +got:\n%s", s.name, diff)
		}
	}
}
