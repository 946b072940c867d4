package tintype_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/tintype/tintype/internal/tintype"
)

func TestBox(t *testing.T) {
	t.Parallel()
	fiji := tintype.Box{West: 177, South: -19, East: -179, North: -15} // across the antimeridian
	for _, tt := range []struct {
		box      tintype.Box
		lat, lng float64
		want     bool
	}{
		{fiji, -17.5, 180, true},
		{fiji, -17.5, -180, true},
		{fiji, -17.5, 178, true},
		{fiji, -15, -179, true},
		{fiji, -17.5, -178.9, false},
		{fiji, -17.5, 0, false},
		{fiji, -20, 180, false},
		{tintype.Box{West: -1, South: -1, East: 1, North: 1}, 0, 0, true},
		{tintype.Box{West: -1, South: -1, East: 1, North: 1}, 0, 180, false},
	} {
		if got := tt.box.Contains(tt.lat, tt.lng); got != tt.want {
			t.Errorf("%+v has %v,%v: %v", tt.box, tt.lat, tt.lng, got)
		}
		if err := tt.box.Check(); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []tintype.Box{{South: 1}, {West: 181}, {East: math.NaN()}, {North: math.Inf(1)}, {South: -91}} {
		if bad.Check() == nil {
			t.Errorf("%+v is good", bad)
		}
	}
}

// TestClusters holds what every clustering keeps: each point is in one cluster, with the newest post, inside its bounds.
func TestClusters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.SliceOf(rapid.Custom(func(t *rapid.T) tintype.MapPoint {
			return tintype.MapPoint{Post: tintype.ID(rapid.IntRange(1, 1e9).Draw(t, "post")),
				Latitude: rapid.Float64Range(-90, 90).Draw(t, "lat"), Longitude: rapid.Float64Range(-180, 180).Draw(t, "lng")}
		})).Draw(t, "points")
		zoom := rapid.IntRange(-1, tintype.MaxZoom+1).Draw(t, "zoom")
		all, last := 0, len(points)+1
		for _, c := range tintype.Clusters(points, zoom) {
			if c.Count > last || c.Count < 1 {
				t.Fatalf("a cluster of %d after one of %d", c.Count, last)
			}
			all, last = all+c.Count, c.Count
			if !c.Box.Contains(c.Latitude, c.Longitude) {
				t.Fatalf("%+v is outside its box", c)
			}
			newest := tintype.ID(0)
			for _, p := range points {
				if p.Post == c.Post && c.Box.Contains(p.Latitude, p.Longitude) {
					newest = p.Post
				}
			}
			if newest == 0 {
				t.Fatalf("the post of %+v is not in it", c)
			}
		}
		if all != len(points) {
			t.Fatalf("%d points of %d are in clusters", all, len(points))
		}
	})
	near := []tintype.MapPoint{{1, 52.5, 13.4}, {3, 52.51, 13.41}, {2, -33.9, 151.2}}
	if got := tintype.Clusters(near, 2); len(got) != 2 || got[0].Count != 2 || got[0].Post != 3 || got[1].Post != 2 {
		t.Errorf("far away: %+v", got)
	}
	if got := tintype.Clusters(near, 15); len(got) != 3 {
		t.Errorf("close: %+v", got)
	}
}
