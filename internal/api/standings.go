package api

import (
	"context"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// audience is who may see a post, of those who may see its owner's, in words.
type audience tintype.Audience

const (
	audienceEveryone = "everyone"
	audienceFriends  = "friends"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *audience) UnmarshalText(b []byte) error {
	switch string(b) {
	case audienceEveryone:
		*a = audience(tintype.AudienceEveryone)
	case audienceFriends:
		*a = audience(tintype.AudienceFriends)
	default:
		return tintype.FieldError("audience", "the audience must be %s or %s", audienceEveryone, audienceFriends)
	}
	return nil
}

// choice is true, false, or null for the user's default.
type choice struct {
	given bool
	tintype.Choice
}

// UnmarshalJSON implements json.Unmarshaler.
func (h *choice) UnmarshalJSON(b []byte) error {
	h.given = true
	switch string(b) {
	case "null":
		h.Choice = tintype.ChoiceDefault
	case "true":
		h.Choice = tintype.ChoiceYes
	case "false":
		h.Choice = tintype.ChoiceNo
	default:
		return tintype.FieldError("hide_likes", "hide_likes must be true, false or null")
	}
	return nil
}

func (a *API) archive(c *call) error { return c.stand(a.cfg.Standings.Archive, true) }

func (a *API) unarchive(c *call) error { return c.stand(a.cfg.Standings.Archive, false) }

func (a *API) pin(c *call) error { return c.stand(a.cfg.Standings.Pin, true) }

func (a *API) unpin(c *call) error { return c.stand(a.cfg.Standings.Pin, false) }

// stand changes how a post stands, and answers with nothing.
func (c *call) stand(set func(ctx context.Context, user, post tintype.ID, on bool) error, on bool) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	if err := set(c.r.Context(), c.viewer(), id, on); err != nil {
		return err
	}
	return c.null()
}

func (a *API) listArchived(c *call) error {
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	posts, next, err := a.cfg.Standings.Archived(c.r.Context(), c.viewer(), page)
	if err != nil {
		return err
	}
	return a.postList(c, posts, "max_id", next)
}

// listFriends answers with the viewer's close friends; with q, with those of them whom a search for people finds.
func (a *API) listFriends(c *call) error {
	q, err := c.param("q")
	if err != nil {
		return err
	}
	if q = strings.TrimSpace(q); q == "" {
		return a.edgeList(c, func(p tintype.Page) ([]tintype.ID, tintype.ID, error) {
			return a.cfg.Friends.Friends(c.r.Context(), c.viewer(), p)
		})
	}
	if len(q) > 200 {
		return tintype.FieldError("q", "that is too long for a name")
	}
	count, err := c.count(maxUserCount)
	if err != nil {
		return err
	}
	ids, err := a.cfg.Profiles.Search(c.r.Context(), q, count)
	if err != nil {
		return err
	}
	if ids, err = a.cfg.Friends.FriendsAmong(c.r.Context(), c.viewer(), ids); err != nil {
		return err
	}
	return a.userList(c, ids, 0)
}

func (a *API) addFriend(c *call) error { return a.setFriend(c, true) }

func (a *API) removeFriend(c *call) error { return a.setFriend(c, false) }

func (a *API) setFriend(c *call, on bool) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Friends.SetFriend(c.r.Context(), c.viewer(), id, on); err != nil {
		return err
	}
	return c.null()
}
