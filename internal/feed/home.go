package feed

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

const (
	headSize   = 100 // newest IDs of a timeline, or of a pulled author, that are cached
	maxCount   = 100 // posts of one page
	maxRounds  = 20  // looks for more candidates when many of them may not be seen
	perAuthor  = 200 // posts of one author that go into a timeline that is built anew
	maxFollows = 20_000
)

// Home gives viewer's feed between page.Min and page.Max, newest first: up to
// page.Count posts (at most 100), all of which the viewer may see now. next is
// the page.Max of the next page, 0 at the end. A page may be short of its count
// before the end only if there are hundreds of candidates that may not be seen.
// tags holds, for the posts that are there because viewer follows one of their tags and not their author, that tag; it is nil if there are none.
func (s *Service) Home(ctx context.Context, viewer tintype.ID, page tintype.Page) (posts []*tintype.Post, tags map[tintype.ID]string, next tintype.ID, err error) {
	page.Count = min(max(page.Count, 1), maxCount)
	s.touch(viewer)
	src, err := s.sources(ctx, viewer)
	if err != nil {
		return nil, nil, 0, err
	}
	tagged, err := s.tagged(ctx, src.tags)
	if err != nil {
		return nil, nil, 0, err
	}
	if page.Min, err = s.floor(ctx, viewer, src.head, page); err != nil {
		return nil, nil, 0, err
	}
	hide, err := s.hiddenWords(ctx, viewer, src.muted)
	if err != nil {
		return nil, nil, 0, err
	}
	below := page.Max
	for range maxRounds {
		want := page.Count - len(posts)
		// One more than wanted tells whether there is a next page.
		ids, err := s.candidates(ctx, viewer, src, tagged, tintype.Page{Max: below, Min: page.Min, Count: want + 1})
		if err != nil {
			return nil, nil, 0, err
		}
		more := len(ids) > want
		ids = ids[:min(len(ids), want)]
		if len(ids) == 0 {
			return posts, tags, 0, nil
		}
		visible, why, err := s.visible(ctx, viewer, src, tagged, ids)
		if err != nil {
			return nil, nil, 0, err
		}
		cover(viewer, hide, visible)
		if tags == nil {
			tags = why
		} else {
			maps.Copy(tags, why)
		}
		if posts == nil {
			posts = visible
		} else {
			posts = append(posts, visible...)
		}
		below = ids[len(ids)-1]
		if !more {
			return posts, tags, 0, nil
		}
		if len(posts) == page.Count {
			break
		}
	}
	return posts, tags, below, nil
}

// sources is where the posts of a feed come from.
type sources struct {
	pulled []tintype.ID // the very followed whom the viewer follows
	tags   []tintype.ID // that the viewer follows
	muted  []tintype.ID // sorted: whom the viewer muted, and 0 if posts with hidden words are covered
	head   []tintype.ID // the newest headSize IDs of the viewer's timeline, fewer if there are no more
}

// sources asks the cache once for all of them: it may be a round trip away.
func (s *Service) sources(ctx context.Context, viewer tintype.ID) (src sources, err error) {
	p, err := s.pulledAuthors(ctx)
	if err != nil {
		return src, err
	}
	var space [4]cache.Key
	keys := append(space[:0], cache.Key{Kind: cache.KindFeedHead, A: viewer})
	if s.c.Tags != nil {
		keys = append(keys, cache.Key{Kind: cache.KindMyTags, A: viewer})
	}
	if s.c.Mutes != nil {
		keys = append(keys, cache.Key{Kind: cache.KindMuted, A: viewer})
	}
	if len(p.ids) > 0 {
		// The version in the key makes a changed list a new question.
		keys = append(keys, cache.Key{Kind: cache.KindPulled, A: viewer, B: p.version})
	}
	lists, found, err := s.c.Lists.Fetch(ctx, keys, func(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
		for i, k := range missing {
			var ids []tintype.ID
			var err error
			switch k.Kind {
			case cache.KindFeedHead:
				if err = s.loadHead(ctx, missing[i:i+1], set); err != nil {
					return err
				}
				continue
			case cache.KindMyTags:
				ids, err = s.c.Tags.FollowedTagIDs(ctx, viewer)
			case cache.KindMuted:
				ids, err = s.c.Mutes.MuteList(ctx, viewer)
			case cache.KindPulled:
				ids, err = s.c.Store.FolloweesAmong(ctx, viewer, p.ids)
			}
			if err != nil {
				return err
			}
			set(k, ids)
		}
		return nil
	})
	if err != nil {
		return src, err
	}
	for i, k := range keys {
		switch k.Kind {
		case cache.KindMyTags:
			src.tags = lists[i]
		case cache.KindMuted:
			src.muted = lists[i]
		case cache.KindPulled:
			src.pulled = lists[i]
		case cache.KindFeedHead:
			src.head = lists[i]
			if !found[i] {
				src.head, err = s.uncachedHead(ctx, viewer)
			}
		}
	}
	return src, err
}

