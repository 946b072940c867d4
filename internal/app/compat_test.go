package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// old is a site with what an app of the original's time meets there.
type old struct {
	*site
	ada, grace, hermit *tintype.User
	session            credential // Ada's, in the cookie
	token              string     // Ada's, of an app that may do everything
	narrow             string     // Ada's, that may read only
	client, secret     string
	post, hidden       mediaOut
	comment            string
}

func newOld(t *testing.T, s *site) *old {
	o := &old{site: s, ada: s.user("ada", false), grace: s.user("grace", false), hermit: s.user("hermit", true)}
	o.session = s.session(o.ada)
	o.token = s.mint(o.ada.ID, tintype.ScopeAll&^tintype.ScopeSession, false).token
	o.narrow = s.mint(o.ada.ID, tintype.ScopeBasic, false).token
	var a struct {
		Client string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	s.want(201, o.session, "POST", "/v1/apps", map[string]any{"name": "Viewer", "redirect_uris": []string{"https://viewer.example/cb"}}).into(t, &a)
	o.client, o.secret = a.Client, a.Secret
	o.post = s.post(s.session(o.grace), "a post #looms", 1)
	o.hidden = s.post(s.session(o.hermit), "a private post", 2)
	s.want(200, credential{token: o.token}, "POST", "/v1/media/"+o.post.ID+"/likes", nil)
	var c struct{ ID string }
	s.want(200, s.session(o.grace), "POST", "/v1/media/"+o.post.ID+"/comments", url.Values{"text": {"hello"}}).into(t, &c)
	o.comment = c.ID
	s.settle()
	return o
}

// TestOldRequests makes the requests of API v1 in every way in which its clients made them.
func TestOldRequests(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		o := newOld(t, s)
		ada, grace, m := o.ada.ID.String(), o.grace.ID.String(), o.post.ID
		form := func(kv ...string) url.Values {
			v := url.Values{}
			for i := 0; i < len(kv); i += 2 {
				v.Set(kv[i], kv[i+1])
			}
			return v
		}
		const private, gone = "APINotAllowedError", "APINotFoundError"
		for _, tt := range []struct {
			name, method, path string
			body               any
			header             []string
			status             int
			typ, message       string // of the error; "" for none
		}{
			{name: ".json", path: "/v1/users/self.json?access_token=" + o.token},
			{name: "slash", path: "/v1/users/self/feed/?access_token=" + o.token},
			{name: "bearer", path: "/v1/users/self", header: []string{"Authorization", "Bearer " + o.token}},
			{name: "token, as the ruby gem", path: "/v1/users/self/media/recent.json", header: []string{"Authorization", `Token token="` + o.token + `"`}},
			{name: "token, client and secret at once", path: "/v1/users/" + grace + "?access_token=" + o.token + "&client_id=" + o.client + "&client_secret=" + o.secret},
			{name: "a token and some other client", path: "/v1/users/self?access_token=" + o.token + "&client_id=none"},
			{name: "client alone", path: "/v1/users/" + grace + "?client_id=" + o.client},
			{name: "client and secret", path: "/v1/users/" + grace + "/media/recent/?count=1&client_id=" + o.client + "&client_secret=" + o.secret},
			{name: "client, a post", path: "/v1/media/" + m + "?client_id=" + o.client},
			{name: "client, a post by its bare ID", path: "/v1/media/" + strings.Split(m, "_")[0] + "?client_id=" + o.client},
			{name: "client, shortcode", path: "/v1/media/shortcode/" + o.post.Shortcode + "?client_id=" + o.client},
			{name: "client, likes", path: "/v1/media/" + m + "/likes?client_id=" + o.client},
			{name: "client, comments", path: "/v1/media/" + m + "/comments?client_id=" + o.client},
			{name: "self, follows", path: "/v1/users/self/follows/?access_token=" + o.token},
			{name: "self, followed by", path: "/v1/users/self/followed-by?access_token=" + o.token},
			{name: "self, asked by", path: "/v1/users/self/requested-by?access_token=" + o.token},
			{name: "self, liked", path: "/v1/users/self/media/liked?count=3&access_token=" + o.token},
			{name: "media by time", path: "/v1/users/" + grace + "/media/recent?min_timestamp=1&max_timestamp=4000000000&count=60&access_token=" + o.token},
			{name: "token in the form", method: "POST", path: "/v1/media/" + m + "/likes", body: form("access_token", o.token)},
			{name: "POST with auth in the query", method: "POST", path: "/v1/media/" + m + "/comments.json?access_token=" + o.token, body: form("text", "from python")},
			{name: "POST with everything in the query", method: "POST", path: "/v1/users/" + grace + "/relationship?action=follow&access_token=" + o.token},
			{name: "a form that does not say so, as instagram-node-lib", method: "POST", path: "/v1/users/" + grace + "/relationship", body: form("action", "follow", "access_token", o.token), header: []string{"Content-Type", ""}},
			{name: "a form in parts, as PHP", method: "POST", path: "/v1/users/" + grace + "/relationship", header: []string{"Content-Type", "multipart/form-data; boundary=B"},
				body: "--B\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\nfollow\r\n--B\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\n" + o.token + "\r\n--B--\r\n"},
			{name: "a form in broken parts", method: "POST", path: "/v1/users/" + grace + "/relationship?access_token=" + o.token, header: []string{"Content-Type", "multipart/form-data; boundary=B"}, body: "--B\r\n", status: 400, typ: invalid},
			{name: "POST for DELETE", method: "POST", path: "/v1/media/" + m + "/likes?_method=DELETE&access_token=" + o.token},
			{name: "POST for DELETE where there is no POST", method: "POST", path: "/v1/media/" + m + "/comments/" + o.comment, body: form("_method", "delete", "access_token", s.mint(o.grace.ID, tintype.ScopeComments, false).token)},
			{name: "ignore", method: "POST", path: "/v1/users/" + grace + "/relationship", body: form("action", "ignore", "access_token", o.token)},
			{name: "deny", method: "POST", path: "/v1/users/" + grace + "/relationship", body: form("action", "deny", "access_token", o.token)},

			{name: "nobody", path: "/v1/users/self", status: 400, typ: missing, message: "Missing client_id or access_token URL parameter."},
			{name: "a client for a user", path: "/v1/users/self?client_id=" + o.client, status: 400, typ: missing, message: `"access_token" URL parameter missing. This OAuth request requires an "access_token" URL parameter.`},
			{name: "a client as self", path: "/v1/users/self/media/recent?client_id=" + o.client, status: 400, typ: missing, message: "'self' keyword requires an authenticated user"},
			{name: "unknown client", path: "/v1/users/" + grace + "?client_id=0123456789abcdef0123456789abcdef", status: 400, typ: missing, message: "The client_id provided is invalid and does not match a valid application."},
			{name: "two clients", path: "/v1/users/" + grace + "?client_id=a&client_id=b", status: 400, typ: invalid},
			{name: "bad token", path: "/v1/users/" + grace + "?access_token=none", status: 400, typ: unknown, message: "The access_token provided is invalid."},
			{name: "missing scope", method: "POST", path: "/v1/media/" + m + "/likes?access_token=" + o.narrow, status: 400, typ: forbidden,
				message: "This request requires scope=likes, but this access token is not authorized with this scope. The user must re-authorize your application with scope=likes to be granted this permissions."},
			{name: "no such user", path: "/v1/users/7?access_token=" + o.token, status: 400, typ: gone, message: "this user does not exist"},
			{name: "no such user, media", path: "/v1/users/7/media/recent?access_token=" + o.token, status: 400, typ: gone, message: "this user does not exist"},
			{name: "no such user, for a session", path: "/v1/users/7", header: []string{"Cookie", "tintype_session=" + o.session.token}, status: 400, typ: gone, message: "this user does not exist"},
			{name: "no such post", path: "/v1/media/7_7?access_token=" + o.token, status: 400, typ: gone},
			{name: "private user's media", path: "/v1/users/" + o.hermit.ID.String() + "/media/recent?access_token=" + o.token, status: 400, typ: private, message: "you cannot view this resource"},
			{name: "private user's media, for a client", path: "/v1/users/" + o.hermit.ID.String() + "/media/recent?client_id=" + o.client, status: 400, typ: private, message: "you cannot view this resource"},
			{name: "private post", path: "/v1/media/" + o.hidden.ID + "?access_token=" + o.token, status: 400, typ: private, message: "you cannot view this resource"},
			{name: "private post's likes", path: "/v1/media/" + o.hidden.ID + "/likes?client_id=" + o.client, status: 400, typ: private, message: "you cannot view this resource"},
			{name: "no such action", method: "POST", path: "/v1/users/" + grace + "/relationship", body: form("action", "poke", "access_token", o.token), status: 400, typ: invalid},
			{name: "no such address", path: "/v1/users/" + ada + "/nothing?access_token=" + o.token, status: 404, typ: gone},
			{name: "a method faked with a cookie", method: "POST", path: "/v1/media/" + m + "/likes?_method=DELETE", header: []string{"Cookie", "tintype_session=" + o.session.token}, status: 405, typ: "APIMethodNotAllowedError"},
			{name: "a method that is not there", method: "POST", path: "/v1/media/" + m + "/comments/1?access_token=" + o.token, body: form("_method", "PUT"), status: 405, typ: "APIMethodNotAllowedError"},
			{name: "POST where there is none", method: "POST", path: "/v1/media/" + m + "/comments/1?access_token=" + o.token, status: 405, typ: "APIMethodNotAllowedError"},
		} {
			if tt.method == "" {
				tt.method = "GET"
			}
			if tt.status == 0 {
				tt.status = 200
			}
			r := s.ask(nobody, tt.method, tt.path, tt.body, tt.header...)
			if r.status != tt.status || r.meta.Code != tt.status || r.meta.Type != tt.typ || tt.message != "" && r.meta.Message != tt.message {
				t.Errorf("%s: %s %s: %d %+v, want %d %s %q", tt.name, tt.method, tt.path, r.status, r.meta, tt.status, tt.typ, tt.message)
			}
			if r.header.Get("X-Ratelimit-Limit") == "" || r.header.Get("X-Ratelimit-Remaining") == "" {
				t.Errorf("%s: no word of the rate limit: %v", tt.name, r.header)
			}
		}
		if left := o.comments(t); strings.Join(left, " ") != "from python" {
			t.Errorf("comments are %q: one was taken back, one was written", left)
		}
	})
}

