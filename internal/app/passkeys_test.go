package app_test

import (
	"crypto/ecdsa"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

type passkeyJSON struct {
	ID, Name string
	Used     *string `json:"used_time"`
}

// register has a device make a passkey for whoever c is.
func (s *site) register(c credential, a *authenticator, name string) passkeyJSON {
	s.t.Helper()
	var q asked
	s.want(200, c, "POST", "/v1/users/self/passkeys/challenge", map[string]any{"password": goodSecret}).into(s.t, &q)
	var made passkeyJSON
	s.want(201, c, "POST", "/v1/users/self/passkeys", map[string]any{"challenge": q.Challenge, "response": a.create(q), "name": name}).into(s.t, &made)
	return made
}

// challenge begins a sign-in, with or without the password.
func (s *site) challenge(body map[string]any) (q asked) {
	s.t.Helper()
	s.want(200, nobody, "POST", "/v1/session/passkey", body).into(s.t, &q)
	return q
}

func withPasskey(q asked, response any, more map[string]any) map[string]any {
	out := map[string]any{"passkey": map[string]any{"challenge": q.Challenge, "response": response}}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// TestPasskeys registers passkeys, signs in with them alone and beside the password, and takes them away.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ada, ben := s.signUp("ada", "ada@example.org"), s.signUp("ben", "")
		device := newAuthenticator(t)
		if r := s.want(400, ada, "POST", "/v1/users/self/passkeys/challenge", map[string]any{"password": "wrong"}); r.meta.Field != "password" {
			t.Errorf("%s", r.body)
		}
		phone := s.register(ada, device, "My phone")
		if phone.Name != "My phone" || phone.ID != device.last || phone.Used != nil {
			t.Errorf("%+v", phone)
		}

		// A challenge is for one session, and once.
		var q asked
		s.want(200, ada, "POST", "/v1/users/self/passkeys/challenge", map[string]any{"password": goodSecret}).into(t, &q)
		body := map[string]any{"challenge": q.Challenge, "response": newAuthenticator(t).create(q), "name": "stolen"}
		s.want(400, ben, "POST", "/v1/users/self/passkeys", body)
		s.want(400, ada, "POST", "/v1/users/self/passkeys", body) // ben used it up
		s.want(200, ada, "POST", "/v1/users/self/passkeys/challenge", map[string]any{"password": goodSecret}).into(t, &q)
		foreign := newAuthenticator(t)
		foreign.origin = "https://phish.example"
		s.want(400, ada, "POST", "/v1/users/self/passkeys", map[string]any{"challenge": q.Challenge, "response": foreign.create(q), "name": "phish"})

		// Alone it is both factors.
		signIn := func(status int, q asked, response any, more map[string]any) *reply {
			t.Helper()
			r := s.want(status, nobody, "POST", "/v1/session", withPasskey(q, response, more))
			if status != 200 && (strings.Contains(string(r.body), "access_token") || r.header.Get("Set-Cookie") != "") {
				t.Errorf("something was opened: %s %v", r.body, r.header)
			}
			return r
		}
		q = s.challenge(map[string]any{})
		if len(q.Options.Allow) != 0 || q.Options.Verify != "required" {
			t.Errorf("%+v", q)
		}
		answer := device.get(q)
		var in struct {
			Token string `json:"access_token"`
			User  struct{ Username string }
		}
		signIn(200, q, answer, nil).into(t, &in)
		if in.User.Username != "ada" {
			t.Errorf("%+v", in)
		}
		s.want(200, credential{token: in.Token}, "GET", "/v1/users/self", nil)
		signIn(400, q, answer, nil) // once
		for what, change := range map[string]func(a *authenticator){
			"without showing that it was ada": func(a *authenticator) { a.verify = false },
			"from another page":               func(a *authenticator) { a.origin = "http://phish.example" },
			"for another site":                func(a *authenticator) { a.rp = "phish.example" },
			"with ben's handle":               func(a *authenticator) { a.handle = map[string][]byte{a.last: make([]byte, 8)} },
			"with a strange key": func(a *authenticator) {
				o := newAuthenticator(t)
				o.create(q)
				a.keys = map[string]*ecdsa.PrivateKey{a.last: o.keys[o.last]}
			},
			"counting backwards": func(a *authenticator) { a.count = 0 },
		} {
			other := *device
			other.count++
			change(&other)
			q := s.challenge(map[string]any{})
			if r := signIn(400, q, other.get(q), nil); r.meta.Field != "passkey" {
				t.Errorf("%s: %s", what, r.body)
			}
			device.count = max(device.count, other.count)
		}
		signIn(400, asked{Challenge: strings.Repeat("x", 22)}, answer, nil)
		signIn(400, q, "nonsense", nil)

		// Beside the password it stands in for the code, and need not show who touched it.
		var begun struct{ Secret string }
		s.want(200, ada, "POST", "/v1/users/self/two-factor", map[string]any{"password": goodSecret}).into(t, &begun)
		code, err := totp.GenerateCode(begun.Secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		s.want(200, ada, "POST", "/v1/users/self/two-factor/confirm", map[string]any{"code": code})
		both := map[string]any{"login": "ada", "password": goodSecret}
		s.want(400, nobody, "POST", "/v1/session", both)
		s.want(400, nobody, "POST", "/v1/session/passkey", map[string]any{"login": "ada", "password": "wrong"})
		s.want(409, nobody, "POST", "/v1/session/passkey", map[string]any{"login": "ben", "password": goodSecret})
		q = s.challenge(both)
		if len(q.Options.Allow) != 1 || q.Options.Allow[0].ID != phone.ID {
			t.Errorf("%+v", q)
		}
		device.verify = false
		answer = device.get(q)
		signIn(400, q, answer, nil) // without the password it is another challenge
		q = s.challenge(both)
		answer = device.get(q)
		signIn(400, q, answer, map[string]any{"login": "ben", "password": goodSecret})
		q = s.challenge(both)
		answer = device.get(q)
		signIn(400, q, answer, map[string]any{"login": "ada", "password": "wrong"})
		signIn(200, q, answer, both)
		device.verify = true

		var list []passkeyJSON
		s.want(200, ada, "GET", "/v1/users/self/passkeys", nil).into(t, &list)
		if len(list) != 1 || list[0].Used == nil {
			t.Errorf("%+v", list)
		}
		s.want(200, ada, "PATCH", "/v1/users/self/passkeys/"+phone.ID, map[string]any{"name": "Old phone"})
		s.want(400, ben, "PATCH", "/v1/users/self/passkeys/"+phone.ID, map[string]any{"name": "Mine"})
		s.want(400, ben, "POST", "/v1/users/self/passkeys/"+phone.ID+"/remove", map[string]any{"password": goodSecret})
		s.want(400, ada, "POST", "/v1/users/self/passkeys/"+phone.ID+"/remove", map[string]any{"password": "wrong"})
		s.want(200, ada, "POST", "/v1/users/self/passkeys/"+phone.ID+"/remove", map[string]any{"password": goodSecret})
		q = s.challenge(map[string]any{})
		signIn(400, q, device.get(q), nil)
	})
}

