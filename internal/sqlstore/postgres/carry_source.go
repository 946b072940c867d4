package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// What is noted where. note() gets the area and the table, then the columns of
// the key; bytes in hexadecimal, as both engines' triggers write them.
const watchSchema = `
	BEGIN;
	CREATE SCHEMA carried;
	CREATE TABLE carried.run (run TEXT NOT NULL PRIMARY KEY, target TEXT NOT NULL);
	CREATE TABLE carried.changes (seq BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY, area BIGINT NOT NULL, tab TEXT NOT NULL, key JSONB NOT NULL);
	CREATE FUNCTION carried.key(r JSONB, columns TEXT[]) RETURNS JSONB LANGUAGE sql IMMUTABLE AS $f$
		SELECT jsonb_agg(CASE WHEN c LIKE 'hex:%' THEN to_jsonb(substr(r ->> substr(c, 5), 3)) ELSE r -> c END ORDER BY n) FROM unnest(columns) WITH ORDINALITY AS u(c, n)
	$f$;
	CREATE FUNCTION carried.note() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER AS $f$
	BEGIN
		IF TG_OP <> 'INSERT' THEN
			INSERT INTO carried.changes (area, tab, key) VALUES (TG_ARGV[0]::BIGINT, TG_ARGV[1], carried.key(to_jsonb(OLD), TG_ARGV[2:]));
		END IF;
		IF TG_OP <> 'DELETE' THEN
			INSERT INTO carried.changes (area, tab, key) VALUES (TG_ARGV[0]::BIGINT, TG_ARGV[1], carried.key(to_jsonb(NEW), TG_ARGV[2:]));
		END IF;
		RETURN NULL;
	END
	$f$;
	COMMIT`

// Watch implements sqlstore.Source. Nothing may be moved between databases until Unwatch.
func (s *Site) Watch(ctx context.Context, target string) (run string, err error) {
	if err := s.checkVersions(ctx); err != nil {
		return "", err
	}
	for i := len(s.dbs) - 1; i >= 0; i-- { // the directory's last: it says that all are watched
		if run, err = s.watchOne(ctx, i, target, run); err != nil {
			return "", err
		}
	}
	return run, nil
}

// watchOne watches one database, for the run of the one before it. A former
// call that died may have come part of the way: that there is a run is written last.
func (s *Site) watchOne(ctx context.Context, i int, target, run string) (string, error) {
	db := s.dbs[i]
	var there bool
	if err := db.QueryRow(ctx, "SELECT to_regclass('carried.run') IS NOT NULL").Scan(&there); err != nil {
		return "", s.wrap(i, "watch", err)
	}
	if there {
		var was, mine string
		err := db.QueryRow(ctx, "SELECT run, target FROM carried.run").Scan(&mine, &was)
		switch {
		case err == nil && (was != target || run != "" && mine != run):
			return "", tintype.Errorf(tintype.Conflict, "this site is on its way to %s already: finish that, or end it with tintype migrate --cancel", was)
		case err == nil:
			return mine, nil
		case !errors.Is(err, pgx.ErrNoRows):
			return "", s.wrap(i, "watch", err)
		}
	} else if _, err := db.Exec(ctx, watchSchema, pgx.QueryExecModeSimpleProtocol); err != nil {
		return "", s.wrap(i, "watch", err)
	}
	if run == "" {
		run = rand.Text()
	}
	areas, err := s.areas(ctx, db, i)
	if err != nil {
		return "", err
	}
	for _, a := range areas {
		if _, err := db.Exec(ctx, s.watching(a, false)+s.watching(a, true), pgx.QueryExecModeSimpleProtocol); err != nil {
			return "", s.wrap(i, "watch", err)
		}
	}
	_, err = db.Exec(ctx, "INSERT INTO carried.run (run, target) VALUES ($1, $2)", run, target)
	return run, s.wrap(i, "watch", err)
}

