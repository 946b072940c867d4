package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tintype/tintype/internal/tintype"
)

var update = flag.Bool("update", false, "write the golden files anew")

// mediaJSON is the media object as encoding/json would write it: what the
// splicer's output must equal, byte for byte.
type mediaJSON struct {
	Attribution *string    `json:"attribution"`
	Type        string     `json:"type"`
	ID          string     `json:"id"`
	Shortcode   string     `json:"shortcode"`
	Filter      string     `json:"filter"`
	Created     seconds    `json:"created_time"`
	Edited      seconds    `json:"edited_time"`
	Link        string     `json:"link"`
	Tags        []string   `json:"tags"`
	Location    *placeJSON `json:"location"`
	itemJSON
	Carousel []carouselJSON          `json:"carousel_media,omitempty"`
	Caption  *commentJSON            `json:"caption"`
	Comments countedJSON[commentOut] `json:"comments"`
	Likes    countedJSON[shortJSON]  `json:"likes"`
	InPhoto  []inPhotoJSON           `json:"users_in_photo"`
	Liked    *bool                   `json:"user_has_liked,omitempty"`
	User     authorJSON              `json:"user"`
}

type authorJSON struct {
	shortJSON
	Bio     string `json:"bio"`
	Website string `json:"website"`
}

type commentOut = commentJSON

type countedJSON[T any] struct {
	Count int64 `json:"count"`
	Data  []T   `json:"data"`
}

type placeJSON struct {
	ID        int64    `json:"id,omitempty"`
	Name      string   `json:"name,omitempty"`
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
}

type itemJSON struct {
	Images struct {
		Low      imageJSON `json:"low_resolution"`
		Thumb    imageJSON `json:"thumbnail"`
		Standard imageJSON `json:"standard_resolution"`
	} `json:"images"`
	Renditions []imageJSON     `json:"renditions"`
	Blurhash   string          `json:"blurhash"`
	AltText    string          `json:"alt_text"`
	Width      int             `json:"width"`
	Height     int             `json:"height"`
	Camera     *tintype.Camera `json:"camera"`
}

type carouselJSON struct {
	itemJSON
	InPhoto []inPhotoJSON `json:"users_in_photo"`
}

type inPhotoJSON struct {
	User     shortJSON `json:"user"`
	Position struct {
		X float64 `json:"x"`
		Y float64 `json:"y"`
	} `json:"position"`
}

type imageJSON struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Type   string `json:"type,omitempty"`
}

// reader is what a plain rendering needs to know.
type reader struct {
	base   string
	viewer tintype.ID
	users  map[tintype.ID]*tintype.User
	hidden map[tintype.ID]bool
	liked  bool
	signer signer
}

func (r reader) short(id tintype.ID) (shortJSON, bool) {
	u := r.users[id]
	if u == nil || u.State != tintype.UserActive || r.hidden[id] {
		return shortJSON{}, false
	}
	return shortJSON{u.ID, u.Username, u.FullName, r.base + AvatarPath(u)}, true
}

func (r reader) item(p *tintype.Post, m *tintype.Media, query string) itemJSON {
	image := func(size, typ string) imageJSON {
		w, h := Dimensions(m, size)
		return imageJSON{r.base + MediaPath(p, m, size) + query, w, h, typ}
	}
	it := itemJSON{Blurhash: m.Blurhash, AltText: m.AltText, Width: m.Width, Height: m.Height, Camera: m.Camera}
	it.Images.Low, it.Images.Thumb, it.Images.Standard = image("306s", ""), image("150s", ""), image("612s", "")
	for _, s := range []string{"1080", "640", "320s", "150s"} {
		it.Renditions = append(it.Renditions, image(s, "image/jpeg"))
	}
	return it
}

func (r reader) people(m *tintype.Media) []inPhotoJSON {
	out := []inPhotoJSON{}
	for _, t := range m.People {
		if u, ok := r.short(t.UserID); ok && t.State == tintype.EdgeThere {
			p := inPhotoJSON{User: u}
			p.Position.X, p.Position.Y = t.X, t.Y
			out = append(out, p)
		}
	}
	return out
}

