package api

import (
	"net/http"

	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/tintype"
)

// tagJSON is a tag as API v1 has it.
type tagJSON struct {
	Name       string `json:"name"`
	MediaCount int64  `json:"media_count"`
}

// tagRelationshipJSON says whether the caller follows a tag.
type tagRelationshipJSON struct {
	OutgoingStatus string `json:"outgoing_status"`
}

func tagList(tags []tintype.Tag) []tagJSON {
	out := make([]tagJSON, len(tags))
	for i, t := range tags {
		out[i] = tagJSON{t.Name, t.Media}
	}
	return out
}

func (a *API) getTag(c *call) error {
	t, err := a.cfg.Tags.Tag(c.r.Context(), c.params.get("name"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, tagJSON{t.Name, t.Media})
}

func (a *API) searchTags(c *call) error {
	q, err := c.param("q")
	if err != nil {
		return err
	}
	if q == "" {
		return tintype.FieldError("q", "q, the beginning of a tag, is missing")
	}
	n, err := c.count(maxUserCount)
	if err != nil {
		return err
	}
	tags, err := a.cfg.Tags.Search(c.r.Context(), q, n)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, tagList(tags))
}

func (a *API) listTagMedia(c *call) error {
	page, cursor, err := c.tagPage()
	if err != nil {
		return err
	}
	posts, newest, next, err := a.cfg.Tags.Posts(c.r.Context(), c.viewer(), c.params.get("name"), page)
	if err != nil {
		return err
	}
	return a.postListTo(c, posts, func(b []byte) error { return c.tagEnd(b, cursor, newest, next) })
}

// tagPage reads the bounds of a tag's list, under their names since 2013 or the ones before.
func (c *call) tagPage() (p tintype.Page, cursor string, err error) {
	if p.Count, err = c.count(maxMediaCount); err != nil {
		return p, "", err
	}
	cursor = "max_tag_id"
	for _, name := range [...]string{"max_id", "max_tag_id"} {
		id, err := c.cursor(name)
		if err != nil {
			return p, "", err
		}
		if id != 0 {
			p.Max, cursor = id, name
		}
	}
	for _, name := range [...]string{"min_id", "min_tag_id"} {
		id, err := c.cursor(name)
		if err != nil {
			return p, "", err
		}
		if id != 0 {
			p.Min = id
		}
	}
	if p.Max != 0 && p.Min >= p.Max {
		return p, "", tintype.FieldError("min_tag_id", "min_tag_id must be below max_tag_id")
	}
	return p, cursor, nil
}

// tagEnd is end for a tag's list, with both families of cursors, as the original
// sent them: min_tag_id is where to look for what is tagged later.
func (c *call) tagEnd(b []byte, cursor string, newest, next tintype.ID) error {
	b = append(b, `,"pagination":{`...)
	if newest != 0 {
		b = append(b, `"min_tag_id":`...)
		b = appendID(b, newest)
		b = append(b, `,"next_min_id":`...)
		b = appendID(b, newest)
		b = append(b, `,"deprecation_warning":"next_max_id and min_id are deprecated for this endpoint; use min_tag_id and max_tag_id instead"`...)
	}
	if next != 0 {
		if newest != 0 {
			b = append(b, ',')
		}
		b = append(b, `"next_url":`...)
		b = appendString(b, c.nextURL(cursor, next))
		b = append(b, `,"next_max_tag_id":`...)
		b = appendID(b, next)
		b = append(b, `,"next_max_id":`...)
		b = appendID(b, next)
	}
	c.send(http.StatusOK, append(b, `}}`...))
	return nil
}

func (a *API) getTagRelationship(c *call) error {
	follows, err := a.cfg.Tags.Follows(c.r.Context(), c.viewer(), c.params.get("name"))
	if err != nil {
		return err
	}
	out := tagRelationshipJSON{"none"}
	if follows {
		out.OutgoingStatus = "follows"
	}
	return c.json(http.StatusOK, out)
}

func (a *API) changeTagRelationship(c *call) error {
	var in struct {
		Action string `json:"action"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Action != "follow" && in.Action != "unfollow" {
		return tintype.FieldError("action", "action must be follow or unfollow")
	}
	on := in.Action == "follow"
	if on {
		if err := a.cfg.Knobs.Closed(knobs.Follows); err != nil {
			return err
		}
	}
	if err := a.cfg.Tags.Follow(c.r.Context(), c.viewer(), c.params.get("name"), on); err != nil {
		return err
	}
	return a.getTagRelationship(c)
}

func (a *API) listFollowedTags(c *call) error {
	tags, err := a.cfg.Tags.Followed(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, tagList(tags))
}