// TestHalfSignedIn asks every route with all that somebody holds who has shown the password and not the second factor, and with all that
// somebody holds whom the site has shut out: none lets them further than nobody.
func TestHalfSignedIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	ada := s.signUp("ada", "ada@example.org")
	var self struct{ ID tintype.ID }
	s.want(200, ada, "GET", "/v1/users/self", nil).into(t, &self)
	device := newAuthenticator(t)
	s.register(ada, device, "My phone")
	half := s.challenge(map[string]any{"login": "ada", "password": goodSecret})
	whole := s.challenge(map[string]any{})
	token := s.mint(self.ID, tintype.ScopeAll&^tintype.ScopeSession, false)
	shut := map[string]credential{}
	for name, c := range map[string]string{"the challenge after the password": half.Challenge, "what the browser is asked": half.Options.Challenge, "a challenge for anybody": whole.Challenge} {
		shut[name], shut[name+", as a cookie"] = credential{token: c}, credential{token: c, cookie: true}
	}
	every := func(when string) {
		for name, c := range shut {
			for _, r := range api.Routes() {
				if strings.HasSuffix(r.Pattern, "/oembed") {
					continue // it says what is wrong with a credential in another shape than it describes, and shows nobody anything of theirs
				}
				path := strings.NewReplacer("{id}", self.ID.String(), "{", "", "}", "").Replace(r.Pattern)
				got := s.ask(c, r.Method, path, nil, "Sec-Fetch-Site", "same-origin")
				if r.Access != api.Public && got.status < 400 {
					t.Errorf("%s: with %s, %s %s answers %d: %.200s", when, name, r.Method, path, got.status, got.body)
				}
				if strings.Contains(string(got.body), "ada@example.org") {
					t.Errorf("%s: with %s, %s %s shows ada's address", when, name, r.Method, path)
				}
			}
		}
	}
	every("half signed in")

	// Whoever is suspended reaches nothing by what was good before, nor gets anything new.
	shut = map[string]credential{"a session": ada, "a session's cookie": {token: ada.token, cookie: true}, "an app's token": token}
	if err := s.app.Account.Suspend(t.Context(), self.ID, true); err != nil {
		t.Fatal(err)
	}
	every("suspended")
	s.want(200, nobody, "POST", "/v1/session/passkey", map[string]any{"login": "ada", "password": goodSecret})
	// Who knows the password, or has a passkey, is told that the account is suspended, with what opens the page that says why, and no
	// more than that page.
	q := s.challenge(map[string]any{})
	other := *device
	other.verify = false
	s.want(400, nobody, "POST", "/v1/session", withPasskey(q, other.get(q), nil))
	device.count = other.count
	q = s.challenge(map[string]any{})
	shut = map[string]credential{}
	for how, body := range map[string]map[string]any{"password": {"login": "ada", "password": goodSecret}, "passkey": withPasskey(q, device.get(q), nil)} {
		r := s.want(403, nobody, "POST", "/v1/session", body)
		if r.meta.Type != "APISuspendedError" || strings.Contains(string(r.body), "access_token") || r.header.Get("Set-Cookie") != "" {
			t.Errorf("by %s: %s %v", how, r.body, r.header)
		}
		_, ticket, _ := strings.Cut(string(r.body), `"ticket":"`)
		ticket, _, _ = strings.Cut(ticket, `"`)
		s.want(200, nobody, "POST", "/v1/suspension", map[string]any{"ticket": ticket})
		shut["the ticket by "+how], shut["the ticket by "+how+", as a cookie"] = credential{token: ticket}, credential{token: ticket, cookie: true}
	}
	every("suspended, and told so")
}
