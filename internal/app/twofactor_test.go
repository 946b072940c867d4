package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// TestTwoFactor is a second factor as a client has it: on, signing in, off.
func TestTwoFactor(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		const secret = "a long enough pass"
		s.want(201, nobody, "POST", "/v1/users", map[string]any{"username": "ada", "password": secret})
		login := map[string]any{"login": "ada", "password": secret}
		var in struct {
			Token string `json:"access_token"`
		}
		s.want(200, nobody, "POST", "/v1/session", login).into(t, &in)
		ada := credential{token: in.Token}
		var has struct {
			Enabled bool
			Codes   int `json:"recovery_codes"`
		}
		s.want(200, ada, "GET", "/v1/users/self/two-factor", nil).into(t, &has)
		var begun struct{ Secret, URI, QR string }
		s.want(200, ada, "POST", "/v1/users/self/two-factor", map[string]any{"password": secret}).into(t, &begun)
		if has.Enabled || !strings.HasPrefix(begun.URI, "otpauth://totp/") || !strings.HasPrefix(begun.QR, "data:image/png;base64,") {
			t.Errorf("%+v %+v", has, begun)
		}
		code, err := totp.GenerateCode(begun.Secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var recovery struct {
			Codes []string `json:"recovery_codes"`
		}
		s.want(200, ada, "POST", "/v1/users/self/two-factor/confirm", map[string]any{"code": code}).into(t, &recovery)
		s.want(200, ada, "GET", "/v1/users/self/two-factor", nil).into(t, &has)
		if !has.Enabled || has.Codes != len(recovery.Codes) || has.Codes == 0 {
			t.Fatalf("%+v %+v", has, recovery)
		}

		for _, wrong := range []string{"", code, "123"} {
			login["code"] = wrong
			r := s.want(400, nobody, "POST", "/v1/session", login)
			if r.meta.Field != "code" || r.header.Get("Set-Cookie") != "" || strings.Contains(string(r.body), "access_token") {
				t.Errorf("with the code %q: %s %v", wrong, r.body, r.header)
			}
		}
		login["code"] = recovery.Codes[0]
		s.want(200, nobody, "POST", "/v1/session", login).into(t, &in)
		s.want(200, credential{token: in.Token}, "GET", "/v1/users/self", nil)

		s.want(200, ada, "POST", "/v1/users/self/two-factor/recovery", map[string]any{"password": secret, "code": recovery.Codes[1]}).into(t, &recovery)
		s.want(400, ada, "POST", "/v1/users/self/two-factor/off", map[string]any{"password": secret, "code": code})
		s.want(200, ada, "POST", "/v1/users/self/two-factor/off", map[string]any{"password": secret, "code": recovery.Codes[0]})
		delete(login, "code")
		s.want(200, nobody, "POST", "/v1/session", login)

		// An admin takes it from who has lost it.
		s.want(200, ada, "POST", "/v1/users/self/two-factor", map[string]any{"password": secret}).into(t, &begun)
		if code, err = totp.GenerateCode(begun.Secret, time.Now()); err != nil {
			t.Fatal(err)
		}
		s.want(200, ada, "POST", "/v1/users/self/two-factor/confirm", map[string]any{"code": code})
		var self struct{ ID string }
		s.want(200, ada, "GET", "/v1/users/self", nil).into(t, &self)
		s.want(400, nobody, "POST", "/v1/session", login)
		s.want(200, ada, "DELETE", "/v1/admin/users/"+self.ID+"/two-factor", nil)
		s.want(200, nobody, "POST", "/v1/session", login)
	})
}
