package main

import (
	"fmt"

	"github.com/tintype/tintype/internal/control"
)

type mailCommand struct {
	Test mailTest `cmd:"" help:"Send a letter, to see whether it arrives."`
}

// Help is shown under the subcommands.
func (mailCommand) Help() string {
	return "The mail server is set in the configuration: smtp_host, smtp_port, smtp_tls (starttls, tls or none), smtp_user, smtp_password or smtp_password_file, and mail_from. Without one every letter is kept as a file in the directory outbox of the site's data."
}

type mailTest struct {
	site
	Address string `arg:"" help:"Where to send it."`
}

// Run sends a letter.
func (c *mailTest) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		to, err := o.TestMail(w.ctx, c.Address)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "A letter to %s went to %s.\n", c.Address, to)
		return nil
	})
}
