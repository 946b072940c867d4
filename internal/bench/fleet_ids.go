package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/services"
	"github.com/tintype/tintype/internal/tintype"
)

const (
	minters   = 8
	mintBatch = 1000 // IDs that a client asks for before it looks at the answers
	mintOn    = 64   // logical shards
)

// ids mints on 64 logical shards of two PostgreSQL servers with 8 clients, of
// which one server's clock is set back an hour half-way, and looks at every ID:
// none may come twice, and each shard's must ascend. An ID is one statement, as in
// the site, of which each client has a thousand on the way. The limit is bare nextval on
// sequences beside them, in the same way by the same clients, in turns. What is left
// of it where one statement mints a thousand is told beside it: there the call of
// a PL/pgSQL function alone takes longer than nextval.
func (b *FleetBench) ids(ctx context.Context) (_ []Row, err error) {
	clock, err := newClock()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.Dir, "ids-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL is another user
		return nil, err
	}
	if err := clock.in(dir); err != nil {
		return nil, err
	}
	var servers []*services.Server
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.Stop())
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	c := app.Config{Data: filepath.Join(dir, "data"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	c.Fleet.Shards = mintOn
	start := func(spec services.Spec, err error) (*services.Server, error) {
		if err != nil {
			return nil, err
		}
		spec.Dir = filepath.Join(dir, spec.Name)
		s, err := services.Start(ctx, spec)
		if err == nil {
			servers = append(servers, s)
		}
		return s, err
	}
	redis, err := start(services.Redis())
	if err != nil {
		return nil, err
	}
	c.Fleet.Redis.Servers = []string{redis.Addr()}
	for i, env := range [][]string{clock.environment(), nil} {
		s, err := start(onePostgres(fmt.Sprintf("pg%d", i+1), env))
		if err != nil {
			return nil, err
		}
		c.Fleet.Databases = append(c.Fleet.Databases, app.Database{Name: s.Spec.Name, DSN: "postgres://postgres@" + s.Addr() + "/postgres?sslmode=disable"})
	}
	a, err := app.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	m, err := newMint(ctx, a)
	if err != nil {
		return nil, err
	}
	return m.measure(ctx, b, clock)
}

// measure mints half of the IDs, sets the clock back, and mints the other half; bare sequences have their turns between.
func (m *mint) measure(ctx context.Context, b *FleetBench, clock *clock) ([]Row, error) {
	const turns = 4
	var minted, bare time.Duration
	var offset time.Duration
	n := b.IDs / turns / mintBatch * mintBatch
	for i := range turns {
		if i == turns/2 {
			before, err := m.now(ctx)
			if err != nil {
				return nil, err
			}
			if err := clock.set(-time.Hour); err != nil {
				return nil, err
			}
			if offset, err = m.awaitStep(ctx, before); err != nil {
				return nil, err
			}
			b.say("the clock of the first server went by %v", offset.Round(time.Second))
		}
		took, err := m.mint(ctx, n, m.shards, m.seen)
		if err != nil {
			return nil, err
		}
		minted += took
		if took, err = m.mint(ctx, n, m.bare, nil); err != nil {
			return nil, err
		}
		bare += took
	}
	total, doubled, disordered := m.judge()
	b.say("%d IDs on %d logical shards: %d came twice, %d below one that was there before", total, len(m.shards), doubled, disordered)
	row := atLeast(fmt.Sprintf("%d IDs, %d clients, %d logical shards, a clock set back an hour half-way", total, minters, len(m.shards)), "IDs/s",
		float64(turns*n)/minted.Seconds(), float64(turns*n)/bare.Seconds(), 0.5)
	m.whole = true
	few := n / mintBatch / 2 * mintBatch
	took, err := m.mint(ctx, few, m.shards, nil)
	if err != nil {
		return nil, err
	}
	bareTook, err := m.mint(ctx, few, m.bare, nil)
	if err != nil {
		return nil, err
	}
	whole := atLeast(fmt.Sprintf("%d IDs, %d in one statement", few, mintBatch), "IDs/s", float64(few)/took.Seconds(), float64(few)/bareTook.Seconds(), 0)
	whole.Target = "told"
	return []Row{row, none("the same: IDs that came twice or out of order", doubled+disordered), whole}, nil
}

// mint is what IDs are minted with, and what came of it.
type mint struct {
	first  *sql.DB   // of the server whose clock is set
	shards []*minter // in the site's way
	bare   []*minter // by bare sequences
	whole  bool      // a thousand in one statement

	disordered atomic.Int64
}

// minter mints IDs on one logical shard.
type minter struct {
	app    *app.App
	minted string // the expression that mints
	shard  tintype.Shard

	mu  sync.Mutex
	top int64   // the highest ID of a batch that has arrived
	ids []int64 // all
}

func newMint(ctx context.Context, a *app.App) (*mint, error) {
	m := &mint{}
	for _, s := range a.Shards() {
		home := a.Backend.Router.Home(s)
		pool := home.DB.WritePool()
		if m.first == nil {
			m.first = a.Backend.Router.Directory().DB.WritePool()
		}
		m.shards = append(m.shards, &minter{app: a, shard: s, minted: home.Schema + "next_id()"})
		if _, err := pool.ExecContext(ctx, "CREATE SEQUENCE "+home.Schema+"bench_seq AS BIGINT"); err != nil {
			return nil, err
		}
		m.bare = append(m.bare, &minter{app: a, shard: s, minted: "nextval('" + home.Schema + "bench_seq')"})
	}
	if len(m.shards) != mintOn {
		return nil, fmt.Errorf("the site has %d logical shards, not %d", len(m.shards), mintOn)
	}
	return m, nil
}

// mint has the clients mint n IDs together, each time on any of the shards; see gets each batch with what was there before.
func (m *mint) mint(ctx context.Context, n int, on []*minter, see func(s *minter, before int64, ids []int64)) (time.Duration, error) {
	var left atomic.Int64
	left.Store(int64(n / mintBatch))
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for range minters {
		g.Go(func() error {
			for left.Add(-1) >= 0 {
				s := on[rand.IntN(len(on))]
				s.mu.Lock()
				before := s.top
				s.mu.Unlock()
				ids, err := s.batch(ctx, m.whole)
				if err != nil {
					return err
				}
				if see != nil {
					see(s, before, ids)
				}
			}
			return nil
		})
	}
	err := g.Wait()
	return time.Since(began), err
}

// batch mints mintBatch IDs, in the order in which they come.
func (s *minter) batch(ctx context.Context, whole bool) ([]int64, error) {
	statement, n := "SELECT "+s.minted, mintBatch
	if whole {
		statement, n = fmt.Sprintf("%s FROM generate_series(1, %d)", statement, mintBatch), 1
	}
	ids, err := s.app.MeasureAsks(ctx, s.shard, statement, n)
	if err == nil && len(ids) != mintBatch {
		err = fmt.Errorf("%d IDs of %d", len(ids), mintBatch)
	}
	return ids, err
}

// seen takes a batch that was asked for when before was the highest ID of its shard that had arrived anywhere:
// all that are minted later must be above it, and each above the one before it.
func (m *mint) seen(s *minter, before int64, ids []int64) {
	for _, id := range ids {
		if id <= before || tintype.ID(id).Shard() != s.shard {
			m.disordered.Add(1)
		}
		before = id
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.top = max(s.top, before)
	s.ids = append(s.ids, ids...)
}

// judge counts all IDs, those that came twice, and those out of order.
func (m *mint) judge() (total, doubled, disordered int) {
	var all []int64
	for _, s := range m.shards {
		all = append(all, s.ids...)
	}
	slices.Sort(all)
	return len(all), len(all) - len(slices.Compact(all)), int(m.disordered.Load())
}

func (m *mint) now(ctx context.Context) (time.Time, error) {
	var t time.Time
	err := m.first.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&t)
	return t, err
}

// awaitStep waits until the first server's clock is seen to be behind.
func (m *mint) awaitStep(ctx context.Context, before time.Time) (time.Duration, error) {
	began := time.Now()
	for {
		now, err := m.now(ctx)
		if err != nil {
			return 0, err
		}
		if d := now.Sub(before) - time.Since(began); d < -50*time.Minute {
			return d, nil
		}
		if time.Since(began) > 20*time.Second {
			return 0, errors.New("the clock of the first server did not go back")
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// clock is a server's clock that can be set, by libfaketime.
type clock struct{ library, file string }

func newClock() (*clock, error) {
	found, err := filepath.Glob("/usr/lib/*/faketime/libfaketime.so.1")
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("libfaketime is needed (Debian: apt install libfaketime): %w", err)
	}
	return &clock{library: found[0]}, nil
}

// in keeps what the clock shows in a directory.
func (c *clock) in(dir string) error {
	c.file = filepath.Join(dir, "clock")
	return c.set(0)
}

// environment is of a server that goes by this clock. It looks at it anew every second.
func (c *clock) environment() []string {
	return []string{"LD_PRELOAD=" + c.library, "FAKETIME_TIMESTAMP_FILE=" + c.file, "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"}
}

// set makes the clock differ from the true one.
func (c *clock) set(by time.Duration) error {
	next := c.file + ".new"
	if err := os.WriteFile(next, []byte(fmt.Sprintf("%+d\n", int(by.Seconds()))), 0o644); err != nil {
		return err
	}
	return os.Rename(next, c.file)
}

// onePostgres runs a PostgreSQL server by itself, with the settings that it comes with and the fleet's memory.
func onePostgres(name string, env []string) (services.Spec, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return services.Spec{}, fmt.Errorf("PostgreSQL is not installed (run: scripts/setup fleet): %w", err)
	}
	program := found[len(found)-1]
	return services.Spec{
		Name: name, Program: program, Users: []string{"postgres", "nobody"}, Stop: syscall.SIGINT, Env: env,
		Prepare: func(s *services.Server) error {
			out, err := s.Command(context.Background(), filepath.Join(filepath.Dir(program), "initdb"), "--pgdata="+s.Path("data"), "--username=postgres",
				"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions").CombinedOutput()
			if err != nil {
				return fmt.Errorf("initdb: %w: %s", err, out)
			}
			return nil
		},
		Args: func(s *services.Server) []string {
			return []string{"-D", s.Path("data"), "-c", "listen_addresses=127.0.0.1", "-p", strconv.Itoa(s.Spec.Port), "-c", "unix_socket_directories=", "-c", "shared_buffers=128MB"}
		},
		Ready: func(ctx context.Context, s *services.Server) error {
			return s.Command(ctx, filepath.Join(filepath.Dir(program), "pg_isready"), "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.Spec.Port)).Run()
		},
	}, nil
}
