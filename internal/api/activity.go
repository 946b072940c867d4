package api

import (
	"net/http"

	"github.com/tintype/tintype/internal/tintype"
)

// activityWords names the kinds of activity.
var activityWords = map[tintype.ActivityKind]string{
	tintype.ActivityLike:     "like",
	tintype.ActivityComment:  "comment",
	tintype.ActivityFollow:   "follow",
	tintype.ActivityRequest:  "request",
	tintype.ActivityApproved: "approved",
	tintype.ActivityMention:  "mention",
	tintype.ActivityTag:      "tag",
	tintype.ActivityTagAsked: "tag_request",
	tintype.ActivityNotice:   "notice",
}

func (a *API) listActivity(c *call) error {
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	// The unread ones are the newest; who asks for a further page has seen the first.
	unread := 0
	if page.Max == 0 {
		if unread, err = a.cfg.Activities.Unread(ctx, c.viewer()); err != nil {
			return err
		}
	}
	items, next, err := a.cfg.Activities.List(ctx, c.viewer(), page)
	if err != nil {
		return err
	}
	posts, err := a.activityPosts(c, items)
	if err != nil {
		return err
	}
	texts, err := a.activityTexts(c, items)
	if err != nil {
		return err
	}
	s, err := a.newSplicer(c)
	if err != nil {
		return err
	}
	defer s.release()
	for i := range items {
		if id := items[i].ActorID; id != 0 {
			s.need(id)
		}
		if p := posts[items[i].PostID]; p != nil {
			s.need(p.UserID)
		}
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	b := append(c.open(http.StatusOK), '[')
	first := true
	for i := range items {
		it := &items[i]
		actor := s.user(it.ActorID)
		notice := it.Kind == tintype.ActivityNotice // nobody is its actor
		if actor == nil && !notice || it.PostID != 0 && posts[it.PostID] == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, `{"id":`...)
		b = appendID(b, it.ID)
		b = append(b, `,"kind":`...)
		b = appendString(b, activityWords[it.Kind])
		b = append(b, `,"created_time":`...)
		b = appendSeconds(b, it.ID)
		if !notice {
			b = append(b, `,"user":`...)
			b = s.person(b, actor)
		}
		if p := posts[it.PostID]; p != nil {
			b = s.thumbnail(append(b, `,"media":`...), p)
		}
		if t := texts[it.CommentID]; t != "" {
			b = append(b, `,"text":`...)
			b = appendString(b, t)
		}
		b = append(b, `,"is_new":`...)
		if i < unread {
			b = append(b, "true}"...)
		} else {
			b = append(b, "false}"...)
		}
	}
	return c.end(append(b, ']'), "max_id", next)
}

// thumbnail appends what an activity tells of a post.
func (s *splicer) thumbnail(b []byte, p *tintype.Post) []byte {
	code := p.ID.Shortcode()
	b = append(b, `{"id":"`...)
	b = append(b, p.MediaID()...)
	b = append(b, `","link":"`...)
	b = append(b, s.base...)
	b = append(b, "/p/"+code...)
	b = append(b, `","thumbnail":"`...)
	u := s.user(p.UserID)
	private := u != nil && !tintype.EverybodySees(u, p)
	b = append(b, s.api.mediaBase(s.base, private)...)
	b = append(b, mediaPath(code, p.Media[0].Key, "150s")...)
	if private {
		b = s.api.signer.appendQuery(b, p.ID, s.viewer)
	}
	b = append(b, `","shortcode":"`...)
	b = append(b, code...)
	return append(b, `"}`...)
}

func (a *API) activityPosts(c *call, items []tintype.Activity) (map[tintype.ID]*tintype.Post, error) {
	var ids []tintype.ID
	posts := map[tintype.ID]*tintype.Post{}
	for i := range items {
		if id := items[i].PostID; id != 0 {
			if _, known := posts[id]; !known {
				posts[id] = nil
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return posts, nil
	}
	found, err := a.cfg.Posts.Visible(c.r.Context(), c.viewer(), ids)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	for _, p := range found {
		posts[p.ID] = p
	}
	return posts, nil
}

func (a *API) activityTexts(c *call, items []tintype.Activity) (map[tintype.ID]string, error) {
	var posts, comments []tintype.ID
	for i := range items {
		if items[i].CommentID != 0 {
			posts = append(posts, items[i].PostID)
			comments = append(comments, items[i].CommentID)
		}
	}
	texts := map[tintype.ID]string{}
	if len(comments) == 0 {
		return texts, nil
	}
	found, err := a.cfg.Comments.CommentTexts(c.r.Context(), posts, comments)
	if err != nil {
		return nil, err
	}
	for i, t := range found {
		texts[comments[i]] = t
	}
	return texts, nil
}

func (a *API) seenActivity(c *call) error {
	var in struct {
		MaxID string `json:"max_id"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	var id tintype.ID
	if in.MaxID != "" {
		var err error
		if id, err = tintype.ParseID(in.MaxID); err != nil {
			return tintype.FieldError("max_id", "max_id must be the id of an activity")
		}
	}
	if err := a.cfg.Activities.Seen(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}
