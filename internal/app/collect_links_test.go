package app_test

import (
	"strings"
	"testing"
)

// TestLinksShowLessThanTheOwner is that a secret link, which looks with its owner's eyes, does not show what only the owner sees,
// and no post for close friends that the owner did not choose to show by it.
func TestLinksShowLessThanTheOwner(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		b := newBench(t, s)
		down, archived, narrowed, friends, plain := s.post(b.asAuthor, "taken down", 1), s.post(b.asAuthor, "put away", 2), s.post(b.asAuthor, "narrowed", 3), s.post(b.asAuthor, "for friends", 4), s.post(b.asAuthor, "plain", 5)
		s.want(200, b.asAuthor, "PATCH", "/v1/media/"+friends.ID, map[string]any{"audience": "friends"})
		var album struct{ ID string }
		s.want(201, b.asAuthor, "POST", "/v1/albums", map[string]any{"title": "All", "media": []string{down.ID, archived.ID, narrowed.ID, friends.ID, plain.ID}}).into(t, &album)
		type linkOut struct{ URL, Picture string }
		share := func(status int, in map[string]any) (l linkOut) {
			t.Helper()
			in["never_expires"] = true
			if r := s.want(status, b.asAuthor, "POST", "/v1/secret-links", in); status == 201 {
				r.into(t, &l)
			}
			return l
		}
		of := func(m mediaOut) map[string]any { return map[string]any{"media_id": m.ID} }
		type sharedOut struct {
			Posts []struct {
				Caption  string
				Pictures []struct {
					Renditions []struct{ URL string }
				}
			}
		}
		shared := func(l linkOut) string { return "/v1/shared" + strings.TrimPrefix(l.URL, s.base+"/s") }
		// look gives the captions that a link shows, and a picture of each.
		look := func(l linkOut) (captions []string, pictures map[string]string) {
			t.Helper()
			var out sharedOut
			s.want(200, nobody, "GET", shared(l), nil).into(t, &out)
			pictures = map[string]string{}
			for _, p := range out.Posts {
				captions = append(captions, p.Caption)
				pictures[p.Caption] = p.Pictures[0].Renditions[0].URL
			}
			return captions, pictures
		}
		links := map[string]linkOut{"taken down": share(201, of(down)), "put away": share(201, of(archived)), "narrowed": share(201, of(narrowed))}
		ofFriends, ofAlbum := share(201, of(friends)), share(201, map[string]any{"album_id": album.ID})
		captions, fromAlbum := look(ofAlbum)
		want(t, "the album", captions, "taken down", "put away", "narrowed", "plain")
		var pictures []string
		for name, l := range links {
			_, p := look(l)
			pictures = append(pictures, p[name], l.Picture, fromAlbum[name])
		}
		for _, u := range pictures {
			s.want(200, nobody, "GET", u, nil)
		}

		b.decide(b.report(b.asFan, map[string]any{"kind": "post", "id": postID(down)}), map[string]any{"action": "remove", "reason": "nudity"})
		s.want(200, b.asAuthor, "PUT", "/v1/media/"+archived.ID+"/archive", nil)
		s.want(200, b.asAuthor, "PATCH", "/v1/media/"+narrowed.ID, map[string]any{"audience": "friends"})
		s.settle()
		for name, l := range links {
			for _, u := range []string{shared(l), l.URL} {
				if r := s.ask(nobody, "GET", u, nil); outcome(r) != notFound && outcome(r) != "404" {
					t.Errorf("%s: the link answers %d %.200s", name, r.status, r.body)
				}
			}
		}
		for _, u := range pictures {
			if r := s.ask(nobody, "GET", u, nil); r.status != 404 {
				t.Errorf("a picture answers %d", r.status)
			}
		}
		captions, _ = look(ofAlbum)
		want(t, "the album later", captions, "plain")
		captions, pic := look(ofFriends)
		want(t, "what was shared for itself", captions, "for friends")
		s.want(200, nobody, "GET", pic["for friends"], nil)

		// Nor is there a new way: neither in the list, nor by a new link.
		if body := string(s.want(200, b.asAuthor, "GET", "/v1/secret-links", nil).body); strings.Count(body, `"picture":`) != 1 {
			t.Errorf("the list has other pictures than that of the post for friends: %s", body)
		}
		share(409, of(down))
		share(409, of(archived))
		share(201, of(narrowed)) // which is its owner's choice

		// What is brought back shows again; what was narrowed has lost its link for good.
		s.want(200, b.asAuthor, "DELETE", "/v1/media/"+archived.ID+"/archive", nil)
		look(links["put away"])
		s.want(200, b.asAuthor, "PATCH", "/v1/media/"+narrowed.ID, map[string]any{"audience": "everyone"})
		s.want(400, nobody, "GET", shared(links["narrowed"]), nil)
	})
}
