package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// asked counts the keys that the truth is asked for.
type asked struct {
	ForeignKeys
	n atomic.Int64
}

func (a *asked) Get(ctx context.Context, namespace string, keys []string) ([]tintype.ID, error) {
	a.n.Add(int64(len(keys)))
	return a.ForeignKeys.Get(ctx, namespace, keys)
}

func TestKeyMap(t *testing.T) {
	t.Parallel()
	p, servers := open(t, 2)
	truth := &asked{ForeignKeys: sqlstore.ForeignKeys{R: storetest.OpenSQLite(t, time.Now)}}
	m := KeyMap{P: p, Truth: truth, Expect: 300}
	var keys []string
	var ids []tintype.ID
	for i := range 400 {
		for _, k := range []string{strconv.Itoa(i), strconv.FormatUint(1<<63+uint64(i), 10), fmt.Sprintf("https://example.org/users/%d", i), "0" + strconv.Itoa(i), strings.Repeat("long ", 60) + strconv.Itoa(i)} {
			keys, ids = append(keys, k), append(ids, tintype.MakeID(1_600_000_000_000+int64(len(ids)), 5, 1))
		}
	}
	// asks checks what Get gives, and for how many keys it asks the truth.
	asks := func(what string, want int) {
		t.Helper()
		before := truth.n.Load()
		wanted := append(slices.Clone(keys), "nobody", "1000000")
		got, err := m.Get(t.Context(), "old", wanted)
		if err != nil || !slices.Equal(got, append(slices.Clone(ids), 0, 0)) {
			t.Fatalf("%s: wrong IDs, %v", what, err)
		}
		if n := int(truth.n.Load() - before); n != want+2 { // and the two that are nobody's
			t.Errorf("%s: the truth is asked for %d keys, want %d", what, n, want+2)
		}
	}
	if err := m.Put(t.Context(), "old", keys, ids); err != nil {
		t.Fatal(err)
	}
	asks("just put", 0)
	if got, err := m.Get(t.Context(), "other", keys[:9]); err != nil || slices.Max(got) != 0 {
		t.Errorf("in another namespace: %v, %v", got, err)
	}
	if err := m.Put(t.Context(), "old", keys[:1], ids[1:2]); !tintype.IsKind(err, tintype.Conflict) {
		t.Errorf("mapped to something else: %v", err)
	}
	asks("after a conflict", 0)
	for _, n := range p.nodes {
		if err := n.do(t.Context(), n.b().Flushall().Build()).Error(); err != nil {
			t.Fatal(err)
		}
	}
	asks("after a flush", len(keys))
	asks("asked before", 0)
	if got, err := m.Get(t.Context(), "old", nil); err != nil || len(got) != 0 {
		t.Errorf("nothing: %v, %v", got, err)
	}

	servers[0].Kill()
	gone := 0
	for _, k := range keys {
		if p.atKey(m.slot("old", k).bucket) == p.nodes[0] {
			gone++
		}
	}
	if gone == 0 || gone == len(keys) {
		t.Fatalf("%d of %d keys are on one of two servers", gone, len(keys))
	}
	asks("one server is dead", gone)
	if err := m.Put(t.Context(), "old", []string{"new", "12345"}, []tintype.ID{1, 2}); err != nil {
		t.Errorf("put while one server is dead: %v", err)
	}
	servers[1].Kill()
	asks("both are dead", len(keys))
}

