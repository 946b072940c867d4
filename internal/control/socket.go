package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// socketName is the socket's in the data directory.
const socketName = "control.sock"

// line is one line of an answer. The last one says that it is, or why there is no more.
type line struct {
	Value json.RawMessage `json:"value,omitempty"`
	Error *wireError      `json:"error,omitempty"`
	Done  bool            `json:"done,omitempty"`
}

// wireError is an error with its kind. Operators see everything.
type wireError struct {
	Kind  tintype.Kind `json:"kind"`
	Msg   string       `json:"msg"`
	Field string       `json:"field,omitempty"`
}

// inDir gives a path of the socket that is short enough for the kernel, which
// takes no more than 107 bytes, and what to close when it is not used any more.
func inDir(dir string) (path string, done func() error, err error) {
	path = filepath.Join(dir, socketName)
	if len(path) < 100 {
		return path, func() error { return nil }, nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), socketName), d.Close, nil
}

// Listen carries out the commands that come through the socket of a site that
// is being served, until stop is called, which waits a few seconds for those under way.
// A fleet has no directory and no socket: commands open it themselves.
func Listen(a *app.App) (stop func() error, err error) {
	if a.Dir() == "" {
		return func() error { return nil }, nil
	}
	path, done, err := inDir(a.Dir())
	if err != nil {
		return nil, fmt.Errorf("the control socket cannot be made: %w", err)
	}
	// The directory is locked: what is there is of a process that died.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("the control socket cannot be made: %w", err), done())
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the control socket cannot be made: %w", err), done())
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("the control socket cannot be made private: %w", err), ln.Close(), done())
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &http.Server{
		Handler:           handler(a),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(trusted{ln}) }()
	return func() error {
		cancel() // a check under way ends; the others take no time
		grace, stopGrace := context.WithTimeout(context.Background(), 5*time.Second)
		defer stopGrace()
		err := s.Shutdown(grace)
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return errors.Join(err, done())
	}, nil
}

// trusted accepts the user who runs the server, and root, whatever the
// permissions of the directory and the socket are.
type trusted struct{ *net.UnixListener }

// Accept implements net.Listener.
func (l trusted) Accept() (net.Conn, error) {
	for {
		c, err := l.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if uid, err := peer(c); err == nil && (uid == 0 || int(uid) == os.Geteuid()) {
			return c, nil
		}
		_ = c.Close() // a stranger gets nothing, not even a reason
	}
}

// peer gives who is at the other end.
func peer(c *net.UnixConn) (uid uint32, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *syscall.Ucred
	var inner error
	if err := raw.Control(func(fd uintptr) {
		cred, inner = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return 0, err
	}
	if inner != nil {
		return 0, inner
	}
	return cred.Uid, nil
}

// maxCommand is how many bytes a command may have.
const maxCommand = 1 << 20

func handler(a *app.App) http.Handler {
	all := commands()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := all[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok || r.Method != http.MethodPost {
			http.Error(w, "no such command", http.StatusNotFound)
			return
		}
		in, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCommand))
		if err != nil {
			http.Error(w, "the command is too long", http.StatusRequestEntityTooLarge)
			return
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		out := json.NewEncoder(w)
		flush := http.NewResponseController(w)
		send := func(l line) error { return errors.Join(out.Encode(l), flush.Flush()) }
		err = f(r.Context(), a, true, in, func(v any) error {
			raw, err := json.Marshal(v)
			if err != nil {
				return err
			}
			return send(line{Value: raw})
		})
		last := line{Done: true}
		if err != nil {
			last = line{Error: toWire(err)}
		}
		_ = send(last) // whoever asked may have gone
	})
}

func toWire(err error) *wireError {
	w := &wireError{Kind: tintype.KindOf(err), Msg: err.Error()}
	var e *tintype.Error
	if errors.As(err, &e) && e.Kind != tintype.Internal {
		w.Field = e.Field
	}
	return w
}

// dial gives what calls the server of the site in dir, nil if nobody serves it.
func dial(ctx context.Context, dir string) (call func(context.Context, string, any, func(json.RawMessage) error) error, closeAll func() error, err error) {
	path, done, err := inDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	var d net.Dialer
	probe, err := d.DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTDIR):
		return nil, nil, done()
	case errors.Is(err, fs.ErrPermission):
		return nil, nil, errors.Join(fmt.Errorf("this site belongs to another user of the machine: run the command as the user who runs it, or as root (%w)", err), done())
	case err != nil:
		return nil, nil, errors.Join(fmt.Errorf("the running server cannot be asked: %w", err), done())
	}
	_ = probe.Close() // it only showed that somebody listens
	t := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) }}
	client := &http.Client{Transport: t}
	return func(ctx context.Context, name string, in any, each func(json.RawMessage) error) error {
		return ask(ctx, client, name, in, each)
	}, func() error { t.CloseIdleConnections(); return done() }, nil
}

func ask(ctx context.Context, client *http.Client, name string, in any, each func(json.RawMessage) error) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://tintype/"+name, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "the running server does not answer", Err: err}
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return &tintype.Error{Kind: tintype.Internal, Msg: fmt.Sprintf("the running server does not know this command (%s): is it of the same version as this program?", res.Status)}
	}
	lines := bufio.NewReader(res.Body)
	for {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return &tintype.Error{Kind: tintype.Unavailable, Msg: "the server ended before it was done", Err: err}
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return &tintype.Error{Kind: tintype.Internal, Msg: "the server's answer cannot be understood", Err: err}
		}
		switch {
		case l.Error != nil:
			return &tintype.Error{Kind: l.Error.Kind, Msg: l.Error.Msg, Field: l.Error.Field}
		case l.Done:
			return nil
		}
		if err := each(l.Value); err != nil {
			return err
		}
	}
}
