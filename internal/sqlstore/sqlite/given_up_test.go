package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
)

// A write whose caller goes away has an outcome, and the caller is told which:
// what is done after it (dropping caches, deleting files) relies on that.
func TestGivenUpWriteIsDoneOrNot(t *testing.T) {
	t.Parallel()
	h := sqlstore.Home{DB: open(t, filepath.Join(t.TempDir(), "t.db"), time.Now)}
	there := func() (n int) {
		if _, err := h.QueryRow(context.Background(), count, []any{&n}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i := range 20 {
		before := there()
		ctx, cancel := context.WithCancel(context.Background())
		err := h.Write(ctx, func(tx *sqlstore.Tx) error {
			defer cancel()
			_, err := tx.Exec(ctx, insert, "v", fmt.Sprint("given up ", i), 0)
			return err
		})
		at := there()
		if err := h.Write(context.Background(), func(*sqlstore.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if later := there(); at != later || (err == nil) != (later > before) {
			t.Fatalf("given up with %v: %d rows, then %d, then %d", err, before, at, later)
		}
	}
}

var insertMany = &sqlstore.Stmt{Name: "test.insert_many", SQL: `
	INSERT INTO {s}settings (name, value, changed_by, changed)
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
	SELECT 'many ' || i, '', 0, 0 FROM n`}

// SQLite rolls a whole transaction back when one of its writes is interrupted,
// so a caller that goes away must not interrupt what it shares with others.
func TestGivenUpWriteTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	h := sqlstore.Home{DB: open(t, filepath.Join(t.TempDir(), "t.db"), time.Now)}
	holding, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // holds the writer until the others are waiting
		_ = h.Write(context.Background(), func(*sqlstore.Tx) error { close(holding); <-release; return nil })
	})
	<-holding
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	const others = 10
	var errs [others]error
	for i := range others {
		wg.Go(func() {
			errs[i] = h.Write(context.Background(), func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(context.Background(), insert, "v", fmt.Sprint("other ", i), 0)
				return err
			})
		})
	}
	wg.Go(func() {
		_ = h.Write(ctx, func(tx *sqlstore.Tx) error {
			time.AfterFunc(20*time.Millisecond, cancel)
			_, err := tx.Exec(ctx, insertMany, 300_000)
			return err
		})
	})
	time.Sleep(50 * time.Millisecond) // for them to be waiting; the test passes all the same if they are not yet
	close(release)
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("write %d, which nobody gave up: %v", i, err)
		}
	}
}
