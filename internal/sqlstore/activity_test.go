package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestActivity(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Activities{R: r}
		u := crowd(t, r, 3, time.Now())
		me, bob, eve := u[0], u[1], u[2]
		op := func(n int) tintype.ID { return tintype.MakeID(1_600_000_000_000+int64(n), bob.Shard(), 0) }
		notice := func(to, actor tintype.ID, post, n int) job.Notice {
			return job.Notice{User: to, Kind: tintype.ActivityMention, Actor: actor, Post: tintype.ID(post), Op: op(n)}
		}
		told, err := s.AddNotices(ctx, []job.Notice{notice(me, bob, 10, 1), notice(me, eve, 10, 2), notice(eve, bob, 10, 3), notice(bob, bob, 10, 4), notice(me, bob, 11, 5)})
		if err != nil || len(told) != 2 {
			t.Fatalf("told %v, %v; want me and eve, once each", told, err)
		}
		// A repeat, even under another op, is the same thing.
		if told, err := s.AddNotices(ctx, []job.Notice{notice(me, bob, 10, 1), notice(me, eve, 10, 9)}); err != nil || len(told) != 0 {
			t.Fatalf("a repeat told %v, %v", told, err)
		}
		row := func(n int, actor tintype.ID, post int) tintype.Activity {
			return tintype.Activity{ID: op(n), Kind: tintype.ActivityMention, ActorID: actor, PostID: tintype.ID(post)}
		}
		for _, c := range []struct {
			name string
			user tintype.ID
			page tintype.Page
			want []tintype.Activity
		}{
			{"all", me, tintype.Page{Count: 10}, []tintype.Activity{row(5, bob, 11), row(2, eve, 10), row(1, bob, 10)}},
			{"first", me, tintype.Page{Count: 1}, []tintype.Activity{row(5, bob, 11)}},
			{"between", me, tintype.Page{Count: 10, Max: op(5), Min: op(1)}, []tintype.Activity{row(2, eve, 10)}},
			{"another's", eve, tintype.Page{Count: 10}, []tintype.Activity{row(3, bob, 10)}},
			{"what I do does not happen to me", bob, tintype.Page{Count: 10}, nil},
		} {
			got, err := s.Activity(ctx, c.user, c.page)
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%s: %v\n%s", c.name, err, diff)
			}
		}
		seen := func(max tintype.ID, want int) {
			t.Helper()
			if err := s.Seen(ctx, me, max); err != nil {
				t.Fatal(err)
			}
			if n, err := s.Unread(ctx, me, 100); err != nil || n != want {
				t.Errorf("%d unread, %v; want %d", n, err, want)
			}
		}
		if n, err := s.Unread(ctx, me, 2); err != nil || n != 2 {
			t.Errorf("%d unread, %v; counted up to 2", n, err)
		}
		seen(op(1)-1, 3)
		seen(op(3), 1) // in between: as far as there is something
		seen(op(1), 1) // never back
		seen(0, 0)
		if _, err := s.AddNotices(ctx, []job.Notice{notice(me, eve, 12, 6)}); err != nil {
			t.Fatal(err)
		}
		seen(op(1), 1)
		seen(1<<62, 0)
		if _, err := s.AddNotices(ctx, []job.Notice{notice(me, eve, 13, 7)}); err != nil {
			t.Fatal(err)
		}
		seen(op(1), 1) // having seen the future does not hide what is to come
	})
}
