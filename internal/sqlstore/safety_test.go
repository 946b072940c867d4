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

func TestSafety(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		me, a, b := addUser(t, r, r.Pick(), "me", false), addUser(t, r, r.Pick(), "a", false), addUser(t, r, r.Pick(), "b", false)
		s := sqlstore.Safety{R: r}
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		stance := func(want tintype.Stance) {
			t.Helper()
			if got, err := s.Stance(ctx, me, a); err != nil || got != want {
				t.Errorf("the stance is %+v, %v; want %+v", got, err, want)
			}
		}
		stance(tintype.Stance{})
		check(s.Mute(ctx, me, a, false, 2))
		stance(tintype.Stance{Muted: true})
		check(s.Mute(ctx, me, a, true, 2))
		check(s.Restrict(ctx, me, a, 2))
		check(s.Restrict(ctx, me, a, 2))
		stance(tintype.Stance{Muted: true, MutedActivity: true, Restricted: true})
		check(s.Mute(ctx, me, b, false, 2))
		if err := s.Mute(ctx, me, tintype.ID(77), false, 2); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("a third of two: %v", err)
		}
		check(s.Mute(ctx, me, b, true, 2)) // who is muted can be muted otherwise, at the limit too
		want := []tintype.ID{a, b}
		slices.Sort(want)
		if got, err := s.MuteList(ctx, me); err != nil || !slices.Equal(got, want) {
			t.Errorf("muted: %v, %v", got, err)
		}
		users, ops, err := s.Mutes(ctx, me, tintype.Page{Count: 1})
		if err != nil || !slices.Equal(users, []tintype.ID{b}) {
			t.Errorf("the latest muted: %v, %v", users, err)
		}
		if users, _, err = s.Mutes(ctx, me, tintype.Page{Count: 5, Max: ops[0]}); err != nil || !slices.Equal(users, []tintype.ID{a}) {
			t.Errorf("the next: %v, %v", users, err)
		}
		if users, _, err = s.Restricts(ctx, me, tintype.Page{Count: 5}); err != nil || !slices.Equal(users, []tintype.ID{a}) {
			t.Errorf("restricted: %v, %v", users, err)
		}
		words := tintype.HiddenWords{Words: []string{"ugly", "笨蛋"}, Covers: true}
		check(s.SetHiddenWords(ctx, me, tintype.HiddenWords{}))
		check(s.SetHiddenWords(ctx, me, words))
		if got, err := s.HiddenWords(ctx, me); err != nil || !cmp.Equal(got, words) {
			t.Errorf("words: %v, %v", got, err)
		}
		if got, err := s.MuteList(ctx, me); err != nil || !slices.Equal(got, append([]tintype.ID{0}, want...)) {
			t.Errorf("with words that cover, muted: %v, %v", got, err)
		}
		if got, err := s.HiddenWords(ctx, a); err != nil || got.Words != nil || got.Covers {
			t.Errorf("another's words: %v, %v", got, err)
		}
		check(s.Unmute(ctx, me, a))
		check(s.Unrestrict(ctx, me, a))
		stance(tintype.Stance{})
		check(s.SetCommenters(ctx, me, tintype.CommentersFollowers))
		if got, err := (sqlstore.Users{R: r}).Users(ctx, []tintype.ID{me}); err != nil || got[0].Commenters != tintype.CommentersFollowers {
			t.Errorf("who may comment: %v, %v", got, err)
		}
	})
}

