package hostile

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// deedItems are B69 to B80: deeds that contradict each other, race, or are not one's own.
func deedItems() []Item {
	return []Item{
		{ID: "B69", What: "follows of oneself, twice, of the blocked; requests of others answered", Do: func(ctx context.Context, r *Round) {
			rel := func(name string, p person, id, action string, statuses ...int) {
				r.want(name, r.send(ctx, ask("POST", "/v1/users/"+id+"/relationship", p.token, url.Values{"action": {action}})), statuses...)
			}
			rel("oneself", r.ben, r.ben.id, "follow", refused)
			rel("block oneself", r.ben, r.ben.id, "block", refused)
			rel("no such deed", r.ben, r.ana.id, "marry", refused)
			rel("unfollow", r.ben, r.admin.id, "unfollow", success)
			rel("follow", r.ben, r.admin.id, "follow", success)
			rel("twice", r.ben, r.admin.id, "follow", success)
			rel("ask", r.ben, r.ana.id, "follow", success)
			rel("let oneself in", r.ben, r.ana.id, "approve", success, refused)
			a := r.want("still a stranger", r.send(ctx, ask("GET", "/v1/media/"+r.ana.post, r.ben.token, nil)), refused)
			r.unseen("after asking", a)
			rel("block", r.ana, r.ben.id, "block", success)
			rel("follow the blocker", r.ben, r.ana.id, "follow", refused)
			rel("unblock", r.ana, r.ben.id, "unblock", success)
			rel("unfollow", r.ben, r.admin.id, "unfollow", success)
		}},
		{ID: "B70", What: "likes twice, taken back twice, of the private; 500 at once", Do: func(ctx context.Context, r *Round) {
			like := func(name, method, post string, statuses ...int) {
				r.want(name, r.send(ctx, ask(method, "/v1/media/"+post+"/likes", r.ben.token, nil)), statuses...)
			}
			like("like", "POST", r.ben.post, success)
			like("twice", "POST", r.ben.post, success)
			like("back", "DELETE", r.ben.post, success)
			like("back twice", "DELETE", r.ben.post, success)
			like("private", "POST", r.ana.post, refused)
			like("private back", "DELETE", r.ana.post, refused)
			var wg sync.WaitGroup
			var mu sync.Mutex
			for i := range r.many(500) {
				wg.Go(func() {
					a := r.send(ctx, ask([]string{"POST", "DELETE"}[i%2], "/v1/media/"+r.ben.post+"/likes", []person{r.ben, r.ana, r.admin}[i%3].token, nil))
					mu.Lock()
					defer mu.Unlock()
					r.want("at once", a, success)
				})
			}
			wg.Wait()
			for _, p := range []person{r.ben, r.ana, r.admin} {
				r.want("all back", r.send(ctx, ask("DELETE", "/v1/media/"+r.ben.post+"/likes", p.token, nil)), success)
			}
			r.until(ctx, "no likes are left", func() bool {
				var m struct {
					Data struct{ Likes struct{ Count int } }
				}
				a := r.send(ctx, ask("GET", "/v1/media/"+r.ben.post, r.ben.token, nil))
				return a.JSON(&m) && m.Data.Likes.Count == 0
			})
		}},
		{ID: "B71", What: "comments on the private, on nothing; another's taken away", Do: func(ctx context.Context, r *Round) {
			for _, post := range []string{r.ana.post, "1_1", r.ana.id} {
				a := r.want("comment on "+post, r.send(ctx, ask("POST", "/v1/media/"+post+"/comments", r.ben.token, map[string]any{"text": "hello"})), refused)
				r.unseen(post, a)
			}
			r.want("delete ana's", r.send(ctx, ask("DELETE", "/v1/media/"+r.ana.post+"/comments/"+r.ana.comment, r.ben.token, nil)), refused)
			r.want("delete ana's by one's own post", r.send(ctx, ask("DELETE", "/v1/media/"+r.ben.post+"/comments/"+r.ana.comment, r.ben.token, nil)), refused)
			a := r.want("it is there", r.send(ctx, ask("GET", "/v1/media/"+r.ana.post+"/comments", r.ana.token, nil)), success)
			if !strings.Contains(string(a.Body), r.ana.comment) {
				r.fail("ana's comment is gone")
			}
		}},
		{ID: "B72", What: "going private while others like, comment, look", Do: raceOfPrivacy},
		{ID: "B73", What: "every deed of ben's with ana's identifiers", Do: swap},
		{ID: "B74", What: "searches for wildcards, operators, 10 kB", Do: func(ctx context.Context, r *Round) {
			for _, q := range []string{"%", "_", "\\", "*", "a & b", "a | !b", "<->", ":*", "(", "\"", "'", ".*", "(a+)+$", strings.Repeat("a", 10000), strings.Repeat("a b ", 2500), "", " ", "\x00", "\xff", "from:", "from:me", "from:" + r.ana.name, r.canary, r.canary + " from:" + r.ana.name} {
				for _, path := range []string{"/v1/users/search?q=", "/v1/tags/search?q=", "/v1/locations/search?q=", "/v1/search/media?q="} {
					a := r.want(path+q[:min(len(q), 20)], r.send(ctx, ask("GET", path+url.QueryEscape(q), r.ben.token, nil)), success, refused)
					if !strings.Contains(q, r.canary) {
						r.unseen(path, a)
					} else if strings.Contains(string(a.Body), r.ana.code) {
						r.fail("a search finds a private post")
					}
				}
			}
		}},
		{ID: "B75", What: "ranges of 10,000 parts, beyond the end, from the end", Do: func(ctx context.Context, r *Round) {
			for _, rng := range []string{"bytes=0-", "bytes=-0", "bytes=-1", "bytes=5-2", "bytes=999999999-", "bytes=0-0,2-3", "bytes=" + strings.TrimSuffix(strings.Repeat("0-,", 3000), ","), "bytes=a-b", "bytes", "lines=1-2", "bytes=18446744073709551616-", "bytes=0-18446744073709551616"} {
				a := r.want(rng[:min(len(rng), 30)], r.send(ctx, request{method: "GET", path: r.ben.picture, header: http.Header{"Range": {rng}}}), success, http.StatusRequestedRangeNotSatisfiable)
				if len(a.Body) > 500<<10 {
					r.fail("range %.30s: %d bytes came back", rng, len(a.Body))
				}
			}
			for _, h := range []http.Header{{"If-None-Match": {"x"}}, {"If-None-Match": {`"`}}, {"If-None-Match": {strings.Repeat(`"a",`, 2000)}}, {"If-Range": {"x"}, "Range": {"bytes=0-1"}}, {"If-Modified-Since": {"never"}}, {"If-Match": {"x"}}} {
				r.want(fmt.Sprintf("%.60v", h), r.send(ctx, request{method: "GET", path: r.ben.picture, header: h}), success, http.StatusNotModified, http.StatusPreconditionFailed)
			}
		}},
		{ID: "B76", What: "what is accepted: garbage, 10 kB, qualities that are none", Do: func(ctx context.Context, r *Round) {
			for _, name := range []string{"Accept", "Accept-Language", "Accept-Encoding", "Accept-Charset"} {
				for _, v := range []string{"*/*;q=NaN", ";;;", "q", strings.Repeat("text/html,", 1000), "\xff\xfe", "zh-" + strings.Repeat("a", 5000), "gzip;q=-1", "../../etc/passwd", "application/activity+json"} {
					for _, path := range []string{"/v1/site", "/p/" + r.ben.code, r.ben.picture} {
						a := r.want(name, r.send(ctx, request{method: "GET", path: path, header: http.Header{name: {v}}}), success)
						if strings.Contains(a.Header.Get("Content-Type"), "activity+json") {
							r.fail("%s is an actor for others", path)
						}
					}
				}
			}
		}},
		{ID: "B77", What: "event streams: many, without credential, resumed with a forged ID, after signing out", Do: streams},
		{ID: "B78", What: "reading marks for activity that is not there, many at once", Do: func(ctx context.Context, r *Round) {
			var wg sync.WaitGroup
			var mu sync.Mutex
			for i := range r.many(50) {
				wg.Go(func() {
					body := []any{map[string]any{}, `{"id":"0"}`, `{"upto":"9223372036854775808"}`, `{"kind":"none"}`}[i%4]
					a := r.send(ctx, ask("POST", "/v1/users/self/activity/seen", r.ben.token, body))
					mu.Lock()
					defer mu.Unlock()
					r.want("seen", a, success, refused)
				})
			}
			wg.Wait()
		}},
		{ID: "B79", What: "what is for admins, as nobody, as a member", Do: func(ctx context.Context, r *Round) {
			for _, q := range []request{ask("GET", "/v1/admin/site", "", nil), ask("PATCH", "/v1/admin/site", "", `{"signup":"closed"}`), ask("GET", "/v1/admin/invites", "", nil), ask("POST", "/v1/admin/invites", "", `{}`), ask("GET", "/v1/admin/jobs", "", nil), ask("GET", "/v1/admin/knobs", "", nil), ask("PATCH", "/v1/admin/knobs", "", `{"writes":false}`), ask("GET", "/v1/admin/apps", "", nil)} {
				for _, token := range []string{"", r.ben.token} {
					q.token = token
					r.want(q.method+" "+q.path, r.send(ctx, q), refused)
				}
			}
		}},
	}
}

