package post

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Like makes viewer like a post; it is durable when it returns.
func (s *Service) Like(ctx context.Context, viewer, post tintype.ID) error {
	if viewer == 0 {
		return errSignedIn
	}
	p, _, err := s.see(ctx, viewer, post)
	if err != nil {
		return err
	}
	return s.like(ctx, viewer, p, true)
}

// Unlike takes a like back, be it of a post that viewer may not see any longer.
func (s *Service) Unlike(ctx context.Context, viewer, post tintype.ID) error {
	if viewer == 0 {
		return errSignedIn
	}
	p, _, err := s.see(ctx, viewer, post)
	if err != nil {
		if p == nil {
			return err
		}
		if liked, e := s.Liked(ctx, viewer, []tintype.ID{post}); e != nil || !liked[0] {
			return err
		}
	}
	return s.like(ctx, viewer, p, false)
}

func (s *Service) like(ctx context.Context, viewer tintype.ID, p *tintype.Post, on bool) error {
	op, err := s.c.Likes.Like(ctx, viewer, p.ID, p.UserID, on)
	if op != 0 {
		s.pending.add(viewer, p.ID, pendingLike{op: op, on: on})
	}
	// After an error it may have happened all the same, and later than what was read since: so
	// also where it was so already.
	if e := s.c.LikedCache.Drop(context.WithoutCancel(ctx), cache.Key{Kind: cache.KindLiked, A: viewer, B: p.ID}); err == nil {
		err = e
	}
	return err
}

// Liked tells which of posts viewer likes, aligned.
func (s *Service) Liked(ctx context.Context, viewer tintype.ID, posts []tintype.ID) ([]bool, error) {
	if viewer == 0 || len(posts) == 0 {
		return make([]bool, len(posts)), nil
	}
	keys := make([]cache.Key, len(posts))
	for i, p := range posts {
		keys[i] = cache.Key{Kind: cache.KindLiked, A: viewer, B: p}
	}
	liked, _, err := s.c.LikedCache.Fetch(ctx, keys, func(ctx context.Context, missing []cache.Key, set func(cache.Key, bool)) error {
		ids := make([]tintype.ID, len(missing))
		for i, k := range missing {
			ids[i] = k.B
		}
		yes, err := s.c.Likes.Liked(ctx, viewer, ids)
		if err != nil {
			return err
		}
		for _, k := range missing {
			set(k, slices.Contains(yes, k.B))
		}
		return nil
	})
	return liked, err
}

// LikedPosts lists the posts that viewer likes and may see, latest liked
// first. next is the page.Max of the next page, 0 at the end.
func (s *Service) LikedPosts(ctx context.Context, viewer tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	if viewer == 0 {
		return nil, 0, errSignedIn
	}
	posts = []*tintype.Post{}
	ask := page
	ask.Count++
	for range maxRounds {
		ids, ops, err := s.c.Likes.LikedPosts(ctx, viewer, ask)
		if err != nil {
			return nil, 0, err
		}
		visible, err := s.Visible(ctx, viewer, ids)
		if err != nil && !tintype.IsPartial(err) {
			return nil, 0, err
		}
		for _, p := range visible {
			if len(posts) == page.Count {
				return posts, ops[slices.Index(ids, p.ID)] + 1, nil
			}
			posts = append(posts, p)
		}
		if len(ids) < ask.Count {
			return posts, 0, nil
		}
		ask.Max = ops[len(ops)-1]
	}
	return posts, ask.Max, nil
}

