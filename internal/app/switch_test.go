package app_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// TestSwitches turns an account private and public again, and blocks and unblocks one of its followers, and after each looks at
// everything that shows a post, until all of it follows: for a stranger, a follower, one who is blocked, and
// nobody. What was shown before, with its validators and its signatures, is tried again.
func TestSwitches(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, host := s.user("ann", false), s.user("host", false)
		asAnn, asHost := s.session(ann), s.session(host)
		people := map[string]*tintype.User{}
		as := map[string]credential{"nobody": nobody}
		for _, name := range []string{"stranger", "follower", "enemy"} {
			people[name] = s.user(name, false)
			as[name] = s.session(people[name])
			s.want(200, as[name], "POST", "/v1/tags/switching/relationship", map[string]any{"action": "follow"})
		}
		s.does(as["follower"], ann, "follow")
		s.does(as["enemy"], ann, "follow")
		s.settle()

		s.want(200, asAnn, "PATCH", "/v1/users/self", map[string]any{"has_map": true})
		var up struct{ ID string }
		s.want(201, asAnn, "POST", "/v1/uploads", picture(t, 1)).into(t, &up)
		var m struct {
			mediaOut
			Location struct{ ID int64 }
		}
		s.want(201, asAnn, "POST", "/v1/media", map[string]any{"uploads": []string{up.ID}, "caption": "uniquecaption #switching", "alt_texts": []string{"uniquealt"},
			"location": map[string]any{"name": "Switchplace", "latitude": 41.5, "longitude": 2.5}}).into(t, &m)
		hosted := s.post(asHost, "of the host", 2)
		s.want(200, asAnn, "POST", "/v1/media/"+hosted.ID+"/comments", url.Values{"text": {"uniqueremark"}})
		s.want(200, asAnn, "POST", "/v1/media/"+hosted.ID+"/likes", nil)
		s.want(200, as["follower"], "POST", "/v1/media/"+m.ID+"/likes", nil)
		s.want(200, as["enemy"], "POST", "/v1/media/"+m.ID+"/likes", nil)
		s.want(200, as["follower"], "POST", "/v1/media/"+m.ID+"/comments", url.Values{"text": {"a remark for switching"}})
		s.settle()

		id, bare := strings.Split(m.ID, "_")[0], pathOf(m.Renditions[0].URL)
		page := url.QueryEscape(s.base + "/p/" + m.Shortcode)
		// What shows the post: the path, what it has if it does, and to whom it is shown while ann is private (the follower always
		// may be, and for some must be).
		type shower struct {
			path, has string
			follower  bool // a follower must be shown it while ann is private
			signedIn  bool // it is somebody's own: nobody cannot ask
		}
		showers := map[string]shower{
			"the post":         {path: "/v1/media/" + m.ID, has: "uniquecaption", follower: true},
			"its shortcode":    {path: "/v1/media/shortcode/" + m.Shortcode, has: "uniquecaption", follower: true},
			"its comments":     {path: "/v1/media/" + m.ID + "/comments", has: "a remark for switching", follower: true},
			"its likes":        {path: "/v1/media/" + m.ID + "/likes", has: `"username":"follower"`, follower: true},
			"the profile":      {path: "/v1/users/" + ann.ID.String() + "/media/recent", has: id, follower: true},
			"her followers":    {path: "/v1/users/" + ann.ID.String() + "/followed-by", has: `"username":"follower"`, follower: true},
			"her map":          {path: "/v1/users/" + ann.ID.String() + "/map?bbox=2,41,3,42&zoom=12", has: id, follower: true},
			"the feed":         {path: "/v1/users/self/feed", has: id, follower: true, signedIn: true},
			"the tag":          {path: "/v1/tags/switching/media/recent", has: id},
			"the count":        {path: "/v1/tags/switching", has: `"media_count":1`},
			"the place":        {path: fmt.Sprintf("/v1/locations/%d/media/recent", m.Location.ID), has: id},
			"what is near":     {path: "/v1/media/search?lat=41.5&lng=2.5&distance=1000", has: id},
			"popular":          {path: "/v1/media/popular", has: id},
			"the search":       {path: "/v1/search/media?q=uniquecaption", has: id},
			"the page":         {path: "/p/" + m.Shortcode, has: "uniquecaption"},
			"the profile page": {path: "/ann", has: m.Shortcode},
			"oEmbed":           {path: "/oembed?url=" + page, has: m.Shortcode},
			"the embed":        {path: "/p/" + m.Shortcode + "/embed", has: "uniquecaption"},
			"Atom":             {path: "/ann/feed.atom", has: m.Shortcode},
			"RSS":              {path: "/ann/feed.rss", has: m.Shortcode},
			"the tag's Atom":   {path: "/tags/switching/feed.atom", has: m.Shortcode},
			"the bytes":        {path: bare, has: "\xff\xd8\xff"},
			"a short link":     {path: "/p/" + m.Shortcode + "/media?size=l", has: m.Shortcode},
		}
		etags := map[string]string{}
		show := func(name, who string, sh shower) bool {
			r := s.ask(as[who], "GET", sh.path, nil)
			text := string(r.body) + r.header.Get("Location")
			seen := r.status < 400 && strings.Contains(text, sh.has)
			if seen && who == "nobody" {
				etags[name] = r.header.Get("Etag")
			}
			if !seen && who == "nobody" && etags[name] != "" {
				if again := s.ask(as[who], "GET", sh.path, nil, "If-None-Match", etags[name]); again.status == 304 {
					t.Errorf("%s, which is not shown any more, is said not to have changed", name)
				}
			}
			return seen
		}
		isPrivate, isBlocked := false, false
		// follows looks until everything is as it should be, or names what is not.
		follows := func(when string) {
			t.Helper()
			deadline := time.Now().Add(10 * time.Second)
			for {
				var wrong []string
				for _, name := range slices.Sorted(maps.Keys(showers)) {
					sh := showers[name]
					for _, who := range []string{"nobody", "stranger", "follower", "enemy"} {
						if who == "nobody" && sh.signedIn {
							continue
						}
						// Feeds, embeds and counts are for everybody alike: they know no viewer.
						alike := slices.Contains([]string{"Atom", "RSS", "the tag's Atom", "oEmbed", "the embed", "a short link", "the count"}, name)
						want, either := true, false
						switch {
						case who == "enemy" && isBlocked && !alike:
							want = false
						case isPrivate && who == "follower" && sh.follower:
						case isPrivate && who == "follower" && !alike:
							either = true
						case isPrivate && who == "enemy" && !isBlocked:
							either = true // approved before, or gone with the block
						case isPrivate:
							want = false
						}
						if got := show(name, who, sh); got != want && !either {
							wrong = append(wrong, fmt.Sprintf("%s is shown to %s: %v", name, who, got))
						}
					}
				}
				// What ann does elsewhere is hidden from whom she blocks, and from nobody else.
				for _, path := range []string{"/v1/media/" + hosted.ID, "/v1/media/" + hosted.ID + "/comments", "/v1/media/" + hosted.ID + "/likes"} {
					for _, who := range []string{"stranger", "follower", "enemy"} {
						text := string(s.want(200, as[who], "GET", path, nil).body)
						if got, want := strings.Contains(text, `"username":"ann"`), !(who == "enemy" && isBlocked); got != want {
							wrong = append(wrong, fmt.Sprintf("%s shows ann to %s: %v", path, who, got))
						}
					}
				}
				if len(wrong) == 0 {
					return
				}
				if time.Now().After(deadline) {
					t.Errorf("%s:\n%s", when, strings.Join(wrong, "\n"))
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
		turn := func(private bool) {
			s.want(200, asAnn, "PATCH", "/v1/users/self", map[string]any{"is_private": private})
			isPrivate = private
		}
		signed := func(who string) string {
			var out mediaOut
			s.want(200, as[who], "GET", "/v1/media/"+m.ID, nil).into(t, &out)
			return out.Renditions[0].URL
		}
		follows("at first")
		turn(true)
		follows("private")
		before := signed("enemy")
		if r := s.ask(nobody, "GET", before, nil); r.status != 200 {
			t.Fatalf("a signed URL answers %d", r.status)
		}
		turn(false)
		follows("public again")
		turn(true)
		follows("private again")

		// A block: what was signed for the other is dead, and no open page of theirs hears of more.
		events := s.stream(t, as["enemy"])
		s.does(asAnn, people["enemy"], "block")
		isBlocked = true
		follows("private, and one blocked")
		if r := s.ask(nobody, "GET", before, nil); r.status == 200 {
			t.Error("what was signed for one who is blocked by now is given out")
		}
		s.want(400, as["enemy"], "GET", "/v1/users/"+ann.ID.String(), nil)
		turn(false)
		follows("public, and one blocked")
		unheard := s.post(asAnn, "unheard", 3)
		s.settle()
		s.does(as["enemy"], host, "follow")
		s.settle()
		heard := s.post(asHost, "heard", 4)
		if got := events.next(t, "feed"); !strings.Contains(got, strings.Split(heard.ID, "_")[0]) {
			t.Errorf("the open page of one who is blocked hears of %s, want %s and not %s", got, heard.ID, unheard.ID)
		}
		s.does(asAnn, people["enemy"], "unblock")
		isBlocked = false
		s.does(as["enemy"], ann, "follow")
		follows("unblocked, and followed again")

		// A follower removed while private is a stranger at once, signatures and all.
		turn(true)
		follows("private once more")
		last := signed("follower")
		s.does(asAnn, people["follower"], "remove_follower")
		s.want(400, as["follower"], "GET", "/v1/media/"+m.ID, nil)
		if r := s.ask(nobody, "GET", last, nil); r.status == 200 {
			t.Error("what was signed for one who is no follower by now is given out")
		}
		s.settle()
		if got := s.feedIDs(as["follower"]); slices.Contains(got, m.ID) {
			t.Error("who was removed has the post in the feed")
		}
	})
}
