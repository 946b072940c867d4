package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/cache/inproc"
	"github.com/tintype/tintype/internal/graph"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// site is the graph on a real store, with real caches.
type site struct {
	*graph.Service
	r     *shard.Router
	users *inproc.Cache[*tintype.User]
	names map[string]tintype.ID
	told  []tintype.ID

	popular, tagged []tintype.ID // whom posts would tell of; the tag is film
}

// UserID is the part of accounts that the graph needs.
func (s *site) UserID(_ context.Context, name string) (tintype.ID, error) { return s.names[name], nil }

// Newest gives everybody, the latest first.
func (s *site) Newest(_ context.Context, n int) ([]tintype.ID, error) {
	var all []tintype.ID
	for _, id := range s.names {
		all = append(all, id)
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all[:min(n, len(all))], nil
}

func newSite(t testing.TB) *site {
	s := &site{r: storetest.OpenSQLite(t, time.Now), users: inproc.New[*tintype.User](1000), names: map[string]tintype.ID{}}
	s.Service = graph.New(graph.Config{
		Users: sqlstore.Users{R: s.r}, Names: s, Newest: s, Edges: sqlstore.Graph{R: s.r}, Lists: sqlstore.Graph{R: s.r},
		UserCache: s.users, RelationCache: inproc.New[tintype.Relation](1000), IDCache: inproc.New[[]tintype.ID](1000),
		Dismissals: sqlstore.Dismissals{R: s.r, Clock: time.Now},
		Popular:    func(context.Context, int) ([]tintype.ID, error) { return s.popular, nil },
		TagAuthors: func(context.Context, tintype.ID, int) ([]tintype.ID, []string, error) {
			return s.tagged, slices.Repeat([]string{"film"}, len(s.tagged)), nil
		},
		OnActivity: func(u []tintype.ID) { s.told = append(s.told, u...) },
	})
	return s
}

func (s *site) user(t testing.TB, name string, private bool) tintype.ID {
	t.Helper()
	p := sqlstore.Profiles{R: s.r}
	id, err := p.MintUser(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.InsertProfile(t.Context(), &tintype.User{ID: id, Username: name, Private: private}, time.Now()); err != nil {
		t.Fatal(err)
	}
	s.names[name] = id
	return id
}

// work brings all edges to their other sides.
func (s *site) work(t testing.TB) {
	t.Helper()
	for {
		rows, err := s.r.Directory().DB.WritePool().Query("DELETE FROM river_job RETURNING kind, json(args)")
		if err != nil {
			t.Fatal(err)
		}
		var edges []job.Edge
		for rows.Next() {
			var kind, text string
			var a job.Args
			if err := rows.Scan(&kind, &text); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatal(err)
			}
			for _, it := range a.Items {
				var e job.Edge
				if kind == job.EdgeKind.Name && json.Unmarshal(it, &e) == nil {
					edges = append(edges, e)
				}
			}
		}
		rows.Close()
		if len(edges) == 0 {
			return
		}
		// What is not its own it leaves alone.
		if err := s.ApplyEdges(t.Context(), append(edges, job.Edge{Type: job.EdgeLike, User: 1, Target: 1, Post: 1, Op: 1, State: 2})); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *site) setPrivate(t testing.TB, user tintype.ID, on bool) {
	t.Helper()
	ctx := t.Context()
	stmt := &sqlstore.Stmt{Name: "test.private", SQL: `UPDATE {s}users SET private = $1 WHERE id = $2`}
	if err := s.r.Home(user.Shard()).Write(ctx, func(tx *sqlstore.Tx) error { _, err := tx.Exec(ctx, stmt, on, user); return err }); err != nil {
		t.Fatal(err)
	}
	if err := s.users.Drop(ctx, cache.Key{Kind: cache.KindUser, A: user}); err != nil {
		t.Fatal(err)
	}
}

func wantKind(t testing.TB, what string, err error, kind tintype.Kind) {
	t.Helper()
	if !tintype.IsKind(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRelationships(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	ann, ben, cat := s.user(t, "ann", false), s.user(t, "ben", true), s.user(t, "cat", false)
	is := func(when string, me, other tintype.ID, wantOut, wantIn string) {
		t.Helper()
		out, in, private, err := s.Relationship(ctx, me, other)
		if err != nil || out != wantOut || in != wantIn || private != (other == ben) {
			t.Errorf("%s: %s, %s, private %v (%v); want %s, %s", when, out, in, private, err, wantOut, wantIn)
		}
	}
	counts := func(user tintype.ID, follows, followers int64) {
		t.Helper()
		u, err := s.User(ctx, user, user)
		if err != nil || u.Counts.Follows != follows || u.Counts.FollowedBy != followers {
			t.Errorf("counts are %+v, %v; want %d and %d", u, err, follows, followers)
		}
	}
	is("strangers", ann, ben, "none", "none")
	must(t, s.Follow(ctx, ann, cat))
	is("before the job", ann, cat, "follows", "none")
	counts(ann, 1, 0)
	s.work(t)
	is("from the other side", cat, ann, "none", "followed_by")
	counts(cat, 0, 1)

	for range 2 {
		must(t, s.Follow(ctx, ann, ben))
		is("asked", ann, ben, "requested", "none")
		s.work(t)
		is("asked, from the other side", ben, ann, "none", "requested_by")
	}
	wantKind(t, "lists of a private user", func() error { _, _, err := s.Followers(ctx, ann, ben, tintype.Page{Count: 5}); return err }(), tintype.NotAllowed)
	if ids, next, err := s.Requests(ctx, ben, tintype.Page{Count: 5}); err != nil || next != 0 || !slices.Equal(ids, []tintype.ID{ann}) {
		t.Errorf("requests: %v, %v, %v", ids, next, err)
	}
	must(t, s.Approve(ctx, cat, ann)) // nobody asked cat: nothing happens
	must(t, s.Deny(ctx, ben, ann))
	s.work(t)
	is("denied", ann, ben, "none", "none")
	must(t, s.Follow(ctx, ann, ben))
	s.work(t)
	must(t, s.Approve(ctx, ben, ann))
	is("approved, from the other side", ben, ann, "none", "followed_by")
	s.work(t)
	is("approved", ann, ben, "follows", "none")
	if ids, _, err := s.Followers(ctx, ann, ben, tintype.Page{Count: 5}); err != nil || !slices.Equal(ids, []tintype.ID{ann}) {
		t.Errorf("followers of a private user whom I follow: %v, %v", ids, err)
	}
	must(t, s.RemoveFollower(ctx, ben, ann))
	s.work(t)
	is("removed", ann, ben, "none", "none")
	counts(ann, 1, 0)
	counts(ben, 0, 0)

	must(t, s.Follow(ctx, cat, ann))
	s.work(t)
	must(t, s.Block(ctx, cat, ann))
	is("blocked", cat, ann, "none", "blocked_by_you")
	_, _, _, err := s.Relationship(ctx, ann, cat)
	wantKind(t, "who blocks me", err, tintype.NotFound)
	s.work(t)
	counts(ann, 0, 0)
	counts(cat, 0, 0)
	wantKind(t, "following who blocks me", s.Follow(ctx, ann, cat), tintype.NotFound)
	wantKind(t, "following whom I block", s.Follow(ctx, cat, ann), tintype.NotAllowed)
	must(t, s.Block(ctx, ann, cat)) // who blocks me can be blocked
	must(t, s.Unblock(ctx, cat, ann))
	s.work(t)
	is("unblocked, but blocks", ann, cat, "none", "blocked_by_you")
	must(t, s.Unblock(ctx, ann, cat))
	s.work(t)
	is("unblocked", ann, cat, "none", "none")
	must(t, s.Unfollow(ctx, ann, cat)) // does nothing

	nobody := ann + 1
	for name, act := range map[string]func(me, other tintype.ID) error{
		"follow": func(a, b tintype.ID) error { return s.Follow(ctx, a, b) },
		"block":  func(a, b tintype.ID) error { return s.Block(ctx, a, b) },
	} {
		wantKind(t, name+" oneself", act(ann, ann), tintype.Invalid)
		wantKind(t, name+" by nobody", act(0, ann), tintype.Unauthenticated)
		wantKind(t, name+" nobody", act(ann, nobody), tintype.NotFound)
	}
	if len(s.told) == 0 {
		t.Error("nobody was told of anything")
	}
}

func TestGoingPublic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	star := s.user(t, "star", true)
	var fans []tintype.ID
	for i := range 5 {
		fan := s.user(t, fmt.Sprintf("fan%d", i), false)
		must(t, s.Follow(ctx, fan, star))
		fans = append(fans, fan)
	}
	s.work(t)
	must(t, s.ApproveAll(ctx, []job.User{{ID: star}})) // private again by now: nothing happens
	if ids, _, err := s.Requests(ctx, star, tintype.Page{Count: 10}); err != nil || len(ids) != 5 {
		t.Errorf("%d requests, %v; want 5", len(ids), err)
	}
	s.setPrivate(t, star, false)
	for range 2 {
		must(t, s.ApproveAll(ctx, []job.User{{ID: star}}))
	}
	s.work(t)
	u, err := s.User(ctx, 0, star)
	if err != nil || u.Counts.FollowedBy != 5 {
		t.Errorf("%+v, %v; want 5 followers", u, err)
	}
	rels, err := s.Relations(ctx, fans[0], []tintype.ID{star, fans[1]})
	if err != nil || !rels[0].Follows || rels[1].Follows {
		t.Errorf("relations are %+v, %v", rels, err)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	star, me := s.user(t, "star", false), s.user(t, "me", false)
	var fans []tintype.ID
	for i := range 7 {
		fan := s.user(t, fmt.Sprintf("fan%d", i), false)
		must(t, s.Follow(ctx, fan, star))
		fans = append([]tintype.ID{fan}, fans...)
		time.Sleep(time.Millisecond) // two shards order their IDs by milliseconds
	}
	s.work(t)
	must(t, s.Block(ctx, fans[2], me))
	must(t, s.Block(ctx, me, fans[5]))
	s.work(t)
	seen := slices.Delete(slices.Clone(fans), 5, 6)
	seen = slices.Delete(seen, 2, 3)
	for _, tt := range []struct {
		viewer tintype.ID
		want   []tintype.ID
	}{{0, fans}, {star, fans}, {me, seen}} {
		for _, count := range []int{1, 2, 5, 7, 50} {
			var got []tintype.ID
			for page := (tintype.Page{Count: count}); ; {
				ids, next, err := s.Followers(ctx, tt.viewer, star, page)
				if err != nil {
					t.Fatal(err)
				}
				if got, page.Max = append(got, ids...), next; next == 0 {
					break
				}
				if len(ids) != count {
					t.Errorf("a page of %d that is not the last has %d", count, len(ids))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("to %v, in pages of %d, the followers are %v, want %v", tt.viewer, count, got, tt.want)
			}
		}
	}
	if ids, next, err := s.Following(ctx, 0, fans[0], tintype.Page{Count: 5}); err != nil || next != 0 || !slices.Equal(ids, []tintype.ID{star}) {
		t.Errorf("following: %v, %v, %v", ids, next, err)
	}
	users, err := s.Users(ctx, []tintype.ID{star, me + 1, star})
	if err != nil || users[0] == nil || users[1] != nil || users[2] != users[0] {
		t.Errorf("users: %v, %v", users, err)
	}
	if u, err := s.UserByName(ctx, 0, "STAR"); err != nil || u.ID != star {
		t.Errorf("by name: %v, %v", u, err)
	}
	_, err = s.UserByName(ctx, 0, "nobody")
	wantKind(t, "nobody's name", err, tintype.NotFound)
	_, err = s.UserByName(ctx, me, "fan4") // fans[2], who blocks me
	wantKind(t, "the name of who blocks me", err, tintype.NotFound)
}

func TestSuggested(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	me, a, b := s.user(t, "me", false), s.user(t, "a", false), s.user(t, "b", false)
	both, one, private, foe := s.user(t, "both", false), s.user(t, "one", false), s.user(t, "private", true), s.user(t, "foe", false)
	for _, e := range [][2]tintype.ID{{me, a}, {me, b}, {a, both}, {b, both}, {b, one}, {a, private}, {b, foe}, {a, me}, {a, b}} {
		must(t, s.Follow(ctx, e[0], e[1]))
	}
	s.work(t)
	must(t, s.Block(ctx, foe, me))
	s.work(t)
	late := s.user(t, "late", false)
	suggests := func(who string, to tintype.ID, n int, want ...tintype.Suggestion) {
		t.Helper()
		got, err := s.Suggested(ctx, to, n)
		// Of two who were followed in the same moment, it does not matter who is named first.
		for _, c := range got {
			slices.Sort(c.By)
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", who, err, diff)
		}
	}
	byBoth := tintype.Suggestion{User: both, Reason: tintype.SuggestFollowedBy, By: []tintype.ID{a, b}, Count: 2}
	byOne := tintype.Suggestion{User: one, Reason: tintype.SuggestFollowedBy, By: []tintype.ID{b}, Count: 1}
	isNew := tintype.Suggestion{User: late, Reason: tintype.SuggestNew}
	suggests("to me", me, 5, byBoth, byOne, isNew)
	suggests("the best", me, 1, byBoth)
	if got, err := s.Suggested(ctx, late, 2); err != nil || len(got) != 2 {
		t.Errorf("to who follows nobody: %v, %v", got, err)
	}
	_, err := s.Suggested(ctx, 0, 2)
	wantKind(t, "to nobody", err, tintype.Unauthenticated)

	// Who is asked to be followed, and who was dismissed, is suggested no more; what is taken back is.
	must(t, s.Dismiss(ctx, me, both, true))
	must(t, s.Dismiss(ctx, me, both, true))
	suggests("without one", me, 5, byOne, isNew)
	must(t, s.Dismiss(ctx, me, both, false))
	must(t, s.Follow(ctx, me, one))
	suggests("at once after a follow", me, 5, byBoth, isNew)
	wantKind(t, "to dismiss who blocks me", s.Dismiss(ctx, me, foe, true), tintype.NotFound)
	wantKind(t, "to dismiss as nobody", s.Dismiss(ctx, 0, one, true), tintype.Unauthenticated)

	// Who is suspended is not named as a reason.
	must(t, s.r.Home(a.Shard()).Write(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test.suspend", SQL: `UPDATE {s}users SET state = $1 WHERE id = $2`}, int(tintype.UserSuspended), a)
		return err
	}))
	s.users.Clear()
	byBoth.By, byBoth.Count = []tintype.ID{b}, 1
	suggests("after a suspension", me, 5, byBoth, isNew)
}

// TestSuggestedFor gives the other reasons.
func TestSuggestedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	me, tagger, star, hermit, late := s.user(t, "me", false), s.user(t, "tagger", false), s.user(t, "star", false), s.user(t, "hermit", true), s.user(t, "late", false)
	s.tagged, s.popular = []tintype.ID{hermit, tagger, me}, []tintype.ID{me, tagger, hermit, star}
	got, err := s.Suggested(t.Context(), me, 5)
	want := []tintype.Suggestion{{User: tagger, Reason: tintype.SuggestTag, Tag: "film"}, {User: star, Reason: tintype.SuggestPopular}, {User: late, Reason: tintype.SuggestNew}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
