package activity

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

const (
	groupRows  = 100 // rows that are read at a time
	maxGroups  = 60  // of one page
	maxRead    = 10  // times that rows are read for one page
	dayOffsets = 14 * time.Hour
)

// Ask asks for a page of groups.
type Ask struct {
	Before tintype.ID    // only what is older; 0 for the newest
	Count  int           // of groups, at most
	East   time.Duration // how far the reader's clock is ahead of UTC: days are the reader's
}

func (a Ask) checked() Ask {
	a.Count = min(max(a.Count, 1), maxGroups)
	a.East = min(max(a.East, -dayOffsets), dayOffsets)
	return a
}

// day numbers the reader's days.
func (a Ask) day(id tintype.ID) int64 { return (id.UnixMillis() + a.East.Milliseconds()) / 86_400_000 }

// key says what belongs together.
type key struct {
	kind tintype.ActivityKind
	day  int64
	of   tintype.ID // a post, an actor, or a thing of its own
}

// groups collects things, newest first.
type groups struct {
	ask   Ask
	list  []*tintype.ActivityGroup
	byKey map[key]*tintype.ActivityGroup
}

// open gives the group of k, to which id is added; nil if that would be one too many.
func (g *groups) open(k key, id tintype.ID) *tintype.ActivityGroup {
	if g.byKey == nil {
		g.byKey = map[key]*tintype.ActivityGroup{}
	}
	at := g.byKey[k]
	if at == nil {
		if len(g.list) == g.ask.Count {
			return nil
		}
		at = &tintype.ActivityGroup{ID: id, Kind: k.kind}
		g.byKey[k] = at
		g.list = append(g.list, at)
	}
	at.Oldest = id
	at.Count++
	return at
}

func (g *groups) done() []tintype.ActivityGroup {
	out := make([]tintype.ActivityGroup, len(g.list))
	for i, p := range g.list {
		out[i] = *p
	}
	return out
}

func addOnce(list *[]tintype.ID, id tintype.ID) {
	if id != 0 && !slices.Contains(*list, id) {
		*list = append(*list, id)
	}
}

// Grouped gives what happened to user as groups: the likes of one post on one day, the comments on it, those who
// follow since that day; all else by itself. Only what user may be told counts. next is the Before of the next page, 0 at the end.
// A page ends where the next thing would open one group too many; what belongs to an earlier group but is older than
// that comes with the next page, as a group of its own.
func (s *Service) Grouped(ctx context.Context, user tintype.ID, ask Ask) (list []tintype.ActivityGroup, next tintype.ID, err error) {
	seen, err := s.c.Store.SeenTo(ctx, user)
	if err != nil {
		return nil, 0, err
	}
	g := groups{ask: ask.checked()}
	page := tintype.Page{Max: ask.Before, Count: groupRows}
	for range maxRead {
		rows, err := s.c.Store.Activity(ctx, user, page)
		if err != nil {
			return nil, 0, err
		}
		more := len(rows) == groupRows
		if len(rows) > 0 {
			page.Max = rows[len(rows)-1].ID
		}
		if rows, err = s.visible(ctx, user, rows); err != nil && !tintype.IsPartial(err) {
			return nil, 0, err
		}
		if rows, err = s.byActive(ctx, rows); err != nil && !tintype.IsPartial(err) {
			return nil, 0, err
		}
		for _, a := range rows {
			k := key{kind: a.Kind, of: a.ID}
			switch a.Kind {
			case tintype.ActivityLike, tintype.ActivityComment:
				k.day, k.of = g.ask.day(a.ID), a.PostID
			case tintype.ActivityFollow:
				k.day, k.of = g.ask.day(a.ID), 0
			}
			at := g.open(k, a.ID)
			if at == nil {
				return g.done(), a.ID + 1, nil
			}
			addOnce(&at.Actors, a.ActorID)
			addOnce(&at.PostIDs, a.PostID)
			at.CommentID = cmp.Or(at.CommentID, a.CommentID)
			if a.ID > seen {
				at.New++
			}
		}
		if !more {
			return g.done(), 0, nil
		}
	}
	return g.done(), page.Max, nil
}

