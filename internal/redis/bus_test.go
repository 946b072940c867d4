package redis

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/rueidis"

	"github.com/tintype/tintype/internal/testserve"
)

// member is one process on the bus, and what it heard.
type member struct {
	*Bus
	p *Pool

	mu     sync.Mutex
	got    []string
	losses int
}

func join(t *testing.T, servers ...*testserve.Server) *member {
	t.Helper()
	c := Config{Timeout: 500 * time.Millisecond}
	for i, s := range servers {
		c.Servers = append(c.Servers, fmt.Sprintf("r%d=%s", i, s.Addr()))
	}
	m := &member{p: openConfig(t, c)}
	var err error
	if m.Bus, err = NewBus(m.p, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	m.Listen(7, func(b []byte) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.got = append(m.got, string(b))
	})
	m.OnLoss(func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.losses++
		m.got = append(m.got, "lost")
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := m.Await(ctx); err != nil {
		t.Fatal(err)
	}
	return m
}

// heard gives what was heard, without what was told of losses before the first message.
func (m *member) heardNow() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	got := slices.Clone(m.got)
	for len(got) > 0 && got[0] == "lost" {
		got = got[1:]
	}
	return got
}

func (m *member) lossesNow() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.losses
}

// TestBusOrder: each member hears what the others publish, each message once and
// those of one publisher in order, and nothing of its own; also with one of two servers dead.
func TestBusOrder(t *testing.T) {
	t.Parallel()
	servers := []*testserve.Server{testserve.Redis(t), testserve.Redis(t), testserve.Redis(t)}
	ms := []*member{join(t, servers...), join(t, servers...), join(t, servers...)}
	const n = 300
	round := func(name string) {
		t.Helper()
		var wg sync.WaitGroup
		for i, m := range ms {
			m.mu.Lock()
			m.got = nil
			m.mu.Unlock()
			_ = i
		}
		for i, m := range ms {
			wg.Go(func() {
				for j := range n {
					if err := m.Publish(7, []byte(fmt.Sprintf("%s %d %03d", name, i, j))); err != nil {
						t.Logf("%s %d %d: %v", name, i, j, err) // a busy machine; it comes all the same
					}
					if err := m.Publish(8, []byte("nobody listens")); err != nil {
						t.Log(err)
					}
				}
			})
		}
		wg.Wait()
		for i, m := range ms {
			await(t, fmt.Sprint(name, ": member ", i, " heard all"), func() bool { return len(m.heardNow()) >= n*(len(ms)-1) })
			by := map[byte][]string{}
			for _, s := range m.heardNow() {
				if s != "lost" {
					by[s[len(name)+1]] = append(by[s[len(name)+1]], s)
				}
			}
			for j := range ms {
				var want []string
				for k := range n {
					if j != i {
						want = append(want, fmt.Sprintf("%s %d %03d", name, j, k))
					}
				}
				if diff := cmp.Diff(want, by[byte('0'+j)]); diff != "" {
					t.Errorf("%s: member %d heard of %d (-want +got):\n%s", name, i, j, diff)
				}
			}
		}
	}
	round("all well")
	servers[0].Kill()
	round("one dead")
	for _, m := range ms {
		await(t, "the bus is whole with one server", m.Whole)
	}
	if err := ms[0].Publish(topicBeat, nil); err == nil {
		t.Error("a message on a topic of the bus itself was taken")
	}
}

// stranger publishes frames by hand.
type stranger struct {
	t  *testing.T
	n  *node
	id uint64
}

func (s stranger) says(seq uint64, topic byte, message string) {
	s.t.Helper()
	f := []byte{busVersion}
	f = binary.BigEndian.AppendUint64(f, s.id)
	f = binary.BigEndian.AppendUint64(f, seq)
	f = binary.BigEndian.AppendUint64(f, 0)
	s.raw(append(append(f, topic), message...))
}

