package hostile

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// cookie signs p in as a browser does, and gives the cookie.
func (r *Round) cookie(ctx context.Context, p person) string {
	a := r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": p.name, "password": p.password, "cookie": true}))
	c := a.Header.Get("Set-Cookie")
	if a.Status/100 != 2 || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") {
		r.fail("signing in gives %d, cookie %q", a.Status, c)
	}
	c, _, _ = strings.Cut(c, ";")
	return c
}

// sessionItems are B92 to B97.
func sessionItems() []Item {
	return []Item{
		{ID: "B92", What: "cookies that are doubled, long, planted, and sent by other sites", Do: func(ctx context.Context, r *Round) {
			c := r.cookie(ctx, r.ben)
			with := func(name, cookie string, h http.Header, method string, statuses ...int) {
				q := ask(method, "/v1/users/self", "", nil)
				if method == "PATCH" {
					q = ask(method, "/v1/users/self", "", `{"bio":"by a cookie"}`)
				}
				q.header = http.Header{"Cookie": {cookie}}
				for k, v := range h {
					q.header[k] = v
				}
				r.want(name, r.send(ctx, q), statuses...)
			}
			with("the right one", c, nil, "GET", success)
			with("none", "", nil, "GET", refused)
			with("another beside it", c+"; "+strings.SplitN(c, "=", 2)[0]+"=x", nil, "GET", refused)
			with("long", c+"; a="+strings.Repeat("a", 8000), nil, "GET", success, refused)
			with("cut", c[:len(c)-2], nil, "GET", refused)
			with("a planted one", "__Host-tintype_session="+strings.SplitN(c, "=", 2)[1], nil, "GET", refused)
			same := http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {r.site.URL}}
			with("a write of the site's own", c, same, "PATCH", success)
			for name, h := range map[string]http.Header{
				"another site": {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}, "its neighbour": {"Sec-Fetch-Site": {"same-site"}, "Origin": {"https://evil.example"}},
				"an origin of null": {"Origin": {"null"}}, "another origin": {"Origin": {"https://evil.example"}}, "a like origin": {"Origin": {r.site.URL + ".evil.example"}},
			} {
				with("a write of "+name, c, h, "PATCH", refused)
			}
			// Forms of other sites can send these types without asking first.
			for _, typ := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
				q := request{method: "POST", path: "/v1/users/" + r.admin.id + "/relationship", body: []byte("action=follow"), typ: typ, header: http.Header{"Cookie": {c}, "Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}}
				r.want("a form of another site, "+typ, r.send(ctx, q), refused)
			}
			q := ask("POST", "/v1/session", "", map[string]any{"login": r.ben.name, "password": r.ben.password, "cookie": true})
			q.header = http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}
			r.want("signing in from another site", r.send(ctx, q), refused)
			q = request{method: "OPTIONS", path: "/v1/users/self", header: http.Header{"Origin": {"https://evil.example"}, "Access-Control-Request-Method": {"PATCH"}, "Cookie": {c}}}
			if a := r.send(ctx, q); a.Header.Get("Access-Control-Allow-Credentials") != "" {
				r.fail("other sites may use the cookie")
			}
			q = request{method: "GET", path: "/v1/users/self?callback=x", header: http.Header{"Cookie": {c}}}
			if a := r.send(ctx, q); strings.Contains(string(a.Body), r.ben.name) {
				r.fail("a script of another site reads who is signed in")
			}
		}},
		{ID: "B93", What: "passwords guessed, 60 at once, by name in every spelling; nobody's name", Do: guesses},
		{ID: "B94", What: "second factors: without the code, guessed, switched off without password", Do: func(ctx context.Context, r *Round) {
			r.want("begin without password", r.send(ctx, ask("POST", "/v1/users/self/two-factor", r.ben.token, `{"password":"x"}`)), refused)
			r.want("confirm what is not begun", r.send(ctx, ask("POST", "/v1/users/self/two-factor/confirm", r.ben.token, `{"code":"123456"}`)), refused)
			r.want("off without password", r.send(ctx, ask("POST", "/v1/users/self/two-factor/off", r.ben.token, `{"password":"x"}`)), refused)
			r.want("begin", r.send(ctx, ask("POST", "/v1/users/self/two-factor", r.ben.token, map[string]any{"password": r.ben.password})), success)
			for _, code := range []string{"", "000000", "1", strings.Repeat("0", 5000), "12345a", "１２３４５６", "-12345"} {
				r.want("a wrong code", r.send(ctx, ask("POST", "/v1/users/self/two-factor/confirm", r.ben.token, map[string]any{"code": code})), refused)
			}
			r.want("it is not on", r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": r.ben.name, "password": r.ben.password})), success)
		}},
		{ID: "B96", What: "sign-in pages that are told to go on to another site", Do: func(ctx context.Context, r *Round) {
			for _, next := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "/%2f/evil.example", "javascript:alert(1)", "/%0d%0aLocation:%20//evil.example"} {
				for _, page := range []string{"/sign-in?next=", "/sign-in?return_to=", "/?next=", "/oauth/authorize?next="} {
					a := r.send(ctx, request{method: "GET", path: page + next, header: http.Header{"Accept": {"text/html"}}})
					r.want(page+next, a, success, refused, moved)
					if l := a.Header.Get("Location"); strings.Contains(l, "evil") {
						r.fail("%s%s leads to %s", page, next, l)
					}
				}
			}
			for _, path := range []string{"//evil.example", "//evil.example/", "/\\evil.example", "/%2fevil.example/", "///evil.example/..", "//evil.example/%2e%2e/"} {
				a := r.rawGet(ctx, path)
				r.want(path, a, success, refused, moved)
				if l := a.Header.Get("Location"); strings.HasPrefix(l, "//") || strings.Contains(l, "://evil") || strings.HasPrefix(l, "/\\") {
					r.fail("%s leads to %s", path, l)
				}
			}
		}},
		{ID: "B97", What: "pages in frames of other sites", Do: func(ctx context.Context, r *Round) {
			for _, page := range []string{"/", "/oauth/authorize?client_id=x", "/settings", "/" + r.ben.name, "/p/" + r.ben.code} {
				a := r.want(page, r.send(ctx, request{method: "GET", path: page, header: http.Header{"Accept": {"text/html"}}}), success)
				if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "'unsafe-inline'") && strings.Contains(csp, "script-src 'unsafe-inline'") {
					r.fail("%s has the policy %q", page, csp)
				}
			}
		}},
	}
}

