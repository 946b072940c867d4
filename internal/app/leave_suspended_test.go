package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// leaver is somebody with a post, who is to leave.
type leaver struct {
	*bench
	id      tintype.ID
	post    mediaOut
	session credential
	token   credential // of an app
	login   map[string]any
}

func (b *bench) leaver(name string) *leaver {
	b.t.Helper()
	l := &leaver{bench: b, session: b.signUp(name, ""), login: map[string]any{"login": name, "password": goodSecret}}
	var self struct{ ID tintype.ID }
	b.want(200, l.session, "GET", "/v1/users/self", nil).into(b.t, &self)
	l.id, l.post = self.ID, b.site.post(l.session, "of "+name, 1)
	l.token = b.mint(l.id, tintype.ScopeBasic, false)
	b.settle()
	return l
}

func (l *leaver) leave() {
	l.t.Helper()
	l.want(200, l.session, "POST", "/v1/users/self/deletion", map[string]any{"password": goodSecret})
}

// admin does something to them as an admin.
func (l *leaver) admin(deed string) {
	l.t.Helper()
	words := map[string]any{"words": deed}
	if deed == "suspend" {
		words["reason"] = "spam"
	}
	l.want(200, l.asAdmin, "POST", "/v1/admin/users/"+l.id.String()+"/"+deed, words)
	l.settle()
}

// gone is that nobody sees anything of them, and nothing that was theirs lets anybody in.
func (l *leaver) gone(when string) {
	l.t.Helper()
	for name, c := range map[string]credential{"session": l.session, "token": l.token} {
		if r := l.ask(c, "GET", "/v1/users/self/feed", nil); r.status != 400 {
			l.t.Errorf("%s: the %s answers %d", when, name, r.status)
		}
		if r := l.ask(c, "GET", "/v1/events", nil); r.status != 400 {
			l.t.Errorf("%s: a stream with the %s answers %d", when, name, r.status)
		}
	}
	for _, path := range []string{"/v1/users/" + l.id.String(), "/v1/media/" + l.post.ID} {
		if r := l.ask(l.asFan, "GET", path, nil); r.status != 400 {
			l.t.Errorf("%s: %s answers %d", when, path, r.status)
		}
	}
}

// signIn signs in, and expects to be let in, or told that they are suspended.
func (l *leaver) signIn(when string, suspended bool) {
	l.t.Helper()
	r := l.ask(nobody, "POST", "/v1/session", l.login)
	l.settle()
	if !suspended {
		var in struct {
			Token string `json:"access_token"`
		}
		r.into(l.t, &in)
		l.session = credential{token: in.Token}
		if r := l.ask(l.session, "GET", "/v1/users/self", nil); r.status != 200 {
			l.t.Errorf("%s: they are not let in: %d %s", when, r.status, r.body)
		}
		if r := l.ask(l.asFan, "GET", "/v1/media/"+l.post.ID, nil); r.status != 200 {
			l.t.Errorf("%s: the post answers %d", when, r.status)
		}
		return
	}
	if r.status != 403 || r.meta.Type != "APISuspendedError" || strings.Contains(string(r.body), "access_token") || r.header.Get("Set-Cookie") != "" {
		l.t.Errorf("%s: signing in answers %d %s", when, r.status, r.body)
	}
	_, ticket, _ := strings.Cut(string(r.body), `"ticket":"`)
	ticket, _, _ = strings.Cut(ticket, `"`)
	var why []decisionOut
	l.want(200, nobody, "POST", "/v1/suspension", map[string]any{"ticket": ticket}).into(l.t, &why)
	if len(why) != 1 || !why[0].CanAppeal {
		l.t.Errorf("%s: they are told %+v", when, why)
	}
	l.gone(when)
}

// TestLeaveSuspended is that neither leaving nor coming back lifts a suspension, nor a suspension a deletion.
func TestLeaveSuspended(t *testing.T) {
	t.Parallel()
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			testLeaveSuspended(t, newSite(t, engine, app.Config{LeaveSettle: time.Millisecond}))
		})
	}
}

