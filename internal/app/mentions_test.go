package app_test

import (
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/tintype"
)

// Who was named in a comment, or in a caption that was changed since, hears no
// more of it once it is gone, and no row of it stays.
func TestGoneMentionsLeaveNothing(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ann, ben, cat := s.session(s.user("ann", false)), s.session(s.user("ben", false)), s.user("cat", false)
		asCat := s.session(cat)
		rows := func() int {
			t.Helper()
			s.settle()
			list, _, err := s.app.Activity.List(t.Context(), cat.ID, tintype.Page{Count: 50})
			if err != nil {
				t.Fatal(err)
			}
			unread, err := s.app.Activity.Unread(t.Context(), cat.ID)
			if err != nil {
				t.Fatal(err)
			}
			if unread != len(list) {
				t.Errorf("%d unread and %d to be read", unread, len(list))
			}
			return unread
		}
		want := func(n int, when string) {
			t.Helper()
			if got := rows(); got != n {
				t.Errorf("%s: %d activities, want %d", when, got, n)
			}
		}
		m := s.post(ann, "for @cat", 1)
		want(1, "named in the caption")
		comment := func() string {
			var c struct{ ID string }
			s.want(200, ben, "POST", "/v1/media/"+m.ID+"/comments", map[string]string{"text": "look @cat"}).into(t, &c)
			return c.ID
		}
		first := comment()
		comment()
		s.want(200, asCat, "POST", "/v1/media/"+m.ID+"/likes", nil)
		want(3, "named in two comments")
		s.want(200, ben, "DELETE", "/v1/media/"+m.ID+"/comments/"+first, nil)
		want(2, "one comment deleted")
		s.want(200, ann, "PATCH", "/v1/media/"+m.ID, map[string]string{"caption": "for nobody"})
		want(1, "no longer named in the caption")
		if r := s.want(200, asCat, "GET", "/v1/media/"+m.ID, nil); !strings.Contains(string(r.body), `"user_has_liked":true`) {
			t.Error("a like went with the mention")
		}
		s.want(200, ann, "PATCH", "/v1/media/"+m.ID, map[string]string{"caption": "for @cat again"})
		want(2, "named again")
		s.want(200, ann, "DELETE", "/v1/media/"+m.ID, nil)
		want(0, "the post deleted")
	})
}
