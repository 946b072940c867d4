package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Copy is a copy of tables from one database into empty tables of the same
// names in another, together with the replication slot that has every change
// since.
type Copy struct {
	Source, Target string // addresses; Source must not be a pooler's
	Slot           string // of the plugin pgoutput, to be made at the source; it must not be there
	Tables         []CopyTable
	// SlotMade is called when the slot is there and nothing is copied yet.
	SlotMade func() error
	// Copied is called now and then with the bytes of the current table that went over so far.
	Copied func(table CopyTable, bytes int64)
}

// CopyTable names a table and its columns, quoted as they must be.
type CopyTable struct {
	Name    string
	Columns []string
}

// Run makes the slot, whose first change is the first one after the snapshot
// that it exports, and copies that snapshot in one transaction of the target.
// If it fails nothing is at the target, but the slot may be at the source.
// Triggers of the target do not fire. The source holds no lock that a reader or
// writer would wait for. See "Synchronization Snapshots" and
// CREATE_REPLICATION_SLOT in PostgreSQL's manual.
func (c Copy) Run(ctx context.Context) error {
	cfg, err := directConfig("", c.Source)
	if err != nil {
		return err
	}
	// The snapshot is good while this connection stays as it is.
	cfg.RuntimeParams["replication"] = "database"
	keeper, err := pgconn.ConnectConfig(ctx, &cfg.Config)
	if err != nil {
		return fmt.Errorf("a replication connection: %w", err)
	}
	defer closeConn(keeper)
	results, err := keeper.Exec(ctx, fmt.Sprintf(`CREATE_REPLICATION_SLOT "%s" LOGICAL pgoutput EXPORT_SNAPSHOT`, c.Slot)).ReadAll()
	if err != nil {
		return fmt.Errorf("the replication slot: %w", err)
	}
	if len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) < 3 {
		return errors.New("the replication slot: an answer of an unknown form")
	}
	snapshot := string(results[0].Rows[0][2])
	if err := c.SlotMade(); err != nil {
		return err
	}

	source, err := connect(ctx, c.Source)
	if err != nil {
		return err
	}
	defer closeConn(source.PgConn())
	target, err := connect(ctx, c.Target)
	if err != nil {
		return err
	}
	defer closeConn(target.PgConn())
	if err := run(ctx, source, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET TRANSACTION SNAPSHOT '"+snapshot+"'"); err != nil {
		return err
	}
	if err := run(ctx, target, "BEGIN", "SET LOCAL session_replication_role = replica"); err != nil {
		return err
	}
	for _, t := range c.Tables {
		if err := c.table(ctx, source.PgConn(), target.PgConn(), t); err != nil {
			return fmt.Errorf("copying %s: %w", t.Name, err)
		}
	}
	return run(ctx, target, "COMMIT")
}

func (c Copy) table(ctx context.Context, source, target *pgconn.PgConn, t CopyTable) error {
	columns := strings.Join(t.Columns, ", ")
	read, write := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		_, err := source.CopyTo(ctx, &counted{w: write, tell: func(n int64) { c.Copied(t, n) }},
			fmt.Sprintf("COPY %s (%s) TO STDOUT (FORMAT binary)", t.Name, columns))
		write.CloseWithError(err) // nil is the end of the file
		sent <- err
	}()
	_, err := target.CopyFrom(ctx, read, fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary)", t.Name, columns))
	if err == nil {
		err = io.EOF // whatever is still written has nobody to go to
	}
	read.CloseWithError(err)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, <-sent)
}

// counted tells how much went through, at most once for each megabyte.
type counted struct {
	w       io.Writer
	n, told int64
	tell    func(int64)
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if c.n += int64(n); c.n-c.told >= 1<<20 {
		c.told = c.n
		c.tell(c.n)
	}
	return n, err
}

func connect(ctx context.Context, dsn string) (*pgx.Conn, error) {
	cfg, err := directConfig("", dsn)
	if err != nil {
		return nil, err
	}
	return pgx.ConnectConfig(ctx, cfg)
}

func run(ctx context.Context, c *pgx.Conn, statements ...string) error {
	for _, s := range statements {
		if _, err := c.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// closeConn ends a connection even where the context that it was used under has ended.
func closeConn(c *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.Close(ctx) // the server rolls back; there is nothing more to do about it
}
