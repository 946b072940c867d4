package archive

import (
	"encoding/binary"
	"math"
	"time"
)

// Entry is a file in a zip that is to be laid out. All of it is known before the
// first byte is sent, so the zip has a length, and any part of it can be sent.
type Entry struct {
	Name     string // UTF-8, with '/' between directories
	Modified time.Time
	CRC      uint32 // IEEE, of the content
	Content  []Piece
}

func (e *Entry) size() (n int64) {
	for _, p := range e.Content {
		n += p.Size
	}
	return n
}

// The signatures and sizes are of PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.
const (
	sigLocal   = 0x04034b50
	sigCentral = 0x02014b50
	sigEnd     = 0x06054b50
	sigEnd64   = 0x06064b50
	sigLoc64   = 0x07064b50
	extra64    = 0x0001
	flagUTF8   = 1 << 11
	version20  = 20 // directories and deflate
	version45  = 45 // zip64
	madeByUnix = 3 << 8
	plainFile  = 0o100644 << 16 // Unix mode in the external attributes
)

// Layout gives the bytes of a zip that holds entries as they are, in their order:
// what lies between them is made here, their content is read when it is come to.
// Sizes, offsets or numbers that need it are written as zip64.
func Layout(entries []Entry) []Piece {
	le := binary.LittleEndian
	var pieces []Piece
	var central []byte
	var at int64
	put := func(b []byte) {
		pieces = append(pieces, Piece{Size: int64(len(b)), Data: b})
		at += int64(len(b))
	}
	for i := range entries {
		e := &entries[i]
		size, start := e.size(), at
		date, clock := dosTime(e.Modified)
		big := size >= math.MaxUint32
		// What the local and the central header share, from the version on.
		shared := func(b []byte, big bool) []byte {
			v, s := uint16(version20), uint32(size)
			if big {
				v, s = version45, math.MaxUint32
			}
			b = le.AppendUint16(b, v)
			b = le.AppendUint16(b, flagUTF8)
			b = le.AppendUint16(b, 0) // stored
			b = le.AppendUint16(b, clock)
			b = le.AppendUint16(b, date)
			b = le.AppendUint32(b, e.CRC)
			b = le.AppendUint32(b, s)
			b = le.AppendUint32(b, s)
			return le.AppendUint16(b, uint16(len(e.Name)))
		}
		head := le.AppendUint32(make([]byte, 0, 30+len(e.Name)+20), sigLocal)
		head = shared(head, big)
		if big {
			head = le.AppendUint16(head, 20)
		} else {
			head = le.AppendUint16(head, 0)
		}
		head = append(head, e.Name...)
		if big {
			head = le.AppendUint16(le.AppendUint16(head, extra64), 16)
			head = le.AppendUint64(le.AppendUint64(head, uint64(size)), uint64(size))
		}
		put(head)
		for _, p := range e.Content {
			if p.Size > 0 {
				pieces = append(pieces, p)
				at += p.Size
			}
		}
		big64 := big || start >= math.MaxUint32
		central = le.AppendUint32(central, sigCentral)
		central = le.AppendUint16(central, madeByUnix|version45)
		central = shared(central, big64)
		offset := uint32(start)
		if big64 {
			offset = math.MaxUint32
			central = le.AppendUint16(central, 28)
		} else {
			central = le.AppendUint16(central, 0)
		}
		central = le.AppendUint16(central, 0) // no comment
		central = le.AppendUint16(central, 0) // first disk
		central = le.AppendUint16(central, 0) // internal attributes
		central = le.AppendUint32(central, plainFile)
		central = le.AppendUint32(central, offset)
		central = append(central, e.Name...)
		if big64 {
			central = le.AppendUint16(le.AppendUint16(central, extra64), 24)
			central = le.AppendUint64(le.AppendUint64(central, uint64(size)), uint64(size))
			central = le.AppendUint64(central, uint64(start))
		}
	}
	start, n := at, len(entries)
	put(central)
	var end []byte
	n16, len32, at32 := uint16(min(n, math.MaxUint16)), uint32(min(int64(len(central)), math.MaxUint32)), uint32(min(start, math.MaxUint32))
	if n >= math.MaxUint16 || int64(len(central)) >= math.MaxUint32 || start >= math.MaxUint32 {
		where := at
		end = le.AppendUint64(le.AppendUint32(end, sigEnd64), 44)
		end = le.AppendUint16(le.AppendUint16(end, madeByUnix|version45), version45)
		end = le.AppendUint32(le.AppendUint32(end, 0), 0)
		end = le.AppendUint64(le.AppendUint64(end, uint64(n)), uint64(n))
		end = le.AppendUint64(le.AppendUint64(end, uint64(len(central))), uint64(start))
		end = le.AppendUint32(le.AppendUint32(end, sigLoc64), 0)
		end = le.AppendUint32(le.AppendUint64(end, uint64(where)), 1)
		n16, len32, at32 = math.MaxUint16, math.MaxUint32, math.MaxUint32
	}
	end = le.AppendUint32(end, sigEnd)
	end = le.AppendUint16(le.AppendUint16(end, 0), 0)
	end = le.AppendUint16(le.AppendUint16(end, n16), n16)
	end = le.AppendUint32(le.AppendUint32(end, len32), at32)
	end = le.AppendUint16(end, 0)
	put(end)
	return pieces
}

// dosTime is an instant in the form of zip files: UTC, to two seconds, from 1980 on.
func dosTime(t time.Time) (date, clock uint16) {
	t = t.UTC()
	if t.Year() < 1980 {
		t = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return uint16(t.Day() | int(t.Month())<<5 | (min(t.Year(), 2107)-1980)<<9), uint16(t.Second()/2 | t.Minute()<<5 | t.Hour()<<11)
}
