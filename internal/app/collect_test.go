package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// collectCanary has the author put the post into an album, and followers save it, of whom one is a follower no longer when others look.
func (s *site) collectCanary(t *testing.T, author, follower, former credential, post string) (album string) {
	t.Helper()
	var a struct{ ID string }
	s.want(201, author, "POST", "/v1/albums", map[string]any{"title": "canaryalbum", "media": []string{post}}).into(t, &a)
	for _, c := range []credential{follower, former} {
		s.want(200, c, "PUT", "/v1/media/"+post+"/saved", nil)
		var k struct{ ID string }
		s.want(201, c, "POST", "/v1/collections", map[string]any{"name": "mine"}).into(t, &k)
		s.want(200, c, "PUT", "/v1/collections/"+k.ID+"/media/"+post, nil)
	}
	return a.ID
}

// keptOut is a list of what somebody kept.
type keptOut struct {
	Data []struct {
		mediaOut
		Saved *bool `json:"user_has_saved"`
	}
	Gone []string
}

func (k keptOut) ids() []string {
	out := []string{}
	for _, m := range k.Data {
		out = append(out, m.ID)
	}
	return out
}

func (s *site) kept(c credential, path string) (k keptOut) {
	s.t.Helper()
	r := s.want(200, c, "GET", path, nil)
	if err := json.Unmarshal(r.body, &k); err != nil {
		s.t.Fatal(err)
	}
	return k
}

