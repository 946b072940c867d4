package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestPopular(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Popular{R: r}
		ada, ben, eve := addUser(t, r, r.Pick(), "ada", false), addUser(t, r, r.Pick(), "ben", false), addUser(t, r, r.Pick(), "eve", true)
		byAda, byBen, byEve := addPost(t, r, ada), addPost(t, r, ben), addPost(t, r, eve)

		// What others did counts, and what the owner did does not.
		likes, comments := sqlstore.Likes{R: r}, sqlstore.Comments{R: r, Clock: time.Now}
		var edges []job.Edge
		for i, by := range []tintype.ID{ada, ben, eve} {
			edges = append(edges, job.Edge{Type: job.EdgeLike, User: by, Target: ada, Post: byAda, Op: byAda + tintype.ID(i+1), State: tintype.EdgeThere})
			if _, _, err := comments.AddComment(ctx, &tintype.Comment{PostID: byAda, UserID: by, Text: "fine"}, ada, nil, tintype.Once{}); err != nil {
				t.Fatal(err)
			}
		}
		edges = append(edges, job.Edge{Type: job.EdgeLike, User: ben, Target: eve, Post: byEve, Op: byEve + 1, State: tintype.EdgeThere})
		if _, _, err := likes.ApplyLikes(ctx, edges); err != nil {
			t.Fatal(err)
		}
		got, err := s.Echoes(ctx, []tintype.ID{byAda, byBen, byEve, byAda + 1})
		want := map[tintype.ID]tintype.Echo{
			byAda: {Post: byAda, User: ada, Likes: 2, Comments: 2, Open: true},
			byBen: {Post: byBen, User: ben, Open: true},
			byEve: {Post: byEve, User: eve, Likes: 1},
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Echoes: %v\n%s", err, diff)
		}

		put := func(in []tintype.Ranked, out ...tintype.ID) {
			t.Helper()
			if err := s.Put(ctx, in, out); err != nil {
				t.Fatal(err)
			}
		}
		best := func(n int, want ...tintype.Ranked) {
			t.Helper()
			if got, err := s.Best(ctx, n); err != nil || !cmp.Equal(got, want) {
				t.Errorf("the best %d are %v, %v; want %v", n, got, err, want)
			}
		}
		trim := func(keep int) {
			t.Helper()
			if err := s.Trim(ctx, keep); err != nil {
				t.Fatal(err)
			}
		}
		trim(1)
		a, b, e := tintype.Ranked{Post: byAda, User: ada, Score: 3}, tintype.Ranked{Post: byBen, User: ben, Score: 1 << 50}, tintype.Ranked{Post: byEve, User: eve, Score: 2}
		put([]tintype.Ranked{b, a, e})
		best(10, b, a, e)
		best(2, b, a)
		trim(3)
		best(10, b, a, e)
		e.Score = 4
		put([]tintype.Ranked{e})
		best(10, b, e, a)
		scores, err := s.Scores(ctx, []tintype.ID{byAda, byEve, byAda + 1})
		if diff := cmp.Diff(map[tintype.ID]tintype.Ranked{byAda: a, byEve: e}, scores); err != nil || diff != "" {
			t.Errorf("Scores: %v\n%s", err, diff)
		}
		trim(2)
		best(10, b, e)
		put(nil, byBen, byAda)
		best(10, e)
		put([]tintype.Ranked{a}, byEve)
		best(10, a)
	})
}

func TestDismissals(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		now := time.Now()
		s := sqlstore.Dismissals{R: r, Clock: func() time.Time { now = now.Add(time.Second); return now }}
		me := addUser(t, r, r.Pick(), "me", false)
		dismiss := func(other tintype.ID, on bool) {
			t.Helper()
			if err := s.Dismiss(ctx, me, other, on); err != nil {
				t.Fatal(err)
			}
		}
		is := func(want ...tintype.ID) {
			t.Helper()
			if got, err := s.Dismissed(ctx, me); err != nil || !cmp.Equal(got, want) {
				t.Errorf("dismissed are %v, %v; want %v", got, err, want)
			}
		}
		is()
		dismiss(9, false)
		for _, other := range []tintype.ID{8, 7, 9, 7} {
			dismiss(other, true)
		}
		is(7, 8, 9)
		dismiss(8, false)
		is(7, 9)
	})
}
