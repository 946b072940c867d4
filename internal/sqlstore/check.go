package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// Checks compares the rows of a site with each other: what must agree, and does
// not. It reads a page at a time, by key, so that it takes little memory on any
// site; and it reads without locks, so that on a site at work it may see an
// edge that a job is still bringing to its other side. Whoever reports what it
// finds asks again, a little later, with Recheck.
//
// A database that cannot be reached makes the pages of its own homes err with
// Unavailable; pages of other homes say in Away what they could not compare.
type Checks struct {
	R     Router
	Clock tintype.Clock
	// Timelines keeps the home timelines; nil for those in the databases.
	Timelines timeline.Store
	// Newest is how many of an author's newest posts a feed surely has; nil for 100.
	Newest func() int
	// Retag and Respot bring a post to the timelines of its tags, and of where it is, as they should be, and out of
	// those given besides where it should not be; Spots are those of where something is. discover provides them; nil where these timelines are not checked.
	Retag  func(ctx context.Context, post tintype.ID, was ...string) (changed bool, err error)
	Respot func(ctx context.Context, post tintype.ID, was ...tintype.ID) (changed bool, err error)
	// Terms are what texts are found by, and Reword brings a post to the timelines of those of its texts; nil where these are not checked.
	Terms  func(texts ...string) []string
	Reword func(ctx context.Context, post tintype.ID) (changed bool, err error)
	// Misscored gives those of posts whose score is not as it should be, and Rescore scores one anew; nil where scores are not checked.
	Misscored func(ctx context.Context, posts []tintype.ID) ([]tintype.ID, error)
	Rescore   func(ctx context.Context, post tintype.ID) (changed bool, err error)
	// Rename brings a post to the sides of those named in its pictures, and out of those of was who are not.
	Rename func(ctx context.Context, post tintype.ID, was ...tintype.ID) (changed bool, err error)
	Spots  func(l tintype.Location) []tintype.ID
	// At are the homes, so that their numbers stay what they are while shards move; nil for the Router's.
	At []Home
}

// checker is one check. page looks at rows of one home in the order of their
// keys; mend makes one of its findings good, reading what it needs anew.
type checker struct {
	name   string
	weight int  // see tintype.CheckStep; by what an ordinary user has
	global bool // on the directory, and not on the users' homes
	page   func(c Checks, ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error)
	mend   func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error)
	// one checks a single row, where that is not a page of one row.
	one func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (checkRows, error)
}

// checkRows is what a page of a check read.
type checkRows struct {
	rows     int
	last     tintype.CheckKey
	more     bool // although there are fewer rows than were asked for
	findings []tintype.Finding
	away     []Home // could not be reached
	lost     []string
}

// skip notes that a home cannot be reached: what lives there is neither looked
// at nor missed. It is false for any other error, and for a nil p.
func (p *checkRows) skip(ctx context.Context, h Home, err error) bool {
	if p == nil || !tintype.IsKind(err, tintype.Unavailable) || ctx.Err() != nil {
		return false
	}
	p.away = append(p.away, h)
	return true
}

