package sqlstore_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// TestLeaving puts a user into every row of others that can name them, and has them leave.
func TestLeaving(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Leaving{R: r, Clock: time.Now}
		names := sqlstore.Accounts{R: r}
		me, other := addUser(t, r, r.Pick(), "me", false), addUser(t, r, r.Pick(), "other", false)
		claim := tintype.NewAccount{UserID: me, Username: "me", Skeleton: "me", Email: "me@example.org", EmailKey: "me@example.org", PasswordHash: "x", At: time.Now()}
		if err := names.Claim(ctx, claim); err != nil {
			t.Fatal(err)
		}
		if _, err := names.Settle(ctx, tintype.Claim{UserID: me, Username: "me", Skeleton: "me", At: claim.At}, "me", time.Now()); err != nil {
			t.Fatal(err)
		}
		takeJobs(t, r)

		// Away, back, and back no more.
		due := time.Now().Add(-time.Minute)
		if _, err := s.Leave(ctx, me, due); err != nil {
			t.Fatal(err)
		}
		if l, err := s.Leaver(ctx, me); err != nil || l == nil || l.Step != 0 {
			t.Errorf("%+v, %v", l, err)
		}
		for _, want := range []bool{true, false} {
			if ok, err := s.Return(ctx, me); err != nil || ok != want {
				t.Errorf("back: %v, %v", ok, err)
			}
		}
		if _, err := s.Leave(ctx, me, due); err != nil {
			t.Fatal(err)
		}
		if fresh, err := s.Due(ctx, due.Add(-time.Hour), 10); err != nil || !slices.Equal(fresh, []tintype.ID{me}) {
			t.Errorf("before their time: %v, %v", fresh, err)
		}
		if got := kinds(takeJobs(t, r)); got != "" {
			t.Errorf("before their time there are jobs: %s", got)
		}
		if _, err := s.Due(ctx, time.Now(), 10); err != nil {
			t.Fatal(err)
		}
		if got := kinds(takeJobs(t, r)); got != "leave×1" {
			t.Errorf("jobs %s", got)
		}
		if ok, err := s.Return(ctx, me); err != nil || ok {
			t.Errorf("back too late: %v, %v", ok, err)
		}
		for range 2 {
			if err := s.Advance(ctx, me, 1, 5, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		if got := kinds(takeJobs(t, r)); got != "leave×1" {
			t.Errorf("jobs of a step that was taken twice: %s", got)
		}

		post := addPost(t, r, other)
		h := r.Home(other.Shard())
		exec := func(sql string, args ...any) {
			t.Helper()
			if err := h.Write(ctx, func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test.leaving", SQL: sql}, args...)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		exec(`UPDATE {s}posts SET likes = 1, comments = 2, mentions = $1 WHERE id = $2`, fmt.Sprintf(`["%v","%v"]`, me, other), post)
		exec(`UPDATE {s}users SET follows = 1, followers = 1 WHERE id = $1`, other)
		exec(`INSERT INTO {s}likes (post_id, user_id, op, state) VALUES ($1, $2, 5, 2)`, post, me)
		exec(`INSERT INTO {s}comments (post_id, id, user_id, text, mentions) VALUES ($1, 7, $2, 'mine', NULL)`, post, me)
		exec(`INSERT INTO {s}comments (post_id, id, user_id, text, mentions) VALUES ($1, 8, $2, 'to me', $3)`, post, other, fmt.Sprintf(`["%v"]`, me))
		exec(`INSERT INTO {s}follows (user_id, target_id, op, state) VALUES ($1, $2, 5, 2)`, other, me)
		exec(`INSERT INTO {s}followers (user_id, follower_id, op, state) VALUES ($1, $2, 5, 2)`, other, me)
		exec(`INSERT INTO {s}blocks (user_id, target_id, op, state) VALUES ($1, $2, 5, 0)`, other, me)
		exec(`INSERT INTO {s}blocked_by (user_id, other_id, op, state) VALUES ($1, $2, 5, 0)`, other, me)
		exec(`INSERT INTO {s}activity (user_id, id, kind, actor_id, post_id, comment_id) VALUES ($1, 9, 1, $2, $3, 0)`, other, me, post)
		exec(`INSERT INTO {s}dismissals (user_id, other_id, at) VALUES ($1, $2, 5)`, other, me)
		exec(`INSERT INTO {s}tagged_posts (user_id, post_id, owner_id, state) VALUES ($1, 6, $2, 1)`, other, me)
		exec(`INSERT INTO {s}mutes (user_id, target_id, op, activity) VALUES ($1, $2, 5, 0)`, other, me)
		exec(`INSERT INTO {s}restricts (user_id, target_id, op) VALUES ($1, $2, 5)`, other, me)
		exec(`INSERT INTO {s}close_friends (user_id, friend_id, op) VALUES ($1, $2, 5)`, other, me)
		exec(`INSERT INTO {s}held_comments (post_id, id, user_id, author_id, text, mentions, why) VALUES ($1, 11, $2, $3, 'held', NULL, 1)`, post, other, me)
		exec(`INSERT INTO {s}media (post_id, position, key, original_key, original_type, original_bytes, original_sha256, width, height, blurhash, alt_text, filter, people)
			VALUES ($1, 0, 'k', 'o/k', '', 0, $2, 1, 1, '', '', '', $3)`, post, []byte{}, fmt.Sprintf(`[{"u":"%v","x":0.5,"y":0.5,"s":2}]`, me))

		homes := 0
		for last := false; !last; homes++ {
			for more := true; more; {
				var err error
				if _, more, last, err = s.DropTraces(ctx, me, homes); err != nil {
					t.Fatal(err)
				}
			}
		}
		posts, err := (sqlstore.Posts{R: r, Clock: time.Now}).Posts(ctx, []tintype.ID{post})
		if err != nil || len(posts) != 1 || posts[0].Likes != 0 || posts[0].Comments != 1 || !slices.Equal(posts[0].Mentions, []tintype.ID{other}) || len(posts[0].Media[0].People) != 0 {
			t.Errorf("the other's post is %+v, %v", posts, err)
		}
		users, err := (sqlstore.Users{R: r}).Users(ctx, []tintype.ID{other})
		if err != nil || users[0].Counts.Follows != 0 || users[0].Counts.FollowedBy != 0 {
			t.Errorf("the other is %+v, %v", users, err)
		}
		for _, table := range []string{"likes", "follows", "followers", "blocks", "blocked_by", "activity", "dismissals", "tagged_posts", "mutes", "restricts", "close_friends", "held_comments"} {
			if got := rows(t, h, `SELECT count(*) FROM {s}`+table, 1); got[0] != "0" {
				t.Errorf("%s rows of %s are left", got, table)
			}
		}

		if err := s.DropOwn(ctx, me, func(key string) []string { return []string{"avatars/" + key} }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DropEntries(ctx, me); err != nil {
			t.Fatal(err)
		}
		if l, err := s.Leaver(ctx, me); err != nil || l != nil {
			t.Errorf("it is not over: %+v, %v", l, err)
		}
		if a, err := names.Account(ctx, me); err != nil || a != nil {
			t.Errorf("the account is there: %+v, %v", a, err)
		}
		if taken, err := names.NameTaken(ctx, "me", other); err != nil || !taken {
			t.Errorf("the name is free at once: %v, %v", taken, err)
		}
		if id, err := names.UserID(ctx, "me"); err != nil || id != 0 {
			t.Errorf("the name is %v's, %v", id, err)
		}
		if _, err := s.Due(ctx, time.Now().Add(100*24*time.Hour), 10); err != nil {
			t.Fatal(err)
		}
		if taken, err := names.NameTaken(ctx, "me", other); err != nil || taken {
			t.Errorf("the name is kept for ever: %v, %v", taken, err)
		}
	})
}
