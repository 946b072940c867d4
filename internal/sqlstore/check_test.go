package sqlstore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// checkedSite is a small sound site to be damaged: ann follows ben, who is
// private; both like and comment on cat's post; dan is blocked by ann.
type checkedSite struct {
	t                  *testing.T
	r                  *shard.Router
	ann, ben, cat, dan tintype.ID
	post               tintype.ID // cat's
	comment            tintype.ID // ben's
	more               func(*sqlstore.Checks)
}

var checkTime = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func checkClock() time.Time { return checkTime }

// newCheckedSite adds its people to whatever is there; n tells them apart.
func newCheckedSite(t *testing.T, r *shard.Router, n int) *checkedSite {
	s := &checkedSite{t: t, r: r}
	seq := uint16(30 * n)
	id := func(sh tintype.Shard) tintype.ID {
		seq++
		return tintype.MakeID(checkTime.Add(-time.Hour).UnixMilli()+int64(seq), sh, seq)
	}
	seen := map[tintype.Shard]bool{}
	user := func(name string, private bool) tintype.ID {
		sh := r.Pick()
		for seen[sh] {
			sh = r.Pick()
		}
		seen[sh] = true
		u := id(sh)
		if n > 0 {
			name += fmt.Sprint(n)
		}
		s.directory(`INSERT INTO {s}accounts (user_id, email, email_key, password_hash, admin, state, locale, created) VALUES ($1, NULL, NULL, '!', 0, 1, 'en', $2)`, u, checkTime)
		s.directory(`INSERT INTO {s}names (skeleton, username, user_id, state, claimed) VALUES ($1, $2, $3, 1, $4)`, name, name, u, checkTime)
		s.at(u, `INSERT INTO {s}users (id, username, full_name, bio, website, avatar_key, private, state, media, follows, followers, created, last_seen, activity_seen)
			VALUES ($1, $2, '', '', '', 'k', $3, 0, 0, 0, 0, 0, 0, 0)`, u, name, private)
		return u
	}
	s.ann, s.ben, s.cat, s.dan = user("ann", false), user("ben", true), user("cat", false), user("dan", false)
	s.post, s.comment = id(s.cat.Shard()), id(s.cat.Shard())
	s.at(s.cat, `INSERT INTO {s}posts (id, user_id, caption, tags, mentions, place_id, place_name, edited, likes, comments) VALUES ($1, $2, '', '', '', 0, '', 0, 2, 1)`, s.post, s.cat)
	s.at(s.cat, `UPDATE {s}users SET media = 1 WHERE id = $1`, s.cat)
	s.at(s.cat, `INSERT INTO {s}media (post_id, position, key, original_key, original_type, original_bytes, original_sha256, width, height, blurhash, alt_text, filter)
		VALUES ($1, 0, 'k0', 'o/k0', 'image/jpeg', 0, $2, 1, 1, '', '', '')`, s.post, []byte{})
	for _, u := range []tintype.ID{s.ann, s.ben} {
		op := id(u.Shard())
		s.at(u, `INSERT INTO {s}my_likes (user_id, post_id, op, state) VALUES ($1, $2, $3, 2)`, u, s.post, op)
		s.at(s.cat, `INSERT INTO {s}likes (post_id, user_id, op, state) VALUES ($1, $2, $3, 2)`, s.post, u, op)
	}
	s.at(s.cat, `INSERT INTO {s}comments (post_id, id, user_id, text) VALUES ($1, $2, $3, 'so')`, s.post, s.comment, s.ben)
	s.at(s.ben, `INSERT INTO {s}my_comments (user_id, id, post_id) VALUES ($1, $2, $3)`, s.ben, s.comment, s.post)
	s.at(s.cat, `INSERT INTO {s}activity (user_id, id, kind, actor_id, post_id, comment_id) VALUES ($1, $2, 2, $3, $4, $2)`, s.cat, s.comment, s.ben, s.post)
	s.edge("follows", "followers", s.ann, s.ben, id(s.ann.Shard()), 2)
	s.edge("follows", "followers", s.ann, s.cat, id(s.ann.Shard()), 2)
	s.edge("follows", "followers", s.cat, s.ben, id(s.cat.Shard()), 1)
	s.edge("follows", "followers", s.dan, s.cat, id(s.dan.Shard()), 0)
	s.edge("blocks", "blocked_by", s.ann, s.dan, id(s.ann.Shard()), 2)
	s.at(s.ann, `UPDATE {s}users SET follows = 2 WHERE id = $1`, s.ann)
	for _, u := range []tintype.ID{s.ben, s.cat} {
		s.at(u, `UPDATE {s}users SET followers = 1 WHERE id = $1`, u)
	}
	s.at(s.ann, `INSERT INTO {s}timeline (kind, owner_id, id) VALUES (1, $1, $2)`, s.ann, s.post)
	s.at(s.cat, `INSERT INTO {s}timeline (kind, owner_id, id) VALUES (1, $1, $2)`, s.cat, s.post)
	for _, u := range []tintype.ID{s.ann, s.ben, s.cat, s.dan} {
		if err := r.Home(u.Shard()).Advance(context.Background(), u.Shard(), checkTime.UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range []tintype.ID{s.ann, s.cat} {
		s.at(u, `INSERT INTO {s}timeline_state (kind, owner_id, built) VALUES (1, $1, $2)`, u, checkTime.Add(-2*time.Hour))
	}
	return s
}

func (s *checkedSite) exec(h sqlstore.Home, text string, args ...any) {
	s.t.Helper()
	if err := h.Write(context.Background(), func(tx *sqlstore.Tx) error {
		_, err := tx.Exec(context.Background(), &sqlstore.Stmt{Name: "test", SQL: text}, args...)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *checkedSite) at(u tintype.ID, text string, args ...any) {
	s.t.Helper()
	s.exec(s.r.Home(u.Shard()), text, args...)
}

func (s *checkedSite) directory(text string, args ...any) {
	s.t.Helper()
	s.exec(s.r.Directory(), text, args...)
}

func (s *checkedSite) edge(own, other string, a, b, op tintype.ID, state int) {
	column := map[string]string{"follows": "target_id", "followers": "follower_id", "blocks": "target_id", "blocked_by": "other_id"}
	s.at(a, `INSERT INTO {s}`+own+` (user_id, `+column[own]+`, op, state) VALUES ($1, $2, $3, $4)`, a, b, op, state)
	s.at(b, `INSERT INTO {s}`+other+` (user_id, `+column[other]+`, op, state) VALUES ($1, $2, $3, $4)`, b, a, op, state)
}

// check makes every check, a few rows at a time, and gives what was found.
func (s *checkedSite) check() []tintype.Finding {
	s.t.Helper()
	ctx := context.Background()
	c := s.checks()
	all, err := c.Integrity(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, step := range c.Steps() {
		name := step.Name
		for h := range step.Homes {
			after := tintype.BeforeAll
			for more := true; more; {
				p, err := c.Page(ctx, name, h, after, 7)
				if err != nil {
					s.t.Fatalf("%s: %v", name, err)
				}
				for _, f := range p.Findings {
					again, err := c.Recheck(ctx, f)
					if err != nil {
						s.t.Fatalf("%s: %v", name, err)
					}
					if diff := cmp.Diff([]tintype.Finding{f}, again); diff != "" {
						s.t.Errorf("rechecking (-first +again):\n%s", diff)
					}
				}
				all = append(all, p.Findings...)
				after, more = p.Last, p.More
			}
		}
	}
	return all
}

func (s *checkedSite) mend(findings []tintype.Finding) {
	s.t.Helper()
	for _, f := range findings {
		if _, err := s.checks().Mend(context.Background(), f); err != nil {
			s.t.Fatalf("mend %+v: %v", f, err)
		}
	}
}

func brief(findings []tintype.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Check+": "+f.What)
	}
	return out
}

func TestChecksFindAndMend(t *testing.T) {
	t.Parallel()
	const later = 1 << 22 // a millisecond, in IDs
	tests := []struct {
		name   string
		damage func(s *checkedSite)
		want   []string // check: part of the sentence
		verify func(s *checkedSite) (got, want string)
	}{
		{
			name: "counters",
			damage: func(s *checkedSite) {
				s.at(s.cat, `UPDATE {s}users SET followers = 7, media = 0 WHERE id = $1`, s.cat)
				s.at(s.cat, `UPDATE {s}posts SET likes = 0, comments = 9 WHERE id = $1`, s.post)
			},
			want: []string{"user_counts: counts 0 posts, 0 follows and 7 followers; there are 1, 0 and 1", "post_counts: counts 0 likes and 9 comments; there are 2 and 1"},
		},
		{
			name: "a clock that was set back after the sequence was lost",
			damage: func(s *checkedSite) {
				s.at(s.dan, `INSERT INTO {s}uploads (id, user_id, blob_key, sha256, bytes, type, width, height, info, created, post_id, media_key, claimed)
					VALUES ($1, $2, 'o/up', $3, 0, 'image/jpeg', 1, 1, '', $4, 0, '', 0)`, tintype.MakeID(checkTime.Add(time.Hour).UnixMilli(), s.dan.Shard(), 0), s.dan, []byte{}, checkTime)
			},
			want: []string{"ids: they would come twice"},
		},
		{
			name:   "a like that never reached its post",
			damage: func(s *checkedSite) { s.at(s.cat, `DELETE FROM {s}likes WHERE user_id = $1`, s.ann) },
			want:   []string{"my_likes: likes has no such row", "post_counts: there are 1 and 1"},
		},
		{
			name: "an unlike that never reached its post",
			damage: func(s *checkedSite) {
				s.at(s.ann, `UPDATE {s}my_likes SET state = 0, op = op + $1 WHERE user_id = $2`, later, s.ann)
			},
			want: []string{"my_likes: says gone"},
			verify: func(s *checkedSite) (string, string) {
				return s.number(s.cat, "posts WHERE likes = 1 AND user_id = "+s.cat.String()), "1"
			},
		},
		{
			name:   "a like that its author's side lost",
			damage: func(s *checkedSite) { s.at(s.ben, `DELETE FROM {s}my_likes WHERE user_id = $1`, s.ben) },
			want:   []string{"likes: my_likes has no such row"},
			verify: func(s *checkedSite) (string, string) {
				return s.number(s.ben, "my_likes WHERE state = 2 AND user_id = "+s.ben.String()), "1"
			},
		},
		{
			name:   "one change, two outcomes",
			damage: func(s *checkedSite) { s.at(s.cat, `UPDATE {s}likes SET state = 0 WHERE user_id = $1`, s.ann) },
			want:   []string{"my_likes: says there", "post_counts: there are 1 and 1"},
		},
		{
			name:   "a follow that the public one never heard of",
			damage: func(s *checkedSite) { s.at(s.cat, `DELETE FROM {s}followers WHERE user_id = $1`, s.cat) },
			want:   []string{"follows: followers has no such row", "user_counts: "},
		},
		{
			name: "a follow that the private one never heard of becomes a request",
			damage: func(s *checkedSite) {
				s.at(s.ben, `DELETE FROM {s}followers WHERE follower_id = $1 AND user_id = $2`, s.ann, s.ben)
			},
			want: []string{"follows: followers has no such row", "user_counts: "},
			verify: func(s *checkedSite) (string, string) {
				return s.number(s.ben, "followers WHERE state = 1 AND user_id = "+s.ben.String()), "2"
			},
		},
		{
			name: "an approval that never came back",
			damage: func(s *checkedSite) {
				s.at(s.ben, `UPDATE {s}followers SET state = 2, op = op + $1 WHERE follower_id = $2`, later, s.cat)
			},
			want: []string{"follows: says requested", "user_counts: "},
			verify: func(s *checkedSite) (string, string) {
				return s.number(s.cat, "users WHERE follows = 1 AND id = "+s.cat.String()), "1"
			},
		},
		{
			name:   "the followed one's side decides between two outcomes",
			damage: func(s *checkedSite) { s.at(s.ann, `UPDATE {s}follows SET state = 1 WHERE target_id = $1`, s.ben) },
			want:   []string{"follows: says requested", "user_counts: "},
			verify: func(s *checkedSite) (string, string) {
				return s.number(s.ann, "follows WHERE state = 2 AND user_id = "+s.ann.String()), "2"
			},
		},
		{
			name:   "a block that the other never heard of",
			damage: func(s *checkedSite) { s.at(s.dan, `DELETE FROM {s}blocked_by WHERE user_id = $1`, s.dan) },
			want:   []string{"blocks: blocked_by has no such row"},
		},
		{
			name:   "a lost block stays a block",
			damage: func(s *checkedSite) { s.at(s.ann, `DELETE FROM {s}blocks WHERE user_id = $1`, s.ann) },
			want:   []string{"blocked_by: blocks has no such row"},
			verify: func(s *checkedSite) (string, string) {
				return s.number(s.ann, "blocks WHERE state = 2 AND user_id = "+s.ann.String()), "1"
			},
		},
		{
			name:   "a block lifted on one side only stays",
			damage: func(s *checkedSite) { s.at(s.ann, `UPDATE {s}blocks SET state = 0 WHERE user_id = $1`, s.ann) },
			want:   []string{"blocks: says gone"},
			verify: func(s *checkedSite) (string, string) {
				return s.number(s.ann, "blocks WHERE state = 2 AND user_id = "+s.ann.String()), "1"
			},
		},
		{
			name:   "a block not known to be lifted",
			damage: func(s *checkedSite) { s.at(s.dan, `UPDATE {s}blocked_by SET state = 0 WHERE user_id = $1`, s.dan) },
			want:   []string{"blocks: says there"},
			verify: func(s *checkedSite) (string, string) {
				return s.number(s.dan, "blocked_by WHERE state = 2 AND user_id = "+s.dan.String()), "1"
			},
		},
		{
			name:   "a comment its author's side lost",
			damage: func(s *checkedSite) { s.at(s.ben, `DELETE FROM {s}my_comments WHERE user_id = $1`, s.ben) },
			want:   []string{"comments: is not noted with its author"},
		},
		{
			name:   "a note of no comment",
			damage: func(s *checkedSite) { s.at(s.cat, `DELETE FROM {s}comments WHERE post_id = $1`, s.post) },
			want:   []string{"my_comments: which is not there", "post_counts: "},
		},
		{
			name: "a post deleted by half",
			damage: func(s *checkedSite) {
				s.at(s.cat, `DELETE FROM {s}posts WHERE id = $1`, s.post)
			},
			want: []string{"media: which is not there", "likes: which is not there", "likes: which is not there", "comments: is on post",
				"activity: which is not there", "feeds: which is not there", "feeds: which is not there", "user_counts: "},
		},
		{
			name: "a feed with a stranger's post",
			damage: func(s *checkedSite) {
				s.at(s.dan, `INSERT INTO {s}timeline (kind, owner_id, id) VALUES (1, $1, $2)`, s.dan, s.post)
			},
			want: []string{"feeds: whom they do not follow"},
		},
		{
			name:   "a feed that lacks a post",
			damage: func(s *checkedSite) { s.at(s.ann, `DELETE FROM {s}timeline WHERE owner_id = $1`, s.ann) },
			want:   []string{"feeds: lacks 1 posts"},
			verify: func(s *checkedSite) (string, string) {
				return s.number(s.ann, "timeline WHERE owner_id = "+s.ann.String()), "1"
			},
		},
		{
			name: "a feed that lacks what is older than it, or merged in at reading",
			damage: func(s *checkedSite) {
				s.directory(`INSERT INTO {s}pulled (user_id, since) VALUES ($1, 0)`, s.cat)
				s.at(s.ann, `DELETE FROM {s}timeline WHERE owner_id = $1`, s.ann)
				s.edge("follows", "followers", s.ben, s.dan, s.dan+5000, 0)
				s.at(s.ben, `INSERT INTO {s}timeline_state (kind, owner_id, built) VALUES (1, $1, $2)`, s.ben, checkTime)
			},
		},
		{
			name: "a follow of nobody",
			damage: func(s *checkedSite) {
				nobody := s.cat + 512
				s.at(s.dan, `INSERT INTO {s}follows (user_id, target_id, op, state) VALUES ($1, $2, 5, 1)`, s.dan, nobody)
				s.at(nobody, `INSERT INTO {s}followers (user_id, follower_id, op, state) VALUES ($1, $2, 5, 1)`, nobody, s.dan)
				s.at(nobody, `INSERT INTO {s}activity (user_id, id, kind, actor_id, post_id, comment_id) VALUES ($1, 5, 4, $2, 0, 0)`, nobody, s.dan)
				s.at(nobody, `INSERT INTO {s}blocks (user_id, target_id, op, state) VALUES ($1, $2, 5, 2)`, nobody, s.dan)
				s.at(nobody, `INSERT INTO {s}blocked_by (user_id, other_id, op, state) VALUES ($1, $2, 5, 2)`, nobody, s.dan)
			},
			want: []string{"followers: which is not there", "blocks: which is not there", "blocked_by: which is not there", "activity: who is not there"},
		},
	}
	// One site for all, as each leaves it sound: a site in PostgreSQL is not made in no time.
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				s := newCheckedSite(t, r, i)
				if found := s.check(); len(found) != 0 {
					t.Fatalf("a sound site has findings: %q", brief(found))
				}
				test.damage(s)
				found := s.check()
				expectFindings(t, found, test.want)
				for _, f := range found {
					if !f.Mendable || f.Do != "" {
						t.Errorf("%s cannot be repaired", f.What)
					}
				}
				s.mend(found)
				// What is mended may take a second look: an orphan's other side, an answer on its way.
				s.mend(s.check())
				if left := s.check(); len(left) != 0 {
					t.Fatalf("after the repair there is still %q", brief(left))
				}
				if test.verify != nil {
					if got, want := test.verify(s); got != want {
						t.Errorf("after the repair there are %s, want %s", got, want)
					}
				}
			})
		}
	})
}

