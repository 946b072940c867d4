package feed

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

// unmuted takes out of posts those of whom muted, which is sorted, holds. Timelines keep them: a mute
// acts at once and is undone at once.
func unmuted(muted []tintype.ID, posts []*tintype.Post) []*tintype.Post {
	if len(muted) == 0 {
		return posts
	}
	return slices.DeleteFunc(posts, func(p *tintype.Post) bool { return mutes(muted, p.UserID) })
}

func mutes(muted []tintype.ID, author tintype.ID) bool {
	_, found := slices.BinarySearch(muted, author)
	return found
}

// hiddenWords gives what is to be covered in the feed of viewer, whose mutes these are.
func (s *Service) hiddenWords(ctx context.Context, viewer tintype.ID, muted []tintype.ID) (words.Filter, error) {
	if len(muted) == 0 || muted[0] != 0 {
		return words.Filter{}, nil
	}
	w, err := s.c.Mutes.HiddenWords(ctx, viewer)
	if err != nil || !w.Covers {
		return words.Filter{}, err
	}
	return words.Hide(w.Words), nil
}

// cover marks those of others' posts that say what hide finds, in a caption or in a description of a picture.
func cover(viewer tintype.ID, hide words.Filter, posts []*tintype.Post) {
	if hide.Empty() {
		return
	}
	for i, p := range posts {
		if p.UserID == viewer || !says(p, hide) {
			continue
		}
		q := *p
		q.Covered = true
		posts[i] = &q
	}
}

func says(p *tintype.Post, hide words.Filter) bool {
	return hide.In(p.Caption) || slices.ContainsFunc(p.Media, func(m tintype.Media) bool { return hide.In(m.AltText) })
}

// Tell tells users, who have a page open here, of a post, but for those who muted its author.
func (s *Service) Tell(ctx context.Context, users []tintype.ID, e live.Event) {
	if len(users) > 0 && s.c.Mutes != nil {
		lists, found, err := s.lists(ctx, cache.Keys(cache.KindMuted, users), s.c.Mutes.MuteList)
		if err != nil {
			s.c.Log.Warn("whom users muted could not be read: they are told of a post", "err", err)
		} else {
			at := 0
			users = slices.DeleteFunc(slices.Clone(users), func(tintype.ID) bool {
				at++
				return found[at-1] && mutes(lists[at-1], e.User)
			})
		}
	}
	if len(users) > 0 {
		s.c.News.Publish(users, e)
	}
}