// watching is the statements that watch an area, or no longer do.
func (s *Site) watching(a sqlstore.Area, on bool) string {
	var b strings.Builder
	for _, t := range s.o.Tables {
		if t.Directory != a.Directory {
			continue
		}
		if !on {
			fmt.Fprintf(&b, "DROP TRIGGER IF EXISTS carried ON %s%s;", prefix(a), t.Name)
			continue
		}
		args := []string{fmt.Sprintf("'%d'", a.Number()), "'" + t.Name + "'"}
		for _, k := range t.Key {
			name := t.Columns[k].Name
			if t.Columns[k].Kind == sqlstore.Bytes {
				name = "hex:" + name
			}
			args = append(args, "'"+name+"'")
		}
		fmt.Fprintf(&b, "CREATE TRIGGER carried AFTER INSERT OR UPDATE OR DELETE ON %s%s FOR EACH ROW EXECUTE FUNCTION carried.note(%s);", prefix(a), t.Name, strings.Join(args, ", "))
	}
	return b.String()
}

// areas gives those of one database.
func (s *Site) areas(ctx context.Context, q interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, i int) ([]sqlstore.Area, error) {
	shards, err := s.schemas(ctx, q, i)
	if err != nil {
		return nil, err
	}
	where, err := s.mapped(ctx)
	if err != nil {
		return nil, err
	}
	var out []sqlstore.Area
	if i == 0 {
		out = append(out, sqlstore.Area{Directory: true})
	}
	for _, shard := range shards {
		if db, ok := where[shard]; ok && db == i {
			out = append(out, sqlstore.Area{Shard: shard})
		}
	}
	return out, nil
}

// checkVersions refuses a site whose tables are not those of this program.
func (s *Site) checkVersions(ctx context.Context) error {
	for i, db := range s.dbs {
		areas, err := s.areas(ctx, db, i)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(areas, 200) {
			var texts []string
			for _, a := range part {
				set := "shard"
				if a.Directory {
					set = "directory"
				}
				steps, err := newest(set)
				if err != nil {
					return err
				}
				texts = append(texts, fmt.Sprintf("SELECT count(*) FROM %smigrations HAVING max(number) <> %s", prefix(a), steps[len(steps)-1][:4]))
			}
			rows, err := db.Query(ctx, strings.Join(texts, " UNION ALL "))
			if err != nil {
				return s.wrap(i, "versions", err)
			}
			odd, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			if err != nil {
				return s.wrap(i, "versions", err)
			}
			if len(odd) > 0 {
				return tintype.Errorf(tintype.Invalid, "the tables in database %s are of another version of tintype: start this version's tintype serve on the fleet once, then try again", s.o.Databases[i].Name)
			}
		}
	}
	return nil
}

// Unwatch implements sqlstore.Source.
func (s *Site) Unwatch(ctx context.Context) error {
	for i, db := range s.dbs {
		areas, err := s.areas(ctx, db, i)
		if err != nil {
			return err
		}
		for _, a := range areas {
			if _, err := db.Exec(ctx, s.watching(a, false), pgx.QueryExecModeSimpleProtocol); err != nil {
				return s.wrap(i, "unwatch", err)
			}
		}
		if _, err := db.Exec(ctx, "DROP SCHEMA IF EXISTS carried CASCADE"); err != nil {
			return s.wrap(i, "unwatch", err)
		}
	}
	return nil
}

// Forget implements sqlstore.Source.
func (s *Site) Forget(ctx context.Context, list []sqlstore.Change) error {
	for i, db := range s.dbs {
		var seqs []int64
		for _, c := range list {
			if c.Database == i {
				seqs = append(seqs, c.Seq)
			}
		}
		if len(seqs) > 0 {
			if _, err := db.Exec(ctx, "DELETE FROM carried.changes WHERE seq = ANY($1::bigint[])", seqs); err != nil {
				return s.wrap(i, "forget", err)
			}
		}
	}
	return nil
}

// Jobs implements sqlstore.Source.
func (s *Site) Jobs(ctx context.Context) ([]sqlstore.CarriedJob, error) {
	var out []sqlstore.CarriedJob
	for i, db := range s.dbs {
		rows, err := db.Query(ctx, `SELECT kind, args::text, queue, priority, attempt, max_attempts, created_at, scheduled_at, to_jsonb(errors)::text, CASE WHEN state = 'discarded' THEN finalized_at END
			FROM public.river_job WHERE state NOT IN ('completed', 'cancelled') ORDER BY id`)
		if err != nil {
			return nil, s.wrap(i, "jobs", err)
		}
		list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (j sqlstore.CarriedJob, err error) {
			var args string
			var failures *string
			var given *time.Time
			if err := row.Scan(&j.Kind, &args, &j.Queue, &j.Priority, &j.Attempt, &j.MaxAttempts, &j.Created, &j.Scheduled, &failures, &given); err != nil {
				return j, err
			}
			j.Args = []byte(args)
			if failures != nil {
				j.Errors = []byte(*failures)
			}
			if given != nil {
				j.GivenUp = *given
			}
			return j, nil
		})
		if err != nil {
			return nil, s.wrap(i, "jobs", err)
		}
		out = append(out, list...)
	}
	return out, nil
}

