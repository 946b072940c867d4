package app

import (
	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/collect"
	"github.com/tintype/tintype/internal/sqlstore"
)

// makeCollect makes what keeps posts together. The site's key makes the tokens of secret links.
func (a *App) makeCollect(key []byte) {
	r := a.Backend.Router
	saved, albums := sqlstore.Saved{R: r}, sqlstore.Albums{R: r}
	a.Saved = collect.NewSaved(collect.SavedConfig{Saved: saved, Collections: saved, Posts: a.Post, IDCache: a.caches.lists, Text: account.Text})
	a.Albums = collect.NewAlbums(collect.AlbumsConfig{Store: albums, Posts: a.Post, People: a.Graph, Text: account.Text})
	a.Links = collect.NewLinks(collect.LinksConfig{Clock: a.cfg.Clock, Key: key, Store: albums, Albums: albums, Posts: a.Post, Users: a.Graph, Limiter: a.limiter, Log: a.Log})
}
