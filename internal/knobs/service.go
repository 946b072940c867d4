package knobs

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Store keeps the site's settings. sqlstore.Settings provides it.
type Store interface {
	// Settings gives all settings that are set.
	Settings(ctx context.Context) ([]tintype.Setting, error)
	// Set sets settings, or unsets them, all or none, and remembers that it did.
	Set(ctx context.Context, values []tintype.Setting) error
	// SettingChanges gives up to n changes of settings, the newest first.
	SettingChanges(ctx context.Context, names []string, n int) ([]tintype.Setting, error)
}

// Config is what a Service is made of.
type Config struct {
	Store Store
	Clock tintype.Clock
	Log   *slog.Logger // nil for none
	// Defaults replaces the defaults of numbers that the program was started
	// with; of MaxUploadMB it is the most, too.
	Defaults map[Knob]int
	// Changed is called after this process changed a knob; may be nil.
	Changed func()
	// Every is how often Watch reads; 2 s.
	Every time.Duration
}

// Service knows how the knobs stand. Make it with New.
type Service struct {
	c     Config
	specs []Spec
	now   atomic.Pointer[[numKnobs]int]
}

// New makes a Service with every knob at its default, until Refresh.
func New(c Config) *Service {
	c.Every = cmp.Or(c.Every, 2*time.Second)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Changed == nil {
		c.Changed = func() {}
	}
	s := &Service{c: c, specs: specs()}
	for i := range s.specs {
		sp := &s.specs[i]
		v, ok := c.Defaults[sp.Knob]
		if !ok {
			continue
		}
		sp.Default = v
		if sp.Knob == MaxUploadMB {
			sp.Max = v
		}
	}
	s.use(nil)
	return s
}

// Number gives a knob's value: a number, 1 or 0 of a switch, the index of a word.
func (s *Service) Number(k Knob) int { return s.now.Load()[k] }

// On reports whether a switch is on.
func (s *Service) On(k Knob) bool { return s.Number(k) != 0 }

// Closed is nil while the switch is on, and else Unavailable with a sentence for people.
func (s *Service) Closed(k Knob) error {
	if k == None || s.On(k) {
		return nil
	}
	const again = 60
	e := &tintype.Error{Kind: tintype.Unavailable, RetryAfter: again}
	if i := slices.IndexFunc(s.specs, func(sp Spec) bool { return sp.Knob == k }); i >= 0 {
		e.Msg = s.specs[i].closed
	}
	return e
}

// use takes over what is set.
func (s *Service) use(set []tintype.Setting) {
	var now [numKnobs]int
	for i := range s.specs {
		sp := &s.specs[i]
		now[sp.Knob] = sp.Default
		for _, v := range set {
			if v.Name != sp.key() {
				continue
			}
			// Whatever does not fit, written by hand or by a program with other bounds, is as if it were not there.
			if n, err := sp.Parse(v.Value); err == nil {
				now[sp.Knob] = n
			}
		}
	}
	s.now.Store(&now)
}

// Refresh reads how the knobs stand.
func (s *Service) Refresh(ctx context.Context) error {
	set, err := s.c.Store.Settings(ctx)
	if err == nil {
		s.use(set)
	}
	return err
}

// Watch refreshes until ctx ends. While the directory cannot be read, the knobs
// stay as they were.
func (s *Service) Watch(ctx context.Context) {
	tick := time.NewTicker(s.c.Every)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := s.Refresh(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			s.c.Log.WarnContext(ctx, "the knobs cannot be read; they stay as they were", "error", err)
		}
		failing = err != nil
	}
}

// State is how a knob stands.
type State struct {
	Spec
	Value   int
	Set     bool       // somebody turned it
	By      tintype.ID // who did; 0 for an operator at the command line
	Via     string     // the operator's name there
	Changed time.Time
}

// List gives every knob as it stands now, in a fixed order.
func (s *Service) List(ctx context.Context) ([]State, error) {
	set, err := s.c.Store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	s.use(set)
	out := make([]State, len(s.specs))
	for i, sp := range s.specs {
		out[i] = State{Spec: sp, Value: sp.Default}
		for _, v := range set {
			if v.Name != sp.key() {
				continue
			}
			if n, err := sp.Parse(v.Value); err == nil {
				out[i].Value, out[i].Set, out[i].By, out[i].Via, out[i].Changed = n, true, v.By, v.Via, v.Changed
			}
		}
	}
	return out, nil
}

// By is who turns a knob: a user, or an operator at the command line by name.
type By struct {
	User tintype.ID
	Via  string
}

// Change turns knobs, all or none, and gives how all stand then. A nil value
// puts a knob back to its default.
func (s *Service) Change(ctx context.Context, by By, values map[string]*string) ([]State, error) {
	var set []tintype.Setting
	now := s.c.Clock()
	for name, text := range values {
		sp, err := s.find(name)
		if err != nil {
			return nil, err
		}
		v := tintype.Setting{Name: sp.key(), By: by.User, Via: by.Via, Changed: now, Unset: text == nil}
		if text != nil {
			n, err := sp.Parse(*text)
			if err != nil {
				return nil, err
			}
			v.Value = sp.Format(n)
		}
		set = append(set, v)
	}
	if len(set) > 0 {
		slices.SortFunc(set, func(a, b tintype.Setting) int { return cmp.Compare(a.Name, b.Name) })
		if err := s.c.Store.Set(ctx, set); err != nil {
			return nil, err
		}
		s.c.Changed()
	}
	return s.List(ctx)
}

func (s *Service) find(name string) (*Spec, error) {
	if i := slices.IndexFunc(s.specs, func(sp Spec) bool { return sp.Name == name }); i >= 0 {
		return &s.specs[i], nil
	}
	return nil, tintype.Errorf(tintype.NotFound, "there is no knob called %q", name)
}

// Turn is one change of a knob.
type Turn struct {
	Name  string
	Value string // "" back to the default
	Reset bool   // back to the default
	By    tintype.ID
	Via   string
	At    time.Time
}

// History gives up to n changes of a knob, or of all with name "", the newest first.
func (s *Service) History(ctx context.Context, name string, n int) ([]Turn, error) {
	names := map[string]string{}
	for i := range s.specs {
		if sp := &s.specs[i]; name == "" || sp.Name == name {
			names[sp.key()] = sp.Name
		}
	}
	if len(names) == 0 {
		_, err := s.find(name)
		return nil, err
	}
	keys := make([]string, 0, len(names))
	for k := range names {
		keys = append(keys, k)
	}
	list, err := s.c.Store.SettingChanges(ctx, keys, n)
	if err != nil {
		return nil, err
	}
	out := make([]Turn, len(list))
	for i, v := range list {
		out[i] = Turn{Name: names[v.Name], Value: v.Value, Reset: v.Unset, By: v.By, Via: v.Via, At: v.Changed}
	}
	return out, nil
}

// Said tells in words what is changed: "likes=off, uploads back to its default".
func Said(values map[string]*string) string {
	var out []string
	for name, v := range values {
		if v == nil {
			out = append(out, name+" back to its default")
		} else {
			out = append(out, name+"="+*v)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