// number counts rows at u's home.
func (s *checkedSite) number(u tintype.ID, from string) string {
	s.t.Helper()
	var n int
	if _, err := s.r.Home(u.Shard()).QueryRow(context.Background(), &sqlstore.Stmt{Name: "test", SQL: "SELECT count(*) FROM {s}" + from}, []any{&n}); err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprint(n)
}

func expectFindings(t *testing.T, found []tintype.Finding, want []string) {
	t.Helper()
	ok := true
	left := append([]string(nil), want...)
next:
	for _, f := range found {
		for i, w := range left {
			check, part, _ := strings.Cut(strings.TrimPrefix(w, "?"), ": ")
			if f.Check == check && strings.Contains(f.What, part) {
				left = append(left[:i], left[i+1:]...)
				continue next
			}
		}
		ok = false
	}
	for _, w := range left {
		ok = ok && strings.HasPrefix(w, "?") // what only some cells can see
	}
	if !ok {
		t.Errorf("found %q\nwant %q", brief(found), want)
	}
}

func TestChecksTellWhatNeedsAPerson(t *testing.T) {
	t.Parallel()
	old := checkTime.Add(-30 * 24 * time.Hour)
	tests := []struct {
		name   string
		damage func(s *checkedSite)
		want   []string
	}{
		{"an account lost", func(s *checkedSite) { s.directory(`DELETE FROM {s}accounts WHERE user_id = $1`, s.ann) }, []string{"users: has no account", "names: belongs to account"}},
		{"a user lost", func(s *checkedSite) { s.at(s.dan, `DELETE FROM {s}users WHERE id = $1`, s.dan) }, []string{"accounts: has no user", "follows: belongs to", "blocked_by: belongs to"}},
		{"a name changed on one side", func(s *checkedSite) { s.at(s.ann, `UPDATE {s}users SET username = 'eve' WHERE id = $1`, s.ann) }, []string{`users: is named "eve"`}},
		{"a sign-up half done", func(s *checkedSite) {
			s.directory(`UPDATE {s}accounts SET state = 0, created = $1 WHERE user_id = $2`, old, s.ann)
			s.directory(`UPDATE {s}names SET state = 0, claimed = $1 WHERE user_id = $2`, old, s.ann)
		}, []string{"accounts: half done", "names: not settled", `users: says ""`}},
		{"a post without pictures", func(s *checkedSite) { s.at(s.cat, `DELETE FROM {s}media WHERE post_id = $1`, s.post) }, []string{"posts: has 0 pictures"}},
		{"a post by nobody", func(s *checkedSite) {
			s.at(s.cat, `UPDATE {s}posts SET user_id = $1 WHERE id = $2`, s.cat+512, s.post)
		}, []string{"posts: who is not there", "feeds: whom they do not follow", "feeds: whom they do not follow", "user_counts: "}},
		{"a post on another shard than its author's", func(s *checkedSite) {
			s.at(s.cat, `UPDATE {s}posts SET user_id = $1 WHERE id = $2`, s.dan, s.post)
		}, []string{"posts: but its author", "feeds: whom they do not follow", "feeds: whom they do not follow", "user_counts: ", "?user_counts: there are 1, 0 and 0"}},
		{"an upload forgotten, and a key", func(s *checkedSite) {
			s.at(s.ann, `INSERT INTO {s}uploads (id, user_id, blob_key, sha256, bytes, type, width, height, info, created, post_id, media_key, claimed)
				VALUES ($1, $2, 'o/u', $3, 0, 'image/jpeg', 1, 1, '', $4, 0, '', 0)`, s.ann+1, s.ann, []byte{}, old)
			s.at(s.ann, `INSERT INTO {s}idempotency (user_id, key_hash, request_hash, status, result, created) VALUES ($1, $2, $2, 200, '', $3)`, s.ann, []byte{1}, old)
		}, []string{"uploads: has been waiting", "idempotency: 1 keys"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
				s := newCheckedSite(t, r, 0)
				test.damage(s)
				found := s.check()
				expectFindings(t, found, test.want)
				for _, f := range found {
					if f.Mendable == (f.Do != "") {
						t.Errorf("%s: mendable is %v, and what to do is %q", f.What, f.Mendable, f.Do)
					}
				}
			})
		})
	}
}

