package post_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	me, other := s.user(t, "me", false), s.user(t, "other", false)
	ctx := t.Context()
	limit := bytes.Repeat([]byte("x"), 1<<20)
	copy(limit, tiny)
	broken := errors.New("the line went dead")
	for _, tt := range []struct {
		name string
		src  io.Reader
		size int64
		want tintype.Kind
	}{
		{"another type", strings.NewReader("<html>"), -1, tintype.UnsupportedMedia},
		{"empty", strings.NewReader(""), 0, tintype.Invalid},
		{"announced too large", bytes.NewReader(tiny), 1<<20 + 1, tintype.TooLarge},
		{"one byte too large", io.MultiReader(bytes.NewReader(limit), strings.NewReader("y")), -1, tintype.TooLarge},
		{"without end", io.MultiReader(bytes.NewReader(limit), zeros{}), -1, tintype.TooLarge},
		{"shorter than announced", bytes.NewReader(tiny), 100, tintype.Invalid},
		{"longer than announced", bytes.NewReader(tiny), 3, tintype.Invalid},
		{"breaks off", io.MultiReader(bytes.NewReader(tiny), iotest.ErrReader(broken)), -1, tintype.Invalid},
	} {
		_, err := s.Upload(ctx, me, tt.src, tt.size)
		wantKind(t, tt.name, err, tt.want)
	}
	if left := s.files(t); len(left) != 0 {
		t.Errorf("refused uploads left %v", left)
	}
	u, err := s.Upload(ctx, me, iotest.HalfReader(bytes.NewReader(limit)), -1)
	if err != nil {
		t.Fatalf("an upload of exactly the limit: %v", err)
	}
	if u.SHA256 != sha256.Sum256(limit) || u.Bytes != 1<<20 || u.Width != 1600 || u.ID.Shard() != me.Shard() {
		t.Errorf("the upload is %+v", u)
	}
	got, err := s.GetUpload(ctx, me, u.ID)
	if err != nil || got.SHA256 != u.SHA256 {
		t.Errorf("GetUpload: %+v, %v", got, err)
	}
	for _, who := range []tintype.ID{other, 0} {
		_, err = s.GetUpload(ctx, who, u.ID)
		wantKind(t, "another's upload", err, tintype.NotFound)
		_, err = s.OpenPreview(ctx, who, u.ID)
		wantKind(t, "another's preview", err, tintype.NotFound)
		wantKind(t, "deleting another's upload", s.DeleteUpload(ctx, who, u.ID), tintype.NotFound)
		_, _, err = s.Publish(ctx, other, post.Draft{Uploads: []tintype.ID{u.ID}})
		wantKind(t, "publishing another's upload", err, tintype.Invalid)
	}
	// The same bytes sent by another are another's: nothing is shared or told.
	theirs, err := s.Upload(ctx, other, bytes.NewReader(limit), -1)
	if err != nil || theirs.BlobKey == u.BlobKey || len(s.files(t)) != 2 {
		t.Errorf("the same bytes again: %+v, %v", theirs, err)
	}
	f, err := s.OpenPreview(ctx, me, u.ID)
	if err != nil || !strings.Contains(string(read(t, f)), "640") {
		t.Errorf("preview: %v", err)
	}
	if err := s.DeleteUpload(ctx, me, u.ID); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	if left := s.files(t); !slices.Equal(left, []string{theirs.BlobKey}) {
		t.Errorf("a deleted upload left %v", left)
	}
	// A day later nobody has published the other.
	s.mu.Lock()
	s.now = time.Now().Add(25 * time.Hour)
	s.mu.Unlock()
	if err := s.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	if left := s.files(t); len(left) != 0 {
		t.Errorf("the sweep left %v", left)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestDrafts(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	me := s.user(t, "me", false)
	up := make([]tintype.ID, 21)
	for i := range up {
		up[i] = s.upload(t, me, tiny)
	}
	many := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	point := func(lat, lon float64) *tintype.Location {
		return &tintype.Location{Latitude: lat, Longitude: lon, HasPoint: true}
	}
	for _, tt := range []struct {
		name  string
		d     post.Draft
		field string
		kind  tintype.Kind
	}{
		{"no picture", post.Draft{Uploads: []tintype.ID{}}, "uploads", tintype.Invalid},
		{"21 pictures", post.Draft{Uploads: up}, "uploads", tintype.Invalid},
		{"the same twice", post.Draft{Uploads: []tintype.ID{up[0], up[1], up[0]}}, "uploads", tintype.Invalid},
		{"no such upload", post.Draft{Uploads: []tintype.ID{me}}, "uploads", tintype.Invalid},
		{"caption too long", post.Draft{Caption: strings.Repeat("字", 2201)}, "caption", tintype.Invalid},
		{"caption far too long", post.Draft{Caption: strings.Repeat("x", 1e6)}, "caption", tintype.Invalid},
		{"caption with NUL", post.Draft{Caption: "a\x00b"}, "caption", tintype.Invalid},
		{"caption with escape", post.Draft{Caption: "a\x1bb"}, "caption", tintype.Invalid},
		{"caption of bad UTF-8", post.Draft{Caption: "a\xed\xa0\x80b"}, "caption", tintype.Invalid},
		{"31 tags", post.Draft{Caption: many("#t%d ", 31)}, "caption", tintype.Invalid},
		{"21 mentions", post.Draft{Caption: many("@m%d ", 21)}, "caption", tintype.Invalid},
		{"alternative text too long", post.Draft{AltTexts: []string{strings.Repeat("a", 1001)}}, "alt_texts", tintype.Invalid},
		{"alternative text with NUL", post.Draft{AltTexts: []string{"\x00"}}, "alt_texts", tintype.Invalid},
		{"too many alternative texts", post.Draft{AltTexts: []string{"a", "b"}}, "alt_texts", tintype.Invalid},
		{"no such filter", post.Draft{Filter: "Nope"}, "filter", tintype.Invalid},
		{"bad edit", post.Draft{Edits: []json.RawMessage{json.RawMessage(`{"crop":{"x":0,"y":0,"w":-1,"h":1}}`)}}, "edits", tintype.Invalid},
		{"edit with 1e309", post.Draft{Edits: []json.RawMessage{json.RawMessage(`{"warmth":1e309}`)}}, "edits", tintype.Invalid},
		{"edit that is not JSON", post.Draft{Edits: []json.RawMessage{json.RawMessage(`{`)}}, "edits", tintype.Invalid},
		{"too many edits", post.Draft{Edits: make([]json.RawMessage, 2)}, "edits", tintype.Invalid},
		{"latitude NaN", post.Draft{Location: point(math.NaN(), 0)}, "location", tintype.Invalid},
		{"latitude infinite", post.Draft{Location: point(math.Inf(1), 0)}, "location", tintype.Invalid},
		{"latitude 90.1", post.Draft{Location: point(90.1, 0)}, "location", tintype.Invalid},
		{"longitude -180.5", post.Draft{Location: point(0, -180.5)}, "location", tintype.Invalid},
		{"place name too long", post.Draft{Location: &tintype.Location{Name: strings.Repeat("a", 101)}}, "location", tintype.Invalid},
	} {
		if tt.d.Uploads == nil {
			tt.d.Uploads = up[:1]
		}
		_, _, err := s.Publish(t.Context(), me, tt.d)
		var e *tintype.Error
		if !errors.As(err, &e) || e.Kind != tt.kind || e.Field != tt.field {
			t.Errorf("%s: %v, want %v about %q", tt.name, err, tt.kind, tt.field)
		}
	}
	p := s.publish(t, me, post.Draft{Uploads: up[:20], Caption: " \u0065\u0301t\u00e9\r\n#Été " + strings.Repeat("字", 2180), Location: &tintype.Location{}})
	if !strings.HasPrefix(p.Caption, "été\n#Été") || p.Location != nil || len(p.Media) != 20 {
		t.Errorf("the post is %.20q %v with %d pictures", p.Caption, p.Location, len(p.Media))
	}
	_, _, err := s.Publish(t.Context(), me, post.Draft{Uploads: up[19:]})
	wantKind(t, "publishing what is published", err, tintype.Conflict)
	got, err := s.Get(t.Context(), 0, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range got.Media {
		if m.OriginalKey != p.Media[i].OriginalKey {
			t.Errorf("picture %d is not where it was put", i)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	me := s.user(t, "me", false)
	ids := map[string]tintype.ID{"me": me}
	for _, n := range []string{"ann", "ben.b", "blocker", "blocked"} {
		ids[n] = s.user(t, n, n == "ann")
	}
	if err := s.graph.Block(t.Context(), ids["blocker"], me); err != nil {
		t.Fatal(err)
	}
	if err := s.graph.Block(t.Context(), me, ids["blocked"]); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		caption  string
		tags     []string
		mentions []string
	}{
		{"", nil, nil},
		{"#One #two#three #one #TWO", []string{"one", "two"}, nil},
		{"今天#天气 很好 ＃好", []string{"天气", "好"}, nil},
		{"#été #ÉTÉ #e\u0301t\u00e9", []string{"été"}, nil},
		{"a#b &#39; http://x/#frag #", nil, nil},
		{"#a-b #c_d #2026!", []string{"a", "c_d"}, nil},
		{"#नमस्ते #می\u200cخواهم", []string{"नमस्ते", "می\u200cخواهم"}, nil},
		{"@Ann, @ben.b. and @nobody; @ANN", nil, []string{"ann", "ben.b"}},
		{"mail ann@ben.b (@ann)", nil, []string{"ann"}},
		{"和@ann一起", nil, nil}, // 一起 are letters too: a name ends at a space
		{"和@ann 一起 @blocker @blocked", nil, []string{"ann"}},
		{"@me", nil, []string{"me"}},
	} {
		p := s.publish(t, me, post.Draft{Caption: tt.caption})
		var want []tintype.ID
		for _, n := range tt.mentions {
			want = append(want, ids[n])
		}
		if !slices.Equal(p.Tags, tt.tags) || !slices.Equal(p.Mentions, want) {
			t.Errorf("%q: tags %q and mentions %v, want %q and %v", tt.caption, p.Tags, p.Mentions, tt.tags, want)
		}
	}
}

// TestPublishFails: until a post is there, nothing of it is.
func TestPublishFails(t *testing.T) {
	t.Parallel()
	q := &quick{}
	s := newSite(t, q)
	me := s.user(t, "me", false)
	up := []tintype.ID{s.upload(t, me, tiny), s.upload(t, me, tiny), s.upload(t, me, tiny)}
	before := s.files(t)
	q.refuse = tintype.Errorf(tintype.Unprocessable, "this file is broken")
	_, _, err := s.Publish(t.Context(), me, post.Draft{Uploads: up})
	wantKind(t, "a broken picture", err, tintype.Unprocessable)
	if after := s.files(t); !slices.Equal(before, after) {
		t.Errorf("a failed publication changed the files from %v to %v", before, after)
	}
	q.refuse = nil
	ctx, cancel := context.WithCancel(t.Context())
	q.during = func(n int) {
		if n == 3 {
			cancel()
		}
	}
	if _, _, err = s.Publish(ctx, me, post.Draft{Uploads: up}); err == nil {
		// The last picture may have been through before it was noticed; then all is there.
		s.work(t)
	} else if after := s.files(t); !slices.Equal(before, after) {
		t.Errorf("a publication given up changed the files from %v to %v", before, after)
	}
	q.during = nil
	if err != nil {
		if _, _, err := s.Publish(t.Context(), me, post.Draft{Uploads: up}); err != nil {
			t.Errorf("after failures it cannot be published: %v", err)
		}
	}
	s.work(t)
	if posts, _, err := s.ByUser(t.Context(), me, me, tintype.Page{Count: 5}); err != nil || len(posts) != 1 {
		t.Errorf("%d posts, %v; want 1", len(posts), err)
	}
	if got, want := len(s.files(t)), 3+3*4; got != want {
		t.Errorf("%d files, want %d", got, want)
	}
}

func TestPublishAfterCrash(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	me := s.user(t, "me", false)
	ids := []tintype.ID{s.upload(t, me, tiny)}
	// A process claimed the upload and died; almost all of the claim's time has passed.
	died := sqlstore.Uploads{R: s.r, Clock: func() time.Time { return time.Now().Add(-13 * time.Second) }}
	if err := died.ClaimUploads(t.Context(), me, ids, []string{"died"}); err != nil {
		t.Fatal(err)
	}
	p, replayed, err := s.Publish(t.Context(), me, post.Draft{Uploads: ids, Caption: "again", Key: "k"})
	if err != nil || replayed || p.Caption != "again" {
		t.Fatalf("the repeat of a publication that died gives %v, %v, %v", p, replayed, err)
	}
	s.work(t)
	// What was published meanwhile, for another request, is not waited for.
	_, _, err = s.Publish(t.Context(), me, post.Draft{Uploads: ids, Caption: "once more", Key: "l"})
	wantKind(t, "publishing what is published", err, tintype.Conflict)
}

func TestPublishOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	me := s.user(t, "me", false)
	d := post.Draft{Uploads: []tintype.ID{s.upload(t, me, tiny)}, Caption: "once", Key: "k"}
	var mu sync.Mutex
	ids := map[tintype.ID]int{}
	news := 0
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			p, replayed, err := s.Publish(context.Background(), me, d)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			ids[p.ID]++
			if !replayed {
				news++
			}
		})
	}
	wg.Wait()
	if len(ids) != 1 || news != 1 {
		t.Errorf("100 requests with one key made the posts %v, %d of them new", ids, news)
	}
	other := d
	other.Caption = "another"
	_, _, err := s.Publish(t.Context(), me, other)
	wantKind(t, "the key for another post", err, tintype.Conflict)
	// Another's same key is another key.
	you := s.user(t, "you", false)
	d.Uploads = []tintype.ID{s.upload(t, you, tiny)}
	if p, replayed, err := s.Publish(t.Context(), you, d); err != nil || replayed || p.UserID != you {
		t.Errorf("another's same key: %v, %v, %v", p, replayed, err)
	}
	s.work(t)
	if got := len(s.files(t)); got != 2*5 {
		t.Errorf("%d files, want 10: %v", got, s.files(t))
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	me, other := s.user(t, "me", false), s.user(t, "other", false)
	p := s.publish(t, me, post.Draft{Uploads: []tintype.ID{s.upload(t, me, tiny), s.upload(t, me, tiny), s.upload(t, me, tiny)},
		Caption: "first #a @other", AltTexts: []string{"0", "1", "2"}, Location: &tintype.Location{Name: "Here"}})
	s.work(t)
	ctx := t.Context()
	text := func(s string) *string { return &s }
	for _, tt := range []struct {
		name  string
		user  tintype.ID
		e     post.Edit
		kind  tintype.Kind
		check func(p *tintype.Post) bool
	}{
		{"nobody", 0, post.Edit{}, tintype.Unauthenticated, nil},
		{"another", other, post.Edit{Caption: text("x")}, tintype.Forbidden, nil},
		{"bad caption", me, post.Edit{Caption: text("\x00")}, tintype.Invalid, nil},
		{"short order", me, post.Edit{Order: []int{0, 1}}, tintype.Invalid, nil},
		{"repeated order", me, post.Edit{Order: []int{0, 1, 1}}, tintype.Invalid, nil},
		{"order out of range", me, post.Edit{Order: []int{0, 1, 3}}, tintype.Invalid, nil},
		{"order negative", me, post.Edit{Order: []int{0, 1, -1}}, tintype.Invalid, nil},
		{"too many texts", me, post.Edit{AltTexts: make([]string, 4)}, tintype.Invalid, nil},
		{"caption", me, post.Edit{Caption: text("second #b")}, 0, func(p *tintype.Post) bool {
			return p.Caption == "second #b" && slices.Equal(p.Tags, []string{"b"}) && p.Mentions == nil && p.Location.Name == "Here" && !p.Edited.IsZero()
		}},
		{"place", me, post.Edit{SetLocation: true}, 0, func(p *tintype.Post) bool { return p.Location == nil && p.Caption == "second #b" }},
		{"order and texts", me, post.Edit{Order: []int{2, 0, 1}, AltTexts: []string{"nought"}}, 0, func(p *tintype.Post) bool {
			return p.Media[0].AltText == "2" && p.Media[1].AltText == "nought" && p.Media[2].AltText == "1"
		}},
	} {
		got, err := s.Edit(ctx, tt.user, p.ID, tt.e)
		if tt.check == nil {
			wantKind(t, tt.name, err, tt.kind)
			continue
		}
		if err != nil || !tt.check(got) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
		if seen, err := s.Get(ctx, other, p.ID); err != nil || !tt.check(seen) {
			t.Errorf("%s, as another sees it: %+v, %v", tt.name, seen, err)
		}
	}
	// Edits at once: each is whole, none is lost.
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := s.Edit(context.Background(), me, p.ID, post.Edit{Caption: text("both")}); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		if _, err := s.Edit(context.Background(), me, p.ID, post.Edit{SetLocation: true, Location: &tintype.Location{Name: "There"}}); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	if got, err := s.Get(ctx, me, p.ID); err != nil || got.Caption != "both" || got.Location == nil {
		t.Errorf("after two edits at once: %+v, %v", got, err)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	s := newSite(t, &quick{})
	me, other := s.user(t, "me", false), s.user(t, "other", false)
	p := s.publish(t, me, post.Draft{})
	ctx := t.Context()
	if err := s.Like(ctx, other, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.AddComment(ctx, other, p.ID, "nice", ""); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	f, err := s.OpenMedia(ctx, other, p.ID, p.Media[0].Key, imaging.Size306s)
	if err != nil {
		t.Fatal(err)
	}
	read(t, f)
	wantKind(t, "deleting another's", s.Delete(ctx, other, p.ID), tintype.Forbidden)
	wantKind(t, "nobody deletes", s.Delete(ctx, 0, p.ID), tintype.Unauthenticated)
	if err := s.Delete(ctx, me, p.ID); err != nil {
		t.Fatal(err)
	}
	// At once, before any job.
	for name, err := range map[string]error{
		"get":     func() error { _, err := s.Get(ctx, me, p.ID); return err }(),
		"media":   func() error { _, err := s.OpenMedia(ctx, me, p.ID, p.Media[0].Key, imaging.Size640); return err }(),
		"like":    s.Like(ctx, other, p.ID),
		"comment": func() error { _, _, err := s.AddComment(ctx, other, p.ID, "late", ""); return err }(),
		"delete":  s.Delete(ctx, me, p.ID),
	} {
		wantKind(t, name, err, tintype.NotFound)
	}
	s.work(t)
	if left := s.files(t); len(left) != 0 {
		t.Errorf("a deleted post left the files %v", left)
	}
	if liked, err := s.Liked(ctx, other, []tintype.ID{p.ID}); err != nil || liked[0] {
		t.Errorf("a deleted post is liked: %v, %v", liked, err)
	}
	u, err := s.graph.User(ctx, 0, me)
	if err != nil || u.Counts.Media != 0 {
		t.Errorf("the profile counts %+v, %v", u.Counts, err)
	}
}

// TestPictures goes through the real cage.
func TestPictures(t *testing.T) {
	t.Parallel()
	s := newSite(t, pool(t))
	me := s.user(t, "me", false)
	ctx := t.Context()
	data := photo(t, 1500, 1000)
	up := s.upload(t, me, data)
	f, err := s.OpenPreview(ctx, me, up)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(read(t, f))); err != nil || c.Width != 640 {
		t.Errorf("the preview is %+v, %v", c, err)
	}
	p := s.publish(t, me, post.Draft{Uploads: []tintype.ID{up, s.upload(t, me, photo(t, 300, 400))},
		Edits: []json.RawMessage{json.RawMessage(`{"rotate":90}`)}, Filter: "Normal"})
	if m := p.Media[0]; m.Width != 1000 || m.Height != 1500 || m.Blurhash == "" || m.Recipe == nil || m.OriginalBytes != int64(len(data)) {
		t.Errorf("the turned picture is %+v", m)
	}
	if m := p.Media[1]; m.Width != 300 || m.Height != 400 || m.Recipe != nil {
		t.Errorf("the small picture is %+v", m)
	}
	s.work(t)
	for _, size := range append(imaging.PostSizes(), imaging.LegacySizes()...) {
		var wg sync.WaitGroup
		for range 4 { // a legacy size is made once, for all who ask
			wg.Go(func() {
				f, err := s.OpenMedia(context.Background(), 0, p.ID, p.Media[0].Key, size)
				if err != nil || !f.Public {
					t.Errorf("%s: %v, %+v", size, err, f)
					return
				}
				b, _ := io.ReadAll(f)
				f.Close()
				c, err := jpeg.DecodeConfig(bytes.NewReader(b))
				if err != nil || c.Width != min(imaging.Width(size), 1000) || imaging.Square(size) && c.Height != c.Width {
					t.Errorf("%s is %+v, %v", size, c, err)
				}
			})
		}
		wg.Wait()
	}
	// Renditions can all be lost: they are made again.
	want := s.files(t)
	if err := s.blobs.Delete(ctx, append(blob.Renditions(p.Media[0].Key), blob.Renditions(p.Media[1].Key)...)...); err != nil {
		t.Fatal(err)
	}
	for _, name := range want {
		size, isRendition := strings.CutPrefix(name, "r/"+p.Media[0].Key+"/")
		if isRendition {
			f, err := s.OpenMedia(ctx, 0, p.ID, p.Media[0].Key, strings.TrimSuffix(size, ".jpg"))
			if err != nil {
				t.Fatal(err)
			}
			if c, err := jpeg.DecodeConfig(bytes.NewReader(read(t, f))); err != nil || c.Height < c.Width {
				t.Errorf("%s made again is %+v, %v", name, c, err)
			}
		}
	}
	o, m, err := s.OpenOriginal(ctx, me, p.ID, 0)
	if err != nil || !bytes.Equal(read(t, o), data) || m.OriginalType != "image/jpeg" {
		t.Errorf("the original: %+v, %v", m, err)
	}
	for _, n := range []int{-1, 2} {
		_, _, err = s.OpenOriginal(ctx, me, p.ID, n)
		wantKind(t, "no such original", err, tintype.NotFound)
	}
	for _, bad := range [][2]string{{p.Media[0].Key, "o"}, {p.Media[0].Key, "1080.jpg"}, {"x", "640"}, {"../" + p.Media[0].Key, "640"}, {"", "640"}} {
		_, err = s.OpenMedia(ctx, me, p.ID, bad[0], bad[1])
		wantKind(t, fmt.Sprint(bad), err, tintype.NotFound)
	}
	if _, err := s.Upload(ctx, me, bytes.NewReader(data[:20]), -1); err == nil {
		t.Error("a stump of a picture was taken")
	}
	for i, size := range jpegs("k") {
		all := append(imaging.PostSizes(), imaging.LegacySizes()...)
		if len(all) != 6 || !slices.Contains(all, strings.TrimSuffix(strings.TrimPrefix(size, "r/k/"), ".jpg")) {
			t.Errorf("rendition %d, %s, is none of the sizes %v", i, size, all)
		}
	}
}
