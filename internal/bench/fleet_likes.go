package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// likes measures likes through nginx, committed here and on the standby before
// the answer, against pgbench doing transactions of the same two rows (the like
// and its job) through the same PgBouncer, with as many clients on the same
// databases, in turns. Beside it stands how long the work that the likes caused
// goes on after them.
func (b *FleetBench) likes(ctx context.Context, f *running) ([]Row, error) {
	pgbench, err := findPgbench()
	if err != nil {
		return nil, err
	}
	dsns, err := f.databases()
	if err != nil {
		return nil, err
	}
	bare, err := f.prepareBareLikes(ctx, b.Dir)
	if err != nil {
		return nil, err
	}
	defer f.dropBareLikes(context.WithoutCancel(ctx))
	tokens, paths, err := f.likers(ctx, 200, 500)
	if err != nil {
		return nil, err
	}
	var got, limit float64
	var after time.Duration
	const turns = 2
	for i := range turns {
		part := paths[i*len(paths)/turns : (i+1)*len(paths)/turns]
		g, err := wrkPairs(ctx, f.URL(), writers, b.Each/turns, "POST", tokens, part, "")
		if err != nil {
			return nil, err
		}
		took, err := f.drained(ctx)
		if err != nil {
			return nil, err
		}
		after = max(after, took)
		l, err := pgbenchAll(ctx, pgbench, dsns, bare, writers, b.Each/turns)
		if err != nil {
			return nil, err
		}
		got, limit = got+g/turns, limit+l/turns
	}
	return []Row{
		atLeast(fmt.Sprintf("likes through nginx, committed on the standby too, %d clients", writers), "/s", got, limit, 0.7),
		below(fmt.Sprintf("the work of %v of likes, done after", b.Each/turns), "s", after.Seconds(), 10),
	}, nil
}

// likers signs people in and gives the addresses of posts that everybody may like.
func (f *running) likers(ctx context.Context, people, authors int) (tokens, paths []string, err error) {
	members, err := f.site.Members(ctx, 0, people+authors)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range members[:min(people, len(members))] {
		token, err := f.site.Account.Open(ctx, m.User.ID, client())
		if err != nil {
			return nil, nil, err
		}
		tokens = append(tokens, token)
	}
	for _, m := range members[len(tokens):] {
		posts, _, err := f.site.Post.ByUser(ctx, 0, m.User.ID, tintype.Page{Count: 10})
		if tintype.IsKind(err, tintype.NotAllowed) {
			continue // a private user
		}
		if err != nil {
			return nil, nil, err
		}
		for _, p := range posts {
			paths = append(paths, "/v1/media/"+p.MediaID()+"/likes")
		}
	}
	if len(tokens) == 0 || len(paths) < 2 {
		return nil, nil, fmt.Errorf("the site is too small: %d likers, %d posts", len(tokens), len(paths))
	}
	return tokens, paths, nil
}

// databases gives, for each database, where the API processes reach it: their first PgBouncer, as URLs for libpq.
func (f *running) databases() ([]string, error) {
	var c app.Config
	if err := c.ReadFile(f.ConfigFile()); err != nil {
		return nil, err
	}
	var out []string
	for _, d := range c.Fleet.Databases {
		// postgres://user:password@host,host/name: net/url knows no lists of hosts.
		user, rest, _ := strings.Cut(d.DSN, "@")
		hosts, rest, _ := strings.Cut(rest, "/")
		host, _, _ := strings.Cut(hosts, ",")
		out = append(out, user+"@"+host+"/"+rest)
	}
	return out, nil
}

// The tables of the bare transactions are empty copies of the site's, with all their indexes, beside them.
const (
	bareSchema = "tintype_bench"
	bareTables = `
		DROP SCHEMA IF EXISTS tintype_bench CASCADE;
		CREATE SCHEMA tintype_bench;
		CREATE TABLE tintype_bench.my_likes (LIKE %smy_likes INCLUDING ALL);
		CREATE TABLE tintype_bench.river_job (LIKE public.river_job INCLUDING ALL)`
	bareLike = `
		\set user random(1, 1000000000)
		\set post random(1, 1000000000)
		BEGIN;
		INSERT INTO tintype_bench.my_likes (user_id, post_id, op, state) VALUES (:user, :post, 1716553371648, 2);
		INSERT INTO tintype_bench.river_job (args, kind, max_attempts, queue, scheduled_at, created_at, state, metadata, tags) VALUES ('%s', 'edge', 12, 'edges', '2026-01-01', '2026-01-01', 'available', '{"shard": 17}', '{}');
		END;
		`
)

