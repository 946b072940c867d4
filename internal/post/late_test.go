package post_test

import (
	"testing"

	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// TestLateLike: the answer to a like may be lost, and its commit come after the error. Who likes
// again is told that it was so already, and then sees it, whatever was read and kept in between.
func TestLateLike(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	ctx := t.Context()
	owner, fan := s.user(t, "owner", false), s.user(t, "fan", false)
	p := s.publish(t, owner, post.Draft{Caption: "late"})
	likes := sqlstore.Likes{R: s.r}
	sees := func() bool {
		t.Helper()
		liked, err := s.Liked(ctx, fan, []tintype.ID{p.ID})
		if err != nil {
			t.Fatal(err)
		}
		return liked[0]
	}
	for _, on := range []bool{true, false} {
		if sees() == on {
			t.Fatalf("liked before: %v", !on)
		}
		if _, err := likes.Like(ctx, fan, p.ID, owner, on); err != nil { // the commit of which nobody heard
			t.Fatal(err)
		}
		again := s.Like
		if !on {
			again = s.Unlike
		}
		if err := again(ctx, fan, p.ID); err != nil {
			t.Fatal(err)
		}
		if sees() != on {
			t.Errorf("liked and told so, %v; it is shown as it was before", on)
		}
	}
}
