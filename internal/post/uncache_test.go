package post_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/webcache"
)

// proxyCache is an HTTP cache that counts what it is asked to forget.
type proxyCache struct {
	mu     sync.Mutex
	forgot map[string]int
	down   bool
}

func (c *proxyCache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	c.forgot[r.URL.Path]++
}

func (c *proxyCache) start(t *testing.T) *webcache.Caches {
	t.Helper()
	c.forgot = map[string]int{}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	return webcache.New(webcache.Config{Purge: []string{s.URL}})
}

// TestUncache: of who goes private every picture is forgotten, a page of posts
// at a time, and once more later; of a deleted post, its own.
func TestUncache(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	c := &proxyCache{}
	s.cached(c.start(t))
	ann := s.user(t, "ann", false)
	const n = 120 // more than a page
	want := map[string]int{}
	var first *tintype.Post
	for range n {
		p := s.publish(t, ann, post.Draft{})
		if first == nil {
			first = p
		}
		for _, r := range jpegs(p.Media[0].Key) {
			for _, v := range webcache.Variants() {
				want["/m/"+p.ID.Shortcode()+r[1:]+v] = 2
			}
		}
	}
	s.work(t)
	if len(c.forgot) != 0 {
		t.Fatalf("publishing made %d pictures be forgotten", len(c.forgot))
	}
	on := true
	if _, err := (sqlstore.Profiles{R: s.r}).UpdateProfile(t.Context(), ann, tintype.ProfileChanges{Private: &on}); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	if len(c.forgot) != len(want) {
		t.Errorf("%d pictures are forgotten, want %d", len(c.forgot), len(want))
	}
	for path, times := range want {
		if c.forgot[path] != times {
			t.Errorf("%s is forgotten %d times, want %d", path, c.forgot[path], times)
			break
		}
	}
	c.down = true
	if err := s.Uncache(t.Context(), []job.Uncache{{User: ann}}); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("with a cache that does not answer: %v, so that the job is tried again", err)
	}
	c.down = false
	clear(c.forgot)
	if err := s.Delete(t.Context(), ann, first.ID); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	for _, r := range jpegs(first.Media[0].Key) {
		if path := "/m/" + first.ID.Shortcode() + r[1:]; c.forgot[path] == 0 {
			t.Errorf("after the deletion %s is not forgotten", path)
		}
	}
}

// jpegs are the files of a picture that have an address of their own: the other formats are at the JPEGs'.
func jpegs(key string) []string {
	return slices.DeleteFunc(blob.Renditions(key), func(name string) bool { return !strings.HasSuffix(name, ".jpg") })
}
