package activity_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/activity"
	"github.com/tintype/tintype/internal/cache/inproc"
	"github.com/tintype/tintype/internal/graph"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// site is what activity needs, the real parts, on one SQLite file. Its jobs do not run.
type site struct {
	t     *testing.T
	r     *shard.Router
	graph *graph.Service
	post  *post.Service
	hub   *live.Hub
	a     *activity.Service
	n     int

	config activity.Config
}

func open(t *testing.T) *site {
	s := &site{t: t, r: storetest.OpenSQLite(t, time.Now), hub: live.New(100)}
	lists, users := inproc.New[[]tintype.ID](1000), inproc.New[*tintype.User](1000)
	edges, likes := sqlstore.Graph{R: s.r}, sqlstore.Likes{R: s.r}
	posts := sqlstore.Posts{R: s.r, Clock: time.Now}
	s.graph = graph.New(graph.Config{Users: sqlstore.Users{R: s.r}, Edges: edges, Lists: edges, UserCache: users,
		RelationCache: inproc.New[tintype.Relation](1000), IDCache: lists})
	s.post = post.New(post.Config{Clock: time.Now, People: s.graph, Posts: posts, Standing: posts, Eraser: posts, Comments: sqlstore.Comments{R: s.r, Clock: time.Now},
		Likes: likes, LikeEdges: likes, PostCache: inproc.New[*tintype.Post](1000), UserCache: users, LikedCache: inproc.New[bool](1000), IDCache: lists})
	s.config = activity.Config{Store: sqlstore.Activities{R: s.r}, Posts: s.post, Comments: s.post, Graph: s.graph, News: s.hub}
	s.a = activity.New(s.config)
	t.Cleanup(s.a.Close)
	return s
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) user(private bool) tintype.ID {
	s.t.Helper()
	s.n++
	id := tintype.MakeID(1_500_000_000_000+int64(s.n), s.r.Pick(), 0)
	name := fmt.Sprint("user", s.n)
	s.ok((sqlstore.Bulk{R: s.r}).People(context.Background(), []tintype.Member{{Skeleton: name, Seen: time.Now(),
		Account: tintype.Account{UserID: id, PasswordHash: "x", Locale: "en", Created: time.Now()}, User: tintype.User{ID: id, Username: name, Private: private}}}))
	return id
}

func (s *site) publish(by tintype.ID) tintype.ID {
	s.t.Helper()
	s.n++
	p := &tintype.Post{UserID: by, Media: []tintype.Media{{Key: fmt.Sprint("k", s.n), OriginalKey: fmt.Sprint("o", s.n)}}}
	_, err := sqlstore.Posts{R: s.r, Clock: time.Now}.Publish(context.Background(), p, nil, make([][32]byte, 1), tintype.Once{})
	s.ok(err)
	return p.ID
}

func (s *site) op(user tintype.ID) tintype.ID {
	s.n++
	return tintype.MakeID(1_600_000_000_000+int64(s.n), user.Shard(), 0)
}

func (s *site) mention(who, by, post, comment tintype.ID) job.Notice {
	return job.Notice{User: who, Kind: tintype.ActivityMention, Actor: by, Post: post, Comment: comment, Op: s.op(by)}
}

// list walks user's activity in pages of count and gives the IDs.
func (s *site) list(user tintype.ID, count int) []tintype.ID {
	s.t.Helper()
	var ids []tintype.ID
	for page := (tintype.Page{Count: count}); ; {
		items, next, err := s.a.List(context.Background(), user, page)
		s.ok(err)
		for _, it := range items {
			ids = append(ids, it.ID)
		}
		if page.Max = next; next == 0 {
			return ids
		}
	}
}

