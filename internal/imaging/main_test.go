package imaging

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/imaging/wire"
	"github.com/tintype/tintype/internal/tintype"
)

// childEnv makes the test binary a child of the cage that behaves as it says.
const childEnv = "TINTYPE_TEST_CHILD"

func TestMain(m *testing.M) {
	if how := os.Getenv(childEnv); how != "" {
		os.Exit(fakeChild(how))
	}
	os.Exit(m.Run())
}

// fakeJPEG is what a fake child gives for every rendition.
var fakeJPEG = []byte("\xff\xd8\xff\xe0 a small picture \xff\xd9")

// fakeChild speaks the protocol honestly, except with originals that hold the
// word "evil": then it does what how says.
func fakeChild(how string) int {
	in, out := bufio.NewReader(os.Stdin), os.Stdout
	how, arg, _ := strings.Cut(how, "=")
	switch how {
	case "silent start":
		return 0
	case "junk start":
		fmt.Println("error while loading shared libraries: libvips.so.42")
		return 127
	case "hung start":
		time.Sleep(time.Hour)
	}
	if err := wire.WriteJSON(out, wire.Hello, Status{Layers: map[string]string{"fake": "on"}}); err != nil {
		return 1
	}
	for {
		kind, payload, err := wire.Read(in, nil)
		if errors.Is(err, io.EOF) {
			return 0
		}
		if err != nil || kind != wire.Job {
			return 1
		}
		var req wire.Request
		if json.Unmarshal(payload, &req) != nil {
			return 1
		}
		var original []byte
		for kind != wire.End && kind != wire.Abort {
			if kind, payload, err = wire.Read(in, nil); err != nil {
				return 0
			}
			original = append(original, payload...)
			if bytes.Contains(original, []byte("evil")) {
				if code, done := misbehave(how, arg, out); done {
					return code
				}
			}
		}
		if kind == wire.Abort {
			continue
		}
		if bytes.Contains(original, []byte("evil")) {
			if code, done := answerBadly(how, out); done {
				if code >= 0 {
					return code
				}
				continue
			}
		}
		answer(out, req, Sniff(original))
	}
}

func answer(out io.Writer, req wire.Request, kind string) {
	res := Result{Info: Info{Type: kind, Width: 4000, Height: 3000}}
	if req.Op == wire.OpRender {
		res.Blurhash = "LODTq_xvjFfm~qkWj[j?"
		for _, s := range req.Sizes {
			_ = wire.WriteJSON(out, wire.Begin, Rendition{Name: s, Width: 100, Height: 100})
			_ = wire.Write(out, wire.Data, fakeJPEG)
			_ = wire.Write(out, wire.End, nil)
		}
	}
	_ = wire.WriteJSON(out, wire.Result, res)
}

// misbehave is what a child does in the middle of reading an original.
func misbehave(how, arg string, out *os.File) (code int, done bool) {
	switch how {
	case "segv":
		// Another program in this process's place: Go's own runtime may see to the signal first.
		_ = syscall.Exec("/bin/sh", []string{"sh", "-c", "kill -SEGV $$"}, nil)
		return 1, true
	case "abort":
		_ = syscall.Kill(os.Getpid(), syscall.SIGABRT)
		select {}
	case "killed":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "stop reading":
		time.Sleep(time.Hour)
	case "out of memory":
		fmt.Fprintln(os.Stderr, "GLib-ERROR **: failed to allocate 12884901888 bytes")
		return 133, true
	case "talks first":
		_, _ = out.Write(bytes.Repeat([]byte("junk"), 1<<20))
		return 0, true
	case "fork":
		// A grandchild in a session of its own that holds all pipes.
		cmd := exec.Command("/bin/sleep", arg)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		_ = cmd.Start()
		return 1, true
	}
	return 0, false
}

// answerBadly is what a child answers to a whole original. A negative code means
// that it carries on.
func answerBadly(how string, out *os.File) (code int, done bool) {
	begin := func(r Rendition) { _ = wire.WriteJSON(out, wire.Begin, r) }
	good := Rendition{Name: Size150s, Width: 150, Height: 150}
	switch how {
	case "exit 0":
		return 0, true
	case "exit 1":
		return 1, true
	case "hang":
		time.Sleep(time.Hour)
	case "drip":
		for {
			begin(good)
			_ = wire.Write(out, wire.Data, fakeJPEG)
			for {
				_ = wire.Write(out, wire.Data, []byte("..."))
				time.Sleep(20 * time.Millisecond)
			}
		}
	case "junk":
		_, _ = out.WriteString("<html>nothing of the protocol</html>\n")
	case "half":
		begin(good)
		_ = wire.Write(out, wire.Data, fakeJPEG)
		return 0, true
	case "huge frame":
		_, _ = out.Write([]byte{'D', 0xff, 0xff, 0xff, 0xff})
	case "flood":
		begin(good)
		for range 1 << 12 {
			if wire.Write(out, wire.Data, append([]byte("\xff\xd8\xff"), make([]byte, wire.Chunk-3)...)) != nil {
				return 1, true
			}
		}
	case "html":
		begin(good)
		_ = wire.Write(out, wire.Data, []byte("<script>alert(1)</script>"))
		_ = wire.Write(out, wire.End, nil)
	case "unasked":
		begin(Rendition{Name: "../../etc/passwd", Width: 1, Height: 1})
	case "twice":
		for range 2 {
			begin(good)
			_ = wire.Write(out, wire.Data, fakeJPEG)
			_ = wire.Write(out, wire.End, nil)
		}
	case "too wide":
		begin(Rendition{Name: Size150s, Width: 15000, Height: 15000})
	case "empty rendition":
		begin(good)
		_ = wire.Write(out, wire.End, nil)
	case "no renditions":
		_ = wire.WriteJSON(out, wire.Result, Result{Info: Info{Type: "image/jpeg", Width: 1, Height: 1}, Blurhash: "L"})
	case "wrong type":
		_ = wire.WriteJSON(out, wire.Result, Result{Info: Info{Type: "text/html", Width: 1, Height: 1}, Blurhash: "L"})
	case "hello again":
		_ = wire.WriteJSON(out, wire.Hello, Status{})
	case "internal fault":
		_ = wire.WriteJSON(out, wire.Failure, wire.Fault{Kind: uint8(tintype.Internal), Msg: "your database is on fire"})
	case "refuse":
		_ = wire.WriteJSON(out, wire.Failure, wire.Fault{Kind: uint8(tintype.Unprocessable), Msg: "the picture could not be decoded: evil\x00\u202e", Detail: "spite"})
		return -1, true
	default:
		return 0, false
	}
	// What it said was wrong; it goes on as if nothing had happened.
	time.Sleep(time.Hour)
	return 0, true
}
