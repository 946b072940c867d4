package redis

import (
	"testing"
	"time"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	p, _ := open(t, 2)
	turns := Turns{P: p}
	take := func(turns Turns, want bool) func() {
		t.Helper()
		done, ok, err := turns.Take(t.Context(), 7)
		if err != nil || ok != want {
			t.Fatalf("got the turn: %v, %v; want %v", ok, err, want)
		}
		return done
	}
	first := take(turns, true)
	take(turns, false)
	if _, ok, err := turns.Take(t.Context(), 8); err != nil || !ok {
		t.Errorf("another user's turn: %v, %v", ok, err)
	}
	first()
	short := take(Turns{P: p, For: time.Millisecond}, true)
	var second func()
	await(t, "the short turn is over", func() bool {
		done, ok, err := turns.Take(t.Context(), 7)
		second = done
		return err == nil && ok
	})
	short() // too late: it is somebody else's turn by now
	take(turns, false)
	second()
	take(turns, true)
}
