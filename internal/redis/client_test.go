package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// open gives a pool of n fresh servers, and the servers.
func open(tb testing.TB, n int) (*Pool, []*testserve.Server) {
	tb.Helper()
	var c Config
	var servers []*testserve.Server
	for i := range n {
		s := testserve.Redis(tb)
		servers = append(servers, s)
		// Names, so that where keys are does not depend on the ports of this run.
		c.Servers = append(c.Servers, fmt.Sprintf("r%d=%s", i, s.Addr()))
	}
	return openConfig(tb, c), servers
}

func openConfig(tb testing.TB, c Config) *Pool {
	tb.Helper()
	p, err := Open(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

// await polls until f is true.
func await(tb testing.TB, what string, f func() bool) {
	tb.Helper()
	for end := time.Now().Add(30 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatal("waited in vain until ", what)
		}
	}
}

func set(n *node, key, value string) error {
	return n.wrap("set", n.do(context.Background(), n.b().Set().Key(key).Value(value).Build()).Error())
}

func get(n *node, key string) (string, error) {
	v, err := n.read(context.Background(), n.b().Get().Key(key).Build()).ToString()
	return v, n.wrap("get", err)
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		Config
	}{
		{"nothing", Config{}},
		{"no port", Config{Servers: []string{"localhost"}}},
		{"twice", Config{Servers: []string{"localhost:1", "localhost:1"}}},
		{"one name twice", Config{Servers: []string{"a=localhost:1", "a=localhost:2"}}},
		{"a replica without a port", Config{Servers: []string{"localhost:1"}, Replicas: []string{"localhost"}}},
		{"more replicas than servers", Config{Servers: []string{"localhost:1"}, Replicas: []string{"", "localhost:2"}}},
	} {
		if p, err := Open(c.Config); err == nil || !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("%s: %v, %v", c.name, p, err)
		}
	}
}

// TestServerGoesAndComesBack: while a server is away its calls are Unavailable
// and fail at once; its keys only; and it is used again when it is back.
func TestServerGoesAndComesBack(t *testing.T) {
	t.Parallel()
	p, servers := open(t, 2)
	one, two := p.nodes[0], p.nodes[1]
	for _, n := range p.nodes {
		if err := set(n, "k", "v"); err != nil {
			t.Fatal(err)
		}
	}
	servers[0].Kill()
	await(t, "the server is down", func() bool {
		if _, err := get(one, "k"); !tintype.IsKind(err, tintype.Unavailable) {
			t.Fatalf("a dead server: %v", err)
		}
		return p.Servers()[0].Down
	})
	if v, err := get(two, "k"); err != nil || v != "v" || p.Servers()[1].Down {
		t.Errorf("the other server: %q, %v", v, err)
	}
	for _, r := range one.doMulti(t.Context(), one.b().Ping().Build(), one.b().Ping().Build()) {
		if !errors.Is(r.Error(), errDown) {
			t.Errorf("a call to a server that is down: %v", r.Error())
		}
	}
	// A pool that is opened now starts all the same.
	q := openConfig(t, Config{Servers: []string{servers[0].Addr(), servers[1].Addr()}})
	if s := q.Servers(); !s[0].Down || s[1].Down {
		t.Errorf("opened while one is dead: %+v", s)
	}
	servers[0].Start()
	for _, p := range []*Pool{p, q} {
		await(t, "the server is back", func() bool { return !p.Servers()[0].Down })
		var answer *rueidis.RedisError
		if _, err := get(p.nodes[0], "k"); !errors.As(err, &answer) || !answer.IsNil() {
			t.Errorf("it came back empty, and says %v", err)
		}
	}
}

// TestServerHangs: a server that takes calls and does not answer is as good as dead.
func TestServerHangs(t *testing.T) {
	t.Parallel()
	s := testserve.Redis(t)
	p := openConfig(t, Config{Servers: []string{s.Addr()}, Timeout: 50 * time.Millisecond})
	n := p.nodes[0]
	if err := set(n, "k", "v"); err != nil {
		t.Fatal(err)
	}
	hang := make(chan struct{})
	go func() {
		defer close(hang)
		other := openConfig(t, Config{Servers: []string{s.Addr()}, Timeout: 20 * time.Second})
		other.nodes[0].do(context.Background(), n.b().Arbitrary("DEBUG", "SLEEP", "3").Build())
	}()
	await(t, "calls fail", func() bool {
		_, err := get(n, "k")
		if err != nil && !tintype.IsKind(err, tintype.Unavailable) {
			t.Fatal(err)
		}
		return p.Servers()[0].Down
	})
	<-hang
	await(t, "it is back", func() bool { return !p.Servers()[0].Down })
	await(t, "the value is read", func() bool { v, _ := get(n, "k"); return v == "v" })
}

