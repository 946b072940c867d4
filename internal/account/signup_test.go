package account

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

var errCrash = errors.New("the process is gone")

// crashAt makes the service end calls at a step, as a crash would; "" for never.
func (s *site) crashAt(step string) {
	s.between = func(at string) error {
		if at == step {
			return errCrash
		}
		return nil
	}
}

// owner checks that directory and shard agree on a name, and gives whose it is.
func (s *site) owner(t testing.TB, name string) tintype.ID {
	t.Helper()
	id, err := s.UserID(context.Background(), name)
	if tintype.IsKind(err, tintype.NotFound) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.c.Profiles.Profile(context.Background(), id)
	if err != nil || u == nil || u.Username != name {
		t.Fatalf("the directory says that %q is %v, whose shard says %+v, %v", name, id, u, err)
	}
	return id
}

func (s *site) claims(t testing.TB) int {
	t.Helper()
	cs, err := s.c.Names.StaleClaims(context.Background(), s.clock.now().Add(time.Hour), 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(cs)
}

func TestSignUpCrash(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		tests := []struct {
			step string
			done bool // by the sweep
		}{
			{step: "minted"}, {step: "claimed"}, {step: "written", done: true},
		}
		for _, test := range tests {
			name := "user_" + test.step
			request := SignUp{Username: name, Password: password, Email: name + "@example.com", Client: from("192.0.2.1")}
			s.crashAt(test.step)
			if _, err := s.SignUp(ctx, request); !errors.Is(err, errCrash) {
				t.Fatalf("%s: %v", test.step, err)
			}
			s.crashAt("")
			if s.owner(t, name) != 0 {
				t.Errorf("%s: found before it was confirmed", test.step)
			}
			if _, _, err := s.SignIn(ctx, Login{Name: name, Password: password, Client: from("192.0.2.1")}); blame(err) != "unauthenticated" {
				t.Errorf("%s: signed in before it was confirmed: %v", test.step, err)
			}
			// Too early to say that nobody is at it.
			if err := s.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			if n := s.claims(t); test.step != "minted" && n != 1 {
				t.Errorf("%s: %d claims after an early sweep", test.step, n)
			}
			s.clock.add(2 * time.Minute)
			if err := s.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			if n := s.claims(t); n != 0 {
				t.Errorf("%s: %d claims left", test.step, n)
			}
			if got := s.owner(t, name) != 0; got != test.done {
				t.Errorf("%s: finished %v, want %v", test.step, got, test.done)
			}
			_, err := s.SignUp(ctx, request)
			if test.done {
				want(t, err, "conflict username")
				if _, _, err := s.SignIn(ctx, Login{Name: name, Password: password, Client: from("192.0.2.1")}); err != nil {
					t.Errorf("%s: %v", test.step, err)
				}
			} else {
				want(t, err, "")
			}
		}
	})
}

// A sign-up that stands still for minutes between its steps is undone by the
// sweep meanwhile, and must not come back to life.
func TestSignUpOvertaken(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		for _, step := range []string{"claimed", "written"} {
			s.between = func(at string) error {
				if at != step {
					return nil
				}
				s.clock.add(10 * time.Minute)
				return s.Sweep(ctx)
			}
			name := "slow_" + step
			_, err := s.Create(ctx, NewUser{Username: name})
			s.crashAt("")
			if step == "claimed" {
				want(t, err, "conflict")
				if s.owner(t, name) != 0 {
					t.Error("an undone sign-up has its name")
				}
				s.signUp(t, name)
			} else {
				want(t, err, "") // finished by the sweep
			}
			if s.owner(t, name) == 0 {
				t.Errorf("%s: nobody has the name", step)
			}
		}
	})
}

