package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/tintype/tintype/internal/fleet"
)

type fleetCommand struct {
	Run     fleetRun     `cmd:"" default:"withargs" help:"Run a whole fleet on this machine, until Ctrl-C."`
	Status  fleetStatus  `cmd:"" help:"Show what of a running fleet runs where."`
	Kill    fleetKill    `cmd:"" help:"End members at once, as a power cut would."`
	Stop    fleetStop    `cmd:"" help:"Stop members in order."`
	Start   fleetStart   `cmd:"" help:"Start members that were killed or stopped."`
	Restart fleetRestart `cmd:"" help:"Stop members in order and start them again."`
	Roll    fleetRoll    `cmd:"" help:"Restart the API processes one after the other."`
}

// fleetDir is where the fleet of a command is.
type fleetDir struct {
	Data string `help:"Directory of all that the fleet keeps." default:"./tintype-fleet" placeholder:"DIR" type:"path"`
}

type fleetRun struct {
	fleetDir
	Addr    string `help:"Where the site is." default:"localhost:8080" placeholder:"HOST:PORT"`
	TLSAddr string `name:"tls-addr" help:"Where it is by https (default: a free port)." placeholder:"HOST:PORT"`
	Shards  int    `help:"Logical shards that a new site begins with." default:"64"`
}

// Help is shown under the flags.
func (fleetRun) Help() string {
	return "Two PostgreSQL primaries with a replica each, PgBouncer, Redis, memcached, an S3 server, nginx, two API and two worker processes: all real, all on this machine, for trying and for drills. Everything is stopped at the end, and kept for the next start."
}

// Run runs a fleet until the context ends.
func (c *fleetRun) Run(w *world) error {
	f, err := fleet.Start(w.ctx, fleet.Config{Dir: c.Data, Addr: c.Addr, TLSAddr: c.TLSAddr, Shards: c.Shards, Out: w.stderr})
	if err != nil {
		return err
	}
	fmt.Fprintln(w.stdout)
	if err := fleetTable(w.stdout, f.Members()); err != nil {
		return errors.Join(err, f.Stop())
	}
	fmt.Fprintf(w.stdout, "\nfor other commands: --config %s\nby https, with a certificate that nobody vouches for: %s\nready %s\n", f.ConfigFile(), f.TLSURL(), f.URL())
	<-w.ctx.Done()
	fmt.Fprintln(w.stderr, "stopping the fleet")
	return f.Stop()
}

// fleetTable shows what runs where.
func fleetTable(to io.Writer, members []fleet.Member) error {
	t := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "name\trole\taddress\tpid\tdata")
	for _, m := range members {
		pid := strconv.Itoa(m.PID)
		switch {
		case m.PID == 0 && m.Stopped:
			pid = "stopped"
		case m.PID == 0:
			pid = "dead"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", m.Name, m.Role, m.Addr, pid, m.Dir)
	}
	return t.Flush()
}

// on finds the fleet for one command.
func (d *fleetDir) on(f func(r *fleet.Remote) error) error {
	r, err := fleet.Find(d.Data)
	if err != nil {
		return err
	}
	return errors.Join(f(r), r.Close())
}

type fleetStatus struct {
	fleetDir
	JSON bool `name:"json" help:"One JSON object for each member."`
}

// Run shows the fleet. It fails if something that should run does not.
func (c *fleetStatus) Run(w *world) error {
	return c.on(func(r *fleet.Remote) error {
		list, err := r.Members(w.ctx)
		if err != nil {
			return err
		}
		dead := 0
		for _, m := range list {
			if m.PID == 0 {
				dead++
			}
			if c.JSON {
				if err := w.printJSON(m); err != nil {
					return err
				}
			}
		}
		if !c.JSON {
			if err := fleetTable(w.stdout, list); err != nil {
				return err
			}
		}
		if dead > 0 {
			return fmt.Errorf("%s not running", plural(dead, "member"))
		}
		return nil
	})
}

// fleetNames is the members that a command is about.
type fleetNames struct {
	fleetDir
	Names []string `arg:"" name:"member" help:"Names as 'fleet status' shows them."`
}

func (c *fleetNames) each(w *world, command string) error {
	return c.on(func(r *fleet.Remote) error {
		for _, name := range c.Names {
			if err := r.Do(w.ctx, command, name); err != nil {
				return err
			}
		}
		return nil
	})
}

type fleetKill struct{ fleetNames }

// Run kills.
func (c *fleetKill) Run(w *world) error { return c.each(w, "kill") }

type fleetStop struct{ fleetNames }

// Run stops.
func (c *fleetStop) Run(w *world) error { return c.each(w, "stop") }

type fleetStart struct{ fleetNames }

// Run starts.
func (c *fleetStart) Run(w *world) error { return c.each(w, "start") }

type fleetRestart struct{ fleetNames }

// Run restarts.
func (c *fleetRestart) Run(w *world) error { return c.each(w, "restart") }

type fleetRoll struct{ fleetDir }

// Run restarts the API processes.
func (c *fleetRoll) Run(w *world) error {
	return c.on(func(r *fleet.Remote) error { return r.Do(w.ctx, "roll", "") })
}