// TestSavedStory has somebody save posts and sort them, and one of them become unseeable.
func TestSavedStory(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada, ben := s.user("ada", false), s.user("ben", false)
		asAda, asBen := s.session(ada), s.session(ben)
		one, two, three := s.post(asBen, "one", 1), s.post(asBen, "two", 2), s.post(asAda, "three", 3)
		is := func(path string, gone []string, want ...mediaOut) {
			t.Helper()
			k := s.kept(asAda, path)
			ids := []string{}
			for _, m := range want {
				ids = append(ids, m.ID)
			}
			if !slices.Equal(k.ids(), ids) || !slices.Equal(k.Gone, gone) {
				t.Errorf("%s: %v and gone %v, want %v and %v", path, k.ids(), k.Gone, ids, gone)
			}
			for _, m := range k.Data {
				if m.Saved == nil || !*m.Saved {
					t.Errorf("%s: %s is not said to be saved", path, m.ID)
				}
			}
		}
		none := []string{}
		for _, m := range []mediaOut{one, two, three} {
			s.want(200, asAda, "PUT", "/v1/media/"+m.ID+"/saved", nil)
		}
		is("/v1/users/self/media/saved", none, three, two, one)
		var trips, food struct {
			ID    string
			Count int     `json:"media_count"`
			Cover *string `json:"cover_id"`
			Faces []mediaOut
		}
		s.want(201, asAda, "POST", "/v1/collections", map[string]any{"name": "  Trips  "}).into(t, &trips)
		s.want(201, asAda, "POST", "/v1/collections", map[string]any{"name": "Food"}).into(t, &food)
		for _, name := range []string{"Trips", "", strings.Repeat("x", 61), "a\u202eb"} {
			if r := s.ask(asAda, "POST", "/v1/collections", map[string]any{"name": name}); r.status != 400 && r.status != 409 {
				t.Errorf("a collection called %q: %d", name, r.status)
			}
		}
		in := func(k, post string) string { return "/v1/collections/" + k + "/media/" + post }
		s.want(200, asAda, "PUT", in(trips.ID, one.ID), nil)
		s.want(200, asAda, "PUT", in(trips.ID, two.ID), nil)
		s.want(200, asAda, "PUT", in(food.ID, two.ID), nil)
		is("/v1/collections/"+trips.ID+"/media", none, two, one)
		s.want(200, asAda, "PATCH", "/v1/collections/"+trips.ID, map[string]any{"cover_id": one.ID}).into(t, &trips)
		if trips.Count != 2 || trips.Cover == nil || len(trips.Faces) != 2 || trips.Faces[0].ID != one.ID {
			t.Errorf("with a cover: %+v", trips)
		}
		s.want(400, asAda, "PATCH", "/v1/collections/"+trips.ID, map[string]any{"cover_id": three.ID})
		// Nobody else learns of any of it, the owner of the post least of all.
		for _, path := range []string{"/v1/collections/" + trips.ID, "/v1/collections/" + trips.ID + "/media"} {
			s.want(400, asBen, "GET", path, nil)
		}
		s.want(400, asBen, "PUT", in(trips.ID, one.ID), nil)
		if r := s.want(200, s.mint(ada.ID, tintype.ScopeAll&^tintype.ScopeSession, false), "GET", "/v1/media/"+one.ID, nil); strings.Contains(string(r.body), "user_has_saved") {
			t.Errorf("an app is told what one saved: %s", r.body)
		}
		if r := s.want(200, asBen, "GET", "/v1/media/"+one.ID, nil); !strings.Contains(string(r.body), `"user_has_saved":false`) {
			t.Errorf("another's post: %s", r.body)
		}

		// Ben's posts are Ben's followers' alone now: they are gone, and come back.
		s.want(200, asBen, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
		id := func(m mediaOut) string { return strings.Split(m.ID, "_")[0] }
		is("/v1/users/self/media/saved", []string{id(two), id(one)}, three)
		is("/v1/collections/"+trips.ID+"/media", []string{id(two), id(one)})
		s.want(200, asAda, "GET", "/v1/collections/"+trips.ID, nil).into(t, &trips)
		if len(trips.Faces) != 0 {
			t.Errorf("a collection of what is gone shows %+v", trips.Faces)
		}
		s.want(400, asAda, "PUT", "/v1/media/"+one.ID+"/saved", nil) // as it was never seen
		s.want(200, asBen, "PATCH", "/v1/users/self", map[string]any{"is_private": false})
		is("/v1/collections/"+trips.ID+"/media", none, two, one)

		var was struct {
			Saved       bool
			Collections []string
		}
		s.want(200, asAda, "DELETE", "/v1/media/"+two.ID+"/saved", nil).into(t, &was)
		if was.Saved || !slices.Equal(was.Collections, []string{food.ID, trips.ID}) {
			t.Errorf("it was in %+v", was)
		}
		is("/v1/users/self/media/saved", none, three, one)
		s.want(200, asAda, "DELETE", in(trips.ID, one.ID), nil)
		is("/v1/collections/"+trips.ID+"/media", none)
		is("/v1/users/self/media/saved", none, three, one)
		s.want(200, asBen, "DELETE", "/v1/media/"+one.ID, nil)
		is("/v1/users/self/media/saved", []string{id(one)}, three)
		s.want(200, asAda, "DELETE", "/v1/media/"+id(one)+"/saved", nil) // what is gone can be taken off
		is("/v1/users/self/media/saved", none, three)
		s.want(200, asAda, "DELETE", "/v1/collections/"+trips.ID, nil)
		s.want(400, asAda, "GET", "/v1/collections/"+trips.ID, nil)
	})
}

