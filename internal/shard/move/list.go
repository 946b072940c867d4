package move

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/tintype"
)

// Shard is a logical shard and what is on it.
type Shard struct {
	Shard    tintype.Shard `json:"shard"`
	Database string        `json:"database"`
	Users    int64         `json:"users"`
	Posts    int64         `json:"posts"`
	Bytes    int64         `json:"bytes"`          // tables and indexes
	Move     *Underway     `json:"move,omitempty"` // nil unless it is being moved
	Lost     string        `json:"lost,omitempty"` // why nobody can reach it, if nobody can
}

// Underway is a move that has not ended.
type Underway struct {
	From    string    `json:"from"`
	To      string    `json:"to"`
	State   State     `json:"state"`
	Note    string    `json:"note,omitempty"` // what went wrong last
	Started time.Time `json:"started"`
	Alive   bool      `json:"alive"` // a program is at work on it now
}

// List gives every logical shard of the map, ascending.
func (m *Mover) List(ctx context.Context) ([]Shard, error) {
	rows, err := m.shards(ctx)
	if err != nil {
		return nil, err
	}
	type on struct {
		place *place
		sizes map[string]size
	}
	places := make([]on, len(m.places))
	g, gctx := errgroup.WithContext(ctx)
	for i, p := range m.places {
		g.Go(func() (err error) {
			places[i].place = p
			places[i].sizes, err = p.sizes(gctx)
			return failed(p, "measuring its shards", err)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i := range rows {
		r := &rows[i]
		for _, on := range places {
			if on.place.Name != r.Database {
				continue
			}
			s, there := on.sizes[name(r.Shard)]
			if !there {
				r.Lost = fmt.Sprintf("database %s has no schema %s", r.Database, name(r.Shard))
				if _, gone := on.sizes[old(r.Shard)]; gone {
					s = on.sizes[old(r.Shard)]
					r.Lost = fmt.Sprintf("its move was interrupted between the old and the new home: nobody can reach it until you run tintype shard move %d --resume, or --cancel", r.Shard)
				}
			}
			r.Users, r.Posts, r.Bytes = s.users, s.posts, s.bytes
		}
	}
	return rows, nil
}

// shards reads the map and the moves that have not ended.
func (m *Mover) shards(ctx context.Context) ([]Shard, error) {
	rows, err := m.directory().db.QueryContext(ctx, `SELECT s.shard, s.database_name, coalesce(v.source, ''), coalesce(v.target, ''), coalesce(v.state, ''), coalesce(v.note, ''), coalesce(v.started, 0),
			EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
				AND l.classid = $1 AND l.objid = s.shard::oid AND l.granted)
		FROM directory.shard_map s LEFT JOIN directory.shard_moves v ON v.shard = s.shard AND v.finished = 0 ORDER BY s.shard`, lockClass)
	if err != nil {
		return nil, failed(m.directory(), "reading the map", err)
	}
	defer rows.Close()
	var out []Shard
	for rows.Next() {
		var s Shard
		var v Underway
		var state string
		var started int64
		if err := rows.Scan(&s.Shard, &s.Database, &v.From, &v.To, &state, &v.Note, &started, &v.Alive); err != nil {
			return nil, failed(m.directory(), "reading the map", err)
		}
		if state != "" {
			v.State, v.Started = State(state), time.UnixMicro(started).UTC()
			s.Move = &v
		}
		out = append(out, s)
	}
	return out, failed(m.directory(), "reading the map", rows.Err())
}

type size struct{ users, posts, bytes int64 }

// sizes measures every schema of a shard in a database, by its name. Rows are
// counted where there are few and estimated from the statistics where there are many.
func (p *place) sizes(ctx context.Context) (map[string]size, error) {
	rows, err := p.db.QueryContext(ctx, `SELECT n.nspname, c.relname, pg_total_relation_size(c.oid), c.reltuples::bigint FROM pg_namespace n
		LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind = 'r' WHERE n.nspname ~ '^(gone_)?s[0-9]{4}$' AND c.oid IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]size{}
	var count []string
	for rows.Next() {
		var schema, table string
		var bytes, estimate int64
		if err := rows.Scan(&schema, &table, &bytes, &estimate); err != nil {
			return nil, err
		}
		s := out[schema]
		s.bytes += bytes
		if table == "users" || table == "posts" {
			const few = 100_000
			switch {
			case estimate < few:
				count = append(count, fmt.Sprintf("SELECT '%s', '%s', count(*) FROM %[1]s.%[2]s", schema, table))
			case table == "users":
				s.users = estimate
			default:
				s.posts = estimate
			}
		}
		out[schema] = s
	}
	if err := rows.Err(); err != nil || len(count) == 0 {
		return out, err
	}
	rows, err = p.db.QueryContext(ctx, strings.Join(count, " UNION ALL "))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var schema, table string
		var n int64
		if err := rows.Scan(&schema, &table, &n); err != nil {
			return nil, err
		}
		s := out[schema]
		if table == "users" {
			s.users = n
		} else {
			s.posts = n
		}
		out[schema] = s
	}
	return out, rows.Err()
}

// shardOf is the number in a schema's name.
func shardOf(schema string) tintype.Shard {
	n, _ := strconv.Atoi(schema[len(schema)-4:]) // the pattern says that these are digits
	return tintype.Shard(n)
}

// Create makes n logical shards in a database, for users still to come, and puts
// them on the map. Their numbers are free ones, spread evenly.
func (m *Mover) Create(ctx context.Context, database string, n int) ([]tintype.Shard, error) {
	p, err := m.place(database)
	if err != nil {
		return nil, err
	}
	known, err := m.shards(ctx)
	if err != nil {
		return nil, err
	}
	var free []tintype.Shard
	for s := range tintype.Shard(tintype.NumShards) {
		if !slices.ContainsFunc(known, func(k Shard) bool { return k.Shard == s }) {
			free = append(free, s)
		}
	}
	if n < 1 || n > len(free) {
		return nil, tintype.Errorf(tintype.Invalid, "there are %d numbers left for shards, so --count must be 1 to %[1]d", len(free))
	}
	made := make([]tintype.Shard, 0, n)
	for i := range n {
		s := free[i*len(free)/n]
		if err := m.create(ctx, p, s); err != nil {
			return made, err
		}
		made = append(made, s)
	}
	return made, nil
}

func (m *Mover) create(ctx context.Context, p *place, s tintype.Shard) error {
	if err := postgres.Materialise(ctx, p.db, s); err != nil {
		return failed(p, "making the shard "+name(s), err)
	}
	res, err := m.directory().db.ExecContext(ctx, "INSERT INTO directory.shard_map (shard, database_name, created) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", int64(s), p.Name, m.now())
	if err != nil {
		return failed(m.directory(), "putting the shard on the map", err)
	}
	if added, err := res.RowsAffected(); err == nil && added == 0 {
		return tintype.Errorf(tintype.Conflict, "shard %d was made by somebody else at the same time; the schema %s of database %s may be left over", s, name(s), p.Name)
	}
	return nil
}
