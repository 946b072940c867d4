package sqlstore

import (
	"context"
	"math/bits"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// derived is a kind of timelines that are made from posts: of tags, of
// places and map cells, or of words. A post's row there has the key (timeline, post), at the timeline's home.
type derived struct {
	of, rows, counts string // the checks: of posts, of rows, of counters; "" where nothing is counted
	weight           int
	named            bool                                                                // the timelines have names in the directory
	in               func(c Checks, p *derivedPost) []derivedRow                         // where a post should be
	alts             bool                                                                // alternative texts decide on it, too
	says             func(c Checks, ctx context.Context, p *derivedPost) (string, error) // what is wrong with the post itself
	page             *Stmt                                                               // after (timeline, post): a derivedRow, and whether the timeline has a row of its own
	read             *Stmt                                                               // by {rows timeline,post}: a derivedRow
	drop             *Stmt                                                               // by timeline, post
	count            *Stmt                                                               // after a timeline: it, its name, its count, how many there are
	lock, recount    *Stmt                                                               // nil where timelines have no rows of their own
	mend             func(c Checks, ctx context.Context, post tintype.ID, timeline tintype.ID) error
}

// derivedPost is what decides on where a post is.
type derivedPost struct {
	id, user tintype.ID
	caption  string
	alts     []string
	tags     []string
	comments int
	location tintype.Location
	open     bool
}

// derivedRow is what a timeline has of a post.
type derivedRow struct {
	timeline, post tintype.ID
	open           bool
	lat, lng       float64
	hasPoint       bool
}

const derivedPosts = `
	SELECT p.id, p.user_id, p.caption, p.tags, p.comments, p.place_id, p.latitude, p.longitude, p.audience, u.private, ` + stateOfPost + `
	FROM {s}posts p JOIN {s}users u ON u.id = p.user_id WHERE p.archived = 0 AND `

var (
	stmtCheckDerived   = &Stmt{Name: "check.derived", SQL: derivedPosts + `p.id > $1 ORDER BY p.id LIMIT $2`}
	stmtCheckDerivedOf = &Stmt{Name: "check.derived_of", SQL: derivedPosts + `p.id {in $1}`}

	stmtCheckTagPosts = &Stmt{Name: "check.tag_posts", SQL: `
		SELECT t.tag_id, t.post_id, t.open, CAST(NULL AS DOUBLE PRECISION), CAST(NULL AS DOUBLE PRECISION), (SELECT count(*) FROM {s}tags o WHERE o.id = t.tag_id)
		FROM {s}tag_posts t WHERE (t.tag_id, t.post_id) > ($1, $2) ORDER BY t.tag_id, t.post_id LIMIT $3`}
	stmtCheckReadTagPosts = &Stmt{Name: "check.read_tag_posts", SQL: `
		SELECT t.tag_id, t.post_id, t.open, CAST(NULL AS DOUBLE PRECISION), CAST(NULL AS DOUBLE PRECISION), 1
		FROM {rows $1 a,b} CROSS JOIN {s}tag_posts t WHERE t.tag_id = e.a AND t.post_id = e.b`}
	stmtCheckTagCounts = &Stmt{Name: "check.tag_counts", SQL: `
		SELECT t.id, t.name, t.media, (SELECT count(*) FROM {s}tag_posts p WHERE p.tag_id = t.id AND p.open = 1)
		FROM {s}tags t WHERE t.id > $1 ORDER BY t.id LIMIT $2`}
	stmtCheckTagNames = &Stmt{Name: "check.tag_names", SQL: `
		SELECT t.name, t.weight FROM {rows $1 k text} CROSS JOIN {s}tag_names t WHERE t.name = e.k`}
	stmtCheckTagName = &Stmt{Name: "check.tag_name", SQL: `SELECT name FROM {s}tags WHERE id = $1`}
	stmtRecountTag   = &Stmt{Name: "check.recount_tag", SQL: `
		UPDATE {s}tags SET media = (SELECT count(*) FROM {s}tag_posts p WHERE p.tag_id = tags.id AND p.open = 1) WHERE id = $1`}

	stmtCheckSpotPosts = &Stmt{Name: "check.spot_posts", SQL: `
		SELECT t.spot_id, t.post_id, t.open, t.latitude, t.longitude, (SELECT count(*) FROM {s}spots o WHERE o.id = t.spot_id)
		FROM {s}spot_posts t WHERE (t.spot_id, t.post_id) > ($1, $2) ORDER BY t.spot_id, t.post_id LIMIT $3`}
	stmtCheckReadSpotPosts = &Stmt{Name: "check.read_spot_posts", SQL: `
		SELECT t.spot_id, t.post_id, t.open, t.latitude, t.longitude, 1
		FROM {rows $1 a,b} CROSS JOIN {s}spot_posts t WHERE t.spot_id = e.a AND t.post_id = e.b`}
	stmtCheckSpotCounts = &Stmt{Name: "check.spot_counts", SQL: `
		SELECT t.id, '', t.media, (SELECT count(*) FROM {s}spot_posts p WHERE p.spot_id = t.id AND p.open = 1)
		FROM {s}spots t WHERE t.id > $1 ORDER BY t.id LIMIT $2`}
	stmtRecountSpot = &Stmt{Name: "check.recount_spot", SQL: `
		UPDATE {s}spots SET media = (SELECT count(*) FROM {s}spot_posts p WHERE p.spot_id = spots.id AND p.open = 1) WHERE id = $1`}
)

var (
	stmtCheckWordPosts = &Stmt{Name: "check.word_posts", SQL: `
		SELECT word_id, post_id, 0, CAST(NULL AS DOUBLE PRECISION), CAST(NULL AS DOUBLE PRECISION), 1
		FROM {s}word_posts WHERE (word_id, post_id) > ($1, $2) ORDER BY word_id, post_id LIMIT $3`}
	stmtCheckReadWordPosts = &Stmt{Name: "check.read_word_posts", SQL: `
		SELECT t.word_id, t.post_id, 0, CAST(NULL AS DOUBLE PRECISION), CAST(NULL AS DOUBLE PRECISION), 1
		FROM {rows $1 a,b} CROSS JOIN {s}word_posts t WHERE t.word_id = e.a AND t.post_id = e.b`}
	stmtCheckDropWordPost = &Stmt{Name: "check.drop_word_post", SQL: `DELETE FROM {s}word_posts WHERE word_id = $1 AND post_id = $2`}
)

// derived lists the kinds that can be checked.
func (c Checks) derived() []derived {
	var list []derived
	if c.Retag != nil {
		list = append(list, derived{
			of: "tags", rows: "tag_posts", counts: "tag_counts", weight: 15, named: true,
			in: func(c Checks, p *derivedPost) []derivedRow {
				var rows []derivedRow
				for _, t := range p.tags {
					rows = append(rows, derivedRow{timeline: Tags{R: c.R}.ID(t), post: p.id, open: p.open})
				}
				return rows
			},
			says: Checks.wordsTags,
			page: stmtCheckTagPosts, read: stmtCheckReadTagPosts, drop: stmtTagDrop, count: stmtCheckTagCounts, lock: stmtTagLock, recount: stmtRecountTag,
			mend: func(c Checks, ctx context.Context, post, timeline tintype.ID) error {
				var was []string
				if timeline != 0 {
					var name string
					if found, err := c.R.Home(timeline.Shard()).QueryRow(ctx, stmtCheckTagName, []any{&name}, timeline); err != nil {
						return err
					} else if found {
						was = append(was, name)
					}
				}
				_, err := c.Retag(ctx, post, was...)
				return err
			},
		})
	}
	if c.Respot != nil && c.Spots != nil {
		list = append(list, derived{
			of: "spots", rows: "spot_posts", counts: "spot_counts", weight: 15,
			in: func(c Checks, p *derivedPost) []derivedRow {
				var rows []derivedRow
				for _, s := range c.Spots(p.location) {
					rows = append(rows, derivedRow{timeline: s, post: p.id, open: p.open, lat: p.location.Latitude, lng: p.location.Longitude, hasPoint: p.location.HasPoint})
				}
				return rows
			},
			page: stmtCheckSpotPosts, read: stmtCheckReadSpotPosts, drop: stmtSpotDrop, count: stmtCheckSpotCounts, lock: stmtSpotLock, recount: stmtRecountSpot,
			mend: func(c Checks, ctx context.Context, post, timeline tintype.ID) error {
				var was []tintype.ID
				if timeline != 0 {
					was = append(was, timeline)
				}
				_, err := c.Respot(ctx, post, was...)
				return err
			},
		})
	}
	if c.Reword != nil && c.Terms != nil {
		list = append(list, derived{
			of: "words", rows: "word_posts", weight: 40, alts: true,
			in: func(c Checks, p *derivedPost) []derivedRow {
				var rows []derivedRow
				w := Words{R: c.R}
				for _, t := range c.Terms(append([]string{p.caption}, p.alts...)...) {
					rows = append(rows, derivedRow{timeline: w.ID(0, t), post: p.id}, derivedRow{timeline: w.ID(p.user, t), post: p.id})
				}
				return rows
			},
			page: stmtCheckWordPosts, read: stmtCheckReadWordPosts, drop: stmtCheckDropWordPost,
			mend: func(c Checks, ctx context.Context, post, _ tintype.ID) error {
				_, err := c.Reword(ctx, post)
				return err
			},
		})
	}
	return list
}

// checkers are a kind's checks: that posts are where they should be, that nothing else is there, and the counters.
func (d derived) checkers() []checker {
	list := []checker{
		{name: d.of, weight: d.weight, mend: func(c Checks, ctx context.Context, _ Home, k tintype.CheckKey) (tintype.Mended, error) {
			post := tintype.ID(k[0])
			return tintype.Mended{Posts: []tintype.ID{post}}, d.mend(c, ctx, post, 0)
		}, page: func(c Checks, ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
			return c.pageDerived(ctx, h, d, after, limit)
		}},
		{name: d.rows, weight: d.weight, mend: func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
			return c.mendDerivedRow(ctx, h, d, tintype.ID(k[0]), tintype.ID(k[1]))
		}, page: func(c Checks, ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
			return c.pageDerivedRows(ctx, h, d, after, limit)
		}},
	}
	if d.counts == "" {
		return list
	}
	return append(list,
		checker{name: d.counts, weight: 1, mend: func(c Checks, ctx context.Context, h Home, k tintype.CheckKey) (tintype.Mended, error) {
			return c.mendDerivedCount(ctx, h, d, tintype.ID(k[0]))
		}, page: func(c Checks, ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
			return c.pageDerivedCounts(ctx, h, d, after, limit)
		}})
}