func TestRenameCrash(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		tests := []struct {
			name, from, to, step string
			done                 bool
		}{
			{name: "before the shard", from: "ann", to: "bea", step: "claimed"},
			{name: "after the shard", from: "ann", to: "bea", step: "written", done: true},
			{name: "respelling before the shard", from: "book", to: "b00k", step: "claimed"},
			{name: "respelling after the shard", from: "book", to: "b00k", step: "written", done: true},
		}
		for i, test := range tests {
			test.from, test.to = fmt.Sprint(test.from, i+2), fmt.Sprint(test.to, i+2)
			u := s.signUp(t, test.from)
			s.crashAt(test.step)
			_, err := s.UpdateProfile(ctx, u.ID, Changes{Username: &test.to})
			if !errors.Is(err, errCrash) {
				t.Fatalf("%s: %v", test.name, err)
			}
			s.crashAt("")
			s.clock.add(2 * time.Minute)
			if err := s.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			if n := s.claims(t); n != 0 {
				t.Errorf("%s: %d claims left", test.name, n)
			}
			has, hasNot := test.from, test.to
			if test.done {
				has, hasNot = test.to, test.from
			}
			if s.owner(t, has) != u.ID || s.owner(t, hasNot) != 0 {
				t.Errorf("%s: %q is %v's and %q is %v's; the user is %v", test.name, has, s.owner(t, has), hasNot, s.owner(t, hasNot), u.ID)
			}
			if Skeleton(has) != Skeleton(hasNot) {
				s.signUp(t, hasNot)
			}
		}
	})
}

// A rename that stands still past its deadline does not write any more.
func TestRenameOvertaken(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		u := s.signUp(t, "ann")
		s.between = func(at string) error {
			if at == "claimed" {
				s.clock.add(10 * time.Minute)
				if err := s.Sweep(ctx); err != nil {
					return err
				}
				s.crashAt("")
				s.signUp(t, "bea") // the name was free again
			}
			return nil
		}
		to := "bea"
		_, err := s.UpdateProfile(ctx, u.ID, Changes{Username: &to})
		want(t, err, "conflict username")
		if s.owner(t, "ann") != u.ID || s.owner(t, "bea") == u.ID || s.owner(t, "bea") == 0 {
			t.Error("the names went wrong")
		}
	})
}

func TestRenameRace(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		u := s.signUp(t, "start")
		names := []string{"start", "target_a", "target_b", "5tart", "st4rt"}
		var wg sync.WaitGroup
		for range 3 {
			for _, name := range names {
				wg.Go(func() {
					if _, err := s.UpdateProfile(ctx, u.ID, Changes{Username: &name}); err != nil && !tintype.IsKind(err, tintype.Conflict) {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		s.clock.add(2 * time.Minute)
		if err := s.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		have := 0
		for _, name := range names {
			if s.owner(t, name) == u.ID {
				have++
			}
		}
		if have != 1 || s.claims(t) != 0 {
			t.Errorf("the user has %d names, and %d claims", have, s.claims(t))
		}
	})
}

// Whatever sequence of sign-ups and renames, cut short wherever, after a sweep
// every user has exactly one name, directory and shards agree, and each name is
// either somebody's or free.
func TestClaimsProperty(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newSite(t, storetest.OpenSQLite(t, c.now), c)
	ctx := context.Background()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++ // one site for all runs, other names in each: sites take time to make
		names := []string{"ann", "bob", "b0b", "cat", "m_x", "rn_x"}
		for i := range names {
			names[i] = fmt.Sprint("run", run, "_", names[i])
		}
		users := map[tintype.ID]bool{}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			s.crashAt(rapid.SampledFrom([]string{"", "", "minted", "claimed", "written"}).Draw(rt, "crash"))
			name := names[rapid.IntRange(0, len(names)-1).Draw(rt, "name")]
			var err error
			if len(users) == 0 || rapid.Bool().Draw(rt, "sign up") {
				_, err = s.Create(ctx, NewUser{Username: name})
			} else {
				ids := sortedIDs(users)
				id := ids[rapid.IntRange(0, len(ids)-1).Draw(rt, "who")]
				_, err = s.UpdateProfile(ctx, id, Changes{Username: &name})
			}
			if err != nil && !errors.Is(err, errCrash) && !tintype.IsKind(err, tintype.Conflict) {
				rt.Fatal(err)
			}
			s.crashAt("")
			s.clock.add(rapid.SampledFrom([]time.Duration{0, 2 * time.Minute}).Draw(rt, "time"))
			if rapid.Bool().Draw(rt, "sweep") {
				if err := s.Sweep(ctx); err != nil {
					rt.Fatal(err)
				}
			}
			for _, n := range names {
				if id, err := s.UserID(ctx, n); err == nil {
					users[id] = true
				}
			}
		}
		s.clock.add(2 * time.Minute)
		if err := s.Sweep(ctx); err != nil {
			rt.Fatal(err)
		}
		has := map[tintype.ID]int{}
		for _, n := range names {
			if id := s.owner(t, n); id != 0 {
				has[id]++
			} else if taken, err := s.c.Names.NameTaken(ctx, Skeleton(n), 0); err != nil {
				rt.Fatal(err)
			} else if !taken {
				s.signUp(t, n)
				has[s.owner(t, n)]++
			}
		}
		for id := range users {
			if has[id] != 1 {
				rt.Fatalf("user %v has %d names", id, has[id])
			}
		}
	})
}

