package inspect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/tintype"
)

// Listing lists users and posts, for what is rebuilt of each. sqlstore.Checks provides it.
type Listing interface {
	// UserHomes are the parts of the site that have users.
	UserHomes() []tintype.CheckHome
	// UsersPage gives up to limit users of a home with an ID above after, ascending.
	UsersPage(ctx context.Context, home int, after tintype.ID, limit int) ([]tintype.Seen, error)
	// UserSeen gives one user; NotFound if there is none.
	UserSeen(ctx context.Context, user tintype.ID) (tintype.Seen, error)
	// PostsPage gives up to limit posts of a home, ascending; of one user unless that is 0.
	PostsPage(ctx context.Context, home int, user, after tintype.ID, limit int) ([]tintype.ID, error)
	// HomeOf is the number of the home of what is a user's.
	HomeOf(user tintype.ID) int
}

// Work is how one kind of derived thing is made again. Doing it twice does no
// harm, so a rebuild that was broken off is begun anew.
type Work struct {
	// User and Post make it for one of them, and tell whether anything changed;
	// nil where it is not kept by user, or not by post.
	User func(ctx context.Context, u tintype.Seen) (changed bool, err error)
	Post func(ctx context.Context, post tintype.ID, all bool) (changed bool, err error)
	// Whole makes it at once, for what is not kept by either.
	Whole func(ctx context.Context) error
	// Checks are made after the posts, unless it is for one user only, and what they find is mended: rows that no post asks for, and counters.
	Checks []string
	// AtOnce is how many are in hand at the same time in each database; 1.
	AtOnce int
}

// RebuildConfig is what a Rebuilder is made of.
type RebuildConfig struct {
	Listing Listing
	// Rows makes Works' Checks; nil where there are none.
	Rows Rows
	// Changed hears of what checks mended, so that caches forget it; may be nil.
	Changed func(ctx context.Context, m tintype.Mended)
	Works   map[string]Work // by what they make
	Clock   tintype.Clock
	Settle  time.Duration // before something that cannot be reached is tried again; 1 s
}

// Rebuilder makes derived things again. Make it with NewRebuilder.
type Rebuilder struct{ c RebuildConfig }

// NewRebuilder makes a Rebuilder.
func NewRebuilder(c RebuildConfig) *Rebuilder {
	if c.Settle == 0 {
		c.Settle = time.Second
	}
	return &Rebuilder{c: c}
}

// RebuildRequest says what to make again.
type RebuildRequest struct {
	What    string     `json:"what"`
	User    tintype.ID `json:"user,omitempty"` // of one user only
	All     bool       `json:"all,omitempty"`  // also what is there already
	MaxRate int        `json:"max_rate,omitempty"`
}

// rebuildPage is how many users or posts are listed at a time.
const rebuildPage = 200

// Whats lists what can be made again.
func (b *Rebuilder) Whats() []string {
	var out []string
	for what := range b.c.Works {
		out = append(out, what)
	}
	slices.Sort(out)
	return out
}

// Run makes things again, and tells emit of what could not be made and of
// progress; Summary.Repaired counts what changed. Invalid for a kind that does
// not exist or has no users.
func (b *Rebuilder) Run(ctx context.Context, req RebuildRequest, emit func(Event) error) (Summary, error) {
	w, ok := b.c.Works[req.What]
	if !ok {
		return Summary{}, tintype.Errorf(tintype.Invalid, "nothing called %q can be rebuilt; there are %s", req.What, strings.Join(b.Whats(), ", "))
	}
	if w.Whole != nil {
		if req.User != 0 {
			return Summary{}, tintype.Errorf(tintype.Invalid, "%s is not kept by user: rebuild all of it", req.What)
		}
		return Summary{}, w.Whole(ctx)
	}
	homes := b.c.Listing.UserHomes()
	r := &run{Config: Config{Clock: b.c.Clock, Settle: b.c.Settle, AtOnce: 8}, emit: emit, away: map[string]bool{}}
	r.pace.rate = req.MaxRate
	type pass struct {
		homes []tintype.CheckHome
		make  func(ctx context.Context, home int) error
	}
	var passes []pass
	if w.User != nil {
		passes = append(passes, pass{homes, func(ctx context.Context, home int) error { return b.users(ctx, r, w, req, homes[home], home) }})
	}
	if w.Post != nil {
		passes = append(passes, pass{homes, func(ctx context.Context, home int) error { return b.posts(ctx, r, w, req, homes[home], home) }})
	}
	if len(w.Checks) > 0 && req.User == 0 {
		for _, step := range b.c.Rows.Steps() {
			if slices.Contains(w.Checks, step.Name) {
				passes = append(passes, pass{step.Homes, func(ctx context.Context, home int) error { return b.mend(ctx, r, w, step, home) }})
			}
		}
	}
	r.at.Steps, r.whole = len(passes), len(passes)
	for i, pass := range passes {
		if err := r.begin(i, tintype.CheckStep{Name: req.What, Weight: 1, Homes: pass.homes}); err != nil {
			return r.sum, err
		}
		if req.User != 0 {
			if err := pass.make(ctx, b.c.Listing.HomeOf(req.User)); err != nil {
				return r.sum, err
			}
		} else if err := r.eachHome(ctx, pass.homes, pass.make); err != nil {
			return r.sum, err
		}
		r.before++
	}
	return r.sum, r.begin(len(passes), tintype.CheckStep{})
}

