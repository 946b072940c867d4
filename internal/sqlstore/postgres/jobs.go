package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// jobInserter inserts what River works. The metadata of a job that a shard's
// write caused is {"shard": N}, by which a move finds those that wait.
func jobInserter(clock tintype.Clock) func(context.Context, *sql.Tx, []sqlstore.JobRow) error {
	type row struct {
		Args     json.RawMessage `json:"args"`
		Kind     string          `json:"kind"`
		Attempts int             `json:"attempts"`
		Queue    string          `json:"queue"`
		At       time.Time       `json:"at"`
		State    string          `json:"state"`
		Metadata map[string]int  `json:"metadata"`
	}
	return func(ctx context.Context, tx *sql.Tx, rows []sqlstore.JobRow) error {
		now := clock().UTC()
		list := make([]row, len(rows))
		for i, r := range rows {
			at, state := now, "available"
			if t := sqlstore.FromMicros(r.NotBefore); t.After(now) {
				at, state = t, "scheduled"
			}
			list[i] = row{r.Args, r.Kind.Name, r.Kind.Attempts, string(r.Kind.Queue), at, state, map[string]int{}}
			if r.Shard >= 0 {
				list[i].Metadata["shard"] = r.Shard
			}
		}
		b, err := json.Marshal(list)
		if err != nil {
			return err
		}
		// Workers hear of it after the commit: see bell.
		_, err = tx.ExecContext(ctx, `
			INSERT INTO public.river_job (args, kind, max_attempts, queue, scheduled_at, created_at, state, metadata, tags)
			SELECT args, kind, attempts, queue, at, $2::timestamptz, state::public.river_job_state, metadata, '{}'
			FROM jsonb_to_recordset($1::jsonb) AS r(args jsonb, kind text, attempts smallint, queue text, at timestamptz, state text, metadata jsonb)`,
			string(b), now)
		return err
	}
}
