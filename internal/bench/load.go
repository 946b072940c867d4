package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// A request for the load generators.
type request struct {
	Method, Path, Token string
}

// wrk drives base with requests, taken in turn, over clients connections for d
// and gives completed requests per second. Any answer but 2xx is an error.
func wrk(ctx context.Context, base string, clients int, d time.Duration, reqs []request) (float64, error) {
	var lua strings.Builder
	lua.WriteString(luaHead)
	for _, r := range reqs {
		fmt.Fprintf(&lua, "add(%q, %q, %q)\n", r.Method, r.Path, r.Token)
	}
	lua.WriteString(luaTail)
	return runWrk(ctx, base, clients, d, lua.String(), reqs[0])
}

func runWrk(ctx context.Context, base string, clients int, d time.Duration, lua string, first request) (float64, error) {
	script, err := os.CreateTemp("", "tintype-bench-*.lua")
	if err != nil {
		return 0, err
	}
	defer os.Remove(script.Name())
	if _, err := script.WriteString(lua); err != nil {
		return 0, err
	}
	if err := script.Close(); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, d+30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "wrk", "-t2", "-c"+strconv.Itoa(clients), "-d"+strconv.Itoa(int(d.Seconds()))+"s", "--timeout", "10s", "-s", script.Name(), base).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	if m := regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)|Socket errors: .*`).Find(out); m != nil {
		return 0, fmt.Errorf("wrk against %s: %s (first: %s)", base, m, firstAnswer(base, first))
	}
	m := regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`).FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("wrk printed no rate:\n%s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// Each thread starts at another place of the list, so that no two ask for the
// same thing at the same time; requests are formatted once.
const luaHead = `
local list = {}
local counter = 0
function add(method, path, token)
  list[#list + 1] = {method, path, token}
end
function setup(thread)
  thread:set("offset", counter)
  counter = counter + 1
end
`

const luaTail = `
local formatted = {}
local at = nil
function init(args)
  at = math.floor(#list * offset / 2)
end
function request()
  at = at % #list + 1
  local f = formatted[at]
  if not f then
    local r = list[at]
    f = wrk.format(r[1], r[2], {["Authorization"] = r[3] ~= "" and "Bearer " .. r[3] or nil, ["Accept"] = "*/*"})
    formatted[at] = f
  end
  return f
end
`

// wrkPairs lets every token send method to every path once, in turn; the
// threads take different halves, so no pair comes twice unless all were used up.
func wrkPairs(ctx context.Context, base string, clients int, d time.Duration, method string, tokens, paths []string, form string) (float64, error) {
	var lua strings.Builder
	fmt.Fprintf(&lua, "local tokens, paths, form = {}, {}, %q\n", form)
	for _, t := range tokens {
		fmt.Fprintf(&lua, "tokens[#tokens + 1] = %q\n", "Bearer "+t)
	}
	for _, p := range paths {
		fmt.Fprintf(&lua, "paths[#paths + 1] = %q\n", p)
	}
	fmt.Fprintf(&lua, luaPairs, method)
	return runWrk(ctx, base, clients, d, lua.String(), request{Method: method, Path: paths[0], Token: tokens[0]})
}

const luaPairs = `
local counter = 0
function setup(thread)
  thread:set("offset", counter)
  counter = counter + 1
end
local i = nil
function init(args)
  i = math.floor(#paths * offset / 2) * #tokens
end
function request()
  local token = tokens[i %% #tokens + 1]
  local path = paths[math.floor(i / #tokens) %% #paths + 1]
  i = i + 1
  local headers = {["Authorization"] = token}
  if form ~= "" then
    headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
  return wrk.format(%q, path, headers, form)
end
`

func firstAnswer(base string, r request) string {
	resp, err := do(http.DefaultClient, base, r)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
	return resp.Status + " " + string(b)
}

func do(c *http.Client, base string, r request) (*http.Response, error) {
	req, err := http.NewRequest(r.Method, base+r.Path, nil)
	if err != nil {
		return nil, err
	}
	if r.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.Token)
	}
	return c.Do(req)
}

// get reads one answer whole.
func get(base string, r request) ([]byte, error) {
	resp, err := do(http.DefaultClient, base, r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s %s", r.Method, r.Path, resp.Status, b[:min(len(b), 300)])
	}
	return b, err
}

