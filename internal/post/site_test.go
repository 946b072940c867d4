package post_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/localdisk"
	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/cache/inproc"
	"github.com/tintype/tintype/internal/graph"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/imaging/render"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// childEnv makes the test binary a child of the imaging cage.
const childEnv = "TINTYPE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(render.Main(os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// pool runs real children.
func pool(t testing.TB) *imaging.Pool {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := imaging.New(imaging.Config{Command: []string{exe}, Env: []string{childEnv + "=1"}, Children: 2})
	t.Cleanup(func() { p.Close() })
	return p
}

// quick stands for the cage where pixels do not matter: it takes what begins
// like a JPEG and gives a few bytes for each size.
type quick struct {
	mu      sync.Mutex
	renders int
	refuse  error       // what Render gives instead
	during  func(n int) // called in the n-th Render
}

func (q *quick) Probe(_ context.Context, src io.Reader) (imaging.Info, error) {
	b, err := io.ReadAll(src)
	if err != nil {
		return imaging.Info{}, err
	}
	if !bytes.HasPrefix(b, []byte{0xff, 0xd8, 0xff}) {
		return imaging.Info{}, tintype.Errorf(tintype.UnsupportedMedia, "this is not a picture")
	}
	return imaging.Info{Type: "image/jpeg", Width: 1600, Height: 1200}, nil
}

func (q *quick) Render(ctx context.Context, src io.Reader, plan imaging.Plan, sink imaging.Sink) (imaging.Result, error) {
	q.mu.Lock()
	q.renders++
	n, refuse, during := q.renders, q.refuse, q.during
	q.mu.Unlock()
	if during != nil {
		during(n)
	}
	info, err := q.Probe(ctx, src)
	if err == nil {
		err = refuse
	}
	if err != nil {
		return imaging.Result{}, err
	}
	res := imaging.Result{Info: info, Blurhash: "L"}
	for _, s := range plan.Sizes {
		w, err := sink(s)
		if err != nil {
			return res, err
		}
		io.WriteString(w, "\xff\xd8\xff "+s)
		if err := w.Close(); err != nil {
			return res, err
		}
		res.Renditions = append(res.Renditions, imaging.Rendition{Name: s, Width: imaging.Width(s), Height: imaging.Width(s)})
	}
	return res, nil
}

// site is a whole site but for its edges, on one SQLite file and a directory.
type site struct {
	*post.Service
	config post.Config
	graph  *graph.Service
	r      *shard.Router
	blobs  *localdisk.Store
	users  *inproc.Cache[*tintype.User]
	posts  *inproc.Cache[*tintype.Post]

	mu      sync.Mutex
	now     time.Time // zero for the real time
	noticed []tintype.ID
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now.IsZero() {
		return time.Now()
	}
	return s.now
}

func newSite(t testing.TB, images post.Images) *site {
	t.Helper()
	s := &site{}
	s.r = storetest.OpenSQLite(t, s.clock)
	var err error
	if s.blobs, err = localdisk.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	users := inproc.New[*tintype.User](10_000)
	s.users, s.posts = users, inproc.New[*tintype.Post](10_000)
	lists := inproc.New[[]tintype.ID](10_000)
	noticed := func(u []tintype.ID) { s.mu.Lock(); s.noticed = append(s.noticed, u...); s.mu.Unlock() }
	s.graph = graph.New(graph.Config{
		Users: sqlstore.Users{R: s.r}, Names: sqlstore.Accounts{R: s.r}, Newest: sqlstore.Users{R: s.r},
		Friends: sqlstore.Friends{R: s.r}, Edges: sqlstore.Graph{R: s.r}, Lists: sqlstore.Graph{R: s.r},
		UserCache: users, RelationCache: inproc.New[tintype.Relation](10_000), IDCache: lists, OnActivity: noticed,
	})
	posts, uploads, likes := sqlstore.Posts{R: s.r, Clock: s.clock}, sqlstore.Uploads{R: s.r, Clock: s.clock}, sqlstore.Likes{R: s.r}
	s.config = post.Config{
		Clock: s.clock, Blobs: s.blobs, Images: images, People: s.graph, Names: sqlstore.Accounts{R: s.r},
		Posts: posts, Standing: posts, Maps: posts, Eraser: posts, Uploads: uploads, OldUploads: uploads,
		Comments: sqlstore.Comments{R: s.r, Clock: s.clock}, Likes: likes, LikeEdges: likes,
		PostCache: s.posts, UserCache: users, LikedCache: inproc.New[bool](10_000), IDCache: lists,
		MaxBytes: 1 << 20, OnActivity: noticed,
		Sweeps: []post.Sweeper{likes, sqlstore.Graph{R: s.r}, sqlstore.Idempotency{R: s.r, Clock: s.clock}},
	}
	s.Service = post.New(s.config)
	return s
}

// cached puts caches before the site.
func (s *site) cached(c post.Caches) {
	s.config.Caches, s.config.Queue = c, sqlstore.Feeds{R: s.r}
	s.Service = post.New(s.config)
}

