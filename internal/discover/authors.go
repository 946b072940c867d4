package discover

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

const (
	suggestTags  = 8  // followed tags that are looked at
	suggestPosts = 20 // posts of each
)

// Authors gives up to n users, each once, who posted lately with tags that viewer follows what viewer may see, and
// with which tag: the latest of each tag first, one of each tag in turn.
func (t *Tags) Authors(ctx context.Context, viewer tintype.ID, n int) (users []tintype.ID, tags []string, err error) {
	names, err := t.c.Follows.FollowedTags(ctx, viewer)
	if err != nil {
		return nil, nil, err
	}
	names = names[:min(len(names), suggestTags)]
	lists := make([][]*tintype.Post, len(names))
	for i, name := range names {
		ids, _, err := t.c.Lists.Posts(ctx, name, tintype.Page{Count: suggestPosts})
		if err != nil {
			return nil, nil, err
		}
		if lists[i], err = t.c.Posts.Visible(ctx, viewer, ids); err != nil && !tintype.IsPartial(err) {
			return nil, nil, err
		}
	}
	had := map[tintype.ID]bool{}
	for at := range suggestPosts {
		for i, list := range lists {
			if at < len(list) && len(users) < n && !had[list[at].UserID] {
				had[list[at].UserID] = true
				users, tags = append(users, list[at].UserID), append(tags, names[i])
			}
		}
	}
	return users, tags, nil
}
