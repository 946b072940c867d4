package post_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/tintype"
)

// TestWhoSeesWhat asks for everything of a post, as every sort of viewer, in
// every state of its owner; what must not be seen is not, by any way.
func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	ctx := t.Context()
	owner := s.user(t, "owner", false)
	viewers := map[string]tintype.ID{"nobody": 0, "owner": owner}
	for _, n := range []string{"stranger", "follower", "asker", "blocked", "blocker"} {
		viewers[n] = s.user(t, n, false)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p := s.publish(t, owner, post.Draft{Caption: "canary"})
	must(s.graph.Follow(ctx, viewers["follower"], owner))
	for _, u := range viewers {
		if u != 0 {
			must(s.Like(ctx, u, p.ID))
		}
	}
	s.work(t)
	setPrivate := func(on bool) {
		t.Helper()
		must(s.setPrivate(owner, on))
		s.work(t)
	}
	check := func(state string, may ...string) {
		t.Helper()
		for name, v := range viewers {
			see := slices.Contains(may, name)
			ways := map[string]func() (bool, error){
				"get":     func() (bool, error) { q, err := s.Get(ctx, v, p.ID); return q != nil, err },
				"visible": func() (bool, error) { l, err := s.Visible(ctx, v, []tintype.ID{p.ID}); return len(l) == 1, err },
				"profile": func() (bool, error) {
					l, _, err := s.ByUser(ctx, v, owner, tintype.Page{Count: 5})
					return len(l) == 1, err
				},
				"likers": func() (bool, error) {
					l, _, err := s.Likers(ctx, v, p.ID, tintype.Page{Count: 50})
					return len(l) > 0, err
				},
				"comments": func() (bool, error) {
					_, _, err := s.Comments(ctx, v, p.ID, tintype.Page{Count: 5})
					return err == nil, err
				},
				"media": func() (bool, error) {
					f, err := s.OpenMedia(ctx, v, p.ID, p.Media[0].Key, imaging.Size640)
					if err == nil {
						f.Close()
						if f.Public != (state == "public") {
							t.Errorf("%s: media are said to be public: %v", state, f.Public)
						}
					}
					return err == nil, err
				},
				"legacy": func() (bool, error) {
					f, err := s.OpenMedia(ctx, v, p.ID, p.Media[0].Key, imaging.Size612s)
					if err == nil {
						f.Close()
					}
					return err == nil, err
				},
			}
			if v != 0 {
				ways["liked"] = func() (bool, error) {
					l, _, err := s.LikedPosts(ctx, v, tintype.Page{Count: 5})
					return len(l) == 1, err
				}
				ways["comment"] = func() (bool, error) {
					_, _, err := s.AddComment(ctx, v, p.ID, "hi", "")
					return err == nil, err
				}
				ways["like"] = func() (bool, error) { err := s.Like(ctx, v, p.ID); return err == nil, err }
			}
			for way, try := range ways {
				got, err := try()
				if got != see {
					t.Errorf("%s: %s by %s: %v (%v), want %v", state, way, name, got, err, see)
				}
				if !see && err != nil && !tintype.IsKind(err, tintype.NotFound) && !tintype.IsKind(err, tintype.NotAllowed) {
					t.Errorf("%s: %s by %s: %v", state, way, name, err)
				}
			}
			f, _, err := s.OpenOriginal(ctx, v, p.ID, 0)
			if (err == nil) != (name == "owner") {
				t.Errorf("%s: the original by %s: %v", state, name, err)
			}
			if err == nil {
				f.Close()
			}
		}
	}
	everybody := []string{"nobody", "owner", "stranger", "follower", "asker", "blocked", "blocker"}
	check("public", everybody...)
	must(s.graph.Block(ctx, owner, viewers["blocked"]))
	must(s.graph.Block(ctx, viewers["blocker"], owner))
	check("public", "nobody", "owner", "stranger", "follower", "asker") // at once, before the jobs
	s.work(t)
	check("public", "nobody", "owner", "stranger", "follower", "asker")
	setPrivate(true)
	must(s.graph.Follow(ctx, viewers["asker"], owner))
	check("private", "owner", "follower")
	s.work(t)
	check("private", "owner", "follower")
	must(s.graph.Approve(ctx, owner, viewers["asker"]))
	check("private", "owner", "follower", "asker")
	must(s.graph.RemoveFollower(ctx, owner, viewers["follower"]))
	check("private", "owner", "asker")
	must(s.graph.Unfollow(ctx, viewers["asker"], owner))
	s.work(t)
	check("private", "owner")
	must(s.graph.Unblock(ctx, owner, viewers["blocked"]))
	must(s.graph.Unblock(ctx, viewers["blocker"], owner))
	setPrivate(false)
	check("public", everybody...)
	// What may not be seen any longer may still be unliked, and nothing is told by that to who did not like it.
	must(s.graph.Block(ctx, owner, viewers["blocked"]))
	must(s.Unlike(ctx, viewers["blocked"], p.ID))
	wantKind(t, "unliking again", s.Unlike(ctx, viewers["blocked"], p.ID), tintype.NotFound)
}

