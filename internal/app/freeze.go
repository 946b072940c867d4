package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// frozenFile in the data directory says that the site is only to be read, also
// by a server that is started later.
const frozenFile = "read-only"

// work is the jobs and sweeps of a process, which can be stopped and started again.
type work struct {
	mu     sync.Mutex
	wanted bool
	frozen bool
	stop   func(context.Context) error // nil while nothing is worked
}

// startWork works jobs and sweeps, unless the site is frozen: then once it no longer is.
func (a *App) startWork(ctx context.Context) error {
	a.work.mu.Lock()
	defer a.work.mu.Unlock()
	a.work.wanted = true
	return a.work.start(ctx, a)
}

func (w *work) start(ctx context.Context, a *App) error {
	if !w.wanted || w.frozen || w.stop != nil {
		return nil
	}
	if err := a.Runner.Start(ctx); err != nil {
		return err
	}
	var sweeps sync.WaitGroup
	sweepCtx, stopSweeps := context.WithCancel(context.WithoutCancel(ctx))
	sweeps.Go(func() { a.sweep(sweepCtx) })
	w.stop = func(ctx context.Context) error {
		stopSweeps()
		sweeps.Wait()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return a.Runner.Stop(end)
	}
	return nil
}

func (w *work) halt(ctx context.Context) error {
	if w.stop == nil {
		return nil
	}
	stop := w.stop
	w.stop = nil
	return stop(ctx)
}

// stopWork ends what startWork began.
func (a *App) stopWork(ctx context.Context) error {
	a.work.mu.Lock()
	defer a.work.mu.Unlock()
	a.work.wanted = false
	return a.work.halt(ctx)
}

// Freeze lets nothing be written to a site in a directory any more, by people
// or by jobs, in this process and those after it, until Thaw. When it returns
// all that was written before is through. Reading goes on.
func (a *App) Freeze(ctx context.Context) error {
	if a.lock == nil {
		return errors.New("only a site in a directory can be frozen by its server")
	}
	a.work.mu.Lock()
	defer a.work.mu.Unlock()
	a.work.frozen = true
	if err := a.work.halt(ctx); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(a.cfg.Data, frozenFile), []byte("tintype migrate made this site read-only; tintype migrate --cancel undoes it\n"), 0o600); err != nil {
		return fmt.Errorf("the site cannot be made read-only: %w", err)
	}
	return a.freezeDatabases(ctx)
}

func (a *App) freezeDatabases(ctx context.Context) error {
	const again = 30 // seconds
	for _, db := range a.Backend.Router.Databases() {
		if err := db.Freeze(ctx, Moved(again)); err != nil {
			return err
		}
	}
	return nil
}

// Thaw undoes Freeze.
func (a *App) Thaw(ctx context.Context) error {
	a.work.mu.Lock()
	defer a.work.mu.Unlock()
	if err := os.Remove(filepath.Join(a.cfg.Data, frozenFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, db := range a.Backend.Router.Databases() {
		if err := db.Freeze(ctx, nil); err != nil {
			return err
		}
	}
	a.work.frozen = false
	return a.work.start(ctx, a)
}

// stayFrozen freezes a site that was frozen when its last process ended.
func (a *App) stayFrozen(ctx context.Context) error {
	if a.lock == nil {
		return nil
	}
	_, err := os.Stat(filepath.Join(a.cfg.Data, frozenFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	a.Log.WarnContext(ctx, "this site has moved, or is on its way: it is read-only; tintype migrate --cancel undoes that", "file", filepath.Join(a.cfg.Data, frozenFile))
	a.work.frozen = true
	return a.freezeDatabases(ctx)
}

func (a *App) isFrozen() bool {
	a.work.mu.Lock()
	defer a.work.mu.Unlock()
	return a.work.frozen
}
