package account

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// maxRedirect is the longest redirect URI, in bytes.
const maxRedirect = 1024

// checkRedirect says whether a redirect URI may be registered: https with a
// host name; http to this very machine; or a native app's own scheme, which
// must have a dot in it (as com.example.app, RFC 8252 section 7.1: schemes
// without one are the world's, like javascript). What browsers and parsers read
// differently is refused.
func checkRedirect(s string) error {
	bad := func(format string, args ...any) error {
		return tintype.FieldError("redirect_uris", "a redirect URI "+format, args...)
	}
	if len(s) > maxRedirect {
		return bad("has at most %d bytes", maxRedirect)
	}
	if !printable(s) || strings.ContainsAny(s, " \\\"<>^`{|}") {
		return bad("is made of visible ASCII characters, without spaces, quotes, brackets and backslashes")
	}
	scheme, rest, ok := strings.Cut(s, ":")
	u, err := url.Parse(s)
	if !ok || err != nil || scheme == "" || scheme != u.Scheme {
		return bad("is absolute, such as https://example.com/callback, with its scheme in lower case")
	}
	if strings.Contains(s, "#") {
		return bad("has no #fragment")
	}
	if u.User != nil {
		return bad("has no user name in it")
	}
	path := u.EscapedPath()
	for _, segment := range strings.Split(strings.ToLower(strings.NewReplacer("%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/", "%5c", "/", "%5C", "/").Replace(path)), "/") {
		if segment == "." || segment == ".." {
			return bad("has no . or .. in its path")
		}
	}
	if scheme != "https" && scheme != "http" {
		if !strings.Contains(scheme, ".") {
			return bad("begins with https://, or with a native app's own scheme with a dot in it, such as com.example.app:/")
		}
		if u.Host != "" && !hostName(u.Host) || rest == "" {
			return bad("with a scheme of its own looks like com.example.app:/callback")
		}
		return nil
	}
	host := u.Hostname()
	switch {
	case !strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "///"):
		return bad("has a host after its scheme")
	case scheme == "http" && host != "127.0.0.1" && host != "::1" && host != "localhost":
		return bad("begins with https://; http:// is for this machine (127.0.0.1, [::1], localhost) only")
	case scheme == "https" && (host != strings.ToLower(host) || !hostName(host) && host != "localhost"):
		return bad("has a full host name in lower case")
	case !goodPort(u):
		return bad("has a port from 1 to 65535, or none")
	}
	return nil
}

func goodPort(u *url.URL) bool {
	p := u.Port()
	if p == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.Atoi(p)
	return err == nil && n >= 1 && n <= 65535 && p == strconv.Itoa(n)
}

// matchRedirect reports whether a request's redirect URI is one of an app's:
// byte for byte, but that a native app (public) that registered
// http://127.0.0.1/… or http://[::1]/… may use any port, since it gets whichever
// is free (RFC 8252 section 7.3).
func matchRedirect(registered []string, given string, public bool) bool {
	for _, r := range registered {
		if r == given {
			return true
		}
		if !public {
			continue
		}
		for _, loopback := range []string{"http://127.0.0.1", "http://[::1]"} {
			path, ok := afterPort(r, loopback)
			if !ok {
				continue
			}
			if p, ok := afterPort(given, loopback); ok && p == path {
				return true
			}
		}
	}
	return false
}

// afterPort gives what follows host, and a port if there is one, in s.
func afterPort(s, host string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(s, host)
	if !ok {
		return "", false
	}
	if port, found := strings.CutPrefix(rest, ":"); found {
		end := 0
		for end < len(port) && port[end] >= '0' && port[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(port[:end])
		if err != nil || n < 1 || n > 65535 || port[:end] != strconv.Itoa(n) {
			return "", false
		}
		rest = port[end:]
	}
	// Only a path may follow: a host that merely begins like the loopback's is another one.
	return rest, rest == "" || rest[0] == '/' || rest[0] == '?'
}
