package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/tintype"
)

func (a *API) getFeed(c *call) error {
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	posts, tags, next, err := a.cfg.Feed.Home(c.r.Context(), c.viewer(), page)
	if err != nil {
		return err
	}
	var why func(b []byte, i int) []byte
	if len(tags) > 0 {
		why = func(b []byte, i int) []byte {
			if tag, ok := tags[posts[i].ID]; ok {
				b = appendString(append(b, `,"followed_tag":`...), tag)
			}
			return b
		}
	}
	return a.postListWith(c, posts, why, func(b []byte) error { return c.end(b, "max_id", next) })
}

func (a *API) listUserMedia(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	page, err := c.timedPage()
	if err != nil {
		return err
	}
	pinned, err := c.param("pinned")
	if err != nil {
		return err
	}
	if pinned == "first" {
		posts, next, err := a.cfg.Standings.Profile(c.r.Context(), c.viewer(), id, page)
		if err != nil {
			return err
		}
		return a.postList(c, posts, "max_id", next)
	}
	posts, more, err := a.cfg.Posts.ByUser(c.r.Context(), c.viewer(), id, page)
	if err != nil {
		return err
	}
	var next tintype.ID
	if more && len(posts) > 0 {
		next = posts[len(posts)-1].ID
	}
	return a.postList(c, posts, "max_id", next)
}

func (a *API) listLiked(c *call) error {
	page, err := c.page("max_like_id", maxMediaCount)
	if err != nil {
		return err
	}
	posts, next, err := a.cfg.Likes.LikedPosts(c.r.Context(), c.viewer(), page)
	if err != nil {
		return err
	}
	return a.postList(c, posts, "max_like_id", next)
}

func (a *API) getMedia(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	return a.showPost(c, id)
}

func (a *API) getMediaByCode(c *call) error {
	id, err := tintype.ParseShortcode(c.params.get("code"))
	if err != nil {
		return err
	}
	return a.showPost(c, id)
}

