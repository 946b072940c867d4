package inspect_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/localdisk"
	"github.com/tintype/tintype/internal/inspect"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

const user = tintype.ID(5 << 10)
const post, upload = user + 1<<22, user + 2<<22

// site is a sound site of one user with one post, an upload and a profile picture.
type site struct {
	t     *testing.T
	r     *shard.Router
	files *localdisk.Store
	c     inspect.Config
	mends []tintype.Mended
}

func newSite(t *testing.T) *site {
	s := &site{t: t, r: storetest.OpenSQLite(t, time.Now)}
	var err error
	if s.files, err = localdisk.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	checks := sqlstore.Checks{R: s.r, Clock: time.Now}
	// The clock is two days ahead: every file is old enough to need a row.
	s.c = inspect.Config{Rows: checks, Refs: checks, Files: s.files, AvatarFiles: account.AvatarFiles, TempDir: t.TempDir(), Page: 2, Settle: time.Millisecond,
		Clock:   func() time.Time { return time.Now().Add(48 * time.Hour) },
		Changed: func(_ context.Context, m tintype.Mended) { s.mends = append(s.mends, m) }}
	s.exec(`INSERT INTO accounts (user_id, password_hash, admin, state, locale, created) VALUES ($1, '!', 1, 1, 'en', 0)`, user)
	s.exec(`INSERT INTO names (skeleton, username, user_id, state, claimed) VALUES ('ann', 'ann', $1, 1, 0)`, user)
	s.exec(`INSERT INTO users (id, username, full_name, bio, website, avatar_key, private, state, media, follows, followers, created, last_seen, activity_seen)
		VALUES ($1, 'ann', '', '', '', 'face', 0, 0, 1, 0, 0, 0, 0, 0)`, user)
	s.exec(`INSERT INTO posts (id, user_id, caption, tags, mentions, place_id, place_name, edited, likes, comments) VALUES ($1, $2, '', '', '', 0, '', 0, 0, 0)`, post, user)
	s.exec(`INSERT INTO media (post_id, position, key, original_key, original_type, original_bytes, original_sha256, width, height, blurhash, alt_text, filter)
		VALUES ($1, 0, 'pic', 'o/pic', 'image/jpeg', 4, $2, 1, 1, '', '', '')`, post, []byte{})
	s.exec(`INSERT INTO uploads (id, user_id, blob_key, sha256, bytes, type, width, height, info, created, post_id, media_key, claimed)
		VALUES ($1, $2, 'o/up', $3, 4, 'image/jpeg', 1, 1, '', $4, 0, '', 0)`, upload, user, []byte{}, time.Now())
	s.exec(`INSERT INTO storage_use (user_id, kind, bytes) VALUES ($1, 1, 4), ($1, 2, 4)`, user)
	if err := s.r.Home(user.Shard()).Advance(context.Background(), user.Shard(), time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	s.put("o/pic", "o/up", "u/up/preview.jpg", "r/pic/306s.jpg")
	s.put(blob.Renditions("pic")[:4]...)
	s.put(account.AvatarFiles(user, "face")...)
	return s
}

func (s *site) exec(text string, args ...any) {
	s.t.Helper()
	ctx := context.Background()
	if err := s.r.Directory().Write(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test", SQL: text}, args...)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) put(names ...string) {
	s.t.Helper()
	for _, n := range names {
		if _, err := s.files.Put(context.Background(), n, strings.NewReader("file")); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *site) drop(names ...string) {
	s.t.Helper()
	if err := s.files.Delete(context.Background(), names...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) run(req inspect.Request) ([]inspect.Finding, inspect.Summary) {
	s.t.Helper()
	var found []inspect.Finding
	var last inspect.Event
	sum, err := inspect.New(s.c).Run(context.Background(), req, func(e inspect.Event) error {
		if e.Finding != nil {
			found = append(found, *e.Finding)
		}
		if e.Looked < last.Looked || e.Done < last.Done || e.Part < last.Part {
			s.t.Errorf("progress goes backwards: %+v after %+v", e, last)
		}
		last = e
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if last.Done != last.Steps || last.Looked != sum.Looked || last.Part != 1 {
		s.t.Errorf("progress ends at %+v, the summary is %+v", last, sum)
	}
	if left, err := os.ReadDir(s.c.TempDir); err != nil || len(left) > 0 {
		s.t.Errorf("left behind: %v, %v", left, err)
	}
	return found, sum
}

func what(found []inspect.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.What)
	}
	slices.Sort(out)
	return out
}

func TestSoundSite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	found, sum := s.run(inspect.Request{})
	if len(found) > 0 || sum.Findings != 0 {
		t.Errorf("a sound site has findings: %q", what(found))
	}
}

// stored writes what there is of the picture's large JPEGs.
func (s *site) stored(large tintype.Large) {
	s.exec(`INSERT INTO stored (post_id, key, user_id, jpeg, avif, webp, large, made) VALUES ($1, 'pic', $2, 0, 0, 0, $3, 1)`, post, user, int(large))
}

func TestFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		damage func(s *site)
		want   []string
	}{
		{"an original lost", func(s *site) { s.drop("o/pic") }, []string{"picture 1 of post " + post.String() + ": its file o/pic is missing"}},
		{"an original cut short", func(s *site) { s.exec(`UPDATE media SET original_bytes = 9`) }, []string{"has 4 bytes and should have 9"}},
		{"a rendition lost", func(s *site) { s.drop("r/pic/640.jpg") }, []string{"its file r/pic/640.jpg is missing"}},
		{"large ones dropped for room", func(s *site) { s.stored(tintype.LargeGone); s.drop("r/pic/640.jpg", "r/pic/1080.jpg") }, nil},
		{"one of them made again", func(s *site) { s.stored(tintype.LargeSome); s.drop("r/pic/1080.jpg") }, nil},
		{"a square lost", func(s *site) { s.stored(tintype.LargeGone); s.drop("r/pic/320s.jpg") }, []string{"its file r/pic/320s.jpg is missing"}},
		{"one lost that was not dropped", func(s *site) { s.stored(tintype.LargeKept); s.drop("r/pic/640.jpg") }, []string{"its file r/pic/640.jpg is missing"}},
		{"a size made on demand may go", func(s *site) { s.drop("r/pic/306s.jpg") }, nil},
		{"an upload's bytes lost", func(s *site) { s.drop("o/up") }, []string{"its file o/up is missing"}},
		{"an upload whose bytes are still coming", func(s *site) { s.drop("o/up"); s.exec(`UPDATE uploads SET type = '', bytes = 0`) }, nil},
		{"a profile picture lost", func(s *site) { s.drop(account.AvatarFiles(user, "face")[0]) }, []string{"the profile picture of user " + user.String()}},
		{"files of nobody", func(s *site) { s.put("o/who", "r/who/640.jpg") }, []string{"no row names the file o/who (4 bytes", "no row names the file r/who/640.jpg"}},
		{"a young file of nobody", func(s *site) { s.put("o/who"); s.c.Clock = time.Now }, nil},
		{"a publication under way", func(s *site) { s.exec(`UPDATE uploads SET media_key = 'soon'`); s.put("r/soon/1080.jpg") }, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			test.damage(s)
			found, _ := s.run(inspect.Request{Only: []string{inspect.StepFiles}})
			got := what(found)
			ok := len(got) == len(test.want)
			for i := range min(len(got), len(test.want)) {
				ok = ok && strings.Contains(got[i], test.want[i])
			}
			if !ok {
				t.Errorf("found %q\nwant %q", got, test.want)
			}
			for _, f := range found {
				if f.Do == "" || f.Repaired {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

func TestRepair(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(`UPDATE users SET media = 5, followers = 1`)
	s.exec(`INSERT INTO timeline (kind, owner_id, id) VALUES (1, $1, 77)`, user)
	s.put("o/who")

	found, sum := s.run(inspect.Request{})
	if len(found) != 3 || sum.Repaired != 0 || len(s.mends) > 0 {
		t.Fatalf("checking alone: %q, %+v", what(found), sum)
	}
	if _, sum = s.run(inspect.Request{Repair: true}); sum.Findings != 3 || sum.Repaired != 2 {
		t.Errorf("repairing: %+v", sum)
	}
	if diff := cmp.Diff([]tintype.Mended{{Users: []tintype.ID{user}}, {Users: []tintype.ID{user}}}, s.mends); diff != "" {
		t.Errorf("caches are told (-want +got):\n%s", diff)
	}
	found, _ = s.run(inspect.Request{Repair: true, DeleteFiles: true})
	if len(found) != 1 || !found[0].Repaired {
		t.Errorf("a file stays: %+v", found)
	}
	if found, _ = s.run(inspect.Request{}); len(found) != 0 {
		t.Errorf("after the repair: %q", what(found))
	}
}

// TestJobsUnderWay has a job end while the check runs: what it explains is no finding.
func TestJobsUnderWay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(`UPDATE users SET media = 5`)
	undone := 3
	s.c.Undone = func(context.Context) (int, error) {
		if undone--; undone == 0 {
			s.exec(`UPDATE users SET media = 1`)
		}
		return max(undone, 0), nil
	}
	if found, sum := s.run(inspect.Request{}); len(found) != 0 || sum.Undone != 0 {
		t.Errorf("found %q, %+v", what(found), sum)
	}
	s.exec(`UPDATE users SET media = 5`)
	s.c.Undone = func(context.Context) (int, error) { return 2, nil }
	if found, sum := s.run(inspect.Request{Only: []string{"user_counts"}}); len(found) != 1 || sum.Undone != 2 {
		t.Errorf("found %q, %+v", what(found), sum)
	}
}

// TestAway has half of the shards on a database that is down.
func TestAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.put("o/who") // named by nobody, as far as one can see
	s.drop("r/pic/640.jpg")
	db := s.r.Directory().DB
	all := shard.All()
	away := shard.New(db, shard.Range{DB: db, Shards: all[:2048]}, shard.Range{DB: sqlstore.Down("db1", db.Dialect, "it is away"), Shards: all[2048:]})
	checks := sqlstore.Checks{R: away, Clock: time.Now}
	s.c.Rows, s.c.Refs = checks, checks
	found, sum := s.run(inspect.Request{Repair: true, DeleteFiles: true, MaxRate: 10_000})
	got := what(found)
	if len(got) != 2 || !strings.Contains(got[0], "db1 cannot be reached") || !strings.Contains(got[1], "its file r/pic/640.jpg is missing") || sum.Findings != 2 {
		t.Errorf("found %q", got)
	}
	if f, err := s.files.Open(context.Background(), "o/who"); err != nil {
		t.Errorf("a file that somebody who is away may name: %v", err)
	} else if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestUnknownStep(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := inspect.New(s.c).Run(context.Background(), inspect.Request{Only: []string{"likes", "luck"}}, func(inspect.Event) error { return nil })
	if !tintype.IsKind(err, tintype.Invalid) || !strings.Contains(err.Error(), `"luck"`) {
		t.Errorf("got %v", err)
	}
}

func TestNoRoomForMatching(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.c.TempDir = filepath.Join(t.TempDir(), "absent")
	if _, err := inspect.New(s.c).Run(context.Background(), inspect.Request{}, func(inspect.Event) error { return nil }); err == nil {
		t.Error("no error where nothing can be written")
	}
}
