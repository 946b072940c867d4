package fleet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/services"
)

// The roles of members.
const (
	rolePrimary = "PostgreSQL primary"
	roleReplica = "PostgreSQL replica"
	roleWatch   = "repmgrd"
	rolePooler  = "PgBouncer"
	roleRedis   = "Redis"
	roleRedis2  = "Redis replica"
	roleCache   = "memcached"
	roleS3      = "S3 server"
	roleAPI     = "API process"
	roleWorker  = "worker process"
	roleEdge    = "nginx"
)

// member is one process of the fleet.
type member struct {
	name string
	role string
	kept bool // started again by itself when it dies
	*services.Server
	before  func(ctx context.Context) error // each start; nil for nothing
	after   func(ctx context.Context) error // each start; nil for nothing
	current func() string                   // the role, if it changes

	mu     sync.Mutex // held while it is started or stopped
	facts  sync.Mutex
	wanted bool // it should run
	deaths int
}

// Member is one line of the fleet's table.
type Member struct {
	Name    string `json:"name"`
	Role    string `json:"role"`
	Addr    string `json:"addr,omitempty"`
	PID     int    `json:"pid,omitempty"` // 0: it does not run
	Dir     string `json:"dir"`
	Deaths  int    `json:"deaths,omitempty"` // how often it ended unasked
	Stopped bool   `json:"stopped,omitempty"`
}

// add makes a member, with a directory and a port of its own.
func (f *Fleet) add(name, role string, spec services.Spec, err error) (*member, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w (run: make setup-fleet bin/tools/versitygw)", name, err)
	}
	spec.Name, spec.Dir = name, filepath.Join(f.cfg.Dir, name)
	if role != roleWatch && spec.Port == 0 { // repmgrd does not listen
		if spec.Port, err = f.port(name); err != nil {
			return nil, err
		}
	}
	s, err := services.New(spec)
	if err != nil {
		return nil, err
	}
	m := &member{name: name, role: role, Server: s}
	f.members = append(f.members, m)
	return m, nil
}

func (m *member) roleNow() string {
	if m.current != nil {
		return m.current()
	}
	return m.role
}

// start starts the member, after what must come before.
func (m *member) start(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Running() {
		return fmt.Errorf("%s runs already", m.name)
	}
	if m.before != nil {
		if err := m.before(ctx); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	if err := m.Server.Start(ctx); err != nil {
		return err
	}
	m.want(true)
	if m.after != nil {
		if err := m.after(ctx); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// stop ends it in order, kill at once; neither lets it come back by itself.
func (m *member) stop() error {
	m.want(false)
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Stop()
}

func (m *member) kill() error {
	m.want(false)
	return m.Kill()
}

func (m *member) want(run bool) {
	m.facts.Lock()
	defer m.facts.Unlock()
	m.wanted = run
}

func (m *member) isWanted() bool {
	m.facts.Lock()
	defer m.facts.Unlock()
	return m.wanted
}

// watch tells when the member ends unasked, and starts it again if it is one of those.
func (f *Fleet) watch(m *member) {
	for {
		gone := m.Gone()
		if gone == nil {
			return
		}
		select {
		case <-f.ctx.Done():
			return
		case <-gone:
		}
		if m.isWanted() && m.Gone() == gone { // else somebody has started it since
			m.facts.Lock()
			m.deaths++
			m.facts.Unlock()
			f.say("%s ended: %s", m.name, lastLine(m.LogTail()))
			for m.kept && m.isWanted() && pause(f.ctx, time.Second) && !m.Running() {
				err := m.start(f.ctx)
				if err == nil {
					f.say("%s was started again", m.name)
					break
				}
				f.say("%s cannot be started: %v", m.name, err)
			}
		}
		// Whoever starts it again makes a new channel; until then there is nothing to wait on.
		for m.Gone() == gone {
			if !pause(f.ctx, 100*time.Millisecond) {
				return
			}
		}
	}
}

func lastLine(s string) string {
	end := len(s)
	for i := end - 1; i >= 0; i-- {
		if s[i] == '\n' {
			return s[i+1 : end]
		}
	}
	return s
}

func (f *Fleet) find(name string) (*member, error) {
	for _, m := range f.members {
		if m.name == name {
			return m, nil
		}
	}
	return nil, fmt.Errorf("the fleet has no %q: look at tintype fleet status", name)
}

// Members tells what runs where, in the order of starting.
func (f *Fleet) Members() []Member {
	out := make([]Member, 0, len(f.members))
	for _, m := range f.members {
		line := Member{Name: m.name, Role: m.roleNow(), PID: m.PID(), Dir: m.Dir(), Stopped: !m.isWanted()}
		if m.role != roleWatch {
			line.Addr = m.Addr()
		}
		m.facts.Lock()
		line.Deaths = m.deaths
		m.facts.Unlock()
		out = append(out, line)
	}
	return out
}

// Kill ends a member as a power cut would. It stays down until StartMember.
func (f *Fleet) Kill(name string) error {
	m, err := f.find(name)
	if err != nil {
		return err
	}
	f.say("killing %s", name)
	return m.kill()
}

// StopMember ends a member in order. It stays down until StartMember.
func (f *Fleet) StopMember(name string) error {
	m, err := f.find(name)
	if err != nil {
		return err
	}
	f.say("stopping %s", name)
	return m.stop()
}

// StartMember starts a member that was killed or stopped, or ended, and waits until it can be used.
func (f *Fleet) StartMember(ctx context.Context, name string) error {
	m, err := f.find(name)
	if err != nil {
		return err
	}
	f.say("starting %s", name)
	return m.start(ctx)
}

// Restart stops a member in order and starts it again. An API process drains first.
func (f *Fleet) Restart(ctx context.Context, name string) error {
	return errors.Join(f.StopMember(name), f.StartMember(ctx, name))
}

// settled is after how long nginx tries a process again that was down: two seconds (deploy/nginx), and a little.
const settled = 3 * time.Second

// Roll restarts the API processes one after the other, so that none of the site's requests fails.
func (f *Fleet) Roll(ctx context.Context) error {
	for _, m := range f.members {
		if m.role != roleAPI {
			continue
		}
		if err := f.Restart(ctx, m.name); err != nil {
			return err
		}
		if !pause(ctx, settled) {
			return ctx.Err()
		}
	}
	return nil
}
