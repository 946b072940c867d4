package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A running fleet takes commands on a Unix socket in its directory, which only its owner can open: GET /members,
// and POST /kill, /stop, /start, /restart with ?name=, or POST /roll.

// socketPath gives a path of the socket that is short enough for the kernel, and what to close afterwards.
func socketPath(dir string) (path string, done func() error, err error) {
	path = filepath.Join(dir, "control.sock")
	if len(path) < 100 {
		return path, func() error { return nil }, nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/control.sock", d.Fd()), d.Close, nil
}

type closer func() error

// Close implements io.Closer.
func (c closer) Close() error { return c() }

// listen takes commands. It fails if another fleet runs in the directory.
func (f *Fleet) listen() (io.Closer, error) {
	path, done, err := socketPath(f.cfg.Dir)
	if err != nil {
		return nil, err
	}
	if c, err := net.Dial("unix", path); err == nil {
		return nil, errors.Join(fmt.Errorf("a fleet runs in %s already", f.cfg.Dir), c.Close(), done())
	}
	_ = os.Remove(path) // what a killed one left
	ln, err := net.Listen("unix", path)
	if err != nil {
		return nil, errors.Join(err, done())
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, ln.Close(), done())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /members", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(f.Members()) // whoever asked may have gone
	})
	for name, do := range map[string]func(ctx context.Context, name string) error{
		"kill":    func(_ context.Context, name string) error { return f.Kill(name) },
		"stop":    func(_ context.Context, name string) error { return f.StopMember(name) },
		"start":   f.StartMember,
		"restart": f.Restart,
		"roll":    func(ctx context.Context, _ string) error { return f.Roll(ctx) },
	} {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
			// What was begun is ended, whether or not somebody waits for it.
			if err := do(f.ctx, r.URL.Query().Get("name")); err != nil {
				http.Error(w, err.Error(), http.StatusConflict)
			}
		})
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(ln) }() // it ends with Close
	return closer(func() error { return errors.Join(srv.Close(), done()) }), nil
}

// Remote is a fleet that another process runs.
type Remote struct {
	client http.Client
	close  func() error
}

// Find finds the fleet that runs in a directory.
func Find(dir string) (*Remote, error) {
	path, done, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	r := &Remote{close: done}
	r.client.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}
	if c, err := net.Dial("unix", path); err != nil {
		return nil, errors.Join(fmt.Errorf("no fleet runs in %s: start it with make fleet", dir), done())
	} else if err := c.Close(); err != nil {
		return nil, err
	}
	return r, nil
}

// Close gives the connection back.
func (r *Remote) Close() error {
	r.client.CloseIdleConnections()
	return r.close()
}

// Members tells what runs where.
func (r *Remote) Members(ctx context.Context) ([]Member, error) {
	var list []Member
	err := r.call(ctx, http.MethodGet, "members", func(body io.Reader) error { return json.NewDecoder(body).Decode(&list) })
	return list, err
}

// Do carries out kill, stop, start or restart of a member, or roll, and returns when that is done.
func (r *Remote) Do(ctx context.Context, command, name string) error {
	return r.call(ctx, http.MethodPost, command+"?name="+name, func(io.Reader) error { return nil })
}

func (r *Remote) call(ctx context.Context, method, path string, read func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://fleet/"+path, nil)
	if err != nil {
		return err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		return errors.Join(errors.New(strings.TrimSpace(string(b))), err)
	}
	return read(resp.Body)
}
