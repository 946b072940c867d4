package feed

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// newsFor is how old a post may be to be announced to open pages; one that
// comes later (a job that was put off, an author no longer pulled) just appears.
const newsFor = time.Hour

// Deliver is the handler of job.DeliverKind: it brings a post to a page of its
// author's followers, and to the author. The next page is a job of its own,
// enqueued when this one is done: what is tried again repeats one page and not
// all that follow it, and the posts of others get their turn in between.
func (s *Service) Deliver(ctx context.Context, items []job.Fanout) error {
	var errs []error
	for _, it := range items {
		errs = append(errs, s.deliver(ctx, it))
	}
	return errors.Join(errs...)
}

func (s *Service) deliver(ctx context.Context, it job.Fanout) error {
	reach, err := s.c.Store.Reach(ctx, it.Post)
	if err != nil || reach == tintype.ReachNobody {
		return err
	}
	// Close friends are few, and nobody else pulls what is for them.
	if it.After == 0 && reach == tintype.ReachEveryone {
		pulled, err := s.decide(ctx, it.Author)
		if err != nil {
			return err
		}
		if pulled {
			return s.deliverPulled(ctx, it)
		}
	}
	size := s.c.Tune().PageSize
	page := s.c.Store.FollowersPage
	if reach == tintype.ReachFriends {
		page = s.c.Friends.FriendsPage
	}
	owners, err := page(ctx, it.Author, it.After, size)
	if err != nil {
		return err
	}
	last := tintype.ID(0)
	if len(owners) == size {
		last = owners[len(owners)-1]
	}
	if it.After == 0 {
		owners = append(owners, it.Author)
	}
	if err := s.append(ctx, owners, it); err != nil || last == 0 {
		return err
	}
	it.After = last
	return s.c.Queue.Put(ctx, it.Author, job.Insert{Kind: job.DeliverKind, Item: it})
}

// append adds the post to those timelines of owners that are built, and tells
// their open pages. Whoever is watching gets it first, then whoever read a feed
// of late in this process, then the others.
func (s *Service) append(ctx context.Context, owners []tintype.ID, it job.Fanout) error {
	for _, first := range [][]tintype.ID{s.c.News.Connected(owners), s.seenOf(owners)} {
		if len(first) == 0 || len(first) == len(owners) {
			continue
		}
		if err := s.appendTo(ctx, first, it); err != nil {
			return err
		}
		done := make(map[tintype.ID]bool, len(first))
		for _, o := range first {
			done[o] = true
		}
		owners = slices.DeleteFunc(owners, func(o tintype.ID) bool { return done[o] })
	}
	return s.appendTo(ctx, owners, it)
}

func (s *Service) appendTo(ctx context.Context, owners []tintype.ID, it job.Fanout) error {
	added, err := s.c.Timeline.Append(ctx, owners, it.Post)
	// Even if some failed: when it is tried again, those that were added to are
	// not given any more. And of all, not only of those that were added to: a
	// timeline may have been lost, with its head still cached, and whoever
	// reads it must find out.
	if derr := s.drop(ctx, cache.KindFeedHead, owners); err == nil {
		err = derr
	}
	s.announce(ctx, added, it)
	return err
}

// deliverPulled makes the post of a pulled author known: it is read from the
// author by whoever follows them.
func (s *Service) deliverPulled(ctx context.Context, it job.Fanout) error {
	if err := s.drop(ctx, cache.KindRecent, []tintype.ID{it.Author}); err != nil {
		return err
	}
	if err := s.append(ctx, []tintype.ID{it.Author}, it); err != nil {
		return err
	}
	if !s.isNews(it.Post) {
		return nil
	}
	e := live.Event{Type: live.FeedEvent, Post: it.Post, User: it.Author}
	s.c.Elsewhere.Followers(e)
	return s.TellFollowers(ctx, e)
}

// TellFollowers tells those of e.User's followers of e who have a page open here.
func (s *Service) TellFollowers(ctx context.Context, e live.Event) error {
	online := s.c.News.Everybody()
	if len(online) == 0 {
		return nil
	}
	told, err := s.c.Store.FollowersAmong(ctx, e.User, online)
	s.Tell(ctx, told, e)
	return err
}

// announce tells those of users who have a page open, here or elsewhere, of a post.
func (s *Service) announce(ctx context.Context, users []tintype.ID, it job.Fanout) {
	if len(users) == 0 || !s.isNews(it.Post) {
		return
	}
	e := live.Event{Type: live.FeedEvent, Post: it.Post, User: it.Author}
	s.Tell(ctx, s.c.News.Connected(users), e)
	s.c.Elsewhere.Feed(users, e)
}

