package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/testserve"
)

// purged is a cache that notes what it is asked to forget.
type purged struct {
	mu    sync.Mutex
	paths []string
}

func (p *purged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paths = append(p.paths, strings.TrimPrefix(r.URL.Path, "/purge"))
	w.WriteHeader(http.StatusNotFound) // it was not there
}

// wait waits until the cache was asked to forget each of paths.
func (p *purged) wait(t *testing.T, paths ...string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		missing := slices.DeleteFunc(slices.Clone(paths), func(s string) bool { return slices.Contains(p.paths, s) })
		p.mu.Unlock()
		if len(missing) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the cache was not asked to forget %q", missing)
		}
	}
}

func (p *purged) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paths = nil
}

// at asks a host for a path, without any credential unless header brings one.
func (s *site) at(host, path string, header ...string) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.base+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Host = host
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if e := resp.Body.Close(); err != nil || e != nil {
		s.t.Fatal(err, e)
	}
	return resp
}

// TestVerifyOriginals finds an original that is not what was uploaded, and one that is gone.
func TestVerifyOriginals(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada := s.session(s.user("ada", false))
		for i := range 3 {
			s.post(ada, "", i)
		}
		var keys []string
		for info, err := range s.app.Blobs.List(t.Context(), "o/") {
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, info.Key)
		}
		var told []string
		verify := func() app.Originals {
			t.Helper()
			told = nil
			sum, err := s.app.VerifyOriginals(t.Context(), func(_ app.Originals, bad []string) error { told = append(told, bad...); return nil })
			if err != nil {
				t.Fatal(err)
			}
			return sum
		}
		if sum := verify(); len(keys) != 3 || sum.Files != 3 || sum.Bad != 0 || sum.Bytes == 0 {
			t.Fatalf("of %d originals %+v %q", len(keys), sum, told)
		}
		if _, err := s.app.Blobs.Put(t.Context(), keys[0], strings.NewReader("another picture")); err != nil {
			t.Fatal(err)
		}
		if err := s.app.Blobs.Delete(t.Context(), keys[1]); err != nil {
			t.Fatal(err)
		}
		sum := verify()
		all := strings.Join(told, "\n")
		if sum.Bad != 2 || !strings.Contains(all, keys[0]+" is not what was uploaded") || !strings.Contains(all, keys[1]+" is missing") {
			t.Errorf("%+v: %s", sum, all)
		}
	})
}

