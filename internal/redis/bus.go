package redis

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
	"github.com/tintype/tintype/internal/tintype"
)

// The times of a bus. What is published reaches everybody in a millisecond or
// so; when it does not, everybody knows within silence.
const (
	busBeat     = 250 * time.Millisecond // between heartbeats
	busSilence  = 900 * time.Millisecond // without the heartbeat of a member, messages may be missing
	busForget   = 15 * time.Second       // then a member that is silent is taken to be dead
	busWait     = 100 * time.Millisecond // for a message to be taken by a server
	busRedial   = 100 * time.Millisecond
	busQueue    = 20_000 // frames that wait for one server; beyond, the oldest are lost
	busPipeline = 64     // frames in one pipeline
	busServers  = 2      // as many servers carry it
	busChannel  = "tintype:bus"
)

// Bus brings messages from each process (its members) to all others, in the
// order in which one published them, each once, and tells when it may have failed to.
//
// Every message and heartbeat goes over the same two servers, so that one may
// die. Frames carry the number of the last message of their publisher: whoever
// hears a number that does not follow has lost something. A member also hears its
// own heartbeats: when it heard one, it has heard all that the same server took
// before that. So a member that has of late heard its own heartbeat and, over the
// same server, those of all others, has heard everything (Whole); else it
// knows that it may not have. Nothing is repeated: whoever lost something is told so
// (OnLoss), and must not rely on what it kept.
//
// A member that has never been heard cannot be missed. Await before publishing
// what others must not miss.
type Bus struct {
	log     *slog.Logger
	id      uint64
	started time.Time
	lanes   []*lane
	stop    context.CancelFunc
	done    sync.WaitGroup

	send struct {
		sync.Mutex
		seq uint64
	}

	until atomic.Int64 // whole until then, in nanoseconds since started

	hear struct {
		sync.Mutex // also held while listeners are called
		listeners  map[byte][]func([]byte)
		onLoss     []func()
		peers      map[uint64]*peer
		left       map[uint64]time.Duration // who said farewell, when: the other lane still brings older frames
	}
}

// peer is another member.
type peer struct {
	next  uint64                    // the number of its next message
	heard [busServers]time.Duration // when, since started, it was last heard over each lane; 0 for never
}

// lane is one server that carries the bus.
type lane struct {
	n   *node
	sub rueidis.Client
	own time.Duration // when the last of our own heartbeats heard here was sent; guarded by Bus.hear

	mu    sync.Mutex
	queue []frame
	work  chan struct{} // has room for one
}

type frame struct {
	text []byte
	sent *sent // nil for a heartbeat
}

// sent collects what became of a message.
type sent struct {
	left atomic.Int32
	ok   chan struct{} // closed by the first server that took it
	once sync.Once
	none chan struct{} // closed when all failed
}

func (s *sent) took(ok bool) {
	if ok {
		s.once.Do(func() { close(s.ok) })
	} else if s.left.Add(-1) == 0 {
		close(s.none)
	}
}

// A frame is: version, publisher (8), number (8), when it was sent by the
// publisher's own clock (8), topic, message. A heartbeat has the number of the last
// message before it.
const (
	busVersion = 1
	busHeader  = 1 + 8 + 8 + 8 + 1
	topicBeat  = 0
	topicBye   = 255
)

// NewBus joins the bus on p's servers. Leave it with Close, before p is closed.
func NewBus(p *Pool, log *slog.Logger) (*Bus, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	var id [8]byte
	rand.Read(id[:])
	b := &Bus{log: log, id: binary.BigEndian.Uint64(id[:]), started: time.Now()}
	b.hear.listeners = map[byte][]func([]byte){}
	b.hear.peers = map[uint64]*peer{}
	b.hear.left = map[uint64]time.Duration{}
	// The same two for everybody, whatever the order of the configuration.
	nodes := slices.SortedFunc(slices.Values(p.nodes), func(x, y *node) int { return cmp.Compare(x.name, y.name) })
	for _, n := range nodes[:min(len(nodes), busServers)] {
		// Its own connection: an answer of megabytes must not keep messages waiting.
		sub, err := rueidis.NewClient(n.primary.option)
		if sub == nil {
			for _, l := range b.lanes {
				l.sub.Close()
			}
			return nil, &tintype.Error{Kind: tintype.Internal, Msg: "the Redis client could not be made", Err: err}
		}
		b.lanes = append(b.lanes, &lane{n: n, sub: sub, work: make(chan struct{}, 1)})
	}
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	for i, l := range b.lanes {
		b.done.Go(func() { b.receive(ctx, i, l) })
		b.done.Go(func() { l.run(ctx) })
	}
	b.done.Go(func() { b.beats(ctx) })
	return b, nil
}

