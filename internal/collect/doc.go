// Package collect is keeping posts together: what users save, in collections of
// their own; albums of their own posts, in an order of theirs; and the secret
// links by which they show a post or an album to whoever has one.
//
// What may be seen it leaves to the post rule, through which all posts go, and
// to the graph: saved posts are asked about for who saved them, albums for who
// looks. A secret link is looked through with the eyes of its owner, and gives
// nothing but what it is of. Errors are those of the stores and of these rules;
// Conflict where there is as much as there may be; Invalid for what cannot be
// kept as it is; Unauthenticated where somebody must be signed in; RateLimited
// for who tries links at random.
package collect

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// Posts tells which posts a viewer may see. post.Service provides it.
type Posts interface {
	Get(ctx context.Context, viewer, post tintype.ID) (*tintype.Post, error)
	// Visible gives those that viewer may see, in the order of ids; with a partial error those of them that could be read.
	Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error)
}

// Text brings a text to the form in which it is kept. account.Text is it.
type Text func(field, what, s string, most int, lines bool) (string, error)

// Bounds of what one user keeps.
const (
	MaxSaved       = 5000
	MaxCollections = 100
	MaxAlbums      = 100
	MaxAlbumPosts  = 500
	MaxLinks       = 200

	MaxName        = 60   // characters of a collection's name, and of an album's title
	MaxDescription = 1000 // characters of an album's description
)

// covers is how many posts are shown of a collection or an album where there are many of those.
const covers = 4

var errSignedIn = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "please sign in first"}

// faces gives, for each of sets of posts, the first few that viewer may see; all are asked for at once.
func faces(ctx context.Context, posts Posts, viewer tintype.ID, sets [][]tintype.ID) ([][]*tintype.Post, error) {
	var all []tintype.ID
	for _, ids := range sets {
		all = append(all, ids...)
	}
	slices.Sort(all)
	visible, err := posts.Visible(ctx, viewer, slices.Compact(all))
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	byID := make(map[tintype.ID]*tintype.Post, len(visible))
	for _, p := range visible {
		byID[p.ID] = p
	}
	out := make([][]*tintype.Post, len(sets))
	for i, ids := range sets {
		for _, id := range ids {
			if p := byID[id]; p != nil && len(out[i]) < covers && !slices.Contains(out[i], p) {
				out[i] = append(out[i], p)
			}
		}
	}
	return out, nil
}

// faceOf is what is to be shown of a set: its cover, if it has one, before its first.
func faceOf(cover tintype.ID, first []tintype.ID) []tintype.ID {
	if cover == 0 {
		return first
	}
	return append([]tintype.ID{cover}, first...)
}
