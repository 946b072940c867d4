package feed

import (
	"context"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Timelines are derived, and their store may lose them or be away. What is lost
// is built again by whoever reads it first. While a timeline can be neither
// read nor built, its pages are put together from the posts themselves: slower,
// and the same but for what a timeline keeps of the past.

const (
	waitBuilt = 2 * time.Second       // for somebody else to build a timeline, before one does without
	pollBuilt = 20 * time.Millisecond // how often one looks whether it is built by now
	briefFor  = 2 * time.Second       // how long a head that was put together is given again
	briefMost = 10_000                // heads that are kept so
)

// uncachedHead gives the head of a timeline that can be neither read nor built.
func (s *Service) uncachedHead(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error) {
	if ids, ok := s.brief.get(viewer, s.c.Clock()); ok {
		return ids, nil
	}
	return s.compose(ctx, viewer, tintype.Page{Count: headSize})
}

// loadHead reads the newest of timelines, building those that are absent; the
// cache sees to it that one is built once however many ask. A head that had to
// be put together is not cached: nobody would drop it when a post is delivered.
func (s *Service) loadHead(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
	page := tintype.Page{Count: headSize}
	for _, k := range missing {
		ids, built, err := s.c.Timeline.Range(ctx, k.A, page)
		if err == nil && built {
			set(k, ids)
			continue
		}
		if err != nil {
			if _, ok := s.brief.get(k.A, s.c.Clock()); ok {
				continue
			}
		}
		ids, kept, err := s.recover(ctx, k.A, page, err)
		if err != nil {
			return err
		}
		if kept {
			set(k, ids)
		} else {
			s.brief.put(k.A, ids, s.c.Clock())
		}
	}
	return nil
}

// read reads a part of viewer's timeline that its head does not reach.
func (s *Service) read(ctx context.Context, viewer tintype.ID, page tintype.Page) ([]tintype.ID, error) {
	ids, built, err := s.c.Timeline.Range(ctx, viewer, page)
	if err == nil && built {
		return ids, nil
	}
	if err == nil {
		// It was given up, or lost, since its head was cached.
		if err := s.drop(ctx, cache.KindFeedHead, []tintype.ID{viewer}); err != nil {
			return nil, err
		}
	}
	ids, _, err = s.recover(ctx, viewer, page, err)
	return ids, err
}

// recover gives a page of a timeline that was found absent (err is nil) or
// could not be read: from the timeline, which is built if it can be, or put
// together, and then kept is false.
func (s *Service) recover(ctx context.Context, viewer tintype.ID, page tintype.Page, err error) (ids []tintype.ID, kept bool, _ error) {
	if err == nil {
		err = s.buildInTurn(ctx, viewer)
	}
	if err == nil {
		ids, kept, err = s.c.Timeline.Range(ctx, viewer, page)
	}
	// On a full disk nothing can be built, and yet everything can be read.
	if err != nil && !tintype.IsKind(err, tintype.Unavailable) && !tintype.IsKind(err, tintype.Full) {
		return nil, false, err
	}
	if err == nil && kept {
		return ids, true, nil
	}
	ids, err = s.compose(ctx, viewer, page)
	return ids, false, err
}

// compose puts a page together from the newest posts of those whom viewer
// follows, as far as they can be read.
func (s *Service) compose(ctx context.Context, viewer tintype.ID, page tintype.Page) ([]tintype.ID, error) {
	authors, err := s.authors(ctx, viewer)
	if err != nil {
		return nil, err
	}
	ids, err := s.c.Store.NewestPosts(ctx, viewer, authors, page.Min, page.Max, page.Count, page.Count)
	if tintype.IsPartial(err) {
		err = nil
	}
	return ids, err
}

// buildInTurn builds viewer's timeline, or waits while another process does so.
// When it returns without an error the timeline may still be absent.
func (s *Service) buildInTurn(ctx context.Context, viewer tintype.ID) error {
	if s.c.Turns == nil {
		return s.build(ctx, viewer)
	}
	done, ok, err := s.c.Turns.Take(ctx, viewer)
	if err != nil {
		return err
	}
	if ok {
		defer done()
		// Somebody may have had a turn since we looked.
		if _, built, err := s.c.Timeline.Range(ctx, viewer, tintype.Page{Count: 1}); err != nil || built {
			return err
		}
		return s.build(ctx, viewer)
	}
	tick := time.NewTicker(pollBuilt)
	defer tick.Stop()
	patience := time.NewTimer(waitBuilt)
	defer patience.Stop()
	for {
		select {
		case <-tick.C:
		case <-patience.C:
			return nil
		case <-ctx.Done():
			return &tintype.Error{Kind: tintype.Unavailable, Msg: "the request was given up", Err: ctx.Err()}
		}
		if _, built, err := s.c.Timeline.Range(ctx, viewer, tintype.Page{Count: 1}); err != nil || built {
			return err
		}
	}
}

// brief keeps heads that were put together for a moment, so that a store of
// timelines that is away does not multiply the questions to the databases.
type brief struct {
	mu sync.Mutex
	m  map[tintype.ID]briefHead
}

type briefHead struct {
	ids []tintype.ID
	at  time.Time
}

func (b *brief) get(user tintype.ID, now time.Time) ([]tintype.ID, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h, ok := b.m[user]
	if ok && now.Sub(h.at).Abs() >= briefFor {
		delete(b.m, user)
		ok = false
	}
	return h.ids, ok
}

func (b *brief) put(user tintype.ID, ids []tintype.ID, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m == nil || len(b.m) >= briefMost {
		b.m = map[tintype.ID]briefHead{}
	}
	b.m[user] = briefHead{ids, now}
}
