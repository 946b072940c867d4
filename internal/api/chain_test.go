package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/redis"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

func TestRouter(t *testing.T) {
	t.Parallel()
	rt := newRouter(Routes())
	for _, tt := range []struct {
		path, want string // pattern, or "" for none
		params     string
	}{
		{path: "/v1/users/self", want: "/v1/users/self"},
		{path: "/v1/users/12", want: "/v1/users/{id}", params: "id=12"},
		{path: "/v1/users/12/", want: "/v1/users/{id}", params: "id=12"},
		{path: "/v1/users/12.json", want: "/v1/users/{id}", params: "id=12"},
		{path: "/v1/users/self/feed.json", want: "/v1/users/self/feed"},
		{path: "/v1/users/self/follows", want: "/v1/users/{id}/follows", params: "id=self"},
		{path: "/v1/users/by-username/relationship", want: "/v1/users/by-username/{username}", params: "username=relationship"},
		{path: "/v1/users/by-username/a.json", want: "/v1/users/by-username/{username}", params: "username=a.json"},
		{path: "/v1/users/search/relationship", want: "/v1/users/{id}/relationship", params: "id=search"},
		{path: "/v1/media/1_2/comments/3", want: "/v1/media/{id}/comments/{cid}", params: "id=1_2 cid=3"},
		{path: "/m/abc/key/640.jpg", want: "/m/{shortcode}/{key}/{size}.jpg", params: "shortcode=abc key=key size=640"},
		{path: "/oauth/access_token/", want: "/oauth/access_token"},
		{path: "/v1/uploads/7/preview.jpg", want: "/v1/uploads/{id}/preview.jpg", params: "id=7"},
		{path: "/v1/users/%31", want: "/v1/users/{id}", params: "id=1"},
		{path: "/v1/users/a%2fb"}, {path: "/v1/users/%00"}, {path: "/v1/users/%zz"}, {path: "/v1/users/%ff"}, {path: "//v1/site"}, {path: "/v1//site"}, {path: "/v1/./site"},
		{path: "/v1/users/../site"}, {path: "/%76%31/site"}, {path: "/V1/site"}, {path: "/v1/site;x"}, {path: "/v1/site/x"}, {path: "/v1"}, {path: ""},
		{path: "v1/site"}, {path: "/m/abc/key/640.png"}, {path: "/m/abc/key/.jpg"}, {path: "/m/a/b/c/d.jpg"}, {path: "/v1/users/"}, {path: "/v1/users//relationship"},
	} {
		var p params
		n := rt.find(tt.path, &p)
		var got string
		var list []string
		if n != nil {
			for _, r := range n.methods {
				got = r.Pattern
			}
			for i := range p.n {
				list = append(list, p.names[i]+"="+p.values[i])
			}
		}
		if got == "" && tt.path == "/v1/users/" {
			continue
		}
		if tt.path == "/v1/users/" { // POST /v1/users with a slash behind it
			tt.want = "/v1/users"
		}
		if got != tt.want || strings.Join(list, " ") != tt.params {
			t.Errorf("%q: %q with %v, want %q with %q", tt.path, got, list, tt.want, tt.params)
		}
	}
}

// TestRoutesAreWhole checks what the table must not get wrong.
func TestRoutesAreWhole(t *testing.T) {
	t.Parallel()
	for _, r := range Routes() {
		name := r.Method + " " + r.Pattern
		switch {
		case r.handle == nil:
			t.Errorf("%s has no handler", name)
		case r.Access >= Session && r.Scope != tintype.ScopeSession:
			t.Errorf("%s is for sessions and asks for another scope", name)
		case r.Access == Token && r.Scope == 0:
			t.Errorf("%s needs a credential and no scope", name)
		case (r.Repeat != NoRepeat) && r.Method != http.MethodPost:
			t.Errorf("%s is no POST and takes an Idempotency-Key", name)
		case r.Method == http.MethodPost && r.Repeat == NoRepeat && !strings.HasPrefix(r.Pattern, "/oauth/"):
			t.Errorf("%s is a POST and takes no Idempotency-Key", name)
		case r.Method == http.MethodGet && r.Body != noBody, r.Method == http.MethodDelete && r.Body != noBody:
			t.Errorf("%s takes a body", name)
		case strings.HasPrefix(r.Pattern, "/v1/suspension"): // where those who are shut out show their ticket
		case r.Pattern == "/v1/subscriptions": // where apps show their secret, as at /oauth/
		case strings.HasPrefix(r.Pattern, "/v1/email/"), strings.HasPrefix(r.Pattern, "/v1/password/"): // where a link from a letter is shown, or asked for
		case r.Method != http.MethodGet && r.Access == Public && !r.SignsIn && !strings.HasPrefix(r.Pattern, "/oauth/"):
			t.Errorf("%s lets anybody write", name)
		}
	}
}