// derivedPosts reads posts that decide on where they are.
func (c Checks) derivedPosts(ctx context.Context, h Home, d derived, which *Stmt, args ...any) ([]*derivedPost, error) {
	var posts []*derivedPost
	if err := h.Query(ctx, which, scanDerivedPost(func(p *derivedPost) { posts = append(posts, p) }), args...); err != nil || !d.alts || len(posts) == 0 {
		return posts, err
	}
	ids := make([]tintype.ID, len(posts))
	by := make(map[tintype.ID]*derivedPost, len(posts))
	for i, p := range posts {
		ids[i], by[p.id] = p.id, p
	}
	return posts, h.Query(ctx, stmtWordAlts, func(scan Scan) error {
		var id tintype.ID
		var alt string
		err := scan(&id, &alt)
		if p := by[id]; p != nil {
			p.alts = append(p.alts, alt)
		}
		return err
	}, ids)
}

func scanDerivedPost(f func(*derivedPost)) func(Scan) error {
	return func(scan Scan) error {
		var p derivedPost
		var tags string
		var lat, lng *float64
		var audience, private, state int
		err := scan(&p.id, &p.user, &p.caption, &tags, &p.comments, &p.location.ID, &lat, &lng, &audience, &private, &state)
		p.tags = strings.Fields(tags)
		p.location.SetPoint(lat, lng)
		p.open = everybodySees(audience, private, state)
		f(&p)
		return err
	}
}

