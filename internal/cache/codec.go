package cache

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"math"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Codec writes values of one type as bytes, for caches outside this process,
// and reads them. Make one with [Users], [Posts], [Relations], [Bools], [Ints] or [IDs].
//
// What is written begins with a schema number and the key, and ends with a
// checksum: bytes that are damaged, of another schema or of another key decode
// to nothing. That is a miss, so processes of two releases can share a cache
// while one replaces the other. The schema is in the value, not in the key: a
// drop must reach what any release has stored.
//
// Raise the schema number of a type whenever the type or its coding changes;
// a test holds goldens of each.
type Codec[V any] struct {
	schema byte
	write  func(w *writer, v V)
	read   func(r *reader) V
}

// The schema numbers of the types, by kind of value.
const (
	schemaUser     = 15
	schemaPost     = 16
	schemaRelation = 17
	schemaBool     = 4
	schemaIDs      = 5
	schemaInt      = 6
)

// castagnoli has instructions of its own on common processors.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Append appends v as the value of k to b.
func (c Codec[V]) Append(b []byte, k Key, v V) []byte {
	start := len(b)
	w := writer{b: append(b, c.schema)}
	w.uint(uint64(k.Kind))
	w.id(k.A)
	w.id(k.B)
	c.write(&w, v)
	return binary.BigEndian.AppendUint32(w.b, crc32.Checksum(w.b[start:], castagnoli))
}

// Decode reads what Append wrote; ok is false for anything else. The value does
// not keep b.
func (c Codec[V]) Decode(b []byte, k Key) (v V, ok bool) {
	n := len(b) - 4
	if n < 1 || b[0] != c.schema || binary.BigEndian.Uint32(b[n:]) != crc32.Checksum(b[:n], castagnoli) {
		return v, false
	}
	// One copy holds all the strings of the value.
	r := reader{s: string(b[1:n])}
	if r.uint() != uint64(k.Kind) || r.id() != k.A || r.id() != k.B {
		return v, false
	}
	v = c.read(&r)
	if r.bad || r.s != "" {
		var zero V
		return zero, false
	}
	return v, true
}

// Bools is the codec of bool.
func Bools() Codec[bool] {
	return Codec[bool]{schemaBool, (*writer).bool, (*reader).bool}
}

// Ints is the codec of whole numbers.
func Ints() Codec[int64] {
	return Codec[int64]{schemaInt, (*writer).int, (*reader).int}
}

// IDs is the codec of lists of IDs. An empty list and nil are the same.
func IDs() Codec[[]tintype.ID] {
	return Codec[[]tintype.ID]{schemaIDs, (*writer).ids, (*reader).ids}
}

// Relations is the codec of relations.
func Relations() Codec[tintype.Relation] {
	return Codec[tintype.Relation]{
		schema: schemaRelation,
		write: func(w *writer, v tintype.Relation) {
			w.bool(v.Follows)
			w.bool(v.Requested)
			w.bool(v.BlockedBy)
			w.bool(v.Blocks)
			w.bool(v.Followed)
			w.bool(v.CloseFriend)
		},
		read: func(r *reader) tintype.Relation {
			return tintype.Relation{Follows: r.bool(), Requested: r.bool(), BlockedBy: r.bool(), Blocks: r.bool(), Followed: r.bool(), CloseFriend: r.bool()}
		},
	}
}

// Users is the codec of users, which must not be nil.
func Users() Codec[*tintype.User] {
	return Codec[*tintype.User]{
		schema: schemaUser,
		write: func(w *writer, u *tintype.User) {
			w.id(u.ID)
			w.string(u.Username)
			w.string(u.FullName)
			w.string(u.Bio)
			w.string(u.Website)
			w.string(u.AvatarKey)
			w.bool(u.Private)
			w.bool(u.ShowsMap)
			w.bool(u.HidesLikes)
			w.uint(uint64(u.State))
			w.int(u.Counts.Media)
			w.int(u.Counts.Follows)
			w.int(u.Counts.FollowedBy)
			w.int(u.Counts.FriendMedia)
			w.uint(uint64(u.Commenters))
		},
		read: func(r *reader) *tintype.User {
			return &tintype.User{
				ID: r.id(), Username: r.string(), FullName: r.string(), Bio: r.string(), Website: r.string(), AvatarKey: r.string(),
				Private: r.bool(), ShowsMap: r.bool(), HidesLikes: r.bool(), State: tintype.UserState(r.uint8()),
				Counts:     tintype.UserCounts{Media: r.int(), Follows: r.int(), FollowedBy: r.int(), FriendMedia: r.int()},
				Commenters: tintype.Commenters(r.uint8()),
			}
		},
	}
}

