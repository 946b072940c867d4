package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// Bulk writes finished rows, many to a transaction: both sides of edges and
// counters as the caller gives them, no jobs but the people index's. It is for
// filling an empty site, where nobody reads yet; it checks nothing.
type Bulk struct {
	R         Router
	Timelines timeline.Store
	// Recent is since when likes, comments and follows become activity.
	Recent time.Time
	// Keys is what People.Keys is; LoadDirectory uses it.
	Keys func(word string) [][2]string
}

var (
	stmtBulkEmpty = &Stmt{Name: "bulk.empty", SQL: `SELECT 1 FROM {s}accounts LIMIT 1`}
	stmtBulkName  = &Stmt{Name: "bulk.name", SQL: `
		INSERT INTO {s}names (skeleton, username, user_id, state, claimed) VALUES ($1, $2, $3, 1, $4)`}
	stmtBulkAccount = &Stmt{Name: "bulk.account", SQL: `
		INSERT INTO {s}accounts (user_id, email, email_key, password_hash, admin, state, locale, created)
		VALUES ($1, NULL, NULL, $2, $3, 1, $4, $5)`}
	stmtBulkUser = &Stmt{Name: "bulk.user", SQL: `
		INSERT INTO {s}users (id, username, full_name, bio, website, avatar_key, private, state, media, follows, followers, created, last_seen, activity_seen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, 0)`}
	stmtBulkPost = &Stmt{Name: "bulk.post", SQL: `
		INSERT INTO {s}posts (id, user_id, caption, tags, mentions, place_id, place_name, latitude, longitude, edited, likes, comments)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11)`}
	stmtBulkMyLikes = &Stmt{Name: "bulk.my_likes", SQL: `
		INSERT INTO {s}my_likes (user_id, post_id, op, state) SELECT u, p, o, 2 FROM {rows $1 u,p,o} WHERE true ON CONFLICT DO NOTHING`}
)

// Empty reports whether the site has no account.
func (b Bulk) Empty(ctx context.Context) (bool, error) {
	var one int
	found, err := b.R.Directory().QueryRow(ctx, stmtBulkEmpty, []any{&one})
	return !found, err
}

