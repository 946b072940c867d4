package inproc

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

// Bus carries the news of drops between processes. redis.Bus is one.
type Bus interface {
	// Publish brings a message to the listeners for topic of all other processes. It
	// may fail, or the message get lost: then the others' Whole becomes false, or
	// their OnLoss is called, within a second.
	Publish(topic byte, message []byte) error
	Listen(topic byte, f func(message []byte))
	OnLoss(f func())
	// Whole reports whether all that was published up to a second ago was heard, or its loss told.
	Whole() bool
}

// DropTopic is the topic of drops on the bus.
const DropTopic = 1

// Drops is what all Nears of a process have in common: the news of drops. Make
// it with [NewDrops].
type Drops struct {
	bus    Bus
	clock  tintype.Clock
	start  time.Time
	epoch  atomic.Uint64 // counts losses
	unsure atomic.Uint64

	mu   sync.RWMutex
	held map[cache.Kind]holder
}

// NewDrops makes the Drops of a process.
func NewDrops(bus Bus, clock tintype.Clock) *Drops {
	d := &Drops{bus: bus, clock: clock, start: clock(), held: map[cache.Kind]holder{}}
	bus.OnLoss(func() { d.epoch.Add(1) })
	bus.Listen(DropTopic, d.heard)
	return d
}

func (d *Drops) now() time.Duration { return d.clock().Sub(d.start) }

func (d *Drops) holds(k cache.Kind, h holder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held[k] = h
}

// maxKeys is how many keys go into one message.
const maxKeys = 1000

// A message is: version, whether the far cache missed the drops, and of each key
// the kind, A, and B.
const dropVersion = 1

// tell tells the other processes. That it fails is noticed by them.
func (d *Drops) tell(keys []cache.Key, missed bool) {
	for len(keys) > 0 {
		part := keys[:min(len(keys), maxKeys)]
		keys = keys[len(part):]
		b := append(make([]byte, 0, 2+12*len(part)), dropVersion, 0)
		if missed {
			b[1] = 1
		}
		for _, k := range part {
			b = binary.AppendUvarint(b, uint64(k.Kind))
			b = binary.AppendUvarint(b, uint64(k.A))
			b = binary.AppendUvarint(b, uint64(k.B))
		}
		_ = d.bus.Publish(DropTopic, b)
	}
}

// heard takes a message. One that cannot be read may have dropped anything.
func (d *Drops) heard(b []byte) {
	if len(b) < 2 || b[0] != dropVersion {
		d.epoch.Add(1)
		return
	}
	missed := b[1] != 0
	b = b[2:]
	byHolder := map[holder][]cache.Key{}
	d.mu.RLock()
	for len(b) > 0 {
		var v [3]uint64
		for i := range v {
			var n int
			if v[i], n = binary.Uvarint(b); n <= 0 {
				d.epoch.Add(1)
				b, v[0] = nil, 0
				break
			}
			b = b[n:]
		}
		k := cache.Key{Kind: cache.Kind(v[0]), A: tintype.ID(v[1]), B: tintype.ID(v[2])}
		if h := d.held[k.Kind]; h != nil {
			byHolder[h] = append(byHolder[h], k)
		}
	}
	d.mu.RUnlock()
	for h, keys := range byHolder {
		h.heard(keys, missed)
	}
}