// byActive leaves out what users did who are not active; with a partial error, who could not be read.
func (s *Service) byActive(ctx context.Context, rows []tintype.Activity) ([]tintype.Activity, error) {
	var ids []tintype.ID
	for _, a := range rows {
		addOnce(&ids, a.ActorID)
	}
	users, err := s.c.Graph.Users(ctx, ids)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(a tintype.Activity) bool {
		if a.ActorID == 0 {
			return false // it is nobody's deed
		}
		u := users[slices.Index(ids, a.ActorID)]
		return u == nil || u.State != tintype.UserActive
	}), err
}

const (
	maxFollowed = 150 // of those whom a reader follows, the ones followed last, are asked what they did
	eachDid     = 8   // things of each kind that each of them did, the latest
	deedsAtOnce = 300 // deeds of all of them that are looked at, the latest
)

// Following gives, as groups, what those whom viewer follows did of late: what each liked on a day, whom each followed, and what
// each said. It tells nothing of private people's deeds, of those who hide theirs, of what viewer may not see, and of what
// was done to viewer, who has that as activity; nor of whom viewer muted. It is read from each of those people's own rows, the last few of each; next
// is the Before of the next page, 0 at the end.
func (s *Service) Following(ctx context.Context, viewer tintype.ID, ask Ask) (list []tintype.ActivityGroup, next tintype.ID, err error) {
	people, _, err := s.c.Graph.Following(ctx, viewer, viewer, tintype.Page{Count: maxFollowed})
	if err != nil {
		return nil, 0, err
	}
	muted, err := s.muted(ctx, viewer)
	if err != nil {
		return nil, 0, err
	}
	people = slices.DeleteFunc(people, muted)
	if people, err = s.tellable(ctx, viewer, people); err != nil || len(people) == 0 {
		return nil, 0, err
	}
	g := groups{ask: ask.checked()}
	before := ask.Before
	for range maxRead {
		deeds, err := s.c.Deeds.Deeds(ctx, people, before, eachDid)
		if err != nil && !tintype.IsPartial(err) {
			return nil, 0, err
		}
		if len(deeds) == 0 {
			return g.done(), 0, nil
		}
		slices.SortFunc(deeds, func(a, b tintype.Deed) int {
			return cmp.Or(cmp.Compare(b.Op, a.Op), cmp.Compare(b.UserID, a.UserID), cmp.Compare(a.Kind, b.Kind))
		})
		deeds = deeds[:min(len(deeds), deedsAtOnce)]
		before = deeds[len(deeds)-1].Op
		var owners map[tintype.ID]tintype.ID
		if deeds, owners, err = s.told(ctx, viewer, deeds); err != nil && !tintype.IsPartial(err) {
			return nil, 0, err
		}
		for _, d := range deeds {
			if muted(d.TargetID) || muted(owners[d.PostID]) {
				continue
			}
			k := key{kind: d.Kind, day: g.ask.day(d.Op), of: d.UserID}
			if d.Kind == tintype.ActivityComment {
				k.of = d.CommentID
			}
			at := g.open(k, d.Op)
			if at == nil {
				return g.done(), d.Op + 1, nil
			}
			addOnce(&at.Actors, d.UserID)
			addOnce(&at.PostIDs, d.PostID)
			addOnce(&at.TargetIDs, d.TargetID)
			at.CommentID = d.CommentID
		}
	}
	return g.done(), before, nil
}

// tellable gives those of people whose deeds may be told to viewer.
func (s *Service) tellable(ctx context.Context, viewer tintype.ID, people []tintype.ID) ([]tintype.ID, error) {
	return s.seen(ctx, viewer, people, func(u *tintype.User) bool { return !u.Private })
}

