package move

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/tintype"
)

// snapshot is a transaction that sees a database as of its first look.
type snapshot struct {
	place *place
	tx    *sql.Tx
}

// begin begins one that has not looked yet.
func begin(ctx context.Context, p *place) (*snapshot, error) {
	tx, err := p.db.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, failed(p, "beginning to compare", err)
	}
	return &snapshot{p, tx}, nil
}

// pin makes it look. The settings make equal rows equal texts, whatever the databases have.
func (s *snapshot) pin(ctx context.Context) error {
	_, err := s.tx.ExecContext(ctx, "SELECT set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true)")
	return failed(s.place, "beginning to compare", err)
}

func (s *snapshot) close() { _ = s.tx.Rollback() } // it only read

// side is one of two copies.
type side struct {
	*snapshot
	schema string
}

// sum is a count of rows and a checksum that does not depend on their order:
// the sum of 64 bits of each row's MD5. Rows are taken as text, by column names.
func (s side) sum(ctx context.Context, t table) (rows int64, sum string, err error) {
	err = s.tx.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*), coalesce(sum(('x' || substr(md5(ROW(%s)::text), 1, 16))::bit(64)::bigint), 0)::text FROM %s.%s",
		strings.Join(t.columns, ", "), s.schema, t.name)).Scan(&rows, &sum)
	return rows, sum, failed(s.place, "summing up "+s.schema+"."+t.name, err)
}

// compare compares two copies and gives how many rows they have.
func (t *task) compare(ctx context.Context, a, b side) (int64, error) {
	var total, done, rows int64
	for _, tab := range t.tables {
		total += tab.bytes
	}
	var wrong []string
	for _, tab := range t.tables {
		t.tell("comparing "+tab.name, done, total)
		var n [2]int64
		var sums [2]string
		g, gctx := errgroup.WithContext(ctx)
		for i, s := range []side{a, b} {
			g.Go(func() (err error) { n[i], sums[i], err = s.sum(gctx, tab); return err })
		}
		if err := g.Wait(); err != nil {
			return 0, err
		}
		if n[0] != n[1] || sums[0] != sums[1] {
			wrong = append(wrong, fmt.Sprintf("%s (%d and %d rows)", tab.name, n[0], n[1]))
		}
		rows += n[0]
		done += tab.bytes
	}
	if len(wrong) > 0 {
		return 0, tintype.Errorf(tintype.Internal, "the copies of shard %d on %s and %s differ in %s; nothing was dropped", t.shard, a.place.Name, b.place.Name, strings.Join(wrong, ", "))
	}
	return rows, nil
}

// verify brings the jobs after the shard and compares what moved with what was.
func (t *task) verify(ctx context.Context) error {
	t.tell("ending the replication", 0, 0)
	if err := t.unlink(ctx); err != nil {
		return err
	}
	t.at("verify: unlinked")
	n, err := t.carryJobs(ctx)
	if t.result.Jobs += n; err != nil {
		return err
	}
	t.at("verify: jobs")
	gone, err := t.source.has(ctx, old(t.shard))
	if err != nil {
		return failed(t.source, "looking for the old copy", err)
	}
	if !gone {
		return t.enter(ctx, Dropping) // dropped by an earlier program that could not write it down
	}
	if t.tables, err = t.source.tables(ctx, old(t.shard)); err != nil {
		return failed(t.source, "listing the tables", err)
	}
	if t.before == nil {
		err = t.compareKeys(ctx)
	} else {
		var was *snapshot
		if was, err = begin(ctx, t.source); err != nil {
			return err
		}
		defer was.close()
		if err = was.pin(ctx); err == nil {
			t.result.Rows, err = t.compare(ctx, side{was, old(t.shard)}, side{t.before, name(t.shard)})
		}
		t.before.close()
		t.before = nil
	}
	if err != nil {
		return err
	}
	t.at("verify: compared")
	return t.enter(ctx, Dropping)
}

// compareKeys is what can be compared once the moment of the fence is lost with
// the program that had it: every row of the old copy is still there, by its key.
// What was deleted since, in all right, is missing too.
func (t *task) compareKeys(ctx context.Context) error {
	if t.unverified {
		return nil
	}
	var missing []string
	for _, tab := range t.tables {
		t.tell("comparing the keys of "+tab.name, 0, 0)
		n, err := t.missing(ctx, tab)
		if err != nil {
			return err
		}
		if n > 0 {
			missing = append(missing, fmt.Sprintf("%d of %s", n, tab.name))
		}
	}
	if len(missing) > 0 {
		return tintype.Errorf(tintype.Conflict, "the program that changed the map died before it had compared the copies, and since then %s are gone from %s: people may have deleted them, or they are lost. The old copy is in %s of %s. If all is well, drop it with: tintype shard move %d --resume --unverified",
			strings.Join(missing, ", "), t.target.Name, old(t.shard), t.source.Name, t.shard)
	}
	return nil
}

