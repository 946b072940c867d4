package app_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

var update = flag.Bool("update", false, "write the golden files anew")

// answers is where whole answers of API v1 are kept, as a client gets them: a
// change of one is a change of the API.
const answers = "../api/testdata/answers"

// plainer replaces what differs from run to run by numbers in the order in which it comes.
type plainer struct {
	names map[string]string
	count map[string]int
	fixed *strings.Replacer
}

var changing = regexp.MustCompile(`(?P<token>[0-9]{15,19}\.[0-9a-f]{7}\.[0-9a-f]{64})|(?P<id>[0-9]{15,19})|(?P<time>"[0-9]{10}")|(?P<code>(?:/[pm]/|"shortcode": ")[\w-]{11})|(?P<key>/[\w-]{22}/)|(?P<hue>default/[0-9]+/)|(?P<sig>\\u0026e=[0-9]+\\u0026s=[\w-]+)`)

func (p *plainer) plain(b []byte) string {
	text := p.fixed.Replace(string(b))
	return changing.ReplaceAllStringFunc(text, func(s string) string {
		m := changing.FindStringSubmatch(s)
		for i, kind := range changing.SubexpNames() {
			if kind == "" || m[i] == "" {
				continue
			}
			switch kind {
			case "time":
				return `"<time>"`
			case "hue":
				return "default/<hue>/"
			case "sig":
				return `\u0026e=<expiry>\u0026s=<signature>`
			}
			head := ""
			if kind == "code" {
				head, s = s[:len(s)-11], s[len(s)-11:]
			}
			if p.names[s] == "" {
				p.count[kind]++
				p.names[s] = fmt.Sprintf("<%s %d>", kind, p.count[kind])
			}
			if kind == "key" {
				return "/" + p.names[s] + "/"
			}
			return head + p.names[s]
		}
		return s
	})
}