// user signs somebody up.
func (s *site) user(t testing.TB, name string, private bool) tintype.ID {
	t.Helper()
	ctx := context.Background()
	p, a := sqlstore.Profiles{R: s.r}, sqlstore.Accounts{R: s.r}
	id, err := p.MintUser(ctx)
	if err != nil {
		t.Fatal(err)
	}
	now := s.clock()
	if err := a.Claim(ctx, tintype.NewAccount{UserID: id, Username: name, Skeleton: "~" + name, PasswordHash: "!", Locale: "en", At: now}); err != nil {
		t.Fatal(err)
	}
	if err := p.InsertProfile(ctx, &tintype.User{ID: id, Username: name, Private: private}, now); err != nil {
		t.Fatal(err)
	}
	if ok, err := a.Settle(ctx, tintype.Claim{UserID: id, Username: name, Skeleton: "~" + name, At: now}, name, now); err != nil || !ok {
		t.Fatal(ok, err)
	}
	return id
}

// work does the jobs that there are, and those that they make.
func (s *site) work(t testing.TB) {
	t.Helper()
	for range 20 {
		if !s.workOnce(t) {
			return
		}
	}
	t.Error("the jobs make jobs without end")
}

// workUntil works as long as stop is open.
func (s *site) workUntil(t testing.TB, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			if !s.workOnce(t) {
				time.Sleep(2 * time.Millisecond)
			}
		}
	}
}

// workOnce does the jobs that there are, as the runner does; false if there were none.
func (s *site) workOnce(t testing.TB) bool {
	t.Helper()
	ctx := context.Background()
	items := map[string][]json.RawMessage{}
	rows, err := s.r.Directory().DB.WritePool().Query("DELETE FROM river_job RETURNING kind, json(args)")
	if err != nil {
		t.Error(err)
		return false
	}
	defer rows.Close()
	for rows.Next() {
		var kind, text string
		var a job.Args
		err := rows.Scan(&kind, &text)
		if err == nil {
			err = json.Unmarshal([]byte(text), &a)
		}
		if err != nil {
			t.Error(err)
			return false
		}
		items[kind] = append(items[kind], a.Items...)
	}
	rows.Close() // it holds the one connection that the handlers need
	edges := decode[job.Edge](t, items[job.EdgeKind.Name])
	slices.Reverse(edges) // in no certain order
	for _, err := range []error{
		s.graph.ApplyEdges(ctx, edges),
		s.ApplyEdges(ctx, edges),
		s.graph.ApproveAll(ctx, decode[job.User](t, items[job.ApproveAllKind.Name])),
		s.Erase(ctx, decode[job.Erase](t, items[job.EraseKind.Name])),
		s.Purge(ctx, decode[job.Purge](t, items[job.PurgeKind.Name])),
		s.Uncache(ctx, decode[job.Uncache](t, items[job.UncacheKind.Name])),
		s.MakeFormats(ctx, decode[job.Formats](t, items[job.FormatsKind.Name])),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	return len(items) > 0
}

func decode[T any](t testing.TB, items []json.RawMessage) []T {
	t.Helper()
	out := make([]T, len(items))
	for i, raw := range items {
		if err := json.Unmarshal(raw, &out[i]); err != nil {
			t.Error(err)
		}
	}
	return out
}

// files lists the names of all files.
func (s *site) files(t testing.TB) []string {
	t.Helper()
	var names []string
	for info, err := range s.blobs.List(context.Background(), "") {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, info.Key)
	}
	slices.Sort(names)
	return names
}

func (s *site) upload(t testing.TB, user tintype.ID, data []byte) tintype.ID {
	t.Helper()
	u, err := s.Upload(context.Background(), user, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

func (s *site) publish(t testing.TB, user tintype.ID, d post.Draft) *tintype.Post {
	t.Helper()
	if d.Uploads == nil {
		d.Uploads = []tintype.ID{s.upload(t, user, tiny)}
	}
	p, _, err := s.Publish(context.Background(), user, d)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var tiny = []byte("\xff\xd8\xff\xe0 a picture")

// photo is a real JPEG.
func photo(t testing.TB, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), 99, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func wantKind(t testing.TB, what string, err error, kind tintype.Kind) {
	t.Helper()
	if !tintype.IsKind(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

func read(t testing.TB, f blob.File) []byte {
	t.Helper()
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var testPrivate = &sqlstore.Stmt{Name: "test.private", SQL: `UPDATE {s}users SET private = $1 WHERE id = $2`}

// setPrivate does what the account's settings do.
func (s *site) setPrivate(user tintype.ID, on bool) error {
	ctx := context.Background()
	err := s.r.Home(user.Shard()).Write(ctx, func(tx *sqlstore.Tx) error {
		if !on {
			tx.Enqueue(job.Insert{Kind: job.ApproveAllKind, Item: job.User{ID: user}})
		}
		_, err := tx.Exec(ctx, testPrivate, on, user)
		return err
	})
	if err != nil {
		return err
	}
	return s.users.Drop(ctx, cache.Key{Kind: cache.KindUser, A: user})
}
