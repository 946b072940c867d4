package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// OpenID speaks to OpenID providers. oidc.Client implements it.
type OpenID interface {
	// Providers gives those that the operator has named, in that order.
	Providers() []tintype.Provider
	// Address gives where a browser is to be sent; Unavailable if the provider does not answer.
	Address(ctx context.Context, provider string, t tintype.ProviderTrip) (string, error)
	// Redeem gives whom a code is of; issuer is what came beside it, "" for nothing. Unauthenticated if the provider
	// refuses, or says what is not to be believed.
	Redeem(ctx context.Context, provider, code, issuer string, t tintype.ProviderTrip) (tintype.ProviderUser, error)
}

// Identities keeps who users are to OpenID providers. sqlstore.Identities implements it.
type Identities interface {
	// Identity gives that of an issuer's subject, nil if it is nobody's.
	Identity(ctx context.Context, issuer, subject string) (*tintype.Identity, error)
	Identities(ctx context.Context, user tintype.ID) ([]tintype.Identity, error)
	// LinkIdentity links one and has the user told; Conflict if it is another's, or the user has one of that issuer.
	LinkIdentity(ctx context.Context, i tintype.Identity, by job.Mail) error
	// UnlinkIdentity takes one away and has the user told.
	UnlinkIdentity(ctx context.Context, user tintype.ID, issuer string, by job.Mail, now time.Time) error
}

// How long one may be away at a provider, and how long one may then take for the code or the username.
const (
	tripLife  = 10 * time.Minute
	namedLife = 15 * time.Minute
)

// maxNext is the longest address to go on to, in bytes.
const maxNext = 1000

// Trip is where a browser is to be sent, and what it must show when it comes back.
type Trip struct {
	URL     string
	Browser string // a secret for a cookie
	Life    time.Duration
}

// ProviderAnswer is what a browser came back with.
type ProviderAnswer struct {
	State   string
	Code    string
	Issuer  string // of the provider (RFC 9207); "" if it did not say
	Browser string // what the browser shows
	Client  Client
}

// Arrival is what came of a trip: a session (Token), a link (Linked), or a Ticket, with which a code of the second factor is to be
// shown, or, where Proposal is set, an account may be made.
type Arrival struct {
	Provider tintype.Provider
	Next     string // where to go on to on this site; "" for nowhere in particular
	Token    string
	User     *tintype.User
	Linked   bool
	Ticket   string
	Proposal *Proposal
}

// Proposal is what a provider says of somebody who may join.
type Proposal struct {
	Username  string
	FullName  string
	Email     string
	Confirmed bool // if they keep that address it needs no letter
}

var (
	errNoProvider = &tintype.Error{Kind: tintype.NotFound, Field: "provider", Msg: "there is no such way to sign in here"}
	errTrip       = &tintype.Error{Kind: tintype.Invalid, Field: "state", Msg: "that took too long, was done before, or was begun in another browser; please begin again"}
)

// trip is what is kept while somebody is away at a provider.
type trip struct {
	Provider string
	Issuer   string // as it was when they left
	Nonce    string
	Verifier string
	Browser  string // hash
	Next     string
}

// named is what is kept of somebody whom a provider has named.
type named struct {
	Provider string
	Browser  string // hash
	User     tintype.ProviderUser
}

// Providers gives the providers that one can sign in by.
func (s *Service) Providers() []tintype.Provider {
	if s.c.OpenID == nil {
		return nil
	}
	return s.c.OpenID.Providers()
}

func (s *Service) provider(id string) (tintype.Provider, error) {
	for _, p := range s.Providers() {
		if p.ID == id {
			return p, nil
		}
	}
	return tintype.Provider{}, errNoProvider
}

// BeginProvider sends a browser to a provider to sign in; next is where to go on to then, a path of this site.
func (s *Service) BeginProvider(ctx context.Context, provider, next string, c Client) (Trip, error) {
	if len(next) > maxNext || next != "" && !samePath.MatchString(next) {
		return Trip{}, tintype.FieldError("next", "next must be a path of this site")
	}
	return s.leaveFor(ctx, provider, next, 0, "", c)
}

// samePath matches what a browser takes for a path of the site that it is on.
var samePath = regexp.MustCompile(`^/([^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?$`)

