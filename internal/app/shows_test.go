package app_test

import (
	"testing"

	"github.com/tintype/tintype/internal/app"
)

// TestVerifiedOnly keeps those whose address is not confirmed from what shows to others, where an operator wants it so, and
// lets them read, look after themselves, and take back.
func TestVerifiedOnly(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada := s.signUp("ada", "ada@example.org")
		ben := s.user("ben", false)
		bens := s.post(s.session(ben), "of ben", 1)
		m := s.post(ada, "of ada", 2)
		var up struct{ ID string }
		s.want(201, ada, "POST", "/v1/uploads", picture(t, 3)).into(t, &up)
		var album struct{ ID string }
		s.want(201, ada, "POST", "/v1/albums", map[string]any{"title": "an album", "media": []string{m.ID}}).into(t, &album)
		relation := "/v1/users/" + ben.ID.String() + "/relationship"
		s.want(200, ada, "POST", relation, map[string]any{"action": "follow"})
		s.turn(map[string]string{"verified_email": "on"})
		refused := []struct {
			method, path string
			body         any
		}{
			{"POST", relation, map[string]any{"action": "follow"}},
			{"POST", "/v1/media", map[string]any{"uploads": []string{up.ID}}},
			{"PATCH", "/v1/media/" + m.ID, map[string]any{"caption": "other words"}},
			{"PATCH", "/v1/media/" + m.ID, map[string]any{"audience": "everyone"}},
			{"POST", "/v1/media/" + bens.ID + "/comments", map[string]any{"text": "nice"}},
			{"POST", "/v1/media/" + bens.ID + "/likes", nil},
			{"POST", "/v1/secret-links", map[string]any{"media_id": m.ID, "never_expires": true}},
			{"POST", "/v1/albums", map[string]any{"title": "another"}},
			{"PATCH", "/v1/albums/" + album.ID, map[string]any{"title": "another"}},
			{"DELETE", "/v1/media/" + m.ID + "/archive", nil},
			{"PUT", "/v1/media/" + m.ID + "/pin", nil},
			{"PUT", "/v1/users/self/close-friends/" + ben.ID.String(), nil},
			{"PATCH", "/v1/users/self", map[string]any{"bio": "hello"}},
			{"PATCH", "/v1/users/self", map[string]any{"is_private": false}},
			{"PUT", "/v1/users/self/avatar", picture(t, 4)},
			{"POST", "/v1/apps", map[string]any{"name": "App", "website": "https://app.example", "redirect_uris": []string{"https://app.example/back"}, "scopes": "basic"}},
		}
		for _, c := range refused {
			if r := s.ask(ada, c.method, c.path, c.body); r.status != 403 || r.meta.Field != "email" {
				t.Errorf("%s %s %v: %d %s", c.method, c.path, c.body, r.status, r.body)
			}
		}
		for _, c := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/v1/users/self/feed", nil},
			{"POST", relation, map[string]any{"action": "unfollow"}},
			{"POST", relation, map[string]any{"action": "block"}},
			{"POST", relation, map[string]any{"action": "unblock"}},
			{"PATCH", "/v1/media/" + m.ID, map[string]any{"audience": "friends", "commenters": "nobody", "caption": ""}},
			{"PUT", "/v1/media/" + m.ID + "/archive", nil},
			{"PATCH", "/v1/albums/" + album.ID, map[string]any{"is_private": true}},
			{"PATCH", "/v1/users/self", map[string]any{"bio": "", "is_private": true}},
			{"PUT", "/v1/media/" + bens.ID + "/saved", nil},
		} {
			s.want(200, ada, c.method, c.path, c.body)
		}
		s.want(200, nobody, "POST", "/v1/email/confirm", map[string]any{"token": s.letters()[0].token})
		for _, c := range refused {
			if r := s.ask(ada, c.method, c.path, c.body); r.meta.Field == "email" {
				t.Errorf("confirmed, %s %s: %d %s", c.method, c.path, r.status, r.body)
			}
		}
	})
}

// TestPostingOff is that with posting off nothing is published on any other way either; what is there can be taken back.
func TestPostingOff(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	s.user("first", false)
	ada := s.session(s.user("ada", false))
	m := s.post(ada, "of ada", 1)
	var album struct{ ID string }
	s.want(201, ada, "POST", "/v1/albums", map[string]any{"title": "an album", "media": []string{m.ID}}).into(t, &album)
	s.turn(map[string]string{"posting": "off"})
	refused := []struct {
		method, path string
		body         any
	}{
		{"POST", "/v1/media", map[string]any{"uploads": []string{"1"}}},
		{"PATCH", "/v1/media/" + m.ID, map[string]any{"caption": "other words"}},
		{"POST", "/v1/secret-links", map[string]any{"media_id": m.ID, "never_expires": true}},
		{"POST", "/v1/albums", map[string]any{"title": "another"}},
		{"PATCH", "/v1/albums/" + album.ID, map[string]any{"title": "another"}},
		{"DELETE", "/v1/media/" + m.ID + "/archive", nil},
	}
	for _, c := range refused {
		if r := s.ask(ada, c.method, c.path, c.body); r.status != 503 {
			t.Errorf("%s %s %v: %d %s", c.method, c.path, c.body, r.status, r.body)
		}
	}
	s.want(200, ada, "PATCH", "/v1/media/"+m.ID, map[string]any{"audience": "friends"})
	s.want(200, ada, "PUT", "/v1/media/"+m.ID+"/archive", nil)
	s.want(200, ada, "PATCH", "/v1/albums/"+album.ID, map[string]any{"is_private": true})
	s.turn(map[string]string{"posting": "on"})
	for _, c := range refused {
		if r := s.ask(ada, c.method, c.path, c.body); r.status == 503 {
			t.Errorf("open again, %s %s: %d %s", c.method, c.path, r.status, r.body)
		}
	}
}
