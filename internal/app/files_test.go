package app_test

import (
	"encoding/json"
	"testing"

	"github.com/tintype/tintype/internal/knobs"
)

// TestFilesOfAPost tells the owner, and nobody else, what is kept of a post; and everybody what happens to photos.
func TestFilesOfAPost(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada, ben := s.session(s.user("ada", false)), s.session(s.user("ben", false))
		m := s.post(ada, "", 2)
		s.settle()
		type file struct {
			Size, Type    string
			Width, Height int
			Bytes         int64
		}
		var kept []struct {
			Original   file
			Renditions []file
		}
		if err := json.Unmarshal(s.want(200, ada, "GET", "/v1/media/"+m.ID+"/files", nil).data, &kept); err != nil {
			t.Fatal(err)
		}
		if len(kept) != 1 || kept[0].Original.Bytes == 0 || kept[0].Original.Type != "image/jpeg" || kept[0].Original.Width == 0 {
			t.Fatalf("kept is %+v", kept)
		}
		original := s.want(200, ada, "GET", "/v1/media/"+m.ID+"/original", nil)
		if int64(len(original.body)) != kept[0].Original.Bytes {
			t.Errorf("the original has %d bytes, and is said to have %d", len(original.body), kept[0].Original.Bytes)
		}
		types := map[string]int{}
		for _, r := range kept[0].Renditions {
			types[r.Type]++
			if r.Bytes <= 0 || r.Width <= 0 || r.Height <= 0 || r.Size == "" {
				t.Errorf("a rendition is %+v", r)
			}
			if r.Type == "image/jpeg" && r.Size == "640" {
				if p := s.want(200, nobody, "GET", pathOf(m.Renditions[1].URL), nil); int64(len(p.body)) != r.Bytes {
					t.Errorf("640 has %d bytes, and is said to have %d", len(p.body), r.Bytes)
				}
			}
		}
		if types["image/jpeg"] != 4 || types["image/avif"] == 0 || types["image/webp"] == 0 {
			t.Errorf("there are %v", types)
		}
		s.want(403, ben, "GET", "/v1/media/"+m.ID+"/files", nil)
		s.want(400, nobody, "GET", "/v1/media/"+m.ID+"/files", nil)

		var rules struct {
			Accepts []string
			Formats []struct{ Type string }
		}
		read := func() {
			if err := json.Unmarshal(s.want(200, nobody, "GET", "/v1/site/pictures", nil).data, &rules); err != nil {
				t.Fatal(err)
			}
		}
		if read(); len(rules.Accepts) != 6 || len(rules.Formats) != 3 {
			t.Errorf("the rules are %+v", rules)
		}
	})
}

// An import asks for the room of its whole file before it begins: the site says that it is full, not halfway through.
func TestImportWithoutRoom(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada := s.session(s.user("ada", false))
		room := "1"
		if _, err := s.app.Knobs.Change(t.Context(), knobs.By{Via: "test"}, map[string]*string{"storage_gb": &room}); err != nil {
			t.Fatal(err)
		}
		s.want(507, ada, "POST", "/v1/users/self/imports", map[string]any{"name": "large.zip", "bytes": 2_000_000_000})
		var i struct{ ID string }
		s.want(201, ada, "POST", "/v1/users/self/imports", map[string]any{"name": "small.zip", "bytes": 10}).into(t, &i)
		s.want(409, ada, "POST", "/v1/users/self/imports", map[string]any{"name": "large.zip", "bytes": 2_000_000_000})
		s.want(200, ada, "PUT", "/v1/users/self/imports/"+i.ID+"/parts/0", []byte("0123456789"), "Content-Type", "application/octet-stream")
		var mine struct {
			Files []struct {
				Kind  string
				Bytes int64
			}
		}
		s.want(200, ada, "GET", "/v1/users/self/storage", nil).into(t, &mine)
		for _, f := range mine.Files {
			if f.Kind == "imports" && f.Bytes == 10 {
				return
			}
		}
		t.Errorf("the part that came is not counted: %+v", mine.Files)
	})
}
