package api

// maxPopular is how many posts one page of the popular ones has, as many as the original gave.
const maxPopular = 32

func (a *API) listPopular(c *call) error {
	c.whole = true
	page, err := c.page("max_id", maxPopular)
	if err != nil {
		return err
	}
	posts, next, err := a.cfg.Popular.Posts(c.r.Context(), c.viewer(), page)
	if err != nil {
		return err
	}
	return a.postList(c, posts, "max_id", next)
}
