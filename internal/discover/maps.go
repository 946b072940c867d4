package discover

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// Bounds of what a place's map shows.
const (
	mapBatch = 500 // posts of the place that are looked at in a round
	mapPosts = 300 // posts in the box: the newest
)

// Map gives a place's map for viewer, as far as it is in box: the newest posts there that say their point and that viewer may see (mapPosts
// at most, looked for among the newest maxRounds·mapBatch of the place), in clusters for the zoom, the largest first, each with its newest post.
func (p *Places) Map(ctx context.Context, viewer, id tintype.ID, box tintype.Box, zoom int) ([]tintype.MappedPost, error) {
	if err := box.Check(); err != nil {
		return nil, err
	}
	place, err := p.c.Book.place(ctx, id)
	if err != nil {
		return nil, err
	}
	if place == nil {
		return nil, errNoPlace
	}
	ids, err := p.inBox(ctx, viewer, p.c.Book.spot(id), box)
	if err != nil {
		return nil, err
	}
	posts, err := p.c.Posts.Visible(ctx, viewer, ids)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	byID := make(map[tintype.ID]*tintype.Post, len(posts))
	var points []tintype.MapPoint
	for _, v := range posts {
		// It may have been edited, and the job has yet to come.
		if l := v.Location; l != nil && l.ID == id && l.HasPoint && box.Contains(l.Latitude, l.Longitude) {
			byID[v.ID] = v
			points = append(points, tintype.MapPoint{Post: v.ID, Latitude: l.Latitude, Longitude: l.Longitude})
		}
	}
	out := []tintype.MappedPost{}
	for _, c := range tintype.Clusters(points, zoom) {
		out = append(out, tintype.MappedPost{Post: byID[c.Post], Cluster: c})
	}
	return out, nil
}

// inBox gives the newest posts of a timeline that say a point in box.
func (p *Places) inBox(ctx context.Context, viewer, spot tintype.ID, box tintype.Box) ([]tintype.ID, error) {
	var ids []tintype.ID
	ask := tintype.Page{Count: mapBatch}.ByOld(viewer)
	for range maxRounds {
		found, err := p.c.Lists.Near(ctx, spot, ask)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if box.Contains(f.Latitude, f.Longitude) {
				if ids = append(ids, f.Post); len(ids) == mapPosts {
					return ids, nil
				}
			}
		}
		if len(found) < ask.Count {
			break
		}
		ask.Max = found[len(found)-1].Post
	}
	return ids, nil
}
