package hostile

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// client is an app that ben registered.
type client struct {
	id, secret string
	redirect   string
}

// register makes an app of ben's.
func (r *Round) register(ctx context.Context, public bool) client {
	r.counter++
	c := client{redirect: "https://good.example/cb"}
	a := r.send(ctx, ask("POST", "/v1/apps", r.ben.token, map[string]any{"name": fmt.Sprintf("app %d", r.counter), "redirect_uris": []string{c.redirect}, "public": public}))
	var out struct {
		Data struct {
			Client string `json:"client_id"`
			Secret string `json:"client_secret"`
			ID     string
		}
	}
	if a.Status/100 != 2 || !a.JSON(&out) || out.Data.Client == "" {
		r.fail("no app: %d %.200s", a.Status, a.Body)
	}
	c.id, c.secret = out.Data.Client, out.Data.Secret
	return c
}

// consent is what the consent page asks for, with changes.
func (c client) consent(more ...string) map[string]any {
	m := map[string]any{"response_type": "code", "client_id": c.id, "redirect_uri": c.redirect, "scope": "basic", "state": "s", "allow": true}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] == "-" {
			delete(m, more[i])
		} else {
			m[more[i]] = more[i+1]
		}
	}
	return m
}

// code has ana allow the app, and gives the code; "" if there is none.
func (r *Round) code(ctx context.Context, c client, more ...string) (code string, a Answer) {
	a = r.send(ctx, ask("POST", "/oauth/authorize", r.ana.token, c.consent(more...)))
	var out struct {
		Data struct {
			To string `json:"redirect_to"`
		}
	}
	if a.Status/100 != 2 || !a.JSON(&out) {
		return "", a
	}
	u, err := url.Parse(out.Data.To)
	if err != nil || !strings.HasPrefix(out.Data.To, c.redirect) {
		r.fail("a code goes to %q", out.Data.To)
		return "", a
	}
	return u.Query().Get("code"), a
}

// trade is the form that redeems a code, with changes.
func (c client) trade(code string, more ...string) request {
	v := url.Values{"grant_type": {"authorization_code"}, "client_id": {c.id}, "client_secret": {c.secret}, "redirect_uri": {c.redirect}, "code": {code}}
	if c.secret == "" {
		v.Del("client_secret")
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] == "-" {
			v.Del(more[i])
		} else {
			v.Set(more[i], more[i+1])
		}
	}
	return ask("POST", "/oauth/access_token", "", v)
}

func tokenOf(a Answer) string {
	var t struct {
		Token string `json:"access_token"`
	}
	if a.Status/100 != 2 || !a.JSON(&t) {
		return ""
	}
	return t.Token
}

// pkce is a verifier and its challenge.
func pkce() (verifier, challenge string) {
	verifier = rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	return verifier, base64.RawURLEncoding.EncodeToString(sum[:])
}

