package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// How long credentials last without being used, and how exactly it is known when they were.
const (
	SessionLife = 90 * 24 * time.Hour
	TokenLife   = 365 * 24 * time.Hour

	seenEvery = 5 * time.Minute
)

// newToken mints a token in the shape of the original's, which clients take the
// user's ID from: <user ID>.<7 hex digits of the client ID>.<64 hex digits>.
// Only the last part, 256 random bits, is a secret; only the hash of the whole is kept.
func newToken(user tintype.ID, client string) (token string, hash []byte) {
	secret := make([]byte, 32)
	rand.Read(secret)
	token = user.String() + "." + (client + "0000000")[:7] + "." + hex.EncodeToString(secret)
	h := sha256.Sum256([]byte(token))
	return token, h[:]
}

// hashToken gives the hash of a token; ok is false for what cannot be one.
func hashToken(token string) (h tokenHash, ok bool) {
	if len(token) > 19+1+7+1+64 || strings.Count(token, ".") != 2 {
		return h, false
	}
	return sha256.Sum256([]byte(token)), true
}

// randomID is an unguessable name, 22 characters of base64url.
func randomID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Open opens a session for a user who has just proved who they are (by signing up).
func (s *Service) Open(ctx context.Context, user tintype.ID, c Client) (token string, err error) {
	return s.open(ctx, user, c, "")
}

func (s *Service) open(ctx context.Context, user tintype.ID, c Client, passwordHash string) (string, error) {
	token, hash := newToken(user, "")
	now := s.c.Clock()
	ok, err := s.c.Credentials.AddCredential(ctx, &tintype.Credential{
		ID: randomID(), Hash: hash, UserID: user, Scopes: tintype.ScopeAll, Created: now, Expires: now.Add(SessionLife),
		UserAgent: shorten(c.UserAgent, 200), Address: addressOf(c), Device: deviceOf(c),
	}, passwordHash)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", errWrongLogin
	}
	return token, nil
}

func addressOf(c Client) string {
	if !c.Addr.IsValid() {
		return ""
	}
	return c.Addr.Unmap().WithZone("").String()
}

// shorten cuts what a client says of itself to n bytes of visible ASCII.
func shorten(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s[:min(len(s), 4*n)])
	return s[:min(len(s), n)]
}

var errNoCredential = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "The access_token provided is invalid."}

// Authenticate says whom a token stands for; Unauthenticated if for nobody.
func (s *Service) Authenticate(ctx context.Context, token string) (Principal, error) {
	h, ok := hashToken(token)
	if !ok {
		return Principal{}, errNoCredential
	}
	now := s.c.Clock()
	p := s.principals.get(h, now, s.c.Whole())
	if p == nil {
		began := s.principals.began()
		c, err := s.c.Lookups.Credential(ctx, h[:])
		if err != nil {
			return Principal{}, err
		}
		if c == nil || !now.Before(c.Expires) {
			return Principal{}, errNoCredential
		}
		p = &principal{
			Principal: Principal{UserID: c.UserID, CredentialID: c.ID, AppID: c.App, Scopes: c.Scopes, Admin: c.Admin && c.App == 0,
				Moderator: c.Moderator && c.App == 0},
			hash: h, expires: c.Expires, read: now,
		}
		p.seen.Store(c.Seen.Unix())
		s.principals.store(p, began)
	}
	if !now.Before(p.expires) {
		return Principal{}, errNoCredential
	}
	if seen := p.seen.Load(); now.Unix()-seen >= int64(seenEvery/time.Second) && p.seen.CompareAndSwap(seen, now.Unix()) {
		life := SessionLife
		if p.AppID != 0 {
			life = TokenLife
		}
		s.touched.add(tintype.Credential{Hash: h[:], Seen: now, Expires: now.Add(life)})
	}
	return p.Principal, nil
}

// SignOut ends the credential in use.
func (s *Service) SignOut(ctx context.Context, p Principal) error {
	ended, err := s.c.Credentials.EndCredential(ctx, p.UserID, p.CredentialID)
	s.ended(ended)
	return err
}

// SignOutEverywhere ends all sessions and tokens of a user but the credential named keep ("" for none).
func (s *Service) SignOutEverywhere(ctx context.Context, user tintype.ID, keep string) error {
	ended, err := s.c.Lockouts.EndCredentials(ctx, user, keep)
	s.ended(ended)
	return err
}

// Sessions lists a user's sessions and app tokens, the last used first.
func (s *Service) Sessions(ctx context.Context, user tintype.ID) ([]Session, error) {
	cs, err := s.c.Credentials.Credentials(ctx, user, s.c.Clock())
	out := make([]Session, len(cs))
	for i, c := range cs {
		out[i] = Session{ID: c.ID, Created: c.Created, Seen: c.Seen, UserAgent: c.UserAgent, Address: c.Address, AppID: c.App, AppName: c.AppName}
	}
	return out, err
}

// RevokeSession ends one of a user's sessions or tokens; NotFound if there is no such.
func (s *Service) RevokeSession(ctx context.Context, user tintype.ID, id string) error {
	if id == "" {
		return errNoSession
	}
	ended, err := s.c.Credentials.EndCredential(ctx, user, id)
	if err == nil && len(ended) == 0 {
		return errNoSession
	}
	s.ended(ended)
	return err
}

var errNoSession = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such session; it may have ended already"}

// touches collects when credentials were last seen, and writes it a few
// seconds later, many at a time and in nobody's way.
type touches struct {
	mu     sync.Mutex
	m      map[tokenHash]tintype.Credential
	timer  *time.Timer
	closed bool
	wg     sync.WaitGroup
	write  func(context.Context, []tintype.Credential) error
}

// touchDelay is how long touches are collected.
const touchDelay = 10 * time.Second

func (t *touches) add(c tintype.Credential) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	if t.m == nil {
		t.m = make(map[tokenHash]tintype.Credential)
		t.wg.Add(1)
		t.timer = time.AfterFunc(touchDelay, func() {
			defer t.wg.Done()
			// That a time was not written harms nothing: the next use writes a later one.
			_ = t.flush()
		})
	}
	t.m[tokenHash(c.Hash)] = c
}

func (t *touches) flush() error {
	t.mu.Lock()
	m := t.m
	t.m = nil
	if t.timer != nil && t.timer.Stop() {
		t.wg.Done()
	}
	t.timer = nil
	t.mu.Unlock()
	if len(m) == 0 {
		return nil
	}
	cs := make([]tintype.Credential, 0, len(m))
	for _, c := range m {
		cs = append(cs, c)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return t.write(ctx, cs)
}

func (t *touches) close() error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	err := t.flush()
	t.wg.Wait()
	return err
}
