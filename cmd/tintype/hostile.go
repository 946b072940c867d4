package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/hostile"
)

type hostileCommand struct {
	Items []string `arg:"" optional:"" name:"item" help:"Which, as B1 (default all)."`
	Fleet bool     `help:"Against a whole fleet on this machine, instead of the embedded default."`
	Short bool     `help:"The short form: fewer of what differs by a seed or a count only."`
	Quiet bool     `help:"Only items that failed, and the sum."`
	Table string   `help:"Also put the table of what each item got into this document, between the lines that say so." placeholder:"FILE" type:"path"`
	Log   bool     `help:"Show the log of the site."`
}

// Help is shown under the flags.
func (hostileCommand) Help() string {
	return "Starts a site of its own on this machine, sends it what strangers might (broken and malicious files, bodies, identifiers, credentials, connections), tells what each got, and checks the data afterwards. Exit status 1 if anything was not as it must be."
}

// Run does the items.
func (c *hostileCommand) Run(w *world) (err error) {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := newScratch("tintype-hostile-")
	if err != nil {
		return err
	}
	defer dropScratch(dir, &err)
	log, err := os.Create(filepath.Join(dir, "site.log")) // #nosec G304 -- in a directory just made
	if err != nil {
		return err
	}
	defer log.Close()
	var out io.Writer = log
	if c.Log {
		out = w.stderr
	}
	begin := time.Now()
	var site *hostile.Site
	if c.Fleet {
		site, err = hostile.OnFleet(w.ctx, program, dir, nil, out)
	} else {
		site, err = hostile.Embedded(w.ctx, program, dir, out)
	}
	if err != nil {
		return err
	}
	results, err := hostile.Run(w.ctx, hostile.Config{Site: site, Only: c.Items, Short: c.Short, Quiet: c.Quiet, Out: w.stdout})
	check, cancel := context.WithTimeout(w.ctx, 5*time.Minute)
	defer cancel()
	err = errors.Join(err, site.Check(check), site.Stop())
	requests := 0
	for i := range results {
		requests += results[i].Requests
	}
	fmt.Fprintf(w.stdout, "%d items, %d requests, %.0f s; then the data was checked.\n", len(results), requests, time.Since(begin).Seconds())
	if c.Table != "" {
		err = errors.Join(err, writeTable(c.Table, results))
	}
	return err
}

// Between these lines of a document stands the table.
const (
	tableBegin = "<!-- what each item got: written by make hostile -->\n"
	tableEnd   = "<!-- end of the table -->\n"
)

func writeTable(file string, results []hostile.Result) error {
	b, err := os.ReadFile(file) // #nosec G304 -- whoever runs it names it
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(b), tableBegin)
	_, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the table: %s and %s", file, strings.TrimSpace(tableBegin), strings.TrimSpace(tableEnd))
	}
	return os.WriteFile(file, []byte(before+tableBegin+"\n"+hostile.Markdown(results)+"\n"+tableEnd+after), 0o644) // #nosec G306 G703 -- a document
}
