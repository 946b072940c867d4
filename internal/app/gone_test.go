package app_test

import "testing"

// What a suspended user shows of themselves is shut out with them, down to the bytes.
func TestSuspendedAvatarIsGone(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann := s.user("ann", false)
		var u struct {
			Picture string `json:"profile_picture"`
		}
		s.want(200, s.session(ann), "PUT", "/v1/users/self/avatar", picture(t, 1)).into(t, &u)
		s.want(200, credential{}, "GET", u.Picture, nil)
		for _, at := range []struct {
			suspended bool
			status    int
		}{{true, 404}, {false, 200}} {
			if err := s.app.Account.Suspend(t.Context(), ann.ID, at.suspended); err != nil {
				t.Fatal(err)
			}
			s.want(at.status, credential{}, "GET", u.Picture, nil)
		}
	})
}
