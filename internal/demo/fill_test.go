package demo_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/demo"
	"github.com/tintype/tintype/internal/imaging/render"
	"github.com/tintype/tintype/internal/tintype"
)

func TestMain(m *testing.M) {
	if os.Getenv("TINTYPE_DEMO_TEST_RENDER") != "" {
		os.Exit(render.Main(os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// A filled site must be in order by the site's own check, with pictures that
// open, and the same seed must give the same people and captions.
func TestFill(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var captions [2][]string
	located := 0
	for round := range captions {
		a, err := app.Open(ctx, app.Config{Data: filepath.Join(t.TempDir(), "site"), Render: []string{"/usr/bin/env", "TINTYPE_DEMO_TEST_RENDER=1", self}})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		o := demo.Options{Seed: 3, Now: now, People: 7, Posts: 12, Pictures: 3, Active: 7, Width: 160, Password: "demo-password-7", Shards: a.Shards()}
		files := demo.Files{Imaging: a.Images, Blobs: a.Blobs, SetAvatar: a.Account.SetAvatar}
		stages := map[string]int{}
		sum, err := demo.Fill(ctx, a.Bulk(now.Add(-24*time.Hour)), files, demo.AccountNames{Service: a.Account}, a.Book, o, func(s string, done, _ int) { stages[s] = done })
		if err != nil {
			t.Fatal(err)
		}
		if sum.People != 7 || sum.Posts != 12 || sum.Pictures != 3 || stages["posts"] != 12 || stages["drawing pictures"] != 3 {
			t.Errorf("made %+v, told %v", sum, stages)
		}
		if _, err := demo.Fill(ctx, a.Bulk(now), files, demo.AccountNames{Service: a.Account}, a.Book, o, func(string, int, int) {}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("a second filling gave %v, want Conflict", err)
		}
		members, err := a.Members(ctx, 0, 10)
		if err != nil || len(members) != 7 {
			t.Fatalf("%d members, %v", len(members), err)
		}
		for _, m := range members {
			posts, _, err := a.Post.ByUser(ctx, m.User.ID, m.User.ID, tintype.Page{Count: 20})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range posts {
				captions[round] = append(captions[round], m.User.Username+": "+p.Caption)
				if l := p.Location; l != nil {
					located++
					if place, err := a.Book.Locate(ctx, &tintype.Location{ID: l.ID}); err != nil || l.ID == 0 || place.Name != l.Name {
						t.Errorf("a post was taken in %+v, which is no place: %v", l, err)
					}
				}
				f, err := a.Post.OpenMedia(ctx, m.User.ID, p.ID, p.Media[0].Key, "640")
				if err != nil {
					t.Fatalf("a picture of %s does not open: %v", m.User.Username, err)
				}
				if n, err := io.Copy(io.Discard, f); err != nil || n < 500 {
					t.Errorf("a picture has %d bytes, %v", n, err)
				}
				f.Close()
			}
		}
	}
	if located == 0 {
		t.Error("no post was taken anywhere")
	}
	if len(captions[0]) != 12 {
		t.Fatalf("%d posts found", len(captions[0]))
	}
	seen := map[string]bool{}
	for _, c := range captions[0] {
		seen[c] = true
	}
	for _, c := range captions[1] {
		if !seen[c] {
			t.Errorf("the second site has %q, the first has not", c)
		}
	}
}
