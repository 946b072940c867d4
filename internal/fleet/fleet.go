// Package fleet runs a whole fleet on one machine, for real: two PostgreSQL
// primaries with a synchronous replica each, watched by repmgr, behind
// PgBouncer; Redis with replicas, memcached, an S3 server, nginx, and API and
// worker processes of this very program. `make fleet`, drills and benchmarks
// use it. It runs the files of deploy/, so that what works here is what an
// operator installs.
//
// Everything listens on loopback addresses and keeps its data below one
// directory, in which a fleet is found again at the next start. Nothing
// outlives the process that runs the fleet: see package services.
//
// It leaves to package services how one server is run, and to the program how a
// site works. Errors are plain, for whoever sits at the terminal.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Config says what fleet to run.
type Config struct {
	Dir      string // of all data; it is kept
	Addr     string // where nginx listens for http, as "localhost:8080"
	TLSAddr  string // where it listens for https; "" for a free port of the same host
	Program  string // this program, as every user can execute it; "" finds it
	Tools    []string
	Settings []string  // more lines of fleet.toml, before its sections
	S3Via    string    // host:port through which the processes reach the S3 server; "" for directly
	Nginx    string    // more of the section http of nginx, for measuring
	Shards   int       // logical shards that a new site begins with; 0 for 64
	Alone    bool      // each database on one server: no standby, no failover, half the space
	Out      io.Writer // gets a line for each thing that happens
}

// Fleet is a running fleet. Make it with Start.
type Fleet struct {
	cfg      Config
	state    state
	bin      string // directory of PostgreSQL's programs
	clusters []*cluster
	members  []*member // in the order of starting
	nginx    *member
	edge     edgeConfig

	printing sync.Mutex
	ctx      context.Context // ends when the fleet is stopped
	stop     context.CancelFunc
	watchers sync.WaitGroup
	control  io.Closer
}

// Start starts everything, in order, and waits until it can be used. A fleet
// that was stopped, or killed, comes back with its data.
func Start(ctx context.Context, cfg Config) (_ *Fleet, err error) {
	if cfg.Out == nil {
		cfg.Out = io.Discard
	}
	if cfg.Shards == 0 {
		cfg.Shards = 64
	}
	f := &Fleet{cfg: cfg}
	// The fleet ends by Stop, in order, not with the context of its start.
	f.ctx, f.stop = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Stop())
		}
	}()
	if err := f.prepareDir(); err != nil {
		return nil, err
	}
	if f.control, err = f.listen(); err != nil {
		return nil, err
	}
	if err := f.loadState(); err != nil {
		return nil, err
	}
	for _, step := range []func(ctx context.Context) error{f.startDatabases, f.startPoolers, f.startWatches, f.startStores, f.startSite, f.startEdge} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	for _, m := range f.members {
		f.watchers.Go(func() { f.watch(m) })
	}
	f.watchers.Go(f.tidy)
	return f, nil
}

// prepareDir makes the directory, which servers that run as other users must be able to enter.
func (f *Fleet) prepareDir() error {
	dir, err := filepath.Abs(f.cfg.Dir)
	if err != nil {
		return err
	}
	f.cfg.Dir = dir
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if closed := closedTo(dir); closed != "" {
			return fmt.Errorf("%s is closed to other users, and PostgreSQL and others do not run as root: keep the fleet's data elsewhere", closed)
		}
	}
	if f.cfg.Program == "" {
		f.cfg.Program, err = f.findProgram()
	}
	return err
}

// findProgram gives a path of this program that every user of the fleet can execute.
func (f *Fleet) findProgram() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	f.cfg.Tools = append(f.cfg.Tools, filepath.Join(filepath.Dir(self), "tools"))
	if os.Geteuid() != 0 || closedTo(self) == "" {
		return self, nil
	}
	data, err := os.ReadFile(self)
	if err != nil {
		return "", err
	}
	copied := filepath.Join(f.cfg.Dir, "tintype")
	if err := os.WriteFile(copied+".new", data, 0o755); err != nil {
		return "", err
	}
	return copied, os.Rename(copied+".new", copied) // the old one may be running
}

// closedTo gives the first directory on the way to path, or path itself, that others cannot enter or execute.
func closedTo(path string) string {
	for p := path; ; p = filepath.Dir(p) {
		if info, err := os.Stat(p); err != nil || info.Mode()&0o001 == 0 {
			return p
		}
		if p == filepath.Dir(p) {
			return ""
		}
	}
}

// Stop stops everything in order: first what takes requests, last the databases.
func (f *Fleet) Stop() error {
	f.stop()
	f.watchers.Wait()
	var errs []error
	// Each stage depends on those after it.
	for _, roles := range [][]string{{roleEdge}, {roleAPI, roleWorker}, {roleWatch}, {rolePooler}, {rolePrimary}, {""}} {
		var wait sync.WaitGroup
		var mu sync.Mutex
		for _, m := range f.members {
			if !contains(roles, m.roleNow()) && roles[0] != "" {
				continue
			}
			wait.Go(func() {
				if err := m.stop(); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
			})
		}
		wait.Wait()
	}
	if f.control != nil {
		errs = append(errs, f.control.Close())
	}
	return errors.Join(errs...)
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// URL is where the site is, as http://localhost:8080.
func (f *Fleet) URL() string { return "http://" + f.cfg.Addr }

// TLSURL is the same for https, with a certificate that nobody knows.
func (f *Fleet) TLSURL() string { return "https://" + f.cfg.TLSAddr }

// ConfigFile is the fleet.toml that the processes run with.
func (f *Fleet) ConfigFile() string { return filepath.Join(f.cfg.Dir, "fleet.toml") }

// Dir is where all data are.
func (f *Fleet) Dir() string { return f.cfg.Dir }

// say tells what happens.
func (f *Fleet) say(format string, args ...any) {
	f.printing.Lock()
	defer f.printing.Unlock()
	fmt.Fprintf(f.cfg.Out, format+"\n", args...)
}

// parallel runs functions side by side and gives all errors.
func parallel(fs ...func() error) error {
	errs := make([]error, len(fs))
	var wait sync.WaitGroup
	for i, f := range fs {
		wait.Go(func() { errs[i] = f() })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// pause waits, or gives false when the context ends first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// lines joins lines to a text that ends with a newline.
func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }
