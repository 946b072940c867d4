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

func TestWords(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Words{R: r}
		ada, ben := addUser(t, r, r.Pick(), "ada", false), addUser(t, r, r.Pick(), "ben", false)
		posts := []tintype.ID{addPost(t, r, ada), addPost(t, r, ben), addPost(t, r, ada)}
		slices.Sort(posts)
		sun, sea := s.ID(0, "sun"), s.ID(0, "sea")
		mine := s.ID(ada, "sun")
		if sun == sea || sun == mine || mine == s.ID(ben, "sun") {
			t.Fatal("two timelines have one number")
		}
		if sun.Shard() != r.KeyShard(tintype.WordKey("sun")) || mine.Shard() != ada.Shard() {
			t.Error("the number of a timeline does not name its shard")
		}
		put := func(want int64, in, out []tintype.WordPost) {
			t.Helper()
			if changed, err := s.Put(ctx, in, out); err != nil || changed != want {
				t.Errorf("Put changes %d, %v; want %d", changed, err, want)
			}
		}
		has := func(word tintype.ID, page tintype.Page, want ...tintype.ID) {
			t.Helper()
			got, err := s.Posts(ctx, word, page)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("the timeline has %v, %v; want %v", got, err, want)
			}
		}
		all := tintype.Page{Count: 10}
		rows := []tintype.WordPost{{Word: sun, Post: posts[2]}, {Word: sea, Post: posts[1]}, {Word: sun, Post: posts[0]}, {Word: sun, Post: posts[1]}, {Word: mine, Post: posts[0]}}
		put(5, rows, nil)
		put(0, rows, nil)
		has(sun, all, posts[2], posts[1], posts[0])
		has(sun, tintype.Page{Max: posts[2], Min: posts[0], Count: 10}, posts[1])
		has(sun, tintype.Page{Count: 1}, posts[2])
		has(sea, all, posts[1])
		has(mine, all, posts[0])
		if got, err := s.Have(ctx, sea, []tintype.ID{posts[2], posts[1], posts[0]}, all); err != nil || !slices.Equal(got, posts[1:2]) {
			t.Errorf("of three posts sea is in %v, %v", got, err)
		}
		if got, err := s.Have(ctx, sun, []tintype.ID{posts[2], posts[0]}, all); err != nil || !slices.Equal(got, []tintype.ID{posts[2], posts[0]}) {
			t.Errorf("of two posts sun is in %v, %v", got, err)
		}
		if got, err := s.Have(ctx, sun, nil, all); err != nil || len(got) != 0 {
			t.Errorf("of no posts sun is in %v, %v", got, err)
		}
		put(3, []tintype.WordPost{{Word: sea, Post: posts[0]}}, []tintype.WordPost{{Word: sun, Post: posts[1]}, {Word: mine, Post: posts[0]}, {Word: mine, Post: posts[2]}})
		has(sun, all, posts[2], posts[0])
		has(sea, all, posts[1], posts[0])
		has(mine, all)
	})
}

// TestWordJobs: each deed that may change what a post says leaves a job with what it said; others leave none.
func TestWordJobs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Posts{R: r, Clock: time.Now}
		words := sqlstore.Words{R: r}
		ada := addUser(t, r, r.Pick(), "ada", false)
		left := func(what string, want ...job.Wording) {
			t.Helper()
			if diff := cmp.Diff(want, itemsOf[job.Wording](t, takeJobs(t, r), job.WordKind)); diff != "" {
				t.Errorf("%s leaves (-want +got):\n%s", what, diff)
			}
		}
		p := &tintype.Post{UserID: ada, Caption: "a caption"}
		if _, err := publish(t, r, p, 1, tintype.Once{UserID: ada}); err != nil {
			t.Fatal(err)
		}
		left("a post", job.Wording{Post: p.ID, User: ada})
		silent := addPost(t, r, ada)
		got, err := words.Texts(ctx, []tintype.ID{p.ID, silent, p.ID + 1})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[tintype.ID]tintype.Said{p.ID: {User: ada, Texts: []string{"a caption", "picture 0"}}, silent: {User: ada, Texts: []string{""}}}, got); diff != "" {
			t.Errorf("the posts say (-want +got):\n%s", diff)
		}
		edit := func(change func(p *tintype.Post)) {
			t.Helper()
			posts, err := s.Posts(ctx, []tintype.ID{p.ID})
			if err != nil || len(posts) != 1 {
				t.Fatalf("%v, %v", posts, err)
			}
			change(posts[0])
			if err := s.EditPost(ctx, posts[0], nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		edit(func(p *tintype.Post) { p.Location = &tintype.Location{Name: "here"} })
		left("another place")
		edit(func(p *tintype.Post) { p.Caption = "b caption" })
		left("another caption", job.Wording{Post: p.ID, User: ada, Was: []string{"a caption", "picture 0"}})
		edit(func(p *tintype.Post) { p.Media[0].AltText = "" })
		left("no alternative text", job.Wording{Post: p.ID, User: ada, Was: []string{"b caption", "picture 0"}})
		edit(func(p *tintype.Post) { p.Caption = "" })
		left("no caption", job.Wording{Post: p.ID, User: ada, Was: []string{"b caption"}})
		edit(func(p *tintype.Post) { p.Location = nil })
		left("a post that says nothing")
		edit(func(p *tintype.Post) { p.Caption = "c" })
		left("a caption again", job.Wording{Post: p.ID, User: ada})
		if err := s.DeletePost(ctx, ada, p.ID); err != nil {
			t.Fatal(err)
		}
		left("deleting", job.Wording{Post: p.ID, User: ada, Was: []string{"c"}})
	})
}
