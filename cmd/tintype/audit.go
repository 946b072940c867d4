package main

import (
	"fmt"

	"github.com/tintype/tintype/internal/control"
)

type auditCommand struct {
	site
	User string `help:"Only what was done to this user." placeholder:"NAME"`
	Deed string `help:"Only deeds that begin so, as user. or knobs.turn." placeholder:"WORD"`
	Max  int    `help:"Show at most so many." default:"50" placeholder:"N"`
	JSON bool   `name:"json" help:"One JSON object for each entry."`
}

// Help is shown under the flags.
func (auditCommand) Help() string {
	return "Every act of somebody who runs the site, newest first: who, when, what, to whom and why. Nothing takes an entry out."
}

// Run lists entries.
func (c *auditCommand) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		list, err := o.Audit(w.ctx, control.AuditAsk{Username: c.User, Deed: c.Deed, Max: c.Max})
		if err != nil {
			return err
		}
		if c.JSON {
			return eachJSON(w, list)
		}
		for _, e := range list {
			fmt.Fprintf(w.stdout, "%s  %s by %s", clockTime(e.At), e.Deed, e.By)
			for _, more := range []struct{ label, text string }{{" to ", e.User}, {", ", e.Thing}, {": ", e.Reason}} {
				if more.text != "" {
					fmt.Fprint(w.stdout, more.label, more.text)
				}
			}
			fmt.Fprintln(w.stdout)
		}
		if len(list) == 0 {
			fmt.Fprintln(w.stdout, "Nobody has done anything yet.")
		}
		return nil
	})
}
