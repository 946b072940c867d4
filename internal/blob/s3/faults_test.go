package s3_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/s3"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// content is n bytes that are the same each time, and nowhere repeat themselves.
func content(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

func read(t *testing.T, s *s3.Store, key string) ([]byte, error) {
	t.Helper()
	f, err := s.Open(t.Context(), key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

const (
	small = 100 << 10 // a rendition: one request
	large = 5 << 20   // an original: spooled, and read in ranges
)

// TestPassing: what passes is not seen. Each fault is of the first tries, or of some.
func TestPassing(t *testing.T) {
	t.Parallel()
	server := testserve.S3(t)
	for _, tt := range []struct {
		name  string
		fault fault
	}{
		{"slow down", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			return rand.IntN(10) < 3 && answer(w, http.StatusServiceUnavailable, "SlowDown")
		}},
		{"internal error", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			return n%3 == 1 && answer(w, http.StatusInternalServerError, "InternalError")
		}},
		{"its directory goes", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			return n%3 == 1 && r.Method == http.MethodPut && answer(w, http.StatusConflict, "ExistingObjectIsDirectory")
		}},
		{"upload is reset", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			if n%2 == 0 || r.Method != http.MethodPut {
				return false
			}
			_, _ = io.CopyN(io.Discard, r.Body, small/2)
			panic(http.ErrAbortHandler)
		}},
		{"answer is reset", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			if n%2 == 1 || r.Method != http.MethodGet {
				return false
			}
			p.forward(w, r, breaks(small/2, true))
			return true
		}},
		{"answer is cut short", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			if n%2 == 1 || r.Method != http.MethodGet {
				return false
			}
			p.forward(w, r, breaks(small/2, false))
			return true
		}},
		{"no answer but a closed connection", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			if n%3 == 1 {
				panic(http.ErrAbortHandler)
			}
			return false
		}},
		{"good status, bad body", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			return n%4 == 1 && r.Method == http.MethodPut && answer(w, http.StatusOK, "InternalError")
		}},
		{"wrong etag", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			if r.Method != http.MethodPut {
				return false
			}
			p.forward(w, r, func(resp *http.Response) { resp.Header.Set("Etag", `"0123456789abcdef0123456789abcdef"`) })
			return true
		}},
		{"slow by a second", func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
			if n%4 == 1 {
				time.Sleep(time.Second) // the fault itself
			}
			return false
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, p := through(t, server)
			p.suffers(tt.fault)
			dir := "passing/" + strings.ReplaceAll(strings.ReplaceAll(tt.name, " ", "-"), ",", "") + "/"
			for _, size := range []int{0, 10, small, large} {
				key := fmt.Sprint(dir, size)
				want := content(size)
				if _, err := s.Put(t.Context(), key, bytes.NewReader(want)); err != nil {
					t.Errorf("Put of %d bytes: %v", size, err)
					continue
				}
				if got, err := read(t, s, key); err != nil || !bytes.Equal(got, want) {
					t.Errorf("of %d bytes %d come back, %v", size, len(got), err)
				}
			}
			n, size, err := blob.Count(t.Context(), s, dir)
			if err != nil || n != 4 || size != 10+small+large {
				t.Errorf("List gives %d files of %d bytes, %v", n, size, err)
			}
			if err := s.Delete(t.Context(), dir+"0", dir+"10", fmt.Sprint(dir, large)); err != nil {
				t.Errorf("Delete: %v", err)
			}
			if err := s.Delete(t.Context(), fmt.Sprint(dir, small)); err != nil {
				t.Errorf("Delete of one: %v", err)
			}
			if n, _, err := blob.Count(t.Context(), s, dir); err != nil || n != 0 {
				t.Errorf("after Delete there are %d files, %v", n, err)
			}
		})
	}
}

// TestLasting: what does not pass is an error of the right kind, and a failed Put leaves nothing.
func TestLasting(t *testing.T) {
	t.Parallel()
	server := testserve.S3(t)
	reply := func(status int, code string) fault {
		return func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool { return answer(w, status, code) }
	}
	for _, tt := range []struct {
		name  string
		fault fault
		want  tintype.Kind
		says  string
		once  bool // it is not asked twice
	}{
		{name: "not found", fault: reply(404, "NoSuchKey"), want: tintype.NotFound, once: true},
		{name: "no bucket", fault: reply(404, "NoSuchBucket"), want: tintype.Internal, says: "there is no bucket", once: true},
		{name: "refused", fault: reply(403, "AccessDenied"), want: tintype.Internal, says: "refuses the access key", once: true},
		{name: "clock", fault: reply(403, "RequestTimeTooSkewed"), want: tintype.Internal, says: "15 minutes apart", once: true},
		{name: "full", fault: reply(507, "InsufficientStorage"), want: tintype.Full, once: true},
		{name: "quota", fault: reply(403, "QuotaExceeded"), want: tintype.Full, once: true},
		{name: "not S3", fault: reply(418, "Teapot"), want: tintype.Internal, once: true},
		{name: "slow down", fault: reply(503, "SlowDown"), want: tintype.Unavailable},
		{name: "nothing stored", fault: reply(200, "InternalError"), want: tintype.Unavailable},
		{name: "reset", fault: func(*proxy, http.ResponseWriter, *http.Request, int64) bool { panic(http.ErrAbortHandler) }, want: tintype.Unavailable},
		{name: "black hole", fault: blackHole, want: tintype.Unavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, op := range []struct {
				name string
				do   func(*s3.Store) error
			}{
				{"Put", func(s *s3.Store) error {
					_, err := s.Put(t.Context(), "lasting/"+strings.ReplaceAll(tt.name, " ", "-"), strings.NewReader("text"))
					return err
				}},
				{"Open", func(s *s3.Store) error { _, err := read(t, s, "lasting/x"); return err }},
				{"Check", func(s *s3.Store) error { return s.Check(t.Context()) }},
			} {
				t.Run(op.name, func(t *testing.T) {
					t.Parallel()
					if testing.Short() && tt.name == "black hole" && op.name == "Put" {
						t.Skip("its patience is ten seconds")
					}
					if tt.name == "nothing stored" && op.name != "Put" || tt.name == "not found" && op.name != "Open" {
						t.Skip("not a fault of this")
					}
					s, p := through(t, server)
					p.suffers(tt.fault)
					err := op.do(s)
					if !tintype.IsKind(err, tt.want) || !strings.Contains(fmt.Sprint(err), tt.says) {
						t.Errorf("%v, want %v and %q", err, tt.want, tt.says)
					}
					if n := p.asked.Load(); tt.once && n != 1 {
						t.Errorf("it was asked %d times", n)
					}
				})
			}
		})
	}
	t.Cleanup(func() {
		if n, _, err := blob.Count(context.Background(), open(t, config(server, "")), "lasting/"); err != nil || n != 0 {
			t.Errorf("failed Puts left %d files, %v", n, err)
		}
	})
}

