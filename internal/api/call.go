package api

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"sync"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/tintype"
)

// requestIDHeader is set by package server on every request it lets in.
const requestIDHeader = "X-Request-Id"

// Header values that never change, shared by all responses.
var (
	headerNoStore = []string{"private, no-store"}
	headerJSON    = []string{"application/json; charset=utf-8"}
	headerNosniff = []string{"nosniff"}
	headerVary    = []string{"Cookie, Authorization"}
	headerSame    = []string{"same-origin"}
	headerLength  = "Content-Length"
)

// call is one request on its way through the chain.
type call struct {
	w         http.ResponseWriter
	r         *http.Request
	route     *Route
	params    params
	who       account.Principal // zero for nobody
	app       *tintype.App      // that showed a client_id and no credential; nil for none
	from      *tintype.App      // that the call comes from, by its token or client_id; nil for none
	signed    bool              // by from, looked at only where it matters
	callback  string            // of JSONP; "" for plain JSON
	viaCookie bool              // the credential came in the cookie
	addr      netip.Addr        // the client's
	secure    bool              // the client speaks https
	base      string            // scheme and host for absolute links, no trailing slash
	pictures  string            // scheme and host of pictures that everybody may see
	query     url.Values        // nil for none
	form      url.Values        // of a form body; nil if there was none
	bare      bool              // errors go without an envelope
	whole     bool              // lists give the most there may be where no count is asked for
	wrote     bool
	key       string      // of Idempotency-Key, for rules that keep it themselves
	before    func()      // is called before the answer goes out; nil for nothing
	keep      *remembered // collects the answer, for those who repeat it
	buf       *[]byte
}

// viewer is who the call is made for; 0 is nobody.
func (c *call) viewer() tintype.ID { return c.who.UserID }

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }}

// maxPooled is how large a buffer may have grown to be used again.
const maxPooled = 1 << 20

// begin gives an empty buffer to encode the answer into.
func (c *call) begin() []byte {
	if c.buf == nil {
		c.buf = buffers.Get().(*[]byte)
	}
	return (*c.buf)[:0]
}

func (c *call) release() {
	if c.buf != nil && cap(*c.buf) <= maxPooled {
		buffers.Put(c.buf)
	}
	c.buf = nil
}

// open begins an envelope.
func (c *call) open(status int) []byte {
	b := append(c.begin(), `{"meta":{"code":`...)
	b = strconv.AppendInt(b, int64(status), 10)
	return append(b, `},"data":`...)
}

// close ends an envelope without pagination and sends it.
func (c *call) close(status int, b []byte) error {
	c.send(status, append(b, '}'))
	return nil
}

// send writes a whole JSON answer.
func (c *call) send(status int, b []byte) {
	h := c.w.Header()
	h["Content-Type"] = headerJSON
	if c.callback != "" {
		b = c.wrap(b)
		status = http.StatusOK // a script with another status is not run: meta.code tells
	}
	if c.buf != nil {
		*c.buf = b
	}
	h[headerLength] = []string{strconv.Itoa(len(b))}
	c.wrote = true
	if c.before != nil {
		c.before()
	}
	if c.keep != nil {
		c.keep.status = status
		c.keep.body = append([]byte(nil), b...)
	}
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(b) // the client may have gone; there is nobody to tell
	}
}

// null answers that there is nothing more to say.
func (c *call) null() error { return c.close(http.StatusOK, append(c.open(http.StatusOK), "null"...)) }

// json answers with any value, for what is not asked for often.
func (c *call) json(status int, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return c.close(status, append(c.open(status), text...))
}

// id reads a parameter that is an ID.
func (c *call) id(name string) (tintype.ID, error) {
	id, err := tintype.ParseID(c.params.get(name))
	if err != nil {
		return 0, tintype.FieldError(name, "%q is not an ID", c.params.get(name))
	}
	return id, nil
}

// user reads a parameter that is a user's ID, or "self".
func (c *call) user(name string) (tintype.ID, error) {
	if c.params.get(name) == "self" {
		if c.viewer() == 0 {
			return 0, errNoSelf
		}
		return c.viewer(), nil
	}
	return c.id(name)
}

// media reads a parameter that is a media ID: <post>_<owner>, or the post alone.
func (c *call) media(name string) (tintype.ID, error) {
	id, ok := parseMediaID(c.params.get(name))
	if !ok {
		return 0, tintype.FieldError(name, "%q is not a media ID", c.params.get(name))
	}
	return id, nil
}
