package sqlstore_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestSaved(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Saved{R: r}
		ann, ben := addUser(t, r, r.Pick(), "ann", false), addUser(t, r, r.Pick(), "ben", false)
		var posts []tintype.ID
		for range 6 {
			posts = append(posts, addPost(t, r, ben))
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		is := func(want ...tintype.ID) {
			t.Helper()
			got, ops, err := s.SavedPosts(ctx, ann, tintype.Page{Count: 10})
			if err != nil || !slices.Equal(got, want) || len(ops) != len(got) {
				t.Errorf("saved are %v %v, %v; want %v", got, ops, err, want)
			}
			sorted := slices.Sorted(slices.Values(want))
			if got, err := s.SavedIDs(ctx, ann); err != nil || !slices.Equal(got, sorted) {
				t.Errorf("saved are, sorted, %v, %v; want %v", got, err, sorted)
			}
		}
		has := func(id tintype.ID, want ...tintype.ID) {
			t.Helper()
			got, ops, err := s.CollectionPosts(ctx, ann, id, tintype.Page{Count: 10})
			if err != nil || !slices.Equal(got, want) || len(ops) != len(got) {
				t.Errorf("in the collection are %v %v, %v; want %v", got, ops, err, want)
			}
		}
		must(s.Save(ctx, ann, posts[0], 3))
		must(s.Save(ctx, ann, posts[2], 3))
		must(s.Save(ctx, ann, posts[0], 3)) // again: it keeps its place
		is(posts[2], posts[0])
		if got, ops, err := s.SavedPosts(ctx, ann, tintype.Page{Count: 1}); err != nil || len(ops) != 1 || got[0] != posts[2] {
			t.Errorf("the first page is %v, %v", got, err)
		} else if got, _, err := s.SavedPosts(ctx, ann, tintype.Page{Max: ops[0], Count: 1}); err != nil || !slices.Equal(got, posts[:1]) {
			t.Errorf("the second page is %v, %v", got, err)
		}
		must(s.Save(ctx, ann, posts[1], 3))
		if err := s.Save(ctx, ann, posts[3], 3); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("one more than there may be: %v", err)
		}
		must(s.Save(ctx, ann, posts[1], 3)) // one that is there may be said again
		if err := s.Save(ctx, tintype.MakeID(1, ann.Shard(), 7), posts[1], 3); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("somebody who is not there saves: %v", err)
		}

		trips, food := tintype.Collection{UserID: ann, Name: "Trips"}, tintype.Collection{UserID: ann, Name: "Food"}
		must(s.AddCollection(ctx, &trips, 2))
		if err := s.AddCollection(ctx, &tintype.Collection{UserID: ann, Name: "Trips"}, 9); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("a name twice: %v", err)
		}
		must(s.AddCollection(ctx, &food, 2))
		if err := s.AddCollection(ctx, &tintype.Collection{UserID: ann, Name: "More"}, 2); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("one collection more than there may be: %v", err)
		}
		for _, p := range []tintype.ID{posts[0], posts[2], posts[3], posts[4], posts[5]} {
			must(s.Collect(ctx, ann, trips.ID, p, true, 9)) // saves it, too
		}
		must(s.Collect(ctx, ann, food.ID, posts[2], true, 9))
		must(s.Collect(ctx, ann, food.ID, posts[2], true, 9))
		has(trips.ID, posts[5], posts[4], posts[3], posts[2], posts[0])
		is(posts[5], posts[4], posts[3], posts[1], posts[2], posts[0])
		for name, err := range map[string]error{
			"another's":  s.Collect(ctx, ben, trips.ID, posts[1], true, 9),
			"no such":    s.Collect(ctx, ann, food.ID+1, posts[1], true, 9),
			"to change":  s.ChangeCollection(ctx, &tintype.Collection{UserID: ben, ID: trips.ID, Name: "x"}),
			"to delete":  s.DeleteCollection(ctx, ben, trips.ID),
			"of another": s.DeleteCollection(ctx, ann, food.ID+1),
		} {
			if !tintype.IsKind(err, tintype.NotFound) {
				t.Errorf("a collection that is not there, %s: %v", name, err)
			}
		}
		if got, err := s.CollectionsWith(ctx, ann, posts[2]); err != nil || !slices.Equal(got, []tintype.ID{food.ID, trips.ID}) {
			t.Errorf("the post is in %v, %v", got, err)
		}
		trips.Name, trips.Cover = "Journeys", posts[3]
		must(s.ChangeCollection(ctx, &trips))
		if err := s.ChangeCollection(ctx, &tintype.Collection{UserID: ann, ID: food.ID, Name: "Journeys"}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("a name that another has: %v", err)
		}
		want := []tintype.Collection{{ID: food.ID, UserID: ann, Name: "Food", Posts: 1, First: []tintype.ID{posts[2]}},
			{ID: trips.ID, UserID: ann, Name: "Journeys", Cover: posts[3], Posts: 5, First: []tintype.ID{posts[5], posts[4], posts[3], posts[2]}}}
		if got, err := s.Collections(ctx, ann); err != nil || !cmp.Equal(got, want) {
			t.Errorf("collections: %v\n%s", err, cmp.Diff(want, got))
		}
		must(s.Collect(ctx, ann, trips.ID, posts[3], false, 0)) // the cover goes with it
		was, err := s.Unsave(ctx, ann, posts[2])
		if err != nil || !slices.Equal(was, []tintype.ID{food.ID, trips.ID}) {
			t.Errorf("it was in %v, %v", was, err)
		}
		has(trips.ID, posts[5], posts[4], posts[0])
		has(food.ID)
		is(posts[5], posts[4], posts[3], posts[1], posts[0])
		must(s.DeleteCollection(ctx, ann, trips.ID))
		has(trips.ID)
		is(posts[5], posts[4], posts[3], posts[1], posts[0])
		if got, err := s.Collections(ctx, ann); err != nil || len(got) != 1 || got[0].ID != food.ID {
			t.Errorf("left are %v, %v", got, err)
		}
		if got, err := s.Collections(ctx, ben); err != nil || len(got) != 0 {
			t.Errorf("another has %v, %v", got, err)
		}
	})
}

