package api

import (
	"github.com/tintype/tintype/internal/tintype"
)

// JSONP: a page of any site may load an answer as a script, which calls a
// function of that page with it. Browsers let every page do that with every
// address, so what such an answer holds must not depend on who sits before the
// browser, nor on where it stands:
//
//   - cookies are not looked at, and what is read is what the access_token or the
//     client_id in the query opens, which the page had to know. Without either
//     there is no answer, for the site may stand in a network the page cannot reach.
//   - only GET is answered so, and only where the answer is JSON.
//   - the callback is one plain identifier: nothing can be said with it.
//   - the site's own pages load no such script, so that none can be used
//     against their Content-Security-Policy.
//   - the answer begins with a comment, so that it is no file of another kind
//     with a head of the caller's choice.

// maxCallback is the longest name of a callback.
const maxCallback = 64

var (
	errCallback = tintype.FieldError("callback", "callback must be the name of a function: up to %d letters, digits, _ and $", maxCallback)
	errOwnPage  = &tintype.Error{Kind: tintype.Forbidden, Msg: "the site's own pages do not load answers as scripts"}
)

var headerScript = []string{"text/javascript; charset=utf-8"}

// jsonp reads the parameter callback of a GET.
func (c *call) jsonp() error {
	if c.query["callback"] == nil || c.route.Bytes {
		return nil
	}
	name, err := c.param("callback")
	if err != nil {
		return err
	}
	if !identifier(name) {
		return errCallback
	}
	if c.r.Header.Get("Sec-Fetch-Site") == "same-origin" {
		return errOwnPage
	}
	c.callback = name
	return nil
}

func identifier(s string) bool {
	if s == "" || len(s) > maxCallback || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		if b := s[i] | 0x20; !(b >= 'a' && b <= 'z' || s[i] >= '0' && s[i] <= '9' || s[i] == '_' || s[i] == '$') {
			return false
		}
	}
	return true
}

// wrap makes a script of an answer. JSON as this package writes it is an
// expression of JavaScript of every age: U+2028 and U+2029 are escaped.
func (c *call) wrap(b []byte) []byte {
	h := c.w.Header()
	h["Content-Type"] = headerScript
	h["Cross-Origin-Resource-Policy"] = headerCross
	out := make([]byte, 0, len(b)+len(c.callback)+8)
	out = append(append(append(out, "/**/"...), c.callback...), '(')
	return append(append(out, b...), ");"...)
}

var headerCross = []string{"cross-origin"}
