package demo_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/demo"
	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/tintype"
)

// A loaded site must be as large as asked, be in order by the site's own
// check, and mint its next IDs above those that were loaded.
func TestLoadBulk(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			c := app.Config{Data: filepath.Join(t.TempDir(), "site"), Render: []string{"/usr/bin/env", "TINTYPE_DEMO_TEST_RENDER=1", self}}
			if engine == "postgres" {
				c.Backend = openPostgres(t)
			}
			a, err := app.Open(ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { a.Close() })
			o := demo.BulkOptions{Seed: 5, Now: time.Now(), Users: 300, Posts: 2000, Follows: 9000, Pictures: 2, Width: 160, Password: "demo-password-7", Shards: a.Shards(), PullAbove: 100}
			if engine == "sqlite" {
				o.Shards = o.Shards[:40]
			}
			files := demo.Files{Imaging: a.Images, Blobs: a.Blobs, SetAvatar: a.Account.SetAvatar}
			last := map[string][2]int{}
			sum, err := demo.LoadBulk(ctx, a.Bulk(o.Now), files, demo.AccountNames{Service: a.Account}, o, func(s string, done, total int) { last[s] = [2]int{done, total} })
			if err != nil {
				t.Fatal(err)
			}
			if sum.Users != o.Users || sum.Posts != o.Posts || sum.Follows != o.Follows || sum.Media < o.Posts || sum.Rows < 2*o.Follows+2*o.Posts+3*o.Users {
				t.Errorf("loaded %+v", sum)
			}
			if p := last["rows"]; p[0] != p[1] || p[1] == 0 {
				t.Errorf("progress ended at %v", p)
			}
			members, err := a.Members(ctx, 0, 1000)
			if err != nil || len(members) != o.Users {
				t.Fatalf("%d members, %v", len(members), err)
			}
			var media, follows, followed int64
			for _, m := range members {
				u, err := a.Graph.User(ctx, m.Account.UserID, m.Account.UserID)
				if err != nil {
					t.Fatal(err)
				}
				media, follows, followed = media+u.Counts.Media, follows+u.Counts.Follows, followed+u.Counts.FollowedBy
			}
			if media != int64(o.Posts) || follows != int64(o.Follows) || followed != int64(o.Follows) {
				t.Errorf("profiles count %d posts, %d follows, %d followers", media, follows, followed)
			}
			// What is made from posts is left to tintype rebuild.
			for _, what := range []string{"tags", "places", "words", "popular"} {
				if err := a.RebuildTimelines(ctx, what, func(float64) {}); err != nil {
					t.Fatal(err)
				}
			}
			res, err := a.Inspector().Run(ctx, inspect.Request{}, func(e inspect.Event) error {
				if e.Finding != nil {
					t.Errorf("%s: %s", e.Finding.Check, e.Finding.What)
				}
				return nil
			})
			if err != nil || res.Findings != 0 || res.Looked < int64(2*o.Follows) {
				t.Errorf("check: %+v, %v", res, err)
			}
			for _, s := range o.Shards {
				h := a.Backend.Router.Home(s)
				if err := h.Write(ctx, func(tx *sqlstore.Tx) error {
					id, err := tx.NextID(ctx, s)
					if err == nil && !id.Time().After(o.Now.Add(-time.Hour)) {
						t.Errorf("shard %d minted %v", s, id.Time())
					}
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			mara, err := a.Account.UserID(ctx, "mara.lind")
			if err != nil || mara == 0 {
				t.Fatal(mara, err)
			}
			feed, _, _, err := a.Feed.Home(ctx, mara, tintype.Page{Count: 20})
			if err != nil || len(feed) == 0 {
				t.Errorf("mara's feed has %d posts, %v", len(feed), err)
			}
			// As the jobs of those who sign up would have it.
			if found, err := a.Account.Search(ctx, "maar lidn", 10); err != nil || len(found) != 1 || found[0] != mara {
				t.Errorf("\"maar lidn\" finds %v, not %v, %v", found, mara, err)
			}
			if _, err := demo.LoadBulk(ctx, a.Bulk(o.Now), files, demo.AccountNames{Service: a.Account}, o, func(string, int, int) {}); !tintype.IsKind(err, tintype.Conflict) {
				t.Errorf("a second load gave %v, want Conflict", err)
			}
		})
	}
}

func openPostgres(t *testing.T) *app.Backend {
	t.Helper()
	shards := shard.Spread(4, 1)[0]
	pg, err := postgres.Open(context.Background(), postgres.Options{DSN: testpg.Start(t), Name: "pg", Shards: shards, Directory: true, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return &app.Backend{
		Router:  shard.New(pg.DB, shard.Range{DB: pg.DB, Shards: shards}),
		AddJobs: func(r *runner.Runner) error { return runner.Add(r, pg.DB.Name, pg.JobDriver()) },
		Close:   pg.Close,
	}
}