func (o *old) comments(t *testing.T) (texts []string) {
	var list []struct{ Text string }
	o.want(200, nobody, "GET", "/v1/media/"+o.post.ID+"/comments", nil).into(t, &list)
	for _, c := range list {
		texts = append(texts, c.Text)
	}
	return texts
}

// TestPagination: each family of lists has its own key, the URL of the next page
// has what the caller put there, and what must not go round stays out of it.
func TestPagination(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	o := newOld(t, s)
	again := s.post(s.session(o.grace), "another post", 3)
	third := s.user("third", false)
	for _, u := range []*tintype.User{o.ada, third} {
		if err := s.app.Graph.Follow(t.Context(), u.ID, o.grace.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.app.Post.Like(t.Context(), u.ID, o.post.MustID(t)); err != nil {
			t.Fatal(err)
		}
	}
	s.want(200, credential{token: o.token}, "POST", "/v1/media/"+again.ID+"/likes", nil)
	for i := range 2 {
		s.want(200, credential{token: o.token}, "POST", "/v1/media/"+o.post.ID+"/comments", url.Values{"text": {fmt.Sprint("number ", i)}})
	}
	s.settle()
	for _, tt := range []struct{ name, path, key string }{
		{name: "feed", path: "/v1/users/self/feed", key: "max_id"},
		{name: "media", path: "/v1/users/" + o.grace.ID.String() + "/media/recent.json", key: "max_id"},
		{name: "liked", path: "/v1/users/self/media/liked/", key: "max_like_id"},
		{name: "followers", path: "/v1/users/" + o.grace.ID.String() + "/followed-by", key: "cursor"},
		{name: "likers", path: "/v1/media/" + o.post.ID + "/likes", key: "cursor"},
		{name: "comments", path: "/v1/media/" + o.post.ID + "/comments", key: "max_id"},
	} {
		path := tt.path + "?count=1&access_token=" + o.token + "&client_id=" + o.client + "&client_secret=" + o.secret + "&sig=abc"
		seen := map[string]bool{}
		for n := 0; path != ""; n++ {
			if n > 10 {
				t.Fatalf("%s: it does not end", tt.name)
			}
			r := s.want(200, nobody, "GET", path, nil)
			var list []struct{ ID string }
			r.into(t, &list)
			for _, x := range list {
				if seen[x.ID] {
					t.Errorf("%s: %s is there twice", tt.name, x.ID)
				}
				seen[x.ID] = true
			}
			next := r.pagination["next_url"]
			if next == "" {
				if len(r.pagination) != 0 {
					t.Errorf("%s: the last page has %v", tt.name, r.pagination)
				}
				break
			}
			u, err := url.Parse(next)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			if len(r.pagination) != 2 || r.pagination["next_"+tt.key] == "" || q.Get(tt.key) != r.pagination["next_"+tt.key] ||
				q.Get("count") != "1" || q.Get("access_token") != o.token || q.Has("client_secret") || q.Has("sig") || q.Has("callback") {
				t.Errorf("%s: pagination is %v", tt.name, r.pagination)
			}
			path = next
		}
		if len(seen) < 2 {
			t.Errorf("%s: %d pages of one: the test shows nothing", tt.name, len(seen))
		}
	}
}

// TestCounts: how many there are of what, as suites of the time check it.
func TestCounts(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	s.user("first", false)
	many := s.user("many", false)
	token := "access_token=" + s.mint(many.ID, tintype.ScopeAll&^tintype.ScopeSession, false).token
	var posts []*tintype.Post
	for i := range 70 {
		posts = append(posts, &tintype.Post{ID: tintype.MakeID(time.Now().Add(-time.Hour).UnixMilli()+int64(i), many.ID.Shard(), 5), UserID: many.ID,
			Media: []tintype.Media{{Key: fmt.Sprintf("k%021d", i), OriginalKey: fmt.Sprintf("o/%022d", i), OriginalType: "image/jpeg", Width: 1080, Height: 720}}})
	}
	if err := (sqlstore.Bulk{R: s.app.Backend.Router}).Posts(t.Context(), posts); err != nil {
		t.Fatal(err)
	}
	for i := range 55 {
		u := s.user(fmt.Sprintf("many_of_us_%02d", i), false)
		if err := s.app.Graph.Follow(t.Context(), many.ID, u.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.app.Graph.Follow(t.Context(), u.ID, many.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range posts[:5] {
		if err := s.app.Post.Like(t.Context(), many.ID, p.ID); err != nil {
			t.Fatal(err)
		}
	}
	s.settle()
	for _, tt := range []struct {
		path string
		want int
		next string // the key of what comes after, "" for none
	}{
		{path: "/v1/users/self/media/recent?", want: 20, next: "next_max_id"},
		{path: "/v1/users/self/media/recent?count=60&", want: 60, next: "next_max_id"},
		{path: "/v1/users/self/media/recent?count=1000&", want: 60, next: "next_max_id"},
		{path: "/v1/users/self/media/liked?count=3&", want: 3, next: "next_max_like_id"},
		{path: "/v1/users/self/follows?", want: 20, next: "next_cursor"},
		{path: "/v1/users/self/follows?count=50&", want: 50, next: "next_cursor"},
		{path: "/v1/users/self/followed-by?count=50&", want: 50, next: "next_cursor"},
		{path: "/v1/users/search?q=many&count=50&", want: 50},
	} {
		r := s.want(200, nobody, "GET", tt.path+token, nil)
		var list []struct{ Username string }
		r.into(t, &list)
		if len(list) != tt.want || tt.next != "" && r.pagination[tt.next] == "" {
			t.Errorf("%s: %d with %v, want %d and %s", tt.path, len(list), r.pagination, tt.want, tt.next)
		}
		if strings.Contains(tt.path, "search") && len(list) > 0 && list[0].Username != "many" {
			t.Errorf("%s: the first is %s and not the one of that very name", tt.path, list[0].Username)
		}
	}
}

// MustID is the post's ID as the rules know it.
func (m mediaOut) MustID(t *testing.T) tintype.ID {
	id, err := tintype.ParseShortcode(m.Shortcode)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestObjectsToTheLetter looks at types that a decoder of our own would forgive.
func TestObjectsToTheLetter(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	o := newOld(t, s)
	author := s.session(o.grace)
	s.want(200, author, "PATCH", "/v1/users/self", map[string]any{"bio": "Weaver", "website": "https://example.org"})
	s.want(200, author, "PATCH", "/v1/media/"+o.post.ID, map[string]any{"location": map[string]any{"name": "Café Zoo", "latitude": 52.5, "longitude": -0.125}})
	for i := range 9 {
		u := s.user(fmt.Sprint("liker", i), false)
		c := s.session(u)
		s.want(200, c, "POST", "/v1/media/"+o.post.ID+"/likes", nil)
		s.want(200, c, "POST", "/v1/media/"+o.post.ID+"/comments", url.Values{"text": {"me too"}})
	}
	s.settle()
	plain := s.want(200, nobody, "GET", "/v1/media/"+o.post.ID+"?client_id="+o.client, nil)
	mine := s.want(200, credential{token: o.token}, "GET", "/v1/media/"+o.post.ID, nil)
	var m map[string]any
	plain.into(t, &m)
	if _, has := m["user_has_liked"]; has {
		t.Error("who shows no token is told whether they like it")
	}
	var liked struct {
		Liked *bool `json:"user_has_liked"`
	}
	if mine.into(t, &liked); liked.Liked == nil || !*liked.Liked {
		t.Error("who likes it is not told")
	}
	at := func(path string) any {
		var v any = m
		for p := range strings.SplitSeq(path, ".") {
			object, isObject := v.(map[string]any)
			if !isObject {
				return fmt.Sprintf("%s is not inside an object", p)
			}
			v = object[p]
		}
		return v
	}
	for path, want := range map[string]any{
		"attribution": nil, "type": "image", "filter": "Normal", "id": o.post.ID, "users_in_photo": []any{}, "tags": []any{"looms"},
		"images.thumbnail.width": 150., "images.low_resolution.width": 306., "images.standard_resolution.width": 612., "images.standard_resolution.height": 612.,
		"likes.count": 10., "comments.count": 10., "caption.text": "a post #looms", "caption.from.username": "grace", "caption.id": strings.Split(o.post.ID, "_")[0],
		"user.bio": "Weaver", "user.website": "https://example.org", "user.id": o.grace.ID.String(), "location.name": "Café Zoo", "location.latitude": 52.5, "location.longitude": -0.125,
	} {
		if diff := cmp.Diff(want, at(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	for _, path := range []string{"created_time", "caption.created_time"} {
		if text, isText := at(path).(string); !isText || !regexp.MustCompile(`^[0-9]{10}$`).MatchString(text) {
			t.Errorf("%s is %v", path, at(path))
		}
	}
	for _, path := range []string{"likes.data", "comments.data"} {
		if list, isList := at(path).([]any); !isList || len(list) == 0 || len(list) > 8 {
			t.Errorf("%s has %v", path, at(path))
		}
	}
	for name, size := range map[string]int{"thumbnail": 150, "low_resolution": 306, "standard_resolution": 612} {
		r := s.want(200, nobody, "GET", o.post.Images[name].URL, nil)
		if w, h := dimensions(t, r.body); w != size || h != size {
			t.Errorf("%s is %d by %d pixels", name, w, h)
		}
		private := o.hidden.Images[name].URL
		unsigned, _, _ := strings.Cut(private, "?")
		s.want(200, nobody, "GET", private, nil)
		s.want(404, nobody, "GET", unsigned, nil)
	}
}

// TestJSONP: a script with the plain answer in it, for who shows a token or a client, and never for a cookie.
func TestJSONP(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	o := newOld(t, s)
	cookie := []string{"Cookie", "tintype_session=" + o.session.token}
	for _, tt := range []struct {
		name, path string
		header     []string
		code       int
		typ        string
	}{
		{name: "token", path: "/v1/users/self/feed?access_token=" + o.token, code: 200},
		{name: "session's token, shown on purpose", path: "/v1/users/self?access_token=" + o.session.token, code: 200},
		{name: "client", path: "/v1/media/" + o.post.ID + "/comments.json?client_id=" + o.client, code: 200},
		{name: "error", path: "/v1/users/7?client_id=" + o.client, code: 400, typ: notFound},
		{name: "private", path: "/v1/media/" + o.hidden.ID + "?client_id=" + o.client, code: 400, typ: private},
		{name: "nobody", path: "/v1/media/" + o.post.ID, code: 400, typ: missing},
		{name: "a cookie opens nothing", path: "/v1/users/self", header: cookie, code: 400, typ: missing},
		{name: "a cookie besides a client", path: "/v1/users/self?client_id=" + o.client, header: cookie, code: 400, typ: missing},
		{name: "a cookie besides another's token", path: "/v1/users/self?access_token=" + s.mint(o.grace.ID, tintype.ScopeBasic, false).token, header: cookie, code: 200},
		{name: "a cookie says nothing of public posts", path: "/v1/media/" + o.post.ID + "?client_id=" + o.client, header: cookie, code: 200},
		{name: "for sessions", path: "/v1/sessions", header: cookie, code: 400, typ: missing},
	} {
		sep := "?"
		if strings.Contains(tt.path, "?") {
			sep = "&"
		}
		r := s.ask(nobody, "GET", tt.path+sep+"callback=jQuery17_$x", nil, tt.header...)
		if r.status != 200 || r.header.Get("Content-Type") != "text/javascript; charset=utf-8" || r.header.Get("X-Content-Type-Options") != "nosniff" ||
			r.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.Contains(r.header.Get("Cache-Control"), "no-store") {
			t.Errorf("%s: %d %v", tt.name, r.status, r.header)
		}
		text, ok := strings.CutPrefix(string(r.body), "/**/jQuery17_$x(")
		text, closed := strings.CutSuffix(text, ");")
		var e struct {
			Meta struct {
				Code int
				Type string `json:"error_type"`
			}
		}
		if !ok || !closed || json.Unmarshal([]byte(text), &e) != nil {
			t.Errorf("%s: it is no call with JSON in it: %s", tt.name, r.body)
			continue
		}
		if e.Meta.Code != tt.code || e.Meta.Type != tt.typ {
			t.Errorf("%s: %+v, want %d %s", tt.name, e.Meta, tt.code, tt.typ)
		}
		if plain := s.ask(nobody, "GET", tt.path, nil); tt.name != "nobody" && string(plain.body) != text {
			t.Errorf("%s: the script has\n%s\nand without a callback there is\n%s", tt.name, text, plain.body)
		}
	}
	for _, bad := range []string{"", "a.b", "a[0]", "1a", "a;alert", "a(", "é", "a b", "\u2028", strings.Repeat("a", 65)} {
		r := s.ask(nobody, "GET", "/v1/users/self?access_token="+o.token+"&callback="+url.QueryEscape(bad), nil)
		if r.status != 400 || r.meta.Type != invalid || r.meta.Field != "callback" {
			t.Errorf("callback=%s: %d %s", bad, r.status, r.body)
		}
	}
	if r := s.ask(nobody, "GET", "/v1/users/self?callback=f&access_token="+o.token, nil, "Sec-Fetch-Site", "same-origin"); r.status != 403 {
		t.Errorf("for a page of the site itself: %d %s", r.status, r.body)
	}
	if r := s.ask(nobody, "POST", "/v1/media/"+o.post.ID+"/likes?callback=f&access_token="+o.token, nil); r.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("a POST was answered with %q", r.header.Get("Content-Type"))
	}
	if r := s.ask(nobody, "GET", o.post.Images["thumbnail"].URL+"?callback=f", nil); r.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("a picture came as %q", r.header.Get("Content-Type"))
	}
}

// dimensions are a JPEG's.
func dimensions(t *testing.T, b []byte) (w, h int) {
	t.Helper()
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return c.Width, c.Height
}
