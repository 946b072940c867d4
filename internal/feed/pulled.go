package feed

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// pulledFor is how long the list of pulled authors is taken as true. In the
// process that changes it, the change shows at once.
const pulledFor = 10 * time.Second

// pulledList keeps the directory's list of pulled authors near.
type pulledList struct {
	mu  sync.Mutex // held while the list is read
	now atomic.Pointer[pulledNow]
}

type pulledNow struct {
	ids     []tintype.ID // ascending
	version tintype.ID   // differs where ids differ
	read    time.Time
}

func (p *pulledNow) has(id tintype.ID) bool {
	_, ok := slices.BinarySearch(p.ids, id)
	return ok
}

// pulledAuthors gives the list; while one caller reads it anew, the others have the old one.
func (s *Service) pulledAuthors(ctx context.Context) (*pulledNow, error) {
	p := s.pulled.now.Load()
	if p != nil && s.c.Clock().Sub(p.read).Abs() < pulledFor {
		return p, nil
	}
	if p == nil {
		s.pulled.mu.Lock()
	} else if !s.pulled.mu.TryLock() {
		return p, nil
	}
	defer s.pulled.mu.Unlock()
	if p2 := s.pulled.now.Load(); p2 != p {
		return p2, nil // read while we waited
	}
	return s.readPulled(ctx)
}

func (s *Service) readPulled(ctx context.Context) (*pulledNow, error) {
	at := s.c.Clock()
	ids, err := s.c.Pulled.Pulled(ctx)
	if err != nil {
		return nil, err
	}
	p := &pulledNow{ids: ids, read: at}
	for _, id := range ids {
		p.version = (p.version ^ id) * 0x100000001b3 // FNV-1a, over whole IDs
	}
	s.pulled.now.Store(p)
	return p, nil
}

// setPulled changes the list, here at once.
func (s *Service) setPulled(ctx context.Context, author tintype.ID, pulled bool) error {
	if err := s.c.Pulled.SetPulled(ctx, author, pulled, s.c.Clock()); err != nil {
		return err
	}
	s.pulled.mu.Lock()
	defer s.pulled.mu.Unlock()
	_, err := s.readPulled(ctx)
	return err
}

// lists gives the cached list of each key's A, without those that cannot be read now; found tells which there are.
func (s *Service) lists(ctx context.Context, keys []cache.Key, read func(ctx context.Context, of tintype.ID) ([]tintype.ID, error)) (lists [][]tintype.ID, found []bool, err error) {
	lists, found, err = s.c.Lists.Fetch(ctx, keys, func(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
		var partial error
		for _, k := range missing {
			ids, err := read(ctx, k.A)
			if tintype.IsPartial(err) {
				partial = err
				continue
			}
			if err != nil {
				return err
			}
			set(k, ids)
		}
		return partial
	})
	if err != nil && !tintype.IsPartial(err) {
		return nil, nil, err
	}
	return lists, found, nil
}

// pulledPosts gives, for each pulled author whose newest posts are cached, the
// part of them that falls into page, and one list more for the older posts of the others.
func (s *Service) pulledPosts(ctx context.Context, authors []tintype.ID, page tintype.Page) ([][]tintype.ID, error) {
	lists, found, err := s.lists(ctx, cache.Keys(cache.KindRecent, authors), func(ctx context.Context, author tintype.ID) ([]tintype.ID, error) {
		return s.c.Store.NewestPosts(ctx, 0, []tintype.ID{author}, 0, 0, headSize, headSize)
	})
	if err != nil {
		return nil, err
	}
	out := make([][]tintype.ID, 0, len(authors)+2)
	var beyond []tintype.ID
	for i, l := range lists {
		if !found[i] {
			continue
		}
		if ids, ok := within(l, page); ok {
			out = append(out, ids)
		} else {
			beyond = append(beyond, authors[i])
		}
	}
	if len(beyond) > 0 {
		ids, err := s.c.Store.NewestPosts(ctx, 0, beyond, page.Min, page.Max, page.Count, page.Count)
		if err != nil && !tintype.IsPartial(err) {
			return nil, err
		}
		out = append(out, ids)
	}
	return out, nil
}

// Pull is the handler of job.PullKind: it decides anew whether users are pulled.
func (s *Service) Pull(ctx context.Context, items []job.User) error {
	for _, it := range items {
		if _, err := s.decide(ctx, it.ID); err != nil {
			return err
		}
	}
	return nil
}

// decide tells whether author is pulled, after changing it if it is time to: an
// author is pulled above PullAbove followers, and no longer below half of that,
// so that nobody goes to and fro. Whoever is no longer pulled has their newest
// posts delivered, since nobody's timeline holds them.
func (s *Service) decide(ctx context.Context, author tintype.ID) (bool, error) {
	p, err := s.pulledAuthors(ctx)
	if err != nil {
		return false, err
	}
	n, err := s.c.Pulled.FollowerCount(ctx, author)
	if err != nil {
		return false, err
	}
	is, tune := p.has(author), s.c.Tune()
	switch {
	case !is && n > int64(tune.PullAbove):
		return true, s.setPulled(ctx, author, true)
	case is && n < int64(tune.PullAbove)/2:
		ids, err := s.c.Store.NewestPosts(ctx, 0, []tintype.ID{author}, 0, 0, tune.Backfill, tune.Backfill)
		if err != nil {
			return false, err
		}
		jobs := make([]job.Insert, len(ids))
		for i, id := range ids {
			jobs[i] = job.Insert{Kind: job.DeliverKind, Item: job.Fanout{Post: id, Author: author}}
		}
		// The list first: were it the other way round, the deliveries could find the author still pulled.
		if err := s.setPulled(ctx, author, false); err != nil {
			return false, err
		}
		return false, s.c.Queue.Put(ctx, author, jobs...)
	}
	return is, nil
}
