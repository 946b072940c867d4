package account

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Factors keeps second factors. sqlstore.Factors implements it.
type Factors interface {
	// Factor gives a user's second factor, nil if none was begun.
	Factor(ctx context.Context, user tintype.ID) (*tintype.SecondFactor, error)
	// BeginFactor keeps a secret that is not asked for yet. Conflict if a factor is in force.
	BeginFactor(ctx context.Context, user tintype.ID, secret string) error
	// EnforceFactor brings a secret that was begun into force.
	EnforceFactor(ctx context.Context, user tintype.ID, secret string, step int64, recovery [][]byte, now time.Time) error
	SetRecovery(ctx context.Context, user tintype.ID, recovery [][]byte) error
	// SpendCode uses up a recovery code, or, where recovery is nil, the code of a time step; ok is false if that was done before.
	SpendCode(ctx context.Context, user tintype.ID, step int64, recovery []byte) (ok bool, err error)
	// EndFactor takes a second factor away and has the user told; ended is false if none was in force.
	EndFactor(ctx context.Context, user tintype.ID, by job.Mail, now time.Time) (ended bool, err error)
}

// What authenticator apps all know of RFC 6238: SHA-1, six digits, half a minute.
const (
	stepSeconds   = 30
	recoveryCodes = 10
)

// Enrolment is what an authenticator app needs to know.
type Enrolment struct {
	Secret string // base32, to be typed in
	URI    string // otpauth:
	QR     []byte // the URI as a picture, PNG
}

// TwoFactor tells whether, and since when, a user signs in with two factors, and how many recovery codes are left.
type TwoFactor struct {
	Enabled  bool
	Since    time.Time
	Recovery int
}

var (
	errCodeNeeded = &tintype.Error{Kind: tintype.Unauthenticated, Field: "code", Msg: "please also enter the code that your authenticator app shows"}
	errWrongCode  = &tintype.Error{Kind: tintype.Unauthenticated, Field: "code", Msg: "that code is not right, or was used before"}
	errNoFactor   = &tintype.Error{Kind: tintype.Conflict, Msg: "signing in with two factors is not switched on"}
)

// TwoFactor tells how a user signs in.
func (s *Service) TwoFactor(ctx context.Context, user tintype.ID) (TwoFactor, error) {
	f, err := s.c.Factors.Factor(ctx, user)
	if err != nil || f == nil || f.Since.IsZero() {
		return TwoFactor{}, err
	}
	return TwoFactor{Enabled: true, Since: f.Since, Recovery: f.Recovery}, nil
}

// BeginTwoFactor makes a secret for an authenticator app, given the password. It is
// not asked for until ConfirmTwoFactor has shown that the app has it.
func (s *Service) BeginTwoFactor(ctx context.Context, p Principal, password string, c Client) (Enrolment, error) {
	u, err := s.confirmPassword(ctx, p.UserID, password, c)
	if err != nil {
		return Enrolment{}, err
	}
	site, err := s.Site(ctx)
	if err != nil {
		return Enrolment{}, err
	}
	// The issuer and the name are parted by a colon, which neither may hold.
	issuer := strings.ReplaceAll(site.Name, ":", " ")
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: u.Username, SecretSize: 20, Rand: rand.Reader})
	if err != nil {
		return Enrolment{}, err
	}
	picture, err := key.Image(240, 240)
	if err != nil {
		return Enrolment{}, err
	}
	var qr bytes.Buffer
	if err := png.Encode(&qr, picture); err != nil {
		return Enrolment{}, err
	}
	if err := s.c.Factors.BeginFactor(ctx, p.UserID, key.Secret()); err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: key.Secret(), URI: key.URL(), QR: qr.Bytes()}, nil
}

// ConfirmTwoFactor brings the secret that was begun into force, given a code that
// is made from it, and gives recovery codes, which are shown this once.
func (s *Service) ConfirmTwoFactor(ctx context.Context, p Principal, code string, c Client) (recovery []string, err error) {
	f, err := s.c.Factors.Factor(ctx, p.UserID)
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return nil, &tintype.Error{Kind: tintype.Conflict, Msg: "nothing was begun that could be confirmed: please begin again"}
	case !f.Since.IsZero():
		return nil, &tintype.Error{Kind: tintype.Conflict, Msg: "signing in with two factors is switched on already"}
	}
	limits := s.codeLimits(p.UserID, c)
	if err := s.take(ctx, "codes", limits); err != nil {
		return nil, err
	}
	step, ok := s.stepOf(f.Secret, plainCode(code))
	if !ok {
		return nil, tintype.FieldError("code", "that is not the code that your app shows now; is the clock of your phone right?")
	}
	recovery, hashes := newRecovery()
	if err := s.c.Factors.EnforceFactor(ctx, p.UserID, f.Secret, step, hashes, s.c.Clock()); err != nil {
		return nil, err
	}
	s.refund(ctx, limits)
	return recovery, nil
}

