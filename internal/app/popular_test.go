package app_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/discover"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// popular reads what the site's jobs wrote, anew each time, and keeps no more than keep posts.
func (s *site) popular(keep int) *discover.Popular {
	r := s.app.Backend.Router
	return discover.NewPopular(discover.PopularConfig{Scores: sqlstore.Popular{R: r}, Posts: s.app.Post,
		PostIDs: sqlstore.Posts{R: r, Clock: time.Now}, Clock: time.Now, Fresh: time.Nanosecond, Keep: keep})
}

// TestPopular follows the popular posts through each deed that changes them, for who may see them and who may not.
func TestPopular(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		ada, ben, eve, dan, fay := s.user("ada", false), s.user("ben", false), s.user("eve", true), s.user("dan", false), s.user("fay", false)
		asAda, asBen, asEve, asDan, asFay := s.session(ada), s.session(ben), s.session(eve), s.session(dan), s.session(fay)
		popular := s.popular(100)
		shows := func(who string, viewer tintype.ID, want ...mediaOut) {
			t.Helper()
			posts, next, err := popular.Posts(ctx, viewer, tintype.Page{Count: 32})
			var got, ids []string
			for _, p := range posts {
				got = append(got, p.ID.String()+"_"+p.UserID.String())
			}
			for _, m := range want {
				ids = append(ids, m.ID)
			}
			if err != nil || !slices.Equal(got, ids) || next != 0 {
				t.Errorf("%s is shown %q, %v, %v; want %q", who, got, next, err, ids)
			}
		}
		like := func(c credential, m mediaOut, on bool) {
			t.Helper()
			s.want(200, c, map[bool]string{true: "POST", false: "DELETE"}[on], "/v1/media/"+m.ID+"/likes", nil)
		}
		say := func(c credential, m mediaOut) {
			t.Helper()
			s.want(200, c, "POST", "/v1/media/"+m.ID+"/comments", url.Values{"text": {"fine"}})
		}

		one, two := s.post(asAda, "one", 1), s.post(asBen, "two", 2)
		diary := s.post(asEve, "for friends", 3)
		s.want(200, asBen, "POST", "/v1/users/"+eve.ID.String()+"/relationship", map[string]any{"action": "follow"})
		s.settle()
		s.want(200, asEve, "POST", "/v1/users/"+ben.ID.String()+"/relationship", map[string]any{"action": "approve"})
		s.settle()
		like(asAda, one, true)
		say(asBen, two)
		like(asBen, diary, true)
		s.settle()
		shows("a stranger, while owners liked their own and a friend a private post,", 0)
		like(asBen, one, true)
		s.settle()
		shows("a stranger", 0, one)
		say(asDan, two) // counts for two likes
		s.settle()
		shows("a stranger", 0, two, one)
		shows("an owner", ada.ID, two)
		shows("a follower of a private user", ben.ID, one)

		// Two of an author at most, the best ones.
		more := []mediaOut{s.post(asAda, "three", 4), s.post(asAda, "four", 5)}
		for _, m := range more {
			say(asBen, m)
			say(asDan, m)
		}
		s.settle()
		shows("a stranger", 0, more[1], more[0], two)

		// Likes and comments that are taken back.
		var said []struct{ ID string }
		s.want(200, asDan, "GET", "/v1/media/"+two.ID+"/comments", nil).into(t, &said)
		s.want(200, asDan, "DELETE", "/v1/media/"+two.ID+"/comments/"+said[1].ID, nil)
		like(asBen, one, false)
		s.settle()
		shows("a stranger", 0, more[1], more[0])
		like(asFay, two, true)
		s.settle()
		shows("a stranger", 0, more[1], more[0], two)

		// Blocked, private and public again, suspended and back, deleted. What may not be seen is gone at once, before any job.
		s.want(200, asAda, "POST", "/v1/users/"+dan.ID.String()+"/relationship", map[string]any{"action": "block"})
		shows("who is blocked", dan.ID, two)
		s.want(200, asBen, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
		shows("a stranger, at once", 0, more[1], more[0])
		s.settle()
		shows("a stranger", 0, more[1], more[0])
		if kept, err := (sqlstore.Popular{R: s.app.Backend.Router}).Best(ctx, 10); err != nil || len(kept) != 2 {
			t.Errorf("of a private user is kept: %v, %v", kept, err)
		}
		s.want(200, asBen, "PATCH", "/v1/users/self", map[string]any{"is_private": false})
		s.settle()
		shows("a stranger", 0, more[1], more[0], two)
		for _, suspended := range []bool{true, false} {
			if err := s.app.Account.Suspend(ctx, ben.ID, suspended); err != nil {
				t.Fatal(err)
			}
			s.settle()
			if suspended {
				shows("a stranger, while one is suspended,", 0, more[1], more[0])
			}
		}
		shows("a stranger", 0, more[1], more[0], two)
		s.want(200, asAda, "DELETE", "/v1/media/"+more[1].ID, nil)
		shows("a stranger, at once", 0, more[0], two)
		s.settle()
		shows("a stranger", 0, more[0], two)

		// A follower is not shown a private user's post although its job has yet to come.
		post, err := tintype.ParseID(diary.ID[:len(diary.ID)-len(eve.ID.String())-1])
		if err != nil {
			t.Fatal(err)
		}
		late := tintype.Ranked{Post: post, User: eve.ID, Score: 1 << 61}
		if err := (sqlstore.Popular{R: s.app.Backend.Router}).Put(ctx, []tintype.Ranked{late}, nil); err != nil {
			t.Fatal(err)
		}
		shows("a follower", ben.ID, more[0])

		// The API shows the same, to apps without a user, too.
		var media []mediaOut
		s.want(200, nobody, "GET", "/v1/media/popular", nil).into(t, &media)
		if len(media) != 2 || media[0].ID != more[0].ID || media[1].ID != two.ID {
			t.Fatalf("the API shows %+v", media)
		}
		r := s.want(200, nobody, "GET", "/v1/media/popular?count=1", nil)
		if r.into(t, &media); len(media) != 1 || media[0].ID != more[0].ID {
			t.Fatalf("the first page has %+v", media)
		}
		s.want(200, nobody, "GET", "/v1/media/popular?count=1&max_id="+r.pagination["next_max_id"], nil).into(t, &media)
		if len(media) != 1 || media[0].ID != two.ID {
			t.Errorf("the second page has %+v", media)
		}
		s.want(400, nobody, "GET", "/v1/media/popular?count=0", nil)
	})
}

