package api

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// origin tells where a request comes from and how it reached us: the client's
// address, whether it speaks https, and the base URL for absolute links.
// Headers that speak of other hops are believed only from configured proxies.
func (a *API) origin(r *http.Request) (addr netip.Addr, secure bool, base string, err error) {
	addr, proxied := clientAddr(r, a.cfg.TrustedProxies)
	secure = r.TLS != nil || a.secure
	if proxied && !secure {
		proto := r.Header["X-Forwarded-Proto"]
		secure = len(proto) == 1 && strings.EqualFold(proto[0], "https")
	}
	if a.base != "" {
		return addr, secure, a.base, nil
	}
	if !goodHost(r.Host) {
		return addr, secure, "", &tintype.Error{Kind: tintype.Invalid, Msg: "the Host header is missing or malformed"}
	}
	if secure {
		return addr, secure, "https://" + r.Host, nil
	}
	return addr, secure, "http://" + r.Host, nil
}

// ClientAddr is the address a request came from: the peer's, or where the peer
// is one of the trusted proxies the last address of X-Forwarded-For, read from
// the right, that is not itself a trusted proxy.
func ClientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addr, _ := clientAddr(r, trusted)
	return addr
}

func clientAddr(r *http.Request, trusted []netip.Prefix) (addr netip.Addr, proxied bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	addr = peer.Addr().Unmap().WithZone("")
	if !contains(trusted, addr) {
		return addr, false
	}
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		rest := lines[i]
		for rest != "" {
			hop := rest
			if at := strings.LastIndexByte(rest, ','); at >= 0 {
				rest, hop = rest[:at], rest[at+1:]
			} else {
				rest = ""
			}
			next, err := netip.ParseAddr(strings.TrimSpace(hop))
			if err != nil {
				return addr, true // what stands left of nonsense is anybody's claim
			}
			addr = next.Unmap().WithZone("")
			if !contains(trusted, addr) {
				return addr, true
			}
		}
	}
	return addr, true
}

func contains(prefixes []netip.Prefix, a netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// goodHost reports whether a Host header is a name or address with an optional
// port, so that it can stand in a link.
func goodHost(host string) bool {
	if host == "" || len(host) > 255 {
		return false
	}
	name, port := host, ""
	if at := strings.LastIndexByte(host, ':'); at > strings.LastIndexByte(host, ']') {
		name, port = host[:at], host[at+1:]
		if port == "" || len(port) > 5 {
			return false
		}
	}
	for i := range len(port) {
		if port[i] < '0' || port[i] > '9' {
			return false
		}
	}
	if inner, ok := strings.CutPrefix(name, "["); ok {
		a, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return err == nil && a.Is6() && a.Zone() == "" && strings.HasSuffix(inner, "]")
	}
	for i := range len(name) {
		c := name[i] | 0x20
		if !(c >= 'a' && c <= 'z' || name[i] >= '0' && name[i] <= '9' || name[i] == '-' || name[i] == '.' || name[i] == '_') {
			return false
		}
	}
	return name != "" && name[0] != '.' && name[0] != '-'
}

// mediaBase is scheme and host of pictures for an answer whose links have that
// base: of those that everybody may see, or of private ones, whose URLs are signed.
func (a *API) mediaBase(base string, private bool) string {
	switch {
	case private && a.media != "":
		return a.media
	case !private && a.pictures != "":
		return a.pictures
	}
	return base
}

// MediaBase is scheme and host of pictures that everybody may see, for a page
// whose own are base.
func (a *API) MediaBase(base string) string { return a.mediaBase(base, false) }

// MediaOnly reports whether a request came to the host of media, where there is
// nothing else: no page whose cookies or workers a picture could share.
func (a *API) MediaOnly(r *http.Request) bool {
	return a.mediaHost != "" && strings.EqualFold(r.Host, a.mediaHost)
}

// isMedia reports whether a node of the router is a picture's.
func isMedia(n *node) bool {
	r := n.methods[http.MethodGet]
	return r != nil && (strings.HasPrefix(r.Pattern, "/m/") || strings.HasPrefix(r.Pattern, "/avatars/"))
}
