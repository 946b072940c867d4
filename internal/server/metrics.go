package server

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the numbers of the process. Labels come from closed sets: route
// patterns, methods, classes of status, names of statements.
type metrics struct {
	requests *prometheus.HistogramVec
	panics   prometheus.Counter
	handler  http.Handler
	known    sync.Map // routeKey → prometheus.Observer
}

type routeKey struct {
	pattern, method string
	class           int
}

func newMetrics(cfg Config) *metrics {
	reg := prometheus.NewRegistry()
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tintype_request_seconds", Help: "Time to answer, by route, method and class of status.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "method", "status"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{Name: "tintype_panics_total", Help: "Requests that ended in a panic."}),
	}
	reg.MustRegister(m.requests, m.panics, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if cfg.Statements != nil {
		reg.MustRegister(statements{cfg.Statements, prometheus.NewDesc("tintype_statements_total", "How often each named SQL statement ran.", []string{"database", "statement"}, nil)})
	}
	for name, g := range cfg.Gauges {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: g.Help}, g.Read))
	}
	m.handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	return m
}

// statements reads the databases' own counts when somebody looks.
type statements struct {
	read func() map[string]map[string]int64
	desc *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (s statements) Describe(ch chan<- *prometheus.Desc) { ch <- s.desc }

// Collect implements prometheus.Collector.
func (s statements) Collect(ch chan<- prometheus.Metric) {
	for db, counts := range s.read() {
		for name, n := range counts {
			ch <- prometheus.MustNewConstMetric(s.desc, prometheus.CounterValue, float64(n), db, name)
		}
	}
}

var methods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": true}

func (m *metrics) observe(r *http.Request, status int, took time.Duration) {
	k := routeKey{r.Pattern, r.Method, status / 100}
	if k.pattern == "" {
		k.pattern = "none"
	}
	if !methods[k.method] {
		k.method = "other"
	}
	o, ok := m.known.Load(k)
	if !ok {
		o, _ = m.known.LoadOrStore(k, m.requests.WithLabelValues(k.pattern, k.method, strconv.Itoa(k.class)+"xx"))
	}
	o.(prometheus.Observer).Observe(took.Seconds())
}

// serve shows the numbers to this machine only: a request that came through a
// proxy on it is somebody else's.
func (m *metrics) serve(w http.ResponseWriter, r *http.Request) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" || r.Header.Get("Via") != "" {
		http.NotFound(w, r)
		return
	}
	m.handler.ServeHTTP(w, r)
}
