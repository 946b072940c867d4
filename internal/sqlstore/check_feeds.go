package sqlstore

import (
	"context"
	"slices"

	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtCheckTimelines = &Stmt{Name: "check.timelines", SQL: `
		SELECT owner_id, id FROM {s}timeline WHERE kind = $1 AND (owner_id, id) > ($2, $3) ORDER BY owner_id, id LIMIT $4`}
	stmtCheckAuthors = &Stmt{Name: "check.authors", SQL: `
		SELECT id, user_id FROM {s}posts WHERE id {in $1}`}
	stmtCheckDropTimeline = &Stmt{Name: "check.drop_timeline", SQL: `
		DELETE FROM {s}timeline WHERE kind = $1 AND owner_id = $2 AND id = $3`}
)

// pageTimelines: what is in a feed is there, and by somebody its owner follows.
func (c Checks) pageTimelines(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var entries []pair // owner, post
	var posts idSet
	if err := h.Query(ctx, stmtCheckTimelines, func(scan Scan) error {
		var e pair
		if err := scan(&e.user, &e.other); err != nil {
			return err
		}
		k := tintype.CheckKey{int64(e.user), int64(e.other)}
		p.saw(k)
		if !c.misplaced(&p, h, k, "an entry of the feed of user") {
			entries = append(entries, e)
			posts.add(e.other)
		}
		return nil
	}, timeline.Home, after[0], after[1], limit); err != nil || len(entries) == 0 {
		return p, err
	}
	authors := make(map[tintype.ID]tintype.ID, len(posts.list))
	for _, g := range ByHome(c.R, posts.list) {
		if err := g.Home.Query(ctx, stmtCheckAuthors, func(scan Scan) error {
			var id, user tintype.ID
			err := scan(&id, &user)
			authors[id] = user
			return err
		}, g.IDs); err != nil {
			return p, err
		}
	}
	// The owners' follows are at home here, beside their feeds.
	follows := map[pair]int{}
	for _, e := range entries {
		if a := authors[e.other]; a != 0 && a != e.user {
			follows[pair{e.user, a}] = tintype.EdgeGone
		}
	}
	list := make(Rows, 0, len(follows))
	for f := range follows {
		list = append(list, []int64{int64(f.user), int64(f.other)})
	}
	if err := h.Query(ctx, stmtReadFollows, func(scan Scan) error {
		var f pair
		var op tintype.ID
		var state int
		err := scan(&f.user, &f.other, &op, &state)
		follows[f] = state
		return err
	}, list); err != nil {
		return p, err
	}
	for _, e := range entries {
		k := tintype.CheckKey{int64(e.user), int64(e.other)}
		switch a := authors[e.other]; {
		case a == 0:
			p.mendable(k, "the feed of user %v holds post %v, which is not there", e.user, e.other)
		case a != e.user && follows[pair{e.user, a}] != tintype.EdgeThere:
			p.mendable(k, "the feed of user %v holds post %v by user %v, whom they do not follow", e.user, e.other, a)
		}
	}
	return p, nil
}

func (c Checks) mendTimeline(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	return tintype.Mended{Users: []tintype.ID{tintype.ID(k[0])}}, h.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmtCheckDropTimeline, timeline.Home, k[0], k[1])
		return err
	})
}

var stmtCheckFeeds = &Stmt{Name: "check.feeds", SQL: `
	SELECT owner_id, built FROM {s}timeline_state WHERE kind = $1 AND owner_id > $2 ORDER BY owner_id LIMIT $3`}

// How much of a feed is checked for what is missing: its newest entries, and
// the newest posts of each author, which is as many as every way into a feed brings.
const (
	checkNewest = 200
	checkEach   = 100
)

// pageFeeds: what the followed posted lately is in the feed, if the feed is kept
// and the author is not so much followed that their posts are merged in at reading.
func (c Checks) pageFeeds(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var owners []tintype.ID
	var built []int64
	if err := h.Query(ctx, stmtCheckFeeds, func(scan Scan) error {
		var owner tintype.ID
		var at int64
		if err := scan(&owner, &at); err != nil {
			return err
		}
		p.saw(oneKey(owner))
		if !c.misplaced(&p, h, oneKey(owner), "a feed of user") {
			owners, built = append(owners, owner), append(built, at)
		}
		return nil
	}, timeline.Home, afterOne(after), limit); err != nil || len(owners) == 0 {
		return p, err
	}
	pulled, err := Feeds{R: c.R}.Pulled(ctx)
	if err != nil {
		return p, err
	}
	for i, owner := range owners {
		missing, err := c.missing(ctx, owner, built[i], pulled)
		if err != nil {
			return p, err
		}
		if len(missing) > 0 {
			p.mendable(oneKey(owner), "the feed of user %v lacks %d posts of people they follow, such as %v", owner, len(missing), missing[0])
		}
	}
	return p, nil
}

// missing gives the posts that should be in owner's feed and are not. pulled is ascending.
func (c Checks) missing(ctx context.Context, owner tintype.ID, built int64, pulled []tintype.ID) ([]tintype.ID, error) {
	entries, _, err := Timelines{R: c.R, Clock: c.Clock, Kind: timeline.Home}.Range(ctx, owner, tintype.Page{Count: checkNewest})
	if err != nil {
		return nil, err
	}
	since := tintype.FirstIDAt(FromMicros(built))
	if len(entries) == checkNewest {
		since = max(since, entries[checkNewest-1])
	}
	const page = 1000
	var missing []tintype.ID
	for from := tintype.ID(0); ; {
		authors, err := Feeds{R: c.R}.FolloweesPage(ctx, owner, from, page)
		if err != nil || len(authors) == 0 {
			return missing, err
		}
		more := len(authors) == page
		from = authors[len(authors)-1]
		authors = slices.DeleteFunc(authors, func(a tintype.ID) bool { _, found := slices.BinarySearch(pulled, a); return found })
		posts, err := Feeds{R: c.R}.NewestPosts(ctx, authors, since, 0, checkEach, checkNewest)
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

func (c Checks) mendFeed(ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
	owner := tintype.ID(k[0])
	m := tintype.Mended{Users: []tintype.ID{owner}}
	var found tintype.ID
	var built int64
	ok, err := h.QueryRow(ctx, stmtCheckFeeds, []any{&found, &built}, timeline.Home, k[0]-1, 1)
	if err != nil || !ok || found != owner {
		return m, err
	}
	pulled, err := Feeds{R: c.R}.Pulled(ctx)
	if err != nil {
		return m, err
	}
	missing, err := c.missing(ctx, owner, built, pulled)
	if err != nil {
		return m, err
	}
	return m, Timelines{R: c.R, Clock: c.Clock, Kind: timeline.Home}.Merge(ctx, owner, missing, false)
}
