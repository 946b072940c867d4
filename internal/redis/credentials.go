package redis

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"github.com/redis/rueidis"
	"github.com/tintype/tintype/internal/tintype"
)

// CredentialSource is where credentials are kept for good. sqlstore.Credentials is one.
type CredentialSource interface {
	// Credential gives that with this hash if its user is active; else nil.
	Credential(ctx context.Context, hash []byte) (*tintype.Credential, error)
}

// Credentials looks up credentials, so that most requests need not ask the
// directory. The source is the truth: with every server empty or dead nobody is signed out.
//
// What ended is marked before it is forgotten anywhere else, and the mark
// stays longer than any look-up under way: nobody stores it again. A mark that a
// server did not take is tried again until what the server may hold has expired; and
// whoever was told that a credential ended asks the source about it meanwhile. Credentials
// of admins are not kept, so that nobody stays one longer than the directory says.
//
// Its only errors are the source's.
type Credentials struct {
	p      *Pool
	source CredentialSource
	stop   context.CancelFunc
	ctx    context.Context

	mu      sync.Mutex
	ended   map[string]time.Time // IDs of credentials, until when what a server says of them is not believed
	waiting map[string]time.Time // hashes whose mark did not arrive, until when it may matter
	busy    sync.WaitGroup
	telling bool
}

const (
	credentialKeep = time.Minute     // how long a credential is kept
	credentialMark = 5 * time.Minute // how long a mark is
	credentialTry  = 250 * time.Millisecond
)

// NewCredentials makes a Credentials. Close it before p.
func NewCredentials(p *Pool, source CredentialSource) *Credentials {
	c := &Credentials{p: p, source: source, ended: map[string]time.Time{}, waiting: map[string]time.Time{}}
	c.ctx, c.stop = context.WithCancel(context.Background())
	return c
}

// Close gives up what still waits to be marked.
func (s *Credentials) Close() {
	s.stop()
	s.busy.Wait()
}

func credentialKey(hash []byte) string { return "credential:" + string(hash) }

// endedMark is what stands for a credential that ended.
const endedMark = "-"

// Credential gives the credential with this hash if its user is active; else
// nil. Of what the directory keeps, UserAgent, Address and AppName are not filled in.
func (s *Credentials) Credential(ctx context.Context, hash []byte) (*tintype.Credential, error) {
	key := credentialKey(hash)
	n := s.p.atKey(key)
	text, err := n.do(ctx, n.b().Get().Key(key).Build()).ToString()
	missing := rueidis.IsRedisNil(err)
	if err == nil {
		if c, ok := decodeCredential(text, hash); ok && !s.hasEnded(c.ID) {
			return c, nil
		}
	}
	c, err := s.source.Credential(ctx, hash)
	if err != nil || c == nil || !missing || c.Admin || c.Moderator {
		return c, err
	}
	// Only where there is nothing, neither a mark nor what is unreadable to this release.
	n.do(ctx, n.b().Set().Key(key).Value(encodeCredential(c)).Nx().ExSeconds(int64(credentialKeep/time.Second)).Build())
	return c, nil
}

func (s *Credentials) hasEnded(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.ended[id]
	return ok && time.Now().Before(until)
}

// Ended marks credentials that the source has ended: they need Hash and ID. It
// does not wait for a server that is down.
func (s *Credentials) Ended(ctx context.Context, cs []tintype.Credential) {
	ids := make([]string, len(cs))
	at := map[*node][]string{}
	for i, c := range cs {
		ids[i] = c.ID
		key := credentialKey(c.Hash)
		n := s.p.atKey(key)
		at[n] = append(at[n], key)
	}
	s.EndedElsewhere(ids)
	for n, keys := range at {
		if failed := mark(context.WithoutCancel(ctx), n, keys); len(failed) > 0 {
			s.retry(failed)
		}
	}
}

// EndedElsewhere takes note of credentials that another process says ended.
func (s *Credentials) EndedElsewhere(ids []string) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, until := range s.ended {
		if now.After(until) {
			delete(s.ended, id)
		}
	}
	for _, id := range ids {
		s.ended[id] = now.Add(2 * credentialKeep)
	}
}

// mark marks keys, and gives those whose mark did not arrive.
func mark(ctx context.Context, n *node, keys []string) (failed []string) {
	cmds := make([]rueidis.Completed, len(keys))
	for i, k := range keys {
		cmds[i] = n.b().Set().Key(k).Value(endedMark).ExSeconds(int64(credentialMark / time.Second)).Build()
	}
	for i, r := range n.doMulti(ctx, cmds...) {
		if r.Error() != nil {
			failed = append(failed, keys[i])
		}
	}
	return failed
}

// retry marks keys again and again until it succeeds or does not matter any more.
func (s *Credentials) retry(keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		s.waiting[k] = time.Now().Add(2 * credentialKeep)
	}
	if s.telling || s.ctx.Err() != nil {
		return
	}
	s.telling = true
	s.busy.Go(func() {
		tick := time.NewTicker(credentialTry)
		defer tick.Stop()
		for {
			select {
			case <-s.ctx.Done():
				return
			case <-tick.C:
			}
			if s.tryAgain() {
				return
			}
		}
	})
}

// tryAgain marks what waits; done is true when nothing does any more.
func (s *Credentials) tryAgain() (done bool) {
	s.mu.Lock()
	at := map[*node][]string{}
	for k, until := range s.waiting {
		if time.Now().After(until) {
			delete(s.waiting, k)
			continue
		}
		n := s.p.atKey(k)
		at[n] = append(at[n], k)
	}
	s.mu.Unlock()
	for n, keys := range at {
		failed := map[string]bool{}
		for _, k := range mark(s.ctx, n, keys) {
			failed[k] = true
		}
		s.mu.Lock()
		for _, k := range keys {
			if !failed[k] {
				delete(s.waiting, k)
			}
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.telling = len(s.waiting) > 0
	return !s.telling
}

// A credential is: schema, then user, app, scopes, created, seen and expires
// (microseconds), and its ID.
const credentialSchema = 1

func encodeCredential(c *tintype.Credential) string {
	b := []byte{credentialSchema}
	for _, v := range []int64{int64(c.UserID), int64(c.App), int64(c.Scopes), c.Created.UnixMicro(), c.Seen.UnixMicro(), c.Expires.UnixMicro()} {
		b = binary.AppendVarint(b, v)
	}
	return string(append(b, c.ID...))
}

// decodeCredential reads what encodeCredential wrote; ok is false for a mark, and for what another release wrote.
func decodeCredential(text string, hash []byte) (c *tintype.Credential, ok bool) {
	b := []byte(text)
	if len(b) == 0 || b[0] != credentialSchema {
		return nil, false
	}
	b = b[1:]
	var v [6]int64
	for i := range v {
		var n int
		if v[i], n = binary.Varint(b); n <= 0 {
			return nil, false
		}
		b = b[n:]
	}
	if len(b) == 0 {
		return nil, false
	}
	at := func(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
	return &tintype.Credential{ID: string(b), Hash: hash, UserID: tintype.ID(v[0]), App: tintype.ID(v[1]), Scopes: tintype.Scope(v[2]),
		Created: at(v[3]), Seen: at(v[4]), Expires: at(v[5])}, true
}
