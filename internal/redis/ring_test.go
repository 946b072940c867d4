package redis

import (
	"fmt"
	"testing"

	"github.com/tintype/tintype/internal/tintype"
)

// TestRingIsStable pins where keys are: a change of it makes every server of a
// running site look in the wrong place.
func TestRingIsStable(t *testing.T) {
	t.Parallel()
	r := newRing([]string{"red", "green", "blue", "10.0.0.4:6379"})
	ids, keys := "", ""
	for i := range 32 {
		ids += fmt.Sprint(r.pick(hashID(tintype.MakeID(1_600_000_000_000+int64(i), tintype.Shard(i), 0))))
		keys += fmt.Sprint(r.pick(hashString(fmt.Sprint("key", i))))
	}
	const wantIDs, wantKeys = "30100121300131120222123323213012", "32022202001120132320333032323111"
	if ids != wantIDs || keys != wantKeys {
		t.Errorf("IDs are at %s and keys at %s, want %s and %s", ids, keys, wantIDs, wantKeys)
	}
}

// TestRingMoves: a server that is added takes its share from each of the
// others, and nothing moves between those; the order of names does not matter.
func TestRingMoves(t *testing.T) {
	t.Parallel()
	const n = 20_000
	names := []string{"a:6379"}
	for len(names) < 6 {
		before := newRing(names)
		names = append(names, fmt.Sprintf("%c:6379", 'a'+len(names)))
		after := newRing(names)
		last := len(names) - 1
		from := make([]int, last)
		moved := 0
		for i := range n {
			h := hashID(tintype.MakeID(1_600_000_000_000+int64(i)*977, tintype.Shard(i), 0))
			b, a := before.pick(h), after.pick(h)
			switch {
			case a == last:
				moved++
				from[b]++
			case a != b:
				t.Fatalf("a key moved from %s to %s when %s was added", names[b], names[a], names[last])
			}
		}
		near := func(what string, got, want int) {
			if got < want*85/100 || got > want*115/100 {
				t.Errorf("of %d servers, %s: %d keys, want about %d", len(names), what, got, want)
			}
		}
		near("the new one took", moved, n/len(names))
		for i, got := range from {
			near("taken from "+names[i], got, n/len(names)/last)
		}
	}
	turned := newRing([]string{names[5], names[4], names[3], names[2], names[1], names[0]})
	straight := newRing(names)
	for i := range n {
		h := hashString(fmt.Sprint(i))
		if a, b := straight.pick(h), 5-turned.pick(h); a != b {
			t.Fatalf("key %d is at %s, or at %s in another order of the names", i, names[a], names[b])
		}
	}
}