// RenewRecovery replaces all recovery codes, given the password and a code.
func (s *Service) RenewRecovery(ctx context.Context, p Principal, password, code string, c Client) (recovery []string, err error) {
	if err := s.confirmBoth(ctx, p.UserID, password, code, c); err != nil {
		return nil, err
	}
	recovery, hashes := newRecovery()
	return recovery, s.c.Factors.SetRecovery(ctx, p.UserID, hashes)
}

// EndTwoFactor has a user sign in by the password alone again, given the password and a code.
func (s *Service) EndTwoFactor(ctx context.Context, p Principal, password, code string, c Client) error {
	if err := s.confirmBoth(ctx, p.UserID, password, code, c); err != nil {
		return err
	}
	_, err := s.c.Factors.EndFactor(ctx, p.UserID, by(c), s.c.Clock())
	return err
}

// ResetTwoFactor takes the second factor from a user who has lost it; Conflict if there was none.
func (s *Service) ResetTwoFactor(ctx context.Context, user tintype.ID) error {
	ended, err := s.c.Factors.EndFactor(ctx, user, job.Mail{}, s.c.Clock())
	if err == nil && !ended {
		err = errNoFactor
	}
	return err
}

func (s *Service) confirmBoth(ctx context.Context, user tintype.ID, password, code string, c Client) error {
	if _, err := s.confirmPassword(ctx, user, password, c); err != nil {
		return err
	}
	asked, err := s.checkCode(ctx, user, code, c)
	if err == nil && !asked {
		err = errNoFactor
	}
	if tintype.IsKind(err, tintype.Unauthenticated) {
		// Who asks is signed in: it is the input that is wrong.
		err = tintype.FieldError("code", "that code is not right, or was used before")
	}
	return err
}

// confirmPassword asks a user who is signed in for the password again, and gives the profile.
func (s *Service) confirmPassword(ctx context.Context, user tintype.ID, password string, c Client) (*tintype.User, error) {
	a, err := s.c.Accounts.Account(ctx, user)
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, errNoCredential
	}
	if a.PasswordHash == noPassword {
		return nil, errSetFirst
	}
	_, err = s.checkPassword(ctx, a, a.UserID.String(), password, "password", c)
	if errors.Is(err, errWrongLogin) {
		return nil, tintype.FieldError("password", "that is not your password")
	}
	if err != nil {
		return nil, err
	}
	u, err := s.c.Profiles.Profile(ctx, user)
	if err == nil && u == nil {
		err = errNoCredential
	}
	return u, err
}

// codeLimits bound tries of codes. They are counted apart from those of passwords: whoever is asked for a code has
// shown the password, and so has refunded those. Twenty tries in a quarter of an hour, of which a million are possible and
// two are right, leave a guesser who knows the password one chance in 260 a day.
func (s *Service) codeLimits(user tintype.ID, c Client) []tintype.Limit {
	l := s.c.LimitsNow()
	subject, b := user.String(), block(c.Addr)
	return []tintype.Limit{
		{Key: "code:account:" + subject, Max: min(20, l.AccountTries), Window: l.Window},
		{Key: "code:pair:" + subject + ":" + b, Max: min(10, l.PairTries), Window: l.Window},
	}
}

// checkCode checks the second factor of a user whose password was right: a code of the app or a recovery code. asked is
// false, and nothing is checked, if the user has none.
func (s *Service) checkCode(ctx context.Context, user tintype.ID, code string, c Client) (asked bool, err error) {
	f, err := s.c.Factors.Factor(ctx, user)
	if err != nil || f == nil || f.Since.IsZero() {
		return false, err
	}
	code = plainCode(code)
	if code == "" {
		return true, errCodeNeeded
	}
	limits := s.codeLimits(user, c)
	if err := s.take(ctx, "codes", limits); err != nil {
		return true, err
	}
	step, ok := s.stepOf(f.Secret, code)
	var recovery []byte
	if !ok {
		recovery = hashRecovery(code)
	}
	if ok, err = s.c.Factors.SpendCode(ctx, user, step, recovery); err != nil {
		return true, err
	}
	if !ok {
		return true, errWrongCode
	}
	s.refund(ctx, limits)
	return true, nil
}

// stepOf gives the time step that a plain code is of: the present one or the one before, as clocks differ and fingers are slow.
func (s *Service) stepOf(secret, code string) (step int64, ok bool) {
	now := s.c.Clock().Unix() / stepSeconds
	for step := now; step > now-2; step-- {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}

// plainCode takes away what people put between the digits.
func plainCode(code string) string {
	if len(code) > 64 {
		return "-" // no code, but not nothing
	}
	return strings.NewReplacer(" ", "", "-", "").Replace(strings.ToUpper(strings.TrimSpace(code)))
}

// newRecovery makes codes of 80 random bits, in groups of four, and their hashes.
func newRecovery() (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		b := make([]byte, 10)
		rand.Read(b)
		code := base32.StdEncoding.EncodeToString(b)
		codes = append(codes, strings.ToLower(code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:]))
		hashes = append(hashes, hashRecovery(code))
	}
	return codes, hashes
}

func hashRecovery(code string) []byte {
	h := sha256.Sum256([]byte("recovery " + code))
	return h[:]
}