func TestChecksOnTheWrongShard(t *testing.T) {
	t.Parallel()
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		if len(r.Homes()) < 2 {
			t.Skip("one home cannot be the wrong one")
		}
		s := newCheckedSite(t, r, 0)
		var wrong sqlstore.Home
		for _, h := range r.Homes() {
			if right := r.Home(s.ann.Shard()); h.DB != right.DB || h.Schema != right.Schema {
				wrong = h
			}
		}
		s.exec(wrong, `INSERT INTO {s}follows (user_id, target_id, op, state) VALUES ($1, 6, 5, 2)`, s.ann)
		expectFindings(t, s.check(), []string{"follows: not at home here"})
	})
}

// TestChecksLookAround takes a database away: what is elsewhere is checked, and
// what it says of those who are away is neither right nor wrong.
func TestChecksLookAround(t *testing.T) {
	t.Parallel()
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		dbs := r.Databases()
		if len(dbs) < 3 {
			t.Skip("there is nothing else to look at")
		}
		s := newCheckedSite(t, r, 0)
		at := r.Home(s.ben.Shard()).DB // whom both others follow
		for _, gone := range dbs[1:] {
			if gone != at {
				continue
			}
			down := sqlstore.Down(gone.Name, gone.Dialect, "it is away")
			var ranges []shard.Range
			for _, n := range r.Open() {
				db := r.Home(n).DB
				if db == gone {
					db = down
				}
				ranges = append(ranges, shard.Range{DB: db, Shards: []tintype.Shard{n}})
			}
			// One who is there is damaged, so that there is something to be found.
			var there, notThere tintype.ID
			for _, u := range []tintype.ID{s.ann, s.ben, s.cat} { // each has an edge with each other's
				if r.Home(u.Shard()).DB != gone {
					there = u
				} else {
					notThere = u
				}
			}
			if there == 0 || notThere == 0 {
				t.Skip("chance put all of them together")
			}
			s.at(there, `UPDATE {s}users SET followers = 77 WHERE id = $1`, there)
			c := sqlstore.Checks{R: shard.New(dbs[0], ranges...), Clock: checkClock}
			away := map[string]bool{}
			var found []tintype.Finding
			for _, step := range c.Steps() {
				for h, home := range step.Homes {
					p, err := c.Page(context.Background(), step.Name, h, tintype.BeforeAll, 1000)
					if home.Database == gone.Name {
						if !tintype.IsKind(err, tintype.Unavailable) {
							t.Errorf("%s of a database that is away: %v", step.Name, err)
						}
						continue
					}
					if err != nil {
						t.Errorf("%s of a database that is there: %v", step.Name, err)
					}
					for _, name := range p.Away {
						away[name] = true
					}
					found = append(found, p.Findings...)
				}
			}
			expectFindings(t, found, []string{"user_counts: and 77 followers"})
			if diff := cmp.Diff(map[string]bool{gone.Name: true}, away); diff != "" {
				t.Errorf("away (-want +got):\n%s", diff)
			}
			return // the next would find what was left here
		}
	})
}

