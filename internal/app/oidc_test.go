package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/testoidc"
	"github.com/tintype/tintype/internal/tintype"
)

// eachEngineWith is eachEngine for sites with two providers: work, by which strangers may join, and home, by which they may not.
func eachEngineWith(t *testing.T, f func(t *testing.T, s *site, work, home *testoidc.Provider)) {
	for _, e := range engines {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			work, home := testoidc.New(t), testoidc.New(t)
			f(t, newSite(t, e, providersOf(work, home)), work, home)
		})
	}
}

func providersOf(work, home *testoidc.Provider) app.Config {
	return app.Config{PublicURL: "http://localhost:8080", OIDC: []app.OIDC{
		{ID: "work", Name: "Work", Issuer: work.URL, ClientID: testoidc.ClientID, ClientSecret: testoidc.Secret, Join: true, TrustEmail: true},
		{ID: "home", Name: "Home", Issuer: home.URL, ClientID: testoidc.ClientID, ClientSecret: testoidc.Secret},
	}}
}

// slowly gives a site a clock that goes by hand as well.
func slowly(c *app.Config) (later func(time.Duration)) {
	var ahead atomic.Int64
	c.Clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	return func(d time.Duration) { ahead.Add(int64(d)) }
}

// browser is somebody's browser, with its cookies.
type browser struct {
	s       *site
	cookies map[string]string
}

func (s *site) browser() *browser { return &browser{s, map[string]string{}} }

// ask sends a request as a page of the site does, and keeps the cookies that come back.
func (b *browser) ask(status int, method, path string, body any) *reply {
	b.s.t.Helper()
	var list []string
	for k, v := range b.cookies {
		list = append(list, k+"="+v)
	}
	header := []string{"Sec-Fetch-Site", "same-origin"}
	if len(list) > 0 {
		header = append(header, "Cookie", strings.Join(list, "; "))
	}
	r := b.s.want(status, nobody, method, path, body, header...)
	for _, k := range (&http.Response{Header: r.header}).Cookies() {
		if k.MaxAge < 0 {
			delete(b.cookies, k.Name)
			continue
		}
		if !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" {
			b.s.t.Errorf("%s %s sets %v", method, path, k)
		}
		b.cookies[k.Name] = k.Value
	}
	return r
}

// leave sends the browser to a provider.
func (b *browser) leave(provider string) (address string) {
	b.s.t.Helper()
	var to struct{ URL string }
	b.ask(200, "POST", "/v1/session/provider", map[string]any{"provider": provider, "next": "/tags/dawn?x=1"}).into(b.s.t, &to)
	return to.URL
}

// arrival is what came of the way there and back.
type arrival struct {
	Result   string
	Next     string
	Ticket   string
	User     struct{ Username string }
	Provider struct{ ID, Name string }
	Proposal struct {
		Username, Email string
		FullName        string `json:"full_name"`
		Confirmed       bool   `json:"email_confirmed"`
	}
}

func answer(q url.Values) map[string]any {
	return map[string]any{"state": q.Get("state"), "code": q.Get("code"), "iss": q.Get("iss")}
}

// back comes back with what the provider gave.
func (b *browser) back(status int, q url.Values) (a arrival, r *reply) {
	b.s.t.Helper()
	r = b.ask(status, "POST", "/v1/session/provider/answer", answer(q))
	if status == 200 {
		r.into(b.s.t, &a)
	}
	return a, r
}

// visit goes to a provider and back as whom claims say.
func (b *browser) visit(p *testoidc.Provider, provider string, claims map[string]any) arrival {
	b.s.t.Helper()
	a, _ := b.back(200, p.Grant(b.leave(provider), claims))
	return a
}

// who is whose session the browser holds, "" for nobody's.
func (b *browser) who() string {
	b.s.t.Helper()
	token, found := b.cookies["tintype_session"]
	if !found {
		return ""
	}
	var self struct{ Username string }
	b.s.want(200, credential{token, true}, "GET", "/v1/users/self", nil).into(b.s.t, &self)
	return self.Username
}

// signIn signs in by the password.
func (b *browser) signIn(name string) {
	b.s.t.Helper()
	b.ask(200, "POST", "/v1/session", map[string]any{"login": name, "password": goodSecret, "cookie": true})
}

