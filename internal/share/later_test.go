package share_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/share"
	"github.com/tintype/tintype/internal/tintype"
)

// TestLater tells of what a post gets after it was published: a tag, a place, a point that comes into a circle.
func TestLater(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		sub := newSubscriber(t)
		s.subscribe(share.Request{Object: "user", Callback: sub.URL})
		s.subscribe(share.Request{Object: "tag", ObjectID: "dusk", Callback: sub.URL})
		s.subscribe(share.Request{Object: "location", ObjectID: "77", Callback: sub.URL})
		s.subscribe(share.Request{Object: "geography", Latitude: 52.52, Longitude: 13.405, Radius: 1000, Callback: sub.URL})
		author := tintype.MakeID(s.clock.now().UnixMilli(), s.r.Pick(), 3)
		s.allow(author, s.app.ID)
		inside, further, outside := 52.52, 52.521, 52.6
		lng := 13.405
		for i, tt := range []struct {
			name   string
			public bool
			now    *tintype.Location
			tags   []string
			was    *job.Spot
			want   []string
		}{
			{name: "a tag", public: true, tags: []string{"dawn", "dusk"}, want: []string{"tag"}},
			{name: "a tag in private", tags: []string{"dusk"}},
			{name: "a place", public: true, now: &tintype.Location{ID: 77}, was: &job.Spot{Place: 5}, want: []string{"location"}},
			{name: "another place", public: true, now: &tintype.Location{ID: 5}, was: &job.Spot{Place: 77}},
			{name: "a point at the same place", public: true, now: &tintype.Location{ID: 77, Latitude: inside, Longitude: lng, HasPoint: true}, was: &job.Spot{Place: 77}, want: []string{"geography"}},
			{name: "a point from outside", public: true, now: &tintype.Location{Latitude: inside, Longitude: lng, HasPoint: true}, was: &job.Spot{Lat: &outside, Lng: &lng}, want: []string{"geography"}},
			{name: "a point from inside", public: true, now: &tintype.Location{Latitude: inside, Longitude: lng, HasPoint: true}, was: &job.Spot{Lat: &further, Lng: &lng}},
			{name: "a point in private", now: &tintype.Location{Latitude: inside, Longitude: lng, HasPoint: true}, was: &job.Spot{}},
			{name: "no place any more", public: true, was: &job.Spot{Place: 77, Lat: &inside, Lng: &lng}},
		} {
			sub.set(func(s *subscriber) { s.told = nil })
			id := tintype.MakeID(s.clock.now().UnixMilli(), author.Shard(), uint16(100+i))
			s.posts.mu.Lock()
			s.posts.m[id], s.posts.of[author] = &tintype.Post{ID: id, UserID: author, Tags: tt.tags, Location: tt.now}, tt.public
			s.posts.mu.Unlock()
			op := id + 60_000<<22
			for range 2 { // a job that is done twice before it is told
				if err := s.Published(t.Context(), []job.Published{{Post: id, Op: op, Tags: tt.tags, Was: tt.was}}); err != nil {
					t.Fatal(err)
				}
			}
			s.clock.add(time.Second)
			s.work()
			var got []string
			for _, m := range sub.told {
				if got = append(got, m["object"].(string)); int64(m["time"].(float64)) != op.Time().Unix() {
					t.Errorf("%s: told %v", tt.name, m)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: told of %q, want %q", tt.name, got, tt.want)
			}
		}
	})
}

// TestListened: that nobody listens is known for a while, that somebody does at once.
func TestListened(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		is := func(what string, want bool) {
			t.Helper()
			if got := s.Listened(t.Context()); got != want {
				t.Errorf("%s: listened is %v", what, got)
			}
		}
		is("a new site", false)
		sub := newSubscriber(t)
		made := s.subscribe(share.Request{Object: "tag", ObjectID: "dusk", Callback: sub.URL})
		is("a subscription was made here", true)
		elsewhere := share.New(share.Config{Clock: s.clock.now, Subscriptions: s.store})
		if err := s.Unsubscribe(t.Context(), s.app.ID, made.ID, "", ""); err != nil {
			t.Fatal(err)
		}
		s.clock.add(5 * time.Second)
		is("it ended", false)
		if elsewhere.Listened(t.Context()) {
			t.Error("another process hears of a subscription that ended")
		}
		s.subscribe(share.Request{Object: "tag", ObjectID: "dusk", Callback: sub.URL})
		s.clock.add(5 * time.Second)
		if !elsewhere.Listened(t.Context()) {
			t.Error("another process does not hear of a new subscription in time")
		}
	})
}
