package feed_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/cache/inproc"
	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/graph"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/redis"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// site is everything that a feed needs, the real parts, on SQLite files.
type site struct {
	t      testing.TB
	r      *shard.Router
	posts  sqlstore.Posts
	graph  *graph.Service
	post   *post.Service
	feed   *feed.Service
	hub    *live.Hub
	lists  *inproc.Cache[[]tintype.ID]
	forget func() // empties all caches, as a restart does
	config feed.Config
	lines  timeline.Store
	run    *runner.Runner
	seen   time.Time // when those who sign up next were last seen
	serial int
}

// open composes a site of n databases in dir. Its jobs run by themselves.
func open(t testing.TB, dir string, n int, tune func(*feed.Config)) *site {
	t.Helper()
	ctx := context.Background()
	s := &site{t: t, seen: time.Now()}
	var ranges []shard.Range
	for i, part := range shard.Spread(tintype.NumShards, n) {
		db, err := sqlite.Open(ctx, sqlite.Options{Path: filepath.Join(dir, fmt.Sprintf("%d.db", i)), Name: fmt.Sprintf("db%d", i), Clock: time.Now, Directory: i == 0})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		ranges = append(ranges, shard.Range{DB: db, Shards: part})
	}
	s.r = shard.New(ranges[0].DB, ranges...)
	s.posts = sqlstore.Posts{R: s.r, Clock: time.Now}
	s.hub = live.New(1000)
	s.lists = inproc.New[[]tintype.ID](100_000)
	users, relations := inproc.New[*tintype.User](100_000), inproc.New[tintype.Relation](100_000)
	edges := sqlstore.Graph{R: s.r}
	s.graph = graph.New(graph.Config{Users: sqlstore.Users{R: s.r}, Edges: edges, Lists: edges, UserCache: users, RelationCache: relations, IDCache: s.lists, Friends: sqlstore.Friends{R: s.r}})
	posts, liked := inproc.New[*tintype.Post](100_000), inproc.New[bool](100_000)
	s.forget = func() {
		users.Clear()
		relations.Clear()
		posts.Clear()
		liked.Clear()
		s.lists.Clear()
	}
	likes := sqlstore.Likes{R: s.r}
	s.post = post.New(post.Config{Clock: time.Now, People: s.graph, Posts: s.posts, Standing: s.posts, Eraser: s.posts, Comments: sqlstore.Comments{R: s.r, Clock: time.Now},
		Likes: likes, LikeEdges: likes, PostCache: posts, UserCache: users, LikedCache: liked, IDCache: s.lists})
	store := sqlstore.Feeds{R: s.r}
	c := feed.Config{Timeline: sqlstore.Timelines{R: s.r, Clock: time.Now, Kind: timeline.Home}, Posts: s.post, Graph: s.graph,
		Store: store, Friends: sqlstore.Friends{R: s.r}, Pulled: store, Presence: store, Queue: store, News: s.hub, Clock: time.Now, Lists: s.lists}
	if tune != nil {
		tune(&c)
	}
	s.config, s.lines = c, c.Timeline
	s.feed = feed.New(c)
	s.run = runner.New(runner.Config{Handlers: map[string]runner.Handler{
		job.EdgeKind.Name: runner.Items(func(ctx context.Context, items []job.Edge) error {
			return errors.Join(s.graph.ApplyEdges(ctx, items), s.post.ApplyEdges(ctx, items))
		}),
		job.DeliverKind.Name:   runner.Items(s.feed.Deliver),
		job.WithdrawKind.Name:  runner.Items(s.feed.Withdraw),
		job.BackfillKind.Name:  runner.Items(s.feed.BackfillEdges),
		job.PullKind.Name:      runner.Items(s.feed.Pull),
		job.EraseKind.Name:     runner.Items(s.post.Erase),
		job.MailKind.Name:      runner.Items(func(context.Context, []job.Mail) error { return nil }),
		job.IndexUserKind.Name: runner.Items(func(context.Context, []job.User) error { return nil }),
		job.PurgeKind.Name:     runner.Items(func(context.Context, []job.Purge) error { return nil }),
		job.NoticeKind.Name:    runner.Items(func(context.Context, []job.Notice) error { return nil }),
		job.PublishedKind.Name: runner.Items(func(context.Context, []job.Published) error { return nil }), // of no concern to feeds
		job.PhotoTagKind.Name:  runner.Items(func(context.Context, []job.PhotoTag) error { return nil }),
		job.WordKind.Name:      runner.Items(func(context.Context, []job.Wording) error { return nil }),
		job.FormatsKind.Name:   runner.Items(func(context.Context, []job.Formats) error { return nil }),
		job.ModerateKind.Name:  runner.Items(func(context.Context, []job.Moderation) error { return nil }),
		job.TagKind.Name:       runner.Items(func(context.Context, []job.Tagging) error { return nil }),
	}})
	for _, db := range s.r.Databases() {
		s.ok(runner.AddSQLite(s.run, db.Name, db))
	}
	s.ok(s.run.Start(ctx))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := errors.Join(s.run.Stop(ctx), s.feed.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	return s
}

// each runs f on a fresh site of one database, on one of three, and on one of
// three that keeps timelines in Redis.
func each(t *testing.T, tune func(*feed.Config), f func(t *testing.T, s *site)) {
	t.Parallel()
	for _, n := range []int{1, 3} {
		t.Run(fmt.Sprintf("%d databases", n), func(t *testing.T) {
			t.Parallel()
			f(t, open(t, t.TempDir(), n, tune))
		})
	}
	t.Run("3 databases and Redis", func(t *testing.T) {
		t.Parallel()
		lines, turns, _ := onRedis(t)
		f(t, open(t, t.TempDir(), 3, func(c *feed.Config) {
			if tune != nil {
				tune(c)
			}
			c.Timeline, c.Turns = lines, turns
		}))
	})
}

// onRedis gives timelines in two fresh Redis servers, and the servers.
func onRedis(t testing.TB) (redis.Timelines, redis.Turns, []*testserve.Server) {
	t.Helper()
	servers := []*testserve.Server{testserve.Redis(t), testserve.Redis(t)}
	pool, err := redis.Open(redis.Config{Servers: []string{"a=" + servers[0].Addr(), "b=" + servers[1].Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return redis.Timelines{P: pool, Kind: timeline.Home}, redis.Turns{P: pool}, servers
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// users signs up n users.
func (s *site) users(n int) []tintype.ID {
	s.t.Helper()
	var list []tintype.Member
	var ids []tintype.ID
	for range n {
		s.serial++
		id := tintype.MakeID(1_500_000_000_000+int64(s.serial), s.r.Pick(), 0)
		name := fmt.Sprint("user", s.serial)
		list = append(list, tintype.Member{Skeleton: name, Seen: s.seen, Account: tintype.Account{UserID: id, PasswordHash: "x", Locale: "en", Created: s.seen},
			User: tintype.User{ID: id, Username: name}})
		ids = append(ids, id)
	}
	s.ok((sqlstore.Bulk{R: s.r}).People(context.Background(), list))
	return ids
}

func (s *site) timeline() timeline.Store { return s.lines }

// follow makes each of users follow author.
func (s *site) follow(author tintype.ID, users ...tintype.ID) {
	s.t.Helper()
	for _, u := range users {
		s.ok(s.graph.Follow(context.Background(), u, author))
	}
	s.settle()
}

// publish makes a post without pictures to look at, and waits for nothing.
func (s *site) publish(author tintype.ID) tintype.ID {
	s.t.Helper()
	s.serial++
	p := &tintype.Post{UserID: author, Media: []tintype.Media{{Key: fmt.Sprint("k", s.serial), OriginalKey: fmt.Sprint("o", s.serial)}}}
	if _, err := s.posts.Publish(context.Background(), p, nil, make([][32]byte, 1), tintype.Once{}); err != nil {
		s.t.Fatal(err)
	}
	return p.ID
}

// settle waits until all jobs are done.
func (s *site) settle() {
	s.t.Helper()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		n, err := s.run.Undone(context.Background())
		s.ok(err)
		if n == 0 {
			break
		}
		if time.Now().After(end) {
			s.t.Fatalf("%d jobs are still undone", n)
		}
	}
	failed, err := s.run.Failed(context.Background())
	s.ok(err)
	for _, f := range failed {
		s.t.Fatalf("a job failed: %+v", f)
	}
}

// home reads viewer's whole feed in pages of count.
func (s *site) home(viewer tintype.ID, count int) []tintype.ID {
	s.t.Helper()
	var ids []tintype.ID
	for page := (tintype.Page{Count: count}); ; {
		posts, _, next, err := s.feed.Home(context.Background(), viewer, page)
		s.ok(err)
		for _, p := range posts {
			if page.Max != 0 && p.ID >= page.Max || len(ids) > 0 && p.ID >= ids[len(ids)-1] {
				s.t.Fatalf("post %v is out of order or came twice", p.ID)
			}
			ids = append(ids, p.ID)
		}
		if len(posts) > count || next != 0 && len(posts) == 0 {
			s.t.Fatalf("a page of %d (asked for %d), next %v", len(posts), count, next)
		}
		if next == 0 {
			return ids
		}
		page.Max = next
	}
}

// want checks viewer's feed; ids are given oldest first, as they were published.
func (s *site) want(viewer tintype.ID, ids ...tintype.ID) {
	s.t.Helper()
	want := slices.Clone(ids)
	slices.Sort(want)
	slices.Reverse(want)
	if got := s.home(viewer, 7); !slices.Equal(got, want) {
		s.t.Errorf("the feed of %v has %d posts %v, want %d %v", viewer, len(got), got, len(want), want)
	}
}