func TestAlbums(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Albums{R: r}
		ann, ben := addUser(t, r, r.Pick(), "ann", false), addUser(t, r, r.Pick(), "ben", false)
		var posts []tintype.ID
		for range 5 {
			posts = append(posts, addPost(t, r, ann))
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		has := func(id, after tintype.ID, n int, want ...tintype.ID) {
			t.Helper()
			got, places, err := s.AlbumPosts(ctx, id, after, n)
			if err != nil || !slices.Equal(got, want) || len(places) != len(want) {
				t.Errorf("in the album are %v at %v, %v; want %v", got, places, err, want)
			}
		}
		a := tintype.Album{UserID: ann, Title: "One", Description: "of two\nlines", Cover: posts[1]}
		must(s.PutAlbum(ctx, &a, []tintype.ID{posts[3], posts[1], posts[0]}, 2))
		b := tintype.Album{UserID: ann, Title: "Two", Private: true}
		must(s.PutAlbum(ctx, &b, []tintype.ID{}, 2))
		if err := s.PutAlbum(ctx, &tintype.Album{UserID: ann, Title: "Three"}, nil, 2); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("one more than there may be: %v", err)
		}
		has(a.ID, 0, 9, posts[3], posts[1], posts[0])
		has(a.ID, 1, 1, posts[1])
		has(b.ID, 0, 9)
		want := []tintype.Album{b, a}
		want[1].Posts, want[1].First = 3, []tintype.ID{posts[3], posts[1], posts[0]}
		if got, err := s.Albums(ctx, ann); err != nil || !cmp.Equal(got, want) {
			t.Errorf("albums: %v\n%s", err, cmp.Diff(want, got))
		}
		if got, err := s.Album(ctx, b.ID); err != nil || !cmp.Equal(got, &b) {
			t.Errorf("one album: %v\n%s", err, cmp.Diff(&b, got))
		}
		if got, err := s.Album(ctx, b.ID+1); err != nil || got != nil {
			t.Errorf("no album: %v, %v", got, err)
		}
		stolen := a
		stolen.UserID = ben
		if err := s.PutAlbum(ctx, &stolen, nil, 9); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("another's album was changed: %v", err)
		}
		if err := s.DeleteAlbum(ctx, ben, a.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("another's album was deleted: %v", err)
		}
		a.Title = "Uno"
		must(s.PutAlbum(ctx, &a, nil, 1)) // the posts stay
		has(a.ID, 0, 9, posts[3], posts[1], posts[0])
		must(s.PutAlbum(ctx, &a, []tintype.ID{posts[0], posts[4], posts[1]}, 1))
		has(a.ID, 0, 9, posts[0], posts[4], posts[1])
		for _, c := range []struct {
			post tintype.ID
			want bool
		}{{posts[4], true}, {posts[3], false}} {
			if in, err := s.InAlbum(ctx, a.ID, c.post); err != nil || in != c.want {
				t.Errorf("%v is in the album: %v, %v", c.post, in, err)
			}
		}

		// Links, and what becomes of them.
		now := time.UnixMicro(1_700_000_000_000_000).UTC()
		add := func(l tintype.SecretLink) tintype.SecretLink {
			t.Helper()
			l.UserID = ann
			must(s.AddLink(ctx, &l, now, 4))
			return l
		}
		old := add(tintype.SecretLink{Post: posts[0], Expires: now.Add(-time.Hour)})
		toAlbum := add(tintype.SecretLink{Album: a.ID})
		if got, err := s.Link(ctx, old.ID); err != nil || got != nil {
			t.Errorf("one that expired long ago is still there: %v, %v", got, err)
		}
		toPost := add(tintype.SecretLink{Post: posts[1], Expires: now.Add(time.Hour)})
		other := add(tintype.SecretLink{Post: posts[0]})
		add(tintype.SecretLink{Post: posts[4]})
		if err := s.AddLink(ctx, &tintype.SecretLink{UserID: ann, Post: posts[0]}, now, 4); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("one link more than there may be: %v", err)
		}
		must(s.LinkOpened(ctx, toPost.ID, now))
		must(s.LinkOpened(ctx, toPost.ID, now.Add(time.Minute)))
		toPost.Openings, toPost.Opened = 2, now.Add(time.Minute)
		if got, err := s.Link(ctx, toPost.ID); err != nil || !cmp.Equal(got, &toPost) {
			t.Errorf("a link: %v\n%s", err, cmp.Diff(&toPost, got))
		}
		if err := s.EndLink(ctx, ben, toPost.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("another's link was ended: %v", err)
		}
		links := func(want ...tintype.ID) {
			t.Helper()
			list, err := s.Links(ctx, ann)
			var got []tintype.ID
			for _, l := range list {
				got = append(got, l.ID)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("links are %v, %v; want %v", got, err, want)
			}
		}
		// A post that is deleted leaves the albums, takes its links along, and is no cover.
		must((sqlstore.Posts{R: r, Clock: time.Now}).DeletePost(ctx, ann, posts[4]))
		must((sqlstore.Posts{R: r, Clock: time.Now}).DeletePost(ctx, ann, posts[1]))
		has(a.ID, 0, 9, posts[0])
		links(other.ID, toAlbum.ID)
		if got, err := s.Album(ctx, a.ID); err != nil || got.Cover != 0 {
			t.Errorf("the cover is %v, %v", got, err)
		}
		must(s.EndLink(ctx, ann, other.ID))
		must(s.DeleteAlbum(ctx, ann, a.ID))
		links()
		has(a.ID, 0, 9)
	})
}
