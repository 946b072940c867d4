package sqlstore_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func hashOf(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

func credential(user tintype.ID, id string, app tintype.ID) *tintype.Credential {
	return &tintype.Credential{ID: id, Hash: hashOf(id), UserID: user, App: app, Scopes: tintype.ScopeBasic | tintype.ScopeLikes,
		Created: signedUp, Expires: signedUp.Add(time.Hour), UserAgent: "test", Address: "192.0.2.1"}
}

func ids(cs []tintype.Credential) string {
	var out []string
	for _, c := range cs {
		out = append(out, c.ID)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.Credentials{R: r}
		ann, bob := newUser(t, r, "ann"), newUser(t, r, "bob")
		add := func(user tintype.ID, id string, app tintype.ID) {
			t.Helper()
			if ok, err := s.AddCredential(ctx, credential(user, id, app), ""); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		if err := (sqlstore.Apps{R: r}).AddApp(ctx, &tintype.App{ID: 77, OwnerID: ann, ClientID: "c77", Created: signedUp}); err != nil {
			t.Fatal(err)
		}
		add(ann, "a1", 0)
		add(ann, "a2", 0)
		add(ann, "a3", 77)
		if ok, err := s.AddCredential(ctx, credential(ann, "a4", 78), ""); ok || err != nil {
			t.Errorf("for an app that is not there: %v, %v", ok, err)
		}
		add(bob, "b1", 0)

		want := credential(ann, "a1", 0)
		want.Seen, want.Admin, want.UserAgent, want.Address = signedUp, true, "", ""
		got, err := s.Credential(ctx, hashOf("a1"))
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Error(d, err)
		}
		if c, err := s.Credential(ctx, hashOf("a")); c != nil || err != nil {
			t.Error(c, err)
		}
		if ok, err := s.AddCredential(ctx, credential(ann, "a4", 0), "hash of bob"); ok || err != nil {
			t.Error("a session was opened with an old password", err)
		}
		if ok, err := s.AddCredential(ctx, credential(12345, "n", 0), ""); ok || err != nil {
			t.Error("a session was opened for nobody", err)
		}

		seen := signedUp.Add(time.Minute)
		if err := s.TouchCredentials(ctx, []tintype.Credential{{Hash: hashOf("a2"), Seen: seen, Expires: seen.Add(time.Hour)}, {Hash: hashOf("gone"), Seen: seen}}); err != nil {
			t.Fatal(err)
		}
		list, err := s.Credentials(ctx, ann, signedUp)
		if err != nil || len(list) != 3 || list[0].ID != "a2" || list[0].Seen != seen || list[1].Address != "192.0.2.1" {
			t.Errorf("%+v, %v", list, err)
		}
		if list, _ := s.Credentials(ctx, ann, signedUp.Add(time.Hour)); ids(list) != "a2" {
			t.Errorf("expired are listed: %v", ids(list))
		}

		ended := func(want string) func([]tintype.Credential, error) {
			return func(cs []tintype.Credential, err error) {
				t.Helper()
				if err != nil || ids(cs) != want {
					t.Errorf("ended %q, %v; want %q", ids(cs), err, want)
				}
				for _, c := range cs {
					if !bytes.Equal(c.Hash, hashOf(c.ID)) || c.UserID == 0 {
						t.Errorf("%+v", c)
					}
				}
			}
		}
		ended("")(s.EndCredential(ctx, bob, "a1"))
		ended("a1")(s.EndCredential(ctx, ann, "a1"))
		ended("a3")(s.EndCredentials(ctx, ann, "a2"))
		ended("b1")(s.EndExpired(ctx, signedUp.Add(time.Hour)))
		add(ann, "a5", 0)
		if ok, err := s.Rehash(ctx, ann, "hash of ann", "new"); !ok || err != nil {
			t.Error(ok, err)
		}
		if ok, err := s.Rehash(ctx, ann, "hash of ann", "newer"); ok || err != nil {
			t.Error("rehashed from an old hash", err)
		}
		_, err = s.SetPassword(ctx, ann, "hash of ann", "x", "", job.Mail{}, signedUp)
		mustBlame(t, err, "not found ")
		ended("a2")(s.SetPassword(ctx, ann, "new", "newest", "a5", job.Mail{}, signedUp))
		ended("a5")(s.SetPassword(ctx, ann, "", "reset", "", job.Mail{}, signedUp))

		add(ann, "a6", 0)
		for _, gone := range []string{"a6", ""} {
			ended(gone)(s.SetSuspended(ctx, ann, true))
		}
		if ok, err := s.AddCredential(ctx, credential(ann, "a7", 0), ""); ok || err != nil {
			t.Error("a session was opened for a suspended user", err)
		}
		ended("")(s.SetSuspended(ctx, ann, false))
		add(ann, "a8", 0)
		ended("")(s.SetSuspended(ctx, ann, false)) // they were let in already
		ended("")(s.SetSuspended(ctx, 4711, true))
	})
}

