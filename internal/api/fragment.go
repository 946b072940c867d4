package api

import (
	"encoding/json"
	"sync/atomic"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// A post is encoded once per version, not once per reader: what is the same
// for everybody is kept as bytes, with marks where the reader's part goes. A
// version is a pointer: hydrated posts and users are immutable, so a new one is
// a new pointer.

// mark is a place in a fragment where something of the request is written.
type mark struct {
	at    int32
	what  markKind
	media uint8 // which picture, of markPeople
}

type markKind uint8

const (
	markBase     markKind = iota // scheme and host of pages
	markMedia                    // scheme and host of the author's pictures
	markSign                     // signature of a private post's media URL
	markUser                     // the author, short, with bio and website
	markCaption                  // the author as the caption's author
	markComments                 // the list of embedded comments
	markLikers                   // the list of embedded likers
	markPeople                   // the list of those in a picture
	markLiked                    // whether the viewer likes it
)

// fragment is an encoded post.
type fragment struct {
	post     *tintype.Post
	text     []byte
	marks    []mark
	comments [][]byte // each up to its author

	whole atomic.Pointer[whole]
}

// whole is a post filled in for every reader at one base URL who needs no
// signature and hides nobody, as nearly all do. It holds while no user has
// changed since: then only the like is left to be written, between head and tail.
type whole struct {
	base       string
	drops      uint64 // of users, before they were read
	head, tail []byte
}

// person is an encoded short user: the base URL of public pictures goes between head and tail.
type person struct {
	user       *tintype.User
	head, tail []byte
	more       []byte // what an author has beyond it, up to the closing brace
	whole      atomic.Pointer[wholePerson]
}

// wholePerson is a person with a base URL filled in.
type wholePerson struct {
	base string
	text []byte
}

// at gives the person for a base URL; see fragment.at.
func (p *person) at(base string) []byte {
	if w := p.whole.Load(); w != nil && w.base == base {
		return w.text
	}
	w := &wholePerson{base: base, text: append(append(append(make([]byte, 0, len(p.head)+len(base)+len(p.tail)), p.head...), base...), p.tail...)}
	p.whole.Store(w)
	return w.text
}

// fragments keeps encoded posts and people.
type fragments struct {
	posts  versions[*tintype.Post, *fragment]
	people versions[*tintype.User, *person]
}

func newFragments(n int) *fragments {
	return &fragments{posts: newVersions[*tintype.Post, *fragment](n), people: newVersions[*tintype.User, *person](2 * n)}
}

func (f *fragments) ofPost(p *tintype.Post) *fragment { return f.posts.get(p.ID, p, encodePost) }

func (f *fragments) ofUser(u *tintype.User) *person { return f.people.get(u.ID, u, encodePerson) }

// versions keeps one encoding per version of a thing, in a table without locks.
// An ID has the four slots of its set to choose from; when they are taken, one
// of them is given up, which costs one encoding.
type versions[P comparable, V any] struct {
	slots []atomic.Pointer[version[P, V]]
	turn  *atomic.Uint32 // whose turn it is to be given up
}

type version[P comparable, V any] struct {
	id tintype.ID
	of P // the version
	v  V
}

const ways = 4

func newVersions[P comparable, V any](n int) versions[P, V] {
	size := ways
	for size < n {
		size *= 2
	}
	return versions[P, V]{slots: make([]atomic.Pointer[version[P, V]], size), turn: new(atomic.Uint32)}
}

func (t *versions[P, V]) get(id tintype.ID, of P, encode func(P) V) V {
	at := slot(id, len(t.slots)) &^ (ways - 1)
	set := t.slots[at : at+ways]
	use := -1
	for i := range set {
		e := set[i].Load()
		switch {
		case e == nil:
			if use < 0 {
				use = i
			}
		case e.of == of:
			return e.v
		case e.id == id:
			use = i // an older version
		}
	}
	if use < 0 {
		use = int(t.turn.Add(1) % ways)
	}
	e := &version[P, V]{id, of, encode(of)}
	set[use].Store(e)
	return e.v
}

// slot spreads IDs, whose low bits hardly differ, over a table.
func slot(id tintype.ID, size int) uint64 {
	return uint64(id) * 0x9E3779B97F4A7C15 >> 20 & uint64(size-1)
}

func encodePerson(u *tintype.User) *person {
	b := append(make([]byte, 0, 200+len(u.FullName)+len(u.Bio)+len(u.Website)), `{"id":`...)
	b = appendID(b, u.ID)
	b = append(b, `,"username":`...)
	b = appendString(b, u.Username)
	b = append(b, `,"full_name":`...)
	b = appendString(b, u.FullName)
	b = append(b, `,"profile_picture":"`...)
	n := len(b)
	b = appendInner(b, AvatarPath(u))
	b = append(b, `"}`...)
	end := len(b)
	b = append(b, `,"bio":`...)
	b = appendString(b, u.Bio)
	b = append(b, `,"website":`...)
	b = appendString(b, u.Website)
	b = append(b, '}')
	return &person{user: u, head: b[:n:n], tail: b[n:end:end], more: b[end:]}
}

// postWriter collects text and marks.
type postWriter struct {
	b     []byte
	marks []mark
}

func (w *postWriter) text(s string)   { w.b = append(w.b, s...) }
func (w *postWriter) string(s string) { w.b = appendString(w.b, s) }
func (w *postWriter) int(n int)       { w.b = appendInt(w.b, int64(n)) }
func (w *postWriter) mark(k markKind) { w.marks = append(w.marks, mark{at: int32(len(w.b)), what: k}) }
func (w *postWriter) people(i int) {
	w.marks = append(w.marks, mark{int32(len(w.b)), markPeople, uint8(i)})
}
func (w *postWriter) id(id tintype.ID)  { w.b = appendID(w.b, id) }
func (w *postWriter) float(f float64)   { w.b = appendFloat(w.b, f) }
func (w *postWriter) time(i tintype.ID) { w.b = appendSeconds(w.b, i) }

// encodePost writes the media object of API v1, in the field order of Media.
func encodePost(p *tintype.Post) *fragment {
	code := p.ID.Shortcode()
	first := &p.Media[0]
	w := &postWriter{b: make([]byte, 0, 1500+700*len(p.Media)+2*len(p.Caption))}
	w.text(`{"attribution":null,"type":"`)
	w.text(mediaType(p))
	w.text(`","id":"`)
	w.text(p.MediaID())
	w.text(`","shortcode":"`)
	w.text(code)
	w.text(`","filter":`)
	w.string(filterName(first))
	w.text(`,"created_time":`)
	w.time(p.ID)
	w.text(`,"edited_time":`)
	if p.Edited.IsZero() {
		w.text(`null`)
	} else {
		w.text(`"`)
		w.b = appendInt(w.b, p.Edited.Unix())
		w.text(`"`)
	}
	w.text(`,"link":"`)
	w.mark(markBase)
	w.text("/p/" + code)
	w.text(`","tags":[`)
	for i, t := range p.Tags {
		if i > 0 {
			w.text(`,`)
		}
		w.string(t)
	}
	w.text(`],"location":`)
	w.location(p.Location)
	w.standing(p)
	w.text(`,`)
	w.item(code, first)
	if len(p.Media) > 1 {
		w.text(`,"carousel_media":[`)
		for i := range p.Media {
			if i > 0 {
				w.text(`,`)
			}
			w.text(`{`)
			w.item(code, &p.Media[i])
			w.text(`,"users_in_photo":[`)
			w.people(i)
			w.text(`]}`)
		}
		w.text(`]`)
	}
	w.text(`,"caption":`)
	if p.Caption == "" {
		w.text(`null`)
	} else {
		w.text(`{"id":`)
		w.id(p.ID)
		w.text(`,"created_time":`)
		w.time(p.ID)
		w.text(`,"text":`)
		w.string(p.Caption)
		w.text(`,"from":`)
		w.mark(markCaption)
		w.text(`}`)
	}
	w.text(`,"comments":{"count":`)
	w.int(int(p.Comments))
	w.text(`,"data":[`)
	w.mark(markComments)
	w.text(`]},"likes":{"count":`)
	w.int(int(p.Likes))
	w.text(`,"data":[`)
	w.mark(markLikers)
	w.text(`]`)
	if p.LikesHidden {
		w.text(`,"hidden":true`)
	}
	w.text(`},"users_in_photo":[`)
	w.people(0)
	w.text(`]`)
	if p.Commenters != tintype.CommentersUnset {
		w.text(`,"commenters":"` + p.Commenters.String() + `"`)
	}
	if p.NoComment {
		w.text(`,"can_comment":false`)
	}
	if p.Covered {
		w.text(`,"has_hidden_words":true`)
	}
	w.mark(markLiked)
	w.text(`,"user":`)
	w.mark(markUser)
	w.text(`}`)
	f := &fragment{post: p, text: w.b, marks: w.marks}
	for i := range p.TopComments {
		f.comments = append(f.comments, commentHead(nil, &p.TopComments[i]))
	}
	return f
}

// commentHead appends a comment up to its author, who and a brace must follow.
func commentHead(b []byte, c *tintype.Comment) []byte {
	b = append(b, `{"id":`...)
	b = appendID(b, c.ID)
	b = append(b, `,"created_time":`...)
	b = appendSeconds(b, c.ID)
	b = append(b, `,"text":`...)
	b = appendString(b, c.Text)
	return append(b, `,"from":`...)
}

// standing writes what is to be said of how a post stands among the others; mostly that is nothing.
func (w *postWriter) standing(p *tintype.Post) {
	if p.Audience == tintype.AudienceFriends {
		w.text(`,"audience":"` + audienceFriends + `"`)
	}
	if p.Archived {
		w.text(`,"is_archived":true`)
	}
	if p.Pinned && !p.Archived {
		w.text(`,"is_pinned":true`)
	}
}

func (w *postWriter) location(l *tintype.Location) {
	if l == nil {
		w.text(`null`)
		return
	}
	w.text(`{`)
	sep := ""
	if l.ID != 0 {
		// A number, as clients of API v1 expect inside media; see docs/api.md.
		w.text(`"id":`)
		w.b = appendInt(w.b, int64(l.ID))
		sep = `,`
	}
	if l.Name != "" {
		w.text(sep + `"name":`)
		w.string(l.Name)
		sep = `,`
	}
	if l.HasPoint {
		w.text(sep + `"latitude":`)
		w.float(l.Latitude)
		w.text(`,"longitude":`)
		w.float(l.Longitude)
		if l.OffMap {
			w.text(`,"on_map":false`)
		}
	}
	w.text(`}`)
}

// item writes what one picture has, without braces.
func (w *postWriter) item(code string, m *tintype.Media) {
	w.text(`"images":{"low_resolution":`)
	w.image(code, m, imaging.Size306s, "")
	w.text(`,"thumbnail":`)
	w.image(code, m, imaging.Size150s, "")
	w.text(`,"standard_resolution":`)
	w.image(code, m, imaging.Size612s, "")
	w.text(`},"renditions":[`)
	for i, s := range renditionSizes {
		if i > 0 {
			w.text(`,`)
		}
		w.image(code, m, s, "image/jpeg")
	}
	w.text(`],"blurhash":`)
	w.string(m.Blurhash)
	w.text(`,"alt_text":`)
	w.string(m.AltText)
	w.text(`,"width":`)
	w.int(m.Width)
	w.text(`,"height":`)
	w.int(m.Height)
	w.text(`,"camera":`)
	if m.Camera == nil {
		w.text(`null`)
		return
	}
	text, err := json.Marshal(m.Camera)
	if err != nil { // a float that is no number; the rest of the post is worth more
		text = []byte("null")
	}
	w.b = append(w.b, text...)
}

func (w *postWriter) image(code string, m *tintype.Media, size, typ string) {
	width, height := Dimensions(m, size)
	w.text(`{"url":"`)
	w.mark(markMedia)
	w.text(mediaPath(code, m.Key, size))
	w.mark(markSign)
	w.text(`","width":`)
	w.int(width)
	w.text(`,"height":`)
	w.int(height)
	if typ != "" {
		w.text(`,"type":"` + typ + `"`)
	}
	w.text(`}`)
}

// renditionSizes are listed with each picture, largest first.
var renditionSizes = [...]string{imaging.Size1080, imaging.Size640, imaging.Size320s, imaging.Size150s}

// Dimensions gives a rendition's size in pixels: nothing is ever enlarged.
func Dimensions(m *tintype.Media, size string) (w, h int) {
	want := imaging.Width(size)
	if imaging.Square(size) {
		side := min(want, m.Width, m.Height)
		return side, side
	}
	if m.Width <= want {
		return m.Width, m.Height
	}
	return want, max(1, (m.Height*want+m.Width/2)/m.Width)
}

func mediaType(p *tintype.Post) string {
	if len(p.Media) > 1 {
		return "carousel"
	}
	return "image"
}

func filterName(m *tintype.Media) string {
	if m.Filter == "" {
		return "Normal"
	}
	return m.Filter
}

// MediaPath is the path of a rendition of one picture of p.
func MediaPath(p *tintype.Post, m *tintype.Media, size string) string {
	return mediaPath(p.ID.Shortcode(), m.Key, size)
}

func mediaPath(code, key, size string) string { return "/m/" + code + "/" + key + "/" + size + ".jpg" }
