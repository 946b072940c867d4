package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
)

// TestStory is the whole of the site as its API tells it, from the first
// sign-up to the last sign-out; every answer is held against the description.
func TestStory(t *testing.T) {
	t.Parallel()
	eachEngine(t, story)
}

func story(t *testing.T, s *site) {
	// A fresh site has no user yet; the first is its admin.
	var info struct {
		Name  string
		Needs bool `json:"needs_first_user"`
	}
	s.want(200, nobody, "GET", "/v1/site", nil).into(t, &info)
	if !info.Needs {
		t.Error("a fresh site does not wait for its first user")
	}
	var signed struct {
		Token string `json:"access_token"`
		User  struct{ ID string }
	}
	signUp := map[string]any{"username": "ada", "password": "a long enough pass", "full_name": "Ada L", "email": "ada@example.org"}
	first := s.want(201, nobody, "POST", "/v1/users", signUp, "Idempotency-Key", "sign-up-1")
	first.into(t, &signed)
	again := s.want(201, nobody, "POST", "/v1/users", signUp, "Idempotency-Key", "sign-up-1")
	if string(again.body) != string(first.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Error("a repeated sign-up was not answered by the first answer")
	}
	s.want(409, nobody, "POST", "/v1/users", map[string]any{"username": "other", "password": "a long enough pass"}, "Idempotency-Key", "sign-up-1")
	ada, adaID := credential{token: signed.Token}, signed.User.ID

	// Grace signs up in a browser: the token stays in a cookie.
	r := s.want(201, nobody, "POST", "/v1/users", map[string]any{"username": "grace", "password": "another long pass", "cookie": true}, "Sec-Fetch-Site", "same-origin")
	cookie := r.header.Get("Set-Cookie")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || strings.Contains(cookie, "Secure") {
		t.Errorf("the session's cookie is %q", cookie)
	}
	r.into(t, &signed)
	if signed.Token != "" {
		t.Error("a sign-up with a cookie shows the token to scripts")
	}
	token, _, _ := strings.Cut(strings.TrimPrefix(cookie, "tintype_session="), ";")
	grace, graceID := credential{token, true}, signed.User.ID
	s.want(403, grace, "POST", "/v1/users/"+adaID+"/relationship", url.Values{"action": {"follow"}}, "Sec-Fetch-Site", "cross-site")
	s.want(403, grace, "POST", "/v1/users/"+adaID+"/relationship", url.Values{"action": {"follow"}}, "Origin", "https://evil.example")

	var self struct {
		Username string
		Email    string
		Admin    bool `json:"is_admin"`
		Unread   int  `json:"unread_activity"`
	}
	s.want(200, ada, "GET", "/v1/users/self.json", nil).into(t, &self)
	if self.Username != "ada" || !self.Admin || self.Email != "ada@example.org" {
		t.Errorf("self is %+v", self)
	}
	s.want(200, ada, "PATCH", "/v1/users/self", map[string]any{"bio": "Numbers <b>", "website": "https://example.org"})
	var shown struct {
		Picture string `json:"profile_picture"`
	}
	s.want(200, grace, "PUT", "/v1/users/self/avatar", picture(t, 3)).into(t, &shown)
	s.want(200, nobody, "GET", shown.Picture, nil)
	s.want(200, nobody, "GET", strings.Replace(shown.Picture, "/150.jpg", "/320.jpg", 1), nil)
	s.want(404, nobody, "GET", strings.Replace(shown.Picture, "/150.jpg", "/151.jpg", 1), nil)

	// Grace opens her (empty) feed and a stream, and follows Ada.
	s.want(200, grace, "GET", "/v1/users/self/feed", nil)
	events := s.stream(t, grace)
	var rel map[string]any
	s.want(200, grace, "POST", "/v1/users/"+adaID+"/relationship", url.Values{"action": {"follow"}}).into(t, &rel)
	if rel["outgoing_status"] != "follows" {
		t.Errorf("relationship is %v", rel)
	}
	s.settle()

	// Ada uploads two pictures and publishes them in the order of her choice.
	var up [2]struct {
		ID, URL string
		Width   int
	}
	for i := range up {
		s.want(201, ada, "POST", "/v1/uploads", picture(t, i), "Idempotency-Key", "upload").into(t, &up[i])
		if i == 0 {
			s.want(201, ada, "POST", "/v1/uploads", picture(t, i), "Idempotency-Key", "upload")
			break
		}
	}
	s.want(201, ada, "POST", "/v1/uploads", picture(t, 1)).into(t, &up[1])
	s.want(200, ada, "GET", "/v1/uploads/"+up[0].ID, nil)
	if p := s.want(200, ada, "GET", up[0].URL, nil); p.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("a preview is %q", p.header.Get("Content-Type"))
	}
	s.want(404, grace, "GET", up[0].URL, nil)
	draft := map[string]any{"uploads": []string{up[1].ID, up[0].ID}, "caption": "Looms by @grace #looms", "alt_texts": []any{"second", nil},
		"location": map[string]any{"name": "Café Zoo", "latitude": 52.5, "longitude": -0.125}}
	var m, replay mediaOut
	s.want(201, ada, "POST", "/v1/media", draft, "Idempotency-Key", "publish-1").into(t, &m)
	s.want(201, ada, "POST", "/v1/media", draft, "Idempotency-Key", "publish-1").into(t, &replay)
	if replay.ID != m.ID {
		t.Errorf("publishing again with the same key made %s besides %s", replay.ID, m.ID)
	}
	if m.Type != "carousel" || len(m.Carousel) != 2 || m.AltText != "second" || m.Location == nil || m.Location.Name != "Café Zoo" {
		t.Errorf("published: %+v", m)
	}
	if e := events.next(t, "feed"); !strings.Contains(e, m.ID) {
		t.Errorf("the event says %s", e)
	}
	s.settle()
	var feed []mediaOut
	s.want(200, grace, "GET", "/v1/users/self/feed?count=5", nil).into(t, &feed)
	if len(feed) != 1 || feed[0].ID != m.ID || feed[0].Liked == nil || *feed[0].Liked {
		t.Errorf("the feed is %+v", feed)
	}

	// Bytes: every URL of the post works, for everybody, for ever.
	for _, i := range m.Images {
		r := s.want(200, nobody, "GET", i.URL, nil)
		if r.header.Get("Content-Type") != "image/jpeg" || r.header.Get("Cache-Control") != "public, max-age=31536000, s-maxage=3600, immutable" ||
			r.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(r.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("headers of a picture: %v", r.header)
		}
	}
	big := m.Renditions[0].URL
	s.want(206, nobody, "GET", big, nil, "Range", "bytes=0-99")
	s.want(304, nobody, "GET", big, nil, "If-None-Match", s.ask(nobody, "GET", big, nil).header.Get("Etag"))
	s.want(404, nobody, "GET", strings.Replace(big, "/1080.jpg", "/1081.jpg", 1), nil)
	if o := s.want(200, ada, "GET", "/v1/media/"+m.ID+"/original?n=1", nil); string(o.body) != string(picture(t, 0)) {
		t.Error("the original is not what was uploaded")
	}
	s.want(403, grace, "GET", "/v1/media/"+m.ID+"/original", nil)

	// Likes and comments.
	s.want(200, grace, "POST", "/v1/media/"+m.ID+"/likes", nil, "Idempotency-Key", "like")
	s.want(200, grace, "POST", "/v1/media/"+m.ID+"/likes", url.Values{})
	var c struct{ ID, Text string }
	s.want(200, grace, "POST", "/v1/media/"+m.ID+"/comments", url.Values{"text": {"Lovely <3 & more"}}, "Idempotency-Key", "comment").into(t, &c)
	var c2 struct{ ID string }
	s.want(200, grace, "POST", "/v1/media/"+m.ID+"/comments", url.Values{"text": {"Lovely <3 & more"}}, "Idempotency-Key", "comment").into(t, &c2)
	if c2.ID != c.ID {
		t.Error("commenting again with the same key made another comment")
	}
	s.settle()
	var got mediaOut
	s.want(200, nobody, "GET", "/v1/media/shortcode/"+m.Shortcode, nil).into(t, &got)
	if got.Likes.Count != 1 || got.Comments.Count != 1 || got.Liked != nil {
		t.Errorf("after a like and a comment: %+v", got)
	}
	for path, want := range map[string]int{
		"/v1/media/" + m.ID + "/likes": 1, "/v1/media/" + m.ID + "/comments": 1, "/v1/users/" + adaID + "/media/recent?count=3": 1,
		"/v1/users/" + adaID + "/followed-by": 1, "/v1/users/" + adaID + "/follows": 0, "/v1/users/search?q=gra": 1,
	} {
		var list []json.RawMessage
		s.want(200, nobody, "GET", path, nil).into(t, &list)
		if len(list) != want {
			t.Errorf("%s has %d, want %d", path, len(list), want)
		}
	}
	var liked []mediaOut
	s.want(200, grace, "GET", "/v1/users/self/media/liked", nil).into(t, &liked)
	if len(liked) != 1 {
		t.Errorf("liked: %+v", liked)
	}
	s.want(200, grace, "GET", "/v1/users/suggested", nil)
	s.want(200, nobody, "GET", "/v1/users/by-username/ADA", nil)
	s.want(200, grace, "GET", "/v1/users/"+adaID, nil)
	s.want(200, grace, "GET", "/v1/users/"+adaID+"/relationship", nil)

	// Ada sees what happened.
	var acts []struct {
		ID, Kind string
		New      bool `json:"is_new"`
	}
	s.want(200, ada, "GET", "/v1/users/self/activity", nil).into(t, &acts)
	var kinds []string
	for _, a := range acts {
		kinds = append(kinds, a.Kind)
		if !a.New {
			t.Errorf("%s is not new", a.Kind)
		}
	}
	if want := []string{"comment", "like", "follow"}; !slices.Equal(kinds, want) {
		t.Errorf("activity is %v, want %v", kinds, want)
	}
	s.want(200, ada, "POST", "/v1/users/self/activity/seen", map[string]any{"max_id": acts[0].ID})
	s.want(200, ada, "GET", "/v1/users/self", nil).into(t, &self)
	if self.Unread != 0 {
		t.Errorf("unread is %d after all was seen", self.Unread)
	}

	// Editing.
	var edited mediaOut
	s.want(200, ada, "PATCH", "/v1/media/"+m.ID, `{"caption":"New words","order":[1,0],"location":null}`).into(t, &edited)
	if edited.Caption.Text != "New words" || edited.Location != nil || edited.AltText == "second" {
		t.Errorf("edited: %+v", edited)
	}
	s.want(403, grace, "PATCH", "/v1/media/"+m.ID, map[string]any{"caption": "mine"})

	// Private: what was open is shut, and opens for whom Ada lets in.
	s.want(200, ada, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
	s.want(404, nobody, "GET", big, nil)
	s.want(400, nobody, "GET", "/v1/media/"+m.ID, nil)
	if p := s.want(200, grace, "GET", big, nil); p.header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("a private picture may be kept: %q", p.header.Get("Cache-Control"))
	}
	s.want(200, grace, "GET", "/v1/media/"+m.ID, nil).into(t, &got)
	signedURL := got.Renditions[0].URL
	s.want(200, nobody, "GET", signedURL, nil)
	s.want(404, nobody, "GET", signedURL[:len(signedURL)-1], nil)
	s.want(200, ada, "POST", "/v1/users/"+graceID+"/relationship", map[string]any{"action": "remove_follower"})
	s.settle()
	s.want(404, nobody, "GET", signedURL, nil)
	s.want(404, grace, "GET", big, nil)
	s.want(200, grace, "POST", "/v1/users/"+adaID+"/relationship", map[string]any{"action": "follow"}).into(t, &rel)
	if rel["outgoing_status"] != "requested" {
		t.Errorf("following somebody private: %v", rel)
	}
	s.settle()
	var asking []struct{ ID string }
	s.want(200, ada, "GET", "/v1/users/self/requested-by", nil).into(t, &asking)
	if len(asking) != 1 || asking[0].ID != graceID {
		t.Errorf("requests: %+v", asking)
	}
	s.want(200, ada, "POST", "/v1/users/"+graceID+"/relationship", map[string]any{"action": "approve"})
	s.settle()
	s.want(200, grace, "GET", big, nil)

	// Deleting.
	s.want(200, grace, "DELETE", "/v1/media/"+m.ID+"/likes", nil)
	s.want(200, ada, "DELETE", "/v1/media/"+m.ID+"/comments/"+c.ID, nil)
	s.want(200, ada, "DELETE", "/v1/media/"+m.ID, nil)
	s.settle()
	s.want(404, ada, "GET", big, nil)
	s.want(400, ada, "GET", "/v1/media/"+m.ID, nil)
	s.want(201, ada, "POST", "/v1/uploads", picture(t, 5)).into(t, &up[0])
	s.want(200, ada, "DELETE", "/v1/uploads/"+up[0].ID, nil)
	s.want(200, grace, "DELETE", "/v1/users/self/avatar", nil)

	admin(t, s, ada)
	oauth(t, s, ada)
	sessions(t, s, ada, grace, events)
}

