package move

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/tintype"
)

// halfMade is the comment on a schema that a mover makes. What carries it is
// ours to drop while the map gives another home.
const halfMade = "tintype: the copy of a shard that is being moved here"

// gate is the function whose triggers refuse writes to a copy, and gateState the
// SQLSTATE that they are refused with: invalid_schema_name, which is also what a
// schema that is not there gives, so that whoever writes with an old map looks
// at the new one. Replication is let through: such triggers do not fire for it.
const (
	gate      = "tintype_gate"
	gateState = "3F000"
)

// table is one table of a shard.
type table struct {
	name    string // quoted, without schema
	bytes   int64
	columns []string // quoted, in their order
	key     []string // the primary key's columns
	shape   string   // names and types, to compare
}

func (p *place) tables(ctx context.Context, schema string) ([]table, error) {
	rows, err := p.db.QueryContext(ctx, `SELECT quote_ident(c.relname), pg_table_size(c.oid),
			(SELECT json_agg(quote_ident(a.attname) ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text,
			(SELECT coalesce(json_agg(quote_ident(a.attname) ORDER BY k.n), '[]') FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)
				JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE i.indrelid = c.oid AND i.indisprimary)::text,
			(SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attname)
				FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY c.relname`, schema)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []table
	for rows.Next() {
		var t table
		var columns, key string
		if err := rows.Scan(&t.name, &t.bytes, &columns, &key, &t.shape); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(columns), &t.columns); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(key), &t.key); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// check refuses what cannot work before anything is begun.
func (t *task) check(ctx context.Context) error {
	for _, p := range []*place{t.source, t.target} {
		var wal, river string
		var super, replica bool
		if err := p.db.QueryRowContext(ctx, `SELECT current_setting('wal_level'), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
			pg_is_in_recovery(), coalesce(to_regclass('public.river_job')::text, '')`).Scan(&wal, &super, &replica, &river); err != nil {
			return failed(p, "asking for its settings", err)
		}
		switch {
		case replica:
			return tintype.Errorf(tintype.Unavailable, "database %s is a replica at the moment: shards are moved between primaries", p.Name)
		case wal != "logical":
			return tintype.Errorf(tintype.Invalid, "database %s has wal_level = %s: set wal_level = logical in its postgresql.conf and restart it", p.Name, wal)
		case !super:
			return tintype.Errorf(tintype.Invalid, "moving shards takes a superuser on database %s: PostgreSQL gives publications of schemas and subscriptions to nobody else", p.Name)
		case river == "":
			return tintype.Errorf(tintype.Invalid, "database %s has no job table yet: start the site once with this database in its configuration", p.Name)
		}
	}
	schema := name(t.shard)
	switch ok, err := t.source.has(ctx, schema); {
	case err != nil:
		return failed(t.source, "looking for the schema", err)
	case !ok:
		return tintype.Errorf(tintype.NotFound, "database %s has no schema %s, although the map says so: see tintype shard verify", t.source.Name, schema)
	}
	if ok, err := t.source.has(ctx, old(t.shard)); err != nil || ok {
		return inTheWay(t.source, old(t.shard), err)
	}
	if ok, err := t.target.has(ctx, old(t.shard)); err != nil || ok {
		return inTheWay(t.target, old(t.shard), err)
	}
	switch ok, err := t.target.has(ctx, schema); {
	case err != nil:
		return failed(t.target, "looking for the schema", err)
	case ok:
		if mine, err := t.target.marked(ctx, schema); err != nil || !mine {
			return inTheWay(t.target, schema, err)
		}
	}
	newest, err := postgres.ShardMigration()
	if err != nil {
		return err
	}
	var has int
	if err := t.source.db.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM "+schema+".migrations").Scan(&has); err != nil {
		return failed(t.source, "reading the schema's migrations", err)
	}
	if has != newest {
		return tintype.Errorf(tintype.Invalid, "shard %d is at migration %d and this program at %d: use the program that the site runs with", t.shard, has, newest)
	}
	return nil
}

func inTheWay(p *place, schema string, err error) error {
	if err != nil {
		return failed(p, "looking for the schema", err)
	}
	return tintype.Errorf(tintype.Conflict, "database %s has a schema %s that no move under way has made: see what is in it, then rename or drop it", p.Name, schema)
}

// marked says whether a mover made the schema.
func (p *place) marked(ctx context.Context, schema string) (bool, error) {
	var comment string
	err := p.db.QueryRowContext(ctx, "SELECT coalesce(max(obj_description(oid, 'pg_namespace')), '') FROM pg_namespace WHERE nspname = $1", schema).Scan(&comment)
	return comment == halfMade, err
}

