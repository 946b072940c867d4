package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestOnMap(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Posts{R: r, Clock: time.Now}
		me, other := addUser(t, r, r.Pick(), "me", false), addUser(t, r, r.Pick(), "other", false)
		at := func(user tintype.ID, l *tintype.Location) *tintype.Post {
			t.Helper()
			p := &tintype.Post{UserID: user, Location: l}
			if _, err := publish(t, r, p, 1, tintype.Once{}); err != nil {
				t.Fatal(err)
			}
			return p
		}
		point := func(lat, lng float64) *tintype.Location {
			return &tintype.Location{Latitude: lat, Longitude: lng, HasPoint: true}
		}
		fiji, samoa, berlin := at(me, point(-17.5, 178)), at(me, point(-13.75, -172)), at(me, point(52.5, 13.4))
		off := at(me, &tintype.Location{Latitude: 52.5, Longitude: 13.4, HasPoint: true, OffMap: true})
		at(me, &tintype.Location{ID: 2950159, Name: "Berlin"})
		at(me, nil)
		at(other, point(52.5, 13.4))
		is := func(what string, box tintype.Box, page tintype.Page, want ...*tintype.Post) {
			t.Helper()
			got, err := s.OnMap(ctx, me, tintype.AudienceEveryone, box, page)
			var points []tintype.MapPoint
			for _, p := range want {
				points = append(points, tintype.MapPoint{Post: p.ID, Latitude: p.Location.Latitude, Longitude: p.Location.Longitude})
			}
			if diff := cmp.Diff(points, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
			}
		}
		world, all := tintype.Box{West: -180, South: -90, East: 180, North: 90}, tintype.Page{Count: 10}
		is("the world", world, all, berlin, samoa, fiji)
		is("a page", world, tintype.Page{Count: 1, Max: berlin.ID}, samoa)
		is("around the antimeridian", tintype.Box{West: 170, South: -30, East: -170, North: 0}, all, samoa, fiji)
		is("west of it", tintype.Box{West: 170, South: -30, East: 180, North: 0}, all, fiji)
		is("Europe", tintype.Box{West: -10, South: 35, East: 40, North: 70}, all, berlin)
		is("at the very point", tintype.Box{West: 13.4, South: 52.5, East: 13.4, North: 52.5}, all, berlin)

		// It is kept, and changed later.
		read := func(id tintype.ID) *tintype.Post {
			t.Helper()
			posts, err := s.Posts(ctx, []tintype.ID{id})
			if err != nil || len(posts) != 1 {
				t.Fatalf("%v, %v", posts, err)
			}
			return posts[0]
		}
		p := read(off.ID)
		if !p.Location.OffMap {
			t.Error("that it is off the map was not kept")
		}
		p.Location.OffMap = false
		q := read(berlin.ID)
		q.Location.OffMap = true
		for _, e := range []*tintype.Post{p, q} {
			if err := s.EditPost(ctx, e, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		is("after edits", tintype.Box{West: -10, South: 35, East: 40, North: 70}, all, p)

		yes := true
		profiles, users := sqlstore.Profiles{R: r}, sqlstore.Users{R: r}
		if u, err := profiles.UpdateProfile(ctx, me, tintype.ProfileChanges{ShowsMap: &yes}); err != nil || !u.ShowsMap || u.Private {
			t.Errorf("showing the map: %+v, %v", u, err)
		}
		if list, err := users.Users(ctx, []tintype.ID{me}); err != nil || !list[0].ShowsMap {
			t.Errorf("a user who shows the map: %v, %v", list, err)
		}
	})
}