func (s *Service) isNews(post tintype.ID) bool { return s.c.Clock().Sub(post.Time()) < newsFor }

// Withdraw is the handler of job.WithdrawKind: it takes a post that is deleted, or
// archived, out of a page of followers' timelines, and one that is for close friends by now out of the others'. It need not find them all: no feed shows a post
// to somebody who may not see it.
func (s *Service) Withdraw(ctx context.Context, items []job.Fanout) error {
	for _, it := range items {
		reach, err := s.c.Store.Reach(ctx, it.Post)
		if err != nil {
			return err
		}
		if reach == tintype.ReachEveryone {
			continue // it is back, and delivered by another job
		}
		size := s.c.Tune().PageSize
		owners, err := s.c.Store.FollowersPage(ctx, it.Author, it.After, size)
		if err != nil {
			return err
		}
		last := tintype.ID(0)
		if len(owners) == size {
			last = owners[len(owners)-1]
		}
		if reach == tintype.ReachFriends {
			friends, err := s.c.Friends.FriendsAmong(ctx, it.Author, owners)
			if err != nil {
				return err
			}
			owners = slices.DeleteFunc(owners, func(o tintype.ID) bool { return slices.Contains(friends, o) })
		}
		if it.After == 0 {
			if reach == tintype.ReachNobody {
				owners = append(owners, it.Author)
			}
			if err := s.drop(ctx, cache.KindRecent, []tintype.ID{it.Author}); err != nil {
				return err
			}
		}
		if err := s.c.Timeline.Remove(ctx, owners, it.Post); err != nil {
			return err
		}
		if err := s.drop(ctx, cache.KindFeedHead, owners); err != nil {
			return err
		}
		if last != 0 {
			it.After = last
			if err := s.c.Queue.Put(ctx, it.Author, job.Insert{Kind: job.WithdrawKind, Item: it}); err != nil {
				return err
			}
		}
	}
	return nil
}

// BackfillEdges is the handler of job.BackfillKind: it brings one author's part
// of one user's timeline in line with whether the user follows the author now,
// whatever the item said when it was put off. A new follow brings the author's
// newest posts (Tuning.Backfill of them); the end of one takes all away. So do those for close friends, with being one.
func (s *Service) BackfillEdges(ctx context.Context, items []job.Backfill) error {
	type edge struct{ user, author tintype.ID }
	done, befriended := make(map[edge]bool, len(items)), make(map[edge]bool)
	for _, it := range items {
		if it.Friends {
			befriended[edge{it.User, it.Author}] = true
		}
	}
	for _, it := range items {
		e := edge{it.User, it.Author}
		if done[e] || it.User == it.Author {
			continue
		}
		done[e] = true
		if err := s.align(ctx, it.User, it.Author, befriended[e]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) align(ctx context.Context, user, author tintype.ID, befriended bool) error {
	pulled, err := s.pulledAuthors(ctx)
	if err != nil {
		return err
	}
	follows, err := s.c.Store.FolloweesAmong(ctx, user, []tintype.ID{author})
	if err != nil {
		return err
	}
	friends, err := s.c.Friends.FriendsAmong(ctx, author, []tintype.ID{user})
	if err != nil {
		return err
	}
	const all = 2 * timeline.Max // as many as a timeline ever holds
	of := func(reader tintype.ID, n int) ([]tintype.ID, error) {
		return s.c.Store.NewestPosts(ctx, reader, []tintype.ID{author}, 0, 0, n, n)
	}
	if unfollowed, parted := len(follows) == 0, befriended && len(friends) == 0; unfollowed || parted {
		ids, err := of(author, all)
		if err != nil {
			return err
		}
		if !unfollowed {
			stay, err := of(user, all)
			if err != nil {
				return err
			}
			ids = without(ids, stay)
		}
		if err := s.c.Timeline.Merge(ctx, user, ids, true); err != nil {
			return err
		}
	} else if !pulled.has(author) || len(friends) > 0 {
		ids, err := of(user, s.c.Tune().Backfill)
		if err != nil {
			return err
		}
		if err := s.c.Timeline.Merge(ctx, user, ids, false); err != nil {
			return err
		}
	}
	return s.c.Lists.Drop(ctx, cache.Key{Kind: cache.KindFeedHead, A: user}, cache.Key{Kind: cache.KindPulled, A: user, B: pulled.version})
}

// without gives those of ids that are not among others; both are descending.
func without(ids, others []tintype.ID) []tintype.ID {
	return slices.DeleteFunc(ids, func(id tintype.ID) bool {
		_, found := slices.BinarySearchFunc(others, id, func(a, b tintype.ID) int { return cmp.Compare(b, a) })
		return found
	})
}
