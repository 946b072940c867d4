// Package inspect checks a whole site: its rows against each other, and its
// rows against its files. It is what `tintype check` runs, and what tests ask
// whether anything was lost.
//
// It works while the site does. Rows are read a page at a time and files are
// matched in partitions on disk, so that memory stays bounded on any site. What
// looks wrong is looked at again a little later, and is only told of if it still
// is: a job may have been bringing a like to its post just then.
//
// Some damage can be repaired, because the right state follows from other rows:
// counters, the other side of an edge, rows that belong to nothing, entries of
// feeds. Lost rows and lost files cannot; it says what to do instead.
//
// It leaves to the store which rows must agree and how they are mended.
// Errors are the stores'; findings are not errors.
package inspect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// Rows checks rows against each other. sqlstore.Checks provides it. What cannot
// be reached errs with Unavailable.
type Rows interface {
	// Steps lists the checks, in the order in which they are to be made, and where.
	Steps() []tintype.CheckStep
	// Page makes one check on up to limit rows of a home after a key.
	Page(ctx context.Context, check string, home int, after tintype.CheckKey, limit int) (tintype.CheckPage, error)
	// Recheck gives what is wrong with a finding's row now.
	Recheck(ctx context.Context, f tintype.Finding) ([]tintype.Finding, error)
	// Mend makes a finding good.
	Mend(ctx context.Context, f tintype.Finding) (tintype.Mended, error)
	// Integrity asks the databases whether their files are sound.
	Integrity(ctx context.Context) ([]tintype.Finding, error)
}

// Refs lists rows that name files. sqlstore.Checks provides it.
type Refs interface {
	FileKinds() []string
	FileRefs(ctx context.Context, kind string, home int, after tintype.CheckKey, limit int) ([]tintype.FileRef, error)
	// FileRef gives a row as it is now.
	FileRef(ctx context.Context, old tintype.FileRef) (ref tintype.FileRef, found bool, err error)
}

// Config is what a Checker is made of. The numbers may be 0 for their defaults.
type Config struct {
	Rows  Rows
	Refs  Refs
	Files blob.Store
	// AvatarFiles names the files of a profile picture.
	AvatarFiles func(user tintype.ID, key string) []string
	// Undone counts jobs that are still to be done: while there are some, what
	// looks wrong is given a little time. nil for none.
	Undone func(ctx context.Context) (int, error)
	// Changed hears of what was repaired, so that caches forget it; may be nil.
	Changed func(ctx context.Context, m tintype.Mended)
	Clock   tintype.Clock
	TempDir string // for matching files; "" for the system's

	Page   int           // rows at a time; 1,000
	AtOnce int           // databases that are read at the same time; 8
	Settle time.Duration // before a second look while jobs are under way; it doubles; 1 s
	Grace  time.Duration // younger files need no row yet; 24 h
}

// Steps that are not checks of rows.
const (
	StepIntegrity = "integrity"
	StepFiles     = "files"
	// StepAway is under what it is told that something could not be checked.
	StepAway = "away"
)

// How much work the steps are that are not checks of rows; see tintype.CheckStep.
const (
	weightIntegrity = 30
	weightFiles     = 100
)

// maxSuspects is how many suspicious rows are kept before they are looked at again.
const maxSuspects = 5000

// looks is how often a suspicious row is looked at again while jobs are under way.
const looks = 4

// Checker checks one site. Make it with New.
type Checker struct{ c Config }

// New makes a Checker.
func New(c Config) *Checker {
	if c.Page == 0 {
		c.Page = 1000
	}
	if c.AtOnce == 0 {
		c.AtOnce = 8
	}
	if c.Settle == 0 {
		c.Settle = time.Second
	}
	if c.Grace == 0 {
		c.Grace = 24 * time.Hour
	}
	return &Checker{c: c}
}

// Request says what to check, and whether to repair.
type Request struct {
	Only        []string `json:"only,omitempty"` // steps; none for all
	Repair      bool     `json:"repair,omitempty"`
	DeleteFiles bool     `json:"delete_files,omitempty"` // also delete files that no row names
	MaxRate     int      `json:"max_rate,omitempty"`     // rows and files looked at in a second; 0 for as many as can be
}

// Finding is one thing that is not as it should be.
type Finding struct {
	Check    string `json:"check"`
	Database string `json:"database,omitempty"`
	What     string `json:"what"`
	Do       string `json:"do"`
	Repaired bool   `json:"repaired"`
}

