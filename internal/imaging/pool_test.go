package imaging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/tintype"
)

// good and evil are originals as a fake child sees them.
func good() io.Reader { return strings.NewReader("\xff\xd8\xff good") }
func evil() io.Reader {
	return io.MultiReader(strings.NewReader("\xff\xd8\xff evil"), bytes.NewReader(make([]byte, 4<<20)))
}

// fakePool is a pool of children that behave like how. When the test ends
// nothing of it may be left.
func fakePool(t *testing.T, how string, cfg Config) *Pool {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Command = []string{exe}
	cfg.Env = append(cfg.Env, childEnv+"="+how)
	p := New(cfg)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if n := p.Children(); n != 0 {
			t.Errorf("%d children left after Close", n)
		}
	})
	return p
}

// sink collects renditions.
type sink struct {
	mu    sync.Mutex
	files map[string][]byte
	open  int
}

func (s *sink) create(name string) (io.WriteCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	return &file{sink: s, name: name}, nil
}

type file struct {
	bytes.Buffer
	sink *sink
	name string
}

func (f *file) Close() error {
	f.sink.mu.Lock()
	defer f.sink.mu.Unlock()
	if f.sink.files == nil {
		f.sink.files = make(map[string][]byte)
	}
	f.sink.files[f.name] = f.Bytes()
	f.sink.open--
	return nil
}

func TestRenderWritesEverySize(t *testing.T) {
	t.Parallel()
	p := fakePool(t, "honest", Config{Children: 1})
	var s sink
	res, err := p.Render(t.Context(), good(), Plan{Sizes: PostSizes()}, s.create)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{Size1080: fakeJPEG, Size640: fakeJPEG, Size320s: fakeJPEG, Size150s: fakeJPEG}
	if diff := cmp.Diff(want, s.files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if len(res.Renditions) != 4 || res.Renditions[0] != (Rendition{Size1080, 100, 100, int64(len(fakeJPEG))}) {
		t.Errorf("renditions: %+v", res.Renditions)
	}
	info, err := p.Probe(t.Context(), good())
	if err != nil || info.Width != 4000 || info.Type != "image/jpeg" {
		t.Errorf("Probe: %+v, %v", info, err)
	}
	if n := p.Children(); n != 1 {
		t.Errorf("%d children for two jobs one after the other, want 1", n)
	}
}

func TestBadChildCostsOneJob(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		how  string
		want string // part of the sentence for people
		kind tintype.Kind
	}{
		{how: "segv", want: "the decoder crashed on it"},
		{how: "abort", want: "the decoder crashed on it"},
		{how: "killed", want: "more memory"},
		{how: "out of memory", want: "more memory"},
		{how: "exit 1", want: "the decoder crashed on it"},
		{how: "exit 0", want: "gave no answer"},
		{how: "half", want: "gave no answer"},
		{how: "hang", want: "took too long"},
		{how: "drip", want: "took too long"},
		{how: "stop reading", want: "took too long"},
		{how: "talks first", want: "took too long"},
		{how: "junk", want: "cannot be right"},
		{how: "huge frame", want: "cannot be right"},
		{how: "flood", want: "larger than allowed"},
		{how: "html", want: "cannot be right"},
		{how: "unasked", want: "cannot be right"},
		{how: "twice", want: "cannot be right"},
		{how: "too wide", want: "cannot be right"},
		{how: "empty rendition", want: "cannot be right"},
		{how: "no renditions", want: "cannot be right"},
		{how: "wrong type", want: "cannot be right"},
		{how: "hello again", want: "cannot be right"},
		{how: "internal fault", want: "cannot be right"},
		{how: "refuse", want: "the picture could not be decoded: evil  "},
		{how: "fork=5", want: "the decoder crashed on it"},
	} {
		t.Run(test.how, func(t *testing.T) {
			t.Parallel()
			timeout := time.Minute
			if test.want == "took too long" {
				timeout = time.Second
			}
			p := fakePool(t, test.how, Config{Children: 1, Timeout: timeout, MaxOutput: 1 << 20})
			for round := range 2 {
				var s sink
				_, err := p.Render(t.Context(), evil(), Plan{Sizes: []string{Size150s}}, s.create)
				if tintype.KindOf(err) != tintype.Unprocessable {
					t.Fatalf("round %d: %v, want an Unprocessable", round, err)
				}
				var e *tintype.Error
				if errors.As(err, &e); !strings.Contains(e.Msg, test.want) || strings.ContainsAny(e.Msg, "\x00\n\u202e") {
					t.Errorf("round %d: %q, want %q in it (%v)", round, e.Msg, test.want, e.Err)
				}
				if s.open != 0 {
					t.Errorf("round %d: %d writers left open", round, s.open)
				}
				if _, err := p.Render(t.Context(), good(), Plan{Sizes: PostSizes()}, new(sink).create); err != nil {
					t.Fatalf("round %d: the next job: %v", round, err)
				}
			}
		})
	}
}

