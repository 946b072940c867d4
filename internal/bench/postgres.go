package bench

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/services"
)

// openHome makes a directory for servers of other users, who may not enter the bench's own. Remove it when done.
func openHome(name string) (string, error) {
	home, err := os.MkdirTemp("", "tintype-"+name+"-")
	if err != nil {
		return "", err
	}
	return home, os.Chmod(home, 0o711)
}

// openPostgres opens a new site on servers of its own in a directory that is named after what is measured: one PostgreSQL, and the Redis
// that such a site needs. stop ends all three and removes the directory.
func openPostgres(ctx context.Context, name string) (_ *app.App, stop func() error, err error) {
	home, err := openHome(name)
	if err != nil {
		return nil, nil, err
	}
	stops := []func() error{func() error { return os.RemoveAll(home) }}
	stop = func() error {
		var errs []error
		for i := range stops {
			errs = append(errs, stops[len(stops)-1-i]())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, stop())
		}
	}()
	c := app.Config{Data: filepath.Join(home, "data"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	start := func(spec services.Spec, err error) (*services.Server, error) {
		if err != nil {
			return nil, err
		}
		spec.Dir = filepath.Join(home, spec.Name)
		s, err := services.Start(ctx, spec)
		if err == nil {
			stops = append(stops, s.Stop)
		}
		return s, err
	}
	redis, err := start(services.Redis())
	if err != nil {
		return nil, nil, err
	}
	pg, err := start(onePostgres("pg", nil))
	if err != nil {
		return nil, nil, err
	}
	c.Fleet.Redis.Servers = []string{redis.Addr()}
	c.Fleet.Databases = []app.Database{{Name: pg.Spec.Name, DSN: "postgres://postgres@" + pg.Addr() + "/postgres?sslmode=disable"}}
	a, err := app.Open(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	stops = append(stops, a.Close)
	return a, stop, nil
}

// bareConn gives a connection of a site's own to its PostgreSQL, without the time limits of requests. Close it when done.
func bareConn(ctx context.Context, a *app.App) (*sql.Conn, error) {
	conn, err := a.Backend.Router.Directory().DB.WritePool().Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := execAll(ctx, conn, `SET statement_timeout = 0`, `SET lock_timeout = 0`, `SET maintenance_work_mem = '256MB'`); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func execAll(ctx context.Context, conn *sql.Conn, statements ...string) error {
	for _, text := range statements {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// countRows asks a connection, and gives how many rows came, all of them read.
func countRows(ctx context.Context, conn *sql.Conn, row []any, query string, args ...any) (n int, err error) {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		if err := rows.Scan(row...); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}
