package sqlstore_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// gone is a router that says of one shard that it is where it is not.
type gone struct {
	*shard.Router
	shard tintype.Shard
}

func (g gone) Home(s tintype.Shard) sqlstore.Home {
	h := g.Router.Home(s)
	if s == g.shard {
		h.Schema, h.Map = "s9999.", nil
	}
	return h
}

// TestLikesTogether has many people like at once, some the same thing several
// times, and one whose shard is not there: each deed counts once, has an ID and a job of its own, and none suffers from
// another's.
func TestLikesTogether(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		const people, posts, repeats = 12, 6, 3
		var users, liked []tintype.ID
		nowhere := r.Pick()
		for i := range people {
			s := r.Pick()
			for s == nowhere {
				s = r.Pick()
			}
			users = append(users, addUser(t, r, s, fmt.Sprintf("user%d", i), false))
		}
		for i := range posts {
			liked = append(liked, addPost(t, r, users[i]))
		}
		lost := addUser(t, r, nowhere, "lost", false)
		takeJobs(t, r)

		likes := sqlstore.Likes{R: gone{r, nowhere}}
		all := func(on bool) (ops []tintype.ID) {
			var mu sync.Mutex
			var wg sync.WaitGroup
			for _, u := range append(slices.Clone(users), lost) {
				for _, p := range liked {
					for range repeats {
						wg.Go(func() {
							op, err := likes.Like(ctx, u, p, users[0], on)
							mu.Lock()
							defer mu.Unlock()
							switch {
							case u == lost && err == nil:
								t.Error("a like was written where there is nothing")
							case u != lost && err != nil:
								t.Error(err)
							case op != 0:
								ops = append(ops, op)
							}
						})
					}
				}
			}
			wg.Wait()
			return ops
		}
		check := func(what string, ops []tintype.ID, state int) {
			t.Helper()
			slices.Sort(ops)
			if len(ops) != people*posts || len(slices.Compact(ops)) != len(ops) {
				t.Errorf("%s: %d changes, want %d, each with an ID of its own: %v", what, len(ops), people*posts, ops)
			}
			var done []tintype.ID
			for _, e := range itemsOf[job.Edge](t, takeJobs(t, r), job.EdgeKind) {
				if e.Type != job.EdgeLike || e.State != state || e.Target != users[0] || e.User.Shard() != e.Op.Shard() {
					t.Errorf("%s: job %+v", what, e)
				}
				done = append(done, e.Op)
			}
			slices.Sort(done)
			if !slices.Equal(done, ops) {
				t.Errorf("%s: the jobs are of %v, want %v", what, done, ops)
			}
			for _, u := range users {
				got, err := likes.Liked(ctx, u, liked)
				if want := posts * state / tintype.EdgeThere; err != nil || len(got) != want {
					t.Errorf("%s: %d likes %d posts, %v; want %d", what, u, len(got), err, want)
				}
			}
		}
		check("likes", all(true), tintype.EdgeThere)
		check("unlikes", all(false), tintype.EdgeGone)

		away, cancel := context.WithCancel(ctx)
		cancel()
		if op, err := likes.Like(away, users[0], liked[0], users[0], true); err == nil || op != 0 {
			t.Errorf("a like of somebody who went away: %d, %v", op, err)
		}
	})
}

// TestLikesTogetherDamaged has one logical shard whose rows are damaged: likes of
// others, that go in one transaction with its, suffer nothing.
func TestLikesTogetherDamaged(t *testing.T) {
	t.Parallel()
	damaged := func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		h, other := neighbours(r)
		ada, bad := addUser(t, r, other.Shard, "ada", false), addUser(t, r, h.Shard, "bad", false)
		if _, err := h.DB.WritePool().ExecContext(ctx, `
			CREATE FUNCTION public.damaged() RETURNS TRIGGER LANGUAGE plpgsql AS $f$ BEGIN RAISE 'damaged' USING ERRCODE = 'XX002'; END $f$;
			CREATE TRIGGER damaged BEFORE INSERT ON `+h.Schema+`my_likes FOR EACH ROW EXECUTE FUNCTION public.damaged()`); err != nil {
			t.Fatal(err)
		}
		likes := sqlstore.Likes{R: r}
		var wg sync.WaitGroup
		for range 40 {
			p := addPost(t, r, ada)
			for _, u := range []tintype.ID{ada, bad} {
				wg.Go(func() {
					if _, err := likes.Like(ctx, u, p, ada, true); (err == nil) != (u == ada) {
						t.Errorf("a like by somebody whose rows are damaged: %v; %v", u == bad, err)
					}
				})
			}
		}
		wg.Wait()
	}
	for _, c := range storetest.Cells() {
		if c.Engine == "postgres" { // elsewhere all logical shards share their tables
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				damaged(t, c.Open(t, time.Now))
			})
		}
	}
}

// neighbours gives two homes that are different schemas of one database; none where there are none.
func neighbours(r *shard.Router) (a, b sqlstore.Home) {
	for _, a := range r.Homes() {
		for _, b := range r.Homes() {
			if a.DB == b.DB && a.Schema != b.Schema {
				return a, b
			}
		}
	}
	return a, b
}
