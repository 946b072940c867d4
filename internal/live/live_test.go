package live_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/tintype"
)

func subscribe(t *testing.T, h *live.Hub, user tintype.ID, credential string) (<-chan live.Event, func()) {
	t.Helper()
	ch, cancel, err := h.Subscribe(user, credential)
	if err != nil {
		t.Fatal(err)
	}
	return ch, cancel
}

// drain gives the posts of the events that wait, and whether the stream is ended.
func drain(ch <-chan live.Event) (posts []tintype.ID, ended bool) {
	for {
		select {
		case e, ok := <-ch:
			if !ok {
				return posts, true
			}
			posts = append(posts, e.Post)
		default:
			return posts, false
		}
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	h := live.New(10)
	a1, cancel := subscribe(t, h, 1, "x")
	a2, _ := subscribe(t, h, 1, "y")
	b, _ := subscribe(t, h, 2, "z")
	h.Publish([]tintype.ID{1, 3}, live.Event{Type: live.FeedEvent, Post: 10})
	h.Publish([]tintype.ID{2, 1}, live.Event{Type: live.FeedEvent, Post: 11})
	for name, c := range map[string]struct {
		ch   <-chan live.Event
		want []tintype.ID
	}{"a1": {a1, []tintype.ID{10, 11}}, "a2": {a2, []tintype.ID{10, 11}}, "b": {b, []tintype.ID{11}}} {
		if got, ended := drain(c.ch); !slices.Equal(got, c.want) || ended {
			t.Errorf("%s got %v (ended %v), want %v", name, got, ended, c.want)
		}
	}
	if got := h.Connected([]tintype.ID{3, 2, 1}); !slices.Equal(got, []tintype.ID{2, 1}) {
		t.Errorf("connected: %v", got)
	}
	all := h.Everybody()
	slices.Sort(all)
	if !slices.Equal(all, []tintype.ID{1, 2}) || h.Len() != 3 {
		t.Errorf("everybody: %v, %d streams", all, h.Len())
	}
	cancel()
	cancel() // twice does nothing
	if _, ended := drain(a1); !ended || h.Len() != 2 {
		t.Errorf("cancelled: ended %v, %d streams", ended, h.Len())
	}
	h.Publish([]tintype.ID{1}, live.Event{Post: 12})
	if got, _ := drain(a2); !slices.Equal(got, []tintype.ID{12}) {
		t.Errorf("the other page got %v", got)
	}
}

func TestSlowReaderIsDropped(t *testing.T) {
	t.Parallel()
	h := live.New(10)
	slow, _ := subscribe(t, h, 1, "x")
	quick, _ := subscribe(t, h, 1, "y")
	n := 0
	for i := range 1000 {
		h.Publish([]tintype.ID{1}, live.Event{Post: tintype.ID(i)})
		got, ended := drain(quick)
		if n += len(got); ended {
			t.Fatal("the quick reader was dropped")
		}
	}
	if n != 1000 {
		t.Errorf("the quick reader got %d of 1000", n)
	}
	got, ended := drain(slow)
	if !ended || len(got) == 0 || len(got) > 100 {
		t.Errorf("the slow reader got %d, ended %v; it is dropped once a few wait", len(got), ended)
	}
	if h.Len() != 1 {
		t.Errorf("%d streams", h.Len())
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		credentials []string
		ended       []bool
	}{
		{"one", []string{"x"}, []bool{true, true, false, false}},
		{"two", []string{"y", "x"}, []bool{true, true, true, false}},
		{"another", []string{"q"}, []bool{false, false, false, false}},
		{"all", nil, []bool{true, true, true, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := live.New(10)
			var chs []<-chan live.Event
			for _, s := range []struct {
				user tintype.ID
				cred string
			}{{1, "x"}, {1, "x"}, {1, "y"}, {2, "x"}} {
				ch, _ := subscribe(t, h, s.user, s.cred)
				chs = append(chs, ch)
			}
			h.Revoke(1, c.credentials)
			for i, ch := range chs {
				if _, ended := drain(ch); ended != c.ended[i] {
					t.Errorf("stream %d: ended %v, want %v", i, ended, c.ended[i])
				}
			}
		})
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	h := live.New(30)
	var err error
	n := 0
	for err == nil {
		_, _, err = h.Subscribe(1, "x")
		n++
	}
	if !tintype.IsKind(err, tintype.RateLimited) || n > 30 {
		t.Errorf("one user's stream %d: %v, want RateLimited before the hub is full", n, err)
	}
	for n := 0; ; n++ {
		if _, _, err := h.Subscribe(tintype.ID(2+n/3), "x"); err != nil {
			if !tintype.IsKind(err, tintype.Unavailable) || h.Len() != 30 {
				t.Errorf("%v at %d streams, want Unavailable at 30", err, h.Len())
			}
			break
		}
	}
	h.Close()
	if _, _, err := h.Subscribe(99, "x"); !tintype.IsKind(err, tintype.Unavailable) || h.Len() != 0 {
		t.Errorf("after Close: %v, %d streams", err, h.Len())
	}
	h.Publish([]tintype.ID{1}, live.Event{})
	h.Revoke(1, nil)
	h.Close()
}

// Everything at once: nothing blocks, panics or is left over.
func TestHammer(t *testing.T) {
	t.Parallel()
	h := live.New(200)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 200 {
				u := tintype.ID(i % 7)
				switch w % 4 {
				case 0, 1:
					ch, cancel, err := h.Subscribe(u, fmt.Sprint(i%3))
					if err != nil {
						continue
					}
					var reader sync.WaitGroup
					reader.Go(func() {
						for range ch {
						}
					})
					h.Publish([]tintype.ID{u}, live.Event{})
					cancel()
					reader.Wait()
				case 2:
					h.Publish([]tintype.ID{0, 1, 2, 3, 4, 5, 6}, live.Event{})
					h.Connected([]tintype.ID{u})
				case 3:
					h.Revoke(u, []string{fmt.Sprint(i % 3)})
				}
			}
		})
	}
	wg.Wait()
	if h.Len() != 0 {
		t.Errorf("%d streams are left", h.Len())
	}
}
