package memcached

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxIdle    = 32                     // connections kept to one server
	retryEvery = 250 * time.Millisecond // how often one that is down is tried
	maxMissed  = 100_000                // deletes that are remembered for one; beyond, it is flushed
	leaseTTL   = 10                     // seconds for which a lease keeps others waiting; longer than any load takes
)

// server is one memcached. While it is down nobody waits for it: what would be
// read is missing, and what would be deleted is remembered, and deleted before
// this process believes anything that the server says again.
type server struct {
	addr    string
	timeout time.Duration
	log     func(msg string, args ...any)

	mu     sync.Mutex
	idle   []*conn
	down   bool
	closed bool
	missed map[string]struct{} // keys whose delete did not arrive; only while down
	flush  bool                // there were too many
	timer  *time.Timer         // runs while down
}

// conn is one connection. A server that was started anew counts its cas numbers
// anew: a lease is good only on connections to the incarnation that gave it.
type conn struct {
	net.Conn
	r     *bufio.Reader
	buf   []byte // of requests
	life  string
	fresh bool // not used before
}

var errDown = errors.New("the server is down")

// do runs one exchange of requests and replies. The exchange may run twice: a
// connection that was left idle may have died since.
func (s *server) do(exchange func(c *conn) error) error {
	for {
		c, err := s.get()
		if err != nil {
			return err
		}
		stale := !c.fresh
		c.fresh = false
		if err = c.SetDeadline(time.Now().Add(s.timeout)); err == nil {
			err = exchange(c)
		}
		if err == nil {
			s.put(c)
			return nil
		}
		c.Close()
		var ne net.Error
		if stale && !(errors.As(err, &ne) && ne.Timeout()) {
			s.closeIdle() // they are as old
			continue
		}
		s.fail(err)
		return err
	}
}

func (s *server) get() (*conn, error) {
	s.mu.Lock()
	if s.down || s.closed {
		s.mu.Unlock()
		return nil, errDown
	}
	if n := len(s.idle); n > 0 {
		c := s.idle[n-1]
		s.idle[n-1] = nil
		s.idle = s.idle[:n-1]
		s.mu.Unlock()
		return c, nil
	}
	s.mu.Unlock()
	c, err := s.dial()
	if err != nil {
		s.fail(err)
	}
	return c, err
}

func (s *server) put(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down || s.closed || len(s.idle) >= maxIdle {
		c.Close()
		return
	}
	s.idle = append(s.idle, c)
}

func (s *server) closeIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeIdleLocked()
}

func (s *server) closeIdleLocked() {
	for _, c := range s.idle {
		c.Close()
	}
	s.idle = nil
}

// dial connects, and asks which incarnation it is that answers.
func (s *server) dial() (*conn, error) {
	nc, err := net.DialTimeout("tcp", s.addr, s.timeout)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: nc, r: bufio.NewReaderSize(nc, 16<<10), fresh: true}
	if err = c.SetDeadline(time.Now().Add(s.timeout)); err == nil {
		c.life, err = c.incarnation()
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return c, nil
}

// incarnation names the server since it was started: by its process and when
// that began. It stays when the server is flushed.
func (c *conn) incarnation() (string, error) {
	if _, err := c.Write([]byte("stats\r\n")); err != nil {
		return "", err
	}
	var pid string
	var now, uptime int64
	for {
		line, err := c.line()
		if err != nil {
			return "", err
		}
		name, value, _ := strings.Cut(strings.TrimPrefix(string(line), "STAT "), " ")
		switch name {
		case "pid":
			pid = value
		case "time":
			now, err = strconv.ParseInt(value, 10, 64)
		case "uptime":
			uptime, err = strconv.ParseInt(value, 10, 64)
		case "END":
			// Both advance together, so their difference is when it began.
			return fmt.Sprintf("%s %d", pid, now-uptime), nil
		default:
			if !strings.HasPrefix(string(line), "STAT ") {
				return "", protocolError(line)
			}
		}
		if err != nil {
			return "", protocolError(line)
		}
	}
}

// fail takes the server for down until it answers again.
func (s *server) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failLocked(err)
}

