package app_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

func signed(secret, path string) string {
	u, _ := url.Parse(path)
	q := u.Query()
	q.Del("sig")
	text := strings.TrimPrefix(u.Path, "/v1")
	for _, kv := range strings.Split(q.Encode(), "&") { // sorted; none of these values needs escaping
		text += "|" + kv
	}
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return path + "&sig=" + hex.EncodeToString(h.Sum(nil))
}

// bareError reads an error without envelope.
type bareError struct {
	Code    int    `json:"code"`
	Type    string `json:"error_type"`
	Message string `json:"error_message"`
	Meta    any    `json:"meta"`
}

// TestDevelopers: an app as its developer runs it: by the old grants once an admin allowed them,
// signed where it says so, and within its limits.
func TestDevelopers(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		admin := s.user("ada", false)
		if err := s.app.Account.SetAdmin(t.Context(), admin.ID, true); err != nil {
			t.Fatal(err)
		}
		ada := s.session(admin)
		ben := s.user("ben", false)
		bens := s.session(ben)
		var a struct {
			ID     string
			Client string `json:"client_id"`
			Secret string `json:"client_secret"`
			Sign   bool   `json:"can_sign"`
			Limit  int    `json:"hourly_limit"`
		}
		s.want(201, bens, "POST", "/v1/apps", map[string]any{"name": "Wall", "description": "A wall of photos", "redirect_uris": []string{"https://wall.example/cb"}}).into(t, &a)
		if !a.Sign {
			t.Error("a new app cannot sign")
		}
		bare := func(status int, typ, message string, r *reply) {
			t.Helper()
			var e bareError
			if err := json.Unmarshal(r.body, &e); err != nil || r.status != status || e.Code != status || e.Type != typ || !strings.Contains(e.Message, message) || e.Meta != nil {
				t.Errorf("%d %s, want %d %s %q without an envelope", r.status, r.body, status, typ, message)
			}
		}

		// xAuth and the implicit grant: off, until an admin allows them.
		xauth := url.Values{"grant_type": {"password"}, "username": {"ben"}, "password": {"wrong, as it happens"}, "client_id": {a.Client}, "client_secret": {a.Secret}}
		bare(400, "OAuthException", "switched off", s.ask(nobody, "POST", "/oauth/access_token/", xauth))
		q := "client_id=" + a.Client + "&redirect_uri=" + url.QueryEscape("https://wall.example/cb") + "&response_type=token&scope=likes+comments&display=touch"
		var to struct {
			URL      string `json:"redirect_to"`
			Implicit bool
		}
		s.want(200, bens, "GET", "/oauth/authorize/?"+q, nil).into(t, &to)
		if !strings.HasPrefix(to.URL, "https://wall.example/cb#error=unsupported_response_type") {
			t.Errorf("sent to %q", to.URL)
		}
		bare(400, "OAuthParameterException", "", s.ask(nobody, "GET", "/oauth/authorize?"+q, nil))
		s.want(403, bens, "PATCH", "/v1/admin/apps/"+a.ID, map[string]any{"implicit_grant": true})
		s.want(400, bens, "PATCH", "/v1/apps/"+a.ID, map[string]any{"implicit_grant": true})
		s.want(200, ada, "PATCH", "/v1/admin/apps/"+a.ID, map[string]any{"implicit_grant": true, "password_grant": true, "own_hourly_limit": 40}).into(t, &a)
		if a.Limit != 40 {
			t.Errorf("%+v", a)
		}
		bare(400, "OAuthException", "do not belong together", s.ask(nobody, "POST", "/oauth/access_token", xauth))
		to.URL = ""
		s.want(200, bens, "GET", "/oauth/authorize?"+q, nil).into(t, &to)
		if to.URL != "" || !to.Implicit {
			t.Errorf("%+v", to)
		}
		s.want(200, bens, "POST", "/oauth/authorize", map[string]any{"client_id": a.Client, "redirect_uri": "https://wall.example/cb", "response_type": "token", "scope": "likes+comments", "allow": true}).into(t, &to)
		token, ok := strings.CutPrefix(to.URL, "https://wall.example/cb#access_token=")
		if !ok || !strings.HasPrefix(token, ben.ID.String()+"."+a.Client[:7]+".") {
			t.Fatalf("sent to %q", to.URL)
		}

		// Signed or not at all.
		self := "/v1/users/self?access_token=" + token
		if r := s.want(200, nobody, "GET", self, nil); r.header.Get("X-Ratelimit-Limit") != "40" || r.header.Get("X-Ratelimit-Remaining") != "39" {
			t.Errorf("%v", r.header)
		}
		s.want(200, bens, "PATCH", "/v1/apps/"+a.ID, map[string]any{"enforce_signed": true})
		bare(403, "OAuthForbiddenException", "Missing required parameter 'sig'", s.ask(nobody, "GET", self, nil))
		bare(403, "OAuthForbiddenException", "Signature does not match", s.ask(nobody, "GET", self+"&sig=00", nil))
		s.want(200, nobody, "GET", signed(a.Secret, self), nil)
		s.want(200, nobody, "GET", signed(a.Secret, "/v1/users/self.json?access_token="+token), nil)
		bare(403, "OAuthForbiddenException", "Missing", s.ask(nobody, "GET", "/v1/users/"+ben.ID.String()+"?client_id="+a.Client, nil))
		s.want(200, nobody, "GET", signed(a.Secret, "/v1/users/"+ben.ID.String()+"?client_id="+a.Client), nil)
		for _, path := range []string{"/v1/apps", "/v1/apps/" + a.ID} {
			if r := s.want(200, bens, "GET", path, nil); strings.Contains(string(r.body), a.Secret) {
				t.Errorf("GET %s shows the secret again", path)
			}
		}
		if r := s.want(200, ada, "GET", "/v1/admin/apps", nil); strings.Contains(string(r.body), a.Secret) || !strings.Contains(string(r.body), a.Client) {
			t.Errorf("an admin sees %s", r.body)
		}
		old := a.Secret
		s.want(200, bens, "POST", "/v1/apps/"+a.ID+"/secret", map[string]any{}).into(t, &a)
		bare(403, "OAuthForbiddenException", "does not match", s.ask(nobody, "GET", signed(old, self), nil))
		s.want(200, nobody, "GET", signed(a.Secret, self), nil)
		s.want(200, bens, "PATCH", "/v1/apps/"+a.ID, map[string]any{"enforce_signed": false})

		// Forty calls an hour: what was refused for want of a signature counted too.
		var last *reply
		calls := 0
		for last == nil || last.status == 200 {
			if calls++; calls > 100 {
				t.Fatal("no limit")
			}
			last = s.ask(nobody, "GET", self, nil)
		}
		bare(429, "OAuthRateLimitException", "The maximum number of requests per hour has been exceeded. You have made 41 requests of the 40 allowed in the last hour.", last)
		if last.header.Get("Retry-After") == "" || last.header.Get("X-Ratelimit-Limit") != "40" || last.header.Get("X-Ratelimit-Remaining") != "0" {
			t.Errorf("%v", last.header)
		}
		// The app's client_id has a budget of its own, and a person's session is not the app's.
		s.want(200, nobody, "GET", "/v1/users/"+ben.ID.String()+"?client_id="+a.Client, nil)
		s.want(200, bens, "GET", "/v1/users/self", nil)

		var hours []struct{ Calls, Refused int }
		s.want(200, bens, "GET", "/v1/apps/"+a.ID+"/usage?hours=2", nil).into(t, &hours)
		if n := len(hours); n != 2 || hours[0].Calls+hours[1].Calls != 40+3 || hours[0].Refused+hours[1].Refused != 1 {
			t.Errorf("usage: %+v", hours)
		}
		s.want(400, ada, "GET", "/v1/apps/"+a.ID+"/usage", nil)
	})
}