// Freeze makes every database refuse writes of everybody but this program, now
// and until Thaw: sessions that begin from now on may only read, and those
// that are there are ended; their servers connect anew.
func (s *Site) Freeze(ctx context.Context) error {
	for i, db := range s.dbs {
		if err := alterDatabase(ctx, db, "SET default_transaction_read_only = on"); err != nil {
			return s.wrap(i, "freeze", err)
		}
		// A session that began with the old setting is ended. Twice: one that just begins has read
		// its settings for a moment before it can be seen.
		for range 2 {
			if _, err := db.Exec(ctx, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
				WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> $1`, application); err != nil {
				return s.wrap(i, "freeze", err)
			}
			if _, err := db.Exec(ctx, "SELECT pg_sleep(0.1)"); err != nil {
				return s.wrap(i, "freeze", err)
			}
		}
	}
	return nil
}

// Thaw undoes Freeze.
func (s *Site) Thaw(ctx context.Context) error {
	for i, db := range s.dbs {
		if err := alterDatabase(ctx, db, "RESET default_transaction_read_only"); err != nil {
			return s.wrap(i, "thaw", err)
		}
		if _, err := db.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> $1`, application); err != nil {
			return s.wrap(i, "thaw", err)
		}
	}
	return nil
}

func alterDatabase(ctx context.Context, db *pgxpool.Pool, what string) error {
	var name string
	if err := db.QueryRow(ctx, "SELECT current_database()").Scan(&name); err != nil {
		return err
	}
	_, err := db.Exec(ctx, "ALTER DATABASE "+pgx.Identifier{name}.Sanitize()+" "+what)
	return err
}

// Read implements sqlstore.Source and sqlstore.Target: a snapshot of each
// database. Between databases the views are a moment apart, which what is noted
// of changes makes good. Each area is read in a transaction of its own that has the
// snapshot: one for all would hold a lock on each of their tables, more than a server has.
func (s *Site) Read(ctx context.Context) (sqlstore.Reader, error) {
	r := &siteReader{s: s, at: map[sqlstore.Area]int{}}
	for i, db := range s.dbs {
		tx, err := db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return nil, errors.Join(s.wrap(i, "read", err), r.Close())
		}
		r.txs = append(r.txs, tx)
		var snapshot string
		if err := tx.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&snapshot); err != nil {
			return nil, errors.Join(s.wrap(i, "read", err), r.Close())
		}
		r.snapshots = append(r.snapshots, snapshot)
		shards, err := s.schemas(ctx, tx, i)
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
		for _, shard := range shards {
			r.at[sqlstore.Area{Shard: shard}] = i
		}
	}
	r.at[sqlstore.Area{Directory: true}] = 0
	where, err := s.mapped(ctx)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	for shard, db := range where {
		r.at[sqlstore.Area{Shard: shard}] = db // of several schemas of one name the map's counts
	}
	return r, nil
}

// siteReader implements sqlstore.Reader.
type siteReader struct {
	s         *Site
	txs       []pgx.Tx // which keep the snapshots
	snapshots []string
	at        map[sqlstore.Area]int

	area sqlstore.Area // of tx
	tx   pgx.Tx        // nil before the first area
}

// Close implements sqlstore.Reader.
func (r *siteReader) Close() error {
	err := r.leave()
	for _, tx := range r.txs {
		err = errors.Join(err, tx.Rollback(context.Background()))
	}
	return err
}

// leave ends the transaction of the area that was read last.
func (r *siteReader) leave() error {
	if r.tx == nil {
		return nil
	}
	tx := r.tx
	r.tx = nil
	return tx.Rollback(context.Background())
}