// unknown tells that id lives where nobody could look.
func (c Checks) unknown(p *checkRows, id tintype.ID) bool {
	h := c.R.Home(id.Shard())
	return slices.ContainsFunc(p.away, func(a Home) bool { return a.DB == h.DB && a.Schema == h.Schema })
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
func (c Checks) checkers() []checker {
	list := []checker{
		{name: "ids", weight: 1, page: Checks.pageIDs, mend: Checks.mendIDs},
		{name: "accounts", weight: 1, global: true, page: Checks.pageAccounts},
		{name: "names", weight: 1, global: true, page: Checks.pageNames},
		{name: "users", weight: 2, page: Checks.pageUsers},
		{name: "posts", weight: 10, page: Checks.pagePosts},
		{name: "media", weight: 10, page: Checks.pageMedia, mend: Checks.mendMedia},
		{name: "uploads", weight: 1, page: Checks.pageUploads},
	}
	for _, e := range edgePairs() {
		list = append(list, e.checkers()...)
	}
	list = append(list,
		checker{name: "comments", weight: 15, page: Checks.pageComments, mend: Checks.mendComment},
		checker{name: "my_comments", weight: 15, page: Checks.pageMyComments, mend: Checks.mendMyComment},
		checker{name: "activity", weight: 20, page: Checks.pageActivity, mend: Checks.mendActivity},
		checker{name: "feeds", weight: 100, page: Checks.pageFeeds, mend: Checks.mendFeed, one: Checks.oneFeed},
	)
	for _, d := range c.derived() {
		list = append(list, d.checkers()...)
	}
	list = append(list, c.tagged()...)
	list = append(list, c.kept()...)
	list = append(list, c.scored()...)
	return append(list,
		checker{name: "user_counts", weight: 30, page: Checks.pageUserCounts, mend: Checks.mendUserCounts},
		checker{name: "post_counts", weight: 40, page: Checks.pagePostCounts, mend: Checks.mendPostCounts},
		checker{name: "storage", weight: 20, page: Checks.pageStorage, mend: Checks.mendStorage},
		checker{name: "idempotency", weight: 1, page: Checks.pageIdempotency},
	)
}

// Steps lists the checks in the order in which they are to be made, with the
// homes each is made on, which are numbered from 0.
func (c Checks) Steps() []tintype.CheckStep {
	all := make([]tintype.CheckHome, 0, 64)
	for _, h := range c.homes() {
		all = append(all, tintype.CheckHome{Name: h.name(), Database: h.DB.Name})
	}
	dir := c.R.Directory()
	global := []tintype.CheckHome{{Name: dir.name(), Database: dir.DB.Name}}
	var steps []tintype.CheckStep
	for _, k := range c.checkers() {
		s := tintype.CheckStep{Name: k.name, Weight: k.weight, Homes: all}
		if k.global {
			s.Homes = global
		}
		steps = append(steps, s)
	}
	return steps
}

func (c Checks) homes() []Home {
	if c.At != nil {
		return c.At
	}
	return c.R.Homes()
}

func (c Checks) findChecker(name string) *checker {
	list := c.checkers()
	if i := slices.IndexFunc(list, func(k checker) bool { return k.name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}

func (c Checks) home(k *checker, i int) Home {
	if k.global {
		return c.R.Directory()
	}
	return c.homes()[i]
}

// Page makes one check on up to limit rows of a home after a key.
func (c Checks) Page(ctx context.Context, check string, home int, after tintype.CheckKey, limit int) (tintype.CheckPage, error) {
	ctx = Patiently(ctx)
	k := c.findChecker(check)
	if k == nil {
		return tintype.CheckPage{}, tintype.Errorf(tintype.Invalid, "there is no check named %q", check)
	}
	p, err := k.page(c, Patiently(ctx), c.home(k, home), after, limit)
	if err != nil {
		return tintype.CheckPage{}, err
	}
	c.sign(k, home, &p)
	away := p.lost
	for _, h := range p.away {
		away = append(away, h.DB.Name)
	}
	slices.Sort(away)
	return tintype.CheckPage{Rows: p.rows, Last: p.last, More: p.more || p.rows >= limit, Findings: p.findings, Away: slices.Compact(away)}, nil
}

// sign says of findings whose they are.
func (c Checks) sign(k *checker, home int, p *checkRows) {
	for i := range p.findings {
		f := &p.findings[i]
		f.Check, f.Home, f.Database = k.name, home, c.home(k, home).name()
		f.Mendable = f.Mendable && k.mend != nil
	}
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
	ctx = Patiently(ctx)
	if k := c.findChecker(f.Check); k != nil && k.one != nil {
		p, err := k.one(c, Patiently(ctx), c.home(k, f.Home), f.Key)
		c.sign(k, f.Home, &p)
		return slices.DeleteFunc(p.findings, func(n tintype.Finding) bool { return n.Key != f.Key }), err
	}
	p, err := c.Page(ctx, f.Check, f.Home, f.Key.Before(), 1)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(p.Findings, func(n tintype.Finding) bool { return n.Key != f.Key }), nil
}

// Mend makes a finding good. It gives what changed; nothing if it was good by then.
func (c Checks) Mend(ctx context.Context, f tintype.Finding) (tintype.Mended, error) {
	ctx = Patiently(ctx)
	k := c.findChecker(f.Check)
	if k == nil || k.mend == nil {
		return tintype.Mended{}, tintype.Errorf(tintype.Invalid, "what check %q finds cannot be repaired", f.Check)
	}
	return k.mend(c, Patiently(ctx), c.home(k, f.Home), f.Key)
}

// Integrity asks each database whether its files are sound, where the engine
// has a way to say so. It reads everything, and may take minutes.
func (c Checks) Integrity(ctx context.Context) ([]tintype.Finding, error) {
	ctx = Patiently(ctx)
	var out []tintype.Finding
	seen := map[*DB]bool{}
	for i, h := range append([]Home{c.R.Directory()}, c.homes()...) {
		if seen[h.DB] || h.DB.Dialect.Integrity == nil {
			continue
		}
		seen[h.DB] = true
		if err := h.DB.Ping(ctx); tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil {
			continue // the pages of its homes say so
		}
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

// there gives which of ids have a row at their homes. Of a home that cannot be
// reached it knows nothing, and says so to p; without p that is an error.
func (c Checks) there(ctx context.Context, p *checkRows, s *Stmt, ids []tintype.ID) (map[tintype.ID]bool, error) {
	found := make(map[tintype.ID]bool, len(ids))
	for _, g := range ByHome(c.R, ids) {
		var some []tintype.ID
		if err := g.Home.Query(ctx, s, scanIDs(&some), g.IDs); p.skip(ctx, g.Home, err) {
			continue
		} else if err != nil {
			return nil, err
		}
		for _, id := range some {
			found[id] = true
		}
	}
	return found, nil
}