// TestPopularRanks ranks posts of several days, shows them page by page, and keeps only the best.
func TestPopularRanks(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		popular := s.popular(5)
		now := time.Now().Truncate(time.Millisecond)
		var posts []*tintype.Post
		for i := range 7 { // each a day older than the one before
			owner := s.user(fmt.Sprintf("owner%d", i), false)
			posts = append(posts, &tintype.Post{ID: tintype.MakeID(now.Add(-time.Duration(i)*24*time.Hour).UnixMilli(), owner.ID.Shard(), uint16(i)),
				UserID: owner.ID, Media: []tintype.Media{{Key: fmt.Sprintf("key%d", i)}}})
		}
		if err := s.app.Bulk(now.Add(-30*24*time.Hour)).Posts(ctx, posts); err != nil {
			t.Fatal(err)
		}
		got := func(i int, likes, comments int64, want bool) {
			t.Helper()
			if err := s.app.Backend.Router.Home(posts[i].ID.Shard()).Write(ctx, func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test.got", SQL: `UPDATE {s}posts SET likes = $1, comments = $2 WHERE id = $3`}, likes, comments, posts[i].ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if changed, err := popular.Rebuild(ctx, posts[i].ID); err != nil || changed != want {
				t.Errorf("post %d with %d likes and %d comments: changed %v, %v; want %v", i, likes, comments, changed, err, want)
			}
		}
		shows := func(count int, want ...int) {
			t.Helper()
			var list []int
			page := tintype.Page{Count: count}
			for range 10 {
				some, next, err := popular.Posts(ctx, 0, page)
				if err != nil || len(some) > count {
					t.Fatalf("%d posts, %v", len(some), err)
				}
				for _, p := range some {
					list = append(list, slices.IndexFunc(posts, func(q *tintype.Post) bool { return q.ID == p.ID }))
				}
				if page.Max = next; next == 0 {
					break
				}
			}
			if !slices.Equal(list, want) || page.Max != 0 {
				t.Errorf("%d at a time: %v; want %v", count, list, want)
			}
		}
		got(0, 1, 0, true)   // log2(2) - 0 = 1
		got(1, 2, 2, true)   // log2(7) - 1 = 1.8
		got(2, 0, 10, true)  // log2(21) - 2 = 2.4
		got(3, 7, 0, true)   // log2(8) - 3 = 0
		got(4, 200, 0, true) // log2(201) - 4 = 3.7
		shows(32, 4, 2, 1, 0, 3)
		got(5, 15, 0, false) // log2(16) - 5 = -1: five are better
		got(6, 500, 0, true) // log2(501) - 6 = 3
		if err := popular.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		for count := range 7 {
			shows(count+1, 4, 6, 2, 1, 0)
		}
		got(4, 210, 0, false) // as good as before
		got(4, 100, 0, true)  // log2(101) - 4 = 2.7
		shows(2, 6, 4, 2, 1, 0)
		got(2, 0, 0, true)
		shows(2, 6, 4, 1, 0)
		if authors, err := popular.Authors(ctx, 3); err != nil || !slices.Equal(authors, []tintype.ID{posts[6].UserID, posts[4].UserID, posts[1].UserID}) {
			t.Errorf("popular are %v, %v", authors, err)
		}
	})
}

