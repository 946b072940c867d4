package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/fleet"
)

// FleetBench measures a whole fleet on this machine. Its fields are set before Run.
type FleetBench struct {
	Dir   string        // where fleets are made, and kept for the next run
	Out   io.Writer     // for what is going on
	Each  time.Duration // of each HTTP measurement
	Only  []string      // names of rows; none for all
	Tools []string      // where versitygw may be, besides PATH
	Fresh bool          // remove the fleets of former runs first
	Huge  bool          // also load and measure the huge site
	Alone bool          // the huge site has no standbys, and takes half the space

	Site      Size // of the fleet that most rows are measured on
	HugeSite  Size
	Readers   int // people who read their feeds in turn
	Followers int // of the author of the fan-out
	IDs       int // to mint
	Moved     int // posts of the logical shard that moves

	smallP50 time.Duration // of the feeds of Site, once it was measured
}

// Size is how large a site is.
type Size struct{ Users, Posts, Follows int }

func (s Size) String() string { return fmt.Sprintf("%d-%d-%d", s.Users, s.Posts, s.Follows) }

// NewFleetBench gives one with the sizes of the plan.
func NewFleetBench(dir string, out io.Writer) *FleetBench {
	return &FleetBench{
		Dir: dir, Out: out, Each: 10 * time.Second,
		Site:     Size{Users: 10_000, Posts: 1_000_000, Follows: 500_000},
		HugeSite: Size{Users: 1_400_000, Posts: 15_000_000, Follows: 70_000_000},
		Readers:  1000, Followers: 10_000, IDs: 10_000_000, Moved: 100_000,
	}
}

// running is a fleet that runs for measuring, and its site opened in this process.
type running struct {
	*fleet.Fleet
	site   *app.App
	bare   []string // where nginx expects the bare handlers
	barely string   // the address of nginx that leads to them
}

type fleetStep struct {
	name string
	run  func(b *FleetBench, ctx context.Context, f *running) ([]Row, error)
}

// fleetSteps are the groups of rows that are measured on one fleet.
func fleetSteps() []fleetStep {
	return []fleetStep{
		{"feed", (*FleetBench).feed},
		{"fanout", (*FleetBench).fanout},
		{"likes", (*FleetBench).likes},
		{"move", (*FleetBench).move},
	}
}

// ownSteps are those that make what they measure themselves.
func ownSteps() []fleetStep {
	return []fleetStep{
		{"ids", func(b *FleetBench, ctx context.Context, _ *running) ([]Row, error) { return b.ids(ctx) }},
		{"drills", func(b *FleetBench, ctx context.Context, _ *running) ([]Row, error) { return b.drills(ctx) }},
	}
}

// FleetSteps names the groups of rows, for Only.
func FleetSteps() []string {
	var out []string
	for _, s := range append(fleetSteps(), ownSteps()...) {
		out = append(out, s.name)
	}
	return append(out, "huge")
}

func (b *FleetBench) say(format string, args ...any) { fmt.Fprintf(b.Out, format+"\n", args...) }

func (b *FleetBench) wants(name string) bool { return len(b.Only) == 0 || contains(b.Only, name) }

