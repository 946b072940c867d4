package account

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// How long a principal is believed without asking the directory again. What
// ends credentials in this process ends them here at once; this is for what
// another process ended.
const (
	principalTTL = 5 * time.Second
	unsureTTL    = time.Second // where what another process ended may not be heard of
)

// maxPrincipals bounds one generation of the cache.
const maxPrincipals = 50_000

type tokenHash [32]byte

// principals remembers whom tokens stand for, in two generations: when the
// young one is full it becomes the old one, and what nobody asked for since goes.
type principals struct {
	mu         sync.RWMutex
	epoch      uint64 // counts what was forgotten: see store
	young, old map[tokenHash]*principal
}

type principal struct {
	Principal
	hash    tokenHash
	expires time.Time
	read    time.Time    // believed for a while after that
	seen    atomic.Int64 // Unix seconds
}

func (c *principals) get(h tokenHash, now time.Time, sure bool) *principal {
	c.mu.RLock()
	p := c.young[h]
	if p == nil {
		p = c.old[h]
	}
	c.mu.RUnlock()
	ttl := principalTTL
	if !sure {
		ttl = unsureTTL
	}
	if p == nil || now.Sub(p.read) >= ttl {
		return nil
	}
	return p
}

// began is to be called before a credential is read, and its result given to store.
func (c *principals) began() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.epoch
}

// store remembers p unless something was forgotten since: that might have been
// p's credential, and p the last sight of it.
func (c *principals) store(p *principal, began uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != began {
		return
	}
	if len(c.young) >= maxPrincipals || c.young == nil {
		c.young, c.old = make(map[tokenHash]*principal), c.young
	}
	c.young[p.hash] = p
}

// forget drops credentials by hash.
func (c *principals) forget(ended []tintype.Credential) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for _, e := range ended {
		delete(c.young, tokenHash(e.Hash))
		delete(c.old, tokenHash(e.Hash))
	}
}

// forgetAll drops everything.
func (c *principals) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.young, c.old = nil, nil
}

// forgetUser drops all of a user's.
func (c *principals) forgetUser(user tintype.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for _, m := range []map[tokenHash]*principal{c.young, c.old} {
		for h, p := range m {
			if p.UserID == user {
				delete(m, h)
			}
		}
	}
}
