package main

import (
	"fmt"
	"time"

	"github.com/tintype/tintype/internal/bench"
	"github.com/tintype/tintype/internal/imaging/render"
)

type benchCommand struct {
	Dir      string   `help:"Where the sites to measure are made and kept." default:"./tintype-bench" placeholder:"DIR"`
	Seconds  int      `help:"How long each HTTP measurement takes." default:"10" placeholder:"N"`
	Large    bool     `help:"Also measure a site of 1,000,000 posts (some minutes to fill, about 2 GB)."`
	Only     []string `help:"Measure only these: ${benchsteps}." placeholder:"NAME"`
	Markdown bool     `help:"Print the table as Markdown."`

	Bare string `hidden:"" help:"Serve this file as the answer to everything."`
	Addr string `hidden:""`
}

// Help is shown under the flags.
func (benchCommand) Help() string {
	return "Each row is a ratio to a limit that is measured in the same run: a bare handler, a bare transaction, bare libvips. Needs wrk and, for the picture, mate-backgrounds."
}

// Run measures and prints the table.
func (b *benchCommand) Run(w *world) error {
	if b.Bare != "" {
		return bench.ServeBare(b.Addr, b.Bare)
	}
	r := &bench.Bench{Dir: b.Dir, Out: w.stderr, Each: time.Duration(max(b.Seconds, 2)) * time.Second, Large: b.Large, Only: b.Only, RawChain: render.RawChain, Scale: render.Scale}
	rows, err := r.Run(w.ctx)
	print := bench.Print
	if b.Markdown {
		print = bench.PrintMarkdown
	}
	print(w.stdout, rows)
	if err != nil {
		return fmt.Errorf("not everything was measured: %w", err)
	}
	return nil
}
