package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/app"
)

// TestFormats has each client shown what it takes, under the address that everybody has, and kept as long as it may be.
func TestFormats(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	ada := s.session(s.user("ada", false))
	m := s.post(ada, "", 1)
	path := pathOf(m.Renditions[1].URL)
	avif := func() *http.Response {
		return s.at("", path, "Accept", "image/avif,image/webp,image/apng,*/*;q=0.8")
	}
	if r := avif(); r.Header.Get("Content-Type") == "image/jpeg" && !strings.Contains(r.Header.Get("Cache-Control"), "max-age=60,") {
		t.Errorf("until the AVIF is there the JPEG may be kept: %s", r.Header.Get("Cache-Control"))
	}
	s.settle()
	etags := map[string]bool{}
	for _, tt := range []struct{ accept, want string }{
		{"", "image/jpeg"},
		{"*/*", "image/jpeg"},
		{"image/*,*/*;q=0.8", "image/jpeg"},
		{"image/webp,*/*", "image/webp"},
		{"image/avif", "image/avif"},
		{"text/html, IMAGE/WEBP;q=0.5, image/avif;q=0", "image/webp"},
		{"image/avif;q=0.0, image/webp; q=nothing", "image/jpeg"},
		{"image/avifx,ximage/webp", "image/jpeg"},
	} {
		r := s.at("", path, "Accept", tt.accept)
		h := r.Header
		if r.StatusCode != http.StatusOK || h.Get("Content-Type") != tt.want {
			t.Errorf("to %q the picture is %d %s, want %s", tt.accept, r.StatusCode, h.Get("Content-Type"), tt.want)
		}
		if h.Get("Vary") != "Accept" || !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("to %q the headers are %v", tt.accept, h)
		}
		etags[h.Get("Etag")] = true
		if again := s.at("", path, "Accept", tt.accept, "If-None-Match", h.Get("Etag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("to %q once more: %d", tt.accept, again.StatusCode)
		}
	}
	if len(etags) != 3 {
		t.Errorf("three formats have the tags %v", etags)
	}
	s.want(200, ada, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
	if r := avif(); r.StatusCode != http.StatusNotFound {
		t.Errorf("a private picture answers nobody with %d", r.StatusCode)
	}
	mine := s.want(200, ada, "GET", "/v1/media/"+m.ID, nil)
	i := strings.Index(string(mine.body), path+"?")
	if i < 0 {
		t.Fatalf("there is no signed address in %s", mine.body)
	}
	signed := strings.ReplaceAll(string(mine.body)[i:i+strings.IndexByte(string(mine.body)[i:], '"')], `\u0026`, "&")
	r := s.at("", signed, "Accept", "image/avif,image/webp")
	if h := r.Header; r.StatusCode != http.StatusOK || h.Get("Content-Type") != "image/avif" || h.Get("Cache-Control") != "private, no-cache" ||
		!strings.Contains(strings.Join(h.Values("Vary"), ", "), "Accept") {
		t.Errorf("a signed address answers %d with %v", r.StatusCode, h)
	}
}
