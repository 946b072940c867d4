package app_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// gotLetter is a letter in the site's outbox.
type gotLetter struct{ to, subject, text, token string }

var tokenIn = regexp.MustCompile(`(?m)^http://localhost:8080/[a-z-]+#token=([A-Za-z0-9_-]{43})$`)

// letters takes what is in the outbox out of it, once all work is done.
func (s *site) letters() (out []gotLetter) {
	s.t.Helper()
	s.settle()
	files, err := filepath.Glob(filepath.Join(s.app.Dir(), "outbox", "*.eml"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			s.t.Fatal(err)
		}
		if err := os.Remove(f); err != nil {
			s.t.Fatal(err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			s.t.Fatal(err)
		}
		to, err := mail.ParseAddress(m.Header.Get("To"))
		if err != nil {
			s.t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil {
			s.t.Fatal(err)
		}
		_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
		if err != nil {
			s.t.Fatal(err)
		}
		p, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			s.t.Fatal(err)
		}
		l := gotLetter{to: to.Address, subject: subject, text: strings.ReplaceAll(string(text), "\r\n", "\n")}
		if found := tokenIn.FindStringSubmatch(l.text); found != nil {
			l.token = found[1]
		}
		out = append(out, l)
	}
	return out
}

// letter takes the letters out of the outbox, of which the one to an address is about what a subject says, and there are n.
func (s *site) letter(n int, to, subject string) gotLetter {
	s.t.Helper()
	all := s.letters()
	if len(all) != n {
		s.t.Fatalf("%d letters, want %d: %+v", len(all), n, all)
	}
	for _, l := range all {
		if l.to == to && strings.Contains(l.subject, subject) {
			return l
		}
	}
	s.t.Fatalf("no letter to %s about %q: %+v", to, subject, all)
	return gotLetter{}
}

const goodSecret = "a long enough pass"

// signUp signs somebody up, with an address, in a session of the API.
func (s *site) signUp(name, email string) credential {
	s.t.Helper()
	var in struct {
		Token string `json:"access_token"`
	}
	s.want(201, nobody, "POST", "/v1/users", map[string]any{"username": name, "password": goodSecret, "email": email}).into(s.t, &in)
	return credential{token: in.Token}
}

type emailState struct {
	Email    string
	Verified *string `json:"verified_time"`
	Pending  string
	Required bool
}

// since gives since when the address is known to be the user's, as letters have it: no earlier than the second.
func (e emailState) since(t *testing.T) int64 {
	t.Helper()
	if e.Verified == nil {
		t.Fatal("the address is not confirmed")
	}
	s, err := strconv.ParseInt(*e.Verified, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(s, 0).UnixMicro()
}

// TestEmailAddresses confirms an address, changes it and has that undone.
func TestEmailAddresses(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		is := func(c credential, email, pending string, verified bool) {
			t.Helper()
			var got emailState
			s.want(200, c, "GET", "/v1/users/self/email", nil).into(t, &got)
			if got.Email != email || got.Pending != pending || (got.Verified != nil) != verified || got.Required {
				t.Errorf("%+v; want %q, %q to come, verified: %v", got, email, pending, verified)
			}
		}
		follow := func(status int, path, token string) *reply {
			t.Helper()
			return s.want(status, nobody, "POST", path, map[string]any{"token": token})
		}
		ada := s.signUp("ada", "Ada@example.org")
		verify := s.letter(1, "Ada@example.org", "Confirm")
		is(ada, "Ada@example.org", "", false)
		s.want(200, ada, "POST", "/v1/users/self/email/verify", nil)
		again := s.letter(1, "Ada@example.org", "Confirm")
		for _, bad := range []string{"", "x", strings.Repeat("a", 43)} {
			if r := follow(400, "/v1/email/confirm", bad); r.meta.Field != "token" {
				t.Errorf("token %q: %s", bad, r.body)
			}
		}
		follow(400, "/v1/email/undo", verify.token)
		// Either of the two letters will do, once.
		follow(200, "/v1/email/confirm", verify.token)
		follow(400, "/v1/email/confirm", verify.token)
		follow(400, "/v1/email/confirm", again.token)
		is(ada, "Ada@example.org", "", true)
		s.want(409, ada, "POST", "/v1/users/self/email/verify", nil)

		s.want(400, ada, "PATCH", "/v1/users/self", map[string]any{"email": "new@example.org"})
		change := func(status int, email, password string) *reply {
			t.Helper()
			return s.want(status, ada, "PUT", "/v1/users/self/email", map[string]any{"email": email, "password": password})
		}
		if r := change(400, "new@example.org", "wrong"); r.meta.Field != "password" {
			t.Errorf("%s", r.body)
		}
		if r := change(400, "new@example.org\r\nBcc: x@example.org", goodSecret); r.meta.Field != "email" {
			t.Errorf("%s", r.body)
		}
		change(200, "new@example.org", goodSecret)
		is(ada, "Ada@example.org", "new@example.org", true)
		both := s.letters()
		if len(both) != 2 {
			t.Fatalf("%+v", both)
		}
		if both[0].to != "new@example.org" {
			both[0], both[1] = both[1], both[0]
		}
		follow(200, "/v1/email/confirm", both[0].token)
		is(ada, "new@example.org", "", true)
		follow(200, "/v1/email/undo", both[1].token)
		s.want(400, ada, "GET", "/v1/users/self/email", nil)
		s.want(400, nobody, "POST", "/v1/session", map[string]any{"login": "ada", "password": goodSecret})
		reset := s.letter(1, "Ada@example.org", "Set a new password")
		s.want(200, nobody, "POST", "/v1/password/reset", map[string]any{"token": reset.token, "password": "another long pass"})
		var in struct {
			Token string `json:"access_token"`
		}
		s.want(200, nobody, "POST", "/v1/session", map[string]any{"login": "ada@example.org", "password": "another long pass"}).into(t, &in)
		ada = credential{token: in.Token}
		is(ada, "Ada@example.org", "", true)
		s.want(200, ada, "PUT", "/v1/users/self/email", map[string]any{"email": "", "password": "another long pass"})
		is(ada, "", "", false)
	})
}

