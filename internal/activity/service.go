package activity

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/tintype"
)

// MaxUnread is as far as unread activity is counted.
const MaxUnread = 100

// Store keeps activity.
type Store interface {
	// Activity lists what happened to user, newest first.
	Activity(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.Activity, error)
	// Unread counts, up to limit, what is newer than what user has seen.
	Unread(ctx context.Context, user tintype.ID, limit int) (int, error)
	// UnreadKinds counts by kind, of the newest limit.
	UnreadKinds(ctx context.Context, user tintype.ID, limit int) (map[tintype.ActivityKind]int, error)
	// Seen notes that user has seen everything up to max, 0 for all there is; it never goes back.
	Seen(ctx context.Context, user, max tintype.ID) error
	// SeenTo gives up to where user has seen everything.
	SeenTo(ctx context.Context, user tintype.ID) (tintype.ID, error)
	// AddNotices writes notices, each once, and gives the users to whom something was added.
	AddNotices(ctx context.Context, notices []job.Notice) ([]tintype.ID, error)
}

// Deeds tells what users did. sqlstore.Activities provides it.
type Deeds interface {
	// Deeds gives up to each deeds of every kind and user, the latest below before (0 for all), in no certain order.
	Deeds(ctx context.Context, users []tintype.ID, before tintype.ID, each int) ([]tintype.Deed, error)
}

// Choices keeps what users let others do. sqlstore.Choices implements it.
type Choices interface {
	Choices(ctx context.Context, users []tintype.ID) ([]tintype.Choices, error)
	Choose(ctx context.Context, user tintype.ID, d tintype.ChoiceChanges) (tintype.Choices, error)
}

// Posts tells what may be seen. post.Service provides it.
type Posts interface {
	Visible(ctx context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error)
}

// Comments tells which comments there are. post.Service provides it.
type Comments interface {
	// CommentTexts gives the text of each comment that still exists ("" else), aligned.
	CommentTexts(ctx context.Context, posts, comments []tintype.ID) ([]string, error)
}

// Graph tells who follows whom and who hides from whom. graph.Service provides it.
type Graph interface {
	// Hidden is sorted: whom viewer blocks and who blocks viewer.
	Hidden(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error)
	// Users and Relations are aligned with what they are asked.
	Users(ctx context.Context, ids []tintype.ID) ([]*tintype.User, error)
	Relations(ctx context.Context, viewer tintype.ID, authors []tintype.ID) ([]tintype.Relation, error)
	// Following lists whom user follows, newest first, as far as viewer may know.
	Following(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error)
}

// News tells open pages. live.Hub provides it.
type News interface {
	Connected(users []tintype.ID) []tintype.ID
	Publish(users []tintype.ID, e live.Event)
}

// Counts caches KindUnread. Any cache.Cache does.
type Counts interface {
	Fetch(ctx context.Context, keys []cache.Key, load cache.Load[int64]) (values []int64, found []bool, err error)
	Drop(ctx context.Context, keys ...cache.Key) error
}

// Config is what a Service is made of.
type Config struct {
	Store    Store
	Deeds    Deeds
	Choices  Choices
	Posts    Posts
	Comments Comments
	Graph    Graph
	// Muted gives, sorted, whom a user muted; nil where nobody is.
	Muted func(ctx context.Context, user tintype.ID) ([]tintype.ID, error)
	News  News
	// Counts is nil where unread activity is counted each time. A count in it may
	// be old, by what was undone since, until something happens or it expires.
	Counts Counts
	// Elsewhere has other processes call HappenedHere; nil where there is only
	// this one. It must not block.
	Elsewhere func(users []tintype.ID)
	Log       *slog.Logger
}

// Service is activity. Make it with [New].
type Service struct {
	c Config

	mu      sync.Mutex
	waiting map[tintype.ID]bool // users whose open pages are to be told; true if others do not know yet
	busy    sync.WaitGroup      // the goroutine that tells them, which runs while somebody waits
	telling bool
	closed  bool
}

// New makes a Service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{c: c, waiting: map[tintype.ID]bool{}}
}

// maxRounds bounds how often List looks for more when much is left out.
const maxRounds = 10

// List gives what happened to user, newest first, up to page.Count. What is by
// somebody whom user hides from, or about a post that user may not see or that
// is gone, is left out. next is the page.Max of the next page, 0 at the end.
func (s *Service) List(ctx context.Context, user tintype.ID, page tintype.Page) (items []tintype.Activity, next tintype.ID, err error) {
	page.Count = min(max(page.Count, 1), 100)
	count := page.Count
	for range maxRounds {
		page.Count = count - len(items) + 1 // one more tells whether there is a next page
		rows, err := s.c.Store.Activity(ctx, user, page)
		if err != nil {
			return nil, 0, err
		}
		more := len(rows) == page.Count
		if more {
			rows = rows[:len(rows)-1]
		}
		if len(rows) == 0 {
			return items, 0, nil
		}
		page.Max = rows[len(rows)-1].ID
		if rows, err = s.visible(ctx, user, rows); err != nil && !tintype.IsPartial(err) {
			return nil, 0, err
		}
		items = append(items, rows...)
		if !more {
			return items, 0, nil
		}
		if len(items) == count {
			break
		}
	}
	return items, page.Max, nil
}

