package inspect

import (
	"bufio"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// partitions is into how many parts names and files are split by a hash of
// their names. One part at a time is held in memory: of ten million files some
// 160,000.
const partitions = 64

// matcher joins the names that rows give with the files that there are, through
// files on disk: both sides may be far larger than memory.
type matcher struct {
	dir   string
	mu    sync.Mutex // held while names are added, which several do
	names [partitions]*spill
	files [partitions]*spill
}

// spill is a file of lines of fields between tabs, which no name holds.
type spill struct {
	f *os.File
	w *bufio.Writer
}

func newMatcher(dir string) (*matcher, error) {
	dir, err := os.MkdirTemp(dir, "tintype-check-")
	if err != nil {
		return nil, fmt.Errorf("a directory for matching files cannot be made: %w", err)
	}
	m := &matcher{dir: dir}
	for i := range partitions {
		for _, s := range []struct {
			at   **spill
			name string
		}{{&m.names[i], "names"}, {&m.files[i], "files"}} {
			f, err := os.Create(filepath.Join(dir, s.name+strconv.Itoa(i)))
			if err != nil {
				m.close()
				return nil, fmt.Errorf("a file for matching files cannot be made: %w", err)
			}
			*s.at = &spill{f, bufio.NewWriter(f)}
		}
	}
	return m, nil
}

// close removes all of it.
func (m *matcher) close() {
	for i := range partitions {
		for _, s := range []*spill{m.names[i], m.files[i]} {
			if s != nil {
				_ = s.f.Close() // it is removed in any case
			}
		}
	}
	_ = os.RemoveAll(m.dir) // what stays is temporary by name
}

func (m *matcher) parts() int { return partitions }

func part(name string) uint32 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, name) // a hash never errs
	return h.Sum32() % partitions
}

func (m *matcher) addName(n named) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, err := fmt.Fprintf(m.names[part(n.name)].w, "%s\t%t\t%d\t%s\t%d\t%d\t%d\t%s\t%s\t%d\n", n.name, n.required, n.bytes,
		n.ref.Kind, n.ref.Home, n.ref.Owner, n.ref.Position, n.ref.Key, n.ref.Original, n.ref.Bytes)
	return err
}

func (m *matcher) addFile(i blob.Info) error {
	_, err := fmt.Fprintf(m.files[part(i.Key)].w, "%s\t%d\t%d\n", i.Key, i.Size, i.Modified.UnixMicro())
	return err
}

// lines reads back what was written.
func (s *spill) lines(fields int, f func([]string) error) error {
	if err := s.w.Flush(); err != nil {
		return err
	}
	if _, err := s.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in := bufio.NewScanner(s.f)
	for in.Scan() {
		v := strings.Split(in.Text(), "\t")
		if len(v) != fields {
			return fmt.Errorf("a line of %s is broken: %q", s.f.Name(), in.Text())
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return in.Err()
}

// match gives what does not agree in one part. Files that were changed after young need no row yet.
func (m *matcher) match(i int, young time.Time) ([]suspect, error) {
	type file struct {
		size, modified int64
		used           bool
	}
	files := map[string]*file{}
	if err := m.files[i].lines(3, func(v []string) error {
		var f file
		var errs [2]error
		f.size, errs[0] = strconv.ParseInt(v[1], 10, 64)
		f.modified, errs[1] = strconv.ParseInt(v[2], 10, 64)
		files[v[0]] = &f
		return errors.Join(errs[:]...)
	}); err != nil {
		return nil, err
	}
	var out []suspect
	if err := m.names[i].lines(10, func(v []string) error {
		n, err := parseNamed(v)
		if err != nil {
			return err
		}
		f := files[n.name]
		switch {
		case f == nil && n.required:
			out = append(out, suspect{named: n, size: -1})
		case f != nil:
			f.used = true
			if n.bytes >= 0 && f.size != n.bytes {
				out = append(out, suspect{named: n, size: f.size})
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	for name, f := range files {
		if t := time.UnixMicro(f.modified); !f.used && t.Before(young) {
			out = append(out, suspect{named: named{name: name}, unnamed: true, size: f.size, modified: t})
		}
	}
	return out, nil
}

func parseNamed(v []string) (named, error) {
	n := named{name: v[0], required: v[1] == "true", ref: tintype.FileRef{Kind: v[3], Key: v[7], Original: v[8]}}
	var errs []error
	for _, f := range []struct {
		text string
		set  func(int64)
	}{
		{v[2], func(i int64) { n.bytes = i }},
		{v[4], func(i int64) { n.ref.Home = int(i) }},
		{v[5], func(i int64) { n.ref.Owner = tintype.ID(i) }},
		{v[6], func(i int64) { n.ref.Position = int(i) }},
		{v[9], func(i int64) { n.ref.Bytes = i }},
	} {
		i, err := strconv.ParseInt(f.text, 10, 64)
		f.set(i)
		errs = append(errs, err)
	}
	return n, errors.Join(errs...)
}
