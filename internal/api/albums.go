package api

import (
	"net/http"

	"github.com/tintype/tintype/internal/collect"
	"github.com/tintype/tintype/internal/tintype"
)

type albumJSON struct {
	ID          tintype.ID  `json:"id"`
	UserID      tintype.ID  `json:"user_id"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Created     seconds     `json:"created_time"`
	Private     bool        `json:"is_private"`
	Media       *int        `json:"media_count,omitempty"` // for the owner: others may not see all that are counted
	Cover       *tintype.ID `json:"cover_id,omitempty"`    // as media_count
}

func (c *call) album(k collect.Album) faced {
	out := albumJSON{ID: k.ID, UserID: k.UserID, Title: k.Title, Description: k.Description, Created: seconds(k.ID.Time()), Private: k.Private}
	if c.viewer() == k.UserID {
		out.Media = &k.Posts
		out.Cover = idOrNull(k.Cover)
	}
	return faced{out, k.Face}
}

func (a *API) listAlbums(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	list, err := a.cfg.Albums.Of(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	out := make([]faced, len(list))
	for i, k := range list {
		out[i] = c.album(k)
	}
	return a.facedList(c, out)
}

// albumInput is a body about an album; what is absent stays.
type albumInput struct {
	Title       *string   `json:"title"`
	Description *string   `json:"description"`
	Private     *bool     `json:"is_private"`
	Cover       *string   `json:"cover_id"` // "" for the first
	Media       *[]string `json:"media"`    // all of them, in order
}

func (c *call) albumChanges() (ch collect.AlbumChanges, err error) {
	var in albumInput
	if err := c.decode(&in); err != nil {
		return ch, err
	}
	ch = collect.AlbumChanges{Title: in.Title, Description: in.Description, Private: in.Private}
	if ch.Cover, err = coverIn(in.Cover); err != nil || in.Media == nil {
		return ch, err
	}
	ids := make([]tintype.ID, len(*in.Media))
	for i, text := range *in.Media {
		id, ok := parseMediaID(text)
		if !ok {
			return ch, tintype.FieldError("media", "%q is not a media ID", text)
		}
		ids[i] = id
	}
	ch.Posts = &ids
	return ch, nil
}

func (a *API) addAlbum(c *call) error {
	ch, err := c.albumChanges()
	if err != nil {
		return err
	}
	k, err := a.cfg.Albums.Add(c.r.Context(), c.viewer(), ch)
	if err != nil {
		return err
	}
	return a.facedOne(c, http.StatusCreated, c.album(k))
}

func (a *API) getAlbum(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	k, err := a.cfg.Albums.Get(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return a.facedOne(c, http.StatusOK, c.album(k))
}

func (a *API) changeAlbum(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	ch, err := c.albumChanges()
	if err != nil {
		return err
	}
	if hidden := ch.Private != nil && *ch.Private; !hidden || ch.Posts != nil || says(ch.Title, ch.Description) {
		if err := a.mayPublish(c); err != nil {
			return err
		}
	}
	k, err := a.cfg.Albums.Change(c.r.Context(), c.viewer(), id, ch)
	if err != nil {
		return err
	}
	return a.facedOne(c, http.StatusOK, c.album(k))
}

func (a *API) deleteAlbum(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Albums.Delete(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}

// listAlbumMedia is cut by places in the owner's order.
func (a *API) listAlbumMedia(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	n, err := c.count(maxMediaCount)
	if err != nil {
		return err
	}
	after, err := c.cursor("cursor")
	if err != nil {
		return err
	}
	posts, next, err := a.cfg.Albums.Posts(c.r.Context(), c.viewer(), id, after, n)
	if err != nil {
		return err
	}
	return a.postList(c, posts, "cursor", next)
}