// enter gives a transaction with the snapshot for an area.
func (r *siteReader) enter(ctx context.Context, i int, a sqlstore.Area) (pgx.Tx, error) {
	if r.tx != nil && r.area == a {
		return r.tx, nil
	}
	if err := r.leave(); err != nil {
		return nil, r.s.wrap(i, "read", err)
	}
	tx, err := r.s.dbs[i].BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, r.s.wrap(i, "read", err)
	}
	r.tx, r.area = tx, a
	_, err = tx.Exec(ctx, "SET TRANSACTION SNAPSHOT '"+r.snapshots[i]+"'")
	return tx, r.s.wrap(i, "read", err)
}

// Areas implements sqlstore.Reader; an area may turn out to be empty.
func (r *siteReader) Areas(context.Context) ([]sqlstore.Area, error) {
	out := make([]sqlstore.Area, 0, len(r.at))
	for a := range r.at {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b sqlstore.Area) int { return a.Number() - b.Number() })
	return out, nil
}

// Rows implements sqlstore.Reader.
func (r *siteReader) Rows(ctx context.Context, a sqlstore.Area, t *sqlstore.Table, each func(sqlstore.Row) error) error {
	i, ok := r.at[a]
	if !ok || t.Directory != a.Directory {
		return nil
	}
	return r.query(ctx, i, a, t, each, "SELECT "+strings.Join(quotedNames(t.Names()), ", ")+" FROM "+prefix(a)+t.Name, nil)
}

func (r *siteReader) query(ctx context.Context, i int, a sqlstore.Area, t *sqlstore.Table, each func(sqlstore.Row) error, text string, args []any) error {
	tx, err := r.enter(ctx, i, a)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, text, args...)
	if err != nil {
		return r.s.wrap(i, t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return r.s.wrap(i, t.Name, err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return r.s.wrap(i, t.Name, rows.Err())
}

// Find implements sqlstore.Reader.
func (r *siteReader) Find(ctx context.Context, a sqlstore.Area, t *sqlstore.Table, keys []sqlstore.Row, each func(sqlstore.Row) error) error {
	i, ok := r.at[a]
	if !ok {
		return nil
	}
	text := "SELECT " + strings.Join(quotedNames(t.Names()), ", ") + " FROM " + prefix(a) + t.Name + " WHERE " + keyIs(t)
	for _, key := range keys {
		if err := r.query(ctx, i, a, t, each, text, key); err != nil {
			return err
		}
	}
	return nil
}

// Changes implements sqlstore.Reader.
func (r *siteReader) Changes(ctx context.Context, limit int) ([]sqlstore.Change, error) {
	var out []sqlstore.Change
	for i, tx := range r.txs {
		rows, err := tx.Query(ctx, "SELECT seq, area, tab, key::text FROM carried.changes ORDER BY seq LIMIT $1", limit-len(out))
		if err != nil {
			return nil, r.s.wrap(i, "changes", err)
		}
		var seq, area int64
		var name, key string
		if _, err := pgx.ForEachRow(rows, []any{&seq, &area, &name, &key}, func() error {
			t := r.s.byName[name]
			if t == nil {
				return fmt.Errorf("a change of the unknown table %s was noted", name)
			}
			k, err := t.ParseKey(key)
			out = append(out, sqlstore.Change{Table: t, Area: sqlstore.AreaNumber(int(area)), Key: k, Seq: seq, Database: i})
			return err
		}); err != nil {
			return nil, r.s.wrap(i, "changes", err)
		}
	}
	return out, nil
}

// Minted implements sqlstore.Reader. Sequences know no snapshot.
func (r *siteReader) Minted(ctx context.Context) (int64, error) {
	newest := int64(0)
	for i, db := range r.s.dbs {
		var texts []string
		for a, at := range r.at {
			if at == i && !a.Directory {
				texts = append(texts, "SELECT last_value FROM "+prefix(a)+"id_seq")
			}
		}
		for part := range slices.Chunk(texts, 200) {
			var n int64
			if err := db.QueryRow(ctx, "SELECT max(last_value) FROM ("+strings.Join(part, " UNION ALL ")+") s").Scan(&n); err != nil {
				return 0, r.s.wrap(i, "id_seq", err)
			}
			newest = max(newest, n>>10+tintype.EpochMillis)
		}
	}
	return newest, nil
}
