package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

type placedMedia struct {
	ID       string
	Location *struct {
		ID                  int64
		Name                string
		Latitude, Longitude *float64
	}
	Distance *float64
}

// TestPlaces follows posts through the pages of places and searches near a point: when published,
// edited and deleted, for followers and for strangers of a private user.
func TestPlaces(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada, ben, eve := s.user("ada", false), s.user("ben", false), s.user("eve", true)
		asAda, asBen, asEve := s.session(ada), s.session(ben), s.session(eve)
		s.want(200, asBen, "POST", "/v1/users/"+eve.ID.String()+"/relationship", map[string]any{"action": "follow"})
		s.settle()
		s.want(200, asEve, "POST", "/v1/users/"+ben.ID.String()+"/relationship", map[string]any{"action": "approve"})
		at := func(c credential, name string, l map[string]any) (m placedMedia) {
			t.Helper()
			s.want(200, c, "PATCH", "/v1/media/"+s.post(c, name, 1).ID, map[string]any{"location": l}).into(t, &m)
			return m
		}
		list := func(c credential, path string) (ids []string) {
			t.Helper()
			var media []placedMedia
			s.want(200, c, "GET", path, nil).into(t, &media)
			for _, m := range media {
				ids = append(ids, m.ID)
			}
			return ids
		}
		is := func(what string, got []string, want ...string) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		type place struct {
			ID, Name string
			Media    int `json:"media_count"`
		}
		find := func(query string) (out []place) {
			t.Helper()
			s.want(200, nobody, "GET", "/v1/locations/search?"+query, nil).into(t, &out)
			return out
		}

		zoo := at(asAda, "one", map[string]any{"name": "Café Zoo", "latitude": 52.5, "longitude": 13.4})
		if zoo.Location.ID < 1 || zoo.Location.ID >= 1<<53 {
			t.Fatalf("a named place has the number %d", zoo.Location.ID)
		}
		id := fmt.Sprint(zoo.Location.ID)
		berlin := at(asAda, "two", map[string]any{"id": "2950159"})
		if berlin.Location.Name != "Berlin" || berlin.Location.Latitude != nil {
			t.Errorf("a place of the world: %+v", berlin.Location)
		}
		rough := at(asAda, "three", map[string]any{"latitude": 52.50123, "longitude": 13.40321, "approximate": true})
		if lat, lng := *rough.Location.Latitude, *rough.Location.Longitude; lat == 52.50123 || tintype.Distance(lat, lng, 52.50123, 13.40321) > 1000 {
			t.Errorf("an approximate point is %v,%v", lat, lng)
		}
		hidden := at(asEve, "mine", map[string]any{"id": id, "latitude": 52.501, "longitude": 13.401})
		lair := at(asEve, "lair", map[string]any{"name": "Lair of Eve", "latitude": -17.5, "longitude": 180})
		s.settle()

		recent, near := "/v1/locations/"+id+"/media/recent", "/v1/media/search?lat=52.5001&lng=13.4001"
		is("strangers at the zoo", list(nobody, recent), zoo.ID)
		is("followers at the zoo", list(asBen, recent), hidden.ID, zoo.ID)
		is("strangers near it", list(nobody, near), rough.ID, zoo.ID)
		is("followers near it", list(asBen, near), hidden.ID, rough.ID, zoo.ID)
		is("very near", list(asBen, near+"&distance=50"), zoo.ID)
		is("a page of two", list(asBen, near+"&count=2"), hidden.ID, rough.ID)
		is("long ago", list(asBen, near+"&max_timestamp=1262304000"))
		is("in Berlin", list(nobody, "/v1/locations/2950159/media/recent"), berlin.ID)
		is("beyond the antimeridian", list(asBen, "/v1/media/search?lat=-17.5&lng=-179.999"), lair.ID)
		var one []placedMedia
		s.want(200, nobody, "GET", near+"&distance=50", nil).into(t, &one)
		if d := one[0].Distance; d == nil || *d < 10 || *d > 20 {
			t.Errorf("the distance is %v", d)
		}

		var p place
		s.want(200, nobody, "GET", "/v1/locations/"+id, nil).into(t, &p)
		if p != (place{id, "Café Zoo", 1}) {
			t.Errorf("the zoo is %+v", p)
		}
		found := find("lat=52.5&lng=13.4&distance=5000")
		if len(found) < 2 || found[0].ID != id || !slices.ContainsFunc(found, func(p place) bool { return p.ID == "2950159" }) {
			t.Errorf("near the zoo: %+v", found)
		}
		if got := find("q=" + url.QueryEscape("CAFE z")); len(got) != 1 || got[0].ID != id {
			t.Errorf("by name: %+v", got)
		}
		// What only a private user's post names is nobody else's business.
		lairID := fmt.Sprint(lair.Location.ID)
		if got := find("lat=-17.5&lng=180"); len(got) != 0 {
			t.Errorf("near the lair: %+v", got)
		}
		if got := find("q=lair"); slices.ContainsFunc(got, func(p place) bool { return p.ID == lairID }) {
			t.Errorf("the lair by name: %+v", got)
		}
		s.want(400, nobody, "GET", "/v1/locations/"+lairID, nil)
		s.want(200, asBen, "GET", "/v1/locations/"+lairID, nil)

		// Moved, hidden, shown, deleted.
		s.want(200, asAda, "PATCH", "/v1/media/"+zoo.ID, map[string]any{"location": map[string]any{"id": 2950159, "latitude": 0, "longitude": 0}})
		s.settle()
		is("after it moved", list(nobody, recent))
		is("near where it was", list(nobody, near), rough.ID)
		is("near where it is", list(nobody, "/v1/media/search?lat=0&lng=0.001"), zoo.ID)
		is("in Berlin", list(nobody, "/v1/locations/2950159/media/recent"), berlin.ID, zoo.ID)
		s.want(200, asEve, "PATCH", "/v1/users/self", map[string]any{"is_private": false})
		s.settle()
		if got := find("q=lair"); !slices.ContainsFunc(got, func(p place) bool { return p.ID == lairID }) {
			t.Errorf("after Eve went public, the lair by name: %+v", got)
		}
		s.want(200, asAda, "DELETE", "/v1/media/"+berlin.ID, nil)
		s.settle()
		is("after one was deleted", list(nobody, "/v1/locations/2950159/media/recent"), zoo.ID)
		s.want(200, nobody, "GET", "/v1/locations/2950159", nil).into(t, &p)
		if p.Media != 1 {
			t.Errorf("Berlin counts %d posts", p.Media)
		}
		for _, bad := range []string{"lat=91&lng=0", "lat=NaN&lng=0", "lat=0&lng=-180.1", "lat=0", "lat=0&lng=0&distance=-1", "lat=0&lng=0&min_timestamp=1000&max_timestamp=1000000"} {
			s.want(400, nobody, "GET", "/v1/media/search?"+bad, nil)
		}
		s.want(400, asAda, "PATCH", "/v1/media/"+zoo.ID, map[string]any{"location": map[string]any{"id": 3}})
		s.want(400, nobody, "GET", "/v1/locations/3", nil)
	})
}

