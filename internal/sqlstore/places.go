package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// Places keeps the places that members named, in the directory.
type Places struct {
	R     Router
	Clock tintype.Clock
}

var (
	stmtPlaceAdd = &Stmt{Name: "places.add", SQL: `
		INSERT INTO {s}places (id, name, name_key, latitude, longitude, created, cell) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`}
	stmtPlaceGet = &Stmt{Name: "places.get", SQL: `SELECT id, name, latitude, longitude FROM {s}places WHERE id = $1`}
	// The limits bound the work where a cell, or the beginning of a name, has very many.
	stmtPlacesIn = &Stmt{Name: "places.in_cells", SQL: `
		SELECT id, name, latitude, longitude FROM {s}places WHERE cell {in $1} ORDER BY id LIMIT $2`}
	stmtPlacesNamed = &Stmt{Name: "places.named", SQL: `
		SELECT id, name, latitude, longitude FROM {s}places WHERE name_key >= $1 AND name_key < $2 ORDER BY name_key, id LIMIT $3`}
)

// AddPlace writes a place, with its folded name and its cell, unless it is there.
func (s Places) AddPlace(ctx context.Context, p tintype.Place, key string, cell tintype.ID) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtPlaceAdd, p.ID, p.Name, key, p.Latitude, p.Longitude, s.Clock(), cell)
		return err
	})
}

// Place gives a place that a member named; nil if there is none.
func (s Places) Place(ctx context.Context, id tintype.ID) (*tintype.Place, error) {
	var p tintype.Place
	found, err := s.R.Directory().QueryRow(ctx, stmtPlaceGet, []any{&p.ID, &p.Name, &p.Latitude, &p.Longitude}, id)
	if err != nil || !found {
		return nil, err
	}
	return &p, nil
}

// PlacesIn gives up to n places in the cells, in no meaningful order.
func (s Places) PlacesIn(ctx context.Context, cells []tintype.ID, n int) ([]tintype.Place, error) {
	var out []tintype.Place
	err := s.R.Directory().Old(ctx, 0).Query(ctx, stmtPlacesIn, scanPlaces(&out), cells, n)
	return out, err
}

// PlacesNamed gives up to n places whose folded names begin with prefix, by name.
func (s Places) PlacesNamed(ctx context.Context, prefix string, n int) ([]tintype.Place, error) {
	var out []tintype.Place
	err := s.R.Directory().Old(ctx, 0).Query(ctx, stmtPlacesNamed, scanPlaces(&out), prefix, prefix+afterAll, n)
	return out, err
}

func scanPlaces(out *[]tintype.Place) func(Scan) error {
	return func(scan Scan) error {
		var p tintype.Place
		err := scan(&p.ID, &p.Name, &p.Latitude, &p.Longitude)
		*out = append(*out, p)
		return err
	}
}