// Close says farewell, so that the others do not wait for what this process may
// still say, and leaves.
func (b *Bus) Close() {
	_ = b.publish(topicBye, nil)
	b.stop()
	for _, l := range b.lanes {
		l.sub.Close()
	}
	b.done.Wait()
}

func (b *Bus) now() time.Duration { return time.Since(b.started) }

// Listen calls f with every message about topic (1 to 254) that another member
// publishes. f must be quick, must not keep the message, and must not publish and wait.
func (b *Bus) Listen(topic byte, f func(message []byte)) {
	b.hear.Lock()
	defer b.hear.Unlock()
	b.hear.listeners[topic] = append(b.hear.listeners[topic], f)
}

// OnLoss calls f whenever messages may have been lost, before any later one is
// delivered. While Whole is false, more may be.
func (b *Bus) OnLoss(f func()) {
	b.hear.Lock()
	defer b.hear.Unlock()
	b.hear.onLoss = append(b.hear.onLoss, f)
}

// Whole reports whether all that was published until a second ago has been
// heard, or a loss has been told.
func (b *Bus) Whole() bool { return int64(b.now()) < b.until.Load() }

// Await waits until this process is heard, and hears, over at least one server.
func (b *Bus) Await(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !b.Whole() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return &tintype.Error{Kind: tintype.Unavailable, Msg: "the other processes of the site cannot be reached", Err: ctx.Err()}
		}
	}
	return nil
}

var errUnheard = &tintype.Error{Kind: tintype.Unavailable, Msg: "the other processes of the site cannot be told", Err: errors.New("no server took the message in time")}

// Publish brings message to the others' listeners for topic. It waits until one
// server took it, for a tenth of a second at most: an error means that the others may
// not hear it, but will notice that.
func (b *Bus) Publish(topic byte, message []byte) error {
	if topic == topicBeat || topic == topicBye {
		return tintype.Errorf(tintype.Internal, "topic %d of the bus is its own", topic)
	}
	return b.publish(topic, message)
}

func (b *Bus) publish(topic byte, message []byte) error {
	s := &sent{ok: make(chan struct{}), none: make(chan struct{})}
	s.left.Store(int32(len(b.lanes)))
	b.send.Lock()
	b.send.seq++
	f := frame{b.frame(b.send.seq, topic, message), s}
	for _, l := range b.lanes {
		l.put(f)
	}
	b.send.Unlock()
	timer := time.NewTimer(busWait)
	defer timer.Stop()
	select {
	case <-s.ok:
		return nil
	case <-s.none:
	case <-timer.C:
	}
	return errUnheard
}

func (b *Bus) frame(seq uint64, topic byte, message []byte) []byte {
	t := make([]byte, 0, busHeader+len(message))
	t = append(t, busVersion)
	t = binary.BigEndian.AppendUint64(t, b.id)
	t = binary.BigEndian.AppendUint64(t, seq)
	t = binary.BigEndian.AppendUint64(t, uint64(b.now()))
	return append(append(t, topic), message...)
}

// beats sends heartbeats, and forgets the dead.
func (b *Bus) beats(ctx context.Context) {
	tick := time.NewTicker(busBeat)
	defer tick.Stop()
	for {
		b.send.Lock()
		f := frame{b.frame(b.send.seq, topicBeat, nil), nil}
		for _, l := range b.lanes {
			l.put(f)
		}
		b.send.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		b.bury()
	}
}

func (b *Bus) bury() {
	b.hear.Lock()
	defer b.hear.Unlock()
	for id, p := range b.hear.peers {
		if b.now()-slices.Max(p.heard[:]) > busForget {
			b.log.Warn("a process has not been heard for long and is taken to be dead", "member", id)
			delete(b.hear.peers, id)
		}
	}
	for id, at := range b.hear.left {
		if b.now()-at > busForget {
			delete(b.hear.left, id)
		}
	}
}

