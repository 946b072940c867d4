package redis

import "github.com/tintype/tintype/internal/tintype"

// ring finds the place of a key by rendezvous hashing (Thaler and Ravishankar,
// "Using name-based mappings to increase hit rates", 1998): every name draws a
// number for the key, the highest wins. A name that is added takes its share
// from all the others, one that goes leaves its share to all of them, and no
// other key moves. The order of the names does not matter.
//
// With the few servers there are, drawing all numbers is cheaper than a search
// in a table of points, and spreads more evenly.
type ring struct {
	seeds []uint64
}

func newRing(names []string) ring {
	r := ring{seeds: make([]uint64, len(names))}
	for i, name := range names {
		r.seeds[i] = hashString(name)
	}
	return r
}

// pick gives the index of the name that wins the key with hash h.
func (r ring) pick(h uint64) int {
	best, most := 0, uint64(0)
	for i, seed := range r.seeds {
		// Ties are one in 2^64; the first named wins them.
		if draw := mix(seed ^ h); draw > most {
			best, most = i, draw
		}
	}
	return best
}

func hashID(id tintype.ID) uint64 { return mix(uint64(id)) }

// hashString is 64-bit FNV-1a, mixed once more: the last bytes of FNV reach too few bits.
func hashString(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return mix(h)
}

// mix is the step of SplitMix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014): a bijection in which every bit of x
// reaches every bit of the result.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
