package sqlstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// TestIdentities keeps who users are elsewhere: each is one user's, and a user has one of an issuer.
func TestIdentities(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s, accounts := sqlstore.Identities{R: r}, sqlstore.Accounts{R: r}
		ann, bob := newUser(t, r, "ann"), newUser(t, r, "bob")
		is := func(user tintype.ID, want ...tintype.Identity) {
			t.Helper()
			got, err := s.Identities(ctx, user)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("identities (-want +got), %v:\n%s", err, d)
			}
		}
		is(ann)
		takeJobs(t, r)
		work := tintype.Identity{Issuer: "https://work.example", Subject: "1", UserID: ann, Email: "ann@work.example", Linked: signedUp.Add(time.Hour)}
		home := tintype.Identity{Issuer: "https://home.example", Subject: "1", UserID: ann, Linked: signedUp}
		for _, i := range []tintype.Identity{work, home} {
			if err := s.LinkIdentity(ctx, i, job.Mail{}); err != nil {
				t.Fatal(err)
			}
		}
		if told := itemsOf[job.Mail](t, takeJobs(t, r), job.MailKind); len(told) != 2 || told[0].Letter != job.LetterIdentity || told[0].User != ann {
			t.Errorf("told of %+v", told)
		}
		is(ann, home, work)
		theirs, second, nobodys := work, work, work
		theirs.UserID, second.Subject, nobodys.UserID = bob, "2", 12345
		mustBlame(t, s.LinkIdentity(ctx, theirs, job.Mail{}), "conflict provider")
		mustBlame(t, s.LinkIdentity(ctx, second, job.Mail{}), "conflict provider")
		mustBlame(t, s.LinkIdentity(ctx, nobodys, job.Mail{}), "not found ")
		got, err := s.Identity(ctx, work.Issuer, work.Subject)
		if d := cmp.Diff(&work, got); d != "" || err != nil {
			t.Errorf("%v\n%s", err, d)
		}
		if got, err := s.Identity(ctx, work.Issuer, "2"); got != nil || err != nil {
			t.Errorf("%+v, %v", got, err)
		}
		mustBlame(t, s.UnlinkIdentity(ctx, bob, work.Issuer, job.Mail{}, signedUp), "not found ")
		takeJobs(t, r)
		if err := s.UnlinkIdentity(ctx, ann, work.Issuer, job.Mail{}, signedUp); err != nil {
			t.Fatal(err)
		}
		if told := itemsOf[job.Mail](t, takeJobs(t, r), job.MailKind); len(told) != 1 || told[0].Letter != job.LetterUnlinked || told[0].User != ann {
			t.Errorf("told of %+v", told)
		}
		is(ann, home)

		// One that comes with a new account is there with it, or not at all.
		claim := func(name string, user tintype.ID, i tintype.Identity, verified bool) error {
			return accounts.Claim(ctx, tintype.NewAccount{UserID: user, Username: name, Skeleton: name, Email: name + "@example.org", EmailKey: name + "@example.org",
				PasswordHash: "!", Locale: "en", Identity: &i, Verified: verified, At: signedUp})
		}
		mustBlame(t, claim("cyd", 501, home, false), "conflict provider")
		if a, err := accounts.Account(ctx, 501); a != nil || err != nil {
			t.Errorf("an account without its identity: %+v, %v", a, err)
		}
		if err := claim("cyd", 502, work, true); err != nil {
			t.Fatal(err)
		}
		work.UserID, work.Linked = 502, signedUp
		is(502, work)
		if a, err := accounts.Account(ctx, 502); err != nil || !a.Verified.Equal(signedUp) {
			t.Errorf("%+v, %v", a, err)
		}
		// A claim that is undone leaves none behind.
		if _, err := accounts.Settle(ctx, tintype.Claim{UserID: 502, Username: "cyd", Skeleton: "cyd", At: signedUp}, "", signedUp); err != nil {
			t.Fatal(err)
		}
		is(502)
	})
}

// TestChallengeStays reads a challenge without using it up.
func TestChallengeStays(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.Passkeys{R: r}
		c := tintype.Challenge{Hash: hashOf("stays"), Kind: tintype.ChallengeNamed, UserID: 7, Data: "{}", Expires: signedUp.Add(time.Minute)}
		if err := s.PutChallenge(ctx, c); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := s.Challenge(ctx, c.Hash, signedUp)
			if d := cmp.Diff(&c, got); d != "" || err != nil {
				t.Errorf("%v\n%s", err, d)
			}
		}
		if got, err := s.Challenge(ctx, c.Hash, c.Expires); got != nil || err != nil {
			t.Errorf("too old: %+v, %v", got, err)
		}
		if got, err := s.TakeChallenge(ctx, c.Hash, signedUp); got == nil || err != nil {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := s.Challenge(ctx, c.Hash, signedUp); got != nil || err != nil {
			t.Errorf("taken: %+v, %v", got, err)
		}
	})
}
