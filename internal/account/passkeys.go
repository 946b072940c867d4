package account

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Passkeys keeps passkeys. sqlstore.Passkeys implements it.
type Passkeys interface {
	Passkeys(ctx context.Context, user tintype.ID) ([]tintype.Passkey, error)
	// AddPasskey keeps a new one and has the user told; Conflict if it is there already or the user has most.
	AddPasskey(ctx context.Context, p tintype.Passkey, by job.Mail) error
	UsePasskey(ctx context.Context, p tintype.Passkey) error
	RenamePasskey(ctx context.Context, user tintype.ID, id []byte, name string) error
	RemovePasskey(ctx context.Context, user tintype.ID, id []byte) error
}

// Challenges keeps what is still to be answered. sqlstore.Passkeys implements it.
type Challenges interface {
	PutChallenge(ctx context.Context, c tintype.Challenge) error
	// Challenge gives one without using it up; nil if there is none that is still good.
	Challenge(ctx context.Context, hash []byte, now time.Time) (*tintype.Challenge, error)
	// TakeChallenge gives a challenge, once; nil if there is none that is still good.
	TakeChallenge(ctx context.Context, hash []byte, now time.Time) (*tintype.Challenge, error)
	SweepChallenges(ctx context.Context, now time.Time) error
}

// challengeLife is how long one may take to answer.
const challengeLife = 5 * time.Minute

// maxPasskeyName is the longest name of a passkey, in characters.
const maxPasskeyName = 60

// Passkey is one as its owner sees it.
type Passkey struct {
	ID      string // base64url
	Name    string
	Created time.Time
	Used    time.Time // last; zero for never
}

// Ceremony is what a browser's navigator.credentials is to be asked.
type Ceremony struct {
	Challenge string // that the answer is to be sent with; good once
	Options   any    // of create or get, as JSON writes them
}

// PasskeyAnswer is what the browser answered.
type PasskeyAnswer struct {
	Challenge string
	Response  json.RawMessage // as PublicKeyCredential.toJSON gives it
}

var (
	errPasskey     = &tintype.Error{Kind: tintype.Unauthenticated, Field: "passkey", Msg: "that passkey could not be verified; please try again"}
	errCeremony    = &tintype.Error{Kind: tintype.Invalid, Field: "passkey", Msg: "that took too long, or was done before; please begin again"}
	errNoPasskeys  = &tintype.Error{Kind: tintype.Conflict, Field: "passkey", Msg: "there is no passkey of yours here that could be asked for"}
	errNoRP        = &tintype.Error{Kind: tintype.Unavailable, Msg: "passkeys need a site with a name: public_url is not one they can be bound to"}
	errBadResponse = &tintype.Error{Kind: tintype.Invalid, Field: "passkey", Msg: "what the browser said of the passkey cannot be understood"}
)

// party is this site to browsers and devices: a passkey is bound to the host of SiteURL, and answers count from there alone.
func (s *Service) party(ctx context.Context) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(s.c.SiteURL)
	if err != nil || u.Hostname() == "" || protocol.ValidateRPID(u.Hostname()) != nil {
		return nil, errNoRP
	}
	site, err := s.Site(ctx)
	if err != nil {
		return nil, err
	}
	return webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: site.Name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation})
}

// holder is a user with passkeys, as the library sees one.
type holder struct {
	id       tintype.ID
	name     string
	fullName string
	keys     []tintype.Passkey
	records  []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return handleOf(h.id) }
func (h *holder) WebAuthnName() string                       { return h.name }
func (h *holder) WebAuthnDisplayName() string                { return h.fullName }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.records }