// floor gives page.Min, or what a feed that was made shorter ends at if that is
// newer. A timeline holds what it held: only reading ends earlier.
func (s *Service) floor(ctx context.Context, viewer tintype.ID, head []tintype.ID, page tintype.Page) (tintype.ID, error) {
	length := s.c.Tune().Length
	if length >= timeline.Max {
		return page.Min, nil
	}
	ids := head
	if n := len(ids); n < headSize || n < length && (page.Max == 0 || page.Max > ids[n-1]) && page.Count < n {
		return page.Min, nil // all of it is short enough, or the page is near the newest
	}
	if len(ids) < length {
		var err error
		if ids, err = s.read(ctx, viewer, tintype.Page{Count: length}); err != nil {
			return 0, err
		}
	}
	if len(ids) < length {
		return page.Min, nil
	}
	return max(page.Min, ids[length-1]-1), nil
}

// visible gives those of the posts that belong into viewer's feed now, and by which of their tags they do, as Home.
func (s *Service) visible(ctx context.Context, viewer tintype.ID, src sources, tagged [][]tintype.ID, ids []tintype.ID) (posts []*tintype.Post, why map[tintype.ID]string, err error) {
	posts, err = s.c.Posts.Visible(ctx, viewer, ids)
	if err != nil && !tintype.IsPartial(err) { // a feed goes on without the posts of a database that is down
		return nil, nil, err
	}
	if posts = unmuted(src.muted, posts); len(posts) == 0 {
		return nil, nil, nil
	}
	var space [32]tintype.ID
	authors := space[:0]
	for _, p := range posts {
		if p.UserID != viewer && !slices.Contains(authors, p.UserID) {
			authors = append(authors, p.UserID)
		}
	}
	if len(authors) == 0 {
		return posts, why, nil
	}
	relations, err := s.c.Graph.Relations(ctx, viewer, authors)
	if err != nil && !tintype.IsPartial(err) {
		return nil, nil, err
	}
	for i := range relations {
		if !relations[i].Follows {
			// Here for a tag, or unfollowed, and the timeline is not yet tidied up.
			gone := authors[i]
			posts = slices.DeleteFunc(posts, func(p *tintype.Post) bool {
				if p.UserID != gone {
					return false
				}
				tag, ok := s.because(src.tags, tagged, p)
				if tag != "" {
					if why == nil {
						why = map[tintype.ID]string{}
					}
					why[p.ID] = tag
				}
				return !ok
			})
		}
	}
	return posts, why, nil
}

// candidates gives up to page.Count IDs of the feed, newest first, of posts
// that may or may not be seen: fewer only at the end.
func (s *Service) candidates(ctx context.Context, viewer tintype.ID, src sources, tagged [][]tintype.ID, page tintype.Page) ([]tintype.ID, error) {
	own, ok := within(src.head, page)
	if !ok {
		var err error
		if own, err = s.read(ctx, viewer, page); err != nil {
			return nil, err
		}
	}
	if len(src.pulled) == 0 && len(tagged) == 0 {
		return own, nil
	}
	var others [][]tintype.ID
	if len(src.pulled) > 0 {
		var err error
		if others, err = s.pulledPosts(ctx, src.pulled, page); err != nil {
			return nil, err
		}
	}
	for _, posts := range tagged {
		ids, _ := within(posts, page) // these go no further back
		others = append(others, ids)
	}
	return merge(page.Count, append(others, own)...), nil
}

