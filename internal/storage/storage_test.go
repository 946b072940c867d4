package storage_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/localdisk"
	"github.com/tintype/tintype/internal/blob/s3"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/storage"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// Near its limit a site drops what can be made again, the oldest first, and no more than it must; at the limit it takes nothing in.
func TestBudget(t *testing.T) {
	t.Parallel()
	t.Run("a directory", func(t *testing.T) {
		t.Parallel()
		files, err := localdisk.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		budget(t, files)
	})
	t.Run("a bucket", func(t *testing.T) {
		t.Parallel()
		server := testserve.S3(t)
		files, err := s3.New(s3.Config{Endpoint: server.Endpoint(), Region: server.Region, Bucket: server.Bucket, Prefix: "site",
			AccessKey: server.AccessKey, SecretKey: server.SecretKey, PathStyle: true, Spool: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		budget(t, files)
	})
}

func budget(t *testing.T, files blob.Store) {
	ctx := t.Context()
	r := storetest.OpenSQLite(t, time.Now)
	now := time.Now()
	counts := sqlstore.Storage{R: r, Clock: func() time.Time { now = now.Add(time.Second); return now }}
	var limit int64
	s := storage.New(storage.Config{Counts: counts, Files: files, Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return now },
		Databases: func(context.Context) ([]storage.Database, error) {
			return []storage.Database{{Name: "main", Bytes: 1000}}, nil
		},
		Limit: func() int64 { return limit }})
	user := tintype.ID(5 << 10)
	if _, err := r.Home(user.Shard()).DB.WritePool().ExecContext(ctx, `INSERT INTO users (id, username, full_name, bio, website, avatar_key, private, state, media, follows, followers, created, last_seen, activity_seen)
		VALUES ($1, 'ann', '', '', '', '', 0, 0, 1, 0, 0, 0, 0, 0)`, user); err != nil {
		t.Fatal(err)
	}
	var posts []*tintype.Post
	for i := range 4 { // each has 2000 bytes of original, 1000 of JPEG, 500 of others
		p := &tintype.Post{ID: user + tintype.ID(i+1)<<22, UserID: user, Media: []tintype.Media{{Key: fmt.Sprint("k", i), OriginalKey: fmt.Sprint("o/", i), OriginalType: "image/jpeg", OriginalBytes: 2000, Made: 1000}}}
		posts = append(posts, p)
	}
	if err := (sqlstore.Bulk{R: r}).Posts(ctx, posts); err != nil {
		t.Fatal(err)
	}
	original := func(p *tintype.Post, bytes int) {
		t.Helper()
		if _, err := files.Put(ctx, p.Media[0].OriginalKey, strings.NewReader(strings.Repeat("x", bytes))); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range posts {
		bytes := 2000
		if i == 0 {
			bytes = 1990 // it is not whole
		}
		original(p, bytes)
		for _, name := range blob.Renditions(p.Media[0].Key) {
			text := "x"
			if slices.Contains(blob.Large(p.Media[0].Key), name) {
				text = strings.Repeat("x", 200)
			}
			if _, err := files.Put(ctx, name, strings.NewReader(text)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := counts.Restock(ctx, p.ID, p.Media[0].Key, func(s *tintype.Stored) { s.AVIF, s.WebP = 200, 300 }); err != nil {
			t.Fatal(err)
		}
	}
	const used = 1000 + 4*3500
	there := func(end string) (n int) {
		for info, err := range files.List(ctx, "r/") {
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(info.Key, end) {
				n++
			}
		}
		return n
	}
	for _, tt := range []struct {
		limit int64
		level storage.Level
		room  bool // for 100 more
		roomy bool
		left  int // pictures in more formats, after a sweep
	}{
		{0, storage.Plenty, true, true, 4},
		{used * 2, storage.Plenty, true, true, 4},
		{used * 100 / 75, storage.Plenty, true, true, 4},
		{used * 100 / 85, storage.High, true, true, 4},
		{16500, storage.Urgent, true, false, 2}, // down to 85 %, which is 14025
	} {
		limit = tt.limit
		now = now.Add(2 * time.Minute)
		u, err := s.Usage(ctx)
		if err != nil || u.Used != used || u.Level != tt.level {
			t.Errorf("of %d are used %d, which is %s (%v); want %d, %s", limit, u.Used, u.Level, err, used, tt.level)
		}
		if err := s.Room(ctx, 100); (err == nil) != tt.room {
			t.Errorf("of %d: room for more: %v", limit, err)
		}
		if got := s.Roomy(ctx); got != tt.roomy {
			t.Errorf("of %d: roomy is %v", limit, got)
		}
		if err := s.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if n := there("640.webp"); n != tt.left {
			t.Errorf("of %d: %d pictures are left in more formats, want %d", limit, n, tt.left)
		}
	}
	if f, err := files.Open(ctx, blob.RenditionIn("k3", "640", "avif")); err != nil {
		t.Errorf("not the oldest were dropped: %v", err)
	} else {
		f.Close()
	}
	if n := there("1080.jpg"); n != 4 {
		t.Errorf("%d large JPEGs are left while there was anything else to drop", n)
	}
	limit = 14100 // 100 above what is left
	now = now.Add(2 * time.Minute)
	for i := range 3 {
		if err := s.Room(ctx, 50); (err == nil) != (i < 2) || err != nil && !tintype.IsKind(err, tintype.Full) {
			t.Errorf("taking in 50 more, %d: %v", i, err)
		}
	}
	// What else there is besides JPEG goes, and then large JPEGs, 800 bytes of each picture, down to 85 %.
	for _, tt := range []struct {
		limit        int64
		large, extra int
	}{
		{13500, 2, 0},
		{13500, 2, 0},
		{9000, 1, 0}, // the first cannot be made again
		{9000, 1, 0},
		{9001, 0, 0},
		{9001, 0, 0}, // there is nothing left to drop
	} {
		if limit = tt.limit; limit == 9001 {
			original(posts[0], 2000)
		}
		now = now.Add(2 * time.Minute)
		if err := s.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if large, extra, square := there("1080.jpg"), there(".webp"), there("320s.jpg"); large != tt.large || extra != tt.extra || square != 4 {
			t.Errorf("of %d: %d large JPEGs, %d in other formats and %d squares are left, want %d, %d, 4", tt.limit, large, extra, square, tt.large, tt.extra)
		}
	}
	if u, err := s.Usage(ctx); err != nil || u.Used != used-4*500-4*800 {
		t.Errorf("when all is dropped, %d are used (%v)", u.Used, err)
	}
	mine, err := s.Mine(ctx, user)
	if err != nil || mine[tintype.StoredOriginals] != 8000 || mine[tintype.StoredAVIF] != 0 || mine[tintype.StoredJPEG] != 800 {
		t.Errorf("mine is %v, %v", mine, err)
	}
}