func TestApps(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s, creds := sqlstore.Apps{R: r}, sqlstore.Credentials{R: r}
		ann := newUser(t, r, "ann")
		secret := &tintype.App{ID: 1, OwnerID: ann, ClientID: "c1", SecretHash: hashOf("s"), Name: "One", Website: "https://one.example",
			RedirectURIs: []string{"https://one.example/cb", "x.y:/z"}, Scopes: tintype.ScopeBasic, Created: signedUp}
		public := &tintype.App{ID: 2, OwnerID: ann, ClientID: "c2", Name: "Two", RedirectURIs: []string{"x.y:/z"}, Created: signedUp}
		for _, a := range []*tintype.App{secret, public} {
			if err := s.AddApp(ctx, a); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.AppsOf(ctx, ann)
		if d := cmp.Diff([]*tintype.App{public, secret}, got); d != "" || err != nil {
			t.Error(d, err)
		}
		if a, err := s.App(ctx, "c2"); err != nil || !a.Public() {
			t.Error(a, err)
		}
		if a, err := s.App(ctx, "c3"); a != nil || err != nil {
			t.Error(a, err)
		}

		for i, app := range []tintype.ID{1, 1, 2, 0} {
			c := credential(ann, fmt.Sprint("t", i), app)
			c.Scopes = 1 << i
			c.Created = signedUp.Add(time.Duration(-i) * time.Minute)
			if ok, err := creds.AddCredential(ctx, c, ""); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		list, err := creds.Credentials(ctx, ann, signedUp)
		if err != nil || list[0].AppName != "One" {
			t.Errorf("%+v, %v", list, err)
		}
		grants, err := s.AppGrants(ctx, ann, signedUp)
		want := []tintype.AppGrant{
			{App: *secret, Scopes: 3, Created: signedUp.Add(-time.Minute), Seen: signedUp},
			{App: *public, Scopes: 4, Created: signedUp.Add(-2 * time.Minute), Seen: signedUp.Add(-2 * time.Minute)},
		}
		if d := cmp.Diff(want, grants); d != "" || err != nil {
			t.Error(d, err)
		}
		if ended, err := s.EndToken(ctx, 2, hashOf("t0")); len(ended) != 0 || err != nil {
			t.Error("an app ended another one's token", err)
		}
		if ended, err := s.EndToken(ctx, 1, hashOf("t0")); ids(ended) != "t0" || err != nil {
			t.Error(ended, err)
		}
		if ended, err := s.EndGrant(ctx, ann, 1); ids(ended) != "t1" || err != nil {
			t.Error(ended, err)
		}
		_, err = s.DeleteApp(ctx, ann+1, 2)
		mustBlame(t, err, "not found ")
		if ended, err := s.DeleteApp(ctx, ann, 2); ids(ended) != "t2" || err != nil {
			t.Error(ended, err)
		}
		mustBlame(t, s.AddCode(ctx, &tintype.AuthCode{Hash: hashOf("x"), App: 2, UserID: ann}), "not found ")
	})
}

