package live

import (
	"encoding/binary"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// Bus carries messages between the processes of a site. redis.Bus is one.
type Bus interface {
	Publish(topic byte, message []byte) error
	Listen(topic byte, f func(message []byte))
}

// RelayTopic is the topic of news on the bus.
const RelayTopic = 2

// RelayConfig is what is done here about what happens in other processes. None
// of the functions may block; nil does nothing.
type RelayConfig struct {
	Bus Bus
	Hub *Hub // the streams that are open here

	// FeedCame is called with those of the users that have a page open here, before their pages are told that a post
	// came: what they ask for then must have it.
	FeedCame func(users []tintype.ID)
	// Feed tells users, who have a page open here, e; nil publishes it to all of them.
	Feed func(users []tintype.ID, e Event)
	// Followers is called when followers of e.User, whoever they are, are to be told e.
	Followers func(e Event)
	// Happened is called when something happened to users.
	Happened func(users []tintype.ID)
	// Revoked is called when what may be known of user's credentials is no longer
	// true: those named ended, if any are.
	Revoked func(user tintype.ID, credentials []string)
	// SiteChanged is called when the site's settings changed.
	SiteChanged func()
}

// Relay brings news to the pages that are open at other processes, and theirs
// to the pages here. Each process tells all others, for none knows who is
// connected where; a page is told by the process that holds its stream, which also counts
// and looks up what is told, so that work grows with pages, not with members.
//
// What is told goes out in order, but after the call that told it returned: nobody waits.
type Relay struct {
	c RelayConfig

	mu      sync.Mutex
	waiting [][]byte
	sending bool
	closed  bool
	busy    sync.WaitGroup
}

// The messages: a letter, then numbers as uvarints.
const (
	tellFeed      = 'f' // post, author, users
	tellFollowers = 'p' // post, author
	tellActivity  = 'a' // users
	tellRevoked   = 'r' // user, credentials, each a length and its bytes
	tellSite      = 's'
)

const (
	perMessage = 4000   // users in one message
	maxWaiting = 10_000 // messages; beyond, news is lost, which it may be
)

// NewRelay makes a Relay. Close it before the bus.
func NewRelay(c RelayConfig) *Relay {
	r := &Relay{c: c}
	c.Bus.Listen(RelayTopic, r.heard)
	return r
}

// Feed tells the pages of users that are open elsewhere of e.
func (r *Relay) Feed(users []tintype.ID, e Event) {
	for len(users) > 0 {
		part := users[:min(len(users), perMessage)]
		users = users[len(part):]
		b := append(make([]byte, 0, 20+9*len(part)), tellFeed)
		b = binary.AppendUvarint(b, uint64(e.Post))
		b = binary.AppendUvarint(b, uint64(e.User))
		r.tell(appendIDs(b, part))
	}
}

// Followers tells the pages of e.User's followers that are open elsewhere of e.
func (r *Relay) Followers(e Event) {
	b := binary.AppendUvarint([]byte{tellFollowers}, uint64(e.Post))
	r.tell(binary.AppendUvarint(b, uint64(e.User)))
}

// Happened tells the processes at which pages of users are open that something happened to them.
func (r *Relay) Happened(users []tintype.ID) {
	for len(users) > 0 {
		part := users[:min(len(users), perMessage)]
		users = users[len(part):]
		r.tell(appendIDs([]byte{tellActivity}, part))
	}
}

// Revoked tells that these credentials of user ended, or, with none, that what
// others know of user's credentials changed.
func (r *Relay) Revoked(user tintype.ID, credentials []string) {
	b := binary.AppendUvarint([]byte{tellRevoked}, uint64(user))
	for _, c := range credentials {
		b = append(binary.AppendUvarint(b, uint64(len(c))), c...)
	}
	r.tell(b)
}

// SiteChanged tells that the site's settings changed.
func (r *Relay) SiteChanged() { r.tell([]byte{tellSite}) }

func appendIDs(b []byte, ids []tintype.ID) []byte {
	for _, id := range ids {
		b = binary.AppendUvarint(b, uint64(id))
	}
	return b
}

// tell lets a message wait for its turn.
func (r *Relay) tell(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || len(r.waiting) >= maxWaiting {
		return
	}
	r.waiting = append(r.waiting, b)
	if !r.sending {
		r.sending = true
		r.busy.Go(r.send)
	}
}

// send works until nothing waits.
func (r *Relay) send() {
	for {
		r.mu.Lock()
		part := r.waiting
		r.waiting = nil
		r.sending = len(part) > 0
		r.mu.Unlock()
		if len(part) == 0 {
			return
		}
		for _, b := range part {
			_ = r.c.Bus.Publish(RelayTopic, b) // what is lost is found by whoever reads
		}
	}
}

// Close sends what waits, and nothing more after that.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.busy.Wait()
}

// heard does what another process tells. What it cannot read is of a later
// release, and lost.
func (r *Relay) heard(b []byte) {
	if len(b) == 0 {
		return
	}
	m := message{b: b[1:]}
	switch b[0] {
	case tellFeed:
		e := Event{Type: FeedEvent, Post: m.id(), User: m.id()}
		if users := r.c.Hub.Connected(m.ids()); len(users) > 0 && !m.bad {
			if r.c.FeedCame != nil {
				r.c.FeedCame(users)
			}
			if r.c.Feed == nil {
				r.c.Hub.Publish(users, e)
			} else {
				r.c.Feed(users, e)
			}
		}
	case tellFollowers:
		if e := (Event{Type: FeedEvent, Post: m.id(), User: m.id()}); !m.bad && r.c.Followers != nil && r.c.Hub.Len() > 0 {
			r.c.Followers(e)
		}
	case tellActivity:
		if users := r.c.Hub.Connected(m.ids()); len(users) > 0 && !m.bad && r.c.Happened != nil {
			r.c.Happened(users)
		}
	case tellRevoked:
		user := m.id()
		if m.bad {
			return
		}
		credentials := m.strings()
		if r.c.Revoked != nil {
			r.c.Revoked(user, credentials)
		}
		if len(credentials) > 0 {
			r.c.Hub.Revoke(user, credentials)
		}
	case tellSite:
		if r.c.SiteChanged != nil {
			r.c.SiteChanged()
		}
	}
}

// message takes numbers off b; bad tells that there was not what should be.
type message struct {
	b   []byte
	bad bool
}

func (m *message) uint() uint64 {
	v, n := binary.Uvarint(m.b)
	if n <= 0 {
		m.b, m.bad = nil, true
		return 0
	}
	m.b = m.b[n:]
	return v
}

func (m *message) id() tintype.ID { return tintype.ID(m.uint()) }

func (m *message) ids() []tintype.ID {
	out := make([]tintype.ID, 0, len(m.b)/8)
	for len(m.b) > 0 {
		out = append(out, m.id())
	}
	return out
}

func (m *message) strings() (out []string) {
	for len(m.b) > 0 {
		n := m.uint()
		if m.bad || n > uint64(len(m.b)) {
			return out
		}
		out = append(out, string(m.b[:n]))
		m.b = m.b[n:]
	}
	return out
}
