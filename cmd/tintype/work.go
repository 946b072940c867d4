package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/tintype/tintype/internal/app"
)

type workCommand struct {
	site
	Addr    string `help:"Where to answer /healthz and /metrics (default 127.0.0.1:9090)." placeholder:"HOST:PORT" default:"127.0.0.1:9090"`
	LogJSON bool   `name:"log-json" help:"Write the log as JSON."`
}

// Help is shown under the flags.
func (workCommand) Help() string {
	return "For a fleet, whose tintype serve leaves the jobs to it: bringing posts into feeds, likes to their posts, deleting files. Start as many as are needed; they share the work. Stop it with Ctrl-C or SIGTERM: jobs under way are finished, or done later by another."
}

// Run works jobs until the context ends.
func (s *workCommand) Run(w *world) error {
	c, err := s.load(w)
	if err != nil {
		return err
	}
	if len(c.Fleet.Databases) == 0 {
		return errors.New("a site in one directory works its jobs itself: there is nothing to do beside tintype serve; give the fleet's file with --config")
	}
	c.Log = w.logger(s.LogJSON)
	a, err := app.Open(w.ctx, c)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return errors.Join(fmt.Errorf("cannot listen: %w", err), a.Close())
	}
	fmt.Fprintf(w.stdout, "Tintype %s works jobs; its health and metrics are at http://%s. Stop it with Ctrl-C.\n", version, ln.Addr())
	err = a.Work(w.ctx, ln)
	if w.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil // it was stopped while it started
	}
	return errors.Join(err, a.Close())
}
