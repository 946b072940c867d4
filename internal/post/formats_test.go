package post_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// formats lets the site make pictures in more formats.
func (s *site) formats(f ...imaging.Format) {
	s.config.Queue = sqlstore.Feeds{R: s.r}
	s.config.Formats = func() []imaging.Format { return f }
	s.Service = post.New(s.config)
}

// A picture is there as JPEG at once, in the other formats after the job, again after they were dropped, and in none
// once its post is deleted.
func TestFormats(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := newSite(t, pool(t))
	s.formats(imaging.AVIF, imaging.WebP)
	me := s.user(t, "me", false)
	p := s.publish(t, me, post.Draft{Uploads: []tintype.ID{s.upload(t, me, photo(t, 1200, 900))}})
	open := func(size string, want imaging.Format, coming bool, accept ...imaging.Format) {
		t.Helper()
		f, err := s.OpenMedia(ctx, 0, p.ID, p.Media[0].Key, size, accept...)
		if err != nil {
			t.Fatal(err)
		}
		if f.Format != want || f.Coming != coming || imaging.Sniff(read(t, f)) != want.Type() {
			t.Errorf("%s with %v is %s (coming %v), want %s (%v)", size, accept, f.Format, f.Coming, want, coming)
		}
	}
	both := []imaging.Format{imaging.AVIF, imaging.WebP}
	open("640", imaging.JPEG, true, both...)
	open("640", imaging.JPEG, false)
	s.work(t)
	open("640", imaging.AVIF, false, both...)
	open("640", imaging.WebP, false, imaging.WebP)
	open("640", imaging.JPEG, false)
	open("612s", imaging.JPEG, false, both...) // for clients of API v1, which know no other

	if err := s.blobs.Delete(ctx, blob.Extras(p.Media[0].Key)...); err != nil {
		t.Fatal(err)
	}
	open("640", imaging.JPEG, true, both...)
	s.work(t)
	open("640", imaging.JPEG, true, both...) // a new post's own job is enough
	s.now = time.Now().Add(time.Hour)
	open("640", imaging.JPEG, true, both...)
	s.work(t)
	open("640", imaging.AVIF, false, both...)

	s.formats(imaging.WebP)
	open("640", imaging.WebP, false, both...)
	s.formats()
	open("640", imaging.JPEG, false, both...)

	if err := s.Delete(ctx, me, p.ID); err != nil {
		t.Fatal(err)
	}
	s.formats(both...)
	s.work(t)
	if err := s.MakeFormats(ctx, []job.Formats{{Post: p.ID}}); err != nil {
		t.Error(err)
	}
	if files := s.files(t); len(files) != 0 {
		t.Errorf("after the post is gone there are %v", files)
	}
}

// A format that is not smaller is not kept, and not tried again.
func TestFormatNotWorthIt(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	q := &quick{} // every rendition has the same few bytes
	s := newSite(t, q)
	s.formats(imaging.WebP)
	me := s.user(t, "me", false)
	p := s.publish(t, me, post.Draft{})
	s.work(t)
	before := q.renders
	if err := s.MakeFormats(ctx, []job.Formats{{Post: p.ID}}); err != nil {
		t.Fatal(err)
	}
	if q.renders != before {
		t.Errorf("it is made again: %d renders", q.renders-before)
	}
	f, err := s.OpenMedia(ctx, 0, p.ID, p.Media[0].Key, "640", imaging.WebP)
	if err != nil {
		t.Fatal(err)
	}
	if b := read(t, f); f.Format != imaging.JPEG || f.Coming || !bytes.HasPrefix(b, []byte{0xff, 0xd8}) {
		t.Errorf("the picture is %s (coming %v)", f.Format, f.Coming)
	}
	if names := s.files(t); !slices.Contains(names, blob.RenditionIn(p.Media[0].Key, "640", "webp")) {
		t.Errorf("nothing says that it was tried: %v", names)
	}
}
