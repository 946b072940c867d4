package main

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"text/tabwriter"

	"github.com/tintype/tintype/internal/control"
)

type knobsCommand struct {
	List    knobsList    `cmd:"" help:"Show every knob: its value, its default, who turned it and when."`
	Set     knobsSet     `cmd:"" help:"Turn a knob."`
	Reset   knobsReset   `cmd:"" help:"Put knobs back to their defaults."`
	History knobsHistory `cmd:"" help:"Show who turned what."`
}

// Help is shown under the subcommands.
func (knobsCommand) Help() string {
	return "A knob is something that can be changed while the site runs: how long feeds are, who may sign up, whether photos, comments or anything at all is taken, how often somebody may call. They are kept with the site; every process sees a change within seconds."
}

type knobsList struct {
	site
	JSON bool `name:"json" help:"One JSON object for each knob."`
}

// Run lists knobs.
func (c *knobsList) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		list, err := o.Knobs(w.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return eachJSON(w, list)
		}
		t := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "KNOB\tVALUE\tDEFAULT\tTURNED\tWHAT IT IS")
		for _, k := range list {
			turned := ""
			if k.Set && k.Changed != nil {
				turned = clockTime(*k.Changed) + " by " + k.By
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", k.Name, k.Value, k.Default, turned, k.Help)
		}
		return t.Flush()
	})
}

type knobsSet struct {
	site
	Name  string `arg:"" help:"The knob, as 'knobs list' shows it."`
	Value string `arg:"" help:"on or off, a number, or a word."`
	JSON  bool   `name:"json" help:"Print the knob as JSON."`
}

// Run turns a knob.
func (c *knobsSet) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		list, err := o.TurnKnobs(w.ctx, control.KnobChange{Set: map[string]string{c.Name: c.Value}, Via: operatorName()})
		if err != nil {
			return err
		}
		return showKnobs(w, c.JSON, list, c.Name)
	})
}

type knobsReset struct {
	site
	Names []string `arg:"" name:"name" help:"The knobs, as 'knobs list' shows them."`
	JSON  bool     `name:"json" help:"Print the knobs as JSON."`
}

// Run puts knobs back.
func (c *knobsReset) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		list, err := o.TurnKnobs(w.ctx, control.KnobChange{Reset: c.Names, Via: operatorName()})
		if err != nil {
			return err
		}
		return showKnobs(w, c.JSON, list, c.Names...)
	})
}

type knobsHistory struct {
	site
	Name string `arg:"" optional:"" help:"One knob; all without."`
	Max  int    `help:"Show at most so many changes." default:"50" placeholder:"N"`
	JSON bool   `name:"json" help:"One JSON object for each change."`
}

// Run lists changes.
func (c *knobsHistory) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		list, err := o.KnobHistory(w.ctx, c.Name, c.Max)
		if err != nil {
			return err
		}
		if c.JSON {
			return eachJSON(w, list)
		}
		for _, t := range list {
			value := "to " + t.Value
			if t.Reset {
				value = "back to its default"
			}
			fmt.Fprintf(w.stdout, "%s  %s %s, by %s\n", clockTime(t.At), t.Name, value, t.By)
		}
		if len(list) == 0 {
			fmt.Fprintln(w.stdout, "Nobody has turned anything yet.")
		}
		return nil
	})
}

func showKnobs(w *world, asJSON bool, list []control.Knob, names ...string) error {
	for _, name := range names {
		for _, k := range list {
			switch {
			case k.Name != name:
			case asJSON:
				if err := w.printJSON(k); err != nil {
					return err
				}
			case k.Set:
				fmt.Fprintf(w.stdout, "%s is now %s (the default is %s). Every process knows within seconds.\n", k.Name, k.Value, k.Default)
			default:
				fmt.Fprintf(w.stdout, "%s is back at its default, %s.\n", k.Name, k.Default)
			}
		}
	}
	return nil
}

func eachJSON[T any](w *world, list []T) error {
	for _, v := range list {
		if err := w.printJSON(v); err != nil {
			return err
		}
	}
	return nil
}

// operatorName is who gives the command, for the history.
func operatorName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "user " + strconv.Itoa(os.Getuid())
}
