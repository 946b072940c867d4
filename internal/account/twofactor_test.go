package account

import (
	"bytes"
	"context"
	"image/png"
	"net/url"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// code is what an authenticator app shows at the site's time, so many steps ago.
func (s *site) code(t testing.TB, secret string, ago int) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, s.clock.now().Add(-time.Duration(ago)*stepSeconds*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TestTwoFactor switches a second factor on, signs in with it and with what stands in for it, and switches it off.
func TestTwoFactor(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		u := s.signUp(t, "ann")
		_, p := s.openFor(t, u.ID)
		c := from("192.0.2.1")
		signIn := func(code, blamed string) {
			t.Helper()
			token, _, err := s.SignIn(ctx, Login{Name: "ann", Password: password, Code: code, Client: c})
			want(t, err, blamed)
			if (token == "") != (blamed != "") {
				t.Errorf("a sign-in that ended with %q gave the token %q", blamed, token)
			}
		}
		is := func(on bool, codes int) {
			t.Helper()
			if got, err := s.TwoFactor(ctx, u.ID); err != nil || got.Enabled != on || got.Recovery != codes {
				t.Errorf("%+v, %v; want it on: %v, with %d codes", got, err, on, codes)
			}
		}
		is(false, 0)
		_, err := s.ConfirmTwoFactor(ctx, p, "123456", c)
		want(t, err, "conflict")
		_, err = s.BeginTwoFactor(ctx, p, "wrong", c)
		want(t, err, "invalid password")
		e, err := s.BeginTwoFactor(ctx, p, password, c)
		want(t, err, "")
		uri, err := url.Parse(e.URI)
		if err != nil || uri.Scheme != "otpauth" || uri.Query().Get("secret") != e.Secret {
			t.Errorf("the app is told %q, %v", e.URI, err)
		}
		if _, err := png.Decode(bytes.NewReader(e.QR)); err != nil {
			t.Errorf("the picture: %v", err)
		}
		signIn("", "") // it is not in force yet
		_, err = s.ConfirmTwoFactor(ctx, p, s.code(t, e.Secret, 3), c)
		want(t, err, "invalid code")
		is(false, 0)
		recovery, err := s.ConfirmTwoFactor(ctx, p, s.code(t, e.Secret, 0), c)
		want(t, err, "")
		is(true, 10)
		_, err = s.BeginTwoFactor(ctx, p, password, c)
		want(t, err, "conflict")

		// The code that switched it on, the next one, the one before, the same again.
		signIn("", "unauthenticated code")
		signIn(s.code(t, e.Secret, 0), "unauthenticated code")
		s.clock.add(3 * stepSeconds * time.Second)
		signIn(s.code(t, e.Secret, 2), "unauthenticated code")
		signIn(s.code(t, e.Secret, 1), "")
		code := s.code(t, e.Secret, 0)
		signIn(code[:3]+" "+code[3:], "")
		signIn(code, "unauthenticated code")
		_, _, err = s.SignIn(ctx, Login{Name: "ann", Password: "not " + password, Code: code, Client: c})
		want(t, err, "unauthenticated")

		// Recovery codes, each once, however they are written.
		signIn(recovery[0], "")
		signIn(recovery[0], "unauthenticated code")
		signIn(" "+recovery[1][:4]+recovery[1][5:], "")
		is(true, 8)
		s.clock.add(stepSeconds * time.Second)
		_, err = s.RenewRecovery(ctx, p, "wrong", s.code(t, e.Secret, 0), c)
		want(t, err, "invalid password")
		_, err = s.RenewRecovery(ctx, p, password, "", c)
		want(t, err, "invalid code")
		fresh, err := s.RenewRecovery(ctx, p, password, s.code(t, e.Secret, 0), c)
		want(t, err, "")
		is(true, 10)
		signIn(recovery[2], "unauthenticated code")

		want(t, s.EndTwoFactor(ctx, p, password, "000", c), "invalid code")
		want(t, s.EndTwoFactor(ctx, p, password, fresh[9], c), "")
		is(false, 0)
		signIn("", "")
		want(t, s.ResetTwoFactor(ctx, u.ID), "conflict")
	})
}

// TestTwoFactorTries: who knows the password may not go on guessing codes, and the
// owner's right code is refused, too, for as long; then it opens by itself.
func TestTwoFactorTries(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		u := s.signUp(t, "ann")
		_, p := s.openFor(t, u.ID)
		c := from("192.0.2.1")
		e, err := s.BeginTwoFactor(ctx, p, password, c)
		want(t, err, "")
		_, err = s.ConfirmTwoFactor(ctx, p, s.code(t, e.Secret, 0), c)
		want(t, err, "")
		signIn := func(code string) error {
			_, _, err := s.SignIn(ctx, Login{Name: "ann", Password: password, Code: code, Client: c})
			return err
		}
		for range 10 {
			want(t, signIn("000000"), "unauthenticated code")
		}
		s.clock.add(stepSeconds * time.Second)
		want(t, signIn(s.code(t, e.Secret, 0)), "rate limited")
		s.clock.add(DefaultLimits.Window)
		want(t, signIn(s.code(t, e.Secret, 0)), "")
		want(t, s.ResetTwoFactor(ctx, u.ID), "")
		want(t, signIn(""), "")
	})
}