// Posts is the codec of posts, which must not be nil. Empty lists and nil are the same.
func Posts() Codec[*tintype.Post] {
	return Codec[*tintype.Post]{schemaPost, (*writer).post, (*reader).post}
}

func (w *writer) post(p *tintype.Post) {
	w.id(p.ID)
	w.id(p.UserID)
	w.string(p.Caption)
	w.uint(uint64(len(p.Tags)))
	for _, t := range p.Tags {
		w.string(t)
	}
	w.ids(p.Mentions)
	w.bool(p.Location != nil)
	if l := p.Location; l != nil {
		w.id(l.ID)
		w.string(l.Name)
		w.float(l.Latitude)
		w.float(l.Longitude)
		w.bool(l.HasPoint)
		w.bool(l.OffMap)
	}
	w.uint(uint64(len(p.Media)))
	for i := range p.Media {
		w.media(&p.Media[i])
	}
	w.bool(p.TakenDown)
	w.time(p.Edited)
	w.int(p.Likes)
	w.int(p.Comments)
	w.uint(uint64(p.Audience))
	w.bool(p.Archived)
	w.bool(p.Pinned)
	w.uint(uint64(p.HideLikes))
	w.uint(uint64(len(p.TopComments)))
	for _, c := range p.TopComments {
		w.id(c.ID)
		w.id(c.PostID)
		w.id(c.UserID)
		w.string(c.Text)
	}
	w.ids(p.TopLikers)
	w.uint(uint64(p.Commenters))
	w.ids(p.HeldBy)
}

func (r *reader) post() *tintype.Post {
	p := &tintype.Post{ID: r.id(), UserID: r.id(), Caption: r.string()}
	p.Tags = list(r, 1, (*reader).string)
	p.Mentions = r.ids()
	if r.bool() {
		p.Location = &tintype.Location{ID: r.id(), Name: r.string(), Latitude: r.float(), Longitude: r.float(), HasPoint: r.bool(), OffMap: r.bool()}
	}
	p.Media = list(r, 10, (*reader).media)
	p.TakenDown, p.Edited, p.Likes, p.Comments = r.bool(), r.time(), r.int(), r.int()
	p.Audience, p.Archived, p.Pinned, p.HideLikes = tintype.Audience(r.uint8()), r.bool(), r.bool(), tintype.Choice(r.uint8())
	p.TopComments = list(r, 4, func(r *reader) tintype.Comment {
		return tintype.Comment{ID: r.id(), PostID: r.id(), UserID: r.id(), Text: r.string()}
	})
	p.TopLikers = r.ids()
	p.Commenters = tintype.Commenters(r.uint8())
	p.HeldBy = r.ids()
	return p
}

func (w *writer) media(m *tintype.Media) {
	w.string(m.Key)
	w.string(m.OriginalKey)
	w.string(m.OriginalType)
	w.int(m.OriginalBytes)
	w.int(int64(m.Width))
	w.int(int64(m.Height))
	w.string(m.Blurhash)
	w.string(m.AltText)
	w.string(m.Filter)
	w.string(string(m.Recipe))
	w.bool(m.Camera != nil)
	if c := m.Camera; c != nil {
		w.string(c.Make)
		w.string(c.Model)
		w.string(c.Lens)
		w.string(c.Exposure)
		w.float(c.Aperture)
		w.int(int64(c.ISO))
		w.float(c.FocalLength)
		w.time(c.Taken)
	}
	w.uint(uint64(len(m.People)))
	for _, t := range m.People {
		w.id(t.UserID)
		w.float(t.X)
		w.float(t.Y)
		w.uint(uint64(t.State))
	}
}