// BeginLink sends the browser of a user, who shows the password, to a provider, to have the account there linked.
func (s *Service) BeginLink(ctx context.Context, p Principal, provider, password string, c Client) (Trip, error) {
	if _, err := s.provider(provider); err != nil {
		return Trip{}, err
	}
	if _, err := s.confirmPassword(ctx, p.UserID, password, c); err != nil {
		return Trip{}, err
	}
	return s.leaveFor(ctx, provider, "", p.UserID, p.CredentialID, c)
}

func (s *Service) leaveFor(ctx context.Context, provider, next string, user tintype.ID, session string, c Client) (Trip, error) {
	p, err := s.provider(provider)
	if err != nil {
		return Trip{}, err
	}
	if err := s.take(ctx, "sign-ins", tripLimits(c)); err != nil {
		return Trip{}, err
	}
	t := tintype.ProviderTrip{State: randomID(), Nonce: randomID(), Verifier: randomID() + randomID(), ReturnTo: s.returnTo()}
	to, err := s.c.OpenID.Address(ctx, provider, t)
	if err != nil {
		s.c.Log.WarnContext(ctx, "nobody can be sent to an OpenID provider", "provider", provider, "error", err)
		return Trip{}, err
	}
	out := Trip{URL: to, Browser: rand.Text(), Life: tripLife}
	return out, s.keep(ctx, tintype.ChallengeProvider, t.State, user, session, tripLife,
		trip{Provider: p.ID, Issuer: p.Issuer, Nonce: t.Nonce, Verifier: t.Verifier, Browser: hashBrowser(out.Browser), Next: next})
}

// returnTo is where providers send browsers back to.
func (s *Service) returnTo() string { return s.c.SiteURL + "/sign-in/back" }

func tripLimits(c Client) []tintype.Limit {
	return []tintype.Limit{{Key: "provider:address:" + block(c.Addr), Max: 120, Window: 15 * time.Minute}}
}

func hashBrowser(secret string) string {
	h := sha256.Sum256([]byte("browser " + secret))
	return hex.EncodeToString(h[:])
}

func sameBrowser(hash, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(hashBrowser(secret))) == 1
}

// keep keeps data under a secret.
func (s *Service) keep(ctx context.Context, kind tintype.ChallengeKind, id string, user tintype.ID, session string, life time.Duration, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.c.Challenges.PutChallenge(ctx, tintype.Challenge{Hash: hashChallenge(id), Kind: kind, UserID: user, Session: session, Data: string(text),
		Expires: s.c.Clock().Add(life)})
}

// Arrive is the way back from a provider, once: who is signed in there is signed in here, or asked for what is missing; or, if p began
// to, linked. A [SuspendedError] for whom that proves to be suspended.
func (s *Service) Arrive(ctx context.Context, p Principal, a ProviderAnswer) (Arrival, error) {
	if !isRandomID(a.State) || a.Browser == "" {
		return Arrival{}, errTrip
	}
	if err := s.take(ctx, "sign-ins", tripLimits(a.Client)); err != nil {
		return Arrival{}, err
	}
	c, err := s.c.Challenges.TakeChallenge(ctx, hashChallenge(a.State), s.c.Clock())
	if err != nil {
		return Arrival{}, err
	}
	var t trip
	if c == nil || c.Kind != tintype.ChallengeProvider || json.Unmarshal([]byte(c.Data), &t) != nil || !sameBrowser(t.Browser, a.Browser) {
		return Arrival{}, errTrip
	}
	if c.UserID != 0 && (p.UserID != c.UserID || p.CredentialID != c.Session) {
		return Arrival{}, errTrip // signed out meanwhile, or as somebody else
	}
	provider, err := s.provider(t.Provider)
	if err != nil {
		return Arrival{}, err
	}
	if provider.Issuer != t.Issuer {
		return Arrival{}, errTrip // the configuration has changed
	}
	u, err := s.c.OpenID.Redeem(ctx, t.Provider, a.Code, a.Issuer,
		tintype.ProviderTrip{State: a.State, Nonce: t.Nonce, Verifier: t.Verifier, ReturnTo: s.returnTo()})
	if err != nil {
		s.c.Log.WarnContext(ctx, "an OpenID provider's answer was refused", "provider", t.Provider, "error", err)
		return Arrival{}, err
	}
	out := Arrival{Provider: provider, Next: t.Next}
	i, err := s.c.Identities.Identity(ctx, u.Issuer, u.Subject)
	switch {
	case err != nil:
		return Arrival{}, err
	case c.UserID != 0:
		out.Linked = true
		return out, s.link(ctx, i, u, p.UserID, a.Client)
	case i == nil:
		return s.propose(ctx, out, u, t.Browser)
	}
	return s.known(ctx, out, i.UserID, u, t.Browser, a.Client)
}

