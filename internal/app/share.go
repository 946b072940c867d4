package app

import (
	"github.com/tintype/tintype/internal/discover"
	"github.com/tintype/tintype/internal/outbound"
	"github.com/tintype/tintype/internal/share"
	"github.com/tintype/tintype/internal/sqlstore"
)

// shareOut makes what leaves the site by itself, and the one way out.
func (a *App) shareOut() {
	r := a.Backend.Router
	agent := "Tintype/" + a.cfg.Version
	if a.cfg.publicURL != nil {
		agent += " (+" + a.cfg.publicURL.String() + ")"
	}
	a.outward = outbound.New(outbound.Config{Allow: a.cfg.outbound, Agent: agent})
	store := sqlstore.Subscriptions{R: r}
	a.Share = share.New(share.Config{
		Clock:         a.cfg.Clock,
		Subscriptions: store,
		Pushes:        store,
		Callbacks:     store,
		Apps:          a.Account,
		Posts:         a.Post,
		Mint:          sqlstore.Profiles{R: r},
		Outbound:      a.outward,
		Tag: func(word string) (string, bool) {
			tag, err := discover.Canonical(word)
			return tag, err == nil
		},
		Log: a.Log,
	})
}
