package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// locationJSON is a place as API v1 has it: unlike in media, its ID is a string.
type locationJSON struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Latitude   float64 `json:"latitude"`
	Longitude  float64 `json:"longitude"`
	Country    string  `json:"country,omitempty"`
	MediaCount *int64  `json:"media_count,omitempty"`
}

func placeOut(p *tintype.Place) locationJSON {
	return locationJSON{ID: p.ID.String(), Name: p.Name, Latitude: p.Latitude, Longitude: p.Longitude, Country: p.Country}
}

// Bounds of searches near a point.
const (
	defaultDistance = 1000 // metres
	maxDistance     = 5000
	defaultSpan     = 5 * 24 * time.Hour
	maxSpan         = 7 * 24 * time.Hour
)

func (a *API) getPlace(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p, err := a.cfg.Places.Place(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	out := placeOut(p)
	out.MediaCount = &p.Media
	return c.json(http.StatusOK, out)
}

func (a *API) listPlaceMedia(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	page, err := c.timedPage()
	if err != nil {
		return err
	}
	posts, next, err := a.cfg.Places.Posts(c.r.Context(), c.viewer(), id, page)
	if err != nil {
		return err
	}
	return a.postList(c, posts, "max_id", next)
}

func (a *API) searchPlaces(c *call) error {
	n, err := c.count(maxMediaCount)
	if err != nil {
		return err
	}
	q, err := c.param("q")
	if err != nil {
		return err
	}
	for _, name := range [...]string{"foursquare_v2_id", "foursquare_id", "facebook_places_id"} {
		id, err := c.param(name)
		if err != nil {
			return err
		}
		if id != "" { // this site knows no other site's numbers
			return c.json(http.StatusOK, []locationJSON{})
		}
	}
	var places []tintype.Place
	if q != "" {
		places, err = a.cfg.Places.Search(c.r.Context(), q, n)
	} else {
		var lat, lng, metres float64
		if lat, lng, metres, err = c.point(); err != nil {
			return err
		}
		places, err = a.cfg.Places.Near(c.r.Context(), lat, lng, metres, n)
	}
	if err != nil {
		return err
	}
	out := make([]locationJSON, len(places))
	for i := range places {
		out[i] = placeOut(&places[i])
	}
	return c.json(http.StatusOK, out)
}

func (a *API) searchMedia(c *call) error {
	lat, lng, metres, err := c.point()
	if err != nil {
		return err
	}
	page, err := c.span(a.cfg.Clock())
	if err != nil {
		return err
	}
	if page.Count, err = c.count(maxMediaCount); err != nil {
		return err
	}
	near, err := a.cfg.Places.Nearby(c.r.Context(), c.viewer(), lat, lng, metres, page)
	if err != nil {
		return err
	}
	posts := make([]*tintype.Post, len(near))
	for i, n := range near {
		posts[i] = n.Post
	}
	return a.postListWith(c, posts, func(b []byte, i int) []byte {
		b = append(b, `,"distance":`...)
		return strconv.AppendFloat(b, near[i].Distance, 'f', 3, 64)
	}, func(b []byte) error { return c.close(http.StatusOK, b) })
}

// point reads lat, lng and distance, in metres. More than the greatest distance is that, as with counts.
func (c *call) point() (lat, lng, metres float64, err error) {
	for _, p := range [...]struct {
		name string
		to   *float64
	}{{"lat", &lat}, {"lng", &lng}, {"distance", &metres}} {
		s, err := c.param(p.name)
		if err != nil {
			return 0, 0, 0, err
		}
		if s == "" && p.name == "distance" {
			metres = defaultDistance
			continue
		}
		if *p.to, err = strconv.ParseFloat(s, 64); err != nil {
			return 0, 0, 0, tintype.FieldError(p.name, "%s must be a number", p.name)
		}
	}
	return lat, lng, min(metres, maxDistance), nil
}

// span reads min_timestamp and max_timestamp, in epoch seconds, both inclusive: five days up to
// now if neither is there, five from the one that is there, and seven at most.
func (c *call) span(now time.Time) (p tintype.Page, err error) {
	from, to, err := c.timestamps()
	switch {
	case err != nil:
		return p, err
	case from.IsZero() && to.IsZero():
		from, to = now.Add(-defaultSpan), now
	case from.IsZero():
		from = to.Add(-defaultSpan)
	case to.IsZero():
		to = from.Add(defaultSpan)
	case to.Before(from):
		return p, tintype.FieldError("min_timestamp", "min_timestamp must not be above max_timestamp")
	case to.Sub(from) > maxSpan:
		return p, tintype.FieldError("min_timestamp", "there may be at most seven days between min_timestamp and max_timestamp")
	}
	p.Min = max(tintype.FirstIDAt(from)-1, 0)
	p.Max = max(tintype.FirstIDAt(to.Add(time.Second)), 1)
	return p, nil
}
