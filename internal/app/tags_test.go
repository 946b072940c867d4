package app_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestTags follows posts through the pages of their tags: by caption, by an
// edit, by their owner's comment; in the feed of who follows a tag; and out again.
func TestTags(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada, ben, eve := s.user("ada", false), s.user("ben", false), s.user("eve", true)
		asAda, asBen, asEve := s.session(ada), s.session(ben), s.session(eve)
		s.want(200, asBen, "POST", "/v1/users/"+eve.ID.String()+"/relationship", map[string]any{"action": "follow"})
		s.settle()
		s.want(200, asEve, "POST", "/v1/users/"+ben.ID.String()+"/relationship", map[string]any{"action": "approve"})

		type page struct {
			ids  []string
			tags [][]string
			why  []string // the followed tag by which each is there
			next map[string]string
		}
		list := func(c credential, path string) (p page) {
			t.Helper()
			r := s.want(200, c, "GET", path, nil)
			var media []struct {
				ID   string
				Tags []string
				Why  string `json:"followed_tag"`
			}
			r.into(t, &media)
			for _, m := range media {
				p.ids, p.tags, p.why = append(p.ids, m.ID), append(p.tags, m.Tags), append(p.why, m.Why)
			}
			p.next = r.pagination
			return p
		}
		count := func(tag string) int {
			t.Helper()
			var out struct {
				Name  string
				Count int `json:"media_count"`
			}
			s.want(200, nobody, "GET", "/v1/tags/"+url.PathEscape(tag), nil).into(t, &out)
			if out.Name != strings.ToLower(tag) {
				t.Errorf("the tag %s is called %s", tag, out.Name)
			}
			return out.Count
		}
		search := func(q string) (names []string) {
			t.Helper()
			var out []struct{ Name string }
			s.want(200, asBen, "GET", "/v1/tags/search?q="+url.QueryEscape(q), nil).into(t, &out)
			for _, t := range out {
				names = append(names, t.Name)
			}
			return names
		}
		recent := "/v1/tags/" + url.PathEscape("日落") + "/media/recent"

		// Greek: the last sigma differs from the others, but in capitals.
		greek := s.post(asAda, "#ΣΟΦΟΣ #σοφοσύνη #İzmir", 5)
		s.settle()
		if got := list(nobody, "/v1/tags/"+url.PathEscape("σοφος")+"/media/recent"); !slices.Equal(got.ids, []string{greek.ID}) || !slices.Equal(got.tags[0], []string{"σοφος", "σοφοσύνη", "izmir"}) {
			t.Errorf("a Greek tag: %+v", got)
		}
		if got := search("ΣΟΦΟΣ"); !slices.Equal(got, []string{"σοφος", "σοφοσύνη"}) {
			t.Errorf("search for Greek finds %q", got)
		}
		s.want(200, asAda, "DELETE", "/v1/media/"+greek.ID, nil)

		first := s.post(asAda, "one #日落 and #Sunset", 1)
		second := s.post(asAda, "two", 2)
		hidden := s.post(asEve, "mine #日落 #evening", 3)
		s.settle()
		if got := list(nobody, recent); !slices.Equal(got.ids, []string{first.ID}) || got.next["min_tag_id"] == "" || got.next["next_url"] != "" {
			t.Errorf("strangers see %+v", got)
		}
		if got := list(asBen, recent); !slices.Equal(got.ids, []string{hidden.ID, first.ID}) {
			t.Errorf("a follower of a private user sees %+v", got)
		}
		if n := count("日落"); n != 1 {
			t.Errorf("%d posts count, want that of the public user only", n)
		}
		if got := search("#S"); !slices.Equal(got, []string{"sunset"}) {
			t.Errorf("search finds %q", got)
		}
		if got := search("even"); len(got) != 0 {
			t.Errorf("search tells of what only a private user has: %q", got)
		}

		// The owner's comment tags, and it comes first as it was tagged last; somebody else's does not.
		var comment struct{ ID string }
		s.want(200, asAda, "POST", "/v1/media/"+second.ID+"/comments", url.Values{"text": {"#日落, too"}}).into(t, &comment)
		s.want(200, asBen, "POST", "/v1/media/"+second.ID+"/comments", url.Values{"text": {"#sunset!"}})
		s.settle()
		if got := list(nobody, recent); !slices.Equal(got.ids, []string{second.ID, first.ID}) || !slices.Equal(got.tags[0], []string{"日落"}) {
			t.Errorf("after a comment: %+v", got)
		}
		one := list(nobody, recent+"?count=1")
		if len(one.ids) != 1 || one.next["next_max_tag_id"] == "" || one.next["next_max_id"] != one.next["next_max_tag_id"] || one.next["deprecation_warning"] == "" {
			t.Fatalf("a page of one: %+v", one)
		}
		if got := list(nobody, one.next["next_url"]); !slices.Equal(got.ids, []string{first.ID}) {
			t.Errorf("the page after it: %+v", got)
		}
		if got := list(nobody, recent+"?min_tag_id="+one.next["min_tag_id"]); len(got.ids) != 0 {
			t.Errorf("what is newer than the newest: %+v", got)
		}
		if n := count("日落"); n != 2 {
			t.Errorf("%d posts count, want 2", n)
		}

		// Who follows the tag has it in the feed, but not what may not be seen.
		var rel struct {
			Out string `json:"outgoing_status"`
		}
		asCat := s.session(s.user("cat", false))
		s.want(200, asCat, "POST", "/v1/tags/"+url.PathEscape("日落")+"/relationship", map[string]any{"action": "follow"}).into(t, &rel)
		if rel.Out != "follows" {
			t.Errorf("after following: %+v", rel)
		}
		if got := list(asCat, "/v1/users/self/feed"); !slices.Equal(got.ids, []string{second.ID, first.ID}) || !slices.Equal(got.why, []string{"日落", "日落"}) {
			t.Errorf("the feed of who follows the tag: %+v", got)
		}
		third := s.post(asAda, "three #日落", 4)
		s.settle()
		if got := list(asCat, "/v1/users/self/feed?count=2"); !slices.Equal(got.ids, []string{third.ID, second.ID}) {
			t.Errorf("the feed after a new post: %+v", got)
		} else if got := list(asCat, got.next["next_url"]); !slices.Equal(got.ids, []string{first.ID}) {
			t.Errorf("its second page: %+v", got)
		}
		// Whoever follows the author, too, needs no reason; nor do other lists.
		s.want(200, asCat, "POST", "/v1/users/"+ada.ID.String()+"/relationship", map[string]any{"action": "follow"})
		s.settle()
		if got := list(asCat, "/v1/users/self/feed"); !slices.Equal(got.ids, []string{third.ID, second.ID, first.ID}) || !slices.Equal(got.why, []string{"", "", ""}) {
			t.Errorf("the feed of who follows the author, too: %+v", got)
		}
		if got := list(asBen, recent); !slices.Equal(got.why, make([]string, len(got.ids))) {
			t.Errorf("the tag's page says why: %+v", got)
		}
		s.want(200, asCat, "POST", "/v1/users/"+ada.ID.String()+"/relationship", map[string]any{"action": "unfollow"})
		s.settle()
		var followed []struct{ Name string }
		s.want(200, asCat, "GET", "/v1/users/self/tags", nil).into(t, &followed)
		if len(followed) != 1 || followed[0].Name != "日落" {
			t.Errorf("followed tags: %+v", followed)
		}

		// Out again: the comment goes, the caption changes, the post is deleted, the user goes private.
		s.want(200, asAda, "DELETE", "/v1/media/"+second.ID+"/comments/"+comment.ID, nil)
		s.want(200, asAda, "PATCH", "/v1/media/"+first.ID, map[string]any{"caption": "one #sunset"})
		s.settle()
		if got := list(nobody, recent); !slices.Equal(got.ids, []string{third.ID}) {
			t.Errorf("after a comment went and a caption changed: %+v", got)
		}
		s.want(200, asAda, "DELETE", "/v1/media/"+third.ID, nil)
		s.settle()
		if got := list(asBen, recent); !slices.Equal(got.ids, []string{hidden.ID}) || count("日落") != 0 {
			t.Errorf("after the post went: %+v, %d", got, count("日落"))
		}
		s.want(200, asAda, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
		s.settle()
		if got := search("sun"); len(got) != 0 || count("sunset") != 0 {
			t.Errorf("of somebody who went private, search still tells %q", got)
		}
		s.want(200, asEve, "PATCH", "/v1/users/self", map[string]any{"is_private": false})
		s.settle()
		if got := search("EVE"); !slices.Equal(got, []string{"evening"}) || count("evening") != 1 {
			t.Errorf("of somebody who went public, search tells %q", got)
		}
		s.want(200, asCat, "POST", "/v1/tags/"+url.PathEscape("日落")+"/relationship", map[string]any{"action": "unfollow"}).into(t, &rel)
		if got := list(asCat, "/v1/users/self/feed"); rel.Out != "none" || len(got.ids) != 0 {
			t.Errorf("after unfollowing: %+v %+v", rel, got)
		}
		for _, bad := range []string{"a b", "123", "%23", "x-y"} {
			s.want(400, nobody, "GET", "/v1/tags/"+url.PathEscape(bad), nil)
		}
	})
}