func (a *API) showPost(c *call, id tintype.ID) error {
	p, err := a.cfg.Posts.Get(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return a.onePost(c, http.StatusOK, p)
}

// locationIn is a location as requests give it.
type locationIn struct {
	ID        locationID `json:"id"`
	Name      string     `json:"name"`
	Latitude  *float64   `json:"latitude"`
	Longitude *float64   `json:"longitude"`
	// Approximate moves the point to a grid of about a kilometre; the exact one is not kept.
	Approximate bool `json:"approximate"`
	// OnMap false keeps it off the owner's photo map.
	OnMap *bool `json:"on_map"`
}

// locationID takes a place's ID as the number that media objects carry, or as a string.
type locationID tintype.ID

// UnmarshalJSON implements json.Unmarshaler.
func (l *locationID) UnmarshalJSON(b []byte) error {
	s := string(bytes.Trim(b, `"`))
	if s == "null" || s == "" || s == "0" {
		return nil
	}
	id, err := tintype.ParseID(s)
	if err != nil {
		return tintype.FieldError("location", "%q is not a place's ID", s)
	}
	*l = locationID(id)
	return nil
}

func (l *locationIn) location() (*tintype.Location, error) {
	if l == nil {
		return nil, nil
	}
	if (l.Latitude == nil) != (l.Longitude == nil) {
		return nil, tintype.FieldError("location", "a point needs both latitude and longitude")
	}
	out := &tintype.Location{ID: tintype.ID(l.ID), Name: l.Name}
	out.SetPoint(l.Latitude, l.Longitude)
	out.OffMap = l.OnMap != nil && !*l.OnMap
	return out, nil
}

func (a *API) publish(c *call) error {
	var in struct {
		Uploads   []tintype.ID      `json:"uploads"`
		Caption   string            `json:"caption"`
		AltTexts  []*string         `json:"alt_texts"`
		Filter    string            `json:"filter"`
		Edits     []json.RawMessage `json:"edits"`
		Location  *locationIn       `json:"location"`
		Audience  audience          `json:"audience"`
		HideLikes choice            `json:"hide_likes"`
		People    []namedIn         `json:"users_in_photo"`
		Who       *string           `json:"commenters"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	location, err := in.Location.location()
	if err != nil {
		return err
	}
	people, err := named(in.People)
	if err != nil {
		return err
	}
	who, err := commenters(in.Who)
	if err != nil {
		return err
	}
	p, replayed, err := a.cfg.Posts.Publish(c.r.Context(), c.viewer(), post.Draft{Uploads: in.Uploads, Caption: in.Caption,
		AltTexts: texts(in.AltTexts), Filter: in.Filter, Edits: in.Edits, Location: location,
		Approximate: in.Location != nil && in.Location.Approximate, People: people, Commenters: orDefault(who), Key: c.key,
		Audience: tintype.Audience(in.Audience), HideLikes: in.HideLikes.Choice})
	if err != nil {
		return err
	}
	if replayed {
		c.w.Header().Set("Idempotency-Replayed", "true")
	}
	return a.onePost(c, http.StatusCreated, p)
}

func orDefault(who *tintype.Commenters) tintype.Commenters {
	if who == nil {
		return tintype.CommentersUnset
	}
	return *who
}

// texts takes null for "".
func texts(in []*string) []string {
	if in == nil {
		return nil
	}
	out := make([]string, len(in))
	for i, s := range in {
		if s != nil {
			out[i] = *s
		}
	}
	return out
}

func (a *API) editMedia(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	var in struct {
		Caption   *string         `json:"caption"`
		AltTexts  []*string       `json:"alt_texts"`
		Location  json.RawMessage `json:"location"` // absent leaves it, null removes it
		Order     []int           `json:"order"`
		Audience  *audience       `json:"audience"`
		HideLikes choice          `json:"hide_likes"`     // absent leaves it, null is the user's default
		People    *[]namedIn      `json:"users_in_photo"` // absent leaves them
		Who       *string         `json:"commenters"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	who, err := commenters(in.Who)
	if err != nil {
		return err
	}
	e := post.Edit{Caption: in.Caption, AltTexts: texts(in.AltTexts), Order: in.Order, Commenters: who}
	if in.People != nil {
		e.SetPeople = true
		if e.People, err = named(*in.People); err != nil {
			return err
		}
	}
	e.Standing.Audience = (*tintype.Audience)(in.Audience)
	if in.HideLikes.given {
		e.Standing.HideLikes = &in.HideLikes.Choice
	}
	if in.Location != nil {
		e.SetLocation = true
		var l *locationIn
		if string(in.Location) != "null" {
			if err := decodeJSON(in.Location, &l); err != nil {
				return err
			}
		}
		e.Approximate = l != nil && l.Approximate
		if e.Location, err = l.location(); err != nil {
			return err
		}
	}
	// Who may see less of it, or fewer of whom, is for the owner to say at any time.
	if says(in.Caption) || says(in.AltTexts...) || e.Location != nil || in.Order != nil || in.People != nil && len(*in.People) > 0 ||
		in.Audience != nil && *e.Standing.Audience != tintype.AudienceFriends {
		if err := a.mayPublish(c); err != nil {
			return err
		}
	}
	p, err := a.cfg.Posts.Edit(c.r.Context(), c.viewer(), id, e)
	if err != nil {
		return err
	}
	return a.onePost(c, http.StatusOK, p)
}

func (a *API) deleteMedia(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Posts.Delete(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}

func (a *API) listComments(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	c.whole = true // the original took no count here
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	comments, next, err := a.cfg.Comments.Comments(c.r.Context(), c.viewer(), id, page)
	if err != nil {
		return err
	}
	s, err := a.newSplicer(c)
	if err != nil {
		return err
	}
	defer s.release()
	for i := range comments {
		s.need(comments[i].UserID)
	}
	if err := s.load(c.r.Context()); err != nil {
		return err
	}
	b := append(c.open(200), '[')
	first := true
	// Oldest first, as the original: the list comes newest first.
	for i := len(comments) - 1; i >= 0; i-- {
		u := s.user(comments[i].UserID)
		if u == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = commentHead(b, &comments[i])
		b = append(s.person(b, u), '}')
	}
	return c.end(append(b, ']'), "max_id", next)
}

func (a *API) addComment(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	var in struct {
		Text string `json:"text"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Text == "" {
		if in.Text, err = c.param("text"); err != nil {
			return err
		}
	}
	comment, replayed, err := a.cfg.Comments.AddComment(c.r.Context(), c.viewer(), id, in.Text, c.key)
	if err != nil {
		return err
	}
	if replayed {
		c.w.Header().Set("Idempotency-Replayed", "true")
	}
	u, err := a.cfg.People.User(c.r.Context(), c.viewer(), c.viewer())
	if err != nil {
		return err
	}
	b := commentHead(c.open(http.StatusOK), comment)
	p := a.fragments.ofUser(u)
	b = append(b, p.at(c.pictures)...)
	return c.close(http.StatusOK, append(b, '}'))
}

// comment gives the post and the comment in the address.
func (c *call) comment() (post, comment tintype.ID, err error) {
	if post, err = c.media("id"); err != nil {
		return 0, 0, err
	}
	comment, err = c.id("cid")
	return post, comment, err
}

func (a *API) deleteComment(c *call) error {
	id, cid, err := c.comment()
	if err != nil {
		return err
	}
	if err := a.cfg.Comments.DeleteComment(c.r.Context(), c.viewer(), id, cid); err != nil {
		return err
	}
	return c.null()
}

// number reads a query parameter that is a small number.
func (c *call) number(name string) (int, error) {
	s, err := c.param(name)
	if err != nil || s == "" {
		return 0, err
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, tintype.FieldError(name, "%s must be a number", name)
	}
	return n, nil
}
