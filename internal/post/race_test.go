package post_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// TestRaces lets an owner go private, block or delete while another likes,
// comments, follows and looks, with the jobs running at the same time. In the
// end nobody sees what they must not, and everything that can be counted is counted right.
func TestRaces(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	ctx := context.Background()
	stop := make(chan struct{})
	var worker sync.WaitGroup
	worker.Go(func() { s.workUntil(t, stop) })
	type round struct {
		owner, fan tintype.ID
		post       *tintype.Post
		what       string
	}
	var rounds []round
	for i := range 60 {
		r := round{owner: s.user(t, fmt.Sprintf("owner%d", i), false), fan: s.user(t, fmt.Sprintf("fan%d", i), false),
			what: []string{"private", "block", "delete", "blocked"}[i%4]}
		r.post = s.publish(t, r.owner, post.Draft{})
		rounds = append(rounds, r)
		var wg sync.WaitGroup
		act := func(f func() error) {
			wait := time.Duration(rand.IntN(2000)) * time.Microsecond
			wg.Go(func() {
				time.Sleep(wait)
				switch err := f(); {
				case err == nil, tintype.IsKind(err, tintype.NotFound), tintype.IsKind(err, tintype.NotAllowed):
				default:
					t.Errorf("%s: %v", r.what, err)
				}
			})
		}
		act(func() error { return s.Like(ctx, r.fan, r.post.ID) })
		act(func() error { return s.Unlike(ctx, r.fan, r.post.ID) })
		act(func() error { return s.Like(ctx, r.owner, r.post.ID) })
		act(func() error { _, _, err := s.AddComment(ctx, r.fan, r.post.ID, "hi", ""); return err })
		act(func() error { return s.graph.Follow(ctx, r.fan, r.owner) })
		act(func() error {
			f, err := s.OpenMedia(ctx, r.fan, r.post.ID, r.post.Media[0].Key, imaging.Size306s)
			if err == nil {
				f.Close()
			}
			return err
		})
		act(func() error {
			switch r.what {
			case "private":
				return s.setPrivate(r.owner, true)
			case "block":
				return s.graph.Block(ctx, r.owner, r.fan)
			case "blocked":
				return s.graph.Block(ctx, r.fan, r.owner)
			}
			return s.Delete(ctx, r.owner, r.post.ID)
		})
		wg.Wait()
	}
	close(stop)
	worker.Wait()
	s.work(t)

	deleted := 0
	for _, r := range rounds {
		rels, err := s.graph.Relations(ctx, r.fan, []tintype.ID{r.owner})
		if err != nil {
			t.Fatal(err)
		}
		may := r.what == "private" && rels[0].Follows // followed before it was private
		p, err := s.Get(ctx, r.fan, r.post.ID)
		if (err == nil) != may {
			t.Errorf("%s: the other sees the post: %v, %v; want %v", r.what, p, err, may)
		}
		if f, err := s.OpenMedia(ctx, r.fan, r.post.ID, r.post.Media[0].Key, imaging.Size640); (err == nil) != may {
			t.Errorf("%s: the other sees the picture: %v; want %v", r.what, err, may)
		} else if err == nil {
			f.Close()
		}
		if (r.what == "block" || r.what == "blocked") && rels[0].Follows {
			t.Errorf("%s: a follow outlived the block", r.what)
		}
		if r.what == "delete" {
			deleted++
		}
	}
	// Five files of each post that is there: its original and four sizes; the 306 only where somebody was in time.
	files := slices.DeleteFunc(s.files(t), func(n string) bool { return slices.Contains([]string{"306s.jpg"}, n[max(0, len(n)-8):]) })
	if want := (len(rounds) - deleted) * 5; len(files) != want {
		t.Errorf("%d files, want %d", len(files), want)
	}
	checks := sqlstore.Checks{R: s.r, Clock: s.clock}
	for _, step := range checks.Steps() {
		for home := range step.Homes {
			page, err := checks.Page(ctx, step.Name, home, tintype.CheckKey{}, 10_000)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range page.Findings {
				t.Errorf("check %s: %s", step.Name, f.What)
			}
		}
	}
}

// A size that is asked for while the post and its original go is a size of a
// post that is not there, and no failure of the site.
func TestSizeOfVanishedPost(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	me := s.user(t, "me", false)
	p := s.publish(t, me, post.Draft{})
	ctx := t.Context()
	if _, err := s.Get(ctx, 0, p.ID); err != nil { // it is in the cache now, and stays there as if just looked up
		t.Fatal(err)
	}
	if err := (sqlstore.Posts{R: s.r, Clock: s.clock}).DeletePost(ctx, me, p.ID); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	_, err := s.OpenMedia(ctx, 0, p.ID, p.Media[0].Key, imaging.Size306s)
	wantKind(t, "a size of a post that is gone", err, tintype.NotFound)
	if files := s.files(t); len(files) != 0 {
		t.Errorf("files stay: %q", files)
	}
}