// Run measures everything asked for. Where a group of rows cannot be measured
// the others are; the error tells of all that are missing.
func (b *FleetBench) Run(ctx context.Context) ([]Row, error) {
	if _, err := exec.LookPath("wrk"); err != nil {
		return nil, fmt.Errorf("wrk is needed (Debian: apt install wrk): %w", err)
	}
	if b.Fresh {
		if err := os.RemoveAll(b.Dir); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(b.Dir, 0o755); err != nil {
		return nil, err
	}
	var rows []Row
	var failed []error
	do := func(s fleetStep, f *running) {
		b.say("measuring: %s", s.name)
		got, err := s.run(b, ctx, f)
		rows = append(rows, got...)
		for _, r := range got {
			b.say("  %s: %s of %s, %.2f, %s", r.Work, r.Got, r.Limit, r.Ratio, verdict(r.Met))
		}
		if err != nil {
			b.say("  %s: %v", s.name, err)
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	var onFleet, alone []fleetStep
	for _, s := range fleetSteps() {
		if b.wants(s.name) {
			onFleet = append(onFleet, s)
		}
	}
	for _, s := range ownSteps() {
		if b.wants(s.name) {
			alone = append(alone, s)
		}
	}
	if b.Huge {
		onFleet = append(onFleet, fleetStep{"huge", (*FleetBench).small})
	}
	if len(onFleet) > 0 {
		f, err := b.start(ctx, b.Site)
		if err != nil {
			return nil, err
		}
		for _, s := range onFleet {
			if ctx.Err() == nil {
				do(s, f)
			}
		}
		if err := f.stop(); err != nil {
			failed = append(failed, err)
		}
	}
	if b.Huge {
		alone = append(alone, fleetStep{"huge", func(b *FleetBench, ctx context.Context, _ *running) ([]Row, error) { return b.huge(ctx) }})
	}
	for _, s := range alone {
		if ctx.Err() == nil {
			do(s, nil)
		}
	}
	return rows, errors.Join(append(failed, ctx.Err())...)
}

// processes is how many API processes a fleet has; as many bare ones stand beside them.
const processes = 2

// start starts the fleet of a site and fills it, unless it was by a former run.
func (b *FleetBench) start(ctx context.Context, size Size) (_ *running, err error) {
	dir := filepath.Join(b.Dir, "fleet-"+size.String())
	if _, err := os.Stat(filepath.Join(dir, "filled")); err != nil {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	f := &running{}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.stop())
		}
	}()
	ports, err := freePorts(processes + 1)
	if err != nil {
		return nil, err
	}
	f.bare, f.barely = ports[:processes], "http://"+ports[processes]
	b.say("starting a fleet in %s", dir)
	f.Fleet, err = fleet.Start(ctx, fleet.Config{
		Dir: dir, Addr: "localhost:0", Tools: b.Tools, Nginx: bareBehind(ports[processes], f.bare), Out: b.Out,
		Settings: []string{"rate_limit = 0"}, Alone: b.Alone && size == b.HugeSite,
	})
	if err != nil {
		return nil, err
	}
	if err := b.fill(ctx, f.Fleet, size); err != nil {
		return nil, err
	}
	if f.site, err = open(ctx, f.Fleet); err != nil {
		return nil, err
	}
	return f, nil
}

// open opens the site of a fleet in this process, to look at it and to sign people in.
func open(ctx context.Context, f *fleet.Fleet) (*app.App, error) {
	var c app.Config
	if err := c.ReadFile(f.ConfigFile()); err != nil {
		return nil, err
	}
	c.Data = filepath.Join(f.Dir(), "bench")
	c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	return app.Open(ctx, c)
}

func (f *running) stop() error {
	var errs []error
	if f.site != nil {
		errs = append(errs, f.site.Close())
	}
	if f.Fleet != nil {
		errs = append(errs, f.Fleet.Stop())
	}
	return errors.Join(errs...)
}

// bareBehind is a server of nginx that hands everything to bare handlers as the
// site's does to API processes: by the same key, over connections that are kept in the same way.
func bareBehind(listen string, processes []string) string {
	var b strings.Builder
	b.WriteString("upstream bare {\n    zone bare 256k;\n    hash $tintype_member consistent;\n")
	for _, p := range processes {
		fmt.Fprintf(&b, "    server %s max_fails=1 fail_timeout=2s;\n", p)
	}
	b.WriteString("    keepalive 64;\n    keepalive_timeout 60s;\n}\n")
	fmt.Fprintf(&b, "server {\n    listen %s;\n    server_name _;\n    include tintype/edge.conf;\n    location / {\n        include tintype/proxy.conf;\n        proxy_pass http://bare;\n    }\n}\n", listen)
	return b.String()
}
