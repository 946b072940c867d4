package app_test

import (
	"encoding/json"
	"testing"
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
