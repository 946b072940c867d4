package app_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// TestNoCanaryEscapesTheAudience crawls the site of a public user as those who may not see a post for close friends, one that was
// made one later, or an archived one; and it counts: nobody else may be told so much as that there is one.
func TestNoCanaryEscapesTheAudience(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	s.user("first", false)
	people := map[string]*tintype.User{}
	for _, name := range []string{"author", "follower", "friend", "estranged", "stranger", "blocked"} {
		people[name] = s.user(name, false)
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
	for _, name := range []string{"follower", "friend", "estranged"} {
		check(s.app.Graph.Follow(ctx, people[name].ID, author.ID))
	}
	for _, name := range []string{"friend", "estranged"} {
		s.want(200, asAuthor, "PUT", "/v1/users/self/close-friends/"+people[name].ID.String(), nil)
	}
	check(s.app.Graph.Block(ctx, author.ID, people["blocked"].ID))
	s.settle()
	followersEvents := s.stream(t, s.session(people["follower"]))
	for _, p := range people {
		s.want(200, s.session(p), "GET", "/v1/users/self/feed", nil)
	}
	s.want(200, asAuthor, "PATCH", "/v1/users/self", map[string]any{"has_map": true})

	type kind struct {
		name    string
		secrets []string
		post    mediaOut
		friends bool // close friends see it
	}
	word := func(w, name string) string { return "canary" + w + name }
	var kinds []*kind
	for i, name := range []string{"born", "turned", "archived"} {
		k := &kind{name: name, friends: name != "archived"}
		for _, w := range []string{"caption", "alt", "tag", "place", "comment"} {
			k.secrets = append(k.secrets, word(w, name))
		}
		var up struct{ ID string }
		s.want(201, asAuthor, "POST", "/v1/uploads", picture(t, i+1)).into(t, &up)
		draft := map[string]any{"uploads": []string{up.ID}, "caption": k.secrets[0] + " #" + k.secrets[2] + " @stranger", "alt_texts": []string{k.secrets[1]},
			"location": map[string]any{"name": k.secrets[3], "latitude": 1.5, "longitude": 2.5}}
		if name == "born" {
			draft["audience"] = "friends"
		}
		s.want(201, asAuthor, "POST", "/v1/media", draft).into(t, &k.post)
		s.want(200, s.session(people["friend"]), "POST", "/v1/media/"+k.post.ID+"/comments", url.Values{"text": {k.secrets[4] + " @stranger"}})
		s.want(200, s.session(people["friend"]), "POST", "/v1/media/"+k.post.ID+"/likes", nil) // it would be popular
		kinds = append(kinds, k)
	}
	// What a follower's stream is told until then is of those that everybody sees.
	s.settle()
	s.want(200, asAuthor, "PATCH", "/v1/media/"+kinds[1].post.ID, map[string]any{"audience": "friends"})
	s.want(200, asAuthor, "PUT", "/v1/media/"+kinds[2].post.ID+"/archive", nil)
	s.want(200, asAuthor, "DELETE", "/v1/users/self/close-friends/"+people["estranged"].ID.String(), nil)
	s.settle()

	for _, k := range kinds {
		// Who may see it does, everywhere: the crawl would prove nothing else.
		see := []credential{asAuthor}
		if k.friends {
			see = append(see, s.session(people["friend"]))
		}
		files := map[string]string{}
		var bare []string
		for _, c := range see {
			text := string(s.want(200, c, "GET", "/v1/media/"+k.post.ID, nil).body) + string(s.want(200, c, "GET", "/v1/media/"+k.post.ID+"/comments", nil).body)
			for _, w := range k.secrets {
				if !strings.Contains(text, w) {
					t.Errorf("%s: who may see it is not shown %s", k.name, w)
				}
			}
			for _, u := range regexp.MustCompile(`https?://[^"\\]+/m/[^"\\]+(\\u0026[^"\\]+)*`).FindAllString(text, -1) {
				u = strings.ReplaceAll(u, `\u0026`, "&")
				r := s.want(200, nobody, "GET", u, nil)
				if cache := r.header.Get("Cache-Control"); !strings.HasPrefix(cache, "private") {
					t.Errorf("%s: a signed URL answers with %q", k.name, cache)
				}
				files[string(r.body)] = u
				plain, _, signed := strings.Cut(u, "?")
				if !signed {
					t.Errorf("%s: %s has no signature", k.name, u)
				}
				bare = append(bare, plain)
			}
		}
		if len(files) < 6 {
			t.Fatalf("%s: only %d files to look for", k.name, len(files))
		}
		listed := strings.Contains(string(s.want(200, s.session(people["friend"]), "GET", "/v1/users/self/feed", nil).body), k.secrets[0])
		if listed != k.friends {
			t.Errorf("%s: in a close friend's feed: %v", k.name, listed)
		}

		id, _, _ := strings.Cut(k.post.ID, "_")
		fill := map[string][]string{"id": {author.ID.String(), k.post.ID, id, "self"}, "cid": {id}, "username": {"author"}, "name": {k.secrets[2]}, "code": {k.post.Shortcode}, "shortcode": {k.post.Shortcode},
			"key": {strings.Split(pathOf(k.post.Renditions[0].URL), "/")[3]}, "size": {"1080", "640", "320s", "150s", "612s", "306s"}, "hue": {"15"}, "letter": {"41"}, "db": {"main"}, "app": {"1"}}
		paths := append(bare, crawled(s.base, k.post.Shortcode, fill, k.secrets)...)
		for _, who := range []string{"nobody", "stranger", "follower", "estranged", "blocked"} {
			c := nobody
			if who != "nobody" {
				c = s.session(people[who])
			}
			for _, path := range paths {
				r := s.ask(c, "GET", path, nil)
				text := string(r.body) + fmt.Sprint(r.header)
				for _, w := range append([]string{k.post.Shortcode, k.post.ID}, k.secrets...) {
					if strings.Contains(text, w) && !strings.Contains(path, w) {
						t.Errorf("%s: %s, by %s, gives away %s", k.name, path, who, w)
					}
				}
				if u, is := files[string(r.body)]; is {
					t.Errorf("%s: %s, by %s, gives away the bytes of %s", k.name, path, who, u)
				}
			}
			for _, p := range []string{"/likes", "/comments"} {
				if r := s.ask(c, "POST", "/v1/media/"+k.post.ID+p, url.Values{"text": {"x"}}); r.status < 300 {
					t.Errorf("%s: %s on it, by %s, is answered with %d", k.name, p, who, r.status)
				}
			}
			if who == "blocked" {
				continue
			}
			var u struct{ Counts struct{ Media int64 } }
			s.want(200, c, "GET", "/v1/users/"+author.ID.String(), nil).into(t, &u)
			if u.Counts.Media != 0 {
				t.Errorf("%s is told of %d posts", who, u.Counts.Media)
			}
			var tag struct {
				Media int64 `json:"media_count"`
			}
			s.want(200, c, "GET", "/v1/tags/"+k.secrets[2], nil).into(t, &tag)
			if tag.Media != 0 {
				t.Errorf("%s: %s is told that a tag has %s", k.name, who, strconv.FormatInt(tag.Media, 10))
			}
		}
	}
	followersEvents.cancel()
	for line := range followersEvents.lines {
		if strings.Contains(line, kinds[0].post.ID) {
			t.Errorf("a follower's stream says %s", line)
		}
	}
}