// TestSuggestions gives each reason for real, and dismisses somebody.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		me, ana, bo, both := s.user("mia", false), s.user("ana", true), s.user("bo", false), s.user("both", false)
		tagger, star, fan := s.user("tagger", false), s.user("star", false), s.user("fan", true)
		asMe := s.session(me)
		follow := func(by *tintype.User, whom ...*tintype.User) {
			t.Helper()
			for _, u := range whom {
				s.want(200, s.session(by), "POST", "/v1/users/"+u.ID.String()+"/relationship", map[string]any{"action": "follow"})
			}
		}
		follow(me, ana, bo)
		follow(ana, both)
		follow(bo, both)
		s.want(200, asMe, "POST", "/v1/tags/film/relationship", map[string]any{"action": "follow"})
		s.post(s.session(tagger), "#film", 1)
		liked := s.post(s.session(star), "mine", 2)
		s.want(200, s.session(fan), "POST", "/v1/media/"+liked.ID+"/likes", nil)
		s.settle()
		s.want(200, s.session(ana), "POST", "/v1/users/"+me.ID.String()+"/relationship", map[string]any{"action": "approve"})
		s.settle()
		suggests := func(who string, c credential, want ...string) {
			t.Helper()
			var list []struct {
				Username string
				Reason   struct {
					Kind  string
					Names []string
					Count int
				}
			}
			s.want(200, c, "GET", "/v1/users/suggested", nil).into(t, &list)
			var got []string
			for _, u := range list {
				slices.Sort(u.Reason.Names)
				got = append(got, fmt.Sprint(u.Username, " ", u.Reason.Kind, " ", u.Reason.Names, " ", u.Reason.Count))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s is suggested %q, want %q", who, got, want)
			}
		}
		suggests("me", asMe, "both followed_by [ana bo] 2", "tagger tag [film] 0", "star popular [] 0")
		s.want(200, asMe, "DELETE", "/v1/users/suggested/"+both.ID.String(), nil)
		suggests("me", asMe, "tagger tag [film] 0", "star popular [] 0")
		s.want(200, asMe, "PUT", "/v1/users/suggested/"+both.ID.String(), nil)
		s.want(200, asMe, "POST", "/v1/users/"+tagger.ID.String()+"/relationship", map[string]any{"action": "block"})
		s.want(200, asMe, "POST", "/v1/users/"+ana.ID.String()+"/relationship", map[string]any{"action": "unfollow"})
		s.settle()
		suggests("who unfollowed a private user", asMe, "both followed_by [bo] 1", "star popular [] 0")
	})
}
