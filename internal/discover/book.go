package discover

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/tintype"
)

// Towns is the world's named places. gazetteer.Gazetteer provides it.
type Towns interface {
	Place(id tintype.ID) (tintype.Place, bool)
	// Near gives up to n within metres of a point, the nearest first.
	Near(lat, lng, metres float64, n int) []tintype.Place
	// Prefix gives up to n whose name begins with q, the best known first.
	Prefix(q string, n int) []tintype.Place
}

// Named keeps the places that members named. sqlstore.Places implements it.
type Named interface {
	AddPlace(ctx context.Context, p tintype.Place, key string, cell tintype.ID) error
	// Place gives a place; nil if there is none.
	Place(ctx context.Context, id tintype.ID) (*tintype.Place, error)
	PlacesIn(ctx context.Context, cells []tintype.ID, n int) ([]tintype.Place, error)
	PlacesNamed(ctx context.Context, prefix string, n int) ([]tintype.Place, error)
}

// SpotCounts counts. sqlstore.Spots implements it.
type SpotCounts interface {
	ID(key string) tintype.ID
	// Counts gives how many posts that everybody may see each of the timelines has.
	Counts(ctx context.Context, spots []tintype.ID) ([]int64, error)
}

// Book is the names of places: the world's and those that members give. Make it with NewBook.
type Book struct {
	towns  Towns
	named  Named
	counts SpotCounts
	fold   func(string) string
}

// NewBook makes a Book. fold brings a name to the form by which it is found.
func NewBook(towns Towns, named Named, counts SpotCounts, fold func(string) string) *Book {
	return &Book{towns, named, counts, fold}
}

const (
	// mostFound bounds what one search looks at.
	mostFound = 300
	// MaxMetres is how wide a search may be.
	MaxMetres = 5_000
)

var errNoPlace = &tintype.Error{Kind: tintype.NotFound, Msg: "this place does not exist"}

// Locate makes a location whole: one with a number gets the name of that place; one with a name and
// a point becomes a place that others find, once somebody may see a post that was taken there. Invalid if there is no place with that number.
func (b *Book) Locate(ctx context.Context, l *tintype.Location) (*tintype.Location, error) {
	if l == nil {
		return nil, nil
	}
	out := *l
	if out.ID != 0 {
		p, err := b.place(ctx, out.ID)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return nil, tintype.FieldError("location", "there is no place with this ID")
		}
		out.Name = p.Name
		return &out, nil
	}
	if out.Name == "" || !out.HasPoint {
		return &out, nil
	}
	key, cell := b.key(out.Name), placeCell(out.Latitude, out.Longitude)
	out.ID = tintype.NamedPlace(fmt.Sprintf("%s\n%x", key, uint64(cell)))
	was, err := b.named.Place(ctx, out.ID)
	if err != nil || was != nil {
		return &out, err
	}
	return &out, b.named.AddPlace(ctx, tintype.Place{ID: out.ID, Name: out.Name, Latitude: out.Latitude, Longitude: out.Longitude}, key, cell)
}

// key is the form under which a name is kept; that of a name without letters is itself.
func (b *Book) key(name string) string { return cmp.Or(b.fold(name), strings.ToLower(name)) }

// place gives a place without its count; nil if there is none.
func (b *Book) place(ctx context.Context, id tintype.ID) (*tintype.Place, error) {
	if p, ok := b.towns.Place(id); ok {
		return &p, nil
	}
	if id < tintype.FirstNamed {
		return nil, nil
	}
	return b.named.Place(ctx, id)
}

func (b *Book) spot(place tintype.ID) tintype.ID { return b.counts.ID(tintype.SpotKey(place)) }

// Near gives up to n places within metres (MaxMetres at most) of a point, the nearest first.
func (b *Book) Near(ctx context.Context, lat, lng, metres float64, n int) ([]tintype.Place, error) {
	if err := checkPoint(lat, lng, metres); err != nil {
		return nil, err
	}
	var cells []tintype.ID
	for _, c := range cover(lat, lng, metres, smallCell) {
		cells = append(cells, tintype.ID(c))
	}
	named, err := b.named.PlacesIn(ctx, cells, mostFound)
	if err != nil {
		return nil, err
	}
	away := func(p tintype.Place) float64 { return tintype.Distance(lat, lng, p.Latitude, p.Longitude) }
	named = slices.DeleteFunc(named, func(p tintype.Place) bool { return away(p) > metres })
	if named, err = b.known(ctx, named); err != nil {
		return nil, err
	}
	all := append(named, b.towns.Near(lat, lng, metres, mostFound)...)
	slices.SortStableFunc(all, func(x, y tintype.Place) int { return cmp.Compare(away(x), away(y)) })
	return all[:min(n, len(all))], nil
}

// Search gives up to n places whose names begin with q: those that members named and then the world's, the largest first.
func (b *Book) Search(ctx context.Context, q string, n int) ([]tintype.Place, error) {
	if len(q) > maxTagQuery || !utf8.ValidString(q) {
		return nil, tintype.FieldError("q", "please search for fewer words")
	}
	key := b.key(q)
	if key == "" {
		return nil, nil
	}
	named, err := b.named.PlacesNamed(ctx, key, mostFound)
	if err != nil {
		return nil, err
	}
	if named, err = b.known(ctx, named); err != nil {
		return nil, err
	}
	named = named[:min(len(named), (n+1)/2)]
	return append(named, b.towns.Prefix(q, n-len(named))...), nil
}

// known leaves out what nobody in general knows of: places that only posts of private users name.
func (b *Book) known(ctx context.Context, places []tintype.Place) ([]tintype.Place, error) {
	if len(places) == 0 {
		return nil, nil
	}
	spots := make([]tintype.ID, len(places))
	for i, p := range places {
		spots[i] = b.spot(p.ID)
	}
	counts, err := b.counts.Counts(ctx, spots)
	if err != nil {
		return nil, err
	}
	var out []tintype.Place
	for i, p := range places {
		if p.Media = counts[i]; p.Media > 0 {
			out = append(out, p)
		}
	}
	return out, nil
}

func checkPoint(lat, lng, metres float64) error {
	switch {
	case !(lat >= -90 && lat <= 90):
		return tintype.FieldError("lat", "lat must be from -90 to 90")
	case !(lng >= -180 && lng <= 180):
		return tintype.FieldError("lng", "lng must be from -180 to 180")
	case !(metres >= 0 && metres <= MaxMetres):
		return tintype.FieldError("distance", "distance must be from 0 to %d metres", MaxMetres)
	}
	return nil
}