// TestGoldenAnswers keeps whole answers, of each kind of object, list and error that API v1 has.
func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	o := newOld(t, s)
	ada, grace := credential{token: o.token}, s.session(o.grace)
	s.want(200, grace, "PATCH", "/v1/users/self", map[string]any{"bio": "Weaver & <compiler>", "website": "https://example.org"})
	s.want(200, grace, "PATCH", "/v1/media/"+o.post.ID, map[string]any{"location": map[string]any{"name": "Café Zoo", "latitude": 52.5, "longitude": -0.125}})
	s.post(grace, "more #looms", 3)
	s.want(200, ada, "POST", "/v1/users/"+o.grace.ID.String()+"/relationship", url.Values{"action": {"follow"}})
	s.want(200, ada, "POST", "/v1/users/"+o.hermit.ID.String()+"/relationship", url.Values{"action": {"follow"}})
	s.want(200, grace, "POST", "/v1/users/"+o.ada.ID.String()+"/relationship", url.Values{"action": {"follow"}})
	bob := s.user("bob", false)
	s.want(200, s.session(bob), "POST", "/v1/media/"+o.post.ID+"/likes", nil)
	s.want(200, s.session(bob), "POST", "/v1/media/"+o.post.ID+"/comments", url.Values{"text": {"谢谢 </script>"}})
	s.want(200, o.session, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
	s.want(200, s.session(bob), "POST", "/v1/users/"+o.ada.ID.String()+"/relationship", url.Values{"action": {"follow"}})
	s.settle()
	private := s.post(o.session, "for followers", 4)
	s.settle()
	hermit := s.session(o.hermit)
	s.want(200, hermit, "POST", "/v1/users/"+bob.ID.String()+"/relationship", url.Values{"action": {"block"}})

	var where struct{ Location struct{ ID int64 } }
	s.want(200, ada, "GET", "/v1/media/"+o.post.ID, nil).into(t, &where)
	place := strconv.FormatInt(where.Location.ID, 10)

	id := func(u *tintype.User) string { return "/v1/users/" + u.ID.String() }
	media := "/v1/media/" + o.post.ID
	for _, tt := range []struct {
		name         string
		who          credential
		method, path string
		body         any
		status       int
	}{
		{name: "user", who: ada, path: id(o.grace)},
		{name: "user_for_a_client", path: id(o.grace) + "?client_id=" + o.client},
		{name: "user_self", who: ada, path: "/v1/users/self"},
		{name: "feed", who: ada, path: "/v1/users/self/feed?count=1"},
		{name: "media_recent", path: id(o.grace) + "/media/recent?count=1&client_id=" + o.client},
		{name: "media_recent_last_page", who: ada, path: id(o.grace) + "/media/recent?count=1&max_id=" + o.post.ID},
		{name: "media_liked", path: "/v1/users/self/media/liked?count=3&access_token=" + o.token},
		{name: "media", who: ada, path: media},
		{name: "media_for_a_client", path: media + "?client_id=" + o.client},
		{name: "media_private", who: grace, path: "/v1/media/" + private.ID},
		{name: "comments", who: ada, path: media + "/comments?count=1"},
		{name: "comment_made", who: ada, method: "POST", path: media + "/comments", body: url.Values{"text": {"hello"}}},
		{name: "likes", who: ada, path: media + "/likes?count=1"},
		{name: "like_made", who: ada, method: "POST", path: media + "/likes"},
		{name: "like_taken_back", who: ada, method: "DELETE", path: media + "/likes"},
		{name: "follows", who: ada, path: "/v1/users/self/follows?count=1"},
		{name: "followed_by", who: ada, path: id(o.grace) + "/followed-by"},
		{name: "requested_by", who: ada, path: "/v1/users/self/requested-by"},
		{name: "users_search", who: ada, path: "/v1/users/search?q=grace"},
		{name: "tag", who: ada, path: "/v1/tags/looms"},
		{name: "tags_search", who: ada, path: "/v1/tags/search?q=loo"},
		{name: "tag_media_recent", who: ada, path: "/v1/tags/looms/media/recent?count=1&client_id=" + o.client},
		{name: "location", who: ada, path: "/v1/locations/" + place},
		{name: "locations_search", who: ada, path: "/v1/locations/search?lat=52.5&lng=-0.125&distance=100"},
		{name: "location_media_recent", who: ada, path: "/v1/locations/" + place + "/media/recent"},
		{name: "media_search", path: "/v1/media/search?lat=52.501&lng=-0.125&client_id=" + o.client},
		{name: "media_popular", path: "/v1/media/popular?client_id=" + o.client},
		{name: "search_media", who: ada, path: "/v1/search/media?count=1&q=from:grace"},
		{name: "relationship_follows", who: ada, path: id(o.grace) + "/relationship"},
		{name: "relationship_requested", who: ada, path: id(o.hermit) + "/relationship"},
		{name: "relationship_requested_by", who: ada, path: id(bob) + "/relationship"},
		{name: "relationship_blocked_by_you", who: hermit, path: id(bob) + "/relationship"},
		{name: "relationship_changed", who: ada, method: "POST", path: id(bob) + "/relationship", body: url.Values{"action": {"ignore"}}},
		{name: "jsonp", path: id(o.grace) + "/followed-by?callback=f&client_id=" + o.client},

		{name: "error_missing_credential", path: "/v1/users/self", status: 400},
		{name: "error_missing_token", path: "/v1/users/self?client_id=" + o.client, status: 400},
		{name: "error_self", path: "/v1/users/self/media/recent?client_id=" + o.client, status: 400},
		{name: "error_client", path: id(o.grace) + "?client_id=none", status: 400},
		{name: "error_token", who: credential{token: "none"}, path: "/v1/users/self", status: 400},
		{name: "error_scope", who: credential{token: o.narrow}, method: "POST", path: media + "/likes", status: 400},
		{name: "error_no_user", who: ada, path: "/v1/users/7", status: 400},
		{name: "error_no_media", who: ada, path: "/v1/media/7_7", status: 400},
		{name: "error_private", who: ada, path: "/v1/media/" + o.hidden.ID, status: 400},
		{name: "error_parameter", who: ada, path: "/v1/users/self/feed?count=many", status: 400},
		{name: "error_session_only", who: ada, method: "PATCH", path: "/v1/users/self", body: url.Values{"bio": {"x"}}, status: 403},
		{name: "error_address", path: "/v1/nothing", status: 404},
		{name: "error_method", method: "DELETE", path: "/v1/users/7", status: 405},
	} {
		if tt.method == "" {
			tt.method = "GET"
		}
		if tt.status == 0 {
			tt.status = 200
		}
		p := &plainer{map[string]string{}, map[string]int{}, strings.NewReplacer(s.base, "https://photos.example", o.client, "<client>", o.secret, "<secret>")}
		r := s.want(tt.status, tt.who, tt.method, tt.path, tt.body)
		var pretty bytes.Buffer
		body, ext := r.body, ".json"
		if inner, isScript := bytes.CutPrefix(body, []byte("/**/f(")); isScript {
			body, ext = bytes.TrimSuffix(inner, []byte(");")), ".js"
			pretty.WriteString("/**/f(")
		}
		if err := json.Indent(&pretty, body, "", "  "); err != nil {
			t.Fatalf("%s: %v\n%s", tt.name, err, r.body)
		}
		if ext == ".js" {
			pretty.WriteString(");")
		}
		got := p.plain(pretty.Bytes()) + "\n"
		file := filepath.Join(answers, tt.name+ext)
		if *update {
			if err := os.MkdirAll(answers, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s differs from %s (-want +got), see -update:\n%s", tt.name, file, diff)
		}
	}
}
