package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// maxTowns is how many towns a map is labelled with at most.
const maxTowns = 60

func (a *API) getUserMap(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	box, zoom, err := c.view()
	if err != nil {
		return err
	}
	found, err := a.cfg.Maps.Map(c.r.Context(), c.viewer(), id, box, zoom)
	if err != nil {
		return err
	}
	return a.clusters(c, found)
}

func (a *API) listUserMapMedia(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	box, err := c.bounds()
	if err != nil {
		return err
	}
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	posts, next, err := a.cfg.Maps.MapPosts(c.r.Context(), c.viewer(), id, box, page)
	if err != nil {
		return err
	}
	return a.postList(c, posts, "max_id", next)
}

func (a *API) getPlaceMap(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	box, zoom, err := c.view()
	if err != nil {
		return err
	}
	found, err := a.cfg.Places.Map(c.r.Context(), c.viewer(), id, box, zoom)
	if err != nil {
		return err
	}
	return a.clusters(c, found)
}

func (a *API) listTowns(c *call) error {
	box, err := c.bounds()
	if err != nil {
		return err
	}
	n, err := c.count(maxTowns)
	if err != nil {
		return err
	}
	towns := a.cfg.Towns.Largest(box, n)
	out := make([]locationJSON, len(towns))
	for i := range towns {
		out[i] = placeOut(&towns[i])
	}
	return c.json(http.StatusOK, out)
}

// clusters answers with the newest post of each cluster, and in it the cluster.
func (a *API) clusters(c *call, found []tintype.MappedPost) error {
	posts := make([]*tintype.Post, len(found))
	for i, f := range found {
		posts[i] = f.Post
	}
	return a.postListWith(c, posts, func(b []byte, i int) []byte {
		m := &found[i].Cluster
		number := func(before string, v float64) { b = strconv.AppendFloat(append(b, before...), v, 'f', -1, 64) }
		b = strconv.AppendInt(append(b, `,"cluster":{"count":`...), int64(m.Count), 10)
		number(`,"latitude":`, m.Latitude)
		number(`,"longitude":`, m.Longitude)
		number(`,"bounds":[`, m.Box.West)
		number(`,`, m.Box.South)
		number(`,`, m.Box.East)
		number(`,`, m.Box.North)
		return append(b, `]}`...)
	}, func(b []byte) error { return c.close(http.StatusOK, b) })
}

// view reads the part of a map that is looked at.
func (c *call) view() (box tintype.Box, zoom int, err error) {
	if box, err = c.bounds(); err != nil {
		return box, 0, err
	}
	zoom, err = c.number("zoom")
	return box, min(zoom, tintype.MaxZoom), err
}

// bounds reads west,south,east,north, in degrees; without them it is the whole world.
func (c *call) bounds() (tintype.Box, error) {
	s, err := c.param("bounds")
	if err != nil || s == "" {
		return tintype.Box{West: -180, South: -90, East: 180, North: 90}, err
	}
	var v [4]float64
	parts := strings.Split(s, ",")
	for i, p := range parts {
		if len(parts) != len(v) {
			break
		}
		if v[i], err = strconv.ParseFloat(p, 64); err != nil {
			break
		}
	}
	if len(parts) != len(v) || err != nil {
		return tintype.Box{}, tintype.FieldError("bounds", "bounds are west,south,east,north, in degrees")
	}
	box := tintype.Box{West: v[0], South: v[1], East: v[2], North: v[3]}
	return box, box.Check()
}
