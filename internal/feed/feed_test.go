package feed_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

func TestDelivery(t *testing.T) {
	// Pages of two followers: a post takes several jobs.
	each(t, func(c *feed.Config) { c.PageSize = 2 }, func(t *testing.T, s *site) {
		u := s.users(8)
		author, stranger := u[0], u[7]
		s.follow(author, u[1:7]...)
		for _, v := range u {
			s.want(v)
		}
		var posts []tintype.ID
		for range 10 {
			posts = append(posts, s.publish(author))
		}
		s.settle()
		for _, v := range u[:7] { // the author's own feed has them too
			s.want(v, posts...)
		}
		s.want(stranger)
		mine := s.publish(stranger)
		s.settle()
		s.want(stranger, mine)

		s.ok(s.post.Delete(t.Context(), author, posts[3]))
		s.settle()
		for _, v := range u[:7] {
			ids, built, err := s.timeline().Range(t.Context(), v, tintype.Page{Count: 100})
			if err != nil || !built || len(ids) != 9 || slices.Contains(ids, posts[3]) {
				t.Errorf("the timeline of %v holds %v (%v, %v); a deleted post is withdrawn", v, ids, built, err)
			}
			s.want(v, slices.Delete(slices.Clone(posts), 3, 4)...)
		}
	})
}

// Late, repeated and reordered jobs leave each post in each feed once, and a
// deleted one in none.
func TestRepeatsAndLateJobs(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		u := s.users(3)
		author, fan, other := u[0], u[1], u[2]
		s.follow(author, fan, other)
		s.want(fan)
		a, b := s.publish(author), s.publish(author)
		s.settle()
		again := []job.Fanout{{Post: b, Author: author}, {Post: a, Author: author}, {Post: b, Author: author}}
		s.ok(s.feed.Deliver(t.Context(), again))
		s.want(fan, a, b)
		s.ok(s.post.Delete(t.Context(), author, a))
		s.settle()
		s.ok(s.feed.Deliver(t.Context(), again)) // long after it was deleted
		s.want(fan, b)
		s.want(other, b)
		s.ok(s.feed.Withdraw(t.Context(), []job.Fanout{{Post: a, Author: author}}))
		s.want(fan, b)

		// A timeline that holds what it should not: the reader decides.
		s.ok(s.timeline().Merge(t.Context(), fan, []tintype.ID{a, a + 1}, false))
		s.ok(s.graph.Unfollow(t.Context(), fan, author))
		s.settle()
		s.ok(s.timeline().Merge(t.Context(), fan, []tintype.ID{b}, false))
		s.lists.Clear()
		s.want(fan)
		s.want(other, b)
	})
}

func TestFollowAndUnfollow(t *testing.T) {
	each(t, func(c *feed.Config) { c.Backfill = 3 }, func(t *testing.T, s *site) {
		u := s.users(3)
		ann, bob, fan := u[0], u[1], u[2]
		s.follow(ann, fan)
		s.want(fan) // it is built before there is anything
		var theirs, hers []tintype.ID
		for range 5 {
			theirs = append(theirs, s.publish(bob))
			hers = append(hers, s.publish(ann))
		}
		s.settle()
		s.want(fan, hers...)
		s.follow(bob, fan)
		s.want(fan, append(slices.Clone(hers), theirs[2:]...)...) // the newest three
		for range 2 {                                             // to and fro
			s.ok(s.graph.Unfollow(t.Context(), fan, bob))
			s.settle()
			s.want(fan, hers...)
			s.follow(bob, fan)
		}
		s.want(fan, append(slices.Clone(hers), theirs[2:]...)...)
		s.ok(s.graph.Block(t.Context(), bob, fan))
		s.settle()
		s.want(fan, hers...)
		// Jobs that were put off before all this change nothing: what counts is what is now.
		s.ok(s.feed.BackfillEdges(t.Context(), []job.Backfill{{User: fan, Author: bob}, {User: fan, Author: ann, Remove: true}, {User: fan, Author: bob}}))
		s.want(fan, hers...)
	})
}

// Whoever has no timeline gets one when they read, with what was published
// before, and misses nothing that is published meanwhile.
func TestBuild(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		u := s.users(4)
		a, b, fan, lone := u[0], u[1], u[2], u[3]
		s.follow(a, fan)
		s.follow(b, fan)
		var posts []tintype.ID
		for range 15 {
			posts = append(posts, s.publish(a), s.publish(b))
		}
		s.settle()
		if _, built, err := s.timeline().Range(t.Context(), fan, tintype.Page{Count: 1}); err != nil || built {
			t.Fatalf("built %v, %v: nobody has read it yet", built, err)
		}
		s.want(fan, posts...)
		s.want(lone)

		for range 5 {
			s.ok(s.timeline().Forget(t.Context(), []tintype.ID{fan}))
			s.lists.Clear()
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if _, _, _, err := s.feed.Home(context.Background(), fan, tintype.Page{Count: 20}); err != nil {
						t.Error(err)
					}
				})
			}
			posts = append(posts, s.publish(a), s.publish(b), s.publish(a))
			wg.Wait()
			s.settle()
			s.want(fan, posts...)
		}
	})
}