func scanDerivedRow(f func(r derivedRow, counted bool)) func(Scan) error {
	return func(scan Scan) error {
		var r derivedRow
		var open, counted int
		var lat, lng *float64
		err := scan(&r.timeline, &r.post, &open, &lat, &lng, &counted)
		r.open = open != 0
		if lat != nil && lng != nil {
			r.hasPoint, r.lat, r.lng = true, *lat, *lng
		}
		f(r, counted > 0)
		return err
	}
}

// pageDerived: posts say the tags of their words, and are in the timelines in which they should be, as they should.
func (c Checks) pageDerived(ctx context.Context, h Home, d derived, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var want []derivedRow
	posts, err := c.derivedPosts(ctx, h, d, stmtCheckDerived, afterOne(after), limit)
	if err != nil {
		return p, err
	}
	for _, q := range posts {
		p.saw(oneKey(q.id))
		want = append(want, d.in(c, q)...)
	}
	there := make(map[pair]derivedRow, len(want))
	for _, g := range partition(c.R, want, func(r derivedRow) tintype.ID { return r.timeline }) {
		list := make(Rows, len(g.items))
		for i, r := range g.items {
			list[i] = []int64{int64(r.timeline), int64(r.post)}
		}
		if err := g.home.Query(ctx, d.read, scanDerivedRow(func(r derivedRow, _ bool) { there[pair{r.timeline, r.post}] = r }), list); err != nil && !p.skip(ctx, g.home, err) {
			return p, err
		}
	}
	wrong := map[tintype.ID]bool{}
	for _, r := range want {
		if there[pair{r.timeline, r.post}] != r && !c.unknown(&p, r.timeline) {
			wrong[r.post] = true
		}
	}
	for _, q := range posts {
		var why string
		if d.says != nil {
			var err error
			if why, err = d.says(c, ctx, q); err != nil {
				return p, err
			}
		}
		switch {
		case why != "":
			p.mendable(oneKey(q.id), "%s", why)
		case wrong[q.id]:
			p.mendable(oneKey(q.id), "post %v is missing from %s, or is there otherwise than it is by now", q.id, d.rows)
		}
	}
	return p, nil
}

