package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// bell tells workers, by the notification that River's own inserts send, that
// there is something in a queue. It rings after the commit, once for all that
// was committed meanwhile: PostgreSQL lets only one transaction with a
// notification commit at a time, the wait for disk and standby included, so
// writes that carried their own would queue up behind each other. Who dies
// between commit and ring leaves the job to the next look into the queue.
type bell struct {
	pool *pgxpool.Pool

	mu      sync.Mutex
	pending map[string]bool // queues
	ringing bool
	closed  bool
	done    sync.WaitGroup
}

const (
	ringEvery = 10 * time.Millisecond // at most; workers look no more often
	ringFor   = 2 * time.Second       // for one ring
)

// ring says that jobs were committed to queues. It does not wait.
func (b *bell) ring(queues []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	for _, q := range queues {
		b.pending[q] = true
	}
	if !b.ringing {
		b.ringing = true
		b.done.Go(b.work)
	}
}

// work rings until nothing is pending.
func (b *bell) work() {
	for {
		b.mu.Lock()
		queues := make([]string, 0, len(b.pending))
		for q := range b.pending {
			queues = append(queues, q)
		}
		clear(b.pending)
		if len(queues) == 0 {
			b.ringing = false
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), ringFor)
		// Nothing is to be kept, so nothing is waited for. A ring that fails is made up for by the next look.
		_, _ = b.pool.Exec(ctx, `SELECT set_config('synchronous_commit', 'off', true), pg_notify('public.river_insert', '{"queue": "' || q || '"}') FROM unnest($1::text[]) q`, queues)
		cancel()
		time.Sleep(ringEvery)
	}
}

// close rings for the last time.
func (b *bell) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.done.Wait()
}
