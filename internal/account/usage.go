package account

import (
	"context"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// usageDelay is for how long calls are collected before they are written.
const usageDelay = 30 * time.Second

// maxUsage bounds how many hours of apps are collected while they cannot be written.
const maxUsage = 10_000

// usage collects what apps call and writes it a while later, many at a time. A
// process that dies takes what it had not written with it, and what is written
// while the answer is lost is written again: it is for a graph, and no limit goes by it.
type usage struct {
	mu      sync.Mutex
	m       map[appHour]*tintype.AppCalls
	timer   *time.Timer
	closed  bool
	writing sync.WaitGroup
	write   func(context.Context, []tintype.AppCalls) error
}

type appHour struct {
	app  tintype.ID
	hour int64
}

// Called counts a call of an app for its owner to look at; refused says that a limit had it refused.
func (s *Service) Called(app tintype.ID, refused bool) {
	s.usage.add(appHour{app, s.c.Clock().Unix() / 3600}, refused)
}

func (u *usage) add(k appHour, refused bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	c := u.m[k]
	if c == nil {
		if u.closed || len(u.m) >= maxUsage {
			return
		}
		if u.m == nil {
			u.m = map[appHour]*tintype.AppCalls{}
		}
		c = &tintype.AppCalls{App: k.app, Hour: k.hour}
		u.m[k] = c
		u.later()
	}
	if refused {
		c.Refused++
	} else {
		c.Calls++
	}
}

// later has what is collected written; u.mu is held.
func (u *usage) later() {
	if u.timer != nil || u.closed {
		return
	}
	u.writing.Add(1)
	u.timer = time.AfterFunc(usageDelay, func() {
		defer u.writing.Done()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		u.mu.Lock()
		u.timer = nil
		u.mu.Unlock()
		_ = u.flush(ctx) // what it could not write it has kept
	})
}

// flush writes what is collected.
func (u *usage) flush(ctx context.Context) error {
	u.mu.Lock()
	m := u.m
	u.m = nil
	u.mu.Unlock()
	if len(m) == 0 {
		return nil
	}
	calls := make([]tintype.AppCalls, 0, len(m))
	for _, c := range m {
		calls = append(calls, *c)
	}
	err := u.write(ctx, calls)
	if err == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.m == nil {
		u.m = map[appHour]*tintype.AppCalls{}
	}
	for k, c := range m {
		if now := u.m[k]; now != nil {
			now.Calls += c.Calls
			now.Refused += c.Refused
		} else if len(u.m) < maxUsage {
			u.m[k] = c
		}
	}
	u.later()
	return err
}

func (u *usage) close() error {
	u.mu.Lock()
	u.closed = true
	if u.timer != nil && u.timer.Stop() {
		u.writing.Done()
	}
	u.timer = nil
	u.mu.Unlock()
	u.writing.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return u.flush(ctx)
}
