package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/tintype/tintype/internal/control"
)

type checkCommand struct {
	site
	Repair      bool     `help:"Mend what follows from other rows: counters, the other side of an edge, leftovers, feeds."`
	DeleteFiles bool     `help:"With --repair: also delete the files that no row names."`
	Only        []string `help:"Make only these checks, such as likes,files." placeholder:"CHECK"`
	MaxRate     int      `help:"Look at no more than so many rows and files a second, to leave a busy site its strength; 0 for no limit." default:"0" placeholder:"N"`
	Max         int      `help:"Show at most so many findings of each check; 0 for all." default:"100" placeholder:"N"`
	JSON        bool     `name:"json" help:"One JSON object for each finding, and one for the summary."`
}

// Help is shown under the flags.
func (checkCommand) Help() string {
	return `Compares both sides of every like, follow, block and comment, counters with what they count, feeds with posts and follows, IDs with the shards that they name, rows with the files they name and the other way round, and asks the databases whether their files are sound. A running site goes on running; one that is not gets its waiting jobs done first. Several databases are read at once; one that cannot be reached is a finding.

Each finding is a line that says what to do. The exit status is 0 if nothing is wrong (any more), 1 if something is. Files that no row names are never deleted unless you say --delete-files: after an older backup of the database was restored they may be all that is left of a post.`
}

// Run checks the site.
func (c *checkCommand) Run(w *world) error {
	if c.DeleteFiles && !c.Repair {
		return fmt.Errorf("--delete-files is a repair: say --repair too")
	}
	return c.operate(w, func(o *control.Operator) error {
		p := newProgress(w, c.JSON)
		shown := map[string]int{}
		sum, err := o.Check(w.ctx, control.CheckRequest{Only: c.Only, Repair: c.Repair, DeleteFiles: c.DeleteFiles, MaxRate: c.MaxRate}, func(e control.CheckEvent) error {
			f := e.Finding
			if f == nil {
				return p.at(e)
			}
			if shown[f.Check]++; c.Max > 0 && shown[f.Check] > c.Max {
				return nil
			}
			return p.print(func(out io.Writer) error { return c.printFinding(w, out, f) })
		})
		p.end()
		if err != nil {
			return err
		}
		return c.finish(w, o, shown, sum)
	})
}

func (c *checkCommand) printFinding(w *world, out io.Writer, f *control.Finding) error {
	if c.JSON {
		return w.printJSON(f)
	}
	if f.Repaired {
		_, err := fmt.Fprintf(out, "%s: %s: repaired\n", f.Check, f.What)
		return err
	}
	_, err := fmt.Fprintf(out, "%s: %s: %s\n", f.Check, f.What, f.Do)
	return err
}

func (c *checkCommand) finish(w *world, o *control.Operator, shown map[string]int, sum control.CheckSummary) error {
	left := sum.Findings - sum.Repaired
	if c.JSON {
		if err := w.printJSON(sum); err != nil {
			return err
		}
	} else {
		for check, n := range shown {
			if c.Max > 0 && n > c.Max {
				fmt.Fprintf(w.stdout, "%s: and %d more: see all with --max 0\n", check, n-c.Max)
			}
		}
		fmt.Fprintf(w.stdout, "Looked at %d rows and files. ", sum.Looked)
		switch {
		case sum.Findings == 0:
			fmt.Fprintln(w.stdout, "Everything is as it should be.")
		case left == 0:
			fmt.Fprintf(w.stdout, "%s, all repaired.\n", plural(sum.Findings, "finding"))
		default:
			fmt.Fprintf(w.stdout, "%s, %d repaired.\n", plural(sum.Findings, "finding"), sum.Repaired)
		}
		if left > 0 && sum.Undone > 0 {
			fmt.Fprintf(w.stdout, "%s still to be done, which may explain some of it: look at `tintype jobs list --all`.\n", plural(sum.Undone, "job"))
		}
	}
	if left > 0 {
		return fmt.Errorf("%s left", plural(left, "finding"))
	}
	return nil
}

// barParts is in how many parts the bar grows.
const barParts = 1000

// progress shows how far the check is: as a bar on a terminal, else as a line for each step.
type progress struct {
	w    *world
	bar  *progressbar.ProgressBar // nil without a terminal
	last string
	mute bool
	verb string
}

func newProgress(w *world, mute bool) *progress {
	p := &progress{w: w, mute: mute, verb: "checking"}
	if _, ok := terminal(w.stderr); ok {
		p.bar = progressbar.NewOptions(barParts, progressbar.OptionSetWriter(w.stderr), progressbar.OptionSetWidth(30),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	return p
}

func (p *progress) at(e control.CheckEvent) error {
	switch {
	case p.bar != nil:
		p.bar.Describe(fmt.Sprintf("%-14s %11d looked at", strings.ReplaceAll(e.Step, "_", " "), e.Looked))
		return p.bar.Set(min(int(e.Part*barParts), barParts-1))
	case p.mute || e.Step == p.last || e.Step == "":
		return nil
	case strings.HasPrefix(e.Step, "finishing") && strings.HasPrefix(p.last, "finishing"):
		return nil
	}
	p.last = e.Step
	if e.Steps == 0 {
		_, err := fmt.Fprintln(p.w.stderr, e.Step)
		return err
	}
	_, err := fmt.Fprintf(p.w.stderr, "%d/%d %s %s\n", e.Done+1, e.Steps, p.verb, e.Step)
	return err
}

// print shows a finding above the bar.
func (p *progress) print(f func(io.Writer) error) error {
	if p.bar != nil {
		if err := p.bar.Clear(); err != nil {
			return err
		}
	}
	return f(p.w.stdout)
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear() // it is only a picture
	}
}
