package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serve runs a server with a handler until the test ends, or stop is called.
func serve(t *testing.T, h http.HandlerFunc, log io.Writer, closing func()) (base string, stop func() error) {
	t.Helper()
	s := New(Config{Handler: h, Health: func(context.Context) error { return nil }, Closing: closing, Log: slog.New(slog.NewTextHandler(log, nil)),
		Slow: 20 * time.Millisecond, Statements: func() map[string]map[string]int64 { return map[string]map[string]int64{"main": {"users.get": 7}} },
		Gauges: map[string]Gauge{"tintype_test": {Help: "a test", Read: func() float64 { return 42 }}}})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, ln) }()
	stopped := false
	stop = func() error {
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		if !stopped {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
	})
	return "http://" + ln.Addr().String(), stop
}

func get(t *testing.T, url string, header ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, nil, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, resp.Header, "cut: " + err.Error()
	}
	return resp.StatusCode, resp.Header, string(b)
}

func TestServer(t *testing.T) {
	t.Parallel()
	var log safeBuilder
	base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		r.Pattern = "/x"
		switch r.URL.Path {
		case "/panic":
			panic("a secret detail")
		case "/half":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "half")
			http.NewResponseController(w).Flush()
			panic("in the middle")
		case "/slow":
			time.Sleep(30 * time.Millisecond)
		}
		fmt.Fprint(w, r.Header.Get("X-Request-Id"))
	}, &log, nil)

	code, h, body := get(t, base+"/", "X-Request-Id", "forged")
	if code != 200 || body == "forged" || body == "" || h.Get("X-Request-Id") != body {
		t.Errorf("request ID: %d, header %q, handler saw %q", code, h.Get("X-Request-Id"), body)
	}
	if code, _, body := get(t, base+"/panic?access_token=t0ken"); code != 500 || strings.Contains(body, "secret") || !strings.Contains(body, `"code":500`) {
		t.Errorf("a panic answers %d %s", code, body)
	}
	if _, _, body := get(t, base+"/half?access_token=t0ken"); !strings.HasPrefix(body, "cut:") {
		t.Errorf("an answer that a panic cut short reads as %q", body)
	}
	get(t, base+"/slow?access_token=t0ken")
	if code, _, body := get(t, base+"/healthz"); code != 200 || !strings.Contains(body, "ok") {
		t.Errorf("health: %d %s", code, body)
	}
	code, _, body = get(t, base+"/metrics")
	for _, want := range []string{`tintype_request_seconds_count{method="GET",route="/x",status="2xx"} 2`, `tintype_panics_total 2`,
		`tintype_statements_total{database="main",statement="users.get"} 7`, "tintype_test 42", "go_goroutines"} {
		if code != 200 || !strings.Contains(body, want) {
			t.Errorf("metrics (%d) have no %s", code, want)
		}
	}
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "Via"} {
		if code, _, _ := get(t, base+"/metrics", header, "for=1.2.3.4"); code != 404 {
			t.Errorf("metrics for somebody behind a proxy (%s): %d", header, code)
		}
	}
	text := log.String()
	if !strings.Contains(text, "a secret detail") || !strings.Contains(text, "slow request") {
		t.Errorf("the log is %s", text)
	}
	if strings.Contains(text+body, "t0ken") {
		t.Errorf("an access_token of a URL stands in the log or the metrics:\n%s\n%s", text, body)
	}
}

