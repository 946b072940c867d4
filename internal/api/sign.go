package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Media of private users carries the viewer, an expiry and a signature in its
// URL, so that an <img> without a credential works for whom the URL was made.
// The signature only says who is looking: whether that viewer may see the post
// is asked again for every request, so a revocation is immediate.

const (
	// signedFor is how long a media URL is good at least, and twice that at
	// most: the expiry is rounded, so that a URL stays the same for a while and
	// browsers find it in their cache.
	signedFor = 5 * time.Minute
	sigBytes  = 16
)

type signer struct {
	clock  tintype.Clock
	hashes *sync.Pool // of hash.Hash keyed with the secret: keying one costs more than using it
}

func newSigner(secret []byte, clock tintype.Clock) signer {
	return signer{clock: clock, hashes: &sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}}
}

// What a media URL says: who looks, or through which secret link.
const (
	signedViewer = 'v'
	signedLink   = 'l'
)

// appendQuery appends ?v=…&e=…&s=… as it stands inside a JSON string.
func (s *signer) appendQuery(b []byte, post, viewer tintype.ID) []byte {
	return s.append(b, `\u0026`, signedViewer, post, viewer)
}

// linkQuery is ?l=…&e=…&s=… for a picture that is seen through a secret link.
func (s *signer) linkQuery(post, link tintype.ID) string {
	return string(s.append(nil, "&", signedLink, post, link))
}

func (s *signer) append(b []byte, and string, by byte, post, who tintype.ID) []byte {
	step := int64(signedFor / time.Second)
	expiry := (s.clock().Unix()/step + 2) * step
	b = append(b, '?', by, '=')
	b = strconv.AppendInt(b, int64(who), 10)
	b = append(b, and...)
	b = append(b, `e=`...)
	b = strconv.AppendInt(b, expiry, 10)
	b = append(b, and...)
	b = append(b, `s=`...)
	sig := s.sum(by, post, who, expiry)
	return base64.RawURLEncoding.AppendEncode(b, sig[:sigBytes])
}

func (s *signer) sum(by byte, post, who tintype.ID, expiry int64) (sum [sha256.Size]byte) {
	var m [4 * 8]byte
	if copy(m[:], "media 1\n"); by == signedLink {
		copy(m[:], "links 1\n")
	}
	binary.BigEndian.PutUint64(m[8:], uint64(post))
	binary.BigEndian.PutUint64(m[16:], uint64(who))
	binary.BigEndian.PutUint64(m[24:], uint64(expiry))
	h := s.hashes.Get().(hash.Hash)
	h.Reset()
	h.Write(m[:])
	h.Sum(sum[:0])
	s.hashes.Put(h)
	return sum
}

// viewer gives for whom a media URL of post was signed, 0 if for nobody (any more).
func (s *signer) viewer(post tintype.ID, q url.Values) tintype.ID {
	return s.signed(signedViewer, post, q)
}

// link is viewer for a secret link.
func (s *signer) link(post tintype.ID, q url.Values) tintype.ID { return s.signed(signedLink, post, q) }

func (s *signer) signed(by byte, post tintype.ID, q url.Values) tintype.ID {
	name := string(rune(by))
	if len(q[name]) != 1 || len(q["e"]) != 1 || len(q["s"]) != 1 {
		return 0
	}
	who, err := tintype.ParseID(q.Get(name))
	if err != nil {
		return 0
	}
	expiry, err := strconv.ParseInt(q.Get("e"), 10, 64)
	if err != nil || expiry <= s.clock().Unix() || q.Get("e") != strconv.FormatInt(expiry, 10) {
		return 0
	}
	sum := s.sum(by, post, who, expiry)
	want := base64.RawURLEncoding.EncodeToString(sum[:sigBytes])
	if !hmac.Equal([]byte(want), []byte(q.Get("s"))) {
		return 0
	}
	return who
}
