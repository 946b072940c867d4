package imaging

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tintype/tintype/internal/imaging/wire"
	"github.com/tintype/tintype/internal/tintype"
)

// EnvMemory tells a child how many bytes of writable memory it may have.
const EnvMemory = "TINTYPE_RENDER_MEMORY"

// child is one process of the cage.
type child struct {
	cmd    *exec.Cmd
	in     *os.File // its standard input
	out    *os.File // its standard output
	frames *bufio.Reader
	buf    []byte // for frames

	hello Status
	jobs  int
	used  time.Time

	done  chan struct{} // closed when the process has ended and was waited for
	heard chan struct{} // closed when all that it wrote to standard error was read

	mu   sync.Mutex
	tail []byte // the end of what it wrote to standard error
}

const (
	maxTail      = 4 << 10
	greetTimeout = 15 * time.Second
)

func start(cfg *Config) (*child, error) {
	if len(cfg.Command) == 0 {
		return nil, errors.New("imaging: no command configured")
	}
	var files []*os.File
	closeAll := func() {
		for _, f := range files {
			f.Close()
		}
	}
	pipe := func() (r, w *os.File, err error) {
		if r, w, err = os.Pipe(); err == nil {
			files = append(files, r, w)
		}
		return r, w, err
	}
	inR, inW, err1 := pipe()
	// A larger pipe means fewer changes between two processes; it is no loss without.
	for _, f := range files {
		widen(f)
	}
	outR, outW, err2 := pipe()
	errR, errW, err3 := pipe()
	if err := errors.Join(err1, err2, err3); err != nil {
		closeAll()
		return nil, err
	}
	cmd := exec.Command(cfg.Command[0], cfg.Command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = inR, outW, errW
	// Nothing of the server's environment but where its libraries are: no secret
	// may be found in the memory of a process that strangers may take over.
	cmd.Env = []string{EnvMemory + "=" + strconv.FormatInt(cfg.MaxMemory, 10), "GOMAXPROCS=2", "GOTRACEBACK=none"}
	if v, ok := os.LookupEnv("LD_LIBRARY_PATH"); ok {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+v)
	}
	cmd.Env = append(cmd.Env, cfg.Env...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		closeAll()
		return nil, err
	}
	inR.Close()
	outW.Close()
	errW.Close()
	c := &child{cmd: cmd, in: inW, out: outR, frames: bufio.NewReaderSize(outR, 64<<10), done: make(chan struct{}), heard: make(chan struct{})}
	go c.listen(errR)
	return c, nil
}

// widen asks for a pipe that holds a megabyte.
func widen(f *os.File) {
	const setPipeSize = 1031 // F_SETPIPE_SZ
	if c, err := f.SyscallConn(); err == nil {
		_ = c.Control(func(fd uintptr) { _, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, 1<<20) })
	}
}

// wait returns when the process has ended.
func (c *child) wait() {
	_ = c.cmd.Wait() // how it ended is read from ProcessState, if anybody asks
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	close(c.done)
	// Bytes it wrote before it ended are still in the pipe for whoever reads; one
	// who reads on for more than a moment reads from a descendant that got away.
	now := time.Now()
	_ = c.in.SetDeadline(now)
	_ = c.out.SetReadDeadline(now.Add(time.Second))
}

// listen keeps the end of what the child says on standard error.
func (c *child) listen(r *os.File) {
	defer close(c.heard)
	defer r.Close()
	go func() {
		<-c.done
		_ = r.SetReadDeadline(time.Now().Add(time.Second))
	}()
	buf := make([]byte, 1024)
	for {
		n, err := r.Read(buf)
		c.mu.Lock()
		c.tail = append(c.tail, buf[:n]...)
		if len(c.tail) > maxTail {
			c.tail = append(c.tail[:0:0], c.tail[len(c.tail)-maxTail:]...)
		}
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// greet waits for the child's hello.
func (c *child) greet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, greetTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()
	kind, payload, err := c.read()
	if err == nil && kind != wire.Hello {
		err = fmt.Errorf("%w: %q instead of hello", wire.ErrFrame, byte(kind))
	}
	if err == nil {
		err = json.Unmarshal(payload, &c.hello)
	}
	if err == nil {
		return nil
	}
	state, _ := c.post(500 * time.Millisecond)
	c.close()
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "pictures cannot be processed at the moment",
		Err: fmt.Errorf("imaging: the child did not start: %w (%s)", err, state)}
}

// read reads one frame; its payload is good until the next.
func (c *child) read() (wire.Kind, []byte, error) {
	kind, payload, err := wire.Read(c.frames, c.buf)
	if cap(payload) > cap(c.buf) {
		c.buf = payload
	}
	return kind, payload, err
}

func (c *child) dead() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// kill ends the process and its descendants now, and unblocks who talks to it.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	if !c.dead() {
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
	}
	c.close()
}

// end asks the process to end, by closing its input, and sees to it that it does.
func (c *child) end() {
	c.in.Close()
	go func() {
		select {
		case <-c.done:
		case <-time.After(2 * time.Second):
		}
		c.kill()
	}()
}

func (c *child) close() {
	c.in.Close()
	c.out.Close()
}

// post kills what is left of the child and tells how it ended, for logs, and
// whether it ended by itself, for which it is given a moment.
func (c *child) post(moment time.Duration) (state string, itself bool) {
	select {
	case <-c.done:
		itself = true
	case <-time.After(moment):
	}
	c.kill()
	<-c.done
	select {
	case <-c.heard:
	case <-time.After(200 * time.Millisecond): // a descendant that got away holds the pipe
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	text := strings.ToValidUTF8(string(bytes.TrimSpace(c.tail)), "?")
	return fmt.Sprintf("%v; stderr: %q", c.cmd.ProcessState, text), itself
}

// resident is how much memory the process has now; 0 if that cannot be told.
func (c *child) resident() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b))
	if len(f) < 3 {
		return 0
	}
	pages, _ := strconv.ParseInt(f[1], 10, 64)
	shared, _ := strconv.ParseInt(f[2], 10, 64)
	return (pages - shared) * int64(os.Getpagesize())
}