// connect links an account elsewhere to whom the browser is signed in as.
func (b *browser) connect(p *testoidc.Provider, provider string, claims map[string]any) {
	b.s.t.Helper()
	var to struct{ URL string }
	b.ask(200, "POST", "/v1/users/self/identities", map[string]any{"provider": provider, "password": goodSecret}).into(b.s.t, &to)
	if a, _ := b.back(200, p.Grant(to.URL, claims)); a.Result != "linked" {
		b.s.t.Fatalf("%+v", a)
	}
}

func person(sub string) map[string]any { return map[string]any{"sub": sub} }

type identitiesOf struct {
	HasPassword bool `json:"has_password"`
	Identities  []struct{ Key, Provider, Name, Email string }
	Providers   []struct{ ID, Name string }
}

// TestOIDC connects an account elsewhere, signs in by it, and disconnects it.
func TestOIDC(t *testing.T) {
	t.Parallel()
	eachEngineWith(t, func(t *testing.T, s *site, work, home *testoidc.Provider) {
		var site struct{ Providers []struct{ ID, Name string } }
		s.want(200, nobody, "GET", "/v1/site", nil).into(t, &site)
		if len(site.Providers) != 2 || site.Providers[0].ID != "work" || site.Providers[1].Name != "Home" {
			t.Errorf("%+v", site)
		}
		s.signUp("ada", "ada@example.org")
		s.signUp("ben", "")
		s.want(200, nobody, "POST", "/v1/email/confirm", map[string]any{"token": s.letter(1, "ada@example.org", "Confirm").token})
		ada, ben := s.browser(), s.browser()
		ada.signIn("ada")
		ben.signIn("ben")
		s.letters()

		// Connecting asks for the password, and takes what the provider says in that session alone.
		ada.ask(400, "POST", "/v1/users/self/identities", map[string]any{"provider": "work", "password": "wrong"})
		ada.ask(400, "POST", "/v1/users/self/identities", map[string]any{"provider": "none", "password": goodSecret})
		ada.connect(work, "work", map[string]any{"sub": "ada-1", "email": "ada@work.example"})
		s.letter(1, "ada@example.org", "Another way to sign in")
		ada.connect(work, "work", person("ada-1")) // it is hers already
		var list identitiesOf
		ada.ask(200, "GET", "/v1/users/self/identities", nil).into(t, &list)
		if len(list.Identities) != 1 || list.Identities[0].Provider != "work" || list.Identities[0].Email != "ada@work.example" || !list.HasPassword || len(list.Providers) != 2 {
			t.Errorf("%+v", list)
		}
		// One account elsewhere is one member's, and a member has one of a provider.
		for _, b := range []struct {
			who *browser
			sub string
		}{{ben, "ada-1"}, {ada, "ada-2"}} {
			var to struct{ URL string }
			b.who.ask(200, "POST", "/v1/users/self/identities", map[string]any{"provider": "work", "password": goodSecret}).into(t, &to)
			if _, r := b.who.back(409, work.Grant(to.URL, person(b.sub))); r.meta.Field != "provider" {
				t.Errorf("%s", r.body)
			}
		}
		// What one began, another does not end: not in another session, nor in none.
		var to struct{ URL string }
		ben.ask(200, "POST", "/v1/users/self/identities", map[string]any{"provider": "work", "password": goodSecret}).into(t, &to)
		thief := s.browser()
		thief.cookies["tintype_trip"] = ben.cookies["tintype_trip"]
		thief.back(400, work.Grant(to.URL, person("ben-1")))
		ben.ask(200, "POST", "/v1/users/self/identities", map[string]any{"provider": "work", "password": goodSecret}).into(t, &to)
		ben.cookies["tintype_session"] = ada.cookies["tintype_session"]
		ben.back(400, work.Grant(to.URL, person("ben-1")))

		// Signing in.
		b := s.browser()
		a := b.visit(work, "work", map[string]any{"sub": "ada-1", "email": "changed@work.example"})
		if a.Result != "signed_in" || a.User.Username != "ada" || a.Next != "/tags/dawn?x=1" || b.who() != "ada" || b.cookies["tintype_trip"] != "" {
			t.Errorf("%+v, %s", a, b.who())
		}
		s.letter(1, "ada@example.org", "sign-in")
		// The same subject of another issuer is somebody else.
		b = s.browser()
		if _, r := b.back(403, home.Grant(b.leave("home"), person("ada-1"))); r.meta.Field != "provider" || b.who() != "" {
			t.Errorf("%s", r.body)
		}

		ada.ask(400, "POST", "/v1/users/self/identities/work/remove", map[string]any{"password": "wrong"})
		ada.ask(400, "POST", "/v1/users/self/identities/home/remove", map[string]any{"password": goodSecret})
		ada.ask(200, "POST", "/v1/users/self/identities/work/remove", map[string]any{"password": goodSecret})
		s.letter(1, "ada@example.org", "One way fewer")
		b = s.browser()
		if a := b.visit(work, "work", person("ada-1")); a.Result != "join" || b.who() != "" {
			t.Errorf("%+v", a)
		}

		// Of a provider that the site no longer has one sees what is left, and can take it away.
		gone := tintype.Identity{Issuer: "https://gone.example/x", Subject: "1", UserID: self(t, s, ada), Linked: time.Now()}
		if err := (sqlstore.Identities{R: s.app.Backend.Router}).LinkIdentity(t.Context(), gone, job.Mail{}); err != nil {
			t.Fatal(err)
		}
		ada.ask(200, "GET", "/v1/users/self/identities", nil).into(t, &list)
		if len(list.Identities) != 1 || list.Identities[0].Provider != "" || list.Identities[0].Name != gone.Issuer {
			t.Fatalf("%+v", list)
		}
		ben.signIn("ben")
		ben.ask(400, "POST", "/v1/users/self/identities/"+list.Identities[0].Key+"/remove", map[string]any{"password": goodSecret})
		ada.ask(200, "POST", "/v1/users/self/identities/"+list.Identities[0].Key+"/remove", map[string]any{"password": goodSecret})
		if ada.ask(200, "GET", "/v1/users/self/identities", nil).into(t, &list); len(list.Identities) != 0 {
			t.Errorf("%+v", list)
		}
	})
}

