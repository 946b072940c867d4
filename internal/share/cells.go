package share

import (
	"fmt"
	"math"
)

// The map is divided into rows of latitude, and each row into cells about as
// wide as the rows are high, so that a circle of 5 km touches a dozen at most,
// anywhere on Earth. Rows and cells only narrow a search; distance decides.
const (
	rowDegrees  = 0.05 // 5.6 km
	rows        = 3600 // 180 / rowDegrees
	earthRadius = 6371008.8
	maxRadius   = 5000
)

// cellsOf is how many cells a row has.
func cellsOf(row int) int {
	middle := (float64(row)+0.5)*rowDegrees - 90
	return max(1, int(2*rows*math.Cos(radians(middle))))
}

func rowOf(lat float64) int { return min(max(int(math.Floor((lat+90)/rowDegrees)), 0), rows-1) }

// columnOf is the cell of a longitude in a row of n, not yet brought into 0…n-1.
func columnOf(lng float64, n int) int { return int(math.Floor((lng + 180) / 360 * float64(n))) }

// cellKey is the key of the cell of a point.
func cellKey(lat, lng float64) string {
	row := rowOf(lat)
	n := cellsOf(row)
	return key(row, columnOf(lng, n), n)
}

func key(row, column, n int) string {
	return fmt.Sprintf("cell:%d:%d", row, ((column%n)+n)%n)
}

// circleKeys are the keys of all cells that a circle touches.
func circleKeys(lat, lng float64, radius int) []string {
	d := float64(radius)/earthRadius + 1e-9 // as an angle, a little more against rounding
	degrees := d * 180 / math.Pi
	width := 180.0 // half of the span of longitudes; all of them if a pole is inside
	if math.Abs(lat)+degrees < 90 {
		width = math.Asin(math.Min(1, math.Sin(d)/math.Cos(radians(lat)))) * 180 / math.Pi
	}
	var out []string
	for row := rowOf(lat - degrees); row <= rowOf(lat+degrees); row++ {
		n := cellsOf(row)
		first, last := columnOf(lng-width, n), columnOf(lng+width, n)
		last = min(last, first+n-1)
		for c := first; c <= last; c++ {
			out = append(out, key(row, c, n))
		}
	}
	return out
}

func radians(d float64) float64 { return d * math.Pi / 180 }
