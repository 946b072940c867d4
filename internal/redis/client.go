package redis

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
	"github.com/tintype/tintype/internal/tintype"
)

// Config says which servers there are.
type Config struct {
	// Servers are the servers that are written to, "host:port" or
	// "name=host:port". The name (host:port, where none is given) places keys:
	// a server keeps its keys when its address changes and its name does not.
	// The order does not matter.
	Servers []string

	// Replicas are the addresses of the servers' replicas, aligned with
	// Servers, "" where there is none; it may be shorter. They are read from
	// where that is good enough, while their server is down.
	Replicas []string

	Username, Password string // for AUTH; empty where the servers ask for none

	Log *slog.Logger // tells of servers that go down and come back; may be nil

	Timeout time.Duration // how long one call to one server may take; 0 for 1 s
}

// Pool is the clients of all servers. Make it with [Open].
type Pool struct {
	nodes []*node
	ring  ring
}

// node is one server and its replica.
type node struct {
	name    string
	primary *link
	replica *link // nil where there is none
}

// Open makes a Pool. A server that cannot be reached is not an error: it is
// down until it answers. What is an error is no server at all, or a wrong or
// repeated name or address.
func Open(c Config) (*Pool, error) {
	if len(c.Servers) == 0 {
		return nil, tintype.Errorf(tintype.Invalid, "no Redis server is named")
	}
	if len(c.Replicas) > len(c.Servers) {
		return nil, tintype.Errorf(tintype.Invalid, "there are more Redis replicas than servers")
	}
	c.Timeout = cmp.Or(c.Timeout, time.Second)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	p := &Pool{}
	var names []string
	seen := map[string]bool{}
	for i, s := range c.Servers {
		name, addr, named := strings.Cut(s, "=")
		if !named {
			name, addr = s, s
		}
		if err := checkAddress(addr); err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, tintype.Errorf(tintype.Invalid, "the Redis server %s is named twice", name)
		}
		seen[name] = true
		names = append(names, name)
		n := &node{name: name, primary: newLink(c, addr)}
		if i < len(c.Replicas) && c.Replicas[i] != "" {
			if err := checkAddress(c.Replicas[i]); err != nil {
				return nil, err
			}
			n.replica = newLink(c, c.Replicas[i])
		}
		p.nodes = append(p.nodes, n)
	}
	p.ring = newRing(names)
	// All at the same time: each that is down takes a second to notice.
	var wg sync.WaitGroup
	links := p.links()
	errs := make([]error, len(links))
	for i, l := range links {
		wg.Go(func() { errs[i] = l.connect() })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		p.Close()
		return nil, &tintype.Error{Kind: tintype.Internal, Msg: "the Redis client could not be made", Err: err}
	}
	return p, nil
}

func checkAddress(addr string) error {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return &tintype.Error{Kind: tintype.Invalid, Msg: "the Redis server " + addr + " should be host:port", Err: err}
	}
	return nil
}

func (p *Pool) links() []*link {
	var all []*link
	for _, n := range p.nodes {
		all = append(all, n.primary)
		if n.replica != nil {
			all = append(all, n.replica)
		}
	}
	return all
}

// Close gives the connections up. Calls under way fail.
func (p *Pool) Close() {
	for _, l := range p.links() {
		l.close()
	}
}

// Server tells how one server is.
type Server struct {
	Name, Address, Replica string // Replica is empty where there is none
	Down, ReplicaDown      bool   // calls fail at once
}

// Servers gives all servers, in the order of the configuration.
func (p *Pool) Servers() []Server {
	out := make([]Server, len(p.nodes))
	for i, n := range p.nodes {
		out[i] = Server{Name: n.name, Address: n.primary.addr, Down: n.primary.down.Load()}
		if n.replica != nil {
			out[i].Replica, out[i].ReplicaDown = n.replica.addr, n.replica.down.Load()
		}
	}
	return out
}

// at is the node of what is kept under an ID, usually a user's.
func (p *Pool) at(id tintype.ID) *node { return p.nodes[p.ring.pick(hashID(id))] }

// atKey is the node of what is kept under a name.
func (p *Pool) atKey(key string) *node { return p.nodes[p.ring.pick(hashString(key))] }

// share is what one node has of a list of IDs.
type share struct {
	*node
	ids []tintype.ID
}

// byNode groups ids by where they are kept.
func (p *Pool) byNode(ids []tintype.ID) []share {
	if len(p.nodes) == 1 {
		if len(ids) == 0 {
			return nil
		}
		return []share{{p.nodes[0], ids}}
	}
	shares := make([]share, len(p.nodes))
	for _, id := range ids {
		i := p.ring.pick(hashID(id))
		shares[i].ids = append(shares[i].ids, id)
	}
	some := shares[:0]
	for i, s := range shares {
		if len(s.ids) > 0 {
			some = append(some, share{p.nodes[i], s.ids})
		}
	}
	return some
}

// each calls f for every share, at the same time, and joins the errors.
func each(shares []share, f func(s share) error) error {
	if len(shares) == 1 {
		return f(shares[0])
	}
	errs := make([]error, len(shares))
	var wg sync.WaitGroup
	for i, s := range shares {
		wg.Go(func() { errs[i] = f(s) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// b builds commands.
func (n *node) b() rueidis.Builder { return n.primary.c.B() }

// do runs one command; see [link.do].
func (n *node) do(ctx context.Context, cmd rueidis.Completed) rueidis.RedisResult {
	return n.primary.do(ctx, cmd)
}

// doMulti runs commands in one pipeline, in order; see [link.doMulti].
func (n *node) doMulti(ctx context.Context, cmds ...rueidis.Completed) []rueidis.RedisResult {
	return n.primary.doMulti(ctx, cmds...)
}

// read runs a command that only reads: at the replica if the server cannot be
// reached, whose answer may be older.
func (n *node) read(ctx context.Context, cmd rueidis.Completed) rueidis.RedisResult {
	if n.replica == nil {
		return n.primary.do(ctx, cmd)
	}
	cmd = cmd.Pin() // else it would be taken back after the first use
	r := n.primary.do(ctx, cmd)
	if ctx.Err() == nil && isDown(r.Error()) {
		return n.replica.do(ctx, cmd)
	}
	return r
}

// wrap translates an error of this node's; what is no error, nil from Redis
// included, must have been dealt with. op names the call, for logs.
func (n *node) wrap(op string, err error) error { return wrap(n.name, op, err) }
