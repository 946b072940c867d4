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

// TestPasskeys keeps passkeys of their users, and challenges that are answered once.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.Passkeys{R: r}
		ann, bob := newUser(t, r, "ann"), newUser(t, r, "bob")
		is := func(user tintype.ID, want ...tintype.Passkey) {
			t.Helper()
			got, err := s.Passkeys(ctx, user)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("passkeys (-want +got), %v:\n%s", err, d)
			}
		}
		is(ann)
		takeJobs(t, r)
		one := tintype.Passkey{ID: []byte("one"), UserID: ann, Name: "Phone", Record: "{}", Created: signedUp}
		two := tintype.Passkey{ID: []byte("two"), UserID: ann, Name: "Key", Record: "{}", Created: signedUp.Add(time.Hour)}
		for _, p := range []tintype.Passkey{two, one} {
			if err := s.AddPasskey(ctx, p, job.Mail{}); err != nil {
				t.Fatal(err)
			}
		}
		if told := itemsOf[job.Mail](t, takeJobs(t, r), job.MailKind); len(told) != 2 || told[0].Letter != job.LetterPasskey || told[0].User != ann {
			t.Errorf("told of %+v", told)
		}
		theirs := one
		theirs.UserID = bob
		mustBlame(t, s.AddPasskey(ctx, theirs, job.Mail{}), "conflict ")
		mustBlame(t, s.UsePasskey(ctx, theirs), "not found ")
		mustBlame(t, s.RenamePasskey(ctx, bob, one.ID, "x"), "not found ")
		mustBlame(t, s.RemovePasskey(ctx, bob, one.ID), "not found ")
		mustBlame(t, s.AddPasskey(ctx, tintype.Passkey{ID: []byte("x"), UserID: 12345}, job.Mail{}), "not found ")
		one.Record, one.Used, one.Name = `{"n":1}`, signedUp.Add(2*time.Hour), "Old phone"
		if err := s.UsePasskey(ctx, one); err != nil {
			t.Fatal(err)
		}
		if err := s.RenamePasskey(ctx, ann, one.ID, one.Name); err != nil {
			t.Fatal(err)
		}
		is(ann, one, two)
		if err := s.RemovePasskey(ctx, ann, two.ID); err != nil {
			t.Fatal(err)
		}
		is(ann, one)
		for i := range sqlstore.MaxPasskeys {
			err := s.AddPasskey(ctx, tintype.Passkey{ID: fmt.Appendf(nil, "more %d", i), UserID: ann, Created: signedUp}, job.Mail{})
			if want := map[bool]string{true: "conflict "}[i == sqlstore.MaxPasskeys-1]; blame(err) != want {
				t.Errorf("number %d: %v", i+2, err)
			}
		}

		now := signedUp.Add(time.Hour)
		c := tintype.Challenge{Hash: hashOf("c"), Kind: tintype.ChallengeSecond, UserID: ann, Session: "s", Data: "{}", Expires: now.Add(time.Minute)}
		late := c
		late.Hash = hashOf("late")
		for _, c := range []tintype.Challenge{c, late} {
			if err := s.PutChallenge(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.TakeChallenge(ctx, c.Hash, now)
		if d := cmp.Diff(&c, got); d != "" || err != nil {
			t.Errorf("challenge (-want +got), %v:\n%s", err, d)
		}
		for _, hash := range [][]byte{c.Hash, late.Hash, hashOf("none")} {
			if got, err := s.TakeChallenge(ctx, hash, now.Add(time.Minute)); got != nil || err != nil {
				t.Errorf("%v, %v", got, err)
			}
		}
		if err := s.PutChallenge(ctx, c); err != nil {
			t.Fatal(err)
		}
		if err := s.SweepChallenges(ctx, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if got, err := s.TakeChallenge(ctx, c.Hash, now); got != nil || err != nil {
			t.Errorf("swept away: %v, %v", got, err)
		}
	})
}
