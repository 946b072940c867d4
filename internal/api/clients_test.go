package api

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// directory is Clients with one app, unless it is down.
type directory struct {
	app  *tintype.App
	down bool
	asks int
}

func (d *directory) Client(_ context.Context, id string) (*tintype.App, error) {
	if d.asks++; d.down {
		return nil, errors.New("down")
	}
	if d.app == nil || id != d.app.ClientID {
		return nil, nil
	}
	return d.app, nil
}

func (d *directory) AppByID(ctx context.Context, id tintype.ID) (*tintype.App, error) {
	if d.app == nil || id != d.app.ID {
		return d.Client(ctx, "")
	}
	return d.Client(ctx, d.app.ClientID)
}

func (*directory) Called(tintype.ID, bool) {}

func TestClients(t *testing.T) {
	t.Parallel()
	now := noon
	d := &directory{app: &tintype.App{ID: 7, ClientID: "c", Name: "One"}}
	l := newClients(d, func() time.Time { return now })
	get := func(want string, asks int) {
		t.Helper()
		for _, f := range []func() (*tintype.App, error){
			func() (*tintype.App, error) { return l.get(t.Context(), "c") },
			func() (*tintype.App, error) { return l.byID(t.Context(), 7) },
		} {
			a, err := f()
			name := "none"
			if a != nil {
				name = a.Name
			}
			if err != nil {
				name = err.Error()
			}
			if name != want {
				t.Errorf("got %s, want %s", name, want)
			}
		}
		if d.asks != asks {
			t.Errorf("asked %d times, want %d", d.asks, asks)
		}
	}
	get("One", 2)
	d.app = &tintype.App{ID: 7, ClientID: "c", Name: "Two"}
	get("One", 2)
	now = now.Add(clientKnown)
	get("Two", 4)
	d.app = &tintype.App{ID: 7, ClientID: "c", Name: "Three"}
	l.forget()
	get("Three", 6)
	// What is known is better than nothing while nobody can be asked.
	now, d.down = now.Add(time.Hour), true
	get("Three", 8)
	l.forget()
	get("down", 10)
	d.app, d.down = nil, false
	get("none", 12)
	get("none", 12)
	if a, err := l.get(t.Context(), string(make([]byte, 65))); a != nil || err != nil || d.asks != 12 {
		t.Errorf("a long ID: %v, %v", a, err)
	}
}
