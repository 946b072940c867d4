package archive_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/tintype"
)

// garbled writes a text as Instagram does: each byte of its UTF-8 as a character.
func garbled(s string) string {
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

func TestRepair(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "plain", "été", "Grüße 🌷", "日本語", "naïve é", "—", "ÿ"} {
		var g string
		if err := json.Unmarshal([]byte(`"`+garbled(s)+`"`), &g); err != nil {
			t.Fatal(err)
		}
		if got := archive.Repair(g); got != s {
			t.Errorf("%q comes out as %q, want %q", g, got, s)
		}
		if got := archive.Repair(s); got != s {
			t.Errorf("%q, which is right, comes out as %q", s, got)
		}
	}
}

func FuzzRepair(f *testing.F) {
	f.Add("Ã©tÃ©")
	f.Add("été")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := archive.Repair(s)
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Fatalf("%q became %q", s, got)
		}
		if len(got) > len(s) {
			t.Fatalf("%q grew to %q", s, got)
		}
	})
}

func at(sec int64) time.Time { return time.Unix(sec, 0).UTC() }

func place(name string, lat, lng float64) *archive.Place {
	return &archive.Place{Name: name, Latitude: &lat, Longitude: &lng}
}

// TestForms reads an archive of each form that is known.
func TestForms(t *testing.T) {
	t.Parallel()
	posts := `[
		{"media": [{"uri": "media/posts/202105/200_n_2.jpg", "creation_timestamp": 200, "title": "` + garbled("Größe 🌷 #été") + `",
			"media_metadata": {"photo_metadata": {"exif_data": [{"device_id": "x"}, {"latitude": 52.5, "longitude": "13.4"}]}}, "cross_post_source": {"source_app": "FB"}}]},
		{"title": "an album", "creation_timestamp": 150, "media": [
			{"uri": "media/posts/202105/b.webp", "creation_timestamp": 149, "title": ""}, {"uri": "media/posts/202105/c.mp4", "creation_timestamp": 149, "title": null}, {"uri": "media/posts/202105/a", "title": ""}]},
		{"media": [{"uri": "media/posts/202105/v.mp4", "creation_timestamp": 120, "title": "a film", "media_metadata": {"video_metadata": {"exif_data": [{"latitude": 0, "longitude": 0}]}}}]},
		{"media": {"uri": "media/posts/202105/d.heic", "creation_timestamp": 100, "title": null}, "title": null}
	]`
	newItems := func(prefix string) []archive.Item {
		return []archive.Item{
			{Section: "posts", Taken: at(100), Pictures: []archive.Picture{{File: prefix + "media/posts/202105/d.heic"}}},
			{Section: "posts", Taken: at(120), Caption: "a film", Pictures: []archive.Picture{}, Skip: "video"},
			{Section: "posts", Taken: at(150), Caption: "an album", Pictures: []archive.Picture{{File: prefix + "media/posts/202105/b.webp"}, {File: prefix + "media/posts/202105/a"}}, Notes: tintype.Reasons{{Code: "videos_left", N: 1}}},
			{Section: "posts", Taken: at(200), Caption: "Größe 🌷 #été", Place: place("", 52.5, 13.4), Pictures: []archive.Picture{{File: prefix + "media/posts/202105/200_n_2.jpg"}}},
		}
	}
	outbox := `{"orderedItems": [
		{"type": "Create", "object": {"id": "https://m.example/1", "type": "Note", "published": "1970-01-01T00:01:40Z", "to": ["https://www.w3.org/ns/activitystreams#Public"],
			"content": "<p>Hello &amp; <a href=\"x\">#world</a><br>line</p><p>more</p>", "attachment": [
			{"type": "Document", "mediaType": "image/jpeg", "url": "/media_attachments/files/1/original/a.jpg", "name": "a cat"}, {"mediaType": "video/mp4", "url": "/media_attachments/files/2/original/b"}]}},
		{"type": "Announce", "object": "https://m.example/2"},
		{"type": "Create", "object": {"id": "https://m.example/3", "type": "Note", "published": "1970-01-01T00:01:50Z", "to": ["https://m.example/u/followers"], "cc": [], "content": "<p>secret</p>",
			"attachment": [{"mediaType": "image/png", "url": "/ann/media_attachments/files/3/original/c.png", "name": null}]}},
		{"type": "Create", "object": {"id": "https://m.example/4", "type": "Note", "content": "words", "to": ["as:Public"], "attachment": []}}]}`
	yes := true
	for _, c := range []struct {
		name    string
		entries []entry
		format  string
		want    []archive.Item
	}{
		{"Instagram 2021", []entry{{name: "content/posts_1.json", text: posts}}, "instagram", newItems("")},
		{"Instagram 2023", []entry{{name: "your_instagram_activity/content/posts_1.json", text: posts}, {name: "your_instagram_activity/content/no-data.txt"}}, "instagram", newItems("")},
		{"Instagram 2025, packed again", []entry{{name: "instagram-ann-2025/your_instagram_activity/media/posts_1.json", text: posts}}, "instagram", newItems("instagram-ann-2025/")},
		{"Instagram, other sections", []entry{
			{name: "content/posts_1.json", text: `{"media": [{"uri": "media/posts/1.jpg", "creation_timestamp": 5}], "title": "alone"}`},
			{name: "content/posts_2.json", text: `[{"timestamp": 7, "label_values": [{"label": "Caption", "value": "labelled"}, {"media": [{"uri": "media/posts/2.jpg"}]}]}]`},
			{name: "content/archived_posts.json", text: `{"ig_archived_post_media": [{"media": [{"uri": "media/posts/3.jpg", "creation_timestamp": 3, "title": "archived"}]}]}`},
			{name: "content/stories.json", text: `{"ig_stories": [{"uri": "media/stories/4.jpg", "creation_timestamp": 4, "title": ""}]}`},
			{name: "content/other_content.json", text: `{"ig_other_media": [{"media": [{"uri": "media/other/5.jpg", "creation_timestamp": 2}]}], "what": 3}`},
			{name: "content/recently_deleted_content.json", text: `{"ig_recently_deleted_media": [{"media": [{"uri": "media/posts/7.jpg", "creation_timestamp": 6}]}]}`},
			{name: "content/profile_photos.json", text: `{"ig_profile_picture": [{"uri": "media/profile/6.jpg"}]}`},
		}, "instagram", []archive.Item{
			{Section: "other", Taken: at(2), Pictures: []archive.Picture{{File: "media/other/5.jpg"}}},
			{Section: "archived", Taken: at(3), Caption: "archived", Pictures: []archive.Picture{{File: "media/posts/3.jpg"}}, Standing: archive.Standing{Archived: true}},
			{Section: "stories", Taken: at(4), Pictures: []archive.Picture{{File: "media/stories/4.jpg"}}, Standing: archive.Standing{Archived: true}},
			{Section: "posts", Taken: at(5), Caption: "alone", Pictures: []archive.Picture{{File: "media/posts/1.jpg"}}},
			{Section: "other", Taken: at(6), Pictures: []archive.Picture{{File: "media/posts/7.jpg"}}, Skip: "deleted"},
			{Section: "posts", Taken: at(7), Caption: "labelled", Pictures: []archive.Picture{{File: "media/posts/2.jpg"}}},
		}},
		{"Instagram 2018", []entry{{name: "media.json", text: `{"photos": [
			{"caption": "two é", "taken_at": "1970-01-01T00:02:00+00:00", "location": "Berlin", "path": "photos/1970/b1.jpg"},
			{"caption": "two é", "taken_at": "1970-01-01T00:02:00+00:00", "location": "Berlin", "path": "photos/1970/b2.jpg"},
			{"caption": null, "taken_at": "1970-01-01T00:01:00", "path": "photos/1970/a.jpg"}],
			"videos": [{"caption": "v", "taken_at": "1970-01-01T00:00:30+00:00", "path": "videos/v.mp4"}], "profile": [{"path": "profile/p.jpg"}],
			"stories": [{"caption": "", "taken_at": "1970-01-01T00:00:40+00:00", "path": "stories/s.jpg"}]}`}}, "instagram", []archive.Item{
			{Section: "posts", Taken: at(30), Caption: "v", Pictures: []archive.Picture{}, Skip: "video"},
			{Section: "stories", Taken: at(40), Pictures: []archive.Picture{{File: "stories/s.jpg"}}, Standing: archive.Standing{Archived: true}},
			{Section: "posts", Taken: at(60), Pictures: []archive.Picture{{File: "photos/1970/a.jpg"}}},
			{Section: "posts", Taken: at(120), Caption: "two é", Place: &archive.Place{Name: "Berlin"}, Pictures: []archive.Picture{{File: "photos/1970/b1.jpg"}, {File: "photos/1970/b2.jpg"}}},
		}},
		{"Tintype", []entry{{name: "tintype.json", text: `{"format": "tintype-archive", "version": 1}`}, {name: "posts.json", text: `[
			{"id": "9", "created": "1970-01-01T00:00:02Z", "caption": "second", "media": [{"file": "media/b.jpg", "alt_text": "b", "filter": "Tin", "edits": {"rotate": 90}}, {"missing": true}]},
			{"id": "8", "created": "1970-01-01T00:00:01Z", "caption": "first", "location": {"name": "Here", "latitude": 1, "longitude": 2}, "media": [{"file": "media/a.jpg"}]}]`}}, "tintype", []archive.Item{
			{Post: "8", Section: "posts", Taken: at(1), Caption: "first", Place: place("Here", 1, 2), Pictures: []archive.Picture{{File: "media/a.jpg"}}},
			{Post: "9", Section: "posts", Taken: at(2), Caption: "second", Pictures: []archive.Picture{{File: "media/b.jpg", Alt: "b", Filter: "Tin", Edits: `{"rotate": 90}`}}, Notes: tintype.Reasons{{Code: "missing", N: 1}}},
		}},
		{"Tintype, as its posts stand", []entry{{name: "tintype.json", text: `{"format": "tintype-archive", "version": 2}`}, {name: "posts.json", text: `[
			{"id": "3", "created": "1970-01-01T00:00:03Z", "media": [{"file": "c.jpg"}], "taken_down": true},
			{"id": "2", "created": "1970-01-01T00:00:02Z", "media": [{"file": "b.jpg", "people": [{"username": "ben"}, {"username": "cem"}]}, {"file": "d.jpg", "people": [{"username": "ben"}]}], "archived": true},
			{"id": "1", "created": "1970-01-01T00:00:01Z", "media": [{"file": "a.jpg"}], "audience": "friends", "pinned": 2, "hide_likes": true, "commenters": "nobody"}]`},
			{name: "albums.json", text: `[{"id": "6", "title": "Later", "posts": ["1", "404"], "cover": "404"}, {"id": "5", "title": "First", "description": "d", "private": true, "cover": "2", "posts": ["2", "1"]}]`},
			{name: "collections.json", text: `[{"id": "7", "name": "Ideas", "posts": [{"post": "99", "by": "ben"}, {"post": "1", "by": "me"}]}]`},
			{name: "muted.json", text: `[{"id": "4", "username": "dee", "activity": true}]`}, {name: "blocked.json", text: "[]"}}, "tintype", []archive.Item{
			{Post: "1", Section: "posts", Taken: at(1), Pictures: []archive.Picture{{File: "a.jpg"}}, Standing: archive.Standing{Audience: "friends", Pinned: 2, HideLikes: &yes, Commenters: "nobody"}},
			{Post: "2", Section: "archived", Taken: at(2), Pictures: []archive.Picture{{File: "b.jpg"}, {File: "d.jpg"}}, Notes: tintype.Reasons{{Code: "people_left", N: 2}}, Standing: archive.Standing{Archived: true}},
			{Post: "3", Section: "archived", Taken: at(3), Pictures: []archive.Picture{{File: "c.jpg"}}, Notes: tintype.Reasons{{Code: "taken_down", N: 1}}, Standing: archive.Standing{Archived: true, TakenDown: true}},
			{Section: "collections", Caption: "Ideas", Group: &archive.Group{Title: "Ideas", Posts: []string{"1"}, Others: 1}},
			{Section: "albums", Caption: "First", Group: &archive.Group{Title: "First", Description: "d", Private: true, Cover: "2", Posts: []string{"2", "1"}}},
			{Section: "albums", Caption: "Later", Group: &archive.Group{Title: "Later", Posts: []string{"1"}, Others: 1}},
			{Section: "people", People: &archive.People{List: "muted.json", Persons: []archive.Person{{ID: "4", Username: "dee", Activity: true}}}},
		}},
		{"Mastodon", []entry{{name: "outbox.json", text: outbox}, {name: "actor.json", text: "{}"}, {name: "media_attachments/files/1/original/a.jpg"}, {name: "media_attachments/files/3/original/c.png"}}, "mastodon", []archive.Item{
			{Section: "posts", Taken: at(100), Caption: "Hello & #world\nline\n\nmore", Pictures: []archive.Picture{{File: "media_attachments/files/1/original/a.jpg", Alt: "a cat"}}, Notes: tintype.Reasons{{Code: "videos_left", N: 1}}},
			{Section: "posts", Taken: at(110), Caption: "secret", Pictures: []archive.Picture{{File: "media_attachments/files/3/original/c.png"}}, Skip: "not_public"},
		}},
		{"Pixelfed", []entry{{name: "pixelfed-statuses.json", text: `[
			{"id": "2", "url": "https://p.example/p/2", "created_at": "1970-01-01T00:00:20.000000Z", "content": "<p>x</p>", "visibility": "private", "media_attachments": [{"type": "image", "url": "https://p.example/storage/m/2.jpg"}]},
			{"id": "1", "url": "https://p.example/p/1", "created_at": "1970-01-01T00:00:10Z", "content": "<p>y</p>", "content_text": "why", "visibility": "public", "place": {"name": "Oslo"},
				"media_attachments": [{"type": "image", "url": "https://p.example/storage/m/1.jpg", "description": "one"}]}]`}, {name: "1.jpg"}}, "pixelfed", []archive.Item{
			{Section: "posts", Taken: at(10), Caption: "why", Place: &archive.Place{Name: "Oslo"}, Pictures: []archive.Picture{{File: "1.jpg", Alt: "one"}}},
			{Section: "posts", Taken: at(20), Caption: "x", Pictures: []archive.Picture{{File: "2.jpg"}}, Skip: "not_public"},
		}},
	} {
		z, err := open(zipOf(t, c.entries...), archive.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := z.Read()
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		keys := map[string]bool{}
		for i := range got.Items {
			if keys[got.Items[i].Key] || !strings.HasPrefix(got.Items[i].Key, c.format+":") {
				t.Errorf("%s: the key %q", c.name, got.Items[i].Key)
			}
			keys[got.Items[i].Key] = true
			got.Items[i].Key = ""
		}
		if diff := cmp.Diff(c.want, got.Items); diff != "" || got.Format != c.format {
			t.Errorf("%s: %s (-want +got):\n%s", c.name, got.Format, diff)
		}
	}

	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"HTML":          {[]entry{{name: "start_here.html"}, {name: "your_instagram_activity/media/posts_1.html", text: "<html>"}}, "choose the format JSON"},
		"something":     {[]entry{{name: "a.jpg", text: "x"}}, "none that is known"},
		"broken":        {[]entry{{name: "content/posts_1.json", text: `[{"media": [`}}, "posts_1.json in the archive cannot be read"},
		"of the future": {[]entry{{name: "tintype.json", text: `{"format": "tintype-archive", "version": 3}`}}, "newer Tintype"},
	} {
		z, err := open(zipOf(t, c.entries...), archive.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Read(); !tintype.IsKind(err, tintype.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want something with %q", name, err, c.want)
		}
	}
}

// TestSameSecond: items that nothing tells apart but their place in the archive keep their order, and each has a key.
func TestSameSecond(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("[")
	for i := range 5000 {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `{"media":[{"uri":"media/posts/%d/same.jpg","creation_timestamp":1500000000,"title":null}]}`, i)
	}
	b.WriteString("]")
	z, err := open(zipOf(t, entry{name: "content/posts_1.json", text: b.String()}), archive.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := z.Read()
	if err != nil || len(c.Items) != 5000 {
		t.Fatal(len(c.Items), err)
	}
	keys := map[string]bool{}
	for i, it := range c.Items {
		keys[it.Key] = true
		if want := fmt.Sprintf("media/posts/%d/same.jpg", 4999-i); it.Pictures[0].File != want {
			t.Fatalf("item %d is %s, want %s", i, it.Pictures[0].File, want)
		}
	}
	if len(keys) != 5000 {
		t.Errorf("%d keys", len(keys))
	}
}