// A mention reaches only who may see where it was made, and once.
func TestNotices(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ann, bob, eve, shy := s.user(false), s.user(false), s.user(false), s.user(true)
	public, private := s.publish(ann), s.publish(shy)
	s.ok(s.graph.Block(ctx, eve, ann))
	c, _, err := s.post.AddComment(ctx, bob, public, "look, ann", "")
	s.ok(err)
	gone, _, err := s.post.AddComment(ctx, bob, public, "oh, ann", "")
	s.ok(err)
	s.ok(s.post.DeleteComment(ctx, bob, public, gone.ID))

	good, comment := s.mention(bob, ann, public, 0), s.mention(eve, bob, public, c.ID)
	own := s.mention(shy, ann, public, 0)
	notices := []job.Notice{
		good, own,
		s.mention(bob, shy, private, 0),      // he does not follow shy
		s.mention(eve, ann, public, 0),       // she blocks ann
		comment,                              // on a post of one whom she blocks
		s.mention(ann, ann, public, 0),       // herself
		s.mention(bob, ann, private+1, 0),    // no such post
		s.mention(ann, bob, public, gone.ID), // deleted by now
		{User: ann, Kind: tintype.ActivityMention, Actor: bob, Post: public, Comment: c.ID, Op: c.ID},
	}
	for range 2 { // jobs come twice
		s.ok(s.a.Notices(ctx, notices))
	}
	for _, w := range []struct {
		name string
		user tintype.ID
		want []tintype.ID
	}{{"bob", bob, []tintype.ID{good.Op}}, {"eve", eve, nil}, {"shy", shy, []tintype.ID{own.Op}}, {"ann", ann, []tintype.ID{c.ID}}} {
		rows, err := sqlstore.Activities{R: s.r}.Activity(ctx, w.user, tintype.Page{Count: 10})
		s.ok(err)
		var mentions []tintype.ID
		for _, a := range rows {
			if a.Kind == tintype.ActivityMention || a.CommentID == c.ID {
				mentions = append(mentions, a.ID)
			}
		}
		if !slices.Equal(mentions, w.want) {
			t.Errorf("%s: %v, want %v", w.name, mentions, w.want)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	ann, bob, eve := s.user(false), s.user(false), s.user(false)
	kept, doomed := s.publish(bob), s.publish(bob)
	var fromBob []tintype.ID
	var notices []job.Notice
	for i := range 30 {
		post := []tintype.ID{kept, doomed}[i%2]
		n := job.Notice{User: ann, Kind: tintype.ActivityMention, Actor: bob, Post: post, Comment: tintype.ID(i + 1), Op: s.op(bob)}
		notices = append(notices, n, job.Notice{User: ann, Kind: tintype.ActivityMention, Actor: eve, Post: kept, Comment: tintype.ID(100 + i), Op: s.op(eve)})
		if post == kept {
			fromBob = append(fromBob, n.Op)
		}
	}
	_, err := sqlstore.Activities{R: s.r}.AddNotices(ctx, notices)
	s.ok(err)
	if n := len(s.list(ann, 7)); n != 60 {
		t.Errorf("%d items, want 60", n)
	}
	s.ok(s.graph.Block(ctx, ann, eve))
	s.ok(s.post.Delete(ctx, bob, doomed))
	slices.Reverse(fromBob)
	for _, count := range []int{1, 4, 15, 100} {
		if diff := cmp.Diff(fromBob, s.list(ann, count)); diff != "" {
			t.Errorf("pages of %d: what is hidden or gone is left out\n%s", count, diff)
		}
	}
}

func TestUnreadAndNews(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func(s *site)
	}{
		{"counted each time", func(*site) {}},
		{"counts kept", func(s *site) { s.again(func(c *activity.Config) { c.Counts = inproc.New[int64](100) }) }},
		{"told by another process", func(s *site) {
			counts := inproc.New[int64](100)
			web := s.a
			s.again(func(c *activity.Config) { c.Counts, web = counts, activity.New(*c) })
			s.t.Cleanup(web.Close)
			// The other one has no pages, and knows nobody who has.
			s.again(func(c *activity.Config) { c.Counts, c.News, c.Elsewhere = counts, live.New(1), web.HappenedHere })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			c.make(s)
			testUnreadAndNews(t, s)
		})
	}
}

// again makes the service anew, with a change.
func (s *site) again(change func(c *activity.Config)) {
	c := s.config
	change(&c)
	s.a = activity.New(c)
	s.t.Cleanup(s.a.Close)
}

func testUnreadAndNews(t *testing.T, s *site) {
	ctx := t.Context()
	ann, bob := s.user(false), s.user(false)
	p := s.publish(bob)
	events, cancel, err := s.hub.Subscribe(ann, "c")
	s.ok(err)
	defer cancel()
	expect := func(unread int) {
		t.Helper()
		for {
			select {
			case e := <-events:
				if e.Type != live.ActivityEvent {
					t.Fatalf("event %+v", e)
				}
				if e.Unread == unread {
					return // earlier ones may have been told on the way
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("no event tells of %d unread", unread)
			}
		}
	}
	var last tintype.ID
	for range 3 {
		n := s.mention(ann, bob, s.publish(bob), 0)
		s.ok(s.a.Notices(ctx, []job.Notice{n}))
		last = n.Op
	}
	expect(3)
	if n, err := s.a.Unread(ctx, ann); err != nil || n != 3 {
		t.Errorf("%d unread, %v", n, err)
	}
	s.ok(s.a.Seen(ctx, ann, last-1))
	expect(1)
	s.ok(s.a.Seen(ctx, ann, 0))
	expect(0)
	var many []job.Notice
	for i := range 120 {
		many = append(many, s.mention(ann, bob, p, tintype.ID(i+1)))
	}
	_, err = sqlstore.Activities{R: s.r}.AddNotices(ctx, many)
	s.ok(err)
	for range 50 {
		s.a.Happened([]tintype.ID{ann, bob})
	}
	expect(activity.MaxUnread)
	s.a.Close()
	s.a.Happened([]tintype.ID{ann}) // nobody is told any more, and nothing is left running
}
