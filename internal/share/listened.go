package share

import (
	"context"
	"sync"
	"time"
)

// listenedFor is how long it is taken as true that nobody has a subscription.
// What happens within so long after the very first one of a site was made at another process is not told.
const listenedFor = 5 * time.Second

// listened remembers whether there is any subscription.
type listened struct {
	mu   sync.Mutex // held while it is read
	any  bool
	read time.Time
}

// Listened tells whether any app has a subscription, so that nothing need be put off
// for none on a site without. In the process at which one is made, that is known at once. Where it cannot be read, somebody is taken to listen.
func (s *Service) Listened(ctx context.Context) bool {
	l := &s.listened
	l.mu.Lock()
	defer l.mu.Unlock()
	now := s.c.Clock()
	if !l.read.IsZero() && now.Sub(l.read).Abs() < listenedFor {
		return l.any
	}
	any, err := s.c.Subscriptions.AnySubscription(ctx)
	if err != nil {
		return true
	}
	l.any, l.read = any, now
	return any
}

// made notes that there is a subscription.
func (l *listened) made(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.any, l.read = true, now
}
