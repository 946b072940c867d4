package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/tintype/tintype/internal/tintype"
)

// Checks compares the rows of a site with each other: what must agree, and does
// not. It reads a page at a time, by key, so that it takes little memory on any
// site; and it reads without locks, so that on a site at work it may see an
// edge that a job is still bringing to its other side. Whoever reports what it
// finds asks again, a little later, with Recheck.
type Checks struct {
	R     Router
	Clock tintype.Clock
}

// checker is one check. page looks at rows of one home in the order of their
// keys; mend makes one of its findings good, reading what it needs anew.
type checker struct {
	name   string
	global bool // on the directory, and not on the users' homes
	page   func(c Checks, ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error)
	mend   func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error)
}

// checkRows is what a page of a check read.
type checkRows struct {
	rows     int
	last     tintype.CheckKey
	findings []tintype.Finding
}

func (p *checkRows) saw(k tintype.CheckKey) { p.rows, p.last = p.rows+1, k }

// mendable adds a finding whose right state follows from other rows.
func (p *checkRows) mendable(k tintype.CheckKey, format string, args ...any) {
	p.findings = append(p.findings, tintype.Finding{Key: k, What: fmt.Sprintf(format, args...), Mendable: true})
}

// tell adds a finding that needs a person.
func (p *checkRows) tell(k tintype.CheckKey, do, format string, args ...any) {
	p.findings = append(p.findings, tintype.Finding{Key: k, What: fmt.Sprintf(format, args...), Do: do})
}

// checkers lists the checks in the order in which they are to be made, and
// mended: rows before the counters of them.
func checkers() []checker {
	list := []checker{
		{name: "accounts", global: true, page: Checks.pageAccounts},
		{name: "names", global: true, page: Checks.pageNames},
		{name: "users", page: Checks.pageUsers},
		{name: "posts", page: Checks.pagePosts},
		{name: "media", page: Checks.pageMedia, mend: Checks.mendMedia},
		{name: "uploads", page: Checks.pageUploads},
	}
	for _, e := range edgePairs() {
		list = append(list, e.checkers()...)
	}
	return append(list,
		checker{name: "comments", page: Checks.pageComments, mend: Checks.mendComment},
		checker{name: "my_comments", page: Checks.pageMyComments, mend: Checks.mendMyComment},
		checker{name: "activity", page: Checks.pageActivity, mend: Checks.mendActivity},
		checker{name: "timelines", page: Checks.pageTimelines, mend: Checks.mendTimeline},
		checker{name: "feeds", page: Checks.pageFeeds, mend: Checks.mendFeed},
		checker{name: "user_counts", page: Checks.pageUserCounts, mend: Checks.mendUserCounts},
		checker{name: "post_counts", page: Checks.pagePostCounts, mend: Checks.mendPostCounts},
		checker{name: "idempotency", page: Checks.pageIdempotency},
	)
}

// Names lists the checks, in the order in which they are to be made.
func (c Checks) Names() []string {
	var names []string
	for _, k := range checkers() {
		names = append(names, k.name)
	}
	return names
}

// Homes gives how many homes a check is made on; they are numbered from 0.
func (c Checks) Homes(check string) int {
	if k := findChecker(check); k != nil && k.global {
		return 1
	}
	return len(c.R.Homes())
}

