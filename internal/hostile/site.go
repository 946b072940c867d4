package hostile

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/tintype/tintype/internal/fleet"
)

// Site is a running site that may be broken.
type Site struct {
	URL   string
	Fleet bool // it stands behind nginx
	// Outbox is the directory of the site's letters; "" if it cannot be read.
	Outbox string

	stop  func() error
	alive func() error
	check func(ctx context.Context) (string, error)
}

// Alive says whether its processes run.
func (s *Site) Alive() error { return s.alive() }

// Stop ends it.
func (s *Site) Stop() error { return s.stop() }

// Check runs `tintype check` on its data; what it finds is an error.
func (s *Site) Check(ctx context.Context) error {
	out, err := s.check(ctx)
	if err != nil {
		return fmt.Errorf("tintype check: %w\n%s", err, out)
	}
	return nil
}

var ready = regexp.MustCompile(`ready at http://localhost:(\d+)`)

// Embedded starts the program on the embedded default, on a free port, with its data in dir.
func Embedded(ctx context.Context, program, dir string, log io.Writer) (*Site, error) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, "serve", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "data"), "--rate-limit", "0") // #nosec G204 -- it is this very program
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	var how error
	go func() {
		how = cmd.Wait()
		close(ended)
	}()
	s := &Site{
		Outbox: filepath.Join(dir, "data", "outbox"),
		alive: func() error {
			select {
			case <-ended:
				return fmt.Errorf("the server ended: %w", how)
			default:
				return nil
			}
		},
		stop: func() error {
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				return err
			}
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				return errors.Join(errors.New("the server does not end"), cmd.Process.Kill())
			}
			return how
		},
		check: func(ctx context.Context) (string, error) {
			b, err := exec.CommandContext(ctx, program, "check", "--data", filepath.Join(dir, "data")).CombinedOutput() // #nosec G204
			return string(b), err
		},
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := ready.FindStringSubmatch(lines.Text()); m != nil {
			s.URL = "http://127.0.0.1:" + m[1]
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s, nil
		}
	}
	<-ended
	return nil, fmt.Errorf("the server did not start: %w", how)
}

// OnFleet starts a whole fleet with its data in dir.
func OnFleet(ctx context.Context, program, dir string, tools []string, log io.Writer) (*Site, error) {
	f, err := fleet.Start(ctx, fleet.Config{Dir: dir, Addr: "localhost:0", Tools: tools, Out: log, Settings: []string{"rate_limit = -1"}})
	if err != nil {
		return nil, err
	}
	deaths := map[string]int{}
	for _, m := range f.Members() {
		deaths[m.Name] = m.Deaths
	}
	return &Site{
		URL:   f.URL(),
		Fleet: true,
		stop:  f.Stop,
		alive: func() error {
			for _, m := range f.Members() {
				if m.Deaths > deaths[m.Name] {
					return fmt.Errorf("%s has died", m.Name)
				}
			}
			return nil
		},
		check: func(ctx context.Context) (string, error) {
			b, err := exec.CommandContext(ctx, program, "check", "--config", f.ConfigFile()).CombinedOutput() // #nosec G204
			return strings.TrimSpace(string(b)), err
		},
	}, nil
}
