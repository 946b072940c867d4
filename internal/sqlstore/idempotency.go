package sqlstore

import (
	"bytes"
	"context"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Idempotency remembers what requests with a key did, so that a repeat gets the
// same answer. Keys and requests come as hashes; results are kept for a day.
type Idempotency struct {
	R     Router
	Clock tintype.Clock
}

var (
	stmtIdemGet = &Stmt{Name: "idempotency.get", SQL: `
		SELECT request_hash, status, result FROM {s}idempotency WHERE user_id = $1 AND key_hash = $2`}
	stmtIdemPut = &Stmt{Name: "idempotency.put", SQL: `
		INSERT INTO {s}idempotency (user_id, key_hash, request_hash, status, result, created) VALUES ($1, $2, $3, $4, $5, $6)`}
	stmtIdemSweep = &Stmt{Name: "idempotency.sweep", SQL: `DELETE FROM {s}idempotency WHERE created < $1`}
)

// keepResults is for how long a repeat is recognised.
const keepResults = 24 * time.Hour

var errKeyReused = &tintype.Error{Kind: tintype.Conflict, Msg: "this Idempotency-Key was used for another request; please use a new one"}

// Result gives what a former request did, found false if there was none with
// this key; Conflict if there was, but it asked for something else.
func (s Idempotency) Result(ctx context.Context, o tintype.Once) (status int, result string, found bool, err error) {
	return onceResult(ctx, s.R.Home(o.UserID.Shard()), o)
}

// Keep remembers what a request did; Conflict if another with its key came first.
func (s Idempotency) Keep(ctx context.Context, o tintype.Once, status int, result string) error {
	return s.R.Home(o.UserID.Shard()).Write(ctx, func(tx *Tx) error { return keepResult(ctx, tx, o, status, result, s.Clock()) })
}

// Sweep forgets results that are older than a day.
func (s Idempotency) Sweep(ctx context.Context, now time.Time) error {
	for _, h := range s.R.Homes() {
		if err := h.Write(ctx, func(tx *Tx) error { _, err := tx.Exec(ctx, stmtIdemSweep, now.Add(-keepResults)); return err }); err != nil {
			return err
		}
	}
	return nil
}

func onceResult(ctx context.Context, q Querier, o tintype.Once) (status int, result string, found bool, err error) {
	if o.Key == nil {
		return 0, "", false, nil
	}
	var request []byte
	found, err = q.QueryRow(ctx, stmtIdemGet, []any{&request, &status, &result}, o.UserID, o.Key)
	if err == nil && found && !bytes.Equal(request, o.Request) {
		return 0, "", false, errKeyReused
	}
	return status, result, found, err
}

func keepResult(ctx context.Context, tx *Tx, o tintype.Once, status int, result string, now time.Time) error {
	if o.Key == nil {
		return nil
	}
	_, err := tx.Exec(ctx, stmtIdemPut, o.UserID, o.Key, o.Request, status, result, now)
	return err
}