func (s *server) failLocked(err error) {
	if s.down || s.closed {
		return
	}
	s.log("memcached is down", "server", s.addr, "error", err)
	s.down = true
	s.closeIdleLocked()
	s.timer = time.AfterFunc(retryEvery, s.probe)
}

// probe tries whether a server that is down answers, and makes up for the
// deletes that it missed before anybody uses it.
func (s *server) probe() {
	c, err := s.dial()
	for err == nil {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			c.Close()
			return
		}
		if len(s.missed) == 0 && !s.flush {
			s.down = false
			s.idle = append(s.idle, c)
			s.mu.Unlock()
			s.log("memcached is up again", "server", s.addr)
			return
		}
		missed, flush := s.missed, s.flush
		s.missed, s.flush = nil, false
		s.mu.Unlock()
		if err = c.SetDeadline(time.Now().Add(s.timeout + time.Second)); err == nil {
			err = c.makeUp(missed, flush)
		}
		if err != nil {
			c.Close()
			s.mu.Lock()
			s.missLocked(missed, flush)
			s.mu.Unlock()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.timer = time.AfterFunc(retryEvery, s.probe)
	}
}

func (c *conn) makeUp(missed map[string]struct{}, flush bool) error {
	if flush {
		if _, err := c.Write([]byte("flush_all\r\n")); err != nil {
			return err
		}
		if line, err := c.line(); err != nil || string(line) != "OK" {
			return fmt.Errorf("flush_all: %q %w", line, err)
		}
		return nil
	}
	keys := make([][]byte, 0, len(missed))
	for k := range missed {
		keys = append(keys, []byte(k))
	}
	return c.deleteAll(keys)
}

// missLocked remembers deletes that did not arrive.
func (s *server) missLocked(keys map[string]struct{}, flush bool) {
	if s.missed == nil {
		s.missed = map[string]struct{}{}
	}
	for k := range keys {
		s.missed[k] = struct{}{}
	}
	if s.flush = s.flush || flush || len(s.missed) > maxMissed; s.flush {
		s.missed = nil
	}
}

