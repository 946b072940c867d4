package feed

import (
	"context"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

const (
	touchEvery = time.Hour       // how exactly it is known when a user was last seen
	touchDelay = 2 * time.Second // for which touches are gathered before they are written
)

// seen remembers who was seen, so that reading a feed writes at most once an
// hour, later, and together with others.
type seen struct {
	mu      sync.Mutex
	last    map[tintype.ID]time.Time
	waiting []tintype.ID
	timer   *time.Timer // runs while somebody waits
	closed  bool
	writing sync.WaitGroup
}

func (s *seen) init() { s.last = map[tintype.ID]time.Time{} }

// touch notes that user is here.
func (s *Service) touch(user tintype.ID) {
	now := s.c.Clock()
	n := &s.seen
	n.mu.Lock()
	defer n.mu.Unlock()
	if t, ok := n.last[user]; ok && now.Sub(t) < touchEvery || n.closed {
		return
	}
	n.last[user] = now
	n.waiting = append(n.waiting, user)
	if n.timer == nil {
		n.timer = time.AfterFunc(touchDelay, func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := s.writeSeen(ctx); err != nil {
				s.c.Log.Warn("when users were last seen could not be written", "err", err)
			}
		})
	}
}

// seenOf gives those of users who were noted within the last hour or so.
func (s *Service) seenOf(users []tintype.ID) []tintype.ID {
	n := &s.seen
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []tintype.ID
	for _, u := range users {
		if _, ok := n.last[u]; ok {
			out = append(out, u)
		}
	}
	return out
}

func (s *Service) writeSeen(ctx context.Context) error {
	now := s.c.Clock()
	n := &s.seen
	n.mu.Lock()
	users := n.waiting
	n.waiting, n.timer = nil, nil
	for u, t := range n.last {
		if now.Sub(t) >= touchEvery {
			delete(n.last, u)
		}
	}
	n.writing.Add(1)
	n.mu.Unlock()
	defer n.writing.Done()
	if len(users) == 0 {
		return nil
	}
	return s.c.Presence.Touch(ctx, users, now)
}

// Close writes what is still to be written of who was seen. Feeds can be read
// after it, but note nobody any more.
func (s *Service) Close(ctx context.Context) error {
	n := &s.seen
	n.mu.Lock()
	n.closed = true
	if n.timer != nil {
		n.timer.Stop()
	}
	n.mu.Unlock()
	err := s.writeSeen(ctx)
	n.writing.Wait()
	return err
}

// Sweep gives up the timelines of users who have not been seen for a while, so
// that deliveries pass them over; call it daily. When they return, theirs is
// built anew.
func (s *Service) Sweep(ctx context.Context) error {
	const batch = 500
	before := s.c.Clock().Add(-s.c.Away)
	for {
		users, more, err := s.c.Presence.Away(ctx, before, batch)
		if err != nil || len(users) == 0 {
			return err
		}
		if err := s.c.Timeline.Forget(ctx, users); err != nil {
			return err
		}
		if err := s.drop(ctx, cache.KindFeedHead, users); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}