func (b *Rebuilder) users(ctx context.Context, r *run, w Work, req RebuildRequest, at tintype.CheckHome, home int) error {
	name := func(u tintype.Seen) string { return fmt.Sprintf("user %v", u.ID) }
	if req.User != 0 {
		u, err := b.c.Listing.UserSeen(ctx, req.User)
		if err != nil {
			return err
		}
		return makeAll(ctx, r, w.AtOnce, at, []tintype.Seen{u}, w.User, name)
	}
	for after := tintype.ID(0); ; {
		var list []tintype.Seen
		ok, err := r.reach(ctx, at, func() (err error) {
			list, err = b.c.Listing.UsersPage(ctx, home, after, rebuildPage)
			return err
		})
		if err != nil || !ok || len(list) == 0 {
			return err
		}
		if err := makeAll(ctx, r, w.AtOnce, at, list, w.User, name); err != nil {
			return err
		}
		after = list[len(list)-1].ID
		if err := r.looked(ctx, len(list), home, tintype.CheckKey{int64(after)}); err != nil {
			return err
		}
	}
}

func (b *Rebuilder) posts(ctx context.Context, r *run, w Work, req RebuildRequest, at tintype.CheckHome, home int) error {
	for after := tintype.ID(0); ; {
		var list []tintype.ID
		ok, err := r.reach(ctx, at, func() (err error) {
			list, err = b.c.Listing.PostsPage(ctx, home, req.User, after, rebuildPage)
			return err
		})
		if err != nil || !ok || len(list) == 0 {
			return err
		}
		if err := makeAll(ctx, r, w.AtOnce, at, list, func(ctx context.Context, id tintype.ID) (bool, error) { return w.Post(ctx, id, req.All) },
			func(id tintype.ID) string { return fmt.Sprintf("post %v", id) }); err != nil {
			return err
		}
		after = list[len(list)-1]
		if err := r.looked(ctx, len(list), home, tintype.CheckKey{int64(after)}); err != nil {
			return err
		}
	}
}

// mend makes a check on a home, and mends what it finds at once: to mend what a job is bringing right now does no harm.
func (b *Rebuilder) mend(ctx context.Context, r *run, w Work, step tintype.CheckStep, home int) error {
	after := tintype.BeforeAll
	for more := true; more; {
		var p tintype.CheckPage
		ok, err := r.reach(ctx, step.Homes[home], func() (err error) {
			p, err = b.c.Rows.Page(ctx, step.Name, home, after, rebuildPage)
			return err
		})
		if err != nil || !ok {
			return err
		}
		for _, name := range p.Away {
			if err := r.tellAway(name); err != nil {
				return err
			}
		}
		found := slices.DeleteFunc(p.Findings, func(f tintype.Finding) bool { return !f.Mendable })
		if err := makeAll(ctx, r, w.AtOnce, step.Homes[home], found, func(ctx context.Context, f tintype.Finding) (bool, error) {
			m, err := b.c.Rows.Mend(ctx, f)
			if err == nil && b.c.Changed != nil {
				b.c.Changed(ctx, m)
			}
			return true, err
		}, func(f tintype.Finding) string { return f.What }); err != nil {
			return err
		}
		after, more = p.Last, p.More
		if err := r.looked(ctx, p.Rows, home, after); err != nil {
			return err
		}
	}
	return nil
}

// makeAll makes something for each of a list, a few at once. What fails is told
// of, and the others are made; what needs something that cannot be reached is
// tried again a few times first.
func makeAll[T any](ctx context.Context, r *run, atOnce int, at tintype.CheckHome, list []T, one func(context.Context, T) (bool, error), name func(T) string) error {
	r.mu.Lock()
	step := r.at.Step
	r.mu.Unlock()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(atOnce, 1))
	for _, v := range list {
		g.Go(func() error {
			var changed bool
			var err error
			pause := r.Settle
			for try := 1; ; try++ {
				changed, err = one(ctx, v)
				if !tintype.IsKind(err, tintype.Unavailable) || ctx.Err() != nil || try == tries {
					break
				}
				if err := sleep(ctx, pause); err != nil {
					return err
				}
				pause *= 2
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err != nil {
				return r.tell(Finding{Check: step, Database: at.Name, What: fmt.Sprintf("%s: %v", name(v), err), Do: "see to the cause and rebuild again"})
			}
			if changed {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.sum.Repaired++
			}
			return nil
		})
	}
	return g.Wait()
}