// TestKeyMapSlots pins where pairs are kept, and that no two keys share a place.
func TestKeyMapSlots(t *testing.T) {
	t.Parallel()
	m := KeyMap{}
	for key, want := range map[string]slot{
		"0":             {"kn:x:\x00", "0"},
		"126":           {"kn:x:\x00", "126"},
		"127":           {"kn:x:\x01", "0"},
		"1099511627775": {"kn:x:\x02\x04\x08\x10\x20", "31"},
		"1099511627776": {"kh:x:5I", "*\xaeI\xa9\x17\b3\xb2[H\x19^\xed\xda\x018"},
		"00":            {"kh:x:\x05.", "\xf1SC\x92'\x9b\xdd\xbf\x9dC\xdd\xe8p\x1c\xb5\xbe"},
		"-1":            {"kh:x:%~", "\x1b\xadk\x8c\xf9q1\xfc\xea\xb8T>\x81\xf7uq"},
		"a":             {"kh:x:)\xe1", "\xca\x97\x81\x12\xca\x1b\xbd\xca\xfa\xc21\xb3\x9a#\xdcM"}, // SHA-256 of "a"
	} {
		if got := m.slot("x", key); got != want {
			t.Errorf("%s is at %q under %q, want %q under %q", key, got.bucket, got.field, want.bucket, want.field)
		}
	}
	seen := map[slot]string{}
	for i := range 100_000 {
		for _, k := range []string{strconv.Itoa(i), "k" + strconv.Itoa(i)} {
			s := m.slot("x", k)
			if other, twice := seen[s]; twice {
				t.Fatalf("%s and %s are both at %q", k, other, s)
			}
			seen[s] = k
		}
	}
}

// TestKeyMapMemory: a pair of a serial number and an ID takes 16 bytes at most,
// all in all: the difference in what Redis uses with a million of them.
func TestKeyMapMemory(t *testing.T) {
	t.Parallel()
	pairs := 1_000_000
	if testing.Short() {
		pairs = 100_000
	}
	for _, c := range []struct {
		name string
		key  func(i int) string
		most float64 // bytes a pair; 0 for what it takes
	}{
		{"serial numbers", strconv.Itoa, 16},
		{"serial numbers in any order", func(i int) string { return strconv.Itoa(i * 7919 % pairs) }, 16}, // 7919 is prime to both sizes
		{"addresses", func(i int) string { return fmt.Sprintf("https://photos.example.org/users/%d", i) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _ := open(t, 1)
			m := KeyMap{P: p, Expect: pairs}
			n := p.nodes[0]
			used := func() int64 {
				t.Helper()
				text, err := n.do(t.Context(), n.b().Info().Section("memory").Build()).ToString()
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(text) {
					if v, ok := strings.CutPrefix(strings.TrimSpace(line), "used_memory:"); ok {
						b, err := strconv.ParseInt(v, 10, 64)
						if err != nil {
							t.Fatal(err)
						}
						return b
					}
				}
				t.Fatal("Redis does not say what memory it uses")
				return 0
			}
			m.keep(t.Context(), "old", []string{c.key(0)}, []tintype.ID{1}) // connected, with all buffers there are
			before := used()
			keys, ids := make([]string, 0, 2000), make([]tintype.ID, 0, 2000)
			for i := range pairs {
				keys, ids = append(keys, c.key(i)), append(ids, tintype.MakeID(1_600_000_000_000+int64(i)*40, tintype.Shard(i*31), uint16(i)))
				if len(keys) == cap(keys) || i == pairs-1 {
					m.keep(t.Context(), "old", keys, ids)
					keys, ids = keys[:0], ids[:0]
				}
			}
			each := float64(used()-before) / float64(pairs)
			t.Logf("%d pairs of %s and IDs: %.2f bytes a pair", pairs, c.name, each)
			if c.most > 0 && each > c.most {
				t.Errorf("%.2f bytes a pair, want %.0f at most", each, c.most)
			}
			s := m.slot("old", c.key(pairs-1))
			if v, err := n.do(t.Context(), n.b().Hget().Key(s.bucket).Field(s.field).Build()).AsInt64(); err != nil || tintype.ID(v) != tintype.MakeID(1_600_000_000_000+int64(pairs-1)*40, tintype.Shard((pairs-1)*31), uint16(pairs-1)) {
				t.Errorf("the last pair is %d, %v", v, err)
			}
			if how, err := n.do(t.Context(), n.b().ObjectEncoding().Key(s.bucket).Build()).ToString(); err != nil || how != "listpack" {
				t.Errorf("a bucket is kept as a %s (%v); it is too large for hash-max-listpack-entries", how, err)
			}
		})
	}
}
