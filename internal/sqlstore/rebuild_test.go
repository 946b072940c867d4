package sqlstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestRebuildListing(t *testing.T) {
	t.Parallel()
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := newCheckedSite(t, r, 0)
		c := sqlstore.Checks{R: r, Clock: checkClock}
		seen := checkTime.Add(-time.Hour)
		s.at(s.cat, `UPDATE {s}users SET last_seen = $1 WHERE id = $2`, seen, s.cat)
		users, posts := map[tintype.ID]time.Time{}, map[tintype.ID]int{}
		for home := range c.UserHomes() {
			for after := tintype.ID(0); ; {
				page, err := c.UsersPage(ctx, home, after, 1)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				after = page[0].ID
				users[after] = page[0].At
			}
			page, err := c.PostsPage(ctx, home, 0, 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range page {
				posts[id] = home
			}
		}
		if diff := cmp.Diff(map[tintype.ID]time.Time{s.ann: {}, s.ben: {}, s.cat: seen, s.dan: {}}, users); diff != "" {
			t.Errorf("users (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[tintype.ID]int{s.post: c.HomeOf(s.cat)}, posts); diff != "" {
			t.Errorf("posts (-want +got):\n%s", diff)
		}
		if u, err := c.UserSeen(ctx, s.cat); err != nil || u.ID != s.cat || !u.At.Equal(seen) {
			t.Errorf("cat: %+v, %v", u, err)
		}
		if _, err := c.UserSeen(ctx, s.post); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("nobody: %v", err)
		}
		if mine, err := c.PostsPage(ctx, c.HomeOf(s.cat), s.cat, 0, 10); err != nil || len(mine) != 1 {
			t.Errorf("cat's posts: %v, %v", mine, err)
		}
		if none, err := c.PostsPage(ctx, c.HomeOf(s.cat), s.cat, s.post, 10); err != nil || len(none) != 0 {
			t.Errorf("cat's later posts: %v, %v", none, err)
		}

		p := sqlstore.Posts{R: r, Clock: checkClock}
		list, err := p.Posts(ctx, []tintype.ID{s.post})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		list[0].Tags = []string{"loom", "zoo"}
		if err := p.SetTags(ctx, list[0]); err != nil {
			t.Fatal(err)
		}
		edited := *list[0]
		edited.Edited, edited.Tags = checkTime, nil // somebody edited it since it was read
		if err := p.SetTags(ctx, &edited); err != nil {
			t.Fatal(err)
		}
		if list, err = p.Posts(ctx, []tintype.ID{s.post}); err != nil || !cmp.Equal(list[0].Tags, []string{"loom", "zoo"}) {
			t.Errorf("tags are %q, %v", list[0].Tags, err)
		}

		s.at(s.cat, `UPDATE {s}posts SET likes = 9 WHERE id = $1`, s.post)
		s.at(s.cat, `UPDATE {s}users SET media = 9 WHERE id = $1`, s.cat)
		for _, want := range []bool{true, false} {
			if changed, err := c.RecountPost(ctx, s.post); err != nil || changed != want {
				t.Errorf("recounting the post: %v, %v; want %v", changed, err, want)
			}
			if changed, err := c.RecountUser(ctx, s.cat); err != nil || changed != want {
				t.Errorf("recounting the user: %v, %v; want %v", changed, err, want)
			}
		}
	})
}
