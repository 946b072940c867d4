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
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// Rows checks rows against each other. sqlstore.Checks provides it.
type Rows interface {
	// Names lists the checks, in the order in which they are to be made.
	Names() []string
	// Homes is on how many homes a check is made.
	Homes(check string) int
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
	Settle time.Duration // before a second look while jobs are under way; it doubles; 1 s
	Grace  time.Duration // younger files need no row yet; 24 h
}

// Steps that are not checks of rows.
const (
	StepIntegrity = "integrity"
	StepFiles     = "files"
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
	return slices.Concat([]string{StepIntegrity}, k.c.Rows.Names(), []string{StepFiles})
}

// run is one check under way.
type run struct {
	Config
	req  Request
	emit func(Event) error
	at   Event
	sum  Summary
}

// Run checks the site and tells emit of findings and of progress, one after
// the other. emit's error ends it. Invalid for a step that does not exist.
func (k *Checker) Run(ctx context.Context, req Request, emit func(Event) error) (Summary, error) {
	steps := k.Steps()
	for _, name := range req.Only {
		if !slices.Contains(steps, name) {
			return Summary{}, tintype.Errorf(tintype.Invalid, "there is no check called %q; there are %s", name, strings.Join(steps, ", "))
		}
	}
	if len(req.Only) > 0 {
		steps = slices.DeleteFunc(steps, func(s string) bool { return !slices.Contains(req.Only, s) })
	}
	r := &run{Config: k.c, req: req, emit: emit, at: Event{Steps: len(steps)}}
	for i, s := range steps {
		r.at.Step, r.at.Done = s, i
		if err := r.progress(0); err != nil {
			return r.sum, err
		}
		var err error
		switch s {
		case StepIntegrity:
			err = r.integrity(ctx)
		case StepFiles:
			err = r.files(ctx)
		default:
			err = r.rows(ctx, s)
		}
		if err != nil {
			return r.sum, err
		}
	}
	r.at.Step, r.at.Done = "", len(steps)
	var err error
	if r.sum.Undone, err = r.undone(ctx); err != nil {
		return r.sum, err
	}
	return r.sum, r.progress(0)
}

func (r *run) progress(looked int) error {
	r.sum.Looked += int64(looked)
	r.at.Looked = r.sum.Looked
	return r.emit(r.at)
}

func (r *run) tell(f Finding) error {
	r.sum.Findings++
	if f.Repaired {
		r.sum.Repaired++
	}
	return r.emit(Event{Finding: &f, Step: r.at.Step, Done: r.at.Done, Steps: r.at.Steps, Looked: r.at.Looked})
}

func (r *run) undone(ctx context.Context) (int, error) {
	if r.Undone == nil {
		return 0, nil
	}
	return r.Undone(ctx)
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

// rows makes one check on all homes.
func (r *run) rows(ctx context.Context, check string) error {
	var suspects []tintype.Finding
	for home := range r.Rows.Homes(check) {
		after := tintype.BeforeAll
		for more := true; more; {
			p, err := r.Rows.Page(ctx, check, home, after, r.Page)
			if err != nil {
				return err
			}
			after, more = p.Last, p.More
			suspects = append(suspects, p.Findings...)
			if err := r.progress(p.Rows); err != nil {
				return err
			}
			if len(suspects) >= maxSuspects {
				if err := r.decide(ctx, suspects); err != nil {
					return err
				}
				suspects = suspects[:0]
			}
		}
	}
	return r.decide(ctx, suspects)
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
			if out.Repaired, err = r.mend(ctx, f); err != nil {
				return fmt.Errorf("repairing (%s): %w", f.What, err)
			}
			if !out.Repaired {
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
// may explain them, a few times more, a little later each time.
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
			if err != nil {
				return nil, err
			}
			left = append(left, still...)
		}
		suspects = left
		if undone == 0 || look == looks || len(suspects) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
	return suspects, nil
}
