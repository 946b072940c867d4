package sqlstore_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestSpots(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		spots := sqlstore.Spots{R: r}
		spot, other := spots.ID("place:1"), spots.ID("cell:47a85")
		if spot == other || other.Shard() != r.KeyShard("cell:47a85") {
			t.Error("the number of a timeline does not name its shard")
		}
		put := func(at tintype.ID, want bool, p tintype.SpotPost) {
			t.Helper()
			if changed, err := spots.Put(ctx, at, p); err != nil || changed != want {
				t.Errorf("Put of %+v: changed %v, %v; want %v", p, changed, err, want)
			}
		}
		is := func(media int64, want ...tintype.ID) {
			t.Helper()
			got, err := spots.Posts(ctx, spot, tintype.Page{Count: 10})
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("posts %v, %v; want %v", got, err, want)
			}
			counts, err := spots.Counts(ctx, []tintype.ID{other, spot})
			if err != nil || !slices.Equal(counts, []int64{0, media}) {
				t.Errorf("counts %v, %v; want %d", counts, err, media)
			}
		}
		point := func(id tintype.ID, lat float64, open bool) tintype.SpotPost {
			return tintype.SpotPost{Post: id, Latitude: lat, Longitude: -180, HasPoint: true, On: true, Open: open}
		}
		put(spot, false, tintype.SpotPost{Post: 5})
		put(spot, true, point(10, 1.25, true))
		put(spot, false, point(10, 1.25, true))
		put(spot, true, point(10, -90, true))
		put(spot, true, point(20, 0, false))
		put(spot, true, tintype.SpotPost{Post: 15, On: true, Open: true})
		is(2, 20, 15, 10)
		near, err := spots.Near(ctx, spot, tintype.Page{Count: 10})
		want := []tintype.SpotPost{point(20, 0, false), point(10, -90, false)}
		want[0].Open = false
		if err != nil || !cmp.Equal(near, want) {
			t.Errorf("with points: %+v, %v", near, err)
		}
		if near, err := spots.Near(ctx, spot, tintype.Page{Count: 1, Max: 20, Min: 9}); err != nil || len(near) != 1 || near[0].Post != 10 {
			t.Errorf("a page of those with points: %+v, %v", near, err)
		}
		put(spot, true, point(10, -90, false))
		put(spot, true, tintype.SpotPost{Post: 20})
		put(spot, false, tintype.SpotPost{Post: 20})
		is(1, 15, 10)
	})
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		places := sqlstore.Places{R: r, Clock: time.Now}
		zoo := tintype.Place{ID: tintype.FirstNamed + 7, Name: "Café Zoo", Latitude: 52.5, Longitude: -0.125}
		for range 2 {
			if err := places.AddPlace(ctx, zoo, "cafe zoo", -3); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := places.Place(ctx, zoo.ID); err != nil || got == nil || *got != zoo {
			t.Errorf("the place is %+v, %v", got, err)
		}
		if got, err := places.Place(ctx, zoo.ID+1); err != nil || got != nil {
			t.Errorf("no place is %+v, %v", got, err)
		}
		for _, c := range []struct {
			name string
			got  func() ([]tintype.Place, error)
			want []tintype.Place
		}{
			{"its cell", func() ([]tintype.Place, error) { return places.PlacesIn(ctx, []tintype.ID{5, -3}, 5) }, []tintype.Place{zoo}},
			{"another cell", func() ([]tintype.Place, error) { return places.PlacesIn(ctx, []tintype.ID{3}, 5) }, nil},
			{"its name", func() ([]tintype.Place, error) { return places.PlacesNamed(ctx, "caf", 5) }, []tintype.Place{zoo}},
			{"another name", func() ([]tintype.Place, error) { return places.PlacesNamed(ctx, "cafe zoos", 5) }, nil},
		} {
			if got, err := c.got(); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%s: %+v, %v", c.name, got, err)
			}
		}
	})
}

// TestSpotJobs: each deed that may move a post, or show or hide it, leaves a job that says where it was.
func TestSpotJobs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		owner := addUser(t, r, r.Pick(), "owner", false)
		post := addPost(t, r, owner)
		takeJobs(t, r)
		now := checkTime
		posts, spots := sqlstore.Posts{R: r, Clock: func() time.Time { return now }}, sqlstore.Spots{R: r}
		left := func(what string, want ...job.Spotting) {
			t.Helper()
			if got := itemsOf[job.Spotting](t, takeJobs(t, r), job.SpotKind); !cmp.Equal(got, want) {
				t.Errorf("%s: %s", what, cmp.Diff(got, want))
			}
		}
		p := &tintype.Post{ID: post, UserID: owner}
		edit := func(l *tintype.Location) {
			t.Helper()
			p.Location = l
			now = now.Add(time.Second)
			if err := posts.EditPost(ctx, p, nil, nil); err != nil {
				t.Fatal(err)
			}
			p.Edited = now
		}
		lat, lng := 52.5, -0.125
		edit(nil)
		takeJobs(t, r)
		edit(nil)
		left("an edit of a post without a place")
		edit(&tintype.Location{ID: 7, Name: "Zoo", Latitude: lat, Longitude: lng, HasPoint: true})
		left("it gets a place", job.Spotting{Post: post})
		truth, err := spots.Truth(ctx, post)
		if err != nil || truth == nil || !truth.Open || truth.Location.ID != 7 || truth.Location.Latitude != lat || !truth.Location.HasPoint {
			t.Errorf("the truth is %+v, %v", truth, err)
		}
		edit(&tintype.Location{ID: 8, Name: "Bar"})
		left("another, without a point", job.Spotting{Post: post, Was: job.Spot{Place: 7, Lat: &lat, Lng: &lng}})
		private := true
		if _, err := (sqlstore.Profiles{R: r}).UpdateProfile(ctx, owner, tintype.ProfileChanges{Private: &private}); err != nil {
			t.Fatal(err)
		}
		left("going private", job.Spotting{User: owner})
		if truth, err := spots.Truth(ctx, post); err != nil || truth.Open || truth.Location.HasPoint {
			t.Errorf("the truth is %+v, %v", truth, err)
		}
		if err := posts.DeletePost(ctx, owner, post); err != nil {
			t.Fatal(err)
		}
		left("it is gone", job.Spotting{Post: post, Was: job.Spot{Place: 8}})
		if truth, err := spots.Truth(ctx, post); err != nil || truth != nil {
			t.Errorf("of no post the truth is %+v, %v", truth, err)
		}
	})
}
