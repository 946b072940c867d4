package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// The signatures that apps of API v1 make with their secret, to show that a
// token was not taken from them. There are two kinds. The parameter sig is the
// HMAC-SHA256, in hexadecimal, of the address without /v1 and of all parameters; the
// header X-Insta-Forwarded-For is a list of addresses, a bar, and the HMAC-SHA256 of that list.
// (reference/instagram-api-v1.md, section 7)

const forwardedForHeader = "X-Insta-Forwarded-For"

// signature says how a request is signed.
type signature uint8

// What a look at signatures can find.
const (
	unsigned    signature = iota // there is none
	wrongSig                     // there is one in sig, which is not its app's
	wrongHeader                  // there is one in the header, which is not its app's
	rightly                      // one of those there is its app's
)

// signatureOf looks at a request as it was sent. Of several signatures one must
// be right: a library sends one over its token alone, and one over everything.
func signatureOf(r *http.Request, query, form url.Values, secret string) signature {
	given := append(slices.Clone(query["sig"]), form["sig"]...)
	header := r.Header.Values(forwardedForHeader)
	if len(given) == 0 && len(header) == 0 {
		return unsigned
	}
	if secret == "" {
		return wrongSig
	}
	found := wrongSig
	if len(given) > 0 {
		for _, text := range signedTexts(r, query, form) {
			want := hexHMAC(secret, text)
			for _, g := range given {
				if hmac.Equal([]byte(want), []byte(g)) {
					return rightly
				}
			}
		}
	} else {
		found = wrongHeader
	}
	if len(header) == 1 {
		ips, mac, ok := strings.Cut(header[0], "|")
		if ok && ips != "" && hmac.Equal([]byte(hexHMAC(secret, ips)), []byte(mac)) {
			return rightly
		}
	}
	return found
}

// signedTexts are the texts that sig may be of: the path as it was sent or
// decoded, with all parameters, or without those of the form, which one library leaves out.
func signedTexts(r *http.Request, query, form url.Values) []string {
	paths := []string{strings.TrimPrefix(r.URL.EscapedPath(), "/v1")}
	if p := strings.TrimPrefix(r.URL.Path, "/v1"); p != paths[0] {
		paths = append(paths, p)
	}
	sets := []url.Values{query}
	if len(form) > 0 {
		sets = []url.Values{merged(query, form), query}
	}
	var texts []string
	for _, set := range sets {
		parameters, ok := signedParameters(set)
		if !ok {
			continue
		}
		for _, p := range paths {
			texts = append(texts, p+parameters)
		}
	}
	return texts
}

func merged(a, b url.Values) url.Values {
	out := make(url.Values, len(a)+len(b))
	for _, v := range []url.Values{a, b} {
		for k, values := range v {
			out[k] = append(out[k], values...)
		}
	}
	return out
}

// signedParameters writes parameters as they are signed, "|k=v" in the order of
// their names. What is there twice with two values cannot be signed.
func signedParameters(v url.Values) (text string, ok bool) {
	names := make([]string, 0, len(v))
	for name, values := range v {
		if name == "sig" {
			continue
		}
		for _, x := range values {
			if x != values[0] {
				return "", false
			}
		}
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString("|" + name + "=" + v[name][0])
	}
	return b.String(), true
}

func hexHMAC(secret, text string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// In the original's words, as far as they are known.
var (
	errNoSignature = &statusError{shown{http.StatusForbidden, "OAuthForbiddenException"}, "Invalid signed-request: Missing required parameter 'sig'"}
	errSignature   = &statusError{shown{http.StatusForbidden, "OAuthForbiddenException"}, "Invalid signed-request: Signature does not match"}
	errForwarded   = &statusError{shown{http.StatusForbidden, "OAuthForbiddenException"}, "Invalid header: " + forwardedForHeader + " does not match"}
)

// attribute finds the app that a call comes from, and looks at its signature
// where that matters: where the app enforces it, and where signed calls may be more.
func (a *API) attribute(c *call) (err error) {
	if c.from = c.app; c.who.AppID != 0 {
		if c.from, err = a.clients.byID(c.r.Context(), c.who.AppID); err != nil {
			return err
		}
		if c.from == nil {
			c.from = &tintype.App{ID: c.who.AppID} // deleted a moment ago, and its tokens with it
		}
	}
	if c.from == nil {
		return nil
	}
	if !c.from.EnforceSigned && c.route.Cap == Uncapped {
		return nil
	}
	found := signatureOf(c.r, c.query, c.form, c.from.Secret)
	c.signed = found == rightly
	if !c.from.EnforceSigned || c.signed {
		return nil
	}
	c.bare = true
	switch found {
	case wrongSig:
		return errSignature
	case wrongHeader:
		return errForwarded
	}
	return errNoSignature
}
