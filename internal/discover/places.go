package discover

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// SpotEdges keeps which posts are in places and map cells. sqlstore.Spots implements it.
type SpotEdges interface {
	// ID is the number of a timeline.
	ID(key string) tintype.ID
	// Truth gives what says where a post is; nil if it is gone.
	Truth(ctx context.Context, post tintype.ID) (*tintype.Spotted, error)
	// Put says of a post whether it is in a timeline; changed tells whether that was not so already.
	Put(ctx context.Context, spot tintype.ID, p tintype.SpotPost) (changed bool, err error)
}

// SpotLists reads the timelines of places and cells. sqlstore.Spots implements it.
type SpotLists interface {
	// Posts lists the posts of a timeline, newest first.
	Posts(ctx context.Context, spot tintype.ID, page tintype.Page) ([]tintype.ID, error)
	// Near lists those that say their point, newest first.
	Near(ctx context.Context, spot tintype.ID, page tintype.Page) ([]tintype.SpotPost, error)
}

// VisiblePosts reads posts for a viewer. post.Service provides it.
type VisiblePosts interface {
	// Visible gives those of the posts that exist and viewer may see, in the order of ids.
	Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error)
}

// PlacesConfig is what Places are made of. All is required.
type PlacesConfig struct {
	Book    *Book
	Edges   SpotEdges
	Lists   SpotLists
	Posts   VisiblePosts
	PostIDs PostIDs
	Queue   Queue
}

// Places is the pages of places, and what was taken near a point. Make it with NewPlaces.
type Places struct{ c PlacesConfig }

// NewPlaces makes Places.
func NewPlaces(c PlacesConfig) *Places { return &Places{c} }

// nearBatch is how many posts of a cell are looked at in the first round; each later one looks at twice as many. A circle
// covers from a tenth to a half of its cells, so that a page of 20 is mostly found in the first.
const nearBatch = 60

// Place gives a place and its count. NotFound for one of which viewer cannot know: that only posts name that viewer may not see.
func (p *Places) Place(ctx context.Context, viewer, id tintype.ID) (*tintype.Place, error) {
	place, err := p.c.Book.place(ctx, id)
	if err != nil {
		return nil, err
	}
	if place == nil {
		return nil, errNoPlace
	}
	counts, err := p.c.Book.counts.Counts(ctx, []tintype.ID{p.c.Book.spot(id)})
	if err != nil {
		return nil, err
	}
	place.Media = counts[0]
	if place.Media == 0 && id >= tintype.FirstNamed {
		posts, _, err := p.posts(ctx, viewer, id, tintype.Page{Count: 1})
		if err != nil {
			return nil, err
		}
		if len(posts) == 0 {
			return nil, errNoPlace
		}
	}
	return place, nil
}

// Near gives up to n places within metres of a point, the nearest first.
func (p *Places) Near(ctx context.Context, lat, lng, metres float64, n int) ([]tintype.Place, error) {
	return p.c.Book.Near(ctx, lat, lng, metres, n)
}

// Search gives up to n places whose names begin with q.
func (p *Places) Search(ctx context.Context, q string, n int) ([]tintype.Place, error) {
	return p.c.Book.Search(ctx, q, n)
}

