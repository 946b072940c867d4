package webcache_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/webcache"
)

// cache is a cache that notes what it is asked to forget.
type cache struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	status int
}

func newCache(t *testing.T) *cache {
	c := &cache{status: http.StatusOK}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if r.URL.Path == "/hook" {
			var in struct{ URLs []string }
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("the hook got %s, %v", r.Method, err)
			}
			c.asked = append(c.asked, fmt.Sprint("hook ", len(in.URLs), " ", in.URLs[0]))
		} else {
			c.asked = append(c.asked, r.Method+" "+r.URL.Path)
		}
		w.WriteHeader(c.status)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *cache) answers(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status, c.asked = status, nil
}

func (c *cache) got() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.Sort(c.asked)
	return slices.Clone(c.asked)
}

func TestForget(t *testing.T) {
	t.Parallel()
	if webcache.New(webcache.Config{Sites: []string{"https://x.example"}}) != nil {
		t.Error("a site without caches has some")
	}
	a, b, hook := newCache(t), newCache(t), newCache(t)
	c := webcache.New(webcache.Config{Purge: []string{a.URL + "/purge", b.URL + "/"}, Method: "PURGE", Hook: hook.URL + "/hook", Sites: []string{"https://media.example"}})
	if err := c.Forget(t.Context(), []string{"/m/a/k/640.jpg", "/m/a/k/150s.jpg"}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ got, want []string }{
		"with a path": {a.got(), variants("PURGE /purge/m/a/k/150s.jpg", "PURGE /purge/m/a/k/640.jpg")},
		"without":     {b.got(), variants("PURGE /m/a/k/150s.jpg", "PURGE /m/a/k/640.jpg")},
		"hook":        {hook.got(), []string{"hook 2 https://media.example/m/a/k/640.jpg"}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	hook.answers(http.StatusAccepted)
	if err := c.Forget(t.Context(), slices.Repeat([]string{"/m/a/k/640.jpg"}, 1201)); err != nil {
		t.Fatal(err)
	}
	want := []string{"hook 201 https://media.example/m/a/k/640.jpg", "hook 500 https://media.example/m/a/k/640.jpg", "hook 500 https://media.example/m/a/k/640.jpg"}
	if diff := cmp.Diff(want, hook.got()); diff != "" {
		t.Errorf("many: %s", diff)
	}
	if err := c.Forget(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status      int
		purge, hook bool // whether that is good
	}{{200, true, true}, {204, true, true}, {404, true, false}, {412, true, false}, {302, false, false}, {403, false, false}, {500, false, false}} {
		one := newCache(t)
		one.answers(tt.status)
		for name, c := range map[string]struct {
			c    webcache.Config
			good bool
		}{
			"purge": {webcache.Config{Purge: []string{one.URL}}, tt.purge},
			"hook":  {webcache.Config{Hook: one.URL + "/hook", Sites: []string{"https://media.example"}}, tt.hook},
		} {
			err := webcache.New(c.c).Forget(t.Context(), []string{"/m/a"})
			if c.good && err != nil || !c.good && !tintype.IsKind(err, tintype.Unavailable) {
				t.Errorf("%s answered %d: %v", name, tt.status, err)
			}
		}
	}
	dead := newCache(t)
	dead.Close()
	alive := newCache(t)
	c := webcache.New(webcache.Config{Purge: []string{dead.URL, alive.URL}})
	if err := c.Forget(t.Context(), []string{"/m/a"}); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("with a dead cache: %v", err)
	}
	if got := alive.got(); len(got) != len(webcache.Variants()) {
		t.Errorf("the other cache was asked %q", got)
	}
}

// variants gives each with all that a cache may keep of it.
func variants(of ...string) (out []string) {
	for _, p := range of {
		for _, v := range webcache.Variants() {
			out = append(out, p+v)
		}
	}
	return out
}
