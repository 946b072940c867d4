package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// fillSchema keeps how far a database is filled. While it is in the directory's
// database no server opens the site.
const fillSchema = `
	CREATE SCHEMA IF NOT EXISTS filling;
	CREATE TABLE IF NOT EXISTS filling.run (run TEXT NOT NULL PRIMARY KEY);
	CREATE TABLE IF NOT EXISTS filling.done (area BIGINT NOT NULL PRIMARY KEY)`

// homes is where the logical shards of a site that is filled are, or are to be.
type homes struct {
	mu   sync.Mutex
	at   map[tintype.Shard]int
	made map[tintype.Shard]bool // its schema is there
	each []int                  // by database: how many
}

// place gives the database of a shard; of a new one that with the fewest.
func (h *homes) place(shard tintype.Shard) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	db, ok := h.at[shard]
	if !ok {
		for i, n := range h.each {
			if n < h.each[db] {
				db = i
			}
		}
		h.put(shard, db)
	}
	return db
}

func (h *homes) put(shard tintype.Shard, db int) {
	if _, ok := h.at[shard]; !ok {
		h.at[shard] = db
		h.each[db]++
	}
}

func (h *homes) made1(shard tintype.Shard, now bool) (before bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before = h.made[shard]
	h.made[shard] = before || now
	return before
}

// Begin implements sqlstore.Target.
func (s *Site) Begin(ctx context.Context, run string) (map[sqlstore.Area]bool, error) {
	var there bool
	if err := s.dbs[0].QueryRow(ctx, "SELECT to_regclass('filling.run') IS NOT NULL").Scan(&there); err != nil {
		return nil, s.wrap(0, "begin", err)
	}
	if !there {
		for i, d := range s.o.Databases {
			if err := s.o.Prepare(ctx, d, i == 0); err != nil {
				return nil, err
			}
		}
		if err := s.checkEmpty(ctx); err != nil {
			return nil, err
		}
	}
	done := map[sqlstore.Area]bool{}
	s.homes = homes{at: map[tintype.Shard]int{}, made: map[tintype.Shard]bool{}, each: make([]int, len(s.dbs))}
	where, err := s.mapped(ctx)
	if err != nil {
		return nil, err
	}
	for shard, db := range where {
		s.homes.put(shard, db)
	}
	// The directory's last: it says that all are prepared.
	for i := len(s.dbs) - 1; i >= 0; i-- {
		if err := s.beginOne(ctx, i, run, done); err != nil {
			return nil, err
		}
	}
	// Those that are to be there even if nobody lives there yet.
	for _, shard := range s.o.Shards {
		if err := s.in(ctx, sqlstore.Area{Shard: shard}, "begin", func(*pgconn.PgConn, bool) error { return nil }); err != nil {
			return nil, err
		}
	}
	return done, nil
}

func (s *Site) beginOne(ctx context.Context, i int, run string, done map[sqlstore.Area]bool) error {
	return s.wrap(i, "begin", pgx.BeginFunc(ctx, s.dbs[i], func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, fillSchema, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO filling.run (run) SELECT $1::text WHERE NOT EXISTS (SELECT 1 FROM filling.run)", run); err != nil {
			return err
		}
		var was string
		if err := tx.QueryRow(ctx, "SELECT run FROM filling.run").Scan(&was); err != nil {
			return err
		}
		if was != run {
			return tintype.Errorf(tintype.Conflict, "another site was being carried to database %s: end that with tintype migrate --cancel", s.o.Databases[i].Name)
		}
		shards, err := s.schemas(ctx, tx, i)
		if err != nil {
			return err
		}
		for _, shard := range shards {
			if db, mapped := s.homes.at[shard]; !mapped || db == i {
				s.homes.put(shard, i)
				s.homes.made[shard] = true
			}
		}
		rows, err := tx.Query(ctx, "SELECT area FROM filling.done")
		if err != nil {
			return err
		}
		var area int64
		_, err = pgx.ForEachRow(rows, []any{&area}, func() error { done[sqlstore.AreaNumber(int(area))] = true; return nil })
		return err
	}))
}

// checkEmpty refuses databases in which somebody is at home.
func (s *Site) checkEmpty(ctx context.Context) error {
	taken := func(i int, table string) error {
		var one int
		err := s.dbs[i].QueryRow(ctx, "SELECT 1 FROM "+table+" LIMIT 1").Scan(&one)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = tintype.Errorf(tintype.Conflict, "there is a site already in database %s: a site is carried into empty databases only", s.o.Databases[i].Name)
		}
		return s.wrap(i, "begin", err)
	}
	if err := taken(0, "directory.names"); err != nil {
		return err
	}
	for i, db := range s.dbs {
		shards, err := s.schemas(ctx, db, i)
		if err != nil {
			return err
		}
		for _, shard := range shards {
			if err := taken(i, SchemaName(shard)+"users"); err != nil {
				return err
			}
		}
	}
	return nil
}

