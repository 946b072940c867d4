package app_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// TestRebuild burns down what is derived, and has it made again.
func TestRebuild(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		r := s.app.Backend.Router
		ada, ben := s.user("ada", false), s.user("ben", false)
		session := s.session(ben)
		s.want(200, session, "GET", "/v1/users/self/feed", nil)
		s.want(200, session, "POST", "/v1/users/"+ada.ID.String()+"/relationship", map[string]any{"action": "follow"})
		m := s.post(s.session(ada), "at the #loom", 1)
		s.settle()
		post, err := tintype.ParseID(strings.Split(m.ID, "_")[0])
		if err != nil {
			t.Fatal(err)
		}
		rebuild := func(what string, user tintype.ID, all bool) inspect.Summary {
			t.Helper()
			sum, err := s.app.Rebuilder().Run(ctx, inspect.RebuildRequest{What: what, User: user, All: all}, func(e inspect.Event) error {
				if e.Finding != nil {
					t.Errorf("%s: %+v", what, e.Finding)
				}
				return nil
			})
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			return sum
		}
		damage := func(text string, args ...any) {
			t.Helper()
			if err := r.Home(ada.ID.Shard()).Write(ctx, func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test", SQL: text}, args...)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}

		// Counters.
		damage(`UPDATE {s}users SET followers = 9 WHERE id = $1`, ada.ID)
		damage(`UPDATE {s}posts SET likes = 9 WHERE id = $1`, post)
		if sum := rebuild("counters", ada.ID, false); sum.Repaired != 2 {
			t.Errorf("counters: %+v", sum)
		}
		if sum := rebuild("counters", 0, false); sum.Repaired != 0 || sum.Looked < 3 {
			t.Errorf("counters that are right: %+v", sum)
		}

		// Tags.
		damage(`UPDATE {s}posts SET tags = 'wrong' WHERE id = $1`, post)
		rebuild("cache", 0, false)
		rebuild("tags", 0, false)
		var shown struct{ Tags []string }
		s.want(200, session, "GET", "/v1/media/"+m.ID, nil).into(t, &shown)
		if !slices.Equal(shown.Tags, []string{"loom"}) {
			t.Errorf("tags: %q", shown.Tags)
		}

		// Rows of timelines that no post asks for: a lost job left the post in a tag and a place that it does not have any more.
		tag := sqlstore.Tags{R: r}
		spots := sqlstore.Spots{R: r}
		spot := spots.ID(tintype.SpotKey(1))
		leave := func() {
			t.Helper()
			if _, err := tag.Put(ctx, "gone", tintype.TagPost{Post: post, Op: post, On: true, Open: true}); err != nil {
				t.Fatal(err)
			}
			if _, err := spots.Put(ctx, spot, tintype.SpotPost{Post: post, On: true, Open: true}); err != nil {
				t.Fatal(err)
			}
		}
		gone := func() {
			t.Helper()
			posts, _, err := tag.Posts(ctx, "gone", tintype.Page{Count: 5})
			at, err2 := spots.Posts(ctx, spot, tintype.Page{Count: 5})
			counts, err3 := spots.Counts(ctx, []tintype.ID{spot})
			names, err4 := tag.Search(ctx, "gone", 5)
			if err := errors.Join(err, err2, err3, err4); err != nil || len(posts)+len(at)+len(names) != 0 || counts[0] != 0 {
				t.Errorf("left behind: %v, %v, %v, %q, %v", posts, at, counts, names, err)
			}
		}
		leave()
		for _, what := range []string{"tags", "places"} {
			if sum := rebuild(what, 0, false); sum.Repaired == 0 {
				t.Errorf("%s: nothing was done about what was left behind", what)
			}
		}
		gone()
		if sum := rebuild("places", 0, false); sum.Repaired != 0 {
			t.Errorf("places again: %+v", sum)
		}
		leave()
		sum, err := s.app.Inspector().Run(ctx, inspect.Request{Repair: true}, func(inspect.Event) error { return nil })
		if err != nil || sum.Findings != 2 || sum.Repaired != 2 {
			t.Errorf("check --repair: %+v, %v", sum, err)
		}
		gone()

		// Words.
		found := func() []string {
			t.Helper()
			var media []struct{ ID string }
			s.want(200, nobody, "GET", "/v1/search/media?q=loom", nil).into(t, &media)
			var ids []string
			for _, m := range media {
				ids = append(ids, m.ID)
			}
			return ids
		}
		for _, h := range r.Homes() {
			if err := h.Write(ctx, func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test", SQL: `DELETE FROM {s}word_posts`})
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if got := found(); len(got) != 0 {
			t.Errorf("without words, %q is found", got)
		}
		if sum := rebuild("words", 0, false); sum.Repaired != 1 {
			t.Errorf("words: %+v", sum)
		}
		if got := found(); !slices.Equal(got, []string{m.ID}) {
			t.Errorf("with words, %q is found", got)
		}
		if sum := rebuild("words", ada.ID, false); sum.Repaired != 0 {
			t.Errorf("words that are there: %+v", sum)
		}

		// What is popular.
		likes := sqlstore.Likes{R: r}
		if _, _, err := likes.ApplyLikes(ctx, []job.Edge{{Type: job.EdgeLike, User: ben.ID, Target: ada.ID, Post: post, Op: post + 1, State: tintype.EdgeThere}}); err != nil {
			t.Fatal(err)
		}
		for want := 1; want >= 0; want-- {
			if sum := rebuild("popular", 0, false); sum.Repaired != want {
				t.Errorf("popular: %+v; want %d", sum, want)
			}
		}
		if kept, err := (sqlstore.Popular{R: r}).Best(ctx, 10); err != nil || len(kept) != 1 || kept[0].Post != post {
			t.Errorf("popular are %v, %v", kept, err)
		}

		// Feeds.
		feeds := sqlstore.Timelines{R: r, Clock: time.Now, Kind: timeline.Home}
		if err := feeds.Forget(ctx, []tintype.ID{ben.ID}); err != nil {
			t.Fatal(err)
		}
		if sum := rebuild("feeds", ben.ID, false); sum.Repaired != 1 {
			t.Errorf("feeds: %+v", sum)
		}
		if ids, built, err := feeds.Range(ctx, ben.ID, tintype.Page{Count: 10}); err != nil || !built || !slices.Equal(ids, []tintype.ID{post}) {
			t.Errorf("ben's feed is %v, %v, %v", ids, built, err)
		}

		// Renditions.
		posts, err := sqlstore.Posts{R: r}.Posts(ctx, []tintype.ID{post})
		if err != nil || len(posts) != 1 {
			t.Fatal(posts, err)
		}
		names := blob.Renditions(posts[0].Media[0].Key)
		size := func(name string) int64 {
			f, err := s.app.Blobs.Open(ctx, name)
			if tintype.IsKind(err, tintype.NotFound) {
				return -1
			}
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			return f.Info().Size
		}
		before := size(names[1])
		if err := s.app.Blobs.Delete(ctx, names[1], names[2]); err != nil {
			t.Fatal(err)
		}
		if sum := rebuild("renditions", 0, false); sum.Repaired != 1 || size(names[1]) != before || size(names[2]) < 0 {
			t.Errorf("renditions: %+v, %d bytes and were %d", sum, size(names[1]), before)
		}
		if sum := rebuild("renditions", 0, false); sum.Repaired != 0 {
			t.Errorf("renditions that are there: %+v", sum)
		}
		if _, err := s.app.Blobs.Put(ctx, names[4], strings.NewReader("old")); err != nil {
			t.Fatal(err)
		}
		if sum := rebuild("renditions", ada.ID, true); sum.Repaired != 1 || size(names[1]) != before || size(names[4]) != -1 {
			t.Errorf("all renditions: %+v", sum)
		}

		// What cannot be made is told of, and ends nothing.
		if err := s.app.Blobs.Delete(ctx, append(names[:1:1], posts[0].Media[0].OriginalKey)...); err != nil {
			t.Fatal(err)
		}
		var told []string
		sum, err = s.app.Rebuilder().Run(context.Background(), inspect.RebuildRequest{What: "renditions"}, func(e inspect.Event) error {
			if e.Finding != nil {
				told = append(told, e.Finding.What)
			}
			return nil
		})
		if err != nil || sum.Findings != 1 || len(told) != 1 || !strings.Contains(told[0], "post "+post.String()) {
			t.Errorf("without an original: %+v, %q, %v", sum, told, err)
		}
	})
}
