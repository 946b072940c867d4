package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

// TestCaptions looks for posts by what they say: as who may see them and who may not, and after
// each deed that changes what there is to be found.
func TestCaptions(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada, ben, eve, dan := s.user("ada", false), s.user("ben", false), s.user("eve", true), s.user("dan", false)
		asAda, asBen, asEve, asDan := s.session(ada), s.session(ben), s.session(eve), s.session(dan)
		s.want(200, asBen, "POST", "/v1/users/"+eve.ID.String()+"/relationship", map[string]any{"action": "follow"})
		s.settle()
		s.want(200, asEve, "POST", "/v1/users/"+ben.ID.String()+"/relationship", map[string]any{"action": "approve"})
		find := func(who string, c credential, q string, want ...mediaOut) {
			t.Helper()
			var media []struct{ ID string }
			r := s.want(200, c, "GET", "/v1/search/media?q="+url.QueryEscape(q), nil)
			r.into(t, &media)
			var got, ids []string
			for _, m := range media {
				got = append(got, m.ID)
			}
			for _, m := range want {
				ids = append(ids, m.ID)
			}
			if !slices.Equal(got, ids) || len(r.pagination) != 0 {
				t.Errorf("%s looks for %q and finds %q %v, want %q", who, q, got, r.pagination, ids)
			}
		}

		beach := s.post(asAda, "Sunset at the beach, with Zoë", 1)
		night := s.post(asBen, "After sunset: 看日落的猫", 2)
		diary := s.post(asEve, "sunset, only for friends", 3)
		s.settle()
		find("a stranger", nobody, "SUNSET", night, beach)
		find("a follower", asBen, "sunset", diary, night, beach)
		find("the owner", asEve, "sunset", diary, night, beach)
		find("a stranger", nobody, "beach sunset zoe", beach)
		find("a stranger", nobody, "sunset moon")
		find("a stranger", nobody, "sun")
		find("a stranger", nobody, "#beach!", beach)
		find("a stranger", nobody, "日落", night)
		find("a stranger", nobody, "猫 日落 sunset", night)
		find("a stranger", nobody, "落日")
		find("a stranger", nobody, "…")

		// Of one user.
		find("ada", asAda, "sunset from:me", beach)
		find("ada", asAda, "from:me", beach)
		find("a stranger", nobody, "from:Ben 日落", night)
		find("a stranger", nobody, "sunset from：@ben", night)
		find("a stranger", nobody, "beach from:ben")
		find("a stranger", nobody, "sunset from:eve")
		find("a stranger", nobody, "from:eve")
		find("a follower", asBen, "friends from:eve", diary)
		find("the owner", asEve, "friends from:me", diary)
		find("a stranger", nobody, "sunset from:nobody_here")
		find("a stranger", nobody, "sunset from:", night, beach)
		s.want(400, nobody, "GET", "/v1/search/media?q=from:me", nil)
		s.want(400, nobody, "GET", "/v1/search/media?q=", nil)
		s.want(400, nobody, "GET", "/v1/search/media?q=%ff", nil)
		s.want(400, nobody, "GET", fmt.Sprintf("/v1/search/media?q=%0201d", 1), nil)

		// An edit, also of an alternative text.
		s.want(200, asAda, "PATCH", "/v1/media/"+beach.ID, map[string]any{"caption": "Dawn at the beach", "alt_texts": []string{"a lighthouse"}})
		find("a stranger, at once", nobody, "sunset", night)
		s.settle()
		find("a stranger", nobody, "dawn lighthouse", beach)
		find("ada", asAda, "lighthouse from:me", beach)
		find("ada", asAda, "sunset from:me")

		// Blocked, suspended, private, public.
		s.want(200, asAda, "POST", "/v1/users/"+dan.ID.String()+"/relationship", map[string]any{"action": "block"})
		s.settle()
		find("who is blocked", asDan, "dawn")
		find("who is blocked", asDan, "dawn from:ada")
		s.want(200, asBen, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
		find("a stranger", nobody, "日落")
		find("the owner", asBen, "日落", night)
		s.want(200, asBen, "PATCH", "/v1/users/self", map[string]any{"is_private": false})
		find("a stranger", nobody, "日落", night)
		if err := s.app.Account.Suspend(t.Context(), ben.ID, true); err != nil {
			t.Fatal(err)
		}
		find("a stranger", nobody, "日落")
		find("a stranger", nobody, "日落 from:ben")

		// Deleted: nothing is left of it.
		s.want(200, asAda, "DELETE", "/v1/media/"+beach.ID, nil)
		find("a stranger, at once", nobody, "dawn")
		s.settle()
		post, err := tintype.ParseID(beach.ID[:len(beach.ID)-len(ada.ID.String())-1])
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range s.app.Backend.Router.Homes() {
			n := 0
			if _, err := h.QueryRow(t.Context(), testWordRows, []any{&n}, post); err != nil || n != 0 {
				t.Errorf("%d rows of a deleted post are left, %v", n, err)
			}
		}
	})
}

