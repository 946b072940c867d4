package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

var signedUp = time.Date(2030, 5, 17, 12, 0, 0, 123456000, time.UTC)

// blame gives the kind and field of an error, "" for none.
func blame(err error) string {
	if err == nil {
		return ""
	}
	var e *tintype.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	return e.Kind.String() + " " + e.Field
}

func mustBlame(t *testing.T, err error, want string) {
	t.Helper()
	if got := blame(err); got != want {
		t.Errorf("got error %q (%v), want %q", got, err, want)
	}
}

// newUser takes all steps of a sign-up.
func newUser(t *testing.T, r *shard.Router, name string) tintype.ID {
	t.Helper()
	ctx := context.Background()
	p, a := sqlstore.Profiles{R: r}, sqlstore.Accounts{R: r}
	id, err := p.MintUser(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n := account(id, name)
	if err := a.Claim(ctx, n); err != nil {
		t.Fatal(err)
	}
	if err := p.InsertProfile(ctx, &tintype.User{ID: id, Username: name, FullName: name}, signedUp); err != nil {
		t.Fatal(err)
	}
	if ok, err := a.Settle(ctx, claimOf(n), name, signedUp); err != nil || !ok {
		t.Fatal(ok, err)
	}
	return id
}

func account(id tintype.ID, name string) tintype.NewAccount {
	return tintype.NewAccount{UserID: id, Username: name, Skeleton: "~" + name, Email: name + "@Example.com", EmailKey: name + "@example.com",
		PasswordHash: "hash of " + name, Locale: "en", At: signedUp}
}

func claimOf(n tintype.NewAccount) tintype.Claim {
	return tintype.Claim{UserID: n.UserID, Username: n.Username, Skeleton: n.Skeleton, At: n.At}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		a, p := sqlstore.Accounts{R: r}, sqlstore.Profiles{R: r}
		ann := newUser(t, r, "ann")
		bob := newUser(t, r, "bob")

		got, err := a.AccountByEmail(ctx, "ann@example.com")
		if err != nil {
			t.Fatal(err)
		}
		want := &tintype.Account{UserID: ann, Email: "ann@Example.com", PasswordHash: "hash of ann", Admin: true, State: tintype.AccountActive, Locale: "en", Created: signedUp}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if b, err := a.Account(ctx, bob); err != nil || b.Admin {
			t.Errorf("bob: %+v, %v; want no admin", b, err)
		}
		if n, err := a.Account(ctx, 12345); n != nil || err != nil {
			t.Errorf("nobody: %v, %v", n, err)
		}
		for name, want := range map[string]tintype.ID{"ann": ann, "bob": bob, "nobody": 0} {
			if id, err := a.UserID(ctx, name); id != want || err != nil {
				t.Errorf("UserID(%q) = %v, %v", name, id, err)
			}
		}
		if taken, err := a.NameTaken(ctx, "~ann", bob); !taken || err != nil {
			t.Error("ann is not taken", err)
		}
		if taken, err := a.NameTaken(ctx, "~ann", ann); taken || err != nil {
			t.Error("ann is taken for herself", err)
		}

		// What is taken is refused whole: neither a name nor an address stays behind.
		id, _ := p.MintUser(ctx)
		n := account(id, "ann")
		mustBlame(t, a.Claim(ctx, n), "conflict username")
		n = account(id, "cat")
		n.EmailKey = "ann@example.com"
		mustBlame(t, a.Claim(ctx, n), "conflict email")
		if taken, _ := a.NameTaken(ctx, "~cat", 0); taken {
			t.Error("a refused claim left its name")
		}
		for range 2 { // many may have no address
			id, _ := p.MintUser(ctx)
			n := account(id, fmt.Sprint("anon", id))
			n.Email, n.EmailKey = "", ""
			if err := a.Claim(ctx, n); err != nil {
				t.Fatal(err)
			}
		}

		if err := errors.Join(a.SetLocale(ctx, bob, "zh"), a.SetAdmin(ctx, bob, true)); err != nil {
			t.Fatal(err)
		}
		if b, _ := a.Account(ctx, bob); b.Email != "bob@Example.com" || b.Locale != "zh" || !b.Admin {
			t.Errorf("%+v", b)
		}
		mustBlame(t, a.SetLocale(ctx, 12345, "zh"), "not found ")
	})
}

