package app_test

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// TestThief takes an account over with its password, and does what it can to keep its owner from undoing that: the owner does.
func TestThief(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		thief := s.signUp("ada", "ada@example.org") // signed in with ada's password
		follow := func(status int, path, token string) {
			t.Helper()
			s.want(status, nobody, "POST", path, map[string]any{"token": token})
		}
		follow(200, "/v1/email/confirm", s.letter(1, "ada@example.org", "Confirm").token)
		var self struct{ ID tintype.ID }
		s.want(200, thief, "GET", "/v1/users/self", nil).into(t, &self)

		// change has the address changed and gives the tokens of the letters to the new and the former one.
		change := func(to, password string) (confirm, undo string) {
			t.Helper()
			s.want(200, thief, "PUT", "/v1/users/self/email", map[string]any{"email": to, "password": password})
			for _, l := range s.letters() {
				if l.to == to {
					confirm = l.token
				} else {
					undo = l.token
				}
			}
			if confirm == "" || undo == "" {
				t.Fatalf("changing the address to %s: the letters are not there", to)
			}
			return confirm, undo
		}
		twoSteps := func(password string) {
			t.Helper()
			var begun struct{ Secret string }
			s.want(200, thief, "POST", "/v1/users/self/two-factor", map[string]any{"password": password}).into(t, &begun)
			code, err := totp.GenerateCode(begun.Secret, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			s.want(200, thief, "POST", "/v1/users/self/two-factor/confirm", map[string]any{"code": code})
		}
		// signIn sets the password by the one letter that is there, and signs in with it alone.
		signIn := func(to, password string) (c credential) {
			t.Helper()
			s.want(200, nobody, "POST", "/v1/password/reset", map[string]any{"token": s.letter(1, to, "Set a new password").token, "password": password})
			var in struct {
				Token string `json:"access_token"`
			}
			s.want(200, nobody, "POST", "/v1/session", map[string]any{"login": "ada", "password": password}).into(t, &in)
			s.letters() // of the new password
			return credential{token: in.Token}
		}

		twoSteps(goodSecret)
		elsewhere := sqlstore.Identities{R: s.app.Backend.Router}
		if err := elsewhere.LinkIdentity(t.Context(), tintype.Identity{Issuer: "https://thief.example", Subject: "1", UserID: self.ID, Linked: time.Now()}, job.Mail{}); err != nil {
			t.Fatal(err)
		}
		s.letters()
		confirm, undo := change("thief@example.org", goodSecret)
		follow(200, "/v1/email/confirm", confirm)
		taken, err := (sqlstore.Accounts{R: s.app.Backend.Router}).Account(t.Context(), self.ID)
		if err != nil {
			t.Fatal(err)
		}
		// The thief's own undo link, followed, is not to make ada's worthless.
		_, own := change("other@example.org", goodSecret)
		follow(200, "/v1/email/undo", own)
		if left, err := elsewhere.Identities(t.Context(), self.ID); len(left) != 0 || err != nil {
			t.Errorf("the thief's account elsewhere still signs in: %+v, %v", left, err)
		}
		thief = signIn("thief@example.org", "the thief's long pass")
		twoSteps("the thief's long pass")

		follow(200, "/v1/email/undo", undo)
		follow(400, "/v1/email/undo", own)
		ada := signIn("ada@example.org", "another long pass")
		s.want(400, thief, "GET", "/v1/users/self", nil)
		var got emailState
		s.want(200, ada, "GET", "/v1/users/self/email", nil).into(t, &got)
		if got.Email != "ada@example.org" || got.Verified == nil {
			t.Errorf("%+v", got)
		}
		// Nor is a letter that comes late to open another way back.
		late := job.Mail{ID: "late", Letter: job.LetterChanging, User: self.ID, To: "thief@example.org", Verified: taken.Verified.UnixMicro(), At: time.Now().UnixMicro()}
		if err := s.app.Account.Letters(t.Context(), []job.Mail{late}); err != nil {
			t.Fatal(err)
		}
		if l := s.letters(); len(l) != 0 {
			t.Errorf("the thief is told how to undo what ada did: %+v", l)
		}

		// What waits to be sent goes to whose account it was when it happened, to whatever address it was changed since, and
		// also if the account was deleted then; and its owner has it back by that.
		waiting := job.Mail{ID: "waiting", Letter: job.LetterPassword, User: self.ID, To: "ada@example.org", Verified: got.since(t), At: time.Now().UnixMicro()}
		thief = ada
		confirm, undo = change("thief@example.org", "another long pass")
		follow(200, "/v1/email/confirm", confirm)
		s.want(200, thief, "POST", "/v1/users/self/deletion", map[string]any{"password": "another long pass"})
		if err := s.app.Account.Letters(t.Context(), []job.Mail{waiting}); err != nil {
			t.Fatal(err)
		}
		s.letter(1, "ada@example.org", "was changed")
		follow(200, "/v1/email/undo", undo)
		ada = signIn("ada@example.org", "a fourth long pass")
		s.want(200, ada, "GET", "/v1/users/self", nil)
	})
}