// handleOf is what a device knows a user by.
func handleOf(id tintype.ID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

// holderOf gives a user with all passkeys.
func (s *Service) holderOf(ctx context.Context, user tintype.ID) (*holder, error) {
	u, err := s.c.Profiles.Profile(ctx, user)
	if err != nil {
		return nil, err
	}
	if u == nil {
		return nil, errPasskey
	}
	h := &holder{id: user, name: u.Username, fullName: u.FullName}
	if h.fullName == "" {
		h.fullName = u.Username
	}
	if h.keys, err = s.c.Passkeys.Passkeys(ctx, user); err != nil {
		return nil, err
	}
	h.records = make([]webauthn.Credential, len(h.keys))
	for i, k := range h.keys {
		if err := json.Unmarshal([]byte(k.Record), &h.records[i]); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// ListPasskeys gives a user's passkeys, the oldest first.
func (s *Service) ListPasskeys(ctx context.Context, user tintype.ID) ([]Passkey, error) {
	keys, err := s.c.Passkeys.Passkeys(ctx, user)
	out := make([]Passkey, len(keys))
	for i, k := range keys {
		out[i] = passkey(k)
	}
	return out, err
}

func passkey(k tintype.Passkey) Passkey {
	return Passkey{ID: base64.RawURLEncoding.EncodeToString(k.ID), Name: k.Name, Created: k.Created, Used: k.Used}
}

// BeginPasskey begins to register a passkey, given the password: it gives what the browser is to be asked.
func (s *Service) BeginPasskey(ctx context.Context, p Principal, password string, c Client) (Ceremony, error) {
	party, err := s.party(ctx)
	if err != nil {
		return Ceremony{}, err
	}
	if _, err := s.confirmPassword(ctx, p.UserID, password, c); err != nil {
		return Ceremony{}, err
	}
	h, err := s.holderOf(ctx, p.UserID)
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := party.BeginRegistration(h,
		webauthn.WithExclusions(webauthn.Credentials(h.records).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred}))
	if err != nil {
		return Ceremony{}, err
	}
	return s.challenge(ctx, tintype.ChallengeRegister, p.UserID, p.CredentialID, options.Response, session)
}

// challenge keeps what an answer will be held against.
func (s *Service) challenge(ctx context.Context, kind tintype.ChallengeKind, user tintype.ID, session string, options, data any) (Ceremony, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return Ceremony{}, err
	}
	id := randomID()
	return Ceremony{Challenge: id, Options: options}, s.c.Challenges.PutChallenge(ctx, tintype.Challenge{
		Hash: hashChallenge(id), Kind: kind, UserID: user, Session: session, Data: string(text), Expires: s.c.Clock().Add(challengeLife)})
}

func hashChallenge(id string) []byte {
	h := sha256.Sum256([]byte("challenge " + id))
	return h[:]
}

// answered gives what an answer is to be held against. Whatever comes of it, the challenge is used up.
func (s *Service) answered(ctx context.Context, id string, kind tintype.ChallengeKind, user tintype.ID, session string) (webauthn.SessionData, error) {
	var data webauthn.SessionData
	if !isRandomID(id) {
		return data, errCeremony
	}
	c, err := s.c.Challenges.TakeChallenge(ctx, hashChallenge(id), s.c.Clock())
	if err != nil {
		return data, err
	}
	if c == nil || c.Kind != kind || c.UserID != user || c.Session != session {
		return data, errCeremony
	}
	return data, json.Unmarshal([]byte(c.Data), &data)
}

// AddPasskey registers a passkey under a name, given what the browser answered in the session that began it.
func (s *Service) AddPasskey(ctx context.Context, p Principal, a PasskeyAnswer, name string, c Client) (Passkey, error) {
	name, err := oneLine("name", "a passkey's name", name, maxPasskeyName)
	if err != nil {
		return Passkey{}, err
	}
	if name == "" {
		return Passkey{}, tintype.FieldError("name", "a passkey needs a name, so that you know it again")
	}
	party, err := s.party(ctx)
	if err != nil {
		return Passkey{}, err
	}
	data, err := s.answered(ctx, a.Challenge, tintype.ChallengeRegister, p.UserID, p.CredentialID)
	if err != nil {
		return Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(a.Response)
	if err != nil {
		return Passkey{}, errBadResponse
	}
	h, err := s.holderOf(ctx, p.UserID)
	if err != nil {
		return Passkey{}, err
	}
	made, err := party.CreateCredential(h, data, parsed)
	if err != nil {
		return Passkey{}, &tintype.Error{Kind: tintype.Invalid, Field: "passkey", Msg: "that passkey could not be verified; please try again", Err: err}
	}
	made.Attestation = webauthn.CredentialAttestation{} // who made the device is nobody's business
	record, err := json.Marshal(made)
	if err != nil {
		return Passkey{}, err
	}
	k := tintype.Passkey{ID: made.ID, UserID: p.UserID, Name: name, Record: string(record), Created: s.c.Clock()}
	return passkey(k), s.c.Passkeys.AddPasskey(ctx, k, by(c))
}

// RenamePasskey gives a passkey another name.
func (s *Service) RenamePasskey(ctx context.Context, p Principal, id, name string) error {
	name, err := oneLine("name", "a passkey's name", name, maxPasskeyName)
	if err != nil {
		return err
	}
	if name == "" {
		return tintype.FieldError("name", "a passkey needs a name, so that you know it again")
	}
	raw, err := passkeyID(id)
	if err != nil {
		return err
	}
	return s.c.Passkeys.RenamePasskey(ctx, p.UserID, raw, name)
}

// RemovePasskey takes a passkey away, given the password.
func (s *Service) RemovePasskey(ctx context.Context, p Principal, id, password string, c Client) error {
	raw, err := passkeyID(id)
	if err != nil {
		return err
	}
	if _, err := s.confirmPassword(ctx, p.UserID, password, c); err != nil {
		return err
	}
	return s.c.Passkeys.RemovePasskey(ctx, p.UserID, raw)
}

func passkeyID(id string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || len(raw) == 0 || len(raw) > 1023 {
		return nil, &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such passkey"}
	}
	return raw, nil
}

// BeginSignIn begins a sign-in by a passkey. Without a name it is by the passkey alone, which then must show that it was its user
// who touched it; with name and password it is the second factor.
func (s *Service) BeginSignIn(ctx context.Context, l Login) (Ceremony, error) {
	party, err := s.party(ctx)
	if err != nil {
		return Ceremony{}, err
	}
	if l.Name == "" {
		if err := s.take(ctx, "sign-ins", []tintype.Limit{{Key: "challenge:address:" + block(l.Client.Addr), Max: 120, Window: 15 * time.Minute}}); err != nil {
			return Ceremony{}, err
		}
		options, session, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return Ceremony{}, err
		}
		return s.challenge(ctx, tintype.ChallengeSignIn, 0, "", options.Response, session)
	}
	a, subject, err := s.find(ctx, l.Name)
	if err != nil {
		return Ceremony{}, err
	}
	// Who is suspended is asked all the same: with the answer they are told why, as they are with a code.
	if _, err := s.checkPassword(ctx, a, subject, l.Password, "password", l.Client); err != nil && !errors.Is(err, errSuspended) {
		return Ceremony{}, err
	}
	h, err := s.holderOf(ctx, a.UserID)
	if err != nil {
		return Ceremony{}, err
	}
	if len(h.keys) == 0 {
		return Ceremony{}, errNoPasskeys
	}
	options, session, err := party.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return Ceremony{}, err
	}
	return s.challenge(ctx, tintype.ChallengeSecond, a.UserID, "", options.Response, session)
}

