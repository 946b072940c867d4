package sqlstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// TestEmails confirms addresses, changes and undoes them, and sets passwords, by links that are good once.
func TestEmails(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s, a, creds := sqlstore.Emails{R: r}, sqlstore.Accounts{R: r}, sqlstore.Credentials{R: r}
		ann, bob := newUser(t, r, "ann"), newUser(t, r, "bob")
		now := signedUp.Add(time.Hour)
		link := func(name string, user tintype.ID, purpose tintype.LinkPurpose, email string, verified time.Time) {
			t.Helper()
			key := email
			if email == "ann@Example.com" {
				key = "ann@example.com"
			}
			l := tintype.MailLink{Hash: hashOf(name), UserID: user, Purpose: purpose, Email: email, EmailKey: key, Verified: verified, Expires: now.Add(time.Hour)}
			if err := s.AddLink(ctx, l); err != nil {
				t.Fatal(err)
			}
		}
		is := func(user tintype.ID, email, pending string, verified bool) {
			t.Helper()
			got, err := a.Account(ctx, user)
			if err != nil || got.Email != email || got.Pending != pending || got.Verified.IsZero() == verified {
				t.Errorf("%+v, %v; want %q, %q to come, verified: %v", got, err, email, pending, verified)
			}
		}
		confirm := func(name, blamed string) {
			t.Helper()
			_, err := s.ConfirmEmail(ctx, hashOf(name), now)
			mustBlame(t, err, blamed)
		}
		const bad = "invalid token"

		if err := s.Ask(ctx, job.Mail{Letter: job.LetterVerify, User: ann}, now); err != nil {
			t.Fatal(err)
		}
		link("verify", ann, tintype.LinkVerify, "ann@Example.com", time.Time{})
		got, err := s.Link(ctx, hashOf("verify"), now)
		want := &tintype.MailLink{Hash: hashOf("verify"), UserID: ann, Purpose: tintype.LinkVerify, Email: "ann@Example.com", EmailKey: "ann@example.com", Expires: now.Add(time.Hour)}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("link (-want +got), %v:\n%s", err, d)
		}
		if l, err := s.Link(ctx, hashOf("verify"), now.Add(time.Hour)); l != nil || err != nil {
			t.Errorf("an old link: %v, %v", l, err)
		}
		is(ann, "ann@Example.com", "", false)
		confirm("verify", "")
		is(ann, "ann@Example.com", "", true)
		confirm("verify", bad) // it was used
		confirm("none", bad)

		// The address stays until the new one is confirmed.
		if err := s.AskChange(ctx, ann, "new@example.com", job.Mail{}, now); err != nil {
			t.Fatal(err)
		}
		is(ann, "ann@Example.com", "new@example.com", true)
		link("other", ann, tintype.LinkChange, "other@example.com", time.Time{})
		confirm("other", bad)
		link("change", ann, tintype.LinkChange, "new@example.com", time.Time{})
		link("reset at the former", ann, tintype.LinkReset, "ann@Example.com", time.Time{})
		confirm("change", "")
		is(ann, "new@example.com", "", true)
		if l, err := s.Link(ctx, hashOf("reset at the former"), now); l != nil || err != nil {
			t.Errorf("a password can be set from the former address: %v, %v", l, err)
		}

		// What somebody only says is theirs goes to whom it is.
		if err := s.AskChange(ctx, ann, "bob@Example.com", job.Mail{}, now); err != nil {
			t.Fatal(err)
		}
		if err := s.AddLink(ctx, tintype.MailLink{Hash: hashOf("bob's"), UserID: ann, Purpose: tintype.LinkChange, Email: "bob@Example.com", EmailKey: "bob@example.com", Expires: now.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		confirm("bob's", "")
		is(ann, "bob@Example.com", "", true)
		is(bob, "", "", false)
		if err := s.AskChange(ctx, bob, "bob@Example.com", job.Mail{}, now); err != nil {
			t.Fatal(err)
		}
		if err := s.AddLink(ctx, tintype.MailLink{Hash: hashOf("too late"), UserID: bob, Purpose: tintype.LinkChange, Email: "bob@Example.com", EmailKey: "bob@example.com", Expires: now.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		confirm("too late", "conflict email")

		// Undone, it is as it was, and whoever was in is out.
		if ok, err := creds.AddCredential(ctx, credential(ann, "a1", 0), ""); !ok || err != nil {
			t.Fatal(ok, err)
		}
		link("undo", ann, tintype.LinkUndo, "ann@Example.com", now)
		l, ended, err := s.UndoEmail(ctx, hashOf("undo"), "!", now)
		if err != nil || l.Email != "ann@Example.com" || len(ended) != 1 || ended[0].ID != "a1" {
			t.Errorf("undo: %+v, %v, %v", l, ended, err)
		}
		is(ann, "ann@Example.com", "", true)
		if got, _ := a.Account(ctx, ann); got.PasswordHash != "!" {
			t.Errorf("the password is still good: %q", got.PasswordHash)
		}
		_, _, err = s.UndoEmail(ctx, hashOf("undo"), "!", now)
		mustBlame(t, err, bad)

		// A new password ends everything, and the other links with it.
		if ok, err := creds.AddCredential(ctx, credential(ann, "a2", 0), ""); !ok || err != nil {
			t.Fatal(ok, err)
		}
		reset := func(name, blamed string, ends int) {
			t.Helper()
			ended, err := s.ResetPassword(ctx, hashOf(name), "hash", job.Mail{}, now)
			mustBlame(t, err, blamed)
			if len(ended) != ends {
				t.Errorf("%s ended %v", name, ended)
			}
		}
		for _, name := range []string{"reset", "second"} {
			link(name, ann, tintype.LinkReset, "ann@Example.com", time.Time{})
		}
		link("elsewhere", ann, tintype.LinkReset, "new@example.com", time.Time{})
		reset("elsewhere", bad, 0)
		reset("reset", "", 1)
		reset("second", bad, 0)
		if got, _ := a.Account(ctx, ann); got.PasswordHash != "hash" {
			t.Errorf("the password is %q", got.PasswordHash)
		}

		// Without an address at once; whoever is suspended can use no link.
		if err := s.AskChange(ctx, ann, "", job.Mail{}, now); err != nil {
			t.Fatal(err)
		}
		is(ann, "", "", false)
		mustBlame(t, s.AskChange(ctx, 12345, "x@example.com", job.Mail{}, now), "not found ")
		link("suspended", ann, tintype.LinkUndo, "ann@Example.com", now)
		if _, err := creds.SetSuspended(ctx, ann, true); err != nil {
			t.Fatal(err)
		}
		_, _, err = s.UndoEmail(ctx, hashOf("suspended"), "!", now)
		mustBlame(t, err, bad)
		if err := s.SweepLinks(ctx, now.Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if l, err := s.Link(ctx, hashOf("suspended"), now); l != nil || err != nil {
			t.Errorf("a link that was swept away: %v, %v", l, err)
		}
	})
}

// TestDevices tells of a second device, and not of the first nor of the same again.
func TestDevices(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.Credentials{R: r}
		ann := newUser(t, r, "ann")
		takeJobs(t, r)
		told := func(want int) {
			t.Helper()
			got := itemsOf[job.Mail](t, takeJobs(t, r), job.MailKind)
			if len(got) != want || want > 0 && (got[0].Letter != job.LetterDevice || got[0].User != ann) {
				t.Errorf("told of %+v, want %d", got, want)
			}
		}
		for i, sign := range []struct {
			device string
			tells  int
		}{{"one", 0}, {"one", 0}, {"two", 1}, {"two", 0}, {"one", 0}} {
			c := credential(ann, fmt.Sprint("d", i), 0)
			c.Device = hashOf(sign.device)
			if ok, err := s.AddCredential(ctx, c, ""); !ok || err != nil {
				t.Fatal(ok, err)
			}
			told(sign.tells)
		}
		if err := (sqlstore.Emails{R: r}).SweepDevices(ctx, signedUp.Add(24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		c := credential(ann, "after", 0)
		c.Device = hashOf("three")
		if ok, err := s.AddCredential(ctx, c, ""); !ok || err != nil {
			t.Fatal(ok, err)
		}
		told(0)
	})
}
