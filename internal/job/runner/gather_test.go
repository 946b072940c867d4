package runner

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

func raw(s string) []json.RawMessage { return []json.RawMessage{json.RawMessage(s)} }

// TestGather holds up the first calls, and sees those who come meanwhile share the next ones, in order.
func TestGather(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var calls []string
		hold := make(chan struct{})
		g := &gatherer{most: 4, handle: func(_ context.Context, items []json.RawMessage) error {
			<-hold
			var b strings.Builder
			for _, i := range items {
				b.Write(i)
			}
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, b.String())
			switch {
			case strings.Contains(b.String(), "x"):
				return errors.New("x")
			case strings.Contains(b.String(), "p"):
				panic("p")
			}
			return nil
		}}
		got := map[string]outcome{}
		var wait sync.WaitGroup
		ask := func(ctx context.Context, s string) {
			wait.Go(func() {
				o := g.do(ctx, raw(s))
				mu.Lock()
				defer mu.Unlock()
				got[s] = o
			})
			synctest.Wait()
		}
		gone, cancel := context.WithCancel(t.Context())
		ask(t.Context(), "a")
		ask(t.Context(), "b") // both calls are held up now
		for _, s := range []string{"c", "d", "e", "f", "x", "g"} {
			ask(t.Context(), s)
		}
		ask(gone, "h")
		cancel()
		synctest.Wait()
		ask(t.Context(), "p")
		close(hold)
		wait.Wait()

		all := strings.Join(calls, " ")
		for _, call := range []string{"cdef", "xgp"} {
			if !strings.Contains(all, call) {
				t.Errorf("the calls were %q; %s should have been one", all, call)
			}
		}
		if strings.Contains(all, "h") {
			t.Errorf("the calls were %q; h had given up", all)
		}
		for s, want := range map[string]struct{ failed, shared bool }{
			"a": {}, "b": {}, "c": {shared: true}, "f": {shared: true}, "x": {true, true}, "g": {true, true}, "p": {true, true}, "h": {failed: true},
		} {
			if o := got[s]; (o.err != nil) != want.failed || o.shared != want.shared {
				t.Errorf("%s: %+v, want %+v", s, o, want)
			}
		}
		if g.calls != 0 || len(g.waiting) != 0 {
			t.Errorf("%d calls and %d waiting are left", g.calls, len(g.waiting))
		}
	})
}

// TestGatherPanic turns a panic into an error of all that shared the call.
func TestGatherPanic(t *testing.T) {
	t.Parallel()
	g := &gatherer{most: 1, handle: func(context.Context, []json.RawMessage) error { panic("no") }}
	if o := g.do(t.Context(), raw("1")); o.err == nil || o.shared {
		t.Errorf("%+v", o)
	}
}
