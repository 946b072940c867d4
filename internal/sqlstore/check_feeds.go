package sqlstore

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtCheckOwners = &Stmt{Name: "check.feed_owners", SQL: `
		SELECT id FROM {s}users WHERE id > $1 ORDER BY id LIMIT $2`}
	stmtCheckAuthors = &Stmt{Name: "check.authors", SQL: `
		SELECT id, user_id FROM {s}posts WHERE id {in $1} AND archived = 0`}
)

// How feeds are checked.
const (
	checkOwners = 100 // feeds that are looked at together, each of up to timeline.Max entries
	checkAtOnce = 16  // of them, read at the same time
	checkNewest = 200 // newest entries of a feed that are checked for what is missing
	checkEach   = 100 // newest posts of each author: as many as every way into a feed brings
	checkPairs  = 5000
)

// lostTimelines is what the store of timelines is called where it cannot be reached.
const lostTimelines = "the store of timelines"

// timelines is where the home timelines are kept.
func (c Checks) timelines() timeline.Store {
	if c.Timelines != nil {
		return c.Timelines
	}
	return Timelines{R: c.R, Clock: c.Clock, Kind: timeline.Home}
}

// pageFeeds looks at the feeds of some users: what is in one is there, and by
// somebody its owner follows; and what the followed posted lately is in it, if
// it is kept and the author is not so much followed that their posts are merged
// in at reading. Keys of findings are (owner, stray post), or (owner, 0) for
// what is missing.
func (c Checks) pageFeeds(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var owners []tintype.ID
	n := min(limit, checkOwners)
	if err := h.Query(ctx, stmtCheckOwners, scanIDs(&owners), afterOne(after), n); err != nil {
		return p, err
	}
	for _, o := range owners {
		p.saw(oneKey(o))
	}
	p.more = len(owners) == n
	return p, c.feeds(ctx, h, &p, owners)
}

// oneFeed looks at one.
func (c Checks) oneFeed(ctx context.Context, h Home, k tintype.CheckKey) (checkRows, error) {
	var p checkRows
	return p, c.feeds(ctx, h, &p, []tintype.ID{tintype.ID(k[0])})
}

// feed is one user's timeline as it is kept.
type feed struct {
	owner tintype.ID
	ids   []tintype.ID // newest first
	built bool
}