// Likers lists who likes a post, latest first, without whom viewer must not
// see; nobody where the owner hides the likes from others. next is the page.Max of the next page, 0 at the end.
func (s *Service) Likers(ctx context.Context, viewer, post tintype.ID, page tintype.Page) (users []tintype.ID, next tintype.ID, err error) {
	p, author, err := s.see(ctx, viewer, post)
	if err != nil {
		return nil, 0, err
	}
	if viewer != p.UserID && p.HideLikes.Of(author.HidesLikes) {
		return []tintype.ID{}, 0, nil
	}
	hidden, err := s.c.People.Hidden(ctx, viewer)
	if err != nil {
		return nil, 0, err
	}
	own, waiting := s.pending.get(viewer, post)
	mine := waiting // a job brings it, or has just brought it: a replica may not have it
	if waiting {
		op, _, err := s.c.Likes.Arrived(ctx, post, viewer)
		if err != nil {
			return nil, 0, err
		}
		waiting = op < own.op
	}
	users = make([]tintype.ID, 0, page.Count)
	if waiting && own.on && page.Max == 0 && page.Count > 0 {
		users = append(users, viewer)
	}
	ask := page
	if !mine {
		ask = page.ByOld(viewer)
	}
	ask.Count++
	for range maxRounds {
		ids, ops, err := s.c.Likes.Likers(ctx, post, ask)
		if err != nil {
			return nil, 0, err
		}
		for i, id := range ids {
			if _, hide := slices.BinarySearch(hidden, id); hide || waiting && id == viewer {
				continue
			}
			if len(users) >= page.Count {
				return users, ops[i] + 1, nil
			}
			users = append(users, id)
		}
		if len(ids) < ask.Count {
			return users, 0, nil
		}
		ask.Max = ops[len(ops)-1]
	}
	return users, ask.Max, nil
}

// withOwnLike gives p as it will be once viewer's latest like has arrived at
// it: who has liked sees that at once, whenever the job runs.
func (s *Service) withOwnLike(ctx context.Context, viewer tintype.ID, p *tintype.Post) (*tintype.Post, error) {
	own, ok := s.pending.get(viewer, p.ID)
	if !ok {
		return p, nil
	}
	op, state, err := s.c.Likes.Arrived(ctx, p.ID, viewer)
	if err != nil {
		return nil, err
	}
	if op >= own.op {
		// It arrived just now; p may have been read before.
		if err := s.dropPosts(ctx, p.ID); err != nil {
			return nil, err
		}
		s.pending.arrived(viewer, p.ID, op)
		again, err := s.fetch(ctx, []tintype.ID{p.ID})
		if err == nil && again[0] != nil {
			p = again[0]
		}
		return p, err
	}
	q := *p
	q.TopLikers = slices.DeleteFunc(slices.Clone(p.TopLikers), func(id tintype.ID) bool { return id == viewer })
	if state == tintype.EdgeThere {
		q.Likes--
	}
	if own.on {
		q.Likes++
		q.TopLikers = slices.Insert(q.TopLikers, 0, viewer)
		q.TopLikers = q.TopLikers[:min(len(q.TopLikers), 4)]
	}
	return &q, nil
}

// pendingLikes are the likes that this process acknowledged and has not seen
// arrive at their posts yet. It is a convenience for those who liked: a like
// that is forgotten here only shows a moment later.
type pendingLikes struct {
	clock tintype.Clock
	mu    sync.RWMutex
	m     map[[2]tintype.ID]pendingLike // by viewer and post
	adds  int
}

type pendingLike struct {
	op tintype.ID
	on bool
	at time.Time
}

// keepPending is how long a like is remembered that another process may have brought to its post.
const keepPending = 30 * time.Second

func (l *pendingLikes) add(viewer, post tintype.ID, p pendingLike) {
	p.at = l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.m == nil {
		l.m = map[[2]tintype.ID]pendingLike{}
	}
	k := [2]tintype.ID{viewer, post}
	if l.m[k].op < p.op {
		l.m[k] = p
	}
	if l.adds++; l.adds%4096 == 0 {
		for k, old := range l.m {
			if p.at.Sub(old.at) > keepPending {
				delete(l.m, k)
			}
		}
	}
}

func (l *pendingLikes) get(viewer, post tintype.ID) (pendingLike, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if len(l.m) == 0 {
		return pendingLike{}, false
	}
	p, ok := l.m[[2]tintype.ID{viewer, post}]
	return p, ok
}

// arrived forgets what is not newer than op.
func (l *pendingLikes) arrived(viewer, post, op tintype.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := [2]tintype.ID{viewer, post}
	if p, ok := l.m[k]; ok && p.op <= op {
		delete(l.m, k)
	}
}