// guesses tries passwords of somebody's whom nobody needs.
func guesses(ctx context.Context, r *Round) {
	var victim person
	if err := r.join(ctx, &victim, "victim_"+strings.ToLower(r.canary[6:12])); err != nil {
		r.fail("%v", err)
		return
	}
	// Nobody and somebody are refused in the same words.
	known := r.want("a wrong password", r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": victim.name, "password": "not the password"})), refused)
	unknown := r.want("nobody's", r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": "nobody_" + victim.name[7:], "password": "not the password"})), refused)
	if known.Status != unknown.Status || string(known.Body) != string(unknown.Body) {
		r.fail("one can tell who is here: %q and %q", known.Body, unknown.Body)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	limited := 0
	for i := range 60 {
		wg.Go(func() {
			q := ask("POST", "/v1/session", "", map[string]any{"login": []string{victim.name, strings.ToUpper(victim.name), " " + victim.name}[i%3], "password": fmt.Sprintf("guess %d", i)})
			q.header = http.Header{"X-Forwarded-For": {fmt.Sprintf("10.1.%d.%d", i, i)}, "X-Real-Ip": {"10.9.9.9"}, "Forwarded": {"for=10.8.8.8"}, "True-Client-Ip": {"10.7.7.7"}}
			a := r.send(ctx, q)
			mu.Lock()
			defer mu.Unlock()
			r.want("a guess", a, refused)
			if a.Status == http.StatusTooManyRequests {
				limited++
				if a.Header.Get("Retry-After") == "" {
					r.fail("it does not say when to come back")
				}
			}
		})
	}
	wg.Wait()
	if limited < 40 {
		r.fail("only %d of 60 guesses were stopped", limited)
	}
	r.want("the right one waits too", r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": victim.name, "password": victim.password})), http.StatusTooManyRequests)
	r.want("who is signed in stays", r.send(ctx, ask("GET", "/v1/users/self", victim.token, nil)), success)
}
