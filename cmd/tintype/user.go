package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/tintype/tintype/internal/control"
)

type userCommand struct {
	Create         userCreate         `cmd:"" help:"Make an account, whoever may sign up."`
	ResetPassword  userReset          `cmd:"" help:"Set a new password and sign the user out everywhere."`
	ResetTwoFactor userResetTwoFactor `cmd:"" help:"Let a user who lost phone and recovery codes sign in by the password alone."`
	Admin          userAdmin          `cmd:"" help:"Make a user an admin, or no longer one."`
	List           userList           `cmd:"" help:"List all users."`
	Suspend        userSuspend        `cmd:"" help:"Shut a user out, and hide what they published."`
	Moderator      userModerator      `cmd:"" help:"Let a user see the queue of reports, or no longer."`
	Unsuspend      userUnsuspend      `cmd:"" help:"Let a suspended user back in."`
	Delete         userDelete         `cmd:"" help:"Delete a user and all that is theirs, after a time in which they may come back."`
}

// Help is shown under the subcommands.
func (userCommand) Help() string {
	return "These work whether or not the site is running: a running server carries them out itself, at once."
}

const passwordHelp = "The password is asked for on a terminal, without showing it; otherwise the first line of standard input is taken. With --generate one is made up and printed."

type userCreate struct {
	site
	Username string `arg:"" help:"Name of the user: letters, digits, '_' and '.'."`
	FullName string `help:"Name as shown on the profile." placeholder:"NAME"`
	Email    string `help:"E-mail address, which can then be used to sign in." placeholder:"ADDRESS"`
	Private  bool   `help:"Only approved followers see the posts."`
	Admin    bool   `help:"Make the user an admin of the site."`
	Generate bool   `help:"Make up a password and print it."`
}

// Help is shown under the flags.
func (userCreate) Help() string {
	return passwordHelp + " The first user of a site becomes its admin, with --admin or without."
}

// Run makes an account.
func (c *userCreate) Run(w *world) error {
	password, generated, err := w.password(c.Generate, c.Username)
	if err != nil {
		return err
	}
	return c.operateOn(w, true, func(o *control.Operator) error {
		u, err := o.CreateUser(w.ctx, control.NewUser{Username: c.Username, Password: password, FullName: c.FullName, Email: c.Email, Private: c.Private, Admin: c.Admin})
		if err != nil {
			return err
		}
		if u.Admin {
			fmt.Fprintf(w.stdout, "%s can sign in now, and is an admin: may decide who signs up, make invites and see failed jobs.\n", u.Username)
		} else {
			fmt.Fprintf(w.stdout, "%s can sign in now.\n", u.Username)
		}
		w.printPassword(generated, password)
		return nil
	})
}

func (w *world) printPassword(generated bool, password string) {
	if generated {
		fmt.Fprintln(w.stdout, "Password:", password)
	}
}

type userReset struct {
	site
	Username string `arg:"" help:"Name of the user."`
	Generate bool   `help:"Make up a password and print it."`
}

// Help is shown under the flags.
func (userReset) Help() string {
	return passwordHelp + " All sessions of the user and all tokens of their apps end."
}

// Run sets a password.
func (c *userReset) Run(w *world) error {
	password, generated, err := w.password(c.Generate, c.Username)
	if err != nil {
		return err
	}
	return c.operate(w, func(o *control.Operator) error {
		if err := o.ResetPassword(w.ctx, c.Username, password); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s has a new password and is signed out everywhere.\n", c.Username)
		w.printPassword(generated, password)
		return nil
	})
}

type userResetTwoFactor struct {
	site
	Username string `arg:"" help:"Name of the user."`
}

// Run takes the second factor away.
func (c *userResetTwoFactor) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		if err := o.ResetTwoFactor(w.ctx, c.Username); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s signs in by the password alone now. Make sure that it was they who asked.\n", c.Username)
		return nil
	})
}

type userAdmin struct {
	site
	Username string `arg:"" help:"Name of the user."`
	Remove   bool   `help:"Make the user an ordinary one again."`
}

