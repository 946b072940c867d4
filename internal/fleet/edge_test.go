package fleet

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tintype/tintype/internal/services"
)

// process is an API process for nginx to find.
type process struct {
	name string
	port int
	seen atomic.Int64

	mu     sync.Mutex
	server *httptest.Server
	answer http.HandlerFunc
}

func (p *process) start(t *testing.T) {
	t.Helper()
	ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)))
	if err != nil {
		t.Fatal(err)
	}
	p.port = ln.Addr().(*net.TCPAddr).Port
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.seen.Add(1)
		w.Header().Set("X-Process", p.name)
		p.mu.Lock()
		answer := p.answer
		p.mu.Unlock()
		answer(w, r)
	}))
	p.server.Listener.Close()
	p.server.Listener = ln
	p.server.Start()
}

func (p *process) answers(f http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = f
}

// edge runs nginx with deploy/nginx in front of two processes.
func edge(t *testing.T) (f *Fleet, processes [2]*process) {
	t.Helper()
	if _, err := services.Find("nginx"); errors.Is(err, services.ErrAbsent) {
		if strings.Contains(os.Getenv("TINTYPE_TEST_REQUIRE"), "nginx") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("/tmp", "tintype-edge-")
	if err != nil {
		t.Fatal(err)
	}
	f = &Fleet{cfg: Config{Dir: dir, Addr: "localhost:0", Program: "/bin/false", Out: t.Output()}}
	f.ctx, f.stop = context.WithCancel(context.Background())
	t.Cleanup(func() {
		if err := f.Stop(); err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	if err := f.prepareDir(); err != nil {
		t.Fatal(err)
	}
	if err := f.loadState(); err != nil {
		t.Fatal(err)
	}
	for i, name := range apiNames() {
		p := &process{name: name}
		p.answers(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Get("X-Forwarded-For")) })
		p.start(t)
		t.Cleanup(func() { p.server.Close() })
		f.state.Ports[name] = p.port
		processes[i] = p
	}
	if f.edge, err = f.planEdge(); err != nil {
		t.Fatal(err)
	}
	if err := f.startEdge(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f, processes
}

func ask(t *testing.T, client *http.Client, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func TestEdge(t *testing.T) {
	f, processes := edge(t)
	site, plain := f.URL(), &http.Client{Transport: &http.Transport{}}

	t.Run("members stay on their process", func(t *testing.T) {
		used := map[string]bool{}
		for i := range 40 {
			who := []string{"Authorization", "Bearer " + strconv.Itoa(i)}
			if i%2 == 1 {
				who = []string{"Cookie", "x=y; tintype_session=" + strconv.Itoa(i) + "; z=1"}
			}
			first, _ := ask(t, plain, "GET", site+"/v1/a", who...)
			second, _ := ask(t, plain, "GET", site+"/v1/b", append(who, "Cookie2", "other")...)
			if a, b := first.Header.Get("X-Process"), second.Header.Get("X-Process"); a != b || a == "" {
				t.Errorf("%v: %q, then %q", who, a, b)
			}
			used[first.Header.Get("X-Process")] = true
		}
		if len(used) != 2 {
			t.Errorf("40 members use %v", used)
		}
	})
	t.Run("the client's address is nginx's word", func(t *testing.T) {
		if _, body := ask(t, plain, "GET", site+"/v1/a", "X-Forwarded-For", "1.2.3.4"); body != "127.0.0.1" && body != "::1" {
			t.Errorf("the process was told %q", body)
		}
	})
	t.Run("not for the world", func(t *testing.T) {
		for _, path := range []string{"/metrics", "/healthz"} {
			if resp, _ := ask(t, plain, "GET", site+path); resp.StatusCode != http.StatusNotFound {
				t.Errorf("%s answers %s", path, resp.Status)
			}
		}
	})
	t.Run("HTTP/2 over TLS", func(t *testing.T) {
		client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		resp, _ := ask(t, client, "GET", f.TLSURL()+"/v1/a")
		if resp.ProtoMajor != 2 || resp.StatusCode != http.StatusOK {
			t.Errorf("%s %s", resp.Proto, resp.Status)
		}
	})
	t.Run("events come at once", func(t *testing.T) {
		more := make(chan struct{})
		for _, p := range processes {
			p.answers(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				fmt.Fprint(w, "data: 1\n\n")
				http.NewResponseController(w).Flush()
				<-more
			})
		}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, site+"/v1/events", nil)
		resp, err := plain.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(resp.Body).ReadString('\n'); line != "data: 1\n" {
			t.Errorf("%q, %v", line, err)
		}
		close(more)
		resp.Body.Close()
	})
	t.Run("public pictures are kept and can be purged, others are not kept", func(t *testing.T) {
		for _, p := range processes {
			p.answers(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Cookie")+r.Header.Get("Authorization") != "" {
					t.Error("the media host hands on credentials")
				}
				cache := "public, max-age=31536000, s-maxage=3600, immutable"
				if r.URL.Query().Get("sig") != "" {
					cache = "private, no-cache"
				}
				w.Header().Set("Cache-Control", cache)
				w.Header().Set("Content-Type", "image/jpeg")
				fmt.Fprint(w, "picture")
			})
		}
		status := func(path string) string {
			resp, _ := ask(t, plain, "GET", "http://"+f.edge.media+path, "Cookie", "a=b", "Authorization", "Bearer x")
			return resp.Header.Get("X-Cache")
		}
		for _, tc := range []struct{ path, want string }{
			{"/m/a/k/640.jpg", "MISS"}, {"/m/a/k/640.jpg", "HIT"}, {"/m/b/k/640.jpg?sig=1", "MISS"}, {"/m/b/k/640.jpg?sig=1", "MISS"},
		} {
			if got := status(tc.path); got != tc.want {
				t.Errorf("%s: %s, want %s", tc.path, got, tc.want)
			}
		}
		purge := "http://" + f.addr(purgeName) + "/purge/m/a/k/640.jpg"
		if resp, _ := ask(t, plain, "GET", purge); resp.StatusCode != http.StatusOK {
			t.Errorf("purging answers %s", resp.Status)
		}
		if got := status("/m/a/k/640.jpg"); got != "MISS" {
			t.Errorf("after the purge: %s", got)
		}
		if resp, _ := ask(t, plain, "GET", "http://"+f.edge.media+"/v1/site"); resp.StatusCode != http.StatusNotFound {
			t.Errorf("the API on the host of media answers %s", resp.Status)
		}
	})
	t.Run("a read is tried elsewhere, a write that was sent is not repeated", func(t *testing.T) {
		for _, p := range processes {
			p.answers(func(w http.ResponseWriter, r *http.Request) {
				if p.name == "api-1" {
					w.WriteHeader(http.StatusBadGateway) // as a process that drains
				}
			})
		}
		for i := range 20 { // of whom some belong to each process
			if resp, _ := ask(t, plain, "GET", site+"/v1/a", "Authorization", "r"+strconv.Itoa(i)); resp.StatusCode != http.StatusOK {
				t.Errorf("a read answers %s", resp.Status)
			}
		}
		before := processes[0].seen.Load() + processes[1].seen.Load()
		for i := range 20 {
			ask(t, plain, "POST", site+"/v1/a", "Authorization", "w"+strconv.Itoa(i))
		}
		if n := processes[0].seen.Load() + processes[1].seen.Load() - before; n != 20 {
			t.Errorf("20 writes were sent %d times", n)
		}
	})
	t.Run("a dead process costs nothing, writes included", func(t *testing.T) {
		for _, p := range processes {
			p.answers(func(w http.ResponseWriter, r *http.Request) {})
		}
		for i := range 20 { // connections are kept to both
			ask(t, plain, "GET", site+"/v1/a", "Authorization", "d"+strconv.Itoa(i))
		}
		processes[0].server.Close()
		for i := range 40 {
			method := []string{"GET", "POST"}[i%2]
			if resp, _ := ask(t, plain, method, site+"/v1/a", "Authorization", "d"+strconv.Itoa(i)); resp.StatusCode != http.StatusOK || resp.Header.Get("X-Process") != "api-2" {
				t.Errorf("a %s answers %s by %q", method, resp.Status, resp.Header.Get("X-Process"))
			}
		}
		processes[0].start(t)
		until(t, "nginx to come back to the process", func() bool {
			for i := range 20 {
				resp, _ := ask(t, plain, "GET", site+"/v1/a", "Authorization", "d"+strconv.Itoa(i))
				if resp.Header.Get("X-Process") == "api-1" {
					return true
				}
			}
			return false
		})
	})
}

// TestEdgeUnavailable: what is unavailable to some (the users of a database that is down, what an
// operator switched off) is answered by both processes, with 503; nginx takes neither for dead because of it.
func TestEdgeUnavailable(t *testing.T) {
	f, processes := edge(t)
	site, plain := f.URL(), &http.Client{Transport: &http.Transport{}}
	for _, p := range processes {
		p.answers(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/unavailable" {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusServiceUnavailable)
				fmt.Fprint(w, "a sentence")
				return
			}
			fmt.Fprint(w, "well")
		})
	}
	for i := range 20 {
		who := strconv.Itoa(i)
		if resp, body := ask(t, plain, "GET", site+"/v1/unavailable", "Authorization", "Bearer "+who); resp.StatusCode != http.StatusServiceUnavailable || body != "a sentence" {
			t.Fatalf("what is unavailable, time %d: %d %q", i, resp.StatusCode, body)
		}
		if resp, body := ask(t, plain, "GET", site+"/v1/well", "Authorization", "Bearer "+who); resp.StatusCode != http.StatusOK || body != "well" {
			t.Fatalf("what is well, time %d: %d %q", i, resp.StatusCode, body)
		}
	}
}
