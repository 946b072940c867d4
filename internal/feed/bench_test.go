package feed_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// town fills a site with users who each follow some others, and posts of theirs.
func (s *site) town(users, follows, posts int) []tintype.ID {
	s.t.Helper()
	ctx := context.Background()
	bulk := sqlstore.Bulk{R: s.r, Recent: time.Now()}
	u := s.users(users)
	rng := rand.New(rand.NewPCG(1, 2))
	op := int64(1_550_000_000_000)
	for part := range slices.Chunk(u, 500) {
		var edges []job.Edge
		for _, who := range part {
			for _, i := range rng.Perm(users)[:follows] {
				op++
				edges = append(edges, job.Edge{User: who, Target: u[i], Op: tintype.MakeID(op, who.Shard(), 0)})
			}
		}
		s.ok(bulk.Follows(ctx, slices.DeleteFunc(edges, func(e job.Edge) bool { return e.User == e.Target })))
	}
	var list []*tintype.Post
	for i := range posts {
		a := u[rng.IntN(users)]
		list = append(list, &tintype.Post{ID: tintype.MakeID(1_600_000_000_000+int64(i), a.Shard(), 0), UserID: a, Caption: "a caption of some length #with #tags",
			Media: []tintype.Media{{Key: fmt.Sprintf("%022d", i), OriginalKey: "originals/" + fmt.Sprintf("%022d", i), Width: 1080, Height: 720, Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}}})
	}
	for part := range slices.Chunk(list, 1000) {
		s.ok(bulk.Posts(ctx, part))
	}
	s.settle()
	return u
}

// BenchmarkHome reads a page of 20 of a feed that is cached, one that is built
// and not cached (as after a restart), and one that is not built.
func BenchmarkHome(b *testing.B) {
	s := open(b, b.TempDir(), 1, nil)
	u := s.town(1000, 50, 20_000)
	ctx := context.Background()
	read := func(viewer tintype.ID) {
		if posts, _, _, err := s.feed.Home(ctx, viewer, tintype.Page{Count: 20}); err != nil || len(posts) != 20 {
			b.Fatal(len(posts), err)
		}
	}
	for _, v := range u {
		read(v)
	}
	b.Run("warm", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(u[0])
		}
	})
	b.Run("warm, everybody", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			read(u[i%len(u)])
		}
	})
	b.Run("not cached", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			s.forget()
			b.StartTimer()
			read(u[i%len(u)])
		}
	})
	b.Run("not built", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			b.StopTimer()
			s.ok(s.timeline().Forget(ctx, u[i%len(u):i%len(u)+1]))
			s.forget()
			b.StartTimer()
			read(u[i%len(u)])
		}
	})
}

// BenchmarkLatency measures, for an author with 1,000 followers, of whom one
// watches, how long after the commit of a post the watcher is told of it and
// has it in the feed; and the same with 10,000 followers.
func BenchmarkLatency(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, b.TempDir(), 1, func(c *feed.Config) { c.PullAbove = 100_000 })
			ctx := context.Background()
			author := s.users(1)[0]
			var fans []tintype.ID
			for range n / 500 {
				fans = append(fans, s.users(500)...)
			}
			var edges []job.Edge
			var some []tintype.ID
			for i := range 60 {
				some = append(some, tintype.MakeID(1_590_000_000_000+int64(i), 7, 0))
			}
			for _, f := range fans {
				edges = append(edges, job.Edge{User: f, Target: author, Op: tintype.MakeID(1_550_000_000_000, f.Shard(), f.Seq())})
				s.ok(s.timeline().Replace(ctx, f, some))
			}
			s.ok((sqlstore.Bulk{R: s.r, Recent: time.Now()}).Follows(ctx, edges))
			s.settle()
			watcher := fans[n/2]
			ch, cancel, err := s.hub.Subscribe(watcher, "c")
			s.ok(err)
			defer cancel()
			var took []time.Duration
			for b.Loop() {
				b.StopTimer()
				s.settle()
				time.Sleep(20 * time.Millisecond)
				b.StartTimer()
				id := s.publish(author)
				begun := time.Now()
				if e := <-ch; e.Post != id {
					b.Fatal(e)
				}
				took = append(took, time.Since(begun))
				if posts, _, _, err := s.feed.Home(ctx, watcher, tintype.Page{Count: 1}); err != nil || len(posts) != 1 || posts[0].ID != id {
					b.Fatal(posts, err)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