func TestHeld(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		me, fan, friend := addUser(t, r, r.Pick(), "me", false), addUser(t, r, r.Pick(), "fan", false), addUser(t, r, r.Pick(), "friend", false)
		p := &tintype.Post{UserID: me, Media: []tintype.Media{{}}, Commenters: tintype.CommentersFollowing}
		if _, err := publish(t, r, p, 1, tintype.Once{}); err != nil {
			t.Fatal(err)
		}
		s, safety := sqlstore.Comments{R: r, Clock: time.Now}, sqlstore.Safety{R: r}
		home := r.Home(me.Shard())
		add := func(author tintype.ID, text string, held tintype.HeldWhy, mentions ...tintype.ID) tintype.Comment {
			t.Helper()
			c := tintype.Comment{PostID: p.ID, UserID: author, Text: text, Held: held}
			if _, _, err := s.AddComment(ctx, &c, me, mentions, tintype.Once{}); err != nil {
				t.Fatal(err)
			}
			return c
		}
		takeJobs(t, r)
		open := add(fan, "open", tintype.NotHeld)
		if err := safety.Restrict(ctx, me, fan, 5); err != nil {
			t.Fatal(err)
		}
		takeJobs(t, r)
		mine := add(me, "mine", tintype.HeldWords) // never held
		takeJobs(t, r)
		byFan := add(fan, "held", tintype.NotHeld, friend)
		if got, want := kinds(takeJobs(t, r)), "edge×1"; got != want {
			t.Errorf("a comment that is held enqueues %s, want %s", got, want)
		}
		byFriend := add(friend, "held too", tintype.HeldWords)
		if mine.Held != tintype.NotHeld || byFan.Held != tintype.HeldRestricted || byFriend.Held != tintype.HeldWords {
			t.Errorf("held: %v, %v, %v", mine.Held, byFan.Held, byFriend.Held)
		}
		read := func() *tintype.Post {
			t.Helper()
			list, err := sqlstore.Posts{R: r, Clock: time.Now}.Posts(ctx, []tintype.ID{p.ID})
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			return list[0]
		}
		by := []tintype.ID{fan, friend}
		slices.Sort(by)
		if got := read(); got.Comments != 2 || !slices.Equal(got.HeldBy, by) || len(got.TopComments) != 2 || got.Commenters != tintype.CommentersFollowing {
			t.Errorf("the post is %+v", got)
		}
		lists := func(what string, got []tintype.Comment, err error, want ...tintype.Comment) {
			t.Helper()
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
			}
		}
		page := tintype.Page{Count: 10}
		list, err := s.Comments(ctx, p.ID, page)
		lists("everybody's", list, err, mine, open)
		list, err = s.CommentsAnd(ctx, fan, p.ID, page)
		lists("the author's", list, err, byFan, mine, open)
		list, err = s.CommentsAnd(ctx, fan, p.ID, tintype.Page{Count: 1, Max: byFan.ID})
		lists("the author's second page", list, err, mine)
		list, err = s.Held(ctx, me, 0, page)
		lists("all that is held", list, err, byFriend, byFan)
		list, err = s.Held(ctx, me, p.ID, tintype.Page{Count: 1, Max: byFriend.ID})
		lists("on the post", list, err, byFan)
		list, err = s.HeldOf(ctx, friend, []tintype.ID{p.ID})
		lists("one's own", list, err, byFriend)
		list, err = s.CommentsByID(ctx, []tintype.Comment{{PostID: p.ID, ID: byFan.ID}})
		lists("by ID", list, err, byFan)
		if got := rows(t, home, `SELECT comment_id FROM {s}activity WHERE user_id = $1 AND kind = 2`, 1, me); !slices.Equal(got, []string{open.ID.String()}) {
			t.Errorf("the owner is told of %v", got)
		}

		// A like of whom one restricts is counted, and not told.
		if _, err := (sqlstore.Likes{R: r}).Like(ctx, fan, p.ID, me, true); err != nil {
			t.Fatal(err)
		}
		if _, told, err := (sqlstore.Likes{R: r}).ApplyLikes(ctx, only(itemsOf[job.Edge](t, takeJobs(t, r), job.EdgeKind), job.EdgeLike)); err != nil || len(told) != 0 {
			t.Errorf("told of a like: %v, %v", told, err)
		}
		takeJobs(t, r)

		if err := s.Approve(ctx, me, p.ID, byFan.ID); err != nil {
			t.Fatal(err)
		}
		if got := itemsOf[job.Notice](t, takeJobs(t, r), job.NoticeKind); len(got) != 1 || got[0].User != friend {
			t.Errorf("approved, it tells %+v", got)
		}
		if err := s.Approve(ctx, me, p.ID, byFan.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("approved again: %v", err)
		}
		if got := read(); got.Comments != 3 || got.Likes != 1 || !slices.Equal(got.HeldBy, []tintype.ID{friend}) {
			t.Errorf("after one was approved the post is %+v", got)
		}
		if err := s.DeleteComment(ctx, byFriend, me); err != nil {
			t.Fatal(err)
		}
		if got := read(); got.Comments != 3 || len(got.HeldBy) != 0 {
			t.Errorf("after the other was deleted the post is %+v", got)
		}
		add(friend, "held last", tintype.HeldWords)
		takeJobs(t, r)
		posts := sqlstore.Posts{R: r, Clock: time.Now}
		if err := posts.DeletePost(ctx, me, p.ID); err != nil {
			t.Fatal(err)
		}
		for _, e := range itemsOf[job.Erase](t, takeJobs(t, r), job.EraseKind) {
			if err := posts.ErasePost(ctx, e); err != nil {
				t.Fatal(err)
			}
		}
		if got := rows(t, home, `SELECT id FROM {s}held_comments WHERE post_id = $1`, 1, p.ID); len(got) != 0 {
			t.Errorf("still held: %v", got)
		}
	})
}

// TestMutedActivity: what is muted is neither listed nor counted, and is there again at once.
func TestMutedActivity(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		me, fan := addUser(t, r, r.Pick(), "me", false), addUser(t, r, r.Pick(), "fan", false)
		post := addPost(t, r, me)
		c := tintype.Comment{PostID: post, UserID: fan, Text: "hello"}
		if _, _, err := (sqlstore.Comments{R: r, Clock: time.Now}).AddComment(ctx, &c, me, nil, tintype.Once{}); err != nil {
			t.Fatal(err)
		}
		s, a := sqlstore.Safety{R: r}, sqlstore.Activities{R: r}
		for _, step := range []struct {
			do   func() error
			want int
		}{
			{func() error { return nil }, 1},
			{func() error { return s.Mute(ctx, me, fan, false, 5) }, 1},
			{func() error { return s.Mute(ctx, me, fan, true, 5) }, 0},
			{func() error { return s.Unmute(ctx, me, fan) }, 1},
		} {
			if err := step.do(); err != nil {
				t.Fatal(err)
			}
			list, err := a.Activity(ctx, me, tintype.Page{Count: 5})
			if err != nil {
				t.Fatal(err)
			}
			if n, err := a.Unread(ctx, me, 10); err != nil || n != step.want || len(list) != n {
				t.Errorf("%d unread of %d, %v; want %d", n, len(list), err, step.want)
			}
		}
	})
}
