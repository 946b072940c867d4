package app_test

import (
	"strings"
	"testing"
)

// TestTakenDownBehindLinks has a post that secret links show taken down, and brought back.
func TestTakenDownBehindLinks(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		b := newBench(t, s)
		down, stays := s.post(b.asAuthor, "a sight", 1), s.post(b.asAuthor, "a lake", 2)
		var album struct{ ID string }
		s.want(201, b.asAuthor, "POST", "/v1/albums", map[string]any{"title": "Trip", "media": []string{down.ID, stays.ID}}).into(t, &album)
		share := func(what, id string) string {
			t.Helper()
			var l struct{ URL string }
			s.want(201, b.asAuthor, "POST", "/v1/secret-links", map[string]any{what: id, "never_expires": true}).into(t, &l)
			return "/v1/shared" + strings.TrimPrefix(l.URL, s.base+"/s")
		}
		toPost, toAlbum := share("media_id", down.ID), share("album_id", album.ID)

		type sharedOut struct {
			Posts []struct {
				Caption  string
				Pictures []struct{ Renditions []struct{ URL string } }
			}
		}
		captions := func() string {
			t.Helper()
			var out sharedOut
			s.want(200, nobody, "GET", toAlbum, nil).into(t, &out)
			list := []string{}
			for _, p := range out.Posts {
				list = append(list, p.Caption)
			}
			return strings.Join(list, ", ")
		}
		var before sharedOut
		s.want(200, nobody, "GET", toPost, nil).into(t, &before)
		if len(before.Posts) != 1 || before.Posts[0].Caption != "a sight" {
			t.Fatalf("the link to the post shows %+v", before)
		}
		both := captions()
		if !strings.Contains(both, "a sight") || !strings.Contains(both, "a lake") {
			t.Fatalf("the link to the album shows %s", both)
		}
		picture := pathOf(before.Posts[0].Pictures[0].Renditions[0].URL)
		s.want(200, nobody, "GET", picture, nil)

		b.decide(b.report(b.asFan, map[string]any{"kind": "post", "id": postID(down)}), map[string]any{"action": "remove", "reason": "nudity"})
		s.settle()
		gone := s.ask(nobody, "GET", toPost, nil)
		if gone.status < 400 || strings.Contains(string(gone.body), "a sight") {
			t.Errorf("the link to what was taken down answers %d %s", gone.status, gone.body)
		}
		if got := captions(); got != "a lake" {
			t.Errorf("the link to the album shows %s, want a lake", got)
		}
		s.want(404, nobody, "GET", picture, nil)

		// Once it is brought back, the links show it again.
		n := b.notices(b.asAuthor)
		s.want(200, b.asMod, "POST", "/v1/admin/decisions/"+n[0].ID+"/reverse", map[string]any{"words": "it is a statue"})
		s.settle()
		s.want(200, nobody, "GET", toPost, nil)
		if got := captions(); got != both {
			t.Errorf("the link to the album shows %s, want %s", got, both)
		}
	})
}