func (r reader) plain(p *tintype.Post) mediaJSON {
	author, _ := r.short(p.UserID)
	query := ""
	if r.users[p.UserID].Private {
		query = strings.ReplaceAll(string(r.signer.appendQuery(nil, p.ID, r.viewer)), `\u0026`, "&")
	}
	m := mediaJSON{Type: "image", ID: p.MediaID(), Shortcode: p.ID.Shortcode(), Filter: p.Media[0].Filter, Created: seconds(p.ID.Time()),
		Edited: seconds(p.Edited), Link: r.base + "/p/" + p.ID.Shortcode(), Tags: p.Tags, InPhoto: r.people(&p.Media[0]), User: authorJSON{author, r.users[p.UserID].Bio, r.users[p.UserID].Website},
		Comments: countedJSON[commentJSON]{p.Comments, []commentJSON{}}, Likes: countedJSON[shortJSON]{p.Likes, []shortJSON{}}}
	if m.Filter == "" {
		m.Filter = "Normal"
	}
	if m.Tags == nil {
		m.Tags = []string{}
	}
	if l := p.Location; l != nil {
		m.Location = &placeJSON{ID: int64(l.ID), Name: l.Name}
		if l.HasPoint {
			m.Location.Latitude, m.Location.Longitude = &l.Latitude, &l.Longitude
		}
	}
	m.itemJSON = r.item(p, &p.Media[0], query)
	if len(p.Media) > 1 {
		m.Type = "carousel"
		for i := range p.Media {
			m.Carousel = append(m.Carousel, carouselJSON{r.item(p, &p.Media[i], query), r.people(&p.Media[i])})
		}
	}
	if p.Caption != "" {
		m.Caption = &commentJSON{p.ID, seconds(p.ID.Time()), p.Caption, author}
	}
	for _, c := range p.TopComments {
		if from, ok := r.short(c.UserID); ok {
			m.Comments.Data = append(m.Comments.Data, commentJSON{c.ID, seconds(c.ID.Time()), c.Text, from})
		}
	}
	for _, id := range p.TopLikers {
		if u, ok := r.short(id); ok {
			m.Likes.Data = append(m.Likes.Data, u)
		}
	}
	if r.viewer != 0 {
		m.Liked = &r.liked
	}
	return m
}

func testAPI(clock tintype.Clock) *API {
	return &API{fragments: newFragments(64), signer: newSigner([]byte("a secret of the test, 32 bytes!!"), clock)}
}

// spliced renders p with the splicer.
func (r reader) spliced(a *API, p *tintype.Post) string {
	s := &splicer{api: a, base: r.base, viewer: r.viewer}
	for id := range r.hidden {
		s.hidden = append(s.hidden, id)
	}
	sortIDs(s.hidden)
	s.needPost(p)
	for _, id := range s.ids {
		s.users = append(s.users, r.users[id])
	}
	b, ok := s.post(nil, p, r.liked)
	if !ok {
		return ""
	}
	return string(b)
}