// missing counts the rows of the old copy whose keys are not at the new home, with both keys in order.
func (t *task) missing(ctx context.Context, tab table) (int64, error) {
	text := "SELECT ROW(" + strings.Join(tab.key, ", ") + ")::text COLLATE \"C\" AS k FROM %s." + tab.name + " ORDER BY k"
	was, err := t.source.db.QueryContext(ctx, fmt.Sprintf(text, old(t.shard)))
	if err != nil {
		return 0, failed(t.source, "reading keys", err)
	}
	defer was.Close()
	is, err := t.target.db.QueryContext(ctx, fmt.Sprintf(text, name(t.shard)))
	if err != nil {
		return 0, failed(t.target, "reading keys", err)
	}
	defer is.Close()
	var a, b string
	var n int64
	more := true
	for was.Next() {
		if err := was.Scan(&a); err != nil {
			return 0, failed(t.source, "reading keys", err)
		}
		for more && b < a {
			if more = is.Next(); more {
				if err := is.Scan(&b); err != nil {
					return 0, failed(t.target, "reading keys", err)
				}
			}
		}
		if !more || a != b {
			n++
		}
	}
	if err := is.Err(); err != nil {
		return 0, failed(t.target, "reading keys", err)
	}
	return n, failed(t.source, "reading keys", was.Err())
}

// drop takes the old copy away and what the move left at the new home.
func (t *task) drop(ctx context.Context) error {
	t.tell("dropping the old copy", 0, 0)
	n, err := t.carryJobs(ctx) // those that were being worked the first time and failed
	if t.result.Jobs += n; err != nil {
		return err
	}
	if err := t.dropSchema(ctx, t.source, old(t.shard)); err != nil {
		return err
	}
	t.at("drop: old copy")
	schema := name(t.shard)
	const tries = 60
	for try := 1; ; try++ {
		err := t.target.within(ctx, "SET LOCAL lock_timeout = '250ms'", "DROP FUNCTION IF EXISTS "+schema+"."+gate+" CASCADE")
		if err == nil {
			break
		}
		if !lostRace(err) || try == tries {
			return failed(t.target, "taking away the gate", err)
		}
		if err := sleep(ctx, time.Second/2); err != nil {
			return err
		}
	}
	t.at("drop: gate")
	if err := t.target.exec(ctx, "COMMENT ON SCHEMA "+schema+" IS NULL"); err != nil {
		return failed(t.target, "taking away the comment", err)
	}
	return t.enter(ctx, Done)
}

// carryJobs brings the jobs of the shard that wait, or were given up, to its new
// home. A job that runs ends where it is, and one that is left behind is worked
// there all the same: handlers find rows by their IDs. Each is inserted before it
// is deleted, so a death in between makes two of it, which handlers bear.
func (t *task) carryJobs(ctx context.Context) (int, error) {
	carried := 0
	for {
		n, err := t.carrySome(ctx)
		carried += n
		if err != nil || n == 0 {
			return carried, err
		}
		t.tell(fmt.Sprintf("%d jobs followed", carried), 0, 0)
	}
}

func (t *task) carrySome(ctx context.Context) (int, error) {
	from, err := t.source.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, failed(t.source, "taking jobs along", err)
	}
	defer from.Rollback()
	var n int
	var ids, jobs sql.NullString
	// The tests of metadata have an index.
	if err := from.QueryRowContext(ctx, `SELECT count(*), json_agg(id)::text, jsonb_agg(to_jsonb(j))::text FROM (
		SELECT * FROM public.river_job WHERE metadata ? 'shard' AND (metadata ->> 'shard')::int = $1 AND state NOT IN ('running', 'completed')
		ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED) AS j`, int64(t.shard)).Scan(&n, &ids, &jobs); err != nil {
		return 0, failed(t.source, "taking jobs along", err)
	}
	if n == 0 {
		return 0, nil
	}
	// The notification is what River's own insert sends.
	if _, err := t.target.db.ExecContext(ctx, `WITH j AS (
			INSERT INTO public.river_job SELECT r.* FROM jsonb_array_elements($1::jsonb) AS e(job),
				LATERAL jsonb_populate_record(NULL::public.river_job, e.job || jsonb_build_object('id', nextval('public.river_job_id_seq'))) AS r
			RETURNING queue)
		SELECT pg_notify('public.river_insert', '{"queue": "' || queue || '"}') FROM (SELECT DISTINCT queue FROM j) AS q`, jobs.String); err != nil {
		return 0, failed(t.target, "taking jobs along", err)
	}
	t.at("jobs: inserted")
	if _, err := from.ExecContext(ctx, "DELETE FROM public.river_job WHERE id IN (SELECT value::bigint FROM json_array_elements_text($1::json))", ids.String); err != nil {
		return 0, failed(t.source, "taking jobs along", err)
	}
	return n, failed(t.source, "taking jobs along", from.Commit())
}