// atRate sends requests at a steady rate over conns connections for d, and
// gives the latencies in order of size. Each is counted from the moment the
// request was due, so a stall counts for all that it held up. The client is as
// bare as it can be, for it runs on the machine that it measures.
func atRate(ctx context.Context, base string, rate float64, conns int, d time.Duration, reqs []request) ([]time.Duration, error) {
	host := strings.TrimPrefix(base, "http://")
	wire := make([][]byte, len(reqs))
	for i, r := range reqs {
		wire[i] = fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", r.Method, r.Path, host, r.Token)
	}
	n := int64(rate * d.Seconds())
	took := make([]time.Duration, n)
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	for range conns {
		g.Go(func() error {
			conn, err := net.Dial("tcp", host)
			if err != nil {
				return err
			}
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 64<<10)
			for {
				i := next.Add(1) - 1
				if i >= n || ctx.Err() != nil {
					return ctx.Err()
				}
				due := start.Add(time.Duration(float64(i) / rate * float64(time.Second)))
				time.Sleep(time.Until(due))
				if _, err := conn.Write(wire[i%int64(len(wire))]); err != nil {
					return err
				}
				if err := skipAnswer(in); err != nil {
					return err
				}
				took[i] = time.Since(due)
			}
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	slices.Sort(took)
	return took, nil
}

// skipAnswer reads one answer, which must be a success with a Content-Length.
func skipAnswer(in *bufio.Reader) error {
	length := int64(-1)
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first:
			if !bytes.HasPrefix(line, []byte("HTTP/1.1 2")) {
				return fmt.Errorf("the answer is %s", line)
			}
		case len(line) == 0:
			if length < 0 {
				return fmt.Errorf("an answer has no Content-Length")
			}
			_, err := in.Discard(int(length))
			return err
		case len(line) > 16 && strings.EqualFold(string(line[:16]), "Content-Length: "):
			if length, err = strconv.ParseInt(string(line[16:]), 10, 64); err != nil {
				return err
			}
		}
	}
}

func percentile(sorted []time.Duration, p float64) time.Duration {
	return sorted[min(int(float64(len(sorted))*p), len(sorted)-1)]
}

// server is a child process that serves HTTP.
type server struct {
	Base  string
	Ready time.Duration // from exec to the first answer
	cmd   *exec.Cmd
	log   bytes.Buffer
}

// start runs this program with args and an address of its own, and waits until path answers.
func start(ctx context.Context, path string, args ...string) (*server, error) {
	addrs, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	return startAt(ctx, addrs[0], path, args...)
}

// startAt does the same on a given address.
func startAt(ctx context.Context, addr, path string, args ...string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{Base: "http://" + addr}
	s.cmd = exec.CommandContext(ctx, self, append(args, "--addr", addr)...)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	c := &http.Client{Timeout: 5 * time.Second}
	for time.Since(began) < 60*time.Second {
		resp, err := c.Get(s.Base + path)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			s.Ready = time.Since(began)
			return s, nil
		}
		if err := syscall.Kill(s.cmd.Process.Pid, 0); err != nil {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("%s did not answer within a minute:\n%s", filepath.Base(self), s.log.String())
}

// stop ends the process and waits for it.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt) // it may have ended by itself
	done := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		<-done
	}
}

// rss is the resident memory of the process in MB, from /proc.
func (s *server) rss() (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("no VmRSS in /proc")
}

// cpuOf is the processor time of a process and of those of its children that have ended, in seconds, from /proc.
func cpuOf(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	var ticks float64
	for _, i := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
		v, err := strconv.ParseFloat(f[i], 64)
		if err != nil {
			return 0, err
		}
		ticks += v
	}
	return ticks / 100, nil
}

// serveBare answers every request with body and nothing else: the limit of net/http on this machine.
func serveBare(addr string, body []byte, contentType string) error {
	srv := &http.Server{Addr: addr, ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // the client went away
	})}
	return srv.ListenAndServe()
}

// freePorts gives addresses on which nobody listens.
func freePorts(n int) ([]string, error) {
	var out []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // not before the others were found
		out = append(out, l.Addr().String())
	}
	return out, nil
}
