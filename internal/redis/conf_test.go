package redis

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/tintype/tintype/deploy"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// settings gives a file of deploy/redis as arguments of redis-server.
func settings(t *testing.T, name string) []string {
	t.Helper()
	text, err := fs.ReadFile(deploy.Files, "redis/"+name)
	if err != nil {
		t.Fatal(err)
	}
	var args []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, _ := strings.Cut(line, " ")
		args = append(args, "--"+name, strings.Trim(value, `"`))
	}
	return args
}

// TestDeployedSettings: Redis takes the files in deploy/, the primary keeps
// nothing on disk and the replica does, and what is to be packed is packed on both.
func TestDeployedSettings(t *testing.T) {
	t.Parallel()
	primary := testserve.Redis(t, settings(t, "primary.conf")...)
	replica := testserve.Redis(t, append(settings(t, "replica.conf"), "--replicaof", strings.ReplaceAll(primary.Addr(), ":", " "))...)
	p := openConfig(t, Config{Servers: []string{primary.Addr()}, Replicas: []string{replica.Addr()}})
	n := p.nodes[0]
	s, m := Timelines{P: p, Kind: timeline.Home}, KeyMap{P: p}
	if err := s.Replace(t.Context(), 1, full(timeline.Max)); err != nil {
		t.Fatal(err)
	}
	// Whole buckets; the second is 127 as well.
	var keys []string
	for i := range 2 * inBucket {
		keys = append(keys, tintype.ID(i+inBucket).String())
	}
	m.keep(t.Context(), "x", keys, full(len(keys)))
	await(t, "the replica has it all", func() bool {
		count, _ := n.replica.do(t.Context(), n.b().Dbsize().Build()).AsInt64()
		return count == 3
	})
	for _, l := range []*link{n.primary, n.replica} {
		for key, want := range map[string]string{s.key(1): "quicklist", m.slot("x", "127").bucket: "listpack", m.slot("x", "300").bucket: "listpack"} {
			if got, err := l.do(t.Context(), n.b().ObjectEncoding().Key(key).Build()).ToString(); err != nil || got != want {
				t.Errorf("%s is kept as %s (%v), want %s", key, got, err, want)
			}
		}
	}
	for _, c := range []struct {
		link       *link
		name, want string
	}{
		{n.primary, "save", ""}, {n.replica, "save", "60 1"},
		{n.primary, "appendonly", "no"},
		{n.primary, "maxmemory-policy", "allkeys-lru"},
		{n.replica, "replica-priority", "0"},
	} {
		got, err := c.link.do(t.Context(), n.b().ConfigGet().Parameter(c.name).Build()).AsStrMap()
		if err != nil || got[c.name] != c.want {
			t.Errorf("%s at %s is %q (%v), want %q", c.name, c.link.addr, got[c.name], err, c.want)
		}
	}
}