func findChecker(name string) *checker {
	list := checkers()
	if i := slices.IndexFunc(list, func(k checker) bool { return k.name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}

func (c Checks) home(k *checker, i int) Home {
	if k.global {
		return c.R.Directory()
	}
	return c.R.Homes()[i]
}

// Page makes one check on up to limit rows of a home after a key.
func (c Checks) Page(ctx context.Context, check string, home int, after tintype.CheckKey, limit int) (tintype.CheckPage, error) {
	k := findChecker(check)
	if k == nil {
		return tintype.CheckPage{}, tintype.Errorf(tintype.Invalid, "there is no check named %q", check)
	}
	h := c.home(k, home)
	p, err := k.page(c, ctx, h, after, limit)
	if err != nil {
		return tintype.CheckPage{}, err
	}
	for i := range p.findings {
		f := &p.findings[i]
		f.Check, f.Home, f.Database = check, home, h.name()
		f.Mendable = f.Mendable && k.mend != nil
	}
	return tintype.CheckPage{Rows: p.rows, Last: p.last, More: p.rows >= limit, Findings: p.findings}, nil
}

// name is the home's, for people.
func (h Home) name() string {
	if h.Schema == "" {
		return h.DB.Name
	}
	return h.DB.Name + "/" + h.Schema[:len(h.Schema)-1]
}

// Recheck looks at a finding's row again, and gives what is wrong with it now:
// mostly nothing, if a job was under way.
func (c Checks) Recheck(ctx context.Context, f tintype.Finding) ([]tintype.Finding, error) {
	p, err := c.Page(ctx, f.Check, f.Home, f.Key.Before(), 1)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(p.Findings, func(n tintype.Finding) bool { return n.Key != f.Key }), nil
}

// Mend makes a finding good. It gives what changed; nothing if it was good by then.
func (c Checks) Mend(ctx context.Context, f tintype.Finding) (tintype.Mended, error) {
	k := findChecker(f.Check)
	if k == nil || k.mend == nil {
		return tintype.Mended{}, tintype.Errorf(tintype.Invalid, "what check %q finds cannot be repaired", f.Check)
	}
	return k.mend(c, ctx, c.home(k, f.Home), f.Key)
}

// Integrity asks each database whether its files are sound, where the engine
// has a way to say so. It reads everything, and may take minutes.
func (c Checks) Integrity(ctx context.Context) ([]tintype.Finding, error) {
	var out []tintype.Finding
	seen := map[*DB]bool{}
	for i, h := range append([]Home{c.R.Directory()}, c.R.Homes()...) {
		if seen[h.DB] || h.DB.Dialect.Integrity == nil {
			continue
		}
		seen[h.DB] = true
		problems, err := h.DB.Dialect.Integrity(ctx, h.DB.read)
		if err != nil && h.DB.Dialect.Classify(err) != CodeCorrupt {
			return out, h.DB.wrap("integrity", err)
		}
		if err != nil {
			problems = append(problems, err.Error())
		}
		for _, p := range problems {
			out = append(out, tintype.Finding{Check: "integrity", Home: max(i-1, 0), Database: h.DB.Name, What: "the database file is damaged: " + p,
				Do: "stop the site, keep a copy of the data directory, and restore the newest backup that checks well; the disk may be failing"})
		}
	}
	return out, nil
}

// at reports whether the rows under id belong at h.
func (c Checks) at(h Home, id tintype.ID) bool {
	home := c.R.Home(id.Shard())
	return home.DB == h.DB && home.Schema == h.Schema
}

const doMisplaced = "this row is on a database that its ID does not name, so nothing finds it: was a shard copied or its map changed by hand? Restore the map, or move the row"

// misplaced tells of a row whose key's ID has another home.
func (c Checks) misplaced(p *checkRows, h Home, k tintype.CheckKey, what string) bool {
	id := tintype.ID(k[0])
	if id > 0 && c.at(h, id) {
		return false
	}
	p.tell(k, doMisplaced, "%s %v belongs to shard %d, which is not at home here", what, id, id.Shard())
	return true
}

var (
	stmtCheckUsersThere = &Stmt{Name: "check.users_there", SQL: `SELECT id FROM {s}users WHERE id {in $1}`}
	stmtCheckPostsThere = &Stmt{Name: "check.posts_there", SQL: `SELECT id FROM {s}posts WHERE id {in $1}`}
)

// there gives which of ids have a row at their homes.
func (c Checks) there(ctx context.Context, s *Stmt, ids []tintype.ID) (map[tintype.ID]bool, error) {
	found := make(map[tintype.ID]bool, len(ids))
	for _, g := range ByHome(c.R, ids) {
		var some []tintype.ID
		if err := g.Home.Query(ctx, s, scanIDs(&some), g.IDs); err != nil {
			return nil, err
		}
		for _, id := range some {
			found[id] = true
		}
	}
	return found, nil
}
