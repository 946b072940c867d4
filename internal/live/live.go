// Package live brings news to the pages that are open: it hands events to the
// subscribers of a user, in this process.
//
// It is a convenience, never the truth: events are not kept, a subscriber that
// does not keep up is dropped, and whoever (re)connects reads the feed first.
// Nobody ever waits here: publishing costs the publisher a lock and a copy.
//
// It leaves to the edges how an event is written on the wire, and to package
// account when a credential ends ([Hub.Revoke]). No method errs but Subscribe,
// with RateLimited and Unavailable.
package live

import (
	"slices"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// The bounds of a hub.
const (
	perUser = 20 // streams of one user
	buffer  = 32 // events that wait for one slow reader
)

// The types of events, as they stand in a stream's "event:" line.
const (
	FeedEvent     = "feed"     // a post came into the feed: Post, User (its author)
	ActivityEvent = "activity" // something happened to the subscriber: Unread
)

// Event is one piece of news.
type Event struct {
	Type   string
	Post   tintype.ID
	User   tintype.ID
	Unread int
}

// Hub connects publishers and subscribers. Make it with [New].
type Hub struct {
	mu     sync.Mutex
	max    int
	n      int
	closed bool
	byUser map[tintype.ID][]*subscriber
}

type subscriber struct {
	user       tintype.ID
	credential string
	ch         chan Event
}

// New makes a hub for at most max streams at a time.
func New(max int) *Hub { return &Hub{max: max, byUser: map[tintype.ID][]*subscriber{}} }

// Subscribe opens a stream of user's events. The channel is closed when the
// hub ends the stream: the reader fell behind, the credential was revoked, the
// site shuts down. cancel ends it from the reader's side; call it in any case.
func (h *Hub) Subscribe(user tintype.ID, credential string) (events <-chan Event, cancel func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.n >= h.max {
		return nil, nil, errBusy
	}
	if len(h.byUser[user]) >= perUser {
		return nil, nil, errTooMany
	}
	s := &subscriber{user: user, credential: credential, ch: make(chan Event, buffer)}
	h.byUser[user] = append(h.byUser[user], s)
	h.n++
	return s.ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.end(s)
	}, nil
}

var (
	errBusy    = &tintype.Error{Kind: tintype.Unavailable, Msg: "there are too many open pages on this site now; please try again", RetryAfter: 10}
	errTooMany = &tintype.Error{Kind: tintype.RateLimited, Msg: "you have too many open pages", RetryAfter: 10}
)

// end closes one stream; the lock is held. Ending it again does nothing.
func (h *Hub) end(s *subscriber) {
	list := h.byUser[s.user]
	for i, o := range list {
		if o != s {
			continue
		}
		if len(list) == 1 {
			delete(h.byUser, s.user)
		} else {
			list[i], list[len(list)-1] = list[len(list)-1], nil
			h.byUser[s.user] = list[:len(list)-1]
		}
		h.n--
		close(s.ch)
		return
	}
}

// Publish gives e to every open stream of users. A stream whose reader has
// fallen behind is ended instead: its page reads anew when it reconnects.
func (h *Hub) Publish(users []tintype.ID, e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, u := range users {
		list := h.byUser[u]
		for i := len(list) - 1; i >= 0; i-- { // downwards: end moves the last one
			select {
			case list[i].ch <- e:
			default:
				h.end(list[i])
			}
		}
	}
}

// Connected gives those of users that have an open stream.
func (h *Hub) Connected(users []tintype.ID) []tintype.ID {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.byUser) == 0 {
		return nil
	}
	var out []tintype.ID
	for _, u := range users {
		if _, ok := h.byUser[u]; ok {
			out = append(out, u)
		}
	}
	return out
}

// Everybody gives all users that have an open stream, in no certain order.
func (h *Hub) Everybody() []tintype.ID {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]tintype.ID, 0, len(h.byUser))
	for u := range h.byUser {
		out = append(out, u)
	}
	return out
}

// Revoke ends the streams of user that were opened with one of credentials, at
// once; with no credentials, all of the user's.
func (h *Hub) Revoke(user tintype.ID, credentials []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.byUser[user]
	for i := len(list) - 1; i >= 0; i-- {
		if len(credentials) == 0 || slices.Contains(credentials, list[i].credential) {
			h.end(list[i])
		}
	}
}

// Len is how many streams are open.
func (h *Hub) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.n
}

// Close ends all streams and refuses new ones, so that a server can shut down.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, list := range h.byUser {
		for _, s := range list {
			close(s.ch)
		}
	}
	clear(h.byUser)
	h.n = 0
}