// seen gives those of people whose posts viewer may see, and whom also allows.
func (s *Service) seen(ctx context.Context, viewer tintype.ID, people []tintype.ID, also func(u *tintype.User) bool) ([]tintype.ID, error) {
	if len(people) == 0 {
		return nil, nil
	}
	users, err := s.c.Graph.Users(ctx, people)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	rels, err := s.c.Graph.Relations(ctx, viewer, people)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	var out []tintype.ID
	for i, u := range users {
		if u != nil && tintype.CanView(viewer, u, rels[i]) && also(u) {
			out = append(out, u.ID)
		}
	}
	return out, nil
}

// muted tells of users whether viewer muted them.
func (s *Service) muted(ctx context.Context, viewer tintype.ID) (func(tintype.ID) bool, error) {
	if s.c.Muted == nil {
		return func(tintype.ID) bool { return false }, nil
	}
	ids, err := s.c.Muted(ctx, viewer)
	return func(id tintype.ID) bool { _, found := slices.BinarySearch(ids, id); return found }, err
}

// told leaves out the deeds that viewer is not to be told of, and gives whose the posts of the others are.
func (s *Service) told(ctx context.Context, viewer tintype.ID, deeds []tintype.Deed) ([]tintype.Deed, map[tintype.ID]tintype.ID, error) {
	var posts, targets, commented, comments []tintype.ID
	for _, d := range deeds {
		addOnce(&posts, d.PostID)
		addOnce(&targets, d.TargetID)
		if d.CommentID != 0 {
			commented, comments = append(commented, d.PostID), append(comments, d.CommentID)
		}
	}
	visible, err := s.c.Posts.Visible(ctx, viewer, posts)
	if err != nil && !tintype.IsPartial(err) {
		return nil, nil, err
	}
	owners := make(map[tintype.ID]tintype.ID, len(visible))
	unliked := map[tintype.ID]bool{} // of which nobody is told who likes them
	for _, p := range visible {
		owners[p.ID], unliked[p.ID] = p.UserID, p.LikesHidden
	}
	targets, err = s.seen(ctx, viewer, targets, func(u *tintype.User) bool { return u.ID != viewer })
	if err != nil {
		return nil, nil, err
	}
	gone := map[tintype.ID]bool{}
	if len(comments) > 0 {
		texts, err := s.c.Comments.CommentTexts(ctx, commented, comments)
		if err != nil {
			return nil, nil, err
		}
		for i, t := range texts {
			gone[comments[i]] = t == ""
		}
	}
	return slices.DeleteFunc(deeds, func(d tintype.Deed) bool {
		if d.Kind == tintype.ActivityFollow {
			return !slices.Contains(targets, d.TargetID)
		}
		if d.Kind == tintype.ActivityLike && unliked[d.PostID] {
			return true
		}
		owner := owners[d.PostID]
		return owner == 0 || owner == viewer || owner == d.UserID || gone[d.CommentID]
	}), owners, nil
}

// UnreadKinds counts what user has not seen by kind, of the newest MaxUnread.
func (s *Service) UnreadKinds(ctx context.Context, user tintype.ID) (map[tintype.ActivityKind]int, error) {
	return s.c.Store.UnreadKinds(ctx, user, MaxUnread)
}

// Choices gives what user lets others do and wants to hear of.
func (s *Service) Choices(ctx context.Context, user tintype.ID) (tintype.Choices, error) {
	list, err := s.c.Choices.Choices(ctx, []tintype.ID{user})
	if err != nil {
		return tintype.Choices{}, err
	}
	return list[0], nil
}

// Choose changes some of that and gives all. What user wants to hear of holds from now on.
func (s *Service) Choose(ctx context.Context, user tintype.ID, d tintype.ChoiceChanges) (tintype.Choices, error) {
	return s.c.Choices.Choose(ctx, user, d)
}
