package main

import (
	"errors"
	"os"

	"github.com/tintype/tintype/internal/drill"
)

type drillCommand struct {
	Drills []string `arg:"" optional:"" name:"drill" help:"Which: ${drills} (default all)."`
	Data   string   `help:"Directory of the fleet (default: a new one, removed if all goes well)." placeholder:"DIR" type:"path"`
	Quiet  bool     `help:"Only a line for each drill."`
	Short  bool     `help:"The short form: what is broken is broken for a moment, and nothing is asked of how fast the site is."`
}

// Help is shown under the flags.
func (drillCommand) Help() string {
	return "Starts a fleet on this machine, breaks it under load in the ways that are named, and tells what its members noticed. Exit status 1 if a promise was broken."
}

// Run does the drills.
func (c *drillCommand) Run(w *world) (err error) {
	dir := c.Data
	if dir == "" {
		if dir, err = newScratch("tintype-drill-"); err != nil {
			return err
		}
		defer dropScratch(dir, &err)
	}
	cfg := drill.Config{Dir: dir, Names: c.Drills, Out: w.stdout, Log: w.stderr, Short: c.Short}
	if c.Quiet {
		cfg.Log = nil
	}
	return drill.Run(w.ctx, cfg)
}

// newScratch makes a directory for a site that is thrown away.
func newScratch(prefix string) (string, error) {
	parent := os.TempDir()
	if os.Geteuid() == 0 {
		parent = "/tmp" // root's own may be closed to the users that servers run as
	}
	return os.MkdirTemp(parent, prefix)
}

// dropScratch removes it if all went well, and else says where it is.
func dropScratch(dir string, err *error) {
	if *err == nil {
		*err = os.RemoveAll(dir)
	} else {
		*err = errors.Join(*err, errors.New("logs and data are kept in "+dir))
	}
}