// delete deletes keys, or remembers to: then ok is false.
func (s *server) delete(keys [][]byte) (ok bool) {
	err := s.do(func(c *conn) error { return c.deleteAll(keys) })
	if err == nil {
		return true
	}
	missed := make(map[string]struct{}, len(keys))
	for _, k := range keys {
		missed[string(k)] = struct{}{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// It may have come back meanwhile; it must not be used before it has these.
	s.failLocked(err)
	s.missLocked(missed, false)
	return false
}

// missIfDown is delete for a server that is down already, without asking it; false if it is not.
func (s *server) missIfDown(keys [][]byte) bool {
	missed := make(map[string]struct{}, len(keys))
	for _, k := range keys {
		missed[string(k)] = struct{}{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		s.missLocked(missed, false)
	}
	return s.down
}

func (s *server) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.closeIdleLocked()
	if s.timer != nil {
		s.timer.Stop()
	}
}

// The commands are those of the meta protocol (memcached's doc/protocol.txt,
// "Meta Commands"; since 1.6).

// item is what a server holds of a key.
type item struct {
	value []byte // valid until the next reply is read; empty for a lease
	cas   uint64 // 0 for nothing
	won   bool   // the lease is ours
}

// line reads a reply's line, without its end.
func (c *conn) line() ([]byte, error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line, []byte("\r\n")), nil
}

func protocolError(line []byte) error {
	return fmt.Errorf("memcached answered %q", line)
}

// item reads the reply to mg.
func (c *conn) item() (it item, err error) {
	line, err := c.line()
	if err != nil {
		return it, err
	}
	if bytes.HasPrefix(line, []byte("EN")) || bytes.HasPrefix(line, []byte("SERVER_ERROR")) {
		return it, nil // not there, or no room for a lease
	}
	rest, ok := bytes.CutPrefix(line, []byte("VA "))
	if !ok {
		return it, protocolError(line)
	}
	field, rest, _ := bytes.Cut(rest, []byte(" "))
	size, err := strconv.ParseUint(string(field), 10, 30)
	if err != nil {
		return it, protocolError(line)
	}
	for len(rest) > 0 {
		field, rest, _ = bytes.Cut(rest, []byte(" "))
		switch {
		case len(field) == 0:
		case field[0] == 'c':
			if it.cas, err = strconv.ParseUint(string(field[1:]), 10, 64); err != nil {
				return it, protocolError(line)
			}
		case field[0] == 'W':
			it.won = true
		}
	}
	it.value, err = c.take(int(size))
	return it, err
}

// take reads size bytes and the end of the line after them.
func (c *conn) take(size int) ([]byte, error) {
	var b []byte
	var err error
	if size+2 <= c.r.Size() {
		if b, err = c.r.Peek(size + 2); err == nil {
			_, err = c.r.Discard(size + 2)
		}
	} else {
		b = make([]byte, size+2)
		for n := 0; n < len(b) && err == nil; {
			var m int
			m, err = c.r.Read(b[n:])
			n += m
		}
	}
	if err != nil {
		return nil, err
	}
	if !bytes.HasSuffix(b, []byte("\r\n")) {
		return nil, protocolError(b[size:])
	}
	return b[:size], nil
}

// getAll reads keys, taking a lease on each that is missing.
func (c *conn) getAll(keys [][]byte, each func(i int, it item)) error {
	b := c.buf[:0]
	for _, k := range keys {
		b = append(append(append(b, "mg "...), k...), " v c N"...)
		b = append(strconv.AppendInt(b, leaseTTL, 10), "\r\n"...)
	}
	c.buf = b
	if _, err := c.Write(b); err != nil {
		return err
	}
	for i := range keys {
		it, err := c.item()
		if err != nil {
			return err
		}
		each(i, it)
	}
	return nil
}

// deleteAll deletes keys, there or not.
func (c *conn) deleteAll(keys [][]byte) error {
	// The replies are few and short, for they are asked not to come: they fit into the buffers between.
	b := c.buf[:0]
	for _, k := range keys {
		b = append(append(append(b, "md "...), k...), " q\r\n"...)
	}
	c.buf = append(b, "mn\r\n"...)
	if _, err := c.Write(c.buf); err != nil {
		return err
	}
	for {
		line, err := c.line()
		switch {
		case err != nil:
			return err
		case string(line) == "MN":
			return nil
		case string(line) != "NF":
			return protocolError(line)
		}
	}
}

// entry is a value to be stored, or a lease to be given back (an empty value).
type entry struct {
	key   []byte
	value []byte
	lease lease
}

// lease is the right to store a value.
type lease struct {
	cas  uint64
	life string
}

// storeAll stores entries whose leases are still good, and gives back the others.
func (c *conn) storeAll(entries []entry, ttl int64) error {
	b := c.buf[:0]
	n := 0
	for _, e := range entries {
		if e.lease.life != c.life {
			continue
		}
		n++
		if len(e.value) == 0 {
			b = append(append(append(b, "md "...), e.key...), " C"...)
			b = append(strconv.AppendUint(b, e.lease.cas, 10), "\r\n"...)
			continue
		}
		b = append(append(append(b, "ms "...), e.key...), ' ')
		b = append(strconv.AppendInt(b, int64(len(e.value)), 10), " C"...)
		b = append(strconv.AppendUint(b, e.lease.cas, 10), " T"...)
		b = append(strconv.AppendInt(b, ttl, 10), "\r\n"...)
		b = append(append(b, e.value...), "\r\n"...)
	}
	if c.buf = b; cap(b) > 1<<20 {
		c.buf = nil
	}
	if n == 0 {
		return nil
	}
	if _, err := c.Write(b); err != nil {
		return err
	}
	for range n {
		line, err := c.line()
		if err != nil {
			return err
		}
		// Stored; the lease has ended (EX, NF); or there is no room.
		ok := false
		for _, p := range []string{"HD", "EX", "NF", "NS", "SERVER_ERROR"} {
			ok = ok || bytes.HasPrefix(line, []byte(p))
		}
		if !ok {
			return protocolError(line)
		}
	}
	return nil
}
