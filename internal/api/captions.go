package api

import "github.com/tintype/tintype/internal/tintype"

func (a *API) searchCaptions(c *call) error {
	q, err := c.param("q")
	if err != nil {
		return err
	}
	if q == "" {
		return tintype.FieldError("q", "q, the words to look for, is missing")
	}
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	posts, next, err := a.cfg.Captions.Search(c.r.Context(), c.viewer(), q, page)
	if err != nil {
		return err
	}
	return a.postList(c, posts, "max_id", next)
}
