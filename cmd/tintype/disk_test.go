package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tintype/tintype/internal/testserve"
)

// What the test's own program is told by its environment: to be the program itself, with files of so many bytes at
// most; to go on within a file system of its own.
const (
	asProgram = "TINTYPE_TEST_PROGRAM"
	fileLimit = "TINTYPE_TEST_FILE_LIMIT"
	inside    = "TINTYPE_TEST_INSIDE"
)

// TestMain lets the test's own program be the imaging child, and the program as it is built.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" || len(os.Args) == 2 && os.Args[1] == "render" {
		if n, err := strconv.ParseUint(os.Getenv(fileLimit), 10, 64); err == nil {
			if err := limitFiles(0, n); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		main()
	}
	os.Exit(m.Run())
}

// limitFiles sets how long a file that a process (0 for this one) writes may get; it may be lifted again.
func limitFiles(pid int, n uint64) error {
	var old unix.Rlimit
	if err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, nil, &old); err != nil {
		return err
	}
	return unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: min(n, old.Max), Max: old.Max}, nil)
}

// TestFullDisk fills the disk under a site. What is there is shown, nothing is taken in and lost, also over a death and a
// start, and when there is room again everything goes on by itself.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(inside); dir != "" {
		smallFileSystem(t, dir)
		return
	}
	// A real full file system, in a namespace of the test's own, where no rights are needed for it.
	t.Run("a small file system", func(t *testing.T) {
		t.Parallel()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$", "-test.v", "-test.timeout=5m") // #nosec G204 -- this very program
		cmd.Env = append(os.Environ(), inside+"="+t.TempDir())
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
		out, err := cmd.CombinedOutput()
		var ended *exec.ExitError
		if bytes.Contains(out, []byte(cannotMount)) || err != nil && !errors.As(err, &ended) {
			if testserve.Required("mount") {
				t.Fatalf("no file system can be mounted: %v\n%s", err, out)
			}
			t.Skipf("no file system can be mounted here; the limit of files is tested all the same: %v", err)
		}
		t.Logf("%s", out)
		if err != nil {
			t.Error(err)
		}
	})
	// The same for whom no file system can be mounted: no file may get longer than the database is.
	t.Run("a limit of files", func(t *testing.T) {
		t.Parallel()
		const limit = 64 << 10
		s := &diskSite{t: t, dir: filepath.Join(t.TempDir(), "data")}
		s.fill = func() {
			if s.cmd == nil {
				s.env = []string{fileLimit + "=" + strconv.Itoa(limit)}
				return
			}
			if err := limitFiles(s.cmd.Process.Pid, limit); err != nil {
				t.Fatal(err)
			}
		}
		s.empty = func() {
			s.env = nil
			if err := limitFiles(s.cmd.Process.Pid, unix.RLIM_INFINITY); err != nil {
				t.Fatal(err)
			}
		}
		// SQLite tells a full disk from other troubles by ENOSPC alone.
		s.survive(http.StatusInsufficientStorage, http.StatusServiceUnavailable)
	})
}

const cannotMount = "cannot be mounted here"

func smallFileSystem(t *testing.T, dir string) {
	if err := errors.Join(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""), unix.Mount("tmpfs", dir, "tmpfs", 0, "size=40m")); err != nil {
		t.Fatal(cannotMount, err)
	}
	ballast := filepath.Join(dir, "ballast")
	s := &diskSite{t: t, dir: filepath.Join(dir, "data")}
	s.fill = func() {
		f, err := os.OpenFile(ballast, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for size := 1 << 20; size > 0; {
			if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
				size /= 2
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
	s.empty = func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
	s.survive(http.StatusInsufficientStorage)

	// A site that was stopped in order needs a few kB to begin with. It says so.
	s.stop(syscall.SIGTERM)
	s.fill()
	if err := s.start(); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("the site starts with no room for what it needs: %v", err)
	}
	s.empty()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	s.stop(syscall.SIGTERM)
}

// diskSite is a site of its own process, on a disk that can be filled and emptied.
type diskSite struct {
	t           *testing.T
	dir         string
	env         []string
	fill, empty func()

	cmd  *exec.Cmd // nil while it does not run
	log  *bytes.Buffer
	base string
}

func (s *diskSite) program(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.WithoutCancel(s.t.Context()), os.Args[0], args...) // #nosec G204 -- this very program
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "TINTYPE_") }), asProgram+"=1")
	cmd.Env = append(cmd.Env, s.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

var readyAt = regexp.MustCompile(`ready at http://localhost:(\d+)`)

func (s *diskSite) start() error {
	cmd := s.program("serve", "--addr", "127.0.0.1:0", "--data", s.dir, "--rate-limit", "0")
	s.log = &bytes.Buffer{}
	cmd.Stderr = s.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := readyAt.FindStringSubmatch(lines.Text()); m != nil {
			s.base, s.cmd = "http://127.0.0.1:"+m[1], cmd
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return nil
		}
	}
	return fmt.Errorf("it ended with %w: %s", cmd.Wait(), s.log)
}