// TestPostCaps: an app's token may like thirty times an hour, and a hundred times with a signature.
func TestPostCaps(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	ben := s.user("ben", false)
	var a struct {
		ID     tintype.ID
		Secret string `json:"client_secret"`
	}
	s.want(201, s.session(ben), "POST", "/v1/apps", map[string]any{"name": "Liker", "redirect_uris": []string{"https://liker.example/cb"}}).into(t, &a)
	post := s.post(s.session(ben), "hello", 1)
	for name, tt := range map[string]struct {
		path             string
		form             func(i int) url.Values
		unsigned, signed int
	}{
		"likes":         {path: "/v1/media/" + post.ID + "/likes", unsigned: 30, signed: 100},
		"comments":      {path: "/v1/media/" + post.ID + "/comments", form: func(i int) url.Values { return url.Values{"text": {fmt.Sprint("hello ", i)}} }, unsigned: 15, signed: 60},
		"relationships": {path: "/v1/users/" + ben.ID.String() + "/relationship", form: func(int) url.Values { return url.Values{"action": {"follow"}} }, unsigned: 20, signed: 60},
	} {
		t.Run(name, func(t *testing.T) {
			token := s.mintFor(ben.ID, a.ID).token
			try := func(header ...string) *reply {
				var body any
				if tt.form != nil {
					body = tt.form(0)
				}
				return s.ask(credential{token: token}, "POST", tt.path, body, header...)
			}
			h := hmac.New(sha256.New, []byte(a.Secret))
			h.Write([]byte("200.15.1.1"))
			sig := []string{"X-Insta-Forwarded-For", "200.15.1.1|" + hex.EncodeToString(h.Sum(nil))}
			for i := range tt.unsigned {
				if r := try(); r.status == 429 {
					t.Fatalf("call %d: %s", i+1, r.body)
				}
			}
			want := fmt.Sprintf("You have made %d requests of the %d allowed in the last hour.", tt.unsigned+1, tt.unsigned)
			if r := try(); r.status != 429 || !strings.Contains(string(r.body), want) || r.header.Get("Retry-After") == "" {
				t.Errorf("%d %s, want 429 %q", r.status, r.body, want)
			}
			if r := try("X-Insta-Forwarded-For", "200.15.1.1|00"); r.status != 429 {
				t.Errorf("with a wrong signature: %d", r.status)
			}
			for i := range tt.signed - tt.unsigned {
				if r := try(sig...); r.status == 429 {
					t.Fatalf("signed call %d: %s", i+1, r.body)
				}
			}
			if r := try(sig...); r.status != 429 || r.header.Get("X-Ratelimit-Limit") != fmt.Sprint(tt.signed) {
				t.Errorf("one signed call too many: %d %s", r.status, r.body)
			}
			// Reading goes on, and so does the site's own session.
			if r := s.ask(credential{token: token}, "GET", "/v1/users/self", nil); r.status != 200 {
				t.Errorf("reading: %d %s", r.status, r.body)
			}
			if r := s.ask(s.session(ben), "POST", tt.path, nil); r.status == 429 {
				t.Errorf("a session: %s", r.body)
			}
		})
	}
}

