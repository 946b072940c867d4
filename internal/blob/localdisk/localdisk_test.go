package localdisk_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/blobtest"
	"github.com/tintype/tintype/internal/blob/localdisk"
	"github.com/tintype/tintype/internal/tintype"
)

// TestMain is a writer to be killed when killEnv names its directory.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killEnv); dir != "" {
		writeForEver(dir)
	}
	if dir := os.Getenv(limitEnv); dir != "" {
		os.Exit(writeUnderLimit(dir))
	}
	os.Exit(m.Run())
}

const (
	killEnv  = "TINTYPE_TEST_WRITE_FOR_EVER"
	limitEnv = "TINTYPE_TEST_WRITE_UNDER_LIMIT"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Store {
		s, err := localdisk.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := localdisk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "o/kept", strings.NewReader("kept")); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, "tmp", "put-123")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err = localdisk.Open(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("a file left half written is still there: %v", err)
	}
	f, err := s.Open(t.Context(), "o/kept")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, _ := io.ReadAll(f); string(b) != "kept" {
		t.Errorf("after a restart: %q", b)
	}
}

// TestFailureLeavesNothing: neither a refused key nor a broken source leaves a file behind, anywhere.
func TestFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := localdisk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.Put(t.Context(), "../x", strings.NewReader("x"))
	s.Put(t.Context(), "k", io.MultiReader(strings.NewReader("x"), brokenReader{}))
	files := 0
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files++
		}
		return err
	})
	if files != 0 {
		t.Errorf("%d files are left", files)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

var big = bytes.Repeat([]byte("0123456789abcdef"), 1<<14)

func writeForEver(dir string) {
	s, err := localdisk.Open(dir)
	if err != nil {
		os.Exit(3)
	}
	for i := 0; ; i++ {
		key := "o/" + strings.Repeat("k", 1+i%50)
		if _, err := s.Put(context.Background(), key, bytes.NewReader(big)); err != nil {
			os.Exit(4)
		}
		os.Stdout.WriteString(key + "\n")
	}
}

// TestKill kills writers in the middle: what was acknowledged is there, and nothing is there in part.
func TestKill(t *testing.T) {
	t.Parallel()
	for round := range 5 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killEnv+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		io.CopyN(&said, out, int64(100+round*171))
		cmd.Process.Signal(syscall.SIGKILL)
		rest, _ := io.ReadAll(out)
		said.Write(rest)
		cmd.Wait()

		s, err := localdisk.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		for info, err := range s.List(t.Context(), "") {
			if err != nil || info.Size != int64(len(big)) {
				t.Errorf("after a kill %s has %d bytes, %v", info.Key, info.Size, err)
			}
		}
		for line := range strings.Lines(said.String()) {
			key, whole := strings.CutSuffix(line, "\n")
			if !whole {
				continue
			}
			f, err := s.Open(t.Context(), key)
			if err != nil {
				t.Errorf("acknowledged %s: %v", key, err)
				continue
			}
			if b, err := io.ReadAll(f); err != nil || !bytes.Equal(b, big) {
				t.Errorf("acknowledged %s reads %d bytes, %v", key, len(b), err)
			}
			f.Close()
		}
	}
}

// writeUnderLimit runs out of room for a file, as on a full disk, and reports by its exit code.
func writeUnderLimit(dir string) int {
	s, err := localdisk.Open(dir)
	if err != nil {
		return 3
	}
	limit := syscall.Rlimit{Cur: 100_000, Max: 100_000}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return 4
	}
	if _, err := s.Put(context.Background(), "k", bytes.NewReader(big)); !tintype.IsKind(err, tintype.Full) {
		os.Stderr.WriteString("the error is " + err.Error() + "\n")
		return 5
	}
	if _, err := s.Put(context.Background(), "small", strings.NewReader("fits")); err != nil {
		return 6
	}
	for info := range s.List(context.Background(), "") {
		if info.Key != "small" {
			return 7
		}
	}
	return 0
}

func TestFull(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), limitEnv+"="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("writing where there is no room: %v\n%s", err, out)
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := localdisk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, "half ")
		other, err := localdisk.Join(dir)
		if err == nil {
			_, err = other.Put(t.Context(), "o/2", strings.NewReader("other"))
		}
		if err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "and half")
		w.Close()
	}()
	if _, err := s.Put(t.Context(), "o/1", r); err != nil {
		t.Errorf("a file that was being written when another process joined: %v", err)
	}
}
