package memcached

import (
	"errors"
	"fmt"

	"github.com/tintype/tintype/internal/tintype"
)

// Flush empties all servers. One that is down is emptied before it is used
// again; the error, Unavailable, tells that there is one.
func (s *Servers) Flush() error {
	var errs []error
	for _, srv := range s.all {
		if err := srv.do(func(c *conn) error { return c.makeUp(nil, true) }); err != nil {
			srv.mu.Lock()
			srv.failLocked(err)
			srv.missLocked(nil, true)
			srv.mu.Unlock()
			errs = append(errs, fmt.Errorf("%s: %w", srv.addr, err))
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "not every memcached server answers; those that do not are emptied when they are back", Err: errors.Join(errs...)}
}
