package webapp

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/tintype"
)

const index = `<!doctype html><html lang="en"><head><title>Tintype</title><script src="/assets/a-1234.js"></script></head><body><div id="root"></div><noscript>needs JavaScript</noscript></body></html>`

// oneSite is a site with one user and one post, as these pages need it.
type oneSite struct {
	user *tintype.User
	post *tintype.Post
}

func (o oneSite) Get(_ context.Context, _, id tintype.ID) (*tintype.Post, error) {
	if id != o.post.ID {
		return nil, &tintype.Error{Kind: tintype.NotFound}
	}
	return o.post, nil
}

func (o oneSite) ByUser(context.Context, tintype.ID, tintype.ID, tintype.Page) ([]*tintype.Post, bool, error) {
	return []*tintype.Post{o.post}, false, nil
}

func (o oneSite) User(context.Context, tintype.ID, tintype.ID) (*tintype.User, error) {
	return o.user, nil
}

func (o oneSite) UserByName(_ context.Context, _ tintype.ID, name string) (*tintype.User, error) {
	if name != o.user.Username {
		return nil, &tintype.Error{Kind: tintype.NotFound}
	}
	return o.user, nil
}

func (o oneSite) Posts(_ context.Context, _ tintype.ID, name string, _ tintype.Page) ([]*tintype.Post, tintype.ID, tintype.ID, error) {
	if slices.Contains(o.post.Tags, name) && !o.user.Private {
		return []*tintype.Post{o.post}, 0, 0, nil
	}
	return nil, 0, 0, nil
}

func (o oneSite) Site(context.Context) (account.Site, error) {
	return account.Site{Name: "Looms & <Co>"}, nil
}
func (o oneSite) ViewerOf(context.Context, *http.Request) tintype.ID { return 0 }
func (o oneSite) BaseURL(*http.Request) (string, error)              { return "https://photos.example", nil }
func (o oneSite) MediaBase(base string) string                       { return base }
func (o oneSite) From(*http.Request) string                          { return "addr" }
func (o oneSite) LinkedPicture(base string, p *tintype.Post, m *tintype.Media, size string, link tintype.ID) string {
	return base + "/m/" + p.ID.Shortcode() + "/" + m.Key + "/" + size + ".jpg?l=" + link.String()
}