// oauthItems are B81 to B91.
func oauthItems() []Item {
	return []Item{
		{ID: "B81", What: "forty redirect addresses that are not the registered one", Do: func(ctx context.Context, r *Round) {
			c := r.register(ctx, false)
			for _, u := range []string{"", "https://good.example@evil.example/cb", "https://good.example.evil.example/cb", "https://good.example%2f@evil.example/cb", "https://evil.example\\@good.example/cb", "\\\\evil.example", "//evil.example/cb", "https://good.example/cb/../x", "https://good.example/cb/", "https://good.example./cb", "HTTPS://GOOD.EXAMPLE/cb", "https://good.example:443/cb", "https://good.example:8443/cb", "https://good.example/cb#x", "https://good.example/cb?x=1", "https://good.example/cb%00", "https://good.example/%63b", "https://good.example/cb;x", "https://good.example//cb", "http://good.example/cb", "javascript:alert(1)", "data:text/html,x", "good:cb", "http://127.0.0.1/cb", "http://localhost/cb", "http://[::1]/cb", "https://xn--good-x.example/cb", "https://gооd.example/cb", "https://good.example/cb\t", "\thttps://good.example/cb", "https://good.example/cb\n", "https://good.example/cb\r\nX: y", "https://good.example/cb ", " https://good.example/cb", "https://user@good.example/cb", "https://good.example/CB", "https://good.example/cb" + strings.Repeat("a", 3000), "https://good.example", "https://good.example?/cb", "null"} {
				for _, method := range []string{"GET", "POST"} {
					q := ask("POST", "/oauth/authorize", r.ana.token, c.consent("redirect_uri", u))
					if method == "GET" {
						q = ask("GET", "/oauth/authorize?"+url.Values{"response_type": {"code"}, "client_id": {c.id}, "redirect_uri": {u}}.Encode(), r.ana.token, nil)
					}
					a := r.want(fmt.Sprintf("%s %.50q", method, u), r.send(ctx, q), refused)
					if a.Header.Get("Location") != "" || strings.Contains(string(a.Body), "redirect_to") {
						r.fail("%q: it redirects", u)
					}
				}
			}
			q := "/oauth/authorize?response_type=code&client_id=" + c.id + "&redirect_uri=" + url.QueryEscape(c.redirect) + "&redirect_uri=" + url.QueryEscape("https://evil.example/")
			r.want("two addresses", r.send(ctx, ask("GET", q, r.ana.token, nil)), refused)
		}},
		{ID: "B82", What: "PKCE left out, plain, too short, too long, not asked for", Do: func(ctx context.Context, r *Round) {
			v, challenge := pkce()
			pub, conf := r.register(ctx, true), r.register(ctx, false)
			bad := func(name string, c client, more ...string) {
				if code, a := r.code(ctx, c, more...); code != "" {
					r.fail("%s: a code came", name)
				} else {
					r.note(a)
				}
			}
			bad("none", pub)
			bad("plain", pub, "code_challenge", v, "code_challenge_method", "plain")
			bad("no method", pub, "code_challenge", challenge)
			bad("short", pub, "code_challenge", "abc", "code_challenge_method", "S256")
			bad("method alone", conf, "code_challenge_method", "S256")
			redeem := func(name string, c client, with []string, statuses []int, more ...string) {
				code, a := r.code(ctx, c, with...)
				if code == "" {
					r.fail("%s: no code: %d %.200s", name, a.Status, a.Body)
					return
				}
				r.want(name, r.send(ctx, c.trade(code, more...)), statuses...)
			}
			s256 := []string{"code_challenge", challenge, "code_challenge_method", "S256"}
			redeem("the right one", pub, s256, []int{success}, "code_verifier", v)
			redeem("no verifier", pub, s256, []int{refused})
			redeem("another verifier", pub, s256, []int{refused}, "code_verifier", v[1:]+"a")
			redeem("42 characters", pub, s256, []int{refused}, "code_verifier", v[:42])
			redeem("129 characters", pub, s256, []int{refused}, "code_verifier", strings.Repeat("a", 129))
			redeem("the challenge itself", pub, s256, []int{refused}, "code_verifier", challenge)
			redeem("not asked for", conf, nil, []int{refused}, "code_verifier", v)
			redeem("asked for, with a secret alone", conf, s256, []int{refused})
		}},
		{ID: "B83", What: "codes used again, 50 at once, by another app, for another address", Do: func(ctx context.Context, r *Round) {
			c, other := r.register(ctx, false), r.register(ctx, false)
			code, _ := r.code(ctx, c)
			r.want("another app", r.send(ctx, other.trade(code)), refused)
			code, _ = r.code(ctx, c)
			r.want("another address", r.send(ctx, c.trade(code, "redirect_uri", "https://good.example/other")), refused)
			for _, bad := range []string{"", "x", strings.Repeat("a", 3000)} {
				r.want("no code", r.send(ctx, c.trade(bad)), refused)
			}
			code, _ = r.code(ctx, c)
			first := tokenOf(r.want("once", r.send(ctx, c.trade(code)), success))
			r.want("its token works", r.send(ctx, ask("GET", "/v1/users/self", first, nil)), success)
			r.want("twice", r.send(ctx, c.trade(code)), refused)
			self := ask("GET", "/v1/users/self", first, nil)
			r.heard(ctx, func() bool { return r.send(ctx, self).Status/100 != 2 })
			r.want("and its token ends", r.send(ctx, self), refused)
			code, _ = r.code(ctx, c)
			var mu sync.Mutex
			var wg sync.WaitGroup
			tokens := 0
			for range r.many(20) {
				wg.Go(func() {
					a := r.send(ctx, c.trade(code))
					mu.Lock()
					defer mu.Unlock()
					r.note(a)
					if tokenOf(a) != "" {
						tokens++
					}
				})
			}
			wg.Wait()
			if tokens > 1 {
				r.fail("one code gave %d tokens", tokens)
			}
		}},
		{ID: "B84", What: "apps without secret, with a wrong one, in the query, in two places", Do: func(ctx context.Context, r *Round) {
			c := r.register(ctx, false)
			code, _ := r.code(ctx, c)
			r.want("none", r.send(ctx, c.trade(code, "client_secret", "-")), refused)
			r.want("wrong", r.send(ctx, c.trade(code, "client_secret", "x")), refused)
			r.want("cut", r.send(ctx, c.trade(code, "client_secret", c.secret[:len(c.secret)-1])), refused)
			q := c.trade(code, "client_secret", "-")
			q.path += "?client_secret=" + url.QueryEscape(c.secret)
			r.want("in the query", r.send(ctx, q), refused)
			q = c.trade(code)
			q.header = http.Header{"Authorization": {"Basic " + base64Of(c.id+":"+c.secret)}}
			r.want("in two places", r.send(ctx, q), refused)
			q = c.trade(code, "client_secret", "-", "client_id", "-")
			q.header = http.Header{"Authorization": {"Basic " + base64Of(c.id+":wrong")}}
			r.want("wrong in the header", r.send(ctx, q), refused)
			q.header = http.Header{"Authorization": {"Basic !!!"}}
			r.want("no base64", r.send(ctx, q), refused)
			q.header = http.Header{"Authorization": {"Basic " + base64Of(c.id+":"+c.secret)}}
			r.want("right, in the header", r.send(ctx, q), success)
		}},
		{ID: "B85", What: "scopes that are empty, unknown, doubled, of other case, too many, 10 kB", Do: func(ctx context.Context, r *Round) {
			c := r.register(ctx, false)
			for _, scope := range []string{"admin", "BASIC", "basic admin", "basic,likes", "session", "*", "basic\x00likes", strings.Repeat("basic ", 2000), "write", "read"} {
				code, a := r.code(ctx, c, "scope", scope)
				r.note(a)
				if code == "" {
					continue
				}
				token := tokenOf(r.send(ctx, c.trade(code)))
				r.want("a token of "+scope[:min(20, len(scope))]+" reaches sessions", r.send(ctx, ask("GET", "/v1/sessions", token, nil)), refused)
				r.want("or apps", r.send(ctx, ask("POST", "/v1/apps", token, `{"name":"x","redirect_uris":["https://a.example/"]}`)), refused)
			}
			code, _ := r.code(ctx, c, "scope", "")
			token := tokenOf(r.send(ctx, c.trade(code)))
			for _, q := range []request{ask("POST", "/v1/media/"+r.ana.post+"/likes", token, nil), ask("POST", "/v1/media/"+r.ana.post+"/comments", token, `{"text":"x"}`), ask("DELETE", "/v1/media/"+r.ana.post, token, nil), ask("POST", "/v1/users/"+r.ben.id+"/relationship", token, url.Values{"action": {"follow"}}), ask("PATCH", "/v1/users/self", token, `{"bio":"x"}`), ask("GET", "/v1/admin/site", token, nil)} {
				r.want("basic alone: "+q.method+" "+q.path, r.send(ctx, q), refused)
			}
		}},
		{ID: "B86", What: "response and grant types that are none or off, odd states", Do: func(ctx context.Context, r *Round) {
			c := r.register(ctx, false)
			for _, t := range []string{"token", "id_token", "code token", "none", "", "CODE"} {
				if code, a := r.code(ctx, c, "response_type", t); code != "" || strings.Contains(string(a.Body), "access_token=") {
					r.fail("response_type %q gives something", t)
				} else {
					r.note(a)
				}
			}
			for _, s := range []string{strings.Repeat("s", 100000), "a\r\nSet-Cookie: x=y", "a\x00b"} {
				code, a := r.code(ctx, c, "state", s)
				r.note(a)
				if code != "" {
					r.fail("state %.20q is taken", s)
				}
			}
			for _, g := range []string{"password", "client_credentials", "refresh_token", "implicit", "", "urn:ietf:params:oauth:grant-type:jwt-bearer"} {
				r.want("grant "+g, r.send(ctx, c.trade("x", "grant_type", g, "username", r.ana.name, "password", r.ana.password)), refused)
			}
			r.want("nobody consents", r.send(ctx, ask("POST", "/oauth/authorize", "", c.consent())), refused)
			r.want("no answer", r.send(ctx, ask("POST", "/oauth/authorize", r.ana.token, c.consent("client_id", "-"))), refused)
		}},
		{ID: "B87", What: "refresh tokens", Absent: "there are none: a token of an app lasts until it is revoked"},
		{ID: "B88", What: "tokens that are cut, longer, of other case, JSON web tokens", Do: func(ctx context.Context, r *Round) {
			t := r.ana.token
			swapped := strings.Map(func(c rune) rune {
				switch {
				case 'a' <= c && c <= 'z':
					return c - 32
				case 'A' <= c && c <= 'Z':
					return c + 32
				}
				return c
			}, t)
			for _, bad := range []string{"", "x", t[:len(t)-1], t[:20], t + "x", t + "=", swapped, "0" + t, " " + t + " x", t + "." + t, "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", strings.Repeat("a.", 5000), t[1:], r.ben.id + t[strings.Index(t, "."):], "null", "undefined", "%00", strings.ReplaceAll(t, ".", "%2e")} {
				a := r.want(fmt.Sprintf("%.20q", bad), r.send(ctx, request{method: "GET", path: "/v1/users/self", header: http.Header{"Authorization": {"Bearer " + bad}}}), refused)
				r.unseen("a bad token", a)
				r.want("in the query", r.send(ctx, ask("GET", "/v1/users/self?access_token="+url.QueryEscape(bad), "", nil)), refused)
			}
			for _, h := range []string{"Basic " + base64Of(t), "Basic " + base64Of(t+":"), "bearer" + t, "Bearer", "Digest " + t, t} {
				r.want("header "+h[:min(10, len(h))], r.send(ctx, request{method: "GET", path: "/v1/users/self", header: http.Header{"Authorization": {h}}}), refused)
			}
			q := ask("GET", "/v1/users/self?access_token="+url.QueryEscape(r.ben.token), t, nil)
			r.want("two tokens", r.send(ctx, q), refused)
		}},
		{ID: "B89", What: "another's token revoked, or asked about", Do: func(ctx context.Context, r *Round) {
			c, other := r.register(ctx, false), r.register(ctx, false)
			code, _ := r.code(ctx, c)
			token := tokenOf(r.want("a token", r.send(ctx, c.trade(code)), success))
			r.want("revoke by another app", r.send(ctx, ask("POST", "/oauth/revoke", "", url.Values{"token": {token}, "client_id": {other.id}, "client_secret": {other.secret}})), success, refused)
			r.want("it works still", r.send(ctx, ask("GET", "/v1/users/self", token, nil)), success)
			r.want("revoke a session's", r.send(ctx, ask("POST", "/oauth/revoke", "", url.Values{"token": {r.ana.token}, "client_id": {c.id}, "client_secret": {c.secret}})), success, refused)
			r.want("the session works still", r.send(ctx, ask("GET", "/v1/users/self", r.ana.token, nil)), success)
			r.want("introspection", r.send(ctx, ask("POST", "/oauth/introspect", "", url.Values{"token": {token}})), refused)
			r.want("revoke", r.send(ctx, ask("POST", "/oauth/revoke", "", url.Values{"token": {token}, "client_id": {c.id}, "client_secret": {c.secret}})), success)
			r.want("it ended", r.send(ctx, ask("GET", "/v1/users/self", token, nil)), refused)
		}},
		{ID: "B90", What: "apps registered with scripts as names and addresses of every sort", Do: func(ctx context.Context, r *Round) {
			r.want("by nobody", r.send(ctx, ask("POST", "/v1/apps", "", `{"name":"x","redirect_uris":["https://a.example/"]}`)), refused)
			for _, u := range []string{"", "javascript:alert(1)", "data:text/html,x", "https://*.example/", "https://a.example/#x", "http://a.example/cb", "//a.example", "https://user:pass@a.example/", "about:blank", "file:///x", "https://a.example/\r\nX: y", "https://" + strings.Repeat("a", 5000) + ".example"} {
				r.want(fmt.Sprintf("%.30q", u), r.send(ctx, ask("POST", "/v1/apps", r.ben.token, map[string]any{"name": "an app", "redirect_uris": []string{u}})), refused)
			}
			r.want("no addresses", r.send(ctx, ask("POST", "/v1/apps", r.ben.token, map[string]any{"name": "an app", "redirect_uris": []string{}})), refused)
			r.want("long name", r.send(ctx, ask("POST", "/v1/apps", r.ben.token, map[string]any{"name": strings.Repeat("n", 3000), "redirect_uris": []string{"https://a.example/"}})), refused)
			r.want("script", r.send(ctx, ask("POST", "/v1/apps", r.ben.token, map[string]any{"name": "<script>alert(1)</script>", "redirect_uris": []string{"https://a.example/"}})), success, refused)
		}},
		{ID: "B91", What: "device codes", Absent: "there are none"},
	}
}