// TestForgottenPassword sets a new password by mail. Nobody learns from it who has an account, and it is no way past the second factor.
func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada := s.signUp("ada", "ada@example.org")
		var self struct{ ID tintype.ID }
		s.want(200, ada, "GET", "/v1/users/self", nil).into(t, &self)
		app := s.mint(self.ID, tintype.ScopeBasic, false)
		var begun struct{ Secret string }
		s.want(200, ada, "POST", "/v1/users/self/two-factor", map[string]any{"password": goodSecret}).into(t, &begun)
		code, err := totp.GenerateCode(begun.Secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var recovery struct {
			Codes []string `json:"recovery_codes"`
		}
		s.want(200, ada, "POST", "/v1/users/self/two-factor/confirm", map[string]any{"code": code}).into(t, &recovery)
		s.letter(1, "ada@example.org", "Confirm")

		forgot := func(status int, email string) *reply {
			t.Helper()
			return s.want(status, nobody, "POST", "/v1/password/forgot", map[string]any{"email": email})
		}
		known, unknown := forgot(200, "ADA@example.org"), forgot(200, "nobody@example.org")
		if d := cmp.Diff(string(known.body), string(unknown.body)); d != "" {
			t.Errorf("an address that is somebody's is answered otherwise:\n%s", d)
		}
		l := s.letter(1, "ada@example.org", "Set a new password")
		forgot(400, "")
		forgot(400, "not an address")
		for range 2 {
			forgot(200, "nobody@example.org")
			forgot(200, "ada@example.org")
		}
		if a, b := forgot(429, "nobody@example.org"), forgot(429, "ada@example.org"); a.meta.Message != b.meta.Message {
			t.Errorf("%s\n%s", a.body, b.body)
		}
		newer := s.letters()

		reset := func(status int, token, password string) *reply {
			t.Helper()
			return s.want(status, nobody, "POST", "/v1/password/reset", map[string]any{"token": token, "password": password})
		}
		if r := reset(400, l.token, "short"); r.meta.Field != "password" {
			t.Errorf("%s", r.body)
		}
		if r := reset(400, strings.Repeat("x", 43), "another long pass"); r.meta.Field != "token" {
			t.Errorf("%s", r.body)
		}
		s.want(200, ada, "GET", "/v1/users/self", nil)
		reset(200, l.token, "another long pass")
		reset(400, l.token, "a third long pass")
		reset(400, newer[0].token, "a third long pass")
		s.want(400, ada, "GET", "/v1/users/self", nil)
		s.want(400, app, "GET", "/v1/users/self", nil)
		s.letter(1, "ada@example.org", "was changed") // the address is known to be ada's by now

		s.want(400, nobody, "POST", "/v1/session", map[string]any{"login": "ada", "password": goodSecret})
		if r := s.want(400, nobody, "POST", "/v1/session", map[string]any{"login": "ada", "password": "another long pass"}); r.meta.Field != "code" {
			t.Errorf("without the second factor: %s", r.body)
		}
		s.want(200, nobody, "POST", "/v1/session", map[string]any{"login": "ada", "password": "another long pass", "code": recovery.Codes[0]})

		// Nobody who is shut out gets in by mail.
		if err := s.app.Account.Suspend(t.Context(), self.ID, true); err != nil {
			t.Fatal(err)
		}
		if got := s.letters(); len(got) != 0 {
			t.Errorf("letters: %+v", got)
		}
	})
}