// link links an identity to a user; that it is theirs already is as well.
func (s *Service) link(ctx context.Context, i *tintype.Identity, u tintype.ProviderUser, user tintype.ID, c Client) error {
	if i != nil && i.UserID == user {
		return nil
	}
	return s.c.Identities.LinkIdentity(ctx, tintype.Identity{Issuer: u.Issuer, Subject: u.Subject, UserID: user, Email: shownEmail(u), Linked: s.c.Clock()}, by(c))
}

// shownEmail is an address as people know an identity by; "" if it is none.
func shownEmail(u tintype.ProviderUser) string {
	address, _, err := Email(u.Email)
	if err != nil {
		return ""
	}
	return address
}

// known signs in whom an identity is of, as far as they have not two factors.
func (s *Service) known(ctx context.Context, out Arrival, user tintype.ID, u tintype.ProviderUser, browser string, c Client) (Arrival, error) {
	f, err := s.c.Factors.Factor(ctx, user)
	if err != nil {
		return Arrival{}, err
	}
	if f != nil && !f.Since.IsZero() {
		out.Ticket = randomID()
		return out, s.keep(ctx, tintype.ChallengeNamed, out.Ticket, user, "", namedLife, named{Provider: out.Provider.ID, Browser: browser, User: u})
	}
	out.Token, out.User, err = s.admit(ctx, user, c)
	return out, err
}

// admit opens a session for a user who has shown all that it takes but no password.
func (s *Service) admit(ctx context.Context, user tintype.ID, c Client) (token string, u *tintype.User, err error) {
	a, err := s.c.Accounts.Account(ctx, user)
	if err != nil {
		return "", nil, err
	}
	if a == nil {
		return "", nil, errNoUser
	}
	return s.enter(ctx, a, c, "")
}

// propose is for somebody whom nobody here knows.
func (s *Service) propose(ctx context.Context, out Arrival, u tintype.ProviderUser, browser string) (Arrival, error) {
	_, key, err := Email(u.Email)
	if err != nil {
		key = ""
	}
	// Who shows an address is not for that whose account has it: not every provider looks, and addresses change hands.
	if key != "" && u.EmailVerified {
		a, err := s.c.Accounts.AccountByEmail(ctx, key)
		if err != nil {
			return Arrival{}, err
		}
		if a != nil {
			return Arrival{}, &tintype.Error{Kind: tintype.Conflict, Field: "email",
				Msg: "there is an account with your e-mail address here: sign in to it first, then connect " + out.Provider.Name + " in Settings, Account"}
		}
	}
	if err := s.joins(ctx, out.Provider); err != nil {
		return Arrival{}, err
	}
	out.Proposal = &Proposal{Username: s.freeName(ctx, u), Email: shownEmail(u), Confirmed: out.Provider.TrustsEmail && u.EmailVerified && key != ""}
	if name, err := FullName(u.FullName); err == nil {
		out.Proposal.FullName = name
	}
	out.Ticket = randomID()
	return out, s.keep(ctx, tintype.ChallengeNamed, out.Ticket, 0, "", namedLife, named{Provider: out.Provider.ID, Browser: browser, User: u})
}

// joins refuses strangers where they cannot join by a provider.
func (s *Service) joins(ctx context.Context, p tintype.Provider) error {
	site, err := s.Site(ctx)
	if err != nil {
		return err
	}
	if !p.Joins || site.SignUp == SignUpClosed {
		return &tintype.Error{Kind: tintype.Forbidden, Field: "provider",
			Msg: "no account here is connected to that one: if you have one, sign in first, then connect " + p.Name + " in Settings, Account"}
	}
	return nil
}

