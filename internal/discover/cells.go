package discover

import (
	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"

	"github.com/tintype/tintype/internal/tintype"
)

// Map cells are S2 cells of two levels, so that a circle of any size that may be asked
// for lies in few of them: those of 12 are about 2 km wide, those of 10 about 8 km
// (https://s2geometry.io/resources/s2cell_statistics).
const (
	smallCell  = 12
	largeCell  = 10
	smallReach = 1_500 // metres; what is wider is looked for in large cells
)

// cellsOf gives the keys of the timelines that a post taken at a point is in.
func cellsOf(lat, lng float64) []string {
	leaf := s2.CellIDFromLatLng(s2.LatLngFromDegrees(lat, lng))
	return []string{cellKey(leaf.Parent(smallCell)), cellKey(leaf.Parent(largeCell))}
}

// cellsAround gives the keys of timelines that have every post within metres of a point.
func cellsAround(lat, lng, metres float64) []string {
	level := largeCell
	if metres <= smallReach {
		level = smallCell
	}
	var keys []string
	for _, id := range cover(lat, lng, metres, level) {
		keys = append(keys, cellKey(id))
	}
	return keys
}

// cover gives the cells of a level that touch a circle. It is drawn a little wider, for
// what rounding takes away; the distance of each post decides.
func cover(lat, lng, metres float64, level int) []s2.CellID {
	centre := s2.PointFromLatLng(s2.LatLngFromDegrees(lat, lng))
	circle := s2.CapFromCenterAngle(centre, s1.Angle((metres*1.001+1)/6371010))
	return s2.SimpleRegionCovering(circle, centre, level)
}

func cellKey(id s2.CellID) string { return "cell:" + id.ToToken() }

// placeCell is the cell by which the directory finds places near a point.
func placeCell(lat, lng float64) tintype.ID {
	return tintype.ID(s2.CellIDFromLatLng(s2.LatLngFromDegrees(lat, lng)).Parent(smallCell))
}
