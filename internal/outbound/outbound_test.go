package outbound

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		addr string
		want bool
	}{
		{"93.184.216.34", true}, {"1.1.1.1", true}, {"100.63.255.255", true}, {"100.128.0.1", true}, {"172.15.0.1", true}, {"172.32.0.1", true},
		{"192.167.255.255", true}, {"198.17.255.255", true}, {"198.20.0.1", true}, {"223.255.255.255", true}, {"11.0.0.1", true}, {"9.255.255.255", true},
		{"2606:2800:220:1:248:1893:25c8:1946", true}, {"2a00:1450:4001:81a::200e", true}, {"2001:4860:4860::8888", true}, {"::ffff:1.1.1.1", true},

		{"0.0.0.0", false}, {"0.1.2.3", false}, {"10.0.0.1", false}, {"10.255.255.255", false}, {"100.64.0.1", false}, {"100.127.255.255", false},
		{"127.0.0.1", false}, {"127.255.255.254", false}, {"169.254.169.254", false}, {"172.16.0.1", false}, {"172.31.255.255", false},
		{"192.0.0.8", false}, {"192.0.2.1", false}, {"192.88.99.1", false}, {"192.168.1.1", false}, {"198.18.0.1", false}, {"198.19.255.255", false},
		{"198.51.100.1", false}, {"203.0.113.1", false}, {"224.0.0.1", false}, {"239.255.255.255", false}, {"240.0.0.1", false}, {"255.255.255.255", false},
		{"::", false}, {"::1", false}, {"::7f00:1", false}, {"::ffff:127.0.0.1", false}, {"::ffff:10.0.0.1", false}, {"::ffff:169.254.169.254", false},
		{"64:ff9b::7f00:1", false}, {"64:ff9b::101:101", false}, {"64:ff9b:1::1", false}, {"100::1", false}, {"2001::1", false}, {"2001:20::1", false},
		{"2001:db8::1", false}, {"2002:7f00:1::", false}, {"3fff::1", false}, {"fc00::1", false}, {"fd12:3456::1", false}, {"fe80::1", false}, {"fe80::1%eth0", false},
		{"fec0::1", false}, {"ff02::1", false}, {"4000::1", false},
	} {
		if got := Public(netip.MustParseAddr(tt.addr)); got != tt.want {
			t.Errorf("Public(%s) = %v", tt.addr, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	o := New(Config{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}})
	for _, tt := range []struct {
		address string
		ok      bool
	}{
		{"https://app.example/hook?x=1", true}, {"http://app.example:8080/", true}, {"https://app.example:443/", true}, {"http://10.1.2.3/", true}, {"http://93.184.216.34:1025/", true},
		{"ftp://app.example/", false}, {"file:///etc/passwd", false}, {"gopher://app.example/", false}, {"javascript:alert(1)", false}, {"", false}, {"app.example/hook", false},
		{"http://", false}, {"http:app.example", false}, {"http://me:secret@app.example/", false}, {"http://app.example:22/", false}, {"http://app.example:1024/", false},
		{"http://app.example:0/", false}, {"http://app.example:65536/", false}, {"http://127.0.0.1/", false}, {"http://[::1]/", false}, {"http://[::ffff:127.0.0.1]/", false},
		{"http://10.2.0.1/", false}, {"http://169.254.169.254/latest/meta-data", false}, {"http://[fe80::1%25eth0]/", false},
	} {
		err := o.Check(tt.address)
		if (err == nil) != tt.ok || err != nil && !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("Check(%q): %v", tt.address, err)
		}
	}
}

