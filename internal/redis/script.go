package redis

import (
	"context"
	"crypto/sha1"
	"encoding/hex"

	"github.com/redis/rueidis"
)

// script is a Lua program that a server runs as one step: nothing else happens
// between its commands. Servers know it by its SHA-1 once it was sent to them;
// one that was restarted or flushed has forgotten it and is sent it again.
type script struct {
	source, sha string
	repeatable  bool
}

func newScript(source string) script {
	sum := sha1.Sum([]byte(source))
	return script{source: source, sha: hex.EncodeToString(sum[:])}
}

// newRepeatable makes a script that does no harm when it runs twice. So it is
// sent once more if the connection turns out to be broken, as those to a server
// that was restarted do.
func newRepeatable(source string) script {
	s := newScript(source)
	s.repeatable = true
	return s
}

// call is what one run of a script is given.
type call struct {
	keys, args []string
}

func (s script) cmd(b rueidis.Builder, c call) rueidis.Completed {
	cmd := b.Evalsha().Sha1(s.sha).Numkeys(int64(len(c.keys))).Key(c.keys...).Arg(c.args...).Build()
	if s.repeatable {
		return cmd.ToRetryable()
	}
	return cmd
}

// readCmd may be run by a replica; the script must not write.
func (s script) readCmd(b rueidis.Builder, c call) rueidis.Completed {
	return b.EvalshaRo().Sha1(s.sha).Numkeys(int64(len(c.keys))).Key(c.keys...).Arg(c.args...).Build()
}

// eval runs s at n.
func (n *node) eval(ctx context.Context, s script, keys, args []string) rueidis.RedisResult {
	return n.evalMany(ctx, s, []call{{keys, args}})[0]
}

// evalMany runs s once for each of calls, in order, in one pipeline. There is
// one result for each.
func (n *node) evalMany(ctx context.Context, s script, calls []call) []rueidis.RedisResult {
	if len(calls) == 0 {
		return nil
	}
	cmds := make([]rueidis.Completed, len(calls))
	for i, c := range calls {
		cmds[i] = s.cmd(n.b(), c)
	}
	out := n.doMulti(ctx, cmds...)
	var again []int
	for i, r := range out {
		if code(r.Error()) == "NOSCRIPT" {
			again = append(again, i)
		}
	}
	if len(again) == 0 {
		return out
	}
	cmds = append(cmds[:0], n.b().ScriptLoad().Script(s.source).Build().ToRetryable())
	for _, i := range again {
		cmds = append(cmds, s.cmd(n.b(), calls[i]))
	}
	for i, r := range n.doMulti(ctx, cmds...)[1:] {
		out[again[i]] = r
	}
	return out
}

// evalRead runs a script that only reads, at the replica if the server is down.
func (n *node) evalRead(ctx context.Context, s script, keys, args []string) rueidis.RedisResult {
	c := call{keys, args}
	r := n.read(ctx, s.readCmd(n.b(), c))
	if code(r.Error()) != "NOSCRIPT" {
		return r
	}
	// The source itself: it is not known which of the two servers answered.
	return n.read(ctx, n.b().EvalRo().Script(s.source).Numkeys(int64(len(keys))).Key(keys...).Arg(args...).Build())
}