// Run makes an admin, or an ordinary user.
func (c *userAdmin) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		if err := o.SetAdmin(w.ctx, c.Username, !c.Remove); err != nil {
			return err
		}
		if c.Remove {
			fmt.Fprintf(w.stdout, "%s is no longer an admin.\n", c.Username)
		} else {
			fmt.Fprintf(w.stdout, "%s is now an admin.\n", c.Username)
		}
		return nil
	})
}

type userModerator struct {
	site
	Username string `arg:"" help:"Name of the user."`
	Remove   bool   `help:"No longer."`
}

// Help is shown under the flags.
func (userModerator) Help() string {
	return "A moderator sees what was reported and decides about it, and nothing else of what admins see."
}

// Run makes a moderator.
func (c *userModerator) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		if err := o.SetModerator(w.ctx, c.Username, !c.Remove); err != nil {
			return err
		}
		if c.Remove {
			fmt.Fprintf(w.stdout, "%s is no longer a moderator.\n", c.Username)
		} else {
			fmt.Fprintf(w.stdout, "%s is now a moderator.\n", c.Username)
		}
		return nil
	})
}

type userSuspend struct {
	site
	Username string `arg:"" help:"Name of the user."`
	Reason   string `help:"One of: spam, harassment, hate, violence, nudity, self_harm, illegal, privacy, copyright, impersonation, other." default:"other" placeholder:"REASON"`
	Words    string `help:"What the user is told." placeholder:"TEXT"`
	Days     int    `help:"For so many days; without, until it is lifted." placeholder:"N"`
}

// Help is shown under the flags.
func (userSuspend) Help() string {
	return "Nothing is deleted: `tintype user unsuspend` brings all of it back."
}

// Run suspends a user.
func (c *userSuspend) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		if err := o.Suspend(w.ctx, control.Suspension{Username: c.Username, On: true, Reason: c.Reason, Words: c.Words, Days: c.Days}); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s is signed out everywhere, cannot sign in, and is hidden with all they published.\n", c.Username)
		return nil
	})
}

type userUnsuspend struct {
	site
	Username string `arg:"" help:"Name of the user."`
}

// Run lets a user back in.
func (c *userUnsuspend) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		if err := o.Suspend(w.ctx, control.Suspension{Username: c.Username}); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s can sign in again.\n", c.Username)
		return nil
	})
}

type userDelete struct {
	site
	Username string `arg:"" help:"Name of the user."`
	Now      bool   `help:"Do not wait: nothing can be brought back."`
}

// Help is shown under the flags.
func (userDelete) Help() string {
	return "The user is signed out and hidden at once. Until the time of leave_days is over, signing in brings all of it back. A running server deletes; one that is not running does when it is started."
}

// Run deletes a user.
func (c *userDelete) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		if err := o.DeleteUser(w.ctx, c.Username, c.Now); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "%s is signed out everywhere and hidden, and will be deleted.\n", c.Username)
		return nil
	})
}

type userList struct {
	site
	JSON bool `name:"json" help:"One JSON object for each user."`
}

// Run lists users.
func (c *userList) Run(w *world) error {
	return c.operate(w, func(o *control.Operator) error {
		if c.JSON {
			return o.Users(w.ctx, func(u control.User) error { return w.printJSON(u) })
		}
		t := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', 0)
		n := 0
		err := o.Users(w.ctx, func(u control.User) error {
			if n++; n == 1 {
				fmt.Fprintln(t, "USERNAME\tID\tSTATE\tROLE\tSINCE\tE-MAIL")
			}
			role := "user"
			if u.Admin {
				role = "admin"
			}
			_, err := fmt.Fprintf(t, "%s\t%v\t%s\t%s\t%s\t%s\n", u.Username, u.ID, u.State, role, u.Created.Format("2006-01-02"), u.Email)
			return err
		})
		if err != nil {
			return err
		}
		if n == 0 {
			fmt.Fprintln(t, "Nobody has signed up yet. The first who does will be the site's admin.")
		}
		return t.Flush()
	})
}
