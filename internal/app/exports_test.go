package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/tintype"
)

func mydataRows() map[string]row {
	return map[string]row{
		"GET /v1/users/self/exports":                  own("/v1/users/self/exports", ok),
		"POST /v1/users/self/exports":                 send("/v1/users/self/exports", `{"what":1}`, invalid),
		"DELETE /v1/users/self/exports/{id}":          own("/v1/users/self/exports/1", notFound),
		"GET /v1/users/self/exports/{id}/archive.zip": own("/v1/users/self/exports/1/archive.zip", notFound),

		"POST /v1/users/self/deletion": send("/v1/users/self/deletion", `{"what":1}`, invalid),

		"GET /v1/users/self/imports":                own("/v1/users/self/imports", ok),
		"POST /v1/users/self/imports":               send("/v1/users/self/imports", `{"name":"","bytes":1}`, invalid),
		"GET /v1/users/self/imports/{id}":           own("/v1/users/self/imports/1", notFound),
		"POST /v1/users/self/imports/{id}":          send("/v1/users/self/imports/1", `{"action":"pause"}`, notFound),
		"DELETE /v1/users/self/imports/{id}":        own("/v1/users/self/imports/1", notFound),
		"PUT /v1/users/self/imports/{id}/parts/{n}": send("/v1/users/self/imports/1/parts/0", "x", notFound),
		"GET /v1/users/self/imports/{id}/items":     own("/v1/users/self/imports/1/items", notFound),
		"GET /v1/users/self/imports/{id}/items.csv": own("/v1/users/self/imports/1/items.csv", notFound),
	}
}

type exportOut struct {
	ID, State, URL string
	Done, Total    int
	Bytes          int64
}

// exported has an archive made and gives it.
func (s *site) exported(c credential) (exportOut, []byte) {
	s.t.Helper()
	var e exportOut
	s.want(201, c, "POST", "/v1/users/self/exports", map[string]any{}).into(s.t, &e)
	s.settle()
	var list []exportOut
	s.want(200, c, "GET", "/v1/users/self/exports", nil).into(s.t, &list)
	if len(list) == 0 || list[0].ID != e.ID || list[0].State != "done" {
		s.t.Fatalf("the exports are %+v", list)
	}
	body := s.want(200, c, "GET", pathOf(list[0].URL), nil).body
	if int64(len(body)) != list[0].Bytes {
		s.t.Errorf("the archive has %d bytes, not the %d announced", len(body), list[0].Bytes)
	}
	return list[0], body
}

// unzip gives the files of a zip by their names.
func unzip(t testing.TB, b []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	return out
}