// TestGracefulEnd lets a request under way finish, ends a stream, and refuses what comes later.
func TestGracefulEnd(t *testing.T) {
	t.Parallel()
	begun, finish, closing := make(chan struct{}, 2), make(chan struct{}), make(chan struct{})
	base, stop := serve(t, func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		if r.URL.Path == "/stream" {
			http.NewResponseController(w).Flush()
			<-closing
			return
		}
		<-finish
		fmt.Fprint(w, "whole")
	}, io.Discard, func() { close(closing); close(finish) })
	answer := make(chan string, 2)
	for _, path := range []string{"/request", "/stream"} {
		go func() {
			code, _, body := get(t, base+path)
			answer <- fmt.Sprint(code, body)
		}()
	}
	<-begun
	<-begun
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	got := []string{<-answer, <-answer}
	if !(got[0] == "200whole" && got[1] == "200" || got[1] == "200whole" && got[0] == "200") {
		t.Errorf("answers: %q", got)
	}
	if code, _, _ := get(t, base+"/"); code != 0 {
		t.Errorf("after the end: %d", code)
	}
}

// TestHostileRequests speaks broken HTTP at a socket: each is refused or cut, and the server goes on.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, "ok")
	}, io.Discard, nil)
	addr := strings.TrimPrefix(base, "http://")
	for name, raw := range map[string]string{
		"large header":         "GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 100<<10) + "\r\n\r\n",
		"NUL in a header":      "GET / HTTP/1.1\r\nHost: x\r\nA: a\x00b\r\n\r\n",
		"folded header":        "GET / HTTP/1.1\r\nHost: x\r\nA: a\r\n b\r\n\r\n",
		"space before colon":   "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n",
		"no host":              "GET / HTTP/1.1\r\n\r\n",
		"two hosts":            "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		"two lengths":          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"negative length":      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"odd transfer coding":  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
		"chunk size with plus": "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n",
		"huge chunk size":      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na",
		"no HTTP":              "hello\r\n\r\n",
		"proxy protocol":       "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"odd expectation":      "POST / HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\nContent-Length: 1\r\n\r\na",
	} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(c, raw)
		line, err := bufio.NewReader(c).ReadString('\n')
		if strings.Contains(line, " 200 ") && !strings.HasPrefix(name, "chunk") && !strings.HasPrefix(name, "huge chunk") && name != "folded header" {
			t.Errorf("%s: %q, %v", name, line, err)
		}
		c.Close()
	}
	if code, _, _ := get(t, base+"/"); code != 200 {
		t.Errorf("after all that the server answers %d", code)
	}
}

func TestHealthFails(t *testing.T) {
	t.Parallel()
	s := New(Config{Handler: http.NotFoundHandler(), Health: func(context.Context) error { return errors.New("no database") }, Log: slog.New(slog.DiscardHandler)})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, ln) }()
	if code, _, body := get(t, "http://"+ln.Addr().String()+"/healthz"); code != 503 || strings.Contains(body, "database") {
		t.Errorf("health: %d %s", code, body)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestDrain sees a server that was told to end answer for a while: its health is bad at once, what can be answered
// elsewhere is refused, everything else is answered on a connection that closes after it.
func TestDrain(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	s := New(Config{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "done") }),
		Health:  func(context.Context) error { return nil },
		Closing: func() { close(ended) },
		Log:     slog.New(slog.DiscardHandler),
		Drain:   time.Hour, // ends with the listener
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, ln) }()
	base := "http://" + ln.Addr().String()
	if code, h, _ := get(t, base+"/"); code != 200 || h.Get("Connection") == "close" {
		t.Errorf("before the end: %d, Connection %q", code, h.Get("Connection"))
	}
	cancel()
	<-ended
	post := func() (int, bool) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(Elsewhere, "1")
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode, resp.Close
	}
	if code, closes := post(); code != 200 || !closes {
		t.Errorf("a write while draining: %d, closes %v", code, closes)
	}
	if code, _, _ := get(t, base+"/"); code != 200 {
		t.Errorf("a read from somebody who knows no other process: %d", code)
	}
	if code, _, _ := get(t, base+"/", Elsewhere, "1"); code != 502 {
		t.Errorf("a read that another process can answer: %d", code)
	}
	if code, _, _ := get(t, base+"/healthz"); code != 503 {
		t.Errorf("health while draining: %d", code)
	}
	ln.Close()
	<-done // with the error of the listener
}
