package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// What files take is counted as they come, are published, are made in more formats, and go; the check finds counters
// that are off, and mends them.
func TestStorage(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		uploads, posts := sqlstore.Uploads{R: r, Clock: time.Now}, sqlstore.Posts{R: r, Clock: time.Now}
		s := sqlstore.Storage{R: r, Clock: time.Now}
		checks := sqlstore.Checks{R: r, Clock: time.Now}
		me := addUser(t, r, r.Pick(), "me", false)
		type kinds = map[tintype.StoredKind]int64
		use := func(what string, want kinds) {
			t.Helper()
			for who, f := range map[string]func() (kinds, error){"me": func() (kinds, error) { return s.Use(ctx, me) }, "all": func() (kinds, error) { return s.Total(ctx) }} {
				got, err := f()
				if err != nil {
					t.Fatal(err)
				}
				for k, n := range got {
					if n == 0 {
						delete(got, k)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", what, who, diff)
				}
			}
		}
		upload := func(key string, bytes int64) tintype.ID {
			t.Helper()
			u := &tintype.Upload{UserID: me, BlobKey: "o/" + key}
			if err := uploads.BeginUpload(ctx, u); err != nil {
				t.Fatal(err)
			}
			u.Bytes, u.Type, u.Width, u.Height = bytes, "image/jpeg", 1, 1
			if err := uploads.FinishUpload(ctx, u); err != nil {
				t.Fatal(err)
			}
			return u.ID
		}
		use("nothing", kinds{})
		one, two := upload("one", 1000), upload("two", 500)
		use("uploads", kinds{tintype.StoredUploads: 1500})
		if err := uploads.DeleteUpload(ctx, me, two); err != nil {
			t.Fatal(err)
		}
		use("one upload was deleted", kinds{tintype.StoredUploads: 1000})
		if err := uploads.ClaimUploads(ctx, me, []tintype.ID{one}, []string{"k"}); err != nil {
			t.Fatal(err)
		}
		p := &tintype.Post{UserID: me, Media: []tintype.Media{{Key: "k", OriginalKey: "o/one", OriginalType: "image/jpeg", OriginalBytes: 1000, Made: 90}}}
		if _, err := posts.Publish(ctx, p, []tintype.ID{one}, [][32]byte{{1}}, tintype.Once{UserID: me}); err != nil {
			t.Fatal(err)
		}
		use("published", kinds{tintype.StoredOriginals: 1000, tintype.StoredJPEG: 90})
		if old, err := s.Oldest(ctx, 10); err != nil || len(old) != 0 {
			t.Errorf("to be dropped are %v, %v", old, err)
		}
		more := func(f func(*tintype.Stored)) bool {
			t.Helper()
			changed, err := s.Restock(ctx, p.ID, "k", f)
			if err != nil {
				t.Fatal(err)
			}
			return changed
		}
		more(func(s *tintype.Stored) { s.AVIF += 20; s.WebP += 30 })
		if more(func(s *tintype.Stored) { s.AVIF = 20 }) {
			t.Error("what stays the same is written")
		}
		use("in more formats", kinds{tintype.StoredOriginals: 1000, tintype.StoredJPEG: 90, tintype.StoredAVIF: 20, tintype.StoredWebP: 30})
		old, err := s.Oldest(ctx, 10)
		for i := range old {
			if old[i].Made.IsZero() {
				t.Errorf("%+v was never made", old[i])
			}
			old[i].Made = time.Time{}
		}
		if diff := cmp.Diff([]tintype.Stored{{Post: p.ID, User: me, Key: "k", JPEG: 90, AVIF: 20, WebP: 30}}, old); diff != "" || err != nil {
			t.Errorf("to be dropped (%v, -want +got):\n%s", err, diff)
		}
		if err := s.SetUse(ctx, me, tintype.StoredAvatars, 7); err != nil {
			t.Fatal(err)
		}
		if changed, err := checks.RecountStorage(ctx, me); changed || err != nil {
			t.Errorf("sound counters are recounted: %v, %v", changed, err)
		}
		if err := s.SetUse(ctx, me, tintype.StoredWebP, 4711); err != nil {
			t.Fatal(err)
		}
		if changed, err := checks.RecountStorage(ctx, me); !changed || err != nil {
			t.Errorf("a counter that is off is recounted: %v, %v", changed, err)
		}
		more(func(s *tintype.Stored) { s.AVIF, s.WebP = 0, 0 })
		large := func(what string, refs tintype.Large, want ...tintype.Stored) {
			t.Helper()
			got, err := s.OldestLarge(ctx, 10)
			for i := range got {
				got[i].Made = time.Time{}
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: large (%v, -want +got):\n%s", what, err, diff)
			}
			for home := range r.Homes() {
				files, err := checks.FileRefs(ctx, sqlstore.FilesOfMedia, home, tintype.BeforeAll, 10)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range files {
					if f.Large != refs {
						t.Errorf("%s: the check is told %d of %+v, want %d", what, f.Large, f, refs)
					}
				}
			}
		}
		large("as published", tintype.LargeKept, tintype.Stored{Post: p.ID, User: me, Key: "k", JPEG: 90, Original: "o/one", OriginalBytes: 1000})
		more(func(s *tintype.Stored) { s.JPEG, s.Large = 10, tintype.LargeGone })
		large("dropped", tintype.LargeGone)
		more(func(s *tintype.Stored) { s.JPEG, s.Large = 90, tintype.LargeSome })
		large("made again", tintype.LargeSome, tintype.Stored{Post: p.ID, User: me, Key: "k", JPEG: 90, Large: tintype.LargeSome, Original: "o/one", OriginalBytes: 1000})
		use("dropped", kinds{tintype.StoredOriginals: 1000, tintype.StoredJPEG: 90, tintype.StoredAvatars: 7})
		if err := posts.DeletePost(ctx, me, p.ID); err != nil {
			t.Fatal(err)
		}
		use("deleted", kinds{tintype.StoredAvatars: 7})
		if more(func(s *tintype.Stored) { s.WebP = 5 }) {
			t.Error("a post that is gone is counted")
		}
		exports, imports := sqlstore.Exports{R: r, Clock: time.Now}, sqlstore.Imports{R: r, Clock: time.Now}
		e := tintype.Export{UserID: me, State: tintype.TaskRunning, Key: "e", Created: time.Now(), Changed: time.Now(), Expires: time.Now().Add(time.Hour)}
		if err := exports.BeginExport(ctx, &e, func([]tintype.Export) error { return nil }); err != nil {
			t.Fatal(err)
		}
		e.State, e.Parts, e.Kept, e.Bytes = tintype.TaskDone, 2, 60, 1e9 // originals are in its zip, and kept once
		if ok, err := exports.SaveExport(ctx, e); !ok || err != nil {
			t.Fatal(ok, err)
		}
		use("an export", kinds{tintype.StoredAvatars: 7, tintype.StoredExports: 60})
		i := tintype.Import{UserID: me, Key: "i", Name: "i.zip", Bytes: 15, PartBytes: 10, Created: time.Now(), Changed: time.Now(), Expires: time.Now().Add(time.Hour)}
		if err := imports.BeginImport(ctx, &i, func([]tintype.Import) error { return nil }); err != nil {
			t.Fatal(err)
		}
		for n, bytes := range []int64{10, 15} {
			if ok, err := imports.AddPart(ctx, me, i.ID, n, i.Expires); !ok || err != nil {
				t.Fatal(ok, err)
			}
			use("a part of an import", kinds{tintype.StoredAvatars: 7, tintype.StoredExports: 60, tintype.StoredImports: bytes})
		}
		if err := errors.Join(exports.DeleteExport(ctx, me, e.ID), imports.DeleteImport(ctx, me, i.ID)); err != nil {
			t.Fatal(err)
		}
		use("the archives are gone", kinds{tintype.StoredAvatars: 7})
	})
}
