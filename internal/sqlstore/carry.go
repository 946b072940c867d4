package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Carrying a whole site from one engine to another goes by tables, not by
// meaning: what is in a row is not looked at but for the ID that says on which
// logical shard it is at home. Source and Target are implemented by both
// engines; package migrate carries from one to the other.

// Area is what is carried at once: the directory, or one logical shard.
type Area struct {
	Directory bool
	Shard     tintype.Shard // where it is not the directory
}

// Less orders areas: the directory first, then shards ascending.
func (a Area) Less(b Area) bool {
	if a.Directory != b.Directory {
		return a.Directory
	}
	return a.Shard < b.Shard
}

// Number is the area as a number: -1 for the directory.
func (a Area) Number() int {
	if a.Directory {
		return -1
	}
	return int(a.Shard)
}

// AreaNumber reverses [Area.Number].
func AreaNumber(n int) Area {
	if n < 0 {
		return Area{Directory: true}
	}
	return Area{Shard: tintype.Shard(n)}
}

// String names the area for people.
func (a Area) String() string {
	if a.Directory {
		return "the directory"
	}
	return fmt.Sprintf("logical shard %d", a.Shard)
}

// Kind is what a column holds.
type Kind uint8

// The kinds of columns.
const (
	Int   Kind = iota // int64
	Real              // float64
	Text              // string
	Bytes             // []byte
)

// Column is a column of a table.
type Column struct {
	Name string
	Kind Kind
}

// Table is a table that is carried. Both engines have it with the same columns.
type Table struct {
	Name      string
	Directory bool     // of the directory, not of each logical shard
	Columns   []Column // in the order in which rows are given
	Key       []int    // the columns of the primary key, in its order
	Home      int      // the column with the ID that says on which shard a row is
}

// Row is a row, a value for each column of its table: int64, float64, string,
// []byte or nil. A key is a Row of the key's columns alone.
type Row []any

// Names lists a table's columns.
func (t *Table) Names() []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Name
	}
	return out
}

// KeyNames lists the columns of a table's primary key.
func (t *Table) KeyNames() []string {
	out := make([]string, len(t.Key))
	for i, k := range t.Key {
		out[i] = t.Columns[k].Name
	}
	return out
}

// AreaOf is where a row is at home.
func (t *Table) AreaOf(r Row) Area {
	if t.Directory {
		return Area{Directory: true}
	}
	id, _ := r[t.Home].(int64)
	return Area{Shard: tintype.ID(id).Shard()}
}

// AreaOfKey is where the row of a key is at home.
func (t *Table) AreaOfKey(key Row) Area {
	if t.Directory {
		return Area{Directory: true}
	}
	id, _ := key[slices.Index(t.Key, t.Home)].(int64)
	return Area{Shard: tintype.ID(id).Shard()}
}

// NotCarried says of tables why they stay behind.
func NotCarried() map[string]string {
	return map[string]string{
		"timeline":       "feeds are built again when their owners come",
		"timeline_state": "feeds are built again when their owners come",
		"rate_limits":    "they are forgotten within the hour",
		"shard_map":      "it says where rows are, which the new home knows better",
		"shard_moves":    "they are of the databases that are left",
	}
}

// HomeColumns gives the column with the ID of a table's shard where it is not the first of the key.
func HomeColumns() map[string]string {
	return map[string]string{"timeline": "owner_id", "timeline_state": "owner_id"}
}

// ParseKey reads a key as the triggers of both engines write it: a JSON array,
// whole numbers as numbers, bytes in hexadecimal.
func (t *Table) ParseKey(text string) (Row, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var values []any
	if err := d.Decode(&values); err != nil {
		return nil, err
	}
	if len(values) != len(t.Key) {
		return nil, fmt.Errorf("a key of %s has %d parts", t.Name, len(values))
	}
	key := make(Row, len(values))
	for i, v := range values {
		var err error
		switch t.Columns[t.Key[i]].Kind {
		case Int:
			n, _ := v.(json.Number)
			key[i], err = strconv.ParseInt(n.String(), 10, 64)
		case Bytes:
			s, _ := v.(string)
			key[i], err = hex.DecodeString(s)
		default:
			key[i], _ = v.(string)
		}
		if err != nil {
			return nil, fmt.Errorf("a key of %s: %w", t.Name, err)
		}
	}
	return key, nil
}

