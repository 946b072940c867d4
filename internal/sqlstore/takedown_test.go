package sqlstore_test

import (
	"testing"
	"time"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// TestHeldTakenDown is that a comment which is held counts nowhere while it is down, and is held again afterwards, for the same reason.
func TestHeldTakenDown(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.TakenDown{R: r}
		owner, fan := addUser(t, r, r.Pick(), "owner", false), addUser(t, r, r.Pick(), "fan", false)
		post := addPost(t, r, owner)
		comments := sqlstore.Comments{R: r, Clock: func() time.Time { return signedUp }}
		c := tintype.Comment{PostID: post, UserID: fan, Text: "hm", Held: tintype.HeldWords}
		if _, _, err := comments.AddComment(ctx, &c, owner, []tintype.ID{owner}, tintype.Once{}); err != nil {
			t.Fatal(err)
		}
		check := func(when string, held bool) {
			t.Helper()
			any, err := s.AnyComment(ctx, post, c.ID)
			if err != nil || any == nil || any.UserID != fan || any.Text != "hm" || any.Held != tintype.HeldWords {
				t.Errorf("%s: the comment is %+v, %v", when, any, err)
			}
			list, err := comments.Held(ctx, owner, post, tintype.Page{Count: 5})
			if err != nil || (len(list) == 1) != held || held && list[0] != c {
				t.Errorf("%s: held are %+v, %v; want it among them: %v", when, list, err, held)
			}
			if list, err := comments.CommentsAnd(ctx, fan, post, tintype.Page{Count: 5}); err != nil || (len(list) == 1) != held {
				t.Errorf("%s: its author reads %+v, %v", when, list, err)
			}
			if list, err := comments.Comments(ctx, post, tintype.Page{Count: 5}); err != nil || len(list) != 0 {
				t.Errorf("%s: others read %+v, %v", when, list, err)
			}
			if got := rows(t, r.Home(post.Shard()), `SELECT id FROM {s}posts WHERE id = $1 AND comments = 0`, 1, post); len(got) != 1 {
				t.Errorf("%s: the post counts it", when)
			}
		}
		check("at first", true)
		for _, down := range []bool{true, false, true} {
			for i, want := range []bool{true, false} {
				if changed, err := s.TakeDownComment(ctx, post, c.ID, down); err != nil || changed != want {
					t.Errorf("down %v, time %d: %v, %v", down, i+1, changed, err)
				}
				check("down or up", !down)
			}
		}
		if err := comments.DeleteComment(ctx, c, owner); err != nil {
			t.Fatal(err)
		}
		if any, err := s.AnyComment(ctx, post, c.ID); err != nil || any != nil {
			t.Errorf("deleted it is %+v, %v", any, err)
		}
		if got := rows(t, r.Home(post.Shard()), `SELECT id FROM {s}posts WHERE id = $1 AND comments = 0`, 1, post); len(got) != 1 {
			t.Error("the post counts it once it is deleted")
		}
	})
}
