// Package services runs real servers (Redis, memcached, an S3 server, PgBouncer,
// nginx …) on free loopback ports, each in a directory of its own and as an
// unprivileged user where the program must not be root. Tests, `make fleet`,
// drills and benchmarks use it; a site that people use is run by systemd.
//
// A server never outlives the process that started it, however that ends: a
// guard waits for the kernel to close a pipe and then stops the server.
//
// PostgreSQL for tests is in package testpg. Errors are plain: they are for
// whoever sits at the terminal, and hold the end of the server's log. A program
// that is not installed is [ErrAbsent].
package services

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrAbsent says that this machine lacks the program.
var ErrAbsent = errors.New("it is not installed")

// patience is how long a server may take to answer, or to stop when told.
const patience = time.Minute

// Spec says how a server is run.
type Spec struct {
	Name    string // what people call it: "Redis", "PgBouncer of db0"
	Program string // the file that is executed, as Find gives it
	// Args gives the arguments; it is called for each start.
	Args func(s *Server) []string
	// Prepare writes what the server needs into its directory, before each start; nil for nothing.
	Prepare func(s *Server) error
	// Ready answers nil once the server can be used; nil waits for its port to accept.
	Ready func(ctx context.Context, s *Server) error
	// Stop is the signal for an orderly end; 0 for SIGTERM.
	Stop syscall.Signal
	// Users are the accounts that the server may run as if we are root, the first that
	// exists; none runs it as ourselves.
	Users []string
	// Dir is a directory to keep, made if absent; "" makes one under the temporary directory that goes with the server.
	Dir string
	// Port is where it listens on 127.0.0.1; 0 finds a free one, once.
	Port int
	Env  []string // added to the environment
}

// Server is a server that runs, or ran and can be started again on the same port and directory.
type Server struct {
	Spec Spec
	cred *syscall.Credential
	temp bool

	mu       sync.Mutex
	cmd      *exec.Cmd
	lifeline io.Closer
	gone     chan struct{} // closed when the guard has ended
}

// guard runs the server and outlives us just long enough to stop it. $1 is the
// server's directory, $2 the signal, the rest the command; descriptor 3 is the
// lifeline, which the kernel closes with our process.
const guard = `
dir=$1; signal=$2; shift 2
"$@" >>"$dir/log" 2>&1 </dev/null 3<&- &
server=$!
echo $server >"$dir/pid"
{ read -r _; n=0; while kill -$signal $server; do sleep 0.1; n=$((n+1)); test $n -gt 100 && signal=KILL; done; } 2>/dev/null <&3 &
wait $server
echo "ended with status $?" >>"$dir/log"
rm -f "$dir/pid"
kill $! 2>/dev/null
exit 0
`

// Find gives the path of a program: on PATH, in sbin, or in one of dirs.
func Find(program string, dirs ...string) (string, error) {
	if p, err := exec.LookPath(program); err == nil {
		return filepath.Abs(p)
	}
	for _, d := range append(dirs, "/usr/sbin", "/usr/local/sbin") {
		p := filepath.Join(d, program)
		if info, err := os.Stat(p); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return filepath.Abs(p)
		}
	}
	return "", fmt.Errorf("%s: %w", program, ErrAbsent)
}

// New makes a server that does not run yet.
func New(spec Spec) (*Server, error) {
	s := &Server{Spec: spec}
	if os.Geteuid() == 0 && len(spec.Users) > 0 {
		cred, err := account(spec.Users)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", spec.Name, err)
		}
		s.cred = cred
	}
	if s.Spec.Dir == "" {
		temp := os.TempDir()
		if s.cred != nil {
			temp = "/tmp" // root's own may be closed to others
		}
		dir, err := os.MkdirTemp(temp, "tintype-"+strings.ToLower(strings.Fields(spec.Name)[0])+"-")
		if err != nil {
			return nil, err
		}
		s.Spec.Dir, s.temp = dir, true
	} else {
		dir, err := filepath.Abs(s.Spec.Dir)
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		s.Spec.Dir = dir
	}
	if err := s.Give(s.Spec.Dir); err != nil {
		return nil, err
	}
	if s.Spec.Port == 0 {
		port, err := FreePort()
		if err != nil {
			return nil, err
		}
		s.Spec.Port = port
	}
	return s, nil
}

// Start makes a server and starts it.
func Start(ctx context.Context, spec Spec) (*Server, error) {
	s, err := New(spec)
	if err != nil {
		return nil, err
	}
	if err := s.Start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func account(names []string) (*syscall.Credential, error) {
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("none of the users %s exists", strings.Join(names, ", "))
}

// FreePort gives a loopback port that nobody listens on now.
func FreePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Addr is where the server listens, as host:port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Spec.Port)) }

// Dir is the server's directory, which also holds its log.
func (s *Server) Dir() string { return s.Spec.Dir }

// Path names a file in the server's directory.
func (s *Server) Path(name string) string { return filepath.Join(s.Spec.Dir, name) }

// Give makes a file or directory the server's user's.
func (s *Server) Give(path string) error {
	if s.cred == nil {
		return nil
	}
	return os.Chown(path, int(s.cred.Uid), int(s.cred.Gid))
}