// People writes accounts and profiles. The first admin of an empty site is
// recorded as such, so that the next to sign up is not made one.
func (b Bulk) People(ctx context.Context, list []tintype.Member) error {
	if err := b.R.Directory().Write(ctx, func(tx *Tx) error {
		for _, m := range list {
			a := m.Account
			if _, err := tx.Exec(ctx, stmtBulkName, m.Skeleton, m.User.Username, a.UserID, a.Created); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, stmtBulkAccount, a.UserID, a.PasswordHash, a.Admin, a.Locale, a.Created); err != nil {
				return err
			}
			if a.Admin {
				if _, err := tx.Exec(ctx, stmtSettingOnce, firstAdmin, a.UserID.String(), a.UserID, a.Created); err != nil {
					return err
				}
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return writeBy(ctx, b.R, list, func(m tintype.Member) tintype.ID { return m.User.ID }, func(tx *Tx, part []tintype.Member) error {
		for _, m := range part {
			u := m.User
			if _, err := tx.Exec(ctx, stmtBulkUser, u.ID, u.Username, u.FullName, u.Bio, u.Website, u.AvatarKey, u.Private,
				u.Counts.Media, u.Counts.Follows, u.Counts.FollowedBy, m.Account.Created, m.Seen); err != nil {
				return err
			}
			tx.Enqueue(job.Insert{Kind: job.IndexUserKind, Item: job.User{ID: u.ID}})
		}
		return tx.minted(ctx, slices.MaxFunc(part, func(a, b tintype.Member) int { return cmp.Compare(a.User.ID, b.User.ID) }).User.ID)
	})
}

// Follows writes follows on both sides.
func (b Bulk) Follows(ctx context.Context, list []job.Edge) error {
	if err := writeRows(ctx, b.R, list, func(e job.Edge) tintype.ID { return e.User }, stmtWriteFollows, func(e job.Edge) []int64 {
		return []int64{int64(e.User), int64(e.Target), int64(e.Op), tintype.EdgeThere}
	}); err != nil {
		return err
	}
	if err := writeRows(ctx, b.R, list, func(e job.Edge) tintype.ID { return e.Target }, stmtWriteFollowers, func(e job.Edge) []int64 {
		return []int64{int64(e.Target), int64(e.User), int64(e.Op), tintype.EdgeThere}
	}); err != nil {
		return err
	}
	var news []activityRow
	for _, e := range list {
		news = append(news, activityRow{user: e.Target, id: e.Op, kind: tintype.ActivityFollow, actor: e.User})
	}
	return b.activity(ctx, news)
}

// Posts writes posts with their media and counters.
func (b Bulk) Posts(ctx context.Context, list []*tintype.Post) error {
	var none [32]byte
	return writeBy(ctx, b.R, list, func(p *tintype.Post) tintype.ID { return p.ID }, func(tx *Tx, part []*tintype.Post) error {
		for _, p := range part {
			tags, mentions, place, lat, lon := postColumns(p)
			if _, err := tx.Exec(ctx, stmtBulkPost, p.ID, p.UserID, p.Caption, tags, mentions, place.ID, place.Name, lat, lon, p.Likes, p.Comments); err != nil {
				return err
			}
			sums := make([][32]byte, len(p.Media))
			for i := range sums {
				sums[i] = none // nobody uploaded them
			}
			if err := addMedia(ctx, tx, p.ID, p.Media, sums); err != nil {
				return err
			}
			if err := usePublished(ctx, tx, p, false); err != nil {
				return err
			}
		}
		return tx.minted(ctx, slices.MaxFunc(part, func(a, b *tintype.Post) int { return cmp.Compare(a.ID, b.ID) }).ID)
	})
}

// Reactions writes likes and comments on both sides. owners gives the owner of each post.
func (b Bulk) Reactions(ctx context.Context, likes []job.Edge, comments []tintype.Comment, owners map[tintype.ID]tintype.ID) error {
	if err := writeRows(ctx, b.R, likes, func(e job.Edge) tintype.ID { return e.User }, stmtBulkMyLikes, func(e job.Edge) []int64 {
		return []int64{int64(e.User), int64(e.Post), int64(e.Op)}
	}); err != nil {
		return err
	}
	if err := writeRows(ctx, b.R, likes, func(e job.Edge) tintype.ID { return e.Post }, stmtLikeWrite, func(e job.Edge) []int64 {
		return []int64{int64(e.Post), int64(e.User), int64(e.Op), tintype.EdgeThere}
	}); err != nil {
		return err
	}
	if err := writeBy(ctx, b.R, comments, func(c tintype.Comment) tintype.ID { return c.PostID }, func(tx *Tx, part []tintype.Comment) error {
		for _, c := range part {
			if _, err := tx.Exec(ctx, stmtCommentAdd, c.PostID, c.ID, c.UserID, c.Text, nil); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := writeRows(ctx, b.R, comments, func(c tintype.Comment) tintype.ID { return c.UserID }, stmtMyCommentAdd, func(c tintype.Comment) []int64 {
		return []int64{int64(c.UserID), int64(c.ID), int64(c.PostID)}
	}); err != nil {
		return err
	}
	var news []activityRow
	for _, e := range likes {
		news = append(news, activityRow{user: owners[e.Post], id: e.Op, kind: tintype.ActivityLike, actor: e.User, post: e.Post})
	}
	for _, c := range comments {
		news = append(news, activityRow{user: owners[c.PostID], id: c.ID, kind: tintype.ActivityComment, actor: c.UserID, post: c.PostID, comment: c.ID})
	}
	return b.activity(ctx, news)
}

// Feed builds one home timeline.
func (b Bulk) Feed(ctx context.Context, owner tintype.ID, ids []tintype.ID) error {
	return b.Timelines.Replace(ctx, owner, ids)
}

func (b Bulk) activity(ctx context.Context, news []activityRow) error {
	since := tintype.FirstIDAt(b.Recent)
	recent := news[:0]
	for _, n := range news {
		if n.id >= since {
			recent = append(recent, n)
		}
	}
	return writeBy(ctx, b.R, recent, func(n activityRow) tintype.ID { return n.user }, func(tx *Tx, part []activityRow) error {
		_, err := addActivity(ctx, tx, part...)
		return err
	})
}

// writeRows writes one row of numbers per item, in one statement per home.
func writeRows[T any](ctx context.Context, r Router, list []T, key func(T) tintype.ID, stmt *Stmt, row func(T) []int64) error {
	return writeBy(ctx, r, list, key, func(tx *Tx, part []T) error {
		rows := make(Rows, len(part))
		for i, v := range part {
			rows[i] = row(v)
		}
		_, err := tx.Exec(ctx, stmt, rows)
		return err
	})
}

// writeBy calls f with the items of each home, in one transaction per home.
func writeBy[T any](ctx context.Context, r Router, list []T, key func(T) tintype.ID, f func(*Tx, []T) error) error {
	for _, g := range partition(r, list, key) {
		if err := g.home.Write(ctx, func(tx *Tx) error { return f(tx, g.items) }); err != nil {
			return err
		}
	}
	return nil
}
