package tintype

import (
	"cmp"
	"math"
	"slices"
)

// Box is a part of the map, in degrees, its edges included. One whose West is greater than its East reaches
// across the antimeridian.
type Box struct{ West, South, East, North float64 }

// Contains tells whether a point is in the box.
func (b Box) Contains(lat, lng float64) bool {
	if lat < b.South || lat > b.North {
		return false
	}
	if b.West > b.East {
		return lng >= b.West || lng <= b.East
	}
	return lng >= b.West && lng <= b.East
}

// Check gives an error for what is no part of the map.
func (b Box) Check() error {
	good := func(v, most float64) bool { return v >= -most && v <= most } // not so for what is no number
	if !good(b.West, 180) || !good(b.East, 180) || !good(b.South, 90) || !good(b.North, 90) || b.South > b.North {
		return FieldError("bounds", "bounds are west,south,east,north, in degrees")
	}
	return nil
}

// MapPoint is where a post is on a map.
type MapPoint struct {
	Post      ID
	Latitude  float64
	Longitude float64
}

// Cluster is posts that are close together on a map at some zoom.
type Cluster struct {
	Post      ID // the newest of them
	Count     int
	Latitude  float64 // the mean of them
	Longitude float64
	Box       Box // that they are all in
}

// MappedPost is a cluster and the newest of its posts.
type MappedPost struct {
	Post    *Post
	Cluster Cluster
}

// MaxZoom is how far a map is zoomed in at most. At zoom z the world is 256·2^z pixels wide.
const MaxZoom = 18

// clusterPixels is how wide the squares are of which each has one cluster: those of
// thumbnails (56 pixels) and some air.
const clusterPixels = 76

// Clusters puts points together that are in the same square of a grid that depends on the zoom alone,
// so that they stay together while a map is moved. The largest clusters come first.
func Clusters(points []MapPoint, zoom int) []Cluster {
	type square struct{ x, y int }
	cells := math.Exp2(float64(min(max(zoom, 0), MaxZoom))) * 256 / clusterPixels
	at := map[square]int{}
	var out []Cluster
	for _, p := range points {
		x, y := mercator(p.Latitude, p.Longitude)
		s := square{int(x * cells), int(y * cells)}
		i, ok := at[s]
		if !ok {
			i = len(out)
			at[s] = i
			out = append(out, Cluster{Post: p.Post, Box: Box{West: 180, South: 90, East: -180, North: -90}})
		}
		c := &out[i]
		c.Post, c.Count = max(c.Post, p.Post), c.Count+1
		c.Latitude += p.Latitude
		c.Longitude += p.Longitude
		c.Box = Box{West: min(c.Box.West, p.Longitude), South: min(c.Box.South, p.Latitude), East: max(c.Box.East, p.Longitude), North: max(c.Box.North, p.Latitude)}
	}
	for i := range out {
		c := &out[i]
		// The mean of what is the same may lie beside it by a rounding.
		c.Latitude = min(max(c.Latitude/float64(c.Count), c.Box.South), c.Box.North)
		c.Longitude = min(max(c.Longitude/float64(c.Count), c.Box.West), c.Box.East)
	}
	slices.SortFunc(out, func(a, b Cluster) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Post, a.Post)) })
	return out
}

// mercator is where a point is in the square of the web's maps, from 0 to 1 (EPSG:3857). What is nearer to a pole
// than they reach is at their edge.
func mercator(lat, lng float64) (x, y float64) {
	const edge = 85.0511287798066
	s := math.Sin(min(max(lat, -edge), edge) * math.Pi / 180)
	return (lng + 180) / 360, 0.5 - math.Log((1+s)/(1-s))/(4*math.Pi)
}
