package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		u, err := s.Create(ctx, NewUser{Username: "ann", Password: "Pässwörter sind gut", Email: "Ann@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		s.signUp(t, "gone")
		gone, _ := s.UserID(ctx, "gone")
		if err := s.Suspend(ctx, gone, true); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Create(ctx, NewUser{Username: "locked"}); err != nil {
			t.Fatal(err)
		}
		tests := []struct{ name, login, password, err string }{
			{name: "username", login: "ann", password: "Pässwörter sind gut"},
			{name: "in capitals, with a space", login: " ANN ", password: "Pässwörter sind gut"},
			{name: "e-mail", login: "aNN@EXAMPLE.com", password: "Pässwörter sind gut"},
			{name: "password decomposed", login: "ann", password: norm.NFD.String("Pässwörter sind gut")},
			{name: "password in another case", login: "ann", password: "pässwörter sind gut", err: "unauthenticated"},
			{name: "no password", login: "ann", err: "unauthenticated"},
			{name: "unknown", login: "bob", password: password, err: "unauthenticated"},
			{name: "unknown e-mail", login: "bob@example.com", password: password, err: "unauthenticated"},
			{name: "impossible", login: "../etc/passwd", password: password, err: "unauthenticated"},
			{name: "NUL", login: "a\x00@b", password: password, err: "unauthenticated"},
			{name: "nobody", login: "", password: "", err: "unauthenticated"},
			{name: "look-alike", login: "ahh", password: password, err: "unauthenticated"},
			{name: "suspended", login: "gone", password: password, err: "forbidden"},
			{name: "suspended, wrong password", login: "gone", password: "not the password", err: "unauthenticated"},
			{name: "without a password", login: "locked", password: "!", err: "unauthenticated"},
			{name: "too long", login: "ann", password: strings.Repeat("a", 1025), err: "invalid password"},
			{name: "not UTF-8", login: "ann", password: "\xff", err: "invalid password"},
		}
		for i, test := range tests {
			token, got, err := s.SignIn(ctx, Login{Name: test.login, Password: test.password, Client: from(fmt.Sprint("192.0.2.", i))})
			if blame(err) != test.err {
				t.Errorf("%s: %v", test.name, err)
			}
			if test.err == "unauthenticated" && err.Error() != errWrongLogin.Error() {
				t.Errorf("%s: says %q", test.name, err)
			}
			if err != nil {
				continue
			}
			if p, err := s.Authenticate(ctx, token); err != nil || p.UserID != u.ID || got.Username != "ann" || p.Scopes != tintype.ScopeAll {
				t.Errorf("%s: %+v, %v", test.name, p, err)
			}
		}
		if err := s.Suspend(ctx, gone, false); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.SignIn(ctx, Login{Name: "gone", Password: password, Client: from("192.0.2.99")}); err != nil {
			t.Errorf("let in again: %v", err)
		}
	})
}

func TestPasswordLimits(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		if _, err := s.Create(ctx, NewUser{Username: "ann", Password: password, Email: "ann@example.com"}); err != nil {
			t.Fatal(err)
		}
		in := func(login, pw, addr string) error {
			_, _, err := s.SignIn(ctx, Login{Name: login, Password: pw, Client: from(addr)})
			return err
		}
		// Right ones do not count.
		for range 30 {
			want(t, in("ann", password, "192.0.2.1"), "")
		}
		// Whatever the account is called and wherever in the /64 one stands, it is ten tries.
		for i := range 10 {
			name := []string{"ann", "ANN", "Ann@Example.com", " ann"}[i%4]
			want(t, in(name, "wrong", fmt.Sprintf("2001:db8::%x", i)), "unauthenticated")
		}
		err := in("ann", password, "2001:db8::99")
		want(t, err, "rate limited") // even the right one
		var e *tintype.Error
		if errors.As(err, &e); e.RetryAfter != 900 || !strings.Contains(e.Msg, "15 minutes") {
			t.Errorf("%+v", e)
		}
		// The owner, elsewhere, is not shut out; nor are others here.
		want(t, in("ann", password, "192.0.2.1"), "")
		want(t, in("bob", "wrong", "2001:db8::1"), "unauthenticated")
		// An unknown name is locked like a known one.
		for range 9 {
			want(t, in("bob", "wrong", "2001:db8::1"), "unauthenticated")
		}
		want(t, in("bob", "wrong", "2001:db8::1"), "rate limited")
		// From one address, fifty over all names.
		for i := range 30 {
			want(t, in(fmt.Sprint("someone", i), "wrong", "2001:db8::1"), "unauthenticated")
		}
		want(t, in("someone_else", "wrong", "2001:db8::1"), "rate limited")
		// From many addresses, fifty for one name; and then for at most a window.
		for i := range 40 {
			want(t, in("ann", "wrong", fmt.Sprint("198.51.100.", i)), "unauthenticated")
		}
		want(t, in("ann", password, "203.0.113.1"), "rate limited")
		s.clock.add(15 * time.Minute)
		want(t, in("ann", password, "203.0.113.1"), "")
		want(t, in("ann", password, "2001:db8::1"), "")
	})
}

