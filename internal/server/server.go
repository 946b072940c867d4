package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Config is what a Server is made of.
type Config struct {
	// Handler answers everything but /healthz and /metrics.
	Handler http.Handler
	// Health tells whether the site can work; it is asked by /healthz.
	Health func(ctx context.Context) error
	// Closing is called when the end begins: it must end what would never end by itself (event streams).
	Closing func()
	// Statements gives, by database and statement, how often each ran; nil for none.
	Statements func() map[string]map[string]int64
	// Gauges are further numbers for /metrics, by name.
	Gauges map[string]Gauge
	Log    *slog.Logger
	Slow   time.Duration // requests that take longer are logged; 0 for 1 s
	Grace  time.Duration // for requests under way at the end; 0 for 15 s
	// Drain is for how long requests are still taken after the end was asked for, so that a balancer can turn
	// away first; 0 for no time at all, which is right where there is no balancer.
	Drain time.Duration
}

// Elsewhere is a header by which a balancer says that it gives a safe request to another process when this one
// refuses it with 502. A process that drains does refuse it: that is how nginx, which does not ask for health,
// learns to turn away. It is not 503, which all processes answer alike for what is unavailable, such as the users of
// a database that is down: a balancer must not take them for dead because of that. Whoever does not say so is
// answered until the end.
const Elsewhere = "X-Tintype-Elsewhere"

// Gauge is a number that is read when somebody looks.
type Gauge struct {
	Help string
	Read func() float64
}

// Timeouts of a connection. Bodies and streams set their own.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 30 * time.Second
	writeTimeout  = 5 * time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
)

// Server serves HTTP. Make it with New.
type Server struct {
	cfg     Config
	metrics *metrics
	prefix  string
	count   atomic.Uint64
	ending  atomic.Bool // the end was asked for
}

// New makes a Server.
func New(cfg Config) *Server {
	if cfg.Slow == 0 {
		cfg.Slow = time.Second
	}
	if cfg.Grace == 0 {
		cfg.Grace = 15 * time.Second
	}
	var b [5]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // it never errs
	}
	return &Server{cfg: cfg, metrics: newMetrics(cfg), prefix: hex.EncodeToString(b[:])}
}

// Run serves ln until ctx ends. Then /healthz says that it is unavailable, event streams end, and requests are
// taken for the time of Drain, each connection being closed after its answer. Then nothing more is taken, and the
// requests under way finish.
func (s *Server) Run(ctx context.Context, ln net.Listener) error {
	hs := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug), // broken clients are nobody's news
	}
	done := make(chan error, 1)
	go func() { done <- hs.Serve(ln) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	s.ending.Store(true)
	if s.cfg.Closing != nil {
		s.cfg.Closing()
	}
	if s.cfg.Drain > 0 {
		select {
		case err := <-done:
			return err
		case <-time.After(s.cfg.Drain):
		}
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Grace)
	defer cancel()
	err := hs.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		s.cfg.Log.Warn("requests were cut off at the end", "grace", s.cfg.Grace)
		err = hs.Close()
	}
	if e := <-done; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// ServeHTTP wraps every request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	rec := &recorder{ResponseWriter: w}
	id := s.prefix + "-" + itoa(s.count.Add(1))
	r.Header["X-Request-Id"] = []string{id} // whatever the client says
	w.Header()["X-Request-Id"] = r.Header["X-Request-Id"]
	if r.ContentLength != 0 {
		// A body must come in time; who takes files asks for more.
		_ = http.NewResponseController(w).SetReadDeadline(start.Add(bodyTimeout)) // a writer in a test has none
	}
	defer s.finish(rec, r, start, id)
	if s.ending.Load() && s.turnAway(rec, r) {
		return
	}
	var own http.HandlerFunc
	switch r.URL.Path {
	case "/healthz":
		own = s.health
	case "/metrics":
		own = s.metrics.serve
	}
	switch {
	case own == nil:
		s.cfg.Handler.ServeHTTP(rec, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		r.Pattern = r.URL.Path
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(rec, "this address does not take that method", http.StatusMethodNotAllowed)
	default:
		r.Pattern = r.URL.Path
		own(rec, r)
	}
}

// turnAway makes this the last request of its connection, and refuses it if it can be answered elsewhere.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request) (refused bool) {
	w.Header().Set("Connection", "close")
	if r.Header.Get(Elsewhere) == "" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	r.Pattern = "draining"
	w.Header().Set("Retry-After", "1")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusBadGateway)
	return true
}

// finish recovers, counts and logs. It is deferred itself, so that it may recover.
func (s *Server) finish(rec *recorder, r *http.Request, start time.Time, id string) {
	if p := recover(); p != nil {
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p)
		}
		s.metrics.panics.Inc()
		s.cfg.Log.Error("panic in a request", "method", r.Method, "route", r.Pattern, "request", id, "panic", p, "stack", string(debug.Stack()))
		if rec.status != 0 {
			panic(http.ErrAbortHandler) // the answer had begun: cut it, so that nobody takes it for whole
		}
		rec.Header()["Content-Type"] = []string{"application/json; charset=utf-8"}
		rec.Header().Del("Content-Length")
		rec.WriteHeader(http.StatusInternalServerError)
		_, _ = rec.Write([]byte(`{"meta":{"code":500,"error_type":"APIError","error_message":"something went wrong on our side; it was written down for the people who run this site"}}`)) // the client may have gone
	}
	took := time.Since(start)
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	s.metrics.observe(r, status, took)
	if took > s.cfg.Slow && !rec.streamed {
		s.cfg.Log.Info("slow request", "method", r.Method, "route", r.Pattern, "status", status, "took", took.Round(time.Millisecond).String(), "request", id)
	}
}

func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	ending := s.ending.Load()
	if err := s.cfg.Health(ctx); err != nil || ending {
		if err != nil {
			s.cfg.Log.Warn("the site is not well", "error", err)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("{\"status\":\"unavailable\"}\n")) // whoever asks has the status
		return
	}
	_, _ = w.Write([]byte("{\"status\":\"ok\"}\n"))
}

func itoa(n uint64) string {
	var b [20]byte
	i := len(b)
	for {
		i--
		b[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return string(b[i:])
		}
	}
}
