package post

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

// Maps keeps where users' posts are. sqlstore.Posts implements it.
type Maps interface {
	// OnMap lists the posts in box that are on a user's photo map and for audience, or all that are wider, newest first.
	OnMap(ctx context.Context, user tintype.ID, audience tintype.Audience, box tintype.Box, page tintype.Page) ([]tintype.MapPoint, error)
}

// Bounds of what a map shows. A page of 1280 by 800 pixels has room for 180 clusters.
const (
	maxOnMap    = 20_000 // posts: the newest
	maxClusters = 250    // the largest
)

var errNoMap = &tintype.Error{Kind: tintype.NotFound, Msg: "this user shows no photo map"}

// Map gives a user's photo map for viewer, as far as it is in box: clusters for the zoom, the largest first, each with the newest of
// its posts. NotFound if the user shows none, to the user too; NotAllowed if viewer may not see the posts.
func (s *Service) Map(ctx context.Context, viewer, user tintype.ID, box tintype.Box, zoom int) ([]tintype.MappedPost, error) {
	audience, err := s.seeMap(ctx, viewer, user, box)
	if err != nil {
		return nil, err
	}
	points, err := s.c.Maps.OnMap(ctx, user, audience, box, tintype.Page{Count: maxOnMap})
	if err != nil {
		return nil, err
	}
	clusters := tintype.Clusters(points, zoom)
	clusters = clusters[:min(len(clusters), maxClusters)]
	ids := make([]tintype.ID, len(clusters))
	at := make(map[tintype.ID]tintype.Cluster, len(clusters))
	for i, c := range clusters {
		ids[i] = c.Post
		at[c.Post] = c
	}
	posts, err := s.Visible(ctx, viewer, ids)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	out := make([]tintype.MappedPost, len(posts))
	for i, p := range posts {
		out[i] = tintype.MappedPost{Post: p, Cluster: at[p.ID]}
	}
	return out, nil
}

// MapPosts lists the posts of a user's photo map that are in box, newest first; next is the page.Max of the next page, 0 at
// the end. Errors are those of Map.
func (s *Service) MapPosts(ctx context.Context, viewer, user tintype.ID, box tintype.Box, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	audience, err := s.seeMap(ctx, viewer, user, box)
	if err != nil {
		return nil, 0, err
	}
	ask := page // not an old one: who takes a post off the map takes it off at once
	ask.Count++
	points, err := s.c.Maps.OnMap(ctx, user, audience, box, ask)
	if err != nil {
		return nil, 0, err
	}
	if len(points) > page.Count {
		points = points[:page.Count]
		next = points[len(points)-1].Post
	}
	ids := make([]tintype.ID, len(points))
	for i, p := range points {
		ids[i] = p.Post
	}
	if posts, err = s.Visible(ctx, viewer, ids); err != nil && !tintype.IsPartial(err) {
		return nil, 0, err
	}
	return posts, next, nil
}

// seeMap gives the audience that viewer belongs to on a user's photo map, or an error unless viewer may see it.
func (s *Service) seeMap(ctx context.Context, viewer, user tintype.ID, box tintype.Box) (tintype.Audience, error) {
	if err := box.Check(); err != nil {
		return 0, err
	}
	u, audience, err := s.seeUser(ctx, viewer, user)
	if err == nil && !u.ShowsMap {
		err = errNoMap
	}
	return audience, err
}