// self is the ID of whom the browser is signed in as.
func self(t *testing.T, s *site, b *browser) tintype.ID {
	t.Helper()
	var me struct{ ID tintype.ID }
	b.ask(200, "GET", "/v1/users/self", nil).into(t, &me)
	return me.ID
}

// TestOIDCRefusals signs nobody in who does not come back as they left, or of whom the provider says what is not to be believed.
func TestOIDCRefusals(t *testing.T) {
	t.Parallel()
	work, home := testoidc.New(t), testoidc.New(t)
	s := newSite(t, "sqlite", providersOf(work, home))
	s.signUp("ada", "")
	ada := s.browser()
	ada.signIn("ada")
	ada.connect(work, "work", person("ada-1"))
	ada.connect(home, "home", person("ada-1"))

	for _, next := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "/\tx", "javascript:alert(1)", "tags", "/" + strings.Repeat("x", 2000)} {
		if r := s.want(400, nobody, "POST", "/v1/session/provider", map[string]any{"provider": "work", "next": next}); r.meta.Field != "next" {
			t.Errorf("%s: %s", next, r.body)
		}
	}
	s.want(403, nobody, "POST", "/v1/session/provider", map[string]any{"provider": "work"}, "Sec-Fetch-Site", "cross-site")

	other := s.browser()
	other.leave("work")
	for name, change := range map[string]func(b *browser, q url.Values){
		"another state":                 func(_ *browser, q url.Values) { q.Set("state", strings.Repeat("x", 22)) },
		"no state":                      func(_ *browser, q url.Values) { q.Set("state", "") },
		"the cookie of another browser": func(b *browser, _ url.Values) { b.cookies = other.cookies },
		"no cookie":                     func(b *browser, _ url.Values) { clear(b.cookies) },
		"the code of another trip": func(b *browser, q url.Values) {
			q.Set("code", work.Grant(other.leave("work"), person("ada-1")).Get("code"))
		},
		"an answer of the other issuer":  func(_ *browser, q url.Values) { q.Set("iss", home.URL) },
		"an answer that names no issuer": func(_ *browser, q url.Values) { q.Set("iss", "") },
		"another state than the cookie's": func(b *browser, q url.Values) {
			q.Set("state", work.Grant(other.leave("work"), person("ada-1")).Get("state"))
		},
	} {
		b := s.browser()
		q := work.Grant(b.leave("work"), person("ada-1"))
		change(b, q)
		if b.back(400, q); b.cookies["tintype_session"] != "" {
			t.Errorf("%s: it opened a session", name)
		}
	}
	// Mixed up: the browser left for one provider, and is sent back with the code of another.
	b := s.browser()
	q := work.Grant(b.leave("work"), person("ada-1"))
	q.Set("code", home.Grant(other.leave("home"), person("ada-1")).Get("code"))
	b.back(400, q)

	// Once: the state, and the code.
	b = s.browser()
	q = work.Grant(b.leave("work"), person("ada-1"))
	trip := b.cookies["tintype_trip"]
	b.back(200, q)
	b.cookies = map[string]string{"tintype_trip": trip}
	b.back(400, q)
	again := work.Grant(b.leave("work"), person("ada-1"))
	again.Set("code", q.Get("code"))
	b.back(400, again)

	for name, lie := range map[string]testoidc.Lie{
		"unsigned":        {Algorithm: "none"},
		"signed for all":  {Algorithm: "HS256"},
		"a stranger's":    {Stranger: true},
		"another nonce":   {Claims: func(c map[string]any) { c["nonce"] = strings.Repeat("x", 22) }},
		"for others":      {Claims: func(c map[string]any) { c["aud"] = "others" }},
		"another issuer":  {Claims: func(c map[string]any) { c["iss"] = home.URL }},
		"from long ago":   {Claims: func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() }},
		"nobody":          {Claims: func(c map[string]any) { delete(c, "sub") }},
		"a broken answer": {Status: 500},
	} {
		work.Tell(lie)
		status := 400
		if lie.Status != 0 {
			status = 503
		}
		b := s.browser()
		if _, r := b.back(status, work.Grant(b.leave("work"), person("ada-1"))); r.meta.Field != "provider" || b.cookies["tintype_session"] != "" {
			t.Errorf("%s: %s", name, r.body)
		}
	}
	work.Tell(testoidc.Lie{})
	if b := s.browser(); b.visit(work, "work", person("ada-1")).Result != "signed_in" {
		t.Error("the truth is refused")
	}
}

