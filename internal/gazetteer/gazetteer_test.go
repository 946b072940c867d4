package gazetteer_test

import (
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tintype/tintype/internal/gazetteer"
	"github.com/tintype/tintype/internal/tintype"
)

func names(places []tintype.Place) (out []string) {
	for _, p := range places {
		out = append(out, p.Name+" "+p.Country)
	}
	return out
}

func TestGazetteer(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	g := gazetteer.New()
	if p, ok := g.Place(2950159); !ok || p.Name != "Berlin" || p.Country != "DE" {
		t.Errorf("2950159 is %+v", p)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("%d bytes of memory", after.HeapAlloc-before.HeapAlloc)
	for _, id := range []tintype.ID{-1, 0, 1, tintype.FirstNamed, 1 << 32} {
		if p, ok := g.Place(id); ok {
			t.Errorf("%v is %+v", id, p)
		}
	}
	if got := names(g.Near(52.52437, 13.41053, 1000, 50)); len(got) == 0 || got[0] != "Berlin DE" {
		t.Errorf("at Berlin: %q", got)
	}
	if got := g.Near(0, -140, 5000, 50); len(got) != 0 {
		t.Errorf("in the Pacific: %q", names(got))
	}
	if got := names(g.Prefix("zür", 1)); !slices.Equal(got, []string{"Zürich CH"}) {
		t.Errorf("zür: %q", got)
	}
	if got := names(g.Prefix("Paris", 3)); len(got) != 3 || got[0] != "Paris FR" {
		t.Errorf("Paris: %q", got)
	}
	if got := g.Prefix("  ", 3); got != nil {
		t.Errorf("nothing: %q", names(got))
	}
}

// TestNear holds the index against a look at every town.
func TestNear(t *testing.T) {
	g := gazetteer.New()
	var all []tintype.Place
	for id := range tintype.ID(13_000_000) {
		if p, ok := g.Place(id); ok {
			all = append(all, p)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		at := all[rapid.IntRange(0, len(all)-1).Draw(t, "town")]
		lat := at.Latitude + rapid.Float64Range(-.05, .05).Draw(t, "north")
		lng := at.Longitude + rapid.Float64Range(-.05, .05).Draw(t, "east")
		metres := rapid.Float64Range(1, 20_000).Draw(t, "metres")
		n := 0
		for _, p := range all {
			if tintype.Distance(lat, lng, p.Latitude, p.Longitude) <= metres {
				n++
			}
		}
		if got := g.Near(lat, lng, metres, len(all)); len(got) != n {
			t.Fatalf("%d towns, want %d", len(got), n)
		}
	})
}