// Change names a row that may have changed since it was watched.
type Change struct {
	Table *Table
	Area  Area
	Key   Row
	// Seq and Database are the source's own, for Forget.
	Seq      int64
	Database int
}

// CarriedJob is a job that is still to be done, or that was given up.
type CarriedJob struct {
	Kind        string
	Args        json.RawMessage
	Queue       string
	Priority    int
	Attempt     int
	MaxAttempts int
	Created     time.Time
	Scheduled   time.Time
	Errors      json.RawMessage // an array, or nil
	GivenUp     time.Time       // zero for one that is to be done
}

// Source is a site that is carried elsewhere, while it is in use or not.
type Source interface {
	// Watch begins to note the keys of all rows that change, for a target of that name, and gives a name
	// for this run; the same one if it was begun before. It stays, whatever becomes of this
	// process, until Unwatch. Conflict if the site is watched for another target.
	Watch(ctx context.Context, target string) (run string, err error)
	Unwatch(ctx context.Context) error
	// Read begins a consistent view.
	Read(ctx context.Context) (Reader, error)
	// Forget drops noted changes that have been carried.
	Forget(ctx context.Context, list []Change) error
	// Jobs gives the jobs that are to be done or were given up. Nobody may be working them.
	Jobs(ctx context.Context) ([]CarriedJob, error)
	Close() error
}

// Reader is a view of a site. It is for one goroutine.
type Reader interface {
	// Areas gives the areas that hold rows, in their order.
	Areas(ctx context.Context) ([]Area, error)
	// Rows gives all rows of a table in an area. Each table must be asked for its areas in their order.
	Rows(ctx context.Context, a Area, t *Table, each func(Row) error) error
	// Find gives the rows of the given keys that are there.
	Find(ctx context.Context, a Area, t *Table, keys []Row, each func(Row) error) error
	// Changes gives up to limit noted changes, the oldest first.
	Changes(ctx context.Context, limit int) ([]Change, error)
	// Minted is a time (Unix milliseconds) that no ID ever minted is later than.
	Minted(ctx context.Context) (int64, error)
	Close() error
}

// Chunk is rows of one table on their way.
type Chunk struct {
	Table *Table
	Rows  []Row
}

// Target is an empty site that is filled.
type Target interface {
	// Begin makes the target ready, or finds what a former Begin under the same name has got; Conflict if
	// it is not empty. Until Finish no server opens it.
	Begin(ctx context.Context, run string) (done map[Area]bool, err error)
	// Put writes an area in one transaction that also records that it is done. next gives
	// chunks, all of a table one after the other, and a nil table at the end. Areas may be put at the same time.
	Put(ctx context.Context, a Area, next func() (Chunk, error)) error
	// Apply replaces rows of an area: all that have one of the keys go, then rows come.
	Apply(ctx context.Context, a Area, keys, rows []Chunk) error
	// Read gives what is there; nobody may write meanwhile.
	Read(ctx context.Context) (Reader, error)
	// Discard takes away what Begin and the others made.
	Discard(ctx context.Context) error
	// Finish opens the target for servers: every ID minted there will be later than minted, and jobs are to be done.
	Finish(ctx context.Context, minted int64, jobs []CarriedJob) error
	// Finished tells whether the target is open for servers, be it that the answer of Finish was lost.
	Finished(ctx context.Context) (bool, error)
	Close() error
}

// Sum is the number of rows and the sum of their hashes, in no order.
type Sum struct{ Rows, high, low uint64 }

// Add adds a row of a table. It is hashed in a form that both engines give.
func (s *Sum) Add(t *Table, r Row) {
	b := make([]byte, 0, 512)
	b = append(b, t.Name...)
	for _, v := range r {
		switch v := v.(type) {
		case int64:
			b = binary.BigEndian.AppendUint64(append(b, 1), uint64(v))
		case float64:
			b = binary.BigEndian.AppendUint64(append(b, 2), canonicalReal(v))
		case string:
			b = append(binary.BigEndian.AppendUint32(append(b, 3), uint32(len(v))), v...)
		case []byte:
			b = append(binary.BigEndian.AppendUint32(append(b, 4), uint32(len(v))), v...)
		default:
			b = append(b, 0)
		}
	}
	h := sha256.Sum256(b)
	var carry uint64
	s.low, carry = bits.Add64(s.low, binary.BigEndian.Uint64(h[8:]), 0)
	s.high, _ = bits.Add64(s.high, binary.BigEndian.Uint64(h[:]), carry)
	s.Rows++
}
