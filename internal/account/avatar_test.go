package account

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/localdisk"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/imaging/render"
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

func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{R: uint8(x), G: uint8(y), B: 90, A: 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAvatar(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	pool := imaging.New(imaging.Config{Command: []string{exe}, Env: []string{childEnv + "=1"}, Children: 1})
	t.Cleanup(func() { pool.Close() })
	blobs, err := localdisk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	s := newSite(t, storetest.OpenSQLite(t, c.now), c, func(cfg *Config) { cfg.Renderer, cfg.Blobs = pool, blobs })
	ctx := context.Background()
	ann := s.signUp(t, "ann")
	stored := func() int {
		n := 0
		for _, err := range blobs.List(ctx, "") {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}

	u, err := s.SetAvatar(ctx, ann.ID, bytes.NewReader(picture(t, 640, 480)))
	if err != nil || !isRandomID(u.AvatarKey) {
		t.Fatalf("%+v, %v", u, err)
	}
	for _, size := range AvatarSizes() {
		f, err := s.OpenAvatar(ctx, ann.ID, u.AvatarKey, size)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.DecodeConfig(f)
		f.Close()
		if err != nil || m.Width != size || m.Height != size {
			t.Errorf("size %d is %d×%d, %v", size, m.Width, m.Height, err)
		}
	}
	for _, bad := range []struct {
		name, key string
		user      tintype.ID
		size      int
	}{
		{name: "other size", user: ann.ID, key: u.AvatarKey, size: 640},
		{name: "other user", user: ann.ID + 1, key: u.AvatarKey, size: 150},
		{name: "other key", user: ann.ID, key: strings.Repeat("A", 22), size: 150},
		{name: "path", user: ann.ID, key: "../../../../etc/passwd", size: 150},
		{name: "no key", user: ann.ID, size: 150},
	} {
		_, err := s.OpenAvatar(ctx, bad.user, bad.key, bad.size)
		if blame(err) != "not found" {
			t.Errorf("%s: %v", bad.name, err)
		}
	}

	// What is no picture changes nothing and leaves nothing.
	_, err = s.SetAvatar(ctx, ann.ID, strings.NewReader("<svg onload=alert(1)>"))
	want(t, err, "unsupported media")
	_, err = s.SetAvatar(ctx, ann.ID, bytes.NewReader(picture(t, 640, 480)[:500]))
	want(t, err, "unprocessable")
	_, err = s.SetAvatar(ctx, ann.ID+1, bytes.NewReader(picture(t, 64, 64)))
	want(t, err, "not found")
	if now, _ := s.c.Profiles.Profile(ctx, ann.ID); now.AvatarKey != u.AvatarKey || stored() != 2 {
		t.Errorf("%+v, %d files", now, stored())
	}

	next, err := s.SetAvatar(ctx, ann.ID, bytes.NewReader(picture(t, 200, 900)))
	if err != nil || next.AvatarKey == u.AvatarKey {
		t.Errorf("%+v, %v", next, err)
	}
	if none, err := s.RemoveAvatar(ctx, ann.ID); err != nil || none.AvatarKey != "" {
		t.Errorf("%+v, %v", none, err)
	}
	// The files that went are to be purged by jobs of the same transactions.
	var purges []string
	rows, err := s.router.Directory().DB.WritePool().QueryContext(ctx, "SELECT json(args) FROM river_job WHERE kind = 'purge' ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var args string
		if err := rows.Scan(&args); err != nil {
			t.Fatal(err)
		}
		purges = append(purges, args)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	keys := func(key string) string {
		return `{"items":[{"k":["` + strings.Join(AvatarFiles(ann.ID, key), `","`) + `"]}]}`
	}
	if d := cmp.Diff([]string{keys(u.AvatarKey), keys(next.AvatarKey)}, purges); d != "" {
		t.Error(d)
	}
}

// fullDisk is a store that takes one file and then no more.
type fullDisk struct {
	blob.Store
	left int
}

func (f *fullDisk) Put(ctx context.Context, key string, r io.Reader) (blob.Info, error) {
	if f.left--; f.left < 0 {
		return blob.Info{}, &tintype.Error{Kind: tintype.Full, Msg: "the site has no storage left", Err: errors.New("ENOSPC")}
	}
	return f.Store.Put(ctx, key, r)
}

func TestAvatarOnAFullDisk(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	pool := imaging.New(imaging.Config{Command: []string{exe}, Env: []string{childEnv + "=1"}, Children: 1})
	t.Cleanup(func() { pool.Close() })
	blobs, err := localdisk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	s := newSite(t, storetest.OpenSQLite(t, c.now), c, func(cfg *Config) { cfg.Renderer, cfg.Blobs = pool, &fullDisk{Store: blobs, left: 1} })
	ann := s.signUp(t, "ann")
	_, err = s.SetAvatar(context.Background(), ann.ID, bytes.NewReader(picture(t, 640, 480)))
	want(t, err, "full")
	for info := range blobs.List(context.Background(), "") {
		t.Errorf("left %s", info.Key)
	}
	if u, _ := s.c.Profiles.Profile(context.Background(), ann.ID); u.AvatarKey != "" {
		t.Errorf("%+v", u)
	}
}
