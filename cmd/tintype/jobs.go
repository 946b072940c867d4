package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/control"
)

type jobsCommand struct {
	List  jobsList  `cmd:"" help:"List the jobs that were given up."`
	Retry jobsRetry `cmd:"" help:"Put jobs that were given up back to work."`
}

// Help is shown under the subcommands.
func (jobsCommand) Help() string {
	return "A job is work that a site does after it has answered: bringing a post into feeds, a like to its post, deleting files. One that fails is tried again with growing pauses, some twelve times; then it ends on this list."
}

type jobsList struct {
	site
	All  bool `help:"Also show how much work waits in each queue."`
	JSON bool `name:"json" help:"One JSON object for each job."`
}

// Run lists jobs.
func (c *jobsList) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		failed, err := o.FailedJobs(w.ctx)
		if err != nil {
			return err
		}
		var queues control.Jobs
		if c.All {
			if queues, err = o.Jobs(w.ctx); err != nil {
				return err
			}
		}
		if c.JSON {
			for _, j := range failed {
				if err := w.printJSON(j); err != nil {
					return err
				}
			}
			if c.All {
				return w.printJSON(queues)
			}
			return nil
		}
		for _, j := range failed {
			fmt.Fprintf(w.stdout, "%s/%s  %s, given up %s after %s (first wanted %s)\n    %s\n    %s\n", j.Database, j.ID, j.Kind,
				clockTime(j.Failed), tries(j.Attempts), clockTime(j.Created), firstLine(j.Error, 300), firstLine(j.Args, 300))
		}
		if len(failed) == 0 {
			fmt.Fprintln(w.stdout, "No job was given up.")
		} else {
			fmt.Fprintf(w.stdout, "%s given up. Once the cause is gone: tintype jobs retry --all\n", plural(len(failed), "job"))
		}
		if !c.All {
			return nil
		}
		for _, q := range queues.Queues {
			fmt.Fprintf(w.stdout, "queue %s of %s: %d waiting, %d at work\n", q.Queue, q.Database, q.Waiting, q.Running)
		}
		fmt.Fprintf(w.stdout, "%s still to be done, later ones and next tries included.\n", plural(queues.Undone, "job"))
		if queues.Undone > 0 && !o.Served {
			fmt.Fprintln(w.stdout, "The site is not running: its jobs wait until it is.")
		}
		return nil
	})
}

func clockTime(t time.Time) string {
	if t.IsZero() {
		return "at some time"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// firstLine cuts a text to one line of at most n bytes.
func firstLine(s string, n int) string {
	s, _, cut := strings.Cut(strings.TrimSpace(s), "\n")
	if len(s) > n {
		s, cut = strings.ToValidUTF8(s[:n], ""), true
	}
	if cut {
		s += " …"
	}
	return s
}

type jobsRetry struct {
	site
	Jobs []string `arg:"" optional:"" name:"job" help:"Jobs as 'jobs list' shows them, such as main/12."`
	All  bool     `help:"All that were given up."`
}

// Run puts jobs back to work.
func (c *jobsRetry) Run(w *world) error {
	if c.All == (len(c.Jobs) > 0) {
		return errors.New("name the jobs that are to be tried again, such as main/12, or say --all")
	}
	var names []control.JobName
	for _, j := range c.Jobs {
		db, id, ok := strings.Cut(j, "/")
		if !ok {
			return fmt.Errorf("%q is no job: they are named as 'tintype jobs list' shows them, such as main/12", j)
		}
		names = append(names, control.JobName{Database: db, ID: id})
	}
	return c.operate(w, func(o *control.Operator) error {
		if c.All {
			failed, err := o.FailedJobs(w.ctx)
			if err != nil {
				return err
			}
			for _, j := range failed {
				names = append(names, control.JobName{Database: j.Database, ID: j.ID})
			}
		}
		for _, n := range names {
			if err := o.RetryJob(w.ctx, n); err != nil {
				return fmt.Errorf("%s/%s: %w", n.Database, n.ID, err)
			}
		}
		when := "now"
		if !o.Served {
			when = "when the site runs"
		}
		fmt.Fprintf(w.stdout, "%s to be tried again %s.\n", plural(len(names), "job"), when)
		return nil
	})
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}