// Event is news of a check under way: a finding, or how far it is.
type Event struct {
	Finding *Finding `json:"finding,omitempty"`
	Step    string   `json:"step,omitempty"`
	Done    int      `json:"done"` // steps that are finished
	Steps   int      `json:"steps"`
	Looked  int64    `json:"looked"` // rows and files that were looked at
	Part    float64  `json:"part"`   // of the whole work, from 0 to 1; an estimate
}

// Summary is the outcome.
type Summary struct {
	Looked   int64 `json:"looked"`
	Findings int   `json:"findings"`
	Repaired int   `json:"repaired"`
	Undone   int   `json:"undone"` // jobs that were still to be done at the end
}

// Steps lists what can be checked, in order.
func (k *Checker) Steps() []string {
	var names []string
	for _, s := range k.steps() {
		names = append(names, s.Name)
	}
	return names
}

func (k *Checker) steps() []tintype.CheckStep {
	rows := k.c.Rows.Steps()
	var homes []tintype.CheckHome // every part that has users
	for _, s := range rows {
		if len(s.Homes) > len(homes) {
			homes = s.Homes
		}
		if s.Name == "users" {
			homes = s.Homes
			break
		}
	}
	return slices.Concat([]tintype.CheckStep{{Name: StepIntegrity, Weight: weightIntegrity}}, rows,
		[]tintype.CheckStep{{Name: StepFiles, Weight: weightFiles, Homes: homes}})
}

// run is one check under way.
type run struct {
	Config
	req   Request
	pace  pace
	whole int // weight of all steps

	mu     sync.Mutex // guards what follows, and emit
	emit   func(Event) error
	at     Event
	sum    Summary
	before int             // weight of the steps that are finished
	step   stepSoFar       // how far the present one is
	away   map[string]bool // what it was told of that it cannot be reached
}

// Run checks the site and tells emit of findings and of progress, one after
// the other. emit's error ends it. Invalid for a step that does not exist. A
// database that cannot be reached is a finding; the others are checked.
func (k *Checker) Run(ctx context.Context, req Request, emit func(Event) error) (Summary, error) {
	steps := k.steps()
	for _, name := range req.Only {
		if !slices.ContainsFunc(steps, func(s tintype.CheckStep) bool { return s.Name == name }) {
			return Summary{}, tintype.Errorf(tintype.Invalid, "there is no check called %q; there are %s", name, strings.Join(k.Steps(), ", "))
		}
	}
	if len(req.Only) > 0 {
		steps = slices.DeleteFunc(steps, func(s tintype.CheckStep) bool { return !slices.Contains(req.Only, s.Name) })
	}
	r := &run{Config: k.c, req: req, emit: emit, at: Event{Steps: len(steps)}, away: map[string]bool{}}
	r.pace.rate = req.MaxRate
	for _, s := range steps {
		r.whole += s.Weight
	}
	for i, s := range steps {
		if err := r.begin(i, s); err != nil {
			return r.sum, err
		}
		var err error
		switch s.Name {
		case StepIntegrity:
			err = r.integrity(ctx)
		case StepFiles:
			err = r.files(ctx, s)
		default:
			err = r.rows(ctx, s)
		}
		if err != nil {
			return r.sum, err
		}
		r.before += s.Weight
	}
	var err error
	if r.sum.Undone, err = r.undone(ctx); err != nil {
		return r.sum, err
	}
	return r.sum, r.begin(len(steps), tintype.CheckStep{})
}

func (r *run) undone(ctx context.Context) (int, error) {
	if r.Undone == nil {
		return 0, nil
	}
	n, err := r.Undone(ctx)
	if tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil {
		return 1, nil // a database is away, and nobody knows: better wait a little
	}
	return n, err
}

func (r *run) integrity(ctx context.Context) error {
	found, err := r.Rows.Integrity(ctx)
	if err != nil {
		return err
	}
	for _, f := range found {
		if err := r.tell(Finding{Check: f.Check, Database: f.Database, What: f.What, Do: f.Do}); err != nil {
			return err
		}
	}
	return nil
}

