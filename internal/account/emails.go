package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Emails keeps which addresses are known to be whose. sqlstore.Emails implements it.
type Emails interface {
	// Ask has a letter written.
	Ask(ctx context.Context, m job.Mail, now time.Time) error
	// AskChange notes the address that is to take the place of a user's, and has letters written to both; "" removes it at once.
	AskChange(ctx context.Context, user tintype.ID, email string, by job.Mail, now time.Time) error
	SweepDevices(ctx context.Context, before time.Time) error
}

// Links keeps links that were sent by mail, each good once. sqlstore.Emails implements it.
type Links interface {
	AddLink(ctx context.Context, l tintype.MailLink) error
	// Link gives a link that is still good, nil for none; it stays so.
	Link(ctx context.Context, hash []byte, now time.Time) (*tintype.MailLink, error)
	// ConfirmEmail, UndoEmail and ResetPassword use one up; Invalid with Field "token" if it is not good.
	ConfirmEmail(ctx context.Context, hash []byte, now time.Time) (*tintype.MailLink, error)
	UndoEmail(ctx context.Context, hash []byte, noPassword string, now time.Time) (*tintype.MailLink, []tintype.Credential, error)
	ResetPassword(ctx context.Context, hash []byte, passwordHash string, by job.Mail, now time.Time) ([]tintype.Credential, error)
	SweepLinks(ctx context.Context, now time.Time) error
}

// How long links are good, and for how long a device is remembered that is not used.
const (
	VerifyLife = 3 * 24 * time.Hour
	UndoLife   = 3 * 24 * time.Hour
	ResetLife  = time.Hour
	deviceLife = 400 * 24 * time.Hour
)

// EmailState is what a user's e-mail address is known for.
type EmailState struct {
	Address  string    // "" for none
	Verified time.Time // since when it is known to be the user's; zero if it is not
	Pending  string    // the one that is to take its place; "" for none
}

// by says from where something is done, for letters.
func by(c Client) job.Mail {
	return job.Mail{Agent: shorten(c.UserAgent, 200), Address: addressOf(c)}
}

// deviceOf is what a client shows again when it comes back: what was put into the
// browser, or, where there is none, how it calls itself and where it is.
func deviceOf(c Client) []byte {
	s := "device " + c.Device
	if c.Device == "" {
		s = "client " + block(c.Addr) + " " + c.UserAgent
	}
	h := sha256.Sum256([]byte(s))
	return h[:]
}

// EmailOf tells what is known of a user's e-mail address.
func (s *Service) EmailOf(ctx context.Context, user tintype.ID) (EmailState, error) {
	a, err := s.c.Accounts.Account(ctx, user)
	if err != nil {
		return EmailState{}, err
	}
	if a == nil {
		return EmailState{}, errNoUser
	}
	return EmailState{Address: a.Email, Verified: a.Verified, Pending: a.Pending}, nil
}

var (
	errUnverified = &tintype.Error{Kind: tintype.Forbidden, Field: "email", Msg: "on this site an e-mail address must be confirmed first: please see your settings"}
	errShutOut    = &tintype.Error{Kind: tintype.Forbidden, Msg: "this account is suspended, or about to be deleted"}
)

// MayShow says why a user may show nothing to others at this moment; refused is nil if they may. confirmed is whether the
// site wants an e-mail address that is known to be theirs.
func (s *Service) MayShow(ctx context.Context, user tintype.ID, confirmed bool) (refused, err error) {
	a, err := s.c.Accounts.Account(ctx, user)
	switch {
	case err != nil:
		return nil, err
	case a == nil || a.State != tintype.AccountActive:
		return errShutOut, nil
	case confirmed && a.Verified.IsZero():
		return errUnverified, nil
	}
	return nil, nil
}

// ChangeEmail begins to give a user another e-mail address, given the password: it takes the place of the
// present one once the link that is sent to it is followed. "" removes the address at once. The present address, if it
// is known to be the user's, gets a letter with a link that undoes it all.
func (s *Service) ChangeEmail(ctx context.Context, p Principal, email, password string, c Client) error {
	address, _, err := Email(email)
	if err != nil {
		return err
	}
	if _, err := s.confirmPassword(ctx, p.UserID, password, c); err != nil {
		return err
	}
	if err := s.take(ctx, "changes of your e-mail address", mailLimits(p.UserID)); err != nil {
		return err
	}
	return s.c.Emails.AskChange(ctx, p.UserID, address, by(c), s.c.Clock())
}