// TestOIDCDown serves a site whose provider is down, and one that comes up later.
func TestOIDCDown(t *testing.T) {
	t.Parallel()
	work, home := testoidc.New(t), testoidc.New(t)
	work.Down(true)
	c := providersOf(work, home)
	later := slowly(&c)
	s := newSite(t, "sqlite", c)
	s.signUp("ada", "")
	if r := s.want(503, nobody, "POST", "/v1/session/provider", map[string]any{"provider": "work"}); r.meta.Field != "provider" || r.header.Get("Retry-After") == "" {
		t.Errorf("%s %v", r.body, r.header)
	}
	s.browser().leave("home")
	work.Down(false)
	later(10 * time.Second)
	s.browser().leave("work")
	// Down when the browser is back: it may be tried again from the beginning.
	b := s.browser()
	q := home.Grant(b.leave("home"), person("x"))
	home.Down(true)
	b.back(503, q)
}

// TestOIDCSecondFactor still asks whoever has one for the second factor, and tells whoever is suspended that they are.
func TestOIDCSecondFactor(t *testing.T) {
	t.Parallel()
	eachEngineWith(t, func(t *testing.T, s *site, work, _ *testoidc.Provider) {
		ada := s.browser()
		s.signUp("ada", "")
		ada.signIn("ada")
		ada.connect(work, "work", person("ada-1"))
		var begun struct{ Secret string }
		ada.ask(200, "POST", "/v1/users/self/two-factor", map[string]any{"password": goodSecret}).into(t, &begun)
		code := func() string {
			c, err := totp.GenerateCode(begun.Secret, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		var on struct {
			Codes []string `json:"recovery_codes"`
		}
		r := ada.ask(200, "POST", "/v1/users/self/two-factor/confirm", map[string]any{"code": code()})
		r.into(t, &on)
		if len(on.Codes) != 10 {
			t.Fatalf("%s", r.body)
		}
		b := s.browser()
		a := b.visit(work, "work", person("ada-1"))
		if a.Result != "code" || a.Ticket == "" || b.cookies["tintype_session"] != "" {
			t.Fatalf("%+v", a)
		}
		finish := func(status int, b *browser, ticket, code string) *reply {
			t.Helper()
			return b.ask(status, "POST", "/v1/session/provider/code", map[string]any{"ticket": ticket, "code": code})
		}
		for _, wrong := range []string{"", "000000", code()} { // the last was used above
			if r := finish(400, b, a.Ticket, wrong); r.meta.Field != "code" {
				t.Errorf("%q: %s", wrong, r.body)
			}
		}
		finish(400, s.browser(), a.Ticket, on.Codes[0])
		b.ask(400, "POST", "/v1/session/provider/join", map[string]any{"ticket": a.Ticket, "username": "eve"})
		finish(200, b, a.Ticket, on.Codes[0])
		if b.who() != "ada" {
			t.Error("she is not in")
		}
		// The ticket is used up, and no credential.
		c := s.browser()
		a = c.visit(work, "work", person("ada-1"))
		trip := c.cookies["tintype_trip"]
		finish(200, c, a.Ticket, on.Codes[1])
		c.cookies = map[string]string{"tintype_trip": trip}
		finish(400, c, a.Ticket, on.Codes[2])
		for _, secret := range []string{a.Ticket, trip} {
			s.want(400, credential{token: secret}, "GET", "/v1/users/self", nil)
			s.want(400, credential{token: secret, cookie: true}, "GET", "/v1/users/self", nil)
		}
		// What is disconnected meanwhile opens nothing.
		c = s.browser()
		a = c.visit(work, "work", person("ada-1"))
		ada.ask(200, "POST", "/v1/users/self/identities/work/remove", map[string]any{"password": goodSecret})
		finish(400, c, a.Ticket, on.Codes[2])
		ada.connect(work, "work", person("ada-1"))

		id := self(t, s, ada)
		if err := s.app.Account.Suspend(t.Context(), id, true); err != nil {
			t.Fatal(err)
		}
		c = s.browser()
		a = c.visit(work, "work", person("ada-1"))
		if a.Result != "code" {
			t.Errorf("told before the second factor: %+v", a)
		}
		r = finish(403, c, a.Ticket, on.Codes[2])
		if r.meta.Type != "APISuspendedError" || !strings.Contains(string(r.body), `"ticket":"`) || c.cookies["tintype_session"] != "" {
			t.Errorf("%s", r.body)
		}
	})
}

// TestOIDCStates signs in who is suspended, and who is leaving, as a password does.
func TestOIDCStates(t *testing.T) {
	t.Parallel()
	eachEngineWith(t, func(t *testing.T, s *site, work, _ *testoidc.Provider) {
		s.signUp("first", "")
		s.signUp("ada", "")
		ada := s.browser()
		ada.signIn("ada")
		ada.connect(work, "work", person("ada-1"))
		id := self(t, s, ada)
		ada.ask(200, "POST", "/v1/users/self/deletion", map[string]any{"password": goodSecret})
		b := s.browser()
		if a := b.visit(work, "work", person("ada-1")); a.Result != "signed_in" || b.who() != "ada" {
			t.Errorf("who is leaving: %+v", a)
		}
		if err := s.app.Account.Suspend(t.Context(), id, true); err != nil {
			t.Fatal(err)
		}
		b = s.browser()
		if _, r := b.back(403, work.Grant(b.leave("work"), person("ada-1"))); r.meta.Type != "APISuspendedError" || !strings.Contains(string(r.body), `"ticket":"`) || b.cookies["tintype_session"] != "" {
			t.Errorf("%s", r.body)
		}
	})
}

// TestOIDCJoin joins by an account elsewhere, without a password, and then sets one.
func TestOIDCJoin(t *testing.T) {
	t.Parallel()
	eachEngineWith(t, func(t *testing.T, s *site, work, home *testoidc.Provider) {
		first := s.signUp("first", "first@example.org")
		s.letters()
		// Never by an address: whoever shows one that is known here signs in first.
		b := s.browser()
		if _, r := b.back(409, work.Grant(b.leave("work"), map[string]any{"sub": "x", "email": "First@example.org", "email_verified": true})); r.meta.Field != "email" {
			t.Errorf("%s", r.body)
		}
		if _, r := b.back(403, home.Grant(b.leave("home"), person("x"))); r.meta.Field != "provider" {
			t.Errorf("%s", r.body)
		}
		cyd := map[string]any{"sub": "cyd-1", "email": "cyd@work.example", "email_verified": true, "preferred_username": "First", "name": "Cyd  C"}
		a := b.visit(work, "work", cyd)
		if a.Result != "join" || a.Proposal.Username != "cyd" || a.Proposal.Email != "cyd@work.example" || !a.Proposal.Confirmed || a.Proposal.FullName != "Cyd C" {
			t.Errorf("%+v", a)
		}
		join := func(status int, b *browser, more map[string]any) *reply {
			t.Helper()
			body := map[string]any{"ticket": a.Ticket, "username": "cyd", "full_name": "Cyd C", "email": "cyd@work.example", "locale": "en"}
			for k, v := range more {
				body[k] = v
			}
			return b.ask(status, "POST", "/v1/session/provider/join", body)
		}
		join(400, s.browser(), nil)
		for field, more := range map[string]map[string]any{"username": {"username": "first"}, "email": {"email": "first@example.org"}} {
			if r := join(409, b, more); r.meta.Field != field {
				t.Errorf("%s: %s", field, r.body)
			}
		}
		s.want(200, first, "PATCH", "/v1/admin/site", map[string]any{"signup": "invite"})
		if r := join(403, b, nil); r.meta.Field != "invite" {
			t.Errorf("%s", r.body)
		}
		s.want(200, first, "PATCH", "/v1/admin/site", map[string]any{"signup": "closed"})
		join(403, b, nil)
		s.want(200, first, "PATCH", "/v1/admin/site", map[string]any{"signup": "open"})
		join(201, b, nil)
		if b.who() != "cyd" {
			t.Error("cyd is not in")
		}
		if l := s.letters(); len(l) != 0 {
			t.Errorf("an address that is confirmed gets a letter: %+v", l)
		}
		join(400, b, map[string]any{"username": "cyd2"})
		var email emailState
		b.ask(200, "GET", "/v1/users/self/email", nil).into(t, &email)
		if email.Email != "cyd@work.example" || email.Verified == nil {
			t.Errorf("%+v", email)
		}
		if c := s.browser(); c.visit(work, "work", person("cyd-1")).User.Username != "cyd" {
			t.Error("cyd is not known again")
		}

		// No password fits; what takes one, and the last way in, wait for the first.
		s.want(400, nobody, "POST", "/v1/session", map[string]any{"login": "cyd", "password": "!"})
		var list identitiesOf
		b.ask(200, "GET", "/v1/users/self/identities", nil).into(t, &list)
		if list.HasPassword || len(list.Identities) != 1 {
			t.Errorf("%+v", list)
		}
		if r := b.ask(409, "POST", "/v1/users/self/identities/work/remove", map[string]any{"password": ""}); r.meta.Field != "provider" {
			t.Errorf("%s", r.body)
		}
		b.ask(409, "POST", "/v1/users/self/two-factor", map[string]any{"password": ""})
		b.ask(409, "POST", "/v1/users/self/deletion", map[string]any{"password": ""})
		s.letters() // of the new device
		b.ask(200, "POST", "/v1/users/self/password", map[string]any{"current": "", "new": goodSecret})
		s.letter(1, "cyd@work.example", "password")
		b.ask(400, "POST", "/v1/users/self/password", map[string]any{"current": "", "new": goodSecret + "er"})
		b.ask(200, "POST", "/v1/users/self/identities/work/remove", map[string]any{"password": goodSecret})
		c := s.browser()
		c.signIn("cyd")
		if c.who() != "cyd" {
			t.Error("the password does not sign in")
		}
	})
}

// TestOIDCFirstPassword lets an old session set no first password, and drops the accounts elsewhere of who shows an address for the first time.
func TestOIDCFirstPassword(t *testing.T) {
	t.Parallel()
	work, home := testoidc.New(t), testoidc.New(t)
	c := providersOf(work, home)
	c.OIDC[0].TrustEmail = false
	later := slowly(&c)
	s := newSite(t, "sqlite", c)
	s.signUp("first", "")
	b := s.browser()
	a := b.visit(work, "work", map[string]any{"sub": "cyd-1", "email": "cyd@example.org", "email_verified": true})
	if a.Proposal.Confirmed {
		t.Errorf("%+v", a)
	}
	b.ask(201, "POST", "/v1/session/provider/join", map[string]any{"ticket": a.Ticket, "username": "cyd", "email": "cyd@example.org"})
	s.letter(1, "cyd@example.org", "Confirm")
	s.want(200, nobody, "POST", "/v1/password/forgot", map[string]any{"email": "cyd@example.org"})
	s.want(200, nobody, "POST", "/v1/password/reset", map[string]any{"token": s.letter(1, "cyd@example.org", "Set a new password").token, "password": goodSecret})
	if a := s.browser().visit(work, "work", person("cyd-1")); a.Result != "join" {
		t.Errorf("whoever joined with cyd's address is still in: %+v", a)
	}

	b = s.browser()
	a = b.visit(work, "work", person("dee-1"))
	b.ask(201, "POST", "/v1/session/provider/join", map[string]any{"ticket": a.Ticket, "username": "dee"})
	later(20 * time.Minute)
	if r := b.ask(403, "POST", "/v1/users/self/password", map[string]any{"current": "", "new": goodSecret}); r.meta.Field != "current" {
		t.Errorf("%s", r.body)
	}
	b.visit(work, "work", person("dee-1"))
	b.ask(200, "POST", "/v1/users/self/password", map[string]any{"current": "", "new": goodSecret})
}