// heard is a server on loopback that counts who comes.
func heard(t *testing.T, h http.HandlerFunc) (port string, calls *atomic.Int32) {
	t.Helper()
	calls = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	_, port, _ = net.SplitHostPort(s.Listener.Addr().String())
	return port, calls
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

func names(m map[string][]string) func(context.Context, string) ([]netip.Addr, error) {
	return func(_ context.Context, name string) ([]netip.Addr, error) {
		var out []netip.Addr
		for _, s := range m[name] {
			out = append(out, netip.MustParseAddr(s))
		}
		return out, nil
	}
}

func TestRefusesWhatIsNotPublic(t *testing.T) {
	t.Parallel()
	port, calls := heard(t, func(http.ResponseWriter, *http.Request) {})
	o := New(Config{Resolve: names(map[string][]string{
		"inside.example": {"127.0.0.1"}, "mixed.example": {"93.184.216.34", "127.0.0.1"}, "mapped.example": {"::ffff:127.0.0.1"}, "decimal": {"127.0.0.1"},
	})})
	for _, host := range []string{"inside.example", "mixed.example", "mapped.example", "decimal", "127.0.0.1", "[::ffff:7f00:1]", "inside.example."} {
		_, _, err := o.Get(t.Context(), "http://"+host+":"+port+"/")
		if !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls came through", n)
	}
}

// TestRebinding has a name that is public when it is looked at first and
// loopback from then on, as an attacker's server would answer.
func TestRebinding(t *testing.T) {
	t.Parallel()
	port, calls := heard(t, func(http.ResponseWriter, *http.Request) {})
	var asked atomic.Int32
	o := New(Config{Timeout: 300 * time.Millisecond, Resolve: func(context.Context, string) ([]netip.Addr, error) {
		if asked.Add(1) == 1 {
			return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil // allowed below, and nobody is there
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	if _, _, err := o.Get(t.Context(), "http://rebind.example:"+port+"/"); err == nil {
		t.Error("somebody answered")
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the name was resolved %d times for one connection: the address dialled is not the one that was judged", n)
	}
	// And what it says now is judged anew.
	if _, _, err := o.Get(t.Context(), "http://rebind.example:"+port+"/"); !tintype.IsKind(err, tintype.Invalid) {
		t.Errorf("the second time: %v", err)
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls came through", n)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	inside, calls := heard(t, func(http.ResponseWriter, *http.Request) {})
	var mine string
	port, _ := heard(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/inside":
			http.Redirect(w, r, "http://secret.example:"+inside+"/", http.StatusTemporaryRedirect)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusTemporaryRedirect)
		case "/port":
			http.Redirect(w, r, "http://hook.example:22/", http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		case "/lost":
			http.Redirect(w, r, mine+"/end", http.StatusFound)
		case "/kept":
			http.SetCookie(w, &http.Cookie{Name: "c", Value: "1"})
			http.Redirect(w, r, mine+"/end", http.StatusPermanentRedirect)
		default:
			if r.Header.Get("Cookie") != "" {
				t.Error("a cookie was kept")
			}
			_, _ = w.Write(append([]byte(r.Method+" "+r.Header.Get("X-Mark")+" "), body...))
		}
	})
	mine = "http://hook.example:" + port
	o := New(Config{Allow: loopback, Resolve: names(map[string][]string{"hook.example": {"127.0.0.1"}, "secret.example": {"127.0.0.2"}})})
	for path, kind := range map[string]tintype.Kind{"/inside": tintype.Invalid, "/file": tintype.Invalid, "/port": tintype.Invalid, "/loop": tintype.Unavailable, "/lost": tintype.Unavailable} {
		if _, _, err := o.Post(t.Context(), mine+path, nil, []byte("x")); !tintype.IsKind(err, kind) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("%d calls came inside by redirects", n)
	}
	status, answer, err := o.Post(t.Context(), mine+"/kept", map[string]string{"X-Mark": "m"}, []byte("body"))
	if err != nil || status != 200 || string(answer) != "POST m body" {
		t.Errorf("a redirect that keeps the method: %d %q %v", status, answer, err)
	}
	if status, answer, err = o.Get(t.Context(), mine+"/lost"); err != nil || status != 200 || string(answer) != "GET  " {
		t.Errorf("a GET that is redirected: %d %q %v", status, answer, err)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	port, _ := heard(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			select {
			case <-release:
			case <-r.Context().Done():
			}
			return
		}
		_, _ = io.Copy(w, io.LimitReader(zeros{}, 10<<20))
	})
	defer close(release)
	o := New(Config{Allow: loopback, Timeout: 500 * time.Millisecond})
	if _, answer, err := o.Get(t.Context(), "http://127.0.0.1:"+port+"/big"); err != nil || len(answer) != maxAnswer {
		t.Errorf("a big answer: %d bytes, %v", len(answer), err)
	}
	_, _, err := o.Get(t.Context(), "http://127.0.0.1:"+port+"/slow")
	if !tintype.IsKind(err, tintype.Unavailable) || !strings.Contains(err.Error(), "did not answer") {
		t.Errorf("a slow one: %v", err)
	}
	if _, _, err := o.Get(t.Context(), "http://127.0.0.1:1/"); !tintype.IsKind(err, tintype.Invalid) {
		t.Errorf("a low port: %v", err)
	}
}

// TestNoProxy: a proxy in the environment would resolve names past us.
func TestNoProxy(t *testing.T) {
	proxy, calls := heard(t, func(http.ResponseWriter, *http.Request) {})
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:"+proxy)
	t.Setenv("http_proxy", "http://127.0.0.1:"+proxy)
	o := New(Config{Timeout: 200 * time.Millisecond, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Resolve: names(map[string][]string{"x.example": {"192.0.2.1"}})})
	if _, _, err := o.Get(t.Context(), "http://x.example/"); err == nil {
		t.Error("somebody answered")
	}
	if calls.Load() != 0 {
		t.Error("the proxy of the environment was used")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestTransport lets a library reach the hosts that were named, and no other that is not public.
func TestTransport(t *testing.T) {
	t.Parallel()
	named, asked := heard(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })
	other, calls := heard(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })
	c := &http.Client{Transport: New(Config{}).Transport("127.0.0.1:" + named)}
	get := func(address string) error {
		resp, err := c.Get(address)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	if err := get("http://127.0.0.1:" + named + "/x"); err != nil || asked.Load() != 1 {
		t.Errorf("the one that was named: %v", err)
	}
	for _, address := range []string{"http://127.0.0.1:" + other, "http://localhost:" + named, "http://[::1]:" + named, "http://169.254.169.254/"} {
		if err := get(address); err == nil {
			t.Errorf("%s is reached", address)
		}
	}
	if calls.Load() != 0 || asked.Load() != 1 {
		t.Error("somebody was asked who should not have been")
	}
}
