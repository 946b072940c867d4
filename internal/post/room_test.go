package post_test

import (
	"bytes"
	"context"
	"io"
	"sync"
	"testing"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// fullDisk takes no file.
type fullDisk struct{ blob.Store }

func (fullDisk) Put(context.Context, string, io.Reader) (blob.Info, error) {
	return blob.Info{}, tintype.Errorf(tintype.Full, "the site has no storage left")
}

// Without room uploads are refused and leave nothing; pictures are shown all the same, made anew if need be; and with room
// again everything goes on.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := newSite(t, pool(t))
	s.formats(imaging.WebP)
	me := s.user(t, "me", false)
	p := s.publish(t, me, post.Draft{Uploads: []tintype.ID{s.upload(t, me, photo(t, 800, 600))}})
	s.work(t)
	good := s.config
	before := s.files(t)

	s.config.Room = func(_ context.Context, n int64) error {
		if n > 0 {
			return tintype.Errorf(tintype.Full, "no room")
		}
		return nil
	}
	s.config.Roomy = func(context.Context) bool { return false }
	s.config.Stock = sqlstore.Storage{R: s.r, Clock: s.clock}
	s.Service = post.New(s.config)
	_, err := s.Upload(ctx, me, bytes.NewReader(tiny), int64(len(tiny)))
	wantKind(t, "an upload of known size", err, tintype.Full)
	_, err = s.Upload(ctx, me, bytes.NewReader(tiny), -1)
	wantKind(t, "an upload of unknown size", err, tintype.Full)
	if got := s.files(t); len(got) != len(before) {
		t.Errorf("what was refused left %d files, there were %d", len(got), len(before))
	}
	if err := s.blobs.Delete(ctx, blob.Extras(p.Media[0].Key)...); err != nil {
		t.Fatal(err)
	}
	if err := s.MakeFormats(ctx, []job.Formats{{Post: p.ID}}); err != nil {
		t.Fatal(err)
	}
	f, err := s.OpenMedia(ctx, 0, p.ID, p.Media[0].Key, "640", imaging.WebP)
	if err != nil || f.Format != imaging.JPEG || f.Coming {
		t.Fatalf("without room a picture is %+v, %v", f, err)
	}
	want := read(t, f)

	// What was dropped is made again, byte for byte, once for all who look; it is kept if there is room.
	large := func() tintype.Large {
		t.Helper()
		refs, err := sqlstore.Checks{R: s.r, Clock: s.clock}.FileRefs(ctx, sqlstore.FilesOfMedia, 0, tintype.BeforeAll, 10)
		if err != nil || len(refs) != 1 {
			t.Fatalf("%v, %v", refs, err)
		}
		return refs[0].Large
	}
	key := p.Media[0].Key
	for _, room := range []bool{false, true} {
		if room {
			s.config.Room = nil
			s.Service = post.New(s.config)
		}
		if _, err := s.config.Stock.Restock(ctx, p.ID, key, func(s *tintype.Stored) { s.Large = tintype.LargeGone }); err != nil {
			t.Fatal(err)
		}
		if err := s.blobs.Delete(ctx, blob.Large(key)...); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				f, err := s.OpenMedia(ctx, 0, p.ID, key, "640")
				if err != nil {
					t.Error(err)
					return
				}
				if got := read(t, f); !bytes.Equal(got, want) {
					t.Errorf("made again with room %v the picture has %d bytes, want %d", room, len(got), len(want))
				}
			})
		}
		wg.Wait()
		_, err := blob.Stat(ctx, s.blobs, blob.Rendition(key, "640"))
		if kept := err == nil; kept != room || large() != map[bool]tintype.Large{false: tintype.LargeGone, true: tintype.LargeSome}[room] {
			t.Errorf("with room %v what was made again is kept: %v (%v), and large is %d", room, kept, err, large())
		}
	}
	if changed, err := s.Rerender(ctx, p.ID, false); err != nil || !changed || large() != tintype.LargeKept {
		t.Errorf("made again all: %v, %v, large is %d", changed, err, large())
	}

	s.config = good
	s.config.Blobs = fullDisk{s.blobs}
	s.Service = post.New(s.config)
	if err := s.blobs.Delete(ctx, blob.Rendition(p.Media[0].Key, "640")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		f, err := s.OpenMedia(ctx, 0, p.ID, p.Media[0].Key, "640")
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, f); !bytes.Equal(got, want) {
			t.Errorf("on a full disk the picture made anew has %d bytes, want %d", len(got), len(want))
		}
	}
	_, err = s.Upload(ctx, me, bytes.NewReader(tiny), -1)
	wantKind(t, "an upload to a full disk", err, tintype.Full)

	s.config.Blobs, s.config.Stock = s.blobs, sqlstore.Storage{R: s.r, Clock: s.clock}
	s.Service = post.New(s.config)
	s.upload(t, me, photo(t, 80, 60))
	if changed, err := s.Reckon(ctx, p.ID); err != nil || !changed {
		t.Errorf("what was deleted by hand is counted anew: %v, %v", changed, err)
	}
	if changed, err := s.Reckon(ctx, p.ID); err != nil || changed {
		t.Errorf("what is counted right is counted anew: %v, %v", changed, err)
	}
}
