package memcached

import (
	"cmp"
	"crypto/md5"
	"encoding/binary"
	"slices"
	"strconv"
)

// ring places keys on servers as libketama does (https://github.com/RJ/ketama,
// ketama.c): each server has 160 points on a circle of 2^32, four from each MD5
// of its name and a number, and a key belongs to the first point at or after its own
// hash. A server more or less moves only that server's share of the keys, and
// other clients of the same servers find the same keys.
type ring []point

type point struct {
	at     uint32
	server int // index into the names
}

const (
	pointsPerServer = 160
	pointsPerHash   = 4
)

// newRing makes the ring of servers of equal weight, named as host:port.
func newRing(names []string) ring {
	r := make(ring, 0, len(names)*pointsPerServer)
	for i, name := range names {
		for n := range pointsPerServer / pointsPerHash {
			sum := md5.Sum([]byte(name + "-" + strconv.Itoa(n)))
			for p := range pointsPerHash {
				r = append(r, point{binary.LittleEndian.Uint32(sum[4*p:]), i})
			}
		}
	}
	slices.SortFunc(r, func(a, b point) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.server, b.server)) })
	return r
}

// server is the index of the server that key belongs to.
func (r ring) server(key []byte) int {
	sum := md5.Sum(key)
	at := binary.LittleEndian.Uint32(sum[:])
	i, _ := slices.BinarySearchFunc(r, at, func(p point, at uint32) int { return cmp.Compare(p.at, at) })
	if i == len(r) {
		i = 0
	}
	return r[i].server
}
