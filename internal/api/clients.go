package api

import (
	"context"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// identify finds out which app calls, where nobody's credential is shown but a
// client_id: as apps of API v1 read what is public. An ID that is no app's is
// refused. It proves nothing, and opens nothing that is not open to everybody.
func (a *API) identify(c *call) error {
	id := ""
	for _, v := range [2][]string{c.query["client_id"], c.form["client_id"]} {
		for _, s := range v {
			if id != "" && s != id {
				return tintype.FieldError("client_id", "client_id is there twice")
			}
			id = s
		}
	}
	if id == "" || c.route.Access >= Session {
		return nil // the routes of OAuth look for themselves
	}
	app, err := a.clients.get(c.r.Context(), id)
	if err != nil {
		return err
	}
	if app == nil {
		return errNoClient
	}
	c.app = app
	return nil
}

// How long an app is taken to be there, or not, and to be as it is, without
// asking again. What is changed in this process is known at once.
const (
	clientKnown   = 5 * time.Second
	clientUnknown = 5 * time.Second
	maxClients    = 4096
)

// clients remembers which apps there are.
type clients struct {
	from  Clients
	clock tintype.Clock
	mu    sync.Mutex
	m     map[clientKey]knownClient
	epoch uint64 // counts what was forgotten
}

// clientKey is a client ID or an app's ID.
type clientKey struct {
	client string
	id     tintype.ID
}

type knownClient struct {
	app   *tintype.App // nil for none
	until time.Time
}

func newClients(from Clients, clock tintype.Clock) *clients {
	return &clients{from: from, clock: clock, m: map[clientKey]knownClient{}}
}

// get gives the app of a client ID, nil for none.
func (l *clients) get(ctx context.Context, id string) (*tintype.App, error) {
	if len(id) > 64 {
		return nil, nil
	}
	return l.find(clientKey{client: id}, func() (*tintype.App, error) { return l.from.Client(ctx, id) })
}

// byID gives the app of an ID, nil for none.
func (l *clients) byID(ctx context.Context, id tintype.ID) (*tintype.App, error) {
	return l.find(clientKey{id: id}, func() (*tintype.App, error) { return l.from.AppByID(ctx, id) })
}

func (l *clients) find(key clientKey, ask func() (*tintype.App, error)) (*tintype.App, error) {
	now := l.clock()
	l.mu.Lock()
	k, ok := l.m[key]
	epoch := l.epoch
	l.mu.Unlock()
	if ok && now.Before(k.until) {
		return k.app, nil
	}
	app, err := ask()
	if err != nil {
		if k.app != nil {
			return k.app, nil // as it was last known: who calls was found out without the directory, too
		}
		return nil, err
	}
	k = knownClient{app, now.Add(clientKnown)}
	if app == nil {
		k.until = now.Add(clientUnknown)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.epoch != epoch {
		return app, nil // it may have changed since it was read
	}
	if len(l.m) >= maxClients {
		clear(l.m) // somebody tries IDs, or there are very many apps: either way they are soon known again
	}
	l.m[key] = k
	return app, nil
}

// forget forgets all apps: one has changed.
func (l *clients) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epoch++
	clear(l.m)
}
