package sqlstore_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// applyPhotoTag brings what a post says of user to user's side.
func applyPhotoTag(ctx context.Context, t testing.TB, r *shard.Router, it job.PhotoTag) (told []tintype.ID) {
	t.Helper()
	s := sqlstore.PhotoTags{R: r}
	owner, state, err := s.PhotoTagTruth(ctx, it.Post, it.User)
	if err != nil {
		t.Fatal(err)
	}
	told, _, err = s.PutTagged(ctx, it.User, tintype.TaggedPost{Post: it.Post, Owner: owner, State: state, Op: it.Op, Quiet: it.Quiet})
	if err != nil {
		t.Fatal(err)
	}
	return told
}

func TestPhotoTags(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.PhotoTags{R: r}
		posts := sqlstore.Posts{R: r, Clock: time.Now}
		u := crowd(t, r, 4, time.Now())
		me, ann, ben, cat := u[0], u[1], u[2], u[3]
		tag := func(user tintype.ID, x float64, state int) tintype.PhotoTag {
			return tintype.PhotoTag{UserID: user, X: x, Y: 0.25, State: state}
		}
		p := &tintype.Post{UserID: me, Media: []tintype.Media{
			{Key: "first" + me.String(), OriginalKey: "o1", People: []tintype.PhotoTag{tag(ann, 0.1, tintype.EdgeThere), tag(ben, 0.2, tintype.EdgeRequested)}},
			{Key: "second" + me.String(), OriginalKey: "o2", People: []tintype.PhotoTag{tag(ann, 1, tintype.EdgeThere)}},
		}}
		takeJobs(t, r)
		if _, err := posts.Publish(ctx, p, nil, make([][32]byte, 2), tintype.Once{}); err != nil {
			t.Fatal(err)
		}
		read := func() *tintype.Post {
			t.Helper()
			got, err := posts.Posts(ctx, []tintype.ID{p.ID})
			if err != nil || len(got) != 1 {
				t.Fatal(got, err)
			}
			return got[0]
		}
		if diff := gocmp.Diff(p, read()); diff != "" {
			t.Errorf("a post came back different (-want +got):\n%s", diff)
		}
		// work gives who is told, and what was to be done.
		work := func(want ...tintype.ID) (told []tintype.ID) {
			t.Helper()
			var users []tintype.ID
			for _, it := range itemsOf[job.PhotoTag](t, takeJobs(t, r), job.PhotoTagKind) {
				users = append(users, it.User)
				for range 2 { // jobs come twice
					told = append(told, applyPhotoTag(ctx, t, r, it)...)
				}
			}
			slices.Sort(users)
			slices.Sort(want)
			if !slices.Equal(users, want) {
				t.Errorf("jobs name %v, want %v", users, want)
			}
			return told
		}
		lists := func(when string, user tintype.ID, shown, asked int, kinds ...tintype.ActivityKind) {
			t.Helper()
			for state, n := range map[int]int{tintype.EdgeThere: shown, tintype.EdgeRequested: asked} {
				ids, err := s.Tagged(ctx, user, state, tintype.Page{Count: 5})
				if err != nil || len(ids) != n {
					t.Errorf("%s: %v with state %d, %v; want %d", when, ids, state, err, n)
				}
			}
			rows, err := sqlstore.Activities{R: r}.Activity(ctx, user, tintype.Page{Count: 5})
			var got []tintype.ActivityKind
			for _, a := range rows {
				if a.ActorID != me || a.PostID != p.ID {
					t.Errorf("%s: activity %+v", when, a)
				}
				got = append(got, a.Kind)
			}
			if err != nil || !slices.Equal(got, kinds) {
				t.Errorf("%s: activity %v, %v; want %v", when, got, err, kinds)
			}
		}
		if told := work(ann, ben); len(told) != 2 {
			t.Errorf("told %v, want each once", told)
		}
		lists("named", ann, 1, 0, tintype.ActivityTag)
		lists("asked", ben, 0, 1, tintype.ActivityTagAsked)
		if ids, err := s.TaggedBy(ctx, ben, me); err != nil || !slices.Equal(ids, []tintype.ID{p.ID}) {
			t.Errorf("tagged by: %v, %v", ids, err)
		}

		answer := func(user tintype.ID, state int, want bool) {
			t.Helper()
			if changed, err := s.AnswerPhotoTag(ctx, p.ID, user, state); err != nil || changed != want {
				t.Errorf("answer %d of %v: %v, %v; want %v", state, user, changed, err, want)
			}
		}
		answer(ben, tintype.EdgeThere, true)
		answer(ben, tintype.EdgeThere, false)
		if told := work(ben); len(told) != 0 {
			t.Errorf("who approves is told: %v", told)
		}
		lists("approved", ben, 1, 0, tintype.ActivityTag)
		answer(ann, tintype.EdgeGone, true)
		work(ann)
		lists("left", ann, 0, 0)
		if _, err := s.AnswerPhotoTag(ctx, p.ID, cat, tintype.EdgeThere); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("who is not named: %v, want NotFound", err)
		}

		// An edit that knew nothing of the answers does not undo them; it names cat, in other pictures in another order.
		edited := *read()
		edited.Media = []tintype.Media{p.Media[1], p.Media[0]}
		edited.Media[0].People = []tintype.PhotoTag{tag(ann, 0.5, tintype.EdgeThere), tag(cat, 0.5, tintype.EdgeThere)}
		edited.Media[1].People = []tintype.PhotoTag{tag(ben, 0.75, tintype.EdgeRequested)}
		if err := posts.EditPost(ctx, &edited, nil, nil); err != nil {
			t.Fatal(err)
		}
		work(cat)
		got := read()
		for i, want := range [][]tintype.PhotoTag{
			{tag(cat, 0.5, tintype.EdgeThere), tag(ann, 1, tintype.EdgeGone)},
			{tag(ben, 0.75, tintype.EdgeThere), tag(ann, 0.1, tintype.EdgeGone)},
		} {
			if diff := gocmp.Diff(want, got.Media[i].People); diff != "" {
				t.Errorf("picture %d after an edit (-want +got):\n%s", i, diff)
			}
		}
		answer(ann, tintype.EdgeThere, true) // the undo
		work(ann)
		lists("came back", ann, 1, 0)

		// Nobody is named any longer, then the post is gone.
		edited = *read()
		edited.Media[0].People = edited.Media[0].People[:1]
		edited.Media[1].People = nil
		if err := posts.EditPost(ctx, &edited, nil, nil); err != nil {
			t.Fatal(err)
		}
		work(ann, ben)
		lists("no longer named", ben, 0, 0)
		lists("still named", cat, 1, 0, tintype.ActivityTag)
		if err := posts.DeletePost(ctx, me, p.ID); err != nil {
			t.Fatal(err)
		}
		work(cat)
		lists("deleted", cat, 0, 0)
	})
}

