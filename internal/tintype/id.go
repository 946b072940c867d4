package tintype

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"time"
)

// An ID names any row of the site. It is a positive 63-bit integer:
//
//	0 | 41 bits milliseconds since 2010-01-01T00:00:00Z | 12 bits logical shard | 10 bits sequence
//
// so IDs sort by time, and the home of a row is read from its ID. JSON carries
// IDs as strings, because a JavaScript number cannot hold one.
type ID int64

// Shard is one of the [NumShards] buckets that own users and all they own.
type Shard uint16

// The layout of an ID.
const (
	NumShards = 1 << shardBits // logical shards

	// EpochMillis is 2010-01-01T00:00:00Z in milliseconds since 1970. It lies
	// before the original's launch, so that imported archives get IDs in their own order.
	EpochMillis = 1262304000000

	// MaxSeq is the largest sequence number within one millisecond of one shard.
	MaxSeq = 1<<seqBits - 1

	seqBits   = 10
	shardBits = 12
)

// MakeID assembles an ID from Unix milliseconds, shard and sequence. Times
// before the epoch are taken as the epoch; shard and seq are reduced to their bits.
func MakeID(unixMillis int64, shard Shard, seq uint16) ID {
	ms := max(unixMillis-EpochMillis, 0)
	return ID(ms&(1<<41-1)<<(shardBits+seqBits) | int64(shard&(NumShards-1))<<seqBits | int64(seq&MaxSeq))
}

// FirstIDAt is the smallest ID that any shard could mint at t.
func FirstIDAt(t time.Time) ID { return MakeID(t.UnixMilli(), 0, 0) }

// Shard is the logical shard that owns the row.
func (id ID) Shard() Shard { return Shard(id >> seqBits & (NumShards - 1)) }

// Seq is the sequence number within the millisecond.
func (id ID) Seq() uint16 { return uint16(id & MaxSeq) }

// UnixMillis is when the ID was minted, in milliseconds since 1970.
func (id ID) UnixMillis() int64 { return int64(id>>(shardBits+seqBits)) + EpochMillis }

// Time is when the ID was minted, to the millisecond, in UTC.
func (id ID) Time() time.Time { return time.UnixMilli(id.UnixMillis()).UTC() }

// String is the decimal form.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// AppendText appends the decimal form to b.
func (id ID) AppendText(b []byte) ([]byte, error) {
	return strconv.AppendInt(b, int64(id), 10), nil
}

// MarshalText makes JSON carry the ID as a string.
func (id ID) MarshalText() ([]byte, error) { return id.AppendText(nil) }

// UnmarshalText is [ParseID].
func (id *ID) UnmarshalText(b []byte) error {
	v, err := ParseID(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// ParseID reads the decimal form: ASCII digits, no sign, no leading zero,
// from 1 to 2^63-1. Anything else is an [Invalid] error.
func ParseID(s string) (ID, error) {
	if s == "" || s[0] == '0' || len(s) > 19 {
		return 0, badID
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, badID
		}
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, badID
	}
	return ID(v), nil
}

var badID = &Error{Kind: Invalid, Msg: "that is not an ID: an ID is a positive decimal number"}

// Shortcode is the ID in a link: base64url of its big-endian bytes without
// leading zero sextets, as in the original (3 is "D", 5382 is "BUG").
func (id ID) Shortcode() string {
	// Nine bytes are 72 bits, twelve whole sextets: the encoding is then
	// right-aligned and leading zeros are 'A's that can be cut.
	var b [9]byte
	binary.BigEndian.PutUint64(b[1:], uint64(id))
	s := base64.URLEncoding.EncodeToString(b[:])
	i := 0
	for i < len(s)-1 && s[i] == 'A' {
		i++
	}
	return s[i:]
}

// ParseShortcode reverses [ID.Shortcode]; only the canonical form is accepted.
func ParseShortcode(s string) (ID, error) {
	if s == "" || len(s) > 11 || s[0] == 'A' {
		return 0, badShortcode
	}
	const pad = "AAAAAAAAAAAA"
	b, err := base64.URLEncoding.DecodeString(pad[:12-len(s)] + s)
	if err != nil || len(b) != 9 { // padding and line breaks, which the decoder lets pass, make it fewer
		return 0, badShortcode
	}
	v := binary.BigEndian.Uint64(b[1:])
	if b[0] != 0 || v>>63 != 0 {
		return 0, badShortcode
	}
	return ID(v), nil
}

var badShortcode = &Error{Kind: Invalid, Msg: "that is not a post's short code"}

// Scan reads a BIGINT column.
func (id *ID) Scan(src any) error {
	switch v := src.(type) {
	case int64:
		*id = ID(v)
	case nil:
		*id = 0
	default:
		return Errorf(Internal, "an ID column holds a %T", src)
	}
	return nil
}
