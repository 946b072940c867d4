package render

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/imaging/wire"
	"github.com/tintype/tintype/internal/tintype"
)

// Main is a child of the imaging cage, from its start to its end: it serves the
// jobs that come from stdin and returns the process's exit code when stdin ends.
// It changes the whole process for good, and may end it on its own.
func Main(stdin io.Reader, stdout *os.File, stderr io.Writer) int {
	memory := int64(imaging.DefaultMaxMemory)
	if n, err := strconv.ParseInt(os.Getenv(imaging.EnvMemory), 10, 64); err == nil && n > 0 {
		memory = n
	}
	layers := map[string]string{"rlimits": limit(memory)}
	out, err := private(stdout)
	if err != nil {
		fmt.Fprintln(stderr, "tintype render:", err)
		return 1
	}
	// libvips keeps things per thread: everything is done on this one.
	runtime.LockOSThread()
	if err := open(); err != nil {
		fmt.Fprintln(stderr, "tintype render:", err)
		return 1
	}
	layers["landlock"] = withoutFiles()
	layers["seccomp"] = withFewCalls()

	w := bufio.NewWriterSize(out, wire.Chunk)
	if err := wire.WriteJSON(w, wire.Hello, hello(layers)); err != nil {
		return 1
	}
	if err := w.Flush(); err != nil {
		return 1
	}
	c := &child{out: w, jobs: make(chan *request), spare: make(chan []byte, 1)}
	go c.listen(stdin)
	for r := range c.jobs {
		if err := c.serve(r); err != nil {
			fmt.Fprintln(stderr, "tintype render:", err)
			return 1
		}
	}
	return 0
}

// private gives another descriptor for f, and lets what prints to f print to
// standard error: no library's chatter may end up among the frames.
func private(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, err
	}
	if err := unix.Dup3(2, int(f.Fd()), 0); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "frames"), nil
}

// child serves one server.
type child struct {
	out   *bufio.Writer
	jobs  chan *request
	spare chan []byte // the last original's memory, to be used again
}

// request is one job with the original it is about.
type request struct {
	wire.Request
	original []byte
	large    bool // more bytes than allowed: not all were kept
}

// listen reads requests. It ends the process when there is nobody left to serve,
// in the middle of a job too, and when what it reads makes no sense.
func (c *child) listen(stdin io.Reader) {
	in := bufio.NewReaderSize(stdin, 64<<10)
	for {
		var buf []byte
		select {
		case buf = <-c.spare:
		default:
		}
		r, err := readRequest(in, buf)
		if errors.Is(err, io.EOF) {
			os.Exit(0)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "tintype render:", err)
			os.Exit(1)
		}
		if r == nil {
			continue
		}
		c.jobs <- r
	}
}

// readRequest reads the next request, its original into buf if that is large
// enough; nil if it was aborted.
func readRequest(in *bufio.Reader, buf []byte) (*request, error) {
	kind, payload, err := wire.Read(in, nil)
	if err != nil {
		return nil, err
	}
	if kind != wire.Job {
		return nil, fmt.Errorf("%w: %q instead of a job", wire.ErrFrame, byte(kind))
	}
	r := &request{original: buf[:0]}
	if err := json.Unmarshal(payload, &r.Request); err != nil {
		return nil, err
	}
	if hint := min(r.SizeHint, r.MaxBytes); hint > int64(cap(buf)) {
		r.original = make([]byte, 0, hint)
	}
	for {
		kind, n, err := wire.ReadHeader(in)
		switch {
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		case kind == wire.End:
			return r, nil
		case kind == wire.Abort:
			return nil, nil
		case kind != wire.Data:
			return nil, fmt.Errorf("%w: %q in an original", wire.ErrFrame, byte(kind))
		}
		if r.large = r.large || int64(len(r.original)+n) > r.MaxBytes; r.large {
			if _, err := in.Discard(n); err != nil {
				return nil, err
			}
			continue
		}
		at := len(r.original)
		if need := at + n; need > cap(r.original) {
			grown := make([]byte, at, max(need, 2*cap(r.original)))
			copy(grown, r.original)
			r.original = grown
		}
		r.original = r.original[:at+n]
		if _, err := io.ReadFull(in, r.original[at:]); err != nil {
			return nil, err
		}
	}
}

// maxSpare is the largest original whose memory is kept for the next.
const maxSpare = 16 << 20

// serve does one job and answers. Its error means that the server is gone.
func (c *child) serve(r *request) error {
	timeout := time.Duration(r.TimeoutMS) * time.Millisecond
	if timeout > 0 {
		t := time.AfterFunc(timeout, func() { os.Exit(1) })
		defer t.Stop()
		// Processor time is a second net under that, for when Go itself is stuck.
		_ = grantCPU(uint64(timeout.Seconds()) + 1)
	}
	res, files, err := do(r)
	if err != nil {
		err = wire.WriteJSON(c.out, wire.Failure, toFault(err))
	} else {
		err = c.answer(res, files)
	}
	if err != nil {
		return err
	}
	if err := c.out.Flush(); err != nil {
		return err
	}
	if cap(r.original) <= maxSpare {
		select {
		case c.spare <- r.original[:0]:
		default:
		}
	}
	large := cap(r.original) > maxSpare || int64(res.Width)*int64(res.Height) > 16_000_000
	r.original = nil
	trim(large)
	return nil
}

func (c *child) answer(res imaging.Result, files [][]byte) error {
	for i, f := range files {
		if err := wire.WriteJSON(c.out, wire.Begin, res.Renditions[i]); err != nil {
			return err
		}
		// Each Data frame but the last is a full chunk, so none is tiny.
		for len(f) > 0 {
			n := min(len(f), wire.Chunk)
			if len(f)-n < 3 {
				n = len(f)
			}
			if err := wire.Write(c.out, wire.Data, f[:n]); err != nil {
				return err
			}
			f = f[n:]
		}
		if err := wire.Write(c.out, wire.End, nil); err != nil {
			return err
		}
	}
	return wire.WriteJSON(c.out, wire.Result, res)
}

// trim gives memory back after a large job; after a small one it is used again.
func trim(large bool) {
	if large {
		debug.FreeOSMemory()
		trimC()
	}
}

func toFault(err error) wire.Fault {
	var e *tintype.Error
	if !errors.As(err, &e) {
		return wire.Fault{Kind: uint8(tintype.Unprocessable), Msg: "the picture could not be decoded", Detail: err.Error()}
	}
	f := wire.Fault{Kind: uint8(e.Kind), Msg: e.Msg, Field: e.Field}
	if e.Err != nil {
		f.Detail = e.Err.Error()
	}
	return f
}