// TestAlbumStory has somebody make albums of their posts, and others look.
func TestAlbumStory(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada, ben := s.user("ada", false), s.user("ben", false)
		asAda, asBen := s.session(ada), s.session(ben)
		var mine []string
		for i := range 3 {
			mine = append(mine, s.post(asAda, fmt.Sprint("mine ", i), i).ID)
		}
		theirs := s.post(asBen, "theirs", 4)
		type album struct {
			ID, Title, Description string
			Private                bool `json:"is_private"`
			Count                  *int `json:"media_count"`
			Faces                  []mediaOut
		}
		var a album
		s.want(201, asAda, "POST", "/v1/albums", map[string]any{"title": "Summer", "description": "by the sea\nin June", "media": []string{mine[2], mine[0], mine[1]}}).into(t, &a)
		if a.Title != "Summer" || a.Description != "by the sea\nin June" || a.Private || a.Count == nil || *a.Count != 3 || len(a.Faces) != 3 || a.Faces[0].ID != mine[2] {
			t.Errorf("an album: %+v", a)
		}
		for name, bad := range map[string]map[string]any{
			"no title":         {"media": mine},
			"somebody else's":  {"title": "x", "media": []string{mine[0], theirs.ID}},
			"twice":            {"title": "x", "media": []string{mine[0], mine[0]}},
			"a cover not in":   {"title": "x", "media": mine[:1], "cover_id": mine[1]},
			"too many":         {"title": "x", "media": make([]string, 501)},
			"a long title":     {"title": strings.Repeat("x", 61)},
			"a strange letter": {"title": "a\u202eb"},
		} {
			if r := s.ask(asAda, "POST", "/v1/albums", bad); r.status != 400 {
				t.Errorf("an album with %s: %d %s", name, r.status, r.body)
			}
		}
		media := "/v1/albums/" + a.ID + "/media"
		order := func(c credential, path string, want ...string) (next string) {
			t.Helper()
			r := s.want(200, c, "GET", path, nil)
			var list []mediaOut
			r.into(t, &list)
			var got []string
			for _, m := range list {
				got = append(got, m.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", path, got, want)
			}
			return r.pagination["next_cursor"]
		}
		order(nobody, media, mine[2], mine[0], mine[1])
		next := order(asBen, media+"?count=2", mine[2], mine[0])
		order(asBen, media+"?count=2&cursor="+next, mine[1])
		s.want(200, asAda, "PATCH", "/v1/albums/"+a.ID, map[string]any{"media": []string{mine[0], mine[1], mine[2]}, "cover_id": mine[1]})
		order(asBen, media, mine...)
		var seen album
		s.want(200, asBen, "GET", "/v1/albums/"+a.ID, nil).into(t, &seen)
		if seen.Count != nil || len(seen.Faces) != 3 || seen.Faces[0].ID != mine[1] {
			t.Errorf("to others: %+v", seen)
		}
		s.want(403, asBen, "PATCH", "/v1/albums/"+a.ID, map[string]any{"title": "x"})

		// Private: only the owner sees it, although the posts are there for all.
		s.want(200, asAda, "PATCH", "/v1/albums/"+a.ID, map[string]any{"is_private": true})
		for _, path := range []string{"/v1/albums/" + a.ID, media, "/ada/albums/" + a.ID} {
			if r := s.ask(asBen, "GET", path, nil); outcome(r) != notFound && outcome(r) != "404" {
				t.Errorf("%s, by another: %d %.200s", path, r.status, r.body)
			}
			s.want(200, asAda, "GET", path, nil)
		}
		s.want(400, asBen, "DELETE", "/v1/albums/"+a.ID, nil)
		for c, want := range map[credential]int{asBen: 0, asAda: 1} {
			var list []album
			if s.want(200, c, "GET", "/v1/users/"+ada.ID.String()+"/albums", nil).into(t, &list); len(list) != want {
				t.Errorf("albums in the list: %+v, want %d", list, want)
			}
		}
		s.want(200, asAda, "PATCH", "/v1/albums/"+a.ID, map[string]any{"is_private": false})
		page := string(s.want(200, nobody, "GET", "/ada/albums/"+a.ID, nil).body)
		for _, w := range []string{"<title>Summer", `property="og:title" content="Summer"`, "by the sea"} {
			if !strings.Contains(page, w) {
				t.Errorf("the page has no %s", w)
			}
		}
		s.want(404, nobody, "GET", "/ben/albums/"+a.ID, nil) // it is not ben's

		// A private account hides its albums, and a deleted post leaves them.
		s.want(200, asAda, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
		s.want(400, asBen, "GET", media, nil)
		s.want(200, asAda, "PATCH", "/v1/users/self", map[string]any{"is_private": false})
		s.want(200, asAda, "DELETE", "/v1/media/"+mine[1], nil)
		order(asBen, media, mine[0], mine[2])
		s.want(200, asAda, "DELETE", "/v1/albums/"+a.ID, nil)
		s.want(400, asAda, "GET", "/v1/albums/"+a.ID, nil)
	})
}