// visible gives what user may be told; with a partial error, of what could be read.
func (s *Service) visible(ctx context.Context, user tintype.ID, rows []tintype.Activity) ([]tintype.Activity, error) {
	hidden, err := s.c.Graph.Hidden(ctx, user)
	if err != nil {
		return nil, err
	}
	var ids []tintype.ID
	for _, a := range rows {
		if a.PostID != 0 && !slices.Contains(ids, a.PostID) {
			ids = append(ids, a.PostID)
		}
	}
	there := make(map[tintype.ID]bool, len(ids))
	var missing error
	if len(ids) > 0 {
		posts, err := s.c.Posts.Visible(ctx, user, ids)
		if missing = err; err != nil && !tintype.IsPartial(err) {
			return nil, err
		}
		for _, p := range posts {
			there[p.ID] = true
		}
	}
	return slices.DeleteFunc(rows, func(a tintype.Activity) bool {
		_, hides := slices.BinarySearch(hidden, a.ActorID)
		return hides || a.PostID != 0 && !there[a.PostID]
	}), missing
}

// Unread counts, up to MaxUnread, what user has not seen.
func (s *Service) Unread(ctx context.Context, user tintype.ID) (int, error) {
	if s.c.Counts == nil {
		return s.c.Store.Unread(ctx, user, MaxUnread)
	}
	counts, _, err := s.c.Counts.Fetch(ctx, cache.Keys(cache.KindUnread, []tintype.ID{user}), func(ctx context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		n, err := s.c.Store.Unread(ctx, user, MaxUnread)
		if err == nil {
			set(missing[0], int64(n))
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(counts[0]), nil
}

// Seen notes that user has seen everything up to max, 0 for all there is, and
// tells user's other pages.
func (s *Service) Seen(ctx context.Context, user, max tintype.ID) error {
	if err := s.c.Store.Seen(ctx, user, max); err != nil {
		return err
	}
	s.forget(ctx, []tintype.ID{user})
	s.Happened([]tintype.ID{user})
	return nil
}

// Notices is the handler of job.NoticeKind: it tells users that they were
// named, unless they may not see where, or hide from who named them, or the
// comment is gone by now.
func (s *Service) Notices(ctx context.Context, items []job.Notice) error {
	byUser := map[tintype.ID][]tintype.Activity{}
	var posts, comments []tintype.ID
	for _, n := range items {
		if n.Comment != 0 && n.Post != 0 { // else it is something else's number
			posts, comments = append(posts, n.Post), append(comments, n.Comment)
		}
	}
	gone := map[tintype.ID]bool{}
	if len(comments) > 0 {
		texts, err := s.c.Comments.CommentTexts(ctx, posts, comments)
		if err != nil {
			return err
		}
		for i, t := range texts {
			gone[comments[i]] = t == ""
		}
	}
	var users []tintype.ID // in order, so that a repeat does the same
	for _, n := range items {
		if n.User == n.Actor || gone[n.Comment] {
			continue
		}
		if byUser[n.User] == nil {
			users = append(users, n.User)
		}
		byUser[n.User] = append(byUser[n.User], tintype.Activity{ID: n.Op, Kind: n.Kind, ActorID: n.Actor, PostID: n.Post, CommentID: n.Comment})
	}
	var notices []job.Notice
	for _, u := range users {
		rows, err := s.visible(ctx, u, byUser[u])
		if err != nil {
			return err
		}
		for _, a := range rows {
			notices = append(notices, job.Notice{User: u, Kind: a.Kind, Actor: a.ActorID, Post: a.PostID, Comment: a.CommentID, Op: a.ID})
		}
	}
	if len(notices) == 0 {
		return nil
	}
	told, err := s.c.Store.AddNotices(ctx, notices)
	s.Happened(told)
	return err
}

// Happened tells the open pages of users that something happened to them, with
// how much is unread. It does not block; others call it after the commit that
// wrote the activity. What happens in quick succession is told once.
func (s *Service) Happened(users []tintype.ID) { s.happened(users, true) }

// HappenedHere is Happened for the pages that are open at this process: what
// others are told is told already.
func (s *Service) HappenedHere(users []tintype.ID) { s.happened(users, false) }

// happened puts off what is to be done: of what is new, others must hear.
func (s *Service) happened(users []tintype.ID, isNew bool) {
	if !isNew || s.c.Counts == nil && s.c.Elsewhere == nil {
		users = s.c.News.Connected(users)
	}
	if len(users) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	for _, u := range users {
		s.waiting[u] = isNew || s.waiting[u]
	}
	if !s.telling {
		s.telling = true
		s.busy.Go(s.tell)
	}
}

// tell works until nobody waits.
func (s *Service) tell() {
	for {
		s.mu.Lock()
		waiting, closed := s.waiting, s.closed
		s.waiting = map[tintype.ID]bool{}
		s.telling = len(waiting) > 0
		s.mu.Unlock()
		if len(waiting) == 0 {
			return
		}
		users, fresh := make([]tintype.ID, 0, len(waiting)), make([]tintype.ID, 0, len(waiting))
		for u, isNew := range waiting {
			users = append(users, u)
			if isNew {
				fresh = append(fresh, u)
			}
		}
		// In this order: whoever is told counts anew.
		s.forget(context.Background(), fresh)
		if s.c.Elsewhere != nil && len(fresh) > 0 {
			s.c.Elsewhere(fresh)
		}
		if closed {
			continue
		}
		for _, u := range s.c.News.Connected(users) {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			n, err := s.Unread(ctx, u)
			cancel()
			if err != nil {
				s.c.Log.Warn("unread activity could not be counted", "err", err)
				continue
			}
			s.c.News.Publish([]tintype.ID{u}, live.Event{Type: live.ActivityEvent, Unread: n})
		}
	}
}

// forget drops the counts of users.
func (s *Service) forget(ctx context.Context, users []tintype.ID) {
	if s.c.Counts == nil || len(users) == 0 {
		return
	}
	if err := s.c.Counts.Drop(context.WithoutCancel(ctx), cache.Keys(cache.KindUnread, users)...); err != nil {
		s.c.Log.Warn("counts of unread activity could not be dropped", "err", err)
	}
}

// Close tells no page any more and waits for what is under way.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.busy.Wait()
}