// eachHome calls f for every home of a step: those of one database one after
// the other, several databases at once.
func (r *run) eachHome(ctx context.Context, homes []tintype.CheckHome, f func(ctx context.Context, home int) error) error {
	var names []string
	byDB := map[string][]int{}
	for i, h := range homes {
		if byDB[h.Database] == nil {
			names = append(names, h.Database)
		}
		byDB[h.Database] = append(byDB[h.Database], i)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.AtOnce)
	for _, name := range names {
		g.Go(func() error {
			for _, home := range byDB[name] {
				if err := f(ctx, home); err != nil {
					return err
				}
				r.finished(home)
			}
			return nil
		})
	}
	return g.Wait()
}

// rows makes one check on all homes.
func (r *run) rows(ctx context.Context, s tintype.CheckStep) error {
	return r.eachHome(ctx, s.Homes, func(ctx context.Context, home int) error {
		var suspects []tintype.Finding
		after := tintype.BeforeAll
		for more := true; more; {
			var p tintype.CheckPage
			ok, err := r.reach(ctx, s.Homes[home], func() (err error) {
				p, err = r.Rows.Page(ctx, s.Name, home, after, r.Page)
				return err
			})
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			for _, name := range p.Away {
				if err := r.tellAway(name); err != nil {
					return err
				}
			}
			after, more = p.Last, p.More
			suspects = append(suspects, p.Findings...)
			if err := r.looked(ctx, p.Rows, home, after); err != nil {
				return err
			}
			if len(suspects) >= maxSuspects {
				if err := r.decide(ctx, suspects); err != nil {
					return err
				}
				suspects = suspects[:0]
			}
		}
		return r.decide(ctx, suspects)
	})
}

// tries is how often something that cannot be reached is asked for before it is left out.
const tries = 3

// reach calls f, again after a while if something cannot be reached. If that
// stays so it tells of it, and ok is false.
func (r *run) reach(ctx context.Context, h tintype.CheckHome, f func() error) (ok bool, err error) {
	pause := r.Settle
	for try := 1; ; try++ {
		err := f()
		if err == nil || !tintype.IsKind(err, tintype.Unavailable) || ctx.Err() != nil {
			return err == nil, err
		}
		if try == tries || r.isAway(h.Database) {
			return false, r.tellAway(h.Database)
		}
		if err := sleep(ctx, pause); err != nil {
			return false, err
		}
		pause *= 2
	}
}

// decide looks at suspicious rows again, tells of those that stay so, and repairs them.
func (r *run) decide(ctx context.Context, suspects []tintype.Finding) error {
	suspects, err := settle(ctx, r, suspects, func(f tintype.Finding) ([]tintype.Finding, error) { return r.Rows.Recheck(ctx, f) })
	if err != nil {
		return err
	}
	for _, f := range suspects {
		out := Finding{Check: f.Check, Database: f.Database, What: f.What, Do: f.Do}
		if f.Mendable {
			out.Do = "run `tintype check --repair`"
		}
		if f.Mendable && r.req.Repair {
			out.Repaired, err = r.mend(ctx, f)
			switch {
			case tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil:
				out.Do = "the repair needs something that cannot be reached: repair again when it is back"
			case err != nil:
				return fmt.Errorf("repairing (%s): %w", f.What, err)
			case !out.Repaired:
				out.Do = "the repair was begun and a job will end it: check again once the site has been serving for a minute"
			}
		}
		if err := r.tell(out); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) mend(ctx context.Context, f tintype.Finding) (done bool, err error) {
	m, err := r.Rows.Mend(ctx, f)
	if err != nil {
		return false, err
	}
	if r.Changed != nil {
		r.Changed(ctx, m)
	}
	left, err := r.Rows.Recheck(ctx, f)
	return len(left) == 0, err
}

// settle looks at suspects again, at once and, while jobs are under way that
// may explain them, a few times more, a little later each time. What cannot be
// reached any more is no suspect.
func settle[T any](ctx context.Context, r *run, suspects []T, again func(T) ([]T, error)) ([]T, error) {
	pause := r.Settle
	for look := 1; len(suspects) > 0; look++ {
		undone, err := r.undone(ctx)
		if err != nil {
			return nil, err
		}
		var left []T
		for _, s := range suspects {
			still, err := again(s)
			if tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil {
				continue
			}
			if err != nil {
				return nil, err
			}
			left = append(left, still...)
		}
		suspects = left
		if undone == 0 || look == looks || len(suspects) == 0 {
			break
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
		pause *= 2
	}
	return suspects, nil
}