// copy makes the target's schema and fills it. It begins anew each time: a copy
// is one transaction, and a slot's snapshot is given once.
func (t *task) copy(ctx context.Context) error {
	if err := t.settled(ctx); err != nil {
		return err
	}
	t.tell("looking at both databases", 0, 0)
	if err := t.clear(ctx); err != nil {
		return err
	}
	if err := t.check(ctx); err != nil {
		return err
	}
	if err := t.makeTarget(ctx); err != nil {
		return err
	}
	t.at("copy: schema")
	schema := name(t.shard)
	// Before the slot: what the slot sends is looked up as of that time.
	if err := t.source.exec(ctx, "CREATE PUBLICATION "+link(t.shard)+" FOR TABLES IN SCHEMA "+schema); err != nil {
		return failed(t.source, "making the publication", err)
	}
	t.at("copy: publication")
	if err := t.copyRows(ctx); err != nil {
		return err
	}
	t.at("copy: rows")
	slot, err := t.source.slot(ctx, t.shard)
	if err != nil {
		return failed(t.source, "naming the slot", err)
	}
	if err := t.target.exec(ctx, fmt.Sprintf("CREATE SUBSCRIPTION %s CONNECTION %s PUBLICATION %[1]s WITH (create_slot = false, slot_name = '%[3]s', copy_data = false)",
		link(t.shard), quote(postgres.ServerDSN(t.source.DSN)), slot)); err != nil {
		return failed(t.target, "subscribing to "+t.source.Name+", whose address must be good for this server too", err)
	}
	t.at("copy: subscription")
	return t.enter(ctx, Catching)
}

func (t *task) copyRows(ctx context.Context) error {
	slot, err := t.source.slot(ctx, t.shard)
	if err != nil {
		return failed(t.source, "naming the slot", err)
	}
	c := postgres.Copy{Source: t.source.DSN, Target: t.target.DSN, Slot: slot,
		SlotMade: func() error { t.at("copy: slot"); return nil }}
	sizes := map[string]int64{}
	var total int64
	for _, tab := range t.tables {
		c.Tables = append(c.Tables, postgres.CopyTable{Name: name(t.shard) + "." + tab.name, Columns: tab.columns})
		sizes[name(t.shard)+"."+tab.name] = tab.bytes
		total += tab.bytes
	}
	t.tell("waiting for the transactions that run", 0, total)
	var done int64
	last := ""
	c.Copied = func(tab postgres.CopyTable, bytes int64) {
		if tab.Name != last {
			done += sizes[last]
			last = tab.Name
		}
		t.tell("copying "+tab.Name, done+min(bytes, sizes[tab.Name]), total)
	}
	if err := c.Run(ctx); err != nil {
		return failed(t.source, "copying the shard to "+t.target.Name, err)
	}
	t.tell("copied", total, total)
	return nil
}

// settled waits until every process knows that the shard once left the target,
// for what still thinks it there would read from a copy half made. (It could not
// write: see gate.)
func (t *task) settled(ctx context.Context) error {
	for {
		var flipped int64
		if err := t.lock.QueryRowContext(ctx, "SELECT coalesce(max(flipped), 0) FROM directory.shard_moves WHERE shard = $1 AND source = $2 AND id < $3",
			int64(t.shard), t.target.Name, t.id).Scan(&flipped); err != nil {
			return failed(t.directory(), "reading earlier moves", err)
		}
		wait := time.Duration(flipped-t.now())*time.Microsecond + t.settle
		if flipped == 0 || wait <= 0 {
			return nil
		}
		t.tell("waiting until every process knows that the shard left "+t.target.Name, 0, 0)
		if err := sleep(ctx, min(wait, time.Second)); err != nil {
			return err
		}
	}
}

// makeTarget makes the empty schema, closed to everybody but the replication.
func (t *task) makeTarget(ctx context.Context) error {
	schema := name(t.shard)
	// In one: a schema without the comment would not be ours to drop.
	tx, err := t.target.db.BeginTx(ctx, nil)
	if err != nil {
		return failed(t.target, "making the schema", err)
	}
	defer tx.Rollback()
	for _, s := range []string{"CREATE SCHEMA " + schema, "COMMENT ON SCHEMA " + schema + " IS " + quote(halfMade)} {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return failed(t.target, "making the schema", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return failed(t.target, "making the schema", err)
	}
	t.at("copy: bare schema")
	if err := postgres.Materialise(ctx, t.target.db, t.shard); err != nil {
		return failed(t.target, "making the tables", err)
	}
	if t.tables, err = t.source.tables(ctx, schema); err != nil {
		return failed(t.source, "listing the tables", err)
	}
	theirs, err := t.target.tables(ctx, schema)
	if err != nil {
		return failed(t.target, "listing the tables", err)
	}
	if err := sameShape(t.tables, theirs); err != nil {
		return err
	}
	// The migrations come with the other rows.
	statements := []string{"TRUNCATE " + schema + ".migrations",
		fmt.Sprintf("CREATE FUNCTION %s.%s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '%s', MESSAGE = 'this shard is being moved here'; END $$", schema, gate, gateState)}
	for _, tab := range t.tables {
		statements = append(statements, fmt.Sprintf("CREATE TRIGGER %s BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s.%s FOR EACH STATEMENT EXECUTE FUNCTION %s.%[1]s()", gate, schema, tab.name, schema))
	}
	return failed(t.target, "closing the copy", t.target.exec(ctx, statements...))
}

func sameShape(source, target []table) error {
	shapes := map[string]string{}
	for _, t := range target {
		shapes[t.name] = t.shape
	}
	for _, t := range source {
		if shapes[t.name] != t.shape {
			return tintype.Errorf(tintype.Internal, "table %s has the columns (%s) in one database and (%s) in the other", t.name, t.shape, shapes[t.name])
		}
	}
	if len(source) != len(target) {
		return tintype.Errorf(tintype.Internal, "the shard has %d tables in one database and %d in the other", len(source), len(target))
	}
	return nil
}
