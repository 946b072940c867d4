package api

import (
	"net/http"

	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/tintype"
)

// namedIn is a user to be named in a picture, as requests give it.
type namedIn struct {
	Media    int        `json:"media"` // position of the picture
	User     tintype.ID `json:"user_id"`
	Position *struct {
		X *float64 `json:"x"`
		Y *float64 `json:"y"`
	} `json:"position"`
}

func named(in []namedIn) ([]post.Named, error) {
	out := make([]post.Named, len(in))
	for i, n := range in {
		if n.User == 0 {
			return nil, tintype.FieldError("users_in_photo", "each needs the user_id of a user")
		}
		if n.Position == nil || n.Position.X == nil || n.Position.Y == nil {
			return nil, tintype.FieldError("users_in_photo", "each needs a position with x and y between 0 and 1")
		}
		out[i] = post.Named{Media: n.Media, User: n.User, X: *n.Position.X, Y: *n.Position.Y}
	}
	return out, nil
}

// people appends those in a picture who may be shown, as API v1 has them, without brackets.
func (s *splicer) people(b []byte, m *tintype.Media) []byte {
	first := true
	for i := range m.People {
		t := &m.People[i]
		if t.State != tintype.EdgeThere {
			continue
		}
		u := s.user(t.UserID)
		if u == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(s.inPhoto(b, t, u), '}')
	}
	return b
}

// inPhoto appends somebody in a picture, up to the closing brace.
func (s *splicer) inPhoto(b []byte, t *tintype.PhotoTag, u *tintype.User) []byte {
	b = append(b, `{"user":`...)
	b = s.person(b, u)
	b = appendFloat(append(b, `,"position":{"x":`...), t.X)
	b = appendFloat(append(b, `,"y":`...), t.Y)
	return append(b, '}')
}

// listPeople answers with who is in a post's pictures and where; to the owner those who have not answered, too.
func (a *API) listPeople(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	people, err := a.cfg.PhotoTags.PeopleIn(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	s, err := a.newSplicer(c)
	if err != nil {
		return err
	}
	defer s.release()
	for _, list := range people {
		for i := range list {
			s.need(list[i].UserID)
		}
	}
	if err := s.load(c.r.Context()); err != nil {
		return err
	}
	b := append(c.open(http.StatusOK), '[')
	first := true
	for n, list := range people {
		for i := range list {
			u := s.user(list[i].UserID)
			if u == nil {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = s.inPhoto(b, &list[i], u)
			b = appendInt(append(b, `,"media":`...), int64(n))
			if list[i].State == tintype.EdgeThere {
				b = append(b, `,"status":"shown"}`...)
			} else {
				b = append(b, `,"status":"waiting"}`...)
			}
		}
	}
	return c.close(http.StatusOK, append(b, ']'))
}

func (a *API) acceptPhotoTag(c *call) error { return a.answerPhotoTag(c, true) }

func (a *API) leavePhoto(c *call) error { return a.answerPhotoTag(c, false) }

func (a *API) answerPhotoTag(c *call, on bool) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	if err := a.cfg.PhotoTags.AnswerPhotoTag(c.r.Context(), c.viewer(), id, on); err != nil {
		return err
	}
	return c.null()
}

func (a *API) listTagged(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	posts, next, err := a.cfg.PhotoTags.Tagged(c.r.Context(), c.viewer(), id, page)
	if err != nil {
		return err
	}
	return a.postList(c, posts, "max_id", next)
}

func (a *API) listTagsAsked(c *call) error {
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	posts, next, err := a.cfg.PhotoTags.TagsAsked(c.r.Context(), c.viewer(), page)
	if err != nil {
		return err
	}
	return a.postList(c, posts, "max_id", next)
}