func TestClientAddr(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, tt := range []struct {
		name, peer string
		headers    []string
		want       string
	}{
		{name: "direct", peer: "192.0.2.1:5", want: "192.0.2.1"},
		{name: "a stranger's claim", peer: "192.0.2.1:5", headers: []string{"203.0.113.9"}, want: "192.0.2.1"},
		{name: "one proxy", peer: "10.0.0.1:5", headers: []string{"203.0.113.9"}, want: "203.0.113.9"},
		{name: "a claim before a proxy's word", peer: "10.0.0.1:5", headers: []string{"1.1.1.1, 203.0.113.9"}, want: "203.0.113.9"},
		{name: "two proxies", peer: "10.0.0.1:5", headers: []string{"1.1.1.1, 203.0.113.9, 10.9.9.9"}, want: "203.0.113.9"},
		{name: "two headers", peer: "10.0.0.1:5", headers: []string{"1.1.1.1", "203.0.113.9"}, want: "203.0.113.9"},
		{name: "nonsense", peer: "10.0.0.1:5", headers: []string{"203.0.113.9, unknown"}, want: "10.0.0.1"},
		{name: "all trusted", peer: "10.0.0.1:5", headers: []string{"10.0.0.2"}, want: "10.0.0.2"},
		{name: "no header", peer: "10.0.0.1:5", want: "10.0.0.1"},
		{name: "mapped", peer: "[::ffff:10.0.0.1]:5", headers: []string{"::ffff:203.0.113.9"}, want: "203.0.113.9"},
		{name: "zone", peer: "[fe80::1%eth0]:5", want: "fe80::1"},
		{name: "a port is no address", peer: "[::1]:5", headers: []string{"203.0.113.9:80"}, want: "::1"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tt.peer
		r.Header["X-Forwarded-For"] = tt.headers
		if got := ClientAddr(r, trusted); got.String() != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestGoodHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8080": true, "photos.example": true, "[::1]": true, "[::1]:8080": true, "192.0.2.1:80": true, "my_host": true,
		"": false, "a b": false, "a/b": false, "evil\"x": false, "a:b": false, "a:": false, "a:123456": false, "[::1": false, "[::1%25eth0]": false, "user@host": false, "[192.0.2.1]": false, ".x": false, "a\r\nb": false,
	} {
		if got := goodHost(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}

func TestExplicitCredential(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		headers []string
		query   string
		form    string
		want    string
		err     error
	}{
		{name: "none"},
		{name: "bearer", headers: []string{"Bearer abc"}, want: "abc"},
		{name: "lower case", headers: []string{"bearer abc"}, want: "abc"},
		{name: "query", query: "access_token=abc&client_id=x&client_secret=y", want: "abc"},
		{name: "form, as ruby", headers: []string{`Token token="abc"`}, form: "access_token=abc", want: "abc"},
		{name: "all the same", headers: []string{"Bearer abc"}, query: "access_token=abc", form: "access_token=abc", want: "abc"},
		{name: "two that differ", headers: []string{"Bearer abc"}, query: "access_token=abd", err: errConflicting},
		{name: "twice in the query", query: "access_token=a&access_token=b", err: errConflicting},
		{name: "two headers", headers: []string{"Bearer a", "Bearer a"}, err: errConflicting},
		{name: "empty", headers: []string{"Bearer "}, err: errCredential},
		{name: "empty in the query", query: "access_token=", err: errCredential},
		{name: "a proxy's password", headers: []string{"Basic dXNlcjpwYXNz"}},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Authorization"] = tt.headers
		c := &call{r: r, query: mustQuery(t, tt.query), form: mustQuery(t, tt.form)}
		got, err := c.explicit()
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %q, %v; want %q, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestReadCookie(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, cookie string
		secure       bool
		want         string
		err          error
	}{
		{name: "none"},
		{name: "plain", cookie: "tintype_session=abc; x=y", want: "abc"},
		{name: "planted over http", cookie: "tintype_session=evil", secure: true},
		{name: "secure", cookie: "tintype_session=evil; __Host-tintype_session=abc", secure: true, want: "abc"},
		{name: "two that differ", cookie: "tintype_session=a; tintype_session=b", err: errConflicting},
		{name: "twice the same", cookie: "tintype_session=a; tintype_session=a", want: "a"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if tt.cookie != "" {
			r.Header.Set("Cookie", tt.cookie)
		}
		got, err := readCookie(r, tt.secure)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: %q, %v; want %q, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

// TestSharedLimiter: two processes count against one budget, and each goes on
// by itself while what they share is dead.
func TestSharedLimiter(t *testing.T) {
	t.Parallel()
	server := testserve.Redis(t)
	open := func() *limiter {
		pool, err := redis.Open(redis.Config{Servers: []string{server.Addr()}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		return newLimiter(func() time.Time { return noon }, func() int { return 100 }, redis.Budgets{P: pool})
	}
	a, b := open(), open()
	until := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("waited in vain until ", what)
			}
		}
	}
	used := func(l *limiter, key string) int {
		p := l.part(key)
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.m[key].this
	}
	for range 40 {
		a.take("k")
		b.take("k")
		a.take("other")
	}
	// It takes a call here to hear of the others'.
	until("a knows of all", func() bool { a.take("k"); return used(a, "k") > 80 })
	until("b knows of all", func() bool { b.take("k"); return used(b, "k") > 80 })
	until("nothing is left", func() bool { _, wait := a.take("k"); return wait > 0 })
	if n := used(a, "other"); n != 40 {
		t.Errorf("another budget: %d", n)
	}
	server.Kill()
	for i := range 100 {
		if _, wait := a.take("new"); wait != 0 {
			t.Fatalf("call %d is refused while counts are not shared", i)
		}
	}
	if _, wait := a.take("new"); wait == 0 {
		t.Error("nothing is counted while counts are not shared")
	}
	server.Start()
	until("b hears of what a counted meanwhile", func() bool { b.take("new"); return used(b, "new") >= 100 })
}

// deaf is Budgets whose answers are lost now and then, after it has counted.
type deaf struct {
	Budgets
	calls atomic.Int64
}

func (d *deaf) Count(ctx context.Context, hour int64, process string, shares []tintype.Share) (this, before []int, err []error) {
	this, before, err = d.Budgets.Count(ctx, hour, process, shares)
	if d.calls.Add(1)%2 == 1 {
		for i := range err {
			this[i], err[i] = 0, context.DeadlineExceeded
		}
	}
	return this, before, err
}

// TestLimiterLostAnswers: what was counted while the answer was lost is not counted again.
func TestLimiterLostAnswers(t *testing.T) {
	t.Parallel()
	pool, err := redis.Open(redis.Config{Servers: []string{testserve.Redis(t).Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	lost := &deaf{Budgets: redis.Budgets{P: pool}}
	l := newLimiter(func() time.Time { return noon }, func() int { return 1000 }, lost)
	sum := func() int {
		this, _, errs := lost.Budgets.Count(t.Context(), noon.Unix()/3600, "onlooker", []tintype.Share{{Key: "k"}})
		if errs[0] != nil {
			t.Fatal(errs[0])
		}
		return this[0]
	}
	settled := func() bool {
		p := l.part("k")
		p.mu.Lock()
		defer p.mu.Unlock()
		w := p.m["k"]
		return w.unsent == 0 && w.share.N == 0
	}
	for round := 1; round <= 3; round++ {
		for range 10 {
			l.take("k")
		}
		for end := time.Now().Add(20 * time.Second); !settled(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("calls are not brought to the others")
			}
		}
		if n := sum(); n != 10*round {
			t.Errorf("%d calls are known to all, want %d", n, 10*round)
		}
	}
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	now := noon
	l := newLimiter(func() time.Time { return now }, func() int { return 10 }, nil)
	for i := range 10 {
		if left, wait := l.take("a"); left != 9-i || wait != 0 {
			t.Fatalf("call %d: %d left, wait %d", i, left, wait)
		}
	}
	if _, wait := l.take("a"); wait == 0 {
		t.Error("the eleventh call was let in")
	}
	if left, _ := l.take("b"); left != 9 {
		t.Error("one budget counts against another")
	}
	now = noon.Add(90 * time.Minute) // half of the first hour's ten still count
	if left, wait := l.take("a"); left != 4 || wait != 0 {
		t.Errorf("half an hour into the next hour: %d left, wait %d", left, wait)
	}
	now = noon.Add(5 * time.Hour)
	if left, _ := l.take("a"); left != 9 {
		t.Errorf("hours later: %d left", left)
	}
	for i := range 200_000 { // memory stays bounded whatever comes
		l.take(fmt.Sprint(i))
	}
	n := 0
	for i := range l.parts {
		n += len(l.parts[i].m)
	}
	if n > len(l.parts)*maxWindows {
		t.Errorf("%d windows are kept", n)
	}
	h := http.Header{}
	l.headers(h, 3)
	if h.Get("X-Ratelimit-Limit") != "10" || h.Get("X-Ratelimit-Remaining") != "3" {
		t.Errorf("headers: %v", h)
	}
}

func TestAddressKey(t *testing.T) {
	t.Parallel()
	a, b := addressKey(netip.MustParseAddr("2001:db8::1")), addressKey(netip.MustParseAddr("2001:db8::ffff:2"))
	if a != b {
		t.Error("two addresses of one /64 have two budgets")
	}
	if addressKey(netip.MustParseAddr("192.0.2.1")) == addressKey(netip.MustParseAddr("192.0.2.2")) {
		t.Error("two IPv4 addresses have one budget")
	}
}

func TestMemoryAnswers(t *testing.T) {
	t.Parallel()
	now := noon
	m := newMemoryAnswers(func() time.Time { return now })
	key := func(who, what byte) onceKey { return onceKey{who: [32]byte{who}, what: [32]byte{what}} }
	if done, err := m.claim(key(1, 1)); done != nil || err != nil {
		t.Fatal(done, err)
	}
	if _, err := m.claim(key(1, 1)); !errors.Is(err, errInFlight) {
		t.Errorf("while it is worked on: %v", err)
	}
	if _, err := m.claim(key(1, 2)); !errors.Is(err, errReused) {
		t.Errorf("for another request: %v", err)
	}
	m.settle(key(1, 1), &remembered{status: 201})
	if done, err := m.claim(key(1, 1)); err != nil || done == nil || done.status != 201 {
		t.Errorf("after it was answered: %v, %v", done, err)
	}
	m.claim(key(2, 1))
	m.settle(key(2, 1), nil)
	if done, err := m.claim(key(2, 1)); done != nil || err != nil {
		t.Errorf("after it failed: %v, %v", done, err)
	}
	now = noon.Add(2 * answerLife)
	if done, err := m.claim(key(1, 9)); done != nil || err != nil {
		t.Errorf("long after: %v, %v", done, err)
	}
	for i := range 3 * maxAnswers {
		k := onceKey{who: [32]byte{3, byte(i), byte(i >> 8)}}
		m.claim(k)
		m.settle(k, &remembered{status: 200})
	}
	// Two are being worked on; once answered, however late, they make room like the others.
	if len(m.m) > maxAnswers+2 || len(m.order) > maxAnswers {
		t.Errorf("%d answers are kept, %d in order", len(m.m), len(m.order))
	}
	m.settle(key(2, 1), &remembered{status: 201})
	m.settle(key(1, 9), &remembered{status: 201})
	for i := range 2 * maxAnswers {
		k := onceKey{who: [32]byte{4, byte(i), byte(i >> 8)}}
		m.claim(k)
		m.settle(k, &remembered{status: 200, body: make([]byte, maxAnswer)})
	}
	if len(m.m) > maxAnswers || m.m[key(2, 1).who] != nil || m.m[key(1, 9).who] != nil {
		t.Errorf("%d answers are kept, among them very old ones", len(m.m))
	}
	held := 0
	for _, e := range m.m {
		held += len(e.done.body)
	}
	if held > maxMemory || held != m.bytes {
		t.Errorf("%d bytes are held, %d counted", held, m.bytes)
	}
}

// TestErrorTable has a status for every kind, and shows nothing of our own faults.
func TestErrorTable(t *testing.T) {
	t.Parallel()
	for k := tintype.Internal; k <= tintype.Full; k++ {
		if _, ok := errorTable[k]; !ok {
			t.Errorf("%v has no status", k)
		}
	}
	s, msg, _, _ := resolve(&tintype.Error{Kind: tintype.Internal, Msg: "secret", Err: errors.New("detail")})
	if s.status != 500 || strings.Contains(msg, "secret") || strings.Contains(msg, "detail") {
		t.Errorf("an internal error shows %q with status %d", msg, s.status)
	}
	if s, _, _, retry := resolve(&tintype.Error{Kind: tintype.RateLimited}); s.status != 429 || retry == 0 {
		t.Errorf("rate limited: %v, retry %d", s, retry)
	}
	if s, _, _, _ := resolve(&http.MaxBytesError{}); s.status != 413 {
		t.Errorf("too large a body: %v", s)
	}
}

func TestScopeNames(t *testing.T) {
	t.Parallel()
	if got := scopeList(tintype.ScopeAll); !slices.Equal(got, []string{"basic", "likes", "comments", "relationships", "media"}) {
		t.Errorf("all scopes are %v", got)
	}
	if got := ScopeNames(0); got != "" {
		t.Errorf("no scope is %q", got)
	}
}

// FuzzRouter sends any path: what is found has whole, unescaped parameters, and finding it again finds the same.
func FuzzRouter(f *testing.F) {
	rt := newRouter(Routes())
	for _, r := range Routes() {
		f.Add(r.Pattern)
	}
	f.Add("/v1/users/%2e%2e%2fself")
	f.Fuzz(func(t *testing.T, path string) {
		var p, again params
		n := rt.find(path, &p)
		if n == nil {
			return
		}
		for i := range p.n {
			if p.values[i] == "" || strings.ContainsAny(p.values[i], "/\x00") || !utf8.ValidString(p.values[i]) {
				t.Fatalf("%q gave the parameter %q", path, p.values[i])
			}
		}
		if rt.find(path, &again) != n || p != again {
			t.Fatalf("%q is found differently the second time", path)
		}
	})
}
