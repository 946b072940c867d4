package fleet

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tintype/tintype/internal/services"
)

// state is what a fleet keeps about itself, in fleet.json. Only its owner can read it.
type state struct {
	Ports    map[string]int // by member; the same at each start, because databases remember addresses
	Password string         // of the databases' users
	S3Secret string
}

func (f *Fleet) stateFile() string { return filepath.Join(f.cfg.Dir, "fleet.json") }

func (f *Fleet) loadState() error {
	b, err := os.ReadFile(f.stateFile())
	if errors.Is(err, fs.ErrNotExist) {
		f.state = state{Ports: map[string]int{}, Password: rand.Text(), S3Secret: rand.Text()}
		return f.saveState()
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &f.state); err != nil {
		return fmt.Errorf("%s: %w", f.stateFile(), err)
	}
	return nil
}

func (f *Fleet) saveState() error {
	b, err := json.MarshalIndent(f.state, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(f.stateFile(), append(b, '\n'), 0o600)
}

// port gives a member's port: the one it had, or a free one.
func (f *Fleet) port(name string) (int, error) {
	if p := f.state.Ports[name]; p != 0 {
		l, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
		if err != nil {
			return 0, fmt.Errorf("port %d, which %s has in this fleet, is taken by another program: stop that one (or remove the fleet's directory %s, with all data)", p, name, f.cfg.Dir)
		}
		return p, l.Close()
	}
	for {
		p, err := services.FreePort()
		if err != nil {
			return 0, err
		}
		taken := false
		for _, other := range f.state.Ports {
			taken = taken || other == p
		}
		if taken {
			continue
		}
		f.state.Ports[name] = p
		return p, f.saveState()
	}
}