func TestChildThatDoesNotStart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		cfg  Config
	}{
		{name: "not there", cfg: Config{Command: []string{"/nonexistent/tintype", "render"}}},
		{name: "not configured", cfg: Config{}},
		{name: "says nothing", cfg: Config{Env: []string{childEnv + "=silent start"}}},
		{name: "says junk", cfg: Config{Env: []string{childEnv + "=junk start"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.cfg.Env != nil {
				exe, err := os.Executable()
				if err != nil {
					t.Fatal(err)
				}
				test.cfg.Command = []string{exe}
			}
			p := New(test.cfg)
			defer p.Close()
			if _, err := p.Probe(t.Context(), good()); tintype.KindOf(err) != tintype.Unavailable {
				t.Errorf("Probe: %v, want an Unavailable", err)
			}
			if _, err := p.Status(t.Context()); tintype.KindOf(err) != tintype.Unavailable {
				t.Errorf("Status: %v, want an Unavailable", err)
			}
		})
	}
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"hang", "stop reading", "hung start"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := fakePool(t, how, Config{Children: 1})
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := p.Probe(ctx, evil())
			if tintype.KindOf(err) != tintype.Unavailable {
				t.Errorf("%v, want an Unavailable", err)
			}
		})
	}
}

func TestWaitsForASlot(t *testing.T) {
	t.Parallel()
	p := fakePool(t, "hang", Config{Children: 1, Timeout: time.Second})
	busy := make(chan error, 1)
	go func() {
		_, err := p.Probe(t.Context(), evil())
		busy <- err
	}()
	for p.Children() == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Probe(ctx, good()); tintype.KindOf(err) != tintype.Unavailable {
		t.Errorf("while the only child is busy: %v, want an Unavailable", err)
	}
	if _, err := p.Probe(t.Context(), good()); err != nil {
		t.Errorf("after the hung job: %v", err)
	}
	<-busy
}

func TestSource(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	full := &tintype.Error{Kind: tintype.Full, Msg: "the disk is full"}
	jpeg := "\xff\xd8\xff"
	for _, test := range []struct {
		name string
		src  io.Reader
		want tintype.Kind
	}{
		{name: "empty", src: strings.NewReader(""), want: tintype.Unprocessable},
		{name: "one byte", src: strings.NewReader("\xff"), want: tintype.UnsupportedMedia},
		{name: "text", src: strings.NewReader("hello, world"), want: tintype.UnsupportedMedia},
		{name: "too long, known", src: bytes.NewReader(append([]byte(jpeg), make([]byte, 2<<20)...)), want: tintype.TooLarge},
		{name: "too long, unknown", src: io.MultiReader(strings.NewReader(jpeg), bytes.NewReader(make([]byte, 2<<20))), want: tintype.TooLarge},
		{name: "endless", src: io.MultiReader(strings.NewReader(jpeg), zeros{}), want: tintype.TooLarge},
		{name: "breaks at once", src: failing{broken}, want: tintype.Unavailable},
		{name: "breaks later", src: io.MultiReader(strings.NewReader(jpeg+strings.Repeat("x", 1000)), failing{broken}), want: tintype.Unavailable},
		{name: "breaks with a reason", src: io.MultiReader(strings.NewReader(jpeg+strings.Repeat("x", 1000)), failing{full}), want: tintype.Full},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := fakePool(t, "honest", Config{Children: 1, MaxBytes: 1 << 20})
			_, err := p.Render(t.Context(), test.src, Plan{Sizes: PostSizes()}, new(sink).create)
			if err == nil || tintype.KindOf(err) != test.want {
				t.Errorf("%v, want kind %v", err, test.want)
			}
			if _, err := p.Probe(t.Context(), good()); err != nil {
				t.Errorf("the next job: %v", err)
			}
			if n := p.Children(); n > 1 {
				t.Errorf("%d children, want the same one for the next job", n)
			}
		})
	}
}

