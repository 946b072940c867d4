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

func TestArrange(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		me, other := addUser(t, r, r.Pick(), "me", false), addUser(t, r, r.Pick(), "other", false)
		s := sqlstore.Posts{R: r, Clock: time.Now}
		yes, no, friends, everyone, hide := true, false, tintype.AudienceFriends, tintype.AudienceEveryone, tintype.ChoiceYes
		add := func(audience tintype.Audience, caption string) tintype.ID {
			t.Helper()
			p := &tintype.Post{UserID: me, Audience: audience, Caption: caption, Tags: tintype.TagsIn(caption),
				Location: &tintype.Location{ID: 2950159, Name: "Berlin", Latitude: 52.5, Longitude: 13.4, HasPoint: true}}
			if _, err := publish(t, r, p, 1, tintype.Once{UserID: me}); err != nil {
				t.Fatal(err)
			}
			return p.ID
		}
		// is compares the counters, and whom the lists of all and of close friends show.
		is := func(what string, media, friendly int64, shown, close []tintype.ID) {
			t.Helper()
			u, err := sqlstore.Profiles{R: r}.Profile(ctx, me)
			if err != nil {
				t.Fatal(err)
			}
			if u.Counts.Media != media || u.Counts.FriendMedia != friendly {
				t.Errorf("%s: %d posts and %d for close friends, want %d and %d", what, u.Counts.Media, u.Counts.FriendMedia, media, friendly)
			}
			for audience, want := range map[tintype.Audience][]tintype.ID{everyone: shown, friends: close} {
				got, err := s.ShownIDs(ctx, me, audience, tintype.Page{Count: 10})
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("%s: posts for audience %d are %v, %v; want %v", what, audience, got, err, want)
				}
				box := tintype.Box{West: 13, South: 52, East: 14, North: 53}
				points, err := s.OnMap(ctx, me, audience, box, tintype.Page{Count: 10})
				if err != nil || len(points) != len(want) {
					t.Errorf("%s: %d on the map for audience %d, %v; want %d", what, len(points), audience, err, len(want))
				}
			}
		}
		open, closed := add(everyone, "#lake at dawn"), add(friends, "#lake at night")
		is("published", 1, 1, []tintype.ID{open}, []tintype.ID{closed, open})
		takeJobs(t, r)
		arrange := func(post tintype.ID, a tintype.Arrangement, wantJobs string) []takenJob {
			t.Helper()
			if err := s.Arrange(ctx, me, post, a); err != nil {
				t.Fatal(err)
			}
			jobs := takeJobs(t, r)
			if got := kinds(jobs); got != wantJobs {
				t.Errorf("%+v: jobs %s, want %s", a, got, wantJobs)
			}
			return jobs
		}

		jobs := arrange(open, tintype.Arrangement{Archived: &yes}, "spot×1 tag×1 uncache×1 withdraw×1 word×1")
		if got := itemsOf[job.Tagging](t, jobs, job.TagKind); !cmp.Equal(got, []job.Tagging{{Post: open, Op: open, Tags: []string{"lake"}, Quiet: true, Reach: true}}) {
			t.Errorf("tagging %+v", got)
		}
		if got := itemsOf[job.Wording](t, jobs, job.WordKind); len(got) != 1 || !slices.Equal(got[0].Was, []string{"#lake at dawn", "picture 0"}) {
			t.Errorf("wording %+v", got)
		}
		if got := itemsOf[job.Uncache](t, jobs, job.UncacheKind); !cmp.Equal(got, []job.Uncache{{User: me, Post: open}}) {
			t.Errorf("uncaching %+v", got)
		}
		is("archived", 0, 1, nil, []tintype.ID{closed})
		if ids, err := s.ArchivedIDs(ctx, me, tintype.Page{Count: 5}); err != nil || !slices.Equal(ids, []tintype.ID{open}) {
			t.Errorf("archived: %v, %v", ids, err)
		}
		if truth, err := (sqlstore.Tags{R: r}).Truth(ctx, open); err != nil || truth != nil {
			t.Errorf("the truth of an archived post's tags: %+v, %v", truth, err)
		}
		if truth, err := (sqlstore.Spots{R: r}).Truth(ctx, open); err != nil || truth != nil {
			t.Errorf("the truth of an archived post's place: %+v, %v", truth, err)
		}
		if said, err := (sqlstore.Words{R: r}).Texts(ctx, []tintype.ID{open, closed}); err != nil || len(said) != 1 {
			t.Errorf("what archived posts say: %+v, %v", said, err)
		}
		if echoes, err := (sqlstore.Popular{R: r}).Echoes(ctx, []tintype.ID{open, closed}); err != nil || len(echoes) != 1 || echoes[closed].Open {
			t.Errorf("echoes %+v, %v", echoes, err)
		}
		arrange(open, tintype.Arrangement{Archived: &yes}, "") // as it is already
		if err := s.Arrange(ctx, me, open, tintype.Arrangement{Pinned: &yes}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("pinning an archived post: %v, want Conflict", err)
		}
		// What it is for may be changed meanwhile.
		arrange(open, tintype.Arrangement{Audience: &friends}, "")
		arrange(open, tintype.Arrangement{Archived: &no}, "deliver×1 spot×1 tag×1 word×1")
		is("brought back for close friends", 0, 2, nil, []tintype.ID{closed, open})
		arrange(open, tintype.Arrangement{Audience: &everyone}, "deliver×1 spot×1 tag×1")
		is("opened", 1, 1, []tintype.ID{open}, []tintype.ID{closed, open})
		arrange(open, tintype.Arrangement{Audience: &friends}, "spot×1 tag×1 uncache×1 withdraw×1")
		if truth, err := (sqlstore.Tags{R: r}).Truth(ctx, open); err != nil || truth == nil || truth.Open {
			t.Errorf("the truth of a post for close friends: %+v, %v", truth, err)
		}
		arrange(open, tintype.Arrangement{Audience: &everyone, HideLikes: &hide}, "deliver×1 spot×1 tag×1")
		posts, err := s.Posts(ctx, []tintype.ID{open, closed})
		if err != nil || len(posts) != 2 {
			t.Fatal(posts, err)
		}
		for _, p := range posts {
			if want := p.ID == open; (p.HideLikes == hide) != want || (p.Audience == everyone) != want || p.Archived || p.Pinned {
				t.Errorf("a post came back as %+v", p)
			}
		}

		// Three may be pinned; archived ones do not count, and come back without where others took their places.
		pin := func(post tintype.ID) {
			t.Helper()
			arrange(post, tintype.Arrangement{Pinned: &yes}, "")
		}
		third, fourth := add(everyone, ""), add(everyone, "")
		takeJobs(t, r)
		pin(third)
		pin(open)
		pin(closed)
		pin(open) // stays where it is
		pinned := func(want ...tintype.ID) {
			t.Helper()
			if got, err := s.PinnedIDs(ctx, me); err != nil || !slices.Equal(got, want) {
				t.Errorf("pinned %v, %v; want %v", got, err, want)
			}
		}
		pinned(closed, open, third)
		if err := s.Arrange(ctx, me, fourth, tintype.Arrangement{Pinned: &yes}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("a fourth pin: %v, want Conflict", err)
		}
		arrange(open, tintype.Arrangement{Archived: &yes}, "spot×1 tag×1 uncache×1 withdraw×1 word×1")
		pinned(closed, third)
		pin(fourth)
		arrange(open, tintype.Arrangement{Archived: &no}, "deliver×1 spot×1 tag×1 word×1")
		pinned(fourth, closed, third)
		arrange(third, tintype.Arrangement{Pinned: &no}, "")
		pinned(fourth, closed)

		for _, tt := range []struct{ user, post tintype.ID }{{other, open}, {me, open + 1}} {
			if err := s.Arrange(ctx, tt.user, tt.post, tintype.Arrangement{Archived: &yes}); !tintype.IsKind(err, tintype.NotFound) {
				t.Errorf("arranging another's post, or none: %v, want NotFound", err)
			}
		}
		// Deleted, each is taken off the counter that it is on.
		arrange(third, tintype.Arrangement{Archived: &yes}, "spot×1 tag×1 uncache×1 withdraw×1 word×1")
		for _, p := range []tintype.ID{third, closed} {
			if err := s.DeletePost(ctx, me, p); err != nil {
				t.Fatal(err)
			}
		}
		is("deleted", 2, 0, []tintype.ID{fourth, open}, []tintype.ID{fourth, open})
		takeJobs(t, r)
	})
}