func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		s.signUp(t, "ann")
		var mu sync.Mutex
		var wg sync.WaitGroup
		tried := 0
		for range 200 {
			wg.Go(func() {
				_, _, err := s.SignIn(context.Background(), Login{Name: "ann", Password: "wrong", Client: from("192.0.2.1")})
				mu.Lock()
				defer mu.Unlock()
				switch blame(err) {
				case "unauthenticated", "unavailable": // unavailable: counted, then turned away by a full queue
					tried++
				case "rate limited":
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if tried != 10 {
			t.Errorf("%d of 200 guesses at once were tried, want 10", tried)
		}
	})
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		u := s.signUp(t, "ann")
		here, p := s.openFor(t, u.ID)
		there, _ := s.openFor(t, u.ID)
		const next = "another password"
		c := from("192.0.2.1")
		want(t, s.ChangePassword(ctx, p, "wrong", next, from("192.0.2.2")), "invalid current")
		want(t, s.ChangePassword(ctx, p, password, "short", c), "invalid new")
		want(t, s.ChangePassword(ctx, p, password, next, c), "")
		if _, err := s.Authenticate(ctx, here); err != nil {
			t.Errorf("the session that changed it ended: %v", err)
		}
		if _, err := s.Authenticate(ctx, there); blame(err) != "unauthenticated" {
			t.Errorf("another session outlived it: %v", err)
		}
		_, _, err := s.SignIn(ctx, Login{Name: "ann", Password: password, Client: c})
		want(t, err, "unauthenticated")
		_, _, err = s.SignIn(ctx, Login{Name: "ann", Password: next, Client: c})
		want(t, err, "")
		for range 9 { // the tenth was at signing in
			want(t, s.ChangePassword(ctx, p, "wrong", next, c), "invalid current")
		}
		want(t, s.ChangePassword(ctx, p, next, password, c), "rate limited")

		want(t, s.ResetPassword(ctx, u.ID, "short"), "invalid password")
		want(t, s.ResetPassword(ctx, u.ID, password), "")
		want(t, s.ResetPassword(ctx, u.ID+1, password), "not found")
		if _, err := s.Authenticate(ctx, here); blame(err) != "unauthenticated" {
			t.Errorf("a session outlived the reset: %v", err)
		}
	})
}

// lateCredentials lets a test act between the check of a password and the session that it opens.
type lateCredentials struct {
	store
	before func()
}

func (l *lateCredentials) AddCredential(ctx context.Context, c *tintype.Credential, passwordHash string) (bool, error) {
	l.before()
	return l.store.AddCredential(ctx, c, passwordHash)
}

// A password that is changed while it is being checked opens nothing.
func TestSignInRacesChange(t *testing.T) {
	t.Parallel()
	c := newClock()
	late := &lateCredentials{before: func() {}}
	s := newSite(t, storetest.OpenSQLite(t, c.now), c, func(cfg *Config) { late.store, cfg.Credentials = cfg.Credentials, late })
	ctx := context.Background()
	u := s.signUp(t, "ann")
	late.before = func() {
		if err := s.ResetPassword(ctx, u.ID, "another password"); err != nil {
			t.Error(err)
		}
	}
	_, _, err := s.SignIn(ctx, Login{Name: "ann", Password: password, Client: from("192.0.2.1")})
	want(t, err, "unauthenticated")
}

