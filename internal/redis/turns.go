package redis

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/redis/rueidis"
	"github.com/tintype/tintype/internal/tintype"
)

// Turns lets one process at a time do something for a user that the others
// need not do as well; feed builds timelines so. A turn is kept beside the
// user's timeline. It is a courtesy and no lock: it ends after For, or when its
// server is emptied, and then two may do the same.
type Turns struct {
	P   *Pool
	For time.Duration // how long a turn lasts at most; 0 for 10 s
}

// ARGV: whose turn it is to be to be given up.
var scriptDone = newRepeatable(`#!lua
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
`)

// Take gives the caller owner's turn, until done is called or it ends by
// itself. ok is false while somebody else has it.
func (t Turns) Take(ctx context.Context, owner tintype.ID) (done func(), ok bool, err error) {
	n, me := t.P.at(owner), rand.Text()
	key := string(binary.BigEndian.AppendUint64([]byte("turn:"), uint64(owner)))
	long := t.For
	if long == 0 {
		long = 10 * time.Second
	}
	err = n.do(ctx, n.b().Set().Key(key).Value(me).Nx().PxMilliseconds(long.Milliseconds()).Build()).Error()
	if rueidis.IsRedisNil(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, n.wrap("turn.take", err)
	}
	return func() {
		// If this fails it ends by itself, a little later.
		n.eval(context.WithoutCancel(ctx), scriptDone, []string{key}, []string{me})
	}, true, nil
}
