// Package drill breaks a fleet on purpose, under load, and measures what its
// members notice: requests that fail, writes that are lost, time to recover.
// Every drill has a file of its own and an entry in All.
//
// It leaves to package fleet how servers are run, and to the site how it
// survives. A drill whose promise was broken is an error that says which.
package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tintype/tintype/internal/fleet"
)

// Drill is one thing that may happen to a fleet.
type Drill struct {
	Name string
	Help string
	// Run does it to a site that is under no other load, and leaves everything running. It gives a line of numbers,
	// also with an error.
	Run func(ctx context.Context, s *Site) (string, error)
}

// All is every drill, in the order in which they are done.
func All() []Drill {
	return []Drill{
		{Name: "rolling", Help: "restart the API processes one after the other", Run: rolling},
		{Name: "process", Help: "kill an API and a worker process", Run: process},
		{Name: "memcached", Help: "kill one memcached, then both", Run: memcachedLoss},
		{Name: "redis", Help: "empty Redis, then kill one", Run: redisLoss},
		{Name: "s3", Help: "make the S3 server slower by a second", Run: slowS3},
		{Name: "pooler", Help: "kill a PgBouncer", Run: pooler},
		{Name: "moves", Help: "move a logical shard to the other database and back, ten times", Run: moveShards},
		{Name: "failover", Help: "kill a primary", Run: failover},
	}
}

// Names are the names of All.
func Names() []string {
	var out []string
	for _, d := range All() {
		out = append(out, d.Name)
	}
	return out
}

// Config says how drills are done.
type Config struct {
	Dir   string   // of the fleet, which is started for the drills
	Tools []string // where versitygw may be
	Names []string // of drills; none for all
	Out   io.Writer
	Log   io.Writer // what the fleet and the drills are at
	// Most bounds each drill; 0 for four minutes.
	Most time.Duration
	// Short watches the site for a moment only before and after, and asks nothing of how fast it is.
	Short bool
}

// Run starts a fleet, does the drills on it and stops it. Each gets a line on Out; the error names those that failed.
func Run(ctx context.Context, cfg Config) (err error) {
	if cfg.Most == 0 {
		cfg.Most = 4 * time.Minute
	}
	if cfg.Log == nil {
		cfg.Log = io.Discard
	}
	var chosen []Drill
	for _, d := range All() {
		if len(cfg.Names) == 0 || has(cfg.Names, d.Name) {
			chosen = append(chosen, d)
		}
	}
	for _, n := range cfg.Names {
		if !has(Names(), n) {
			return fmt.Errorf("there is no drill %q", n)
		}
	}
	link, err := newSlowLink()
	if err != nil {
		return err
	}
	defer link.Close()
	f, err := fleet.Start(ctx, fleet.Config{Dir: cfg.Dir, Addr: "localhost:0", Tools: cfg.Tools, Out: cfg.Log, S3Via: link.Addr(), Settings: []string{"rate_limit = -1"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Stop()) }()
	link.To(f.Addr("s3"))
	s, err := newSite(ctx, f, link, cfg.Log)
	if err != nil {
		return err
	}
	s.short = cfg.Short
	var failed []error
	for _, d := range chosen {
		begin := time.Now()
		line, err := do(ctx, d, s, cfg.Most)
		verdict := "held"
		if err != nil {
			verdict = "FAILED: " + err.Error()
			failed = append(failed, fmt.Errorf("drill %s: %w", d.Name, err))
		}
		fmt.Fprintf(cfg.Out, "%-10s %s (%.0f s): %s\n", d.Name, line, time.Since(begin).Seconds(), verdict)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(failed...)
}

func do(ctx context.Context, d Drill, s *Site, most time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	line, err := d.Run(ctx, s)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("not done within %v: %w", most, err)
	}
	return line, err
}

func has(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