// wordsTags tells where a post's tags are not those of its words.
func (c Checks) wordsTags(ctx context.Context, p *derivedPost) (string, error) {
	t := &tintype.Tagged{Post: tintype.Post{ID: p.id, Caption: p.caption}}
	if p.comments > 0 {
		truth, err := Tags{R: c.R}.Truth(ctx, p.id)
		if err != nil || truth == nil {
			return "", err
		}
		t = truth
	}
	if names, _ := t.Tags(0); !slices.Equal(names, p.tags) {
		return "post " + p.id.String() + " says tags [" + strings.Join(p.tags, " ") + "], and its words have [" + strings.Join(names, " ") + "]", nil
	}
	return "", nil
}

// pageDerivedRows: what is in a timeline is a post that should be there. How it is there is seen from the posts.
func (c Checks) pageDerivedRows(ctx context.Context, h Home, d derived, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var rows []derivedRow
	var ids []tintype.ID
	uncounted := map[pair]bool{}
	if err := h.Query(ctx, d.page, scanDerivedRow(func(r derivedRow, counted bool) {
		k := tintype.CheckKey{int64(r.timeline), int64(r.post)}
		p.saw(k)
		if c.misplaced(&p, h, k, "a row of "+d.rows+" under") {
			return
		}
		uncounted[pair{r.timeline, r.post}] = !counted
		rows, ids = append(rows, r), append(ids, r.post)
	}), after[0], after[1], limit); err != nil {
		return p, err
	}
	belongs := make(map[pair]bool, len(rows))
	for _, g := range ByHome(c.R, ids) {
		posts, err := c.derivedPosts(ctx, g.Home, d, stmtCheckDerivedOf, g.IDs)
		if err != nil && !p.skip(ctx, g.Home, err) {
			return p, err
		}
		for _, q := range posts {
			for _, r := range d.in(c, q) {
				belongs[pair{r.timeline, r.post}] = true
			}
		}
	}
	for _, r := range rows {
		k := tintype.CheckKey{int64(r.timeline), int64(r.post)}
		switch at := (pair{r.timeline, r.post}); {
		case c.unknown(&p, r.post):
		case !belongs[at]:
			p.mendable(k, "a row of %s under %v is about post %v, which has no business there", d.rows, r.timeline, r.post)
		case uncounted[at]:
			p.mendable(k, "a row of %s under %v, about post %v, is in a timeline without a row of its own", d.rows, r.timeline, r.post)
		}
	}
	return p, nil
}