// Who has been away for long is passed over, and finds everything on return.
func TestAway(t *testing.T) {
	each(t, func(c *feed.Config) { c.Away = 24 * time.Hour }, func(t *testing.T, s *site) {
		u := s.users(2)
		author, fan := u[0], u[1]
		s.seen = time.Now().Add(-48 * time.Hour)
		gone, back := s.users(1)[0], s.users(1)[0]
		s.follow(author, fan, gone, back)
		first := s.publish(author)
		s.settle()
		s.want(fan, first)
		s.want(back, first)
		s.ok(s.timeline().Replace(t.Context(), gone, []tintype.ID{first}))
		s.ok(s.feed.Close(t.Context())) // writes who was seen
		s.ok(s.feed.Sweep(t.Context()))
		if _, inSQL := s.lines.(sqlstore.Timelines); !inSQL {
			return // there they go by themselves, and nobody is asked who is away
		}
		for _, c := range []struct {
			name  string
			user  tintype.ID
			built bool
		}{{"fan", fan, true}, {"gone", gone, false}, {"back", back, true}} {
			if _, built, err := s.timeline().Range(t.Context(), c.user, tintype.Page{Count: 1}); err != nil || built != c.built {
				t.Errorf("the timeline of %s: built %v, want %v (%v)", c.name, built, c.built, err)
			}
		}
		second := s.publish(author)
		s.settle()
		for _, v := range []tintype.ID{fan, gone, back} {
			s.want(v, first, second)
		}
	})
}

// Posts of the very followed are not fanned out, and read no differently.
func TestPulled(t *testing.T) {
	each(t, func(c *feed.Config) { c.PullAbove = 4 }, func(t *testing.T, s *site) {
		u := s.users(12)
		star, ann, fans := u[0], u[1], u[2:]
		s.follow(star, fans[:4]...)
		s.follow(ann, fans[0], fans[9])
		before := s.publish(star)
		s.settle()
		s.want(fans[0], before)
		s.follow(star, fans[4:9]...)
		var all, hers []tintype.ID
		for range 130 { // more than is cached of one author
			all = append(all, s.publish(star))
		}
		for range 3 {
			p := s.publish(ann)
			all, hers = append(all, p), append(hers, p)
			all = append(all, s.publish(star))
		}
		s.settle()
		if ids, _, err := s.timeline().Range(t.Context(), fans[1], tintype.Page{Count: 100}); err != nil || len(ids) > 1 {
			t.Errorf("a fan's timeline holds %d posts, %v; a pulled author's are not fanned out", len(ids), err)
		}
		all = append(all, before)
		s.want(fans[0], all...)
		s.want(fans[9], hers...)
		s.want(star, slices.DeleteFunc(slices.Clone(all), func(id tintype.ID) bool { return slices.Contains(hers, id) })...)

		s.ok(s.post.Delete(t.Context(), star, all[7]))
		s.settle()
		all = slices.Delete(all, 7, 8)
		s.want(fans[0], all...)

		s.ok(s.graph.Unfollow(t.Context(), fans[0], star))
		s.settle()
		s.want(fans[0], hers...)
		s.follow(star, fans[9])
		s.want(fans[9], all...)

		// Hardly anybody is left: the next post is fanned out again, and the newest before it are delivered late.
		for _, f := range fans[1:9] {
			s.ok(s.graph.Unfollow(t.Context(), f, star))
		}
		s.settle()
		last := s.publish(star)
		s.settle()
		got := s.home(fans[9], 50)
		if len(got) < 100 || got[0] != last {
			t.Errorf("%d posts in the feed, the newest %v; want the newest hundred from %v on", len(got), got[0], last)
		}
	})
}

