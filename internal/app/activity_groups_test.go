package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

func siteConfig() app.Config { return app.Config{} }

type groupOut struct {
	ID          string
	Kind        string
	Count       int
	NewCount    int `json:"new_count"`
	Users       []struct{ Username string }
	UserCount   int `json:"user_count"`
	Targets     []struct{ Username string }
	TargetCount int `json:"target_count"`
	Media       []struct{ ID string }
	Text        string
}

// brief is a group in a line.
func (g groupOut) brief() string {
	out := fmt.Sprintf("%s %d(%d)", g.Kind, g.Count, g.NewCount)
	for _, u := range g.Users {
		out += " " + u.Username
	}
	out += fmt.Sprintf(" of %d, media %d", g.UserCount, len(g.Media))
	for _, u := range g.Targets {
		out += " -> " + u.Username
	}
	if g.Text != "" {
		out += ": " + g.Text
	}
	return out
}

func (s *site) groups(c credential, path string) (out []string, list []groupOut) {
	s.t.Helper()
	s.want(200, c, "GET", path, nil).into(s.t, &list)
	out = []string{}
	for _, g := range list {
		out = append(out, g.brief())
	}
	return out, list
}

// unordered puts lines in one order: what was done within a millisecond on two shards comes in either.
func unordered(list []string) []string {
	slices.Sort(list)
	return list
}

func TestActivityGroups(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		me := s.user("mia", false)
		asMe := s.session(me)
		m := s.post(asMe, "look", 1)
		other := s.post(asMe, "more", 2)
		var fans []*tintype.User
		for i := range 5 {
			fan := s.user(fmt.Sprintf("fan%d", i), false)
			fans = append(fans, fan)
			c := s.session(fan)
			s.want(200, c, "POST", "/v1/media/"+m.ID+"/likes", nil)
			if err := s.app.Graph.Follow(ctx, fan.ID, me.ID); err != nil {
				t.Fatal(err)
			}
			s.settle() // one after the other
		}
		s.want(200, s.session(fans[0]), "POST", "/v1/media/"+other.ID+"/likes", nil)
		s.settle()
		s.want(200, s.session(fans[1]), "POST", "/v1/media/"+m.ID+"/comments", map[string]string{"text": "first"})
		s.want(200, s.session(fans[1]), "POST", "/v1/media/"+m.ID+"/comments", map[string]string{"text": "second"})
		s.settle()
		if err := s.app.Account.Suspend(ctx, fans[4].ID, true); err != nil {
			t.Fatal(err)
		}
		if err := s.app.Graph.Block(ctx, me.ID, fans[3].ID); err != nil {
			t.Fatal(err)
		}
		s.settle()
		grouped := "/v1/users/self/activity/grouped"
		got, list := s.groups(asMe, grouped)
		want(t, "groups", got, "comment 2(2) fan1 of 1, media 1: second", "like 1(1) fan0 of 1, media 1", "follow 3(3) fan2 fan1 fan0 of 3, media 0", "like 3(3) fan2 fan1 fan0 of 3, media 1")
		var unread struct {
			Total int
			Kinds map[string]int
		}
		s.want(200, asMe, "GET", "/v1/users/self/activity/unread", nil).into(t, &unread)
		// A mark is no list: it counts what is there, whoever it is by.
		if diff := cmp.Diff(map[string]int{"comment": 2, "like": 6, "follow": 4}, unread.Kinds); diff != "" || unread.Total != 12 {
			t.Errorf("unread: %d (-want +got):\n%s", unread.Total, diff)
		}
		// Page by page.
		first, _ := s.groups(asMe, grouped+"?count=2")
		want(t, "the first page", first, got[:2]...)
		var page struct {
			Pagination struct {
				Next string `json:"next_max_id"`
			}
		}
		if err := json.Unmarshal(s.want(200, asMe, "GET", grouped+"?count=2", nil).body, &page); err != nil {
			t.Fatal(err)
		}
		second, _ := s.groups(asMe, grouped+"?count=2&max_id="+page.Pagination.Next)
		want(t, "the second page", second, got[2:]...)

		s.want(200, asMe, "POST", "/v1/users/self/activity/seen", map[string]string{"max_id": list[0].ID})
		seen, _ := s.groups(asMe, grouped+"?utc_offset=-600&count=1")
		want(t, "after it was seen", seen, "comment 2(0) fan1 of 1, media 1: second")
		s.want(400, asMe, "GET", grouped+"?utc_offset=900", nil)
	})
}