// until waits for something that jobs bring about.
func (r *Round) until(ctx context.Context, what string, done func() bool) {
	deadline := time.Now().Add(30 * time.Second)
	for !done() {
		if time.Now().After(deadline) || ctx.Err() != nil {
			r.fail("after 30 seconds it is not so that %s", what)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// heard waits, on a fleet, until its other processes have heard of what one was told: that takes a second at the most
// (docs/adr/0013). One process knows it at once.
func (r *Round) heard(ctx context.Context, done func() bool) {
	for begun := time.Now(); r.site.Fleet && !done() && time.Since(begun) < time.Second && ctx.Err() == nil; {
		time.Sleep(20 * time.Millisecond)
	}
}

// raceOfPrivacy has ben open and close his account while a stranger acts; closed, nothing may be had.
func raceOfPrivacy(ctx context.Context, r *Round) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, q := range []request{ask("POST", "/v1/media/"+r.ben.post+"/likes", r.admin.token, nil), ask("DELETE", "/v1/media/"+r.ben.post+"/likes", r.admin.token, nil), ask("GET", "/v1/media/"+r.ben.post, r.admin.token, nil), ask("GET", r.ben.picture, "", nil)} {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				a := r.send(ctx, q)
				mu.Lock()
				r.want(q.method+" "+q.path, a, success, refused)
				mu.Unlock()
			}
		})
	}
	for i := range r.many(40) {
		private := i%2 == 0
		a := r.send(ctx, ask("PATCH", "/v1/users/self", r.ben.token, map[string]any{"is_private": private}))
		mu.Lock()
		r.want("switch", a, success)
		mu.Unlock()
		if private {
			b := r.send(ctx, ask("GET", "/v1/media/"+r.ben.post, r.admin.token, nil))
			mu.Lock()
			r.want("just closed", b, refused)
			mu.Unlock()
		}
	}
	close(stop)
	wg.Wait()
	r.want("open", r.send(ctx, ask("PATCH", "/v1/users/self", r.ben.token, map[string]any{"is_private": false})), success)
	r.want("no like", r.send(ctx, ask("DELETE", "/v1/media/"+r.ben.post+"/likes", r.admin.token, nil)), success)
}