func (s *diskSite) stop(how syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(how); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil && how != syscall.SIGKILL {
		s.t.Errorf("the site ended with %v: %s", err, s.log)
	}
	s.cmd = nil
}

// call sends one request; bytes are sent as a file, and anything else as JSON.
func (s *diskSite) call(method, path, token string, body any, out any) (status int, text string) {
	s.t.Helper()
	var b []byte
	typ := "application/json"
	switch v := body.(type) {
	case nil:
	case []byte:
		form := &bytes.Buffer{}
		w := multipart.NewWriter(form)
		part, err := w.CreateFormFile("file", "a.jpg")
		if err != nil {
			s.t.Fatal(err)
		}
		_, _ = part.Write(v) // to memory
		_ = w.Close()
		b, typ = form.Bytes(), w.FormDataContentType()
	default:
		var err error
		if b, err = json.Marshal(v); err != nil {
			s.t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, bytes.NewReader(b))
	if err != nil {
		s.t.Fatal(err)
	}
	if b != nil {
		req.Header.Set("Content-Type", typ)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, s.log)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if out != nil && resp.StatusCode < 300 {
		if err := json.Unmarshal(answer, out); err != nil {
			s.t.Fatal(err)
		}
	}
	return resp.StatusCode, string(answer)
}

func (s *diskSite) must(method, path, token string, body, out any) {
	s.t.Helper()
	if status, text := s.call(method, path, token, body, out); status >= 300 {
		s.t.Fatalf("%s %s answers %d: %s", method, path, status, text)
	}
}

// noise is a JPEG of some 200 kB.
func noise(t *testing.T) []byte {
	img := image.NewGray(image.Rect(0, 0, 480, 480))
	r := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- a picture
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type diskPerson struct{ name, id, token string }

func (s *diskSite) survive(full ...int) {
	t := s.t
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	photo := noise(t)
	people := map[string]diskPerson{}
	for _, name := range []string{"ann", "ben", "cyd", "dot"} {
		var in struct {
			Data struct {
				Token string `json:"access_token"`
				User  struct{ ID string }
			}
		}
		s.must("POST", "/v1/users", "", map[string]string{"username": name, "password": "correct horse 12"}, &in)
		people[name] = diskPerson{name, in.Data.User.ID, in.Data.Token}
	}
	ann, ben, cyd, dot := people["ann"], people["ben"], people["cyd"], people["dot"]
	upload := func() string {
		var up struct{ Data struct{ ID string } }
		s.must("POST", "/v1/uploads", ann.token, photo, &up)
		return up.Data.ID
	}
	var post struct {
		Data struct {
			ID, Shortcode string
			Images        struct {
				Standard struct{ URL string } `json:"standard_resolution"`
			}
		}
	}
	s.must("POST", "/v1/media", ann.token, map[string]any{"uploads": []string{upload()}, "caption": "before #full"}, &post)
	picture, err := url.Parse(post.Data.Images.Standard.URL)
	if err != nil {
		t.Fatal(err)
	}
	draft := upload()
	for _, p := range []diskPerson{ben, cyd, dot} {
		s.must("POST", "/v1/users/"+ann.id+"/relationship", p.token, map[string]string{"action": "follow"}, nil)
	}
	media := "/v1/media/" + post.Data.ID

	// While the disk fills somebody writes: what was acknowledged must be there ever after.
	var kept []string
	comment := func(i int) (int, string) {
		text := fmt.Sprintf("remark %d.", i)
		status, answer := s.call("POST", media+"/comments", ben.token, map[string]string{"text": text}, nil)
		if status < 300 {
			kept = append(kept, text)
		}
		return status, answer
	}
	for i := range 5 {
		if status, answer := comment(i); status >= 300 {
			t.Fatalf("a comment answers %d: %s", status, answer)
		}
	}
	s.fill()
	for i := 5; i < 200; i++ {
		if status, _ := comment(i); status >= 300 {
			break
		}
		s.fill()
	}
	look := func(when string) {
		t.Helper()
		for _, q := range []struct{ path, token, has string }{
			{"/v1/users/self/feed", cyd.token, post.Data.ID}, // never read before: there is no timeline of it
			{"/v1/users/self/feed?count=1", dot.token, ann.id},
			{"/v1/users/self/feed", ann.token, ""},
			{"/v1/users/" + ann.id, cyd.token, `"ann"`},
			{"/v1/users/" + ann.id + "/media/recent", cyd.token, post.Data.ID},
			{media, cyd.token, post.Data.Shortcode},
			{"/v1/tags/full/media/recent", cyd.token, ""},
			{"/v1/users/self/activity", ann.token, ""},
			{media + "/original", ann.token, ""},
			{picture.Path, cyd.token, ""},
			{"/p/" + post.Data.Shortcode, "", ""},
			{"/healthz", "", ""},
		} {
			status, text := s.call("GET", q.path, q.token, nil, nil)
			t.Logf("%s: GET %s: %d", when, q.path, status)
			// The page needs a web app that is built, which a test's program may not have.
			if status != http.StatusOK && !(strings.HasPrefix(q.path, "/p/") && strings.Contains(text, "web app")) || !strings.Contains(text, q.has) {
				t.Errorf("%s: GET %s answers %d: %.300s", when, q.path, status, text)
			}
		}
		var list struct{ Data []struct{ Text string } }
		s.must("GET", media+"/comments?count=100", cyd.token, nil, &list)
		var texts []string
		for _, c := range list.Data {
			texts = append(texts, c.Text)
		}
		slices.Sort(texts)
		want := slices.Sorted(slices.Values(kept))
		if !slices.Equal(texts, want) {
			t.Errorf("%s: the comments are %q, and %q were acknowledged", when, texts, want)
		}
	}
	writes := []struct {
		method, path, token string
		body                any
	}{
		{"POST", "/v1/uploads", ben.token, photo},
		{"POST", media + "/likes", cyd.token, nil},
		{"POST", "/v1/media", ann.token, map[string]any{"uploads": []string{draft}, "caption": "when there is room"}},
		{"POST", "/v1/users/" + ben.id + "/relationship", cyd.token, map[string]string{"action": "follow"}},
		{"POST", "/v1/session", "", map[string]string{"login": "dot", "password": "correct horse 12"}},
	}
	refused := func(when string) {
		t.Helper()
		for _, q := range writes {
			status, text := s.call(q.method, q.path, q.token, q.body, nil)
			t.Logf("%s: %s %s: %d", when, q.method, q.path, status)
			var e struct {
				Meta struct {
					Code int
					Type string `json:"error_type"`
				}
			}
			if err := json.Unmarshal([]byte(text), &e); err != nil || !slices.Contains(full, status) || e.Meta.Code != status || e.Meta.Type == "" {
				t.Errorf("%s: %s %s answers %d: %.300s", when, q.method, q.path, status, text)
			}
		}
	}
	look("full")
	refused("full")
	look("full, again")
	s.stop(syscall.SIGKILL)
	s.fill()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	look("full, after a death")
	refused("full, after a death")

	s.empty()
	for _, q := range writes {
		s.must(q.method, q.path, q.token, q.body, nil)
	}
	// The jobs of before, and of now, are worked without anybody's doing.
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		var feed struct {
			Data []struct{ Caption struct{ Text string } }
		}
		s.must("GET", "/v1/users/self/feed", cyd.token, nil, &feed)
		_, news := s.call("GET", "/v1/users/self/activity", ben.token, nil, nil)
		if len(feed.Data) == 2 && feed.Data[0].Caption.Text == "when there is room" && strings.Contains(news, cyd.id) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("a minute after there was room the feed is %v, and the news are %s\n%s", feed.Data, news, s.log)
		}
	}
	look("room again")
	s.stop(syscall.SIGTERM)
	if out, err := s.program("check", "--data", s.dir).CombinedOutput(); err != nil {
		t.Errorf("tintype check: %v\n%s", err, out)
	}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}
