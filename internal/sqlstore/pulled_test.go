package sqlstore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// crowd adds n users and gives their IDs, ascending.
func crowd(t *testing.T, r *shard.Router, n int, seen time.Time) []tintype.ID {
	t.Helper()
	var list []tintype.Member
	var ids []tintype.ID
	for i := range n {
		id := tintype.MakeID(1_500_000_000_000+int64(i), r.Pick(), 0)
		name := "user" + id.String()
		list = append(list, tintype.Member{Skeleton: name, Seen: seen,
			Account: tintype.Account{UserID: id, PasswordHash: "x", Locale: "en", Created: seen}, User: tintype.User{ID: id, Username: name}})
		ids = append(ids, id)
	}
	if err := (sqlstore.Bulk{R: r}).People(context.Background(), list); err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestFeedEdges(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		f, g := sqlstore.Feeds{R: r}, sqlstore.Graph{R: r}
		u := crowd(t, r, 7, time.Now())
		star, others := u[0], u[1:]
		var edges []job.Edge
		for i, o := range others {
			edges = append(edges, job.Edge{User: o, Target: star, Op: tintype.MakeID(1_600_000_000_000, o.Shard(), uint16(i))})
		}
		edges = append(edges, job.Edge{User: others[0], Target: others[1], Op: tintype.MakeID(1_600_000_000_001, others[0].Shard(), 0)})
		if err := (sqlstore.Bulk{R: r}).Follows(ctx, edges); err != nil {
			t.Fatal(err)
		}
		if _, err := g.Answer(ctx, star, others[2], tintype.EdgeGone); err != nil { // star removes one follower
			t.Fatal(err)
		}
		if _, err := g.Unfollow(ctx, others[0], others[1]); err != nil {
			t.Fatal(err)
		}
		left := slices.Delete(slices.Clone(others), 2, 3)
		first, err := f.FollowersPage(ctx, star, 0, 3)
		if err != nil || !slices.Equal(first, left[:3]) {
			t.Errorf("first page %v, %v; want %v", first, err, left[:3])
		}
		if rest, err := f.FollowersPage(ctx, star, first[2], 3); err != nil || !slices.Equal(rest, left[3:]) {
			t.Errorf("second page %v, %v; want %v", rest, err, left[3:])
		}
		among, err := f.FollowersAmong(ctx, star, []tintype.ID{others[0], others[2], star})
		if err != nil || !slices.Equal(among, others[:1]) {
			t.Errorf("followers among: %v, %v", among, err)
		}
		if p, err := f.FolloweesPage(ctx, others[0], 0, 10); err != nil || !slices.Equal(p, []tintype.ID{star}) {
			t.Errorf("followees: %v, %v", p, err)
		}
		if p, err := f.FolloweesPage(ctx, others[0], star, 10); err != nil || len(p) != 0 {
			t.Errorf("followees after the last: %v, %v", p, err)
		}
		if p, err := f.FolloweesAmong(ctx, others[0], []tintype.ID{star, others[1], others[3]}); err != nil || !slices.Equal(p, []tintype.ID{star}) {
			t.Errorf("followees among: %v, %v", p, err)
		}
	})
}