// TestSecretLinks has a private user show a post and an album by links; nothing else is seen through them, and no longer than the user wants.
func TestSecretLinks(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	var ahead atomic.Int64
	s := newSite(t, "sqlite", app.Config{Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	s.user("first", false)
	ada, ben := s.user("ada", true), s.user("ben", false)
	asAda, asBen := s.session(ada), s.session(ben)
	one, two, other := s.post(asAda, "the first secret", 1), s.post(asAda, "the second secret", 2), s.post(asAda, "never shared", 3)
	var album struct{ ID string }
	s.want(201, asAda, "POST", "/v1/albums", map[string]any{"title": "Family", "is_private": true, "media": []string{two.ID, one.ID}}).into(t, &album)
	type linkOut struct {
		ID, URL, Kind, Title string
		Expires              *string `json:"expires_time"`
		Expired, Gone        bool
		Openings             int
	}
	var tokens []string
	share := func(in map[string]any) linkOut {
		t.Helper()
		var l linkOut
		s.want(201, asAda, "POST", "/v1/secret-links", in).into(t, &l)
		tokens = append(tokens, l.URL[strings.LastIndexByte(l.URL, '/')+1:])
		return l
	}
	toPost := share(map[string]any{"media_id": one.ID, "expires_in": 900})
	toAlbum := share(map[string]any{"album_id": album.ID, "never_expires": true})
	shared := func(l linkOut) string { return "/v1/shared" + strings.TrimPrefix(l.URL, s.base+"/s") }
	for name, bad := range map[string]map[string]any{
		"no end":       {"media_id": one.ID},
		"two ends":     {"media_id": one.ID, "expires_in": 5, "never_expires": true},
		"the past":     {"media_id": one.ID, "expires_time": 5},
		"both":         {"media_id": one.ID, "album_id": album.ID, "never_expires": true},
		"nothing":      {"never_expires": true},
		"far too long": {"media_id": one.ID, "expires_in": 1 << 29},
	} {
		if r := s.ask(asAda, "POST", "/v1/secret-links", bad); r.status != 400 {
			t.Errorf("a link with %s: %d %s", name, r.status, r.body)
		}
	}
	for _, in := range []map[string]any{{"media_id": one.ID, "never_expires": true}, {"album_id": album.ID, "never_expires": true}} {
		if r := s.ask(asBen, "POST", "/v1/secret-links", in); r.status < 400 || strings.Contains(string(r.body), "/s/") {
			t.Errorf("somebody else shares it: %d %s", r.status, r.body)
		}
	}

	type sharedOut struct {
		Kind, Title string
		Posts       []struct {
			Caption  string
			Pictures []struct {
				Renditions []struct{ URL string }
			}
		}
	}
	look := func(l linkOut) (out sharedOut) {
		t.Helper()
		r := s.want(200, nobody, "GET", shared(l), nil)
		r.into(t, &out)
		for h, want := range map[string]string{"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive"} {
			if got := r.header.Get(h); got != want {
				t.Errorf("%s is %q, want %q", h, got, want)
			}
		}
		// No way on: no IDs, no links but pictures.
		for _, w := range []string{"never shared", `"id"`, `"link"`, "comments", "likes", ada.ID.String() + `"`} {
			if strings.Contains(string(r.body), w) {
				t.Errorf("what a link shows has %s: %s", w, r.body)
			}
		}
		return out
	}
	p := look(toPost)
	if p.Kind != "post" || len(p.Posts) != 1 || p.Posts[0].Caption != "the first secret" {
		t.Errorf("a post: %+v", p)
	}
	a := look(toAlbum)
	if a.Kind != "album" || a.Title != "Family" || len(a.Posts) != 2 || a.Posts[0].Caption != "the second secret" {
		t.Errorf("an album: %+v", a)
	}
	picture := p.Posts[0].Pictures[0].Renditions[0].URL
	fromAlbum := a.Posts[0].Pictures[0].Renditions[0].URL
	for _, u := range []string{picture, fromAlbum} {
		r := s.want(200, nobody, "GET", u, nil)
		if r.header.Get("Cache-Control") != "private, no-cache" {
			t.Errorf("a picture may be kept: %q", r.header.Get("Cache-Control"))
		}
		plain, query, _ := strings.Cut(u, "?")
		s.want(404, nobody, "GET", plain, nil)
		s.want(404, nobody, "GET", plain+"?v"+strings.TrimPrefix(query, "l"), nil) // a signature for a link is none for a viewer
	}
	// The signature is of one post: it opens no other, which the link does not show.
	_, query, _ := strings.Cut(picture, "?")
	s.want(404, nobody, "GET", other.Renditions[0].URL[:strings.IndexByte(other.Renditions[0].URL, '?')]+"?"+query, nil)

	// The page, without scripts: what the link shows and nothing else.
	r := s.want(200, nobody, "GET", strings.TrimPrefix(toPost.URL, s.base), nil)
	page := string(r.body)
	for _, w := range []string{"noindex", `property="og:title"`, "the first secret", `property="og:image"`, "?l="} {
		if !strings.Contains(page, w) {
			t.Errorf("the page has no %s", w)
		}
	}
	for _, w := range []string{"second secret", "never shared", `rel="canonical"`, `href="` + s.base + `/ada"`, "oembed"} {
		if strings.Contains(page, w) {
			t.Errorf("the page has %s", w)
		}
	}
	if r.header.Get("Referrer-Policy") != "no-referrer" || r.header.Get("Cache-Control") != "private, no-store" || r.header.Get("X-Robots-Tag") == "" {
		t.Errorf("the page's headers: %v", r.header)
	}
	var list []linkOut
	s.want(200, asAda, "GET", "/v1/secret-links", nil).into(t, &list)
	if len(list) != 2 || list[0].URL != toAlbum.URL || list[1].URL != toPost.URL || list[1].Openings != 1 || list[1].Title != "the first secret" || list[0].Title != "Family" {
		t.Errorf("the list: %+v", list)
	}
	s.want(400, asBen, "DELETE", "/v1/secret-links/"+toPost.ID, nil)

	// One that is changed in any place opens nothing.
	token := tokens[0]
	for i := 0; i < len(token); i += 5 {
		other := []byte(token)
		if other[i] == 'A' {
			other[i] = 'B'
		} else {
			other[i] = 'A'
		}
		s.want(400, nobody, "GET", "/v1/shared/"+string(other), nil)
	}
	s.want(404, nobody, "GET", "/s/"+token[1:], nil)

	// Suspended, its owner shows nothing; after that again.
	if err := s.app.Account.Suspend(t.Context(), ada.ID, true); err != nil {
		t.Fatal(err)
	}
	dead := func(urls ...string) {
		t.Helper()
		for _, u := range urls {
			if r := s.ask(nobody, "GET", u, nil); outcome(r) != notFound && outcome(r) != "404" {
				t.Errorf("%s still answers: %d %.200s", u, r.status, r.body)
			}
		}
	}
	dead(shared(toPost), picture, toPost.URL)
	if err := s.app.Account.Suspend(t.Context(), ada.ID, false); err != nil {
		t.Fatal(err)
	}
	asAda = s.session(ada)
	look(toPost)

	// Expired: at once, and for what was signed before.
	ahead.Store(int64(16 * time.Minute))
	dead(shared(toPost))
	s.want(200, asAda, "GET", "/v1/secret-links", nil).into(t, &list)
	if len(list) != 2 || !list[1].Expired {
		t.Errorf("an expired one in the list: %+v", list)
	}
	a = look(toAlbum)
	fromAlbum = a.Posts[0].Pictures[0].Renditions[0].URL
	s.want(200, nobody, "GET", fromAlbum, nil)
	// A deleted post is gone from it; a revoked link shows nothing, nor its pictures.
	s.want(200, asAda, "DELETE", "/v1/media/"+one.ID, nil)
	if a := look(toAlbum); len(a.Posts) != 1 {
		t.Errorf("a deleted post is in %+v", a)
	}
	s.want(200, asAda, "DELETE", "/v1/secret-links/"+toAlbum.ID, nil)
	dead(shared(toAlbum), fromAlbum, toAlbum.URL)

	// Whoever tries many that are none is told to stop, on the page too; one that is good still opens.
	good := share(map[string]any{"media_id": two.ID, "never_expires": true})
	limited := 0
	for range 40 {
		if r := s.ask(nobody, "GET", "/v1/shared/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil); r.status == http.StatusTooManyRequests && r.header.Get("Retry-After") != "" {
			limited++
		}
	}
	if limited == 0 {
		t.Error("nobody stops who guesses")
	}
	s.want(429, nobody, "GET", "/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", nil)
	look(good)

	metrics := s.want(200, nobody, "GET", "/metrics", nil).body
	s.stop()
	for _, w := range tokens {
		if strings.Contains(log.String(), w) || bytes.Contains(metrics, []byte(w)) {
			t.Error("a token is in the log or the metrics")
		}
	}
}
