package api

import (
	"strconv"

	"github.com/tintype/tintype/internal/tintype"
)

// suggestedUsers answers with short users, each with the reason why it is suggested.
func (a *API) suggestedUsers(c *call) error {
	count, err := c.count(maxUserCount)
	if err != nil {
		return err
	}
	list, err := a.cfg.Suggestions.Suggested(c.r.Context(), c.viewer(), count)
	if err != nil {
		return err
	}
	s, err := a.newSplicer(c)
	if err != nil {
		return err
	}
	defer s.release()
	for _, it := range list {
		s.need(it.User)
		for _, by := range it.By {
			s.need(by)
		}
	}
	if err := s.load(c.r.Context()); err != nil {
		return err
	}
	b := append(c.open(200), '[')
	first := true
	for _, it := range list {
		u := s.user(it.User)
		if u == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = s.person(b, u)
		b = append(b[:len(b)-1], `,"reason":`...) // within the braces of the user
		b = append(s.reason(b, it), '}')
	}
	return c.end(append(b, ']'), "cursor", 0)
}

// reason appends why somebody is suggested: the kind, the names of a few people or of a tag, and how many people there are.
func (s *splicer) reason(b []byte, it tintype.Suggestion) []byte {
	names := make([]string, 0, 2)
	for _, by := range it.By {
		if u := s.user(by); u != nil {
			names = append(names, u.Username)
		}
	}
	if it.Tag != "" {
		names = append(names, it.Tag)
	}
	b = append(b, `{"kind":`...)
	b = appendString(b, string(it.Reason))
	b = append(b, `,"names":[`...)
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, n)
	}
	b = append(b, `],"count":`...)
	b = strconv.AppendInt(b, int64(it.Count), 10)
	return append(b, '}')
}

func (a *API) dismissSuggested(c *call) error { return a.dismiss(c, true) }

func (a *API) recallSuggested(c *call) error { return a.dismiss(c, false) }

func (a *API) dismiss(c *call, on bool) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Suggestions.Dismiss(c.r.Context(), c.viewer(), id, on); err != nil {
		return err
	}
	return c.null()
}