func (c Checks) feeds(ctx context.Context, h Home, p *checkRows, owners []tintype.ID) error {
	list := make([]feed, len(owners))
	store := c.timelines()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(checkAtOnce)
	for i, o := range owners {
		g.Go(func() (err error) {
			list[i].owner = o
			list[i].ids, list[i].built, err = store.Range(gctx, o, tintype.Page{Count: timeline.Max})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		if tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil {
			p.lost = append(p.lost, lostTimelines)
			return nil
		}
		return err
	}
	list = slices.DeleteFunc(list, func(f feed) bool { return !f.built })
	if len(list) == 0 {
		return nil
	}
	if err := c.strays(ctx, h, p, list); err != nil {
		return err
	}
	pulled, err := Feeds{R: c.R}.Pulled(ctx)
	if p.skip(ctx, c.R.Directory(), err) {
		return nil
	} else if err != nil {
		return err
	}
	for _, f := range list {
		missing, err := c.missing(ctx, f, pulled)
		if tintype.IsKind(err, tintype.Unavailable) && ctx.Err() == nil {
			continue // a home of theirs is away; its own pages say so
		}
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			p.mendable(oneKey(f.owner), "the feed of user %v lacks %d posts of people they follow, such as %v", f.owner, len(missing), missing[0])
		}
	}
	return nil
}

// strays tells of entries that have no business in a feed.
func (c Checks) strays(ctx context.Context, h Home, p *checkRows, list []feed) error {
	var posts idSet
	for _, f := range list {
		for _, id := range f.ids {
			posts.add(id)
		}
	}
	authors := make(map[tintype.ID]tintype.ID, len(posts.list))
	for _, g := range ByHome(c.R, posts.list) {
		for part := range slices.Chunk(g.IDs, checkPairs) {
			if err := g.Home.Query(ctx, stmtCheckAuthors, func(scan Scan) error {
				var id, user tintype.ID
				err := scan(&id, &user)
				authors[id] = user
				return err
			}, part); p.skip(ctx, g.Home, err) {
				break
			} else if err != nil {
				return err
			}
		}
	}
	// The owners' follows are at home here.
	follows := map[pair]int{}
	var pairs Rows
	for _, f := range list {
		for _, id := range f.ids {
			e := pair{f.owner, authors[id]}
			if _, seen := follows[e]; !seen && e.other != 0 && e.other != f.owner {
				follows[e] = tintype.EdgeGone
				pairs = append(pairs, []int64{int64(e.user), int64(e.other)})
			}
		}
	}
	for part := range slices.Chunk(pairs, checkPairs) {
		if err := h.Query(ctx, stmtReadFollows, func(scan Scan) error {
			var e pair
			var op tintype.ID
			var state int
			err := scan(&e.user, &e.other, &op, &state)
			follows[e] = state
			return err
		}, part); err != nil {
			return err
		}
	}
	for _, f := range list {
		for _, id := range f.ids {
			k := tintype.CheckKey{int64(f.owner), int64(id)}
			switch a := authors[id]; {
			case a == 0 && c.unknown(p, id):
			case a == 0:
				p.mendable(k, "the feed of user %v holds post %v, which is not there", f.owner, id)
			case a != f.owner && follows[pair{f.owner, a}] != tintype.EdgeThere:
				p.mendable(k, "the feed of user %v holds post %v by user %v, whom they do not follow", f.owner, id, a)
			}
		}
	}
	return nil
}

// missing gives the posts that should be in a feed and are not: of each author
// the newest few, as far back as the feed goes. pulled is ascending.
func (c Checks) missing(ctx context.Context, f feed, pulled []tintype.ID) ([]tintype.ID, error) {
	each := checkEach
	if c.Newest != nil {
		each = min(each, c.Newest())
	}
	entries := f.ids[:min(len(f.ids), checkNewest)]
	since := tintype.ID(0)
	if len(entries) > 0 {
		since = entries[len(entries)-1]
	}
	const page = 1000
	var missing []tintype.ID
	for from := tintype.ID(0); ; {
		authors, err := Feeds{R: c.R}.FolloweesPage(ctx, f.owner, from, page)
		if err != nil || len(authors) == 0 {
			return missing, err
		}
		more := len(authors) == page
		from = authors[len(authors)-1]
		authors = slices.DeleteFunc(authors, func(a tintype.ID) bool { _, found := slices.BinarySearch(pulled, a); return found })
		posts, err := Feeds{R: c.R}.NewestPosts(ctx, f.owner, authors, since, 0, each, checkNewest)
		if err != nil {
			return nil, err
		}
		for _, post := range posts {
			if !slices.Contains(entries, post) {
				missing = append(missing, post)
			}
		}
		if !more {
			return missing, nil
		}
	}
}

func (c Checks) mendFeed(ctx context.Context, _ Home, k tintype.CheckKey) (tintype.Mended, error) {
	owner, stray := tintype.ID(k[0]), tintype.ID(k[1])
	m := tintype.Mended{Users: []tintype.ID{owner}}
	store := c.timelines()
	if stray != 0 {
		return m, store.Merge(ctx, owner, []tintype.ID{stray}, true)
	}
	ids, built, err := store.Range(ctx, owner, tintype.Page{Count: timeline.Max})
	if err != nil || !built {
		return m, err
	}
	pulled, err := Feeds{R: c.R}.Pulled(ctx)
	if err != nil {
		return m, err
	}
	missing, err := c.missing(ctx, feed{owner: owner, ids: ids, built: true}, pulled)
	if err != nil {
		return m, err
	}
	return m, store.Merge(ctx, owner, missing, false)
}