// mendDerivedRow brings the post to where it should be. A row of a timeline of which nothing else is left is deleted first:
// nobody knows its name, and the post brings it back if it is to be.
func (c Checks) mendDerivedRow(ctx context.Context, h Home, d derived, timeline, post tintype.ID) (tintype.Mended, error) {
	m := tintype.Mended{Posts: []tintype.ID{post}}
	if err := h.Write(ctx, func(tx *Tx) error {
		if d.lock != nil {
			var media int64
			if found, err := tx.QueryRow(ctx, d.lock, []any{&media}, timeline); err != nil || found {
				return err
			}
		}
		_, err := tx.Exec(ctx, d.drop, timeline, post)
		return err
	}); err != nil {
		return tintype.Mended{}, err
	}
	return m, d.mend(c, ctx, post, timeline)
}

// pageDerivedCounts: timelines count the posts in them that everybody may see, and the directory knows about how many those are.
func (c Checks) pageDerivedCounts(ctx context.Context, h Home, d derived, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	weights := map[string]int{}
	type count struct {
		id          tintype.ID
		name        string
		media, real int64
	}
	var list []count
	var names []string
	if err := h.Query(ctx, d.count, func(scan Scan) error {
		var t count
		if err := scan(&t.id, &t.name, &t.media, &t.real); err != nil {
			return err
		}
		p.saw(oneKey(t.id))
		if !c.misplaced(&p, h, oneKey(t.id), "a counter of "+d.rows+" under") {
			list, names = append(list, t), append(names, t.name)
		}
		return nil
	}, afterOne(after), limit); err != nil {
		return p, err
	}
	away := !d.named
	if d.named && len(names) > 0 {
		keys, err := stringRows(names)
		if err != nil {
			return p, err
		}
		if err := c.R.Directory().Query(ctx, stmtCheckTagNames, func(scan Scan) error {
			var name string
			var weight int
			err := scan(&name, &weight)
			weights[name] = weight
			return err
		}, keys); p.skip(ctx, c.R.Directory(), err) {
			away = true
		} else if err != nil {
			return p, err
		}
	}
	for _, t := range list {
		switch {
		case t.media != t.real:
			p.mendable(oneKey(t.id), "timeline %v of %s (%s) counts %d posts; there are %d", t.id, d.rows, t.name, t.media, t.real)
		case !away && weights[t.name] != tagWeight(t.media):
			p.mendable(oneKey(t.id), "tag %s has %d posts, and its name in the directory has weight %d instead of %d", t.name, t.media, weights[t.name], tagWeight(t.media))
		}
	}
	return p, nil
}

// tagWeight is what the directory knows of how many posts a tag has.
func tagWeight(media int64) int { return min(bits.Len64(uint64(max(media, 0))), maxWeight) }

func (c Checks) mendDerivedCount(ctx context.Context, h Home, d derived, timeline tintype.ID) (tintype.Mended, error) {
	var name string
	if err := h.Write(ctx, func(tx *Tx) error {
		var media int64
		if found, err := tx.QueryRow(ctx, d.lock, []any{&media}, timeline); err != nil || !found {
			return err
		}
		_, err := tx.Exec(ctx, d.recount, timeline)
		return err
	}); err != nil || !d.named {
		return tintype.Mended{}, err
	}
	if _, err := h.QueryRow(ctx, stmtCheckTagName, []any{&name}, timeline); err != nil {
		return tintype.Mended{}, err
	}
	return tintype.Mended{}, Tags{R: c.R}.name(ctx, name)
}
