package outbound

import "net/netip"

// special are the blocks of the IANA IPv4 and IPv6 Special-Purpose Address
// Registries (RFC 6890 and its successors) and of multicast that are no place on
// the public Internet, or lead to one of these in disguise.
var special = prefixes(
	"0.0.0.0/8",       // this network (RFC 791)
	"10.0.0.0/8",      // private (RFC 1918)
	"100.64.0.0/10",   // shared by carriers' NAT (RFC 6598)
	"127.0.0.0/8",     // loopback (RFC 1122)
	"169.254.0.0/16",  // link-local (RFC 3927), where clouds keep their metadata
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments (RFC 6890)
	"192.0.2.0/24",    // documentation (RFC 5737)
	"192.31.196.0/24", // AS112 (RFC 7535)
	"192.52.193.0/24", // AMT (RFC 7450)
	"192.88.99.0/24",  // 6to4 relays, deprecated (RFC 7526)
	"192.168.0.0/16",  // private
	"192.175.48.0/24", // AS112 (RFC 7534)
	"198.18.0.0/15",   // benchmarks (RFC 2544)
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast (RFC 5771)
	"240.0.0.0/4",     // reserved, and broadcast (RFC 1112)

	"2001::/23",         // protocol assignments (RFC 2928), Teredo, ORCHID and benchmarks among them
	"2001:db8::/32",     // documentation (RFC 3849)
	"2002::/16",         // 6to4: an IPv4 address inside (RFC 3056)
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation (RFC 9637)
)

// unicast is all that is given to the public Internet in IPv6 (RFC 4291, section
// 2.4 and the registry). What is outside, such as loopback, link-local, unique
// local, site-local, multicast, IPv4-compatible and NAT64 (64:ff9b::/96), is not.
var unicast = netip.MustParsePrefix("2000::/3")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Public reports whether an address is one of the public Internet. An IPv4
// address written as IPv6 (::ffff:0:0/96) is judged as what it is.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is6() && !unicast.Contains(a) {
		return false
	}
	return !within(special, a)
}

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
