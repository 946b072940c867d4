package render

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/imaging/wire"
)

func reader(b []byte) io.Reader { return bytes.NewReader(b) }

func TestStatus(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{})
	s, err := p.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", s)
	for _, layer := range []string{"rlimits", "landlock", "seccomp"} {
		if s.Layers[layer] == "" {
			t.Errorf("nothing is said of %s", layer)
		}
	}
	if s.Layers["rlimits"] != on || s.Versions["libvips"] == "" || s.Children != 1 {
		t.Errorf("%+v", s)
	}
	for _, must := range imaging.Types() {
		if !strings.Contains(strings.Join(s.Loaders, " "), must) {
			t.Errorf("no loader for %s", must)
		}
	}
}

// escape is run in a child of its own, inside the cage: it tries to get out and
// prints what worked.
func escape() int {
	if l := limit(imaging.DefaultMaxMemory); l != on {
		fmt.Println("rlimits:", l)
	}
	if err := open(); err != nil {
		fmt.Println(err)
	}
	// None of libvips's other readers, nor its writers of other files, can be used.
	for _, op := range []string{
		"svgload_buffer", "pdfload_buffer", "magickload_buffer", "tiffload_buffer", "jxlload_buffer", "jp2kload_buffer", "radload_buffer",
	} {
		if _, err := decode(op, []byte("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"), args{}); err == nil {
			fmt.Println("libvips lets", op, "run")
		}
	}
	if im, err := fromPixels(make([]byte, 3), 1, 1, 3); err == nil {
		for _, op := range []string{"pngsave_buffer", "tiffsave_buffer", "gifsave_buffer", "magicksave_buffer"} {
			if _, err := im.encode(op, nil); err == nil {
				fmt.Println("libvips lets", op, "run")
			}
		}
	}
	landlocked := withoutFiles()
	if landlocked == on {
		for _, path := range []string{"/etc/passwd", "/", "/proc/self/mem", "/dev/null"} {
			if f, err := os.Open(path); err == nil {
				f.Close()
				fmt.Println("landlock lets", path, "be opened")
			}
		}
	}
	filtered := withFewCalls()
	fmt.Println("landlock:", landlocked, "seccomp:", filtered)
	if filtered == on {
		call := func(name string, nr uintptr, a, b, c uintptr) {
			if r, _, errno := syscall.RawSyscall(nr, a, b, c); errno == 0 {
				fmt.Println("seccomp lets", name, "through:", r)
			}
		}
		path := append([]byte("/dev/null"), 0)
		at := uintptr(unsafe.Pointer(&path[0]))
		call("open", unix.SYS_OPENAT, ^uintptr(99), at, unix.O_RDONLY)
		call("open for writing", unix.SYS_OPENAT, ^uintptr(99), at, unix.O_WRONLY)
		call("socket", unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM, 0)
		call("unix socket", unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_STREAM, 0)
		call("ptrace", unix.SYS_PTRACE, unix.PTRACE_TRACEME, 0, 0)
		call("kill of the parent", unix.SYS_KILL, uintptr(os.Getppid()), 0, 0)
		call("pidfd_open", unix.SYS_PIDFD_OPEN, uintptr(os.Getppid()), 0, 0)
		call("unlink", unix.SYS_UNLINKAT, ^uintptr(99), at, 0)
		call("chdir", unix.SYS_CHDIR, at, 0, 0)
		call("memfd_create", unix.SYS_MEMFD_CREATE, at, 0, 0)
		call("setuid", unix.SYS_SETUID, 0, 0, 0)
		call("bpf", unix.SYS_BPF, 0, 0, 0)
		call("io_uring_setup", unix.SYS_IO_URING_SETUP, 1, at, 0)
		call("prlimit of the parent", unix.SYS_PRLIMIT64, uintptr(os.Getppid()), unix.RLIMIT_CPU, 0)
		call("process_vm_readv", unix.SYS_PROCESS_VM_READV, uintptr(os.Getppid()), 0, 0)
		if err := exec.Command("/bin/true").Run(); err == nil {
			fmt.Println("seccomp lets programs be run")
		}
		if r, _, errno := syscall.RawSyscall(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0); errno == 0 {
			if r == 0 {
				syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
			}
			fmt.Println("seccomp lets fork through")
		}
	}
	// The cage holds all threads, not only this one.
	done := make(chan bool)
	go func() {
		defer close(done)
		if f, err := os.Open("/etc/passwd"); err == nil && (filtered == on || landlocked == on) {
			f.Close()
			fmt.Println("another thread opens files")
		}
	}()
	<-done
	var core unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &core); err != nil || core.Max != 0 {
		fmt.Println("core dumps:", core, err)
	}
	fmt.Println("end")
	return 0
}

func TestNoEscape(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = []string{childEnv + "=escape"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	if strings.Contains(string(out), "lets") || strings.Contains(string(out), "opens files") || !strings.HasSuffix(string(out), "end\n") || strings.Contains(string(out), "core dumps") {
		t.Errorf("the cage leaks:\n%s", out)
	}
}

// TestOrphan: a child whose server is gone ends, in the middle of a job too.
func TestOrphan(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		talk func(w io.Writer)
	}{
		{"idle", func(io.Writer) {}},
		{"in a request", func(w io.Writer) {
			_ = wire.WriteJSON(w, wire.Job, wire.Request{Op: wire.OpRender, MaxBytes: 1 << 20, MaxPixels: 1e8})
			_ = wire.Write(w, wire.Data, []byte("\xff\xd8\xff"))
		}},
		{"talked to in another language", func(w io.Writer) { _, _ = io.WriteString(w, "GET / HTTP/1.1\r\n\r\n") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(exe)
			cmd.Env = []string{childEnv + "=render"}
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			test.talk(in)
			in.Close()
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case <-ended:
			case <-time.After(30 * time.Second):
				_ = cmd.Process.Kill()
				t.Error("it lives on")
			}
		})
	}
}

func TestManyJobsInParallel(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{Children: 3})
	file := encoded(t, "image/jpeg", upright(1600, 1200), 1600, 1200)
	errs := make(chan error)
	for range 24 {
		go func() {
			_, err := p.Render(t.Context(), reader(file), imaging.Plan{Sizes: imaging.PostSizes()}, discard)
			errs <- err
		}()
	}
	for range 24 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := p.Children(); n > 3 {
		t.Errorf("%d children", n)
	}
}