func testLeaveSuspended(t *testing.T, s *site) {
	b := newBench(t, s)
	sweep := func() {
		t.Helper()
		if err := s.app.MyData.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.settle()
	}

	ann := b.leaver("ann")
	ann.admin("suspend")
	ann.gone("suspended")
	if _, err := s.app.Account.Remove(t.Context(), ann.id, time.Hour); err != nil { // who is suspended can ask an operator only
		t.Fatal(err)
	}
	sweep()
	ann.gone("suspended, and about to be deleted")
	ann.signIn("suspended, and back", true)
	sweep()
	ann.signIn("suspended still", true)
	ann.admin("lift")
	ann.signIn("lifted", false)

	ben := b.leaver("ben")
	ben.leave()
	ben.admin("suspend")
	sweep()
	ben.gone("about to be deleted, and suspended since")
	ben.signIn("back, suspended meanwhile", true)
	ben.admin("lift")
	ben.signIn("lifted", false)

	// Lifted before they come back, they stay away until then.
	ben.leave()
	ben.admin("suspend")
	ben.admin("lift")
	sweep()
	ben.gone("lifted, and still about to be deleted")
	ben.signIn("back, lifted meanwhile", false)

	// It does not keep them from being deleted.
	ben.leave()
	ben.admin("suspend")
	cleo := b.leaver("cleo")
	cleo.leave()
	if err := s.app.Backend.Router.Directory().Write(t.Context(), func(tx *sqlstore.Tx) error {
		_, err := tx.Exec(t.Context(), testDue)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	sweep()
	for _, l := range []*leaver{ben, cleo} {
		l.gone("deleted")
		s.want(400, nobody, "POST", "/v1/session", l.login)
	}
}

// TestComeBack is that whoever can sign in can come back, with all that it takes, and with no less.
func TestComeBack(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		b := newBench(t, s)
		ann := b.leaver("ann")
		device := newAuthenticator(t)
		s.register(ann.session, device, "My phone")
		var begun struct{ Secret string }
		s.want(200, ann.session, "POST", "/v1/users/self/two-factor", map[string]any{"password": goodSecret}).into(t, &begun)
		code, err := totp.GenerateCode(begun.Secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var out struct {
			Codes []string `json:"recovery_codes"`
		}
		s.want(200, ann.session, "POST", "/v1/users/self/two-factor/confirm", map[string]any{"code": code}).into(t, &out)
		recovery := func() (code string) { // each is good once
			code, out.Codes = out.Codes[0], out.Codes[1:]
			return code
		}
		leave := func() {
			t.Helper()
			s.want(200, ann.session, "POST", "/v1/users/self/deletion", map[string]any{"password": goodSecret, "code": recovery()})
			ann.gone("about to be deleted")
			r := s.ask(nobody, "POST", "/v1/session", map[string]any{"login": "ann", "password": goodSecret})
			if r.status != 400 || r.meta.Field != "code" || strings.Contains(string(r.body), "access_token") {
				t.Errorf("with the password alone: %d %s", r.status, r.body)
			}
			ann.gone("with the password alone")
		}

		leave()
		q := s.challenge(map[string]any{})
		ann.gone("with a challenge")
		other := *device
		other.verify = false
		s.want(400, nobody, "POST", "/v1/session", withPasskey(q, other.get(q), nil))
		device.count = other.count
		ann.gone("with a passkey that says not who touched it")
		q = s.challenge(map[string]any{})
		ann.login = withPasskey(q, device.get(q), nil)
		ann.signIn("back by a passkey", false)

		leave()
		ann.login = map[string]any{"login": "ann", "password": goodSecret, "code": recovery()}
		ann.signIn("back by password and code", false)

		leave()
		q = s.challenge(map[string]any{"login": "ann", "password": goodSecret})
		ann.gone("with half of it")
		ann.login = withPasskey(q, device.get(q), map[string]any{"login": "ann", "password": goodSecret})
		ann.signIn("back by password and passkey", false)
	})
}

// TestSuspendedIsToldBySecondPasskey is that a passkey beside the password opens to the suspended what a code does: the page that says why.
func TestSuspendedIsToldBySecondPasskey(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		b := newBench(t, s)
		ann := b.leaver("ann")
		device := newAuthenticator(t)
		s.register(ann.session, device, "My phone")
		ann.admin("suspend")
		both := map[string]any{"login": "ann", "password": goodSecret}
		if r := s.ask(nobody, http.MethodPost, "/v1/session/passkey", map[string]any{"login": "ann", "password": "a wrong password"}); r.status != 400 || strings.Contains(string(r.body), "suspended") {
			t.Errorf("with a wrong password: %d %s", r.status, r.body)
		}
		q := s.challenge(both)
		wrong := newAuthenticator(t)
		wrong.create(q)
		if r := s.ask(nobody, http.MethodPost, "/v1/session", withPasskey(q, wrong.get(q), both)); r.status != 400 || strings.Contains(string(r.body), "ticket") {
			t.Errorf("with a strange passkey: %d %s", r.status, r.body)
		}
		q = s.challenge(both)
		ann.login = withPasskey(q, device.get(q), both)
		ann.signIn("suspended", true)
	})
}
