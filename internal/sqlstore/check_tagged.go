package sqlstore

import (
	"context"

	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtCheckNamed = &Stmt{Name: "check.named", SQL: `
		SELECT post_id, position, people FROM {s}media WHERE (post_id, position) > ($1, $2) AND people IS NOT NULL ORDER BY post_id, position LIMIT $3`}
	stmtCheckNamedIn = &Stmt{Name: "check.named_in", SQL: `
		SELECT post_id, position, people FROM {s}media WHERE post_id {in $1} AND people IS NOT NULL ORDER BY post_id, position`}
	stmtCheckTagged = &Stmt{Name: "check.tagged", SQL: `
		SELECT user_id, post_id, state FROM {s}tagged_posts WHERE (user_id, post_id) > ($1, $2) ORDER BY user_id, post_id LIMIT $3`}
	stmtCheckReadTagged = &Stmt{Name: "check.read_tagged", SQL: `
		SELECT t.user_id, t.post_id, t.state FROM {rows $1 u,p} CROSS JOIN {s}tagged_posts t WHERE t.user_id = e.u AND t.post_id = e.p`}
)

// tagged are the checks of who is in pictures: that users' sides have what pictures say, and nothing else.
func (c Checks) tagged() []checker {
	if c.Rename == nil {
		return nil
	}
	return []checker{
		{name: "photo_tags", weight: 5, page: Checks.pageNamed, mend: func(c Checks, ctx context.Context, _ Home, k tintype.CheckKey) (tintype.Mended, error) {
			post := tintype.ID(k[0])
			_, err := c.Rename(ctx, post)
			return tintype.Mended{Posts: []tintype.ID{post}}, err
		}},
		{name: "tagged_posts", weight: 5, page: Checks.pageTagged, mend: func(c Checks, ctx context.Context, _ Home, k tintype.CheckKey) (tintype.Mended, error) {
			user, post := tintype.ID(k[0]), tintype.ID(k[1])
			_, err := c.Rename(ctx, post, user)
			return tintype.Mended{Users: []tintype.ID{user}, Posts: []tintype.ID{post}}, err
		}},
	}
}

// scanNamed gives f the states of those named in each picture.
func scanNamed(f func(post tintype.ID, position int64, people []tintype.PhotoTag)) func(Scan) error {
	return func(scan Scan) error {
		var post tintype.ID
		var position int64
		var column *string
		if err := scan(&post, &position, &column); err != nil {
			return err
		}
		people, err := readPeople(column)
		f(post, position, people)
		return err
	}
}

func scanTagged(f func(at pair, state int)) func(Scan) error {
	return func(scan Scan) error {
		var at pair
		var state int
		err := scan(&at.user, &at.other, &state)
		f(at, state)
		return err
	}
}

// pageNamed: who is named in a picture, or is asked, has the post on their side.
func (c Checks) pageNamed(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	want := map[pair]int{}
	keys := map[pair]tintype.CheckKey{}
	var list []pair
	if err := h.Query(ctx, stmtCheckNamed, scanNamed(func(post tintype.ID, position int64, people []tintype.PhotoTag) {
		k := tintype.CheckKey{int64(post), position}
		p.saw(k)
		for _, t := range people {
			at := pair{t.UserID, post}
			if _, known := want[at]; !known && t.State != tintype.EdgeGone {
				want[at], keys[at] = t.State, k
				list = append(list, at)
			}
		}
	}), after[0], after[1], limit); err != nil {
		return p, err
	}
	there := map[pair]int{}
	for _, g := range partition(c.R, list, func(at pair) tintype.ID { return at.user }) {
		rows := make(Rows, len(g.items))
		for i, at := range g.items {
			rows[i] = []int64{int64(at.user), int64(at.other)}
		}
		if err := g.home.Query(ctx, stmtCheckReadTagged, scanTagged(func(at pair, state int) { there[at] = state }), rows); err != nil && !p.skip(ctx, g.home, err) {
			return p, err
		}
	}
	for _, at := range list {
		if there[at] != want[at] && !c.unknown(&p, at.user) {
			p.mendable(keys[at], "user %v is named in post %v, and their side does not say so", at.user, at.other)
		}
	}
	return p, nil
}

// pageTagged: what a user's side has of posts that name them is said by the posts.
func (c Checks) pageTagged(ctx context.Context, h Home, after tintype.CheckKey, limit int) (checkRows, error) {
	var p checkRows
	var list []pair
	var posts []tintype.ID
	states := map[pair]int{}
	if err := h.Query(ctx, stmtCheckTagged, scanTagged(func(at pair, state int) {
		k := tintype.CheckKey{int64(at.user), int64(at.other)}
		p.saw(k)
		if !c.misplaced(&p, h, k, "a tagged post of user") {
			list, posts = append(list, at), append(posts, at.other)
			states[at] = state
		}
	}), after[0], after[1], limit); err != nil {
		return p, err
	}
	said := map[pair]int{}
	for _, g := range ByHome(c.R, posts) {
		if err := g.Home.Query(ctx, stmtCheckNamedIn, scanNamed(func(post tintype.ID, _ int64, people []tintype.PhotoTag) {
			for _, t := range people {
				said[pair{t.UserID, post}] = t.State
			}
		}), g.IDs); err != nil && !p.skip(ctx, g.Home, err) {
			return p, err
		}
	}
	for _, at := range list {
		if said[at] != states[at] && !c.unknown(&p, at.other) {
			p.mendable(tintype.CheckKey{int64(at.user), int64(at.other)}, "user %v has post %v as one that names them, and it does not, or otherwise", at.user, at.other)
		}
	}
	return p, nil
}
