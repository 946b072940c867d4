package account

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

// cheap are costs of hashing for tests.
var cheap = Argon2{Memory: 8, Passes: 1, Threads: 1}

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

type site struct {
	*Service
	router *shard.Router
	clock  *clock
}

func newSite(t testing.TB, r *shard.Router, c *clock, change ...func(*Config)) *site {
	cfg := Config{
		Clock: c.now, Names: sqlstore.Accounts{R: r}, Accounts: sqlstore.Accounts{R: r}, Profiles: sqlstore.Profiles{R: r},
		NewProfiles: sqlstore.Profiles{R: r}, Credentials: sqlstore.Credentials{R: r}, Lockouts: sqlstore.Credentials{R: r}, Factors: sqlstore.Factors{R: r},
		Emails: sqlstore.Emails{R: r}, Links: sqlstore.Emails{R: r},
		Passkeys: sqlstore.Passkeys{R: r}, Challenges: sqlstore.Passkeys{R: r}, Identities: sqlstore.Identities{R: r},
		Apps: sqlstore.Apps{R: r}, Codes: sqlstore.Apps{R: r}, Desk: sqlstore.Apps{R: r}, Limiter: sqlstore.RateLimits{R: r}, Settings: sqlstore.Settings{R: r},
		Invites: sqlstore.Invites{R: r}, People: sqlstore.People{R: r, Keys: words.TypoKeys}, Argon2: cheap,
	}
	for _, f := range change {
		f(&cfg)
	}
	s := New(cfg)
	t.Cleanup(func() { s.Close() })
	return &site{Service: s, router: r, clock: c}
}

// cells runs f on a fresh site in every cell of the storage suite.
func cells(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) { f(t, newSite(t, r, newClock())) })
}

const password = "a fine password"

func from(addr string) Client { return Client{Addr: netip.MustParseAddr(addr), UserAgent: "test/1"} }

func (s *site) signUp(t testing.TB, name string) *tintype.User {
	t.Helper()
	u, err := s.Create(context.Background(), NewUser{Username: name, Password: password, FullName: name})
	if err != nil {
		t.Fatalf("sign-up of %q: %v", name, err)
	}
	return u
}

func (s *site) openFor(t testing.TB, user tintype.ID) (token string, p Principal) {
	t.Helper()
	token, err := s.Open(context.Background(), user, from("192.0.2.7"))
	if err != nil {
		t.Fatal(err)
	}
	p, err = s.Authenticate(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	return token, p
}

// blame gives an error's kind and field, "" for none.
func blame(err error) string {
	if err == nil {
		return ""
	}
	var e *tintype.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("%T: %v", err, err)
	}
	if e.Field != "" {
		return e.Kind.String() + " " + e.Field
	}
	return e.Kind.String()
}

func want(t testing.TB, err error, want string) {
	t.Helper()
	if got := blame(err); got != want {
		t.Errorf("got error %q (%v), want %q", got, err, want)
	}
}