// swap sends what ana may do, as ben and as nobody. Nothing of it may work, and nothing private be seen.
func swap(ctx context.Context, r *Round) {
	for _, q := range []request{
		ask("GET", "/v1/media/"+r.ana.post, "", nil), ask("PATCH", "/v1/media/"+r.ana.post, "", `{"caption":"x"}`), ask("DELETE", "/v1/media/"+r.ana.post, "", nil), ask("GET", "/v1/media/"+r.ana.post+"/original", "", nil),
		ask("GET", "/v1/media/"+r.ana.post+"/comments", "", nil), ask("POST", "/v1/media/"+r.ana.post+"/comments", "", `{"text":"x"}`), ask("DELETE", "/v1/media/"+r.ana.post+"/comments/"+r.ana.comment, "", nil),
		ask("GET", "/v1/media/"+r.ana.post+"/likes", "", nil), ask("POST", "/v1/media/"+r.ana.post+"/likes", "", nil), ask("GET", "/v1/users/"+r.ana.id+"/media/recent", "", nil), ask("GET", "/v1/users/"+r.ana.id+"/follows", "", nil),
		ask("GET", "/v1/users/"+r.ana.id+"/followed-by", "", nil), ask("GET", "/v1/users/"+r.ana.id+"/map", "", nil), ask("GET", "/v1/media/shortcode/"+r.ana.code, "", nil), ask("GET", "/v1/uploads/"+r.ana.upload, "", nil),
		ask("GET", "/v1/uploads/"+r.ana.upload+"/preview.jpg", "", nil), ask("DELETE", "/v1/uploads/"+r.ana.upload, "", nil), ask("GET", pathOnly(r.ana.picture), "", nil), ask("GET", "/oembed?url="+url.QueryEscape(r.site.URL+"/p/"+r.ana.code), "", nil),
		ask("GET", "/p/"+r.ana.code+"/embed", "", nil), ask("GET", "/"+r.ana.name+"/feed.atom", "", nil),
	} {
		for _, token := range []string{"", r.ben.token} {
			q.token = token
			a := r.want(q.method+" "+q.path, r.send(ctx, q), refused)
			r.unseen(q.path, a)
		}
	}
	for _, page := range []string{"/p/" + r.ana.code, "/" + r.ana.name} {
		a := r.send(ctx, request{method: "GET", path: page, header: http.Header{"Accept": {"text/html"}}})
		r.want(page, a, success, refused)
		r.unseen(page, a)
		if strings.Contains(string(a.Body), "og:image\" content=\""+r.site.URL+"/m/") {
			r.fail("%s shows a private picture to link previews", page)
		}
	}
	var m struct {
		Data struct{ Caption struct{ Text string } }
	}
	if a := r.send(ctx, ask("GET", "/v1/media/"+r.ana.post, r.ana.token, nil)); !a.JSON(&m) || !strings.Contains(m.Data.Caption.Text, r.canary) {
		r.fail("ana's post is not as it was")
	}
}

