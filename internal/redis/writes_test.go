package redis

import (
	"testing"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

func TestWrites(t *testing.T) {
	t.Parallel()
	p, _ := open(t, 2)
	w := Writes{P: p}
	want := func(user tintype.ID, mark int64) {
		t.Helper()
		if got, err := w.Mark(t.Context(), user); err != nil || got != mark {
			t.Errorf("user %v: mark %d, %v; want %d", user, got, err, mark)
		}
	}
	want(7, 0)
	for _, mark := range []int64{1, 1<<62 + 5} {
		if err := w.Note(t.Context(), 7, mark, time.Minute); err != nil {
			t.Fatal(err)
		}
		want(7, mark)
		want(8, 0)
	}
	if err := w.Note(t.Context(), 7, 9, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	await(t, "the mark is gone", func() bool {
		got, err := w.Mark(t.Context(), 7)
		return err == nil && got == 0
	})
}
