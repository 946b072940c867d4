package memcached

import (
	"strconv"
	"testing"
)

// The golden was made with an independent implementation of libketama's continuum.
func TestRing(t *testing.T) {
	t.Parallel()
	names := []string{"10.0.1.1:11211", "10.0.1.2:11211", "10.0.1.3:11211"}
	r := newRing(names)
	if len(r) != 480 || r[0] != (point{4826654, 1}) || r[479] != (point{4284233799, 1}) {
		t.Errorf("%d points from %v to %v", len(r), r[0], r[len(r)-1])
	}
	for key, want := range map[string]int{"t1.1": 1, "t2.abc": 0, "t3.1.2": 0, "foo": 1, "bar": 0, "t2.zzz": 0, "t9.10": 0} {
		if got := r.server([]byte(key)); got != want {
			t.Errorf("%s is on %d, want %d", key, got, want)
		}
	}
	var n [3]int
	moved := 0
	two := newRing(names[:2])
	for i := range 30_000 {
		k := []byte("t1." + strconv.Itoa(i))
		at := r.server(k)
		n[at]++
		if at != 2 && two.server(k) != at {
			moved++
		}
	}
	if n != [3]int{10762, 9164, 10074} {
		t.Errorf("keys of each server: %v", n)
	}
	if moved != 0 {
		t.Errorf("%d keys of the servers that stay moved when one went", moved)
	}
}
