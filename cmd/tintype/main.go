// Command tintype is a photo-sharing site in one program: `tintype serve` runs
// it. Each subcommand has a file of its own here and does its work through
// package app; this file parses the command line and turns errors into
// sentences and exit codes: 0 for success, 1 for failure, 2 for a command line
// that cannot be understood.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/bench"
	"github.com/tintype/tintype/internal/drill"
	"github.com/tintype/tintype/internal/imaging/render"
)

// version is set by the linker.
var version = "dev"

func main() {
	// The child of the cage is no command for people: it speaks a protocol on
	// its pipes, and shuts itself in before it does anything else.
	if len(os.Args) == 2 && os.Args[1] == "render" {
		os.Exit(render.Main(os.Stdin, os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// commands are the subcommands.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Run the site."`
	Work     workCommand     `cmd:"" help:"Work the jobs of a fleet."`
	User     userCommand     `cmd:"" help:"Make, list and shut out users; set passwords and admins."`
	Mail     mailCommand     `cmd:"" help:"Try whether letters can be sent."`
	Jobs     jobsCommand     `cmd:"" help:"Show work that failed for good, and try it again."`
	Check    checkCommand    `cmd:"" help:"Check that nothing is lost or contradicts itself, and repair it."`
	Blob     blobCommand     `cmd:"" help:"Make the bucket of files; move files between the data directory and S3; verify originals."`
	Rebuild  rebuildCommand  `cmd:"" help:"Make feeds, counters, tags, pictures or caches again from what they follow from."`
	Audit    auditCommand    `cmd:"" help:"Show what admins, moderators and operators did."`
	Knobs    knobsCommand    `cmd:"" help:"Change how the site works while it runs: limits, switches, who may sign up."`
	Bench    benchCommand    `cmd:"" help:"Measure this program against the limits of this machine."`
	Migrate  migrateCommand  `cmd:"" help:"Carry a site from one machine to a fleet, or back."`
	Demo     demoCommand     `cmd:"" help:"Fill an empty site with people, pictures and life, to try it out."`
	Database databaseCommand `cmd:"" help:"Show and promote the PostgreSQL servers of a fleet."`
	Shard    shardCommand    `cmd:"" help:"List, create, move and even out the logical shards of a fleet."`
	Drill    drillCommand    `cmd:"" help:"Break a fleet on purpose and see what its members notice."`
	Hostile  hostileCommand  `cmd:"" help:"Send a site of its own what strangers might, and see what each got."`
	Fleet    fleetCommand    `cmd:"" help:"Run a whole fleet on this machine, to try it and for drills."`
	Render   renderCommand   `cmd:"" help:"Process pictures for a running site, in a cage. The site starts this by itself." hidden:""`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// world is what a subcommand has to do with.
type world struct {
	ctx    context.Context
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// exit ends the parser, which wants to end the process.
type exit int

func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if e, ok := recover().(exit); ok {
			code = int(e)
		}
	}()
	var c commands
	parser, err := kong.New(&c,
		kong.Name("tintype"),
		kong.Vars{"benchsteps": strings.Join(bench.Steps(), ", "), "fleetsteps": strings.Join(bench.FleetSteps(), ", "), "drills": strings.Join(drill.Names(), ", ")},
		kong.Description("A photo-sharing site of your own. Start it with: tintype serve"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "tintype:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "tintype: %v\nTry: tintype --help\n", err)
		return 2
	}
	if err := k.Run(&world{ctx, getenv, stdin, stdout, stderr}); err != nil {
		if !errors.Is(err, context.Canceled) {
			fmt.Fprintln(stderr, "tintype:", err)
		}
		return 1
	}
	return 0
}

// site is the flags of every subcommand that works on a site.
type site struct {
	Config string `help:"TOML file with settings. Flags go before the environment (TINTYPE_DATA and so on), that before the file." placeholder:"FILE" type:"path"`
	Data   string `help:"Directory of all that the site keeps (default ./tintype-data)." placeholder:"DIR"`
}

// load gives the configuration by file and environment, and the flags of site.
func (s *site) load(w *world) (app.Config, error) {
	var c app.Config
	file := s.Config
	if file == "" {
		file = w.getenv("TINTYPE_CONFIG")
	}
	if file != "" {
		if err := c.ReadFile(file); err != nil {
			return c, err
		}
	}
	if err := c.ReadEnv(w.getenv); err != nil {
		return c, err
	}
	if s.Data != "" {
		c.Data = s.Data
	}
	c.Version = version
	return c, nil
}
