package app_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// archiveFile is a file of an archive that a test brings.
type archiveFile struct {
	name string
	data []byte
}

func zipFiles(t testing.TB, files ...archiveFile) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		e, err := w.Create(f.name)
		if err == nil {
			_, err = e.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type importOut struct {
	ID, State, Format, Reason           string
	Total, Done, Skipped, Failed, Parts int
	AllParts                            int `json:"all_parts"`
	PartBytes                           int `json:"part_bytes"`
	Found                               []struct {
		Section string
		Items   int
		Left    int    `json:"left_out"`
		First   string `json:"first_time"`
	}
}

type itemOut struct {
	N                    int
	State, Title, Reason string
	Reasons              []struct{ Code, Message string }
	Shortcode            string
	Taken                string `json:"taken_time"`
}

// bring uploads an archive and waits until it was read.
func (s *site) bring(c credential, b []byte) importOut {
	s.t.Helper()
	var i importOut
	s.want(201, c, "POST", "/v1/users/self/imports", map[string]any{"name": "archive.zip", "bytes": len(b)}).into(s.t, &i)
	for n := range i.AllParts {
		part := b[n*i.PartBytes : min(len(b), (n+1)*i.PartBytes)]
		s.want(200, c, "PUT", fmt.Sprintf("/v1/users/self/imports/%s/parts/%d", i.ID, n), part, "Content-Type", "application/octet-stream").into(s.t, &i)
	}
	s.settle()
	s.want(200, c, "GET", "/v1/users/self/imports/"+i.ID, nil).into(s.t, &i)
	return i
}

// run starts an import and waits until it is over.
func (s *site) runImport(c credential, i importOut, wanted map[string]any) importOut {
	s.t.Helper()
	if wanted["action"] == nil {
		wanted["action"] = "start"
	}
	s.want(200, c, "POST", "/v1/users/self/imports/"+i.ID, wanted)
	for end := time.Now().Add(5 * time.Minute); ; {
		s.settle()
		s.want(200, c, "GET", "/v1/users/self/imports/"+i.ID, nil).into(s.t, &i)
		if i.State != "running" && i.State != "undoing" {
			return i
		}
		if time.Now().After(end) {
			s.t.Fatalf("it does not end: %+v", i)
		}
	}
}

func (s *site) items(c credential, i importOut, query string) []itemOut {
	s.t.Helper()
	var out []itemOut
	s.want(200, c, "GET", "/v1/users/self/imports/"+i.ID+"/items"+query, nil).into(s.t, &out)
	return out
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../e2e/fixtures/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tiny is a picture of few bytes, different for each n.
func tiny(t testing.TB, n int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range m.Pix {
		m.Pix[i] = uint8(n * (i + 1))
	}
	m.Set(n%16, n/16%16, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// instagramArchive is a download as Instagram makes it: garbled texts, albums, films, files of many kinds, with and without their endings.
func instagramArchive(t testing.TB, layout string) []byte {
	garbled := func(s string) string {
		var out strings.Builder
		for _, b := range []byte(s) {
			if b < 0x80 {
				out.WriteByte(b)
			} else {
				fmt.Fprintf(&out, `\u%04x`, b)
			}
		}
		return out.String()
	}
	mp4 := append([]byte("\x00\x00\x00\x18ftypmp42"), make([]byte, 200)...)
	files := []archiveFile{
		{"media/posts/202105/a.jpg", picture(t, 1)}, {"media/posts/202105/b.webp", fixture(t, "flower.webp")}, {"media/posts/202105/c.heic", fixture(t, "dunes.heic")},
		{"media/posts/202105/noext", picture(t, 2)}, {"media/posts/202105/v.mp4", mp4}, {"media/posts/202105/film", mp4}, {"media/posts/202105/broken.jpg", []byte("this is no picture")},
		{"media/stories/s.jpg", picture(t, 3)},
	}
	stories := `{"ig_stories": [{"uri": "media/stories/s.jpg", "creation_timestamp": 1500000900, "title": ""}]}`
	if layout == "old" {
		files = append(files, archiveFile{"media.json", []byte(`{"photos": [
			{"caption": "` + garbled("Größe 🌷 #été @ben") + `", "taken_at": "2017-07-14T02:40:00+00:00", "location": "Berlin", "path": "media/posts/202105/a.jpg"},
			{"caption": "album", "taken_at": "2017-07-14T02:43:20+00:00", "path": "media/posts/202105/b.webp"},
			{"caption": "album", "taken_at": "2017-07-14T02:43:20+00:00", "path": "media/posts/202105/c.heic"}], "videos": [{"caption": "", "taken_at": "2017-07-14T02:45:00+00:00", "path": "media/posts/202105/v.mp4"}]}`)})
		return zipFiles(t, files...)
	}
	files = append(files, archiveFile{layout + "posts_1.json", []byte(`[
		{"media": [{"uri": "media/posts/202105/a.jpg", "creation_timestamp": 1500000000, "title": "` + garbled("Größe 🌷 #été @ben") + `",
			"media_metadata": {"photo_metadata": {"exif_data": [{"latitude": 52.5, "longitude": 13.4}]}}}]},
		{"title": "album", "creation_timestamp": 1500000200, "media": [{"uri": "media/posts/202105/b.webp", "title": ""}, {"uri": "media/posts/202105/c.heic", "title": ""}, {"uri": "media/posts/202105/v.mp4", "title": ""}]},
		{"title": null, "creation_timestamp": 1500000300, "media": [{"uri": "media/posts/202105/noext", "title": null}, {"uri": "media/posts/202105/lost.jpg", "title": null}]},
		{"media": [{"uri": "media/posts/202105/film", "creation_timestamp": 1500000400, "title": "a film without a name"}]},
		{"media": [{"uri": "media/posts/202105/broken.jpg", "creation_timestamp": 1500000500, "title": "broken"}]},
		{"media": [{"uri": "media/posts/202105/lost2.jpg", "creation_timestamp": 1500000600, "title": "lost"}]}]`)}, archiveFile{layout + "stories.json", []byte(stories)})
	return zipFiles(t, files...)
}

// TestImportInstagram brings an Instagram download in each layout, on every engine: what can be a post is one, at its own
// time and in its own order; the rest says why; nobody is bothered; twice is once; and it can be undone.
func TestImportInstagram(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, ben := s.user("ann", false), s.user("ben", false)
		asAnn, asBen := s.session(ann), s.session(ben)
		s.want(200, asBen, "POST", "/v1/users/"+ann.ID.String()+"/relationship", url.Values{"action": {"follow"}})
		s.want(200, asBen, "GET", "/v1/users/self/feed", nil) // it is built
		s.settle()
		old := s.post(asAnn, "a post of now", 9)
		s.settle()

		b := instagramArchive(t, "your_instagram_activity/media/")
		i := s.bring(asAnn, b)
		if i.State != "waiting" || i.Format != "instagram" || i.Total != 7 || len(i.Found) != 2 || i.Found[0].Section != "posts" || i.Found[0].Items != 6 || i.Found[0].First != "1500000000" {
			t.Fatalf("what was found: %+v", i)
		}
		if got := s.items(asAnn, i, ""); len(got) != 7 || got[0].State != "waiting" || got[0].Title != "Größe 🌷 #été @ben" {
			t.Errorf("items %+v", got)
		}
		if r := s.ask(asAnn, "POST", "/v1/users/self/imports", map[string]any{"name": "b", "bytes": 5}); r.status != 409 {
			t.Errorf("a second one: %d", r.status)
		}
		for _, path := range []string{"", "/items", "/items.csv"} {
			s.want(400, asBen, "GET", "/v1/users/self/imports/"+i.ID+path, nil)
		}
		i = s.runImport(asAnn, i, map[string]any{"sections": []string{"posts"}})
		if i.State != "done" || i.Done != 3 || i.Skipped != 2 || i.Failed != 2 {
			t.Errorf("%+v", i)
		}
		items := s.items(asAnn, i, "")
		for n, want := range []struct{ state, reason string }{
			{"done", ""}, {"done", "a video was left out"}, {"done", "photo 2: its file is not in this archive"}, {"skipped", "it is a video"}, {"failed", ""}, {"failed", "not in this archive"}, {"skipped", "you left out its kind: stories"},
		} {
			if got := items[n]; got.State != want.state || !strings.Contains(got.Reason, want.reason) || want.state == "failed" && got.Reason == "" || (want.state == "done") != (got.Shortcode != "") {
				t.Errorf("item %d is %+v, want %+v", n, got, want)
			}
		}
		if got := s.items(asAnn, i, "?state=failed&after=4"); len(got) != 1 || got[0].N != 5 {
			t.Errorf("those that failed, after the 4th: %+v", got)
		}
		csv := s.want(200, asAnn, "GET", "/v1/users/self/imports/"+i.ID+"/items.csv", nil).body
		if lines := strings.Count(string(csv), "\n"); lines != 8 || !strings.Contains(string(csv), "2017-07-14T02:40:00Z") {
			t.Errorf("the list: %s", csv)
		}

		// The posts: in order, with their dates, captions and places.
		var posts []struct {
			mediaOut
			Created string `json:"created_time"`
		}
		s.want(200, asBen, "GET", "/v1/users/"+ann.ID.String()+"/media/recent", nil).into(t, &posts)
		if len(posts) != 4 || posts[0].ID != old.ID || posts[1].Created != "1500000300" || posts[2].Created != "1500000200" || posts[3].Created != "1500000000" {
			t.Fatalf("the profile: %+v", posts)
		}
		if p := posts[3]; p.Caption == nil || p.Caption.Text != "Größe 🌷 #été @ben" || p.Location == nil || p.Location.Latitude == nil || *p.Location.Latitude != 52.5 {
			t.Errorf("%+v", posts[3])
		}
		if len(posts[2].Carousel) != 2 || posts[1].Caption != nil {
			t.Errorf("%+v", posts[1:3])
		}
		// Where posts are looked for they are found.
		var tagged []mediaOut
		s.want(200, asBen, "GET", "/v1/tags/été/media/recent", nil).into(t, &tagged)
		if len(tagged) != 1 || tagged[0].ID != posts[3].ID {
			t.Errorf("under the tag: %+v", tagged)
		}
		// Nobody was bothered.
		var feed []mediaOut
		s.want(200, asBen, "GET", "/v1/users/self/feed", nil).into(t, &feed)
		if len(feed) != 1 || feed[0].ID != old.ID {
			t.Errorf("the follower's feed: %+v", feed)
		}
		if r := s.want(200, asBen, "GET", "/v1/users/self/activity", nil); strings.Contains(string(r.body), posts[3].Shortcode) {
			t.Errorf("the activity of who is named: %s", r.body)
		}

		// Again, from another layout: nothing comes twice.
		again := s.runImport(asAnn, s.bring(asAnn, instagramArchive(t, "content/")), map[string]any{"sections": []string{"posts", "stories"}, "places": "none"})
		if again.Done != 1 || again.Failed != 2 || again.Skipped != 4 {
			t.Errorf("again: %+v %+v", again, s.items(asAnn, again, ""))
		}
		oldest := s.runImport(asAnn, s.bring(asAnn, instagramArchive(t, "old")), map[string]any{"sections": []string{"posts"}})
		if oldest.Done != 0 || oldest.Skipped != 3 {
			t.Errorf("from the old layout: %+v %+v", oldest, s.items(asAnn, oldest, ""))
		}
		// What failed can be tried again; it fails again.
		if again := s.runImport(asAnn, i, map[string]any{"action": "retry"}); again.Failed != 2 || again.Done != 3 {
			t.Errorf("tried again: %+v", again)
		}

		// Undo deletes what it made and nothing else; and then it can come again.
		undone := s.runImport(asAnn, i, map[string]any{"action": "undo"})
		s.settle()
		s.want(200, asBen, "GET", "/v1/users/"+ann.ID.String()+"/media/recent", nil).into(t, &posts)
		if undone.State != "undone" || len(posts) != 1 || posts[0].ID != old.ID {
			t.Errorf("undone: %+v %+v", undone, posts)
		}
		// The story came archived: for nobody but who owns it.
		s.want(200, asAnn, "GET", "/v1/users/self/media/archived", nil).into(t, &posts)
		if len(posts) != 1 || posts[0].Created != "1500000900" {
			t.Errorf("archived: %+v", posts)
		}
		s.want(400, asBen, "GET", "/v1/media/"+posts[0].ID, nil)
		s.want(200, asAnn, "DELETE", "/v1/users/self/imports/"+i.ID, nil)
		s.want(400, asAnn, "GET", "/v1/users/self/imports/"+i.ID, nil)
		third := s.runImport(asAnn, s.bring(asAnn, b), map[string]any{"sections": []string{"posts"}, "to_time": 1500000250})
		if third.Done != 2 {
			t.Errorf("once more: %+v", third)
		}
		s.settle()
		checkClean(t, s)
	})
}

// TestImportRefused are archives that cannot be taken, and parts that do not fit.
func TestImportRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	ann := s.session(s.user("ann", false))
	for _, c := range []struct {
		what string
		file []byte
		want string
	}{
		{"a picture", picture(t, 1), "not a zip"},
		{"HTML", zipFiles(t, archiveFile{"your_instagram_activity/media/posts_1.html", []byte("<html>")}), "JSON"},
		{"nothing in it", zipFiles(t, archiveFile{"content/posts_1.json", []byte("[]")}), "no posts"},
		{"cut off", zipFiles(t, archiveFile{"a", []byte("x")})[:30], "not whole"},
	} {
		i := s.bring(ann, c.file)
		if i.State != "failed" || !strings.Contains(i.Reason, c.want) {
			t.Errorf("%s: %+v, want something with %q", c.what, i, c.want)
		}
	}
	if r := s.ask(ann, "POST", "/v1/users/self/imports", map[string]any{"name": "large", "bytes": 51 << 30}); r.status != 413 {
		t.Errorf("too large: %d", r.status)
	}
	var i importOut
	s.want(201, ann, "POST", "/v1/users/self/imports", map[string]any{"name": "a", "bytes": 10}).into(t, &i)
	parts := "/v1/users/self/imports/" + i.ID + "/parts/"
	for _, c := range []struct {
		n      string
		data   string
		status int
	}{{"1", "0123456789", 409}, {"0", "012345678", 400}, {"0", "0123456789a", 400}, {"x", "0", 400}, {"0", "0123456789", 200}, {"0", "0123456789", 200}} {
		if r := s.ask(ann, "PUT", parts+c.n, []byte(c.data), "Content-Type", "application/octet-stream"); r.status != c.status {
			t.Errorf("part %s of %d bytes: %d %s", c.n, len(c.data), r.status, r.body)
		}
	}
	s.settle()
	for _, body := range []string{`{"action":"start","sections":["posts"]}`, `{"action":"resume"}`, `{"action":"retry"}`} {
		if r := s.ask(ann, "POST", "/v1/users/self/imports/"+i.ID, body); r.status != 409 {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
	s.want(400, ann, "POST", "/v1/users/self/imports/"+i.ID, `{"action":"start","sections":["all"]}`)
}

// TestImportOwn takes an archive of Tintype to another site, where all is as it was; on its own site nothing comes twice.
func TestImportOwn(t *testing.T) {
	t.Parallel()
	from, to := newSite(t, "sqlite", app.Config{}), newSite(t, "postgres", app.Config{})
	ann := from.session(from.user("ann", false))
	var up [2]struct{ ID string }
	for i := range up {
		from.want(201, ann, "POST", "/v1/uploads", picture(t, i)).into(t, &up[i])
	}
	var album mediaOut
	from.want(201, ann, "POST", "/v1/media", map[string]any{"uploads": []string{up[0].ID, up[1].ID}, "caption": "both #here", "alt_texts": []string{"one", "two"}, "filter": "Silver",
		"location": map[string]any{"name": "Somewhere", "latitude": 1.5, "longitude": 2.5}}).into(t, &album)
	_, b := from.exported(ann)
	// IDs of the last minute are not of the past: what is imported at once on the same site is there already in any case.
	if i := from.runImport(ann, from.bring(ann, b), map[string]any{"sections": []string{"posts"}}); i.Skipped != 1 || i.Done != 0 {
		t.Errorf("on its own site: %+v", i)
	}
	bob := to.session(to.user("bob", false))
	i := to.runImport(bob, to.bring(bob, b), map[string]any{"sections": []string{"posts"}})
	items := to.items(bob, i, "?state=done")
	if i.Format != "tintype" || len(items) != 1 {
		t.Fatalf("%+v", i)
	}
	var m mediaOut
	to.want(200, bob, "GET", "/v1/media/shortcode/"+items[0].Shortcode, nil).into(t, &m)
	if m.Caption.Text != "both #here" || len(m.Carousel) != 2 || m.Carousel[1].AltText != "two" || m.Location == nil || m.Location.Name != "Somewhere" {
		t.Errorf("%+v", m)
	}
	if got := to.want(200, bob, "GET", "/v1/media/"+m.ID+"/original?n=1", nil).body; !bytes.Equal(got, picture(t, 1)) && !bytes.Equal(got, picture(t, 0)) {
		t.Error("the original is another")
	}
}

// TestImportMany brings 5,000 items of one second, ends the process in the middle, and pauses: each comes once and in order.
func TestImportMany(t *testing.T) {
	t.Parallel()
	n := 1000
	if testing.Short() {
		n = 300
	} else if os.Getenv("TINTYPE_TEST_LONG") != "" {
		n = 5000 // minutes
	}
	var posts []map[string]any
	files := make([]archiveFile, 0, n)
	small := make([][]byte, 64)
	for i := range small {
		small[i] = tiny(t, i)
	}
	for i := range n {
		name := fmt.Sprintf("media/posts/%d.jpg", i)
		files = append(files, archiveFile{name, small[i%len(small)]})
		posts = append(posts, map[string]any{"title": fmt.Sprint(i), "creation_timestamp": 1500000000, "media": []map[string]any{{"uri": name}}})
	}
	slices.Reverse(posts) // Instagram has the newest first
	text, err := json.Marshal(posts)
	if err != nil {
		t.Fatal(err)
	}
	b := zipFiles(t, append(files, archiveFile{"content/posts_1.json", text})...)
	dir := t.TempDir()
	s := newSite(t, "sqlite", app.Config{Data: dir})
	user := s.user("ann", false)
	ann := s.session(user)
	i := s.bring(ann, b)
	if i.Total != n {
		t.Fatalf("%+v", i)
	}
	get := func() importOut {
		s.want(200, ann, "GET", "/v1/users/self/imports/"+i.ID, nil).into(t, &i)
		return i
	}
	until := func(what string, done func(importOut) bool) {
		t.Helper()
		for end := time.Now().Add(10 * time.Minute); !done(get()); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %+v", what, i)
			}
		}
	}
	s.want(200, ann, "POST", "/v1/users/self/imports/"+i.ID, map[string]any{"action": "start", "sections": []string{"posts"}})
	until("some", func(i importOut) bool { return i.Done > n/10 })
	s.stop()
	s = newSite(t, "sqlite", app.Config{Data: dir})
	ann = s.session(user)
	until("some more", func(i importOut) bool { return i.Done > n/5 })
	if !testing.Short() { // a few are done before anybody can pause
		s.want(200, ann, "POST", "/v1/users/self/imports/"+i.ID, map[string]any{"action": "pause"})
		if i := get(); i.State != "paused" || i.Done == n {
			t.Errorf("paused: %+v", i)
		}
		s.want(200, ann, "POST", "/v1/users/self/imports/"+i.ID, map[string]any{"action": "resume"})
	}
	until("all", func(i importOut) bool { return i.State == "done" })
	if i.Done != n {
		t.Errorf("%+v", i)
	}
	at := n
	for page := (tintype.Page{Count: 500}); at > 0; {
		list, _, err := s.app.Post.ByUser(t.Context(), user.ID, user.ID, page)
		if err != nil || len(list) == 0 {
			t.Fatalf("%d are missing: %v", at, err)
		}
		for _, p := range list {
			if at--; p.Caption != fmt.Sprint(at) || p.ID.Time().Sub(time.Unix(1500000000, 0)).Abs() > time.Second {
				t.Fatalf("%v of %v is %q, want %d", p.ID, p.ID.Time(), p.Caption, at)
			}
		}
		page.Max = list[len(list)-1].ID
	}
}

// TestImportMastodon brings a Mastodon archive as Mastodon gives it, a .tar.gz, and the same as a plain tar file, in several parts.
func TestImportMastodon(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann := s.session(s.user("ann", false))
		var plain bytes.Buffer
		w := tar.NewWriter(&plain)
		for _, f := range []archiveFile{
			{"outbox.json", []byte(`{"orderedItems": [
				{"type": "Create", "object": {"id": "https://m.example/1", "type": "Note", "published": "2017-07-14T02:40:00Z", "to": ["https://www.w3.org/ns/activitystreams#Public"], "content": "<p>Hello</p>",
					"attachment": [{"mediaType": "image/jpeg", "url": "/media_attachments/files/1/a.jpg", "name": "a cat"}, {"mediaType": "image/webp", "url": "/media_attachments/files/2/b.webp"}]}},
				{"type": "Create", "object": {"id": "https://m.example/2", "type": "Note", "published": "2017-07-14T02:41:00Z", "to": ["https://m.example/u/followers"], "content": "<p>not for all</p>",
					"attachment": [{"mediaType": "image/jpeg", "url": "/media_attachments/files/1/a.jpg"}]}}]}`)},
			{"media_attachments/files/1/a.jpg", picture(t, 1)}, {"media_attachments/files/2/b.webp", fixture(t, "flower.webp")},
		} {
			if err := w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.data)), Typeflag: tar.TypeReg}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(f.data); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(plain.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		i := s.bring(ann, packed.Bytes())
		if i.State != "waiting" || i.Format != "mastodon" || i.Total != 2 {
			t.Fatalf("what was found: %+v", i)
		}
		i = s.runImport(ann, i, map[string]any{"sections": []string{"posts"}})
		items := s.items(ann, i, "")
		if i.State != "done" || i.Done != 1 || items[1].State != "skipped" || len(items[1].Reasons) != 1 || items[1].Reasons[0].Code != "not_public" {
			t.Fatalf("%+v: %+v", i, items)
		}
		var m mediaOut
		s.want(200, ann, "GET", "/v1/media/shortcode/"+items[0].Shortcode, nil).into(t, &m)
		if m.Caption.Text != "Hello" || len(m.Carousel) != 2 || m.Carousel[0].AltText != "a cat" {
			t.Errorf("%+v", m)
		}
		if again := s.runImport(ann, s.bring(ann, plain.Bytes()), map[string]any{"sections": []string{"posts"}}); again.Skipped != 2 {
			t.Errorf("as a plain tar file: %+v", again)
		}
		for _, broken := range [][]byte{packed.Bytes()[:packed.Len()/2], []byte("\x1f\x8b\x08 what")} {
			if i := s.bring(ann, broken); i.State != "failed" || !strings.Contains(i.Reason, "not whole") {
				t.Errorf("broken: %+v", i)
			}
		}
		s.settle()
		checkClean(t, s)
	})
}