// TestExport takes everything along, on every engine.
func TestExport(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, ben, eve := s.user("ann", true), s.user("ben", false), s.user("eve", true)
		asAnn, asBen := s.session(ann), s.session(ben)
		var up [2]struct{ ID string }
		for i := range up {
			s.want(201, asAnn, "POST", "/v1/uploads", picture(t, i)).into(t, &up[i])
		}
		var album mediaOut
		s.want(201, asAnn, "POST", "/v1/media", map[string]any{"uploads": []string{up[0].ID, up[1].ID}, "caption": "Zwei Bilder é #trip", "alt_texts": []string{"one", "two"},
			"location": map[string]any{"name": "Somewhere", "latitude": 1.5, "longitude": 2.5}}).into(t, &album)
		s.post(asAnn, "a second", 2)
		bens := s.post(asBen, "of ben", 3)
		eves := s.post(s.session(eve), "evessecret", 4)
		s.want(200, asAnn, "POST", "/v1/media/"+bens.ID+"/likes", nil)
		s.want(200, asAnn, "POST", "/v1/media/"+bens.ID+"/comments", url.Values{"text": {"a comment of ann"}})
		s.want(200, asBen, "POST", "/v1/users/"+ann.ID.String()+"/relationship", url.Values{"action": {"follow"}})
		s.want(200, asAnn, "POST", "/v1/users/"+ben.ID.String()+"/relationship", url.Values{"action": {"follow"}})
		// Eve let Ann in once, and does no longer: Ann keeps her own words.
		if err := s.app.Graph.Follow(t.Context(), ann.ID, eve.ID); err != nil {
			t.Fatal(err)
		}
		s.settle()
		if err := s.app.Graph.Approve(t.Context(), eve.ID, ann.ID); err != nil {
			t.Fatal(err)
		}
		s.settle()
		s.want(200, asAnn, "POST", "/v1/media/"+eves.ID+"/likes", nil)
		s.want(200, asAnn, "POST", "/v1/media/"+eves.ID+"/comments", url.Values{"text": {"my own words"}})
		s.settle()
		if err := s.app.Graph.RemoveFollower(t.Context(), eve.ID, ann.ID); err != nil {
			t.Fatal(err)
		}
		s.settle()

		e, body := s.exported(asAnn)
		if e.Done != 2 || e.Total != 2 {
			t.Errorf("%+v", e)
		}
		files := unzip(t, body)
		var posts []archive.Post
		if err := json.Unmarshal(files[archive.PostsFile], &posts); err != nil {
			t.Fatalf("%v\n%s", err, files[archive.PostsFile])
		}
		if len(posts) != 2 || posts[0].Caption != "a second" || posts[1].Caption != "Zwei Bilder é #trip" || !slices.Equal(posts[1].Tags, []string{"trip"}) ||
			posts[1].Location == nil || posts[1].Location.Name != "Somewhere" || posts[1].Shortcode != album.Shortcode || len(posts[1].Media) != 2 || posts[1].Media[1].AltText != "two" {
			t.Errorf("posts.json is %s", files[archive.PostsFile])
		}
		for i, m := range posts[1].Media {
			if !bytes.Equal(files[m.File], picture(t, i)) {
				t.Errorf("the original %s is not what was uploaded", m.File)
			}
		}
		for name, want := range map[string]string{"comments.json": "a comment of ann", "likes.json": `"by": "ben"`, "following.json": `"username": "ben"`,
			"follow_requests.json": `"username": "ben"`, "profile.json": `"username": "ann"`, "settings.json": `"private": true`, "sessions.json": "created", "README.txt": "posts.json", archive.AboutFile: `"version": 2`} {
			if !strings.Contains(string(files[name]), want) {
				t.Errorf("%s has no %q: %s", name, want, files[name])
			}
		}
		for name, text := range files {
			if strings.Contains(string(text), "evessecret") || name == "comments.json" && (!strings.Contains(string(text), "my own words") || strings.Contains(string(text), "eve\"")) ||
				name == "likes.json" && strings.Contains(string(text), eves.Shortcode) {
				t.Errorf("%s says of eve's posts: %s", name, text)
			}
		}

		// A range, for whoever lost the line; and nobody else's.
		r := s.ask(asAnn, "GET", pathOf(e.URL), nil, "Range", "bytes=100-299")
		if r.status != 206 || !bytes.Equal(r.body, body[100:300]) {
			t.Errorf("a range: %d, %d bytes", r.status, len(r.body))
		}
		s.want(400, asBen, "GET", pathOf(e.URL), nil)
		s.want(400, asBen, "DELETE", "/v1/users/self/exports/"+e.ID, nil)
		s.want(400, nobody, "GET", pathOf(e.URL), nil)

		// What is deleted is gone from the archive too.
		s.want(200, asAnn, "DELETE", "/v1/media/"+album.ID, nil)
		s.want(409, asAnn, "GET", pathOf(e.URL), nil)
		s.settle()
		s.want(409, asAnn, "GET", pathOf(e.URL), nil)
		again, body := s.exported(asAnn)
		if files := unzip(t, body); again.Done != 1 || len(files[posts[0].Media[0].File]) == 0 {
			t.Errorf("%+v with %d files", again, len(files))
		}
		s.want(200, asAnn, "DELETE", "/v1/users/self/exports/"+again.ID, nil)
		s.want(400, asAnn, "GET", pathOf(again.URL), nil)
		s.want(400, asAnn, "DELETE", "/v1/users/self/exports/"+again.ID, nil)

		s.exported(asAnn)
		s.exported(asAnn)
		if r := s.ask(asAnn, "POST", "/v1/users/self/exports", map[string]any{}); r.status != 429 {
			t.Errorf("the fourth of a day: %d %s", r.status, r.body)
		}
		s.settle()
		checkClean(t, s)
	})
}

// TestExportRestart ends the process in the middle of an export, again and again, and expects it whole.
func TestExportRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSite(t, "sqlite", app.Config{Data: dir})
	ann := s.user("ann", false)
	for i := range 5 {
		s.post(s.session(ann), "post", i)
	}
	s.settle()
	if _, err := s.app.MyData.BeginExport(t.Context(), ann.ID); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.stop()
		s = newSite(t, "sqlite", app.Config{Data: dir})
		s.want(200, nobody, "GET", "/v1/site", nil)
	}
	s.settle()
	list, err := s.app.MyData.Exports(t.Context(), ann.ID)
	if err != nil || len(list) != 1 || list[0].State != tintype.TaskDone || list[0].Done != 5 {
		t.Fatalf("%+v, %v", list, err)
	}
	files := unzip(t, s.want(200, s.session(ann), "GET", "/v1/users/self/exports/"+list[0].ID.String()+"/archive.zip", nil).body)
	n := 0
	for name := range files {
		if strings.HasPrefix(name, "media/") {
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d originals", n)
	}
}

// checkClean expects `tintype check` to find nothing.
func checkClean(t testing.TB, s *site) {
	t.Helper()
	if _, err := s.app.Inspector().Run(t.Context(), inspect.Request{}, func(e inspect.Event) error {
		if e.Finding != nil {
			t.Errorf("check: %+v", *e.Finding)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestExportKeepsThePicture is that an archive stays whole when the profile picture that is in it is replaced.
func TestExportKeepsThePicture(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", siteConfig())
	s.user("first", false)
	asAnn := s.session(s.user("ann", false))
	s.want(200, asAnn, "PUT", "/v1/users/self/avatar", picture(t, 1))
	e, body := s.exported(asAnn)
	first := unzip(t, body)["profile.jpg"]
	if len(first) == 0 {
		t.Fatal("the archive has no profile picture")
	}
	s.want(200, asAnn, "PUT", "/v1/users/self/avatar", picture(t, 2))
	s.settle()
	again := s.want(200, asAnn, "GET", pathOf(e.URL), nil).body
	if got := unzip(t, again)["profile.jpg"]; string(got) != string(first) {
		t.Errorf("the picture in the archive has %d bytes now, not the %d from before", len(got), len(first))
	}
}