// home gives the database of an area.
func (s *Site) home(a sqlstore.Area) int {
	if a.Directory {
		return 0
	}
	return s.homes.place(a.Shard)
}

// in runs f in a transaction of an area's database, where its schema is made if need be.
func (s *Site) in(ctx context.Context, a sqlstore.Area, what string, f func(pg *pgconn.PgConn, fresh bool) error) error {
	i := s.home(a)
	conn, err := s.dbs[i].Acquire(ctx)
	if err != nil {
		return s.wrap(i, what, err)
	}
	defer conn.Release()
	pg := conn.Conn().PgConn()
	fresh := !a.Directory && !s.homes.made1(a.Shard, false)
	err = inTx(ctx, pg, func() error {
		if err := exec(ctx, pg, "SET LOCAL synchronous_commit = off"); err != nil { // Finish makes all of it last
			return err
		}
		if fresh {
			text, err := schemaText("shard", prefix(a), fmt.Sprint(a.Shard))
			if err != nil {
				return err
			}
			if err := exec(ctx, pg, text); err != nil {
				return err
			}
		}
		return f(pg, fresh)
	})
	if err == nil && fresh {
		s.homes.made1(a.Shard, true)
	}
	return s.wrap(i, what, err)
}

// Put implements sqlstore.Target.
func (s *Site) Put(ctx context.Context, a sqlstore.Area, next func() (sqlstore.Chunk, error)) error {
	return s.in(ctx, a, "put "+a.String(), func(pg *pgconn.PgConn, fresh bool) error {
		option := ""
		if fresh {
			option = ", FREEZE"
		}
		c, err := next()
		for err == nil && c.Table != nil {
			t, n := c.Table, 0
			err = copyIn(ctx, pg, prefix(a)+t.Name, sqlstore.Load{Columns: quotedNames(t.Names()), Rows: func(w sqlstore.RowWriter) (err error) {
				for c.Table == t {
					n += len(c.Rows)
					for _, row := range c.Rows {
						if err := putRow(w, t, row); err != nil {
							return err
						}
					}
					if c, err = next(); err != nil {
						return err
					}
				}
				return nil
			}}, option)
			if err == nil && n >= 1000 { // the planner guesses well enough of less
				err = exec(ctx, pg, "ANALYZE "+prefix(a)+t.Name)
			}
		}
		if err != nil {
			return err
		}
		return exec(ctx, pg, fmt.Sprintf("INSERT INTO filling.done (area) VALUES (%d)", a.Number()))
	})
}

func putRow(w sqlstore.RowWriter, t *sqlstore.Table, row sqlstore.Row) error {
	for i, v := range row {
		if text, ok := v.(string); ok && strings.IndexByte(text, 0) >= 0 {
			return tintype.Errorf(tintype.Invalid, "PostgreSQL holds no text with a NUL in it, which column %s of table %s has in the row %v", t.Columns[i].Name, t.Name, row[t.Key[0]])
		}
		sqlstore.Value(w, v)
	}
	return w.End()
}

