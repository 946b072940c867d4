package sqlstore

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Tokens tells other processes who changed something of late. redis.Writes
// implements it.
type Tokens interface {
	// Note keeps a mark of user's for a while.
	Note(ctx context.Context, user tintype.ID, mark int64, keep time.Duration) error
	// Mark gives the last one, 0 for none.
	Mark(ctx context.Context, user tintype.ID) (mark int64, err error)
}

// Writes knows who changed something of late, so that they are not shown what
// it was before: a replica answers them only when it has got as far as the
// primary was when they first asked after the change. Make it with NewWrites.
type Writes struct {
	tokens Tokens // nil where there is one process

	mu     sync.Mutex
	users  map[tintype.ID]*wrote
	tidyAt int // how many users there are when the old ones are looked for
}

// wrote is the last change of a user.
type wrote struct {
	mark int64
	at   time.Time
	need map[place]int64 // how far a replica must be
}

type place struct {
	db     *DB
	schema string
}

// NewWrites makes a Writes; tokens is nil where no other process is to know.
func NewWrites(tokens Tokens) *Writes {
	return &Writes{tokens: tokens, users: map[tintype.ID]*wrote{}, tidyAt: maxWriters}
}

// Share has other processes know by tokens from now on.
func (w *Writes) Share(tokens Tokens) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tokens = tokens
}

// Note says that user may have changed something, anywhere. Call it after the
// commit and before the user hears of it.
func (w *Writes) Note(ctx context.Context, user tintype.ID) {
	mark := rand.Int64N(1<<62) + 1
	w.remember(user, mark)
	w.mu.Lock()
	tokens := w.tokens
	w.mu.Unlock()
	if tokens == nil {
		return
	}
	// If this fails the others cannot ask either, most likely, and read the primary.
	if tokens.Note(ctx, user, mark, rememberWrites) != nil {
		_ = tokens.Note(ctx, user, mark, rememberWrites)
	}
}

// maxWriters is how many users are remembered, at least, before the old ones are looked for.
const maxWriters = 10_000

func (w *Writes) remember(user tintype.ID, mark int64) *wrote {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.users) >= w.tidyAt {
		for u, x := range w.users {
			if time.Since(x.at) > rememberWrites {
				delete(w.users, u)
			}
		}
		// Where more than that write all the time, looking at each of them for every write would take longer than the writes.
		w.tidyAt = max(maxWriters, 2*len(w.users))
	}
	x := &wrote{mark: mark, at: time.Now(), need: map[place]int64{}}
	w.users[user] = x
	return x
}

// need gives how far a replica must be to answer reader's questions about h; 0 for anywhere.
func (w *Writes) need(ctx context.Context, h Home, reader tintype.ID) (int64, error) {
	w.mu.Lock()
	x, tokens := w.users[reader], w.tokens
	w.mu.Unlock()
	if x != nil && time.Since(x.at) > rememberWrites {
		x = nil
	}
	if tokens != nil {
		mark, err := tokens.Mark(ctx, reader)
		if err != nil {
			return 0, err
		}
		if mark != 0 && (x == nil || x.mark != mark) {
			x = w.remember(reader, mark) // by another process
		}
	}
	if x == nil {
		return 0, nil
	}
	at := place{h.DB, h.Schema}
	w.mu.Lock()
	need, known := x.need[at]
	w.mu.Unlock()
	if known {
		return need, nil
	}
	var there bool
	err := h.DB.guard(ctx, "position", func(ctx context.Context) (err error) {
		need, there, err = h.DB.Dialect.Position(ctx, h.DB.read, h.Schema)
		return err
	})
	if err != nil {
		return 0, err
	}
	if !there { // the shard moved away: only the primary can tell
		return 1<<63 - 1, nil
	}
	w.mu.Lock()
	x.need[at] = need
	w.mu.Unlock()
	return need, nil
}
