package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/migrate"
)

type migrateCommand struct {
	site
	To     string `help:"Carry the site of --data into the empty databases and the bucket that this file names." placeholder:"FLEET.TOML" type:"path" xor:"way"`
	From   string `help:"Carry the site of the fleet that this file names into the directory --to-data." placeholder:"FLEET.TOML" type:"path" xor:"way"`
	ToData string `name:"to-data" help:"With --from: a directory without a site." placeholder:"DIR"`
	Cancel bool   `help:"End a migration that is under way, or take it back: what was carried is deleted, and the old home takes writes again."`
}

// Help is shown under the flags.
func (migrateCommand) Help() string {
	return `Nothing gets another ID or address: links, sessions and apps keep working. The site may be in use meanwhile. It is copied, what changes is copied again, both sides are compared row by row; then nothing can be written any more, for the seconds that the rest takes, and the new home is opened. The old one stays read-only.

Killed or broken off, say the same again: it goes on where it was.`
}

// Run carries the site.
func (m *migrateCommand) Run(w *world) error {
	from, to, err := m.configs(w)
	if err != nil {
		return err
	}
	if m.Cancel {
		if err := migrate.CancelSites(w.ctx, from, to); err != nil {
			return err
		}
		fmt.Fprintln(w.stdout, "The migration is ended. The site takes writes where it was.")
		return nil
	}
	began := time.Now()
	r, err := migrate.Sites(w.ctx, from, to, newStages(w).at)
	if err != nil {
		return err
	}
	resumed := ""
	if r.Resumed {
		resumed = ", going on where it was broken off"
	}
	fmt.Fprintf(w.stdout, "Carried %d rows of %d logical shards, %d files and %d jobs in %s%s; both sides are the same. Nothing could be written for %s.\n",
		r.Rows, max(r.Areas-1, 0), r.Files, r.Jobs, time.Since(began).Round(time.Second/10), resumed, r.Frozen.Round(time.Millisecond))
	if m.To != "" {
		fmt.Fprintf(w.stdout, "Now start the fleet with: tintype serve --config %s (and tintype work), and let nginx or the DNS point there. The site in %s stays read-only.\n", m.To, dataOf(from))
	} else {
		fmt.Fprintf(w.stdout, "Now stop the fleet's processes, start the site with: tintype serve --data %s, and let the DNS point there. The fleet's databases stay read-only.\n", m.ToData)
	}
	return nil
}

func dataOf(c app.Config) string {
	if c.Data == "" {
		return app.DefaultData
	}
	return c.Data
}

// configs gives the configurations of both homes.
func (m *migrateCommand) configs(w *world) (from, to app.Config, err error) {
	switch {
	case m.To != "":
		if m.ToData != "" {
			return from, to, errors.New("--to-data goes with --from")
		}
		if from, err = m.load(w); err != nil {
			return from, to, err
		}
		return from, to, to.ReadFile(m.To)
	case m.From != "":
		if m.ToData == "" {
			return from, to, errors.New("say with --to-data into which directory the site is to be carried")
		}
		to.Data, to.Version = m.ToData, version
		return from, to, from.ReadFile(m.From)
	}
	return from, to, errors.New("say --to FLEET.TOML, or --from FLEET.TOML --to-data DIR")
}

// stages shows the stages of long work: a bar each on a terminal, elsewhere a line when one begins.
type stages struct {
	w    *world
	bars func(stage string, done, total int)
	last string
}

func newStages(w *world) *stages {
	s := &stages{w: w}
	if _, ok := terminal(w.stderr); ok {
		s.bars = bars(w.stderr)
	}
	return s
}

func (s *stages) at(stage string, done, total int) {
	if s.bars != nil && total > 0 {
		s.bars(stage, done, total)
		return
	}
	if stage != s.last {
		s.last = stage
		fmt.Fprintln(s.w.stderr, stage)
	}
}