// A caller that gives up does not make a server look dead.
func TestCallersGiveUp(t *testing.T) {
	t.Parallel()
	p, _ := open(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 * tripAfter {
		err := p.nodes[0].wrap("ping", p.nodes[0].do(ctx, p.nodes[0].b().Ping().Build()).Error())
		if !tintype.IsKind(err, tintype.Unavailable) {
			t.Errorf("given up: %v", err)
		}
	}
	if p.Servers()[0].Down {
		t.Error("the server is taken to be down")
	}
}

// TestReplica: what only reads is answered by the replica while the server is
// dead; writes are not.
func TestReplica(t *testing.T) {
	t.Parallel()
	primary := testserve.Redis(t)
	replica := testserve.Redis(t, "--replicaof", strings.ReplaceAll(primary.Addr(), ":", " "))
	p := openConfig(t, Config{Servers: []string{primary.Addr()}, Replicas: []string{replica.Addr()}})
	n := p.nodes[0]
	if err := set(n, "k", "v"); err != nil {
		t.Fatal(err)
	}
	await(t, "the replica has it", func() bool {
		v, _ := n.replica.do(t.Context(), n.b().Get().Key("k").Build()).ToString()
		return v == "v"
	})
	if err := wrap("x", "set", n.replica.do(t.Context(), n.b().Set().Key("k").Value("w").Build()).Error()); code(err) != "READONLY" || !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("writing to a replica: %v", err)
	}
	primary.Kill()
	s := newScript("return redis.call('GET', KEYS[1])")
	for range 2 * tripAfter {
		if v, err := get(n, "k"); err != nil || v != "v" {
			t.Errorf("the server is dead: %q, %v", v, err)
		}
		if v, err := n.evalRead(t.Context(), s, []string{"k"}, nil).ToString(); err != nil || v != "v" {
			t.Errorf("the server is dead, by a script: %q, %v", v, err)
		}
		if err := set(n, "k", "w"); !tintype.IsKind(err, tintype.Unavailable) {
			t.Errorf("written to a dead server: %v", err)
		}
	}
	if s := p.Servers()[0]; !s.Down || s.ReplicaDown || s.Replica != replica.Addr() {
		t.Errorf("servers: %+v", s)
	}
}

// TestRefusals: what a server refuses for its own trouble may be tried again;
// what is our mistake may not.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := testserve.Redis(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction")
	locked := testserve.Redis(t)
	free := openConfig(t, Config{Servers: []string{locked.Addr()}}).nodes[0]
	if err := free.do(t.Context(), free.b().ConfigSet().ParameterValue().ParameterValue("requirepass", "sesame").Build()).Error(); err != nil {
		t.Fatal(err)
	}
	lockedOut := openConfig(t, Config{Servers: []string{locked.Addr()}})
	if v, err := get(lockedOut.nodes[0], "k"); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("without the password: %q, %v", v, err)
	}
	let := openConfig(t, Config{Servers: []string{locked.Addr()}, Password: "sesame"})
	if err := set(let.nodes[0], "k", "v"); err != nil {
		t.Errorf("with the password: %v", err)
	}
	n := openConfig(t, Config{Servers: []string{s.Addr()}}).nodes[0]
	if err := set(n, "k", "v"); code(err) != "OOM" || !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("a full server: %v", err)
	}
	// A server that cannot write its dump, nor may take writes then.
	stuck := openConfig(t, Config{Servers: []string{testserve.Redis(t, "--dir", "/proc", "--save", "3600 1").Addr()}}).nodes[0]
	if err := stuck.do(t.Context(), stuck.b().Bgsave().Build()).Error(); err != nil {
		t.Fatal(err)
	}
	await(t, "writes are refused", func() bool {
		err := set(stuck, "k", "v")
		if err != nil && !tintype.IsKind(err, tintype.Unavailable) {
			t.Fatal(err)
		}
		return code(err) == "MISCONF"
	})
	// Else it would not let itself be stopped.
	if err := stuck.do(t.Context(), stuck.b().ConfigSet().ParameterValue().ParameterValue("save", "").Build()).Error(); err != nil {
		t.Error(err)
	}
	if err := n.wrap("odd", n.do(t.Context(), n.b().Arbitrary("NOSUCH").Build()).Error()); tintype.KindOf(err) != tintype.Internal || err == nil {
		t.Errorf("a command that does not exist: %v", err)
	}
}

// TestScripts: a server that has forgotten a script is sent it again.
func TestScripts(t *testing.T) {
	t.Parallel()
	p, servers := open(t, 1)
	n := p.nodes[0]
	s := newRepeatable("return {KEYS[1], ARGV[1]}")
	check := func() {
		t.Helper()
		calls := make([]call, 5)
		for i := range calls {
			calls[i] = call{keys: []string{fmt.Sprint("k", i)}, args: []string{fmt.Sprint("a", i)}}
		}
		for i, r := range n.evalMany(t.Context(), s, calls) {
			got, err := r.AsStrSlice()
			if err != nil || len(got) != 2 || got[0] != calls[i].keys[0] || got[1] != calls[i].args[0] {
				t.Errorf("call %d: %q, %v", i, got, err)
			}
		}
		got, err := n.evalRead(t.Context(), s, []string{"k"}, []string{"a"}).AsStrSlice()
		if err != nil || len(got) != 2 {
			t.Errorf("read: %q, %v", got, err)
		}
	}
	check()
	check()
	if err := n.do(t.Context(), n.b().ScriptFlush().Build()).Error(); err != nil {
		t.Fatal(err)
	}
	check()
	servers[0].Kill()
	servers[0].Start()
	await(t, "it is used again", func() bool { return n.do(t.Context(), n.b().Ping().Build()).Error() == nil })
	check()
}
