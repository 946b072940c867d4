package discover

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tintype/tintype/internal/tintype"
)

// away gives the point that is so many metres from another, in a direction in radians.
func away(lat, lng, metres, dir float64) (float64, float64) {
	const rad = math.Pi / 180
	d := metres / 6371010
	y := math.Asin(math.Sin(lat*rad)*math.Cos(d) + math.Cos(lat*rad)*math.Sin(d)*math.Cos(dir))
	x := lng*rad + math.Atan2(math.Sin(dir)*math.Sin(d)*math.Cos(lat*rad), math.Cos(d)-math.Sin(lat*rad)*math.Sin(y))
	return math.Max(-90, math.Min(90, y/rad)), math.Mod(x/rad+540, 360) - 180
}

// TestCells: whatever lies in a circle anywhere on Earth is in the timelines that are read for it, and these are few.
func TestCells(t *testing.T) {
	t.Parallel()
	most := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		lat := rapid.OneOf(rapid.Float64Range(-90, 90), rapid.SampledFrom([]float64{-90, 90, 0, 89.99, -89.99, 35.26439})).Draw(t, "lat")
		lng := rapid.OneOf(rapid.Float64Range(-180, 180), rapid.SampledFrom([]float64{-180, 180, 0, 179.995, -179.995, 45, 135})).Draw(t, "lng")
		metres := rapid.OneOf(rapid.Float64Range(0, MaxMetres), rapid.SampledFrom([]float64{0, 1000, smallReach, MaxMetres})).Draw(t, "metres")
		keys := cellsAround(lat, lng, metres)
		most[metres <= smallReach] = max(most[metres <= smallReach], len(keys))
		if len(keys) > 12 {
			t.Fatalf("%d timelines", len(keys))
		}
		y, x := away(lat, lng, metres*rapid.Float64Range(0, 1).Draw(t, "part"), rapid.Float64Range(0, 2*math.Pi).Draw(t, "direction"))
		if tintype.Distance(lat, lng, y, x) > metres {
			return
		}
		in := cellsOf(y, x)
		if !slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(in, k) }) {
			t.Fatalf("%v,%v is in %v, which are not among %v", y, x, in, keys)
		}
	})
	t.Logf("at most %d small cells, %d large ones", most[true], most[false])
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lat1, lng1, lat2, lng2, want float64 }{
		{0, 0, 0, 0, 0},
		{0, 179.995, 0, -179.995, 1111.95},
		{89.999, 0, 89.999, 180, 222.39},
		{90, 0, 90, 77, 0},
		{52.52, 13.405, 48.8566, 2.3522, 877464.6},
		{0, 0, 0, 180, 20015118.2},
	} {
		if got := tintype.Distance(c.lat1, c.lng1, c.lat2, c.lng2); math.Abs(got-c.want) > 1+c.want/1e5 {
			t.Errorf("from %v,%v to %v,%v: %v m, want %v", c.lat1, c.lng1, c.lat2, c.lng2, got, c.want)
		}
	}
}

// TestCoarse: the place that is shown is near, the same each time, and one of few.
func TestCoarse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lat, lng := rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lng")
		y, x := tintype.Coarse(lat, lng)
		if d := tintype.Distance(lat, lng, y, x); d > 900 || y < -90 || y > 90 || x < -180 || x > 180 {
			t.Fatalf("%v,%v goes to %v,%v, %v m away", lat, lng, y, x, d)
		}
		if y2, x2 := tintype.Coarse(y, x); tintype.Distance(y, x, y2, x2) > 2 {
			t.Fatalf("%v,%v goes on to %v,%v", y, x, y2, x2)
		}
	})
	a, b := tintype.Coarse(52.5201, 13.4051)
	if c, d := tintype.Coarse(52.5209, 13.4059); a != c || b != d {
		t.Error("two doors of a street are told apart")
	}
}
