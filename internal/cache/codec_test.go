package cache_test

import (
	"encoding/hex"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

func fullPost() *tintype.Post {
	return &tintype.Post{
		ID: 1<<62 + 5, UserID: 7, Caption: "Ein Tag am See #see \U0001F31E", Tags: []string{"see", "sommer"}, Mentions: []tintype.ID{3, 9},
		Location: &tintype.Location{ID: 4, Name: "See", Latitude: -12.5, Longitude: 170.25, HasPoint: true, OffMap: true},
		Media: []tintype.Media{{
			Key: "abcdefghijklmnopqrstuv", OriginalKey: "o/ab/cd", OriginalType: "image/jpeg", OriginalBytes: 1 << 33, Width: 1080, Height: 720,
			Blurhash: "LEHV6n", AltText: "a lake", Filter: "Clarendon", Recipe: json.RawMessage(`{"a":1}`),
			Camera: &tintype.Camera{Make: "Nikon", Model: "FM2", Lens: "50", Exposure: "1/250", Aperture: 1.8, ISO: 400, FocalLength: 50,
				Taken: time.Date(2012, 4, 3, 12, 0, 0, 500, time.FixedZone("", 7200))},
		}, {Key: "k2", Width: 1, Height: 2, People: []tintype.PhotoTag{{UserID: 9, X: 0.5, Y: 0.25, State: 2}}}},
		TakenDown: true, Edited: time.Date(2013, 1, 1, 0, 0, 0, 1000, time.UTC), Likes: 12, Comments: 1,
		TopComments: []tintype.Comment{{ID: 8, PostID: 1<<62 + 5, UserID: 2, Text: "Oh"}}, TopLikers: []tintype.ID{2, 3},
		Commenters: tintype.CommentersFollowers, HeldBy: []tintype.ID{11, 12},
		Audience: tintype.AudienceFriends, Archived: true, Pinned: true, HideLikes: tintype.ChoiceNo,
	}
}

func fullUser() *tintype.User {
	return &tintype.User{ID: 7, Username: "anna", FullName: "Anna A.", Bio: "hi", Website: "https://a.example", AvatarKey: "k",
		Private: true, ShowsMap: true, State: tintype.UserSuspended, Counts: tintype.UserCounts{Media: 1, Follows: 2, FollowedBy: 300, FriendMedia: 4}, HidesLikes: true, Commenters: tintype.CommentersNobody}
}

// check encodes a value, compares it with its golden, and looks at what becomes of damaged bytes.
func check[V any](t *testing.T, c cache.Codec[V], v V, golden string) {
	t.Helper()
	k := cache.Key{Kind: cache.KindPost, A: 77, B: 1 << 61}
	b := c.Append([]byte("x"), k, v)[1:]
	if got := hex.EncodeToString(b); got != golden {
		t.Errorf("the coding of %T changed: raise its schema number.\n got %s\nwant %s", v, got, golden)
	}
	got, ok := c.Decode(b, k)
	if !ok {
		t.Fatalf("%T does not decode", v)
	}
	if diff := cmp.Diff(v, got); diff != "" {
		t.Errorf("%T (-in +out):\n%s", v, diff)
	}
	for _, other := range []cache.Key{{Kind: cache.KindUser, A: 77, B: 1 << 61}, {Kind: cache.KindPost, A: 78, B: 1 << 61}, {Kind: cache.KindPost, A: 77}} {
		if _, ok := c.Decode(b, other); ok {
			t.Errorf("%T decodes as the value of %v", v, other)
		}
	}
	for i := range b {
		if _, ok := c.Decode(b[:i], k); ok {
			t.Errorf("%T: the first %d bytes decode", v, i)
		}
		d := append([]byte(nil), b...)
		d[i] ^= 1 << (i % 8)
		if _, ok := c.Decode(d, k); ok {
			t.Errorf("%T decodes with a wrong bit in byte %d", v, i)
		}
	}
	if _, ok := c.Decode(append(b, 0), k); ok {
		t.Errorf("%T decodes with a byte too many", v)
	}
}

func TestCodecs(t *testing.T) {
	t.Parallel()
	check(t, cache.Users(), fullUser(), goldenUser)
	check(t, cache.Posts(), fullPost(), goldenPost)
	check(t, cache.Relations(), tintype.Relation{Follows: true, Blocks: true, CloseFriend: true, Followed: true}, goldenRelation)
	check(t, cache.Bools(), true, goldenBool)
	check(t, cache.IDs(), []tintype.ID{1, 1 << 62, 3}, goldenIDs)
	check(t, cache.Ints(), int64(-300), goldenInt)
	k := cache.Key{Kind: cache.KindPost, A: 1}
	for name, p := range map[string]*tintype.Post{"zero": {}, "media": {Media: []tintype.Media{{Camera: &tintype.Camera{}}}}} {
		got, ok := cache.Posts().Decode(cache.Posts().Append(nil, k, p), k)
		if diff := cmp.Diff(p, got); !ok || diff != "" {
			t.Errorf("%s: %v %s", name, ok, diff)
		}
	}
	_, offset := mustDecode(t, fullPost()).Media[0].Camera.Taken.Zone()
	if offset != 7200 {
		t.Errorf("the camera's offset became %d", offset)
	}
}

func mustDecode(t *testing.T, p *tintype.Post) *tintype.Post {
	t.Helper()
	k := cache.Key{Kind: cache.KindPost, A: 1}
	got, ok := cache.Posts().Decode(cache.Posts().Append(nil, k, p), k)
	if !ok {
		t.Fatal("it does not decode")
	}
	return got
}

// FuzzDecode: whatever the bytes are, decoding neither panics nor gives
// something that would be written differently. The checksum is made good, so that the parts behind it are reached.
func FuzzDecode(f *testing.F) {
	k := cache.Key{Kind: cache.KindPost, A: 1}
	f.Add(cache.Posts().Append(nil, k, fullPost()))
	f.Add(cache.Users().Append(nil, k, fullUser()))
	f.Add(cache.IDs().Append(nil, k, []tintype.ID{1, 2}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzOne(t, cache.Posts(), k, b)
		fuzzOne(t, cache.Users(), k, b)
		fuzzOne(t, cache.Relations(), k, b)
		fuzzOne(t, cache.Bools(), k, b)
		fuzzOne(t, cache.IDs(), k, b)
	})
}

func fuzzOne[V any](t *testing.T, c cache.Codec[V], k cache.Key, b []byte) {
	t.Helper()
	for _, b := range [][]byte{b, cache.Sealed(c, b)} {
		v, ok := c.Decode(b, k)
		if !ok {
			continue
		}
		again, ok := c.Decode(c.Append(nil, k, v), k)
		if diff := cmp.Diff(v, again, cmp.Comparer(func(a, b float64) bool { return a == b || a != a && b != b })); !ok || diff != "" {
			t.Errorf("%T is not the same when written and read again: %v %s", v, ok, diff)
		}
	}
}

func BenchmarkDecodePost(b *testing.B) {
	k := cache.Key{Kind: cache.KindPost, A: 1}
	c := cache.Posts()
	text := c.Append(nil, k, fullPost())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Decode(text, k); !ok {
			b.Fatal("it does not decode")
		}
	}
}