func TestNews(t *testing.T) {
	each(t, func(c *feed.Config) { c.PullAbove = 3 }, func(t *testing.T, s *site) {
		u := s.users(7)
		author, fan, stranger := u[0], u[1], u[2]
		s.follow(author, fan)
		s.want(fan)
		open := func(user tintype.ID) <-chan live.Event {
			ch, cancel, err := s.hub.Subscribe(user, "c")
			s.ok(err)
			t.Cleanup(cancel)
			return ch
		}
		his, other := open(fan), open(stranger)
		expect := func() {
			t.Helper()
			id := s.publish(author)
			select {
			case e := <-his:
				if e.Type != live.FeedEvent || e.Post != id || e.User != author {
					t.Errorf("event %+v, want post %v", e, id)
				}
				if posts, _, _, err := s.feed.Home(t.Context(), fan, tintype.Page{Count: 1}); err != nil || len(posts) != 1 || posts[0].ID != id {
					t.Errorf("the feed at the event: %v, %v; the post must be in it", posts, err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("no event")
			}
		}
		expect()
		s.follow(author, u[3:]...)
		expect() // pulled by now
		s.settle()
		if len(other) > 0 {
			t.Errorf("a stranger was told %+v", <-other)
		}
	})
}

// A walk down the pages skips nothing and repeats nothing while posts come in
// and others are deleted.
func TestPagesWhileItMoves(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		u := s.users(2)
		author, fan := u[0], u[1]
		s.follow(author, fan)
		var posts []tintype.ID
		for range 150 { // beyond the cached head
			posts = append(posts, s.publish(author))
		}
		s.settle()
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range 100 {
				id := s.publish(author)
				if i%2 == 0 {
					if err := s.post.Delete(context.Background(), author, id); err != nil {
						t.Error(err)
					}
				}
			}
		})
		for range 5 {
			got := s.home(fan, 13) // it checks the order and that none comes twice
			for _, id := range posts {
				if !slices.Contains(got, id) {
					t.Fatalf("post %v was skipped", id)
				}
			}
		}
		wg.Wait()
	})
}

func TestPageBounds(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), 1, nil)
	author := s.users(1)[0]
	var ids []tintype.ID
	for range 120 {
		ids = append(ids, s.publish(author))
	}
	s.settle()
	slices.Reverse(ids)
	for _, c := range []struct {
		name string
		page tintype.Page
		want []tintype.ID
		next tintype.ID
	}{
		{"newest", tintype.Page{Count: 3}, ids[:3], ids[2]},
		{"no count is one", tintype.Page{}, ids[:1], ids[0]},
		{"at most 100", tintype.Page{Count: 500}, ids[:100], ids[99]},
		{"below", tintype.Page{Count: 2, Max: ids[4]}, ids[5:7], ids[6]},
		{"below one that is not there", tintype.Page{Count: 1, Max: ids[4] + 1}, ids[4:5], ids[4]},
		{"above", tintype.Page{Count: 10, Min: ids[3]}, ids[:3], 0},
		{"above, short", tintype.Page{Count: 2, Min: ids[3]}, ids[:2], ids[1]},
		{"between", tintype.Page{Count: 10, Max: ids[2], Min: ids[5]}, ids[3:5], 0},
		{"across the end of the head", tintype.Page{Count: 10, Max: ids[94]}, ids[95:105], ids[104]},
		{"the last", tintype.Page{Count: 5, Max: ids[114]}, ids[115:], 0},
		{"beyond the last", tintype.Page{Count: 5, Max: ids[119]}, nil, 0},
		{"above the newest", tintype.Page{Count: 5, Min: ids[0]}, nil, 0},
		{"bounds the wrong way round", tintype.Page{Count: 5, Max: ids[9], Min: ids[3]}, nil, 0},
	} {
		posts, _, next, err := s.feed.Home(t.Context(), author, c.page)
		s.ok(err)
		var got []tintype.ID
		for _, p := range posts {
			got = append(got, p.ID)
		}
		if !slices.Equal(got, c.want) || next != c.next {
			t.Errorf("%s: %d posts, next %v; want %d, next %v", c.name, len(got), next, len(c.want), c.next)
		}
	}
}

// TestShorter makes feeds shorter while the site runs, and long again.
func TestShorter(t *testing.T) {
	t.Parallel()
	var length atomic.Int64
	length.Store(1000)
	s := open(t, t.TempDir(), 1, func(c *feed.Config) {
		c.Tune = func() feed.Tuning {
			return feed.Tuning{Length: int(length.Load()), PullAbove: 10_000, PageSize: 10_000, Backfill: 100}
		}
	})
	users := s.users(2)
	reader, author := users[0], users[1]
	var posts []tintype.ID
	for range 190 {
		posts = append(posts, s.publish(author))
	}
	s.settle()
	s.want(author, posts...)
	for _, n := range []int{150, 100, 20, 185} {
		length.Store(int64(n))
		s.want(author, posts[len(posts)-n:]...)
		for _, count := range []int{50, 100} { // pages that end within the newest, and beyond
			if got := s.home(author, count); len(got) != n {
				t.Errorf("a feed of length %d has %d posts in pages of %d", n, len(got), count)
			}
		}
	}
	length.Store(1000)
	s.want(author, posts...)
	// A feed that is built while they are short stays short until it is built again.
	length.Store(30)
	s.follow(author, reader)
	s.want(reader, posts[len(posts)-30:]...)
	length.Store(1000)
	s.want(reader, posts[len(posts)-30:]...)
}
