package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/imaging"
)

// Bench measures. Its fields are set before Run.
type Bench struct {
	Dir   string        // where sites are made, and kept for the next run
	Out   io.Writer     // for what is going on
	Each  time.Duration // of each HTTP measurement
	Large bool          // also measure a site of 1,000,000 posts
	Only  []string      // names of rows; none for all

	// RawChain is libvips making four renditions of a JPEG in this process, and
	// Scale makes a JPEG of that width: both from imaging/render, which only commands link.
	RawChain func(jpeg []byte) (int, error)
	Scale    func(jpeg []byte, width int) ([]byte, error)
	// Trial gives what encodes a JPEG in a format, scaled to a width, and Pixels decodes: from there, too.
	Trial  func(jpeg []byte, width int) (encode func(f imaging.Format, options ...string) ([]byte, error), err error)
	Pixels func(file []byte) (pix []byte, width, height int, err error)
}

// step is a group of rows that share a set-up.
type step struct {
	name string
	run  func(ctx context.Context) ([]Row, error)
}

func (b *Bench) steps() []step {
	return []step{
		{"read", b.reading},
		{"start", b.starting},
		{"likes", b.liking},
		{"image", b.imaging},
		{"formats", b.formats},
		{"fanout", b.fanningOut},
		{"near", b.near},
		{"postgis", b.postgis},
		{"people", b.people},
		{"people-embedded", b.peopleEmbedded},
		{"bytes", b.bytesPerPost},
	}
}

// Steps names the groups of rows, for Only.
func Steps() []string {
	var out []string
	for _, s := range (&Bench{}).steps() {
		out = append(out, s.name)
	}
	return out
}

// Run measures everything asked for. Rows measured before an error are given with it.
func (b *Bench) Run(ctx context.Context) ([]Row, error) {
	if _, err := exec.LookPath("wrk"); err != nil {
		return nil, fmt.Errorf("wrk is needed (Debian: apt install wrk): %w", err)
	}
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return nil, err
	}
	var rows []Row
	for _, s := range b.steps() {
		if len(b.Only) > 0 && !contains(b.Only, s.name) {
			continue
		}
		b.say("measuring: %s", s.name)
		got, err := s.run(ctx)
		rows = append(rows, got...)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return rows, nil
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if strings.EqualFold(v, s) {
			return true
		}
	}
	return false
}

func (b *Bench) say(format string, args ...any) { fmt.Fprintf(b.Out, format+"\n", args...) }

// serve starts the site of a directory, without the hourly limit that would end the measurement.
func (b *Bench) serve(ctx context.Context, dir string) (*server, error) {
	return start(ctx, "/healthz", "serve", "--data", dir, "--rate-limit=-1")
}

// served builds a site and serves it; stop the server when done.
func (b *Bench) served(ctx context.Context, people, posts int) (*plant, *server, error) {
	p, err := b.build(ctx, people, posts)
	if err != nil {
		return nil, nil, err
	}
	s, err := b.serve(ctx, p.Dir)
	return p, s, err
}

// bare starts a process that answers everything with body.
func (b *Bench) bare(ctx context.Context, body []byte) (*server, error) {
	addrs, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	return bareAt(ctx, b.Dir, addrs[0], body)
}

// bareAt does the same on a given address; the bytes pass through dir.
func bareAt(ctx context.Context, dir, addr string, body []byte) (*server, error) {
	f, err := os.CreateTemp(dir, "body-*.json")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(body); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return startAt(ctx, addr, "/", "bench", "--bare", f.Name())
}

// ServeBare answers every request on addr with the bytes of a file and nothing
// else: the limit of net/http on this machine.
func ServeBare(addr, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return serveBare(addr, body, "application/json; charset=utf-8")
}
