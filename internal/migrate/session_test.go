package migrate_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/shard"
)

// signIn gives the cookies of a session in the browser.
func signIn(t *testing.T, a *app.App) []*http.Cookie {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://site.example/v1/session", strings.NewReader(`{"login": "mara.lind", "password": "`+password+`", "cookie": true}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", "http://site.example")
	w := httptest.NewRecorder()
	a.Handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK && w.Code != http.StatusCreated || len(w.Result().Cookies()) == 0 {
		t.Fatalf("signing in gave %d: %s", w.Code, w.Body)
	}
	return w.Result().Cookies()
}

// stillSignedIn opens the new home: the old cookies must do there, the feed
// must have posts, and the pictures that it names must be there.
func stillSignedIn(t *testing.T, data string, r *shard.Router, cookies []*http.Cookie) {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{Data: data, Render: renderer(t), Backend: &app.Backend{Router: r,
		AddJobs: func(*runner.Runner) error { return nil }, Close: func() error { return nil }}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	get := func(url string) *httptest.ResponseRecorder {
		t.Helper()
		req := httptest.NewRequest(http.MethodGet, url, nil)
		for _, c := range cookies {
			req.AddCookie(c)
		}
		w := httptest.NewRecorder()
		a.Handler.ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			t.Fatalf("%s gave %d: %s", url, w.Code, w.Body)
		}
		return w
	}
	if body := get("http://site.example/v1/users/self").Body.String(); !strings.Contains(body, "mara.lind") {
		t.Errorf("the cookie of the old home says: %s", body)
	}
	var feed struct {
		Data []struct {
			Images map[string]struct{ URL string } `json:"images"`
		} `json:"data"`
	}
	if err := json.Unmarshal(get("http://site.example/v1/users/self/feed").Body.Bytes(), &feed); err != nil || len(feed.Data) == 0 {
		t.Fatalf("the feed has %d posts, %v", len(feed.Data), err)
	}
	for _, image := range feed.Data[0].Images {
		get(image.URL)
	}
}