// TestMediaHost is a site whose pictures are on a host of their own, with a CDN and a cache before it.
func TestMediaHost(t *testing.T) {
	t.Parallel()
	cache := &purged{}
	purge := httptest.NewServer(cache)
	t.Cleanup(purge.Close)
	const media, cdn = "http://media.example", "http://cdn.example"
	s := newSite(t, "sqlite", app.Config{Fleet: app.Fleet{MediaURL: media, S3: app.S3{PublicURL: cdn, PurgeURLs: []string{purge.URL + "/purge"}}}})
	ada, priv, grace := s.user("ada", false), s.user("priv", true), s.user("grace", false)
	s.want(200, s.session(grace), "POST", "/v1/users/"+priv.ID.String()+"/relationship", map[string]any{"action": "follow"})
	s.settle() // what has not arrived cannot be approved
	s.want(200, s.session(priv), "POST", "/v1/users/"+grace.ID.String()+"/relationship", map[string]any{"action": "approve"})
	open, hidden := s.post(s.session(ada), "open", 0), s.post(s.session(priv), "hidden", 1)
	s.settle()

	// Where the URLs lead.
	read := func(c credential, id string) (m mediaOut) {
		s.want(200, c, "GET", "/v1/media/"+id, nil).into(t, &m)
		return m
	}
	open, hidden = read(s.session(grace), open.ID), read(s.session(grace), hidden.ID)
	path, ok := strings.CutPrefix(open.Renditions[1].URL, cdn)
	if !ok || strings.Contains(path, "?") || !strings.HasPrefix(open.Link, s.base+"/p/") {
		t.Errorf("a public picture is at %s, its page at %s", open.Renditions[1].URL, open.Link)
	}
	signed, ok := strings.CutPrefix(hidden.Renditions[1].URL, media)
	bare, _, hasQuery := strings.Cut(signed, "?")
	if !ok || !hasQuery || !strings.HasPrefix(hidden.Link, s.base+"/p/") {
		t.Errorf("a private picture is at %s, its page at %s", hidden.Renditions[1].URL, hidden.Link)
	}
	var self struct {
		Picture string `json:"profile_picture"`
	}
	s.want(200, s.session(ada), "GET", "/v1/users/self", nil).into(t, &self)
	letter, ok := strings.CutPrefix(self.Picture, cdn)
	if !ok {
		t.Errorf("a profile picture is at %s", self.Picture)
	}
	csp := s.at("photos.example", "/p/"+open.Shortcode).Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "img-src 'self' data: blob: "+media+" "+cdn+";") {
		t.Errorf("pages allow pictures from %s", csp)
	}

	const public, private = "public, max-age=31536000, s-maxage=3600, immutable", "private, no-cache"
	cookie := "tintype_session=" + s.session(grace).token
	for _, tt := range []struct {
		name, host, path string
		cookie           string
		status           int
		cache, corp      string
		vary             string // of what is public: in which format it comes
	}{
		{name: "public", host: "media.example", path: path, status: 200, cache: public, corp: "cross-origin", vary: "Accept"},
		{name: "public on the site's host", host: "photos.example", path: path, status: 200, cache: public, corp: "cross-origin", vary: "Accept"},
		{name: "public under another address", host: "media.example", path: path + "?x=1", status: 200, cache: private, corp: "cross-origin"},
		{name: "signed", host: "media.example", path: signed, status: 200, cache: private, corp: "cross-origin"},
		{name: "not signed", host: "media.example", path: bare, status: 404, cache: "private, no-store", corp: "same-origin"},
		{name: "wrongly signed", host: "media.example", path: signed + "x", status: 404, cache: "private, no-store", corp: "same-origin"},
		{name: "by cookie", host: "photos.example", path: bare, cookie: cookie, status: 200, cache: private, corp: "same-origin"},
		{name: "letter", host: "media.example", path: letter, status: 200, cache: public, corp: "cross-origin"},
		{name: "no API there", host: "media.example", path: "/v1/users/self", cookie: cookie, status: 404, cache: "private, no-store", corp: "same-origin"},
		{name: "no page there", host: "MEDIA.example", path: "/", status: 404, cache: "private, no-store", corp: "same-origin"},
		{name: "no worker there", host: "media.example", path: "/sw.js", status: 404, cache: "private, no-store", corp: "same-origin"},
	} {
		var header []string
		if tt.cookie != "" {
			header = []string{"Cookie", tt.cookie}
		}
		r := s.at(tt.host, tt.path, header...)
		if r.StatusCode != tt.status || r.Header.Get("Cache-Control") != tt.cache || r.Header.Get("Cross-Origin-Resource-Policy") != tt.corp {
			t.Errorf("%s: %d, %q, CORP %q; want %d, %q, %q", tt.name, r.StatusCode, r.Header.Get("Cache-Control"), r.Header.Get("Cross-Origin-Resource-Policy"), tt.status, tt.cache, tt.corp)
		}
		if r.Header.Get("Set-Cookie") != "" || tt.cache == public && strings.Join(r.Header.Values("Vary"), ", ") != tt.vary {
			t.Errorf("%s: Set-Cookie %q, Vary %q", tt.name, r.Header.Get("Set-Cookie"), r.Header.Get("Vary"))
		}
	}

	// A signature only says who looks: what they may see is asked each time.
	s.want(200, s.session(priv), "POST", "/v1/users/"+grace.ID.String()+"/relationship", map[string]any{"action": "block"})
	if r := s.at("media.example", signed); r.StatusCode != http.StatusNotFound {
		t.Errorf("who was blocked has status %d under a signed URL", r.StatusCode)
	}

	// What caches are told.
	var u struct {
		Picture string `json:"profile_picture"`
	}
	s.want(200, s.session(ada), "PUT", "/v1/users/self/avatar", picture(t, 1)).into(t, &u)
	s.want(200, s.session(ada), "DELETE", "/v1/users/self/avatar", nil)
	former := strings.TrimPrefix(u.Picture, cdn)
	cache.wait(t, former, strings.Replace(former, "/150.jpg", "/320.jpg", 1))
	second := s.post(s.session(ada), "to be deleted", 2)
	s.want(200, s.session(ada), "DELETE", "/v1/media/"+second.ID, nil)
	gone := strings.TrimPrefix(second.Renditions[1].URL, cdn)
	cache.wait(t, gone, strings.Replace(gone, "/640.jpg", "/150s.jpg", 1))
	cache.clear()
	s.want(200, s.session(ada), "PATCH", "/v1/users/self", map[string]any{"is_private": true})
	cache.wait(t, path, strings.Replace(path, "/640.jpg", "/1080.jpg", 1), strings.Replace(path, "/640.jpg", "/306s.jpg", 1))
	if r := s.at("media.example", path); r.StatusCode != http.StatusNotFound {
		t.Errorf("a picture of who went private has status %d", r.StatusCode)
	}
}