func (s stranger) raw(f []byte) {
	s.t.Helper()
	if err := s.n.do(context.Background(), s.n.b().Publish().Channel(busChannel).Message(rueidis.BinaryString(f)).Build()).Error(); err != nil {
		s.t.Fatal(err)
	}
}

// TestBusLoss: a number that does not follow is told as a loss before what comes after it.
func TestBusLoss(t *testing.T) {
	t.Parallel()
	server := testserve.Redis(t)
	m := join(t, server)
	s := stranger{t, m.p.nodes[0], 42}
	s.says(1, 7, "one")
	s.says(2, 7, "two")
	s.says(2, 7, "two again")
	s.says(2, topicBeat, "")
	s.says(4, 7, "four")
	s.says(3, 7, "three, late")
	s.says(6, topicBeat, "") // five and six are missing
	s.says(7, 7, "seven")
	await(t, "all is heard", func() bool { got := m.heardNow(); return len(got) > 0 && got[len(got)-1] == "seven" })
	if diff := cmp.Diff([]string{"one", "two", "lost", "four", "lost", "seven"}, m.heardNow()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	before := m.lossesNow()
	s.raw([]byte("\xffsomething else"))
	await(t, "what cannot be read is a loss", func() bool { return m.lossesNow() > before })

	// It says no more: then something may be missing.
	await(t, "silence is noticed", func() bool { return !m.Whole() })
	before = m.lossesNow()
	s.says(7, topicBeat, "")
	await(t, "it is heard again", m.Whole)
	if m.lossesNow() == before {
		t.Error("after a silence no loss was told")
	}
	// It leaves: nobody waits for it, and its last words over the other server do not bring it back.
	s.says(8, topicBye, "")
	s.says(8, topicBeat, "")
	await(t, "it has left", func() bool {
		m.hear.Lock()
		defer m.hear.Unlock()
		_, left := m.hear.left[42]
		return left && m.hear.peers[42] == nil
	})
	await(t, "the bus is whole without it", m.Whole)
	// Somebody who was never heard, but has said something: it is missing.
	before = m.lossesNow()
	stranger{t, m.p.nodes[0], 43}.says(9, topicBeat, "")
	await(t, "a late acquaintance is a loss", func() bool { return m.lossesNow() > before })
}

// TestBusServersGone: with every server dead, or hung, the members know that
// they may miss something, and are told of the loss when it is over.
func TestBusServersGone(t *testing.T) {
	t.Parallel()
	servers := []*testserve.Server{testserve.Redis(t), testserve.Redis(t)}
	signal := func(sig syscall.Signal) {
		t.Helper()
		for _, s := range servers {
			if err := s.Services().Signal(sig); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, b := join(t, servers...), join(t, servers...)
	for _, c := range []struct {
		name     string
		gone, up func()
	}{
		{"hung", func() { signal(syscall.SIGSTOP) }, func() { signal(syscall.SIGCONT) }},
		{"dead", func() { servers[0].Kill(); servers[1].Kill() }, func() { servers[0].Start(); servers[1].Start() }},
	} {
		await(t, "both are whole", func() bool { return a.Whole() && b.Whole() })
		before := b.lossesNow()
		c.gone()
		_ = a.Publish(7, []byte(c.name))
		await(t, c.name+": both notice", func() bool { return !a.Whole() && !b.Whole() })
		c.up()
		await(t, c.name+": both are whole again", func() bool { return a.Whole() && b.Whole() })
		if b.lossesNow() == before {
			t.Errorf("%s: no loss was told", c.name)
		}
		// It works as before.
		await(t, c.name+": messages come", func() bool {
			if err := a.Publish(7, []byte("after "+c.name)); err != nil {
				return false
			}
			return slices.Contains(b.heardNow(), "after "+c.name)
		})
	}
}

func BenchmarkBusPublish(b *testing.B) {
	p, _ := open(b, 2)
	bus, err := NewBus(p, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer bus.Close()
	message := make([]byte, 20)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_ = bus.Publish(7, message)
		}
	})
}