// TestNotices tells whose account it is what somebody did with it, in their language, once the address is known to be theirs.
func TestNotices(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	signIn := func(agent string, header ...string) *reply {
		t.Helper()
		return s.want(200, nobody, "POST", "/v1/session", map[string]any{"login": "ada", "password": goodSecret, "cookie": true},
			append([]string{"User-Agent", agent, "Sec-Fetch-Site", "same-origin"}, header...)...)
	}
	const firefox, safari = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604.1"
	ada := s.signUp("ada", "ada@example.org")
	s.want(200, ada, "PATCH", "/v1/users/self", map[string]any{"locale": "zh-CN"})
	verify := s.letters()[0].token
	signIn(firefox)
	if got := s.letters(); len(got) != 0 {
		t.Errorf("told to an address that may be anybody's: %+v", got)
	}
	s.want(200, nobody, "POST", "/v1/email/confirm", map[string]any{"token": verify})
	r := signIn(safari)
	if l := s.letter(1, "ada@example.org", "新设备"); !strings.Contains(l.text, "Safari (iPhone)") || !strings.Contains(l.text, "127.0.0.1") {
		t.Errorf("%s", l.text)
	}
	var device string
	for _, c := range r.header.Values("Set-Cookie") {
		if strings.HasPrefix(c, "tintype_device=") {
			device, _, _ = strings.Cut(c, ";")
			if !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") {
				t.Errorf("the cookie is %q", c)
			}
		}
	}
	signIn(firefox, "Cookie", device) // the same browser, whatever it calls itself
	if got := s.letters(); len(got) != 0 || device == "" {
		t.Errorf("told of a device that is known (%q): %+v", device, got)
	}
	s.want(200, ada, "POST", "/v1/users/self/password", map[string]any{"current": goodSecret, "new": "another long pass"})
	s.letter(1, "ada@example.org", "密码已更改")

	var begun struct{ Secret string }
	s.want(200, ada, "POST", "/v1/users/self/two-factor", map[string]any{"password": "another long pass"}).into(t, &begun)
	code, err := totp.GenerateCode(begun.Secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var recovery struct {
		Codes []string `json:"recovery_codes"`
	}
	s.want(200, ada, "POST", "/v1/users/self/two-factor/confirm", map[string]any{"code": code}).into(t, &recovery)
	s.want(200, ada, "POST", "/v1/users/self/two-factor/off", map[string]any{"password": "another long pass", "code": recovery.Codes[0]})
	s.letter(1, "ada@example.org", "只需一步")
}