func sortIDs(ids []tintype.ID) {
	for i := range ids {
		for j := i; j > 0 && ids[j] < ids[j-1]; j-- {
			ids[j], ids[j-1] = ids[j-1], ids[j]
		}
	}
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func fixed(t time.Time) tintype.Clock { return func() time.Time { return t } }

// TestFragmentEqualsPlain is the property on which the hot path rests: whatever
// is posted, the spliced fragment is what encoding/json writes.
func TestFragmentEqualsPlain(t *testing.T) {
	t.Parallel()
	a := testAPI(fixed(noon))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "<script>alert('&')</script>", "a\u2028b\u2029c", "bad \xff\xfe utf8 \xe2\x28", "\x00\x01\b\f\n\r\t\"\\/\x7f", "🦄 你好 \U0010FFFF"}))
		id := func() tintype.ID {
			return tintype.MakeID(noon.UnixMilli()-rapid.Int64Range(0, 1e11).Draw(t, "age"), tintype.Shard(rapid.IntRange(0, 4095).Draw(t, "shard")), uint16(rapid.IntRange(1, 1023).Draw(t, "seq")))
		}
		r := reader{base: "https://photos.example:8443", users: map[tintype.ID]*tintype.User{}, hidden: map[tintype.ID]bool{}, signer: a.signer, liked: rapid.Bool().Draw(t, "liked")}
		var ids []tintype.ID
		for range rapid.IntRange(1, 6).Draw(t, "users") {
			u := &tintype.User{ID: id(), Username: rapid.StringMatching(`[a-z_.0-9]{1,30}`).Draw(t, "name"), FullName: text.Draw(t, "full"), Bio: text.Draw(t, "bio"), Website: text.Draw(t, "website"), Private: rapid.Bool().Draw(t, "private")}
			if rapid.Bool().Draw(t, "avatar") {
				u.AvatarKey = "AvatarKey_-12345678901"
			}
			if len(ids) > 0 && rapid.IntRange(0, 4).Draw(t, "state") == 0 {
				u.State = tintype.UserSuspended
			}
			if len(ids) > 0 && rapid.IntRange(0, 4).Draw(t, "hidden") == 0 {
				r.hidden[u.ID] = true
			}
			r.users[u.ID] = u
			ids = append(ids, u.ID)
		}
		if rapid.Bool().Draw(t, "viewer") {
			r.viewer = ids[len(ids)-1]
			delete(r.hidden, ids[0])
		} else {
			clear(r.hidden)
		}
		author := r.users[ids[0]]
		p := &tintype.Post{ID: id(), UserID: author.ID, Caption: text.Draw(t, "caption"), Likes: rapid.Int64Range(0, 1e9).Draw(t, "likes"), Comments: rapid.Int64Range(0, 1e6).Draw(t, "comments")}
		p.Tags = rapid.SliceOfN(text, 0, 3).Draw(t, "tags")
		if rapid.Bool().Draw(t, "edited") {
			p.Edited = noon
		}
		if rapid.Bool().Draw(t, "located") {
			p.Location = &tintype.Location{ID: tintype.ID(rapid.Int64Range(0, 1<<62).Draw(t, "place")), Name: text.Draw(t, "place name")}
			if p.Location.HasPoint = rapid.Bool().Draw(t, "point"); p.Location.HasPoint {
				p.Location.Latitude, p.Location.Longitude = rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")
			}
		}
		for range rapid.IntRange(1, 3).Draw(t, "media") {
			m := tintype.Media{Key: "k3yk3yk3yk3yk3yk3yk3y_", Width: rapid.IntRange(1, 1080).Draw(t, "w"), Height: rapid.IntRange(1, 16383).Draw(t, "h"),
				Blurhash: "L6Pj0^jE.AyE_3t7t7R**0o#DgR4", AltText: text.Draw(t, "alt"), Filter: rapid.SampledFrom([]string{"", "Sienna"}).Draw(t, "filter")}
			if rapid.Bool().Draw(t, "camera") {
				m.Camera = &tintype.Camera{Make: text.Draw(t, "make"), Aperture: 1.8, ISO: 100, Taken: noon}
			}
			for range rapid.IntRange(0, 2).Draw(t, "people") {
				m.People = append(m.People, tintype.PhotoTag{UserID: rapid.SampledFrom(ids).Draw(t, "named"), X: rapid.Float64Range(0, 1).Draw(t, "x"),
					Y: rapid.Float64Range(0, 1).Draw(t, "y"), State: rapid.SampledFrom([]int{tintype.EdgeGone, tintype.EdgeRequested, tintype.EdgeThere}).Draw(t, "named state")})
			}
			p.Media = append(p.Media, m)
		}
		for range rapid.IntRange(0, 4).Draw(t, "top comments") {
			p.TopComments = append(p.TopComments, tintype.Comment{ID: id(), PostID: p.ID, UserID: rapid.SampledFrom(ids).Draw(t, "by"), Text: text.Draw(t, "text")})
		}
		p.TopLikers = rapid.SliceOfN(rapid.SampledFrom(ids), 0, 4).Draw(t, "likers")

		want, err := json.Marshal(r.plain(p))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time from the kept fragment
			if got := r.spliced(a, p); got != string(want) {
				t.Fatalf("spliced differs from encoding/json:\n%s", cmp.Diff(string(want), got))
			}
		}
	})
}

func TestAppendStringEqualsEncodingJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendString(nil, s); !bytes.Equal(got, want) {
			t.Fatalf("%q: got %s, want %s", s, got, want)
		}
	})
}

func TestAppendFloatEqualsEncodingJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1e-7, 1e-10, 1e21, 1e20, 5e-324})).Draw(t, "f")
		want, err := json.Marshal(f)
		if err != nil {
			return // not a number
		}
		if got := appendFloat(nil, f); !bytes.Equal(got, want) {
			t.Fatalf("%v: got %s, want %s", f, got, want)
		}
	})
}

// album is a post that has everything, and its people.
func album() (*tintype.Post, map[tintype.ID]*tintype.User) {
	id := func(minutes int, seq uint16) tintype.ID {
		return tintype.MakeID(noon.Add(-time.Duration(minutes)*time.Minute).UnixMilli(), 42, seq)
	}
	ada := &tintype.User{ID: id(9000, 1), Username: "ada", FullName: "Ada Lovelace", Bio: "Numbers & looms\n<b>", Website: "https://example.org", AvatarKey: "AvatarKeyAvatarKey1234",
		Counts: tintype.UserCounts{Media: 3, Follows: 2, FollowedBy: 1}}
	grace := &tintype.User{ID: id(8000, 1), Username: "grace", FullName: ""}
	p := &tintype.Post{ID: id(60, 7), UserID: ada.ID, Caption: "Two of #looms with @grace\n…and <tea> & \"cake\"", Tags: []string{"looms"}, Mentions: []tintype.ID{grace.ID},
		Location: &tintype.Location{ID: 896, Name: "Café Zoo", Latitude: 52.5, Longitude: -0.125, HasPoint: true}, Edited: noon, Likes: 367, Comments: 16,
		Media: []tintype.Media{
			{Key: "AAAAAAAAAAAAAAAAAAAAA1", Width: 1080, Height: 720, Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj", AltText: "A loom", Filter: "Sienna",
				Camera: &tintype.Camera{Make: "Canon", Model: "EOS", Exposure: "1/250", Aperture: 2.8, ISO: 200, FocalLength: 50, Taken: noon.Add(-time.Hour)}},
			{Key: "AAAAAAAAAAAAAAAAAAAAA2", Width: 500, Height: 900, Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
				People: []tintype.PhotoTag{{UserID: grace.ID, X: 0.315, Y: 0.9111, State: tintype.EdgeThere}, {UserID: ada.ID, X: 0.5, Y: 0.5, State: tintype.EdgeRequested}}},
		},
		TopComments: []tintype.Comment{{ID: id(50, 1), UserID: grace.ID, Text: "Lovely <3"}, {ID: id(40, 1), UserID: ada.ID, Text: "谢谢"}},
		TopLikers:   []tintype.ID{grace.ID}}
	return p, map[tintype.ID]*tintype.User{ada.ID: ada, grace.ID: grace}
}

