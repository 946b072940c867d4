package main

import (
	"fmt"
	"io"

	"github.com/tintype/tintype/internal/control"
)

type rebuildCommand struct {
	What    string `arg:"" enum:"feeds,counters,tags,places,words,popular,renditions,storage,cache" help:"feeds, counters, tags, places, words, popular, renditions, storage or cache."`
	User    string `help:"Only what is this user's." placeholder:"NAME"`
	All     bool   `help:"Of renditions: render again also what is there."`
	MaxRate int    `help:"Take no more than so many users and posts a second, to leave a busy site its strength; 0 for no limit." default:"0" placeholder:"N"`
	JSON    bool   `name:"json" help:"One JSON object for each failure, and one for the summary."`
	site
}

// Help is shown under the flags.
func (rebuildCommand) Help() string {
	return `Makes again what follows from the databases and the originals, on a running site too:

  feeds       the home feeds of whoever was here in the last 30 days; the others' are built when they return
  counters    of posts, follows, followers, likes and comments, from the rows they count
  places      the pages of places, and what is found near a point
  tags        of every post, from its caption, and the words by which people are found
  words       by which posts are found, from their captions and alternative texts
  popular     the posts that got the most lately, from their likes and comments
  renditions  the pictures that are missing, from the originals; all of them with --all
  cache       empties memcached and the memory of the server: everything is read anew

It can be broken off and begun again at any time; nothing is lost by either.`
}

// Run rebuilds.
func (c *rebuildCommand) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		p := newProgress(w, c.JSON)
		p.verb = "rebuilding"
		sum, err := o.Rebuild(w.ctx, control.Rebuild{What: c.What, User: c.User, All: c.All, MaxRate: c.MaxRate}, func(e control.CheckEvent) error {
			f := e.Finding
			if f == nil {
				return p.at(e)
			}
			return p.print(func(out io.Writer) error {
				if c.JSON {
					return w.printJSON(f)
				}
				_, err := fmt.Fprintf(out, "%s: %s\n", f.What, f.Do)
				return err
			})
		})
		p.end()
		if err != nil {
			return err
		}
		switch {
		case c.JSON:
			if err := w.printJSON(sum); err != nil {
				return err
			}
		case c.What == "cache":
			fmt.Fprintln(w.stdout, "The caches are empty.")
		default:
			fmt.Fprintf(w.stdout, "Looked at %d, changed %d.\n", sum.Looked, sum.Repaired)
		}
		if sum.Findings > 0 {
			return fmt.Errorf("%s; see to them and rebuild again", plural(sum.Findings, "failure"))
		}
		return nil
	})
}
