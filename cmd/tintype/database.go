package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/tintype/tintype/internal/app"
)

type databaseCommand struct {
	Status  databaseStatus  `cmd:"" help:"Show who is the primary of each database and how its standbys follow."`
	Promote databasePromote `cmd:"" help:"Make the standby of a database its primary."`
}

// Help is shown under the subcommands.
func (databaseCommand) Help() string {
	return "Of a fleet, whose databases are PostgreSQL servers. A primary that dies is replaced by itself; see docs/operating.md."
}

type databaseStatus struct {
	site
	JSON bool `name:"json" help:"One JSON object for each database."`
}

// Run shows the databases. It fails if something is not as it should be.
func (c *databaseStatus) Run(w *world) error {
	cfg, err := c.load(w)
	if err != nil {
		return err
	}
	list, err := cfg.DatabaseStatuses(w.ctx)
	if err != nil {
		return err
	}
	troubles := 0
	for _, d := range list {
		troubles += len(d.Trouble)
		if c.JSON {
			if err := w.printJSON(d); err != nil {
				return err
			}
		} else if err := printDatabase(w, d); err != nil {
			return err
		}
	}
	if troubles > 0 {
		return errors.New("not everything is as it should be")
	}
	return nil
}

func printDatabase(w *world, d app.DatabaseStatus) error {
	what := ""
	if d.Directory {
		what = ", with the directory"
	}
	fmt.Fprintf(w.stdout, "database %s%s\n", d.Name, what)
	t := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', 0)
	for _, n := range d.Nodes {
		switch {
		case n.Error != "":
			fmt.Fprintf(t, "  %s\tdown\t%s\n", n.Addr, firstLine(n.Error, 120))
		case n.Primary:
			fmt.Fprintf(t, "  %s\tprimary\t%s\ttimeline %d\tat %s\n", n.Addr, n.Name, n.Timeline, n.LSN)
			for _, s := range n.Standbys {
				fmt.Fprintf(t, "  \tfollowed by\t%s\t%s, %s\t%d bytes behind\n", s.Name, s.State, s.Sync, s.Behind)
			}
			for _, s := range n.Slots {
				kind, use := "physical", "not in use"
				if s.Logical {
					kind = "logical, lost at a failover"
				}
				if s.Active {
					use = "in use"
				}
				fmt.Fprintf(t, "  \tslot\t%s\t%s\t%s, keeps %d kB\n", s.Name, kind, use, s.Kept>>10)
			}
		default:
			follows := "follows nobody"
			if n.Receiving {
				follows = fmt.Sprintf("newest write %s old", time.Duration(n.Age*float64(time.Second)).Round(time.Millisecond))
			}
			fmt.Fprintf(t, "  %s\tstandby\t%s\ttimeline %d\tat %s, %s\n", n.Addr, n.Name, n.Timeline, n.LSN, follows)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if d.Witness != nil {
		how := "every acknowledged write is on its standby, too"
		if d.Witness.Alone {
			how = "going on alone"
		}
		fmt.Fprintf(w.stdout, "  the witness: %s is the primary, %s (since %s, promotion %d)\n", d.Witness.Node, how, clockTime(d.Witness.Changed), d.Witness.Epoch-1)
	}
	for _, s := range d.Trouble {
		fmt.Fprintf(w.stdout, "  ! %s\n", s)
	}
	return nil
}

type databasePromote struct {
	site
	Name       string `arg:"" help:"Database, as its name is in the configuration."`
	LoseWrites bool   `help:"Promote even if the standby may lack writes that were acknowledged."`
}

// Run promotes.
func (c *databasePromote) Run(w *world) error {
	cfg, err := c.load(w)
	if err != nil {
		return err
	}
	node, err := cfg.PromoteDatabase(w.ctx, c.Name, c.LoseWrites)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "%s is the primary of database %s now. PgBouncer follows within seconds; a former primary that still runs stops, and comes back as a standby.\n", node, c.Name)
	return nil
}