// TestGolden keeps the shapes of the objects: a change of one is a change of the API.
func TestGolden(t *testing.T) {
	t.Parallel()
	p, users := album()
	single := *p
	single.Media, single.Location, single.Caption, single.Edited, single.Tags = p.Media[1:], nil, "", time.Time{}, nil
	hidden := *users[p.UserID]
	hidden.Private = true
	ada, grace := users[p.UserID], users[p.TopLikers[0]]
	a := testAPI(fixed(noon))
	r := reader{base: "https://photos.example", viewer: grace.ID, users: users, signer: a.signer, liked: true}
	stranger := r
	stranger.viewer = 0
	private := r
	private.users = map[tintype.ID]*tintype.User{ada.ID: &hidden, grace.ID: grace}
	c := &call{base: r.base, pictures: r.base}
	marshal := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	full := c.userJSON(ada)
	full.Relationship = &relationshipJSON{Outgoing: "follows", Incoming: "none"}
	for _, tt := range []struct{ name, got string }{
		{"media_album", r.spliced(a, p)},
		{"media_single_stranger", stranger.spliced(a, &single)},
		{"media_private", private.spliced(testAPI(fixed(noon)), &single)},
		{"user", marshal(full)},
		{"user_short", marshal(c.shortJSON(grace))},
		{"self", marshal(selfJSON{userJSON: c.userJSON(ada), Email: "ada@example.org", Locale: "en", Unread: 3})},
		{"upload", marshal(c.uploadJSON(&tintype.Upload{ID: p.ID, Width: 10, Height: 20, Type: "image/heic", Bytes: 7, Created: noon, Location: p.Location, Camera: p.Media[0].Camera}))},
		{"session", marshal(sessionJSON{ID: "abc", Created: seconds(noon), Seen: seconds(noon), UserAgent: "Firefox", Address: "192.0.2.1", Current: true, App: &appName{ID: 7, Name: "An app"}})},
		{"invite", marshal(inviteJSON{Code: "abc", Created: seconds(noon)})},
		{"app", marshal((&API{limiter: newLimiter(nil, func() int { return 5000 }, nil)}).newAppJSON(&tintype.App{ID: 7, Name: "An app", ClientID: "c", RedirectURIs: []string{"https://a.example/cb"}, Scopes: tintype.ScopeAll, SecretHash: []byte{1}, Created: noon}, "secret"))},
		{"grant", marshal(grantJSON{App: appName{ID: 7, Name: "An app"}, Scopes: []string{"basic"}, Created: seconds(noon), Seen: seconds(noon)})},
		{"job", marshal(jobJSON{ID: "1", Database: "main", Kind: "edge", State: "discarded", Attempt: 12, Error: "no", Created: seconds(noon), Failed: seconds(noon)})},
		{"relationship", marshal(relationshipJSON{Outgoing: "requested", Incoming: "followed_by", Private: true})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, []byte(tt.got), "", "  "); err != nil {
				t.Fatalf("not JSON: %v\n%s", err, tt.got)
			}
			pretty.WriteByte('\n')
			name := filepath.Join("testdata", tt.name+".json")
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, pretty.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
				t.Errorf("differs from %s (-want +got), see -update:\n%s", name, diff)
			}
		})
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	now := noon
	s := newSigner([]byte("k"), func() time.Time { return now })
	q := strings.ReplaceAll(string(s.appendQuery(nil, 5, 7)), `\u0026`, "&")
	values := mustQuery(t, q)
	if got := s.viewer(5, values); got != 7 {
		t.Errorf("viewer = %d, want 7", got)
	}
	if got := s.viewer(6, values); got != 0 {
		t.Errorf("for another post: viewer = %d, want nobody", got)
	}
	other := mustQuery(t, strings.Replace(q, "v=7", "v=8", 1))
	if got := s.viewer(5, other); got != 0 {
		t.Errorf("for another viewer: viewer = %d, want nobody", got)
	}
	for cut := 1; cut < 22; cut++ {
		short := mustQuery(t, q[:len(q)-cut])
		if got := s.viewer(5, short); got != 0 {
			t.Errorf("signature cut by %d is good", cut)
		}
	}
	now = noon.Add(2 * signedFor)
	if got := s.viewer(5, values); got != 0 {
		t.Errorf("after %v: viewer = %d, want nobody", 2*signedFor, got)
	}
}