// TestHiddenPeople: who is hidden from a viewer is left out of what they did, and the counts stay true.
func TestHiddenPeople(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	ctx := t.Context()
	owner, me, foe, friend := s.user(t, "owner", false), s.user(t, "me", false), s.user(t, "foe", false), s.user(t, "friend", false)
	p := s.publish(t, owner, post.Draft{})
	for _, u := range []tintype.ID{foe, friend} {
		if err := s.Like(ctx, u, p.ID); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if _, _, err := s.AddComment(ctx, u, p.ID, fmt.Sprint(i), ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.work(t)
	if err := s.graph.Block(ctx, foe, me); err != nil { // foe blocks me: foe is hidden from me too
		t.Fatal(err)
	}
	s.work(t)
	for _, tt := range []struct {
		viewer   tintype.ID
		likers   int
		comments int
		embedded int
	}{{me, 1, 3, 3}, {owner, 2, 6, 4}, {0, 2, 6, 4}} {
		q, err := s.Get(ctx, tt.viewer, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if q.Likes != 2 || q.Comments != 6 || len(q.TopLikers) != tt.likers || len(q.TopComments) != tt.embedded {
			t.Errorf("to %v the post has %d likes by %v and %d comments, %d embedded", tt.viewer, q.Likes, q.TopLikers, q.Comments, len(q.TopComments))
		}
		var likers []tintype.ID
		var comments int
		for page := (tintype.Page{Count: 1}); ; {
			l, next, err := s.Likers(ctx, tt.viewer, p.ID, page)
			if err != nil {
				t.Fatal(err)
			}
			if likers, page.Max = append(likers, l...), next; next == 0 {
				break
			}
		}
		for page := (tintype.Page{Count: 2}); ; {
			l, next, err := s.Comments(ctx, tt.viewer, p.ID, page)
			if err != nil {
				t.Fatal(err)
			}
			if comments, page.Max = comments+len(l), next; next == 0 {
				break
			}
		}
		if len(likers) != tt.likers || comments != tt.comments {
			t.Errorf("to %v the pages have %v and %d comments, want %d and %d", tt.viewer, likers, comments, tt.likers, tt.comments)
		}
	}
}

// TestOwnLike: who likes sees that at once, before the job has run and after.
func TestOwnLike(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	ctx := t.Context()
	owner, me, other := s.user(t, "owner", false), s.user(t, "me", false), s.user(t, "other", false)
	p := s.publish(t, owner, post.Draft{})
	s.work(t)
	check := func(when string, viewer tintype.ID, liked bool, likes int64) {
		t.Helper()
		q, err := s.Get(ctx, viewer, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		l, err := s.Liked(ctx, viewer, []tintype.ID{p.ID})
		if err != nil {
			t.Fatal(err)
		}
		likers, _, err := s.Likers(ctx, viewer, p.ID, tintype.Page{Count: 10})
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.Visible(ctx, viewer, []tintype.ID{p.ID})
		if err != nil {
			t.Fatal(err)
		}
		if l[0] != liked || slices.Contains(q.TopLikers, viewer) != liked || slices.Contains(likers, viewer) != liked ||
			q.Likes != likes || v[0].Likes != likes || len(q.TopLikers) != int(likes) || len(likers) != int(likes) {
			t.Errorf("%s: liked %v, %d likes by %v, likers %v; want %v and %d", when, l[0], q.Likes, q.TopLikers, likers, liked, likes)
		}
	}
	check("before", me, false, 0)
	for range 2 { // twice is once
		if err := s.Like(ctx, me, p.ID); err != nil {
			t.Fatal(err)
		}
		check("liked", me, true, 1)
		check("liked, as another sees it before the job", other, false, 0)
	}
	s.work(t)
	check("arrived", me, true, 1)
	check("arrived, as another sees it", other, false, 1)
	for range 2 {
		if err := s.Unlike(ctx, me, p.ID); err != nil {
			t.Fatal(err)
		}
		check("unliked", me, false, 0)
	}
	if err := s.Like(ctx, me, p.ID); err != nil {
		t.Fatal(err)
	}
	check("liked again", me, true, 1)
	s.work(t)
	check("arrived again", me, true, 1)
	wantKind(t, "nobody likes", s.Like(ctx, 0, p.ID), tintype.Unauthenticated)
	wantKind(t, "liking nothing", s.Like(ctx, me, p.ID+1), tintype.NotFound)
	s.mu.Lock()
	told := len(s.noticed)
	s.mu.Unlock()
	if told != 1 {
		t.Errorf("the owner was told %d times, want once: taken back and given again between two jobs is nothing new", told)
	}
}

// TestLikesAtOnce: many likes and unlikes at the same time, with the jobs running, count exactly.
func TestLikesAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	ctx := context.Background()
	owner := s.user(t, "owner", false)
	p := s.publish(t, owner, post.Draft{})
	users := make([]tintype.ID, 20)
	for i := range users {
		users[i] = s.user(t, fmt.Sprintf("user%d", i), false)
	}
	var wg sync.WaitGroup
	for i, u := range users {
		wg.Go(func() {
			for k := range 25 {
				act := s.Like
				if k%2 == 1 {
					act = s.Unlike
				}
				if i%2 == 1 && k == 24 {
					return // every other ends without
				}
				if err := act(ctx, u, p.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	stop := make(chan struct{})
	var worker sync.WaitGroup
	worker.Go(func() { s.workUntil(t, stop) })
	wg.Wait()
	close(stop)
	worker.Wait()
	s.work(t)
	q, err := s.Get(ctx, 0, p.ID)
	if err != nil || q.Likes != 10 {
		t.Errorf("%d likes, %v; want 10", q.Likes, err)
	}
	likers, _, err := s.Likers(ctx, 0, p.ID, tintype.Page{Count: 50})
	if err != nil || len(likers) != 10 {
		t.Errorf("%d likers, %v; want 10", len(likers), err)
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	ctx := t.Context()
	owner, me, other := s.user(t, "owner", false), s.user(t, "me", false), s.user(t, "other", false)
	p := s.publish(t, owner, post.Draft{})
	for _, bad := range []string{"", " \n", "\x00", string(make([]byte, 5000)), fmt.Sprintf("%01001d", 7), "\xff"} {
		_, _, err := s.AddComment(ctx, me, p.ID, bad, "")
		wantKind(t, fmt.Sprintf("%.10q", bad), err, tintype.Invalid)
	}
	_, _, err := s.AddComment(ctx, 0, p.ID, "x", "")
	wantKind(t, "nobody comments", err, tintype.Unauthenticated)
	c, replayed, err := s.AddComment(ctx, me, p.ID, " hello @owner ", "key")
	if err != nil || replayed || c.Text != "hello @owner" {
		t.Fatal(c, replayed, err)
	}
	if d, replayed, err := s.AddComment(ctx, me, p.ID, " hello @owner ", "key"); err != nil || !replayed || *d != *c {
		t.Errorf("a repeat: %+v, %v, %v", d, replayed, err)
	}
	_, _, err = s.AddComment(ctx, me, p.ID, "other", "key")
	wantKind(t, "the key for another comment", err, tintype.Conflict)
	if q, err := s.Get(ctx, other, p.ID); err != nil || q.Comments != 1 || len(q.TopComments) != 1 || q.TopComments[0] != *c {
		t.Errorf("the post has %d comments, %+v, %v", q.Comments, q.TopComments, err)
	}
	texts, err := s.CommentTexts(ctx, []tintype.ID{p.ID, p.ID}, []tintype.ID{c.ID + 1, c.ID})
	if err != nil || !slices.Equal(texts, []string{"", "hello @owner"}) {
		t.Errorf("texts are %q, %v", texts, err)
	}
	wantKind(t, "another deletes", s.DeleteComment(ctx, other, p.ID, c.ID), tintype.Forbidden)
	wantKind(t, "nobody deletes", s.DeleteComment(ctx, 0, p.ID, c.ID), tintype.Unauthenticated)
	wantKind(t, "deleting nothing", s.DeleteComment(ctx, me, p.ID, c.ID+1), tintype.NotFound)
	elsewhere := s.publish(t, other, post.Draft{})
	wantKind(t, "deleting by another post", s.DeleteComment(ctx, other, elsewhere.ID, c.ID), tintype.NotFound)
	if err := s.DeleteComment(ctx, me, p.ID, c.ID); err != nil {
		t.Fatal(err)
	}
	mine, _, err := s.AddComment(ctx, me, p.ID, "again", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteComment(ctx, owner, p.ID, mine.ID); err != nil { // on the owner's post
		t.Errorf("the owner deletes: %v", err)
	}
	if q, err := s.Get(ctx, me, p.ID); err != nil || q.Comments != 0 || len(q.TopComments) != 0 {
		t.Errorf("the post has %d comments, %+v, %v", q.Comments, q.TopComments, err)
	}
}

func TestPagesOfPosts(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	ctx := t.Context()
	me := s.user(t, "me", false)
	var want []tintype.ID
	for range 5 {
		p := s.publish(t, me, post.Draft{})
		want = append([]tintype.ID{p.ID}, want...)
		if err := s.Like(ctx, me, p.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, count := range []int{1, 2, 5, 6, 60} {
		var got, liked []tintype.ID
		for page := (tintype.Page{Count: count}); ; {
			posts, more, err := s.ByUser(ctx, 0, me, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range posts {
				got, page.Max = append(got, p.ID), p.ID
			}
			if !more {
				break
			}
		}
		for page := (tintype.Page{Count: count}); ; {
			posts, next, err := s.LikedPosts(ctx, me, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range posts {
				liked = append(liked, p.ID)
			}
			if page.Max = next; next == 0 {
				break
			}
		}
		if !slices.Equal(got, want) || !slices.Equal(liked, want) {
			t.Errorf("in pages of %d: posts %v, liked %v; want %v", count, got, liked, want)
		}
	}
	if err := s.Delete(ctx, me, want[2]); err != nil {
		t.Fatal(err)
	}
	if posts, _, err := s.ByUser(ctx, 0, me, tintype.Page{Count: 20}); err != nil || len(posts) != 4 {
		t.Errorf("after a deletion %d posts, %v", len(posts), err)
	}
	if posts, _, err := s.LikedPosts(ctx, me, tintype.Page{Count: 20}); err != nil || len(posts) != 4 {
		t.Errorf("after a deletion %d liked posts, %v", len(posts), err)
	}
	_, _, err := s.ByUser(ctx, 0, me+1, tintype.Page{Count: 5})
	wantKind(t, "nobody's posts", err, tintype.NotFound)
}

// However much a viewer must not see, one answer does bounded work, and walking
// on finds what is behind it.
func TestMuchHiddenIsPassedInSteps(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	me, friend, foe := s.user(t, "me", false), s.user(t, "friend", false), s.user(t, "foe", false)
	p := s.publish(t, me, post.Draft{})
	ctx := t.Context()
	c, _, err := s.AddComment(ctx, friend, p.ID, "first", "")
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, _, err := s.AddComment(ctx, foe, p.ID, "noise", ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.graph.Block(ctx, friend, foe); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	var got []tintype.Comment
	page, pages := tintype.Page{Count: 1}, 0
	for {
		list, next, err := s.Comments(ctx, friend, p.ID, page)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, list...)
		pages++
		if page.Max = next; next == 0 {
			break
		}
	}
	if len(got) != 1 || got[0].ID != c.ID || pages < 2 {
		t.Errorf("%d comments on %d pages, want the friend's one, behind more than one page of others", len(got), pages)
	}
}
