package api

import (
	"context"
	"net/http"

	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/tintype"
)

func (a *API) relationship(ctx context.Context, me, other tintype.ID) (*relationshipJSON, error) {
	out, in, private, err := a.cfg.Follows.Relationship(ctx, me, other)
	if err != nil {
		return nil, err
	}
	stance, err := a.cfg.Stances.Stance(ctx, me, other)
	if err != nil {
		return nil, err
	}
	friends, err := a.cfg.Friends.FriendsAmong(ctx, me, []tintype.ID{other})
	if err != nil {
		return nil, err
	}
	return &relationshipJSON{Outgoing: out, Incoming: in, Private: private, Friend: len(friends) > 0,
		Muted: stance.Muted, MutedActivity: stance.MutedActivity, Restricted: stance.Restricted}, nil
}

func (a *API) getRelationship(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	r, err := a.relationship(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, r)
}

func (a *API) changeRelationship(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	var in struct {
		Action   string `json:"action"`
		Activity bool   `json:"activity"` // of mute: what they do to the caller, too
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if in.Action == "" { // python-instagram puts it into the query
		if in.Action, err = c.param("action"); err != nil {
			return err
		}
	}
	var act func(ctx context.Context, me, other tintype.ID) error
	shows := false
	switch in.Action {
	case "follow":
		if err := a.cfg.Knobs.Closed(knobs.Follows); err != nil {
			return err
		}
		shows = true
		act = a.cfg.Follows.Follow
	case "unfollow":
		act = a.cfg.Follows.Unfollow
	case "approve":
		shows = true
		act = a.cfg.Follows.Approve
	case "deny", "ignore":
		act = a.cfg.Follows.Deny
	case "remove_follower":
		act = a.cfg.Follows.RemoveFollower
	case "block":
		act = a.cfg.Blocks.Block
	case "unblock":
		act = a.cfg.Blocks.Unblock
	default:
		if act = a.setStance(in.Action, in.Activity); act == nil {
			return tintype.FieldError("action", "action must be follow, unfollow, block, unblock, approve, deny, remove_follower, mute, unmute, restrict or unrestrict")
		}
	}
	if shows {
		if err := a.mayShow(c); err != nil {
			return err
		}
	}
	if err := act(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	r, err := a.relationship(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, r)
}

// edgeList answers with a page of a list of users whose cursor is "cursor".
func (a *API) edgeList(c *call, list func(tintype.Page) ([]tintype.ID, tintype.ID, error)) error {
	page, err := c.page("cursor", maxUserCount)
	if err != nil {
		return err
	}
	ids, next, err := list(page)
	if err != nil {
		return err
	}
	return a.userList(c, ids, next)
}

func (a *API) listFollows(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	return a.edgeList(c, func(p tintype.Page) ([]tintype.ID, tintype.ID, error) {
		return a.cfg.FollowLists.Following(c.r.Context(), c.viewer(), id, p)
	})
}

func (a *API) listFollowers(c *call) error {
	id, err := c.user("id")
	if err != nil {
		return err
	}
	return a.edgeList(c, func(p tintype.Page) ([]tintype.ID, tintype.ID, error) {
		return a.cfg.FollowLists.Followers(c.r.Context(), c.viewer(), id, p)
	})
}

func (a *API) listRequests(c *call) error {
	return a.edgeList(c, func(p tintype.Page) ([]tintype.ID, tintype.ID, error) {
		return a.cfg.FollowLists.Requests(c.r.Context(), c.viewer(), p)
	})
}

func (a *API) listLikers(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	c.whole = true // as with comments
	return a.edgeList(c, func(p tintype.Page) ([]tintype.ID, tintype.ID, error) {
		return a.cfg.Likes.Likers(c.r.Context(), c.viewer(), id, p)
	})
}

func (a *API) like(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Likes.Like(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}

func (a *API) unlike(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Likes.Unlike(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}
