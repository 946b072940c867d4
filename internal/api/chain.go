package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/tintype"
)

// ServeHTTP takes a request through the chain: route, limits, credential,
// scope, hourly budget, switches, idempotency, handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{w: w, r: r}
	defer c.release()
	h := w.Header()
	h["Cache-Control"] = headerNoStore
	h["Vary"] = headerVary
	h["X-Content-Type-Options"] = headerNosniff
	h["Cross-Origin-Resource-Policy"] = headerSame
	if err := a.enter(c); errors.Is(err, errOptions) {
		w.WriteHeader(http.StatusNoContent)
		return
	} else if err != nil {
		a.limiter.headers(h, a.limiter.limit()) // every answer carries them
		a.fail(c, err)
		return
	}
	if err := a.run(c); err != nil {
		a.fail(c, err)
	}
}

// enter finds the route and reads what the chain needs of the request.
func (a *API) enter(c *call) (err error) {
	r := c.r
	n := a.router.find(r.URL.EscapedPath(), &c.params)
	if n == nil {
		return errNoRoute
	}
	if a.MediaOnly(r) && !isMedia(n) {
		return errNoRoute
	}
	method := r.Method
	if method == http.MethodOptions {
		// What there is, for whoever asks. No header lets another origin's page in.
		r.Pattern = "options"
		c.w.Header().Set("Allow", n.allow+", OPTIONS")
		return errOptions
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if c.route = n.methods[method]; c.route == nil && method == http.MethodPost {
		c.route = &faked
	}
	if c.route == nil {
		c.w.Header().Set("Allow", n.allow)
		return errMethod
	}
	c.bare = strings.HasPrefix(c.route.Pattern, "/oauth/") // what goes wrong there is said without an envelope
	if r.Pattern = c.route.Pattern; c.route == &faked {
		r.Pattern = "faked"
	}
	if c.addr, c.secure, c.base, err = a.origin(r); err != nil {
		return err
	}
	c.pictures = a.mediaBase(c.base, false)
	if r.URL.RawQuery != "" {
		if c.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
			return &tintype.Error{Kind: tintype.Invalid, Msg: "the query cannot be read", Err: err}
		}
		if err := checkValues(c.query); err != nil {
			return err
		}
	}
	if method == http.MethodGet {
		if err := c.jsonp(); err != nil {
			return err
		}
	}
	if err := a.body(c); err != nil {
		return err
	}
	if method == http.MethodPost {
		return a.override(c, n)
	}
	return nil
}

// faked is the route of a POST where there is none, until _method has been read.
var faked = Route{Method: http.MethodPost, Body: smallBody}

// body bounds the body and reads it if it is a form.
func (a *API) body(c *call) error {
	r := c.r
	limit := c.route.Body
	if limit == fileBody {
		limit = a.cfg.MaxUpload + smallBody // multipart has headers, too
	}
	if r.ContentLength > limit {
		if limit == noBody {
			return &tintype.Error{Kind: tintype.Invalid, Msg: "this address takes no body"}
		}
		if c.route.Body == fileBody {
			return tintype.Errorf(tintype.TooLarge, "the file is larger than the %d MB allowed", a.cfg.MaxUpload>>20)
		}
		return errTooLarge
	}
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	if v := r.Header.Get("Content-Encoding"); v != "" && !strings.EqualFold(v, "identity") {
		return errBodyCoding
	}
	r.Body = http.MaxBytesReader(c.w, r.Body, limit)
	if limit == noBody {
		// A chunked body may still turn out empty.
		if n, _ := io.ReadFull(r.Body, make([]byte, 1)); n > 0 {
			return &tintype.Error{Kind: tintype.Invalid, Msg: "this address takes no body"}
		}
		return nil
	}
	// The server allows a body little time. A file may take longer; of anything
	// else the whole is read now, so that no deadline hangs over the work.
	rc := http.NewResponseController(c.w)
	if c.route.Body == fileBody {
		_ = rc.SetReadDeadline(time.Now().Add(uploadTimeout)) // a writer in a test has none
		return c.readForm()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return bodyError(err)
	}
	_ = rc.SetReadDeadline(time.Time{}) // as above
	r.Body = io.NopCloser(bytes.NewReader(body))
	return c.readForm()
}

// uploadTimeout is how long one file may take to come: 50 MB over a slow line.
const uploadTimeout = 30 * time.Minute

// override honours _method, by which clients of API v1 that cannot send DELETE
// or PUT say so. Never for cookies: a form on another site could use it.
func (a *API) override(c *call, n *node) error {
	want := c.query.Get("_method")
	if want == "" {
		want = c.form.Get("_method")
	}
	if want = strings.ToUpper(want); (want == "" || want == http.MethodPost) && c.route != &faked {
		return nil
	}
	token, err := c.explicit()
	if err != nil {
		return err
	}
	if want == http.MethodGet || n.methods[want] == nil || token == "" {
		c.w.Header().Set("Allow", n.allow)
		return errMethod
	}
	c.route = n.methods[want]
	c.r.Pattern = c.route.Pattern
	return nil
}

// run does what needs a credential.
func (a *API) run(c *call) error {
	err := a.authenticate(c)
	if err == nil {
		err = a.attribute(c)
	}
	if err == nil {
		err = a.authorise(c)
	}
	if e := a.count(c); err == nil {
		err = e
	}
	if err == nil {
		err = a.open(c)
	}
	if err != nil {
		return err
	}
	if who := c.viewer(); who != 0 && c.route.Method != http.MethodGet {
		c.before = func() { a.cfg.Wrote(context.WithoutCancel(c.r.Context()), who) }
	}
	if c.r.Method == http.MethodPost && c.route.Repeat != NoRepeat {
		if key := c.r.Header.Get("Idempotency-Key"); key != "" {
			return a.once(c, key)
		}
	}
	return c.route.handle(a, c)
}

// open refuses what an operator has switched off. Who may call comes first:
// strangers learn nothing of how the site stands.
func (a *API) open(c *call) error {
	if m := c.route.Method; m != http.MethodGet && c.route.Access < Moderator && !c.route.Always {
		if err := a.cfg.Knobs.Closed(knobs.Writes); err != nil {
			return err
		}
	}
	if err := a.cfg.Knobs.Closed(c.route.Switch); err != nil {
		return err
	}
	if c.route.Shows == ShowsAlways {
		return a.mayShow(c)
	}
	return nil
}
