package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/fleet"
	"github.com/tintype/tintype/internal/tintype"
)

// fill loads a site in bulk, and notes in the fleet's directory what it took.
func (b *FleetBench) fill(ctx context.Context, f *fleet.Fleet, size Size) error {
	marker := filepath.Join(f.Dir(), "filled")
	if _, err := os.Stat(marker); err == nil {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b.say("loading %d users, %d posts, %d follows", size.Users, size.Posts, size.Follows)
	var said strings.Builder
	began := time.Now()
	cmd := exec.CommandContext(ctx, self, "demo", "--bulk", "--config", f.ConfigFile(), "--data", filepath.Join(f.Dir(), "bench"), "--pictures", "0", "--password", "tintype-bench",
		"--users", strconv.Itoa(size.Users), "--posts", strconv.Itoa(size.Posts), "--follows", strconv.Itoa(size.Follows))
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&said, b.Out), b.Out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("tintype demo --bulk: %w", err)
	}
	took := time.Since(began)
	// The processes have seen an empty site.
	for _, m := range f.Members() {
		switch m.Role {
		case "API process", "worker process", "memcached":
			if err := f.Restart(ctx, m.Name); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(marker, fmt.Appendf(nil, "%.1f\n%s", took.Seconds(), said.String()), 0o600)
}

// readers signs people in whose feed is a full page, and gives their requests, each asked once.
func (f *running) readers(ctx context.Context, n int) ([]request, error) {
	members, err := f.site.Members(ctx, 0, 2*n)
	if err != nil {
		return nil, err
	}
	return f.fullFeeds(ctx, members, n)
}

func (f *running) fullFeeds(ctx context.Context, members []tintype.Member, n int) ([]request, error) {
	full := make([]request, len(members))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, m := range members {
		g.Go(func() error {
			token, err := f.site.Account.Open(ctx, m.User.ID, client())
			if err != nil {
				return err
			}
			r := request{"GET", "/v1/users/self/feed?count=20", token}
			body, err := get(f.URL(), r)
			if err != nil {
				return err
			}
			var page struct{ Data []struct{} }
			if err := json.Unmarshal(body, &page); err != nil {
				return err
			}
			if len(page.Data) == 20 {
				full[i] = r
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var reqs []request
	for _, r := range full {
		if r.Token != "" && len(reqs) < n {
			reqs = append(reqs, r)
		}
	}
	if len(reqs) < min(n, 20) {
		return nil, fmt.Errorf("of %d people only %d have 20 posts in their feeds", len(members), len(reqs))
	}
	return reqs, nil
}

// feed measures warm feeds through nginx against handlers behind the same nginx that write as many bytes.
func (b *FleetBench) feed(ctx context.Context, f *running) ([]Row, error) {
	reqs, err := f.readers(ctx, b.Readers)
	if err != nil {
		return nil, err
	}
	site := &server{Base: f.URL()}
	if err := warm(site, reqs); err != nil {
		return nil, err
	}
	body, err := middle(site, reqs)
	if err != nil {
		return nil, err
	}
	for _, addr := range f.bare {
		s, err := bareAt(ctx, b.Dir, addr, body)
		if err != nil {
			return nil, err
		}
		defer s.stop()
	}
	if err := warm(&server{Base: f.barely}, reqs); err != nil { // nginx may have found them down
		return nil, err
	}
	var got, limit float64
	const turns = 2
	for range turns {
		g, err := wrk(ctx, f.URL(), clients, b.Each/turns, reqs)
		if err != nil {
			return nil, err
		}
		l, err := wrk(ctx, f.barely, clients, b.Each/turns, reqs)
		if err != nil {
			return nil, err
		}
		got, limit = got+g/turns, limit+l/turns
	}
	work := fmt.Sprintf("home feed through nginx, 20 posts (%.1f kB), %d users, %d posts, %d readers, %d clients", float64(len(body))/1000, b.Site.Users, b.Site.Posts, len(reqs), clients)
	return []Row{atLeast(work, "req/s", got, limit, 0.4)}, nil
}

// fanout measures the way of posts into timelines in Redis.
func (b *FleetBench) fanout(ctx context.Context, f *running) ([]Row, error) {
	r, err := f.site.MeasureFanout(ctx, b.Followers, 20)
	if err != nil {
		return nil, err
	}
	return []Row{atLeast(fmt.Sprintf("fan-out into Redis, 20 posts to %d followers each", b.Followers), "entries/s", r.Append, r.Bare, 0.5)}, nil
}