func TestSinkFails(t *testing.T) {
	t.Parallel()
	full := &tintype.Error{Kind: tintype.Full, Msg: "the disk is full"}
	for _, test := range []struct {
		name string
		sink Sink
	}{
		{name: "to open", sink: func(string) (io.WriteCloser, error) { return nil, full }},
		{name: "to write", sink: func(string) (io.WriteCloser, error) { return &badFile{write: full}, nil }},
		{name: "to close", sink: func(string) (io.WriteCloser, error) { return &badFile{close: full}, nil }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := fakePool(t, "honest", Config{Children: 1})
			if _, err := p.Render(t.Context(), good(), Plan{Sizes: PostSizes()}, test.sink); !errors.Is(err, full) {
				t.Errorf("%v, want the sink's own error", err)
			}
			if _, err := p.Render(t.Context(), good(), Plan{Sizes: PostSizes()}, new(sink).create); err != nil {
				t.Errorf("the next job: %v", err)
			}
			if n := p.Children(); n != 1 {
				t.Errorf("%d children, want the same one for the next job", n)
			}
		})
	}
}

func TestPlanIsChecked(t *testing.T) {
	t.Parallel()
	p := fakePool(t, "honest", Config{})
	for _, sizes := range [][]string{nil, {"1080", "1080"}, {"9999"}, {"../x"}} {
		if _, err := p.Render(t.Context(), good(), Plan{Sizes: sizes}, new(sink).create); tintype.KindOf(err) != tintype.Invalid {
			t.Errorf("sizes %q: %v, want an Invalid", sizes, err)
		}
	}
	if n := p.Children(); n != 0 {
		t.Errorf("%d children were started for nothing", n)
	}
}

func TestIdleChildrenEnd(t *testing.T) {
	t.Parallel()
	p := fakePool(t, "honest", Config{Children: 3, Idle: 50 * time.Millisecond})
	var wg sync.WaitGroup
	for range 9 {
		wg.Go(func() {
			if _, err := p.Probe(t.Context(), good()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for p.Children() > 0 { // the test's own deadline is the limit
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := p.Probe(t.Context(), good()); err != nil {
		t.Errorf("after all had ended: %v", err)
	}
}

func TestChildIsReplaced(t *testing.T) {
	t.Parallel()
	p := fakePool(t, "honest", Config{Children: 1, JobsPerLife: 2})
	for i := range 5 {
		if _, err := p.Probe(t.Context(), good()); err != nil {
			t.Fatalf("job %d: %v", i, err)
		}
	}
	if _, err := p.Status(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestNothingIsLeft is not parallel: it counts what the whole process has.
func TestNothingIsLeft(t *testing.T) {
	count := func() (goroutines, files int) {
		fds, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("/proc is needed to count open files")
		}
		return runtime.NumGoroutine(), len(fds)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	g0, f0 := count()
	for _, how := range []string{"honest", "segv", "hang", "junk", "flood", "exit 0", "refuse", "stop reading", "silent start"} {
		p := New(Config{Command: []string{exe}, Env: []string{childEnv + "=" + how}, Children: 2, Timeout: 200 * time.Millisecond, MaxOutput: 1 << 20})
		for range 3 {
			_, _ = p.Render(t.Context(), evil(), Plan{Sizes: []string{Size150s}}, new(sink).create)
			_, _ = p.Probe(t.Context(), good())
		}
		p.Close()
		if _, err := p.Probe(t.Context(), good()); tintype.KindOf(err) != tintype.Unavailable {
			t.Errorf("%s: a job after Close: %v, want an Unavailable", how, err)
		}
	}
	var g, f int
	for range 200 {
		if g, f = count(); g <= g0 && f <= f0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	buf := make([]byte, 1<<16)
	t.Errorf("%d goroutines and %d files, %d and %d before\n%s", g, f, g0, f0, buf[:runtime.Stack(buf, true)])
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type badFile struct{ write, close error }

func (f *badFile) Write(p []byte) (int, error) {
	if f.write != nil {
		return 0, f.write
	}
	return len(p), nil
}
func (f *badFile) Close() error { return f.close }

func ExampleTypes() {
	fmt.Println(strings.Join(Types(), " "))
	// Output: image/jpeg image/png image/webp image/heic image/avif image/gif
}