func TestHashing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := newHasher(cheap, 2)
	hash, err := h.hash(ctx, "pass")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Fatal(hash, err)
	}
	if again, _ := h.hash(ctx, "pass"); again == hash {
		t.Error("no salt")
	}
	dearer := newHasher(Argon2{Memory: 16, Passes: 2, Threads: 1}, 1)
	for _, test := range []struct {
		name, password, hash string
		h                    *hasher
		ok, stale            bool
	}{
		{name: "right", h: h, password: "pass", hash: hash, ok: true},
		{name: "wrong", h: h, password: "pas", hash: hash},
		{name: "with other costs now", h: dearer, password: "pass", hash: hash, ok: true, stale: true},
		{name: "wrong with other costs", h: dearer, password: "x", hash: hash},
		{name: "none", h: h, hash: noPassword},
		{name: "the dummy", h: h, hash: h.dummy, password: ""},
		{name: "cut", h: h, password: "pass", hash: hash[:len(hash)-1]},
		{name: "empty", h: h, password: "", hash: ""},
		{name: "other scheme", h: h, password: "pass", hash: "$2a$10$abcdefghijklmnopqrstuv"},
		{name: "absurd memory", h: h, password: "pass", hash: strings.Replace(hash, "m=8", "m=4000000000", 1)},
		{name: "no passes", h: h, password: "pass", hash: strings.Replace(hash, "t=1", "t=0", 1)},
		{name: "no threads", h: h, password: "pass", hash: strings.Replace(hash, "p=1", "p=0", 1)},
		{name: "too many threads", h: h, password: "pass", hash: strings.Replace(hash, "p=1", "p=300", 1)},
	} {
		ok, stale, err := test.h.check(ctx, test.password, test.hash)
		if ok != test.ok || stale != test.stale || err != nil {
			t.Errorf("%s: %v, stale %v, %v", test.name, ok, stale, err)
		}
	}
	// No more at once than there are slots, and no endless queue.
	var wg sync.WaitGroup
	var mu sync.Mutex
	running, most, refused := 0, 0, 0
	inside := make(chan struct{})
	for range 200 {
		wg.Go(func() {
			err := h.run(ctx, func() {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				<-inside
				mu.Lock()
				running--
				mu.Unlock()
			})
			if err != nil {
				want(t, err, "unavailable")
				mu.Lock()
				refused++
				if refused == 200-cap(h.queue) {
					close(inside)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if most > 2 {
		t.Errorf("%d at once", most)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	h.slots <- struct{}{}
	h.slots <- struct{}{}
	_, err = h.hash(done, "x")
	want(t, err, "unavailable")
}

func TestRehash(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := storetest.OpenSQLite(t, c.now)
	ctx := context.Background()
	s := newSite(t, r, c)
	u := s.signUp(t, "ann")
	s = newSite(t, r, c, func(cfg *Config) { cfg.Argon2 = Argon2{Memory: 16, Passes: 1, Threads: 1} })
	for range 2 {
		if _, _, err := s.SignIn(ctx, Login{Name: "ann", Password: password, Client: from("192.0.2.1")}); err != nil {
			t.Fatal(err)
		}
		if a, _ := s.c.Accounts.Account(ctx, u.ID); !strings.Contains(a.PasswordHash, "m=16,") {
			t.Errorf("the hash stayed %s", a.PasswordHash)
		}
	}
}

func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	for line := range strings.Lines(commonPasswords) {
		if err := goodPassword("p", strings.ToUpper(strings.TrimSpace(line))); blame(err) != "invalid p" {
			t.Errorf("%q is good", line)
		}
	}
	for _, good := range []string{"correct horse", "ünïcödé!", "    spaces in it    ", strings.Repeat("ab", 512)} {
		if err := goodPassword("p", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	if err := goodPassword("p", "ﬁﬁﬁﬁab"); err != nil {
		t.Errorf("counted before it is normalised: %v", err)
	}
}
