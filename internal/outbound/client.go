package outbound

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// The bounds of one call.
const (
	maxRedirects = 3
	maxAnswer    = 64 << 10 // bytes of an answer that are read
	maxHeader    = 32 << 10
	dialTime     = 5 * time.Second
	defaultTime  = 10 * time.Second // for a whole call, its redirects included
)

// Config is what a Client is made of. The zero value is good.
type Config struct {
	// Allow are networks that may be called though they are not public.
	Allow []netip.Prefix
	// Resolve gives the addresses of a name; nil for the resolver of the system.
	Resolve func(ctx context.Context, name string) ([]netip.Addr, error)
	// Timeout is for a whole call; 10 seconds if 0.
	Timeout time.Duration
	// Agent is the User-Agent; "Tintype" if "".
	Agent string
}

// Client calls addresses that strangers chose. Make it with New.
type Client struct {
	c    Config
	http *http.Client
}

// New makes a Client.
func New(c Config) *Client {
	if c.Resolve == nil {
		c.Resolve = func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		}
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTime
	}
	if c.Agent == "" {
		c.Agent = "Tintype"
	}
	o := &Client{c: c}
	o.http = &http.Client{
		Timeout: c.Timeout,
		Transport: &http.Transport{
			Proxy:                  nil, // of the environment, which would resolve names past us
			DialContext:            o.dial,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    dialTime,
			ResponseHeaderTimeout:  c.Timeout,
			MaxResponseHeaderBytes: maxHeader,
			MaxIdleConnsPerHost:    1,
			MaxIdleConns:           64,
			IdleConnTimeout:        30 * time.Second,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return tintype.Errorf(tintype.Unavailable, "it redirects more than %d times", maxRedirects)
			}
			if r.Method != via[0].Method {
				return tintype.Errorf(tintype.Unavailable, "it redirects in a way that loses what was sent; only 307 and 308 do not")
			}
			return check(r.URL)
		},
	}
	return o
}

// Transport is the guard alone, for libraries that make requests of their own and bound them: it connects to what may be called, and to
// named, hosts with their ports that whoever runs the site has named, whatever address they have.
func (o *Client) Transport(named ...string) http.RoundTripper {
	t := o.http.Transport.(*http.Transport).Clone()
	d := net.Dialer{Timeout: dialTime}
	t.DialContext = func(ctx context.Context, network, hostPort string) (net.Conn, error) {
		if slices.Contains(named, hostPort) {
			return d.DialContext(ctx, network, hostPort)
		}
		return o.dial(ctx, network, hostPort)
	}
	return t
}

// Close gives idle connections back.
func (o *Client) Close() { o.http.CloseIdleConnections() }

// Check says whether an address may be called, as far as can be told without
// resolving its name: Invalid if not.
func (o *Client) Check(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return tintype.Errorf(tintype.Invalid, "the address cannot be read")
	}
	if err := check(u); err != nil {
		return err
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !o.allowed(a) {
		return errNotPublic
	}
	return nil
}

var errNotPublic = &tintype.Error{Kind: tintype.Invalid, Msg: "the address is not one of the public Internet"}

// check judges an address by its looks.
func check(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return tintype.Errorf(tintype.Invalid, "the address must begin with http:// or https://")
	case u.Hostname() == "" || u.Opaque != "":
		return tintype.Errorf(tintype.Invalid, "the address has no host")
	case u.User != nil:
		return tintype.Errorf(tintype.Invalid, "the address must not hold a name or password")
	}
	if p := u.Port(); p != "" && !goodPort(p) {
		return tintype.Errorf(tintype.Invalid, "the port must be 80, 443, or above 1024")
	}
	return nil
}

func goodPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && (n == 80 || n == 443 || n > 1024)
}

func (o *Client) allowed(a netip.Addr) bool {
	a = a.Unmap()
	return Public(a) || within(o.c.Allow, a)
}

// dial connects to an address of a host that has been judged. If the host has
// any that may not be called it is not called at all: an honest one has none.
func (o *Client) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil || !goodPort(port) {
		return nil, tintype.Errorf(tintype.Invalid, "the port must be 80, 443, or above 1024")
	}
	var addrs []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		addrs = []netip.Addr{a}
	} else if addrs, err = o.c.Resolve(ctx, strings.TrimSuffix(host, ".")); err != nil || len(addrs) == 0 {
		return nil, &tintype.Error{Kind: tintype.Unavailable, Msg: "the name of its host cannot be resolved", Err: err}
	}
	for _, a := range addrs {
		if !o.allowed(a) {
			return nil, errNotPublic
		}
	}
	d := net.Dialer{Timeout: dialTime}
	for _, a := range addrs {
		var conn net.Conn
		if conn, err = d.DialContext(ctx, network, netip.AddrPortFrom(a.Unmap(), mustPort(port)).String()); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func mustPort(s string) uint16 {
	n, _ := strconv.ParseUint(s, 10, 16) // goodPort has read it
	return uint16(n)
}

// Get asks for an address and gives the status and the first 64 KB of the answer.
func (o *Client) Get(ctx context.Context, address string) (status int, answer []byte, err error) {
	return o.call(ctx, http.MethodGet, address, nil, nil)
}

// Post sends body to an address, with headers, and gives the status and the
// first 64 KB of the answer. A redirect is followed if it keeps the method.
func (o *Client) Post(ctx context.Context, address string, headers map[string]string, body []byte) (status int, answer []byte, err error) {
	return o.call(ctx, http.MethodPost, address, headers, body)
}

func (o *Client) call(ctx context.Context, method, address string, headers map[string]string, body []byte) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, tintype.Errorf(tintype.Invalid, "the address cannot be read")
	}
	if err := check(r.URL); err != nil {
		return 0, nil, err
	}
	r.Header.Set("User-Agent", o.c.Agent)
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	resp, err := o.http.Do(r)
	if err != nil {
		return 0, nil, o.explain(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, nil, o.explain(err)
	}
	return resp.StatusCode, answer, nil
}

// explain says in words that may be shown what went wrong.
func (o *Client) explain(err error) error {
	var own *tintype.Error
	if errors.As(err, &own) {
		return &tintype.Error{Kind: own.Kind, Msg: own.Msg, Err: err}
	}
	msg := "it could not be reached"
	var to interface{ Timeout() bool }
	if errors.As(err, &to) && to.Timeout() {
		msg = "it did not answer within " + o.c.Timeout.String()
	}
	return &tintype.Error{Kind: tintype.Unavailable, Msg: msg, Err: err}
}