func TestFollowingActivity(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		people := map[string]*tintype.User{}
		for _, n := range []string{"me", "ann", "shy", "hermit", "cat", "foe", "star", "stranger"} {
			people[n] = s.user("x"+n, n == "hermit" || n == "foe" || n == "star")
		}
		must := func(errs ...error) {
			t.Helper()
			for _, err := range errs {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		follow := func(who, whom string) {
			t.Helper()
			must(s.app.Graph.Follow(ctx, people[who].ID, people[whom].ID))
			s.settle()
			if people[whom].Private {
				must(s.app.Graph.Approve(ctx, people[whom].ID, people[who].ID))
				s.settle()
			}
		}
		as := func(n string) credential { return s.session(people[n]) }
		s.want(200, as("shy"), "PATCH", "/v1/users/self/choices", map[string]any{"show_activity": false})
		for _, n := range []string{"ann", "shy", "hermit"} {
			follow("me", n)
		}
		catPost, minePost, starPost := s.post(as("cat"), "cat's", 1), s.post(as("me"), "mine", 2), s.post(as("star"), "star's", 3)
		annPost := s.post(as("ann"), "ann's", 4)
		following := "/v1/users/self/activity/following"
		// What ann does, and who only hides or may not be told of does too.
		follow("ann", "star")
		for _, n := range []string{"ann", "shy", "hermit", "stranger"} {
			for _, m := range []mediaOut{catPost, minePost, annPost} {
				s.want(200, as(n), "POST", "/v1/media/"+m.ID+"/likes", nil)
			}
			s.want(200, as(n), "POST", "/v1/media/"+catPost.ID+"/comments", map[string]string{"text": "said by " + n})
			follow(n, "cat")
			follow(n, "me")
		}
		s.want(200, as("ann"), "POST", "/v1/media/"+starPost.ID+"/likes", nil)
		s.settle()
		all := []string{"follow 1(0) xann of 1, media 0 -> xcat", "comment 1(0) xann of 1, media 1: said by ann", "like 1(0) xann of 1, media 1"}
		got, _ := s.groups(as("me"), following)
		want(t, "what I am told", unordered(got), unordered(all)...)

		// Once I follow star too, ann's follow of star and like of star's post may be told.
		follow("me", "star")
		got, _ = s.groups(as("me"), following)
		want(t, "with star", unordered(got), unordered([]string{"follow 2(0) xann of 1, media 0 -> xcat -> xstar", "comment 1(0) xann of 1, media 1: said by ann", "like 2(0) xann of 1, media 2"})...)

		// Whom cat blocks is told nothing of what was done to cat.
		must(s.app.Graph.Block(ctx, people["cat"].ID, people["me"].ID))
		s.settle()
		got, _ = s.groups(as("me"), following)
		want(t, "after a block", unordered(got), unordered([]string{"follow 1(0) xann of 1, media 0 -> xstar", "like 1(0) xann of 1, media 1"})...)

		// Nothing of ann's once she goes private or hides it.
		must(s.app.Graph.Unblock(ctx, people["cat"].ID, people["me"].ID))
		s.settle()
		s.want(200, as("ann"), "PATCH", "/v1/users/self", map[string]any{"is_private": true})
		got, _ = s.groups(as("me"), following)
		want(t, "private", got)
		s.want(200, as("ann"), "PATCH", "/v1/users/self", map[string]any{"is_private": false})
		if got, _ = s.groups(as("me"), following); len(got) == 0 {
			t.Error("nothing of who is public again")
		}
		s.want(200, as("ann"), "PATCH", "/v1/users/self/choices", map[string]any{"show_activity": false})
		got, _ = s.groups(as("me"), following)
		want(t, "hidden", got)
	})
}

// TestLikesThatAreHiddenAreNotTold is that activity of whom one follows does not tell who likes a post whose likes are hidden.
func TestLikesThatAreHiddenAreNotTold(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		mia, ann, cat := s.user("mia", false), s.user("ann", false), s.user("cat", false)
		asMe, asAnn, asCat := s.session(mia), s.session(ann), s.session(cat)
		s.does(asMe, ann, "follow")
		s.settle()
		open, hidden := s.post(asCat, "open", 1), s.post(asCat, "hidden", 2)
		s.want(200, asCat, "PATCH", "/v1/media/"+hidden.ID, map[string]any{"hide_likes": true})
		for _, m := range []mediaOut{open, hidden} {
			s.want(200, asAnn, "POST", "/v1/media/"+m.ID+"/likes", nil)
			s.want(200, asAnn, "POST", "/v1/media/"+m.ID+"/comments", map[string]string{"text": "on " + m.Caption.Text})
		}
		s.settle()
		_, list := s.groups(asMe, "/v1/users/self/activity/following")
		liked, comments := []string{}, 0
		for _, g := range list {
			switch g.Kind {
			case "like":
				for _, m := range g.Media {
					liked = append(liked, m.ID)
				}
			case "comment":
				comments++
			}
		}
		want(t, "what ann is said to like", liked, open.ID)
		if comments != 2 {
			t.Errorf("%d comments are told, want both: they are there for all to read", comments)
		}
	})
}