func pathOnly(u string) string {
	p, err := url.Parse(u)
	if err != nil {
		return u
	}
	return p.Path
}

// streams opens event streams and ends their credential.
func streams(ctx context.Context, r *Round) {
	r.want("no credential", r.send(ctx, ask("GET", "/v1/events", "", nil)), refused)
	r.want("a wrong one", r.send(ctx, ask("GET", "/v1/events", "1.0000000.00", nil)), refused)
	in := r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": r.ben.name, "password": r.ben.password}))
	var s struct {
		Data struct {
			Token string `json:"access_token"`
		}
	}
	if !in.JSON(&s) || s.Data.Token == "" {
		r.fail("no session: %d", in.Status)
		return
	}
	ended := make(chan struct{})
	open, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	n := r.many(100)
	begun := make(chan int, n)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			req, err := http.NewRequestWithContext(open, http.MethodGet, r.site.URL+"/v1/events", http.NoBody)
			if err != nil {
				begun <- 0
				return
			}
			req.Header.Set("Authorization", "Bearer "+s.Data.Token)
			req.Header.Set("Last-Event-Id", "9223372036854775808; DROP TABLE")
			resp, err := r.client.Do(req)
			if err != nil {
				begun <- 0
				return
			}
			defer resp.Body.Close()
			begun <- resp.StatusCode
			_, _ = io.Copy(io.Discard, resp.Body)
		})
	}
	for range n {
		r.want("a stream", Answer{Status: <-begun}, success, http.StatusTooManyRequests)
	}
	r.want("sign out", r.send(ctx, ask("DELETE", "/v1/session", s.Data.Token, nil)), success)
	go func() { wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(15 * time.Second):
		r.fail("15 seconds after signing out streams are still open")
	}
}