func TestSettle(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		a := sqlstore.Accounts{R: r}
		id := newUser(t, r, "ann")
		later := signedUp.Add(time.Hour)
		names := func() string {
			out := ""
			for _, n := range []string{"ann", "ANN", "bea", "new"} {
				if owner, _ := a.UserID(ctx, n); owner != 0 {
					out += n + " "
				}
			}
			return out
		}
		tests := []struct {
			name      string
			claim     tintype.Claim
			actual    string
			wantNames string
			wantStale int
		}{
			{name: "rename undone", claim: tintype.Claim{Username: "bea", Skeleton: "~bea"}, actual: "ann", wantNames: "ann "},
			{name: "rename done", claim: tintype.Claim{Username: "bea", Skeleton: "~bea"}, actual: "bea", wantNames: "bea "},
			{name: "and back", claim: tintype.Claim{Username: "ann", Skeleton: "~ann"}, actual: "ann", wantNames: "ann "},
			{name: "respelling undone", claim: tintype.Claim{Username: "ANN", Skeleton: "~ann"}, actual: "ann", wantNames: "ann "},
			{name: "respelling done", claim: tintype.Claim{Username: "ANN", Skeleton: "~ann"}, actual: "ANN", wantNames: "ANN "},
		}
		for _, test := range tests {
			test.claim.UserID, test.claim.At = id, later
			if err := a.ClaimName(ctx, test.claim); err != nil {
				t.Fatal(test.name, err)
			}
			stale, err := a.StaleClaims(ctx, later.Add(time.Second), 10)
			if err != nil || len(stale) != 1 || stale[0] != test.claim {
				t.Errorf("%s: stale claims %+v, %v; want %+v", test.name, stale, err, test.claim)
			}
			if stale, _ := a.StaleClaims(ctx, later, 10); len(stale) != 0 {
				t.Errorf("%s: stale too early: %+v", test.name, stale)
			}
			if ok, err := a.Settle(ctx, test.claim, test.actual, later); err != nil || !ok {
				t.Errorf("%s: settle: %v, %v", test.name, ok, err)
			}
			if got := names(); got != test.wantNames {
				t.Errorf("%s: names %q, want %q", test.name, got, test.wantNames)
			}
			if ok, err := a.Settle(ctx, test.claim, test.actual, later); err != nil || ok {
				t.Errorf("%s: settled twice: %v, %v", test.name, ok, err)
			}
			if stale, _ := a.StaleClaims(ctx, later.Add(time.Hour), 10); len(stale) != 0 {
				t.Errorf("%s: left %+v", test.name, stale)
			}
		}

		// An undone sign-up frees name, address and invite, whoever is admin.
		inv := sqlstore.Invites{R: r}
		if err := inv.AddInvite(ctx, tintype.Invite{Code: "once", Created: signedUp}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			n := account(id+1, "new")
			n.Invite = "once"
			if err := a.Claim(ctx, n); err != nil {
				t.Fatal(err)
			}
			if owner, _ := a.UserID(ctx, "new"); owner != 0 {
				t.Error("a name that is merely claimed is found")
			}
			if ok, err := a.Settle(ctx, claimOf(n), "", later); err != nil || !ok {
				t.Fatal(ok, err)
			}
			if acc, _ := a.Account(ctx, id+1); acc != nil {
				t.Errorf("left %+v", acc)
			}
		}
	})
}

func TestOneFirstAdmin(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		a := sqlstore.Accounts{R: r}
		ids := make([]tintype.ID, 10)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() { ids[i] = newUser(t, r, fmt.Sprint("user", i)) })
		}
		wg.Wait()
		admins := 0
		for _, id := range ids {
			acc, err := a.Account(context.Background(), id)
			if err != nil {
				t.Fatal(err)
			}
			if acc.Admin {
				admins++
			}
		}
		if admins != 1 {
			t.Errorf("%d admins, want 1", admins)
		}
	})
}

