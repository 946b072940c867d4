package app_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// The words that a private user puts into every field that only followers may
// read. Nobody else may ever be sent one of them, in any answer; nor may they
// stand in the log or the metrics.
var secrets = []string{"canarycaption", "canaryalt", "canarytag", "canaryplace", "canarycomment", "canaryalbum"}

// TestNoCanaryEscapes crawls the site as those who may not see a private post:
// every GET route with every ID that there is, every URL that a follower is
// shown, every page.
func TestNoCanaryEscapes(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s := newSite(t, "sqlite", app.Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	s.user("first", false)
	people := map[string]*tintype.User{}
	for _, name := range []string{"author", "follower", "pending", "stranger", "blocked", "former", "removed"} {
		people[name] = s.user(name, name == "author")
	}
	author := people["author"]
	asAuthor := s.session(author)
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"follower", "pending", "blocked", "former", "removed"} {
		check(s.app.Graph.Follow(ctx, people[name].ID, author.ID))
	}
	s.settle()
	for _, name := range []string{"follower", "former", "removed"} {
		check(s.app.Graph.Approve(ctx, author.ID, people[name].ID))
	}
	check(s.app.Graph.Block(ctx, author.ID, people["blocked"].ID))
	s.settle()
	strangersEvents := s.stream(t, s.session(people["stranger"]))
	for _, p := range people {
		s.want(200, s.session(p), "GET", "/v1/users/self/feed", nil)
	}

	s.want(200, asAuthor, "PATCH", "/v1/users/self", map[string]any{"has_map": true})
	var up struct{ ID string }
	s.want(201, asAuthor, "POST", "/v1/uploads", picture(t, 1)).into(t, &up)
	var m mediaOut
	s.want(201, asAuthor, "POST", "/v1/media", map[string]any{"uploads": []string{up.ID}, "caption": "canarycaption #canarytag @stranger", "alt_texts": []string{"canaryalt"},
		"users_in_photo": []any{tagIn(author, 0, 0.5, 0.5), tagIn(people["follower"], 0, 0.25, 0.75)},
		"location":       map[string]any{"name": "canaryplace", "latitude": 1.5, "longitude": 2.5}}).into(t, &m)
	var comment struct{ ID string }
	s.want(200, s.session(people["follower"]), "POST", "/v1/media/"+m.ID+"/comments", url.Values{"text": {"canarycomment @stranger"}}).into(t, &comment)
	s.want(200, s.session(people["former"]), "POST", "/v1/media/"+m.ID+"/likes", nil) // it would be popular
	album := s.collectCanary(t, asAuthor, s.session(people["follower"]), s.session(people["former"]), m.ID)
	var draft struct{ ID string }
	s.want(201, asAuthor, "POST", "/v1/uploads", picture(t, 2)).into(t, &draft)
	s.settle()

	// What those who may see it are shown: all of it, and every URL of it.
	var seen bytes.Buffer
	for _, path := range []string{"/v1/media/" + m.ID, "/v1/users/self/feed", "/v1/media/" + m.ID + "/comments", "/v1/users/" + author.ID.String() + "/media/recent", "/v1/users/" + author.ID.String() + "/map",
		"/v1/users/" + author.ID.String() + "/media/tagged", "/v1/users/" + people["follower"].ID.String() + "/media/tagged",
		"/v1/albums/" + album, "/v1/albums/" + album + "/media", "/v1/users/" + author.ID.String() + "/albums", "/v1/users/self/media/saved"} {
		seen.Write(s.want(200, s.session(people["follower"]), "GET", path, nil).body)
	}
	seen.Write(s.want(200, asAuthor, "GET", "/v1/uploads/"+draft.ID, nil).body)
	for _, w := range secrets {
		if !strings.Contains(seen.String(), w) {
			t.Errorf("a follower is not shown %s: the crawl would prove nothing", w)
		}
	}
	var signed, bare []string
	for _, u := range regexp.MustCompile(`https?://[^"\\]+(\\u0026[^"\\]+)*`).FindAllString(seen.String(), -1) {
		u = strings.ReplaceAll(u, `\u0026`, "&")
		signed = append(signed, u)
		plain, _, _ := strings.Cut(u, "?")
		bare = append(bare, plain)
	}
	slices.Sort(bare)
	bare = slices.Compact(bare)
	files := map[string]string{}
	for _, u := range signed {
		if r := s.ask(nobody, "GET", u, nil); strings.Contains(u, "/m/") {
			if r.status != 200 {
				t.Errorf("a follower's URL does not work: %s", u)
			}
			files[string(r.body)] = u
		}
	}
	if len(files) < 6 {
		t.Fatalf("only %d files to look for", len(files))
	}

	// Some lose what they had.
	check(s.app.Graph.Unfollow(ctx, people["former"].ID, author.ID))
	check(s.app.Graph.RemoveFollower(ctx, author.ID, people["removed"].ID))
	s.settle()

	ids := []string{author.ID.String(), people["follower"].ID.String(), m.ID, strings.Split(m.ID, "_")[0], comment.ID, up.ID, draft.ID, album, "self"}
	key := strings.Split(pathOf(m.Renditions[0].URL), "/")[3]
	fill := map[string][]string{"id": ids, "cid": {comment.ID}, "username": {"author"}, "name": {"canarytag"}, "code": {m.Shortcode}, "shortcode": {m.Shortcode}, "key": {key},
		"size": {"1080", "640", "320s", "150s", "612s", "306s"}, "hue": {"15"}, "media": {m.ID}, "token": {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, "letter": {"41"}, "db": {"main"}, "app": {"1"}}
	paths := append(slices.Clone(bare), crawled(s.base, m.Shortcode, fill, secrets)...)
	paths = append(paths, "/author/albums", "/author/albums/"+album, "/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/saved")

	look := func(who, path string, r *reply) {
		t.Helper()
		text := string(r.body) + fmt.Sprint(r.header)
		for _, w := range secrets {
			// Looking for a word may give the word back, as the question.
			if strings.Contains(text, w) && !strings.Contains(path, w) {
				t.Errorf("%s, by %s, gives away %s", path, who, w)
			}
		}
		if u, is := files[string(r.body)]; is {
			t.Errorf("%s, by %s, gives away the bytes of %s", path, who, u)
		}
		if r.header.Get("Cache-Control") == "" && r.status == 200 && !strings.HasPrefix(path, "/metrics") && path != "/robots.txt" {
			t.Errorf("%s, by %s, does not say how it may be kept", path, who)
		}
	}
	asked := 0
	for _, who := range []string{"nobody", "stranger", "pending", "blocked", "former", "removed"} {
		c := nobody
		if who != "nobody" {
			c = s.session(people[who])
		}
		for _, path := range paths {
			asked++
			look(who, path, s.ask(c, "GET", path, nil))
		}
		// What others do with the post gives nothing away, either.
		for _, p := range []string{"/likes", "/comments"} {
			look(who, p, s.ask(c, "POST", "/v1/media/"+m.ID+p, url.Values{"text": {"x"}}))
		}
		look(who, "PATCH", s.ask(c, "PATCH", "/v1/media/"+m.ID, map[string]any{"caption": "x"}))
	}
	t.Logf("%d requests", asked)

	// The signed URLs of who was let in and is no longer are dead; others' live.
	theirs := s.ask(s.session(people["follower"]), "GET", "/v1/media/"+m.ID, nil)
	check(s.app.Graph.RemoveFollower(ctx, author.ID, people["follower"].ID))
	for _, u := range regexp.MustCompile(`https?://[^"\\]+/m/[^"\\]+(\\u0026[^"\\]+)*`).FindAllString(string(theirs.body), -1) {
		u = strings.ReplaceAll(u, `\u0026`, "&")
		look("removed just now", u, s.ask(nobody, "GET", u, nil))
	}

	strangersEvents.cancel()
	for line := range strangersEvents.lines {
		if strings.HasPrefix(line, "event: feed") {
			t.Errorf("a stranger's stream says %s", line)
		}
	}
	s.stop()
	for _, w := range append(secrets, asAuthor.token) {
		if strings.Contains(log.String(), w) {
			t.Errorf("%s is in the log", w)
		}
	}
}

// crawled is everywhere that something of a post of user author's may be found, whose words are secrets, caption, alternative text and tag first.
func crawled(base, code string, fill map[string][]string, secrets []string) []string {
	var paths []string
	for _, r := range api.Routes() {
		if r.Method == http.MethodGet && r.Pattern != "/v1/events" {
			paths = append(paths, expand(r.Pattern, fill)...)
		}
	}
	for _, q := range append([]string{"author", "a"}, secrets...) {
		paths = append(paths, "/v1/users/search?q="+q)
	}
	paths = append(paths, "/v1/locations/search?lat=1.5&lng=2.5&distance=5000", "/v1/locations/search?q=canary", "/v1/media/search?lat=1.5&lng=2.5")
	caption, alt, tag := secrets[0], secrets[1], secrets[2]
	for _, q := range []string{caption, alt, tag + "+stranger", "from:author", "from:author+" + caption, "from:me+" + caption} {
		paths = append(paths, "/v1/search/media?q="+q)
	}
	for _, q := range []string{tag[:6], tag[:len(tag)-1]} {
		paths = append(paths, "/v1/tags/search?q="+q)
	}
	paths = append(paths, "/", "/p/"+code, "/author", "/metrics", "/p/"+code+"/x.css", "/author/x.css", "/robots.txt")
	for _, u := range []string{"/oembed", "/v1/oembed"} {
		paths = append(paths, u+"?url="+url.QueryEscape(base+"/p/"+code))
	}
	return append(paths, "/p/"+code+"/embed", "/p/"+code+"/media/?size=l", "/author/feed.atom", "/author/feed.rss", "/tags/"+tag+"/feed.atom", "/tags/"+tag+"/feed.rss")
}

// expand fills a pattern's parameters in all ways.
func expand(pattern string, fill map[string][]string) []string {
	before, rest, found := strings.Cut(pattern, "{")
	if !found {
		return []string{pattern}
	}
	name, after, _ := strings.Cut(rest, "}")
	var out []string
	for _, v := range fill[name] {
		for _, tail := range expand(after, fill) {
			out = append(out, before+v+tail)
		}
	}
	return out
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
