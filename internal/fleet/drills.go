package fleet

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Addr is where a member listens, as host:port.
func (f *Fleet) Addr(name string) string { return f.addr(name) }

// Nodes gives the members that are the primary and the standby of a database, as they are now; "" for a primary if
// there is none.
func (f *Fleet) Nodes(database string) (primary, standby string) {
	for _, c := range f.clusters {
		if c.name != database {
			continue
		}
		for _, n := range c.nodes {
			in, err := n.sql(f.ctx, n.conninfo(), "SELECT pg_is_in_recovery()")
			if err == nil && in == "f" {
				return n.name, n.peer.name
			}
		}
	}
	return "", ""
}

// RefusesWrites tries to write to a node, and gives an error if that works.
func (f *Fleet) RefusesWrites(ctx context.Context, name string) error {
	for _, c := range f.clusters {
		for _, n := range c.nodes {
			if n.name != name {
				continue
			}
			_, err := n.sql(ctx, strings.Replace(n.conninfo(), "dbname=repmgr", "dbname=tintype", 1), "CREATE TABLE IF NOT EXISTS public.drill (n int)")
			if err == nil {
				return fmt.Errorf("%s took a write", name)
			}
			if !strings.Contains(err.Error(), "read-only transaction") { // psql gives no codes
				return err
			}
			return nil
		}
	}
	return fmt.Errorf("the fleet has no node %q", name)
}

// AwaitSync waits until every acknowledged write of every database is on its standby, too.
func (f *Fleet) AwaitSync(ctx context.Context) error {
	for {
		alone := ""
		for _, c := range f.clusters {
			state, err := c.nodes[0].sql(ctx, c.other.primaryInfo(), "SELECT state FROM tintype_witness WHERE cluster = '"+c.name+"'")
			if err != nil || state != "sync" {
				alone = c.name
			}
		}
		if alone == "" {
			return nil
		}
		if !pause(ctx, 200*time.Millisecond) {
			return fmt.Errorf("database %s is without a standby: %w", alone, ctx.Err())
		}
	}
}
