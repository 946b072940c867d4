package main

import (
	"fmt"
	"io"
	"time"

	"github.com/tintype/tintype/internal/bench"
	"github.com/tintype/tintype/internal/imaging/render"
)

type benchCommand struct {
	Dir      string   `help:"Where the sites to measure are made and kept." default:"./tintype-bench" placeholder:"DIR"`
	Seconds  int      `help:"How long each HTTP measurement takes." default:"10" placeholder:"N"`
	Large    bool     `help:"Also measure a site of 1,000,000 posts (some minutes to fill, about 2 GB)."`
	Only     []string `help:"Measure only these: ${benchsteps} (with --fleet: ${fleetsteps})." placeholder:"NAME"`
	Markdown bool     `help:"Print the table as Markdown."`

	Fleet     bool `help:"Measure a whole fleet instead, which is started for it and kept in --dir."`
	Huge      bool `help:"With --fleet: also load 1,400,000 users, 15,000,000 posts and 70,000,000 follows (half an hour, tens of GB) and measure their feeds."`
	Fresh     bool `help:"With --fleet: make the fleets anew."`
	Users     int  `help:"With --fleet: users of the site." default:"10000" placeholder:"N"`
	Posts     int  `help:"With --fleet: posts of the site." default:"1000000" placeholder:"N"`
	Follows   int  `help:"With --fleet: follows of the site (default 50 for each user)." placeholder:"N"`
	HugeAlone bool `name:"huge-alone" help:"With --huge: without standbys of its databases, where the disk has no room for two copies."`
	HugeUsers int  `name:"huge-users" help:"With --huge: users of the huge site; its posts and follows are in proportion." default:"1400000" placeholder:"N"`
	Readers   int  `help:"With --fleet: people who read their feeds in turn." default:"1000" placeholder:"N"`
	IDs       int  `name:"ids" help:"With --fleet: IDs to mint." default:"10000000" placeholder:"N"`
	Moved     int  `help:"With --fleet: posts of the logical shard that moves." default:"100000" placeholder:"N"`

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
	print := bench.Print
	if b.Markdown {
		print = bench.PrintMarkdown
	}
	each := time.Duration(max(b.Seconds, 2)) * time.Second
	if b.Fleet {
		return b.fleet(w, each, print)
	}
	r := &bench.Bench{Dir: b.Dir, Out: w.stderr, Each: each, Large: b.Large, Only: b.Only, RawChain: render.RawChain, Scale: render.Scale, Trial: render.Trial, Pixels: render.Pixels}
	rows, err := r.Run(w.ctx)
	print(w.stdout, rows)
	if err != nil {
		return fmt.Errorf("not everything was measured: %w", err)
	}
	return nil
}

// fleet measures a fleet and prints the table, for people and as Markdown.
func (b *benchCommand) fleet(w *world, each time.Duration, print func(io.Writer, []bench.Row)) error {
	r := bench.NewFleetBench(b.Dir, w.stderr)
	r.Each, r.Only, r.Huge, r.Alone, r.Fresh = each, b.Only, b.Huge, b.HugeAlone, b.Fresh
	r.Readers, r.IDs, r.Moved = b.Readers, b.IDs, b.Moved
	r.Site = bench.Size{Users: b.Users, Posts: b.Posts, Follows: b.Follows}
	if r.Site.Follows == 0 {
		r.Site.Follows = min(50*r.Site.Users, r.Site.Users*(r.Site.Users-1)/2)
	}
	part := float64(b.HugeUsers) / float64(r.HugeSite.Users)
	r.HugeSite = bench.Size{Users: b.HugeUsers, Posts: int(part * float64(r.HugeSite.Posts)), Follows: int(part * float64(r.HugeSite.Follows))}
	rows, err := r.Run(w.ctx)
	print(w.stdout, rows)
	if err != nil {
		return fmt.Errorf("not everything was measured: %w", err)
	}
	return nil
}