// put lets a frame wait for its turn.
func (l *lane) put(f frame) {
	l.mu.Lock()
	if len(l.queue) >= busQueue {
		if s := l.queue[0].sent; s != nil {
			s.took(false)
		}
		l.queue = l.queue[1:]
	}
	l.queue = append(l.queue, f)
	l.mu.Unlock()
	select {
	case l.work <- struct{}{}:
	default:
	}
}

// run publishes what waits. What a server does not take is lost there.
func (l *lane) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.work:
		}
		for {
			l.mu.Lock()
			part := l.queue[:min(len(l.queue), busPipeline)]
			l.queue = l.queue[len(part):]
			l.mu.Unlock()
			if len(part) == 0 {
				break
			}
			cmds := make(rueidis.Commands, len(part))
			for i, f := range part {
				cmds[i] = l.n.b().Publish().Channel(busChannel).Message(rueidis.BinaryString(f.text)).Build()
			}
			for i, r := range l.n.doMulti(ctx, cmds...) {
				if s := part[i].sent; s != nil {
					s.took(r.Error() == nil)
				}
			}
		}
	}
}

// receive listens to one server for as long as the bus is open.
func (b *Bus) receive(ctx context.Context, i int, l *lane) {
	for ctx.Err() == nil {
		// It ends when the connection does; that messages are missing then shows in their numbers.
		_ = l.sub.Receive(ctx, l.sub.B().Subscribe().Channel(busChannel).Build(), func(m rueidis.PubSubMessage) {
			b.heard(i, m.Message)
		})
		select {
		case <-ctx.Done():
		case <-time.After(busRedial):
		}
	}
}

// heard takes a frame from one lane.
func (b *Bus) heard(i int, text string) {
	b.hear.Lock()
	defer b.hear.Unlock()
	if len(text) < busHeader || text[0] != busVersion {
		b.lost("a message of another version")
		return
	}
	t := []byte(text)
	id, seq, at, topic := binary.BigEndian.Uint64(t[1:]), binary.BigEndian.Uint64(t[9:]), time.Duration(binary.BigEndian.Uint64(t[17:])), t[25]
	if id == b.id {
		b.lanes[i].own = max(b.lanes[i].own, at)
		b.judge()
		return
	}
	if _, left := b.hear.left[id]; left {
		return
	}
	p := b.hear.peers[id]
	if p == nil {
		// Whoever is new begins with 1; of somebody else there is more that was not heard.
		p = &peer{next: 1}
		b.hear.peers[id] = p
	}
	p.heard[i] = b.now()
	if topic == topicBeat {
		if seq >= p.next {
			b.lost("messages")
			p.next = seq + 1
		}
		b.judge()
		return
	}
	if seq < p.next {
		return // heard before, over another server
	}
	if seq > p.next {
		b.lost("messages")
	}
	p.next = seq + 1
	if topic == topicBye {
		delete(b.hear.peers, id)
		b.hear.left[id] = b.now()
		b.judge()
		return
	}
	for _, f := range b.hear.listeners[topic] {
		f(t[busHeader:])
	}
}

// judge finds until when the bus is whole; hear is locked.
func (b *Bus) judge() {
	now := b.now()
	whole := time.Duration(0)
	for _, l := range b.lanes {
		whole = max(whole, l.own)
	}
	for _, p := range b.hear.peers {
		best := time.Duration(0)
		for i, l := range b.lanes {
			best = max(best, min(l.own, p.heard[i]))
		}
		whole = min(whole, best)
	}
	until := int64(0)
	if whole > 0 {
		until = int64(whole + busSilence)
	}
	if old := b.until.Load(); old <= int64(now) && until > int64(now) {
		b.lost("silence")
	}
	b.until.Store(until)
}

// lost tells that messages may be missing; hear is locked.
func (b *Bus) lost(what string) {
	b.log.Debug("something on the bus may have been missed", "what", what)
	for _, f := range b.hear.onLoss {
		f()
	}
}