func TestNewestPosts(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		f := sqlstore.Feeds{R: r}
		u := crowd(t, r, 5, time.Now())
		// Posts 0 to 39, oldest first, are by users 0 to 3 in turn.
		var list []*tintype.Post
		var ids []tintype.ID
		for i := range 40 {
			a := u[i%4]
			p := &tintype.Post{ID: tintype.MakeID(1_600_000_000_000+int64(i), a.Shard(), 0), UserID: a, Media: []tintype.Media{{Key: "k"}}}
			list, ids = append(list, p), append(ids, p.ID)
		}
		if err := (sqlstore.Bulk{R: r}).Posts(ctx, list); err != nil {
			t.Fatal(err)
		}
		pick := func(from, to int, keep func(i int) bool) []tintype.ID {
			var out []tintype.ID
			for i := from; i >= to; i-- {
				if keep(i) {
					out = append(out, ids[i])
				}
			}
			return out
		}
		any := func(int) bool { return true }
		for _, c := range []struct {
			name        string
			authors     []tintype.ID
			min, max    tintype.ID
			each, limit int
			want        []tintype.ID
		}{
			{"all", u, 0, 0, 100, 100, pick(39, 0, any)},
			{"limit", u, 0, 0, 100, 7, pick(39, 33, any)},
			{"each", u, 0, 0, 2, 100, pick(39, 32, any)},
			{"one author", u[1:2], 0, 0, 3, 100, pick(39, 28, func(i int) bool { return i%4 == 1 })},
			{"below", u, 0, ids[20], 1, 100, pick(19, 16, any)},
			{"above", u, ids[36], 0, 100, 100, pick(39, 37, any)},
			{"between", u[:2], ids[8], ids[16], 100, 100, pick(15, 9, func(i int) bool { return i%4 < 2 })},
			{"nobody", nil, 0, 0, 10, 10, nil},
			{"none wanted", u, 0, 0, 0, 10, nil},
			{"no posts", u[4:], 0, 0, 10, 10, nil},
		} {
			got, err := f.NewestPosts(ctx, 0, c.authors, c.min, c.max, c.each, c.limit)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
			}
		}
		if reach, err := f.Reach(ctx, ids[3]); err != nil || reach != tintype.ReachEveryone {
			t.Errorf("a post reaches %v, %v", reach, err)
		}
		if reach, err := f.Reach(ctx, ids[3]+1); err != nil || reach != tintype.ReachNobody {
			t.Errorf("no post reaches %v, %v", reach, err)
		}
	})
}

func TestPulledAndPresence(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		f := sqlstore.Feeds{R: r}
		now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		u := crowd(t, r, 6, now.Add(-40*24*time.Hour))

		for _, on := range []bool{true, true, false, true} {
			if err := f.SetPulled(ctx, u[2], on, now); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.SetPulled(ctx, u[1], true, now); err != nil {
			t.Fatal(err)
		}
		if ids, err := f.Pulled(ctx); err != nil || !slices.Equal(ids, u[1:3]) {
			t.Errorf("pulled: %v, %v; want %v", ids, err, u[1:3])
		}
		if err := f.SetPulled(ctx, u[1], false, now); err != nil {
			t.Fatal(err)
		}
		if ids, err := f.Pulled(ctx); err != nil || !slices.Equal(ids, u[2:3]) {
			t.Errorf("pulled: %v, %v", ids, err)
		}
		if n, err := f.FollowerCount(ctx, u[0]); err != nil || n != 0 {
			t.Errorf("followers: %d, %v", n, err)
		}

		tl := sqlstore.Timelines{R: r, Clock: time.Now, Kind: timeline.Home}
		for _, id := range u[:4] {
			if err := tl.Replace(ctx, id, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Touch(ctx, []tintype.ID{u[1], u[5]}, now); err != nil {
			t.Fatal(err)
		}
		if err := f.Touch(ctx, []tintype.ID{u[1]}, now.Add(-50*24*time.Hour)); err != nil { // a late one
			t.Fatal(err)
		}
		var away []tintype.ID
		for {
			ids, more, err := f.Away(ctx, now.Add(-30*24*time.Hour), 2)
			if err != nil {
				t.Fatal(err)
			}
			if err := tl.Forget(ctx, ids); err != nil {
				t.Fatal(err)
			}
			away = append(away, ids...)
			if !more {
				break
			}
		}
		slices.Sort(away)
		if want := []tintype.ID{u[0], u[2], u[3]}; !slices.Equal(away, want) {
			t.Errorf("away: %v, want %v", away, want)
		}
		if err := f.Put(ctx, u[0], job.Insert{Kind: job.DeliverKind, Item: job.Fanout{Post: 1, Author: u[0]}}); err != nil {
			t.Error(err)
		}
	})
}
