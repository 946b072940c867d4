package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tintype/tintype/internal/sqlstore/postgres"
)

// DatabaseStatus is how the servers of one database stand.
type DatabaseStatus struct {
	Name      string            `json:"name"`
	Directory bool              `json:"directory"` // it holds the directory
	Nodes     []postgres.Node   `json:"nodes"`
	Witness   *postgres.Witness `json:"witness,omitempty"`       // nil for a fleet of one database
	NoWitness string            `json:"witness_error,omitempty"` // why nothing is known of it
	Trouble   []string          `json:"trouble,omitempty"`       // what an operator should do something about
}

// DatabaseStatuses asks all servers of all databases of a fleet how they stand.
func (c Config) DatabaseStatuses(ctx context.Context) ([]DatabaseStatus, error) {
	if c.Fleet.KeepsHere() {
		return nil, errors.New("this site has its database in a file: there are no servers to ask")
	}
	var out []DatabaseStatus
	for i, d := range c.Fleet.Databases {
		s := DatabaseStatus{Name: d.Name, Directory: i == 0}
		var err error
		if s.Nodes, err = postgres.Nodes(ctx, d.past()); err != nil {
			return nil, fmt.Errorf("database %s: %w", d.Name, err)
		}
		if w := c.Fleet.witness(i); w != "" {
			if found, err := postgres.AskWitness(ctx, w, d.Name); err != nil {
				s.NoWitness = err.Error()
			} else {
				s.Witness = &found
			}
		}
		s.Trouble = trouble(&s)
		out = append(out, s)
	}
	return out, nil
}

// trouble tells what is not as it should be.
func trouble(s *DatabaseStatus) (out []string) {
	var primaries []string
	standby := false
	for _, n := range s.Nodes {
		switch {
		case n.Error != "":
			out = append(out, n.Addr+" does not answer")
		case n.Primary:
			primaries = append(primaries, n.Name)
			for _, r := range n.Standbys {
				standby = standby || r.Sync == "sync" && r.State == "streaming"
			}
			if n.Sync == "" && len(s.Nodes) > 1 {
				out = append(out, "writes are acknowledged without a standby")
			}
			for _, slot := range n.Slots {
				if !slot.Active && slot.Kept > 1<<30 {
					out = append(out, fmt.Sprintf("slot %s is not used and keeps %d MB of WAL", slot.Name, slot.Kept>>20))
				}
			}
		case !n.Receiving:
			out = append(out, n.Addr+" is a standby that follows nobody")
		}
	}
	switch {
	case len(primaries) == 0:
		out = append(out, "there is no primary")
	case len(primaries) > 1:
		out = append(out, "there are several primaries: "+strings.Join(primaries, ", "))
	case len(s.Nodes) > 1 && !standby:
		out = append(out, "no standby has all that is acknowledged")
	}
	switch {
	case s.NoWitness != "":
		out = append(out, "the witness does not answer: no failover happens by itself")
	case s.Witness != nil && s.Witness.Alone:
		out = append(out, "the primary goes on alone: no failover happens by itself")
	case s.Witness != nil && len(primaries) == 1 && s.Witness.Node != primaries[0]:
		out = append(out, "the witness says that "+s.Witness.Node+" is the primary")
	}
	return out
}

// PromoteDatabase makes the standby of a database its primary; see postgres.Promote.
func (c Config) PromoteDatabase(ctx context.Context, name string, loseWrites bool) (node string, err error) {
	for i, d := range c.Fleet.Databases {
		if d.Name == name {
			return postgres.Promote(ctx, d.past(), c.Fleet.witness(i), name, loseWrites)
		}
	}
	return "", fmt.Errorf("there is no database called %q in the configuration", name)
}

// past is the address that leads past PgBouncer.
func (d *Database) past() string {
	if d.Direct != "" {
		return d.Direct
	}
	return d.DSN
}

// witness is the address of the database that holds the witness of another: the next one, in a circle. "" for a
// fleet of one.
func (f *Fleet) witness(i int) string {
	if len(f.Databases) < 2 {
		return ""
	}
	return f.Databases[(i+1)%len(f.Databases)].past()
}