// signInByPasskey lets in whoever answers with a passkey alone.
func (s *Service) signInByPasskey(ctx context.Context, l Login) (token string, user *tintype.User, err error) {
	id, err := s.checkPasskey(ctx, *l.Passkey, 0)
	if err != nil {
		return "", nil, err
	}
	a, err := s.c.Accounts.Account(ctx, id)
	if err != nil {
		return "", nil, err
	}
	if a == nil {
		return "", nil, errPasskey
	}
	return s.enter(ctx, a, l.Client, "")
}

// checkPasskey verifies an answer: of user, who has shown the password, or for 0 of whoever it is, which it gives.
func (s *Service) checkPasskey(ctx context.Context, a PasskeyAnswer, user tintype.ID) (tintype.ID, error) {
	party, err := s.party(ctx)
	if err != nil {
		return 0, err
	}
	kind := tintype.ChallengeSignIn
	if user != 0 {
		kind = tintype.ChallengeSecond
	}
	data, err := s.answered(ctx, a.Challenge, kind, user, "")
	if err != nil {
		return 0, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(a.Response)
	if err != nil {
		return 0, errBadResponse
	}
	var h *holder
	var used *webauthn.Credential
	if user == 0 {
		_, used, err = party.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			if len(handle) != 8 {
				return nil, errPasskey
			}
			var err error
			h, err = s.holderOf(ctx, tintype.ID(binary.BigEndian.Uint64(handle)))
			if err != nil {
				return nil, err
			}
			return h, nil
		}, data, parsed)
	} else if h, err = s.holderOf(ctx, user); err == nil {
		used, err = party.ValidateLogin(h, data, parsed)
	}
	if err != nil {
		if tintype.KindOf(err) == tintype.Unavailable {
			return 0, err
		}
		return 0, errPasskey
	}
	if used.Authenticator.CloneWarning {
		s.c.Log.WarnContext(ctx, "a passkey counts backwards: it may have been copied, and was refused", "user", h.id)
		return 0, errPasskey
	}
	record, err := json.Marshal(used)
	if err != nil {
		return 0, err
	}
	for _, k := range h.keys {
		if bytes.Equal(k.ID, used.ID) {
			k.Record, k.Used = string(record), s.c.Clock()
			return h.id, s.c.Passkeys.UsePasskey(ctx, k)
		}
	}
	return 0, errPasskey
}