// TestNearbyAgainstAll holds searches near points against a look at every post.
func TestNearbyAgainstAll(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	asAda := s.session(s.user("ada", false))
	r := rand.New(rand.NewPCG(4, 2))
	around := func(lat, lng float64) (float64, float64) {
		lat = max(-90, min(90, lat+r.NormFloat64()*.02))
		if lng += r.NormFloat64() * .02; lng > 180 {
			lng -= 360
		}
		return lat, lng
	}
	type post struct {
		id       string
		lat, lng float64
	}
	var all []post
	centres := [][2]float64{{0, 180}, {89.99, 20}, {-89.99, -100}, {52.5, 13.4}}
	for i := range 60 {
		lat, lng := around(centres[i%4][0], centres[i%4][1])
		m := s.post(asAda, "", i)
		s.want(200, asAda, "PATCH", "/v1/media/"+m.ID, map[string]any{"location": map[string]any{"latitude": lat, "longitude": lng}})
		all = append(all, post{m.ID, lat, lng})
	}
	s.settle()
	slices.Reverse(all)
	seen := 0
	for i := range 80 {
		lat, lng := around(centres[i%4][0], centres[i%4][1])
		metres := float64(r.IntN(5000))
		var want, got []string
		for _, p := range all {
			if tintype.Distance(lat, lng, p.lat, p.lng) <= metres {
				want = append(want, p.id)
			}
		}
		var media []placedMedia
		s.want(200, nobody, "GET", fmt.Sprintf("/v1/media/search?count=60&lat=%v&lng=%v&distance=%v", lat, lng, metres), nil).into(t, &media)
		for _, m := range media {
			got = append(got, m.ID)
		}
		if seen += len(want); !slices.Equal(got, want) {
			t.Errorf("%v m around %v,%v: %v, want %v", metres, lat, lng, got, want)
		}
	}
	if seen < 20 {
		t.Errorf("only %d posts were found in all", seen)
	}
}