// AskVerify sends the letter again that asks whether an address is the user's: the one that is to come, if any, else the present one.
func (s *Service) AskVerify(ctx context.Context, p Principal) error {
	a, err := s.c.Accounts.Account(ctx, p.UserID)
	if err != nil {
		return err
	}
	m := job.Mail{Letter: job.LetterVerify, User: p.UserID}
	switch {
	case a == nil:
		return errNoUser
	case a.Pending != "":
		m.Letter, m.To = job.LetterChange, a.Pending
	case a.Email == "" || !a.Verified.IsZero():
		return &tintype.Error{Kind: tintype.Conflict, Msg: "there is no e-mail address that waits to be confirmed"}
	}
	if err := s.take(ctx, "letters", mailLimits(p.UserID)); err != nil {
		return err
	}
	return s.c.Emails.Ask(ctx, m, s.c.Clock())
}

// mailLimits bound what one user can have sent.
func mailLimits(user tintype.ID) []tintype.Limit {
	return []tintype.Limit{{Key: "mail:user:" + user.String(), Max: 10, Window: time.Hour}}
}

// ConfirmEmail follows a link that says that an address is the user's, and gives the address.
func (s *Service) ConfirmEmail(ctx context.Context, token string, c Client) (email string, err error) {
	hash, err := s.linkHash(ctx, token, c)
	if err != nil {
		return "", err
	}
	l, err := s.c.Links.ConfirmEmail(ctx, hash, s.c.Clock())
	if err != nil {
		return "", err
	}
	return l.Email, nil
}

// UndoEmail follows a link that brings a former address back. All that was opened for the user ends, the password is good no
// longer, and a letter with a link to set another one goes to the address, which UndoEmail gives.
func (s *Service) UndoEmail(ctx context.Context, token string, c Client) (email string, err error) {
	hash, err := s.linkHash(ctx, token, c)
	if err != nil {
		return "", err
	}
	l, ended, err := s.c.Links.UndoEmail(ctx, hash, noPassword, s.c.Clock())
	s.ended(ended)
	if err != nil {
		return "", err
	}
	return l.Email, nil
}

// ForgotPassword has a link to set a new password sent to an address if it is that of a user. Nobody learns here whether it is, nor from how long it takes: that is looked up
// when the letter is written.
func (s *Service) ForgotPassword(ctx context.Context, email string, c Client) error {
	address, key, err := Email(email)
	if err != nil {
		return err
	}
	if key == "" {
		return tintype.FieldError("email", "please enter the e-mail address of your account")
	}
	sum := sha256.Sum256([]byte(key))
	limits := []tintype.Limit{
		{Key: "reset:address:" + block(c.Addr), Max: 20, Window: time.Hour},
		{Key: "reset:email:" + hex.EncodeToString(sum[:12]), Max: 3, Window: time.Hour},
	}
	if err := s.take(ctx, "letters to set a new password", limits); err != nil {
		return err
	}
	m := by(c)
	m.Letter, m.To = job.LetterReset, address
	return s.c.Emails.Ask(ctx, m, s.c.Clock())
}

// SetForgotten follows a link that sets a new password. Every session and every app's token ends; who has two factors needs both to sign in again.
func (s *Service) SetForgotten(ctx context.Context, token, password string, c Client) error {
	hash, err := s.linkHash(ctx, token, c)
	if err != nil {
		return err
	}
	now := s.c.Clock()
	l, err := s.c.Links.Link(ctx, hash, now)
	if err != nil {
		return err
	}
	if l == nil || l.Purpose != tintype.LinkReset {
		return errBadLink
	}
	u, err := s.c.Profiles.Profile(ctx, l.UserID)
	if err != nil {
		return err
	}
	if u == nil {
		return errBadLink
	}
	// The link is used up by a good password only.
	if err := goodPassword("password", password, u.Username, l.Email); err != nil {
		return err
	}
	fresh, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	ended, err := s.c.Links.ResetPassword(ctx, hash, fresh, by(c), now)
	s.ended(ended)
	return err
}

var errBadLink = &tintype.Error{Kind: tintype.Invalid, Field: "token", Msg: "this link is not good any more: it was used, is too old, or a newer one was sent"}

// linkHash gives the hash of a link's token. What is tried is counted: 256 random bits are not guessed, but hashing passwords is work.
func (s *Service) linkHash(ctx context.Context, token string, c Client) ([]byte, error) {
	if len(token) != 43 {
		return nil, errBadLink
	}
	if err := s.take(ctx, "links", []tintype.Limit{{Key: "link:address:" + block(c.Addr), Max: 60, Window: time.Hour}}); err != nil {
		return nil, err
	}
	h := sha256.Sum256([]byte("link " + token))
	return h[:], nil
}

// newLink makes the token of a link, and its hash.
func newLink() (token string, hash []byte) {
	b := make([]byte, 32)
	rand.Read(b)
	token = base64.RawURLEncoding.EncodeToString(b)
	h := sha256.Sum256([]byte("link " + token))
	return token, h[:]
}