// admin is running the site.
func admin(t *testing.T, s *site, ada credential) {
	s.want(200, ada, "GET", "/v1/admin/site", nil)
	s.want(200, ada, "PATCH", "/v1/admin/site", map[string]any{"name": "Looms", "signup": "invite"})
	var invite struct{ Code string }
	s.want(201, ada, "POST", "/v1/admin/invites", map[string]any{"note": "for Joan"}, "Idempotency-Key", "invite").into(t, &invite)
	first := invite.Code
	s.want(201, ada, "POST", "/v1/admin/invites", map[string]any{"note": "for Joan"}, "Idempotency-Key", "invite").into(t, &invite)
	if invite.Code != first {
		t.Error("the same key made two invites")
	}
	s.want(409, ada, "POST", "/v1/admin/invites", map[string]any{"note": "for Jane"}, "Idempotency-Key", "invite")
	s.want(200, ada, "GET", "/v1/admin/invites", nil)
	s.want(403, nobody, "POST", "/v1/users", map[string]any{"username": "mallory", "password": "a long enough pass"})
	s.want(201, nobody, "POST", "/v1/users", map[string]any{"username": "joan", "password": "a long enough pass", "invite": invite.Code})
	s.want(201, ada, "POST", "/v1/admin/invites", nil).into(t, &invite)
	s.want(200, ada, "DELETE", "/v1/admin/invites/"+invite.Code, nil)
	turning(t, s, ada)
	s.want(200, ada, "GET", "/v1/admin/jobs?state=discarded", nil)
	s.want(400, ada, "POST", "/v1/admin/jobs/main/1/retry", nil)

	// A job that cannot be read ends on the list, and can be put back to work.
	if err := (sqlstore.Feeds{R: s.app.Backend.Router}).Put(t.Context(), 1, job.Insert{Kind: job.EdgeKind, Item: "no edge"}); err != nil {
		t.Fatal(err)
	}
	s.settle()
	var failed []struct{ DB, ID, Kind, Error string }
	s.want(200, ada, "GET", "/v1/admin/jobs", nil).into(t, &failed)
	if len(failed) != 1 || failed[0].Kind != "edge" || failed[0].Error == "" {
		t.Fatalf("failed jobs: %+v", failed)
	}
	s.want(200, ada, "POST", "/v1/admin/jobs/"+failed[0].DB+"/"+failed[0].ID+"/retry", nil)
	s.settle()
}