// blackHole never answers.
func blackHole(_ *proxy, _ http.ResponseWriter, r *http.Request, _ int64) bool {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// A server that does not answer is left alone, and found again when it does.
func TestBreaker(t *testing.T) {
	t.Parallel()
	s, p := through(t, testserve.S3(t))
	if _, err := s.Put(t.Context(), "k", strings.NewReader("text")); err != nil {
		t.Fatal(err)
	}
	p.suffers(blackHole)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := read(t, s, "k"); !tintype.IsKind(err, tintype.Unavailable) {
				t.Errorf("Open: %v, want Unavailable", err)
			}
		})
	}
	wg.Wait()
	before := p.asked.Load()
	const tries = 1000
	for range tries {
		if _, err := read(t, s, "k"); !tintype.IsKind(err, tintype.Unavailable) {
			t.Fatalf("Open: %v, want Unavailable", err)
		}
	}
	if n := p.asked.Load() - before; n > tries/10 {
		t.Errorf("of %d reads %d asked a server that does not answer", tries, n)
	}
	p.suffers(nil)
	for try := 0; ; try++ {
		b, err := read(t, s, "k")
		if err == nil && string(b) == "text" {
			break
		}
		if try == 500 {
			t.Fatalf("the server answers again, and the store does not: %v", err)
		}
		time.Sleep(20 * time.Millisecond) // between polls
	}
}

// A listing that breaks off goes on where it was.
func TestListPages(t *testing.T) {
	t.Parallel()
	server := testserve.S3(t)
	s, p := through(t, server)
	const files = 2300
	for i := range files {
		// Straight into the server's directory: 2,300 synced requests would take a while.
		dir := filepath.Join(server.Services().Path("buckets"), server.Bucket, "r", fmt.Sprintf("%04d", i/2))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.jpg", i)), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.suffers(func(p *proxy, w http.ResponseWriter, r *http.Request, n int64) bool {
		return n%2 == 0 && answer(w, http.StatusServiceUnavailable, "SlowDown")
	})
	seen := map[string]bool{}
	for info, err := range s.List(t.Context(), "r/") {
		if err != nil {
			t.Fatal(err)
		}
		if seen[info.Key] {
			t.Fatalf("%s is listed twice", info.Key)
		}
		seen[info.Key] = true
	}
	if len(seen) != files {
		t.Errorf("%d of %d files are listed", len(seen), files)
	}
	if n := p.asked.Load(); n < 3 || n > 9 {
		t.Errorf("%d requests for %d files: that is not a page of a thousand each", n, files)
	}
}

// What http.ServeContent does costs what it should.
func TestRequests(t *testing.T) {
	t.Parallel()
	s, p := through(t, testserve.S3(t))
	const big = 20 << 20
	for key, size := range map[string]int{"r/1/640.jpg": small, "o/1": big} {
		if _, err := s.Put(t.Context(), key, bytes.NewReader(content(size))); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, key, ranges string
		requests          int64
		from, to          int
		most              int64 // bytes
	}{
		{name: "rendition", key: "r/1/640.jpg", requests: 1, to: small, most: small},
		{name: "range of a rendition", key: "r/1/640.jpg", ranges: "bytes=10-19", requests: 1, from: 10, to: 20, most: small},
		{name: "original", key: "o/1", requests: 7, to: big, most: big},
		{name: "end of an original", key: "o/1", ranges: "bytes=-100", requests: 2, from: big - 100, to: big, most: 1 << 20},
		{name: "middle of an original", key: "o/1", ranges: "bytes=9000000-9999999", requests: 3, from: 9e6, to: 1e7, most: 3 << 20},
	} {
		p.suffers(nil)
		f, err := s.Open(t.Context(), tt.key)
		if err != nil {
			t.Fatal(err)
		}
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
		if tt.ranges != "" {
			r.Header.Set("Range", tt.ranges)
		}
		http.ServeContent(w, r, "", f.Info().Modified, f)
		f.Close()
		want := content(big)
		if tt.key != "o/1" {
			want = content(small)
		}
		if !bytes.Equal(w.Body.Bytes(), want[tt.from:tt.to]) {
			t.Errorf("%s: %d bytes came, not those wanted", tt.name, w.Body.Len())
		}
		if n, sent := p.asked.Load(), p.sent.Load(); n != tt.requests || sent > tt.most {
			t.Errorf("%s: %d requests and %d bytes, want %d and at most %d", tt.name, n, sent, tt.requests, tt.most)
		}
	}
}