// bareArgs are the arguments of the job of one like, as sqlstore writes them.
func bareArgs() ([]byte, error) {
	id := tintype.MakeID(1_700_000_000_000, 17, 1)
	item, err := json.Marshal(job.Edge{Type: job.EdgeLike, User: id, Target: id + 1, Post: id + 2, Op: id + 3, State: tintype.EdgeThere})
	if err != nil {
		return nil, err
	}
	return json.Marshal(job.Args{Items: []json.RawMessage{item}})
}

// prepareBareLikes makes the tables of the bare transactions and gives the script that fills them.
func (f *running) prepareBareLikes(ctx context.Context, dir string) (string, error) {
	for _, db := range f.site.Backend.Router.Databases() {
		var schema string
		row := db.WritePool().QueryRowContext(ctx, "SELECT quote_ident(table_schema) || '.' FROM information_schema.tables WHERE table_name = 'my_likes' AND table_schema LIKE 's%' ORDER BY 1 LIMIT 1")
		if err := row.Scan(&schema); err != nil {
			return "", err
		}
		for statement := range strings.SplitSeq(fmt.Sprintf(bareTables, schema), ";") {
			if _, err := db.WritePool().ExecContext(ctx, statement); err != nil {
				return "", err
			}
		}
	}
	args, err := bareArgs()
	if err != nil {
		return "", err
	}
	script := filepath.Join(dir, "like.pgbench")
	text := strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf(bareLike, args)), "\t", "")
	return script, os.WriteFile(script, []byte(text+"\n"), 0o600)
}

func (f *running) dropBareLikes(ctx context.Context) {
	for _, db := range f.site.Backend.Router.Databases() {
		_, _ = db.WritePool().ExecContext(ctx, "DROP SCHEMA IF EXISTS "+bareSchema+" CASCADE") // the next run drops it
	}
}

// drained waits until no job is left, two minutes at most.
func (f *running) drained(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	for {
		n, err := f.site.Runner.Undone(ctx)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return time.Since(began), nil
		}
		if time.Since(began) > 2*time.Minute {
			return 0, fmt.Errorf("%d jobs are left after two minutes", n)
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func findPgbench() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("pgbench is needed (Debian: apt install postgresql-contrib): %w", err)
	}
	return found[len(found)-1], nil
}

var tps = regexp.MustCompile(`tps = ([0-9.]+) \(without initial`)

// pgbenchAll runs the script on all databases at once, each with its part of the
// clients, and gives the transactions per second of all. Through a PgBouncer in transaction mode nothing is prepared.
func pgbenchAll(ctx context.Context, program string, dsns []string, script string, clients int, d time.Duration) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, d+30*time.Second)
	defer cancel()
	rates := make([]float64, len(dsns))
	g, ctx := errgroup.WithContext(ctx)
	for i, dsn := range dsns {
		g.Go(func() error {
			var out, errs bytes.Buffer
			cmd := exec.CommandContext(ctx, program, "-n", "-M", "simple", "-f", script, "-c", strconv.Itoa(clients/len(dsns)), "-j", "1", "-T", strconv.Itoa(int(d.Seconds())), dsn)
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("pgbench: %w: %s", err, errs.Bytes())
			}
			m := tps.FindSubmatch(out.Bytes())
			if m == nil || !bytes.Contains(out.Bytes(), []byte("number of failed transactions: 0 ")) {
				return fmt.Errorf("pgbench: %s%s", out.Bytes(), errs.Bytes())
			}
			var err error
			rates[i], err = strconv.ParseFloat(string(m[1]), 64)
			return err
		})
	}
	err := g.Wait()
	sum := 0.0
	for _, r := range rates {
		sum += r
	}
	return sum, err
}
