package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Code is what a driver's error means to us.
type Code uint8

// The codes a dialect tells apart.
const (
	CodeOther   Code = iota
	CodeUnique       // a unique or primary key is taken
	CodeCheck        // a CHECK, NOT NULL or type constraint
	CodeRetry        // serialization failure or deadlock: the transaction may be tried again
	CodeBusy         // lock or statement time-out, too many connections
	CodeDown         // the server cannot be reached or is shutting down
	CodeFull         // no space left
	CodeCorrupt      // the file is damaged
	CodeMoved        // there is no such schema: the shard may have moved to another database
)

// Dialect is all that the engines disagree on.
type Dialect struct {
	Name string

	// In and Each are the texts for {in $n} and {each $n}, with '$' standing for the parameter.
	In, Each string

	// Rows is the table-valued function of {rows $n …} over a JSON array of arrays, with a column
	// named value; Cell is the format that takes the %d-th number out of it.
	Rows, Cell string

	// Lock is the text for {lock}.
	Lock string

	// List binds a list of IDs as one argument.
	List func(ids []tintype.ID) any

	// Overrides replaces the text of named statements, where a plan needs it.
	Overrides map[string]string

	// Schema is the prefix for a logical shard, and DirectorySchema for the directory.
	Schema          func(tintype.Shard) string
	DirectorySchema string

	// GroupCommit runs writes one after the other on one connection, many to a transaction.
	GroupCommit bool

	// Classify reads a driver's error code.
	Classify func(error) Code

	// NextID mints an ID for a shard inside a transaction.
	NextID func(ctx context.Context, tx *sql.Tx, schema string, shard tintype.Shard) (tintype.ID, error)

	// Mint is the text for {mint x}, an expression that mints an ID of the schema {s}; "" where only NextID does.
	Mint string

	// Pipeline sends statements inside the transaction that conn is in, all at once, and gives each
	// its rows; nil where a statement costs no round trip. With it, small writes share transactions.
	Pipeline func(ctx context.Context, conn *sql.Conn, asks []Ask) error

	// BeforeCommit runs last in a transaction: SQLite writes the high-water mark of its IDs.
	BeforeCommit func(ctx context.Context, tx *sql.Tx) error

	// InsertJobs adds rows to the job table and, where the engine has a way, tells the workers.
	InsertJobs func(ctx context.Context, tx *sql.Tx, rows []JobRow) error

	// Load adds rows to tables of one schema that nobody uses yet, in one transaction.
	Load func(ctx context.Context, pool *sql.DB, schema string, loads []Load) error

	// Advance makes every later ID of a schema (or, where one file plays all shards, of the file) later than millis, Unix milliseconds.
	Advance func(ctx context.Context, tx *sql.Tx, schema string, millis int64) error

	// Size is how many bytes a database takes on disk.
	Size func(ctx context.Context, db *sql.DB) (int64, error)

	// Unprepared leaves preparing to the driver: with many schemas, many connections and a pooler
	// between, statements prepared by us would be lost or too many.
	Unprepared bool

	// Patience is how long a statement, and the whole of a Write, may take unless its context is
	// one of [Patiently]; 0 for ever.
	Patience time.Duration

	// Position is how far the log of a primary is written, after what is committed, and whether a
	// schema is there; Replayed is how far a streaming replica has got with it, and how long ago that
	// was written. A server that is not what it should be, or follows nobody, errs. nil where there are no replicas.
	Position func(ctx context.Context, primary *sql.DB, schema string) (position int64, there bool, err error)
	Replayed func(ctx context.Context, replica *sql.DB) (position int64, behind time.Duration, err error)

	// Probe asks whether the database is there and takes writes. It is called again and again while
	// the database is down; nil where it cannot be down on its own.
	Probe func(ctx context.Context) error

	// Materialise brings the schemas of logical shards up to date and, with create, makes those that
	// are missing; nil where one schema plays them all. Several processes may call it at once.
	Materialise func(ctx context.Context, shards []tintype.Shard, create bool) error

	// Integrity reads a whole database and gives what is broken in its files; nil where the engine has no such check.
	Integrity func(ctx context.Context, db *sql.DB) ([]string, error)
}

// JobRow is a job about to be inserted.
type JobRow struct {
	Kind      job.Kind
	Args      []byte // JSON of job.Args
	NotBefore int64  // Unix microseconds; 0 for at once
	Shard     int    // the logical shard whose write caused it; -1 for the directory, and where one schema plays all shards
}
