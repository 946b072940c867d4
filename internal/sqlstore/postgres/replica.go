package postgres

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"
)

// position is where the log of a primary is written up to, commits that were
// acknowledged included, in bytes since its beginning; see PostgreSQL's "System
// Administration Functions".
func position(ctx context.Context, primary *sql.DB, schema string) (pos int64, there bool, err error) {
	err = primary.QueryRowContext(ctx, "SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint, to_regnamespace($1::text) IS NOT NULL",
		strings.TrimSuffix(schema, ".")).Scan(&pos, &there)
	return pos, there, err
}

var errNoStandby = errors.New("the replica is no standby that follows a primary")

// replayed is how far a standby has replayed the log, and how long ago what it
// replayed last was written, if there is more to replay. The receiver is a
// process of a standby that is connected: one that is not may be old without knowing it.
func replayed(ctx context.Context, replica *sql.DB) (pos int64, behind time.Duration, err error) {
	var follows bool
	var at sql.NullInt64
	var micros sql.NullInt64
	if err := replica.QueryRowContext(ctx, `SELECT pg_is_in_recovery() AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver),
		(pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint,
		CASE WHEN pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() THEN 0
			ELSE (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000000)::bigint END`).Scan(&follows, &at, &micros); err != nil {
		return 0, 0, err
	}
	if !follows || !at.Valid {
		return 0, 0, errNoStandby
	}
	return at.Int64, time.Duration(micros.Int64) * time.Microsecond, nil
}
