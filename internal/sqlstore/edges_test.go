package sqlstore_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// takenJob is a job row that a test took off the table.
type takenJob struct {
	kind  string
	items []json.RawMessage
}

// takeJobs takes all jobs off the tables of all databases, oldest first.
func takeJobs(t rapid.TB, r *shard.Router) []takenJob {
	t.Helper()
	var out []takenJob
	for _, db := range r.Databases() {
		table, args := "river_job", "json(args)"
		if db.Dialect.Name == "postgres" {
			table, args = "public.river_job", "args::text"
		}
		rows, err := db.WritePool().Query("DELETE FROM " + table + " RETURNING id, kind, " + args)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id int64
			var kind, text string
			var a job.Args
			if err := rows.Scan(&id, &kind, &text); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatal(err)
			}
			out = append(out, takenJob{kind, a.Items})
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return out
}

// itemsOf gives the items of one kind.
func itemsOf[T any](t rapid.TB, jobs []takenJob, kind job.Kind) []T {
	t.Helper()
	var out []T
	for _, j := range jobs {
		if j.kind != kind.Name {
			continue
		}
		for _, raw := range j.items {
			var v T
			if err := json.Unmarshal(raw, &v); err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
	}
	return out
}

// rows reads what a test asks, as text, one line per row, sorted.
func rows(t rapid.TB, h sqlstore.Home, sql string, columns int, args ...any) []string {
	t.Helper()
	var out []string
	// A new statement each time: a DB remembers prepared ones by address, which is what costs here.
	if err := h.Query(context.Background(), &sqlstore.Stmt{Name: "test.rows", SQL: sql}, func(scan sqlstore.Scan) error {
		values, dest := make([]int64, columns), make([]any, columns)
		for i := range values {
			dest[i] = &values[i]
		}
		err := scan(dest...)
		out = append(out, strings.Trim(fmt.Sprint(values), "[]"))
		return err
	}, args...); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func addUser(t rapid.TB, r *shard.Router, s tintype.Shard, name string, private bool) tintype.ID {
	t.Helper()
	ctx := context.Background()
	id, err := sqlstore.Profiles{R: r}.MintFor(ctx, tintype.MakeID(0, s, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := (sqlstore.Profiles{R: r}).InsertProfile(ctx, &tintype.User{ID: id, Username: name, Private: private}, time.Now()); err != nil {
		t.Fatal(err)
	}
	return id
}

var testSetPrivate = &sqlstore.Stmt{Name: "test.private", SQL: `UPDATE {s}users SET private = $1 WHERE id = $2`}

func setPrivate(t rapid.TB, r *shard.Router, user tintype.ID, private bool) {
	t.Helper()
	ctx := context.Background()
	if err := r.Home(user.Shard()).Write(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.Exec(ctx, testSetPrivate, private, user)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

var testPost = &sqlstore.Stmt{Name: "test.post", SQL: `
	INSERT INTO {s}posts (id, user_id, caption, tags, mentions, place_id, place_name, edited, likes, comments) VALUES ($1, $2, '', '', '', 0, '', 0, 0, 0)`}

// addPost writes a post without pictures.
func addPost(t rapid.TB, r *shard.Router, user tintype.ID) (id tintype.ID) {
	t.Helper()
	ctx := context.Background()
	if err := r.Home(user.Shard()).Write(ctx, func(tx *sqlstore.Tx) (err error) {
		if id, err = tx.NextID(ctx, user.Shard()); err == nil {
			_, err = tx.Exec(ctx, testPost, id, user)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

// site is a few users, and the jobs that are on their way.
type site struct {
	r       *shard.Router
	graph   sqlstore.Graph
	likes   sqlstore.Likes
	users   []tintype.ID
	posts   []tintype.ID
	pending []job.Edge
	going   []tintype.ID // users who went public, whose requests are to be approved
}

// collect adds what the last change enqueued to what is on its way.
func (s *site) collect(t rapid.TB) {
	s.pending = append(s.pending, itemsOf[job.Edge](t, takeJobs(t, s.r), job.EdgeKind)...)
}

// deliver applies edges as the job handlers do.
func (s *site) deliver(t rapid.TB, edges []job.Edge) {
	t.Helper()
	ctx := context.Background()
	var likes, graph []job.Edge
	for _, e := range edges {
		if e.Type == job.EdgeLike {
			likes = append(likes, e)
		} else {
			graph = append(graph, e)
		}
	}
	if len(graph) > 0 {
		if _, _, err := s.graph.ApplyEdges(ctx, graph); err != nil {
			t.Fatal(err)
		}
	}
	if len(likes) > 0 {
		if _, _, err := s.likes.ApplyLikes(ctx, likes); err != nil {
			t.Fatal(err)
		}
	}
	s.collect(t)
}

func (s *site) settle(t rapid.TB) {
	t.Helper()
	for range 50 {
		if len(s.pending) == 0 && len(s.going) == 0 {
			return
		}
		edges := s.pending
		s.pending = nil
		s.deliver(t, edges)
		for _, u := range s.going {
			if _, err := s.graph.ApproveAll(context.Background(), u, 100); err != nil {
				t.Fatal(err)
			}
		}
		s.going = nil
		s.collect(t)
	}
	t.Fatalf("after 50 rounds edges are still on their way: %+v", s.pending)
}

// check compares both sides of everything, the counters and the activity.
func (s *site) check(t rapid.TB) {
	t.Helper()
	type key struct{ a, b tintype.ID }
	side := func(table, a, b string) map[key]string {
		m := map[key]string{}
		for _, u := range s.users {
			for _, line := range rows(t, s.r.Home(u.Shard()), `SELECT `+a+`, `+b+`, op, state FROM {s}`+table+` WHERE user_id = $1`, 4, u) {
				var x, y, op tintype.ID
				var state int
				fmt.Sscan(line, &x, &y, &op, &state)
				m[key{x, y}] = fmt.Sprintf("state %d by %d", state, op)
			}
		}
		return m
	}
	follows, followers := side("follows", "user_id", "target_id"), side("followers", "follower_id", "user_id")
	blocks, blockedBy := side("blocks", "user_id", "target_id"), side("blocked_by", "other_id", "user_id")
	there := func(s string) bool { return strings.HasPrefix(s, "state 2") }
	for _, a := range s.users {
		var out, in int64
		for _, b := range s.users {
			k := key{a, b}
			if follows[k] != followers[k] {
				t.Errorf("%v follows %v: %q on the one side, %q on the other", a, b, follows[k], followers[k])
			}
			if blocks[k] != blockedBy[k] {
				t.Errorf("%v blocks %v: %q on the one side, %q on the other", a, b, blocks[k], blockedBy[k])
			}
			if there(blocks[k]) {
				for _, f := range []string{follows[k], follows[key{b, a}]} {
					if f != "" && !strings.HasPrefix(f, "state 0") {
						t.Errorf("%v blocks %v, and a follow between them is in %s", a, b, f)
					}
				}
			}
			if there(follows[k]) {
				out++
			}
			if there(follows[key{b, a}]) {
				in++
			}
		}
		home := s.r.Home(a.Shard())
		if got, want := rows(t, home, `SELECT follows, followers FROM {s}users WHERE id = $1`, 2, a), fmt.Sprint(out, in); got[0] != want {
			t.Errorf("the counters of %v are %s, the edges %s", a, got[0], want)
		}
		// What happened to a: who follows, who asks, who likes.
		happened := rows(t, home, `SELECT kind, actor_id, post_id FROM {s}activity WHERE user_id = $1 AND kind <> 5`, 3, a)
		want := rows(t, home, `SELECT 3, follower_id, 0 FROM {s}followers WHERE user_id = $1 AND state = 2
			UNION ALL SELECT 4, follower_id, 0 FROM {s}followers WHERE user_id = $1 AND state = 1
			UNION ALL SELECT 1, l.user_id, l.post_id FROM {s}posts p JOIN {s}likes l ON l.post_id = p.id AND l.state = 2 AND l.user_id <> p.user_id WHERE p.user_id = $1`, 3, a)
		if !slices.Equal(happened, want) {
			t.Errorf("the activity of %v is\n%v, want\n%v", a, happened, want)
		}
	}
	for _, p := range s.posts {
		home := s.r.Home(p.Shard())
		theirs := rows(t, home, `SELECT user_id, op, state FROM {s}likes WHERE post_id = $1`, 3, p)
		var mine []string
		n := 0
		for _, u := range s.users {
			for _, line := range rows(t, s.r.Home(u.Shard()), `SELECT user_id, op, state FROM {s}my_likes WHERE user_id = $1 AND post_id = $2`, 3, u, p) {
				mine = append(mine, line)
				if strings.HasSuffix(line, " 2") {
					n++
				}
			}
		}
		slices.Sort(mine)
		if !slices.Equal(theirs, mine) {
			t.Errorf("likes of %v: %v on the post's side, %v on the likers'", p, theirs, mine)
		}
		if got := rows(t, home, `SELECT likes FROM {s}posts WHERE id = $1`, 1, p); got[0] != fmt.Sprint(n) {
			t.Errorf("post %v counts %s likes of %d", p, got[0], n)
		}
	}
}

// TestEdgesConverge plays what four users do to each other, while the jobs
// that carry it come late, in any order, more than once and in batches; in the
// end both sides agree with each other, with the counters and with what was done last.
func TestEdgesConverge(t *testing.T) {
	// Each check is some hundred durable commits: fewer than usual, unless more are asked for.
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		f.Value.Set("30")
	}
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			takeJobs(t, r)
			s := &site{r: r, graph: sqlstore.Graph{R: r}, likes: sqlstore.Likes{R: r}}
			same := r.Pick()
			for i := range 4 {
				n++
				home := r.Pick()
				if i == 3 {
					home = same // sometimes two on one shard
				} else if i == 0 {
					same = home
				}
				s.users = append(s.users, addUser(t, r, home, fmt.Sprintf("user%d", n), rapid.Bool().Draw(t, "private")))
			}
			for _, u := range s.users[:2] {
				s.posts = append(s.posts, addPost(t, r, u))
			}
			takeJobs(t, r)
			type likeKey struct{ u, p tintype.ID }
			likes := map[likeKey]bool{}
			type last struct{ follower, followed string }
			said := map[[2]tintype.ID]last{}
			ctx := context.Background()
			for range rapid.IntRange(1, 20).Draw(t, "steps") {
				a := rapid.SampledFrom(s.users).Draw(t, "a")
				b := rapid.SampledFrom(slices.DeleteFunc(slices.Clone(s.users), func(u tintype.ID) bool { return u == a })).Draw(t, "b")
				p := rapid.SampledFrom(s.posts).Draw(t, "post")
				what := rapid.SampledFrom([]string{"like", "unlike", "follow", "follow", "ask", "unfollow", "block", "unblock", "approve", "remove",
					"private", "public", "deliver", "deliver", "deliver"}).Draw(t, "what")
				var err error
				switch what {
				case "like", "unlike":
					_, err = s.likes.Like(ctx, a, p, s.users[slices.Index(s.posts, p)], what == "like")
					likes[likeKey{a, p}] = what == "like"
				case "follow", "ask":
					state := tintype.EdgeThere
					if what == "ask" {
						state = tintype.EdgeRequested
					}
					if _, err = s.graph.Follow(ctx, a, b, state); tintype.IsKind(err, tintype.NotAllowed) {
						err = nil
					} else {
						said[[2]tintype.ID{a, b}] = last{"follow", said[[2]tintype.ID{a, b}].followed}
					}
				case "unfollow":
					_, err = s.graph.Unfollow(ctx, a, b)
					said[[2]tintype.ID{a, b}] = last{"unfollow", said[[2]tintype.ID{a, b}].followed}
				case "block", "unblock":
					_, err = s.graph.Block(ctx, a, b, what == "block")
				case "approve":
					_, err = s.graph.Answer(ctx, a, b, tintype.EdgeThere)
				case "remove":
					_, err = s.graph.Answer(ctx, a, b, tintype.EdgeGone)
				case "private", "public":
					setPrivate(t, r, a, what == "private")
					if what == "public" {
						s.going = append(s.going, a)
					}
				case "deliver":
					if len(s.pending) == 0 {
						break
					}
					order := rapid.Permutation(s.pending).Draw(t, "order")
					k := rapid.IntRange(1, len(order)).Draw(t, "count")
					s.pending = slices.Clone(order[k:])
					if rapid.Bool().Draw(t, "again") { // the worker died before it said that it was done
						s.pending = append(s.pending, order[0])
					}
					s.deliver(t, order[:k])
				}
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				s.collect(t)
			}
			s.settle(t)
			s.check(t)
			for k, on := range likes {
				liked, err := s.likes.Liked(ctx, k.u, []tintype.ID{k.p})
				if err != nil || (len(liked) == 1) != on {
					t.Errorf("%v likes %v: %v (%v), want %v", k.u, k.p, liked, err, on)
				}
			}
			for k, l := range said {
				ties, err := s.graph.Ties(ctx, k[0], k[1])
				if err != nil {
					t.Fatal(err)
				}
				if l.follower == "unfollow" && ties.Out != tintype.EdgeGone {
					t.Errorf("%v unfollowed %v, which is in state %d", k[0], k[1], ties.Out)
				}
			}
		})
	})
}

func TestGraph(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := &site{r: r, graph: sqlstore.Graph{R: r}, likes: sqlstore.Likes{R: r}}
		for i := range 5 {
			s.users = append(s.users, addUser(t, r, r.Pick(), fmt.Sprintf("user%d", i), i == 1))
		}
		me, private, public, other, fan := s.users[0], s.users[1], s.users[2], s.users[3], s.users[4]
		takeJobs(t, r)
		do := func(want bool) func(changed bool, err error) {
			return func(changed bool, err error) {
				t.Helper()
				if err != nil || changed != want {
					t.Fatalf("changed %v, %v; want %v", changed, err, want)
				}
				s.collect(t)
			}
		}
		ties := func(a, b tintype.ID, want tintype.Ties) {
			t.Helper()
			if got, err := s.graph.Ties(ctx, a, b); err != nil || got != want {
				t.Errorf("ties are %+v, %v; want %+v", got, err, want)
			}
		}
		relation := func(viewer, author tintype.ID, want tintype.Relation) {
			t.Helper()
			got, err := s.graph.Relations(ctx, viewer, []tintype.ID{other, author, author})
			if err != nil || got[1] != want || got[2] != want {
				t.Errorf("relations are %+v, %v; want %+v", got, err, want)
			}
		}

		// A follow that assumed wrongly is set right by the followed user's side.
		do(true)(s.graph.Follow(ctx, me, private, tintype.EdgeThere))
		do(false)(s.graph.Follow(ctx, me, private, tintype.EdgeThere))
		ties(me, private, tintype.Ties{Out: tintype.EdgeThere})
		relation(me, private, tintype.Relation{})
		s.settle(t)
		ties(me, private, tintype.Ties{Out: tintype.EdgeRequested})
		ties(private, me, tintype.Ties{In: tintype.EdgeRequested})
		relation(me, private, tintype.Relation{Requested: true})
		if users, ops, err := s.graph.Followers(ctx, private, tintype.EdgeRequested, tintype.Page{Count: 5}); err != nil || len(users) != 1 || users[0] != me || len(ops) != 1 {
			t.Errorf("requests: %v %v %v", users, ops, err)
		}
		if users, _, err := s.graph.Following(ctx, me, tintype.EdgeRequested, tintype.Page{Count: 5}); err != nil || len(users) != 1 || users[0] != private {
			t.Errorf("asked: %v %v", users, err)
		}
		do(false)(s.graph.Answer(ctx, private, other, tintype.EdgeThere)) // who has not asked cannot be approved
		do(true)(s.graph.Answer(ctx, private, me, tintype.EdgeThere))
		relation(me, private, tintype.Relation{Follows: true})
		s.settle(t)
		ties(me, private, tintype.Ties{Out: tintype.EdgeThere})
		s.check(t)
		if got := rows(t, r.Home(me.Shard()), `SELECT kind, actor_id FROM {s}activity WHERE user_id = $1`, 2, me); !slices.Equal(got, []string{fmt.Sprint(5, private)}) {
			t.Errorf("after an approval my activity is %v", got)
		}

		// Lists and their pages.
		for _, u := range []tintype.ID{private, public, other} {
			do(true)(s.graph.Follow(ctx, fan, u, tintype.EdgeThere))
		}
		do(true)(s.graph.Follow(ctx, me, public, tintype.EdgeThere))
		s.settle(t)
		var got []tintype.ID
		page := tintype.Page{Count: 1}
		for {
			users, ops, err := s.graph.Following(ctx, me, tintype.EdgeThere, page)
			if err != nil {
				t.Fatal(err)
			}
			if len(users) == 0 {
				break
			}
			got, page.Max = append(got, users...), ops[0]
		}
		if !slices.Equal(got, []tintype.ID{public, private}) {
			t.Errorf("I follow %v, want %v then %v", got, public, private)
		}
		if users, _, err := s.graph.Followers(ctx, public, tintype.EdgeThere, tintype.Page{Count: 5}); err != nil || !slices.Equal(users, []tintype.ID{me, fan}) {
			t.Errorf("followers: %v %v", users, err)
		}
		by, theirs, err := s.graph.FollowedBy(ctx, []tintype.ID{me, fan}, 10)
		var pairs [][2]tintype.ID
		for i := range theirs {
			pairs = append(pairs, [2]tintype.ID{by[i], theirs[i]})
		}
		want := [][2]tintype.ID{{me, private}, {me, public}, {fan, public}, {fan, other}}
		for _, list := range [][][2]tintype.ID{pairs, want} {
			slices.SortFunc(list, func(a, b [2]tintype.ID) int { return slices.Compare(a[:], b[:]) })
		}
		if err != nil || !slices.Equal(pairs, want) {
			t.Errorf("followed by us: %v, %v; want %v", pairs, err, want)
		}

		// Going public lets in who has asked.
		if approved, err := s.graph.ApproveAll(ctx, private, 10); err != nil || len(approved) != 0 {
			t.Errorf("a private user approved %v, %v", approved, err)
		}
		setPrivate(t, r, private, false)
		if approved, err := s.graph.ApproveAll(ctx, private, 10); err != nil || !slices.Equal(approved, []tintype.ID{fan}) {
			t.Errorf("going public approved %v, %v; want %v", approved, err, fan)
		}
		s.collect(t)
		s.settle(t)
		s.check(t)

		// Blocks.
		do(true)(s.graph.Block(ctx, private, me, true))
		do(false)(s.graph.Block(ctx, private, me, true))
		relation(me, private, tintype.Relation{BlockedBy: true})
		relation(private, me, tintype.Relation{Blocks: true})
		s.settle(t)
		ties(me, private, tintype.Ties{})
		ties(private, me, tintype.Ties{Blocks: true})
		for _, u := range []tintype.ID{me, private} {
			hidden, err := s.graph.Hidden(ctx, u)
			if err != nil || len(hidden) != 1 || hidden[0] == u {
				t.Errorf("hidden from %v: %v, %v", u, hidden, err)
			}
		}
		do(true)(s.graph.Follow(ctx, me, private, tintype.EdgeThere)) // a stale page; the other side refuses
		s.settle(t)
		ties(me, private, tintype.Ties{})
		if _, err := s.graph.Follow(ctx, private, me, tintype.EdgeThere); !tintype.IsKind(err, tintype.NotAllowed) {
			t.Errorf("following whom I block: %v, want NotAllowed", err)
		}
		do(true)(s.graph.Block(ctx, private, me, false))
		do(true)(s.graph.Unfollow(ctx, fan, other))
		do(false)(s.graph.Unfollow(ctx, fan, other))
		s.settle(t)
		s.check(t)

		// A follow of nobody comes back.
		nobody := tintype.MakeID(time.Now().UnixMilli(), other.Shard(), 1023)
		do(true)(s.graph.Follow(ctx, me, nobody, tintype.EdgeThere))
		s.settle(t)
		ties(me, nobody, tintype.Ties{})
		if _, err := s.graph.Follow(ctx, nobody, me, tintype.EdgeThere); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("nobody follows: %v, want NotFound", err)
		}

		// Tombstones are forgotten after a week, and nothing else is.
		before, err := s.graph.Hidden(ctx, me)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.graph.Sweep(ctx, time.Now().Add(8*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"follows", "followers", "blocks", "blocked_by"} {
			for _, h := range r.Homes() {
				if gone := rows(t, h, `SELECT user_id FROM {s}`+table+` WHERE state = 0`, 1); len(gone) != 0 {
					t.Errorf("%s still has tombstones: %v", table, gone)
				}
			}
		}
		if after, err := s.graph.Hidden(ctx, me); err != nil || !slices.Equal(before, after) {
			t.Errorf("hidden was %v, is %v, %v", before, after, err)
		}
		s.check(t)

		users, err := sqlstore.Users{R: r}.Users(ctx, append(s.users, nobody))
		if err != nil || len(users) != 5 {
			t.Errorf("%d users, %v", len(users), err)
		}
	})
}

func TestNewest(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		var want []tintype.ID
		for _, name := range []string{"first", "second", "third"} {
			want = append(want, newUser(t, r, name))
		}
		slices.Sort(want)
		slices.Reverse(want)
		if got, err := (sqlstore.Users{R: r}).Newest(t.Context(), 2); err != nil || !slices.Equal(got, want[:2]) {
			t.Errorf("the newest are %v, %v; want %v", got, err, want[:2])
		}
	})
}
