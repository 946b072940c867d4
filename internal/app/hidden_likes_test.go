package app_test

import "testing"

// TestPublishedSaysHiddenLikes is that the answer to publishing says whether others are told of the likes: by what the post
// says itself, else by what its author has for all posts.
func TestPublishedSaysHiddenLikes(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		asAnn := s.session(s.user("ann", false))
		hidden := func(hide any) bool {
			t.Helper()
			var u struct{ ID string }
			s.want(201, asAnn, "POST", "/v1/uploads", picture(t, 3)).into(t, &u)
			var m struct{ Likes struct{ Hidden bool } }
			s.want(201, asAnn, "POST", "/v1/media", map[string]any{"uploads": []string{u.ID}, "hide_likes": hide}).into(t, &m)
			return m.Likes.Hidden
		}
		for _, byDefault := range []bool{false, true} {
			s.want(200, asAnn, "PATCH", "/v1/users/self", map[string]any{"hides_likes": byDefault})
			for _, c := range []struct {
				name string
				hide any
				want bool
			}{{"the post says nothing", nil, byDefault}, {"the post hides them", true, true}, {"the post shows them", false, false}} {
				if got := hidden(c.hide); got != c.want {
					t.Errorf("the default is %v, %s: hidden is %v, want %v", byDefault, c.name, got, c.want)
				}
			}
		}
	})
}
