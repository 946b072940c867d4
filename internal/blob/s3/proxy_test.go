package s3_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/tintype/tintype/internal/blob/s3"
	"github.com/tintype/tintype/internal/testserve"
)

// proxy stands between a store and its server, and does harm.
type proxy struct {
	*httptest.Server
	target string
	fault  atomic.Pointer[fault]
	asked  atomic.Int64 // requests
	sent   atomic.Int64 // bytes of answers
}

// fault answers a request itself, or gives false to let it through. n counts from 1.
type fault func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool

// through gives a store that speaks to a server through a proxy.
func through(t *testing.T, server *testserve.S3Server) (*s3.Store, *proxy) {
	t.Helper()
	p := &proxy{target: server.Addr()}
	p.Server = httptest.NewServer(p)
	t.Cleanup(func() {
		p.CloseClientConnections() // some hang on purpose
		p.Close()
	})
	c := config(server, "")
	c.Endpoint = p.URL
	return open(t, c), p
}

// suffers makes a proxy do harm from now on; nil ends it.
func (p *proxy) suffers(f fault) {
	p.asked.Store(0)
	p.sent.Store(0)
	p.fault.Store(&f)
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := p.asked.Add(1)
	if f := p.fault.Load(); f != nil && *f != nil && (*f)(p, w, r, n) {
		return
	}
	p.forward(w, r, func(resp *http.Response) {})
}

// forward lets a request through and changes its answer.
func (p *proxy) forward(w http.ResponseWriter, r *http.Request, change func(*http.Response)) {
	out := r.Clone(r.Context())
	out.RequestURI = ""
	out.URL.Scheme, out.URL.Host = "http", p.target // Host stays: it is signed
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	change(resp)
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(resp.StatusCode)
	n, err := io.Copy(w, resp.Body)
	p.sent.Add(n)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

// answer gives an error as S3 does.
func answer(w http.ResponseWriter, status int, code string) bool {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>`+code+`</Code><Message>as wanted</Message></Error>`)
	return true
}

// breaks ends an answer's body after n bytes, by an error if it is told to be
// longer, else as if that were all.
func breaks(n int64, told bool) func(*http.Response) {
	return func(resp *http.Response) {
		if resp.ContentLength <= n {
			return
		}
		resp.Body = io.NopCloser(io.LimitReader(resp.Body, n))
		if !told {
			resp.Header.Set("Content-Length", strconv.FormatInt(n, 10))
		}
	}
}