// within cuts page out of a head: a descending list that is complete if it is
// shorter than headSize. ok is false if the page goes beyond the head.
func within(head []tintype.ID, page tintype.Page) (ids []tintype.ID, ok bool) {
	from, complete := 0, len(head) < headSize
	if page.Max != 0 {
		from, _ = slices.BinarySearchFunc(head, page.Max, func(id, max tintype.ID) int {
			if id >= max {
				return -1
			}
			return 1
		})
	}
	ids = head[from:]
	if len(ids) >= page.Count {
		ids, complete = ids[:page.Count], true
	}
	if n := len(ids); page.Min != 0 && n > 0 && ids[n-1] <= page.Min {
		complete = true
		for n > 0 && ids[n-1] <= page.Min {
			n--
		}
		ids = ids[:n]
	}
	return ids[:len(ids):len(ids)], complete
}

// merge merges descending lists, dropping repeats, into the first n.
func merge(n int, lists ...[]tintype.ID) []tintype.ID {
	out := make([]tintype.ID, 0, n)
	for len(out) < n {
		best := -1
		for i, l := range lists {
			if len(l) > 0 && (best < 0 || l[0] > lists[best][0]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		id := lists[best][0]
		lists[best] = lists[best][1:]
		if len(out) == 0 || out[len(out)-1] != id {
			out = append(out, id)
		}
	}
	return out
}

// build builds viewer's timeline from the newest posts of those they follow and
// their own.
//
// A post that is published meanwhile is not delivered, for the timeline is
// still absent; so what is new is read once more after it is built, and what a
// replica may not have had yet with it. Follows that change meanwhile are
// noticed in the same way.
func (s *Service) build(ctx context.Context, viewer tintype.ID) error {
	// A post's ID is minted a little before its commit.
	since := tintype.MakeID(s.c.Clock().UnixMilli()-60_000, 0, 0)
	authors, err := s.authors(ctx, viewer)
	if err != nil {
		return err
	}
	length := min(s.c.Tune().Length, timeline.Max)
	for range 3 {
		ids, err := s.c.OldPosts(ctx, viewer, authors, perAuthor, length)
		if err != nil { // a partial one too: what is built is taken as whole
			return err
		}
		if err := s.c.Timeline.Replace(ctx, viewer, ids); err != nil {
			return err
		}
		now, err := s.authors(ctx, viewer)
		if err != nil {
			return err
		}
		if slices.Equal(authors, now) {
			break
		}
		authors = now
	}
	late, err := s.c.Store.NewestPosts(ctx, viewer, authors, since, 0, perAuthor, length)
	if err == nil {
		err = s.c.Timeline.Merge(ctx, viewer, late, false)
	}
	if err != nil { // it may lack a post: better none
		return errors.Join(err, s.c.Timeline.Forget(ctx, []tintype.ID{viewer}))
	}
	return nil
}

// authors gives whose posts a timeline of viewer's holds: theirs and those of
// the users they follow, but for the pulled who do not count them among their
// close friends: what those publish for close friends is delivered, as nobody else pulls it.
func (s *Service) authors(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error) {
	const pageSize = 1000
	pulled, err := s.pulledAuthors(ctx)
	if err != nil {
		return nil, err
	}
	out, others := []tintype.ID{viewer}, []tintype.ID{}
	for after := tintype.ID(0); len(out) < maxFollows; {
		ids, err := s.c.Store.FolloweesPage(ctx, viewer, after, pageSize)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if pulled.has(id) {
				others = append(others, id)
			} else {
				out = append(out, id)
			}
		}
		if len(ids) < pageSize {
			break
		}
		after = ids[len(ids)-1]
	}
	if len(others) == 0 {
		return out, nil
	}
	friends, err := s.c.Friends.FriendOf(ctx, viewer, others)
	slices.Sort(friends)
	return append(out, friends...), err
}
