package redis

import (
	"context"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/tintype/tintype/internal/tintype"
)

// Writes tells all processes who changed something of late, so that none shows
// them what a replica still has from before. It implements sqlstore.Tokens.
type Writes struct{ P *Pool }

func writesKey(user tintype.ID) string {
	return string(binary.BigEndian.AppendUint64([]byte("wrote:"), uint64(user)))
}

// Note implements sqlstore.Tokens.
func (w Writes) Note(ctx context.Context, user tintype.ID, mark int64, keep time.Duration) error {
	n := w.P.at(user)
	return n.wrap("writes.note", n.do(ctx, n.b().Set().Key(writesKey(user)).Value(strconv.FormatInt(mark, 36)).PxMilliseconds(keep.Milliseconds()).Build()).Error())
}

// Mark implements sqlstore.Tokens.
func (w Writes) Mark(ctx context.Context, user tintype.ID) (int64, error) {
	n := w.P.at(user)
	text, err := n.do(ctx, n.b().Get().Key(writesKey(user)).Build()).ToString()
	if rueidis.IsRedisNil(err) {
		return 0, nil
	}
	if err != nil {
		return 0, n.wrap("writes.mark", err)
	}
	mark, err := strconv.ParseInt(text, 36, 64)
	return mark, n.wrap("writes.mark", err)
}