func newHandler(t *testing.T, files fstest.MapFS, o oneSite) *Handler {
	t.Helper()
	h, err := New(Config{Files: files, Posts: o, People: o, Tags: o, Site: o, Requests: o, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(h *Handler, path string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var script = strings.Repeat("console.log(1);", 200)

func site(hostile string) (fstest.MapFS, oneSite) {
	u := &tintype.User{ID: tintype.MakeID(1772625600000, 1, 1), Username: "ada", FullName: hostile, Bio: hostile, AvatarKey: "k"}
	p := &tintype.Post{ID: tintype.MakeID(1772625601000, 1, 1), UserID: u.ID, Caption: hostile, Media: []tintype.Media{{Key: "key", Width: 1080, Height: 720, AltText: hostile}}}
	return fstest.MapFS{"index.html": {Data: []byte(index)}, "assets/a-1234.js": {Data: []byte(script)}, "theme.js": {Data: []byte("x")},
		"icons/icon.png": {Data: []byte("png")}, "secret.map": {Data: []byte("no type")}}, oneSite{u, p}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	files, o := site("Ada")
	h := newHandler(t, files, o)
	r := ask(h, "/assets/a-1234.js")
	if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || r.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || body(t, r) != script {
		t.Errorf("a hashed asset: %d %v", r.StatusCode, r.Header)
	}
	r = ask(h, "/assets/a-1234.js", "Accept-Encoding", "br, gzip;q=0.5")
	if r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("compressed: %v", r.Header)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != script {
		t.Errorf("compressed body: %v", err)
	}
	for _, accept := range []string{"", "gzip;q=0", "identity", "gzipx", strings.Repeat("x,", 5000)} {
		if r := ask(h, "/assets/a-1234.js", "Accept-Encoding", accept); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%.20q got %q", accept, r.Header.Get("Content-Encoding"))
		}
	}
	r = ask(h, "/theme.js")
	if r.Header.Get("Cache-Control") != "no-cache" || r.Header.Get("Etag") == "" {
		t.Errorf("a file without a hash in its name: %v", r.Header)
	}
	if r := ask(h, "/theme.js", "If-None-Match", r.Header.Get("Etag")); r.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %d", r.StatusCode)
	}
	for _, path := range []string{"/secret.map", "/assets/other.js", "/index.html", "/assets/", "/assets"} {
		if r := ask(h, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	files, o := site("Ada")
	h := newHandler(t, files, o)
	for _, path := range []string{"/", "/sign-in", "/settings/apps", "/oauth/authorize?x=y", "/oauth/authorize/"} {
		r := ask(h, path)
		csp := r.Header.Get("Content-Security-Policy")
		if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-cache" || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") ||
			!strings.Contains(body(t, r), "<title>Looms &amp; &lt;Co&gt;</title>") {
			t.Errorf("%s: %d %v", path, r.StatusCode, r.Header)
		}
	}
	text := body(t, ask(h, "/p/"+o.post.ID.Shortcode()))
	for _, want := range []string{`<link rel="canonical" href="https://photos.example/p/` + o.post.ID.Shortcode() + `"`, `property="og:image" content="https://photos.example/m/` + o.post.ID.Shortcode() + `/key/1080.jpg"`,
		`name="twitter:card" content="summary_large_image"`, `alt="Ada"`, `width="1080" height="720"`} {
		if !strings.Contains(text, want) {
			t.Errorf("a post's page has no %s:\n%s", want, text)
		}
	}
	o.user.Private = true
	if text := body(t, ask(h, "/p/"+o.post.ID.Shortcode())); strings.Contains(text, "og:") || strings.Contains(text, "/m/") {
		t.Errorf("a private post's page shows previews: %s", text)
	}
	if r := httptest.NewRecorder(); true {
		h.ServeHTTP(r, httptest.NewRequest(http.MethodPost, "/", nil))
		if r.Code != 405 || r.Header().Get("Allow") == "" {
			t.Errorf("POST: %d", r.Code)
		}
	}
}

// TestHostileText puts what breaks out of HTML into every field: the page has no more elements than with plain text.
func TestHostileText(t *testing.T) {
	t.Parallel()
	count := func(name string) (n [4]int) {
		files, o := site(name)
		h := newHandler(t, files, o)
		text := body(t, ask(h, "/p/"+o.post.ID.Shortcode())) + body(t, ask(h, "/ada"))
		return [4]int{strings.Count(text, "<"), strings.Count(strings.ToLower(text), "<script"), strings.Count(text, "</noscript>"), strings.Count(text, "<meta")}
	}
	want := count("plain")
	for _, s := range []string{`</noscript><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'"><svg/onload=alert(1)>`, `</title><script>x</script>`, `0;url=https://evil.example" http-equiv="refresh`,
		"{{.}}", `<!--`, "a\x00b", "a\u2028\u2029b", `javascript:alert(1)`, `&lt;script&gt;`} {
		if got := count(s); got != want {
			t.Errorf("%q: counts %v, want %v", s, got, want)
		}
	}
}

func TestUnbuilt(t *testing.T) {
	t.Parallel()
	_, o := site("Ada")
	h := newHandler(t, fstest.MapFS{".gitkeep": {}}, o)
	r := ask(h, "/")
	if text := body(t, r); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, "make web") {
		t.Errorf("without a built app: %d %s", r.StatusCode, text)
	}
	if _, err := New(Config{Files: fstest.MapFS{"index.html": {Data: []byte("<html>")}}}); err == nil {
		t.Error("an index.html without a title is taken")
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		s    string
		n    int
		want string
	}{{"short", 10, "short"}, {"some words are here", 12, "some words…"}, {"你好世界你好世界", 5, "你好世界…"}, {"unbrokenwordthatislong", 10, "unbrokenw…"}} {
		if got := shorten(tt.s, tt.n); got != tt.want {
			t.Errorf("shorten(%q, %d) = %q, want %q", tt.s, tt.n, got, tt.want)
		}
	}
}