// turning is an admin who changes how the site works while it does.
func turning(t *testing.T, s *site, ada credential) {
	turn := func(set map[string]string, reset ...string) {
		t.Helper()
		body := map[string]any{"reset": append([]string{}, reset...)}
		if set != nil {
			body["set"] = set
		}
		s.want(200, ada, "PATCH", "/v1/admin/knobs", body)
	}
	steps := []struct {
		knob, off, sentence string
		method, path        string
		body                any
		status              int // with the switch on
	}{
		{knob: "uploads", off: "off", sentence: "no photos are taken", method: "POST", path: "/v1/uploads", body: []byte("x"), status: 415},
		{knob: "posting", off: "off", sentence: "nothing can be published", method: "POST", path: "/v1/media", body: map[string]any{"uploads": []string{}}, status: 400},
		{knob: "comments", off: "off", sentence: "comments are closed", method: "POST", path: "/v1/media/1/comments", body: map[string]any{"text": "x"}, status: 400},
		{knob: "likes", off: "off", sentence: "likes are closed", method: "POST", path: "/v1/media/1/likes", status: 400},
		{knob: "likes", off: "off", sentence: "likes are closed", method: "DELETE", path: "/v1/media/1/likes", status: 400},
		{knob: "follows", off: "off", sentence: "nobody new can be followed", method: "POST", path: "/v1/users/1/relationship", body: map[string]any{"action": "follow"}, status: 400},
		{knob: "search", off: "off", sentence: "the search is switched off", method: "GET", path: "/v1/users/search?q=gr", status: 200},
		{knob: "live_events", off: "off", sentence: "live news", method: "GET", path: "/v1/events", status: 0},
		{knob: "writes", off: "off", sentence: "can only be read", method: "PATCH", path: "/v1/users/self", body: map[string]any{}, status: 200},
		{knob: "writes", off: "off", sentence: "can only be read", method: "POST", path: "/v1/media/1/likes", status: 400},
	}
	for _, st := range steps {
		if st.status != 0 {
			s.want(st.status, ada, st.method, st.path, st.body)
		}
		turn(map[string]string{st.knob: st.off})
		r := s.want(503, ada, st.method, st.path, st.body)
		if !strings.Contains(string(r.body), st.sentence) || r.header.Get("Retry-After") == "" {
			t.Errorf("%s with %s off: %s, Retry-After %q", st.path, st.knob, r.body, r.header.Get("Retry-After"))
		}
		if st.knob == "writes" { // who is here may look, and come and go
			s.want(200, ada, "GET", "/v1/users/self/feed", nil)
			s.want(400, nobody, "POST", "/v1/session", map[string]any{"login": "ada", "password": "not the one"})
			s.want(503, nobody, "POST", "/v1/users", map[string]any{"username": "x", "password": "y"})
		}
		turn(nil, st.knob)
		if st.status != 0 {
			s.want(st.status, ada, st.method, st.path, st.body)
		}
	}

	turn(map[string]string{"max_upload_mb": "1"})
	var site struct {
		Limits struct {
			Bytes int64 `json:"upload_bytes"`
		}
	}
	s.want(200, nobody, "GET", "/v1/site", nil).into(t, &site)
	if site.Limits.Bytes != 1<<20 {
		t.Errorf("upload_bytes is %d after max_upload_mb 1", site.Limits.Bytes)
	}
	s.want(413, ada, "POST", "/v1/uploads", make([]byte, 1<<20+1))
	turn(map[string]string{"hourly_limit": "100", "signup": "closed"}, "max_upload_mb")
	if got := s.want(200, ada, "GET", "/v1/users/self", nil).header.Get("X-Ratelimit-Limit"); got != "100" {
		t.Errorf("X-Ratelimit-Limit is %s after hourly_limit 100", got)
	}
	s.want(403, nobody, "POST", "/v1/users", map[string]any{"username": "mallory", "password": "a long enough pass"})
	s.want(400, ada, "PATCH", "/v1/admin/knobs", map[string]any{"set": map[string]string{"feed_length": "3"}})
	s.want(400, ada, "PATCH", "/v1/admin/knobs", map[string]any{"set": map[string]string{"nonsense": "3"}})
	turn(map[string]string{"signup": "open"}, "hourly_limit")

	var knobs []struct {
		Name, Value string
		Set         bool
		By          *struct{ Username string } `json:"changed_by"`
	}
	s.want(200, ada, "GET", "/v1/admin/knobs", nil).into(t, &knobs)
	for _, k := range knobs {
		if k.Set != (k.Name == "signup") || k.Set && (k.Value != "open" || k.By == nil || k.By.Username != "ada") {
			t.Errorf("in the end %+v", k)
		}
	}
	var turns []struct {
		Name  string
		Value *string
		By    *struct{ Username string }
	}
	s.want(200, ada, "GET", "/v1/admin/knobs/history?name=hourly_limit", nil).into(t, &turns)
	if len(turns) != 2 || turns[0].Value != nil || turns[1].Value == nil || *turns[1].Value != "100" || turns[1].By == nil || turns[1].By.Username != "ada" {
		t.Errorf("the history of hourly_limit: %+v", turns)
	}
	s.want(200, ada, "GET", "/v1/admin/knobs/history", nil)
	s.want(400, ada, "GET", "/v1/admin/knobs/history?name=nonsense", nil)
}

