package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/app"
)

type mappedMedia struct {
	ID       string
	Location struct {
		OnMap *bool `json:"on_map"`
	}
	Cluster struct {
		Count               int
		Latitude, Longitude float64
		Bounds              []float64
	}
}

// TestMaps follows posts over photo maps and the map of a place: for everybody and for followers of a private user; near the antimeridian; when they are
// kept off the map; and when the map is closed.
func TestMaps(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada, ben, eve := s.user("ada", false), s.user("ben", false), s.user("eve", true)
		asAda, asBen, asEve := s.session(ada), s.session(ben), s.session(eve)
		s.want(200, asBen, "POST", "/v1/users/"+eve.ID.String()+"/relationship", map[string]any{"action": "follow"})
		s.settle()
		s.want(200, asEve, "POST", "/v1/users/"+ben.ID.String()+"/relationship", map[string]any{"action": "approve"})
		at := func(c credential, name string, l map[string]any) string {
			t.Helper()
			id := s.post(c, name, 1).ID
			s.want(200, c, "PATCH", "/v1/media/"+id, map[string]any{"location": l})
			return id
		}
		zoo := map[string]any{"name": "Zoo", "latitude": 52.5, "longitude": 13.4}
		one, two := at(asAda, "one", zoo), at(asAda, "two", map[string]any{"latitude": 52.501, "longitude": 13.402})
		fiji := at(asAda, "three", map[string]any{"latitude": -17.5, "longitude": 179.9})
		at(asAda, "no point", map[string]any{"name": "Somewhere"})
		off := at(asAda, "off", map[string]any{"latitude": 0, "longitude": 0, "on_map": false})
		mine := at(asEve, "mine", zoo)
		s.settle()

		look := func(c credential, path string) (out []mappedMedia) {
			t.Helper()
			s.want(200, c, "GET", path, nil).into(t, &out)
			return out
		}
		is := func(what string, c credential, path string, want ...string) {
			t.Helper()
			var got []string
			for _, m := range look(c, path) {
				got = append(got, fmt.Sprintf("%s×%d", m.ID, m.Cluster.Count))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		maps, media := "/v1/users/"+ada.ID.String()+"/map", "/v1/users/"+ada.ID.String()+"/map/media"

		// Nobody asked for a map yet.
		s.want(400, nobody, "GET", maps, nil)
		s.want(400, asAda, "GET", maps, nil)
		s.want(400, asAda, "GET", media, nil)
		var u struct {
			HasMap bool `json:"has_map"`
		}
		s.want(200, asAda, "PATCH", "/v1/users/self", map[string]any{"has_map": true}).into(t, &u)
		s.want(200, asEve, "PATCH", "/v1/users/self", map[string]any{"has_map": true})
		if !u.HasMap {
			t.Error("there is no map after it was asked for")
		}
		is("the world", nobody, maps+"?zoom=2", two+"×2", fiji+"×1")
		is("close", nobody, maps+"?zoom=17&bounds=13,52,14,53", two+"×1", one+"×1")
		is("around the antimeridian", nobody, maps+"?zoom=5&bounds=170,-30,-170,0", fiji+"×1")
		is("west of it", nobody, maps+"?zoom=5&bounds=-180,-30,-170,0")
		is("the list", nobody, media+"?bounds=13,52,14,53", two+"×0", one+"×0")
		is("a page of the list", nobody, media+"?count=1&max_id="+fiji, two+"×0")
		if c := look(nobody, maps+"?zoom=2")[0].Cluster; c.Latitude != 52.5005 || !slices.Equal(c.Bounds, []float64{13.4, 52.5, 13.402, 52.501}) {
			t.Errorf("the cluster is %+v", c)
		}
		for _, bad := range []string{"bounds=1,2,3", "bounds=1,2,3,x", "bounds=0,1,0,0", "bounds=-181,0,0,0", "bounds=NaN,0,0,0", "zoom=x"} {
			s.want(400, nobody, "GET", maps+"?"+bad, nil)
		}

		// A private user's is for followers.
		eves := "/v1/users/" + eve.ID.String() + "/map"
		s.want(400, nobody, "GET", eves, nil)
		s.want(400, asAda, "GET", eves+"/media", nil)
		is("for a follower", asBen, eves, mine+"×1")
		s.want(200, asEve, "POST", "/v1/users/"+ben.ID.String()+"/relationship", map[string]any{"action": "block"})
		s.settle()
		s.want(400, asBen, "GET", eves, nil)
		s.want(400, asBen, "GET", eves+"/media", nil)

		// A place's map has what the viewer may see.
		var p placedMedia
		s.want(200, asAda, "GET", "/v1/media/"+one, nil).into(t, &p)
		place := fmt.Sprintf("/v1/locations/%d/map?zoom=12", p.Location.ID)
		is("the place", nobody, place, one+"×1")
		is("the place, for who is there too", asEve, place, mine+"×2")
		is("elsewhere at the place", nobody, place+"&bounds=0,0,1,1")
		s.want(400, nobody, "GET", "/v1/locations/3/map", nil)

		// The owner puts one on the map, takes one off, takes a point back, and closes the map.
		if m := look(asAda, "/v1/users/self/media/recent")[0]; m.ID != off || m.Location.OnMap == nil || *m.Location.OnMap {
			t.Errorf("the one off the map is %+v", m)
		}
		s.want(200, asAda, "PATCH", "/v1/media/"+off, map[string]any{"location": map[string]any{"latitude": 0, "longitude": 0}})
		s.want(200, asAda, "PATCH", "/v1/media/"+fiji, map[string]any{"location": map[string]any{"latitude": -17.5, "longitude": 179.9, "on_map": false}})
		s.want(200, asAda, "PATCH", "/v1/media/"+one, map[string]any{"location": map[string]any{"name": "Zoo"}})
		is("after edits", nobody, maps+"?zoom=2", off+"×1", two+"×1")
		s.want(200, asAda, "DELETE", "/v1/media/"+off, nil)
		is("after one was deleted", nobody, maps+"?zoom=2", two+"×1")
		s.want(200, asAda, "PATCH", "/v1/users/self", map[string]any{"has_map": false})
		for _, c := range []credential{nobody, asBen, asAda} {
			s.want(400, c, "GET", maps, nil)
			s.want(400, c, "GET", media, nil)
		}

		var towns []struct{ Name, Country string }
		s.want(200, nobody, "GET", "/v1/map/towns?bounds=5,47,15,55&count=2", nil).into(t, &towns)
		if len(towns) != 2 || towns[0].Name != "Berlin" || towns[0].Country != "DE" {
			t.Errorf("towns: %+v", towns)
		}
	})
}

// TestTiles has a page ask somebody else for tiles only where an operator says so.
func TestTiles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, origin string
		config       app.Config
	}{
		{"none", "", app.Config{}},
		{"tiles", "https://tiles.example:8443", app.Config{MapTiles: "https://tiles.example:8443/a/{z}/{x}/{y}.png", MapAttribution: "© Example"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "sqlite", tt.config)
			var site struct {
				Map *struct{ Tiles, Attribution string }
			}
			s.want(200, nobody, "GET", "/v1/site", nil).into(t, &site)
			csp := s.ask(nobody, "GET", "/nearby", nil).header.Get("Content-Security-Policy")
			images, _, _ := strings.Cut(csp[strings.Index(csp, "img-src"):], ";")
			if tt.origin == "" {
				if site.Map != nil || strings.Contains(images, "http") {
					t.Errorf("the site says %+v, pages %q", site.Map, images)
				}
				return
			}
			if site.Map == nil || site.Map.Tiles != tt.config.MapTiles || site.Map.Attribution != tt.config.MapAttribution || !strings.HasSuffix(images, " "+tt.origin) {
				t.Errorf("the site says %+v, pages %q", site.Map, images)
			}
		})
	}
}