func TestFriends(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s, graph, feeds := sqlstore.Friends{R: r}, sqlstore.Graph{R: r}, sqlstore.Feeds{R: r}
		var u []tintype.ID
		for _, name := range []string{"me", "ann", "ben", "cat"} {
			u = append(u, addUser(t, r, r.Pick(), name, false))
		}
		me, ann, ben, cat := u[0], u[1], u[2], u[3]
		set := func(other tintype.ID, on, want bool) {
			t.Helper()
			if changed, err := s.SetFriend(ctx, me, other, on); err != nil || changed != want {
				t.Errorf("SetFriend(%v, %v): changed %v, %v; want %v", other, on, changed, err, want)
			}
		}
		set(ann, true, true)
		set(ann, true, false)
		set(ben, true, true)
		if got := itemsOf[job.Backfill](t, takeJobs(t, r), job.BackfillKind); !cmp.Equal(got, []job.Backfill{{User: ann, Author: me, Friends: true}, {User: ben, Author: me, Friends: true}}) {
			t.Errorf("jobs %+v", got)
		}
		list, ops, err := s.Friends(ctx, me, tintype.Page{Count: 10})
		if err != nil || !slices.Equal(list, []tintype.ID{ben, ann}) {
			t.Errorf("friends %v, %v", list, err)
		}
		if rest, _, err := s.Friends(ctx, me, tintype.Page{Count: 10, Max: ops[0]}); err != nil || !slices.Equal(rest, []tintype.ID{ann}) {
			t.Errorf("the next page %v, %v", rest, err)
		}
		if got, err := s.FriendsAmong(ctx, me, []tintype.ID{cat, ann}); err != nil || !slices.Equal(got, []tintype.ID{ann}) {
			t.Errorf("friends among %v, %v", got, err)
		}
		if got, err := s.FriendOf(ctx, ann, []tintype.ID{me, ben, cat}); err != nil || !slices.Equal(got, []tintype.ID{me}) {
			t.Errorf("who counts ann: %v, %v", got, err)
		}
		rels, err := graph.Relations(ctx, ann, []tintype.ID{me, cat})
		if want := []tintype.Relation{{CloseFriend: true}, {}}; err != nil || !cmp.Equal(rels, want) {
			t.Errorf("relations %+v, %v; want %+v", rels, err, want)
		}
		// Of those, feeds are for followers.
		if _, err := graph.Follow(ctx, ann, me, tintype.EdgeThere); err != nil {
			t.Fatal(err)
		}
		if _, _, err := graph.ApplyEdges(ctx, itemsOf[job.Edge](t, takeJobs(t, r), job.EdgeKind)); err != nil {
			t.Fatal(err)
		}
		takeJobs(t, r)
		if got, err := s.FriendsPage(ctx, me, 0, 10); err != nil || !slices.Equal(got, []tintype.ID{ann}) {
			t.Errorf("a page of friends who follow: %v, %v", got, err)
		}
		if got, err := s.FriendsPage(ctx, me, ann, 10); err != nil || len(got) != 0 {
			t.Errorf("the page after it: %v, %v", got, err)
		}
		var posts []*tintype.Post
		for i := range 4 {
			posts = append(posts, &tintype.Post{ID: tintype.MakeID(1_600_000_000_000+int64(i), me.Shard(), 0), UserID: me, Media: []tintype.Media{{Key: "k"}}})
		}
		if err := (sqlstore.Bulk{R: r}).Posts(ctx, posts); err != nil {
			t.Fatal(err)
		}
		friends, yes := tintype.AudienceFriends, true
		p := sqlstore.Posts{R: r, Clock: time.Now}
		for i, a := range map[int]tintype.Arrangement{3: {Audience: &friends}, 1: {Archived: &yes}} {
			if err := p.Arrange(ctx, me, posts[i].ID, a); err != nil {
				t.Fatal(err)
			}
		}
		for _, tt := range []struct {
			name   string
			reader tintype.ID
			each   int
			want   []tintype.ID
		}{
			{"nobody", 0, 10, []tintype.ID{posts[2].ID, posts[0].ID}},
			{"a close friend", ann, 10, []tintype.ID{posts[3].ID, posts[2].ID, posts[0].ID}},
			{"the author", me, 10, []tintype.ID{posts[3].ID, posts[2].ID, posts[0].ID}},
			{"somebody else", cat, 10, []tintype.ID{posts[2].ID, posts[0].ID}},
			{"the newest for a close friend", ann, 2, []tintype.ID{posts[3].ID, posts[2].ID}},
			{"the newest for somebody else", cat, 1, []tintype.ID{posts[2].ID}},
		} {
			if got, err := feeds.NewestPosts(ctx, tt.reader, []tintype.ID{me}, 0, 0, tt.each, 10); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("newest for %s: %v, %v; want %v", tt.name, got, err, tt.want)
			}
		}
		for i, want := range []tintype.Reach{tintype.ReachEveryone, tintype.ReachNobody, tintype.ReachEveryone, tintype.ReachFriends} {
			if got, err := feeds.Reach(ctx, posts[i].ID); err != nil || got != want {
				t.Errorf("post %d reaches %v, %v; want %v", i, got, err, want)
			}
		}
		set(ben, false, true)
		set(ben, false, false)
		// Who is blocked is no friend, also when that is over.
		for _, on := range []bool{true, false} {
			if _, err := graph.Block(ctx, me, ann, on); err != nil {
				t.Fatal(err)
			}
		}
		if list, _, err := s.Friends(ctx, me, tintype.Page{Count: 10}); err != nil || len(list) != 0 {
			t.Errorf("friends %v, %v; want nobody", list, err)
		}
		takeJobs(t, r)
	})
}
