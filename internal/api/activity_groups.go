package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/tintype/tintype/internal/activity"
	"github.com/tintype/tintype/internal/tintype"
)

// How much of a group is shown; the rest is counted.
const (
	groupUsers = 3
	groupMedia = 6
)

func (a *API) groupedActivity(c *call) error {
	return a.activityGroups(c, a.cfg.ActivityGroups.Grouped)
}

func (a *API) followingActivity(c *call) error {
	return a.activityGroups(c, a.cfg.ActivityGroups.Following)
}

// activityAsk reads which groups are wanted.
func (c *call) activityAsk() (ask activity.Ask, err error) {
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return ask, err
	}
	ask.Count, ask.Before = page.Count, page.Max
	east, err := c.param("utc_offset")
	if err != nil || east == "" {
		return ask, err
	}
	minutes, err := strconv.Atoi(east)
	if err != nil || minutes < -14*60 || minutes > 14*60 {
		return ask, tintype.FieldError("utc_offset", "utc_offset must be the minutes by which your clock is ahead of UTC, from -840 to 840")
	}
	ask.East = time.Duration(minutes) * time.Minute
	return ask, nil
}

func (a *API) activityGroups(c *call, list activityLister) error {
	ask, err := c.activityAsk()
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	groups, next, err := list(ctx, c.viewer(), ask)
	if err != nil {
		return err
	}
	// What the groups show is read as if each were several activities.
	var flat []tintype.Activity
	for i := range groups {
		g := &groups[i]
		g.PostIDs = g.PostIDs[:min(len(g.PostIDs), groupMedia)]
		for n, id := range g.PostIDs {
			it := tintype.Activity{PostID: id}
			if n == 0 {
				it.CommentID = g.CommentID
			}
			flat = append(flat, it)
		}
	}
	posts, err := a.activityPosts(c, flat)
	if err != nil {
		return err
	}
	texts, err := a.activityTexts(c, flat)
	if err != nil {
		return err
	}
	s, err := a.newSplicer(c)
	if err != nil {
		return err
	}
	defer s.release()
	for i := range groups {
		for _, list := range [][]tintype.ID{groups[i].Actors, groups[i].TargetIDs} {
			for _, id := range list[:min(len(list), groupUsers)] {
				s.need(id)
			}
		}
	}
	for _, p := range posts {
		if p != nil {
			s.need(p.UserID)
		}
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	b := append(c.open(http.StatusOK), '[')
	first := true
	for i := range groups {
		mark := len(b)
		if !first {
			b = append(b, ',')
		}
		var ok bool
		if b, ok = s.group(b, &groups[i], posts, texts); !ok {
			b = b[:mark]
			continue
		}
		first = false
	}
	return c.end(append(b, ']'), "max_id", next)
}

// group appends a group; ok is false where nothing of it may be shown by now.
func (s *splicer) group(b []byte, g *tintype.ActivityGroup, posts map[tintype.ID]*tintype.Post, texts map[tintype.ID]string) (_ []byte, ok bool) {
	b = append(b, `{"id":`...)
	b = appendID(b, g.ID)
	b = append(b, `,"oldest_id":`...)
	b = appendID(b, g.Oldest)
	b = append(b, `,"kind":`...)
	b = appendString(b, activityWords[g.Kind])
	b = append(b, `,"created_time":`...)
	b = appendSeconds(b, g.ID)
	b = append(b, `,"count":`...)
	b = appendInt(b, int64(g.Count))
	b = append(b, `,"new_count":`...)
	b = appendInt(b, int64(g.New))
	var people, targets int
	b, people = s.few(append(b, `,"users":[`...), g.Actors)
	b = append(b, `],"user_count":`...)
	b = appendInt(b, int64(len(g.Actors)))
	b, targets = s.few(append(b, `,"targets":[`...), g.TargetIDs)
	b = append(b, `],"target_count":`...)
	b = appendInt(b, int64(len(g.TargetIDs)))
	b = append(b, `,"media":[`...)
	shown := 0
	for _, id := range g.PostIDs {
		if p := posts[id]; p != nil && s.user(p.UserID) != nil {
			if shown > 0 {
				b = append(b, ',')
			}
			shown++
			b = s.thumbnail(b, p)
		}
	}
	b = append(b, ']')
	if t := texts[g.CommentID]; t != "" {
		b = appendString(append(b, `,"text":`...), t)
	}
	return append(b, '}'), (people > 0 || len(g.Actors) == 0) && (shown > 0 || len(g.PostIDs) == 0) && (targets > 0 || len(g.TargetIDs) == 0)
}

// few appends the first of ids who may be shown, and how many those are.
func (s *splicer) few(b []byte, ids []tintype.ID) (_ []byte, n int) {
	for _, id := range ids[:min(len(ids), groupUsers)] {
		if u := s.user(id); u != nil {
			if n > 0 {
				b = append(b, ',')
			}
			n++
			b = s.person(b, u)
		}
	}
	return b, n
}

// unreadActivity answers with how much activity is new, by kind and in all.
func (a *API) unreadActivity(c *call) error {
	kinds, err := a.cfg.ActivityGroups.UnreadKinds(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := struct {
		Total int            `json:"total"`
		Kinds map[string]int `json:"kinds"`
	}{Kinds: map[string]int{}}
	for k, n := range kinds {
		out.Total += n
		out.Kinds[activityWords[k]] = n
	}
	return c.json(http.StatusOK, out)
}

// circle is a tintype.Who in JSON.
type circle tintype.Who

// MarshalText implements encoding.TextMarshaler.
func (w circle) MarshalText() ([]byte, error) {
	switch tintype.Who(w) {
	case tintype.Followed:
		return []byte("following"), nil
	case tintype.Nobody:
		return []byte("nobody"), nil
	}
	return []byte("everyone"), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *circle) UnmarshalText(b []byte) error {
	switch string(b) {
	case "everyone":
		*w = circle(tintype.Everyone)
	case "following":
		*w = circle(tintype.Followed)
	case "nobody":
		*w = circle(tintype.Nobody)
	default:
		return tintype.FieldError("choices", "%q is none of everyone, following and nobody", b)
	}
	return nil
}

type choicesJSON struct {
	TagsFrom     circle       `json:"tags_from"`
	ApproveTags  bool         `json:"approve_tags"`
	MentionsFrom circle       `json:"mentions_from"`
	ShowActivity bool         `json:"show_activity"`
	Hear         hearingsJSON `json:"notify"`
}

type hearingsJSON struct {
	Likes    circle `json:"likes"`
	Comments circle `json:"comments"`
	Follows  circle `json:"follows"`
	Mentions circle `json:"mentions"`
	Tags     circle `json:"tags"`
}

func (a *API) getChoices(c *call) error {
	ch, err := a.cfg.ActivityGroups.Choices(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	return c.choices(ch)
}

func (c *call) choices(ch tintype.Choices) error {
	return c.json(http.StatusOK, choicesJSON{TagsFrom: circle(ch.TagFrom), ApproveTags: ch.TagByHand, MentionsFrom: circle(ch.MentionFrom),
		ShowActivity: !ch.HidesDeeds, Hear: hearingsJSON{circle(ch.Likes), circle(ch.Comments), circle(ch.Follows), circle(ch.Mentions), circle(ch.Tags)}})
}

func (a *API) setChoices(c *call) error {
	var in struct {
		TagsFrom     *circle `json:"tags_from"`
		ApproveTags  *bool   `json:"approve_tags"`
		MentionsFrom *circle `json:"mentions_from"`
		ShowActivity *bool   `json:"show_activity"`
		Hear         struct {
			Likes    *circle `json:"likes"`
			Comments *circle `json:"comments"`
			Follows  *circle `json:"follows"`
			Mentions *circle `json:"mentions"`
			Tags     *circle `json:"tags"`
		} `json:"notify"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	who := func(w *circle) *tintype.Who { return (*tintype.Who)(w) }
	d := tintype.ChoiceChanges{TagFrom: who(in.TagsFrom), TagByHand: in.ApproveTags, MentionFrom: who(in.MentionsFrom),
		Likes: who(in.Hear.Likes), Comments: who(in.Hear.Comments), Follows: who(in.Hear.Follows), Mentions: who(in.Hear.Mentions), Tags: who(in.Hear.Tags)}
	if in.ShowActivity != nil {
		hides := !*in.ShowActivity
		d.HidesDeeds = &hides
	}
	ch, err := a.cfg.ActivityGroups.Choose(c.r.Context(), c.viewer(), d)
	if err != nil {
		return err
	}
	return c.choices(ch)
}