// TestFilesInS3: a site whose files are in S3 works, and goes on working without pictures while S3 is away.
func TestFilesInS3(t *testing.T) {
	t.Parallel()
	server := testserve.S3(t)
	conf := app.S3{Endpoint: server.Endpoint(), Bucket: server.Bucket, Prefix: "site", AccessKey: server.AccessKey, SecretKey: server.SecretKey, PathStyle: true}
	s := newSite(t, "sqlite", app.Config{Fleet: app.Fleet{S3: conf}})
	ada := s.session(s.user("ada", false))
	m := s.post(ada, "in a bucket", 0)
	picture640 := m.Renditions[1].URL
	whole := s.want(200, nobody, "GET", picture640, nil).body
	if part := s.want(206, nobody, "GET", picture640, nil, "Range", "bytes=100-199").body; string(part) != string(whole[100:200]) {
		t.Error("a range of a picture is not that part of it")
	}
	if o := s.want(200, ada, "GET", "/v1/media/"+m.ID+"/original", nil); string(o.body) != string(picture(t, 0)) {
		t.Error("the original is not what was uploaded")
	}
	s.want(200, ada, "PUT", "/v1/users/self/avatar", picture(t, 1))
	s.settle()

	server.Kill()
	s.want(200, ada, "GET", "/v1/users/self/feed", nil)
	s.want(200, nobody, "GET", "/v1/media/"+m.ID, nil)
	s.want(200, ada, "POST", "/v1/media/"+m.ID+"/likes", nil)
	for range 10 { // more than it takes to give the server up
		if r := s.want(503, nobody, "GET", picture640, nil); r.header.Get("Retry-After") == "" || r.header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("a picture that cannot be read answers with %v", r.header)
		}
	}
	s.want(503, ada, "POST", "/v1/uploads", picture(t, 2))

	server.Start()
	for deadline := time.Now().Add(20 * time.Second); s.ask(nobody, "GET", picture640, nil).status != 200; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("S3 is back, and the picture is not")
		}
	}
	s.post(ada, "after it came back", 2)
	s.want(200, ada, "DELETE", "/v1/media/"+m.ID, nil)
	s.settle()
	s.want(404, nobody, "GET", picture640, nil)
	var left []string
	for info, err := range s.app.Blobs.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		left = append(left, info.Key)
	}
	if len(left) > 15 { // one original, its renditions in three formats, a profile picture's two
		t.Errorf("the bucket has %q", left)
	}
}

// TestStoryInS3 is the whole story, with the files in S3.
func TestStoryInS3(t *testing.T) {
	t.Parallel()
	server := testserve.S3(t)
	story(t, newSite(t, "sqlite", app.Config{Fleet: app.Fleet{S3: app.S3{Endpoint: server.Endpoint(), Bucket: server.Bucket,
		AccessKey: server.AccessKey, SecretKey: server.SecretKey, PathStyle: true}}}))
}

// TestSuspendedViewer is that an address of a picture that was signed for somebody ends with their suspension.
func TestSuspendedViewer(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, ben := s.user("ann", true), s.user("ben", false)
		asAnn, asBen := s.session(ann), s.session(ben)
		s.does(asBen, ann, "follow")
		s.settle()
		s.does(asAnn, ben, "approve")
		s.settle()
		m := s.post(asAnn, "for followers", 1)
		var seen mediaOut
		s.want(200, asBen, "GET", "/v1/media/"+m.ID, nil).into(t, &seen)
		signed := seen.Renditions[0].URL
		s.want(200, nobody, "GET", signed, nil)
		for _, c := range []struct {
			suspended bool
			status    int
		}{{true, 404}, {false, 200}} {
			if err := s.app.Account.Suspend(t.Context(), ben.ID, c.suspended); err != nil {
				t.Fatal(err)
			}
			if r := s.ask(nobody, "GET", signed, nil); r.status != c.status {
				t.Errorf("suspended %v: %d, want %d", c.suspended, r.status, c.status)
			}
		}
	})
}