// oauth is an app on its way to a token, and what it may do with it.
func oauth(t *testing.T, s *site, ada credential) {
	var a struct {
		ID     string
		Client string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	s.want(201, ada, "POST", "/v1/apps", map[string]any{"name": "Printer", "website": "https://printer.example", "redirect_uris": []string{"https://printer.example/cb"}}).into(t, &a)
	s.want(200, ada, "GET", "/v1/apps", nil)
	s.want(200, ada, "GET", "/v1/apps/"+a.ID, nil)
	s.want(200, ada, "PATCH", "/v1/apps/"+a.ID, map[string]any{"description": "Prints what you post", "enforce_signed": false})
	old := a.Secret
	s.want(200, ada, "POST", "/v1/apps/"+a.ID+"/secret", map[string]any{}).into(t, &a)
	if a.Secret == old || a.Secret == "" {
		t.Errorf("the new secret is %q", a.Secret)
	}
	s.want(200, ada, "GET", "/v1/apps/"+a.ID+"/usage", nil)
	s.want(200, ada, "GET", "/v1/admin/apps?count=1", nil)
	s.want(200, ada, "PATCH", "/v1/admin/apps/"+a.ID, map[string]any{"own_hourly_limit": 700})
	q := url.Values{"client_id": {a.Client}, "redirect_uri": {"https://printer.example/cb"}, "response_type": {"code"}, "scope": {"likes"}, "state": {"x y"}}
	var consent struct{ Scopes []string }
	s.want(200, ada, "GET", "/oauth/authorize?"+q.Encode(), nil).into(t, &consent)
	if !slices.Equal(consent.Scopes, []string{"basic", "likes"}) {
		t.Errorf("asked for %v", consent.Scopes)
	}
	allow := func() url.Values {
		answer := map[string]any{"allow": true}
		for k := range q {
			answer[k] = q.Get(k)
		}
		var to struct {
			URL string `json:"redirect_to"`
		}
		s.want(200, ada, "POST", "/oauth/authorize", answer).into(t, &to)
		u, err := url.Parse(to.URL)
		if err != nil || u.Host != "printer.example" || u.Query().Get("state") != "x y" {
			t.Fatalf("redirected to %q", to.URL)
		}
		return url.Values{"grant_type": {"authorization_code"}, "client_id": {a.Client}, "client_secret": {a.Secret}, "redirect_uri": {"https://printer.example/cb"}, "code": {u.Query().Get("code")}}
	}
	exchange := allow()
	r := s.want(200, nobody, "POST", "/oauth/access_token/", exchange)
	var tok struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(r.body, &tok); err != nil {
		t.Fatal(err)
	}
	printer := credential{token: tok.Token}
	s.want(200, printer, "GET", "/v1/users/self", nil)
	s.want(200, nobody, "GET", "/v1/users/self?access_token="+tok.Token, nil)
	s.want(400, printer, "POST", "/v1/media", map[string]any{"uploads": []string{"1"}})
	s.want(403, printer, "PATCH", "/v1/users/self", map[string]any{"bio": "mine"})
	s.want(400, credential{tok.Token, true}, "GET", "/v1/users/self", nil) // an app's token is no session
	s.want(400, printer, "GET", "/v1/users/self?access_token=other", nil)
	s.want(200, ada, "GET", "/v1/grants", nil)
	s.want(200, nobody, "POST", "/oauth/revoke", url.Values{"client_id": {a.Client}, "client_secret": {a.Secret}, "token": {tok.Token}})
	s.want(400, printer, "GET", "/v1/users/self", nil)
	if r := s.ask(nobody, "POST", "/oauth/access_token", exchange); r.status != 400 || !strings.Contains(string(r.body), "invalid_grant") {
		t.Errorf("a code redeemed twice: %d %s", r.status, r.body)
	}
	s.want(400, ada, "DELETE", "/v1/grants/"+a.ID, nil)
	if err := json.Unmarshal(s.want(200, nobody, "POST", "/oauth/access_token", allow()).body, &tok); err != nil {
		t.Fatal(err)
	}
	s.want(200, ada, "DELETE", "/v1/grants/"+a.ID, nil)
	s.want(400, credential{token: tok.Token}, "GET", "/v1/users/self", nil)
	s.want(200, ada, "DELETE", "/v1/apps/"+a.ID, nil)
}

// sessions is signing in and out, and that what was open closes.
func sessions(t *testing.T, s *site, ada, grace credential, events *eventStream) {
	s.want(400, nobody, "POST", "/v1/session", map[string]any{"login": "grace", "password": "wrong wrong wrong"})
	var in struct {
		Token string `json:"access_token"`
	}
	s.want(200, nobody, "POST", "/v1/session", map[string]any{"login": "grace", "password": "another long pass"}).into(t, &in)
	other := credential{token: in.Token}
	var list []struct {
		ID      string
		Current bool
	}
	s.want(200, other, "GET", "/v1/sessions", nil).into(t, &list)
	if len(list) != 2 {
		t.Fatalf("sessions: %+v", list)
	}
	for _, l := range list {
		if !l.Current {
			s.want(200, other, "DELETE", "/v1/sessions/"+l.ID, nil)
		}
	}
	events.ends(t)
	s.want(400, grace, "GET", "/v1/users/self", nil)
	s.want(200, other, "POST", "/v1/users/self/password", map[string]any{"current": "another long pass", "new": "yet another long pass"})
	s.want(200, other, "GET", "/v1/users/self", nil)
	s.want(200, other, "DELETE", "/v1/sessions", nil)
	s.want(400, other, "GET", "/v1/users/self", nil)
	s.want(200, ada, "DELETE", "/v1/session", nil)
	s.want(400, ada, "GET", "/v1/users/self", nil)
}

// eventStream is an open stream of events.
type eventStream struct {
	lines  chan string
	cancel context.CancelFunc
}

func (s *site) stream(t *testing.T, c credential) *eventStream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.cookie {
		req.AddCookie(&http.Cookie{Name: "tintype_session", Value: c.token})
	} else {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.Header.Set("Last-Event-Id", "forged")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("the stream answered %d, %q", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	answered.Store("GET /v1/events", true)
	e := &eventStream{lines: make(chan string, 100), cancel: cancel}
	go func() {
		defer resp.Body.Close()
		defer close(e.lines)
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			e.lines <- lines.Text()
		}
	}()
	e.next(t, "ping")
	return e
}

// next waits for an event of a type and gives its data.
func (e *eventStream) next(t *testing.T, typ string) string {
	t.Helper()
	limit := time.After(10 * time.Second)
	found := false
	for {
		select {
		case line, ok := <-e.lines:
			if !ok {
				t.Fatalf("the stream ended before an event %q", typ)
			}
			if data, is := strings.CutPrefix(line, "data: "); is && found {
				return data
			}
			if line == "event: "+typ {
				found = true
			}
		case <-limit:
			t.Fatalf("no event %q came", typ)
		}
	}
}

// ends waits for the server to end the stream.
func (e *eventStream) ends(t *testing.T) {
	t.Helper()
	limit := time.After(5 * time.Second)
	for {
		select {
		case _, ok := <-e.lines:
			if !ok {
				return
			}
		case <-limit:
			t.Fatal("the stream of a credential that was revoked is still open")
		}
	}
}
