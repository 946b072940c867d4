package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Feeds are read at a rate that is easy for any site, so that what is measured is the way of one request and not a queue.
const (
	easyRate  = 100.0
	easyConns = 4
)

// p50 is the median time of a warm feed at an easy rate.
func (b *FleetBench) p50(ctx context.Context, f *running) (time.Duration, error) {
	reqs, err := f.readers(ctx, b.Readers)
	if err != nil {
		return 0, err
	}
	if err := warm(&server{Base: f.URL()}, reqs); err != nil {
		return 0, err
	}
	took, err := atRate(ctx, f.URL(), easyRate, easyConns, b.Each, reqs)
	if err != nil {
		return 0, err
	}
	return percentile(took, 0.5), nil
}

// small measures what the huge site is compared with.
func (b *FleetBench) small(ctx context.Context, f *running) ([]Row, error) {
	var err error
	b.smallP50, err = b.p50(ctx, f)
	return nil, err
}

// huge loads the huge site, says what that took, and measures its feeds against those of the small one.
func (b *FleetBench) huge(ctx context.Context) (_ []Row, err error) {
	if b.smallP50 == 0 {
		return nil, errors.New("there is nothing to compare with")
	}
	f, err := b.start(ctx, b.HugeSite)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	text, err := os.ReadFile(filepath.Join(f.Dir(), "filled"))
	if err != nil {
		return nil, err
	}
	seconds, said, _ := strings.Cut(string(text), "\n")
	took, err := strconv.ParseFloat(seconds, 64)
	if err != nil {
		return nil, err
	}
	b.say("  loaded in %.0f s: %s", took, strings.TrimSpace(said))
	sizes, err := f.site.Sizes(ctx)
	if err != nil {
		return nil, err
	}
	var disk int64
	for _, s := range sizes {
		disk += s.Bytes
	}
	p50, err := b.p50(ctx, f)
	if err != nil {
		return nil, err
	}
	memory, err := f.memory()
	if err != nil {
		return nil, err
	}
	s := b.HugeSite
	what := fmt.Sprintf("%d users, %d posts, %d follows", s.Users, s.Posts, s.Follows)
	if b.Alone {
		what += ", no standbys"
	}
	return []Row{
		atMost("feed p50 with "+what+", against the small site", "ms", ms(p50), ms(b.smallP50), 1.3),
		shown(what+", loaded", "s", took),
		shown("the same, on the disks of the primaries", "GB", float64(disk)/1e9),
		shown("the same, memory of all processes of the fleet (proportional)", "GB", memory),
	}, nil
}

// memory is what all members take, in GB: each page that several share counts once (Pss in proc(5)).
func (f *running) memory() (float64, error) {
	var kB float64
	wanted := map[int]bool{}
	for _, m := range f.Members() {
		if m.PID != 0 {
			wanted[m.PID] = true
		}
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	parent := map[int]int{}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		pid, err1 := strconv.Atoi(strings.Split(path, "/")[2])
		ppid, err2 := strconv.Atoi(fields[1])
		if err := errors.Join(err1, err2); err != nil {
			return 0, err
		}
		parent[pid] = ppid
	}
	for pid := range parent {
		for p := pid; p > 1; p = parent[p] {
			if !wanted[p] {
				continue
			}
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
			if err != nil {
				break // it has ended
			}
			for line := range strings.Lines(string(b)) {
				if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
					v, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
					if err != nil {
						return 0, err
					}
					kB += v
				}
			}
			break
		}
	}
	return kB * 1024 / 1e9, nil
}
