package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		u := s.signUp(t, "ann")
		token, p := s.openFor(t, u.ID)
		if parts := strings.Split(token, "."); len(parts) != 3 || parts[0] != u.ID.String() || len(parts[1]) != 7 || len(parts[2]) != 64 {
			t.Errorf("token %q", token)
		}
		if p.UserID != u.ID || p.AppID != 0 || p.CredentialID == "" || !p.Admin {
			t.Errorf("%+v", p)
		}
		near := []string{"", token[:len(token)-1], token[1:], token + "x", token + "\x00", " " + token, "0" + token, strings.ToUpper(token), token + ".", token + "=",
			strings.Replace(token, ".", "%2e", 1), "Bearer " + token, token + token, strings.Repeat("a", 1<<20), "..", token + "\n"}
		for n := range len(token) {
			near = append(near, token[:n])
		}
		for _, bad := range near {
			if _, err := s.Authenticate(ctx, bad); blame(err) != "unauthenticated" {
				t.Errorf("%.100q: %v", bad, err)
			}
		}
	})
}

func TestSessions(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		var mu sync.Mutex
		var heard []string
		s.OnRevoke(func(user tintype.ID, ids []string) {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range ids {
				heard = append(heard, user.String()+" "+id)
			}
		})
		ann, bob := s.signUp(t, "ann"), s.signUp(t, "bob")
		a1, p1 := s.openFor(t, ann.ID)
		a2, p2 := s.openFor(t, ann.ID)
		a3, p3 := s.openFor(t, ann.ID)
		b1, q1 := s.openFor(t, bob.ID)
		check := func(what, token string, alive bool) {
			t.Helper()
			if _, err := s.Authenticate(ctx, token); (err == nil) != alive {
				t.Errorf("%s: %v", what, err)
			}
		}

		list, err := s.Sessions(ctx, ann.ID)
		if err != nil || len(list) != 3 || list[0].UserAgent != "test/1" || list[0].Address != "192.0.2.7" || !list[0].Created.Equal(s.clock.now()) {
			t.Errorf("%+v, %v", list, err)
		}
		want(t, s.RevokeSession(ctx, bob.ID, p1.CredentialID), "not found") // not his
		want(t, s.RevokeSession(ctx, ann.ID, ""), "not found")
		check("after others tried", a1, true)
		want(t, s.RevokeSession(ctx, ann.ID, p1.CredentialID), "")
		want(t, s.RevokeSession(ctx, ann.ID, p1.CredentialID), "not found")
		check("revoked", a1, false)
		want(t, s.SignOut(ctx, p2), "")
		want(t, s.SignOut(ctx, p2), "")
		check("signed out", a2, false)
		check("another", a3, true)
		a4, p4 := s.openFor(t, ann.ID)
		want(t, s.SignOutEverywhere(ctx, ann.ID, p4.CredentialID), "")
		check("elsewhere", a3, false)
		check("here", a4, true)
		want(t, s.SignOutEverywhere(ctx, ann.ID, ""), "")
		check("everywhere", a4, false)
		check("somebody else", b1, true)

		// Suspended: at once, on every credential, and for as long as it lasts.
		want(t, s.Suspend(ctx, bob.ID, true), "")
		check("suspended", b1, false)
		if _, err := s.Open(ctx, bob.ID, from("192.0.2.1")); blame(err) != "unauthenticated" {
			t.Errorf("opened for a suspended user: %v", err)
		}
		if u, _ := s.c.Profiles.Profile(ctx, bob.ID); u.State != tintype.UserSuspended {
			t.Errorf("%+v", u)
		}
		want(t, s.Suspend(ctx, bob.ID, false), "")
		check("let in again, with what had ended", b1, false)
		b2, _ := s.openFor(t, bob.ID)
		check("let in again", b2, true)

		ids := []string{p1.CredentialID, p2.CredentialID, p3.CredentialID, p4.CredentialID}
		for i := range ids {
			ids[i] = ann.ID.String() + " " + ids[i]
		}
		ids = append(ids, bob.ID.String()+" "+q1.CredentialID)
		if !slices.Equal(heard, ids) {
			t.Errorf("heard of %q, want %q", heard, ids)
		}
	})
}

