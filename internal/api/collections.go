package api

import (
	"encoding/json"
	"net/http"

	"github.com/tintype/tintype/internal/collect"
	"github.com/tintype/tintype/internal/tintype"
)

func (a *API) listSaved(c *call) error {
	page, err := c.page("cursor", maxMediaCount)
	if err != nil {
		return err
	}
	kept, err := a.cfg.Saved.List(c.r.Context(), c.viewer(), page)
	if err != nil {
		return err
	}
	return a.keptList(c, kept)
}

// keptList answers with what somebody kept. What is gone stands beside the list: whoever shows it has nothing but its ID.
func (a *API) keptList(c *call, k collect.Kept) error {
	return a.postListTo(c, k.Posts, func(b []byte) error {
		b = append(b, `,"gone":[`...)
		for i, id := range k.Gone {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendID(b, id)
		}
		return c.end(append(b, ']'), "cursor", k.Next)
	})
}

type savedJSON struct {
	Saved       bool         `json:"saved"`
	Collections []tintype.ID `json:"collections"`
}

func (a *API) getSaved(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	saved, in, err := a.cfg.Saved.With(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, savedJSON{saved, append([]tintype.ID{}, in...)})
}

func (a *API) savePost(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Saved.Save(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}

// unsavePost answers with what it took the post out of, for whoever wants to undo it.
func (a *API) unsavePost(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	was, err := a.cfg.Saved.Unsave(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, savedJSON{false, append([]tintype.ID{}, was...)})
}

type collectionJSON struct {
	ID    tintype.ID  `json:"id"`
	Name  string      `json:"name"`
	Media int         `json:"media_count"`
	Cover *tintype.ID `json:"cover_id"`
}

func collectionOut(k collect.Collection) faced {
	return faced{collectionJSON{k.ID, k.Name, k.Posts, idOrNull(k.Cover)}, k.Face}
}

// idOrNull is null for 0.
func idOrNull(id tintype.ID) *tintype.ID {
	if id == 0 {
		return nil
	}
	return &id
}

// faced is an object that a few posts are shown with.
type faced struct {
	object any
	faces  []*tintype.Post
}

// facedList answers with objects, each with its posts as "faces".
func (a *API) facedList(c *call, list []faced) error {
	b, err := a.faced(c, append(c.open(http.StatusOK), '['), list)
	if err != nil {
		return err
	}
	return c.end(append(b, ']'), "cursor", 0)
}

func (a *API) facedOne(c *call, status int, f faced) error {
	b, err := a.faced(c, c.open(status), []faced{f})
	if err != nil {
		return err
	}
	return c.close(status, b)
}

func (a *API) faced(c *call, b []byte, list []faced) ([]byte, error) {
	s, err := a.newSplicer(c)
	if err != nil {
		return nil, err
	}
	defer s.release()
	var posts []*tintype.Post
	for _, f := range list {
		posts = append(posts, f.faces...)
	}
	liked, err := a.marks(c, s, posts)
	if err != nil {
		return nil, err
	}
	for _, p := range posts {
		s.needPost(p)
	}
	if err := s.load(c.r.Context()); err != nil {
		return nil, err
	}
	at := 0
	for i, f := range list {
		if i > 0 {
			b = append(b, ',')
		}
		text, err := json.Marshal(f.object)
		if err != nil {
			return nil, err
		}
		b = append(b, text[:len(text)-1]...)
		b = append(b, `,"faces":[`...)
		none := len(b)
		for _, p := range f.faces {
			mark := len(b)
			if mark > none {
				b = append(b, ',')
			}
			var ok bool
			if b, ok = s.post(b, p, liked != nil && liked[at]); !ok {
				b = b[:mark]
			}
			at++
		}
		b = append(b, `]}`...)
	}
	return b, nil
}

func (a *API) listCollections(c *call) error {
	list, err := a.cfg.Collections.Collections(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := make([]faced, len(list))
	for i, k := range list {
		out[i] = collectionOut(k)
	}
	return a.facedList(c, out)
}

func (a *API) addCollection(c *call) error {
	var in struct {
		Name string `json:"name"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	k, err := a.cfg.Collections.Add(c.r.Context(), c.viewer(), in.Name)
	if err != nil {
		return err
	}
	return a.facedOne(c, http.StatusCreated, collectionOut(k))
}

func (a *API) getCollection(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	k, err := a.cfg.Collections.Collection(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return a.facedOne(c, http.StatusOK, collectionOut(k))
}

func (a *API) changeCollection(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	var in struct {
		Name  *string `json:"name"`
		Cover *string `json:"cover_id"` // "" for the latest
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	ch := collect.CollectionChanges{Name: in.Name}
	if ch.Cover, err = coverIn(in.Cover); err != nil {
		return err
	}
	k, err := a.cfg.Collections.Change(c.r.Context(), c.viewer(), id, ch)
	if err != nil {
		return err
	}
	return a.facedOne(c, http.StatusOK, collectionOut(k))
}

// coverIn reads a media ID; "" is none.
func coverIn(text *string) (*tintype.ID, error) {
	if text == nil {
		return nil, nil
	}
	if *text == "" {
		return new(tintype.ID), nil
	}
	id, ok := parseMediaID(*text)
	if !ok {
		return nil, tintype.FieldError("cover_id", "%q is not a media ID", *text)
	}
	return &id, nil
}

func (a *API) deleteCollection(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Collections.Delete(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}

func (a *API) listCollectionMedia(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	page, err := c.page("cursor", maxMediaCount)
	if err != nil {
		return err
	}
	kept, err := a.cfg.Collections.Posts(c.r.Context(), c.viewer(), id, page)
	if err != nil {
		return err
	}
	return a.keptList(c, kept)
}

func (a *API) putIntoCollection(c *call) error { return a.collect(c, true) }

func (a *API) takeFromCollection(c *call) error { return a.collect(c, false) }

func (a *API) collect(c *call, on bool) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	post, err := c.media("media")
	if err != nil {
		return err
	}
	if err := a.cfg.Saved.Collect(c.r.Context(), c.viewer(), id, post, on); err != nil {
		return err
	}
	return c.null()
}