// A post that is taken whole must read as one that is put together, whoever
// reads it, and must not outlive a change of anybody whom it names.
func TestWholePosts(t *testing.T) {
	t.Parallel()
	a := testAPI(time.Now)
	p, users := album()
	read := func(drops uint64, base string, viewer tintype.ID, liked, wholes bool) (string, bool) {
		t.Helper()
		s := &splicer{api: a, base: base, viewer: viewer, wholes: wholes, drops: drops}
		s.needPost(p)
		taken := len(s.kept) == 1
		for _, id := range s.ids {
			s.users = append(s.users, users[id])
		}
		b, ok := s.post(nil, p, liked)
		if !ok {
			t.Fatal("the post is not shown")
		}
		return string(b), taken
	}
	const one, two = "http://one.example", "http://two.example"
	for i, step := range []struct {
		name   string
		drops  uint64
		base   string
		viewer tintype.ID
		liked  bool
		taken  bool
		before func()
	}{
		{name: "first reader", base: one},
		{name: "second reader", base: one, taken: true},
		{name: "a reader who likes it", base: one, viewer: 7, liked: true, taken: true},
		{name: "a reader who does not", base: one, viewer: 7, taken: true},
		{name: "another base", base: two},
		{name: "the first base again", base: one},
		{name: "after a change of the author", drops: 1, base: one, before: func() {
			u := *users[p.UserID]
			u.FullName = "Somebody Else"
			users[p.UserID] = &u
		}},
		{name: "and again", drops: 1, base: one, taken: true},
	} {
		if step.before != nil {
			step.before()
		}
		got, taken := read(step.drops, step.base, step.viewer, step.liked, true)
		want, _ := read(step.drops, step.base, step.viewer, step.liked, false)
		if got != want || taken != step.taken {
			t.Errorf("%d %s: taken whole %v, want %v\n%s", i, step.name, taken, step.taken, cmp.Diff(want, got))
		}
	}
	if got, _ := read(1, one, 0, false, true); !strings.Contains(got, "Somebody Else") {
		t.Error("the change of the author is not seen")
	}
	u := *users[p.UserID]
	u.Private = true
	users[p.UserID] = &u
	if _, taken := read(2, one, 7, false, true); taken {
		t.Error("a private post was taken whole")
	}
	if _, taken := read(2, one, 8, false, true); taken {
		t.Error("a private post was kept whole")
	}
}

// However small the table, and however many share a slot, nobody gets another's encoding.
func TestVersionsNeverMix(t *testing.T) {
	t.Parallel()
	v := newVersions[*int, int](1)
	numbers := make([]int, 50)
	for round := range 3 {
		for i := range numbers {
			n := new(int)
			*n = 100*round + i
			if got := v.get(tintype.ID(i+1), n, func(p *int) int { return *p }); got != *n {
				t.Fatalf("round %d: asked for %d, got %d", round, *n, got)
			}
			if got := v.get(tintype.ID(i+1), n, func(*int) int { t.Error("encoded twice in a row"); return *n }); got != *n {
				t.Fatalf("round %d, again: asked for %d, got %d", round, *n, got)
			}
		}
	}
}

func BenchmarkSpliceFeed(b *testing.B) {
	a := testAPI(time.Now)
	a.fragments = newFragments(1024)
	template, users := album()
	r := reader{users: users}
	s := &splicer{api: a, base: "http://localhost:8080", viewer: template.TopLikers[0]}
	var posts []*tintype.Post
	for i := range 20 {
		p := *template
		p.ID += tintype.ID(i) << 22
		p.Media = p.Media[:1]
		p.TopLikers = nil
		p.TopComments = nil
		for range 4 {
			u := *users[template.UserID]
			u.ID = tintype.ID(rand.Int64N(1 << 60))
			users[u.ID] = &u
			p.TopLikers = append(p.TopLikers, u.ID)
			p.TopComments = append(p.TopComments, tintype.Comment{ID: u.ID, UserID: u.ID, Text: "What a nice picture this is"})
		}
		posts = append(posts, &p)
	}
	buf := make([]byte, 0, 1<<20)
	b.ReportAllocs()
	for b.Loop() {
		s.ids, s.users = s.ids[:0], s.users[:0]
		s.index.reset()
		for _, p := range posts {
			s.needPost(p)
		}
		for _, id := range s.ids {
			s.users = append(s.users, r.users[id])
		}
		buf = buf[:0]
		for _, p := range posts {
			buf, _ = s.post(buf, p, true)
		}
	}
	b.SetBytes(int64(len(buf)))
}