// freeName proposes a username, "" if none of what the provider says makes one that is free.
func (s *Service) freeName(ctx context.Context, u tintype.ProviderUser) string {
	local, _, _ := strings.Cut(u.Email, "@")
	for _, from := range []string{u.Username, local, u.FullName} {
		from, _, _ = strings.Cut(from, "@")
		plain := strings.Trim(dots.ReplaceAllString(unusable.ReplaceAllString(strings.ToLower(from), "_"), "."), "._")
		name, skel, err := newUsername(plain[:min(len(plain), MaxUsername)])
		if err != nil {
			continue
		}
		// What is proposed is tried again when it is claimed: an error here proposes nothing.
		if taken, err := s.c.Names.NameTaken(ctx, skel, 0); err == nil && !taken {
			return name
		}
	}
	return ""
}

var (
	unusable = regexp.MustCompile(`[^a-z0-9._]+`)
	dots     = regexp.MustCompile(`\.{2,}`)
)

// ticket gives what a ticket of Arrive stands for, which it goes on doing.
func (s *Service) ticket(ctx context.Context, id, browser string) (*tintype.Challenge, named, error) {
	var n named
	if !isRandomID(id) || browser == "" {
		return nil, n, errTrip
	}
	c, err := s.c.Challenges.Challenge(ctx, hashChallenge(id), s.c.Clock())
	if err != nil {
		return nil, n, err
	}
	if c == nil || c.Kind != tintype.ChallengeNamed || json.Unmarshal([]byte(c.Data), &n) != nil || !sameBrowser(n.Browser, browser) {
		return nil, n, errTrip
	}
	return c, n, nil
}

// spend uses up a ticket.
func (s *Service) spend(ctx context.Context, c *tintype.Challenge) error {
	taken, err := s.c.Challenges.TakeChallenge(ctx, c.Hash, s.c.Clock())
	if err == nil && taken == nil {
		err = errTrip
	}
	return err
}

// FinishProvider signs in whom a provider has named, given a code of the second factor.
func (s *Service) FinishProvider(ctx context.Context, ticket, browser, code string, c Client) (token string, u *tintype.User, err error) {
	kept, n, err := s.ticket(ctx, ticket, browser)
	if err != nil {
		return "", nil, err
	}
	if kept.UserID == 0 {
		return "", nil, errTrip
	}
	// It may have been unlinked since.
	i, err := s.c.Identities.Identity(ctx, n.User.Issuer, n.User.Subject)
	if err != nil {
		return "", nil, err
	}
	if i == nil || i.UserID != kept.UserID {
		return "", nil, errTrip
	}
	if _, err := s.checkCode(ctx, kept.UserID, code, c); err != nil {
		return "", nil, err
	}
	if err := s.spend(ctx, kept); err != nil {
		return "", nil, err
	}
	return s.admit(ctx, kept.UserID, c)
}

// JoinByProvider makes an account for somebody whom a provider has named, as SignUp does but without a password, and opens a session.
func (s *Service) JoinByProvider(ctx context.Context, ticket, browser string, r SignUp) (token string, u *tintype.User, err error) {
	kept, who, err := s.ticket(ctx, ticket, browser)
	if err != nil {
		return "", nil, err
	}
	if kept.UserID != 0 {
		return "", nil, errTrip
	}
	provider, err := s.provider(who.Provider)
	if err != nil {
		return "", nil, err
	}
	if err := s.joins(ctx, provider); err != nil {
		return "", nil, err
	}
	n, u, err := newAccount(NewUser{Username: r.Username, FullName: r.FullName, Email: r.Email}, r.Locale)
	if err != nil {
		return "", nil, err
	}
	if err := s.mayJoin(ctx, &n, r.Invite, r.Client); err != nil {
		return "", nil, err
	}
	n.PasswordHash = noPassword
	n.Identity = &tintype.Identity{Issuer: who.User.Issuer, Subject: who.User.Subject, Email: shownEmail(who.User)}
	_, key, err := Email(who.User.Email)
	n.Verified = err == nil && key != "" && key == n.EmailKey && who.User.EmailVerified && provider.TrustsEmail
	if u, err = s.create(ctx, n, u); err != nil {
		return "", nil, err
	}
	// The identity is linked by now, so that the ticket is of no use to anybody, whether or not this succeeds.
	if err := s.spend(ctx, kept); err != nil {
		s.c.Log.WarnContext(ctx, "a ticket that was used stays until it is too old", "error", err)
	}
	token, err = s.Open(ctx, u.ID, r.Client)
	return token, u, err
}