// Posts lists the posts of a place that viewer may see, newest first. next is the page.Max of
// the next page, 0 at the end; a page may be short before the end (see maxRounds).
func (p *Places) Posts(ctx context.Context, viewer, id tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	place, err := p.c.Book.place(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	if place == nil {
		return nil, 0, errNoPlace
	}
	return p.posts(ctx, viewer, id, page)
}

func (p *Places) posts(ctx context.Context, viewer, id tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	posts = []*tintype.Post{}
	spot := p.c.Book.spot(id)
	ask := page.ByOld(viewer)
	ask.Count++
	for range maxRounds {
		ids, err := p.c.Lists.Posts(ctx, spot, ask)
		if err != nil {
			return nil, 0, err
		}
		visible, err := p.c.Posts.Visible(ctx, viewer, ids)
		if err != nil && !tintype.IsPartial(err) {
			return nil, 0, err
		}
		for _, v := range visible {
			if v.Location == nil || v.Location.ID != id {
				continue // edited, and the job has yet to come
			}
			if len(posts) == page.Count {
				return posts, posts[len(posts)-1].ID, nil
			}
			posts = append(posts, v)
		}
		if len(ids) < ask.Count {
			return posts, 0, nil
		}
		ask.Max = ids[len(ids)-1]
	}
	return posts, ask.Max, nil
}

// Nearby lists posts taken within metres (MaxMetres at most) of a point that viewer may see, newest first: up to page.Count,
// with IDs within page. Fewer than that may be given where many may not be seen (see maxRounds).
func (p *Places) Nearby(ctx context.Context, viewer tintype.ID, lat, lng, metres float64, page tintype.Page) ([]tintype.NearPost, error) {
	if err := checkPoint(lat, lng, metres); err != nil {
		return nil, err
	}
	var spots []tintype.ID
	for _, key := range cellsAround(lat, lng, metres) {
		spots = append(spots, p.c.Edges.ID(key))
	}
	out := []tintype.NearPost{}
	ask := page.ByOld(viewer)
	ask.Count = nearBatch
	for range maxRounds {
		ids, below, err := p.inCircle(ctx, spots, lat, lng, metres, ask)
		if err != nil {
			return nil, err
		}
		away := func(v *tintype.Post) float64 {
			return tintype.Distance(lat, lng, v.Location.Latitude, v.Location.Longitude)
		}
		found, err := visibly(ctx, p.c.Posts, viewer, ids, page.Count-len(out), func(v *tintype.Post) bool {
			// Edited, and the job has yet to come?
			return v.Location != nil && v.Location.HasPoint && away(v) <= metres
		})
		if err != nil {
			return nil, err
		}
		for _, v := range found {
			out = append(out, tintype.NearPost{Post: v, Distance: away(v)})
		}
		if below == 0 || len(out) == page.Count {
			break
		}
		ask.Max, ask.Count = below, min(2*ask.Count, 16*nearBatch)
	}
	return out, nil
}

// visibly gives up to most of ids' posts that viewer may see and that fit, in the order of ids.
func visibly(ctx context.Context, posts VisiblePosts, viewer tintype.ID, ids []tintype.ID, most int, fits func(*tintype.Post) bool) ([]*tintype.Post, error) {
	var out []*tintype.Post
	for len(ids) > 0 && len(out) < most {
		// A few more than are missing, for those that may not be seen.
		n := min(len(ids), most-len(out)+most/8)
		visible, err := posts.Visible(ctx, viewer, ids[:n])
		if err != nil && !tintype.IsPartial(err) {
			return nil, err
		}
		ids = ids[n:]
		for _, v := range visible {
			if len(out) < most && fits(v) {
				out = append(out, v)
			}
		}
	}
	return out, nil
}

// inCircle reads a batch of each timeline and gives the posts in the circle, newest first,
// down to where the first timeline that has more was read; below is that, 0 if none has.
func (p *Places) inCircle(ctx context.Context, spots []tintype.ID, lat, lng, metres float64, ask tintype.Page) (ids []tintype.ID, below tintype.ID, err error) {
	for _, spot := range spots {
		found, err := p.c.Lists.Near(ctx, spot, ask)
		if err != nil {
			return nil, 0, err
		}
		for _, f := range found {
			if tintype.Distance(lat, lng, f.Latitude, f.Longitude) <= metres {
				ids = append(ids, f.Post)
			}
		}
		if len(found) == ask.Count {
			below = max(below, found[len(found)-1].Post)
		}
	}
	ids = slices.DeleteFunc(ids, func(id tintype.ID) bool { return id < below })
	slices.SortFunc(ids, func(a, b tintype.ID) int { return cmp.Compare(b, a) })
	return ids, below, nil
}

// Apply is the handler of job.SpotKind. It brings posts to the timelines of where they are by now, whatever
// the deed was that it is called for, so it does not matter in what order deeds come.
func (p *Places) Apply(ctx context.Context, items []job.Spotting) error {
	var errs []error
	for _, it := range items {
		if it.User != 0 {
			errs = append(errs, p.applyUser(ctx, it))
			continue
		}
		_, err := p.applyPost(ctx, it.Post, p.Spots(place(it.Was)))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// applyUser looks at a page of a user's posts.
func (p *Places) applyUser(ctx context.Context, it job.Spotting) error {
	last, err := eachPost(ctx, p.c.PostIDs, it.User, it.Before, func(ctx context.Context, post tintype.ID) (bool, error) { return p.Rebuild(ctx, post) })
	if err != nil || last == 0 {
		return err
	}
	return p.c.Queue.Put(ctx, it.User, job.Insert{Kind: job.SpotKind, Item: job.Spotting{User: it.User, Before: last}})
}

// Rebuild brings a post to the timelines of where it is anew, and out of those of was where it is not. changed tells whether anything was amiss.
func (p *Places) Rebuild(ctx context.Context, post tintype.ID, was ...tintype.ID) (changed bool, err error) {
	return p.applyPost(ctx, post, was)
}

func place(s job.Spot) tintype.Location {
	l := tintype.Location{ID: s.Place}
	l.SetPoint(s.Lat, s.Lng)
	return l
}

// Spots gives the numbers of the timelines that a post at l is in.
func (p *Places) Spots(l tintype.Location) []tintype.ID {
	var out []tintype.ID
	if l.ID != 0 {
		out = append(out, p.c.Edges.ID(tintype.SpotKey(l.ID)))
	}
	if l.HasPoint {
		for _, key := range cellsOf(l.Latitude, l.Longitude) {
			out = append(out, p.c.Edges.ID(key))
		}
	}
	return out
}

// applyPost reads the truth again after it has written: of two jobs at once the
// one that read first may write last.
func (p *Places) applyPost(ctx context.Context, post tintype.ID, was []tintype.ID) (changed bool, err error) {
	var done *tintype.Spotted
	for try := range readTruthAgain {
		truth, err := p.c.Edges.Truth(ctx, post)
		if err != nil {
			return changed, err
		}
		if try > 0 && (done == nil) == (truth == nil) && (done == nil || *done == *truth) {
			return changed, nil
		}
		var in []tintype.ID
		row := tintype.SpotPost{Post: post}
		if truth != nil {
			l := truth.Location
			in = p.Spots(l)
			row = tintype.SpotPost{Post: post, Latitude: l.Latitude, Longitude: l.Longitude, HasPoint: l.HasPoint, Open: truth.Open}
		}
		all := append(slices.Clone(in), was...)
		slices.Sort(all)
		for _, spot := range slices.Compact(all) {
			r := row
			if r.On = slices.Contains(in, spot); !r.On {
				r = tintype.SpotPost{Post: post}
			}
			put, err := p.c.Edges.Put(ctx, spot, r)
			if err != nil {
				return changed, err
			}
			changed = changed || put
		}
		was = append(was, in...) // it may be elsewhere at the next look
		done = truth
	}
	return changed, &tintype.Error{Kind: tintype.Unavailable, Msg: "the post keeps changing; its place is looked at again later"}
}