// TestCaptionsAgainstAll holds searches, page by page, against a look at every post. Most posts of a word are a private user's.
func TestCaptionsAgainstAll(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		ada, eve := s.user("ada", false), s.user("eve", true)
		r := rand.New(rand.NewPCG(7, 3))
		parts := []string{"rain", "Rain", "snow", "séa", "SEA", "日落", "日出", "大海", "of", "the", "猫"}
		day := time.Now().Add(-24 * time.Hour).UnixMilli()
		var all []*tintype.Post
		for i := range 600 {
			owner := eve
			if i%4 == 0 {
				owner = ada
			}
			var text []string
			for range r.IntN(5) {
				text = append(text, parts[min(r.IntN(len(parts)), r.IntN(len(parts)))])
			}
			p := &tintype.Post{ID: tintype.MakeID(day+int64(i), owner.ID.Shard(), 0), UserID: owner.ID, Caption: strings.Join(text, " "),
				Media: []tintype.Media{{Key: fmt.Sprintf("key%d", i), AltText: parts[r.IntN(len(parts))]}}}
			all = append(all, p)
		}
		if err := s.app.Bulk(time.Now()).Posts(ctx, all); err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if _, err := s.app.Captions.Rebuild(ctx, p.ID); err != nil {
				t.Fatal(err)
			}
		}
		slices.Reverse(all)
		seen := 0
		for _, q := range []string{"rain", "rain snow", "sea rain the of", "日落", "日", "snow 日落", "海 猫", "the sea from:ada", "from:ada", "rain from:eve", "落"} {
			for _, viewer := range []*tintype.User{ada, eve} {
				for _, count := range []int{3, 20, 60} {
					var want, got []tintype.ID
					text, from, one := strings.Cut(q, "from:")
					ask := words.Ask(text)
					for _, p := range all {
						name := map[tintype.ID]string{ada.ID: "ada", eve.ID: "eve"}[p.UserID]
						if ask.In(p.Caption, p.Media[0].AltText) && (p.UserID == ada.ID || viewer == eve) && (!one || strings.HasPrefix(from, name)) {
							want = append(want, p.ID)
						}
					}
					page := tintype.Page{Count: count}
					for range len(want)/count + 1 {
						posts, next, err := s.app.Captions.Search(ctx, viewer.ID, q, page)
						if err != nil {
							t.Fatal(err)
						}
						for _, p := range posts {
							got = append(got, p.ID)
						}
						if page.Max = next; next == 0 {
							break
						}
					}
					if seen += len(got); !slices.Equal(got, want) || page.Max != 0 {
						t.Errorf("%q by %s, %d at a time: %d posts, then %v; want %d", q, viewer.Username, count, len(got), page.Max, len(want))
					}
				}
			}
		}
		if seen < 1000 {
			t.Errorf("only %d posts were found in all", seen)
		}
	})
}

// TestCaptionJobsInAnyOrder: whatever the order, and however often, of the jobs of a post's deeds, at the end it is
// found by what it says, and by nothing else.
func TestCaptionJobsInAnyOrder(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		ada := s.user("ada", false)
		asAda := s.session(ada)
		m := s.post(asAda, "one two", 1)
		post, err := tintype.ParseID(strings.TrimSuffix(m.ID, "_"+ada.ID.String()))
		if err != nil {
			t.Fatal(err)
		}
		jobs := []job.Wording{{Post: post, User: ada.ID}}
		was := []string{"one two"}
		for _, caption := range []string{"two three", "日落", "three four", ""} {
			s.want(200, asAda, "PATCH", "/v1/media/"+m.ID, map[string]any{"caption": caption})
			jobs = append(jobs, job.Wording{Post: post, User: ada.ID, Was: was})
			was = []string{caption}
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					for _, i := range rand.Perm(len(jobs)) {
						if err := s.app.Captions.Apply(ctx, jobs[i:i+1]); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			s.settle()
			rows := 0
			for _, h := range s.app.Backend.Router.Homes() {
				n := 0
				if _, err := h.QueryRow(ctx, testWordRows, []any{&n}, post); err != nil {
					t.Fatal(err)
				}
				rows += n
			}
			if want := 2 * len(words.Terms(caption)); rows != want {
				t.Errorf("%q is in %d timelines, want %d", caption, rows, want)
			}
		}
	})
}

var testWordRows = &sqlstore.Stmt{Name: "test.words", SQL: `SELECT count(*) FROM {s}word_posts WHERE post_id = $1`}
