package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// NewFile is a file that a site is carried into. Until it is finished it has
// another name, under which no server looks for it. It implements sqlstore.Target.
type NewFile struct {
	path, part string
	clock      tintype.Clock
	tables     []*sqlstore.Table
	db         *sqlstore.DB // of the unfinished file
	f          *File        // the same
}

// CreateFile prepares to make a site's file at path. Nothing is made before Begin.
func CreateFile(ctx context.Context, path string, clock tintype.Clock) (*NewFile, error) {
	tables, err := Layout(ctx)
	return &NewFile{path: path, part: path + ".part", clock: clock, tables: tables}, err
}

// Begin implements sqlstore.Target.
func (n *NewFile) Begin(ctx context.Context, run string) (map[sqlstore.Area]bool, error) {
	if _, err := os.Stat(n.path); !errors.Is(err, fs.ErrNotExist) {
		return nil, &tintype.Error{Kind: tintype.Conflict, Msg: "there is a site already at " + n.path + ": choose another directory", Err: err}
	}
	file, err := os.OpenFile(n.part, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return nil, err
	}
	if n.db, err = Open(ctx, Options{Path: n.part, Name: "main", Clock: n.clock, Directory: true}); err != nil {
		return nil, err
	}
	if n.f, err = OpenFile(ctx, n.part); err != nil {
		return nil, err
	}
	// A process that is killed loses nothing by this; a machine that loses power may, and is found out by the sums.
	if _, err := n.f.write.ExecContext(ctx, "PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS carried_done (run TEXT NOT NULL, area INTEGER NOT NULL, PRIMARY KEY (run, area)) STRICT, WITHOUT ROWID"); err != nil {
		return nil, wrapFile("begin", err)
	}
	runs, err := column[string](ctx, n.f.write, "SELECT DISTINCT run FROM carried_done")
	if err != nil {
		return nil, wrapFile("begin", err)
	}
	if len(runs) > 0 && runs[0] != run {
		return nil, tintype.Errorf(tintype.Conflict, "another site was being carried to %s: remove that file if it is no longer wanted", n.part)
	}
	areas, err := column[int64](ctx, n.f.write, "SELECT area FROM carried_done WHERE area <> $1", nothingYet)
	done := map[sqlstore.Area]bool{}
	for _, a := range areas {
		done[sqlstore.AreaNumber(int(a))] = true
	}
	if err == nil {
		_, err = n.f.write.ExecContext(ctx, "INSERT INTO carried_done (run, area) VALUES ($1, $2) ON CONFLICT DO NOTHING", run, nothingYet)
	}
	return done, wrapFile("begin", err)
}

// nothingYet is the area of the row that keeps the name of the run.
const nothingYet = -2

// Put implements sqlstore.Target.
func (n *NewFile) Put(ctx context.Context, a sqlstore.Area, next func() (sqlstore.Chunk, error)) error {
	tx, err := n.f.write.BeginTx(ctx, nil)
	if err != nil {
		return wrapFile("put", err)
	}
	defer tx.Rollback()
	c, err := next()
	for err == nil && c.Table != nil {
		t := c.Table
		err = insert(ctx, tx, t.Name, sqlstore.Load{Columns: quoted(t), Rows: func(w sqlstore.RowWriter) (err error) {
			for c.Table == t {
				for _, row := range c.Rows {
					for _, v := range row {
						sqlstore.Value(w, v)
					}
					if err := w.End(); err != nil {
						return wrapFile(t.Name, err)
					}
				}
				if c, err = next(); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO carried_done (run, area) SELECT run, $1 FROM carried_done WHERE area = $2", a.Number(), nothingYet); err != nil {
		return wrapFile("put", err)
	}
	return wrapFile("put", tx.Commit())
}

func quoted(t *sqlstore.Table) []string {
	names := t.Names()
	for i, name := range names {
		names[i] = `"` + name + `"`
	}
	return names
}

// Apply implements sqlstore.Target.
func (n *NewFile) Apply(ctx context.Context, _ sqlstore.Area, keys, rows []sqlstore.Chunk) error {
	tx, err := n.f.write.BeginTx(ctx, nil)
	if err != nil {
		return wrapFile("apply", err)
	}
	defer tx.Rollback()
	for _, c := range keys {
		for _, key := range c.Rows {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+c.Table.Name+" WHERE "+where(c.Table), key...); err != nil {
				return wrapFile(c.Table.Name, err)
			}
		}
	}
	for _, c := range rows {
		if err := insert(ctx, tx, c.Table.Name, sqlstore.Load{Columns: quoted(c.Table), Rows: func(w sqlstore.RowWriter) error {
			for _, row := range c.Rows {
				for _, v := range row {
					sqlstore.Value(w, v)
				}
				if err := w.End(); err != nil {
					return err
				}
			}
			return nil
		}}); err != nil {
			return wrapFile(c.Table.Name, err)
		}
	}
	return wrapFile("apply", tx.Commit())
}

// Read implements sqlstore.Target.
func (n *NewFile) Read(ctx context.Context) (sqlstore.Reader, error) { return n.f.Read(ctx) }

// Finish implements sqlstore.Target: the file gets its name when all is in it and on the disk.
func (n *NewFile) Finish(ctx context.Context, minted int64, jobs []sqlstore.CarriedJob) error {
	tx, err := n.f.write.BeginTx(ctx, nil)
	if err != nil {
		return wrapFile("finish", err)
	}
	defer tx.Rollback()
	if err := insertJobs(ctx, tx, jobs); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE id_mark SET millis = max(millis, $1)", minted); err != nil {
		return wrapFile("finish", err)
	}
	if _, err := tx.ExecContext(ctx, "DROP TABLE carried_done"); err != nil {
		return wrapFile("finish", err)
	}
	if err := tx.Commit(); err != nil {
		return wrapFile("finish", err)
	}
	if _, err := n.f.write.ExecContext(ctx, "PRAGMA synchronous = FULL; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return wrapFile("finish", err)
	}
	if err := n.Close(); err != nil {
		return err
	}
	return os.Rename(n.part, n.path)
}

// Finished implements sqlstore.Target.
func (n *NewFile) Finished(context.Context) (bool, error) {
	_, err := os.Stat(n.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func insertJobs(ctx context.Context, tx *sql.Tx, jobs []sqlstore.CarriedJob) error {
	for _, j := range jobs {
		var failures, given any
		state := "available"
		if j.Scheduled.After(j.Created) {
			state = "scheduled"
		}
		if len(j.Errors) > 0 {
			failures = string(j.Errors)
		}
		if !j.GivenUp.IsZero() {
			state, given = "discarded", j.GivenUp.UTC().Format(jobTime)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO river_job (kind, args, queue, priority, attempt, max_attempts, created_at, scheduled_at, finalized_at, errors, state)
			VALUES ($1, jsonb($2), $3, $4, $5, $6, $7, $8, $9, jsonb($10), $11)`, j.Kind, string(j.Args), j.Queue, j.Priority, j.Attempt, j.MaxAttempts,
			j.Created.UTC().Format(jobTime), j.Scheduled.UTC().Format(jobTime), given, failures, state); err != nil {
			return wrapFile("jobs", err)
		}
	}
	return nil
}

// Discard implements sqlstore.Target.
func (n *NewFile) Discard(context.Context) error {
	err := n.Close()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if e := os.Remove(n.part + suffix); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// Close implements sqlstore.Target.
func (n *NewFile) Close() error {
	var err error
	if n.f != nil {
		err = n.f.Close()
	}
	if n.db != nil {
		err = errors.Join(err, n.db.Close())
	}
	n.f, n.db = nil, nil
	return err
}
