package redis

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"strconv"
	"sync"

	"github.com/redis/rueidis"
	"github.com/tintype/tintype/internal/tintype"
)

// ForeignKeys is the truth that a [KeyMap] is a copy of. sqlstore.ForeignKeys
// provides it. A key is mapped once, and never to anything else.
type ForeignKeys interface {
	// Get gives the ID of each key, in order, 0 where there is none.
	Get(ctx context.Context, namespace string, keys []string) ([]tintype.ID, error)
	// Put maps keys[i] to ids[i], all or none.
	Put(ctx context.Context, namespace string, keys []string, ids []tintype.ID) error
}

// KeyMap answers for ForeignKeys from memory: what it finds in Redis is true,
// since nothing is mapped twice, and what it does not find it asks the truth
// and keeps. It implements ForeignKeys. A server that is down or was emptied
// costs those questions; no error is Redis's.
//
// As in the original (Krieger, "Storing hundreds of millions of simple
// key-value pairs in Redis", 2011) pairs lie in hashes of at most some hundred,
// which Redis keeps as one packed string each.
//
// A key that is a number below 2^40 lies in bucket key/127 under key%127, so
// numbers that are close together (serial numbers of an older site) take 13
// bytes a pair, and numbers far apart some 100. All other keys are hashed: 128
// bits of SHA-256 stand for the key, which is not kept. Nobody can find two
// texts that share them, or another text for somebody's key, so nothing is
// compared again. Such a pair takes about 32 bytes where there are as many as
// Expect says. TestKeyMapMemory measures both.
type KeyMap struct {
	P     *Pool
	Truth ForeignKeys

	// Expect is how many hashed keys a namespace is made for; 0 for a million.
	// With fewer or more a pair takes more memory. To change it, empty Redis:
	// copies under the old number are not found any more.
	Expect int
}

const (
	// inBucket is how many numbers share a bucket. Redis packs hashes of up to
	// 128 pairs by default (hash-max-listpack-entries). 127 pairs of a number
	// below 128 (2 bytes) and an ID (10 bytes) make 1,531 bytes with the
	// header, and so just fill the 1,536 that jemalloc gives; 128 would take 1,792.
	inBucket = 127

	// hashedInBucket is how many hashed keys a bucket has on average. Chance
	// brings hardly any bucket to twice as many, where it would be unpacked.
	hashedInBucket = 64

	mostNumber = 1 << 40
)

// slot is where a key is kept.
type slot struct {
	bucket, field string
}

func (m KeyMap) slot(namespace, key string) slot {
	if n, ok := number(key); ok {
		return slot{bucketKey("n", namespace, n/inBucket), strconv.FormatUint(n%inBucket, 10)}
	}
	expect := m.Expect
	if expect <= 0 {
		expect = 1_000_000
	}
	sum := sha256.Sum256([]byte(key))
	// As many buckets as the next power of two.
	width := bits.Len(uint(expect / hashedInBucket))
	bucket := binary.BigEndian.Uint64(sum[16:]) >> (64 - width)
	return slot{bucketKey("h", namespace, bucket), string(sum[:16])}
}

// number gives the value of a key that is the shortest decimal form of a number below mostNumber.
func number(key string) (uint64, bool) {
	if key == "0" {
		return 0, true
	}
	if id, err := tintype.ParseID(key); err == nil && id < mostNumber {
		return uint64(id), true
	}
	return 0, false
}

func bucketKey(kind, namespace string, bucket uint64) string {
	b := append([]byte("k"+kind+":"+namespace+":"), 0, 0, 0, 0, 0, 0, 0, 0)
	start := len(b) - 8
	binary.BigEndian.PutUint64(b[start:], bucket)
	skip := min(bits.LeadingZeros64(bucket)/8, 7)
	return string(append(b[:start], b[start+skip:]...))
}

// Put implements ForeignKeys.
func (m KeyMap) Put(ctx context.Context, namespace string, keys []string, ids []tintype.ID) error {
	if err := m.Truth.Put(ctx, namespace, keys, ids); err != nil {
		return err
	}
	m.keep(ctx, namespace, keys, ids)
	return nil
}

// bucketPart is the keys of one call that lie in one bucket.
type bucketPart struct {
	key    string
	fields []string
	at     []int // where the keys are in the call
}

// parts groups keys by server and bucket.
func (m KeyMap) parts(namespace string, keys []string) map[*node][]*bucketPart {
	byKey := map[string]*bucketPart{}
	out := map[*node][]*bucketPart{}
	for i, k := range keys {
		s := m.slot(namespace, k)
		p := byKey[s.bucket]
		if p == nil {
			p = &bucketPart{key: s.bucket}
			byKey[s.bucket] = p
			n := m.P.atKey(s.bucket)
			out[n] = append(out[n], p)
		}
		p.fields, p.at = append(p.fields, s.field), append(p.at, i)
	}
	return out
}

// keep copies pairs of the truth; where that fails they are just not there.
func (m KeyMap) keep(ctx context.Context, namespace string, keys []string, ids []tintype.ID) {
	var wg sync.WaitGroup
	for n, parts := range m.parts(namespace, keys) {
		cmds := make([]rueidis.Completed, 0, len(parts))
		for _, p := range parts {
			set := n.b().Hset().Key(p.key).FieldValue()
			for i, f := range p.fields {
				set = set.FieldValue(f, ids[p.at[i]].String())
			}
			cmds = append(cmds, set.Build())
		}
		wg.Go(func() { n.doMulti(ctx, cmds...) })
	}
	wg.Wait()
}

// Get implements ForeignKeys.
func (m KeyMap) Get(ctx context.Context, namespace string, keys []string) ([]tintype.ID, error) {
	ids := make([]tintype.ID, len(keys))
	var wg sync.WaitGroup
	for n, parts := range m.parts(namespace, keys) {
		wg.Go(func() {
			cmds := make([]rueidis.Completed, 0, len(parts))
			for _, p := range parts {
				cmds = append(cmds, n.b().Hmget().Key(p.key).Field(p.fields...).Build())
			}
			for i, r := range n.doMulti(ctx, cmds...) {
				values, err := r.AsIntSlice() // 0 for nil
				if err != nil || len(values) != len(parts[i].at) {
					continue
				}
				for j, v := range values {
					ids[parts[i].at[j]] = tintype.ID(v)
				}
			}
		})
	}
	wg.Wait()
	var missing []string
	var at []int
	for i, id := range ids {
		if id == 0 {
			missing, at = append(missing, keys[i]), append(at, i)
		}
	}
	if len(missing) == 0 {
		return ids, nil
	}
	found, err := m.Truth.Get(ctx, namespace, missing)
	if err != nil {
		return nil, err
	}
	var newKeys []string
	var newIDs []tintype.ID
	for i, id := range found {
		if id != 0 {
			ids[at[i]] = id
			newKeys, newIDs = append(newKeys, missing[i]), append(newIDs, id)
		}
	}
	m.keep(ctx, namespace, newKeys, newIDs)
	return ids, nil
}