func sortedIDs(m map[tintype.ID]bool) []tintype.ID {
	var out []tintype.ID
	for id := range m {
		out = append(out, id)
	}
	for i := range out {
		for j := i; j > 0 && out[j-1] > out[j]; j-- {
			out[j-1], out[j] = out[j], out[j-1]
		}
	}
	return out
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		if site, err := s.Site(ctx); err != nil || !site.NeedsFirstUser || site.SignUp != SignUpOpen {
			t.Fatalf("%+v, %v", site, err)
		}
		// Many at once want to be the first, and some the same name.
		var wg sync.WaitGroup
		var mu sync.Mutex
		var users []tintype.ID
		for i := range 12 {
			wg.Go(func() {
				u, err := s.SignUp(ctx, SignUp{Username: fmt.Sprint("user_", 2+i/2), Password: password, Client: from("192.0.2.1")})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					users = append(users, u.ID)
				} else if blame(err) != "conflict username" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		admins := 0
		var admin Principal
		for _, id := range users {
			if _, p := s.openFor(t, id); p.Admin {
				admins++
				admin = p
			}
		}
		if len(users) != 6 || admins != 1 {
			t.Fatalf("%d users of 6, %d admins", len(users), admins)
		}
		if site, _ := s.Site(ctx); site.NeedsFirstUser {
			t.Error("the site still waits for its first user")
		}

		refused := []struct {
			name string
			r    SignUp
			err  string
		}{
			{name: "another", r: SignUp{Username: "u5er_2", Password: password}, err: ""},
			{name: "the same in capitals", r: SignUp{Username: "USER_2", Password: password}, err: "conflict username"},
			{name: "with a w", r: SignUp{Username: "new_w", Password: password}, err: ""},
			{name: "its look-alike", r: SignUp{Username: "new_vv", Password: password}, err: "conflict username"},
			{name: "reserved", r: SignUp{Username: "admin", Password: password}, err: "conflict username"},
			{name: "no password", r: SignUp{Username: "new_a"}, err: "invalid password"},
			{name: "common password", r: SignUp{Username: "new_a", Password: "PassWord123"}, err: "invalid password"},
			{name: "own name", r: SignUp{Username: "new_a_long", Password: "NEW_A_LONG"}, err: "invalid password"},
			{name: "one character", r: SignUp{Username: "new_a", Password: "zzzzzzzzzzzz"}, err: "invalid password"},
			{name: "bad name", r: SignUp{Username: "new_a", Password: password, FullName: "\u202e"}, err: "invalid full_name"},
			{name: "bad e-mail", r: SignUp{Username: "new_a", Password: password, Email: "x"}, err: "invalid email"},
			{name: "e-mail", r: SignUp{Username: "new_a", Password: password, Email: "New@example.com"}, err: ""},
			{name: "e-mail taken", r: SignUp{Username: "new_b", Password: password, Email: "nEW@example.com"}, err: "conflict email"},
			{name: "name of the refused", r: SignUp{Username: "new_b", Password: password}, err: ""},
		}
		for i, test := range refused {
			test.r.Client = from(fmt.Sprint("198.51.100.", i))
			if _, err := s.SignUp(ctx, test.r); blame(err) != test.err {
				t.Errorf("%s: %v", test.name, err)
			}
		}

		// By invitation.
		closed, invite := SignUpClosed, SignUpInvite
		for _, p := range []Principal{{}, {UserID: admin.UserID}} {
			_, err := s.SetSite(ctx, p, SiteChanges{SignUp: &closed})
			want(t, err, "forbidden")
			_, err = s.Invite(ctx, p, "", 0)
			want(t, err, "forbidden")
			_, err = s.Invites(ctx, p)
			want(t, err, "forbidden")
			want(t, s.DeleteInvite(ctx, p, "x"), "forbidden")
		}
		if site, err := s.SetSite(ctx, admin, SiteChanges{SignUp: &invite}); err != nil || site.SignUp != invite || site.ChangedBy != admin.UserID || !site.Changed.Equal(s.clock.now()) {
			t.Fatalf("%+v, %v", site, err)
		}
		i, err := s.Invite(ctx, admin, "for a friend", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		sign := func(name, code string) error {
			_, err := s.SignUp(ctx, SignUp{Username: name, Password: password, Invite: code, Client: from("203.0.113.1")})
			return err
		}
		want(t, sign("friend", ""), "forbidden invite")
		want(t, sign("friend", "wrong"), "invalid invite")
		s.crashAt("claimed")
		if err := sign("friend", i.Code); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		s.crashAt("")
		want(t, sign("friend2", i.Code), "invalid invite") // claimed
		s.clock.add(2 * time.Minute)
		if err := s.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		want(t, sign("friend", i.Code), "") // released with the claim
		want(t, sign("friend2", i.Code), "invalid invite")
		late, _ := s.Invite(ctx, admin, "", time.Hour)
		s.clock.add(time.Hour)
		want(t, sign("friend2", late.Code), "invalid invite")
		if list, err := s.Invites(ctx, admin); err != nil || len(list) != 2 || list[1].UsedBy == 0 {
			t.Errorf("%+v, %v", list, err)
		}
		want(t, s.DeleteInvite(ctx, admin, late.Code), "")

		if _, err := s.SetSite(ctx, admin, SiteChanges{SignUp: &closed}); err != nil {
			t.Fatal(err)
		}
		want(t, sign("friend2", i.Code), "forbidden")
		if _, err := s.Create(ctx, NewUser{Username: "by_hand", Password: password}); err != nil {
			t.Error(err)
		}
	})
}

func TestSignUpLimit(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := storetest.OpenSQLite(t, c.now)
	few := func(cfg *Config) { cfg.Limits = DefaultLimits; cfg.Limits.SignUps = 3 }
	s := newSite(t, r, c, few)
	n := 0
	sign := func(addr string) error {
		n++
		_, err := s.SignUp(context.Background(), SignUp{Username: fmt.Sprint("user_", n), Password: password, Client: from(addr)})
		return err
	}
	for range 3 {
		want(t, sign("2001:db8::1"), "")
	}
	for _, same := range []string{"2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:0:8000::"} {
		err := sign(same)
		want(t, err, "rate limited")
		var e *tintype.Error
		if errors.As(err, &e); e.RetryAfter != 3600 {
			t.Errorf("come back after %d s", e.RetryAfter)
		}
	}
	want(t, sign("2001:db8:0:1::1"), "")
	want(t, sign("192.0.2.1"), "")
	want(t, sign("::ffff:192.0.2.1"), "") // the same, mapped
	want(t, sign("192.0.2.1"), "")
	want(t, sign("::ffff:192.0.2.1"), "rate limited")
	// A restart forgives nobody.
	s = newSite(t, r, c, few)
	want(t, sign("192.0.2.1"), "rate limited")
	c.add(time.Hour)
	want(t, sign("192.0.2.1"), "")
}