// Write writes a file in the server's directory that its user can read.
func (s *Server) Write(name, text string) error {
	if err := os.WriteFile(s.Path(name), []byte(text), 0o600); err != nil {
		return err
	}
	return s.Give(s.Path(name))
}

// Command prepares another program to run as the server's user, in its directory.
func (s *Server) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = s.Spec.Dir
	cmd.Env = append(Environment(), s.Spec.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred}
	return cmd
}

// Environment is ours without what steers PostgreSQL's programs and the language of messages.
func Environment() []string {
	var out []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PG") && !strings.HasPrefix(e, "LC_") && !strings.HasPrefix(e, "LANG") {
			out = append(out, e)
		}
	}
	return out
}

// Start starts the server and waits until it is ready. It is an error if it runs.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	if s.running() {
		s.mu.Unlock()
		return fmt.Errorf("%s runs already", s.Spec.Name)
	}
	err := s.launch()
	gone := s.gone
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", s.Spec.Name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if err = s.ready(ctx); err == nil {
			return nil
		}
		select {
		case <-gone:
			return fmt.Errorf("%s ended at once: %s", s.Spec.Name, s.LogTail())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%s does not answer: %w: %s", s.Spec.Name, err, s.LogTail()), s.Kill())
		case <-time.After(15 * time.Millisecond):
		}
	}
}

func (s *Server) ready(ctx context.Context) error {
	if s.Spec.Ready != nil {
		return s.Spec.Ready(ctx, s)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Addr())
	if err != nil {
		return err
	}
	return conn.Close()
}

func (s *Server) launch() error {
	if s.Spec.Prepare != nil {
		if err := s.Spec.Prepare(s); err != nil {
			return err
		}
	}
	log, err := os.OpenFile(s.Path("log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	log.Close()
	if err := s.Give(s.Path("log")); err != nil {
		return err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close() // the guard has its own copy
	stop := s.Spec.Stop
	if stop == 0 {
		stop = syscall.SIGTERM
	}
	var args []string
	if s.Spec.Args != nil {
		args = s.Spec.Args(s)
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", guard, "guard", s.Spec.Dir, strconv.Itoa(int(stop)), s.Spec.Program}, args...)...)
	cmd.Dir = s.Spec.Dir
	cmd.Env = append(Environment(), s.Spec.Env...)
	cmd.ExtraFiles = []*os.File{read} // descriptor 3
	// A group of its own: an interrupt from the keyboard is for us, and Kill reaches all of it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, write.Close())
	}
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in the log
		close(gone)
	}()
	s.cmd, s.lifeline, s.gone = cmd, write, gone
	return nil
}

// running is called with the lock held.
func (s *Server) running() bool {
	if s.gone == nil {
		return false
	}
	select {
	case <-s.gone:
		return false
	default:
		return true
	}
}

// Running reports whether the server runs.
func (s *Server) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running()
}

// Gone is closed when the server has ended; nil before the first start.
func (s *Server) Gone() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

// PID is the server's process, 0 if it does not run.
func (s *Server) PID() int {
	b, err := os.ReadFile(s.Path("pid"))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return pid
}

// Signal sends a signal to the server's process: SIGHUP to read its configuration anew, SIGSTOP to freeze it.
func (s *Server) Signal(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	pid := s.PID()
	if !s.running() || pid == 0 {
		return fmt.Errorf("%s does not run", s.Spec.Name)
	}
	return syscall.Kill(pid, sig)
}

// Kill ends the server and all its processes at once, as a power cut would.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running() {
		return nil
	}
	pid := s.PID()
	err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.gone
	// It is nobody's child any more: there is nothing to wait on. Its number must be free, too: PostgreSQL
	// takes a zombie that init has not fetched yet for a running server.
	for end := time.Now().Add(patience); alive(pid) && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
	}
	for end := time.Now().Add(5 * time.Second); syscall.Kill(pid, 0) == nil && pid != 0 && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
	}
	return errors.Join(err, s.lifeline.Close(), os.RemoveAll(s.Path("pid")))
}

// alive reports whether a process still runs; a zombie does not.
func alive(pid int) bool {
	if pid == 0 {
		return false
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := bytes.Cut(b, []byte(") "))
	if len(rest) > 0 && rest[0] != 'Z' && rest[0] != 'X' {
		return true
	}
	// The first thread may be gone while others still hold the sockets.
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	return err == nil && len(threads) > 1
}

// Stop ends the server in order, and by force if that takes too long.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.running() {
		return nil
	}
	err := s.lifeline.Close() // the guard sends the signal
	select {
	case <-s.gone:
		return err
	case <-time.After(patience):
		return errors.Join(err, syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL), fmt.Errorf("%s did not stop", s.Spec.Name))
	}
}

// Close stops the server and removes its directory, if that is not to be kept.
func (s *Server) Close() error {
	err := s.Stop()
	if s.temp {
		err = errors.Join(err, os.RemoveAll(s.Spec.Dir))
	}
	return err
}

// LogTail is the end of the server's log.
func (s *Server) LogTail() string {
	b, err := os.ReadFile(s.Path("log"))
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(b[max(0, len(b)-2000):]))
}
