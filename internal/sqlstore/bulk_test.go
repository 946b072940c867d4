package sqlstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestBulk(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		now := time.Now()
		b := sqlstore.Bulk{R: r, Recent: now.Add(-time.Hour)}
		if empty, err := b.Empty(ctx); err != nil || !empty {
			t.Fatalf("a fresh site: empty %v, %v", empty, err)
		}
		var ms []tintype.Member
		for i, name := range []string{"ann", "bob"} {
			id := tintype.MakeID(now.UnixMilli(), r.Pick(), uint16(i))
			ms = append(ms, tintype.Member{Skeleton: name, Seen: now,
				Account: tintype.Account{UserID: id, PasswordHash: "x", Admin: i == 0, Locale: "en", Created: now},
				User:    tintype.User{ID: id, Username: name, Counts: tintype.UserCounts{Media: int64(1 - i), Follows: int64(i), FollowedBy: int64(1 - i)}}})
		}
		ann, bob := ms[0].User.ID, ms[1].User.ID
		post := &tintype.Post{ID: tintype.MakeID(now.UnixMilli(), ann.Shard(), 9), UserID: ann, Caption: "hi #tag", Tags: []string{"tag"}, Likes: 1, Comments: 1,
			Media: []tintype.Media{{Key: "k", OriginalKey: "o/k", Width: 4, Height: 3}}}
		like := job.Edge{User: bob, Target: ann, Post: post.ID, Op: tintype.MakeID(now.UnixMilli(), bob.Shard(), 11)}
		comment := tintype.Comment{ID: tintype.MakeID(now.UnixMilli(), ann.Shard(), 12), PostID: post.ID, UserID: bob, Text: "oh"}
		for _, step := range []struct {
			what string
			err  error
		}{
			{"people", b.People(ctx, ms)},
			{"follows", b.Follows(ctx, []job.Edge{{User: bob, Target: ann, Op: tintype.MakeID(now.UnixMilli(), bob.Shard(), 13)}})},
			{"posts", b.Posts(ctx, []*tintype.Post{post})},
			{"reactions", b.Reactions(ctx, []job.Edge{like}, []tintype.Comment{comment}, map[tintype.ID]tintype.ID{post.ID: ann})},
		} {
			if step.err != nil {
				t.Fatalf("%s: %v", step.what, step.err)
			}
		}
		posts, err := sqlstore.Posts{R: r, Clock: time.Now}.Posts(ctx, []tintype.ID{post.ID})
		if err != nil || len(posts) != 1 || posts[0].Likes != 1 || len(posts[0].TopLikers) != 1 || len(posts[0].TopComments) != 1 || posts[0].Tags[0] != "tag" {
			t.Fatalf("the post reads back as %+v, %v", posts, err)
		}
		u, err := sqlstore.Profiles{R: r}.Profile(ctx, ann)
		if err != nil || u.Counts != ms[0].User.Counts {
			t.Fatalf("the profile reads back as %+v, %v", u, err)
		}
		if empty, err := b.Empty(ctx); err != nil || empty {
			t.Fatalf("a filled site: empty %v, %v", empty, err)
		}
	})
}
