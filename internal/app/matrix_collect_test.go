package app_test

import (
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// album makes an album of the state's owner with the post in it, whoever they are by now.
func (x cell) album() string {
	t := x.m.s.t
	a := tintype.Album{UserID: x.owner().ID, Title: "an album"}
	if err := (sqlstore.Albums{R: x.m.s.app.Backend.Router}).PutAlbum(t.Context(), &a, []tintype.ID{x.m.postID(x.state)}, 1<<30); err != nil {
		t.Fatal(err)
	}
	return a.ID.String()
}

// link is the token of a secret link to the post, made while that could be done.
func (x cell) link() string {
	s := x.m.s
	l := tintype.SecretLink{UserID: x.owner().ID, Post: x.m.postID(x.state)}
	if err := (sqlstore.Albums{R: s.app.Backend.Router}).AddLink(s.t.Context(), &l, time.Time{}, 1<<30); err != nil {
		s.t.Fatal(err)
	}
	list, err := s.app.Links.List(s.t.Context(), l.UserID)
	if err != nil {
		s.t.Fatal(err)
	}
	return list[0].Token
}

// collectRows are the rows of saved posts, albums and secret links.
func collectRows() map[string]row {
	ofAlbum := func(rest string) func(cell) string {
		return func(x cell) string { return "/v1/albums/" + x.album() + rest }
	}
	ownAlbum := func(x cell) string {
		if l := x.lists(); l != ok || x.viewer == "owner" {
			return l
		}
		return forbidden
	}
	intoNone := func(x cell) string { return "/v1/collections/1/media/" + x.post().ID }
	return map[string]row{
		"GET /v1/users/self/media/saved": own("/v1/users/self/media/saved", ok),
		"GET /v1/media/{id}/saved":       {path: onPost("/saved"), expect: reaches(ok)},
		"PUT /v1/media/{id}/saved":       {path: onPost("/saved"), expect: cell.view},
		"DELETE /v1/media/{id}/saved":    {path: onPost("/saved"), expect: reaches(ok)}, // whatever became of it

		"GET /v1/collections":            own("/v1/collections", ok),
		"POST /v1/collections":           send("/v1/collections", `{}`, invalid),
		"GET /v1/collections/{id}":       own("/v1/collections/1", notFound),
		"PATCH /v1/collections/{id}":     send("/v1/collections/1", `{"name":"x"}`, notFound),
		"DELETE /v1/collections/{id}":    own("/v1/collections/1", notFound),
		"GET /v1/collections/{id}/media": own("/v1/collections/1/media", notFound),
		"PUT /v1/collections/{id}/media/{media}": {path: intoNone, expect: func(x cell) string {
			if v := x.view(); v != ok {
				return v
			}
			return notFound
		}},
		"DELETE /v1/collections/{id}/media/{media}": {path: intoNone, expect: reaches(notFound)},

		"GET /v1/users/{id}/albums":    {path: onUser("/albums"), expect: cell.lists},
		"POST /v1/albums":              send("/v1/albums", `{}`, invalid),
		"GET /v1/albums/{id}":          {path: ofAlbum(""), expect: cell.lists},
		"PATCH /v1/albums/{id}":        {path: ofAlbum(""), body: jsonBody(`{"title":"x"}`), expect: ownAlbum},
		"DELETE /v1/albums/{id}":       {path: ofAlbum(""), expect: ownAlbum},
		"GET /v1/albums/{id}/media":    {path: ofAlbum("/media"), expect: cell.lists},
		"GET /v1/secret-links":         own("/v1/secret-links", ok),
		"POST /v1/secret-links":        send("/v1/secret-links", `{}`, invalid),
		"DELETE /v1/secret-links/{id}": own("/v1/secret-links/1", notFound),
		"GET /v1/shared/{token}": {path: func(x cell) string { return "/v1/shared/" + x.link() }, expect: func(x cell) string {
			if x.state == isDeleted || x.state == isSuspended || x.state == isArchived {
				return notFound
			}
			return ok // that is what it is for
		}},
	}
}
