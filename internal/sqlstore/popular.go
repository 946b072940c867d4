package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// Popular keeps the scores of the posts that got the most from others, in the directory. All
// of it is made from posts, by jobs, and can be made again.
type Popular struct{ R Router }

var (
	// The inner limit bounds the work for a post with very many comments.
	stmtEchoes = &Stmt{Name: "popular.echoes", SQL: `
		SELECT p.id, p.user_id, p.likes, p.comments, p.audience, u.private, ` + stateOfPost + `,
			(SELECT count(*) FROM {s}likes l WHERE l.post_id = p.id AND l.user_id = p.user_id AND l.state = 2),
			(SELECT count(*) FROM (SELECT c.user_id FROM {s}comments c WHERE c.post_id = p.id AND c.taken_down = 0 ORDER BY c.id DESC LIMIT 200) o WHERE o.user_id = p.user_id)
		FROM {s}posts p JOIN {s}users u ON u.id = p.user_id WHERE p.id {in $1} AND p.archived = 0`}
	stmtPopularGet = &Stmt{Name: "popular.get", SQL: `SELECT post_id, user_id, score FROM {s}popular WHERE post_id {in $1}`}
	stmtPopularPut = &Stmt{Name: "popular.put", SQL: `
		INSERT INTO {s}popular (post_id, user_id, score) SELECT p, u, s FROM {rows $1 p,u,s} WHERE true
		ON CONFLICT (post_id) DO UPDATE SET score = excluded.score`}
	stmtPopularDrop = &Stmt{Name: "popular.drop", SQL: `DELETE FROM {s}popular WHERE post_id {in $1}`}
	stmtPopularBest = &Stmt{Name: "popular.best", SQL: `
		SELECT post_id, user_id, score FROM {s}popular ORDER BY score DESC, post_id DESC LIMIT $1`}
	stmtPopularLast = &Stmt{Name: "popular.last", SQL: `
		SELECT score FROM {s}popular ORDER BY score DESC LIMIT 1 OFFSET $1`}
	stmtPopularTrim = &Stmt{Name: "popular.trim", SQL: `DELETE FROM {s}popular WHERE score < $1`}
)

// Echoes gives what those of posts that exist and are not archived got from others.
func (s Popular) Echoes(ctx context.Context, posts []tintype.ID) (map[tintype.ID]tintype.Echo, error) {
	var mu sync.Mutex
	out := make(map[tintype.ID]tintype.Echo, len(posts))
	err := eachHome(ctx, ByHome(s.R, posts), func(ctx context.Context, g HomeIDs) error {
		return g.Home.Query(ctx, stmtEchoes, func(scan Scan) error {
			var e tintype.Echo
			var audience, private, state int
			var ownLikes, ownComments int64
			err := scan(&e.Post, &e.User, &e.Likes, &e.Comments, &audience, &private, &state, &ownLikes, &ownComments)
			e.Likes, e.Comments = max(e.Likes-ownLikes, 0), max(e.Comments-ownComments, 0)
			e.Open = everybodySees(audience, private, state)
			mu.Lock()
			defer mu.Unlock()
			out[e.Post] = e
			return err
		}, g.IDs)
	})
	return out, err
}

// Scores gives the rows of those of posts that have one.
func (s Popular) Scores(ctx context.Context, posts []tintype.ID) (map[tintype.ID]tintype.Ranked, error) {
	out := make(map[tintype.ID]tintype.Ranked)
	err := s.R.Directory().Query(ctx, stmtPopularGet, func(scan Scan) error {
		r, err := scanRanked(scan)
		out[r.Post] = r
		return err
	}, posts)
	return out, err
}

// Put writes scores, and takes posts out.
func (s Popular) Put(ctx context.Context, in []tintype.Ranked, out []tintype.ID) error {
	// In order, so that two who write the same rows wait for each other one way only.
	slices.SortFunc(in, func(a, b tintype.Ranked) int { return cmp.Compare(a.Post, b.Post) })
	slices.Sort(out)
	rows := make(Rows, len(in))
	for i, r := range in {
		rows[i] = []int64{int64(r.Post), int64(r.User), r.Score}
	}
	// One of them at a time: together their orders might cross.
	return cmp.Or(s.write(ctx, stmtPopularDrop, out, len(out)), s.write(ctx, stmtPopularPut, rows, len(rows)))
}

func (s Popular) write(ctx context.Context, stmt *Stmt, arg any, n int) error {
	if n == 0 {
		return nil
	}
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, stmt, arg)
		return err
	})
}

// Best gives the n highest scores, the highest first.
func (s Popular) Best(ctx context.Context, n int) ([]tintype.Ranked, error) {
	var out []tintype.Ranked
	err := s.R.Directory().Old(ctx, 0).Query(ctx, stmtPopularBest, func(scan Scan) error {
		r, err := scanRanked(scan)
		out = append(out, r)
		return err
	}, n)
	return out, err
}

// Trim keeps about the keep highest scores. It writes only where there are more.
func (s Popular) Trim(ctx context.Context, keep int) error {
	var last, next int64
	found, err := s.R.Directory().QueryRow(ctx, stmtPopularLast, []any{&last}, keep-1)
	if err != nil || !found {
		return err
	}
	if found, err = s.R.Directory().QueryRow(ctx, stmtPopularLast, []any{&next}, keep); err != nil || !found || next == last {
		return err
	}
	return s.write(ctx, stmtPopularTrim, last, 1)
}

func scanRanked(scan Scan) (r tintype.Ranked, err error) {
	err = scan(&r.Post, &r.User, &r.Score)
	return r, err
}
