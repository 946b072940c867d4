package api

import (
	"context"
	"net/http"

	"github.com/tintype/tintype/internal/tintype"
)

// safetyJSON is what a user set for comments and for their own feed.
type safetyJSON struct {
	Commenters string   `json:"commenters"`
	Words      []string `json:"hidden_words"`
	Covers     bool     `json:"cover_feed"`
}

func (a *API) getSafety(c *call) error {
	ctx := c.r.Context()
	u, err := a.cfg.People.User(ctx, c.viewer(), c.viewer())
	if err != nil {
		return err
	}
	w, err := a.cfg.Safety.HiddenWords(ctx, c.viewer())
	if err != nil {
		return err
	}
	who := u.Commenters
	if who == tintype.CommentersUnset {
		who = tintype.CommentersEveryone
	}
	out := safetyJSON{Commenters: who.String(), Words: w.Words, Covers: w.Covers}
	if out.Words == nil {
		out.Words = []string{}
	}
	return c.json(http.StatusOK, out)
}

func (a *API) updateSafety(c *call) error {
	var in struct {
		Commenters *string   `json:"commenters"`
		Words      *[]string `json:"hidden_words"`
		Covers     *bool     `json:"cover_feed"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	who, err := commenters(in.Commenters)
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	if in.Words != nil || in.Covers != nil {
		w, err := a.cfg.Safety.HiddenWords(ctx, c.viewer())
		if err != nil {
			return err
		}
		if in.Words != nil {
			w.Words = *in.Words
		}
		if in.Covers != nil {
			w.Covers = *in.Covers
		}
		if _, err := a.cfg.Safety.SetHiddenWords(ctx, c.viewer(), w); err != nil {
			return err
		}
	}
	if who != nil {
		if err := a.cfg.Safety.SetCommenters(ctx, c.viewer(), *who); err != nil {
			return err
		}
	}
	return a.getSafety(c)
}

// commenters reads who may comment; nil stays nil.
func commenters(s *string) (*tintype.Commenters, error) {
	if s == nil {
		return nil, nil
	}
	who, err := tintype.ParseCommenters(*s)
	return &who, err
}

func (a *API) listMuted(c *call) error {
	return a.edgeList(c, func(p tintype.Page) ([]tintype.ID, tintype.ID, error) {
		return a.cfg.OneSided.MutedUsers(c.r.Context(), c.viewer(), p)
	})
}

func (a *API) listRestricted(c *call) error {
	return a.edgeList(c, func(p tintype.Page) ([]tintype.ID, tintype.ID, error) {
		return a.cfg.OneSided.RestrictedUsers(c.r.Context(), c.viewer(), p)
	})
}

// setStance gives what does one of the one-sided actions, nil for others. quiet mutes activity as well.
func (a *API) setStance(action string, quiet bool) func(ctx context.Context, me, other tintype.ID) error {
	switch action {
	case "mute":
		return func(ctx context.Context, me, other tintype.ID) error {
			return a.cfg.Stances.Mute(ctx, me, other, quiet)
		}
	case "unmute":
		return a.cfg.Stances.Unmute
	case "restrict":
		return a.cfg.Stances.Restrict
	case "unrestrict":
		return a.cfg.Stances.Unrestrict
	}
	return nil
}

// heldWords names why a comment is held.
var heldWords = map[tintype.HeldWhy]string{tintype.HeldRestricted: "restricted", tintype.HeldWords: "words"}

func (a *API) listHeldOnPost(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	return a.heldComments(c, id)
}

func (a *API) listHeld(c *call) error { return a.heldComments(c, 0) }

// heldComments answers with comments that wait for the viewer, newest first: on a post, or on all with 0.
func (a *API) heldComments(c *call, post tintype.ID) error {
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	list, next, err := a.cfg.Held.Held(ctx, c.viewer(), post, page)
	if err != nil {
		return err
	}
	about := make([]tintype.Activity, len(list))
	for i := range list {
		about[i].PostID = list[i].PostID
	}
	posts, err := a.activityPosts(c, about)
	if err != nil {
		return err
	}
	s, err := a.newSplicer(c)
	if err != nil {
		return err
	}
	defer s.release()
	s.need(c.viewer())
	for i := range list {
		s.need(list[i].UserID)
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	b := append(c.open(http.StatusOK), '[')
	first := true
	for i := range list {
		u, p := s.user(list[i].UserID), posts[list[i].PostID]
		if u == nil || p == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = s.person(commentHead(b, &list[i]), u)
		b = appendString(append(b, `,"why":`...), heldWords[list[i].Held])
		b = append(s.thumbnail(append(b, `,"media":`...), p), '}')
	}
	return c.end(append(b, ']'), "max_id", next)
}

func (a *API) approveComment(c *call) error {
	id, cid, err := c.comment()
	if err != nil {
		return err
	}
	if err := a.cfg.Held.Approve(c.r.Context(), c.viewer(), id, cid); err != nil {
		return err
	}
	return c.null()
}