// Apply implements sqlstore.Target.
func (s *Site) Apply(ctx context.Context, a sqlstore.Area, keys, rows []sqlstore.Chunk) error {
	i := s.home(a)
	if !a.Directory && !s.homes.made1(a.Shard, false) {
		if err := s.Put(ctx, a, func() (sqlstore.Chunk, error) { return sqlstore.Chunk{}, nil }); err != nil {
			return err
		}
	}
	return s.wrap(i, "apply", pgx.BeginFunc(ctx, s.dbs[i], func(tx pgx.Tx) error {
		var b pgx.Batch
		for _, c := range keys {
			for _, key := range c.Rows {
				b.Queue("DELETE FROM "+prefix(a)+c.Table.Name+" WHERE "+keyIs(c.Table), key...)
			}
		}
		for _, c := range rows {
			marks := make([]string, len(c.Table.Columns))
			for i := range marks {
				marks[i] = fmt.Sprintf("$%d", i+1)
			}
			text := "INSERT INTO " + prefix(a) + c.Table.Name + " (" + strings.Join(quotedNames(c.Table.Names()), ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
			for _, row := range c.Rows {
				b.Queue(text, row...)
			}
		}
		return tx.SendBatch(ctx, &b).Close()
	}))
}

// Discard implements sqlstore.Target.
func (s *Site) Discard(ctx context.Context) error {
	for i, db := range s.dbs {
		var there bool
		if err := db.QueryRow(ctx, "SELECT to_regclass('filling.run') IS NOT NULL").Scan(&there); err != nil {
			return s.wrap(i, "discard", err)
		}
		if !there {
			continue
		}
		shards, err := s.schemas(ctx, db, i)
		if err != nil {
			return err
		}
		for _, shard := range shards {
			if _, err := db.Exec(ctx, "DROP SCHEMA "+strings.TrimSuffix(SchemaName(shard), ".")+" CASCADE"); err != nil {
				return s.wrap(i, "discard", err)
			}
		}
		drop := "DROP SCHEMA filling CASCADE"
		if i == 0 {
			drop = "DROP SCHEMA directory CASCADE; " + drop
		}
		if _, err := db.Exec(ctx, drop, pgx.QueryExecModeSimpleProtocol); err != nil {
			return s.wrap(i, "discard", err)
		}
	}
	return nil
}

// Finish implements sqlstore.Target. The directory's database is the last, in
// one transaction with the jobs: before it nobody opens the site, after it everything is there.
func (s *Site) Finish(ctx context.Context, minted int64, jobs []sqlstore.CarriedJob) error {
	shards := make([][]tintype.Shard, len(s.dbs))
	for shard, db := range s.homes.at {
		shards[db] = append(shards[db], shard)
	}
	for i := len(s.dbs) - 1; i >= 0; i-- {
		for part := range slices.Chunk(shards[i], 100) {
			texts := make([]string, len(part))
			for k, shard := range part {
				texts[k] = advanceTo(SchemaName(shard), minted)
			}
			if _, err := s.dbs[i].Exec(ctx, strings.Join(texts, ";"), pgx.QueryExecModeSimpleProtocol); err != nil {
				return s.wrap(i, "finish", err)
			}
		}
		if err := pgx.BeginFunc(ctx, s.dbs[i], func(tx pgx.Tx) error {
			if i == 0 {
				return s.finishDirectory(ctx, tx, jobs)
			}
			// A commit that is flushed, and with it those before.
			_, err := tx.Exec(ctx, "UPDATE filling.run SET run = run")
			return err
		}); err != nil {
			return s.wrap(i, "finish", err)
		}
	}
	for i, db := range s.dbs[1:] {
		if _, err := db.Exec(ctx, "DROP SCHEMA IF EXISTS filling CASCADE"); err != nil {
			return s.wrap(i+1, "finish", err)
		}
	}
	return nil
}

// Finished implements sqlstore.Target.
func (s *Site) Finished(ctx context.Context) (bool, error) {
	var open bool
	err := s.dbs[0].QueryRow(ctx, "SELECT to_regclass('filling.run') IS NULL AND to_regclass('directory.shard_map') IS NOT NULL").Scan(&open)
	return open, s.wrap(0, "finished", err)
}

// finishDirectory opens the site: the map, the jobs, and the mark of being filled gone.
func (s *Site) finishDirectory(ctx context.Context, tx pgx.Tx, jobs []sqlstore.CarriedJob) error {
	var b pgx.Batch
	now := s.o.Clock()
	for shard, db := range s.homes.at {
		b.Queue("INSERT INTO directory.shard_map (shard, database_name, created) VALUES ($1, $2, $3) ON CONFLICT (shard) DO NOTHING", int64(shard), s.o.Databases[db].Name, sqlstore.Micros(now))
	}
	for _, j := range jobs {
		var failures, given any
		state := "available"
		if j.Scheduled.After(now) {
			state = "scheduled"
		}
		if len(j.Errors) > 0 {
			failures = string(j.Errors)
		}
		if !j.GivenUp.IsZero() {
			state, given = "discarded", j.GivenUp
		}
		b.Queue(`INSERT INTO public.river_job (kind, args, queue, priority, attempt, max_attempts, created_at, scheduled_at, finalized_at, errors, state)
			VALUES ($1, $2::text::jsonb, $3, $4, $5, $6, $7, $8, $9::timestamptz, (SELECT array_agg(e) FROM jsonb_array_elements($10::text::jsonb) AS j(e)), $11::text::public.river_job_state)`,
			j.Kind, string(j.Args), j.Queue, j.Priority, j.Attempt, j.MaxAttempts, j.Created, j.Scheduled, given, failures, state)
	}
	b.Queue("DROP SCHEMA filling CASCADE")
	return tx.SendBatch(ctx, &b).Close()
}