// TestLimitsOfProcesses: two processes of a site, asked at once by one app, let
// in exactly as many calls as it has, by token and by client_id.
func TestLimitsOfProcesses(t *testing.T) {
	t.Parallel()
	redis := testserve.Redis(t)
	router := storetest.OpenSQLite(t, time.Now)
	process := func() *site {
		b := app.SQLiteBackend(router)
		b.Close = func() error { return nil } // the other one's, too
		c := app.Config{Backend: b}
		c.Fleet.Redis.Servers = []string{redis.Addr()}
		return newSite(t, "", c)
	}
	sites := []*site{process(), process()}
	ben := sites[0].user("ben", false)
	var a struct {
		ID     tintype.ID
		Client string `json:"client_id"`
	}
	sites[0].want(201, sites[0].session(ben), "POST", "/v1/apps", map[string]any{"name": "Greedy", "redirect_uris": []string{"https://greedy.example/cb"}}).into(t, &a)
	const limit = 150
	n := limit
	if _, err := sites[0].app.Account.AllowApp(t.Context(), a.ID, account.AppPowers{HourlyLimit: &n}); err != nil {
		t.Fatal(err)
	}
	token := sites[0].mintFor(ben.ID, a.ID).token
	for _, path := range []string{"/v1/users/self?access_token=" + token, "/v1/users/" + ben.ID.String() + "?client_id=" + a.Client} {
		var in, refused, other atomic.Int64
		var wg sync.WaitGroup
		for _, s := range sites {
			for range 3 {
				wg.Go(func() {
					for range 40 {
						resp, err := client.Get(s.base + path)
						if err != nil {
							t.Error(err)
							return
						}
						resp.Body.Close()
						switch {
						case resp.StatusCode == http.StatusOK:
							in.Add(1)
						case resp.StatusCode == http.StatusTooManyRequests && resp.Header.Get("Retry-After") != "" && resp.Header.Get("X-Ratelimit-Remaining") == "0":
							refused.Add(1)
						default:
							other.Add(1)
						}
					}
				})
			}
		}
		wg.Wait()
		if in.Load() != limit || refused.Load() != 240-limit || other.Load() != 0 {
			t.Errorf("%s: %d let in, %d refused, %d otherwise; want %d and %d", path[:12], in.Load(), refused.Load(), other.Load(), limit, 240-limit)
		}
	}
}
