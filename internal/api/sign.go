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

// appendQuery appends ?v=…&e=…&s=… as it stands inside a JSON string.
func (s *signer) appendQuery(b []byte, post, viewer tintype.ID) []byte {
	step := int64(signedFor / time.Second)
	expiry := (s.clock().Unix()/step + 2) * step
	b = append(b, `?v=`...)
	b = strconv.AppendInt(b, int64(viewer), 10)
	b = append(b, `\u0026e=`...)
	b = strconv.AppendInt(b, expiry, 10)
	b = append(b, `\u0026s=`...)
	sig := s.sum(post, viewer, expiry)
	return base64.RawURLEncoding.AppendEncode(b, sig[:sigBytes])
}

func (s *signer) sum(post, viewer tintype.ID, expiry int64) (sum [sha256.Size]byte) {
	var m [4 * 8]byte
	copy(m[:], "media 1\n")
	binary.BigEndian.PutUint64(m[8:], uint64(post))
	binary.BigEndian.PutUint64(m[16:], uint64(viewer))
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
	if len(q["v"]) != 1 || len(q["e"]) != 1 || len(q["s"]) != 1 {
		return 0
	}
	viewer, err := tintype.ParseID(q.Get("v"))
	if err != nil {
		return 0
	}
	expiry, err := strconv.ParseInt(q.Get("e"), 10, 64)
	if err != nil || expiry <= s.clock().Unix() || q.Get("e") != strconv.FormatInt(expiry, 10) {
		return 0
	}
	sum := s.sum(post, viewer, expiry)
	want := base64.RawURLEncoding.EncodeToString(sum[:sigBytes])
	if !hmac.Equal([]byte(want), []byte(q.Get("s"))) {
		return 0
	}
	return viewer
}
