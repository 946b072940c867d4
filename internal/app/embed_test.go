package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/app"
)

// TestOembed asks what other sites ask, and fetches what they are told of.
func TestOembed(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	s.user("first", false)
	ada := s.user("ada", false)
	m := s.post(s.session(ada), "Dawn & <dusk>", 1)
	page := s.base + "/p/" + m.Shortcode
	type embed struct {
		Version, Type, Title, URL string
		Width, Height             int
		AuthorName                string      `json:"author_name"`
		AuthorID                  json.Number `json:"author_id"`
		AuthorURL                 string      `json:"author_url"`
		MediaID                   string      `json:"media_id"`
		ProviderURL               string      `json:"provider_url"`
	}
	get := func(path string) embed {
		t.Helper()
		r := s.ask(nobody, "GET", path, nil)
		var e embed
		if err := json.Unmarshal(r.body, &e); err != nil || r.status != 200 {
			t.Fatalf("%s: %d %s", path, r.status, r.body)
		}
		return e
	}
	e := get("/oembed?url=" + url.QueryEscape(page))
	if e.Version != "1.0" || e.Type != "photo" || e.Title != "Dawn & <dusk>" || e.AuthorName != "ada" || e.AuthorID.String() != ada.ID.String() ||
		e.AuthorURL != s.base+"/ada" || e.MediaID != m.ID || e.ProviderURL != s.base+"/" {
		t.Errorf("%+v", e)
	}
	for _, tt := range []struct{ rest, size string }{{"", "612s"}, {"&maxwidth=2000&maxheight=2000", "612s"}, {"&maxwidth=400", "320s"}, {"&maxheight=310", "306s"}, {"&maxwidth=200&maxheight=160", "150s"}, {"&maxwidth=99", "150s"}} {
		e := get("/v1/oembed/?url=" + url.QueryEscape(page+"/") + tt.rest)
		if !strings.HasSuffix(e.URL, "/"+tt.size+".jpg") || e.Width != e.Height {
			t.Errorf("%s: %+v", tt.rest, e)
		}
		q, _ := url.ParseQuery(tt.rest)
		for _, name := range []string{"maxwidth", "maxheight"} {
			if most, err := strconv.Atoi(q.Get(name)); err == nil && e.Width > most {
				t.Errorf("%s: %d wide", tt.rest, e.Width)
			}
		}
		if r := s.ask(nobody, "GET", e.URL, nil); r.status != 200 || r.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("%s: %d", e.URL, r.status)
		}
	}
	r := s.ask(nobody, "GET", "/oembed?callback=show&url="+url.QueryEscape(page), nil)
	if text := string(r.body); r.status != 200 || !strings.HasPrefix(text, "/**/show({") || !strings.HasSuffix(text, "});") || !strings.HasPrefix(r.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("as a script: %d %.80s", r.status, r.body)
	}
	if r := s.ask(nobody, "GET", page+"/media/?size=l", nil); r.status != http.StatusFound || !strings.HasSuffix(r.header.Get("Location"), "/612s.jpg") {
		t.Errorf("its picture: %d %v", r.status, r.header)
	} else if r := s.ask(nobody, "GET", r.header.Get("Location"), nil); r.status != 200 {
		t.Errorf("the picture: %d", r.status)
	}
	for _, tt := range []struct {
		query  string
		status int
	}{
		{"", 400}, {"url=" + url.QueryEscape(page) + "&maxwidth=0", 400}, {"url=" + url.QueryEscape(page) + "&maxheight=x", 400}, {"url=" + url.QueryEscape(page) + "&format=xml", 501},
		{"url=" + url.QueryEscape("https://elsewhere.example/p/"+m.Shortcode), 404}, {"url=" + url.QueryEscape(s.base+"/ada"), 404}, {"url=" + url.QueryEscape(s.base+"/p/AAAAAAAAAAA"), 404}, {"url=javascript:x", 404},
		{"url=" + url.QueryEscape(strings.Replace(page, "http://", "https://", 1)), 200},
	} {
		r := s.ask(nobody, "GET", "/oembed?"+tt.query, nil)
		if r.status != tt.status || r.status != 200 && !strings.Contains(string(r.body), `{"code":`+strconv.Itoa(tt.status)) {
			t.Errorf("%s: %d %s", tt.query, r.status, r.body)
		}
	}
	// Private from now on: not even to its owner, in an answer that others may be given.
	s.want(200, s.session(ada), "PATCH", "/v1/users/self", map[string]any{"is_private": true})
	for _, path := range []string{"/oembed?url=" + url.QueryEscape(page), "/p/" + m.Shortcode + "/embed", "/p/" + m.Shortcode + "/media", "/ada/feed.atom", "/ada/feed.rss"} {
		for _, who := range []credential{nobody, s.session(ada)} {
			if r := s.ask(who, "GET", path, nil); r.status != 404 || strings.Contains(string(r.body), "Dawn") {
				t.Errorf("%s: %d %s", path, r.status, r.body)
			}
		}
	}
}

// embedOf asks an address for what it knows of a post's page.
func embedOf(path string) func(cell) string {
	return func(x cell) string { return path + "?url=" + url.QueryEscape(x.m.s.base+"/p/"+x.post().Shortcode) }
}

// embeddable is seeing what everybody may see, however one asks.
func (x cell) embeddable() string {
	if x.state != isPublic {
		return "404"
	}
	return ok
}