func TestChoices(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s, news := sqlstore.Choices{R: r}, sqlstore.Activities{R: r}
		u := crowd(t, r, 3, time.Now())
		me, friend, stranger := u[0], u[1], u[2]
		followed, nobody, yes := tintype.Followed, tintype.Nobody, true
		if _, err := s.Choose(ctx, me, tintype.ChoiceChanges{TagFrom: &followed, TagByHand: &yes, Likes: &nobody}); err != nil {
			t.Fatal(err)
		}
		want := tintype.Choices{TagFrom: tintype.Followed, TagByHand: true, MentionFrom: tintype.Nobody, HidesDeeds: true,
			Likes: tintype.Nobody, Comments: tintype.Followed, Follows: tintype.Followed, Mentions: tintype.Followed, Tags: tintype.Nobody}
		got, err := s.Choose(ctx, me, tintype.ChoiceChanges{MentionFrom: &nobody, HidesDeeds: &yes, Comments: &followed, Follows: &followed, Mentions: &followed, Tags: &nobody})
		if diff := gocmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v, (-want +got):\n%s", err, diff)
		}
		list, err := s.Choices(ctx, []tintype.ID{friend, me, friend})
		if diff := gocmp.Diff([]tintype.Choices{{}, want, {}}, list); err != nil || diff != "" {
			t.Errorf("%v, (-want +got):\n%s", err, diff)
		}
		if _, err := s.Choose(ctx, me+1, tintype.ChoiceChanges{}); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("choices of nobody: %v, want NotFound", err)
		}

		// What is not wanted is not noted.
		if _, err := (sqlstore.Graph{R: r}).Follow(ctx, me, friend, tintype.EdgeThere); err != nil {
			t.Fatal(err)
		}
		n := 0
		notice := func(kind tintype.ActivityKind, actor tintype.ID) job.Notice {
			n++
			return job.Notice{User: me, Kind: kind, Actor: actor, Op: tintype.MakeID(1_600_000_000_000+int64(n), me.Shard(), 0)}
		}
		var notices []job.Notice
		for _, k := range []tintype.ActivityKind{1, 2, 3, 4, 5, 6, 7, 8} {
			notices = append(notices, notice(k, friend), notice(k, stranger))
		}
		if _, err := news.AddNotices(ctx, notices); err != nil {
			t.Fatal(err)
		}
		rows, err := news.Activity(ctx, me, tintype.Page{Count: 50})
		if err != nil {
			t.Fatal(err)
		}
		var heard []string
		for _, a := range rows {
			who := "friend"
			if a.ActorID == stranger {
				who = "stranger"
			}
			heard = append(heard, fmt.Sprint(a.Kind, who))
		}
		slices.Sort(heard)
		if diff := gocmp.Diff([]string{"2friend", "3friend", "4friend", "4stranger", "5friend", "5stranger", "6friend", "8friend", "8stranger"}, heard); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		kinds, err := news.UnreadKinds(ctx, me, 100)
		if diff := gocmp.Diff(map[tintype.ActivityKind]int{2: 1, 3: 1, 4: 2, 5: 2, 6: 1, 8: 2}, kinds); err != nil || diff != "" {
			t.Errorf("unread: %v (-want +got):\n%s", err, diff)
		}
		if kinds, err := news.UnreadKinds(ctx, me, 2); err != nil || !gocmp.Equal(kinds, map[tintype.ActivityKind]int{8: 2}) {
			t.Errorf("of the newest two: %v, %v", kinds, err)
		}
		if err := news.Seen(ctx, me, 0); err != nil {
			t.Fatal(err)
		}
		if id, err := news.SeenTo(ctx, me); err != nil || id != rows[0].ID {
			t.Errorf("seen to %v, %v; want %v", id, err, rows[0].ID)
		}
	})
}