func TestChangeApp(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.Apps{R: r}
		app := &tintype.App{ID: 1, OwnerID: 7, ClientID: "c1", SecretHash: hashOf("s"), Secret: "s", Name: "One", Description: "What it does",
			RedirectURIs: []string{"https://one.example/cb"}, Created: signedUp}
		other := &tintype.App{ID: 2, OwnerID: 8, ClientID: "c2", Name: "Two", RedirectURIs: []string{"x.y:/z"}, Created: signedUp}
		for _, a := range []*tintype.App{app, other} {
			if err := s.AddApp(ctx, a); err != nil {
				t.Fatal(err)
			}
		}
		changed := *app
		changed.SecretHash, changed.Secret, changed.Name, changed.Description, changed.Website = hashOf("n"), "n", "Uno", "", "https://uno.example"
		changed.RedirectURIs = []string{"https://uno.example/cb"}
		changed.EnforceSigned, changed.Implicit, changed.Passwords, changed.HourlyLimit = true, true, true, 700
		got, err := s.ChangeApp(ctx, 1, func(a *tintype.App) error { *a = changed; return nil })
		if d := cmp.Diff(&changed, got); d != "" || err != nil {
			t.Error(d, err)
		}
		got, err = s.AppByID(ctx, 1)
		if d := cmp.Diff(&changed, got); d != "" || err != nil {
			t.Error(d, err)
		}
		if _, err := s.ChangeApp(ctx, 1, func(a *tintype.App) error { a.Name = "no"; return &tintype.Error{Kind: tintype.Forbidden} }); !tintype.IsKind(err, tintype.Forbidden) {
			t.Error(err)
		}
		_, err = s.ChangeApp(ctx, 3, func(*tintype.App) error { return nil })
		mustBlame(t, err, "not found ")
		if a, err := s.AppByID(ctx, 3); a != nil || err != nil {
			t.Error(a, err)
		}
		all, err := s.AllApps(ctx, 3, 10)
		if d := cmp.Diff([]*tintype.App{other, &changed}, all); d != "" || err != nil {
			t.Error(d, err)
		}
		if all, err = s.AllApps(ctx, 2, 1); err != nil || len(all) != 1 || all[0].ID != 1 {
			t.Error(all, err)
		}

		// What an app calls adds up, and goes with the app.
		for range 2 {
			if err := s.AddUsage(ctx, []tintype.AppCalls{{App: 1, Hour: 10, Calls: 3, Refused: 1}, {App: 1, Hour: 11, Calls: 1}, {App: 2, Hour: 10, Calls: 9}, {App: 99, Hour: 10, Calls: 9}}); err != nil {
				t.Fatal(err)
			}
		}
		usage := func(app tintype.ID, from int64, want ...tintype.AppCalls) {
			t.Helper()
			got, err := s.AppUsage(ctx, app, from)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Error(d, err)
			}
		}
		usage(1, 10, tintype.AppCalls{App: 1, Hour: 10, Calls: 6, Refused: 2}, tintype.AppCalls{App: 1, Hour: 11, Calls: 2})
		usage(1, 11, tintype.AppCalls{App: 1, Hour: 11, Calls: 2})
		usage(99, 0)
		if err := s.SweepUsage(ctx, 11); err != nil {
			t.Fatal(err)
		}
		usage(2, 0)
		if _, err := s.DeleteApp(ctx, 7, 1); err != nil {
			t.Fatal(err)
		}
		usage(1, 0)
	})
}

func TestRedeemCode(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s, creds := sqlstore.Apps{R: r}, sqlstore.Credentials{R: r}
		ann := newUser(t, r, "ann")
		if err := s.AddApp(ctx, &tintype.App{ID: 1, OwnerID: ann, ClientID: "c1", Created: signedUp}); err != nil {
			t.Fatal(err)
		}
		code := tintype.AuthCode{Hash: hashOf("code"), App: 1, UserID: ann, Scopes: 3, RedirectURI: "x.y:/z", Challenge: "ch", Created: signedUp, Expires: signedUp.Add(time.Minute)}
		if err := s.AddCode(ctx, &code); err != nil {
			t.Fatal(err)
		}
		redeem := func(c tintype.AuthCode, at time.Time, token string) (bool, []tintype.Credential) {
			t.Helper()
			ok, ended, err := s.RedeemCode(ctx, &c, at, func(user tintype.ID, scopes tintype.Scope) *tintype.Credential {
				if user != ann || scopes != 3 {
					t.Errorf("the code is of %v for %v", user, scopes)
				}
				return credential(user, token, 1)
			})
			if err != nil {
				t.Error(err)
			}
			return ok, ended
		}
		for name, change := range map[string]func(*tintype.AuthCode){
			"code":      func(c *tintype.AuthCode) { c.Hash = hashOf("cod") },
			"app":       func(c *tintype.AuthCode) { c.App = 2 },
			"redirect":  func(c *tintype.AuthCode) { c.RedirectURI += "z" },
			"challenge": func(c *tintype.AuthCode) { c.Challenge = "" },
		} {
			other := code
			change(&other)
			if ok, _ := redeem(other, signedUp, "no"); ok {
				t.Errorf("redeemed with another %s", name)
			}
		}
		if ok, _ := redeem(code, code.Expires, "no"); ok {
			t.Error("redeemed when it had expired")
		}

		var mu sync.Mutex
		var wg sync.WaitGroup
		won, end := 0, ""
		for i := range 50 {
			wg.Go(func() {
				ok, ended := redeem(code, signedUp, fmt.Sprint("token", i))
				mu.Lock()
				defer mu.Unlock()
				if ok {
					won++
				}
				end += ids(ended)
			})
		}
		wg.Wait()
		left, err := creds.Credentials(ctx, ann, signedUp)
		if err != nil || won != 1 || len(left) != 0 || !strings.HasPrefix(end, "token") {
			t.Errorf("of 50 at once %d got a token; ended %q, left %q, %v", won, end, ids(left), err)
		}

		// A code dies with what it rests on.
		code.Hash = hashOf("second")
		if err := s.AddCode(ctx, &code); err != nil {
			t.Fatal(err)
		}
		if _, err := creds.SetSuspended(ctx, ann, true); err != nil {
			t.Fatal(err)
		}
		if ok, _ := redeem(code, signedUp, "no"); ok {
			t.Error("redeemed for a suspended user")
		}
		if err := s.SweepCodes(ctx, signedUp.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	})
}