func TestCheckUnknown(t *testing.T) {
	t.Parallel()
	c := sqlstore.Checks{R: storetest.OpenSQLite(t, checkClock), Clock: checkClock}
	if _, err := c.Page(context.Background(), "nonsense", 0, tintype.BeforeAll, 1); !tintype.IsKind(err, tintype.Invalid) {
		t.Errorf("an unknown check gives %v", err)
	}
	if _, err := c.Mend(context.Background(), tintype.Finding{Check: "users"}); !tintype.IsKind(err, tintype.Invalid) {
		t.Errorf("mending what cannot be mended gives %v", err)
	}
}

func TestCheckFileRefs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		s := newCheckedSite(t, r, 0)
		up := s.ann + 1
		s.at(s.ann, `INSERT INTO {s}uploads (id, user_id, blob_key, sha256, bytes, type, width, height, info, created, post_id, media_key, claimed)
			VALUES ($1, $2, 'o/u', $3, 0, '', 0, 0, '', $4, 0, 'mk', 0)`, up, s.ann, []byte{}, checkTime)
		c := sqlstore.Checks{R: r, Clock: checkClock}
		ctx := context.Background()
		got := map[string]tintype.FileRef{}
		avatars := 0
		for _, kind := range c.FileKinds() {
			for h := range r.Homes() {
				after := tintype.BeforeAll
				for {
					refs, err := c.FileRefs(ctx, kind, h, after, 1)
					if err != nil {
						t.Fatal(err)
					}
					if len(refs) == 0 {
						break
					}
					after = refs[0].Row()
					again, found, err := c.FileRef(ctx, refs[0])
					if err != nil || !found || again != refs[0] {
						t.Errorf("again: %+v, %v, %v; first %+v", again, found, err, refs[0])
					}
					if kind == sqlstore.FilesOfAvatars {
						avatars++
						continue
					}
					refs[0].Home = 0
					got[kind] = refs[0]
				}
			}
		}
		want := map[string]tintype.FileRef{
			"media":  {Kind: "media", Owner: s.post, Key: "k0", Original: "o/k0", Bytes: 0},
			"upload": {Kind: "upload", Owner: up, Key: "mk", Original: "o/u", Bytes: -1},
		}
		if diff := cmp.Diff(want, got); diff != "" || avatars != 4 {
			t.Errorf("%d avatars, and (-want +got):\n%s", avatars, diff)
		}
		if _, found, err := c.FileRef(ctx, tintype.FileRef{Kind: "media", Home: 0, Owner: 4}); found || err != nil {
			t.Errorf("a row that never was: %v, %v", found, err)
		}
	})
}