func TestDeeds(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Activities{R: r}
		u := crowd(t, r, 4, time.Now())
		me, ann, ben, shy := u[0], u[1], u[2], u[3]
		yes := true
		if _, err := (sqlstore.Choices{R: r}).Choose(ctx, shy, tintype.ChoiceChanges{HidesDeeds: &yes}); err != nil {
			t.Fatal(err)
		}
		var posts, comments []tintype.ID
		for i := range 4 {
			posts = append(posts, tintype.MakeID(1_700_000_000_000+int64(i), me.Shard(), 0))
			comments = append(comments, posts[i]+5)
		}
		likes, notes := sqlstore.Likes{R: r}, sqlstore.Comments{R: r, Clock: time.Now}
		for _, by := range []tintype.ID{ann, ben, shy} {
			for i, p := range posts {
				if _, err := likes.Like(ctx, by, p, me, true); err != nil {
					t.Fatal(err)
				}
				if err := notes.ApplyComments(ctx, []job.Edge{{Type: job.EdgeComment, User: by, Target: me, Post: p, Op: comments[i], State: tintype.EdgeThere}}); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := (sqlstore.Graph{R: r}).Follow(ctx, by, me, tintype.EdgeThere); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := likes.Like(ctx, ann, posts[3], me, false); err != nil {
			t.Fatal(err)
		}
		read := func(before tintype.ID, each int) []tintype.Deed {
			t.Helper()
			list, err := s.Deeds(ctx, []tintype.ID{ann, ben, shy, me}, before, each)
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(list, func(a, b tintype.Deed) int {
				return cmp.Or(cmp.Compare(a.UserID, b.UserID), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.PostID, b.PostID))
			})
			return list
		}
		var want []tintype.Deed
		for _, by := range []tintype.ID{ann, ben} {
			liked := posts[2:]
			if by == ann { // who took one back
				liked = posts[1:3]
			}
			for _, p := range liked {
				want = append(want, tintype.Deed{UserID: by, Kind: tintype.ActivityLike, PostID: p})
			}
			for i := 2; i < 4; i++ {
				want = append(want, tintype.Deed{UserID: by, Kind: tintype.ActivityComment, Op: comments[i], PostID: posts[i], CommentID: comments[i]})
			}
			want = append(want, tintype.Deed{UserID: by, Kind: tintype.ActivityFollow, TargetID: me})
		}
		got := read(0, 2)
		for i := range got {
			if got[i].Op == 0 {
				t.Errorf("%+v has no op", got[i])
			}
			if got[i].Kind != tintype.ActivityComment {
				got[i].Op = 0 // minted by the store
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		// Before all likes and follows, of comments the two below it.
		got = read(comments[2], 5)
		if len(got) != 4 || got[0].CommentID != comments[0] || got[1].CommentID != comments[1] {
			t.Errorf("before the third comment: %+v", got)
		}
	})
}

// TestChecksOfPhotoTags breaks who is in pictures, and has it found and mended.
func TestChecksOfPhotoTags(t *testing.T) {
	t.Parallel()
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		for i, test := range []struct {
			name   string
			damage func(s *checkedSite)
			want   []string
		}{
			{"a row that never came", func(s *checkedSite) { s.at(s.ben, `DELETE FROM {s}tagged_posts WHERE user_id = $1`, s.ben) },
				[]string{"photo_tags: and their side does not say so"}},
			{"an answer that was lost", func(s *checkedSite) { s.at(s.ben, `UPDATE {s}tagged_posts SET state = 1 WHERE user_id = $1`, s.ben) },
				[]string{"photo_tags: and their side does not say so", "tagged_posts: and it does not, or otherwise"}},
			{"a row that was left behind", func(s *checkedSite) {
				s.at(s.ann, `INSERT INTO {s}tagged_posts (user_id, post_id, owner_id, state) VALUES ($1, $2, $3, 2)`, s.ann, s.post, s.cat)
			}, []string{"tagged_posts: and it does not, or otherwise"}},
		} {
			t.Run(test.name, func(t *testing.T) {
				s := newCheckedSite(t, r, i)
				s.at(s.cat, `UPDATE {s}media SET people = $1 WHERE post_id = $2`, fmt.Sprintf(`[{"u":"%v","x":0.5,"y":1,"s":2},{"u":"%v","x":0.5,"y":1,"s":0}]`, s.ben, s.dan), s.post)
				applyPhotoTag(t.Context(), t, r, job.PhotoTag{Post: s.post, User: s.ben, Op: s.post})
				if found := s.check(); len(found) != 0 {
					t.Fatalf("a sound site has findings: %q", brief(found))
				}
				test.damage(s)
				found := s.check()
				expectFindings(t, found, test.want)
				s.mend(found)
				if left := s.check(); len(left) != 0 {
					t.Fatalf("after the repair there is still %q", brief(left))
				}
			})
		}
	})
}