func TestSessionLife(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		u := s.signUp(t, "ann")
		used, _ := s.openFor(t, u.ID)
		unused, _ := s.openFor(t, u.ID)
		seen := func() time.Time {
			t.Helper()
			if err := s.touched.flush(); err != nil {
				t.Fatal(err)
			}
			list, err := s.Sessions(ctx, u.ID)
			if err != nil || len(list) == 0 {
				t.Fatal(list, err)
			}
			return list[0].Seen
		}
		opened := s.clock.now()
		s.clock.add(4 * time.Minute)
		if _, err := s.Authenticate(ctx, used); err != nil || !seen().Equal(opened) {
			t.Errorf("seen %v, %v", seen(), err)
		}
		s.clock.add(2 * time.Minute)
		if _, err := s.Authenticate(ctx, used); err != nil || !seen().Equal(s.clock.now()) {
			t.Errorf("seen %v, %v", seen(), err)
		}
		s.clock.add(SessionLife - 5*time.Minute)
		if _, err := s.Authenticate(ctx, unused); blame(err) != "unauthenticated" {
			t.Errorf("unused for 90 days: %v", err)
		}
		if _, err := s.Authenticate(ctx, used); err != nil {
			t.Errorf("used: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Sessions(ctx, u.ID); len(list) != 1 || err != nil {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestSetAdmin(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		s.signUp(t, "ann")
		bob := s.signUp(t, "bob")
		token, p := s.openFor(t, bob.ID)
		if p.Admin {
			t.Error("the second user is an admin")
		}
		for _, admin := range []bool{true, false} {
			want(t, s.SetAdmin(ctx, bob.ID, admin), "")
			if p, err := s.Authenticate(ctx, token); p.Admin != admin || err != nil {
				t.Errorf("%+v, %v", p, err)
			}
		}
		want(t, s.SetAdmin(ctx, 12345, true), "not found")
	})
}

type store = Credentials // embedded as Credentials it would hide the method of that name

// slowCredentials lets a test act between the reading of a credential and what is done with it.
type slowCredentials struct {
	store
	read func()
}

func (s *slowCredentials) Credential(ctx context.Context, hash []byte) (*tintype.Credential, error) {
	c, err := s.store.Credential(ctx, hash)
	s.read()
	return c, err
}

// What was read before a credential ended must not be believed after it did.
func TestRevokeRacesAuthenticate(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := storetest.OpenSQLite(t, c.now)
	slow := &slowCredentials{read: func() {}}
	s := newSite(t, r, c, func(cfg *Config) {
		slow.store = cfg.Credentials
		cfg.Credentials = slow
	})
	ctx := context.Background()
	u := s.signUp(t, "ann")
	token, err := s.Open(ctx, u.ID, from("192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	slow.read = func() {
		slow.read = func() {}
		if err := s.SignOutEverywhere(ctx, u.ID, ""); err != nil {
			t.Error(err)
		}
	}
	_, _ = s.Authenticate(ctx, token) // began before it ended: either answer is right
	if _, err := s.Authenticate(ctx, token); blame(err) != "unauthenticated" {
		t.Errorf("an ended session lives in the cache: %v", err)
	}
}

func TestPrincipalsStayBounded(t *testing.T) {
	t.Parallel()
	var c principals
	now := time.Unix(1, 0)
	for i := range 3 * maxPrincipals {
		p := &principal{read: now}
		copy(p.hash[:], fmt.Sprint(i))
		c.store(p, c.began())
	}
	if n := len(c.young) + len(c.old); n > 2*maxPrincipals {
		t.Errorf("%d principals", n)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	c := newClock()
	s := newSite(b, storetest.OpenSQLite(b, c.now), c)
	u := s.signUp(b, "ann")
	token, _ := s.openFor(b, u.ID)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Authenticate(context.Background(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