func TestInvites(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		a, inv := sqlstore.Accounts{R: r}, sqlstore.Invites{R: r}
		add := func(i tintype.Invite) {
			if err := inv.AddInvite(ctx, i); err != nil {
				t.Fatal(err)
			}
		}
		add(tintype.Invite{Code: "good", CreatedBy: 7, Created: signedUp, Note: "for Ann"})
		add(tintype.Invite{Code: "late", Created: signedUp.Add(-time.Hour), Expires: signedUp})
		add(tintype.Invite{Code: "spare", Created: signedUp.Add(-2 * time.Hour), Expires: signedUp.Add(time.Hour)})

		var mu sync.Mutex
		var used int
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				n := account(tintype.ID(100+i), fmt.Sprint("user", i))
				n.Invite = "good"
				err := a.Claim(ctx, n)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					used++
				} else {
					mustBlame(t, err, "invalid invite")
				}
			})
		}
		wg.Wait()
		if used != 1 {
			t.Errorf("one invite let %d people in", used)
		}
		n := account(200, "tardy")
		n.Invite = "late"
		mustBlame(t, a.Claim(ctx, n), "invalid invite")
		list, err := inv.Invites(ctx, 10)
		if err != nil || len(list) != 3 || list[0].Code != "good" || list[0].UsedBy == 0 || !list[0].Used.Equal(signedUp) || list[1].Expires != signedUp || list[2].UsedBy != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		mustBlame(t, inv.DeleteInvite(ctx, "good"), "not found ")
		mustBlame(t, inv.DeleteInvite(ctx, "spare"), "")
		mustBlame(t, inv.DeleteInvite(ctx, "spare"), "not found ")
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.Settings{R: r}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if err := s.SetOnce(ctx, tintype.Setting{Name: "secret", Value: fmt.Sprint(i), Changed: signedUp}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		once, err := s.Settings(ctx)
		if err != nil || len(once) != 1 {
			t.Fatal(once, err)
		}
		for _, v := range []string{"A", "B"} {
			if err := s.Set(ctx, []tintype.Setting{{Name: "name", Value: v, By: 3, Changed: signedUp}}); err != nil {
				t.Fatal(err)
			}
		}
		_ = s.SetOnce(ctx, tintype.Setting{Name: "secret", Value: "other"})
		got, err := s.Settings(ctx)
		if d := cmp.Diff([]tintype.Setting{{Name: "name", Value: "B", By: 3, Changed: signedUp}, once[0]}, got); d != "" || err != nil {
			t.Error(d, err)
		}
	})
}

func TestSettingChanges(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.Settings{R: r}
		at := func(n int) time.Time { return signedUp.Add(time.Duration(n) * time.Second) }
		set := func(v ...tintype.Setting) {
			t.Helper()
			if err := s.Set(ctx, v); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 60 {
			set(tintype.Setting{Name: "many", Value: fmt.Sprint(i), Changed: at(i)})
		}
		a := tintype.Setting{Name: "a", Value: "1", By: 7, Changed: at(100)}
		b := tintype.Setting{Name: "b", Value: "2", Via: "root", Changed: at(100)}
		set(a, b)
		gone := tintype.Setting{Name: "a", Unset: true, By: 8, Changed: at(101)}
		set(gone)
		got, err := s.Settings(ctx)
		if d := cmp.Diff([]tintype.Setting{b, {Name: "many", Value: "59", Changed: at(59)}}, got); d != "" || err != nil {
			t.Error(d, err)
		}
		got, err = s.SettingChanges(ctx, []string{"b", "a"}, 10)
		if d := cmp.Diff([]tintype.Setting{gone, a, b}, got); d != "" || err != nil {
			t.Error(d, err)
		}
		got, err = s.SettingChanges(ctx, []string{"a", "b"}, 2)
		if d := cmp.Diff([]tintype.Setting{gone, a}, got); d != "" || err != nil {
			t.Error(d, err)
		}
		if got, err = s.SettingChanges(ctx, []string{"many"}, 1000); len(got) != 50 || err != nil || got[49].Value != "10" {
			t.Errorf("%d changes are kept, %v", len(got), err)
		}
	})
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		l := sqlstore.RateLimits{R: r}
		limits := []tintype.Limit{{Key: "b", Max: 3, Window: time.Minute}, {Key: "a", Max: 100, Window: time.Minute}}
		take := func(at time.Duration, want time.Duration) {
			t.Helper()
			if wait, err := l.Take(ctx, limits, signedUp.Add(at)); wait != want || err != nil {
				t.Errorf("at %v: wait %v, %v; want %v", at, wait, err, want)
			}
		}
		take(0, 0)
		take(10*time.Second, 0)
		take(20*time.Second, 0)
		take(30*time.Second, 30*time.Second)
		take(59*time.Second, time.Second)
		if err := l.Refund(ctx, []string{"b", "a", "unknown"}); err != nil {
			t.Fatal(err)
		}
		take(59*time.Second, 0)
		take(59*time.Second, time.Second)
		take(time.Minute, 0) // a new window
		take(time.Minute, 0)

		// Many at once: no more than allowed.
		limits = []tintype.Limit{{Key: "c", Max: 5, Window: time.Minute}, {Key: "d", Max: 100, Window: time.Minute}}
		var wg sync.WaitGroup
		var mu sync.Mutex
		allowed := 0
		for range 20 {
			wg.Go(func() {
				wait, err := l.Take(ctx, limits, signedUp)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if wait == 0 {
					allowed++
				}
			})
		}
		wg.Wait()
		if allowed != 5 {
			t.Errorf("%d tries allowed at once, want 5", allowed)
		}
		if err := l.SweepLimits(ctx, signedUp.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if wait, _ := l.Take(ctx, limits, signedUp); wait != 0 {
			t.Error("a swept window is still there")
		}
	})
}
