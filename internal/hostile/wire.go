package hostile

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// rawGet asks for a path that Go's client would mend.
func (r *Round) rawGet(ctx context.Context, path string) Answer {
	return r.raw(ctx, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

// wireItems are B98 to B115: HTTP itself.
func wireItems() []Item {
	const get = "GET /v1/site HTTP/1.1\r\nHost: localhost\r\n"
	bad := []int{refused, cut, http.StatusNotImplemented, http.StatusHTTPVersionNotSupported}
	return []Item{
		{ID: "B98", What: "2,000 connections that send a byte a second; others are served meanwhile", Do: slowHeaders},
		{ID: "B99", What: "headers of a megabyte, 10,000 of them, with NUL, folded, of odd letters", Do: func(ctx context.Context, r *Round) {
			for name, h := range map[string]string{
				"a megabyte": "A: " + strings.Repeat("a", 1<<20) + "\r\n", "10,000": strings.Repeat("A: a\r\n", 10000), "a long name": strings.Repeat("A", 64<<10) + ": a\r\n", "NUL": "A: a\x00b\r\n", "folded": "A: a\r\n b\r\n",
				"a space before the colon": "A : b\r\n", "a name of other letters": "Ä: b\r\n", "no colon": "AB\r\n", "no name": ": b\r\n", "a bare return": "A: a\rb\r\n", "control": "A\x01: b\r\n",
			} {
				statuses := append([]int{}, bad...)
				if name == "folded" || name == "10,000" || name == "a name of other letters" || name == "no colon" || name == "no name" || name == "a bare return" || name == "control" {
					statuses = append(statuses, success) // nginx leaves such headers out, which is as good
				}
				r.want(name, r.raw(ctx, get+h+"\r\n"), statuses...)
			}
		}},
		{ID: "B100", What: "request lines of a megabyte, absolute, with NUL, dots, backslashes, raw UTF-8", Do: func(ctx context.Context, r *Round) {
			for _, target := range []string{"/" + strings.Repeat("a", 1<<20), "http://evil.example/v1/site", "evil.example:443", "*", "/%00", "/%c0%ae%c0%ae/", "/é", "/..", "/../../etc/passwd", "/v1/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/\\..\\x", "/v1/site\t", "/assets/../../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/m/../../etc/passwd", "/.git/config", "/.env", ""} {
				a := r.want(fmt.Sprintf("%.30q", target), r.rawGet(ctx, target), append([]int{success, moved}, bad...)...)
				if strings.Contains(string(a.Body), "root:x:") || strings.Contains(string(a.Body), "[core]") {
					r.fail("%.30q gives a file of the machine", target)
				}
			}
			for _, line := range []string{"GET", "GET /", "GET / HTTP/9.9", "GET / HTTP/1.1 x", " GET / HTTP/1.1", "GET  / HTTP/1.1", "G\x00T / HTTP/1.1", "", "\x16\x03\x01\x02\x00\x01\x00", "PRI * HTTP/2.0"} {
				r.want(fmt.Sprintf("%q", line), r.rawAfter(ctx, 12*time.Second, line+"\r\nHost: localhost\r\nConnection: close\r\n\r\n"), append([]int{success}, bad...)...)
			}
		}},
		{ID: "B101", What: "requests hidden in requests: two lengths, odd codings, odd chunk sizes", Do: smuggling},
		{ID: "B102", What: "Host missing, doubled, another's, with junk", Do: func(ctx context.Context, r *Round) {
			for name, h := range map[string]string{"missing": "", "doubled": "Host: a\r\nHost: b\r\n", "junk": "Host: a b\r\n", "a path": "Host: a/b\r\n", "credentials": "Host: a@b\r\n", "a zone": "Host: [::1%25eth0]\r\n", "a port": "Host: a:99999999\r\n", "a return": "Host: a\rb\r\n"} {
				r.want(name, r.raw(ctx, "GET /v1/site HTTP/1.1\r\n"+h+"Connection: close\r\n\r\n"), append([]int{success}, bad...)...)
			}
			for _, path := range []string{"/", "/" + r.ben.name, "/p/" + r.ben.code, "/v1/media/" + "x"} {
				a := r.raw(ctx, "GET "+path+" HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
				r.want("another's", a, success, refused, http.StatusMisdirectedRequest)
				if strings.HasPrefix(a.Header.Get("Location"), "http://evil.example") && a.Status/100 == 3 {
					r.fail("it redirects to another's host")
				}
			}
		}},
		{ID: "B103", What: "forwarding headers of somebody who is no proxy", Do: func(ctx context.Context, r *Round) {
			for name, h := range map[string]http.Header{
				"host": {"X-Forwarded-Host": {"evil.example"}}, "proto": {"X-Forwarded-Proto": {"https"}}, "url": {"X-Original-Url": {"/v1/admin/site"}, "X-Rewrite-Url": {"/v1/admin/site"}}, "prefix": {"X-Forwarded-Prefix": {"/evil"}},
				"for": {"X-Forwarded-For": {"127.0.0.1"}, "X-Real-Ip": {"127.0.0.1"}, "Forwarded": {"for=127.0.0.1;host=evil.example;proto=https"}, "Via": {"1.1 evil"}},
			} {
				for _, path := range []string{"/v1/media/" + r.ben.post, "/p/" + r.ben.code, "/v1/site"} {
					a := r.want(name, r.send(ctx, request{method: "GET", path: path, header: h}), success)
					if strings.Contains(string(a.Body), "evil.example") || strings.Contains(a.Header.Get("Set-Cookie"), "__Host-") {
						r.fail("%s: the answer to %s believes it", name, path)
					}
				}
				q := request{method: "GET", path: "/metrics", header: h}
				if r.site.Fleet {
					r.want(name+", metrics", r.send(ctx, q), refused)
				}
			}
		}},
		{ID: "B104", What: "1,000 requests at once on a connection, odd upgrades and expectations", Do: func(ctx context.Context, r *Round) {
			n := r.many(1000)
			r.pipelined(ctx, strings.Repeat(get+"\r\n", n), n)
			r.want("h2c", r.raw(ctx, get+"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"), success)
			r.want("websocket", r.raw(ctx, get+"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"), success)
			r.want("an odd expectation", r.raw(ctx, "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nExpect: a-miracle\r\nContent-Length: 2\r\n\r\n{}"), append([]int{http.StatusExpectationFailed}, bad...)...)
		}},
		{ID: "B105", What: "HTTP/2", Absent: "the program speaks none; the proxy before it does"},
		{ID: "B106", What: "TLS", Absent: "the program speaks none; the proxy before it does"},
		{ID: "B107", What: "10,000 cookies, 100,000 parameters", Do: func(ctx context.Context, r *Round) {
			r.want("cookies", r.raw(ctx, get+"Cookie: "+strings.Repeat("a=b; ", 10000)+"\r\n\r\n"), refused, cut, success)
			r.want("some cookies", r.raw(ctx, get+"Cookie: "+strings.Repeat("a=b; ", 1000)+"\r\n\r\n"), success, refused)
			r.want("parameters", r.rawGet(ctx, "/v1/site?"+strings.Repeat("a=b&", 100000)), refused, cut)
			r.want("some parameters", r.rawGet(ctx, "/v1/site?"+strings.Repeat("a=b&", 1000)), success, refused)
			form := ask("POST", "/v1/session", "", nil)
			form.body, form.typ = []byte(strings.Repeat("a=b&", 15000)), "application/x-www-form-urlencoded"
			r.want("a form of them", r.send(ctx, form), refused)
		}},
		{ID: "B108", What: "HEAD and OPTIONS of everything, TRACE", Do: func(ctx context.Context, r *Round) {
			for _, path := range []string{"/", "/v1/site", "/p/" + r.ben.code, r.ben.picture} {
				a := r.want("HEAD "+path, r.send(ctx, request{method: "HEAD", path: path}), success, http.StatusMethodNotAllowed)
				if len(a.Body) > 0 {
					r.fail("HEAD %s has a body", path)
				}
				r.want("OPTIONS "+path, r.send(ctx, request{method: "OPTIONS", path: path}), success, refused)
				r.want("TRACE "+path, r.send(ctx, request{method: "TRACE", path: path}), refused)
			}
		}},
		{ID: "B109", What: "private answers under addresses that look like files", Do: func(ctx context.Context, r *Round) {
			c := r.cookie(ctx, r.ana)
			for _, path := range []string{"/v1/users/self", "/v1/users/self/feed", "/v1/media/" + r.ana.post, "/settings/account"} {
				for _, suffix := range []string{"", "/x.css", ".css", ";x.css", "%2fx.css", "%0ax.css", "?x.css", "/..%2fassets%2fx.js", "%3bx.png", "/.jpg", "//x.js", "%00.css"} {
					a := r.send(ctx, request{method: "GET", path: path + suffix, header: http.Header{"Cookie": {c}}})
					r.note(a)
					again := r.send(ctx, request{method: "GET", path: path + suffix})
					r.note(again)
					r.unseen(path+suffix+" asked again by nobody", again)
					if cc := a.Header.Get("Cache-Control"); a.Status == 200 && strings.Contains(string(a.Body), r.canary) && !strings.Contains(cc, "private") && !strings.Contains(cc, "no-store") {
						r.fail("%s%s may be kept by caches: %q", path, suffix, cc)
					}
				}
			}
		}},
		{ID: "B110", What: "other spellings of addresses that are not for everybody", Do: func(ctx context.Context, r *Round) {
			for _, path := range []string{"/v1/admin/site", "/v1/media/" + r.ana.post} {
				for _, p := range []string{"/" + path, strings.Replace(path, "/v1/", "/v1/./", 1), strings.Replace(path, "/v1/", "/x/../v1/", 1), strings.Replace(path, "v1", "%761", 1), strings.Replace(path, "/v1/", "/v1//", 1), strings.ToUpper(path), path + "/", path + "/.", path + ";x", path + "%20", path + ".json", strings.Replace(path, "/v1/", "/v1%2f", 1), path + "%2e%2e", "/metrics/.." + path} {
					a := r.want(p, r.rawGet(ctx, p), refused, moved, success)
					r.unseen(p, a)
					if a.Status == 200 && strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
						r.fail("%s is answered", p)
					}
				}
			}
		}},
		{ID: "B111", What: "1,000 idle connections", Do: func(ctx context.Context, r *Round) {
			var open []net.Conn
			defer func() {
				for _, c := range open {
					c.Close()
				}
			}()
			for range r.many(1000) {
				c, err := r.dial(ctx)
				if err != nil {
					r.fail("connection %d: %v", len(open), err)
					return
				}
				open = append(open, c)
			}
			r.want("served meanwhile", r.send(ctx, ask("GET", "/v1/site", "", nil)), success)
		}},
		{ID: "B112", What: "people who go away while they are answered", Do: func(ctx context.Context, r *Round) {
			var wg sync.WaitGroup
			for i := range r.many(100) {
				wg.Go(func() {
					left, cancel := context.WithTimeout(ctx, time.Duration(i%20)*time.Millisecond)
					defer cancel()
					_, _ = r.do(left, ask("POST", "/v1/media/"+r.ben.post+"/likes", r.admin.token, nil)) // that it does not come through is the point
				})
			}
			wg.Wait()
			r.want("taken back", r.send(ctx, ask("DELETE", "/v1/media/"+r.ben.post+"/likes", r.admin.token, nil)), success)
			r.until(ctx, "no likes are left", func() bool {
				var m struct {
					Data struct{ Likes struct{ Count int } }
				}
				a := r.send(ctx, ask("GET", "/v1/media/"+r.ben.post, r.ben.token, nil))
				return a.JSON(&m) && m.Data.Likes.Count == 0
			})
		}},
		{ID: "B113", What: "secrets in compressed pages", Absent: "there are none: pages hold no token, and nothing of the site is compressed together with what a stranger chose and a secret"},
		{ID: "B114", What: "one address in several spellings, for limits", Absent: "seen inside: TestAddressKey (internal/api) and the limits of accounts count an IPv6 /64 and a mapped IPv4 address as one"},
		{ID: "B115", What: "the PROXY protocol from somebody who is no proxy", Do: func(ctx context.Context, r *Round) {
			r.want("version 1", r.raw(ctx, "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"+get+"\r\n"), bad...)
			r.want("version 2", r.raw(ctx, "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x00\x01\x00\x02"+get+"\r\n"), bad...)
		}},
	}
}

// slowHeaders keeps connections busy with headers that never end.
func slowHeaders(ctx context.Context, r *Round) {
	n := r.many(2000)
	if r.site.Fleet {
		n = min(n, 400) // nginx's connections are bounded, and so is their idleness
	}
	var open []net.Conn
	for range n {
		c, err := r.dial(ctx)
		if err != nil {
			r.fail("connection %d: %v", len(open), err)
			break
		}
		_, _ = io.WriteString(c, "GET /v1/site HTTP/1.1\r\nHost: loc")
		open = append(open, c)
	}
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	patience := 3
	if !r.Short {
		patience = 15
	}
	for range patience {
		r.want("served meanwhile", r.send(ctx, ask("GET", "/v1/site", "", nil)), success)
		for _, c := range open {
			_, _ = io.WriteString(c, "a") // it may be cut by now, as it should
		}
		time.Sleep(time.Second)
	}
	if r.Short || r.site.Fleet {
		return
	}
	cuts := 0
	for _, c := range open {
		_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if _, err := c.Read(make([]byte, 512)); err == nil || !isTimeout(err) {
			cuts++
		}
	}
	if cuts < len(open)*9/10 {
		r.fail("only %d of %d slow connections were cut in 15 seconds", cuts, len(open))
	}
}

func isTimeout(err error) bool {
	t, ok := err.(interface{ Timeout() bool })
	return ok && t.Timeout()
}

// smuggling sends requests whose end two readers could see in two places. What must never come is an answer to the
// hidden one: it asks for what only it asks for.
func smuggling(ctx context.Context, r *Round) {
	hidden := "GET /v1/users/by-username/" + r.ben.name + " HTTP/1.1\r\nHost: localhost\r\n\r\n"
	post := "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	for name, sent := range map[string]string{
		"length, then chunks":  post + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n%s", 5+len(hidden), hidden),
		"an odd coding":        post + "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n" + hidden,
		"coding with space":    post + "Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n" + hidden,
		"coding twice":         post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
		"coding of two":        post + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + hidden,
		"two lengths":          post + fmt.Sprintf("Content-Length: 0\r\nContent-Length: %d\r\n\r\n%s", len(hidden), hidden),
		"a list of lengths":    post + "Content-Length: 0, 5\r\n\r\n" + hidden,
		"a length with a plus": post + "Content-Length: +0\r\n\r\n" + hidden,
		"a chunk of 0x5":       post + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" + hidden,
		"a chunk of +5":        post + "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n" + hidden,
		"a chunk of 1_0":       post + "Transfer-Encoding: chunked\r\n\r\n1_0\r\n0123456789\r\n0\r\n\r\n" + hidden,
		"a chunk too large":    post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n" + hidden,
		"a chunk without end":  post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX0\r\n\r\n" + hidden,
		"bare line feeds":      "POST /v1/session HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n0\n\nGET",
	} {
		c, err := r.dial(ctx)
		if err != nil {
			r.fail("%s: %v", name, err)
			continue
		}
		_ = c.SetDeadline(time.Now().Add(3 * time.Second))
		_, _ = io.WriteString(c, sent)
		all, _ := io.ReadAll(c)
		c.Close()
		first := readAnswer(bufio.NewReader(strings.NewReader(string(all))))
		r.want(name, first, refused, cut, http.StatusNotImplemented)
		// Where a coding and a length are both there the coding holds (RFC 9112, 6.1): what follows its end is a request
		// of its own, for the one reader that there is. A proxy that reads lengths never lets both through.
		if name != "coding of two" && name != "length, then chunks" && strings.Contains(string(all), `"username":"`+r.ben.name) {
			r.fail("%s: the hidden request was answered", name)
		}
	}
}

// pipelined counts the answers to n requests sent at once.
func (r *Round) pipelined(ctx context.Context, sent string, n int) {
	c, err := r.dial(ctx)
	if err != nil {
		r.fail("%v", err)
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	go func() { _, _ = io.WriteString(c, sent) }()
	br := bufio.NewReader(c)
	for i := range n {
		a := readAnswer(br)
		if a.Status == 0 {
			if i == 0 {
				r.fail("no answer at all")
			}
			return // a server may end a connection after some
		}
		r.want("pipelined", a, success)
	}
}
