package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/demo"
	"github.com/tintype/tintype/internal/tintype"
)

const (
	peopleNames   = 1_000_000
	peopleClients = 8
	peoplePage    = 20
)

// people measures the search for people among a million in PostgreSQL: eight clients ask for beginnings of names and, as
// often, for names with a letter mistyped. The limit is pg_trgm, which is how one finds
// such names there; beside it stands the barest query of a beginning in the same index, which
// neither ranks nor knows of typos.
func (b *Bench) people(ctx context.Context) (_ []Row, err error) {
	a, stop, err := openPostgres(ctx, "people")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return b.peopleOn(ctx, a, "PostgreSQL")
}

// peopleEmbedded measures the same on the database in a file, where there is no pg_trgm.
func (b *Bench) peopleEmbedded(ctx context.Context) (_ []Row, err error) {
	home, err := openHome("people")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	a, err := app.Open(ctx, app.Config{Data: home, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return b.peopleOn(ctx, a, "SQLite")
}

// peopleOn loads the crowd into a site and measures there.
func (b *Bench) peopleOn(ctx context.Context, a *app.App, engine string) ([]Row, error) {
	c := newCrowd(peopleNames, time.Now(), a.Shards())
	b.say("loading %d people on %s", len(c.ids), engine)
	began := time.Now()
	names := demo.AccountNames{Service: a.Account}
	pool := a.Backend.Router.Directory().DB.WritePool()
	if engine == "SQLite" {
		if _, err := pool.ExecContext(ctx, `PRAGMA cache_size = -1000000`); err != nil { // of the loading connection
			return nil, err
		}
	}
	if err := a.Bulk(began).LoadDirectory(ctx, c.members(), func(u *tintype.User) ([]string, int) { return names.Words(u), weight(u) }, nil); err != nil {
		return nil, err
	}
	if engine == "PostgreSQL" {
		if err := fillTrigrams(ctx, a, c); err != nil {
			return nil, fmt.Errorf("pg_trgm, which comes with PostgreSQL: %w", err)
		}
	}
	b.say("that took %s", time.Since(began).Round(time.Second))
	b.peopleSizes(ctx, a, engine)

	ours := func(kind func(mistyped bool) bool, took *spans) searcher {
		return asking(c, kind, took, func(q string) (int, error) {
			ids, err := a.Account.Search(ctx, q, peoplePage)
			return len(ids), err
		})
	}
	either := func(bool) bool { return true }
	prefix := func(mistyped bool) bool { return !mistyped }
	bare := asking(c, prefix, &spans{}, func(q string) (int, error) {
		q = strings.NewReplacer(".", "", "_", "").Replace(q)
		return a.MeasureNames(ctx, q, q+"\U0010FFFF", peoplePage)
	})
	trigrams := func(took *spans) searcher {
		return func(i int) (func(*rand.Rand) error, func() error, error) {
			conn, err := bareConn(ctx, a)
			if err != nil {
				return nil, nil, err
			}
			search, closed, err := asking(c, either, took, func(q string) (int, error) {
				var id int64
				return countRows(ctx, conn, []any{&id}, `SELECT user_id FROM bare_names WHERE $1 <% name ORDER BY $1 <<-> name LIMIT 20`, q)
			})(i)
			return search, func() error { return errors.Join(closed(), conn.Close()) }, err
		}
	}
	b.say("measuring people on %s", engine)
	if err := rest(ctx); err != nil {
		return nil, err
	}
	var mixed, begun, typed, trgm spans
	all := []searcher{ours(either, &mixed), bare, ours(prefix, &begun), ours(func(m bool) bool { return m }, &typed)}
	if engine == "PostgreSQL" {
		all = append(all, trigrams(&trgm))
	}
	rates, err := b.inTurns(peopleClients, all...)
	if err != nil {
		return nil, err
	}
	b.say("done measuring people on %s", engine)
	what := fmt.Sprintf("people search among %d, beginnings and typos, %d clients, on %s", len(c.ids), peopleClients, engine)
	rows := []Row{beside(what+", against a bare query of the index", "searches/s", rates[0], rates[1])}
	if engine == "PostgreSQL" {
		rows = append(rows, atLeast(what+", against pg_trgm", "searches/s", rates[0], rates[4], 1))
		rows = append(rows, shown("the same, pg_trgm's p99", "ms", trgm.ms(0.99)))
	}
	return append(rows,
		shown("the same, p50", "ms", mixed.ms(0.5)), shown("the same, p99", "ms", mixed.ms(0.99)),
		shown("beginnings alone", "searches/s", rates[2]), shown("typos alone", "searches/s", rates[3]),
		shown("typos alone, p99", "ms", typed.ms(0.99)), shown("typos that find nobody, of a hundred", "", typed.empty()),
	), nil
}

// fillTrigrams makes a table of the names as pg_trgm wants it.
func fillTrigrams(ctx context.Context, a *app.App, c *crowd) (err error) {
	conn, err := bareConn(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := execAll(ctx, conn, `CREATE EXTENSION pg_trgm`, `CREATE TABLE bare_names (user_id BIGINT NOT NULL, name TEXT NOT NULL)`); err != nil {
		return err
	}
	const batch = 10_000
	for from := 0; from < len(c.ids); from += batch {
		var ids []int64
		var lines []string
		for i := from; i < min(from+batch, len(c.ids)); i++ {
			ids = append(ids, int64(c.ids[i]))
			lines = append(lines, strings.ToLower(c.usernames[i]+" "+c.names[i]))
		}
		if _, err := conn.ExecContext(ctx, `INSERT INTO bare_names SELECT * FROM unnest($1::bigint[], $2::text[])`, ids, lines); err != nil {
			return err
		}
	}
	return execAll(ctx, conn, `CREATE INDEX ON bare_names USING gin (name gin_trgm_ops)`, `ANALYZE`)
}

// peopleSizes says what the index takes on disk.
func (b *Bench) peopleSizes(ctx context.Context, a *app.App, engine string) {
	pool := a.Backend.Router.Directory().DB.WritePool()
	for _, table := range []string{"people", "people_typos"} {
		size := `SELECT pg_total_relation_size(oid) FROM pg_class WHERE relname = $1`
		count := `SELECT reltuples::bigint FROM pg_class WHERE relname = $1`
		if engine == "SQLite" {
			size = `SELECT sum(pgsize) FROM dbstat WHERE name = $1 OR name = $1 || '_user'`
			count = `SELECT count(*) FROM ` + table + ` WHERE $1 <> ''`
		}
		var bytes, rows int64
		if err := errors.Join(pool.QueryRowContext(ctx, size, table).Scan(&bytes), pool.QueryRowContext(ctx, count, table).Scan(&rows)); err != nil {
			b.say("%s on %s: %v", table, engine, err)
			continue
		}
		b.say("%s on %s: %d rows, %.0f MB", table, engine, rows, float64(bytes)/1e6)
	}
}

// asking is a client that asks what the crowd asks, of one kind.
func asking(c *crowd, kind func(mistyped bool) bool, took *spans, search func(q string) (found int, err error)) searcher {
	return func(int) (func(*rand.Rand) error, func() error, error) {
		mine := &spans{}
		return func(r *rand.Rand) error {
				q, mistyped := c.ask(r)
				for !kind(mistyped) {
					q, mistyped = c.ask(r)
				}
				began := time.Now()
				n, err := search(q)
				mine.list = append(mine.list, time.Since(began))
				if n == 0 {
					mine.nothing++
				}
				return err
			}, func() error {
				took.add(mine)
				return nil
			}, nil
	}
}
