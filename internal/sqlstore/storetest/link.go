package storetest

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// Link stands between the tested process and a database, and can fail as the
// network and machines do.
type Link struct {
	DSN string // through the link

	mu     sync.Mutex
	state  linkState
	target string
	open   map[net.Conn]bool
	wake   *sync.Cond
	ended  bool
}

type linkState int

const (
	passing linkState = iota
	cut
	stalled
)

// NewLink makes a link to the database of dsn.
func NewLink(t testing.TB, dsn string) *Link {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Link{target: u.Host, open: map[net.Conn]bool{}}
	l.wake = sync.NewCond(&l.mu)
	u.Host = ln.Addr().String()
	l.DSN = u.String()
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { l.serve(c) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		l.mu.Lock()
		l.ended = true
		l.mu.Unlock()
		l.set(cut)
		wg.Wait()
	})
	return l
}

// Cut ends all connections, and new ones at once: the server has been killed.
func (l *Link) Cut() { l.set(cut) }

// Stall lets nothing through any more, and tells nobody: the server is frozen, or its network gone.
func (l *Link) Stall() { l.set(stalled) }

// Mend makes the link good again.
func (l *Link) Mend() { l.set(passing) }

func (l *Link) set(s linkState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = s
	if s != stalled { // what was stalled does not come back to life
		for c := range l.open {
			c.Close()
		}
	}
	l.wake.Broadcast()
}

func (l *Link) serve(client net.Conn) {
	defer client.Close()
	if !l.add(client) {
		return
	}
	defer l.remove(client)
	if !l.passes() {
		return
	}
	server, err := net.Dial("tcp", l.target)
	if err != nil {
		return
	}
	defer server.Close()
	if !l.add(server) {
		return
	}
	defer l.remove(server)
	done := make(chan struct{})
	go func() {
		l.copy(server, client)
		close(done)
	}()
	l.copy(client, server)
	client.Close()
	server.Close()
	<-done
}

func (l *Link) copy(to, from net.Conn) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if n > 0 && l.passes() {
			if _, err := to.Write(b[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	to.Close()
}

// passes waits while the link is stalled, and tells whether it was not.
func (l *Link) passes() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.state
	for l.state == stalled && !l.ended {
		l.wake.Wait()
	}
	return was == passing
}

func (l *Link) add(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == cut || l.ended {
		return false
	}
	l.open[c] = true
	return true
}

func (l *Link) remove(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
}