func (r *reader) media() tintype.Media {
	m := tintype.Media{
		Key: r.string(), OriginalKey: r.string(), OriginalType: r.string(), OriginalBytes: r.int(),
		Width: int(r.int()), Height: int(r.int()), Blurhash: r.string(), AltText: r.string(), Filter: r.string(),
	}
	if s := r.string(); s != "" {
		m.Recipe = json.RawMessage(s)
	}
	if r.bool() {
		m.Camera = &tintype.Camera{
			Make: r.string(), Model: r.string(), Lens: r.string(), Exposure: r.string(),
			Aperture: r.float(), ISO: int(r.int()), FocalLength: r.float(), Taken: r.time(),
		}
	}
	m.People = list(r, 18, func(r *reader) tintype.PhotoTag {
		return tintype.PhotoTag{UserID: r.id(), X: r.float(), Y: r.float(), State: int(r.uint8())}
	})
	return m
}

// writer appends the parts of a value.
type writer struct{ b []byte }

func (w *writer) uint(v uint64)   { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)     { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) id(v tintype.ID) { w.uint(uint64(v)) }
func (w *writer) float(v float64) { w.b = binary.BigEndian.AppendUint64(w.b, math.Float64bits(v)) }
func (w *writer) string(s string) { w.uint(uint64(len(s))); w.b = append(w.b, s...) }
func (w *writer) ids(ids []tintype.ID) {
	w.uint(uint64(len(ids)))
	for _, id := range ids {
		w.id(id)
	}
}

func (w *writer) bool(v bool) {
	if v {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

// time keeps the offset from UTC, which people see of a camera's clock. An
// instant that has no such form (a zone of broken minutes) is written in UTC.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.uint(0)
		return
	}
	b, err := t.MarshalBinary()
	if err != nil {
		b, err = t.UTC().MarshalBinary()
	}
	if err != nil {
		b = nil
	}
	w.string(string(b))
}

// reader takes the parts of a value off s; bad tells that there was not what
// should be.
type reader struct {
	s   string
	bad bool
}

func (r *reader) uint() (v uint64) {
	for i := 0; i < len(r.s) && i < binary.MaxVarintLen64; i++ {
		c := r.s[i]
		if c < 0x80 {
			if i == binary.MaxVarintLen64-1 && c > 1 {
				break
			}
			r.s = r.s[i+1:]
			return v | uint64(c)<<(7*i)
		}
		v |= uint64(c&0x7f) << (7 * i)
	}
	r.fail()
	return 0
}

func (r *reader) fail() { r.s, r.bad = "", true }

func (r *reader) int() int64 {
	u := r.uint()
	v := int64(u >> 1)
	if u&1 != 0 {
		v = ^v
	}
	return v
}

func (r *reader) id() tintype.ID { return tintype.ID(r.uint()) }

func (r *reader) uint8() uint8 {
	v := r.uint()
	if v > math.MaxUint8 {
		r.fail()
	}
	return uint8(v)
}

func (r *reader) take(n uint64) string {
	if n > uint64(len(r.s)) {
		r.fail()
		return ""
	}
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *reader) string() string { return r.take(r.uint()) }

func (r *reader) float() float64 {
	s := r.take(8)
	if r.bad {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64([]byte(s)))
}

func (r *reader) bool() bool {
	s := r.take(1)
	if s > "\x01" {
		r.fail()
	}
	return s == "\x01"
}

func (r *reader) time() (t time.Time) {
	if s := r.string(); s != "" && t.UnmarshalBinary([]byte(s)) != nil {
		r.fail()
	}
	return t
}

func (r *reader) ids() []tintype.ID { return list(r, 1, (*reader).id) }

// list reads a list whose items take at least least bytes each, so that a wrong
// length asks for no more memory than the value has bytes.
func list[T any](r *reader, least int, item func(*reader) T) []T {
	n := r.uint()
	if n > uint64(len(r.s)/least) {
		r.fail()
		return nil
	}
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		out[i] = item(r)
	}
	return out
}
